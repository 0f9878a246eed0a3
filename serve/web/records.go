package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) recordsRoutes() []route.Route {
	return []route.Route{
		s.get("/projects/{project}/records", access.ReadRecords, s.recordForms),
		s.get("/projects/{project}/forms/{form}/records", access.ReadRecords, s.records),
		s.get("/projects/{project}/forms/{form}/enumerators", access.ReviewRecords, s.enumerators),
	}
}

// recordForms lists the forms whose records the reader may see.
func (s *site) recordForms(a *ask) error {
	forms, err := s.desk.Forms(a.ctx, a.by, a.project.ID)
	if err != nil {
		return err
	}
	forms = slices.DeleteFunc(forms, func(f collect.Form) bool { return f.Current == nil && f.Records == 0 })
	if len(forms) == 1 {
		return a.see(at("projects", a.project.ID, "forms", forms[0].ID, "records"), "")
	}
	return a.show("record-forms", "records", a.title("records"), formsView{Forms: forms})
}

// recordsView is a page of a form's table.
type recordsView struct {
	Filter  filterView
	Columns []columnView
	Rows    []recordLine
	Count   int // that the filter keeps; -1 where nobody counted
	First   string
	Next    string
	Drafts  bool
	Sealed  bool // a cell of this page is sealed
	Export  bool
	Sheet   bool // the reader may see the enumerator sheet
}

type columnView struct {
	Name, Label string
	Shown       bool
	Number      bool
	field       collect.Field
}

type recordLine struct {
	collect.Record
	Who     string
	Cells   []answerView
	Arrived int // attachments that are there
}

// answerView is an answer as people read it.
type answerView struct {
	Text    string
	Missing string // code of why there is none
	Sealed  bool
	Dir     string // "auto" for what people wrote
	Number  bool
}

// filterView is the form above the table.
type filterView struct {
	Fields  []columnView // those that the reader may read and filter by
	Rows    []conditionView
	Review  []reviewChoice
	Since   string
	Drafts  bool
	Deleted bool
	Text    string // the filter as files and programs write it
	Active  bool
	Bin     bool // the reader may see the bin
}

type conditionView struct {
	N                int
	Field, Op, Value string
	Levels           []levelView
}

type levelView struct{ Code, Label string }

type reviewChoice struct {
	Review collect.Review
	Chosen bool
}

var reviews = []collect.Review{collect.Received, collect.HasIssues, collect.Edited, collect.Approved, collect.Rejected}

// system columns that filters may name, besides the form's own.
var systemColumns = []string{"__site", "__team", "__device", "__form"}

const (
	mostConditions = 3
	firstColumns   = 5
)

// CodeFilterValue says that a condition has a field and no value.
const CodeFilterValue fault.Code = "web.filter-value"

func (s *site) records(a *ask) error {
	q := collect.Query{Project: a.project.ID, Form: a.form.ID, Newest: true, Limit: pageRows + 1, Drafts: a.ticked("drafts"), Deleted: a.ticked("bin")}
	tables, err := s.desk.Tables(a.ctx, a.by, a.project.ID, a.form.ID, collect.Stage(q.Drafts))
	if err != nil {
		return err
	}
	v := recordsView{Drafts: q.Drafts, Count: -1, Export: a.may(access.Export), Sheet: a.may(access.ReviewRecords)}
	var fields []collect.Field
	if len(tables) > 0 {
		fields = answered(tables[0].Fields)
	}
	v.Columns = a.columns(fields)
	wrong := a.filter(&v.Filter, &q, fields)
	q.After, _ = strconv.ParseInt(a.value("after"), 10, 64)
	for _, c := range v.Columns {
		if c.Shown {
			q.Columns = append(q.Columns, c.field.Path.String())
		}
	}
	if len(wrong) == 0 {
		err = s.recordRows(a, &v, q)
	} else {
		err = wrong
	}
	if issues := fault.Of(err); err != nil && len(issues) > 0 {
		return a.again("records", "records", a.form.Title, v, err)
	}
	if err != nil {
		return err
	}
	return a.show("records", "records", a.form.Title, v)
}

// answered are the columns that stand for answers: of a question with several answers the first only, since the
// codes stand in it together.
func answered(fields []collect.Field) []collect.Field {
	seen := map[string]bool{}
	var out []collect.Field
	for _, f := range fields {
		if path := f.Path.String(); f.Type.Answered() && !seen[path] && !hidden(f) {
			seen[path] = true
			out = append(out, f)
		}
	}
	return out
}

