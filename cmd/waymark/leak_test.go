package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/openrosa/collecttest"
	"waymark/serve/route"
	"waymark/serve/web"
	"waymark/store/backup"
	"waymark/store/blob"
	tables "waymark/store/records"
	"waymark/store/storetest"
	"waymark/trust/access"
)

// The marks: each stands in one place that holds an answer, or what staff said of one, and nowhere else.
const (
	leakInternal   = "zqInternalzq"
	leakRestricted = "zqRestrictedzq"
	leakDraft      = "zqDraftzq"
	leakStory      = "zqStoryzq"
	leakEdited     = "zqEditedzq"
	leakCode       = "zqCodezq" // a strict answer of a list
	leakPhone      = "0660123987"
	leakPoint      = "12.345678"
	leakWrong      = "zqWrongzq" // a strict answer that does not fit its question
	leakLog        = "zqLogzq"
	leakPhoto      = "zqPhotozq"
	leakHeld       = "zqHeldzq"
	leakCut        = "zqCutzq"
	leakEncrypted  = "zqEncryptedzq"
	leakDevice     = "zqDevicezq"
	leakComment    = "zqCommentzq"
	leakFlag       = "zqFlagzq"
	leakPurpose    = "zqPurposezq"
	leakEntity     = "zqEntityzq"
)

// leakStrict are seen by nobody without an opening, leakSealed stand nowhere in plain bytes.
var (
	leakStrict = []string{leakStory, leakEdited, leakCode, leakPhone, leakPoint, leakWrong, leakLog, leakPhoto, leakHeld, leakCut, leakEncrypted}
	leakSealed = append(slices.Clone(leakStrict), leakRestricted, leakDraft, leakDevice, leakComment, leakFlag, leakPurpose, leakEntity)
)

const leakForm = `
| survey |
|        | type             | name    | label               | save_to | calculation |
|        | start            | start   |                     |         | |
|        | select_one yn    | fed     | Have you eaten?     |         | |
|        | select_one yn    | held    | Were you detained?  |         | |
|        | select_one area  | area    | Area                |         | |
|        | text             | place   | Where from?         |         | |
|        | text             | shelter | Shelter             | shelter | |
|        | text             | phone   | Phone number        |         | |
|        | text             | story   | Tell us your story  |         | |
|        | integer          | raped   | How often was there violence? |         | |
|        | calculate        | both    |                     |         | concat(${fed}, ${story}) |
|        | geopoint         | point   | Here                |         | |
|        | image            | photo   | Photo               |         | |
|        | begin_repeat     | child   | Child               |         | |
|        | text             | called  | Called              |         | |
|        | text             | tale    | What happened to it, its story |         | |
|        | end_repeat       |         |                     |         | |
|        | audit            | audit   |                     |         | |
| choices |
|         | list_name | name | label |
|         | yn        | y    | Yes   |
|         | yn        | n    | No    |
|         | area      | n    | North |
| entities |
|          | list_name  | label      |
|          | households | ${shelter} |
| settings |
|          | form_title | form_id  | version | instance_name |
|          | Canaries   | canaries | 1       | concat(${fed}, ${story}) |
`

// leakRecord is a record that holds the marks; the answers of lists are codes that the form does not have.
func leakRecord(instance, old, story, place string) []byte {
	meta := "<instanceID>" + instance + "</instanceID>"
	if old != "" {
		meta += "<deprecatedID>" + old + "</deprecatedID>"
	} else {
		meta += `<entity dataset="households" id="7c8ab0fc-3a5e-4d0e-9f8e-111111111111" create="1"><label>` + leakEntity + `</label></entity>`
	}
	return []byte(`<data id="canaries" version="1"><start>2026-03-02T08:00:00.000Z</start><fed>y</fed><held>` + leakCode + `</held><area>` + leakInternal + `</area><place>` + place +
		`</place><shelter>` + leakEntity + `</shelter><phone>` + leakPhone + `</phone><story>` + story + `</story><raped>` + leakWrong + `</raped><both>y` + story + `</both><point>` + leakPoint + ` 7.5 0 0</point><photo>p.jpg</photo><child><called>` + place + `</called><tale>` + story +
		`</tale></child><meta>` + meta + `<instanceName>y` + story + `</instanceName><audit>audit.csv</audit></meta></data>`)
}

