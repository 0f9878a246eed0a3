package collect_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/collect"
	"waymark/store/blob"
	"waymark/store/sqlite"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// house is a desk over a real store in a folder of its own, with people who hold each role.
type house struct {
	*collect.Desk
	store                                     collect.Store
	blobs                                     collect.Blobs
	keys                                      *seal.Keyring
	t                                         testing.TB
	dir                                       string
	clock                                     *clock
	project                                   int64
	admin, manager, reviewer, viewer, officer access.Actor
	phone                                     access.Actor
	device                                    collect.Device
	token                                     string
}

// clock is a time that stands still until it is moved.
type clock struct {
	lock sync.Mutex
	now  time.Time
}

func (c *clock) Now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.now = c.now.Add(d)
}

const password = "a long enough word"

var ctx = context.Background()

// empty is a store without anything in it, made once and copied for each test.
var empty = sync.OnceValues(func() (file []byte, keys *seal.Keyring) {
	dir, err := os.MkdirTemp("", "waymark")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	keys = seal.NewMaster().Keys()
	name := filepath.Join(dir, "waymark.db")
	store, err := sqlite.Open(ctx, name, keys.Subkey("sqlite"), collect.ChainKey(keys))
	if err == nil {
		err = store.Close()
	}
	if err == nil {
		file, err = os.ReadFile(name)
	}
	if err != nil {
		panic(err)
	}
	return file, keys
})

// bare gives a desk over an empty store.
func bare(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	file, keys := empty()
	name := filepath.Join(h.dir, "waymark.db")
	h.must(os.WriteFile(name, file, 0o600))
	store, err := sqlite.Open(ctx, name, keys.Subkey("sqlite"), collect.ChainKey(keys))
	h.must(err)
	t.Cleanup(func() { store.Close() })
	blobs, err := blob.Open(filepath.Join(h.dir, "blobs"))
	h.must(err)
	h.store, h.blobs, h.keys = store, blobs, keys
	h.Desk, err = collect.New(collect.Options{Store: store, Blobs: blobs, Keys: keys, Now: h.clock.Now})
	h.must(err)
	return h
}

// newHouse gives a desk with a project, a user of each role and a phone.
func newHouse(t testing.TB) *house {
	t.Helper()
	h := bare(t)
	h.furnish()
	return h
}

// furnish makes a project, a user of each role and a phone.
func (h *house) furnish() {
	h.t.Helper()
	p, err := h.AddProject(ctx, access.Actor{Kind: access.System}, collect.Project{Name: "Flow monitoring"})
	h.must(err)
	h.project = p.ID
	h.admin = h.user("administrator", access.Scope{})
	h.manager = h.user("manager", access.Scope{})
	h.reviewer = h.user("reviewer", access.Scope{Project: p.ID})
	h.viewer = h.user("viewer", access.Scope{Project: p.ID})
	h.officer = h.user("officer", access.Scope{Project: p.ID})
	h.phone, h.device, h.token = h.addPhone(collect.Device{Project: p.ID, Name: "Phone 1", Team: "north"})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// user makes a user of a role and gives the actor, without the cost of a password.
func (h *house) user(role string, scope access.Scope) access.Actor {
	h.t.Helper()
	email := fmt.Sprintf("%s-%d-%s@example.org", role, scope.Project, strings.Join(append(scope.Sites, scope.Teams...), "-"))
	u, err := h.AddUser(ctx, access.Actor{Kind: access.System}, collect.User{Email: email, Name: role, Grants: []access.Grant{{Role: role, Scope: scope}}}, "")
	h.must(err)
	_, _, actor, err := h.SignInAs(ctx, u.Email, "test")
	h.must(err)
	return actor
}

func (h *house) addPhone(v collect.Device) (access.Actor, collect.Device, string) {
	h.t.Helper()
	made, token, _, err := h.AddDevice(ctx, h.manager, v)
	h.must(err)
	actor, _, err := h.DeviceByToken(ctx, token)
	h.must(err)
	return actor, made, token
}

// publish compiles sheets in pipe tables and publishes them.
func (h *house) publish(sheets string) collect.Version {
	h.t.Helper()
	draft, err := h.UploadForm(ctx, h.manager, h.project, "form.md", []byte(sheets))
	h.must(err)
	v, err := h.Publish(ctx, h.manager, h.project, draft.Form, "")
	h.must(err)
	return v
}

// arrivals is a form with a question of every class, a repeat and a photo.
const arrivals = `
| survey |
|        | type              | name     | label                          | bind::waymark:sensitivity |
|        | start             | start    |                                |          |
|        | end               | end      |                                |          |
|        | select_one sites  | site     | Site                           |          |
|        | text              | place    | Name of the place              |          |
|        | integer           | people   | How many people?               |          |
|        | select_one yesno  | held     | Have you been detained?        |          |
|        | geopoint          | point    | Where are we?                  |          |
|        | image             | photo    | Photo                          |          |
|        | begin_repeat      | person   | Person                         |          |
|        | integer           | age      | Age                            |          |
|        | text              | nick     | Called                         |          |
|        | end_repeat        |          |                                |          |
| choices |
|         | list_name | name | label |
|         | yesno     | y    | Yes   |
|         | yesno     | n    | No    |
|         | sites     | s1   | One   |
|         | sites     | s2   | Two   |
| settings |
|          | form_title | form_id  | version |
|          | Arrivals   | arrivals | 1       |
`

// answers are what a record says; absent ones are left out.
type answers map[string]string

// record writes a record of the form arrivals.
func record(instance, deprecated, version string, a answers, persons ...answers) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><data xmlns:orx="http://openrosa.org/xforms" id="arrivals" version=%q>`, version)
	for _, name := range []string{"start", "end", "site", "place", "people", "held", "point", "photo", "odd"} {
		if v, ok := a[name]; ok {
			fmt.Fprintf(&b, "<%s>%s</%s>", name, v, name)
		}
	}
	for _, p := range persons {
		b.WriteString("<person>")
		for _, name := range []string{"age", "nick"} {
			if v, ok := p[name]; ok {
				fmt.Fprintf(&b, "<%s>%s</%s>", name, v, name)
			}
		}
		b.WriteString("</person>")
	}
	b.WriteString("<orx:meta>")
	if instance != "" {
		fmt.Fprintf(&b, "<orx:instanceID>%s</orx:instanceID>", instance)
	}
	if deprecated != "" {
		fmt.Fprintf(&b, "<orx:deprecatedID>%s</orx:deprecatedID>", deprecated)
	}
	b.WriteString("</orx:meta></data>")
	return []byte(b.String())
}

func (h *house) send(raw []byte, files ...collect.File) (collect.Receipt, error) {
	return h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: raw, Files: files, Device: "collect:abc"})
}

// file keeps a file before it is sent.
func (h *house) file(name, text string) collect.File {
	h.t.Helper()
	f, err := h.KeepFile(ctx, name, "image/jpeg", strings.NewReader(text))
	h.must(err)
	return f
}
