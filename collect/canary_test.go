package collect_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/trust/access"
)

// Marks that stand for what must not be seen: the first letter says what they are an answer of.
const (
	markRestricted = "RRzebraRR"
	markStory      = "SSzebraSS"
	markPoint      = "12.345678"
	markPhoto      = "PPzebraPP"
	markDevice     = "DDzebraDD"
	markComment    = "CCzebraCC"
	markNote       = "NNzebraNN"
	markPurpose    = "OOzebraOO"
	markEntity     = "EEzebraEE"
	markLog        = "LLzebraLL"
	markHeld       = "HHzebraHH"
	markWho        = "WWzebraWW"
)

var allMarks = []string{markRestricted, markStory, markPoint, markPhoto, markDevice, markComment, markNote, markPurpose, markEntity, markLog, markHeld, markWho}

const canaries = `
| survey |
|        | type             | name    | label               | save_to | appearance |
|        | start            | start   |                     |         | |
|        | select_one yn    | fed     | Have you eaten?     |         | |
|        | select_one yn    | held    | Were you detained?  |         | |
|        | text             | place   | Where from?         | origin  | |
|        | text             | story   | Tell us             | tale    | multiline |
|        | geopoint         | point   | Here                |         | |
|        | image            | photo   | Photo               |         | |
|        | begin_repeat     | child   | Child               |         | |
|        | text             | called  | Called              |         | |
|        | text             | tale    | What happened to it |         | |
|        | end_repeat       |         |                     |         | |
|        | audit            | audit   |                     |         | |
| choices |
|         | list_name | name | label |
|         | yn        | y    | Yes   |
|         | yn        | n    | No    |
| entities |
|          | list_name  | label      |
|          | households | ${place} |
| settings |
|          | form_title | form_id  | version |
|          | Canaries   | canaries | 1       |
`

func canary(instance, story string) []byte {
	return []byte(`<data id="canaries" version="1"><start>2026-03-02T08:00:00.000Z</start><fed>y</fed><held>` + markWho + `</held><place>` + markRestricted + `</place><story>` + story +
		`</story><point>` + markPoint + ` 7.5 0 0</point><photo>p.jpg</photo><child><called>` + markRestricted + `</called><tale>` + markStory + `</tale></child><meta><instanceID>` + instance +
		`</instanceID><audit>audit.csv</audit><entity dataset="households" id="7c8ab0fc-3a5e-4d0e-9f8e-111111111111" create="1"><label>` + markEntity + `</label></entity></meta></data>`)
}

// planted is a house in which every place that can hold an answer holds a mark.
func planted(t *testing.T) *house {
	h := newHouse(t)
	h.plant()
	return h
}

func (h *house) plant() {
	h.t.Helper()
	h.publish(canaries)
	log := "event,node,start,end,latitude,longitude,accuracy,old-value,new-value\nquestion,/data/story,1772438400000,1772438460000," + markPoint + ",7.5,5," + markLog + "," + markLog + "\n"
	files := []collect.File{h.file("p.jpg", markPhoto), h.file("audit.csv", log), h.file("aside.txt", markPhoto)}
	_, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: canary("uuid:1", markStory), Files: files, Device: markDevice})
	h.must(err)
	if _, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: canary("uuid:1", markHeld), Device: markDevice}); !errors.Is(err, fault.Conflict) {
		h.t.Fatal(err)
	}
	h.must(h.AddComment(ctx, h.reviewer, h.project, "canaries", "uuid:1", markComment))
	h.must(h.RaiseFlag(ctx, h.reviewer, h.project, "canaries", "uuid:1", markNote))
	_, err = h.AskOpening(ctx, h.officer, h.project, "canaries", "", access.Purpose{Code: "data-quality", Note: markPurpose})
	h.must(err)
	_, _, err = h.AddHook(ctx, h.manager, collect.Hook{Project: h.project, URL: "https://example.org/hook"})
	h.must(err)
	h.must(h.SetReview(ctx, h.reviewer, h.project, "canaries", "uuid:1", collect.HasIssues, markComment))
}

// No file and no cell of the database holds a mark in plain bytes, whoever holds the key of the file (invariant 2).
func TestNothingStandsPlainInStores(t *testing.T) {
	h := planted(t)
	if h.filesHoldNoMark(h.dir, "uuid:1") {
		t.Error("the database file is not encrypted")
	}
	cells, tables := 0, 0
	h.eachCell(func(table, text string) {
		cells++
		for _, m := range allMarks {
			if strings.Contains(text, m) {
				t.Errorf("the table %s holds %s", table, m)
			}
		}
		if strings.Contains(text, "uuid:1") {
			tables++ // what is not protected can be read: the walk works
		}
	})
	if cells < 100 || tables == 0 {
		t.Errorf("%d cells looked at, %d with the instance id", cells, tables)
	}
}

