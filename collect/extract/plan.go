package extract

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/form/flatten"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// The issues raised here; texts stand in lang/messages/extract.*.toml.
const (
	CodeNoTable            fault.Code = "extract.no-table"            // table
	CodeNoGeometry         fault.Code = "extract.no-geometry"         //
	CodeGeometryStrict     fault.Code = "extract.geometry-strict"     // field
	CodeGeometryRestricted fault.Code = "extract.geometry-restricted" // field
	CodeParquetProtected   fault.Code = "extract.parquet-protected"   //
)

// Options say what is taken. The zero value takes all records of a form's published versions, public and internal
// answers only.
type Options struct {
	Project    int64
	Form       string
	Stage      collect.Stage
	Where      string // filter, as collect.Query has it
	Since      time.Time
	Review     []collect.Review
	Instance   string
	Restricted bool   // restricted columns too; the Desk asks for the right
	Opening    string // id of an opening: strict columns too

	SplitSelects  bool // a column of 0 and 1 for each choice of a question with several answers
	ShortNames    bool // names without the path of groups
	DeletedFields bool // columns that only earlier versions of the form have
	Missing       bool // a column NAME__missing beside each answer, which says why there is none
	Media         bool // in a zip: the files of the records

	Notice []string                                 // lines that say in words that this is not cleared for publication
	Keep   func(*collect.Record) bool               // records that are taken; nil: all
	Names  func(actor string) (number, name string) // of who sent a record ("device:4"); nil: the actor alone
}

// Extract is what was asked, found possible, and not yet written.
type Extract struct {
	desk    *collect.Desk
	by      access.Actor
	options Options
	form    string
	tables  []table
	reach   func(*collect.Record) bool // nil: all
}

// table is one table with the columns it gets.
type table struct {
	collect.Table
	file    string // name of its CSV without ".csv"
	columns []column
	read    []string // paths of the fields that are read
	left    []collect.Field
}

// column is a column of a file.
type column struct {
	name   string
	at     int // of the field among those read; -1: what the server knows
	field  collect.Field
	part   part
	option string
	of     func(x *Extract, r *collect.Row) string
}

type part uint8

const (
	whole part = iota
	optionPart
	latitudePart
	longitudePart
	altitudePart
	accuracyPart
	missingPart
)

// New finds out what columns the files will have. It asks the Desk, which refuses who may not read the form.
func New(ctx context.Context, desk *collect.Desk, by access.Actor, o Options) (*Extract, error) {
	tables, err := desk.Tables(ctx, by, o.Project, o.Form, o.Stage)
	if err != nil {
		return nil, err
	}
	x := &Extract{desk: desk, by: by, options: o, form: fileName(o.Form)}
	if x.reach, err = Reach(by, o.Project, o.Restricted); err != nil {
		return nil, err
	}
	current := func(collect.Table, collect.Field) bool { return true }
	if !o.DeletedFields {
		if current, err = x.current(ctx); err != nil {
			return nil, err
		}
	}
	x.plan(tables, current)
	return x, nil
}

// current says which fields the current version of the form has.
func (x *Extract) current(ctx context.Context) (func(collect.Table, collect.Field) bool, error) {
	v, err := x.desk.Version(ctx, x.by, x.options.Project, x.options.Form, "", x.options.Stage)
	if err != nil {
		return nil, err
	}
	f, err := x.desk.Compiled(ctx, v)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, t := range flatten.NewLayout(f).Tables {
		for _, c := range t.Columns {
			has[c.Path.String()] = true
		}
	}
	return func(_ collect.Table, f collect.Field) bool { return has[f.Path.String()] }, nil
}

// logMark begins the path of the table of phones' logs, which is no path of a form.
const logMark = "@"

// within gives the path of a field without that of its table.
func within(t collect.Table, f collect.Field) form.Path {
	if len(f.Path) > len(t.Path) && slices.Equal(f.Path[:len(t.Path)], t.Path) {
		return f.Path[len(t.Path):]
	}
	return f.Path
}

