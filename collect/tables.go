package collect

import (
	"context"
	"slices"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/form/flatten"
	"waymark/trust/access"
)

// mergedKey names the tables of a form: of its published versions up to the newest, or of a draft.
type mergedKey struct {
	project int64
	form    string
	newest  int64
	stage   Stage
}

// merged are the tables of a form, its versions merged by path.
type merged struct {
	layout  *flatten.Layout
	log     bool // a version asks phones for their log
	columns map[int64][][]int
}

// mergedOf gives the tables of a form.
func (d *Desk) mergedOf(ctx context.Context, project int64, form string, stage Stage) (*merged, error) {
	return looked(ctx, d, func(tx Tx) (*merged, error) { return d.mergedIn(tx, project, form, stage) })
}

func (d *Desk) mergedIn(tx Tx, project int64, form string, stage Stage) (*merged, error) {
	f, err := tx.GetForm(project, form)
	if err != nil {
		return nil, notThere(err, "form")
	}
	key := mergedKey{project: project, form: form, stage: stage}
	switch {
	case stage == Draft && f.Draft != nil:
		key.newest = f.Draft.ID
	case stage == Published && f.Current != nil:
		key.newest = f.Current.ID
	case stage == Draft:
		return nil, fault.Issue{Code: CodeNoDraft, Kind: fault.NotFound}
	default:
		return nil, fault.Issue{Code: CodeNoPublished, Kind: fault.NotFound}
	}
	m := &d.memory
	m.lock.Lock()
	have := m.merged[key]
	m.lock.Unlock()
	if have != nil {
		return have, nil
	}
	ids := []int64{key.newest}
	if stage == Published {
		versions, err := tx.ListVersions(project, form)
		if err != nil {
			return nil, err
		}
		ids = ids[:0]
		for _, v := range slices.Backward(versions) {
			ids = append(ids, v.ID)
		}
	}
	out := &merged{columns: map[int64][][]int{}}
	var layouts []*flatten.Layout
	for _, id := range ids {
		e, err := d.editionIn(tx, id)
		if err != nil {
			return nil, err
		}
		layouts = append(layouts, e.layout)
		out.log = out.log || e.marks.audit
	}
	out.layout = flatten.Merge(layouts...)
	for i, id := range ids {
		out.columns[id] = columnsOf(out.layout, layouts[i])
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.merged == nil {
		m.merged = map[mergedKey]*merged{}
	}
	m.merged[key] = out
	return out, nil
}

// columnsOf says for each column of each table of all where it stands in a version's layout; -1 where it does not.
func columnsOf(all, one *flatten.Layout) [][]int {
	out := make([][]int, len(all.Tables))
	for i := range all.Tables {
		t := &all.Tables[i]
		out[i] = make([]int, len(t.Columns))
		for k := range out[i] {
			out[i][k] = -1
		}
		j := one.TableOf(t.Repeat)
		if j < 0 {
			continue
		}
		at := map[string]int{}
		for k := range one.Tables[j].Columns {
			at[one.Tables[j].Columns[k].Path.String()] = k
		}
		for k := range t.Columns {
			if p, ok := at[t.Columns[k].Path.String()]; ok {
				out[i][k] = p
			}
		}
	}
	return out
}

// Tables describes the tables of a form: of its published versions, merged by path, or of its draft. Where phones keep
// a log beside the record, its events are the last table.
func (d *Desk) Tables(ctx context.Context, by access.Actor, project int64, form string, stage Stage) ([]Table, error) {
	if err := need(by, access.ReadForms, project); err != nil {
		return nil, err
	}
	if by.Kind == access.Device || stage == Draft && need(by, access.ManageForms, project) != nil {
		return nil, forbidden(access.ManageForms)
	}
	m, err := d.mergedOf(ctx, project, form, stage)
	if err != nil {
		return nil, err
	}
	var out []Table
	for i := range m.layout.Tables {
		t := describe(&m.layout.Tables[i])
		if p := m.layout.Tables[i].Parent; p >= 0 {
			t.Parent = m.layout.Tables[p].Name
		}
		out = append(out, t)
	}
	if m.log {
		t := describe(&logLayout.Tables[0])
		t.Name, t.Path, t.Parent = logTable, pathOf(logPath), flatten.First
		out = append(out, t)
	}
	return out, nil
}

func pathOf(names ...string) form.Path { return names }

func describe(t *flatten.TableLayout) Table {
	out := Table{Name: t.Name, Path: t.Repeat, Fields: make([]Field, len(t.Columns))}
	for i, c := range t.Columns {
		out.Fields[i] = Field{Field: c.Field.Field, Path: c.Path, Type: c.Asked}
	}
	return out
}

// tableOf finds a table of a form by its name; "" is the first.
func (m *merged) tableOf(name string) (int, error) {
	if name == "" {
		return 0, nil
	}
	if name == logTable && m.log {
		return len(m.layout.Tables), nil
	}
	if i := m.layout.Table(name); i >= 0 {
		return i, nil
	}
	return 0, missing("table")
}

// at gives a table's layout and path; the one behind the last is that of logs.
func (m *merged) at(table int) (*flatten.TableLayout, string) {
	if table == len(m.layout.Tables) {
		return &logLayout.Tables[0], logPath
	}
	t := &m.layout.Tables[table]
	return t, t.Repeat.String()
}

// chosen gives the columns asked for by path; nil asks for all.
func chosen(t *flatten.TableLayout, paths []string) ([]int, error) {
	out := make([]int, 0, len(t.Columns))
	if paths == nil {
		for i := range t.Columns {
			out = append(out, i)
		}
		return out, nil
	}
	for _, p := range paths {
		i := slices.IndexFunc(t.Columns, func(c flatten.Column) bool { return c.Path.String() == p })
		if i < 0 {
			return nil, fault.Issue{Code: CodeNoField, Kind: fault.NotFound, Args: map[string]any{"field": p}}
		}
		out = append(out, i)
	}
	return out, nil
}

// What cannot be asked of rows.
const (
	CodeNoField       fault.Code = "collect.no-field"       // field
	CodeNotFilterable fault.Code = "collect.not-filterable" // field
	CodeTraining      fault.Code = "collect.training"       //
)

// cellOf gives an answer as a reader sees it.
func cellOf(c *flatten.Cell, seen bool) Cell {
	if !seen {
		return Cell{Sealed: true}
	}
	return Cell{Text: c.Text, Missing: c.Missing}
}

var notAsked = flatten.Cell{Missing: dataset.NotAsked}