// leakHouse is a server with everything planted, and who may try it.
type leakHouse struct {
	*opened
	t       *testing.T
	dir     string
	project int64
	other   int64
	routes  []route.Route
	server  http.Handler
	log     *bytes.Buffer
	askers  []leakAsker
	fills   []map[string]string
}

// leakAsker is somebody who tries, and which marks they may meet.
type leakAsker struct {
	name           string
	session, token string
	may            []string
}

func (h *leakHouse) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// newLeakHouse plants every mark where an answer of its kind lies.
func newLeakHouse(t *testing.T, database string) *leakHouse {
	h := &leakHouse{t: t, dir: filepath.Join(t.TempDir(), "records"), log: &bytes.Buffer{}}
	f := serveFlags{folderFlags: folderFlags{dir: h.dir, keyFile: filepath.Join(t.TempDir(), "key"), database: database}}
	var err error
	h.opened, err = f.open(t.Context(), &room{err: io.Discard, getenv: os.Getenv}, mayCreate)
	h.must(err)
	ctx, desk := t.Context(), h.desk
	p, err := desk.AddProject(ctx, system(), collect.Project{Name: "Camp"})
	h.must(err)
	other, err := desk.AddProject(ctx, system(), collect.Project{Name: "Other"})
	h.must(err)
	h.project, h.other = p.ID, other.ID
	for _, project := range []int64{h.project, h.other} {
		_, err = desk.UploadForm(ctx, system(), project, "canaries.md", []byte(leakForm))
		h.must(err)
		_, err = desk.Publish(ctx, system(), project, "canaries", "")
		h.must(err)
	}
	_, err = desk.UploadForm(ctx, system(), h.project, "sealed.md", []byte(strings.Replace(leakForm, "| canaries |", "| sealed   |", 1)))
	h.must(err)
	h.must(desk.MakeKey(ctx, system(), h.project, "sealed", "a passphrase of the officer", "none"))
	sealed, err := desk.Publish(ctx, system(), h.project, "sealed", "")
	h.must(err)
	_, err = desk.UploadForm(ctx, system(), h.project, "canaries.md", []byte(strings.Replace(leakForm, "| 1       |", "| 2       |", 1)))
	h.must(err)

	h.plant(sealed)

	site := "http://127.0.0.1"
	logger := slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.server = f.handler(h.opened, logger, site, "", nil, nil)
	h.routes = routes(desk, h.keys.Outbox(), web.Options{})
	t.Cleanup(func() { _ = h.close() })
	return h
}

func (h *leakHouse) phone(name, team string) (access.Actor, collect.Device, string) {
	made, token, _, err := h.desk.AddDevice(h.t.Context(), system(), collect.Device{Project: h.project, Name: name, Team: team})
	h.must(err)
	by, _, err := h.desk.DeviceByToken(h.t.Context(), token)
	h.must(err)
	return by, made, token
}

func (h *leakHouse) person(name, role string, scope access.Scope) (access.Actor, string) {
	email := name + "@example.org"
	_, err := h.desk.AddUser(h.t.Context(), system(), collect.User{Email: email, Name: name, Grants: []access.Grant{{Role: role, Scope: scope}}}, "")
	h.must(err)
	session, _, by, err := h.desk.SignInAs(h.t.Context(), email, "test")
	h.must(err)
	return by, session
}

func (h *leakHouse) file(name, text string) collect.File {
	f, err := h.desk.KeepFile(h.t.Context(), name, "image/jpeg", strings.NewReader(text))
	h.must(err)
	return f
}

