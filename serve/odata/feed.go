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
	"waymark/fault"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

// asked is what the address of a feed asks for.
type asked struct {
	project    int64
	form       string
	stage      collect.Stage
	service    string // path of the service: "/v1/projects/1/forms/arrivals.svc"
	top        int    // -1: all
	skip       int
	count      bool
	wkt        bool
	expand     bool
	filter     string
	order      string
	selects    string
	token      string
	restricted bool
	opening    string
}

// HeaderOpening names the opening of strict answers that a request uses, and HeaderRestricted, "true", asks for
// restricted ones. Neither is a secret: the Desk looks at who asks.
const (
	HeaderOpening    = "X-Waymark-Opening"
	HeaderRestricted = "X-Waymark-Restricted"
	HeaderSealed     = "X-Waymark-Sealed"
)

// parseAsked reads the query options.
func parseAsked(r *http.Request) (asked, error) {
	q := r.URL.Query()
	a := asked{top: -1, filter: q.Get("$filter"), order: q.Get("$orderby"), selects: q.Get("$select"), token: q.Get("$skiptoken"),
		opening: r.Header.Get(HeaderOpening), restricted: r.Header.Get(HeaderRestricted) == "true" || q.Get("restricted") == "true"}
	a.count, a.wkt = isTrue(q.Get("$count")), isTrue(q.Get("$wkt"))
	for _, n := range []struct {
		option string
		to     *int
	}{{"$top", &a.top}, {"$skip", &a.skip}} {
		s := q.Get(n.option)
		if s == "" {
			continue
		}
		x, err := strconv.Atoi(s)
		if err != nil || x < 0 {
			return a, problem.New("400.8", codeNumber, fault.Invalid, "option", n.option)
		}
		*n.to = x
	}
	switch e := q.Get("$expand"); e {
	case "":
	case "*":
		if a.expand = true; a.selects != "" && a.selects != "*" {
			return a, problem.New("501.11", codeSelectExpand, fault.Invalid)
		}
	default:
		return a, problem.New("501.6", codeExpand, fault.Invalid)
	}
	if a.token != "" {
		if a.skip = 0; a.order != "" {
			return a, problem.New("501.1", codeOrderToken, fault.Invalid)
		}
	}
	return a, nil
}

func isTrue(s string) bool { return strings.EqualFold(s, "true") }

// query is what the Desk is asked for.
func (a asked) query(table string) collect.Query {
	return collect.Query{Project: a.project, Form: a.form, Table: table, Drafts: bool(a.stage), Restricted: a.restricted, Opening: a.opening}
}

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
	f := &feed{asked: a, service: s, by: by, me: route.User(r), shape: sh, query: q, inside: inside}
	if err := f.prepare(ctx, all); err != nil {
		return err
	}
	sealed := sh.sealed(a.restricted || a.opening != "", a.opening != "")
	h := w.Header()
	h.Set("OData-Version", "4.0")
	h.Set("Content-Type", "application/json; odata.metadata=minimal; charset=utf-8")
	if len(sealed) > 0 {
		h.Set(HeaderSealed, strings.Join(sealed, ","))
	}
	if !strings.Contains(f.filter, "now(") { // what depends on the time is never the same
		if fresh, err := Fresh(w, r, s.desk, by, q); err != nil || fresh {
			return err
		}
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
	test    func(*collect.Row) verdict
	writer  writer
	newest  bool
	sorted  func(*collect.Row) value // nil: in order of arrival
	base    string
	address *url.URL
}

