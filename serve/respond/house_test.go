package respond_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/respond"
	"waymark/serve/route"
	"waymark/store/desktest"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// office is who sets up: a command on the machine.
var office = access.Actor{Kind: access.System}

// readerOf is a member of staff who sees and settles everything of a project.
func readerOf(project int64) access.Actor {
	a := access.Actor{Kind: access.User, ID: 99}
	for _, r := range access.Rights() {
		a.Rights = append(a.Rights, access.Held{Right: r, Scope: access.Scope{Project: project}})
	}
	return a
}

// desk is a Desk on a real store that can be in trouble, and that remembers what it was given.
type desk struct {
	*collect.Desk
	dir     string
	keys    *seal.Keyring
	project int64
	device  int64
	token   string
	log     *desktest.Log

	mu    sync.Mutex
	down  bool
	posts int      // times that a record was given
	taken []string // bodies of new records
}

func (d *desk) Accept(ctx context.Context, by access.Actor, s collect.Sent) (collect.Receipt, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posts++
	if d.down {
		return collect.Receipt{}, fault.Issue{Code: "test.down", Kind: fault.Unavailable}
	}
	r, err := d.Desk.Accept(ctx, by, s)
	if err == nil && r.New {
		d.taken = append(d.taken, string(s.Raw))
	}
	return r, err
}

// newDesk makes a project with two forms and a link to them.
func newDesk(t *testing.T) *desk {
	t.Helper()
	ctx, made := t.Context(), desktest.New(t, nil)
	d := &desk{Desk: made.Desk, dir: made.Dir, keys: made.Keys, log: &desktest.Log{}}
	p, err := d.AddProject(ctx, office, collect.Project{Name: "Burundi", Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	d.project = p.ID
	raw, err := os.ReadFile("testdata/arrivals.xml")
	if err != nil {
		t.Fatal(err)
	}
	d.publish(t, "arrivals", "arrivals.xml", raw, square(t))
	// from sheet to page, in a language that is written from right to left
	if raw, err = os.ReadFile("../../cmd/waymark/testdata/forms/arabic-arrivals.md"); err != nil {
		t.Fatal(err)
	}
	d.publish(t, "arabic", "arabic.md", bytes.Replace(raw, []byte("| arrivals | الوافدون"), []byte("| arabic | الوافدون"), 1), nil)
	d.device, d.token = d.link(t)
	return d
}

// publish publishes a form that browsers are offered.
func (d *desk) publish(t *testing.T, id, name string, file, sign []byte) {
	t.Helper()
	ctx := t.Context()
	if _, err := d.UploadForm(ctx, office, d.project, name, file); err != nil {
		t.Fatal(err)
	}
	if sign != nil {
		if err := d.PutMedia(ctx, office, d.project, id, "sign.png", "image/png", bytes.NewReader(sign)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Publish(ctx, office, d.project, id, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.SetForm(ctx, office, d.project, id, collect.Open, true); err != nil {
		t.Fatal(err)
	}
}

// link makes a link for browsers.
func (d *desk) link(t *testing.T) (id int64, token string) {
	t.Helper()
	v, token, _, err := d.AddDevice(t.Context(), office, collect.Device{Project: d.project, Name: "Link", Web: true})
	if err != nil {
		t.Fatal(err)
	}
	return v.ID, token
}

func (d *desk) handler() http.Handler {
	return route.Mux(respond.Routes(respond.Options{Desk: d, Keys: d.keys.Outbox()}),
		route.Options{Desk: d, Secret: make([]byte, 32), Log: slog.New(slog.NewTextHandler(d.log, nil))})
}

// set changes the server.
func (d *desk) set(change func(*desk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// arrived gives the bodies of the records that have arrived, once each, and asks the store for as many.
func (d *desk) arrived(t *testing.T) []string {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	kept := 0
	for _, form := range []string{"arrivals", "arabic"} {
		n, err := d.CountRecords(t.Context(), readerOf(d.project), collect.Query{Project: d.project, Form: form})
		if err != nil {
			t.Fatal(err)
		}
		kept += n
	}
	if kept != len(d.taken) {
		t.Errorf("%d records are kept, %d were taken", kept, len(d.taken))
	}
	return d.taken
}

// aside counts what was put in quarantine.
func (d *desk) aside(t *testing.T) int {
	t.Helper()
	held, err := d.Quarantine(t.Context(), readerOf(d.project), d.project)
	if err != nil {
		t.Fatal(err)
	}
	return len(held)
}

// plain looks for marks in what the server keeps and logs.
func (d *desk) plain(t *testing.T, marks ...string) {
	t.Helper()
	err := walk(d.dir, func(name string, raw []byte) {
		for _, m := range marks {
			if holds(raw, m) {
				t.Errorf("%s stands in the server's %s", m, name)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(marks, d.token) {
		if strings.Contains(d.log.String(), m) {
			t.Errorf("%s stands in the server's log", m)
		}
	}
}

// square is a picture of one colour.
func square(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 40))
	for x := range 40 {
		for y := range 40 {
			m.Set(x, y, color.RGBA{R: 0x12, G: 0x32, B: 0x4d, A: 0xff})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// nobodyKeeps is a Desk that reads files and keeps none.
type nobodyKeeps struct{ *desk }

func (nobodyKeeps) KeepFile(_ context.Context, name, mediaType string, r io.Reader) (collect.File, error) {
	n, err := io.Copy(io.Discard, r)
	return collect.File{Name: name, Type: mediaType, Size: n}, err
}
