package collect

import (
	"context"
	"errors"
	"iter"
	"strconv"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form/flatten"
	"waymark/trust/access"
)

// Rows gives rows in order of arrival. Cells the actor may not see are sealed. Memory does not grow with the rows. A
// read of protected answers is written down before the first row is given.
func (d *Desk) Rows(ctx context.Context, by access.Actor, q Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := d.rows(ctx, by, q, yield); err != nil && !errors.Is(err, errStopped) {
			yield(Row{}, err)
		}
	}
}

// errStopped ends a reading whose reader wants no more.
var errStopped = errors.New("stopped")

func (d *Desk) rows(ctx context.Context, by access.Actor, q Query, yield func(Row, error) bool) error {
	r, err := d.prepare(ctx, by, q, wantsTables)
	if err != nil {
		return err
	}
	table, err := r.merged.tableOf(q.Table)
	if err != nil {
		return err
	}
	t, path := r.merged.at(table)
	columns, err := chosen(t, q.Columns)
	if err != nil {
		return err
	}
	if err := d.audited(ctx, by, r, t.Name); err != nil {
		return err
	}
	return d.options.Store.Read(ctx, func(tx Tx) error {
		out := rowReader{reading: r, scan: scanner{desk: d, tx: tx}, layout: t, table: table, columns: columns}
		if table > 0 && r.sieve.reads() { // which records pass is in the first table
			out.kept = map[int64]bool{}
			first := *r
			first.inStore, first.asked.Limit, first.asked.Skip = false, 0, 0
			if q.AfterRow > 0 { // the record after which rows go on has more of them
				first.query.AfterRow = 0
				if first.query.After--; q.Newest {
					first.query.After += 2
				}
			}
			for record, err := range d.records(tx, &first) {
				if err != nil {
					return err
				}
				out.kept[record.Seq] = true
			}
		}
		if q.Files {
			out.files = newFileReader(tx, r.query)
			defer out.files.stop()
		}
		given, passed := 0, 0
		for row, err := range tx.EachRow(r.query, path) {
			if err != nil {
				return err
			}
			keep, err := out.keeps(&row)
			if err != nil {
				return err
			}
			if !keep {
				continue
			}
			if !r.inStore {
				if passed++; passed <= q.Skip {
					continue
				}
			}
			one, err := out.read(&row)
			if err != nil {
				return err
			}
			given++
			if !yield(one, nil) {
				return errStopped
			}
			if !r.inStore && q.Limit > 0 && given >= q.Limit {
				return nil
			}
		}
		return nil
	})
}

// rowReader turns stored rows into rows as a reader sees them.
type rowReader struct {
	reading *reading
	scan    scanner
	layout  *flatten.TableLayout
	table   int
	columns []int
	kept    map[int64]bool // records that pass, where the filter asks for answers of another table
	files   *fileReader    // nil: files are not asked for
	filed   int64          // the record that got its files last
}

func (o *rowReader) keeps(row *RecordRow) (bool, error) {
	r := o.reading
	switch {
	case !r.reach.has(row.Record):
		return false, nil
	case o.kept != nil:
		return o.kept[row.Record.Seq], nil
	case r.sieve.reads():
		return o.scan.passes(r, row)
	}
	return r.sieve.keeps(row.Record, nil), nil
}

func (o *rowReader) read(row *RecordRow) (Row, error) {
	see := o.reading.sight(row.Record)
	e, _, cells, at, err := o.scan.load(row, see)
	if err != nil {
		return Row{}, err
	}
	row.Record.Device = ""
	if o.files != nil && row.Record.Seq != o.filed {
		o.filed = row.Record.Seq
		if row.Record.Attachments, err = o.files.of(o.filed); err != nil {
			return Row{}, err
		}
	}
	out := Row{Record: row.Record, Position: 1, Index: row.Row.Position, Cells: make([]Cell, len(o.columns))}
	if n := len(at); n > 0 {
		out.Position = at[n-1]
	}
	log := o.layout == &logLayout.Tables[0]
	if log {
		out.Parent, out.Position = row.Record.Instance, row.Row.Position+1
		out.Key = row.Record.Instance + "/" + logPath + "[" + strconv.Itoa(out.Position) + "]"
	} else {
		out.Key, out.Parent = o.reading.merged.layout.Key(o.table, row.Record.Instance, at)
	}
	var to []int
	if !log && e != nil {
		if m := o.reading.merged.columns[e.id]; m != nil {
			to = m[o.table]
		}
	}
	for i, k := range o.columns {
		from := -1
		switch {
		case log:
			from = k
		case to != nil:
			from = to[k]
		}
		class := o.layout.Columns[k].Class
		if from < 0 || cells == nil {
			out.Cells[i] = cellOf(&notAsked, true)
			continue
		}
		out.Cells[i] = cellOf(&cells[from], see.of(class))
	}
	return out, nil
}

// Source gives a table as a dataset.Source for a study: columns that are restricted or strict are left out, and so are
// records that were rejected, that nobody has decrypted, or that were sent to a draft. A training project has none
// (invariant 4). It holds the rows there are now; it is audited as a working output.
func (d *Desk) Source(ctx context.Context, by access.Actor, project int64, form, table string) (dataset.Source, error) {
	scope, err := reachOf(by, access.Export, project)
	if err != nil {
		return nil, err
	}
	st, err := d.standing(ctx, project)
	if err != nil {
		return nil, notThere(err, "project")
	}
	if st.project.Training {
		return nil, fault.Issue{Code: CodeTraining, Kind: fault.Forbidden}
	}
	e := d.entry(by, "table.read", project, formObject(form))
	e.Detail = map[string]string{"table": table}
	if err := d.Note(ctx, e); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) (dataset.Source, error) {
		m, err := d.mergedIn(tx, project, form, Published)
		if err != nil {
			return nil, err
		}
		at, err := m.tableOf(table)
		if err != nil || at == len(m.layout.Tables) {
			return nil, missing("table")
		}
		_, path := m.at(at)
		fill := m.layout.NewFiller(at, func(c flatten.Column) bool { return c.Class <= dataset.Internal })
		scan := scanner{desk: d, tx: tx}
		for row, err := range tx.EachRow(Query{Project: project, Form: form}, path) {
			if err != nil {
				return nil, err
			}
			if !scope.has(row.Record) || row.Record.Review == Rejected || row.Record.Encrypted {
				continue
			}
			e, _, cells, where, err := scan.load(&row, sightPlain)
			if err != nil {
				return nil, err
			}
			key, parent := m.layout.Key(at, row.Record.Instance, where)
			fill.Append(e.layout, key, parent, cells)
		}
		return dataset.Memory{Table: fill.Table()}, nil
	})
}