// filesHoldNoMark looks for marks in every file of a folder, and says whether one of them holds a text that may be seen.
func (h *house) filesHoldNoMark(dir, open string) (found bool) {
	h.t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files++
		found = found || bytes.Contains(b, []byte(open))
		for _, m := range allMarks {
			if bytes.Contains(b, []byte(m)) {
				h.t.Errorf("%s holds %s", filepath.Base(name), m)
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		h.t.Errorf("%d files looked at, %v", files, err)
	}
	return found
}

// eachCell reads every cell of the database with the key of its file.
func (h *house) eachCell(see func(table, text string)) {
	h.t.Helper()
	name := (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(h.dir, "waymark.db")), RawQuery: "vfs=adiantum"}).String()
	key := hex.EncodeToString(h.keys.Subkey("sqlite"))
	db, err := driver.Open(name, func(c *sqlite3.Conn) error { return c.Exec("PRAGMA hexkey='" + key + "'") })
	h.must(err)
	defer db.Close()
	rows, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'table'")
	h.must(err)
	var tables []string
	for rows.Next() {
		var s string
		h.must(rows.Scan(&s))
		tables = append(tables, s)
	}
	h.must(rows.Err())
	for _, table := range tables {
		rows, err := db.Query(`SELECT * FROM "` + table + `"`)
		h.must(err)
		columns, err := rows.Columns()
		h.must(err)
		cells := make([][]byte, len(columns))
		at := make([]any, len(columns))
		for i := range cells {
			at[i] = &cells[i]
		}
		for rows.Next() {
			h.must(rows.Scan(at...))
			for _, c := range cells {
				see(table, string(c))
			}
		}
		h.must(rows.Err())
	}
}

// walk asks every path of the desk for everything, as an actor, and gives all that was said, errors too.
func (h *house) walk(by access.Actor, restricted bool, opening string) string {
	var out strings.Builder
	say := func(v any, err error) {
		fmt.Fprintf(&out, "%+v\n", v)
		if err != nil {
			fmt.Fprintln(&out, err)
		}
	}
	q := collect.Query{Project: h.project, Form: "canaries", Restricted: restricted, Opening: opening}
	say(h.Records(ctx, by, q))
	say(h.CountRecords(ctx, by, q))
	say(h.Record(ctx, by, h.project, "canaries", "uuid:1", collect.Published))
	say(h.RecordVersions(ctx, by, h.project, "canaries", "uuid:1"))
	tables, err := h.Tables(ctx, by, h.project, "canaries", collect.Published)
	say(tables, err)
	for _, name := range []string{"Submissions", "Submissions.child", "Audit"} {
		q := q
		q.Table = name
		for row, err := range h.Rows(ctx, by, q) {
			say(row, err)
			if row.Record != nil {
				say(*row.Record, nil)
			}
		}
	}
	for _, where := range []string{"place = '" + markRestricted[:2] + "'", "story is present", "held = 'y'", "point is missing", "fed = 'y'"} {
		q := q
		q.Where = where
		n, err := h.CountRecords(ctx, by, q)
		if err == nil && !strings.HasPrefix(where, "fed") {
			h.t.Errorf("%s may be asked: %d", where, n)
		}
		say(n, err)
	}
	src, err := h.Source(ctx, by, h.project, "canaries", "")
	if err == nil {
		h.sourceSays(&out, src)
	}
	say(nil, err)
	raw, err := h.RawRecord(ctx, by, h.project, "canaries", "uuid:1", "", opening)
	say(string(raw), err)
	for _, name := range []string{"p.jpg", "audit.csv", "aside.txt"} {
		a, r, err := h.Attachment(ctx, by, h.project, "canaries", "uuid:1", name, opening)
		say(a, err)
		if err == nil {
			b, err := io.ReadAll(r)
			say(string(b), err)
			r.Close()
		}
	}
	flags, err := h.Flags(ctx, by, h.project, "canaries", "")
	say(flags, err)
	held, err := h.Quarantine(ctx, by, h.project)
	say(held, err)
	b1, b2, err := h.QuarantinedBody(ctx, by, h.project, 1, opening)
	say(string(b1)+string(b2), err)
	say(h.Enumerators(ctx, by, h.project, "canaries"))
	say(h.Audit(ctx, by, collect.AuditQuery{Project: h.project}))
	say(h.Hooks(ctx, by, h.project))
	say(h.Deliveries(ctx, by, h.project, 1))
	say(h.Forms(ctx, by, h.project))
	say(h.Devices(ctx, by, h.project))
	say(h.Users(ctx, by))
	say(h.EntityLists(ctx, by, h.project))
	say(h.Entities(ctx, by, h.project, "households", false))
	say(nil, h.EntityCSV(ctx, by, h.project, "households", &out))
	return out.String()
}

