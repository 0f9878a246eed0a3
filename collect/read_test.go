package collect_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/trust/access"
)

// keys gives the keys of rows that an actor is given.
func (h *house) keysOf(by access.Actor, q collect.Query) (out []string) {
	h.t.Helper()
	q.Project, q.Form = h.project, "arrivals"
	for row, err := range h.Rows(ctx, by, q) {
		h.must(err)
		out = append(out, row.Key)
	}
	return out
}

// three records from two phones of two teams.
func (h *house) three() {
	h.t.Helper()
	h.taken(record("uuid:1", "", "1", answers{"site": "s1", "people": "3", "place": "x", "held": "y"}, answers{"age": "4"}, answers{"age": "5"}))
	h.clock.pass(time.Hour)
	south, _, _ := h.addPhone(collect.Device{Project: h.project, Name: "Phone 2", Team: "south"})
	_, err := h.Accept(ctx, south, collect.Sent{Project: h.project, Raw: record("uuid:2", "", "1", answers{"site": "s2", "people": "12"}, answers{"age": "6"})})
	h.must(err)
	h.clock.pass(time.Hour)
	h.taken(record("uuid:3", "", "1", answers{"people": ""}))
}

func TestFilters(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.three()
	h.must(h.SetReview(ctx, h.manager, h.project, "arrivals", "uuid:2", collect.Approved, ""))
	for _, c := range []struct {
		where string
		want  []string
	}{
		{"people >= 3", []string{"uuid:1", "uuid:2"}},
		{"people > 3", []string{"uuid:2"}},
		{"not people > 3", []string{"uuid:1"}},
		{"people is missing", []string{"uuid:3"}},
		{"people is present and site = 's1'", []string{"uuid:1"}},
		{"site in ('s1', 's2') or people is missing", []string{"uuid:1", "uuid:2", "uuid:3"}},
		{"site != 's1'", []string{"uuid:2"}},
		{"people = 3.0", []string{"uuid:1"}},
		{"__review = 'approved'", []string{"uuid:2"}},
		{"__team = 'north'", []string{"uuid:1", "uuid:3"}},
		{"__received > '2026-03-02T09:30:00Z'", []string{"uuid:2", "uuid:3"}},
		{"__site = 's2' or __flags > 5", []string{"uuid:2"}},
		{"", []string{"uuid:1", "uuid:2", "uuid:3"}},
	} {
		if d := cmp.Diff(c.want, h.keysOf(h.viewer, collect.Query{Where: c.where})); d != "" {
			t.Errorf("%s: %s", c.where, d)
		}
		n, err := h.CountRecords(ctx, h.viewer, collect.Query{Project: h.project, Form: "arrivals", Where: c.where})
		if err != nil || n != len(c.want) {
			t.Errorf("%s: counted %d, %v", c.where, n, err)
		}
	}
	if d := cmp.Diff([]string{"uuid:2/person[1]"}, h.keysOf(h.viewer, collect.Query{Where: "people > 3", Table: "Submissions.person"})); d != "" {
		t.Error(d)
	}
	for where, want := range map[string]error{"place = 'x'": fault.Forbidden, "held = 'y'": fault.Forbidden, "point is missing": fault.Forbidden, "nothing = 1": fault.NotFound,
		"people = 'x' and place is present": fault.Forbidden, "site > 3": fault.Invalid, "people >": fault.Invalid} {
		for _, by := range []access.Actor{h.viewer, h.manager, h.officer} {
			if _, err := h.CountRecords(ctx, by, collect.Query{Project: h.project, Form: "arrivals", Where: where, Restricted: by.ID != h.viewer.ID}); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", where, err, want)
			}
		}
	}
}

// Pages by place in the order give every row once, whichever way.
func TestPages(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	for i := range 7 {
		h.taken(record(fmt.Sprintf("uuid:%d", i), "", "1", answers{"people": fmt.Sprint(i)}, answers{"age": "1"}, answers{"age": "2"}, answers{"age": "3"}))
	}
	for _, where := range []string{"", "people is present"} {
		for _, newest := range []bool{false, true} {
			all := h.keysOf(h.viewer, collect.Query{Table: "Submissions.person", Newest: newest, Where: where})
			if len(all) != 21 {
				t.Fatalf("%d rows", len(all))
			}
			var pages []string
			q := collect.Query{Project: h.project, Form: "arrivals", Table: "Submissions.person", Limit: 4, Newest: newest, Where: where}
			for {
				n := 0
				for row, err := range h.Rows(ctx, h.viewer, q) {
					h.must(err)
					pages = append(pages, row.Key)
					q.After, q.AfterRow = row.Record.Seq, row.Index+1
					n++
				}
				if n < 4 {
					break
				}
			}
			if d := cmp.Diff(all, pages); d != "" {
				t.Errorf("%q, newest %v: %s", where, newest, d)
			}
			if d := cmp.Diff(all[5:8], h.keysOf(h.viewer, collect.Query{Table: "Submissions.person", Skip: 5, Limit: 3, Newest: newest, Where: where})); d != "" {
				t.Errorf("%q, newest %v: %s", where, newest, d)
			}
		}
	}
}

