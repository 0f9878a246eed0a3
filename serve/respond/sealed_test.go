package respond_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/serve/respond"
	"waymark/serve/route"
	"waymark/serve/route/routetest"
	"waymark/trust/seal"
)

// framed makes the text of a sealed record.
func framed(parts ...[2]string) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		head, _ := json.Marshal(map[string]any{"name": p[0], "type": "text/xml", "size": len(p[1])})
		_ = binary.Write(&b, binary.BigEndian, uint32(len(head)))
		b.Write(head)
		b.WriteString(p[1])
	}
	return b.Bytes()
}

func sealedFor(t testing.TB, key *seal.Outbox, form string, text []byte) []byte {
	t.Helper()
	r, err := seal.SealOutbox(key.Public(), form, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func record(id, name string) string {
	return `<data xmlns:orx="http://openrosa.org/xforms" id="arrivals" version="1"><sign/><name>` + name + `</name><story/><came/><day/><picture>face.png</picture><child><age/></child><orx:meta><orx:instanceID>` + id + `</orx:instanceID></orx:meta></data>`
}

const bodyName = "xml_submission_file"

func TestSealed(t *testing.T) {
	d := newDesk(t)
	key := d.keys.Outbox()
	h := d.handler()
	first := framed([2]string{bodyName, record("uuid:1", "MARKED")}, [2]string{"face.png", "MARKED-PICTURE"})
	for _, c := range []struct {
		name   string
		form   string
		body   []byte
		status int
		kept   bool
		code   string
	}{
		{"a record with a picture", "arrivals", sealedFor(t, key, "arrivals", first), 201, true, ""},
		{"the same again, sealed anew", "arrivals", sealedFor(t, key, "arrivals", first), 201, true, ""},
		{"another body of the same id", "arrivals", sealedFor(t, key, "arrivals", framed([2]string{bodyName, record("uuid:1", "other")})), 409, true, "*"},
		{"cut off before it was sealed", "arrivals", sealedFor(t, key, "arrivals", framed([2]string{bodyName, record("uuid:2", "x")[:60]})), 400, true, "*"},
		{"sealed for another form", "arrivals", sealedFor(t, key, "arabic", first), 400, false, "respond.not-sealed"},
		{"sealed for another server", "arrivals", sealedFor(t, seal.NewMaster().Keys().Outbox(), "arrivals", first), 410, false, "respond.key"},
		{"not sealed", "arrivals", first, 400, false, "respond.not-sealed"},
		{"nothing", "arrivals", nil, 400, false, "respond.not-sealed"},
		{"sealed nothing", "arrivals", sealedFor(t, key, "arrivals", nil), 400, false, "respond.not-sealed"},
		{"a file before the record", "arrivals", sealedFor(t, key, "arrivals", framed([2]string{"face.png", "x"})), 400, false, "respond.not-sealed"},
		{"a part cut off", "arrivals", sealedFor(t, key, "arrivals", first[:len(first)-3]), 400, false, "respond.not-sealed"},
		{"a header cut off", "arrivals", sealedFor(t, key, "arrivals", first[:10]), 400, false, "respond.not-sealed"},
		{"a header of 4 GB", "arrivals", sealedFor(t, key, "arrivals", []byte("\xff\xff\xff\xff{")), 400, false, "respond.not-sealed"},
		{"changed on the way", "arrivals", append(sealedFor(t, key, "arrivals", first), 0), 400, false, "respond.not-sealed"},
		{"a record of another form", "none", sealedFor(t, key, "none", first), 400, true, "*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := d.aside(t)
			r := httptest.NewRequest("POST", "/f/"+d.token+"/"+c.form+"/sealed", bytes.NewReader(c.body))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			var got struct {
				Kept bool
				Code string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("%d: %s", w.Code, w.Body)
			}
			if w.Code != c.status || got.Kept != c.kept || got.Code != c.code && (c.code != "*" || got.Code == "") {
				t.Errorf("%d kept %v %q, want %d kept %v %q", w.Code, got.Kept, got.Code, c.status, c.kept, c.code)
			}
			if held := d.aside(t) - before; (held == 1) != (c.kept && c.status >= 400) {
				t.Errorf("%d bodies more in quarantine", held)
			}
			if strings.Contains(w.Body.String(), "MARKED") {
				t.Error("an answer stands in the answer")
			}
		})
	}
	rec, err := d.Record(t.Context(), readerOf(d.project), d.project, "arrivals", "uuid:1", collect.Published)
	if err != nil || len(rec.Attachments) != 1 || rec.Attachments[0].Size != int64(len("MARKED-PICTURE")) {
		t.Errorf("%v %v", rec.Attachments, err)
	}
	if n := len(d.arrived(t)); n != 1 {
		t.Errorf("%d records", n)
	}
	d.plain(t, "MARKED")
}

// What a browser is given, and how long it may keep it.
func TestForms(t *testing.T) {
	d := newDesk(t)
	h := d.handler()
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/f/"+d.token+path, nil))
		return w
	}
	if w := get(""); w.Code != 200 || !strings.Contains(w.Body.String(), "Arrivals at the site") {
		t.Errorf("the list: %d %s", w.Code, w.Body)
	}
	v, err := d.Version(t.Context(), office, d.project, "arrivals", "", collect.Published)
	if err != nil {
		t.Fatal(err)
	}
	if w := get("/arrivals/form.xml?v=" + v.Hash); !bytes.Equal(w.Body.Bytes(), v.XML) || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("the form: %d, %s", w.Code, w.Header().Get("Cache-Control"))
	}
	if w := get("/arrivals/form.xml"); w.Header().Get("Cache-Control") != "private, no-cache" {
		t.Errorf("a form without its hash may be kept: %s", w.Header().Get("Cache-Control"))
	}
	if w := get("/arrivals/media/sign.png"); w.Code != 200 || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("a picture: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	if w := get("/arrivals/media/none.png"); w.Code != 404 {
		t.Errorf("a file that is not there: %d", w.Code)
	}
	w := get("/arrivals")
	if respond.Engine() == "" {
		if w.Code != 503 || !strings.Contains(w.Body.String(), "left out") {
			t.Errorf("without the web form: %d %s", w.Code, w.Body)
		}
	} else if policy := w.Header().Get("Content-Security-Policy"); w.Code != 200 || strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "'unsafe-eval'") || !strings.Contains(policy, "'wasm-unsafe-eval'") {
		t.Errorf("%d, policy %s", w.Code, policy)
	}
	if err := d.SetForm(t.Context(), office, d.project, "arabic", collect.Open, false); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/arabic", "/arabic/form.xml"} {
		if w := get(path); w.Code == 200 {
			t.Errorf("%s is given although the form is not offered in browsers", path)
		}
	}
	if err := d.SetForm(t.Context(), office, d.project, "arabic", collect.Closed, true); err != nil {
		t.Fatal(err)
	}
	if w := get("/arabic/form.xml"); w.Code == 200 {
		t.Error("a closed form is given")
	}
}

