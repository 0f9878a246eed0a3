package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/audit"
)

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
