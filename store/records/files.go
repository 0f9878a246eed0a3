package records

import (
	"database/sql"
	"errors"
	"iter"
	"time"

	"waymark/collect"
	"waymark/fault"
)

// EachFile goes through attachments and records in key order, a page at a time.
func (t *tx) EachFile(c collect.Query) iter.Seq2[collect.RecordFile, error] {
	return func(yield func(collect.RecordFile, error) bool) {
		var only int64
		if c.Instance != "" {
			seq, found, err := t.recordOf(c)
			if err != nil {
				yield(collect.RecordFile{}, err)
				return
			}
			if !found {
				return
			}
			only = seq
		}
		after, name := c.After, "" // of the last file given; "" before the first of the records behind
		for {
			q := fileQuestion(c, only, after, name)
			page, err := list(t, q.text.String(), q.args, func(rows *sql.Rows) (f collect.RecordFile, err error) {
				return f, rows.Scan(&f.Record, &f.Name, &f.Type, &f.Expected, &f.Digest, &f.Size, &f.Strict, &f.Later)
			})
			if err != nil {
				yield(collect.RecordFile{}, err)
				return
			}
			for _, f := range page {
				if !yield(f, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			after, name = page[len(page)-1].Record, page[len(page)-1].Name
		}
	}
}

func fileQuestion(c collect.Query, only, after int64, name string) *question {
	q := new(question)
	q.add(`SELECT a.record, a.name, a.type, a.expected, a.digest, a.size, a.strict, a.later FROM attachments a CROSS JOIN records x WHERE x.seq = a.record`)
	q.filters(c)
	if only > 0 {
		q.add(" AND a.record = ").with(only)
	}
	switch {
	case after > 0 && name == "" && c.Newest:
		q.add(" AND a.record < ").with(after)
	case after > 0 && name == "":
		q.add(" AND a.record > ").with(after)
	case after > 0 && c.Newest:
		q.add(" AND a.record <= ").with(after).add(" AND (a.record < ").with(after).add(" OR a.name > ").with(name).add(")")
	case after > 0:
		q.add(" AND (a.record, a.name) > (").with(after).add(", ").with(name).add(")")
	}
	if c.Newest {
		q.add(" ORDER BY a.record DESC, a.name")
	} else {
		q.add(" ORDER BY a.record, a.name")
	}
	q.add(" LIMIT ").with(pageSize)
	return q
}

func (t *tx) LastUpdate(c collect.Query) (at time.Time, err error) {
	q := new(question)
	q.add("SELECT x.updated FROM records x WHERE TRUE")
	q.filters(c)
	q.add(" ORDER BY x.updated DESC LIMIT 1") // the end of an index, where MAX would go through all of them
	err = t.one("last update", []any{clock{&at}}, q.text.String(), q.args...)
	if errors.Is(err, fault.NotFound) {
		return time.Time{}, nil
	}
	return at, err
}
