package web

import (
	"slices"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) editRoutes() []route.Route {
	return []route.Route{
		s.get(recordPath+"/edit", access.EditRecords, s.edit),
		s.post(recordPath+"/edit", access.EditRecords, s.editDone),
	}
}

// editView is the page that changes simple answers of a record: those asked once, of a class that the page may show.
type editView struct {
	Record collect.Record
	Fields []editField
	Left   int // answers that this page does not change
}

type editField struct {
	Path, Name, Label string
	Kind              string // "text", "number", "date", "one", "many"
	Value             string
	Chosen            map[string]bool
	Levels            []levelView
}

func (s *site) editView(a *ask) (editView, error) {
	var v editView
	var err error
	if v.Record, err = s.desk.Record(a.ctx, a.by, a.project.ID, a.form.ID, a.r.PathValue("instance"), collect.Published); err != nil {
		return v, err
	}
	if v.Record.Encrypted {
		return v, fault.Issue{Code: collect.CodeCannotAmend}
	}
	tables, err := s.desk.Tables(a.ctx, a.by, a.project.ID, a.form.ID, collect.Published)
	if err != nil || len(tables) == 0 {
		return v, err
	}
	computed, err := s.computed(a, v.Record)
	if err != nil {
		return v, err
	}
	q := collect.Query{Project: a.project.ID, Form: a.form.ID, Instance: v.Record.Instance}
	for row, err := range s.desk.Rows(a.ctx, a.by, q) {
		if err != nil {
			return v, err
		}
		for n, f := range tables[0].Fields {
			if n < len(row.Cells) && f.Type.Answered() && !hidden(f) && (n == 0 || f.Path.String() != tables[0].Fields[n-1].Path.String()) {
				a.editCell(&v, f, row.Cells[n], computed)
			}
		}
	}
	return v, nil
}

// editCell adds the input of an answer, or counts it among those that stay as they are.
func (a *ask) editCell(v *editView, f collect.Field, c collect.Cell, computed map[string]bool) {
	field, ok := a.editField(f)
	if !ok || c.Sealed || c.Missing == dataset.NotApplicable || computed[f.Path.String()] {
		v.Left++
		return
	}
	field.Value = c.Text
	field.Chosen = map[string]bool{}
	for _, code := range strings.Fields(c.Text) {
		field.Chosen[code] = true
	}
	v.Fields = append(v.Fields, field)
}

// computed lists the questions that nobody answers: calculations and those that are read only.
func (s *site) computed(a *ask, r collect.Record) (map[string]bool, error) {
	out := map[string]bool{}
	version, err := s.desk.Version(a.ctx, a.by, a.project.ID, a.form.ID, r.Version, collect.Published)
	if err != nil {
		return out, err
	}
	compiled, err := s.desk.Compiled(a.ctx, version)
	if err != nil {
		return out, err
	}
	for _, q := range compiled.Questions {
		if q.Calculation != "" || q.ReadOnly != "" || !q.Type.Asked() {
			out[q.Path.String()] = true
		}
	}
	return out, nil
}

// editField makes the input of a question, where it is simple enough for one.
func (a *ask) editField(f collect.Field) (editField, bool) {
	e := editField{Path: f.Path.String(), Name: "answer:" + f.Path.String(), Label: a.label(f.Labels, f.Path[len(f.Path)-1])}
	if f.Class > dataset.Internal {
		return e, false
	}
	for _, l := range f.Levels {
		e.Levels = append(e.Levels, levelView{l.Code, a.label(l.Labels, l.Code)})
	}
	switch f.Type {
	case form.Text, form.Barcode:
		e.Kind = "text"
	case form.Integer, form.Decimal, form.Range:
		e.Kind = "number"
	case form.Date:
		e.Kind = "date"
	case form.SelectOne:
		e.Kind = "one"
	case form.SelectMultiple:
		e.Kind = "many"
	default:
		return e, false
	}
	return e, e.Kind != "one" && e.Kind != "many" || len(e.Levels) > 0
}

func (s *site) edit(a *ask) error {
	v, err := s.editView(a)
	if err != nil {
		return err
	}
	return a.show("edit", "records", a.title("edit"), v)
}

// editDone keeps a new version of the record. The page names the version that it takes the place of, so that two people
// who edit at once do not overwrite each other.
func (s *site) editDone(a *ask) error {
	v, err := s.editView(a)
	if err != nil {
		return err
	}
	if a.value("current") != v.Record.Current {
		return fault.Conflict
	}
	changed := map[string]string{}
	for n, f := range v.Fields {
		value := a.value(f.Name)
		if f.Kind == "many" {
			value = strings.Join(a.values(f.Name), " ")
		}
		if f.Kind == "one" && value == "" && !slices.Contains(a.r.Form[f.Name], "") {
			continue
		}
		if value != strings.TrimSpace(f.Value) {
			changed[f.Path] = value
		}
		v.Fields[n].Value = value
	}
	if len(changed) == 0 {
		return a.see(a.recordAddress(), "unchanged")
	}
	if _, err := s.desk.Amend(a.ctx, a.by, a.project.ID, a.form.ID, v.Record.Instance, v.Record.Current, changed); err != nil {
		return a.again("edit", "records", a.title("edit"), v, err)
	}
	return a.see(a.recordAddress(), "edited")
}
