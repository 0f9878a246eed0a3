package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/audit"
)

// kept is a record in the model: a plain map of what a store should hold.
type kept struct {
	stored  collect.Stored
	bodies  map[string]string // by instance id of the version
	rows    map[string]int    // by path
	purged  bool
	comment int
}

// plain is a store of maps.
type plain struct {
	records map[int64]*kept
	ids     map[string]int64
	audits  int64
}

func (m *plain) clone() *plain {
	c := &plain{records: map[int64]*kept{}, ids: maps.Clone(m.ids), audits: m.audits}
	for seq, r := range m.records {
		k := *r
		k.bodies, k.rows = maps.Clone(r.bodies), maps.Clone(r.rows)
		c.records[seq] = &k
	}
	return c
}

// model does random writes, each of some steps and some of which fail, and compares the store with plain maps.
func model(t *testing.T, s collect.Store) {
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		p, v := project(t, s, fmt.Sprintf("model-%d", n))
		begin := verified(t, s).Number
		m := &plain{records: map[int64]*kept{}, ids: map[string]int64{}}
		for range rapid.IntRange(1, 8).Draw(r, "writes") {
			next := m.clone()
			fail := rapid.IntRange(0, 3).Draw(r, "fails") == 0
			refused := errors.New("refused")
			err := s.Write(ctx, func(tx collect.Tx) error {
				for range rapid.IntRange(1, 5).Draw(r, "steps") {
					if err := next.step(r, tx, p, v); err != nil {
						r.Fatalf("step: %v", err)
					}
				}
				if fail {
					return refused
				}
				return nil
			})
			if fail {
				if !errors.Is(err, refused) {
					r.Fatalf("got %v", err)
				}
				continue
			}
			if err != nil {
				r.Fatal(err)
			}
			m = next
		}
		read(t, s, func(tx collect.Tx) error { m.compare(r, tx, p); return nil })
		if h := verified(t, s); h.Number != begin+m.audits {
			r.Fatalf("%d audit entries, want %d", h.Number-begin, m.audits)
		}
	})
}

// step does one thing to store and model, and compares whether both take it.
func (m *plain) step(r *rapid.T, tx collect.Tx, p, v int64) error {
	id := fmt.Sprintf("uuid:%d", rapid.IntRange(0, 9).Draw(r, "id"))
	any := func() (int64, *kept) {
		if len(m.records) == 0 {
			return 0, nil
		}
		seq := rapid.SampledFrom(slices.Sorted(maps.Keys(m.records))).Draw(r, "record")
		return seq, m.records[seq]
	}
	switch rapid.SampledFrom([]string{"add", "add", "edit", "set", "rows", "purge", "comment", "audit"}).Draw(r, "step") {
	case "add":
		s := stored(p, v, id)
		s.Site = rapid.SampledFrom([]string{"", "A", "B"}).Draw(r, "site")
		seq, err := tx.AddRecord(s)
		if _, taken := m.ids[id]; taken {
			if !errors.Is(err, fault.Conflict) {
				r.Fatalf("taken id: %v", err)
			}
			return nil
		} else if err != nil {
			return err
		}
		s.Seq = seq
		m.ids[id] = seq
		m.records[seq] = &kept{stored: s, bodies: map[string]string{id: string(s.Body)}, rows: map[string]int{}}
	case "edit":
		seq, k := any()
		if k == nil {
			return nil
		}
		s := k.stored
		s.Current, s.Body, s.Edits, s.Review = id, fmt.Appendf(nil, "edit %d", len(k.bodies)), s.Edits+1, collect.Edited
		err := tx.AddRecordVersion(seq, s)
		switch _, taken := m.ids[id]; {
		case k.purged:
			if !errors.Is(err, fault.NotFound) {
				r.Fatalf("edit of a purged record: %v", err)
			}
		case taken && id != k.stored.Current:
			if !errors.Is(err, fault.Conflict) {
				r.Fatalf("taken id: %v", err)
			}
		case err != nil:
			return err
		default:
			m.ids[id], k.stored, k.bodies[id] = seq, s, string(s.Body)
		}
	case "set":
		_, k := any()
		if k == nil || k.purged {
			return nil
		}
		k.stored.Review = rapid.SampledFrom([]collect.Review{collect.Approved, collect.Rejected}).Draw(r, "review")
		k.stored.Deleted = rapid.Bool().Draw(r, "deleted")
		k.stored.Updated = day.Add(time.Duration(rapid.IntRange(0, 5).Draw(r, "hours")) * time.Hour)
		return tx.SetRecord(k.stored.Record)
	case "rows":
		seq, k := any()
		if k == nil || k.purged {
			return nil
		}
		var rows []collect.StoredRow
		clear(k.rows)
		for _, path := range []string{"", "person"} {
			c := rapid.IntRange(0, 45).Draw(r, "rows of "+path)
			for i := range c {
				rows = append(rows, collect.StoredRow{Version: v, Path: path, Position: i, Plain: []byte("x")})
			}
			k.rows[path] = c
		}
		return tx.PutRows(seq, rows)
	case "purge":
		seq, k := any()
		if k == nil {
			return nil
		}
		k.purged, k.stored.Deleted, k.comment = true, true, 0
		clear(k.bodies)
		clear(k.rows)
		return tx.PurgeRecord(seq)
	case "comment":
		seq, k := any()
		if k == nil || k.purged {
			return nil
		}
		k.comment++
		return tx.AddComment(seq, day, "user:1", []byte("c"))
	case "audit":
		m.audits++
		return tx.Append(audit.Entry{At: day, Act: "x", Detail: map[string]string{"n": fmt.Sprint(m.audits)}})
	}
	return nil
}

