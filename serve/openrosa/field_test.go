package openrosa_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/serve/openrosa"
	"waymark/serve/openrosa/collecttest"
	"waymark/serve/route"
	"waymark/store/desktest"
	"waymark/trust/access"
)

// office is who sets up: a command on the machine.
var office = access.Actor{Kind: access.System}

// field is a server on the loopback with a real store, one project and one form.
type field struct {
	*httptest.Server
	desk    *collect.Desk
	project collect.Project
	log     *desktest.Log
	phone   *collecttest.Client
	device  collect.Device
}

func arrivals(version, title string) string {
	return `<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"><h:head><h:title>` + title + `</h:title><model>
<instance><data id="arrivals" version="` + version + `"><name/><photo/><meta><instanceID/><audit/></meta></data></instance>
<instance id="sites" src="jr://file-csv/sites.csv"/>
<bind nodeset="/data/name" type="string"/><bind nodeset="/data/photo" type="binary"/>
<bind nodeset="/data/meta/instanceID" type="string" readonly="true()"/><bind nodeset="/data/meta/audit" type="binary"/></model></h:head>
<h:body><input ref="/data/name"><label>Name</label></input><upload ref="/data/photo" mediatype="image/*"><label>Photo</label></upload></h:body></h:html>`
}

func begin(t *testing.T) *field {
	t.Helper()
	ctx, desk := t.Context(), desktest.New(t, nil).Desk
	var err error
	f := &field{desk: desk, log: &desktest.Log{}}
	f.Server = httptest.NewServer(route.Mux(openrosa.Routes(desk), route.Options{Desk: desk, Secret: bytes.Repeat([]byte("s"), 32), Log: slog.New(slog.NewTextHandler(f.log, nil))}))
	t.Cleanup(f.Close)
	if f.project, err = desk.AddProject(ctx, office, collect.Project{Name: "Burundi", Language: "fr"}); err != nil {
		t.Fatal(err)
	}
	f.publish(t, arrivals("1", "Arrivées"))
	f.phone, f.device = f.add(t, collect.Device{Name: "Équipe 1"})
	return f
}

func (f *field) publish(t *testing.T, xml string) collect.Version {
	t.Helper()
	v, err := f.desk.UploadForm(t.Context(), office, f.project.ID, "form.xml", []byte(xml))
	if err == nil {
		v, err = f.desk.Publish(t.Context(), office, f.project.ID, v.Form, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// add makes a device and the phone that has it.
func (f *field) add(t *testing.T, d collect.Device) (*collecttest.Client, collect.Device) {
	t.Helper()
	d.Project = f.project.ID
	made, token, password, err := f.desk.AddDevice(t.Context(), office, d)
	if err != nil {
		t.Fatal(err)
	}
	server := fmt.Sprintf("%s/v1/key/%s/projects/%d", f.URL, token, f.project.ID)
	c := &collecttest.Client{Server: server, Device: "collect:7Qf"}
	if d.Digest {
		c = &collecttest.Client{Server: fmt.Sprintf("%s/v1/projects/%d", f.URL, f.project.ID), Device: "collect:7Qf", Username: d.Name, Password: password}
	}
	return c, made
}

// answer is what nobody but the store may see.
const answer = "MARKED-ANSWER"

func body(id, more string) []byte { return bodyOf("1", id, more, "") }

func bodyOf(version, id, more, deprecated string) []byte {
	if deprecated != "" {
		deprecated = "<deprecatedID>" + deprecated + "</deprecatedID>"
	}
	return []byte(`<?xml version="1.0"?><data id="arrivals" version="` + version + `"><name>` + answer + more + `</name><photo>face.jpg</photo><meta><instanceID>` + id + `</instanceID>` + deprecated + `</meta></data>`)
}

func (f *field) count(t *testing.T) int {
	t.Helper()
	n, err := f.desk.CountRecords(t.Context(), readerOf(f.project.ID), collect.Query{Project: f.project.ID, Form: "arrivals"})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// readerOf is a member of staff who sees and settles everything of a project.
func readerOf(project int64) access.Actor {
	a := access.Actor{Kind: access.User, ID: 99}
	for _, r := range access.Rights() {
		a.Rights = append(a.Rights, access.Held{Right: r, Scope: access.Scope{Project: project}})
	}
	return a
}

func (f *field) held(t *testing.T) []collect.Quarantined {
	t.Helper()
	all, err := f.desk.Quarantine(t.Context(), readerOf(f.project.ID), f.project.ID)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (f *field) record(t *testing.T, instance string) collect.Record {
	t.Helper()
	r, err := f.desk.Record(t.Context(), readerOf(f.project.ID), f.project.ID, "arrivals", instance, collect.Published)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// status is that of a refusal; 0 where it is none.
func status(err error) int {
	var r *collecttest.Refused
	if errors.As(err, &r) {
		return r.Status
	}
	return 0
}

// quiet fails where the log holds what it must not.
func (f *field) quiet(t *testing.T) {
	t.Helper()
	token, _, _ := strings.Cut(strings.TrimPrefix(f.phone.Server, f.URL+"/v1/key/"), "/")
	for _, hidden := range []string{token, answer, "collect:7Qf", "face.jpg", "Équipe"} {
		if strings.Contains(f.log.String(), hidden) {
			t.Errorf("the log holds %q", hidden)
		}
	}
}