// Who reaches a site or a team meets nothing of the others on any path.
func TestScopes(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.three()
	for _, c := range []struct {
		name  string
		scope access.Scope
		want  []string
	}{
		{"a team", access.Scope{Teams: []string{"south"}}, []string{"uuid:2"}},
		{"a site", access.Scope{Sites: []string{"s1"}}, []string{"uuid:1"}},
		{"a site and a team that do not meet", access.Scope{Sites: []string{"s1"}, Teams: []string{"south"}}, nil},
		{"nothing that is there", access.Scope{Sites: []string{"s9"}}, nil},
	} {
		c.scope.Project = h.project
		by := h.user("reviewer", c.scope)
		if d := cmp.Diff(c.want, h.keysOf(by, collect.Query{})); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		n, err := h.CountRecords(ctx, by, collect.Query{Project: h.project, Form: "arrivals"})
		if err != nil || n != len(c.want) {
			t.Errorf("%s: counted %d, %v", c.name, n, err)
		}
		for _, id := range []string{"uuid:1", "uuid:2", "uuid:3"} {
			_, err := h.Record(ctx, by, h.project, "arrivals", id, collect.Published)
			if (err == nil) != slices.Contains(c.want, id) {
				t.Errorf("%s: %s %v", c.name, id, err)
			}
			err = h.SetReview(ctx, by, h.project, "arrivals", id, collect.Approved, "")
			if (err == nil) != slices.Contains(c.want, id) {
				t.Errorf("%s: review of %s %v", c.name, id, err)
			}
		}
		if d := cmp.Diff(c.want, h.keysOf(by, collect.Query{Sites: []string{"s1", "s2", ""}})); d != "" && c.name == "a team" {
			t.Errorf("%s asks for sites: %s", c.name, d)
		}
	}
	both := h.user("viewer", access.Scope{Project: h.project, Teams: []string{"south"}})
	both.Rights = append(both.Rights, access.Held{Right: access.ReadRecords, Scope: access.Scope{Project: h.project, Sites: []string{"s1"}}})
	if d := cmp.Diff([]string{"uuid:1", "uuid:2"}, h.keysOf(both, collect.Query{})); d != "" {
		t.Errorf("two grants: %s", d)
	}
	if d := cmp.Diff([]string{"uuid:2"}, h.keysOf(both, collect.Query{Skip: 1, Limit: 1})); d != "" {
		t.Errorf("two grants, a page: %s", d)
	}
}