func (h *leakHouse) plant(sealed collect.Version) {
	ctx, desk := h.t.Context(), h.desk
	here := access.Scope{Project: h.project}
	phone, _, token := h.phone("phone", "north")
	_, gone, goneToken := h.phone("gone", "north")
	h.must(desk.RevokeDevice(ctx, system(), h.project, gone.ID))
	manager, managerSession := h.person("manager", access.Manager, here)
	reviewer, reviewerSession := h.person("reviewer", access.Reviewer, here)
	officer, officerSession := h.person("officer", access.Officer, here)
	_, administrator := h.person("administrator", access.Administrator, access.Scope{})
	_, viewer := h.person("viewer", access.Viewer, here)
	_, collector := h.person("collector", access.Collector, here)
	_, stranger := h.person("stranger", access.Manager, access.Scope{Project: h.other})
	_, south := h.person("south", access.Manager, access.Scope{Project: h.project, Teams: []string{"south"}})

	files := func() []collect.File {
		log := "event,node,start,end,latitude,longitude,accuracy,old-value,new-value\nquestion,/data/story,1772438400000,1772438460000," + leakPoint + ",7.5,5," + leakLog + "," + leakLog + "\n"
		return []collect.File{h.file("p.jpg", leakPhoto), h.file("audit.csv", log), h.file("aside.txt", leakPhoto)}
	}
	send := func(by access.Actor, stage collect.Stage, raw []byte, files ...collect.File) error {
		_, err := desk.Accept(ctx, by, collect.Sent{Project: h.project, Raw: raw, Files: files, Device: leakDevice, Stage: stage})
		return err
	}
	h.must(send(phone, collect.Published, leakRecord("uuid:1", "", leakStory, leakRestricted), files()...))
	h.must(send(manager, collect.Published, leakRecord("uuid:2", "uuid:1", leakEdited, leakRestricted)))
	h.must(send(manager, collect.Draft, leakRecord("uuid:9", "", leakStory, leakDraft), files()...))
	if err := send(phone, collect.Published, leakRecord("uuid:1", "", leakHeld, leakRestricted)); !errors.Is(err, fault.Conflict) {
		h.t.Fatal(err)
	}
	whole := leakRecord("uuid:3", "", leakCut, leakCut)
	for _, raw := range [][]byte{whole[:len(whole)-40], bytes.Replace(whole, []byte(`id="canaries"`), []byte(`id="unknown"`), 1)} {
		if err := send(phone, collect.Published, raw); err == nil {
			h.t.Fatal("a broken record was taken")
		}
	}
	manifest, kept, err := collecttest.Encrypt(publicKey(h.t, sealed.XML), "sealed", "1", "uuid:4", leakRecord("uuid:4", "", leakEncrypted, leakEncrypted), collecttest.File{Name: "p.jpg", Bytes: []byte(leakEncrypted)})
	h.must(err)
	var encrypted []collect.File
	for _, k := range kept {
		encrypted = append(encrypted, h.file(k.Name, string(k.Bytes)))
	}
	h.must(send(phone, collect.Published, manifest, encrypted...))

	h.must(desk.AddComment(ctx, reviewer, h.project, "canaries", "uuid:1", leakComment))
	h.must(desk.SetReview(ctx, reviewer, h.project, "canaries", "uuid:1", collect.HasIssues, leakComment))
	h.must(desk.RaiseFlag(ctx, reviewer, h.project, "canaries", "uuid:1", leakFlag))
	asked, err := desk.AskOpening(ctx, officer, h.project, "canaries", "", access.Purpose{Code: "data-quality", Note: leakPurpose})
	h.must(err)
	hook, _, err := desk.AddHook(ctx, manager, collect.Hook{Project: h.project, URL: "https://example.org/hook"})
	h.must(err)

	read := []string{leakInternal, leakEntity}
	restricted := append(slices.Clone(read), leakRestricted, leakDraft, leakComment, leakFlag, leakDevice)
	h.askers = []leakAsker{
		{name: "nobody"},
		{name: "phone", token: token, may: []string{leakEntity}},
		{name: "gone", token: goneToken},
		{name: "administrator", session: administrator, may: read},
		{name: "manager", session: managerSession, may: append(slices.Clone(restricted), leakPurpose)},
		{name: "reviewer", session: reviewerSession, may: restricted},
		{name: "officer", session: officerSession, may: append(slices.Clone(restricted), leakPurpose)},
		{name: "viewer", session: viewer, may: read},
		{name: "collector", session: collector, may: []string{leakEntity}},
		{name: "stranger", session: stranger},
		{name: "south", session: south, may: []string{leakEntity}},
	}
	number := func(n int64) string { return fmt.Sprint(n) }
	base := map[string]string{"project": number(h.project), "form": "canaries", "instance": "uuid:1", "version": "1", "name": "p.jpg", "list": "households", "entity": "7c8ab0fc-3a5e-4d0e-9f8e-111111111111",
		"rest": "Submissions", "flag": "1", "held": "1", "opening": asked.ID, "hook": number(hook.ID), "user": "1", "device": "1", "id": "1", "file": "staff.css", "report": "none"}
	with := func(changes ...string) map[string]string {
		out := map[string]string{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			out[changes[i]] = changes[i+1]
		}
		return out
	}
	h.fills = []map[string]string{base,
		with("version", "uuid:1", "rest", "Submissions.child", "name", "audit.csv", "held", "2"),
		with("version", "uuid:2", "instance", "uuid:2", "rest", "$metadata", "name", "aside.txt", "held", "3"),
		with("rest", "Submissions('uuid:1')", "instance", "uuid:9", "name", "p.jpg", "held", "4"),
		with("form", "sealed", "instance", "uuid:4", "version", "uuid:4", "name", "submission.xml.enc"),
		with("project", number(h.other)),
	}
}

