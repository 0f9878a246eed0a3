package openrosa_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/collect"
	"waymark/serve/openrosa/collecttest"
	"waymark/trust/access"
)

func TestList(t *testing.T) {
	f := begin(t)
	forms, err := f.phone.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(forms) != 1 || forms[0].ID != "arrivals" || forms[0].Name != "Arrivées" || forms[0].Version != "1" || forms[0].ManifestURL == "" || forms[0].Description != "" {
		t.Fatalf("got %+v", forms)
	}
	got, err := f.phone.Fetch(t.Context(), forms[0].DownloadURL, forms[0].Hash) // compares the md5, as phones do
	if err != nil || string(got) != arrivals("1", "Arrivées") {
		t.Errorf("the form's bytes are not those that were published: %v", err)
	}
	for query, want := range map[string]int{"?formID=arrivals": 1, "?formID=other": 0, "?nothing=known": 1, "?listAllVersions=true": 1} {
		if forms, err := f.phone.List(t.Context(), query); err != nil || len(forms) != want {
			t.Errorf("%s: %d forms, %v", query, len(forms), err)
		}
	}
	if forms, err := f.phone.List(t.Context(), "?verbose=true"); err != nil || forms[0].Description == "" {
		t.Errorf("verbose: %+v, %v", forms, err)
	}
}

func TestVersions(t *testing.T) {
	f := begin(t)
	f.publish(t, arrivals("2", "Arrivées"))
	forms, err := f.phone.List(t.Context(), "?listAllVersions=true")
	if err != nil || len(forms) != 2 {
		t.Fatalf("got %+v, %v", forms, err)
	}
	for _, form := range forms {
		if b, err := f.phone.Fetch(t.Context(), form.DownloadURL, form.Hash); err != nil || !bytes.Contains(b, []byte(`version="`+form.Version+`"`)) {
			t.Errorf("version %s: %v", form.Version, err)
		}
		if _, err := f.phone.Manifest(t.Context(), form); err != nil {
			t.Errorf("manifest of version %s: %v", form.Version, err)
		}
	}
	if forms, err := f.phone.List(t.Context(), ""); err != nil || len(forms) != 1 || forms[0].Version != "2" {
		t.Errorf("the list shows %+v, %v", forms, err)
	}
	if _, err := f.phone.Send(t.Context(), bodyOf("1", "uuid:1", "", "")); err != nil { // phones that have the first still send
		t.Error(err)
	}
}