// plan makes the columns of every table.
func (x *Extract) plan(tables []collect.Table, current func(collect.Table, collect.Field) bool) {
	taken := map[string]int{}
	for _, t := range tables[1:] {
		taken[t.Path[len(t.Path)-1]]++
	}
	met := map[string]int{}
	for i, t := range tables {
		out := table{Table: t, file: x.form}
		if i > 0 && strings.HasPrefix(t.Path[0], logMark) {
			out.file += " - " + strings.TrimPrefix(t.Path[0], logMark)
		} else if i > 0 {
			name := t.Path[len(t.Path)-1]
			out.file += "-" + fileName(name)
			if taken[name] > 1 {
				met[name]++
				out.file += "~" + itoa(met[name])
			}
		}
		first, last := systemColumns(i == 0)
		out.columns = append(out.columns, first...)
		for _, f := range t.Fields {
			switch {
			case !current(t, f) && (len(t.Path) == 0 || !strings.HasPrefix(t.Path[0], logMark)):
				continue
			case f.Class == dataset.Restricted && !x.options.Restricted, f.Class == dataset.Strict && x.options.Opening == "":
				out.left = append(out.left, f)
				continue
			}
			out.columns = append(out.columns, x.fieldColumns(t, f, len(out.read))...)
			out.read = append(out.read, f.Path.String())
		}
		out.columns = append(out.columns, last...)
		if out.read == nil {
			out.read = []string{}
		}
		x.tables = append(x.tables, out)
	}
}

// fieldColumns makes the columns of a field.
func (x *Extract) fieldColumns(t collect.Table, f collect.Field, at int) []column {
	name := f.Path[len(f.Path)-1]
	if !x.options.ShortNames {
		name = strings.Join(within(t, f), "-")
	}
	one := func(suffix string, p part) column {
		return column{name: name + suffix, at: at, field: f, part: p}
	}
	out := []column{one("", whole)}
	switch {
	case f.Type == form.Geopoint:
		out = []column{one("-Latitude", latitudePart), one("-Longitude", longitudePart), one("-Altitude", altitudePart), one("-Accuracy", accuracyPart)}
	case f.Type == form.SelectMultiple && x.options.SplitSelects:
		for _, l := range f.Levels {
			c := one("/"+l.Code, optionPart)
			c.option = l.Code
			out = append(out, c)
		}
	}
	if x.options.Missing {
		out = append(out, one(dataset.CompanionSuffix, missingPart))
	}
	return out
}

// systemColumns are what the server knows of a row, before and after the answers, as ODK Central names them.
func systemColumns(first bool) (before, after []column) {
	c := func(name string, of func(x *Extract, r *collect.Row) string) column {
		return column{name: name, at: -1, of: of}
	}
	key := c("KEY", func(_ *Extract, r *collect.Row) string { return r.Key })
	if !first {
		return nil, []column{c("PARENT_KEY", func(_ *Extract, r *collect.Row) string { return r.Parent }), key}
	}
	before = []column{c("SubmissionDate", func(_ *Extract, r *collect.Row) string {
		return r.Record.Received.UTC().Format("2006-01-02T15:04:05.000Z")
	})}
	after = []column{
		key,
		c("SubmitterID", func(x *Extract, r *collect.Row) string { number, _ := x.who(r.Record.Actor); return number }),
		c("SubmitterName", func(x *Extract, r *collect.Row) string { _, name := x.who(r.Record.Actor); return name }),
		c("AttachmentsPresent", func(_ *Extract, r *collect.Row) string { present, _ := files(r.Record); return itoa(present) }),
		c("AttachmentsExpected", func(_ *Extract, r *collect.Row) string { _, expected := files(r.Record); return itoa(expected) }),
		c("Status", func(_ *Extract, r *collect.Row) string {
			if r.Record.Encrypted {
				return "not decrypted"
			}
			return ""
		}),
		c("ReviewState", func(_ *Extract, r *collect.Row) string {
			if r.Record.Review == collect.Received {
				return ""
			}
			return string(r.Record.Review)
		}),
		c("DeviceID", func(*Extract, *collect.Row) string { return "" }), // it points to a person: the Desk gives it for one record at a time
		c("Edits", func(_ *Extract, r *collect.Row) string { return itoa(r.Record.Edits) }),
		c("FormVersion", func(_ *Extract, r *collect.Row) string { return r.Record.Version }),
	}
	return before, after
}