// publicKey is the key that a form tells phones to encrypt with.
func publicKey(t *testing.T, xml []byte) string {
	_, rest, ok := strings.Cut(string(xml), `base64RsaPublicKey="`)
	key, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("the form has no key")
	}
	return key
}

// ask asks one address and gives all that was said: status line, headers and the body, unpacked where it is packed.
func (h *leakHouse) ask(who leakAsker, method, path string, header ...string) (int, string) {
	req := httptest.NewRequest(method, path, nil)
	req.RemoteAddr = "127.0.0.1:4000"
	req.Header.Set("X-OpenRosa-Version", "1.0")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if who.session != "" {
		if strings.HasPrefix(path, "/v1/") {
			req.Header.Set("Authorization", "Bearer "+who.session)
		} else {
			req.AddCookie(&http.Cookie{Name: "waymark", Value: who.session})
		}
	}
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, req)
	var said strings.Builder
	for k, v := range w.Header() {
		fmt.Fprintln(&said, k, v)
	}
	said.Write(w.Body.Bytes())
	if z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len())); err == nil {
		for _, f := range z.File {
			said.WriteString(f.Name + "\n")
			if r, err := f.Open(); err == nil {
				_, _ = io.Copy(&said, r)
				r.Close()
			}
		}
	}
	if strings.HasPrefix(w.Body.String(), "PAR1") {
		name := filepath.Join(h.t.TempDir(), "rows.parquet")
		h.must(os.WriteFile(name, w.Body.Bytes(), 0o600))
		loaded, err := openTable(name, tableOptions{})
		h.must(err)
		for _, c := range loaded.Table.Columns {
			for i := range c.Rows() {
				said.WriteString(c.Cell(i) + "\n")
			}
		}
	}
	return w.Code, said.String()
}

// leakQueries are added to every address that is read.
var leakQueries = []string{"", "?restricted=true&$expand=*&$count=true", "?column=story&column=place&column=point&column=both&drafts=on&bin=on&search=zq"}

