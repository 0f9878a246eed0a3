package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
)

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
	write(t, s, func(tx collect.Tx) error { return tx.DropQuarantined(q.ID) })
	read(t, s, func(tx collect.Tx) error {
		same(t, "what is left", []collect.Quarantined{late}, must[[]collect.Quarantined](t)(tx.ListQuarantined(p)))
		for digest := range tx.Digests() {
			if digest != "q2" {
				t.Errorf("%s is still in use", digest)
			}
		}
		return nil
	})
}
