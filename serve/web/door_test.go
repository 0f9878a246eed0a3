package web_test

import (
	"bytes"
	"html"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/serve/route"
	"waymark/serve/web"
	"waymark/store/blob"
	"waymark/store/sqlite"
	"waymark/trust/seal"
)

// visitor is a browser without the drawing: it keeps cookies and says where a page comes from.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
	origin string
}

func visit(t *testing.T, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, base, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, base}
}

func (v *visitor) ask(method, path string, form url.Values) (*http.Response, string) {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", v.origin)
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res, string(raw)
}

func (v *visitor) expect(method, path string, form url.Values, status int, location string) string {
	v.t.Helper()
	res, page := v.ask(method, path, form)
	if res.StatusCode != status || res.Header.Get("Location") != location {
		v.t.Errorf("%s %s: %d to %q, want %d to %q", method, path, res.StatusCode, res.Header.Get("Location"), status, location)
	}
	return page
}

// TestFirstStart walks from a server without users to the first project.
func TestFirstStart(t *testing.T) {
	dir := t.TempDir()
	keys := seal.NewMaster().Keys()
	store, err := sqlite.Open(background, filepath.Join(dir, "waymark.db"), keys.Subkey("sqlite"), collect.ChainKey(keys))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	desk, err := collect.New(collect.Options{Store: store, Blobs: blobs, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(route.Mux(web.Routes(desk, web.Options{SetUpCode: "plum-41"}), route.Options{Desk: desk, Secret: bytes.Repeat([]byte("s"), 32)}))
	defer server.Close()
	v := visit(t, server.URL)
	v.expect("GET", "/", nil, 303, "/sign-in")
	v.expect("GET", "/sign-in", nil, 303, "/set-up")
	v.expect("GET", "/set-up", nil, 200, "")
	account := url.Values{"code": {"guess"}, "name": {"Administrator"}, "email": {"admin@example.org"}, "password": {"short"}, "again": {"short"}}
	page := v.expect("POST", "/set-up", account, 422, "")
	for _, want := range []string{`href="#code"`, `href="#password"`, `id="code-error"`, `aria-invalid="true"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a wrong set-up lacks %s", want)
		}
	}
	account.Set("code", "plum-41")
	account.Set("password", demoPassword)
	account.Set("again", demoPassword)
	v.expect("POST", "/set-up", account, 303, "/sign-in?done=set-up")
	v.expect("POST", "/set-up", account, 410, "")
	v.expect("GET", "/set-up", nil, 303, "/sign-in")

	in := url.Values{"email": {"admin@example.org"}, "password": {"not this one"}, "next": {"//elsewhere.example/"}}
	if page := v.expect("POST", "/sign-in", in, 403, ""); strings.Contains(page, "not this one") {
		t.Error("the page says the password again")
	}
	in.Set("password", demoPassword)
	v.origin = "https://elsewhere.example"
	v.expect("POST", "/sign-in", in, 403, "")
	v.origin = v.base
	v.expect("POST", "/sign-in", in, 303, "/projects")
	v.expect("POST", "/projects/new", url.Values{"name": {""}, "days": {"-1"}}, 422, "")
	v.expect("POST", "/projects/new", url.Values{"name": {"Flow"}, "days": {"365"}, "language": {"fr"}}, 303, "/projects/1?done=project-made")
	res, _ := v.ask("GET", "/projects/1", nil)
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if policy := res.Header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self'") {
		t.Errorf("the policy is %q", policy)
	}
	page = v.expect("POST", "/account/language", url.Values{"language": {"fr"}, "next": {"/projects/1"}}, 303, "/projects/1")
	if page != "" {
		t.Error("a redirection has a body")
	}
	if page := v.expect("GET", "/projects/1", nil, 200, ""); !strings.Contains(page, `lang="fr"`) || !strings.Contains(page, "Projets") {
		t.Error("the page is not in French after French was chosen")
	}
	v.origin = "https://elsewhere.example"
	v.expect("POST", "/projects/1/settings", url.Values{"name": {"Taken over"}}, 403, "")
	v.origin = v.base
	v.expect("POST", "/sign-out", url.Values{}, 303, "/sign-in?done=signed-out")
	v.expect("GET", "/projects/1", nil, 303, "/sign-in?next=%2Fprojects%2F1")
}

// marked are strict and restricted answers that are planted, and looked for on every page.
var marked = []string{"+227 00 00 00 00", "19.1", "19.6", "20.1"}

// TestProtectedAnswersAreNotInTheBytes asks for every page that a viewer, who may read no protected answer, can open.
func TestProtectedAnswersAreNotInTheBytes(t *testing.T) {
	d := newDemo(t)
	v := visit(t, d.url)
	v.expect("POST", "/sign-in", url.Values{"email": {"viewer@example.org"}, "password": {demoPassword}}, 303, "/projects")
	seen := 0
	for _, a := range addresses(d) {
		res, page := v.ask("GET", a.path, nil)
		if res.StatusCode == 200 {
			seen++
		}
		for _, m := range marked {
			if strings.Contains(page, m) {
				t.Errorf("%s shows %q to a viewer", a.name, m)
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d pages were seen", seen)
	}
	for n := range 40 {
		_, page := v.ask("GET", "/projects/1/forms/fms/records/"+instanceID(n)+"?open=1", nil)
		for _, m := range marked {
			if strings.Contains(page, m) {
				t.Errorf("record %d shows %q to a viewer", n, m)
			}
		}
	}
}

// TestAddressesOfOddRecords follows the link to a record whose id has every sign that addresses have a meaning for.
func TestAddressesOfOddRecords(t *testing.T) {
	d := newDemo(t)
	id := "http://survey.example/1?a=b&c#d%2F e"
	raw := body(mathrand.New(mathrand.NewPCG(1, 2)), 1, strings.ReplaceAll(id, "&", "&amp;"), "", 30, demoNow)
	if _, err := d.Accept(background, d.phones[0], collect.Sent{Project: d.project, Form: "fms", Raw: raw}); err != nil {
		t.Fatal(err)
	}
	v := visit(t, d.url)
	v.expect("POST", "/sign-in", url.Values{"email": {"manager@example.org"}, "password": {demoPassword}}, 303, "/projects")
	page := v.expect("GET", "/projects/1/forms/fms/records", nil, 200, "")
	link := regexp.MustCompile(`href="(/projects/1/forms/fms/records/http[^"]*)"`).FindStringSubmatch(page)
	if link == nil {
		t.Fatal("the record is not in the list")
	}
	if page := v.expect("GET", html.UnescapeString(link[1]), nil, 200, ""); !strings.Contains(page, html.EscapeString(id)) {
		t.Error("the link leads to another record")
	}
	v.expect("POST", html.UnescapeString(link[1])+"/comment", url.Values{"text": {"Looked at."}}, 303, html.UnescapeString(link[1])+"?done=commented")
}

// TestFlagsKeepTheirNotes settles a flag from the list, which shows no notes.
func TestFlagsKeepTheirNotes(t *testing.T) {
	d := newDemo(t)
	v := visit(t, d.url)
	v.expect("POST", "/sign-in", url.Values{"email": {"manager@example.org"}, "password": {demoPassword}}, 303, "/projects")
	flags, err := d.Flags(background, d.people["manager"], d.project, "fms", d.ids["instance"])
	d.must(err)
	id := strconv.FormatInt(flags[0].ID, 10)
	where := url.Values{"form": {"fms"}, "instance": {d.ids["instance"]}, "owner": {"user:3"}, "outcome": {"explained"}}
	v.expect("POST", "/projects/1/flags/"+id, where, 303, "/projects/1/flags?done=flag")
	settled, err := d.Flags(background, d.people["manager"], d.project, "fms", d.ids["instance"])
	d.must(err)
	if settled[0].Note != flags[0].Note || settled[0].Note == "" || settled[0].Outcome != "explained" || settled[0].Owner != "user:3" {
		t.Errorf("outcome %s, owner %s, a note of %d letters", settled[0].Outcome, settled[0].Owner, len(settled[0].Note))
	}
	where.Set("note", "Looked into again.")
	v.expect("POST", "/projects/1/flags/"+id, where, 303, "/projects/1/flags?done=flag")
	settled, err = d.Flags(background, d.people["manager"], d.project, "fms", d.ids["instance"])
	d.must(err)
	if settled[0].Note != "Looked into again." {
		t.Error("a note is not changed")
	}
	v.expect("POST", "/projects/1/flags/"+id, url.Values{"outcome": {"forgotten"}}, 422, "")
}

// TestPhonesThatMayCorrect gives a phone that is in use the right to correct what it sent, and takes it back; a new one has it
// where the box is ticked, a link for browsers never.
func TestPhonesThatMayCorrect(t *testing.T) {
	d := newDemo(t)
	v := visit(t, d.url)
	v.expect("POST", "/sign-in", url.Values{"email": {"manager@example.org"}, "password": {demoPassword}}, 303, "/projects")
	edits := func(is func(collect.Device) bool) bool {
		t.Helper()
		all, err := d.Devices(background, d.people["manager"], d.project)
		d.must(err)
		i := slices.IndexFunc(all, is)
		if i < 0 {
			t.Fatal("no such device")
		}
		return all[i].Edits
	}
	first := func(v collect.Device) bool { return strconv.FormatInt(v.ID, 10) == d.ids["device"] }
	for _, c := range []struct {
		value string
		want  bool
	}{{"1", true}, {"", false}} {
		v.expect("POST", "/projects/1/devices/"+d.ids["device"]+"/edits", url.Values{"edits": {c.value}}, 303, "/projects/1/devices?done=saved")
		if edits(first) != c.want {
			t.Errorf("asked for %q, it may correct: %v", c.value, !c.want)
		}
	}
	for kind, want := range map[string]bool{"phone": true, "web": false} {
		v.expect("POST", "/projects/1/devices", url.Values{"kind": {kind}, "name": {"new " + kind}, "edits": {"1"}}, 200, "")
		if edits(func(v collect.Device) bool { return v.Name == "new "+kind }) != want {
			t.Errorf("a new %s may correct: %v", kind, !want)
		}
	}
	v.expect("POST", "/projects/1/devices/999999/edits", url.Values{"edits": {"1"}}, 404, "")
}

// TestDeviceWithoutForms shows a phone that programs made and gave no form yet as what it is: it is not given all.
func TestDeviceWithoutForms(t *testing.T) {
	d := newDemo(t)
	_, _, _, err := d.AddDevice(background, d.people["manager"], collect.Device{Project: d.project, Name: "made by a program", Forms: []string{}})
	d.must(err)
	v := visit(t, d.url)
	v.expect("POST", "/sign-in", url.Values{"email": {"manager@example.org"}, "password": {demoPassword}}, 303, "/projects")
	page := v.expect("GET", "/projects/1/devices", nil, 200, "")
	_, row, _ := strings.Cut(page, "made by a program")
	row, _, _ = strings.Cut(row, "</tr>")
	if !strings.Contains(row, "none yet") || strings.Contains(row, ">all<") {
		t.Errorf("its row: %s", row)
	}
}

// TestFormCalledNew opens a form whose id is a word that addresses use.
func TestFormCalledNew(t *testing.T) {
	d := newDemo(t)
	for _, id := range []string{"new", "upload"} {
		sheet := "| survey |\n| | type | name | label |\n| | text | a | A |\n| settings |\n| | form_id | form_title |\n| | " + id + " | Called " + id + " |\n"
		_, err := d.UploadForm(background, d.people["manager"], d.project, id+".md", []byte(sheet))
		d.must(err)
		v := visit(t, d.url)
		v.expect("POST", "/sign-in", url.Values{"email": {"manager@example.org"}, "password": {demoPassword}}, 303, "/projects")
		if page := v.expect("GET", "/projects/1/forms/"+id, nil, 200, ""); !strings.Contains(page, "Called "+id) {
			t.Errorf("the form %s is not shown at its address", id)
		}
	}
}
