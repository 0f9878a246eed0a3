package odata

import (
	"context"
	"iter"

	"waymark/collect"
)

// child gives the rows of a repeat within the row that is written. It goes through the repeat's table beside the
// table around it: both are in the order of records.
type child struct {
	writer writer
	pull   func() (collect.Row, error, bool)
	stop   func()
	newest bool
	record int64
	held   []collect.Row // of the record at hand
	ahead  *collect.Row
	err    error
}

// nest begins a repeat and those within it.
func (f *feed) nest(ctx context.Context, s *shape) {
	q := f.query
	q.Table, q.Limit, q.Skip, q.AfterRow, q.Columns, q.Files = s.table.Name, 0, 0, 0, nil, false
	c := &child{writer: writer{shape: s, wkt: f.wkt, restricted: f.restricted, nested: f.writer.nested}, newest: q.Newest}
	c.pull, c.stop = iter.Pull2(f.service.desk.Rows(ctx, f.by, q))
	f.writer.nested[s] = c
	for _, inner := range s.repeats {
		f.nest(ctx, inner)
	}
}

// stop ends the reading of repeats.
func (f *feed) stop() {
	for _, c := range f.writer.nested {
		c.stop()
	}
}

func (f *feed) nestedError() error {
	for _, c := range f.writer.nested {
		if c.err != nil {
			return c.err
		}
	}
	return nil
}

// rows appends the rows that lie within r as a JSON array.
func (c *child) rows(b []byte, r *collect.Row) []byte {
	c.load(r.Record.Seq)
	b = append(b, '[')
	any := false
	for i := range c.held {
		if c.held[i].Parent != r.Key {
			continue
		}
		if any {
			b = append(b, ',')
		}
		any = true
		b = c.writer.row(b, &c.held[i])
	}
	return append(b, ']')
}

// load holds the rows of a record. Records come in order; one that has no rows is passed over.
func (c *child) load(record int64) {
	if c.record == record {
		return
	}
	c.record, c.held = record, c.held[:0]
	for {
		if c.ahead == nil {
			row, err, ok := c.pull()
			if !ok || err != nil {
				c.err = err
				return
			}
			c.ahead = &row
		}
		switch seq := c.ahead.Record.Seq; {
		case seq == record:
			c.held = append(c.held, *c.ahead)
		case seq > record != c.newest:
			return // of a record that is still to come
		}
		c.ahead = nil
	}
}
