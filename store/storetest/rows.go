package storetest

import (
	"fmt"
	"slices"
	"testing"

	"waymark/collect"
	"waymark/fault"
)

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
