package records

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
)

// tableNumber gives the number of a table of rows; with make it is made where it is missing, else 0 says so.
func (t *tx) tableNumber(k tableKey, make bool) (int64, error) {
	if n, ok := t.numbers[k]; ok {
		return n, nil
	}
	if n, ok := t.made[k]; ok {
		return n, nil
	}
	var n int64
	err := t.one("table", []any{&n}, `SELECT id FROM row_tables WHERE project = $1 AND form = $2 AND draft = $3 AND path = $4`, k.project, k.form, k.draft, k.path)
	if errors.Is(err, fault.NotFound) {
		if !make {
			return 0, nil
		}
		n, err = t.insert("table", `INSERT INTO row_tables (project, form, draft, path) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id`, k.project, k.form, k.draft, k.path)
	}
	if err != nil {
		return 0, err
	}
	if t.made == nil {
		t.made = map[tableKey]int64{}
	}
	t.made[k] = n
	return n, nil
}

// rowsAtOnce is how many rows one statement inserts: all of most records. The rest goes in smaller ones, of which there
// are few, so that all stay prepared.
func rowsAtOnce() []int { return []int{32, 16, 8, 7, 6, 5, 4, 3, 2, 1} }

func insertRows(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO rows (tbl, record, position, parent, version_id, plain, restricted, strict) VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		for c := range 8 {
			if c > 0 {
				b.WriteString(", ")
			} else {
				b.WriteString("(")
			}
			b.WriteString("$" + strconv.Itoa(8*i+c+1))
		}
		b.WriteString(")")
	}
	return b.String()
}

