package odata

import (
	"bufio"
	"context"
	"iter"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/collect/extract"
	"waymark/fault"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// feed answers with the rows of a table.
func (s *service) feed(w http.ResponseWriter, r *http.Request, by access.Actor, a asked, all []*shape, path []segment) error {
	ctx := r.Context()
	name, instance, inside := meant(path)
	at := slices.IndexFunc(all, func(sh *shape) bool { return sh.name == name })
	if at < 0 {
		return problem.New("404.1", codeNoTable, fault.NotFound)
	}
	sh, err := all[at].selected(a.selects)
	if err != nil {
		return err
	}
	q := a.query(sh.table.Name)
	q.Instance = instance
	reach, err := extract.Reach(by, a.project, a.restricted)
	if err != nil {
		return err
	}
	f := &feed{reach: reach, asked: a, service: s, by: by, me: route.User(r), shape: sh, query: q, inside: inside}
	if err := f.prepare(ctx, all); err != nil {
		return err
	}
	sealed := sh.sealed(a.restricted, a.opening != "")
	h := w.Header()
	h.Set("OData-Version", "4.0")
	h.Set("Content-Type", "application/json; odata.metadata=minimal; charset=utf-8")
	if len(sealed) > 0 {
		h.Set(HeaderSealed, strings.Join(sealed, ","))
	}
	// A page costs less than its mark, and what depends on the time is never the same.
	if whole := f.top < 0; (whole || r.Header.Get("If-None-Match") != "") && !strings.Contains(f.filter, "now(") {
		if fresh, err := Fresh(w, r, s.desk, by, q); err != nil || fresh {
			return err
		}
	}
	if err := f.note(ctx); err != nil {
		return err
	}
	f.base = route.Base(r)
	f.address = r.URL
	defer f.stop()
	return f.write(ctx, bufio.NewWriterSize(w, 1<<16), sealed)
}

// feed is a feed while it is written.
type feed struct {
	asked
	service *service
	by      access.Actor
	me      collect.User // who asks, where that is a person
	shape   *shape
	query   collect.Query
	inside  inside
	reach   func(*collect.Record) bool // records that may be taken out; nil: all that can be read
	members []string                   // that the filter names
	test    func(*collect.Row) verdict
	writer  writer
	newest  bool
	sorted  func(*collect.Row) value // nil: in order of arrival
	base    string
	address *url.URL
}

// prepare compiles what was asked, so that what is wrong is said before the first byte.
func (f *feed) prepare(ctx context.Context, all []*shape) error {
	f.writer = writer{shape: f.shape, wkt: f.wkt, restricted: f.restricted, names: f.service.names(ctx, f.by, f.project, f.me)}
	if f.filter != "" {
		e, err := parseFilter(f.filter)
		if err != nil {
			return err
		}
		f.members = e.members(nil)
		if f.test, err = e.bind(f.resolve(all), f.service.now()); err != nil {
			return err
		}
		f.narrow(e)
	}
	if f.token != "" {
		p, err := parseToken(f.token)
		if err != nil {
			return err
		}
		f.query.After, f.query.AfterRow = p.Record, p.Row
	}
	if err := f.ordered(all); err != nil {
		return err
	}
	f.query.Columns = f.shape.columns
	f.query.Files = f.shape.first && (f.shape.system == nil || f.shape.system["attachmentsPresent"] || f.shape.system["attachmentsExpected"]) ||
		strings.Contains(f.filter+f.order, "attachments")
	if f.expand {
		f.writer.nested = map[*shape]*child{}
		for _, inner := range f.shape.repeats {
			f.nest(ctx, inner)
		}
	}
	return nil
}

// largestSort is the number of rows that an order other than that of arrival is kept for.
const largestSort = 20_000

// ordered reads $orderby.
func (f *feed) ordered(all []*shape) error {
	if f.order == "" {
		return nil
	}
	member, direction, _ := strings.Cut(strings.TrimSpace(f.order), " ")
	direction = strings.ToLower(strings.TrimSpace(direction))
	if direction != "" && direction != "asc" && direction != "desc" {
		return problem.New("501.5", codeOrder, fault.Invalid, "field", direction)
	}
	f.newest = direction == "desc"
	if strings.TrimPrefix(member, "$root/Submissions/") == "__system/submissionDate" {
		f.query.Newest = f.newest
		return nil
	}
	get, err := f.resolve(all)(member, 0)
	if err != nil {
		return err
	}
	f.sorted = get
	return nil
}

// note writes down who reads which table, before the first byte leaves: the properties that a filter names, never its
// values.
func (f *feed) note(ctx context.Context) error {
	detail := map[string]string{"format": "odata", "tables": f.shape.name}
	if len(f.members) > 0 {
		detail["filter"] = strings.Join(f.members, " ")
	}
	if f.top >= 0 {
		detail["rows"] = strconv.Itoa(f.top)
	}
	if f.restricted {
		detail["restricted"] = "yes"
	}
	if f.opening != "" {
		detail["opening"] = f.opening
	}
	if f.stage == collect.Draft {
		detail["stage"] = "draft"
	}
	return f.service.desk.Note(ctx, audit.Entry{Actor: string(f.by.Kind) + ":" + strconv.FormatInt(f.by.ID, 10), Act: "records.feed",
		Project: f.project, Object: "form:" + f.form, Detail: detail})
}

// rows gives the rows that the filter keeps and that lie within what was asked for.
func (f *feed) rows(ctx context.Context) iter.Seq2[collect.Row, error] {
	return func(yield func(collect.Row, error) bool) {
		for row, err := range f.service.desk.Rows(ctx, f.by, f.query) {
			if err != nil {
				yield(collect.Row{}, err)
				return
			}
			if f.reach != nil && !f.reach(row.Record) || !f.inside.has(&row) || f.test != nil && f.test(&row) != yes {
				continue
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// write streams the feed.
func (f *feed) write(ctx context.Context, w *bufio.Writer, sealed []string) error {
	if _, err := w.WriteString(`{"value":[`); err != nil {
		return err
	}
	total, next, err := f.body(ctx, w)
	if err != nil {
		return err
	}
	b := append([]byte(`],"@odata.context":`), nil...)
	b = appendText(b, f.base+f.asked.service+"/$metadata#"+f.shape.name)
	if next != nil {
		b = append(b, `,"@odata.nextLink":`...)
		b = appendText(b, f.next(*next))
	}
	if f.count {
		b = append(b, `,"@odata.count":`...)
		b = strconv.AppendInt(b, int64(total), 10)
	}
	if len(sealed) > 0 {
		b = append(b, `,"@waymark.sealed":[`...)
		for i, name := range sealed {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, name)
		}
		b = append(b, ']')
	}
	if _, err := w.Write(append(b, '}')); err != nil {
		return err
	}
	return w.Flush()
}

// body writes the rows: the number of rows in all where it was asked for, and where the next page begins.
func (f *feed) body(ctx context.Context, w *bufio.Writer) (total int, next *place, err error) {
	if f.sorted != nil {
		return f.sort(ctx, w)
	}
	top := f.top
	if top < 0 {
		top = math.MaxInt
	}
	simple := f.test == nil && f.inside.id == "" && f.reach == nil
	scan := f.count && !(simple && f.shape.first && f.query.Instance == "") // counting means looking at every row
	if simple && !scan && top < math.MaxInt-1 {
		f.query.Limit, f.query.Skip = top+1, f.skip
		f.skip = 0
	}
	var b []byte
	var last place
	written := 0
	for row, err := range f.rows(ctx) {
		if err != nil {
			return 0, nil, err
		}
		if total++; total <= f.skip {
			continue
		}
		if written == top {
			if written > 0 && next == nil {
				p := last
				next = &p
			}
			if !scan {
				break
			}
			continue
		}
		b = b[:0]
		if written > 0 {
			b = append(b, ',')
		}
		b = f.writer.row(b, &row)
		if err := f.nestedError(); err != nil {
			return 0, nil, err
		}
		if _, err := w.Write(b); err != nil {
			return 0, nil, err
		}
		written++
		last = place{row.Record.Seq, row.Index + 1}
	}
	if f.count && !scan {
		q := f.query
		q.Limit, q.Skip, q.After, q.AfterRow = 0, 0, 0, 0
		if total, err = f.service.desk.CountRecords(ctx, f.by, q); err != nil {
			return 0, nil, err
		}
	}
	if f.query.Newest {
		next = nil // the order of arrival alone can be gone on with
	}
	return total, next, nil
}

// sort writes rows in the order of a property. It holds them, so their number is bounded.
func (f *feed) sort(ctx context.Context, w *bufio.Writer) (total int, next *place, err error) {
	type kept struct {
		key  value
		text []byte
	}
	var rows []kept
	for row, err := range f.rows(ctx) {
		if err != nil {
			return 0, nil, err
		}
		if len(rows) == largestSort {
			return 0, nil, problem.New("501.1", codeOrderLarge, fault.Invalid, "limit", largestSort)
		}
		rows = append(rows, kept{f.sorted(&row), f.writer.row(nil, &row)})
	}
	if err := f.nestedError(); err != nil {
		return 0, nil, err
	}
	slices.SortStableFunc(rows, func(a, b kept) int {
		c, ok := order(a.key, b.key)
		switch {
		case ok:
		case a.key.kind == null && b.key.kind != null:
			c = -1
		case b.key.kind == null && a.key.kind != null:
			c = 1
		}
		if f.newest {
			return -c
		}
		return c
	})
	from := min(f.skip, len(rows))
	to := len(rows)
	if f.top >= 0 {
		to = min(from+f.top, to)
	}
	for i, r := range rows[from:to] {
		if i > 0 {
			w.WriteByte(',')
		}
		if _, err := w.Write(r.text); err != nil {
			return 0, nil, err
		}
	}
	return len(rows), nil, nil
}

// next is the address of the next page.
func (f *feed) next(p place) string {
	q := f.address.Query()
	q.Del("$skip")
	q.Set("$skiptoken", p.token())
	return f.base + f.address.EscapedPath() + "?" + strings.ReplaceAll(q.Encode(), "%24", "$")
}
