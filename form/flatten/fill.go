package flatten

import (
	"strings"

	"waymark/dataset"
)

// The columns that name a row, as ODK Central's exports have them. They stand last.
const (
	Key       = "KEY"        // the instanceID, and for a repeat "/path[n]" behind it
	ParentKey = "PARENT_KEY" // of a repeat: the KEY of the row around it
)

// Fields gives the columns of a table as a file or a study sees them: answers, with a column for each choice
// where several may be chosen, then PARENT_KEY and KEY. Where a question has one of these names, two
// underscores stand before ours.
func (t *TableLayout) Fields() []dataset.Field {
	var out []dataset.Field
	for _, c := range t.Columns {
		out = append(out, c.Field.Field)
		for _, o := range c.Options {
			out = append(out, o.Field)
		}
	}
	return append(out, t.keys()...)
}

func (t *TableLayout) keys() []dataset.Field {
	free := func(name string) dataset.Field {
		for _, c := range t.Columns {
			if c.Name == name {
				name = "__" + name
			}
		}
		return dataset.Field{Name: name, Kind: dataset.Text, Class: dataset.Internal}
	}
	if t.Parent < 0 {
		return []dataset.Field{free(Key)}
	}
	return []dataset.Field{free(ParentKey), free(Key)}
}

// Filler makes a table of rows, whatever version of the form they were sent with. Start with NewFiller.
type Filler struct {
	table   *TableLayout
	columns []filling
	parent  *dataset.Builder // nil for the first table
	key     *dataset.Builder

	from *Layout // of the last row
	at   []int   // where its cells are
}

type filling struct {
	column  int
	main    *dataset.Builder
	options []*dataset.Builder
	place   map[string]int // of an option
	chosen  []bool
}

// NewFiller starts a table of a layout with the columns that keep says; nil keeps all.
func (l *Layout) NewFiller(table int, keep func(Column) bool) *Filler {
	t := &l.Tables[table]
	f := &Filler{table: t}
	for i, c := range t.Columns {
		if keep != nil && !keep(c) {
			continue
		}
		fill := filling{column: i, main: dataset.NewBuilder(c.Field.Field)}
		if len(c.Options) > 0 {
			fill.place, fill.chosen = make(map[string]int, len(c.Options)), make([]bool, len(c.Options))
			for k, o := range c.Options {
				fill.place[o.Option] = k
				fill.options = append(fill.options, dataset.NewBuilder(o.Field))
			}
		}
		f.columns = append(f.columns, fill)
	}
	keys := t.keys()
	f.key = dataset.NewBuilder(keys[len(keys)-1])
	if len(keys) > 1 {
		f.parent = dataset.NewBuilder(keys[0])
	}
	return f
}

// Append adds a row. Its cells are those of the same table in the layout from, which may be an older version's;
// only their texts and missing kinds are read. A number or a date that is none becomes Empty.
func (f *Filler) Append(from *Layout, key, parent string, cells []Cell) {
	if f.from != from || f.at == nil {
		f.from, f.at = from, f.table.columnsFrom(from)
	}
	for i := range f.columns {
		c := &f.columns[i]
		cell := Cell{Missing: dataset.NotAsked}
		if k := f.at[c.column]; k >= 0 && k < len(cells) {
			cell = cells[k]
		}
		c.append(f.table.Columns[c.column].Kind, cell)
	}
	f.key.Text(key)
	if f.parent != nil {
		f.parent.Text(parent)
	}
}

func (f *filling) append(kind dataset.Kind, cell Cell) {
	if cell.Missing == dataset.Present && cell.Text == "" {
		cell.Missing = dataset.Empty
	}
	if cell.Missing != dataset.Present {
		f.main.Missing(cell.Missing)
		for _, o := range f.options {
			o.Missing(cell.Missing)
		}
		return
	}
	text := strings.TrimSpace(cell.Text)
	switch kind {
	case dataset.Category:
		f.main.Level(text)
	case dataset.Number, dataset.Date:
		typed := cell
		if !typed.Typed {
			typed = NewCell(kind, text)
		}
		switch {
		case !typed.Typed:
			f.main.Missing(dataset.Empty)
		case kind == dataset.Date:
			f.main.Day(int(typed.Number))
		default:
			f.main.Number(typed.Number)
		}
	default:
		f.main.Text(cell.Text)
	}
	if len(f.options) == 0 {
		return
	}
	clear(f.chosen)
	for _, code := range strings.Fields(text) {
		if k, ok := f.place[code]; ok {
			f.chosen[k] = true
		}
	}
	for k, o := range f.options {
		if f.chosen[k] {
			o.Number(1)
		} else {
			o.Number(0)
		}
	}
}

// Rows is the number of rows so far.
func (f *Filler) Rows() int { return f.key.Rows() }

// Table gives the finished table. The filler must not be used again.
func (f *Filler) Table() *dataset.Table {
	out := &dataset.Table{Name: f.table.Name}
	for i := range f.columns {
		out.Columns = append(out.Columns, f.columns[i].main.Column())
		for _, o := range f.columns[i].options {
			out.Columns = append(out.Columns, o.Column())
		}
	}
	if f.parent != nil {
		out.Columns = append(out.Columns, f.parent.Column())
	}
	out.Columns = append(out.Columns, f.key.Column())
	return out
}