func (t *tx) PutRows(record int64, rows []collect.StoredRow) error {
	k, fresh := t.fresh[record]
	delete(t.fresh, record)
	if !fresh {
		if err := t.one(fmt.Sprintf("record %d", record), []any{&k.project, &k.form, &k.draft}, `SELECT project, form, draft FROM records WHERE seq = $1`, record); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM rows WHERE record = $1 AND tbl IN (SELECT id FROM row_tables WHERE project = $2 AND form = $3 AND draft = $4)`, record, k.project, k.form, k.draft); err != nil {
			return err
		}
	}
	for _, size := range rowsAtOnce() {
		var query string
		for len(rows) >= size {
			if query == "" {
				query = insertRows(size)
			}
			args := make([]any, 0, 8*size)
			for _, r := range rows[:size] {
				k.path = r.Path
				number, err := t.tableNumber(k, true)
				if err != nil {
					return err
				}
				args = append(args, number, record, int64(r.Position), int64(r.Parent), r.Version, orNull(r.Plain), orNull(r.Restricted), orNull(r.Strict))
			}
			if _, err := t.exec(query, args...); err != nil {
				return err
			}
			rows = rows[size:]
		}
	}
	return nil
}

// EachRow joins rows and records in key order, a page at a time. Records are read once a page however many rows they
// have; cells of a page share one piece of memory.
func (t *tx) EachRow(c collect.Query, path string) iter.Seq2[collect.RecordRow, error] {
	return func(yield func(collect.RecordRow, error) bool) {
		fail := func(err error) { yield(collect.RecordRow{}, err) }
		w, err := t.walk(c, path)
		if err != nil {
			fail(err)
			return
		}
		left, skip := c.Limit, c.Skip
		if w != nil && skip > 0 {
			if skip, err = w.pass(skip); err != nil {
				if !errors.Is(err, fault.NotFound) { // there are no more rows than were passed
					fail(err)
				}
				return
			}
		}
		for w != nil {
			size := pageSize
			if c.Limit > 0 {
				size = min(size, left)
			}
			page, err := w.page(skip, size)
			if err != nil {
				fail(err)
				return
			}
			for i := range page {
				if page[i].Record == nil {
					continue
				}
				if !yield(page[i], nil) {
					return
				}
				left--
			}
			if len(page) < size || c.Limit > 0 && left == 0 {
				return
			}
			skip = 0
		}
	}
}

func (t *tx) CountRows(c collect.Query, path string) (n int, err error) {
	w, err := t.walk(c, path)
	if err != nil || w == nil {
		return 0, err
	}
	q := w.question("SELECT COUNT(*)", false)
	err = t.one("count", []any{&n}, q.text.String(), q.args...)
	return n, err
}

// walk goes through the rows of one table.
type walk struct {
	t      *tx
	c      collect.Query
	table  int64
	path   string
	only   int64 // the one record that is meant; 0: all
	after  int64 // the record of the last row given
	row    int   // how many of its rows were given
	record *collect.Record
	bare   bool // rows are read without their records, which are asked for afterwards
}

// bare says whether a query leaves out no record but deleted ones. Then it is quicker to read rows by themselves and
// drop the few whose record is deleted.
func bare(c collect.Query) bool {
	return !c.Deleted && len(c.Review) == 0 && c.Since.IsZero() && len(c.Sites) == 0 && len(c.Teams) == 0
}

// pass goes to the place after so many rows by an index alone, and says how many are left to pass: none, or all where
// no index knows the place.
func (w *walk) pass(skip int) (left int, err error) {
	if w.only > 0 || w.row > 0 {
		return skip, nil
	}
	q, to := new(question), []any{&w.after}
	switch {
	case w.path == "": // one row a record
		q.add("SELECT x.seq FROM records x WHERE TRUE")
		q.filters(w.c)
		q.position("x.seq", w.c.Newest, 0, w.after)
		q.add(" ORDER BY x.seq").add(descending(w.c.Newest))
	default:
		if !bare(w.c) {
			return skip, nil
		}
		gone := w.c
		gone.Deleted = true
		if n, err := w.t.CountRecords(gone); err != nil || n > 0 {
			return skip, err // rows of deleted records do not count
		}
		to = append(to, &w.row)
		q.add("SELECT r.record, r.position FROM rows r WHERE r.tbl = ").with(w.table)
		q.position("r.record", w.c.Newest, 0, w.after)
		q.add(" ORDER BY r.record" + descending(w.c.Newest) + ", r.position")
	}
	q.add(" LIMIT 1 OFFSET ").with(skip - 1)
	if err := w.t.one("row", to, q.text.String(), q.args...); err != nil {
		return 0, err
	}
	if w.path != "" {
		w.row++
	}
	w.bare = bare(w.c)
	return 0, nil
}

func descending(newest bool) string {
	if newest {
		return " DESC"
	}
	return ""
}

// walk begins at the query's place; nil where there can be no row.
func (t *tx) walk(c collect.Query, path string) (*walk, error) {
	number, err := t.tableNumber(tableKey{c.Project, c.Form, c.Drafts, path}, false)
	if err != nil || number == 0 {
		return nil, err
	}
	w := &walk{t: t, c: c, table: number, path: path, after: c.After, row: c.AfterRow, bare: bare(c) && c.Skip == 0}
	if c.Instance != "" {
		seq, found, err := t.recordOf(c)
		if err != nil || !found {
			return nil, err
		}
		w.only = seq
	}
	return w, nil
}

// question joins rows and records. The cross join keeps SQLite at reading rows in their order and looking up the
// record of each, which is what the order asked for needs.
func (w *walk) question(what string, placed bool) *question {
	q := new(question)
	if w.bare && placed {
		q.add(what + " FROM rows r WHERE r.tbl = ").with(w.table)
	} else {
		q.add(what + " FROM rows r CROSS JOIN records x WHERE x.seq = r.record AND r.tbl = ").with(w.table)
		q.filters(w.c)
	}
	if w.only > 0 {
		q.add(" AND r.record = ").with(w.only)
	}
	if !placed || w.after == 0 {
		return q
	}
	switch {
	case w.c.Newest && w.row > 0:
		q.add(" AND r.record <= ").with(w.after).add(" AND (r.record < ").with(w.after).add(" OR r.position >= ").with(w.row).add(")")
	case w.c.Newest:
		q.add(" AND r.record < ").with(w.after)
	case w.row > 0:
		q.add(" AND (r.record, r.position) >= (").with(w.after).add(", ").with(w.row).add(")")
	default:
		q.add(" AND r.record > ").with(w.after)
	}
	return q
}

func (w *walk) page(skip, size int) ([]collect.RecordRow, error) {
	columns := "SELECT r.record, r.position, r.parent, r.version_id, r.plain"
	if w.c.Restricted || w.c.Opening != "" {
		columns += ", r.restricted, r.strict"
	}
	q := w.question(columns, true)
	if w.c.Newest {
		q.add(" ORDER BY r.record DESC, r.position")
	} else {
		q.add(" ORDER BY r.record, r.position")
	}
	q.add(" LIMIT ").with(size)
	if skip > 0 {
		q.add(" OFFSET ").with(skip)
	}
	page := make([]collect.RecordRow, 0, min(size, pageSize))
	var cells [3]sql.RawBytes
	var memory []byte
	fields := []any{nil, nil, nil, nil, &cells[0]}
	if w.c.Restricted || w.c.Opening != "" {
		fields = append(fields, &cells[1], &cells[2])
	}
	keep := func(b sql.RawBytes) []byte {
		if b == nil {
			return nil
		}
		if cap(memory)-len(memory) < len(b) {
			memory = make([]byte, 0, max(64<<10, len(b)))
		}
		memory = append(memory, b...)
		return memory[len(memory)-len(b) : len(memory) : len(memory)]
	}
	err := w.t.each(q.text.String(), q.args, func(rows *sql.Rows) error {
		page = append(page, collect.RecordRow{})
		r := &page[len(page)-1].Row
		fields[0], fields[1], fields[2], fields[3] = &r.Record, &r.Position, &r.Parent, &r.Version
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		r.Path = w.path
		r.Plain, r.Restricted, r.Strict = keep(cells[0]), keep(cells[1]), keep(cells[2])
		return nil
	})
	if err != nil || len(page) == 0 {
		return nil, err
	}
	last := page[len(page)-1].Row
	w.after, w.row = last.Record, last.Position+1
	return page, w.join(page)
}

// join gives the rows of a page their records: by one question where they lie close together, else one by one. A row
// whose record is not meant gets none.
func (w *walk) join(page []collect.RecordRow) error {
	low, high, records := page[0].Row.Record, page[len(page)-1].Row.Record, 1
	for i := range page[1:] {
		if page[i].Row.Record != page[i+1].Row.Record {
			records++
		}
	}
	if low > high {
		low, high = high, low
	}
	if high-low > int64(4*records) {
		return w.joinOneByOne(page)
	}
	q := new(question)
	q.add("SELECT " + recordColumns + " FROM records x WHERE x.seq >= ").with(low).add(" AND x.seq <= ").with(high)
	q.filters(w.c)
	if w.c.Newest {
		q.add(" ORDER BY x.seq DESC")
	} else {
		q.add(" ORDER BY x.seq")
	}
	at := 0 // the first row that has no record yet
	return w.t.each(q.text.String(), q.args, func(rows *sql.Rows) error {
		r := new(collect.Record)
		if err := rows.Scan(recordFields(r)...); err != nil {
			return err
		}
		if w.record != nil && w.record.Seq == r.Seq {
			r = w.record // its rows began on the page before
		}
		for at < len(page) && page[at].Row.Record != r.Seq && (page[at].Row.Record < r.Seq) != w.c.Newest {
			at++ // of a record that is deleted
		}
		for at < len(page) && page[at].Row.Record == r.Seq {
			w.record, page[at].Record = r, r
			at++
		}
		return nil
	})
}

func (w *walk) joinOneByOne(page []collect.RecordRow) error {
	q := new(question)
	q.add("SELECT " + recordColumns + " FROM records x WHERE x.seq = ").with(nil)
	q.filters(w.c)
	var gone int64 // the last record that is not meant
	for i := range page {
		seq := page[i].Row.Record
		if seq == gone {
			continue
		}
		if w.record == nil || w.record.Seq != seq {
			r := new(collect.Record)
			q.args[0] = seq
			err := w.t.one("record", recordFields(r), q.text.String(), q.args...)
			if errors.Is(err, fault.NotFound) {
				gone = seq
				continue
			}
			if err != nil {
				return err
			}
			w.record = r
		}
		page[i].Record = w.record
	}
	return nil
}
