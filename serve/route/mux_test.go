package route_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

const (
	token    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!$"
	nobodys  = "$bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!$"
	password = "machine-made"
	name     = "tablette nº 4"
)

// desk knows one device, one user with one session, and counts the passwords it checks.
type desk struct{ checked int }

var (
	_      route.Desk = (*desk)(nil)
	denied            = fault.Issue{Code: "collect.sign-in", Kind: fault.Forbidden}
)

func (d *desk) SignIn(_ context.Context, email, secret, _ string) (string, time.Time, access.Actor, error) {
	d.checked++
	if email != "amina@example.org" || secret != "a long password" {
		return "", time.Time{}, access.Actor{}, denied
	}
	return "session-1", time.Time{}, person, nil
}

func (d *desk) Session(_ context.Context, token string) (access.Actor, collect.User, error) {
	if token != "session-1" {
		return access.Actor{}, collect.User{}, denied
	}
	return person, collect.User{ID: 7, Language: "fr"}, nil
}

func (d *desk) DeviceByToken(_ context.Context, given string) (access.Actor, collect.Device, error) {
	if given != token {
		return access.Actor{}, collect.Device{}, denied
	}
	return phone, collect.Device{ID: 4, Project: 1}, nil
}

func (d *desk) DigestSecret(_ context.Context, who string) (string, access.Actor, error) {
	if who != name {
		return "", access.Actor{}, denied
	}
	return hash(name + ":" + collect.DigestRealm + ":" + password), phone, nil
}

var (
	person = access.Actor{Kind: access.User, ID: 7, Rights: []access.Held{{Right: access.ReadForms, Scope: access.Scope{Project: 1}}}}
	phone  = access.Actor{Kind: access.Device, ID: 4, Project: 1, Rights: []access.Held{{Right: access.Submit, Scope: access.Scope{Project: 1}}}}
)

func hash(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// secretAnswer stands for what must never be logged.
const secretAnswer = "HIDDEN-ANSWER"

func routes() []route.Route {
	say := func(text string) route.Handler {
		return func(w http.ResponseWriter, r *http.Request, by access.Actor) error {
			_, err := fmt.Fprintf(w, "%s %s:%d %s", text, by.Kind, by.ID, r.PathValue("form"))
			return err
		}
	}
	return []route.Route{
		{Pattern: "GET /healthz", Entrance: route.Anyone, Handle: say("health")},
		{Pattern: "POST /sign-in", Entrance: route.Anyone, Handle: say("signed in")},
		{Pattern: "GET /v1/key/{token}/projects/{project}/formList", Entrance: route.Path, Right: access.Submit, Handle: say("list")},
		{Pattern: "POST /v1/key/{token}/projects/{project}/submission", Entrance: route.Path, Right: access.Submit, Large: true, Handle: func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
			n, err := io.Copy(io.Discard, r.Body)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(w, n)
			return err
		}},
		{Pattern: "GET /v1/projects/{project}/forms/{form}", Entrance: route.Program, Handle: say("details")},
		{Pattern: "GET /v1/projects/{project}/forms/{form}.xml", Entrance: route.Program, Handle: say("xml")},
		{Pattern: "GET /v1/projects/{project}/forms/{form}.svc/{table}", Entrance: route.Program, Handle: say("odata")},
		{Pattern: "POST /v1/projects/{project}/submission", Entrance: route.Program, Right: access.Submit, Handle: say("posted")},
		{Pattern: "GET /projects/{project}", Entrance: route.Cookie, Right: access.ReadForms, Handle: say("page")},
		{Pattern: "POST /projects/{project}", Entrance: route.Cookie, Right: access.ReadForms, Handle: say("changed")},
		{Pattern: "GET /breaks/{how}", Entrance: route.Anyone, Handle: func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
			switch r.PathValue("how") {
			case "panic":
				panic(secretAnswer)
			case "error":
				return errors.New(secretAnswer)
			case "late":
				_, _ = io.WriteString(w, strings.Repeat("half of it\n", 1000))
				return errors.New(secretAnswer)
			case "begun":
				w.Header().Set("Content-Length", "400")
				w.Header().Set("Etag", `"x"`)
				w.WriteHeader(http.StatusCreated)
				return fmt.Errorf("keep: %w", fault.Unavailable)
			case "conflict":
				return fault.Issue{Code: route.CodeNoRight, Kind: fault.Conflict}
			case "gone":
				return fmt.Errorf("%s: %w", secretAnswer, fault.Gone)
			}
			return fmt.Errorf("%s: %w", secretAnswer, fault.NotFound)
		}},
		{Pattern: "GET /long", Entrance: route.Anyone, Handle: func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
			w.Header().Set("Content-Type", "text/csv")
			for range 2000 {
				_, _ = io.WriteString(w, "a,b,c\n")
			}
			return nil
		}},
		{Pattern: "GET /slow", Entrance: route.Anyone, Within: time.Millisecond, Handle: func(_ http.ResponseWriter, r *http.Request, _ access.Actor) error {
			<-r.Context().Done()
			return r.Context().Err()
		}},
	}
}

