package flatten

import (
	"waymark/dataset"
	"waymark/form"
)

// Merge makes one layout of those of a form's versions, given from the oldest to the newest: tables and columns
// by path, those of the newest first and in its order, then what only older versions have. Labels are the
// newest's, levels and options of all; the highest class holds. A column that was of two kinds is text.
func Merge(layouts ...*Layout) *Layout {
	out := &Layout{}
	at := map[string]int{}
	for i := len(layouts) - 1; i >= 0; i-- {
		l := layouts[i]
		if out.Form == "" {
			out.Form = l.Form
		}
		for _, t := range l.Tables {
			k, ok := at[t.Repeat.String()]
			if !ok {
				k = len(out.Tables)
				at[t.Repeat.String()] = k
				out.Tables = append(out.Tables, TableLayout{Name: t.Name, Repeat: t.Repeat, Parent: -1})
			}
			out.Tables[k].merge(t.Columns)
		}
	}
	if len(out.Tables) == 0 {
		out.Tables = []TableLayout{{Name: First, Parent: -1}}
	}
	out.finish()
	return out
}

func (t *TableLayout) merge(columns []Column) {
	at := make(map[string]int, len(t.Columns))
	for i := range t.Columns {
		at[t.Columns[i].Path.String()] = i
	}
	for _, c := range columns {
		i, ok := at[c.Path.String()]
		if !ok {
			c.Options = append([]Field(nil), c.Options...)
			c.Levels = append([]dataset.Level(nil), c.Levels...)
			at[c.Path.String()] = len(t.Columns)
			t.Columns = append(t.Columns, c)
			continue
		}
		have := &t.Columns[i]
		have.Class = max(have.Class, c.Class)
		have.Conditional = have.Conditional || c.Conditional
		if have.Kind != c.Kind {
			have.Kind = dataset.Text
		}
		for _, l := range c.Levels {
			if !hasLevel(have.Levels, l.Code) {
				have.Levels = append(have.Levels, l)
			}
		}
		for _, o := range c.Options {
			if !hasOption(have.Options, o.Option) {
				have.Options = append(have.Options, o)
			}
		}
		for k := range have.Options {
			have.Options[k].Class = have.Class
		}
	}
}

func hasLevel(levels []dataset.Level, code string) bool {
	for _, l := range levels {
		if l.Code == code {
			return true
		}
	}
	return false
}

func hasOption(options []Field, name string) bool {
	for _, o := range options {
		if o.Option == name {
			return true
		}
	}
	return false
}

// columnsFrom says where the columns of a table stand in the same table of another layout; -1 where they do
// not.
func (t *TableLayout) columnsFrom(other *Layout) []int {
	out := make([]int, len(t.Columns))
	for i := range out {
		out[i] = -1
	}
	for k := range other.Tables {
		if o := &other.Tables[k]; o.Repeat.String() == t.Repeat.String() {
			at := make(map[string]int, len(o.Columns))
			for i := range o.Columns {
				at[o.Columns[i].Path.String()] = i
			}
			for i := range t.Columns {
				if j, ok := at[t.Columns[i].Path.String()]; ok {
					out[i] = j
				}
			}
			break
		}
	}
	return out
}

// TableOf finds the table of a repeat (nil: of what is asked once); -1 where there is none.
func (l *Layout) TableOf(repeat form.Path) int {
	for i := range l.Tables {
		if l.Tables[i].Repeat.String() == repeat.String() {
			return i
		}
	}
	return -1
}
