package collect_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/fault"
	"waymark/form/instance"
	"waymark/trust/access"
)

var one = answers{"site": "s1", "people": "3", "place": "By the river", "held": "y"}

// Each row of the table of submission rules (docs/formats/records.md) is a case.
func TestSubmissionRules(t *testing.T) {
	type want struct {
		kind        error
		code        fault.Code
		isNew, edit bool
		held        int // bodies in quarantine afterwards
		records     int
	}
	first := record("uuid:1", "", "1", one)
	edited := record("uuid:2", "uuid:1", "1", answers{"people": "4"})
	for _, c := range []struct {
		name   string
		before func(*house)
		body   []byte
		sent   func(*collect.Sent)
		want   want
	}{
		{name: "a new record", body: first, want: want{isNew: true, records: 1}},
		{name: "the same XML again", before: func(h *house) { h.taken(first) }, body: first, want: want{records: 1}},
		{name: "another XML without deprecatedID", before: func(h *house) { h.taken(first) }, body: record("uuid:1", "", "1", answers{"people": "9"}),
			want: want{kind: fault.Conflict, code: collect.CodeOtherBody, held: 1, records: 1}},
		{name: "another XML, sent again and again", before: func(h *house) {
			h.taken(first)
			h.refused(record("uuid:1", "", "1", answers{"people": "9"}))
		}, body: record("uuid:1", "", "1", answers{"people": "9"}), want: want{kind: fault.Conflict, code: collect.CodeOtherBody, held: 1, records: 1}},
		{name: "deprecatedID is the current version, and phones may edit", before: func(h *house) {
			h.mayEdit()
			h.taken(first)
		}, body: edited, want: want{edit: true, records: 1}},
		{name: "deprecatedID is the current version, and this phone may edit", before: func(h *house) {
			h.thisMayEdit()
			h.taken(first)
		}, body: edited, want: want{edit: true, records: 1}},
		{name: "this phone may edit, but another sent the record", before: func(h *house) {
			own := h.phone
			_, token, _, err := h.AddDevice(ctx, h.manager, collect.Device{Project: h.project, Name: "the other tablet"})
			h.must(err)
			h.phone, _, err = h.DeviceByToken(ctx, token)
			h.must(err)
			h.taken(first)
			h.phone = own
			h.thisMayEdit()
		}, body: edited, want: want{kind: fault.Forbidden, code: collect.CodeMayNotEdit, held: 1, records: 1}},
		{name: "deprecatedID is the current version, and phones may not edit", before: func(h *house) { h.taken(first) }, body: edited,
			want: want{kind: fault.Forbidden, code: collect.CodeMayNotEdit, held: 1, records: 1}},
		{name: "the edit again", before: func(h *house) {
			h.mayEdit()
			h.taken(first)
			h.taken(edited)
		}, body: edited, want: want{records: 1}},
		{name: "the first version again, after the edit", before: func(h *house) {
			h.mayEdit()
			h.taken(first)
			h.taken(edited)
		}, body: first, want: want{records: 1}},
		{name: "deprecatedID is superseded", before: func(h *house) {
			h.mayEdit()
			h.taken(first)
			h.taken(edited)
		}, body: record("uuid:3", "uuid:1", "1", answers{"people": "5"}), want: want{kind: fault.Conflict, code: collect.CodeSuperseded, held: 1, records: 1}},
		{name: "deprecatedID is unknown", before: func(h *house) { h.mayEdit() }, body: edited,
			want: want{kind: fault.NotFound, code: collect.CodeNoneToEdit, held: 1}},
		{name: "deleted earlier", before: func(h *house) {
			h.taken(first)
			h.must(h.DeleteRecord(ctx, h.manager, h.project, "arrivals", "uuid:1"))
		}, body: first, want: want{kind: fault.Conflict, code: collect.CodeWasDeleted, held: 1}},
		{name: "gone for good", before: func(h *house) {
			h.taken(first)
			h.must(h.DeleteRecord(ctx, h.manager, h.project, "arrivals", "uuid:1"))
			h.clock.pass(31 * 24 * time.Hour)
			if _, err := h.Sweep(ctx); err != nil {
				h.t.Fatal(err)
			}
		}, body: first, want: want{kind: fault.Conflict, code: collect.CodeWasDeleted, held: 1}},
		{name: "cut off", body: first[:len(first)-20], want: want{kind: fault.Invalid, code: instance.CodeTruncated, held: 1}},
		{name: "not well-formed", body: []byte("<data id='arrivals'><a></b></data>"), want: want{kind: fault.Invalid, code: instance.CodeNotXML, held: 1}},
		{name: "a DOCTYPE", body: append([]byte("<!DOCTYPE data>"), first[strings.Index(string(first), "<data"):]...),
			want: want{kind: fault.Invalid, code: instance.CodeDoctype, held: 1}},
		{name: "nothing", body: nil, want: want{kind: fault.Invalid, code: instance.CodeEmpty, held: 1}},
		{name: "no instanceID", body: record("", "", "1", one), want: want{kind: fault.Invalid, code: instance.CodeNoInstanceID, held: 1}},
		{name: "an instanceID of 249 bytes", body: record("x:"+strings.Repeat("a", 247), "", "1", one), want: want{isNew: true, records: 1}},
		{name: "an instanceID of 250 bytes", body: record("x:"+strings.Repeat("a", 248), "", "1", one),
			want: want{kind: fault.Invalid, code: instance.CodeInstanceID, held: 1}},
		{name: "an unknown form", body: []byte(strings.Replace(string(first), `id="arrivals"`, `id="departures"`, 1)),
			want: want{kind: fault.NotFound, code: collect.CodeNoSuch, held: 1}},
		{name: "a form other than the address says", body: first, sent: func(s *collect.Sent) { s.Form = "departures" },
			want: want{kind: fault.Invalid, code: collect.CodeOtherForm, held: 1}},
		{name: "an unknown version", body: record("uuid:1", "", "77", one), want: want{isNew: true, records: 1}},
		{name: "no version", body: record("uuid:1", "", "", one), want: want{isNew: true, records: 1}},
		{name: "a closing form", before: func(h *house) { h.state(collect.Closing) }, body: first, want: want{isNew: true, records: 1}},
		{name: "a closed form", before: func(h *house) { h.state(collect.Closed) }, body: first,
			want: want{kind: fault.Conflict, code: collect.CodeFormClosed, held: 1}},
		{name: "a closed form, a record that is there", before: func(h *house) {
			h.taken(first)
			h.state(collect.Closed)
		}, body: first, want: want{records: 1}},
		{name: "a form the phone is not given", before: func(h *house) {
			h.phone, _, _ = h.addPhone(collect.Device{Project: h.project, Name: "Other", Forms: []string{"departures"}})
		}, body: first, want: want{kind: fault.NotFound, code: collect.CodeNoSuch, held: 1}},
		{name: "a revoked phone", before: func(h *house) { h.must(h.RevokeDevice(ctx, h.manager, h.project, h.device.ID)) }, body: first,
			want: want{kind: fault.Forbidden, code: collect.CodeDeviceUnknown}},
		{name: "a draft, from a phone that does not test it", body: first, sent: func(s *collect.Sent) { s.Stage = collect.Draft },
			want: want{kind: fault.NotFound, code: collect.CodeNoSuch}},
		{name: "what the form does not ask", body: record("uuid:1", "", "1", answers{"people": "3", "odd": "x"}), want: want{isNew: true, records: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.publish(arrivals)
			if c.before != nil {
				c.before(h)
			}
			s := collect.Sent{Project: h.project, Raw: c.body, Device: "collect:abc"}
			if c.sent != nil {
				c.sent(&s)
			}
			got, err := h.Accept(ctx, h.phone, s)
			if c.want.kind == nil {
				h.must(err)
			} else if !errors.Is(err, c.want.kind) {
				t.Fatalf("%v, want %v", err, c.want.kind)
			}
			if issues := fault.Of(err); c.want.code != "" && (len(issues) == 0 || issues[0].Code != c.want.code) {
				t.Errorf("%v, want %s", err, c.want.code)
			}
			if got.New != c.want.isNew || got.Edited != c.want.edit {
				t.Errorf("new %v, edited %v", got.New, got.Edited)
			}
			held, err := h.Quarantine(ctx, h.manager, h.project)
			h.must(err)
			n, err := h.CountRecords(ctx, h.viewer, collect.Query{Project: h.project, Form: "arrivals"})
			h.must(err)
			if len(held) != c.want.held || n != c.want.records {
				t.Errorf("%d held, %d records; want %d and %d", len(held), n, c.want.held, c.want.records)
			}
			if len(held) > 0 && c.want.code != "" && held[0].Reason != c.want.code {
				t.Errorf("held for %s", held[0].Reason)
			}
			if _, err := h.VerifyAudit(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// Staff who may edit mend records of a closed form, and send none of their own.
func TestStaffEdit(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.taken(record("uuid:1", "", "1", one))
	h.state(collect.Closed)
	sent := collect.Sent{Project: h.project, Raw: record("uuid:2", "uuid:1", "1", answers{"people": "4"})}
	if _, err := h.Accept(ctx, h.viewer, sent); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a viewer edits: %v", err)
	}
	if got, err := h.Accept(ctx, h.reviewer, sent); err != nil || !got.Edited {
		t.Errorf("%+v %v", got, err)
	}
	h.state(collect.Open)
	sent.Raw = record("uuid:3", "", "1", one)
	if _, err := h.Accept(ctx, h.reviewer, sent); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer sends a record: %v", err)
	}
}

// taken sends a record that must be taken, refused one that must not.
func (h *house) taken(raw []byte, files ...collect.File) collect.Receipt {
	h.t.Helper()
	got, err := h.send(raw, files...)
	h.must(err)
	return got
}

func (h *house) refused(raw []byte) {
	h.t.Helper()
	if _, err := h.send(raw); err == nil {
		h.t.Fatal("taken")
	}
}

// mayEdit lets phones edit what they sent.
func (h *house) mayEdit() {
	h.t.Helper()
	h.must(h.SetRole(ctx, h.admin, access.Role{Name: access.Collector, Rights: []access.Right{access.Submit, access.ReadForms, access.ReadEntities, access.EditRecords}}))
	var err error
	h.phone, _, err = h.DeviceByToken(ctx, h.token)
	h.must(err)
}

// thisMayEdit lets the phone, and no other, edit what it sent.
func (h *house) thisMayEdit() {
	h.t.Helper()
	_, v, err := h.DeviceByToken(ctx, h.token)
	h.must(err)
	v.Edits = true
	h.must(h.SetDevice(ctx, h.manager, v))
	h.phone, _, err = h.DeviceByToken(ctx, h.token)
	h.must(err)
}

func (h *house) state(s collect.FormState) {
	h.t.Helper()
	h.must(h.SetForm(ctx, h.manager, h.project, "arrivals", s, false))
}

// Fifty phones of one mind make one record, and all of them are told that it is kept.
func TestFiftyAtOnce(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	raw := record("uuid:1", "", "1", one)
	var wait sync.WaitGroup
	fresh := make(chan bool, 50)
	for range 50 {
		wait.Go(func() {
			got, err := h.send(raw)
			if err != nil {
				t.Error(err)
			}
			fresh <- got.New
		})
	}
	wait.Wait()
	close(fresh)
	made := 0
	for f := range fresh {
		if f {
			made++
		}
	}
	n, err := h.CountRecords(ctx, h.viewer, collect.Query{Project: h.project, Form: "arrivals"})
	if err != nil || n != 1 || made != 1 {
		t.Errorf("%d records, %d new, %v", n, made, err)
	}
}

// Two different files of one name in one post: the first is the record's, the second a later version of it.
func TestTwoFilesOfOneName(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	got := h.taken(record("uuid:1", "", "1", answers{"photo": "a.jpg"}), h.file("a.jpg", "a picture"), h.file("a.jpg", "another"), h.file("b.jpg", "one"), h.file("b.jpg", "two"))
	if len(got.Missing) != 0 || len(got.Record.Attachments) != 2 || got.Record.Attachments[0].Later != 1 || got.Record.Attachments[1].Later != 1 {
		t.Errorf("%+v", got)
	}
}

// A record with files comes in several posts, in any order, some of them twice.
func TestFilesComeInParts(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	raw := record("uuid:1", "", "1", answers{"people": "3", "photo": "a.jpg"})
	got := h.taken(raw)
	if d := cmp.Diff([]string{"a.jpg"}, got.Missing); d != "" {
		t.Error(d)
	}
	if got = h.taken(raw, h.file("odd.bin", "kept aside")); len(got.Missing) != 1 || got.New {
		t.Errorf("%+v", got)
	}
	if got = h.taken(raw, h.file("a.jpg", "a picture")); len(got.Missing) != 0 {
		t.Errorf("%+v", got)
	}
	h.taken(raw, h.file("a.jpg", "a picture"))
	h.taken(raw, h.file("a.jpg", "another picture"))
	r, err := h.Record(ctx, h.viewer, h.project, "arrivals", "uuid:1", collect.Published)
	h.must(err)
	type seen struct {
		Name     string
		Expected bool
		Later    int
		Strict   bool
	}
	var have []seen
	for _, a := range r.Attachments {
		have = append(have, seen{a.Name, a.Expected, a.Later, a.Strict})
		if a.Digest == "" {
			t.Errorf("%s has not arrived", a.Name)
		}
	}
	if d := cmp.Diff([]seen{{"a.jpg", true, 1, true}, {"odd.bin", false, 0, true}}, have); d != "" {
		t.Error(d)
	}
}

// A hundred and one files are expected; two posts bring them.
func TestManyFiles(t *testing.T) {
	h := newHouse(t)
	h.publish(`
| survey |
|        | type         | name  | label  |
|        | begin_repeat | place | Place  |
|        | image        | photo | Photo  |
|        | end_repeat   |       |        |
| settings |
|          | form_title | form_id | version |
|          | Photos     | photos  | 1       |
`)
	var b strings.Builder
	var files []collect.File
	for i := range 101 {
		name := "p" + strings.Repeat("x", i) + ".jpg"
		b.WriteString("<place><photo>" + name + "</photo></place>")
		files = append(files, h.file(name, name))
	}
	raw := []byte(`<data id="photos" version="1">` + b.String() + `<meta><instanceID>uuid:9</instanceID></meta></data>`)
	if got := h.taken(raw, files[:60]...); len(got.Missing) != 41 {
		t.Errorf("%d missing", len(got.Missing))
	}
	if got := h.taken(raw, files[60:]...); len(got.Missing) != 0 {
		t.Errorf("%d missing", len(got.Missing))
	}
}

// What staff accept from quarantine becomes a version beside the one there was; nothing of either is lost, and the
// phone that sends it again is content.
func TestSettleTakes(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	first, other := record("uuid:1", "", "1", one), record("uuid:1", "", "1", answers{"people": "44", "site": "s2"})
	h.taken(first)
	h.refused(other)
	held, err := h.Quarantine(ctx, h.manager, h.project)
	h.must(err)
	if err := h.Settle(ctx, h.viewer, h.project, held[0].ID, collect.TakeHeld); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a viewer settles: %v", err)
	}
	h.must(h.Settle(ctx, h.manager, h.project, held[0].ID, collect.TakeHeld))
	if err := h.Settle(ctx, h.manager, h.project, held[0].ID, collect.DropHeld); !errors.Is(err, fault.Conflict) {
		t.Errorf("settled twice: %v", err)
	}
	r, err := h.Record(ctx, h.viewer, h.project, "arrivals", "uuid:1", collect.Published)
	h.must(err)
	versions, err := h.RecordVersions(ctx, h.viewer, h.project, "arrivals", "uuid:1")
	h.must(err)
	if r.Edits != 1 || r.Site != "s2" || r.Review != collect.Edited || len(versions) != 2 {
		t.Errorf("%+v, %d versions", r, len(versions))
	}
	for name, raw := range map[string][]byte{"first": first, "held": other} {
		if got := h.taken(raw); got.New || got.Edited {
			t.Errorf("%s: %+v", name, got)
		}
	}
	door := h.opening("arrivals", "")
	for _, v := range versions {
		want := first
		if v.Current {
			want = other
		}
		raw, err := h.RawRecord(ctx, h.officer, h.project, "arrivals", "uuid:1", v.Instance, door)
		if err != nil || string(raw) != string(want) {
			t.Errorf("%v: %v", v.Current, err)
		}
	}
}

// A body that came before its form was published is taken once the form is there.
func TestSettleAfterPublishing(t *testing.T) {
	h := newHouse(t)
	h.refused(record("uuid:1", "", "1", one))
	h.publish(arrivals)
	held, err := h.Quarantine(ctx, h.manager, h.project)
	h.must(err)
	h.must(h.Settle(ctx, h.manager, h.project, held[0].ID, collect.TakeHeld))
	r, err := h.Record(ctx, h.viewer, h.project, "arrivals", "uuid:1", collect.Published)
	if err != nil || r.Actor != "device:1" || !r.Received.Equal(held[0].At) {
		t.Errorf("%+v, %v", r, err)
	}
}

// opening is one that the officer asked for and the second officer granted.
func (h *house) opening(form, instance string) string {
	h.t.Helper()
	o, err := h.AskOpening(ctx, h.officer, h.project, form, instance, access.Purpose{Code: "data-quality", Note: "to compare"})
	h.must(err)
	h.must(h.GrantOpening(ctx, h.manager, h.project, o.ID, collect.Allow))
	return o.ID
}

// What a phone that tests a draft sends belongs to the draft, is gone when the draft is published, and reaches no table
// (invariant 4).
func TestDrafts(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	if _, err := h.UploadForm(ctx, h.manager, h.project, "form.md", []byte(strings.Replace(arrivals, "| arrivals | 1", "| arrivals | 2", 1))); err != nil {
		t.Fatal(err)
	}
	tester, _, _ := h.addPhone(collect.Device{Project: h.project, Name: "Tester", Draft: true})
	raw := record("uuid:1", "", "2", one)
	sent := collect.Sent{Project: h.project, Raw: raw, Stage: collect.Draft}
	if got, err := h.Accept(ctx, tester, sent); err != nil || !got.New || !got.Record.Draft {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := h.Accept(ctx, tester, collect.Sent{Project: h.project, Raw: raw}); !errors.Is(err, fault.NotFound) {
		t.Errorf("a testing phone sends real records: %v", err)
	}
	count := func(drafts bool) int {
		n, err := h.CountRecords(ctx, h.manager, collect.Query{Project: h.project, Form: "arrivals", Drafts: drafts})
		h.must(err)
		return n
	}
	if count(true) != 1 || count(false) != 0 {
		t.Errorf("%d drafts, %d records", count(true), count(false))
	}
	src, err := h.Source(ctx, h.manager, h.project, "arrivals", "")
	h.must(err)
	if s, err := src.Schema(ctx); err != nil || s.Rows != 0 {
		t.Errorf("%d rows in the table, %v", s.Rows, err)
	}
	if _, err := h.Publish(ctx, h.manager, h.project, "arrivals", ""); err != nil {
		t.Fatal(err)
	}
	if n, err := h.CountRecords(ctx, h.manager, collect.Query{Project: h.project, Form: "arrivals", Drafts: true}); err != nil || n != 0 {
		t.Errorf("%d drafts after publishing, %v", n, err)
	}
}