type house struct {
	*httptest.Server
	desk *desk
	log  *bytes.Buffer
	now  time.Time
}

func serve(t *testing.T, change func(*route.Options)) *house {
	t.Helper()
	h := &house{desk: &desk{}, log: &bytes.Buffer{}, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	o := route.Options{Desk: h.desk, Secret: []byte(strings.Repeat("s", 32)), Log: slog.New(slog.NewTextHandler(h.log, nil)), Now: func() time.Time { return h.now }}
	if change != nil {
		change(&o)
	}
	h.Server = httptest.NewServer(route.Mux(routes(), o))
	t.Cleanup(h.Close)
	return h
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (h *house) ask(t *testing.T, method, path string, header ...string) reply {
	t.Helper()
	r, err := http.NewRequest(method, h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k := 0; k < len(header); k += 2 {
		r.Header.Set(header[k], header[k+1])
	}
	return h.do(t, r)
}

func (h *house) do(t *testing.T, r *http.Request) reply {
	t.Helper()
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(b)}
}

func TestEntrances(t *testing.T) {
	h := serve(t, nil)
	list := func(token string) string { return "/v1/key/" + token + "/projects/1/formList" }
	bearer, cookie := []string{"Authorization", "Bearer session-1"}, []string{"Cookie", "waymark=session-1"}
	for _, c := range []struct {
		name, method, path string
		header             []string
		status             int
		body               string
		challenge          bool
	}{
		{"anyone", "GET", "/healthz", nil, 200, "health :0 ", false},
		{"a device's token", "GET", list(token), nil, 200, "list device:4 ", false},
		{"a token in another project", "GET", "/v1/key/" + token + "/projects/2/formList", nil, 403, "", false},
		{"nobody's token", "GET", list(nobodys), nil, 403, "", false},
		{"a short token", "GET", list("abc"), nil, 401, "", false},
		{"a token with another letter", "GET", list("-" + token[1:]), nil, 401, "", false},
		{"a session", "GET", "/v1/projects/1/forms/a", bearer, 200, "details user:7 a", false},
		{"nobody's session", "GET", "/v1/projects/1/forms/a", []string{"Authorization", "Bearer session-2"}, 401, "", false},
		{"no session", "GET", "/v1/projects/1/forms/a", nil, 401, "", true},
		{"a session without the right", "POST", "/v1/projects/1/submission", bearer, 403, "", false},
		{"a browser reads as a program", "GET", "/v1/projects/1/forms/a", cookie, 200, "details user:7 a", false},
		{"a browser does not write as a program", "POST", "/v1/projects/1/submission", cookie, 401, "", true},
		{"a page", "GET", "/projects/1", cookie, 200, "page user:7 ", false},
		{"a page of another project", "GET", "/projects/2", cookie, 403, "", false},
		{"a page without a session", "GET", "/projects/1", nil, 401, "", false},
		{"a write of the same site", "POST", "/projects/1", append([]string{"Sec-Fetch-Site", "same-origin"}, cookie...), 200, "changed user:7 ", false},
		{"a write of another site", "POST", "/projects/1", append([]string{"Sec-Fetch-Site", "cross-site"}, cookie...), 403, "", false},
		{"a write of another origin", "POST", "/projects/1", append([]string{"Origin", "https://evil.example"}, cookie...), 403, "", false},
		{"a sign-in of another site", "POST", "/sign-in", []string{"Sec-Fetch-Site", "cross-site"}, 403, "", false},
		{"the letters after a wildcard", "GET", "/v1/projects/1/forms/a.xml", bearer, 200, "xml user:7 a", false},
		{"a form whose id ends so too", "GET", "/v1/projects/1/forms/a.xml.xml", bearer, 200, "xml user:7 a.xml", false},
		{"letters within a path", "GET", "/v1/projects/1/forms/a.svc/Submissions", bearer, 200, "odata user:7 a", false},
		{"letters that are missing", "GET", "/v1/projects/1/forms/a/Submissions", bearer, 404, "", false},
		{"an unknown address", "GET", "/nowhere", nil, 404, "", false},
		{"another method", "DELETE", "/healthz", nil, 405, "", false},
		{"only the head", "HEAD", "/healthz", nil, 200, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := h.ask(t, c.method, c.path, c.header...)
			if got.status != c.status || c.body != "" && got.body != c.body {
				t.Errorf("got %d %q, want %d %q", got.status, got.body, c.status, c.body)
			}
			if has := got.header.Get("WWW-Authenticate") != ""; has != c.challenge {
				t.Errorf("challenge: %v, want %v", got.header.Values("WWW-Authenticate"), c.challenge)
			}
			if got.status == 405 && got.header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			if got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("Content-Security-Policy") == "" ||
				strings.Contains(got.header.Get("Content-Security-Policy"), "unsafe") || got.header.Get("Cache-Control") != "no-store" || got.header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("headers: %v", got.header)
			}
		})
	}
	for _, hidden := range []string{token, nobodys, "session-1", "session-2", "nowhere", "/forms/a"} {
		if strings.Contains(h.log.String(), hidden) {
			t.Errorf("the log holds %s", hidden)
		}
	}
	if !strings.Contains(h.log.String(), `route="GET /v1/key/{token}/projects/{project}/formList" status=200`) || !strings.Contains(h.log.String(), "actor=device:4") {
		t.Errorf("the log lacks the line of a request:\n%s", h.log)
	}
}

