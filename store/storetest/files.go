package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"waymark/collect"
)

// files asks for the files of many records, over more than one page, from both ends and from within.
func files(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	const many = 700 // records, of which every third has two files and one none
	var all []int64
	write(t, s, func(tx collect.Tx) error {
		all = all[:0]
		for i := range many {
			r := stored(p, v, fmt.Sprintf("uuid:%d", i))
			r.Deleted = i == 5
			seq, err := tx.AddRecord(r)
			if err != nil {
				return err
			}
			all = append(all, seq)
			for k := range i % 3 {
				if err := tx.PutAttachment(seq, collect.Attachment{Name: fmt.Sprintf("%d é.jpg", k), Type: "image/jpeg", Expected: k == 0, Digest: "d", Size: 3, Strict: true, Later: k}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	listed := func(tx collect.Tx, q collect.Query) (out []string) {
		q.Project, q.Form = p, "arrivals"
		for f, err := range tx.EachFile(q) {
			if err != nil {
				t.Fatal(err)
			}
			if f.Type != "image/jpeg" || !f.Strict || f.Digest != "d" || f.Size != 3 || f.Expected != (f.Name == "0 é.jpg") {
				t.Errorf("%+v", f)
			}
			out = append(out, fmt.Sprintf("%d %s", slices.Index(all, f.Record), f.Name))
		}
		return out
	}
	var want []string
	for i := range many {
		for k := range i % 3 {
			if i != 5 {
				want = append(want, fmt.Sprintf("%d %d é.jpg", i, k))
			}
		}
	}
	read(t, s, func(tx collect.Tx) error {
		same(t, "all files", want, listed(tx, collect.Query{}))
		same(t, "files behind a record", want[slices.Index(want, "302 0 é.jpg"):], listed(tx, collect.Query{After: all[301]}))
		same(t, "files of one record", []string{"8 0 é.jpg", "8 1 é.jpg"}, listed(tx, collect.Query{Instance: "uuid:8"}))
		same(t, "files of no record", []string(nil), listed(tx, collect.Query{Instance: "uuid:none"}))
		same(t, "files of deleted records", []string{"5 0 é.jpg", "5 1 é.jpg"}, listed(tx, collect.Query{Deleted: true}))
		newest := listed(tx, collect.Query{Newest: true})
		if len(newest) != len(want) || newest[0] != "698 0 é.jpg" || newest[1] != "698 1 é.jpg" || newest[2] != "697 0 é.jpg" {
			t.Errorf("newest first: %d, beginning %v", len(newest), newest[:3])
		}
		for range tx.EachFile(collect.Query{Project: p, Form: "arrivals"}) {
			break // a reader may want no more
		}
		return nil
	})
}

// lastUpdate asks when the records of a form changed last.
func lastUpdate(t *testing.T, s collect.Store) {
	p, v := project(t, s, "u")
	q := collect.Query{Project: p, Form: "arrivals"}
	read(t, s, func(tx collect.Tx) error {
		if at, err := tx.LastUpdate(q); err != nil || !at.IsZero() {
			t.Errorf("without records: %s, %v", at, err)
		}
		return nil
	})
	a, b := stored(p, v, "uuid:a"), stored(p, v, "uuid:b")
	b.Updated = day
	a.Updated = day.AddDate(0, 0, 1)
	write(t, s, func(tx collect.Tx) error {
		_, e1 := tx.AddRecord(a)
		_, e2 := tx.AddRecord(b)
		return errors.Join(e1, e2)
	})
	read(t, s, func(tx collect.Tx) error {
		if at, err := tx.LastUpdate(q); err != nil || !at.Equal(a.Updated) {
			t.Errorf("%s, %v", at, err)
		}
		other := q
		other.Form = "other"
		if at, err := tx.LastUpdate(other); err != nil || !at.IsZero() {
			t.Errorf("of another form: %s, %v", at, err)
		}
		return nil
	})
}
