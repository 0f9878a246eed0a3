package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// ChainKey is the key of the audit chain of stores under test.
var ChainKey = []byte("the chain key of stores under test")

// Store asks a store for what collect.Store promises. open gives a new, empty store and closes it after the test.
func Store(t *testing.T, open func(t testing.TB) collect.Store) {
	for _, c := range []struct {
		name string
		ask  func(*testing.T, collect.Store)
	}{
		{"Projects", projects}, {"Forms", forms}, {"Versions", versions}, {"Records", oneRecord}, {"RecordVersions", recordVersions}, {"Queries", queries},
		{"Rows", rows}, {"Purge", purge}, {"Attachments", attachments}, {"Files", files}, {"LastUpdate", lastUpdate}, {"Quarantine", quarantine}, {"People", people}, {"Devices", devices}, {"Openings", openings},
		{"Flags", flags}, {"Entities", entities}, {"Hooks", hooks}, {"Audit", trail},
		{"WritesLeaveNoTrace", noTrace}, {"SharedCommits", sharedCommits}, {"OneOfFifty", oneOfFifty}, {"ReadsSeeOneState", oneState}, {"PanicsReachTheCaller", panics},
		{"AskWhileReading", askWhileReading}, {"OddText", oddText}, {"Model", model},
	} {
		t.Run(c.name, func(t *testing.T) { c.ask(t, open(t)) })
	}
}

var (
	ctx = context.Background()
	day = time.Date(2026, 5, 4, 9, 30, 0, 123456000, time.UTC)
)

// write runs a function that must succeed.
func write(t testing.TB, s collect.Store, act func(collect.Tx) error) {
	t.Helper()
	if err := s.Write(ctx, act); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, s collect.Store, look func(collect.Tx) error) {
	t.Helper()
	if err := s.Read(ctx, look); err != nil {
		t.Fatal(err)
	}
}

// same compares what was kept with what came back.
func same(t testing.TB, what string, want, got any) {
	t.Helper()
	kinds := cmp.FilterValues(func(a, b error) bool { return a == fault.Conflict || b == fault.Conflict }, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) }))
	if d := cmp.Diff(want, got, kinds, cmp.AllowUnexported(rowKey{})); d != "" {
		t.Errorf("%s (- kept, + came back):\n%s", what, d)
	}
}

func is(t testing.TB, what string, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: got %v, want %v", what, err, kind)
	}
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// project makes a project with a form of one published version.
func project(t testing.TB, s collect.Store, uid string) (project, version int64) {
	t.Helper()
	write(t, s, func(tx collect.Tx) (err error) {
		if project, err = tx.AddProject(collect.Project{UID: uid, Name: "Flow monitoring", Created: day}); err != nil {
			return err
		}
		if err := tx.PutForm(collect.Form{Project: project, ID: "arrivals", Title: "Arrivals", State: collect.Open, Created: day}); err != nil {
			return err
		}
		version, err = tx.AddVersion(collect.Version{Project: project, Form: "arrivals", Version: "1", Hash: "h", XML: []byte("<x/>"), Published: day, By: "user:1"})
		return err
	})
	return project, version
}

// stored is a record of the form that project makes.
func stored(project, version int64, instance string) collect.Stored {
	return collect.Stored{Record: collect.Record{Project: project, Form: "arrivals", Instance: instance, Current: instance, Version: "1", Actor: "device:4", Received: day, Updated: day, Review: collect.Received},
		VersionID: version, Body: []byte("sealed body of " + instance)}
}

func projects(t *testing.T, s collect.Store) {
	p := collect.Project{UID: "u1", Name: "Chad", Note: "east", Language: "fr", Training: true, RetainDays: 90, Created: day}
	write(t, s, func(tx collect.Tx) (err error) {
		p.ID, err = tx.AddProject(p)
		return err
	})
	is(t, "a UID twice", s.Write(ctx, func(tx collect.Tx) error { _, err := tx.AddProject(p); return err }), fault.Conflict)
	read(t, s, func(tx collect.Tx) error {
		same(t, "project", p, must[collect.Project](t)(tx.GetProject(p.ID)))
		_, err := tx.GetProject(p.ID + 1)
		is(t, "unknown project", err, fault.NotFound)
		_, err = tx.Setting("none")
		is(t, "unknown setting", err, fault.NotFound)
		return nil
	})
	p.Name, p.Archived, p.Training, p.RetainDays = "Tchad", true, false, 0
	write(t, s, func(tx collect.Tx) error {
		if err := tx.SetSetting("a", []byte("1")); err != nil {
			return err
		}
		if err := tx.SetSetting("a", []byte{}); err != nil {
			return err
		}
		return tx.SetProject(p)
	})
	read(t, s, func(tx collect.Tx) error {
		same(t, "projects", []collect.Project{p}, must[[]collect.Project](t)(tx.ListProjects()))
		if v := must[[]byte](t)(tx.Setting("a")); len(v) != 0 {
			t.Errorf("setting: %q", v)
		}
		return nil
	})
	is(t, "changing an unknown project", s.Write(ctx, func(tx collect.Tx) error { return tx.SetProject(collect.Project{ID: 99}) }), fault.NotFound)
}

func forms(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	f := collect.Form{Project: p, ID: "camp", Title: "Camp", State: collect.Open, Encrypted: true, Created: day}
	write(t, s, func(tx collect.Tx) error { return tx.PutForm(f) })
	f.Title, f.State, f.WebForm = "Sites", collect.Closing, true
	k := collect.FormKey{Public: "MIIB", Private: []byte("sealed"), Hint: "the usual"}
	write(t, s, func(tx collect.Tx) error {
		if err := tx.PutForm(f); err != nil {
			return err
		}
		return tx.PutFormKey(p, "camp", k)
	})
	read(t, s, func(tx collect.Tx) error {
		same(t, "form", f, must[collect.Form](t)(tx.GetForm(p, "camp")))
		same(t, "key", k, must[collect.FormKey](t)(tx.GetFormKey(p, "camp")))
		_, err := tx.GetForm(p, "none")
		is(t, "unknown form", err, fault.NotFound)
		_, err = tx.GetFormKey(p, "arrivals")
		is(t, "form without a key", err, fault.NotFound)
		if l := must[[]collect.Form](t)(tx.ListForms(p)); len(l) != 2 || l[0].ID != "arrivals" || l[0].Current == nil || l[0].Current.Version != "1" || l[0].Current.XML != nil || l[1].Current != nil {
			t.Errorf("list of forms: %+v", l)
		}
		return nil
	})
}