// credentials answers a challenge as a phone does.
func credentials(t *testing.T, challenge, method, uri, secret string, count int) string {
	t.Helper()
	part := func(name string) string {
		_, rest, ok := strings.Cut(challenge, name+`="`)
		if !ok {
			t.Fatalf("no %s in %q", name, challenge)
		}
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	nc := fmt.Sprintf("%08x", count)
	response := hash(strings.Join([]string{hash(name + ":" + part("realm") + ":" + secret), part("nonce"), nc, "cn", "auth", hash(method + ":" + uri)}, ":"))
	return fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", qop=auth, nc=%s, cnonce="cn", response="%s", opaque="%s"`,
		name, part("realm"), part("nonce"), uri, nc, response, part("opaque"))
}

func TestDigest(t *testing.T) {
	h := serve(t, nil)
	const uri = "/v1/projects/1/submission"
	post := func(t *testing.T, authorization string) reply {
		return h.ask(t, "POST", uri, "Authorization", authorization)
	}
	challenge := func(t *testing.T) string { return h.ask(t, "POST", uri).header.Get("WWW-Authenticate") }
	asked := challenge(t)
	if !strings.HasPrefix(asked, `Digest realm="Waymark", qop="auth"`) {
		t.Fatalf("challenge: %s", asked)
	}
	for _, c := range []struct {
		name   string
		give   func() string
		status int
		stale  bool
	}{
		{"right", func() string { return credentials(t, asked, "POST", uri, password, 2) }, 200, false},
		{"an earlier count that comes later", func() string { return credentials(t, asked, "POST", uri, password, 1) }, 200, false},
		{"the same count again", func() string { return credentials(t, asked, "POST", uri, password, 2) }, 401, true},
		{"a count far ahead", func() string { return credentials(t, asked, "POST", uri, password, 900) }, 200, false},
		{"a count too far behind", func() string { return credentials(t, asked, "POST", uri, password, 3) }, 401, true},
		{"another password", func() string { return credentials(t, asked, "POST", uri, "guess", 901) }, 401, false},
		{"another method", func() string { return credentials(t, asked, "GET", uri, password, 902) }, 401, false},
		{"another address", func() string { return credentials(t, asked, "POST", "/v1/projects/2/submission", password, 903) }, 401, false},
		{"a nonce not ours", func() string {
			return credentials(t, strings.Replace(asked, `nonce="`, `nonce="A`, 1), "POST", uri, password, 1)
		}, 401, false},
		{"a name given twice", func() string { return credentials(t, asked, "POST", uri, password, 904) + `, qop=auth` }, 401, false},
		{"half", func() string { return "Digest" }, 401, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := post(t, c.give())
			if got.status != c.status || strings.Contains(got.header.Get("WWW-Authenticate"), "stale=true") != c.stale {
				t.Errorf("got %d %v", got.status, got.header.Values("WWW-Authenticate"))
			}
		})
	}
	late := credentials(t, challenge(t), "POST", uri, password, 1)
	h.now = h.now.Add(11 * time.Minute)
	if got := post(t, late); got.status != 401 || !strings.Contains(got.header.Get("WWW-Authenticate"), "stale=true") {
		t.Errorf("an old nonce: %d %v", got.status, got.header.Values("WWW-Authenticate"))
	}
	if strings.Contains(h.log.String(), "tablette") {
		t.Error("the log holds the name of a device")
	}
}