// TestNothingLeaks plants a mark in every place that holds an answer and looks for all of them wherever somebody who may
// not see them could look.
func TestNothingLeaks(t *testing.T) {
	for _, c := range []struct {
		name     string
		database func(*testing.T) string
	}{{"sqlite", func(*testing.T) string { return "" }}, {"postgres", func(t *testing.T) string { return storetest.Postgres(t) }}} {
		t.Run(c.name, func(t *testing.T) {
			database := c.database(t)
			spilled := watch(t)
			h := newLeakHouse(t, database)
			if database != "" { // what the server says does not hang on the database
				h.askers = slices.DeleteFunc(h.askers, func(who leakAsker) bool { return who.name != "reviewer" })
				h.fills = h.fills[:1]
			}
			h.walk()
			h.oracles()
			h.kept(database)
			if marks := spilled(); len(marks) > 0 {
				t.Errorf("temporary files held %v", marks)
			}
			for _, m := range append(slices.Clone(leakSealed), leakInternal, "uuid:1", "canaries") {
				if strings.Contains(h.log.String(), m) {
					t.Errorf("the log holds %s", m)
				}
			}
			if !strings.Contains(h.log.String(), `"route":"GET /v1/projects/{project}"`) {
				t.Error("the log holds nothing")
			}
		})
	}
}

// walk reads every address as everybody.
func (h *leakHouse) walk() {
	met := map[string]map[string]bool{}
	for _, who := range h.askers {
		met[who.name] = map[string]bool{}
		for _, r := range h.routes {
			method, path, _ := strings.Cut(r.Pattern, " ")
			if method != http.MethodGet && !(method == http.MethodPost && strings.Contains(path, "submissions.csv")) {
				continue
			}
			for k, fill := range h.fills {
				if k > 0 && !strings.Contains(path, "{form}") && !strings.Contains(path, "{held}") {
					continue // the same again
				}
				for _, query := range leakQueries[:map[bool]int{true: len(leakQueries), false: 1}[k == 0]] {
					at := fillIn(path, who.token, fill) + query
					status, said := h.ask(who, method, at, "X-Waymark-Opening", map[bool]string{true: fill["opening"]}[query == leakQueries[2]])
					if status >= 500 && status != http.StatusServiceUnavailable {
						h.t.Errorf("%s as %s: %d", at, who.name, status)
					}
					h.look(who, method+" "+at, said, met[who.name])
				}
			}
		}
	}
	if len(h.askers) == 1 {
		return
	}
	for _, m := range []string{leakInternal, leakRestricted, leakComment, leakFlag, leakPurpose, leakEntity} {
		if !slices.ContainsFunc(h.askers, func(who leakAsker) bool { return met[who.name][m] }) {
			h.t.Errorf("nobody meets %s: the walk does not see what there is", m)
		}
	}
	if !met["viewer"][leakInternal] || !met["reviewer"][leakRestricted] {
		h.t.Error("those who may read do not")
	}
}

func (h *leakHouse) look(who leakAsker, at, said string, met map[string]bool) {
	for _, m := range append(slices.Clone(leakSealed), leakInternal) {
		if !strings.Contains(said, m) {
			continue
		}
		plain, _, _ := strings.Cut(at, "?")
		if met[m] = true; !slices.Contains(who.may, m) && !met[plain+m] {
			met[plain+m] = true // once is enough
			h.t.Errorf("%s shows %s to %s", at, m, who.name)
			n := strings.Index(said, m)
			h.t.Logf("%q", said[max(0, n-300):min(len(said), n+50)])
		}
	}
}

func fillIn(path, token string, fill map[string]string) string {
	parts := strings.Split(path, "/")
	for k, part := range parts {
		at := strings.IndexByte(part, '}')
		if !strings.HasPrefix(part, "{") || at < 0 {
			continue
		}
		name := strings.TrimSuffix(part[1:at], "...")
		value := cmp.Or(fill[name], "1")
		switch name {
		case "$":
			value = ""
		case "token":
			value = cmp.Or(token, strings.Repeat("x", 64))
		}
		parts[k] = value + part[at+1:]
	}
	return strings.Join(parts, "/")
}