// hidden says of columns that the program itself needs and staff do not.
func hidden(f collect.Field) bool {
	return len(f.Path) > 0 && f.Path[0] == "meta" || strings.HasPrefix(f.Name, "__")
}

// columns chooses what the table shows: what the address says, else the first answers that people gave.
func (a *ask) columns(fields []collect.Field) []columnView {
	chosen := a.values("column")
	var out []columnView
	shown := 0
	for _, f := range fields {
		c := columnView{Name: f.Path.String(), Label: a.question(f), Number: f.Kind == dataset.Number, field: f}
		if len(chosen) > 0 {
			c.Shown = slices.Contains(chosen, c.Name)
		} else if shown < firstColumns && f.Type.Asked() && f.Class <= dataset.Internal {
			c.Shown = true
			shown++
		}
		out = append(out, c)
	}
	return out
}

// filter reads the form above the table into a query. Only fields that are not protected can be named (invariant 4).
func (a *ask) filter(v *filterView, q *collect.Query, fields []collect.Field) fault.Issues {
	var wrong fault.Issues
	byName := map[string]collect.Field{}
	for _, f := range fields {
		if f.Class > dataset.Internal {
			continue
		}
		name := f.Path.String()
		byName[name] = f
		v.Fields = append(v.Fields, columnView{Name: name, Label: a.question(f)})
	}
	for _, name := range systemColumns {
		v.Fields = append(v.Fields, columnView{Name: name, Label: a.text("web.column."+strings.TrimPrefix(name, "__"), nil)})
	}
	var parts []string
	for n := 1; n <= mostConditions; n++ {
		c := conditionView{N: n, Field: a.value("field" + strconv.Itoa(n)), Op: a.value("op" + strconv.Itoa(n)), Value: a.value("value" + strconv.Itoa(n))}
		f, known := byName[c.Field]
		if !known && !slices.Contains(systemColumns, c.Field) {
			c.Field = ""
		}
		for _, l := range f.Levels {
			c.Levels = append(c.Levels, levelView{l.Code, a.label(l.Labels, l.Code)})
		}
		part, ok := condition(c)
		if !ok {
			wrong = append(wrong, fieldIssue("value"+strconv.Itoa(n), CodeFilterValue, map[string]any{"field": c.Field}))
		}
		if part != "" {
			parts = append(parts, part)
		}
		v.Rows = append(v.Rows, c)
	}
	v.Text = strings.Join(parts, " and ")
	q.Where = v.Text
	for _, r := range reviews {
		chosen := slices.Contains(a.values("review"), string(r))
		if chosen {
			q.Review = append(q.Review, r)
		}
		v.Review = append(v.Review, reviewChoice{r, chosen})
	}
	v.Since, v.Drafts, v.Deleted, v.Bin = a.value("since"), q.Drafts, q.Deleted, a.may(access.DeleteRecords)
	if day, err := time.ParseInLocation(time.DateOnly, v.Since, a.zone); err == nil {
		q.Since = day
	}
	v.Active = q.Where != "" || len(q.Review) > 0 || !q.Since.IsZero() || q.Deleted || q.Drafts
	return wrong
}

// operators are those of a condition, by the code of their words.
var operators = map[string]string{"is": "=", "not": "!=", "least": ">=", "most": "<=", "missing": "is missing", "present": "is present"}

// condition writes a condition as dataset.ParseFilter reads it. One without a field says nothing.
func condition(c conditionView) (string, bool) {
	op, ok := operators[c.Op]
	if c.Field == "" || !ok {
		return "", true
	}
	name := "`" + strings.ReplaceAll(c.Field, "`", "") + "`"
	if c.Op == "missing" || c.Op == "present" {
		return name + " " + op, true
	}
	if c.Value == "" {
		return "", false
	}
	quote := "'"
	if strings.Contains(c.Value, "'") {
		quote = `"`
		c.Value = strings.ReplaceAll(c.Value, `"`, "")
	}
	if c.Op == "least" || c.Op == "most" { // numbers and days stand without quotes
		if _, err := strconv.ParseFloat(c.Value, 64); err == nil {
			quote = ""
		} else if _, err := time.Parse(time.DateOnly, c.Value); err == nil {
			quote = ""
		}
	}
	return name + " " + op + " " + quote + c.Value + quote, true
}

