package flatten

import (
	"strconv"
	"strings"

	"waymark/dataset"
	"waymark/form"
)

// Layout is how the records of a form are kept as rows: one table of what is asked once, then one a repeat.
// The order of tables and columns is part of what Pack writes: a version of a form has one layout for ever.
// It does not change once made and may be read by many goroutines.
type Layout struct {
	Form   string // the form's id, or its title where it has none
	Tables []TableLayout

	root *place
}

// TableLayout is one table of a layout.
type TableLayout struct {
	Name    string    // "Submissions", "Submissions.home.person", as ODK Central names them
	Repeat  form.Path // nil for what is asked once
	Parent  int       // the table around it; -1 for the first
	Columns []Column

	blank []Cell // a row of which nothing was sent
}

// Column is a column as it is kept: one a question, and one for the words given with "other".
type Column struct {
	Field
	Options     []Field // of a question with several answers: a column for each choice, made when rows are read
	Conditional bool    // it is asked under a condition: where it was not sent it did not apply
}

// First is the name of the table of what is asked once.
const First = "Submissions"

// NewLayout makes the layout of a form. A second question of one path has no column.
func NewLayout(f *form.Form) *Layout {
	book := Describe(f)
	conditional := conditions(f)
	l := &Layout{Form: book.Form, Tables: make([]TableLayout, len(book.Tables))}
	for i, t := range book.Tables {
		l.Tables[i] = TableLayout{Name: tableName(t.Repeat), Repeat: t.Repeat, Parent: -1}
		seen := map[string]bool{}
		for _, field := range t.Fields {
			columns := l.Tables[i].Columns
			if field.Role == OptionColumn {
				if n := len(columns); n > 0 && columns[n-1].Path.String() == field.Path.String() {
					columns[n-1].Options = append(columns[n-1].Options, field)
				}
				continue
			}
			if path := field.Path.String(); !seen[path] {
				seen[path] = true
				l.Tables[i].Columns = append(columns, Column{Field: field, Conditional: conditional(field.Path)})
			}
		}
	}
	l.finish()
	return l
}

func tableName(repeat form.Path) string {
	return strings.Join(append([]string{First}, repeat...), ".")
}

// conditions says of a path whether it, or a group around it, is asked under a condition.
func conditions(f *form.Form) func(form.Path) bool {
	asked := map[string]bool{}
	for _, g := range f.Groups {
		asked[g.Path.String()] = asked[g.Path.String()] || g.Relevant != ""
	}
	for _, q := range f.Questions {
		asked[q.Path.String()] = asked[q.Path.String()] || q.Relevant != ""
		if q.Other { // the words are asked for where "other" is chosen
			asked[q.Path.String()+"_other"] = true
		}
	}
	return func(p form.Path) bool {
		for n := range p {
			if asked[p[:n+1].String()] {
				return true
			}
		}
		return false
	}
}

// finish derives what a layout needs to take records apart.
func (l *Layout) finish() {
	at := map[string]int{}
	for i := range l.Tables {
		at[l.Tables[i].Repeat.String()] = i
	}
	l.root = &place{table: 0, column: -1}
	for i := range l.Tables {
		t := &l.Tables[i]
		if i > 0 {
			t.Parent = 0
			for n := len(t.Repeat) - 1; n > 0; n-- {
				if k, ok := at[t.Repeat[:n].String()]; ok {
					t.Parent = k
					break
				}
			}
			p := l.root.at(t.Repeat)
			p.table, p.repeat = i, true
		}
		t.blank = make([]Cell, len(t.Columns))
		for k, c := range t.Columns {
			t.blank[k].Missing = dataset.Empty
			if c.Conditional {
				t.blank[k].Missing = dataset.NotApplicable
			}
			l.root.at(c.Path).column = k
		}
	}
}

// Table finds a table by its name; -1 where there is none.
func (l *Layout) Table(name string) int {
	for i := range l.Tables {
		if l.Tables[i].Name == name {
			return i
		}
	}
	return -1
}

// Key names a row of a table and the row around it as ODK Central's exports do: the instanceID, and for a
// repeat "/path[n]" behind it. at holds the positions of the instances from the outermost repeat in.
func (l *Layout) Key(table int, instanceID string, at []int) (key, parent string) {
	t := &l.Tables[table]
	if t.Parent < 0 {
		return instanceID, ""
	}
	from := len(l.Tables[t.Parent].Repeat)
	before, position := at, 1
	if len(at) > 0 {
		before, position = at[:len(at)-1], at[len(at)-1]
	}
	parent, _ = l.Key(t.Parent, instanceID, before)
	return parent + "/" + t.Repeat[from:].String() + "[" + strconv.Itoa(position) + "]", parent
}

// place is a point in a record: a group, a repeat or a question.
type place struct {
	name     string
	table    int // of a repeat: the table that its instances are rows of
	column   int // of a question, in the table of the innermost repeat around it; else -1
	repeat   bool
	children []*place
	named    map[string]int // children by name, where there are many
}

// at gives the place of a path, making it where there is none.
func (p *place) at(path form.Path) *place {
	for _, name := range path {
		first := 0
		next := p.child(name, &first)
		if next == nil {
			next = &place{name: name, column: -1}
			p.children = append(p.children, next)
			p.index()
		}
		p = next
	}
	return p
}

// index notes the last child by name, once there are too many to look through one by one.
func (p *place) index() {
	const few = 8
	switch n := len(p.children); {
	case n <= few:
	case p.named == nil:
		p.named = make(map[string]int, 2*n)
		for i, c := range p.children {
			p.named[c.name] = i
		}
	default:
		p.named[p.children[n-1].name] = n - 1
	}
}

// child finds a child by name, looking first where the one after the last found should be: records have their
// answers in the order of the form.
func (p *place) child(name string, next *int) *place {
	if *next < len(p.children) && p.children[*next].name == name {
		*next++
		return p.children[*next-1]
	}
	if p.named != nil {
		i, ok := p.named[name]
		if !ok {
			return nil
		}
		*next = i + 1
		return p.children[i]
	}
	for i, c := range p.children {
		if c.name == name {
			*next = i + 1
			return c
		}
	}
	return nil
}
