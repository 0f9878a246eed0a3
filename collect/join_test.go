package collect_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"waymark/collect"
	"waymark/store/blob"
	"waymark/store/sqlite"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// laptop gives a second desk with keys of its own, over an empty store.
func laptop(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}, keys: seal.NewMaster().Keys()}
	store, err := sqlite.Open(ctx, h.dir+"/waymark.db", h.keys.Subkey("sqlite"), collect.ChainKey(h.keys))
	h.must(err)
	t.Cleanup(func() { store.Close() })
	blobs, err := blob.Open(h.dir + "/blobs")
	h.must(err)
	h.store = store
	h.Desk, err = collect.New(collect.Options{Store: store, Blobs: blobs, Keys: h.keys, Now: h.clock.Now})
	h.must(err)
	return h
}

var machine = access.Actor{Kind: access.System}

// everything is what two stores must agree on after a join.
func (h *house) everything(project int64, door string) (out []string) {
	h.t.Helper()
	for _, table := range []string{"Submissions", "Submissions.person"} {
		for row, err := range h.Rows(ctx, h.officer, collect.Query{Project: project, Form: "arrivals", Table: table, Opening: door}) {
			h.must(err)
			line := []string{row.Key, row.Parent, row.Record.Version, string(row.Record.Review), row.Record.Received.UTC().Format(time.RFC3339)}
			for _, c := range row.Cells {
				line = append(line, c.Text+c.Missing.String())
			}
			out = append(out, strings.Join(line, "|"))
		}
	}
	return out
}

// A laptop that was away brings its records home: none is lost, none comes twice, and what clashes is held.
func TestJoin(t *testing.T) {
	away := newHouse(t)
	away.publish(arrivals)
	away.mayEdit()
	away.taken(record("uuid:1", "", "1", answers{"people": "3", "place": "By the river", "photo": "a.jpg"}, answers{"age": "4", "nick": "Kay"}), away.file("a.jpg", "a picture"), away.file("b.bin", "aside"))
	away.taken(record("uuid:1", "", "1", answers{"people": "3", "place": "By the river", "photo": "a.jpg"}, answers{"age": "4", "nick": "Kay"}), away.file("a.jpg", "another picture"))
	away.clock.pass(time.Minute)
	away.taken(record("uuid:2", "", "1", answers{"people": "5"}))
	away.taken(record("uuid:2b", "uuid:2", "1", answers{"people": "6"}))
	away.refused(record("uuid:2", "", "1", answers{"people": "99"}))
	away.must(away.SetReview(ctx, away.manager, away.project, "arrivals", "uuid:1", collect.Approved, "looks right"))

	home := laptop(t)
	done, err := home.Join(ctx, machine, away.Desk)
	home.must(err)
	if d := cmp.Diff(collect.Joined{Projects: 1, Forms: 1, Versions: 1, Records: 2, Quarantined: 1, Attachments: 2, Users: 5}, done, cmpopts.IgnoreFields(collect.Joined{}, "Issues")); d != "" {
		t.Error(d)
	}
	projects, err := home.Projects(ctx, machine)
	home.must(err)
	home.project = projects[0].ID
	home.officer, home.manager = home.user("officer", access.Scope{}), home.user("manager", access.Scope{Project: home.project})
	if d := cmp.Diff(away.everything(away.project, away.opening("arrivals", "")), home.everything(home.project, home.opening("arrivals", ""))); d != "" {
		t.Error(d)
	}
	raw, err := home.RawRecord(ctx, home.officer, home.project, "arrivals", "uuid:2", "uuid:2", "")
	if err == nil {
		t.Errorf("an earlier body is read without a door: %d bytes", len(raw))
	}
	comments, err := home.Comments(ctx, home.manager, home.project, "arrivals", "uuid:1")
	if err != nil || len(comments) != 1 || comments[0].Text != "looks right" {
		t.Errorf("%+v, %v", comments, err)
	}
	r, err := home.Record(ctx, home.manager, home.project, "arrivals", "uuid:1", collect.Published)
	home.must(err)
	if len(r.Attachments) != 2 || r.Attachments[0].Later != 1 || r.Attachments[0].Digest == "" {
		t.Errorf("%+v", r.Attachments)
	}

	// Again: nothing new.
	done, err = home.Join(ctx, machine, away.Desk)
	home.must(err)
	if d := cmp.Diff(collect.Joined{Present: 2}, done, cmpopts.IgnoreFields(collect.Joined{}, "Issues")); d != "" {
		t.Error(d)
	}

	// Both go on by themselves: an edit away is taken over, one on both sides is held.
	away.taken(record("uuid:2c", "uuid:2b", "1", answers{"people": "7"}))
	home.clock.pass(time.Hour)
	if _, err := home.Accept(ctx, home.manager, collect.Sent{Project: home.project, Raw: record("uuid:1c", "uuid:1", "1", answers{"people": "8"})}); err != nil {
		t.Fatal(err)
	}
	away.taken(record("uuid:1d", "uuid:1", "1", answers{"people": "9"}))
	done, err = home.Join(ctx, machine, away.Desk)
	home.must(err)
	if done.Records != 1 || done.Quarantined != 1 || done.Present != 0 {
		t.Errorf("%+v", done)
	}
	r, err = home.Record(ctx, home.manager, home.project, "arrivals", "uuid:2", collect.Published)
	home.must(err)
	versions, err := home.RecordVersions(ctx, home.manager, home.project, "arrivals", "uuid:2")
	if err != nil || r.Current != "uuid:2c" || len(versions) != 3 {
		t.Errorf("%+v, %d versions, %v", r, len(versions), err)
	}
	if _, err := home.VerifyAudit(ctx); err != nil {
		t.Error(err)
	}
	// Users of the other laptop open nothing here until somebody says so.
	users, err := home.Users(ctx, machine)
	home.must(err)
	for _, u := range users {
		if strings.HasPrefix(u.Email, "viewer-") && !u.Disabled {
			t.Errorf("%s may sign in", u.Name)
		}
	}
}