// prepare compiles what was asked, so that what is wrong is said before the first byte.
func (f *feed) prepare(ctx context.Context, all []*shape) error {
	f.writer = writer{shape: f.shape, wkt: f.wkt, names: f.service.names(ctx, f.by, f.project, f.me), device: f.restricted}
	if f.filter != "" {
		e, err := parseFilter(f.filter)
		if err != nil {
			return err
		}
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

// narrow lets the store pass over records that a filter leaves out anyway: those of another instance, review state
// or time. The filter itself is still put to every row.
func (f *feed) narrow(e *expression) {
	parts := []*expression{e}
	if e.op == opAnd {
		parts = e.parts
	}
	for _, p := range parts {
		if len(p.parts) != 2 || p.parts[0].op != opMember || p.parts[1].op != opLiteral {
			continue
		}
		v := p.parts[1].value
		switch name := strings.TrimPrefix(p.parts[0].name, "$root/Submissions/"); {
		case name == "__id" && f.shape.first && p.op == opEqual && v.kind == textValue:
			f.query.Instance = v.text
		case name == "__system/reviewState" && p.op == opEqual && v.kind == textValue && reviewOf(v.text) != "":
			f.query.Review = []collect.Review{reviewOf(v.text)}
		case name == "__system/updatedAt" && (p.op == opGreater || p.op == opAtLeast) && v.timed():
			f.query.Since = v.time
		case name == "__system/submissionDate" && (p.op == opGreater || p.op == opAtLeast) && v.timed() && f.query.Since.IsZero():
			f.query.Since = v.time // what came since was changed since
		}
	}
}

func reviewOf(s string) collect.Review {
	for r, name := range reviews {
		if name == s {
			return r
		}
	}
	return ""
}

// resolve finds what a member of a filter names.
func (f *feed) resolve(all []*shape) resolver {
	return func(member string, at int) (getter, error) {
		name, rooted := strings.CutPrefix(member, "$root/Submissions/")
		if property, ok := strings.CutPrefix(name, "__system/"); ok && (f.shape.first || rooted) && slices.Contains(systemNames, property) {
			if property == "deviceId" && !f.restricted {
				return nil, problem.New("403.1", codeFilterSealed, fault.Forbidden, "field", name)
			}
			return f.property(property), nil
		}
		if name == "__id" && !rooted {
			return func(r *collect.Row) value {
				return value{kind: textValue, text: rowID(r.Record.Instance, r.Key)}
			}, nil
		}
		if name == f.shape.parent && name != "" {
			return func(r *collect.Row) value {
				return value{kind: textValue, text: rowID(r.Record.Instance, r.Parent)}
			}, nil
		}
		whole := all[slices.IndexFunc(all, func(s *shape) bool { return s.name == f.shape.name })]
		b := whole.find(name)
		if b != nil && b.field == instanceID {
			return func(r *collect.Row) value { return value{kind: textValue, text: r.Record.Current} }, nil
		}
		if b == nil || b.field < 0 || rooted && !f.shape.first {
			return nil, problem.New("501.5", codeFilterField, fault.Invalid, "field", member)
		}
		return f.answer(b)
	}
}

// answer reads an answer. Strict ones are never filtered by: what is left out would tell what they say. Restricted
// ones are where they may be read.
func (f *feed) answer(b *branch) (getter, error) {
	field := f.shape.table.Fields[b.field]
	switch class := field.Class.String(); {
	case class == "strict":
		return nil, problem.New("403.1", codeFilterStrict, fault.Forbidden, "field", field.Path.String())
	case class == "restricted" && !f.restricted:
		return nil, problem.New("403.1", codeFilterSealed, fault.Forbidden, "field", field.Path.String())
	}
	f.shape.also(b.field)
	shape, k, format := f.shape, b.field, b.format
	return func(r *collect.Row) value {
		c := r.Cells[shape.position[k]]
		if c.Sealed || c.Missing != 0 {
			return value{}
		}
		switch format {
		case asInteger, asNumber:
			if x, ok := numberOf(c.Text); ok {
				return value{kind: numberValue, number: x}
			}
			return value{}
		case asDate, asTime:
			return timeOf(strings.TrimSpace(c.Text))
		}
		return value{kind: textValue, text: c.Text}
	}, nil
}

// property reads what the server knows of a record.
func (f *feed) property(name string) getter {
	w := writer{shape: f.shape, names: f.writer.names, device: f.restricted}
	switch name {
	case "submissionDate":
		return func(r *collect.Row) value { return value{kind: timeValue, time: r.Record.Received} }
	case "updatedAt":
		return func(r *collect.Row) value {
			if !r.Record.Updated.After(r.Record.Received) {
				return value{}
			}
			return value{kind: timeValue, time: r.Record.Updated}
		}
	}
	return func(r *collect.Row) value {
		b := string(w.property(nil, name, r.Record))
		if b == "null" {
			return value{}
		}
		if x, err := strconv.ParseFloat(b, 64); err == nil {
			return value{kind: numberValue, number: x}
		}
		s, err := strconv.Unquote(b)
		if err != nil {
			s = strings.Trim(b, `"`)
		}
		if x, ok := numberOf(s); ok && name == "submitterId" { // clients compare it with a number or a text
			return value{kind: numberValue, number: x}
		}
		return value{kind: textValue, text: s}
	}
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

// rows gives the rows that the filter keeps and that lie within what was asked for.
func (f *feed) rows(ctx context.Context) iter.Seq2[collect.Row, error] {
	return func(yield func(collect.Row, error) bool) {
		for row, err := range f.service.desk.Rows(ctx, f.by, f.query) {
			if err != nil {
				yield(collect.Row{}, err)
				return
			}
			if !f.inside.has(&row) || f.test != nil && f.test(&row) != yes {
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
	simple := f.test == nil && f.inside.id == ""
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
	c := &child{writer: writer{shape: s, wkt: f.wkt, nested: f.writer.nested}, newest: q.Newest}
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