// oracles asks what is sealed without reading it: by filters, orders, functions and paths.
func (h *leakHouse) oracles() {
	base := fmt.Sprintf("/v1/projects/%d/forms/canaries", h.project)
	filters := []string{"%s eq 'a'", "startswith(%s,'zq')", "contains(%s,'zq')", "%s ne null", "length(%s) gt 3", "not (%s eq null)", "%s gt 0", "indexof(%s,'z') eq 1", "year(%s) eq 2000",
		"__system/reviewState eq 'received' or %s eq 'a'", "geo.distance(%s, geography'POINT(7 12)') lt 10", "$root/%s eq 'a'", "Submissions/any(d:d/%s eq 'a')"}
	ask := func(who leakAsker, field string, restricted string) {
		asked := []string{".svc/Submissions?$orderby=" + field,
			"/submissions.csv?where=" + field + " = 'a'", "/submissions.csv?where=`" + field + "` is present"}
		for _, f := range filters {
			f = fmt.Sprintf(f, field)
			asked = append(asked, ".svc/Submissions?$filter="+f, ".svc/Submissions/$count?$filter="+f, "/submissions.csv?$filter="+f)
		}
		for _, at := range asked {
			status, said := h.ask(who, http.MethodGet, base+queried(at), "X-Waymark-Restricted", restricted)
			if status < 400 || status >= 500 && status != http.StatusNotImplemented {
				h.t.Errorf("%s as %s is answered with %d", at, who.name, status)
			}
			h.look(who, at, said, map[string]bool{})
		}
	}
	for _, who := range h.askers {
		switch who.name {
		case "manager":
			for _, field := range []string{"story", "point", "both", "meta/instanceName"} {
				ask(who, field, "true")
			}
		case "viewer":
			ask(who, "place", "false")
		}
	}
}

func queried(s string) string {
	return strings.NewReplacer(" ", "%20", "'", "%27", "`", "%60", "+", "%2B").Replace(s)
}

// kept looks into what a thief would carry away: the folder, the database, a dump of it made by who holds its key, and
// a backup.
func (h *leakHouse) kept(database string) {
	scan := func(name string, b []byte) {
		for _, m := range leakSealed {
			if bytes.Contains(b, []byte(m)) {
				h.t.Errorf("%s holds %s", name, m)
			}
		}
	}
	seen := 0
	folder := func(dir string) {
		_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				if b, err := os.ReadFile(name); err == nil {
					seen++
					scan(strings.TrimPrefix(name, dir), b)
				}
			}
			return nil
		})
	}
	folder(h.dir)
	blobs, err := blob.Open(filepath.Join(h.dir, "blobs"))
	h.must(err)
	var plain bytes.Buffer
	_, err = backup.Write(h.t.Context(), &plain, backup.Source{Store: h.store.(*tables.Store), Blobs: blobs, Key: []byte("key"), At: time.Now()})
	h.must(err)
	if !bytes.Contains(plain.Bytes(), []byte("uuid:1")) || seen < 5 {
		h.t.Error("the dump or the folder is not what it should be")
	}
	scan("the dump", plain.Bytes())
	if database == "" {
		if bytes.Contains(must(os.ReadFile(filepath.Join(h.dir, databaseName))), []byte("uuid:1")) {
			h.t.Error("the database file is not encrypted")
		}
		return
	}
	db, err := sql.Open("pgx", database)
	h.must(err)
	defer db.Close()
	var at string
	h.must(db.QueryRow("SHOW data_directory").Scan(&at))
	_, err = db.Exec("CHECKPOINT")
	h.must(err)
	folder(at)
	out, err := exec.Command("pg_dump", database).Output()
	h.must(err)
	if !bytes.Contains(out, []byte("uuid:1")) {
		h.t.Error("pg_dump gives nothing")
	}
	scan("pg_dump", out)
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// watch sets a folder for temporary files and reads whatever appears there, until it is asked which marks it saw.
func watch(t *testing.T) (seen func() []string) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, stop := context.WithCancel(t.Context())
	found := map[string]bool{}
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
				if err == nil && !e.IsDir() && filepath.Ext(name) != ".parquet" {
					b, _ := os.ReadFile(name)
					for _, m := range append(slices.Clone(leakSealed), leakInternal) {
						if bytes.Contains(b, []byte(m)) {
							found[m] = true
						}
					}
				}
				return nil
			})
			time.Sleep(20 * time.Millisecond)
		}
	})
	return func() []string {
		stop()
		done.Wait()
		var out []string
		for m := range found {
			out = append(out, m)
		}
		return out
	}
}