// sourceSays writes all cells of a source.
func (h *house) sourceSays(out *strings.Builder, src dataset.Source) {
	s, err := src.Schema(ctx)
	h.must(err)
	var names []string
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	t, err := src.Columns(ctx, names, dataset.Filter{})
	h.must(err)
	for _, c := range t.Columns {
		for i := range c.Rows() {
			out.WriteString(c.Name + "=" + c.Cell(i) + "\n")
		}
	}
}

// Who may not see protected answers meets them on no path; who may sees restricted ones only where they ask for them, and
// strict ones only through the door.
func TestCanaries(t *testing.T) {
	h := planted(t)
	other, err := h.AddProject(ctx, h.manager, collect.Project{Name: "Another"})
	h.must(err)
	elsewhere := h.user("manager", access.Scope{Project: other.ID})
	south := h.user("reviewer", access.Scope{Project: h.project, Teams: []string{"south"}})
	strict := []string{markStory, markPoint, markPhoto, markLog, markHeld, markWho}
	for _, c := range []struct {
		name       string
		by         access.Actor
		restricted bool // sees restricted answers where they ask
		body       bool // sees the held body with strict answers masked
	}{
		{name: "nobody", by: access.Actor{}},
		{name: "administrator", by: h.admin},
		{name: "manager", by: h.manager, restricted: true, body: true},
		{name: "reviewer", by: h.reviewer, restricted: true, body: true},
		{name: "viewer", by: h.viewer},
		{name: "officer", by: h.officer, restricted: true},
		{name: "phone", by: h.phone},
		{name: "manager of another project", by: elsewhere},
		{name: "reviewer of another team", by: south},
		{name: "the program itself", by: access.Actor{Kind: access.System}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, restricted := range []bool{false, true} {
				said := h.walk(c.by, restricted, "")
				for _, m := range append(strict, markDevice, markNote, markPurpose) {
					if strings.Contains(said, m) {
						t.Errorf("restricted %v: %s is seen", restricted, m)
					}
				}
				// A list shows what the form's author saves into it: here, the answer "place".
				has := strings.Contains(strings.ReplaceAll(strings.ReplaceAll(said, "origin:"+markRestricted, ""), ",1,"+markRestricted, ""), markRestricted)
				if want := c.restricted && restricted || c.body; has != want {
					t.Errorf("restricted %v: restricted answers seen: %v, want %v", restricted, has, want)
				}
			}
		})
	}
}

// The door opens for the one who asked, when another has granted it, for eight hours.
func TestTwoPersonDoor(t *testing.T) {
	h := planted(t)
	for _, m := range []string{markStory, markPoint, markWho} {
		if said := h.walk(h.officer, true, ""); strings.Contains(said, m) {
			t.Fatalf("%s is seen without a door", m)
		}
	}
	o, err := h.AskOpening(ctx, h.officer, h.project, "canaries", "uuid:1", access.Purpose{Code: "referral", Note: markPurpose})
	h.must(err)
	see := func(by access.Actor) bool {
		said := h.walk(by, true, o.ID)
		return strings.Contains(said, markStory)
	}
	if see(h.officer) {
		t.Error("open before it was granted")
	}
	if err := h.GrantOpening(ctx, h.officer, h.project, o.ID, collect.Allow); !errors.Is(err, fault.Forbidden) {
		t.Errorf("granted by the one who asked: %v", err)
	}
	for name, by := range map[string]access.Actor{"viewer": h.viewer, "reviewer": h.reviewer, "admin": h.admin, "phone": h.phone, "program": {Kind: access.System}} {
		if err := h.GrantOpening(ctx, by, h.project, o.ID, collect.Allow); !errors.Is(err, fault.Forbidden) {
			t.Errorf("granted by the %s: %v", name, err)
		}
	}
	h.must(h.GrantOpening(ctx, h.manager, h.project, o.ID, collect.Allow))
	said := h.walk(h.officer, true, o.ID)
	for _, m := range []string{markStory, markPoint, markPhoto, markLog, markWho, markRestricted} {
		if !strings.Contains(said, m) {
			t.Errorf("%s is not seen through the open door", m)
		}
	}
	if see(h.manager) || see(h.viewer) || see(h.reviewer) {
		t.Error("open for somebody else")
	}
	if err := h.GrantOpening(ctx, h.manager, h.project, o.ID, collect.Refuse); !errors.Is(err, fault.Conflict) {
		t.Errorf("decided twice: %v", err)
	}
	reads, err := h.Audit(ctx, h.admin, collect.AuditQuery{Project: h.project, Act: "strict.read"})
	if err != nil || len(reads) == 0 || reads[0].Purpose != "referral" {
		t.Errorf("%d reads of strict answers written down, %v", len(reads), err)
	}
	h.clock.pass(8 * time.Hour)
	if see(h.officer) {
		t.Error("open after it ended")
	}
}