func TestBasic(t *testing.T) {
	h := serve(t, nil)
	ask := func(t *testing.T, secret string) reply {
		r, _ := http.NewRequest("GET", h.URL+"/v1/projects/1/forms/a", nil)
		r.SetBasicAuth("amina@example.org", secret)
		return h.do(t, r)
	}
	for range 3 {
		if got := ask(t, "a long password"); got.status != 200 {
			t.Fatalf("got %d %s", got.status, got.body)
		}
	}
	if h.desk.checked != 1 {
		t.Errorf("the password was checked %d times", h.desk.checked)
	}
	if got := ask(t, "another"); got.status != 401 || !strings.Contains(strings.Join(got.header.Values("WWW-Authenticate"), " "), "Basic") {
		t.Errorf("a wrong password: %d %v", got.status, got.header)
	}
	for range 30 {
		ask(t, "another")
	}
	if got := ask(t, "a long password"); got.status != 429 || got.header.Get("Retry-After") == "" {
		t.Errorf("after many wrong ones: %d", got.status)
	}
	h.now = h.now.Add(time.Minute)
	if got := ask(t, "a long password"); got.status != 200 {
		t.Errorf("a minute later: %d", got.status)
	}
}

// Over plain HTTP from another machine a password is not even looked at.
func TestBasicNeedsTLS(t *testing.T) {
	d := &desk{}
	m := route.Mux(routes(), route.Options{Desk: d, Secret: bytes.Repeat([]byte("s"), 32)})
	ask := func(change func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/v1/projects/1/forms/a", nil)
		r.RemoteAddr = "192.0.2.7:4000"
		r.SetBasicAuth("amina@example.org", "a long password")
		change(r)
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		return w
	}
	if w := ask(func(*http.Request) {}); w.Code != 401 || d.checked != 0 || strings.Contains(strings.Join(w.Header().Values("WWW-Authenticate"), " "), "Basic") {
		t.Errorf("over HTTP: %d, %d checked, %v", w.Code, d.checked, w.Header())
	}
	if w := ask(func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }); w.Code != 401 {
		t.Errorf("a header that anybody can send was believed: %d", w.Code)
	}
	if w := ask(func(r *http.Request) { r.TLS = &tls.ConnectionState{} }); w.Code != 200 {
		t.Errorf("over TLS: %d", w.Code)
	}
}

func TestLimits(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	m := route.Mux(routes(), route.Options{Desk: &desk{}, Secret: bytes.Repeat([]byte("s"), 32), Now: func() time.Time { return now },
		Address: route.Rate{PerSecond: 1, Burst: 3}, Token: route.Rate{PerSecond: 1, Burst: 2}})
	ask := func(from, path string) int {
		r := httptest.NewRequest("GET", path, nil)
		r.RemoteAddr = from + ":4000"
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		if w.Code == 429 && w.Header().Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
		return w.Code
	}
	var got []int
	for range 4 {
		got = append(got, ask("192.0.2.1", "/healthz"))
	}
	got = append(got, ask("192.0.2.2", "/healthz"))
	now = now.Add(time.Second)
	got = append(got, ask("192.0.2.1", "/healthz"), ask("192.0.2.1", "/healthz"))
	list := "/v1/key/" + token + "/projects/1/formList"
	got = append(got, ask("192.0.2.3", list), ask("192.0.2.4", list), ask("192.0.2.5", list))
	if want := "[200 200 200 429 200 200 429 200 200 429]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for range 30 { // wrong tokens of one address do not keep right ones out
		now = now.Add(time.Second)
		ask("192.0.2.9", "/v1/key/"+nobodys+"/projects/1/formList")
	}
	now = now.Add(2 * time.Second)
	if got := ask("192.0.2.9", list); got != 200 {
		t.Errorf("a right token beside wrong ones: %d", got)
	}
}

