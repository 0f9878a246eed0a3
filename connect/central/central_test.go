package central_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/connect/central"
	"waymark/connect/pull"
	"waymark/fault"
	"waymark/serve/api"
	"waymark/serve/route"
	"waymark/store/desktest"
	"waymark/trust/access"
)

var system = access.Actor{Kind: access.System}

const password = "correct horse battery staple"

func newDesk(t *testing.T) *collect.Desk {
	t.Helper()
	desk := desktest.New(t, nil).Desk
	if _, err := desk.AddProject(t.Context(), system, collect.Project{Name: "P", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	return desk
}

func form(version string) []byte {
	return []byte(`<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:w="urn:waymark:form:1"><h:head><h:title>F</h:title><model>
<instance><data id="f" version="` + version + `"><age/><paper/><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/age" type="int"/><bind nodeset="/data/paper" type="binary" w:sensitivity="restricted"/><bind nodeset="/data/meta/instanceID" type="string"/></model></h:head>
<h:body><input ref="/data/age"><label>Age</label></input><upload ref="/data/paper" mediatype="application/*"><label>Paper</label></upload></h:body></h:html>`)
}

func record(id, deprecated, version string, age int, paper string) []byte {
	if deprecated != "" {
		deprecated = "<deprecatedID>" + deprecated + "</deprecatedID>"
	}
	return fmt.Appendf(nil, `<data id="f" version="%s"><age>%d</age><paper>%s</paper><meta>%s<instanceID>%s</instanceID></meta></data>`, version, age, paper, deprecated, id)
}

// peer is the server that is pulled from, in the shapes of ODK Central.
type peer struct {
	*httptest.Server
	desk *collect.Desk
	by   access.Actor
	fail atomic.Int64 // requests that are answered 503 first
	cut  atomic.Int64 // the request, counted from the first, at which the caller is stopped; 0: none
	stop context.CancelFunc
	seen atomic.Int64
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{desk: newDesk(t)}
	u := collect.User{Email: "m@example.org", Name: "m", Language: "en", Grants: []access.Grant{{Role: access.Manager}}}
	if _, err := p.desk.AddUser(t.Context(), system, u, password); err != nil {
		t.Fatal(err)
	}
	var err error
	if _, _, p.by, err = p.desk.SignIn(t.Context(), u.Email, password, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	mux := route.Mux(api.Routes(api.Options{Desk: p.desk}), route.Options{Desk: p.desk, Secret: bytes.Repeat([]byte("s"), 32)})
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := p.seen.Add(1); n == p.cut.Load() {
			p.stop()
		}
		if p.fail.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	p.publish(t, "1")
	return p
}

func (p *peer) publish(t *testing.T, version string) {
	t.Helper()
	_, err := p.desk.UploadForm(t.Context(), p.by, 1, "f.xml", form(version))
	if err == nil {
		_, err = p.desk.Publish(t.Context(), p.by, 1, "f", "")
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (p *peer) send(t *testing.T, raw []byte, files ...string) {
	t.Helper()
	s := collect.Sent{Project: 1, Form: "f", Raw: raw}
	for _, name := range files {
		f, err := p.desk.KeepFile(t.Context(), name, "application/pdf", strings.NewReader("bytes of "+name))
		if err != nil {
			t.Fatal(err)
		}
		s.Files = append(s.Files, f)
	}
	if _, err := p.desk.Accept(t.Context(), p.by, s); err != nil {
		t.Fatal(err)
	}
}

func asker() *pull.Asker {
	return &pull.Asker{Client: &http.Client{Timeout: 10 * time.Second}, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

func (p *peer) pull(ctx context.Context, here *collect.Desk) (pull.Account, error) {
	k := &pull.Keeper{Desk: here, By: system, Project: 1}
	err := central.Pull(ctx, k, central.Options{URL: p.URL + "/", Project: 1, Form: "f", Email: "m@example.org", Password: password, Page: 3, Asker: asker()})
	return k.Account, err
}

func TestPull(t *testing.T) {
	p, here := newPeer(t), newDesk(t)
	for i := range 7 {
		p.send(t, record(fmt.Sprintf("uuid:%d", i), "", "1", 20+i, ""))
	}
	p.publish(t, "2")
	p.send(t, record("uuid:edit", "uuid:2", "2", 50, ""))
	p.send(t, record("uuid:paper", "", "2", 60, "a b.pdf"), "a b.pdf")
	p.send(t, record("uuid:nopaper", "", "2", 60, "c.pdf"))
	if err := p.desk.SetReview(t.Context(), p.by, 1, "f", "uuid:1", collect.Approved, ""); err != nil {
		t.Fatal(err)
	}
	p.fail.Store(2) // after the sign-in nothing is asked in vain: what fails for a while is asked again
	if _, err := p.pull(t.Context(), here); err == nil {
		t.Fatal("a sign-in that failed was taken")
	}
	p.fail.Store(0)
	have, err := p.pull(t.Context(), here)
	if err != nil {
		t.Fatal(err)
	}
	want := pull.Account{Versions: 2, Read: 9, New: 9, Files: 1, FilesMissing: 1}
	if d := cmp.Diff(want, have); d != "" || have.Whole() != nil {
		t.Error(d)
	}
	r, err := here.Record(t.Context(), system, 1, "f", "uuid:2", collect.Published)
	if err != nil || r.Current != "uuid:edit" || r.Edits != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, _ := here.Record(t.Context(), system, 1, "f", "uuid:1", collect.Published); r.Review != collect.Approved {
		t.Errorf("review %s", r.Review)
	}
	if r, _ := here.Record(t.Context(), system, 1, "f", "uuid:paper", collect.Published); len(r.Attachments) != 1 || r.Attachments[0].Digest == "" {
		t.Errorf("%+v", r.Attachments)
	}
	for _, version := range []string{"1", "2"} {
		if v, err := here.Version(t.Context(), system, 1, "f", version, collect.Published); err != nil || !bytes.Equal(v.XML, form(version)) {
			t.Errorf("version %s differs: %v", version, err)
		}
	}

	// again: nothing changes
	have, err = p.pull(t.Context(), here)
	if d := cmp.Diff(pull.Account{Read: 9, Present: 9, FilesMissing: 1}, have); d != "" || err != nil {
		t.Error(d, err)
	}
	// what came since
	p.send(t, record("uuid:edit2", "uuid:edit", "2", 51, ""))
	p.send(t, record("uuid:late", "", "2", 33, ""))
	have, err = p.pull(t.Context(), here)
	if d := cmp.Diff(pull.Account{Read: 10, New: 1, Edited: 1, Present: 8, FilesMissing: 1}, have); d != "" || err != nil {
		t.Error(d, err)
	}
}

// TestStopped stops a pull at every request in turn; the next one goes on, and in the end all is there once.
func TestStopped(t *testing.T) {
	p, here := newPeer(t), newDesk(t)
	for i := range 5 {
		p.send(t, record(fmt.Sprintf("uuid:%d", i), "", "1", 20+i, "x.pdf"), "x.pdf")
	}
	for cut := int64(2); ; cut += 2 {
		ctx, stop := context.WithCancel(t.Context())
		p.stop = stop
		p.seen.Store(0)
		p.cut.Store(cut)
		_, err := p.pull(ctx, here)
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped at %d: %v", cut, err)
		}
	}
	n, err := here.CountRecords(t.Context(), system, collect.Query{Project: 1, Form: "f"})
	if err != nil || n != 5 {
		t.Errorf("%d records, %v", n, err)
	}
	have, err := p.pull(t.Context(), here)
	if d := cmp.Diff(pull.Account{Read: 5, Present: 5}, have); d != "" || err != nil {
		t.Error(d, err)
	}
}

// TestRefused accounts for records that cannot be taken, and goes on.
func TestRefused(t *testing.T) {
	p, here := newPeer(t), newDesk(t)
	p.send(t, record("uuid:0", "", "1", 20, ""))
	p.send(t, record("uuid:1", "", "1", 21, ""))
	if _, err := p.pull(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	if err := here.DeleteRecord(t.Context(), system, 1, "f", "uuid:0"); err != nil {
		t.Fatal(err)
	}
	have, err := p.pull(t.Context(), here)
	if d := cmp.Diff(pull.Account{Read: 2, Present: 1, Refused: 1, Refusals: []pull.Refusal{{Record: "uuid:0", Code: collect.CodeWasDeleted}}}, have); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestWrongs(t *testing.T) {
	p, here := newPeer(t), newDesk(t)
	for name, c := range map[string]struct {
		change func(o *central.Options)
		kind   error
	}{
		"password": {func(o *central.Options) { o.Password = "wrong wrong wrong" }, fault.Forbidden},
		"token":    {func(o *central.Options) { o.Email, o.Token = "", "nobody's" }, fault.Forbidden},
		"form":     {func(o *central.Options) { o.Form = "other" }, fault.NotFound},
		"server":   {func(o *central.Options) { o.URL = "http://127.0.0.1:1" }, fault.Unavailable},
	} {
		k := &pull.Keeper{Desk: here, By: system, Project: 1}
		o := central.Options{URL: p.URL, Project: 1, Form: "f", Email: "m@example.org", Password: password, Asker: asker()}
		c.change(&o)
		if err := central.Pull(t.Context(), k, o); !errors.Is(err, c.kind) || len(fault.Of(err)) == 0 {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "wrong wrong") || strings.Contains(err.Error(), "nobody's") {
			t.Errorf("%s: the error holds a secret", name)
		}
	}
	// another form of the same version is not put in the place of ours
	other := strings.Replace(string(form("1")), "<label>Age</label>", "<label>Years</label>", 1)
	if _, err := here.UploadForm(t.Context(), system, 1, "f.xml", []byte(other)); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Publish(t.Context(), system, 1, "f", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := p.pull(t.Context(), here); !errors.Is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
}
