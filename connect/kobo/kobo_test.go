package kobo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/connect/kobo"
	"waymark/connect/pull"
	"waymark/store/desktest"
	"waymark/trust/access"
)

var system = access.Actor{Kind: access.System}

func newDesk(t *testing.T) *collect.Desk {
	t.Helper()
	desk := desktest.New(t, nil).Desk
	if _, err := desk.AddProject(t.Context(), system, collect.Project{Name: "P", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	return desk
}

const formXML = `<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>F</h:title><model>
<instance><aXYZ id="aXYZ" version="vOne"><formhub><uuid/></formhub><age/><paper/><meta><instanceID/></meta></aXYZ></instance>
<bind nodeset="/aXYZ/age" type="int"/><bind nodeset="/aXYZ/paper" type="binary"/><bind nodeset="/aXYZ/meta/instanceID" type="string"/></model></h:head>
<h:body><input ref="/aXYZ/age"><label>Age</label></input><upload ref="/aXYZ/paper" mediatype="application/*"><label>Paper</label></upload></h:body></h:html>`

// held is a record as the server keeps it: its last version alone.
type held struct {
	id         int64
	uuid, was  string
	age        int
	paper      string
	validation string
}

func (h held) xml() string {
	deprecated := ""
	if h.was != "" {
		deprecated = "<deprecatedID>uuid:" + h.was + "</deprecatedID>"
	}
	return fmt.Sprintf(`<aXYZ xmlns:orx="http://openrosa.org/xforms" id="aXYZ" version="vOne"><formhub><uuid>f</uuid></formhub><age>%d</age><paper>%s</paper><meta>%s<instanceID>uuid:%s</instanceID></meta></aXYZ>`, h.age, h.paper, deprecated, h.uuid)
}

// server answers as KoboToolbox's API v2 does.
type server struct {
	*httptest.Server
	form    string
	records []held
	asked   []string
}

var greater = regexp.MustCompile(`"\$gt":(\d+)`)

func newServer(t *testing.T) *server {
	s := &server{form: formXML}
	base := "/api/v2/assets/aXYZ"
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, r.URL.Path)
		if r.Header.Get("Authorization") != "Token secret-token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		q := r.URL.Query()
		switch {
		case r.URL.Path == base+".xml":
			fmt.Fprint(w, s.form)
		case r.URL.Path == base+"/files/":
			fmt.Fprint(w, `{"count":0,"next":null,"previous":null,"results":[]}`)
		case r.URL.Path == base+"/data/":
			s.list(w, q)
		case strings.HasPrefix(r.URL.Path, base+"/data/") && strings.Contains(r.URL.Path, "/attachments/"):
			fmt.Fprint(w, "PDF")
		case strings.HasPrefix(r.URL.Path, base+"/data/") && q.Get("format") == "xml":
			id, _ := strconv.ParseInt(strings.Trim(strings.TrimPrefix(r.URL.Path, base+"/data/"), "/"), 10, 64)
			i := slices.IndexFunc(s.records, func(h held) bool { return h.id == id })
			if i < 0 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			fmt.Fprint(w, s.records[i].xml())
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) list(w http.ResponseWriter, q url.Values) {
	limit, _ := strconv.Atoi(q.Get("limit"))
	after := int64(0)
	if m := greater.FindStringSubmatch(q.Get("query")); m != nil {
		after, _ = strconv.ParseInt(m[1], 10, 64)
	}
	results := []map[string]any{}
	for _, h := range s.records {
		if h.id <= after || len(results) == limit {
			continue
		}
		files := []map[string]any{}
		if h.paper != "" && h.paper != "lost.pdf" {
			files = append(files, map[string]any{"download_url": "https://elsewhere.example.org/api/v2/assets/aXYZ/data/" + strconv.FormatInt(h.id, 10) + "/attachments/att1/", "filename": "user/attachments/x/" + h.paper, "mimetype": "application/pdf"})
		}
		results = append(results, map[string]any{"_id": h.id, "_uuid": h.uuid, "meta/instanceID": "uuid:" + h.uuid, "_attachments": files, "_validation_status": map[string]any{"uid": h.validation}})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"count": len(s.records), "next": nil, "previous": nil, "results": results})
}

func (s *server) pull(ctx context.Context, here *collect.Desk, token string) (pull.Account, error) {
	k := &pull.Keeper{Desk: here, By: system, Project: 1}
	asker := &pull.Asker{Client: &http.Client{Timeout: 10 * time.Second}, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	err := kobo.Pull(ctx, k, kobo.Options{URL: s.URL, Form: "aXYZ", Token: token, Page: 2, Asker: asker})
	return k.Account, err
}

// TestUnnamedVersion takes a form over whose version has no name, once.
func TestUnnamedVersion(t *testing.T) {
	s, here := newServer(t), newDesk(t)
	s.form = strings.Replace(formXML, ` version="vOne"`, "", 1)
	s.records = []held{{id: 1, uuid: "a", age: 3}}
	for _, want := range []pull.Account{{Versions: 1, Read: 1, New: 1}, {Read: 1, Present: 1}} {
		have, err := s.pull(t.Context(), here, "secret-token")
		if d := cmp.Diff(want, have); d != "" || err != nil {
			t.Error(d, err)
		}
	}
}

func TestPull(t *testing.T) {
	s, here := newServer(t), newDesk(t)
	s.records = []held{
		{id: 11, uuid: "a", age: 30, validation: "validation_status_approved"}, {id: 12, uuid: "b", age: 31, paper: "p.pdf"}, {id: 15, uuid: "c2", was: "c1", age: 40},
		{id: 16, uuid: "d", age: 50, paper: "lost.pdf"}, {id: 17, uuid: "e", age: 17},
	}
	have, err := s.pull(t.Context(), here, "secret-token")
	if d := cmp.Diff(pull.Account{Versions: 1, Read: 5, New: 5, Files: 1, FilesMissing: 1}, have); d != "" || err != nil {
		t.Fatal(d, err)
	}
	if r, err := here.Record(t.Context(), system, 1, "aXYZ", "uuid:a", collect.Published); err != nil || r.Review != collect.Approved {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := here.Record(t.Context(), system, 1, "aXYZ", "uuid:c2", collect.Published); err != nil || r.Edits != 0 {
		t.Errorf("an edit without its first version: %+v %v", r, err)
	}
	have, err = s.pull(t.Context(), here, "secret-token")
	if d := cmp.Diff(pull.Account{Read: 5, Present: 5, FilesMissing: 1}, have); d != "" || err != nil {
		t.Error(d, err)
	}
	s.records[2] = held{id: 15, uuid: "c3", was: "c2", age: 41}
	s.records = append(s.records, held{id: 20, uuid: "f", age: 5})
	have, err = s.pull(t.Context(), here, "secret-token")
	if d := cmp.Diff(pull.Account{Read: 6, New: 1, Edited: 1, Present: 4, FilesMissing: 1}, have); d != "" || err != nil || have.Whole() != nil {
		t.Error(d, err)
	}
	if r, err := here.Record(t.Context(), system, 1, "aXYZ", "uuid:c3", collect.Published); err != nil || r.Instance != "uuid:c2" || r.Edits != 1 {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := s.pull(t.Context(), here, "wrong"); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("%v", err)
	}
}