func versions(t *testing.T, s collect.Store) {
	p, first := project(t, s, "u")
	issue := fault.Issue{Code: "xlsform.x", Severity: fault.Soft, Place: fault.Place{Document: "a.xlsx", Sheet: "survey", Row: 3, Column: 2, Field: "age"}, Args: map[string]any{"have": "x", "n": int64(3), "share": 0.5}, Kind: fault.Conflict}
	draft := collect.Version{Project: p, Form: "arrivals", Version: "2", Draft: true, Hash: "h2", XML: []byte("<draft/>"), Source: []byte("PK"), SourceName: "a.xlsx", Itemsets: []byte("a,b"), Issues: fault.Issues{issue}, By: "user:1",
		Media: []collect.Media{{Name: "map.png", Type: "image/png"}, {Name: "sites.csv", Entities: "sites"}}}
	write(t, s, func(tx collect.Tx) (err error) {
		if _, err = tx.AddVersion(collect.Version{Project: p, Form: "arrivals", Draft: true, Version: "0", XML: []byte("<old/>")}); err != nil {
			return err
		}
		draft.ID, err = tx.AddVersion(draft) // takes its place
		return err
	})
	draft.Media[0].MD5, draft.Media[0].Digest, draft.Media[0].Size = "m", "d", 7
	write(t, s, func(tx collect.Tx) error { return tx.PutMedia(draft.ID, draft.Media[0]) })
	read(t, s, func(tx collect.Tx) error {
		same(t, "draft", draft, must[collect.Version](t)(tx.FindVersion(p, "arrivals", "", collect.Draft)))
		same(t, "draft by id", draft, must[collect.Version](t)(tx.GetVersion(draft.ID)))
		f := must[collect.Form](t)(tx.GetForm(p, "arrivals"))
		if f.Draft == nil || f.Draft.XML != nil || f.Draft.Source != nil || f.Draft.Version != "2" || len(f.Draft.Media) != 2 {
			t.Errorf("draft in the form: %+v", f.Draft)
		}
		return nil
	})
	is(t, "a version that is published", s.Write(ctx, func(tx collect.Tx) error { return tx.PublishDraft(p, "arrivals", "1", "h", nil, day) }), fault.Conflict)
	is(t, "a published version twice", s.Write(ctx, func(tx collect.Tx) error {
		_, err := tx.AddVersion(collect.Version{Project: p, Form: "arrivals", Version: "1"})
		return err
	}), fault.Conflict)
	// The clock went back between the two: the version published later is current all the same.
	earlier := day.Add(-time.Hour)
	write(t, s, func(tx collect.Tx) error {
		return tx.PublishDraft(p, "arrivals", "3", "h3", []byte("<three/>"), earlier)
	})
	is(t, "no draft to publish", s.Write(ctx, func(tx collect.Tx) error { return tx.PublishDraft(p, "arrivals", "4", "h", nil, day) }), fault.NotFound)
	is(t, "no draft to drop", s.Write(ctx, func(tx collect.Tx) error { return tx.DropDraft(p, "arrivals") }), fault.NotFound)
	want := draft
	want.Draft, want.Version, want.Hash, want.XML, want.Published = false, "3", "h3", []byte("<three/>"), earlier
	read(t, s, func(tx collect.Tx) error {
		same(t, "current", want, must[collect.Version](t)(tx.FindVersion(p, "arrivals", "", collect.Published)))
		if v := must[collect.Version](t)(tx.FindVersion(p, "arrivals", "1", collect.Published)); v.ID != first {
			t.Errorf("version 1 is %d, want %d", v.ID, first)
		}
		_, err := tx.FindVersion(p, "arrivals", "2", collect.Published)
		is(t, "a version that was never published", err, fault.NotFound)
		_, err = tx.FindVersion(p, "arrivals", "", collect.Draft)
		is(t, "no draft", err, fault.NotFound)
		if l := must[[]collect.Version](t)(tx.ListVersions(p, "arrivals")); len(l) != 2 || l[0].Version != "3" || l[1].Version != "1" || l[0].XML != nil {
			t.Errorf("versions: %+v", l)
		}
		return nil
	})
	write(t, s, func(tx collect.Tx) error {
		if _, err := tx.AddVersion(collect.Version{Project: p, Form: "arrivals", Draft: true, Media: draft.Media}); err != nil {
			return err
		}
		return tx.DropDraft(p, "arrivals")
	})
}

func oneRecord(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	r := stored(p, v, "uuid:1")
	r.Site, r.Team, r.Sealed, r.Encrypted, r.Flags, r.Edits = "TD01", "red", true, true, 2, 1
	r.Issues = fault.Issues{{Code: "instance.range", Severity: fault.Soft, Place: fault.Place{Field: "age"}}}
	r.DeviceSealed, r.Key = []byte("sealed device"), []byte("digest of answers")
	write(t, s, func(tx collect.Tx) (err error) { r.Seq, err = tx.AddRecord(r); return err })
	is(t, "an instance id twice", s.Write(ctx, func(tx collect.Tx) error { _, err := tx.AddRecord(r); return err }), fault.Conflict)
	draft := stored(p, v, "uuid:1")
	draft.Draft = true
	write(t, s, func(tx collect.Tx) (err error) { draft.Seq, err = tx.AddRecord(draft); return err })
	if draft.Seq <= r.Seq {
		t.Errorf("numbers of arrival: %d, then %d", r.Seq, draft.Seq)
	}
	read(t, s, func(tx collect.Tx) error {
		want := r
		want.Body = nil
		same(t, "record", want, must[collect.Stored](t)(tx.GetRecord(p, "arrivals", "uuid:1", collect.Published)))
		if d := must[collect.Stored](t)(tx.GetRecord(p, "arrivals", "uuid:1", collect.Draft)); d.Seq != draft.Seq || !d.Draft {
			t.Errorf("record of the draft: %+v", d)
		}
		same(t, "body", r.Body, must[[]byte](t)(tx.RecordBody(r.Seq, "")))
		same(t, "body by version", r.Body, must[[]byte](t)(tx.RecordBody(r.Seq, "uuid:1")))
		_, err := tx.RecordBody(r.Seq, "uuid:2")
		is(t, "body of another version", err, fault.NotFound)
		_, err = tx.GetRecord(p, "arrivals", "uuid:2", collect.Published)
		is(t, "unknown record", err, fault.NotFound)
		_, err = tx.GetRecord(p+1, "arrivals", "uuid:1", collect.Published)
		is(t, "record of another project", err, fault.NotFound)
		if i := must[string](t)(tx.FindKey(p, "arrivals", r.Key)); i != "uuid:1" {
			t.Errorf("found by its answers: %s", i)
		}
		_, err = tx.FindKey(p, "arrivals", []byte("other"))
		is(t, "unknown answers", err, fault.NotFound)
		_, err = tx.FindKey(p, "arrivals", nil)
		is(t, "answers of nothing", err, fault.NotFound)
		if f := must[collect.Form](t)(tx.GetForm(p, "arrivals")); f.Records != 1 {
			t.Errorf("the form has %d records", f.Records)
		}
		return nil
	})
	r.Deleted, r.Review, r.Site, r.Team, r.Flags, r.Updated, r.Edits, r.Encrypted, r.Issues = true, collect.Rejected, "TD02", "blue", 0, day.Add(time.Hour), 3, false, nil
	write(t, s, func(tx collect.Tx) error { return tx.SetRecord(r.Record) })
	read(t, s, func(tx collect.Tx) error {
		same(t, "changed record", r.Record, must[collect.Stored](t)(tx.GetRecord(p, "arrivals", "uuid:1", collect.Published)).Record)
		_, err := tx.FindKey(p, "arrivals", r.Key)
		is(t, "answers of a deleted record", err, fault.NotFound)
		return nil
	})
	is(t, "a deleted instance id again", s.Write(ctx, func(tx collect.Tx) error { _, err := tx.AddRecord(r); return err }), fault.Conflict)
	is(t, "changing an unknown record", s.Write(ctx, func(tx collect.Tx) error { return tx.SetRecord(collect.Record{Seq: 99}) }), fault.NotFound)
}