func TestErrors(t *testing.T) {
	h := serve(t, nil)
	for _, c := range []struct {
		how    string
		status int
		text   string
	}{
		{"panic", 500, "nothing was kept"}, {"error", 500, "nothing was kept"}, {"begun", 503, "at the moment"},
		{"conflict", 409, "You may not do this here. Ask"}, {"gone", 410, "taken away"}, {"missing", 404, "nothing of this name"},
	} {
		t.Run(c.how, func(t *testing.T) {
			got := h.ask(t, "GET", "/breaks/"+c.how)
			if got.status != c.status || !strings.Contains(got.body, c.text) || strings.Contains(got.body, secretAnswer) || got.header.Get("Etag") != "" {
				t.Errorf("got %d %q %v", got.status, got.body, got.header)
			}
		})
	}
	t.Run("French", func(t *testing.T) {
		if got := h.ask(t, "GET", "/breaks/gone", "Accept-Language", "de, fr-BI;q=0.8, en;q=0.5"); !strings.Contains(got.body, "a été retiré") || got.header.Get("Content-Language") != "fr" {
			t.Errorf("got %q", got.body)
		}
	})
	t.Run("time", func(t *testing.T) {
		if got := h.ask(t, "GET", "/slow"); got.status != 503 || got.header.Get("Retry-After") == "" {
			t.Errorf("got %d", got.status)
		}
	})
	t.Run("cut off", func(t *testing.T) {
		res, err := http.Get(h.URL + "/breaks/late")
		if err == nil {
			_, err = io.ReadAll(res.Body)
			res.Body.Close()
		}
		if err == nil {
			t.Error("an answer that broke off looks whole")
		}
	})
	if strings.Contains(h.log.String(), secretAnswer) {
		t.Error("the log holds what an error said")
	}
	if !strings.Contains(h.log.String(), "level=ERROR msg=panic") || !strings.Contains(h.log.String(), "route_test") {
		t.Errorf("the log does not say where the panic came from:\n%s", h.log)
	}
}

func TestLargeBodies(t *testing.T) {
	h := serve(t, func(o *route.Options) { o.Big = 1000 })
	for _, c := range []struct{ bytes, status int }{{1000, 200}, {1001, 413}} {
		r, _ := http.NewRequest("POST", h.URL+"/v1/key/"+token+"/projects/1/submission", io.LimitReader(zeros{}, int64(c.bytes)))
		got := h.do(t, r)
		if got.status != c.status {
			t.Errorf("%d bytes: %d %s", c.bytes, got.status, got.body)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func TestGzip(t *testing.T) {
	h := serve(t, nil)
	got := h.ask(t, "GET", "/long", "Accept-Encoding", "br, gzip")
	if got.header.Get("Content-Encoding") != "gzip" || len(got.body) > 2000 {
		t.Fatalf("got %v, %d bytes", got.header, len(got.body))
	}
	z, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || len(b) != 12000 {
		t.Errorf("got %d bytes, %v", len(b), err)
	}
	if got := h.ask(t, "GET", "/long", "Accept-Encoding", "gzip;q=0"); got.header.Get("Content-Encoding") != "" || len(got.body) != 12000 {
		t.Errorf("without gzip: %v, %d bytes", got.header, len(got.body))
	}
	if got := h.ask(t, "GET", "/healthz", "Accept-Encoding", "gzip"); got.header.Get("Content-Encoding") != "" {
		t.Error("a short answer was shortened")
	}
}

func TestTwoRoutesOfOneAddress(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two routes of one address were taken")
		}
	}()
	r := routes()
	route.Mux(append(r, r[5]), route.Options{Desk: &desk{}, Secret: bytes.Repeat([]byte("s"), 32)})
}

// An address with a slash too many is sent on to the plain one, method and body kept: never answered by an empty 200,
// which a phone would take for a record that was kept.
func TestUncleanAddress(t *testing.T) {
	h := route.Mux([]route.Route{{Pattern: "POST /v1/submission", Entrance: route.Anyone, Handle: func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
		w.WriteHeader(http.StatusCreated)
		return nil
	}}}, route.Options{Desk: &desk{}, Secret: bytes.Repeat([]byte("s"), 32)})
	for path, want := range map[string]int{"/v1/submission": http.StatusCreated, "//v1/submission": http.StatusTemporaryRedirect, "/v1//submission": http.StatusTemporaryRedirect, "/v1/x/../submission": http.StatusTemporaryRedirect} {
		r := httptest.NewRequest(http.MethodPost, "http://example.org/", strings.NewReader("record"))
		r.URL.Path = path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || want != http.StatusCreated && w.Header().Get("Location") != "/v1/submission" {
			t.Errorf("%s: %d to %q", path, w.Code, w.Header().Get("Location"))
		}
	}
}