// Rows of an older version stand in the columns of the newest; what it did not ask is not asked.
func TestVersionsMerge(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.taken(record("uuid:1", "", "1", answers{"people": "3", "site": "s1"}))
	two := strings.Replace(arrivals, "|        | integer           | people   | How many people?               |          |",
		"|        | integer | rooms | Rooms | |\n|        | integer           | people   | How many people?               |          |", 1)
	two = strings.Replace(two, "| arrivals | 1 ", "| arrivals | 2 ", 1)
	h.publish(two)
	raw := strings.Replace(string(record("uuid:2", "", "2", answers{"people": "4"})), "<people>", "<rooms>2</rooms><people>", 1)
	h.taken([]byte(raw))
	var have []string
	q := collect.Query{Project: h.project, Form: "arrivals", Columns: []string{"rooms", "people"}}
	for row, err := range h.Rows(ctx, h.viewer, q) {
		h.must(err)
		have = append(have, fmt.Sprintf("%s %s%s %s", row.Key, row.Cells[0].Text, row.Cells[0].Missing, row.Cells[1].Text))
	}
	if d := cmp.Diff([]string{"uuid:1 not_asked 3", "uuid:2 2 4"}, have); d != "" {
		t.Error(d)
	}
	three := strings.Replace(strings.Replace(two, "| integer | rooms |", "| text | rooms |", 1), "| arrivals | 2 ", "| arrivals | 3 ", 1)
	if _, err := h.UploadForm(ctx, h.manager, h.project, "form.md", []byte(three)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Publish(ctx, h.manager, h.project, "arrivals", ""); !errors.Is(err, fault.Conflict) || fault.Of(err)[0].Code != collect.CodeTypeChanged {
		t.Errorf("a question changes its type: %v", err)
	}
	if _, err := h.UploadForm(ctx, h.manager, h.project, "form.md", []byte(strings.Replace(two, "Rooms", "How many rooms", 1))); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Publish(ctx, h.manager, h.project, "arrivals", ""); !errors.Is(err, fault.Conflict) || fault.Of(err)[0].Code != collect.CodeVersionTaken {
		t.Errorf("a version is published twice: %v", err)
	}
	v, err := h.Publish(ctx, h.manager, h.project, "arrivals", "three")
	if err != nil || v.Version != "three" || !strings.Contains(string(v.XML), `version="three"`) {
		t.Errorf("%s, %v", v.Version, err)
	}
}

// A study is given public and internal columns of records that count.
func TestSource(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.three()
	h.must(h.SetReview(ctx, h.manager, h.project, "arrivals", "uuid:2", collect.Rejected, ""))
	src, err := h.Source(ctx, h.viewer, h.project, "arrivals", "")
	h.must(err)
	s, err := src.Schema(ctx)
	h.must(err)
	var names []string
	for _, f := range s.Fields {
		names = append(names, f.Name)
		if f.Class > dataset.Internal {
			t.Errorf("%s is %s", f.Name, f.Class)
		}
	}
	if d := cmp.Diff([]string{"start", "end", "site", "people", "KEY"}, names); d != "" || s.Rows != 2 {
		t.Errorf("%d rows, %s", s.Rows, d)
	}
	people, err := h.Source(ctx, h.viewer, h.project, "arrivals", "Submissions.person")
	h.must(err)
	tally, err := people.Columns(ctx, []string{"person/age", "PARENT_KEY"}, dataset.Filter{})
	if err != nil || tally.Rows() != 2 || tally.Columns[0].Number(1) != 5 || tally.Columns[1].Text(0) != "uuid:1" {
		t.Errorf("%v, %v", tally, err)
	}
	training, err := h.AddProject(ctx, h.manager, collect.Project{Name: "Training", Training: true})
	h.must(err)
	if _, err := h.UploadForm(ctx, h.manager, training.ID, "form.md", []byte(arrivals)); err != nil {
		t.Fatal(err)
	}
	_, err = h.Publish(ctx, h.manager, training.ID, "arrivals", "")
	h.must(err)
	if _, err := h.Source(ctx, h.manager, training.ID, "arrivals", ""); !errors.Is(err, fault.Forbidden) {
		t.Errorf("records of a training project are data: %v", err)
	}
}

// Cells that may not be seen are sealed, not empty; the same cells are given to who may see them.
func TestMasks(t *testing.T) {
	h := newHouse(t)
	h.publish(arrivals)
	h.taken(record("uuid:1", "", "1", answers{"place": "By the river", "held": "y", "people": "3"}))
	q := collect.Query{Project: h.project, Form: "arrivals", Columns: []string{"place", "held", "people", "point"}}
	see := func(by access.Actor, q collect.Query) (out []string) {
		for row, err := range h.Rows(ctx, by, q) {
			h.must(err)
			for _, c := range row.Cells {
				out = append(out, fmt.Sprintf("%s%s%v", c.Text, c.Missing, c.Sealed))
			}
		}
		return out
	}
	if d := cmp.Diff([]string{"true", "true", "3false", "true"}, see(h.manager, q)); d != "" {
		t.Error(d)
	}
	q.Restricted = true
	if d := cmp.Diff([]string{"By the riverfalse", "true", "3false", "true"}, see(h.manager, q)); d != "" {
		t.Error(d)
	}
	for row, err := range h.Rows(ctx, h.viewer, q) {
		if !errors.Is(err, fault.Forbidden) {
			t.Errorf("%+v, %v", row, err)
		}
	}
	log, err := h.Audit(ctx, h.admin, collect.AuditQuery{Project: h.project, Act: "restricted.read"})
	if err != nil || len(log) != 1 {
		t.Errorf("%d entries, %v", len(log), err)
	}
}