func recordVersions(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	r := stored(p, v, "uuid:1")
	write(t, s, func(tx collect.Tx) (err error) { r.Seq, err = tx.AddRecord(r); return err })
	next := r
	next.Current, next.Body, next.Updated, next.Edits, next.Review, next.Actor, next.Key = "uuid:2", []byte("sealed second"), day.Add(time.Minute), 1, collect.Edited, "user:3", []byte("k2")
	write(t, s, func(tx collect.Tx) error { return tx.AddRecordVersion(r.Seq, next) })
	is(t, "a version's id twice", s.Write(ctx, func(tx collect.Tx) error {
		again := next
		again.Current = "uuid:1"
		return tx.AddRecordVersion(r.Seq, again)
	}), fault.Conflict)
	is(t, "a record by a version's id", s.Write(ctx, func(tx collect.Tx) error { _, err := tx.AddRecord(stored(p, v, "uuid:2")); return err }), fault.Conflict)
	is(t, "a version of no record", s.Write(ctx, func(tx collect.Tx) error { return tx.AddRecordVersion(99, next) }), fault.NotFound)
	read(t, s, func(tx collect.Tx) error {
		for _, id := range []string{"uuid:1", "uuid:2"} {
			g := must[collect.Stored](t)(tx.GetRecord(p, "arrivals", id, collect.Published))
			if g.Seq != r.Seq || g.Instance != "uuid:1" || g.Current != "uuid:2" || g.Actor != "device:4" || g.Edits != 1 || g.Review != collect.Edited || !g.Updated.Equal(next.Updated) || !g.Received.Equal(day) {
				t.Errorf("by %s: %+v", id, g.Record)
			}
		}
		same(t, "current body", next.Body, must[[]byte](t)(tx.RecordBody(r.Seq, "")))
		same(t, "earlier body", r.Body, must[[]byte](t)(tx.RecordBody(r.Seq, "uuid:1")))
		same(t, "versions", []collect.RecordVersion{{Instance: "uuid:2", Form: "1", Actor: "user:3", At: next.Updated, Current: true}, {Instance: "uuid:1", Form: "1", Actor: "device:4", At: day}},
			must[[]collect.RecordVersion](t)(tx.ListRecordVersions(r.Seq)))
		return nil
	})
	opened := next // as when what a phone encrypted has been opened
	opened.Body = []byte("sealed again")
	write(t, s, func(tx collect.Tx) error { return tx.AddRecordVersion(r.Seq, opened) })
	read(t, s, func(tx collect.Tx) error {
		same(t, "body in place", opened.Body, must[[]byte](t)(tx.RecordBody(r.Seq, "")))
		if n := len(must[[]collect.RecordVersion](t)(tx.ListRecordVersions(r.Seq))); n != 2 {
			t.Errorf("%d versions", n)
		}
		return nil
	})
}

// seqs gives the numbers of what EachRecord gives.
func seqs(t testing.TB, tx collect.Tx, q collect.Query) (out []int64) {
	t.Helper()
	for r, err := range tx.EachRecord(q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Seq)
	}
	return out
}

func queries(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	other, w := project(t, s, "v")
	n := 1203 // more than two pages
	all := make([]int64, n)
	write(t, s, func(tx collect.Tx) (err error) {
		if err := tx.PutForm(collect.Form{Project: p, ID: "camp", State: collect.Open}); err != nil {
			return err
		}
		for i := range n {
			r := stored(p, v, fmt.Sprintf("uuid:%d", i))
			r.Updated = day.Add(time.Duration(i) * time.Second)
			r.Site, r.Team = fmt.Sprintf("S%d", i%3), fmt.Sprintf("T%d", i%2)
			r.Review = []collect.Review{collect.Received, collect.Approved, collect.Rejected}[i%3]
			r.Deleted = i == 5
			if all[i], err = tx.AddRecord(r); err != nil {
				return err
			}
		}
		camp := stored(p, v, "uuid:camp")
		camp.Form = "camp"
		if _, err = tx.AddRecord(camp); err != nil {
			return err
		}
		_, err = tx.AddRecord(stored(other, w, "uuid:0"))
		return err
	})
	keep := func(want func(i int) bool) (out []int64) {
		for i, seq := range all {
			if want(i) {
				out = append(out, seq)
			}
		}
		return out
	}
	live := keep(func(i int) bool { return i != 5 })
	reversed := append([]int64(nil), live...)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	base := collect.Query{Project: p, Form: "arrivals"}
	with := func(change func(*collect.Query)) collect.Query { q := base; change(&q); return q }
	read(t, s, func(tx collect.Tx) error {
		for _, c := range []struct {
			name string
			q    collect.Query
			want []int64
		}{
			{"all", base, live},
			{"newest first", with(func(q *collect.Query) { q.Newest = true }), reversed},
			{"some", with(func(q *collect.Query) { q.Limit = 7 }), live[:7]},
			{"some pages", with(func(q *collect.Query) { q.Limit = 777; q.Skip = 11 }), live[11:788]},
			{"after", with(func(q *collect.Query) { q.After = live[600]; q.Limit = 3 }), live[601:604]},
			{"newest after", with(func(q *collect.Query) { q.After = live[600]; q.Limit = 3; q.Newest = true }), []int64{live[599], live[598], live[597]}},
			{"reviewed", with(func(q *collect.Query) { q.Review = []collect.Review{collect.Approved, collect.Rejected} }), keep(func(i int) bool { return i != 5 && i%3 != 0 })},
			{"since", with(func(q *collect.Query) { q.Since = day.Add(1200 * time.Second) }), live[1199:]},
			{"sites and teams", with(func(q *collect.Query) { q.Sites = []string{"S1", "S2"}; q.Teams = []string{"T0"} }), keep(func(i int) bool { return i != 5 && i%3 != 0 && i%2 == 0 })},
			{"deleted", with(func(q *collect.Query) { q.Deleted = true }), all[5:6]},
			{"one", with(func(q *collect.Query) { q.Instance = "uuid:9" }), all[9:10]},
			{"one that is not there", with(func(q *collect.Query) { q.Instance = "uuid:x" }), nil},
			{"drafts", with(func(q *collect.Query) { q.Drafts = true }), nil},
			{"nothing of an unknown form", with(func(q *collect.Query) { q.Form = "none" }), nil},
		} {
			got := seqs(t, tx, c.q)
			same(t, c.name, c.want, got)
			if c.q.Limit == 0 && c.q.Skip == 0 && c.q.After == 0 {
				if n := must[int](t)(tx.CountRecords(c.q)); n != len(c.want) {
					t.Errorf("%s: counted %d, want %d", c.name, n, len(c.want))
				}
			}
		}
		if n := len(seqs(t, tx, collect.Query{Project: p})); n != len(live)+1 {
			t.Errorf("records of every form: %d", n)
		}
		for range tx.EachRecord(base) {
			break // leaving early is fine
		}
		same(t, "after leaving early", live[:1], seqs(t, tx, with(func(q *collect.Query) { q.Limit = 1 })))
		return nil
	})
}

// rowKey tells a row in comparisons.
type rowKey struct {
	record   int64
	position int
}

func rowKeys(t testing.TB, tx collect.Tx, q collect.Query, path string) (out []rowKey) {
	t.Helper()
	for r, err := range tx.EachRow(q, path) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Record == nil || r.Record.Seq != r.Row.Record || r.Row.Path != path {
			t.Fatalf("row %d/%d of %q comes with record %v and path %q", r.Row.Record, r.Row.Position, path, r.Record, r.Row.Path)
		}
		out = append(out, rowKey{r.Row.Record, r.Row.Position})
	}
	return out
}

