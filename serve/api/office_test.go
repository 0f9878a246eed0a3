package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/serve/api"
	"waymark/serve/odata"
	"waymark/serve/route"
	"waymark/store/desktest"
	"waymark/trust/access"
)

// system is a command on the machine.
var system = access.Actor{Kind: access.System}

// office is a server on the loopback with a real store, one project, a published form, and people of every role.
type office struct {
	*httptest.Server
	t       testing.TB
	desk    *collect.Desk
	log     *desktest.Log
	project int64
	tokens  map[string]string // of sessions, by role
}

// The answers that only some may see.
const (
	restrictedAnswer = "RESTRICTED-MARK"
	strictAnswer     = "STRICT-MARK"
	gps              = "-15.12345 35.54321 1200 4.5"
)

func formXML(version string) string {
	return `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" xmlns:w="` + waymarkSpace + `">
<h:head><h:title>Arrivals</h:title><model>
<instance><data id="arrivals" version="` + version + `">
<start/><age/><visit_date/><place/>
<home><rooms/><needs/><person jr:template=""><first/><born/></person></home>
<story/><secret/><photo/><meta><instanceID/></meta></data></instance>
<instance id="needs"><root><item><name>food</name><label>Food</label></item><item><name>water</name><label>Water</label></item></root></instance>
<bind nodeset="/data/start" type="dateTime" jr:preload="timestamp" jr:preloadParams="start"/>
<bind nodeset="/data/age" type="int"/><bind nodeset="/data/visit_date" type="date"/><bind nodeset="/data/place" type="geopoint"/>
<bind nodeset="/data/home/rooms" type="decimal"/><bind nodeset="/data/home/needs" type="string"/>
<bind nodeset="/data/home/person/first" type="string" w:sensitivity="internal"/><bind nodeset="/data/home/person/born" type="date" w:sensitivity="internal"/>
<bind nodeset="/data/story" type="string" w:sensitivity="restricted"/><bind nodeset="/data/secret" type="string" w:sensitivity="strict"/>
<bind nodeset="/data/photo" type="binary"/>
<bind nodeset="/data/meta/instanceID" type="string" readonly="true()" jr:preload="uid"/>
</model></h:head><h:body>
<input ref="/data/age"><label>Age</label></input><input ref="/data/visit_date"><label>Visited on</label></input><input ref="/data/place"><label>Place</label></input>
<group ref="/data/home"><label>Home</label><input ref="/data/home/rooms"><label>Rooms</label></input>
<select ref="/data/home/needs"><label>Needs</label><itemset nodeset="instance('needs')/root/item"><value ref="name"/><label ref="label"/></itemset></select>
<group ref="/data/home/person"><label>Person</label><repeat nodeset="/data/home/person"><input ref="/data/home/person/first"><label>Number</label></input><input ref="/data/home/person/born"><label>Year</label></input></repeat></group></group>
<input ref="/data/story"><label>Story</label></input><input ref="/data/secret"><label>Notes</label></input><upload ref="/data/photo" mediatype="image/*"><label>Photo</label></upload>
</h:body></h:html>`
}

const waymarkSpace = "urn:waymark:form:1"

// record is a filled-in form. persons are answers of the repeat.
func record(id string, age int, needs string, persons ...string) string {
	var b strings.Builder
	for i, p := range persons {
		fmt.Fprintf(&b, "<person><first>%s</first><born>19%02d-01-02</born></person>", p, 80+i)
	}
	return fmt.Sprintf(`<data id="arrivals" version="1"><start>2024-05-31T10:00:00.000+02:00</start><age>%d</age><visit_date>2024-05-31</visit_date><place>`+gps+`</place>`+
		`<home><rooms>1.50</rooms><needs>%s</needs>%s</home><story>`+restrictedAnswer+`</story><secret>`+strictAnswer+`</secret><photo/><meta><instanceID>%s</instanceID></meta></data>`, age, needs, b.String(), id)
}

const password = "correct horse battery staple"

func begin(t testing.TB) *office {
	t.Helper()
	ctx := t.Context()
	o := &office{t: t, desk: desktest.New(t, nil).Desk, log: &desktest.Log{}, tokens: map[string]string{}}
	routes := append(api.Routes(api.Options{Desk: o.desk}), odata.Routes(o.desk)...)
	o.Server = httptest.NewServer(route.Mux(routes, route.Options{Desk: o.desk, Secret: bytes.Repeat([]byte("s"), 32), Log: slog.New(slog.NewTextHandler(o.log, nil))}))
	t.Cleanup(o.Close)
	p, err := o.desk.AddProject(ctx, system, collect.Project{Name: "Malawi", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	o.project = p.ID
	for _, role := range []string{access.Manager, access.Viewer, access.Administrator, access.Reviewer} {
		u := collect.User{Email: role + "@example.org", Name: role, Language: "en", Grants: []access.Grant{{Role: role}}}
		if _, err := o.desk.AddUser(ctx, system, u, ""); err != nil {
			t.Fatal(err)
		}
		if o.tokens[role], _, _, err = o.desk.SignInAs(ctx, u.Email, "test"); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// answer is what came back.
type answer struct {
	*http.Response
	body []byte
}

// ask sends a request as a role ("" nobody).
func (o *office) ask(method, path, role string, body io.Reader, headers ...string) answer {
	o.t.Helper()
	r, err := http.NewRequest(method, o.URL+path, body)
	if err != nil {
		o.t.Fatal(err)
	}
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+o.tokens[role])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer{resp, b}
}

// json sends a value and reads one; anything but 200 is a failure.
func (o *office) json(method, path, role string, in, out any, headers ...string) {
	o.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			o.t.Fatal(err)
		}
		body = bytes.NewReader(b)
		headers = append(headers, "Content-Type", "application/json")
	}
	a := o.ask(method, path, role, body, headers...)
	if a.StatusCode != 200 {
		o.t.Fatalf("%s %s: %d %s", method, path, a.StatusCode, a.body)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			o.t.Fatalf("%s %s: %v in %s", method, path, err, a.body)
		}
	}
}

// refused asks for a problem of a number.
func (o *office) refused(method, path, role, number string, body string, headers ...string) {
	o.t.Helper()
	a := o.ask(method, path, role, strings.NewReader(body), headers...)
	var p struct {
		Message string
		Code    json.Number
	}
	if err := json.Unmarshal(a.body, &p); err != nil || p.Code.String() != number || p.Message == "" {
		o.t.Errorf("%s %s: %d %s, want %s", method, path, a.StatusCode, a.body, number)
	}
}

// path is an address in the project.
func (o *office) path(format string, args ...any) string {
	return fmt.Sprintf("/v1/projects/%d", o.project) + fmt.Sprintf(format, args...)
}

// publish publishes the form.
func (o *office) publish() {
	o.t.Helper()
	a := o.ask("POST", o.path("/forms?publish=true&ignoreWarnings=true"), access.Manager, strings.NewReader(formXML("1")), "Content-Type", "application/xml")
	if a.StatusCode != 200 {
		o.t.Fatalf("publish: %d %s", a.StatusCode, a.body)
	}
}

// send sends a record.
func (o *office) send(xml string) {
	o.t.Helper()
	a := o.ask("POST", o.path("/forms/arrivals/submissions?deviceID=collect:7Qf"), access.Manager, strings.NewReader(xml), "Content-Type", "application/xml")
	if a.StatusCode != 200 {
		o.t.Fatalf("send: %d %s", a.StatusCode, a.body)
	}
}