// recordRows reads one page of rows, and one row more to know whether another page follows.
func (s *site) recordRows(a *ask, v *recordsView, q collect.Query) error {
	names := s.names(a)
	for row, err := range s.desk.Rows(a.ctx, a.by, q) {
		if err != nil {
			return err
		}
		if len(v.Rows) == pageRows {
			v.Next = a.link("after", itoa(v.Rows[pageRows-1].Seq))
			break
		}
		line := recordLine{Record: *row.Record, Who: names.of(row.Record.Actor)}
		for _, f := range line.Attachments {
			if f.Digest != "" {
				line.Arrived++
			}
		}
		k := 0
		for _, c := range v.Columns {
			if !c.Shown {
				continue
			}
			cell := answerView{}
			if k < len(row.Cells) {
				cell = a.answer(c.field, row.Cells[k])
			}
			v.Sealed = v.Sealed || cell.Sealed
			line.Cells = append(line.Cells, cell)
			k++
		}
		v.Rows = append(v.Rows, line)
	}
	if q.After > 0 {
		v.First = a.link("after", "")
	}
	if q.Where == "" {
		count := q
		count.After, count.Limit, count.Columns = 0, 0, nil
		n, err := s.desk.CountRecords(a.ctx, a.by, count)
		if err != nil {
			return err
		}
		v.Count = n
	}
	return nil
}

// link is the address of the page with one value of its query changed.
func (a *ask) link(name, value string) string {
	q := url.Values{}
	for k, v := range a.r.URL.Query() {
		if k != "done" {
			q[k] = v
		}
	}
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return a.r.URL.EscapedPath()
	}
	return a.r.URL.EscapedPath() + "?" + q.Encode()
}

// answer writes a cell for people: labels for codes, numbers and days as the language writes them.
func (v *voice) answer(f collect.Field, c collect.Cell) answerView {
	switch {
	case c.Sealed:
		return answerView{Sealed: true}
	case c.Text == "":
		return answerView{Missing: missingName(c.Missing)}
	case f.Type.Select():
		return answerView{Text: v.choices(f, c.Text)}
	case f.Type == form.Date:
		return answerView{Text: v.Day(c.Text)}
	case f.Type == form.Integer || f.Type == form.Decimal || f.Type == form.Range:
		return answerView{Text: v.figure(c.Text), Number: true}
	case f.Type == form.Metadata:
		if t, err := time.Parse(time.RFC3339, c.Text); err == nil {
			return answerView{Text: v.text("web.when", map[string]any{"date": v.Date(t), "time": t.Format("15:04")})}
		}
	}
	return answerView{Text: c.Text, Dir: "auto"}
}

// question words a column: what the form asks, else what the phone notes by itself, else its name.
func (v *voice) question(f collect.Field) string {
	name := f.Name
	if len(f.Path) > 0 {
		name = f.Path[len(f.Path)-1]
	}
	if f.Type == form.Metadata && v.Has("web.metadata."+name) {
		name = v.text("web.metadata."+name, nil)
	}
	return v.label(f.Labels, name)
}

func missingName(m dataset.Missing) string {
	if s := m.String(); s != "" && m != 0 {
		return s
	}
	return dataset.Empty.String()
}

// choices writes the labels of the codes that were chosen.
func (v *voice) choices(f collect.Field, text string) string {
	codes := []string{text}
	if f.Type != form.SelectOne {
		codes = strings.Fields(text)
	}
	for n, code := range codes {
		for _, l := range f.Levels {
			if l.Code == code {
				codes[n] = v.label(l.Labels, code)
			}
		}
	}
	return strings.Join(codes, ", ")
}

// figure writes a number as the language does, with the decimals that it came with.
func (v *voice) figure(text string) string {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.ContainsAny(text, "eE") {
		return text
	}
	_, decimals, _ := strings.Cut(text, ".")
	if x >= 1000 && x < 10000 && decimals == "" {
		return text // years and codes are numbers too
	}
	return v.Number(x, len(decimals))
}

// who names actors: devices and users by the names that staff gave them.
type who map[string]string

func (w who) of(actor string) string {
	if name := w[actor]; name != "" {
		return name
	}
	return actor
}

// names gives the names of who acts in the project of the page, or anywhere where it has none.
func (s *site) names(a *ask) who {
	names := who{"system": a.text("web.system", nil)}
	if a.user.ID != 0 {
		names["user:"+itoa(a.user.ID)] = a.user.Name
	}
	if all, err := s.desk.Names(a.ctx, a.by, a.project.ID); err == nil {
		maps.Copy(names, all)
	}
	return names
}

type enumeratorsView struct{ Lines []collect.Enumerator }

func (s *site) enumerators(a *ask) error {
	lines, err := s.desk.Enumerators(a.ctx, a.by, a.project.ID, a.form.ID)
	if err != nil {
		return err
	}
	return a.show("enumerators", "records", a.title("enumerators", "form", a.form.Title), enumeratorsView{lines})
}