func rows(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	const n = 620
	var main, repeat, sparse []rowKey
	var record []int64
	var gone func(rowKey) bool
	write(t, s, func(tx collect.Tx) error {
		for i := range n {
			r := stored(p, v, fmt.Sprintf("uuid:%d", i))
			r.Site = fmt.Sprintf("S%d", i%2)
			seq, err := tx.AddRecord(r)
			if err != nil {
				return err
			}
			record = append(record, seq)
			list := []collect.StoredRow{{Version: v, Plain: fmt.Appendf(nil, "main %d", i), Restricted: []byte("sealed r"), Strict: []byte("sealed s")}}
			main = append(main, rowKey{seq, 0})
			for k := range i % 3 {
				list = append(list, collect.StoredRow{Version: v, Path: "person", Position: k, Plain: fmt.Appendf(nil, "person %d", k)})
				repeat = append(repeat, rowKey{seq, k})
			}
			if i%200 == 199 {
				for k := range 40 {
					list = append(list, collect.StoredRow{Version: v, Path: "person/visit", Position: k, Parent: k % 2})
					sparse = append(sparse, rowKey{seq, k})
				}
			}
			if err := tx.PutRows(seq, list); err != nil {
				return err
			}
		}
		return nil
	})
	base := collect.Query{Project: p, Form: "arrivals"}
	read(t, s, func(tx collect.Tx) error {
		same(t, "main rows", main, rowKeys(t, tx, base, ""))
		same(t, "rows of a repeat", repeat, rowKeys(t, tx, base, "person"))
		same(t, "rows of a rare repeat", sparse, rowKeys(t, tx, base, "person/visit"))
		same(t, "rows of no table", []rowKey(nil), rowKeys(t, tx, base, "none"))
		if c := must[int](t)(tx.CountRows(base, "person")); c != len(repeat) {
			t.Errorf("counted %d rows of a repeat, want %d", c, len(repeat))
		}
		q := base
		q.Limit, q.After, q.AfterRow = 3, record[2], 1 // one row of this record was given
		same(t, "after a row", []rowKey{{record[2], 1}, {record[4], 0}, {record[5], 0}}, rowKeys(t, tx, q, "person"))
		q.AfterRow = 0
		same(t, "after a record", []rowKey{{record[4], 0}, {record[5], 0}, {record[5], 1}}, rowKeys(t, tx, q, "person"))
		q.Newest = true
		same(t, "before a record, newest first", []rowKey{{record[1], 0}}, rowKeys(t, tx, q, "person"))
		q.AfterRow = 1
		same(t, "before a row, newest first", []rowKey{{record[2], 1}, {record[1], 0}}, rowKeys(t, tx, q, "person"))
		q = base
		q.Sites, q.Skip, q.Limit = []string{"S1"}, 2, 2
		same(t, "of some sites, passing some", []rowKey{{record[5], 1}, {record[7], 0}}, rowKeys(t, tx, q, "person"))
		q = base
		q.Instance = "uuid:5"
		same(t, "of one record", []rowKey{{record[5], 0}, {record[5], 1}}, rowKeys(t, tx, q, "person"))
		deleted := map[int64]bool{}
		for i, seq := range record {
			deleted[seq] = i%7 == 2 || i > 100 && i < 500
		}
		gone = func(k rowKey) bool { return deleted[k.record] }
		q = base
		q.Newest = true
		newest := rowKeys(t, tx, q, "person")
		if len(newest) != len(repeat) || newest[0].record < newest[len(newest)-1].record {
			t.Errorf("newest first: %d rows from %v", len(newest), newest[0])
		}
		for i, restricted := range []bool{false, true} {
			q := base
			q.Limit, q.Restricted = 1, restricted
			for r, err := range tx.EachRow(q, "") {
				if err != nil {
					return err
				}
				want := collect.StoredRow{Record: record[0], Version: v, Plain: []byte("main 0")}
				if restricted {
					want.Restricted, want.Strict = []byte("sealed r"), []byte("sealed s")
				}
				same(t, fmt.Sprintf("cells, question %d", i), want, r.Row)
			}
		}
		var before *collect.Record
		for r := range tx.EachRow(base, "person") {
			if r.Row.Position > 0 && r.Record != before {
				t.Fatal("rows of one record do not share it")
			}
			before = r.Record
		}
		return nil
	})
	write(t, s, func(tx collect.Tx) error {
		for _, seq := range record {
			if !gone(rowKey{record: seq}) {
				continue
			}
			r := stored(p, v, "").Record
			r.Seq, r.Deleted = seq, true
			if err := tx.SetRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
	read(t, s, func(tx collect.Tx) error {
		for _, newest := range []bool{false, true} {
			for path, all := range map[string][]rowKey{"": main, "person": repeat, "person/visit": sparse} {
				want := slices.DeleteFunc(slices.Clone(all), gone)
				if newest {
					slices.SortStableFunc(want, func(a, b rowKey) int { return int(b.record - a.record) })
				}
				for _, limit := range []int{0, 250} {
					q := base
					q.Newest, q.Limit = newest, limit
					want := want
					if limit > 0 {
						want = want[:min(limit, len(want))]
					}
					same(t, fmt.Sprintf("without deleted ones, path %q, newest %v, limit %d", path, newest, limit), want, rowKeys(t, tx, q, path))
				}
			}
		}
		if f := must[collect.Form](t)(tx.GetForm(p, "arrivals")); f.Records != must[int](t)(tx.CountRecords(base)) {
			t.Errorf("the form says %d records", f.Records)
		}
		return nil
	})
	write(t, s, func(tx collect.Tx) error {
		return tx.PutRows(record[5], []collect.StoredRow{{Version: v, Path: "person", Plain: []byte("only")}})
	})
	read(t, s, func(tx collect.Tx) error {
		q := base
		q.Instance = "uuid:5"
		same(t, "put again", []rowKey{{record[5], 0}}, rowKeys(t, tx, q, "person"))
		same(t, "put again, without a main row", []rowKey(nil), rowKeys(t, tx, q, ""))
		return nil
	})
	is(t, "rows of no record", s.Write(ctx, func(tx collect.Tx) error { return tx.PutRows(9999, nil) }), fault.NotFound)
}

func purge(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	r := stored(p, v, "uuid:1")
	r.DeviceSealed, r.Key, r.Site = []byte("d"), []byte("k"), "TD01"
	write(t, s, func(tx collect.Tx) (err error) {
		if r.Seq, err = tx.AddRecord(r); err != nil {
			return err
		}
		return errors.Join(tx.PutRows(r.Seq, []collect.StoredRow{{Version: v, Plain: []byte("x")}}), tx.PutAttachment(r.Seq, collect.Attachment{Name: "a.jpg", Digest: "dd"}),
			tx.AddAttachmentVersion(r.Seq, "a.jpg", "ee", 1, day), tx.AddComment(r.Seq, day, "user:1", []byte("c")), tx.AddRecordVersion(r.Seq, withCurrent(r, "uuid:2")))
	})
	write(t, s, func(tx collect.Tx) error { return tx.PurgeRecord(r.Seq) })
	read(t, s, func(tx collect.Tx) error {
		g := must[collect.Stored](t)(tx.GetRecord(p, "arrivals", "uuid:2", collect.Published))
		if !g.Deleted || g.DeviceSealed != nil || g.Key != nil || g.Site != "" {
			t.Errorf("the mark that stays: %+v", g)
		}
		for _, version := range []string{"", "uuid:1", "uuid:2"} {
			_, err := tx.RecordBody(r.Seq, version)
			is(t, "body "+version, err, fault.NotFound)
		}
		if n := len(must[[]collect.Attachment](t)(tx.ListAttachments(r.Seq))); n != 0 {
			t.Errorf("%d attachments stay", n)
		}
		if n := len(must[[]collect.SealedComment](t)(tx.ListComments(r.Seq))); n != 0 {
			t.Errorf("%d comments stay", n)
		}
		for d := range tx.Digests() {
			t.Errorf("blob %s is still named", d)
		}
		for _, deleted := range []bool{false, true} {
			q := collect.Query{Project: p, Form: "arrivals", Deleted: deleted}
			if n := len(seqs(t, tx, q)) + len(rowKeys(t, tx, q, "")) + must[int](t)(tx.CountRecords(q)) + must[int](t)(tx.CountRows(q, "")); n != 0 {
				t.Errorf("still listed, deleted %v", deleted)
			}
		}
		return nil
	})
	for _, id := range []string{"uuid:1", "uuid:2"} {
		is(t, id+" again", s.Write(ctx, func(tx collect.Tx) error { _, err := tx.AddRecord(stored(p, v, id)); return err }), fault.Conflict)
	}
	is(t, "purging an unknown record", s.Write(ctx, func(tx collect.Tx) error { return tx.PurgeRecord(99) }), fault.NotFound)
}

func withCurrent(s collect.Stored, current string) collect.Stored {
	s.Current = current
	return s
}

func attachments(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	var seq int64
	a := collect.Attachment{Name: "photo.jpg", Type: "image/jpeg", Expected: true, Strict: true}
	write(t, s, func(tx collect.Tx) (err error) {
		if seq, err = tx.AddRecord(stored(p, v, "uuid:1")); err != nil {
			return err
		}
		return errors.Join(tx.PutAttachment(seq, a), tx.PutAttachment(seq, collect.Attachment{Name: "b.wav", Digest: "d1", Size: 3}))
	})
	a.Digest, a.Size = "d2", 9
	write(t, s, func(tx collect.Tx) error {
		return errors.Join(tx.PutAttachment(seq, a), tx.AddAttachmentVersion(seq, "photo.jpg", "d3", 4, day), tx.AddComment(seq, day, "user:1", []byte("sealed one")), tx.AddComment(seq, day, "user:2", []byte("sealed two")))
	})
	is(t, "a version of no attachment", s.Write(ctx, func(tx collect.Tx) error { return tx.AddAttachmentVersion(seq, "none", "d", 1, day) }), fault.NotFound)
	a.Later = 1
	read(t, s, func(tx collect.Tx) error {
		same(t, "attachments", []collect.Attachment{{Name: "b.wav", Digest: "d1", Size: 3}, a}, must[[]collect.Attachment](t)(tx.ListAttachments(seq)))
		same(t, "comments", []collect.SealedComment{{At: day, By: "user:1", Text: []byte("sealed one")}, {At: day, By: "user:2", Text: []byte("sealed two")}}, must[[]collect.SealedComment](t)(tx.ListComments(seq)))
		var got []string
		for d, err := range tx.Digests() {
			if err != nil {
				return err
			}
			got = append(got, d)
		}
		same(t, "digests", []string{"d1", "d2", "d3"}, got)
		return nil
	})
}

func quarantine(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	q := collect.Quarantined{Project: p, Form: "arrivals", Instance: "uuid:1", Reason: "collect.clash", Args: map[string]any{"n": int64(2)}, Actor: "device:4", At: day, Size: 12, Digest: "q1", Files: 2}
	files := []collect.File{{Name: "b.jpg", Type: "image/jpeg", Digest: "f1", Size: 1}, {Name: "a.jpg", Digest: "f2", Size: 2}}
	late := collect.Quarantined{Project: p, Reason: "collect.torn", At: day, Digest: "q2"}
	write(t, s, func(tx collect.Tx) (err error) {
		if q.ID, err = tx.AddQuarantined(q, files); err != nil {
			return err
		}
		late.ID, err = tx.AddQuarantined(late, nil)
		return err
	})
	read(t, s, func(tx collect.Tx) error {
		got, f, err := tx.GetQuarantined(q.ID)
		if err != nil {
			return err
		}
		same(t, "quarantined", q, got)
		same(t, "files", files, f)
		same(t, "list", []collect.Quarantined{late, q}, must[[]collect.Quarantined](t)(tx.ListQuarantined(p)))
		_, _, err = tx.GetQuarantined(99)
		is(t, "unknown", err, fault.NotFound)
		return nil
	})
	late.Settled, late.By, late.Outcome = day, "user:1", "discarded"
	write(t, s, func(tx collect.Tx) error { return tx.SetQuarantined(late) })
	read(t, s, func(tx collect.Tx) error {
		same(t, "open ones first", []collect.Quarantined{q, late}, must[[]collect.Quarantined](t)(tx.ListQuarantined(p)))
		n := 0
		for range tx.Digests() {
			n++
		}
		if n != 4 {
			t.Errorf("%d blobs in use, want 4", n)
		}
		return nil
	})
}

func people(t *testing.T, s collect.Store) {
	u := collect.User{Email: "Amina@Example.org", Name: "Amina", Language: "fr", Grants: []access.Grant{{Role: "manager", Scope: access.Scope{Project: 1, Sites: []string{"TD01"}}}}, Created: day}
	write(t, s, func(tx collect.Tx) (err error) { u.ID, err = tx.AddUser(u, "hash one"); return err })
	is(t, "an email twice, in other letters", s.Write(ctx, func(tx collect.Tx) error {
		_, err := tx.AddUser(collect.User{Email: "amina@example.ORG"}, "x")
		return err
	}), fault.Conflict)
	u.Grants, u.Disabled, u.LastSeen, u.Name = nil, true, day, "A."
	write(t, s, func(tx collect.Tx) error {
		return errors.Join(tx.SetUser(u), tx.SetPassword(u.ID, "hash two"), tx.AddPasskey(u.ID, []byte("k1"), []byte("sealed")),
			tx.AddSession([]byte("t1"), u.ID, day), tx.AddSession([]byte("t2"), u.ID, day.Add(time.Hour)), tx.AddSession([]byte("t3"), u.ID, day.Add(2*time.Hour)),
			tx.PutRole(access.Role{Name: "x", Rights: []access.Right{access.Submit}}), tx.PutRole(access.Role{Name: "x", Rights: []access.Right{access.Submit, access.ReadForms}}))
	})
	u.Passkeys = 1
	read(t, s, func(tx collect.Tx) error {
		got, hash, err := tx.FindUser("AMINA@example.org ")
		if err != nil {
			return err
		}
		same(t, "user by email", u, got)
		if hash != "hash two" {
			t.Errorf("hash of the password: %s", hash)
		}
		same(t, "user", u, must[collect.User](t)(tx.GetUser(u.ID)))
		same(t, "users", []collect.User{u}, must[[]collect.User](t)(tx.ListUsers()))
		same(t, "roles", []access.Role{{Name: "x", Rights: []access.Right{access.Submit, access.ReadForms}}}, must[[]access.Role](t)(tx.ListRoles()))
		_, _, err = tx.FindUser("nobody@example.org")
		is(t, "unknown user", err, fault.NotFound)
		user, expires, err := tx.GetSession([]byte("t2"))
		if err != nil || user != u.ID || !expires.Equal(day.Add(time.Hour)) {
			t.Errorf("session: %d until %v, %v", user, expires, err)
		}
		user, sealed, err := tx.FindPasskey([]byte("k1"))
		if err != nil || user != u.ID || !bytes.Equal(sealed, []byte("sealed")) {
			t.Errorf("passkey: %d, %v", user, err)
		}
		ids, _, err := tx.ListPasskeys(u.ID)
		same(t, "passkeys", [][]byte{[]byte("k1")}, ids)
		return err
	})
	write(t, s, func(tx collect.Tx) error {
		is(t, "dropping somebody else's passkey", tx.DropPasskey(u.ID+1, []byte("k1")), fault.NotFound)
		return tx.DropPasskey(u.ID, []byte("k1"))
	})
	read(t, s, func(tx collect.Tx) error {
		_, _, err := tx.FindPasskey([]byte("k1"))
		is(t, "a passkey that was dropped", err, fault.NotFound)
		return nil
	})
	write(t, s, func(tx collect.Tx) error {
		n, err := tx.DropSessions(0, day.Add(time.Second))
		if n != 1 {
			t.Errorf("%d expired sessions were dropped, want 1", n)
		}
		return errors.Join(err, tx.DropSession([]byte("t2")))
	})
	write(t, s, func(tx collect.Tx) error {
		n, err := tx.DropSessions(u.ID, time.Time{})
		if n != 1 {
			t.Errorf("%d of a user's sessions were dropped, want 1", n)
		}
		return err
	})
	read(t, s, func(tx collect.Tx) error {
		_, _, err := tx.GetSession([]byte("t3"))
		is(t, "a session that was dropped", err, fault.NotFound)
		return nil
	})
	is(t, "dropping an unknown session", s.Write(ctx, func(tx collect.Tx) error { return tx.DropSession([]byte("t9")) }), fault.NotFound)
}

func devices(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	d := collect.Device{Project: p, Name: "tablet", Forms: []string{"arrivals"}, Team: "red", Site: "TD01", Digest: true, Created: day}
	link := collect.Device{Project: p, Name: "link", Web: true, Created: day}
	write(t, s, func(tx collect.Tx) (err error) {
		if d.ID, err = tx.AddDevice(d, []byte("hash 1"), "sealed ha1"); err != nil {
			return err
		}
		link.ID, err = tx.AddDevice(link, []byte("hash 2"), "")
		return err
	})
	is(t, "a token twice", s.Write(ctx, func(tx collect.Tx) error { _, err := tx.AddDevice(d, []byte("hash 1"), ""); return err }), fault.Conflict)
	read(t, s, func(tx collect.Tx) error {
		same(t, "device by token", d, must[collect.Device](t)(tx.FindDevice([]byte("hash 1"))))
		got, ha1, err := tx.FindDigest("tablet")
		same(t, "device by name", d, got)
		if err != nil || ha1 != "sealed ha1" {
			t.Errorf("ha1 %q, %v", ha1, err)
		}
		_, _, err = tx.FindDigest("link")
		is(t, "a device without Digest", err, fault.NotFound)
		_, err = tx.FindDevice([]byte("hash 3"))
		is(t, "unknown token", err, fault.NotFound)
		return nil
	})
	d.Revoked, d.LastUsed, d.Forms = true, day, nil
	again := d
	again.Revoked = false
	write(t, s, func(tx collect.Tx) (err error) {
		if err := tx.SetDevice(d); err != nil {
			return err
		}
		again.ID, err = tx.AddDevice(again, []byte("hash 4"), "new ha1")
		return err
	})
	read(t, s, func(tx collect.Tx) error {
		same(t, "devices", []collect.Device{d, link, again}, must[[]collect.Device](t)(tx.ListDevices(p)))
		if got, _, err := tx.FindDigest("tablet"); err != nil || got.ID != again.ID {
			t.Errorf("by name: %d, %v, want the one that is not revoked", got.ID, err)
		}
		return nil
	})
}

func openings(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	o := collect.Opening{ID: "o1", Project: p, Form: "arrivals", Instance: "uuid:1", Purpose: access.Purpose{Code: "referral"}, Asked: day, AskedBy: 1}
	write(t, s, func(tx collect.Tx) error { return tx.PutOpening(o, []byte("sealed note")) })
	o.Granted, o.GrantedBy, o.Ends = day.Add(time.Minute), 2, day.Add(time.Hour)
	write(t, s, func(tx collect.Tx) error { return tx.PutOpening(o, []byte("sealed note")) })
	read(t, s, func(tx collect.Tx) error {
		got, note, err := tx.GetOpening("o1")
		if err != nil || string(note) != "sealed note" {
			t.Errorf("note %q, %v", note, err)
		}
		same(t, "opening", o, got)
		same(t, "openings", []collect.Opening{o}, must[[]collect.Opening](t)(tx.ListOpenings(p)))
		_, _, err = tx.GetOpening("o2")
		is(t, "unknown", err, fault.NotFound)
		return nil
	})
}

func flags(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	f := collect.Flag{Project: p, Form: "arrivals", Instance: "uuid:1", Code: "flag.short-interview", Args: map[string]any{"minutes": 1.5, "limit": int64(5)}, Raised: day}
	g := collect.Flag{Project: p, Form: "camp", Instance: "uuid:2", Code: "flag.other", Raised: day}
	write(t, s, func(tx collect.Tx) (err error) {
		if f.ID, err = tx.AddFlag(f, nil); err != nil {
			return err
		}
		g.ID, err = tx.AddFlag(g, nil)
		return err
	})
	read(t, s, func(tx collect.Tx) error {
		same(t, "of a form", []collect.Flag{f}, must[[]collect.Flag](t)(tx.ListFlags(p, "arrivals", "")))
		same(t, "of every form", []collect.Flag{f, g}, must[[]collect.Flag](t)(tx.ListFlags(p, "", "")))
		return nil
	})
	f.Owner, f.Outcome, f.Closed = "user:1", "explained", day
	write(t, s, func(tx collect.Tx) error { return tx.SetFlag(f, []byte("sealed note")) })
	write(t, s, func(tx collect.Tx) error { return tx.SetFlag(f, nil) })
	read(t, s, func(tx collect.Tx) error {
		got, note, err := tx.GetFlag(f.ID)
		if err != nil || string(note) != "sealed note" {
			t.Errorf("note %q, %v", note, err)
		}
		same(t, "flag", f, got)
		same(t, "open ones", []collect.Flag(nil), must[[]collect.Flag](t)(tx.ListFlags(p, "arrivals", "")))
		same(t, "of a record, closed ones too", []collect.Flag{f}, must[[]collect.Flag](t)(tx.ListFlags(p, "arrivals", "uuid:1")))
		return nil
	})
}

func entities(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	l := collect.EntityList{Project: p, Name: "sites", Properties: []string{"pcode", "kind"}, Updated: day, Hash: "h"}
	write(t, s, func(tx collect.Tx) error { return tx.PutList(l) })
	const n = 700
	list := make([]collect.Entity, n)
	write(t, s, func(tx collect.Tx) error {
		for i := range list {
			list[i] = collect.Entity{ID: fmt.Sprintf("e%d", n-i), List: "sites", Label: "Site", Version: 1, Created: day, Updated: day, Source: "uuid:1", Deleted: i == 3}
			if err := tx.PutEntity(p, list[i], collect.EntityVersion{Version: 1, Label: "Site", At: day, Actor: "device:4", Source: "uuid:1"}, []byte("sealed data")); err != nil {
				return err
			}
		}
		return nil
	})
	e := list[0]
	e.Version, e.Label, e.Conflict, e.Updated = 2, "Camp", "hard", day.Add(time.Hour)
	v := collect.EntityVersion{Version: 2, Base: 1, Label: "Camp", Changed: []string{"kind"}, Conflict: "hard", Conflicting: []string{"kind"}, At: day.Add(time.Hour), Actor: "user:1"}
	write(t, s, func(tx collect.Tx) error { return tx.PutEntity(p, e, v, []byte("sealed two")) })
	list[0] = e
	read(t, s, func(tx collect.Tx) error {
		got, sealed, err := tx.GetEntity(p, "sites", e.ID)
		if err != nil || string(sealed) != "sealed two" {
			t.Errorf("data %q, %v", sealed, err)
		}
		same(t, "entity", e, got)
		l.Count, l.Conflicts = n-1, 1
		same(t, "list", l, must[collect.EntityList](t)(tx.GetList(p, "sites")))
		same(t, "lists", []collect.EntityList{l}, must[[]collect.EntityList](t)(tx.ListLists(p)))
		for _, deleted := range []bool{false, true} {
			var want, have []string
			for _, e := range list {
				if e.Deleted == deleted {
					want = append(want, e.ID)
				}
			}
			for e, err := range tx.EachEntity(p, "sites", deleted) {
				if err != nil {
					return err
				}
				have = append(have, e.ID)
			}
			same(t, "in the order they were made", want, have)
		}
		vs, data, err := tx.ListEntityVersions(p, "sites", e.ID)
		if err != nil || len(vs) != 2 || string(data[0]) != "sealed two" || string(data[1]) != "sealed data" {
			t.Fatalf("versions: %v, %v", vs, err)
		}
		same(t, "version", v, vs[0])
		_, _, err = tx.GetEntity(p, "sites", "none")
		is(t, "unknown entity", err, fault.NotFound)
		_, err = tx.GetList(p, "none")
		is(t, "unknown list", err, fault.NotFound)
		return nil
	})
	b := collect.Backlog{Project: p, List: "sites", Entity: "e1", Branch: "b", Base: 2, Record: 1, At: day, Update: []byte("sealed")}
	old := collect.Backlog{Project: p, List: "sites", Entity: "e2", Branch: "b", Base: 1, Record: 1, At: day.Add(-time.Hour)}
	write(t, s, func(tx collect.Tx) error { return errors.Join(tx.AddBacklog(p, b), tx.AddBacklog(p, old)) })
	write(t, s, func(tx collect.Tx) error {
		same(t, "another base", []collect.Backlog(nil), must[[]collect.Backlog](t)(tx.TakeBacklog(p, "e1", "b", 1)))
		same(t, "what waits", []collect.Backlog{b}, must[[]collect.Backlog](t)(tx.TakeBacklog(p, "e1", "b", 2)))
		same(t, "taken once", []collect.Backlog(nil), must[[]collect.Backlog](t)(tx.TakeBacklog(p, "e1", "b", 2)))
		same(t, "old ones", []collect.Backlog{old}, must[[]collect.Backlog](t)(tx.TakeOldBacklog(day)))
		return nil
	})
}

func hooks(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	h := collect.Hook{Project: p, URL: "https://example.org/hook", Events: []string{"record.accepted"}, Created: day}
	write(t, s, func(tx collect.Tx) (err error) { h.ID, err = tx.AddHook(h, []byte("sealed")); return err })
	d := collect.Delivery{Hook: h.ID, Event: "record.accepted", At: day, Next: day}
	later := collect.Delivery{Hook: h.ID, Event: "record.accepted", At: day, Next: day.Add(time.Hour)}
	write(t, s, func(tx collect.Tx) error {
		return errors.Join(tx.AddDelivery(later, []byte("{}")), tx.AddDelivery(d, []byte(`{"a":1}`)))
	})
	read(t, s, func(tx collect.Tx) error {
		hooks, sealed, err := tx.ListHooks(p)
		same(t, "hooks", []collect.Hook{h}, hooks)
		if err != nil || string(sealed[0]) != "sealed" {
			t.Errorf("secret %q, %v", sealed, err)
		}
		due, bodies, err := tx.DueDeliveries(day, 10)
		if err != nil || len(due) != 1 || string(bodies[0]) != `{"a":1}` {
			t.Fatalf("due: %v, %v", due, err)
		}
		d.ID = due[0].ID
		same(t, "delivery", d, due[0])
		return nil
	})
	d.Attempts, d.Status, d.Done = 1, 200, true
	write(t, s, func(tx collect.Tx) error { return tx.SetDelivery(d) })
	read(t, s, func(tx collect.Tx) error {
		if due, _, err := tx.DueDeliveries(day, 10); err != nil || len(due) != 0 {
			t.Errorf("still due: %v, %v", due, err)
		}
		if l := must[[]collect.Delivery](t)(tx.ListDeliveries(p, h.ID, 10)); len(l) != 2 || l[0] != d {
			t.Errorf("deliveries: %v", l)
		}
		return nil
	})
	is(t, "dropping another project's hook", s.Write(ctx, func(tx collect.Tx) error { return tx.DropHook(p+1, h.ID) }), fault.NotFound)
	write(t, s, func(tx collect.Tx) error { return tx.DropHook(p, h.ID) })
}

// verified walks the chain and gives its head.
func verified(t testing.TB, s collect.Store, recorded ...audit.Head) audit.Head {
	t.Helper()
	var h audit.Head
	read(t, s, func(tx collect.Tx) (err error) {
		h, err = audit.Verify(ChainKey, tx.EachLink(), recorded...)
		return err
	})
	return h
}

func trail(t *testing.T, s collect.Store) {
	zone := time.FixedZone("", 7200)
	write(t, s, func(tx collect.Tx) error {
		return errors.Join(
			tx.Append(audit.Entry{At: day.In(zone), Actor: "user:1", Act: "form.publish", Project: 1, Object: "form:arrivals", Detail: map[string]string{"version": "1"}}),
			tx.Append(audit.Entry{At: day, Actor: "device:4", Act: "record.accept", Project: 1, Object: "record:uuid:1", Detail: map[string]string{}}),
			tx.Append(audit.Entry{Actor: "user:2", Act: "restricted_read", Project: 2, Purpose: "referral"}))
	})
	first := verified(t, s)
	if first.Number != 3 {
		t.Fatalf("the chain stands at %d", first.Number)
	}
	write(t, s, func(tx collect.Tx) error { return tx.Append(audit.Entry{At: day, Actor: "system", Act: "form.close"}) })
	verified(t, s, first)
	read(t, s, func(tx collect.Tx) error {
		for _, c := range []struct {
			name string
			q    collect.AuditQuery
			want []int64
		}{
			{"all, newest first", collect.AuditQuery{}, []int64{4, 3, 2, 1}},
			{"of a project", collect.AuditQuery{Project: 1}, []int64{2, 1}},
			{"of an actor", collect.AuditQuery{Actor: "user:2"}, []int64{3}},
			{"of an object", collect.AuditQuery{Object: "record:uuid:1"}, []int64{2}},
			{"by the beginning of the act", collect.AuditQuery{Act: "form."}, []int64{4, 1}},
			{"a beginning with a letter that means any", collect.AuditQuery{Act: "restricted_"}, []int64{3}},
			{"no act begins so", collect.AuditQuery{Act: "form_"}, nil},
			{"before", collect.AuditQuery{Before: 3, Limit: 1}, []int64{2}},
		} {
			var got []int64
			for _, l := range must[[]audit.Link](t)(tx.ListAudit(c.q)) {
				got = append(got, l.Number)
			}
			same(t, c.name, c.want, got)
		}
		return nil
	})
}

func noTrace(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	refused := errors.New("refused")
	err := s.Write(ctx, func(tx collect.Tx) error {
		if _, err := tx.AddRecord(stored(p, v, "uuid:1")); err != nil {
			return err
		}
		return errors.Join(tx.Append(audit.Entry{Act: "record.accept"}), tx.SetSetting("k", []byte("v")), refused)
	})
	is(t, "the function's own error", err, refused)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	is(t, "a caller that has gone", s.Write(gone, func(collect.Tx) error { t.Error("it ran all the same"); return nil }), context.Canceled)
	read(t, s, func(tx collect.Tx) error {
		_, err := tx.GetRecord(p, "arrivals", "uuid:1", collect.Published)
		is(t, "its record", err, fault.NotFound)
		_, err = tx.Setting("k")
		is(t, "its setting", err, fault.NotFound)
		return nil
	})
	if h := verified(t, s); h.Number != 0 {
		t.Errorf("its audit entry stays: %d", h.Number)
	}
	if err := s.Read(ctx, func(tx collect.Tx) error { return tx.SetSetting("k", nil) }); err == nil {
		t.Error("a write within Read is done")
	}
	// A conflict leaves the transaction usable: what cannot be a record goes to quarantine in the same write.
	write(t, s, func(tx collect.Tx) error { _, err := tx.AddRecord(stored(p, v, "uuid:1")); return err })
	write(t, s, func(tx collect.Tx) error {
		_, err := tx.AddRecord(stored(p, v, "uuid:1"))
		is(t, "taken", err, fault.Conflict)
		_, err = tx.AddQuarantined(collect.Quarantined{Project: p, Reason: "collect.clash", At: day}, nil)
		return err
	})
}

// sharedCommits has many writers at once, some of which fail: each keeps or loses its own, and the chain holds.
func sharedCommits(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	refused := errors.New("refused")
	const writers, each = 12, 15
	var wait sync.WaitGroup
	for w := range writers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := range each {
				err := s.Write(ctx, func(tx collect.Tx) error {
					seq, err := tx.AddRecord(stored(p, v, fmt.Sprintf("uuid:%d-%d", w, i)))
					if err != nil {
						return err
					}
					path := fmt.Sprintf("table %d", i%4) // made by whoever comes first, who may fail
					if err := errors.Join(tx.PutRows(seq, []collect.StoredRow{{Version: v, Path: path}}), tx.Append(audit.Entry{At: day, Act: "record.accept", Object: fmt.Sprint(w, " ", i)})); err != nil {
						return err
					}
					if i%3 == 0 {
						return refused
					}
					return nil
				})
				if want := i%3 == 0; errors.Is(err, refused) != want || !want && err != nil {
					t.Errorf("writer %d, %d: %v", w, i, err)
				}
			}
		}()
	}
	wait.Wait()
	const kept = writers * each * 2 / 3
	read(t, s, func(tx collect.Tx) error {
		q := collect.Query{Project: p, Form: "arrivals"}
		rows := 0
		for i := range 4 {
			rows += len(rowKeys(t, tx, q, fmt.Sprintf("table %d", i)))
		}
		if n := must[int](t)(tx.CountRecords(q)); n != kept || rows != kept {
			t.Errorf("%d records and %d rows were kept, want %d", n, rows, kept)
		}
		return nil
	})
	if h := verified(t, s); h.Number != kept {
		t.Errorf("%d audit entries, want %d", h.Number, kept)
	}
}

// oneOfFifty sends one record fifty times at once: it is kept once, and every other one is told.
func oneOfFifty(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	errs := make([]error, 50)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Add(1)
		go func() {
			defer wait.Done()
			errs[i] = s.Write(ctx, func(tx collect.Tx) error {
				_, err := tx.AddRecord(stored(p, v, "uuid:1"))
				return err
			})
		}()
	}
	wait.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
		} else {
			is(t, "one of the others", err, fault.Conflict)
		}
	}
	read(t, s, func(tx collect.Tx) error {
		if n := must[int](t)(tx.CountRecords(collect.Query{Project: p, Form: "arrivals"})); n != 1 || kept != 1 {
			t.Errorf("%d records, %d told that it was kept", n, kept)
		}
		return nil
	})
}