// What phones log about where somebody was is strict, and it is there.
func TestPhoneLog(t *testing.T) {
	h := planted(t)
	var rows []collect.Row
	for row, err := range h.Rows(ctx, h.viewer, collect.Query{Project: h.project, Form: "canaries", Table: "Audit"}) {
		h.must(err)
		rows = append(rows, row)
	}
	if len(rows) != 1 || rows[0].Cells[0].Text != "question" || rows[0].Cells[2].Text != "1772438400000" || !rows[0].Cells[4].Sealed || rows[0].Parent != "uuid:1" {
		t.Errorf("%+v", rows)
	}
}

// A later version that gives a question a lower class opens nothing of what was answered before: not in tables, not in
// lists, not in a body that somebody puts beside it to have both shown.
func TestLowerClassOpensNothing(t *testing.T) {
	h := planted(t)
	_, err := h.Accept(ctx, h.phone, collect.Sent{Project: h.project, Raw: bytes.Replace(canary("uuid:7", markStory), []byte(`version="1"`), []byte(`version="of another server"`), 1)})
	h.must(err)
	lower := strings.NewReplacer("| version |", "| version |", "| canaries | 1       |", "| canaries | 2       |",
		"| save_to | appearance |", "| sensitivity | appearance |", "| tale    | multiline |", "| public | multiline |", "| origin  | |", "| public | |",
		"| Here                |         | |", "| Here | public | |", "| Were you detained?  |         | |", "| Were you detained? | public | |").Replace(canaries)
	h.publish(lower)
	_, err = h.Amend(ctx, h.manager, h.project, "canaries", "uuid:7", "uuid:7", map[string]string{"fed": "n"}) // read by the new version, as its own is not known
	h.must(err)
	if raw, err := h.RawRecord(ctx, h.manager, h.project, "canaries", "uuid:7", "", ""); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an edit opens the body: %v, %d bytes", err, len(raw))
	}
	h.eachCell(func(table, text string) {
		for _, m := range []string{markStory, markPoint, markWho} {
			if strings.Contains(text, m) {
				t.Errorf("an edit leaves %s in the table %s", m, table)
			}
		}
	})
	for name, by := range map[string]access.Actor{"manager": h.manager, "administrator": h.admin, "viewer": h.viewer} {
		said := h.walk(by, true, "")
		for _, m := range []string{markStory, markPoint, markWho, markHeld} {
			if strings.Contains(said, m) {
				t.Errorf("%s is seen by the %s", m, name)
			}
		}
	}
	tables, err := h.Tables(ctx, h.manager, h.project, "canaries", collect.Published)
	h.must(err)
	for _, f := range tables[0].Fields {
		if f.Name == "story" && f.Class != dataset.Strict {
			t.Errorf("a table of both versions shows %s as %s", f.Name, f.Class)
		}
	}
}

// The words of an opening's purpose are for who asked and who may decide: not for who reaches other teams only.
func TestOpeningsWithinReach(t *testing.T) {
	h := planted(t)
	south := h.user("manager", access.Scope{Project: h.project, Teams: []string{"south"}})
	north := h.user("manager", access.Scope{Project: h.project, Teams: []string{"north"}})
	_, err := h.AskOpening(ctx, h.officer, h.project, "canaries", "uuid:1", access.Purpose{Code: "referral", Note: markPurpose})
	h.must(err)
	for _, c := range []struct {
		name string
		by   access.Actor
		want int
	}{{"who asked", h.officer, 2}, {"manager of all", h.manager, 2}, {"manager of the record's team", north, 1}, {"manager of another team", south, 0}, {"reviewer", h.reviewer, 0}} {
		if got, err := h.Openings(ctx, c.by, h.project); err != nil || len(got) != c.want {
			t.Errorf("%s sees %d, want %d: %v", c.name, len(got), c.want, err)
		}
	}
}