// A list that names people is never kept by a browser.
func TestListsAreNotKept(t *testing.T) {
	d := newDesk(t)
	if err := d.SetEntityList(t.Context(), office, d.project, collect.EntityList{Project: d.project, Name: "people", Properties: []string{"age"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.PutEntity(t.Context(), readerOf(d.project), d.project, collect.Entity{List: "people", Label: "MARKED"}, 0); err != nil {
		t.Fatal(err)
	}
	d.publish(t, "visit", "visit.xml", []byte(`<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Visit</h:title><model><instance><data id="visit" version="1"><who/><meta><instanceID/></meta></data></instance><instance id="people" src="jr://file-csv/people.csv"/><bind nodeset="/data/who" type="string"/><bind nodeset="/data/meta/instanceID" type="string" readonly="true()" jr:preload="uid"/></model></h:head><h:body><select1 ref="/data/who"><label>Who</label><itemset nodeset="instance('people')/root/item"><value ref="name"/><label ref="label"/></itemset></select1></h:body></h:html>`), nil)
	h := d.handler()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/f/"+d.token+"/visit/media/people.csv?v=d41d8cd98f00b204e9800998ecf8427e", nil))
	if w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Body.String(), "MARKED") {
		t.Errorf("%d, %q, %q", w.Code, w.Header().Get("Cache-Control"), w.Body)
	}
}

func TestAssets(t *testing.T) {
	d := newDesk(t)
	h := d.handler()
	for path, want := range map[string]int{"/f/assets/.keep": 404, "/f/assets/manifest.json.gz": 404, "/f/assets/none.js": 404, "/f/assets/..%2fdoc.go": 404} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if respond.Engine() == "" {
		return
	}
	plain, packed := httptest.NewRecorder(), httptest.NewRecorder()
	h.ServeHTTP(plain, httptest.NewRequest("GET", "/f/worker.js", nil))
	r := httptest.NewRequest("GET", "/f/worker.js", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	h.ServeHTTP(packed, r)
	if plain.Code != 200 || packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= plain.Body.Len() || !strings.Contains(plain.Body.String(), "waymark-shell") {
		t.Errorf("%d of %d bytes, %s", packed.Body.Len(), plain.Body.Len(), packed.Header().Get("Content-Encoding"))
	}
}

// Who may ask for what: a stranger nothing but what everybody may see.
func TestWhoMayAsk(t *testing.T) {
	d := newDesk(t)
	routes := respond.Routes(respond.Options{Desk: d, Keys: d.keys.Outbox()})
	h := route.Mux(routes, route.Options{Desk: d, Secret: make([]byte, 32)})
	page := "+"
	if respond.Engine() == "" {
		page = "" // 503 to who may ask: TestForms says so
	}
	table := map[string]string{
		"GET /f/{token}":                     "+ -",
		"GET /f/{token}/{form}":              page + " -",
		"GET /f/{token}/{form}/form.xml":     "+ -",
		"GET /f/{token}/{form}/media/{name}": "+ -",
		"POST /f/{token}/{form}/sealed":      "+ -",
		"GET /f/worker.js":                   "+ +",
		"GET /f/assets/{file}":               "0 0",
	}
	if page == "" || respond.Engine() == "" {
		t.Skip("the web form was left out: who may ask for its pages is not checked; make web")
	}
	routetest.Walk(t, h, routes, []routetest.Asker{{Name: "link", Token: d.token}, {Name: "stranger"}}, table, map[string]string{"form": "arrivals", "name": "sign.png", "file": "none.js"})
}

func FuzzParts(f *testing.F) {
	f.Add(framed([2]string{bodyName, "<data/>"}, [2]string{"a.png", "x"}))
	f.Add([]byte{0, 0, 0, 2, '{', '}'})
	key := seal.NewMaster().Keys().Outbox()
	f.Fuzz(func(t *testing.T, text []byte) {
		d := &desk{}
		d.down = true
		routes := respond.Routes(respond.Options{Desk: nobodyKeeps{d}, Keys: key})
		for _, r := range routes {
			if !strings.HasPrefix(r.Pattern, "POST") {
				continue
			}
			q := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(sealedFor(t, key, "f", text)))
			q.SetPathValue("form", "f")
			_ = r.Handle(httptest.NewRecorder(), q, office)
		}
	})
}