func TestWhichForms(t *testing.T) {
	f := begin(t)
	f.publish(t, strings.ReplaceAll(arrivals("1", "Other"), "arrivals", "other"))
	only, _ := f.add(t, collect.Device{Name: "only", Forms: []string{"other"}})
	if forms, err := only.List(t.Context(), ""); err != nil || len(forms) != 1 || forms[0].ID != "other" {
		t.Errorf("a device that is given one form sees %+v, %v", forms, err)
	}
	if _, err := only.Fetch(t.Context(), only.Server+"/forms/arrivals.xml", ""); status(err) != 404 {
		t.Errorf("a form it is not given: %v", err)
	}
	if _, err := only.Post(t.Context(), body("uuid:1", ""), false); status(err) != 404 {
		t.Errorf("a record of it: %v", err)
	}
	for state, want := range map[collect.FormState]struct{ listed, post int }{collect.Closing: {1, 0}, collect.Closed: {1, 409}} {
		if err := f.desk.SetForm(t.Context(), office, f.project.ID, "arrivals", state, false); err != nil {
			t.Fatal(err)
		}
		forms, err := f.phone.List(t.Context(), "")
		if err != nil || len(forms) != want.listed {
			t.Errorf("%s: %+v, %v", state, forms, err)
		}
		if _, err := f.phone.Post(t.Context(), body("uuid:"+string(state), ""), false); status(err) != want.post {
			t.Errorf("%s: a record gives %v", state, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	f := begin(t)
	ask := func(method, path string, header ...string) *http.Response {
		r, _ := http.NewRequestWithContext(t.Context(), method, f.phone.Server+path, nil)
		for k := 0; k < len(header); k += 2 {
			r.Header.Set(header[k], header[k+1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	for _, path := range []string{"/formList", "/forms/arrivals/manifest"} {
		if res := ask("GET", path); res.StatusCode != 400 || res.Header.Get("X-OpenRosa-Version") != "1.0" {
			t.Errorf("%s without the version: %d", path, res.StatusCode)
		}
		if res := ask("GET", path, "X-OpenRosa-Version", "1.0", "Date", "yesterday, more or less"); res.StatusCode != 200 || res.Header.Get("Date") == "" ||
			!strings.HasPrefix(res.Header.Get("Content-Type"), "text/xml") {
			t.Errorf("%s: %d %v", path, res.StatusCode, res.Header)
		}
	}
	if res := ask("HEAD", "/submission"); res.StatusCode != 400 {
		t.Errorf("HEAD without the version: %d", res.StatusCode)
	}
	res := ask("HEAD", "/submission", "X-OpenRosa-Version", "1.0")
	if res.StatusCode != 204 || res.Header.Get("X-OpenRosa-Accept-Content-Length") != "100000000" || res.Header.Get("Location") != f.phone.Server+"/submission" {
		t.Errorf("HEAD: %d %v", res.StatusCode, res.Header)
	}
	if res := ask("GET", "/submission", "X-OpenRosa-Version", "1.0"); res.StatusCode != 405 {
		t.Errorf("GET submission: %d", res.StatusCode)
	}
	for path, want := range map[string]int{"/forms/nothing.xml": 404, "/forms/arrivals/attachments/none.csv": 404, "/forms/nothing/manifest": 404} {
		if res := ask("GET", path, "X-OpenRosa-Version", "1.0"); res.StatusCode != want {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	tag := ask("GET", "/forms/arrivals.xml").Header.Get("Etag")
	if res := ask("GET", "/forms/arrivals.xml", "If-None-Match", tag); tag == "" || res.StatusCode != 304 {
		t.Errorf("a form that has not changed: %d, tag %q", res.StatusCode, tag)
	}
}

func TestMedia(t *testing.T) {
	f := begin(t)
	ctx := t.Context()
	if _, err := f.desk.UploadForm(ctx, office, f.project.ID, "form.xml", []byte(arrivals("2", "Arrivées"))); err != nil {
		t.Fatal(err)
	}
	csv := "name,label\ns1,Gîte\n"
	if err := f.desk.PutMedia(ctx, office, f.project.ID, "arrivals", "sites.csv", "text/csv", strings.NewReader(csv)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.desk.Publish(ctx, office, f.project.ID, "arrivals", ""); err != nil {
		t.Fatal(err)
	}
	forms, err := f.phone.List(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	media, err := f.phone.Manifest(ctx, forms[0])
	if err != nil || len(media) != 1 || media[0].Name != "sites.csv" {
		t.Fatalf("got %+v, %v", media, err)
	}
	if got, err := f.phone.Fetch(ctx, media[0].DownloadURL, media[0].Hash); err != nil || string(got) != csv {
		t.Errorf("got %q, %v", got, err)
	}
	_, header, err := f.phone.Get(ctx, media[0].DownloadURL)
	if err != nil || header.Get("Etag") == "" || !strings.HasPrefix(header.Get("Content-Type"), "text/csv") {
		t.Errorf("got %v, %v", header, err)
	}
}

func TestSend(t *testing.T) {
	f := begin(t)
	ctx := t.Context()
	photo := collecttest.File{Name: "face.jpg", Type: "image/jpeg", Bytes: []byte("jpeg")}
	got, err := f.phone.Send(ctx, body("uuid:1", ""), photo, collecttest.File{Name: "unasked é.txt", Type: "text/plain", Bytes: []byte("kept")})
	if err != nil || got.Status != 201 || got.Message == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	r := f.record(t, "uuid:1")
	if r.Device == "" && r.Actor == "" || len(r.Attachments) < 2 {
		t.Errorf("got %+v", r)
	}
	there := map[string]bool{}
	for _, a := range r.Attachments {
		there[a.Name] = a.Digest != ""
	}
	if !there["face.jpg"] || !there["unasked é.txt"] {
		t.Errorf("attachments: %v", there)
	}
	f.quiet(t)
}

// TestTable is the table of what a server answers to a record, in docs/formats/openrosa.md.
func TestTable(t *testing.T) {
	photo := collecttest.File{Name: "face.jpg", Type: "image/jpeg", Bytes: []byte("jpeg")}
	other := collecttest.File{Name: "face.jpg", Type: "image/jpeg", Bytes: []byte("another")}
	type post struct {
		record []byte
		files  []collecttest.File
		status int // 0: taken
	}
	delete := []byte("delete")
	for _, c := range []struct {
		name          string
		posts         []post
		records, held int
	}{
		{"the same again", []post{{body("uuid:1", ""), nil, 0}, {body("uuid:1", ""), nil, 0}}, 1, 0},
		{"the same with a new file", []post{{body("uuid:1", ""), nil, 0}, {body("uuid:1", ""), []collecttest.File{photo}, 0}}, 1, 0},
		{"the same with another file", []post{{body("uuid:1", ""), []collecttest.File{photo}, 0}, {body("uuid:1", ""), []collecttest.File{other}, 0}}, 1, 0},
		{"another body", []post{{body("uuid:1", ""), nil, 0}, {body("uuid:1", "x"), nil, 409}}, 1, 1},
		{"an edit", []post{{body("uuid:1", ""), nil, 0}, {bodyOf("1", "uuid:2", "x", "uuid:1"), nil, 0}}, 1, 0},
		{"an edit, again", []post{{body("uuid:1", ""), nil, 0}, {bodyOf("1", "uuid:2", "x", "uuid:1"), nil, 0}, {bodyOf("1", "uuid:2", "x", "uuid:1"), nil, 0}}, 1, 0},
		{"an edit of an earlier version", []post{{body("uuid:1", ""), nil, 0}, {bodyOf("1", "uuid:2", "x", "uuid:1"), nil, 0}, {bodyOf("1", "uuid:3", "y", "uuid:1"), nil, 409}}, 1, 1},
		{"an edit of nothing", []post{{bodyOf("1", "uuid:2", "x", "uuid:1"), nil, 404}}, 0, 1},
		{"deleted earlier", []post{{body("uuid:1", ""), nil, 0}, {record: delete}, {body("uuid:1", ""), nil, 409}}, 0, 1},
		{"cut within the XML", []post{{body("uuid:1", "")[:120], nil, 400}}, 0, 1},
		{"no XML", []post{{[]byte("hello"), nil, 400}}, 0, 1},
		{"entities that grow", []post{{[]byte(`<!DOCTYPE a [<!ENTITY b "bbbb">]><data id="arrivals">&b;</data>`), nil, 400}}, 0, 1},
		{"no instance id", []post{{[]byte(`<data id="arrivals" version="1"><name>x</name></data>`), nil, 400}}, 0, 1},
		{"an unknown form", []post{{bytes.Replace(body("uuid:1", ""), []byte("arrivals"), []byte("other"), 1), nil, 404}}, 0, 1},
		{"an unknown version", []post{{bodyOf("99", "uuid:1", "", ""), nil, 0}}, 1, 0},
		{"an id of 249 letters", []post{{body("https://example.org/"+strings.Repeat("n", 229), ""), nil, 0}}, 1, 0},
		{"two records that are alike", []post{{body("uuid:1", ""), nil, 0}, {body("uuid:2", ""), nil, 0}}, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := begin(t)
			ctx := t.Context()
			if err := f.desk.SetRole(ctx, office, access.Role{Name: access.Collector, Rights: []access.Right{access.Submit, access.ReadForms, access.ReadEntities, access.EditRecords}}); err != nil {
				t.Fatal(err)
			}
			for k, p := range c.posts {
				if bytes.Equal(p.record, delete) {
					if err := f.desk.DeleteRecord(ctx, readerOf(f.project.ID), f.project.ID, "arrivals", "uuid:1"); err != nil {
						t.Fatal(err)
					}
					continue
				}
				got, err := f.phone.Post(ctx, p.record, false, p.files...)
				if status(err) != p.status || err != nil && p.status == 0 {
					t.Fatalf("post %d: %+v, %v, want %d", k+1, got, err, p.status)
				}
				if err != nil && (strings.Contains(err.Error(), answer) || err.(*collecttest.Refused).Message == "") {
					t.Errorf("post %d: the phone shows %q", k+1, err.(*collecttest.Refused).Message)
				}
			}
			if n := f.count(t); n != c.records {
				t.Errorf("%d records, want %d", n, c.records)
			}
			if held := f.held(t); len(held) != c.held {
				t.Errorf("%d held in quarantine, want %d: %+v", len(held), c.held, held)
			}
			f.quiet(t)
		})
	}
}

func TestLanguages(t *testing.T) {
	f := begin(t)
	for language, want := range map[string]string{"fr-FR,fr;q=0.9,en;q=0.8": "arrivé et il est", "en-GB": "has arrived", "ar": "arrivé et il est", "": "arrivé et il est"} {
		f.phone.Language = language
		if got, err := f.phone.Post(t.Context(), body("uuid:1", ""), false); err != nil || !strings.Contains(got.Message, want) {
			t.Errorf("%s: %+v, %v", language, got, err)
		}
	}
	refused := map[string]bool{}
	for _, language := range []string{"en", "fr"} {
		f.phone.Language = language
		_, err := f.phone.Post(t.Context(), body("uuid:1", "x"), false)
		if status(err) != 409 {
			t.Fatal(err)
		}
		refused[err.Error()] = true
	}
	if len(refused) != 2 {
		t.Errorf("one refusal in both languages: %v", refused)
	}
}

// Fifty phones, or one with a bad line, send the same at once.
func TestFiftyAtOnce(t *testing.T) {
	f := begin(t)
	photo := collecttest.File{Name: "face.jpg", Type: "image/jpeg", Bytes: []byte("jpeg")}
	var wait sync.WaitGroup
	fails := make(chan error, 50)
	for range 50 {
		wait.Go(func() {
			if got, err := f.phone.Post(t.Context(), body("uuid:1", ""), false, photo); err != nil || got.Status != 201 {
				fails <- fmt.Errorf("%+v, %w", got, err)
			}
		})
	}
	wait.Wait()
	close(fails)
	for err := range fails {
		t.Error(err)
	}
	if n := f.count(t); n != 1 {
		t.Errorf("%d records", n)
	}
	if held := f.held(t); len(held) != 0 {
		t.Errorf("%d in quarantine", len(held))
	}
	if r := f.record(t, "uuid:1"); r.Edits != 0 || len(r.Attachments) != 1 || r.Attachments[0].Later != 0 {
		t.Errorf("got %+v", r)
	}
}

// A line that drops leaves nothing behind, wherever it drops, and the same record goes through afterwards.
func TestCutOff(t *testing.T) {
	f := begin(t)
	ctx := t.Context()
	photo := collecttest.File{Name: "face.jpg", Type: "image/jpeg", Bytes: bytes.Repeat([]byte("jpeg"), 50_000)}
	_, whole := collecttest.Body(body("uuid:1", ""), []collecttest.File{photo}, false)
	for _, at := range []int{0, 60, 200, 400, 600, 5_000, 150_000, len(whole) - 60, len(whole) - 4} {
		if err := f.phone.Cut(ctx, at, body("uuid:1", ""), photo); err != nil {
			t.Fatal(err)
		}
	}
	waitUntil(t, func() bool { return strings.Count(f.log.String(), "/submission") >= 9 })
	if n, held := f.count(t), f.held(t); n != 0 || len(held) != 0 {
		t.Fatalf("%d records and %d in quarantine of posts that broke off", n, len(held))
	}
	if _, err := f.phone.Send(ctx, body("uuid:1", ""), photo); err != nil {
		t.Fatal(err)
	}
	if r := f.record(t, "uuid:1"); len(r.Attachments) != 1 || r.Attachments[0].Size != 200_000 {
		t.Errorf("got %+v", r.Attachments)
	}
	f.quiet(t)
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("waited in vain")
}

func TestSlow(t *testing.T) {
	f := begin(t)
	got, err := f.phone.Slow(t.Context(), 8, 60*time.Millisecond, body("uuid:1", ""), collecttest.File{Name: "face.jpg", Type: "image/jpeg", Bytes: bytes.Repeat([]byte("j"), 20_000)})
	if err != nil || got != "HTTP/1.1 201 Created" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A record of 101 files comes in two posts; between them it is known what is missing.
func TestManyFiles(t *testing.T) {
	f := begin(t)
	var files []collecttest.File
	for k := range 101 {
		files = append(files, collecttest.File{Name: fmt.Sprintf("photo %03d.jpg", k), Type: "image/jpeg", Bytes: fmt.Appendf(nil, "jpeg %d", k)})
	}
	got, err := f.phone.Send(t.Context(), body("uuid:1", ""), files...)
	if err != nil || got.Posts != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	arrived := 0
	for _, a := range f.record(t, "uuid:1").Attachments {
		if a.Digest != "" {
			arrived++
		}
	}
	if arrived != 101 || f.count(t) != 1 {
		t.Errorf("%d files of %d records", arrived, f.count(t))
	}
}

func TestDigestOnALaptopsNetwork(t *testing.T) {
	f := begin(t)
	phone, _ := f.add(t, collect.Device{Name: "tablette nº 4", Digest: true})
	forms, err := phone.List(t.Context(), "")
	if err != nil || len(forms) != 1 {
		t.Fatalf("got %+v, %v", forms, err)
	}
	if _, err := phone.Fetch(t.Context(), forms[0].DownloadURL, forms[0].Hash); err != nil {
		t.Error(err)
	}
	if _, err := phone.Manifest(t.Context(), forms[0]); err != nil {
		t.Error(err)
	}
	if _, err := phone.Send(t.Context(), body("uuid:1", "")); err != nil {
		t.Error(err)
	}
	phone.Password = "guess"
	if _, err := phone.Post(t.Context(), body("uuid:2", ""), false); status(err) != 401 {
		t.Errorf("a wrong password: %v", err)
	}
	if f.count(t) != 1 {
		t.Errorf("%d records", f.count(t))
	}
}

func TestRevoked(t *testing.T) {
	f := begin(t)
	if err := f.desk.RevokeDevice(t.Context(), office, f.project.ID, f.device.ID); err != nil {
		t.Fatal(err)
	}
	_, err := f.phone.Post(t.Context(), body("uuid:1", ""), false)
	if status(err) != 403 || err.(*collecttest.Refused).Header.Get("WWW-Authenticate") != "" {
		t.Errorf("got %v", err)
	}
}

func TestDraft(t *testing.T) {
	f := begin(t)
	ctx := t.Context()
	if _, err := f.desk.UploadForm(ctx, office, f.project.ID, "form.xml", []byte(arrivals("2", "Essai"))); err != nil {
		t.Fatal(err)
	}
	test, _ := f.add(t, collect.Device{Name: "essai", Draft: true})
	own := strings.Replace(test.Server, "/v1/key/", "/v1/test/", 1) + "/forms/arrivals/draft"
	for name, phone := range map[string]*collecttest.Client{"its own address": {Server: own}, "the device's address": {Server: test.Server}} {
		forms, err := phone.List(ctx, "")
		if err != nil || len(forms) != 1 || forms[0].Version != "2" {
			t.Fatalf("%s: %+v, %v", name, forms, err)
		}
		if b, err := phone.Fetch(ctx, forms[0].DownloadURL, forms[0].Hash); err != nil || !bytes.Contains(b, []byte("Essai")) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := phone.Manifest(ctx, forms[0]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := phone.Send(ctx, bodyOf("2", "uuid:"+url.QueryEscape(name), "", "")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := f.count(t); n != 0 {
		t.Errorf("%d records of a draft stand among real ones", n)
	}
	real := collecttest.Client{Server: strings.Replace(f.phone.Server, "/v1/key/", "/v1/test/", 1) + "/forms/arrivals/draft"}
	if _, err := real.List(ctx, ""); status(err) != 404 {
		t.Errorf("a phone that is not for testing: %v", err)
	}
}

func TestEncrypted(t *testing.T) {
	f := begin(t)
	ctx := t.Context()
	if err := f.desk.MakeKey(ctx, office, f.project.ID, "arrivals", "a long passphrase", ""); err != nil {
		t.Fatal(err)
	}
	v := f.publish(t, arrivals("2", "Arrivées"))
	_, rest, found := bytes.Cut(v.XML, []byte(`base64RsaPublicKey="`))
	public, _, _ := bytes.Cut(rest, []byte(`"`))
	if !found {
		t.Fatal("the form carries no key")
	}
	manifest, files, err := collecttest.Encrypt(string(public), "arrivals", "2", "uuid:1", bodyOf("2", "uuid:1", "", ""), collecttest.File{Name: "face.jpg", Bytes: []byte("jpeg")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.phone.Send(ctx, manifest, files...); err != nil {
		t.Fatal(err)
	}
	if r := f.record(t, "uuid:1"); !r.Encrypted || len(r.Attachments) != 2 || r.Attachments[0].Digest == "" || r.Attachments[1].Digest == "" {
		t.Errorf("got %+v", r)
	}
}