func (m *plain) compare(r *rapid.T, tx collect.Tx, p int64) {
	for id, seq := range m.ids {
		g, err := tx.GetRecord(p, "arrivals", id, collect.Published)
		if err != nil || g.Seq != seq {
			r.Fatalf("%s is record %d, %v, want %d", id, g.Seq, err, seq)
		}
		k := m.records[seq]
		if g.Review != k.stored.Review || g.Deleted != k.stored.Deleted || g.Current != k.stored.Current || g.Edits != k.stored.Edits || !g.Updated.Equal(k.stored.Updated) {
			r.Fatalf("record %d: %+v, want %+v", seq, g.Record, k.stored.Record)
		}
		body, err := tx.RecordBody(seq, id)
		if want, there := k.bodies[id]; there && (err != nil || string(body) != want) || !there && !errors.Is(err, fault.NotFound) {
			r.Fatalf("body %s: %q, %v, want %q", id, body, err, want)
		}
		if c, err := tx.ListComments(seq); err != nil || len(c) != k.comment {
			r.Fatalf("comments of %d: %d, %v, want %d", seq, len(c), err, k.comment)
		}
	}
	for _, deleted := range []bool{false, true} {
		q := collect.Query{Project: p, Form: "arrivals", Deleted: deleted}
		var want, got []int64
		for _, seq := range slices.Sorted(maps.Keys(m.records)) {
			if k := m.records[seq]; !k.purged && k.stored.Deleted == deleted {
				want = append(want, seq)
			}
		}
		for rec, err := range tx.EachRecord(q) {
			if err != nil {
				r.Fatal(err)
			}
			got = append(got, rec.Seq)
		}
		if !slices.Equal(want, got) {
			r.Fatalf("records %v, want %v", got, want)
		}
		for _, path := range []string{"", "person"} {
			var rows []rowKey
			for _, seq := range want {
				for i := range m.records[seq].rows[path] {
					rows = append(rows, rowKey{seq, i})
				}
			}
			var have []rowKey
			for row, err := range tx.EachRow(q, path) {
				if err != nil {
					r.Fatal(err)
				}
				have = append(have, rowKey{row.Row.Record, row.Row.Position})
			}
			if !slices.Equal(rows, have) {
				r.Fatalf("rows of %q: %v, want %v", path, have, rows)
			}
		}
	}
}