// oneState reads while others write: what is read does not move, and nobody waits.
func oneState(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	q := collect.Query{Project: p, Form: "arrivals"}
	write(t, s, func(tx collect.Tx) error { _, err := tx.AddRecord(stored(p, v, "uuid:1")); return err })
	read(t, s, func(tx collect.Tx) error {
		before := must[int](t)(tx.CountRecords(q))
		write(t, s, func(tx collect.Tx) error { _, err := tx.AddRecord(stored(p, v, "uuid:2")); return err })
		if n := must[int](t)(tx.CountRecords(q)); n != before {
			t.Errorf("%d records, then %d in one reading", before, n)
		}
		return nil
	})
	read(t, s, func(tx collect.Tx) error {
		if n := must[int](t)(tx.CountRecords(q)); n != 2 {
			t.Errorf("%d records after", n)
		}
		return nil
	})
}

func panics(t *testing.T, s collect.Store) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic is swallowed")
			}
		}()
		_ = s.Write(ctx, func(tx collect.Tx) error {
			_ = tx.SetSetting("k", []byte("v"))
			panic("a mistake of ours")
		})
	}()
	write(t, s, func(tx collect.Tx) error {
		_, err := tx.Setting("k")
		is(t, "what was written before the panic", err, fault.NotFound)
		return nil
	})
	func() {
		defer func() { _ = recover() }()
		_ = s.Read(ctx, func(collect.Tx) error { panic("another") })
	}()
	for range 20 {
		read(t, s, func(collect.Tx) error { return nil }) // no reader is lost
	}
}