func (x *Extract) who(actor string) (number, name string) {
	if x.options.Names == nil {
		return actor, ""
	}
	return x.options.Names(actor)
}

func files(r *collect.Record) (present, expected int) {
	for _, a := range r.Attachments {
		if a.Expected {
			expected++
			if a.Digest != "" {
				present++
			}
		}
	}
	return present, expected
}

// table finds a table by its name; "" is the first.
func (x *Extract) table(name string) (*table, error) {
	if name == "" {
		return &x.tables[0], nil
	}
	i := slices.IndexFunc(x.tables, func(t table) bool { return t.Name == name })
	if i < 0 {
		return nil, fault.Issue{Code: CodeNoTable, Args: map[string]any{"table": name}, Kind: fault.NotFound}
	}
	return &x.tables[i], nil
}

// query is what is asked of the Desk for a table.
func (x *Extract) query(t *table) collect.Query {
	o := x.options
	return collect.Query{Project: o.Project, Form: o.Form, Table: t.Name, Drafts: bool(o.Stage), Where: o.Where, Since: o.Since, Review: o.Review,
		Instance: o.Instance, Restricted: o.Restricted, Opening: o.Opening, Columns: t.read, Files: len(t.Path) == 0}
}

// rows gives the rows of a table that are taken.
func (x *Extract) rows(ctx context.Context, q collect.Query) iter.Seq2[collect.Row, error] {
	all := x.desk.Rows(ctx, x.by, q)
	keep := x.options.Keep
	if keep == nil && x.reach == nil {
		return all
	}
	return func(yield func(collect.Row, error) bool) {
		for row, err := range all {
			if err == nil && (keep != nil && !keep(row.Record) || x.reach != nil && !x.reach(row.Record)) {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// note writes the audit entry, before anything leaves: the filter by its columns, never its values.
func (x *Extract) note(ctx context.Context, format string, tables ...*table) error {
	count, err := x.desk.CountRecords(ctx, x.by, x.query(&x.tables[0]))
	if err != nil {
		return err
	}
	detail := map[string]string{"format": format, "records": itoa(count)}
	if x.options.Stage == collect.Draft {
		detail["stage"] = "draft"
	}
	if x.options.Where != "" {
		if f, err := dataset.ParseFilter(x.options.Where); err == nil {
			detail["filter"] = strings.Join(f.Columns(), " ")
		}
	}
	if x.options.Keep != nil {
		detail["filter"] = strings.TrimSpace(detail["filter"] + " __system")
	}
	if !x.options.Since.IsZero() {
		detail["since"] = x.options.Since.UTC().Format(time.RFC3339)
	}
	for _, r := range x.options.Review {
		detail["review"] = strings.TrimSpace(detail["review"] + " " + string(r))
	}
	if x.options.Restricted {
		detail["restricted"] = "yes"
	}
	if x.options.Opening != "" {
		detail["opening"] = x.options.Opening
	}
	var names []string
	for _, t := range tables {
		names = append(names, t.Name)
	}
	detail["tables"] = strings.Join(names, " ")
	return x.desk.Note(ctx, audit.Entry{At: time.Time{}, Actor: actorID(x.by), Act: "records.export", Project: x.options.Project,
		Object: "form:" + x.options.Form, Detail: detail})
}

func actorID(by access.Actor) string {
	if by.Kind == access.System || by.Kind == "" {
		return string(access.System)
	}
	return string(by.Kind) + ":" + itoa(int(by.ID))
}

// fileName makes a name that every file system takes.
func fileName(s string) string {
	out := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`<>:"/\|?*`, r) {
			return -1
		}
		return r
	}, s)
	out = strings.TrimRight(out, ". ")
	if out == "" || len(out) > 200 {
		return "records"
	}
	return out
}

// Name is the name of the form as a file: "arrivals".
func (x *Extract) Name() string { return x.form }