// askWhileReading asks other questions between two rows, as a desk does.
func askWhileReading(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	write(t, s, func(tx collect.Tx) error {
		for i := range 3 {
			seq, err := tx.AddRecord(stored(p, v, fmt.Sprintf("uuid:%d", i)))
			if err != nil {
				return err
			}
			if err := tx.PutRows(seq, []collect.StoredRow{{Version: v, Plain: []byte("x")}}); err != nil {
				return err
			}
		}
		return nil
	})
	write(t, s, func(tx collect.Tx) error {
		for r, err := range tx.EachRow(collect.Query{Project: p, Form: "arrivals"}, "") {
			if err != nil {
				return err
			}
			if _, err := tx.RecordBody(r.Row.Record, ""); err != nil {
				return err
			}
			if err := tx.AddComment(r.Row.Record, day, "system", []byte("c")); err != nil {
				return err
			}
		}
		return nil
	})
}

// oddText keeps what phones may send: letters of every script, and bytes that are no text are mended, not refused.
func oddText(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	for i, name := range []string{"صورة.jpg", "é\u0301.jpg", "a'b\"c\\d.jpg", "😀.jpg", "\xff\xfe.jpg", "nul\x00.jpg", ""} {
		var seq int64
		write(t, s, func(tx collect.Tx) (err error) {
			if seq, err = tx.AddRecord(stored(p, v, fmt.Sprintf("uuid:%d", i))); err != nil {
				return err
			}
			return tx.PutAttachment(seq, collect.Attachment{Name: name})
		})
		read(t, s, func(tx collect.Tx) error {
			if a := must[[]collect.Attachment](t)(tx.ListAttachments(seq)); len(a) != 1 || i < 4 && a[0].Name != name {
				t.Errorf("name %d: %+v", i, a)
			}
			return nil
		})
	}
}
