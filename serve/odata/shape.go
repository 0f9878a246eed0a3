package odata

import (
	"slices"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/serve/problem"
)

// shape is how the rows of a table are written: the fields in groups within one another, as the form has them.
type shape struct {
	table    collect.Table
	name     string // of the entity set
	parent   string // name of the property that joins a row to the one around it; "" of the first table
	root     *branch
	repeats  []*shape // tables whose rows lie within rows of this one
	first    bool
	id       bool // $select keeps __id
	join     bool // and the parent's id
	system   map[string]bool
	columns  []string // paths to read; nil: all
	position []int    // of each field of the table among the columns read; -1: not read
}

// branch is a group, a field or a repeat.
type branch struct {
	name     string // identifier
	field    int    // in the table; -1: a group or a repeat; instanceID: that of the record's current version
	format   format
	repeat   *shape
	children []*branch
}

// instanceID is the field meta/instanceID, which no table has a column for.
const instanceID = -2

func (b *branch) child(name string) *branch {
	for _, c := range b.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// shapes makes the shapes of a form's tables, those of repeats hung into the ones around them.
func shapes(tables []collect.Table) []*shape {
	out := make([]*shape, len(tables))
	for i, t := range tables {
		s := &shape{table: t, name: tableName(t), first: i == 0, root: &branch{field: -1}, id: true, join: true}
		for k, f := range t.Fields {
			at := s.root
			for _, name := range identifiers(f.Path[len(t.Path):]) {
				next := at.child(name)
				if next == nil {
					next = &branch{name: name, field: -1}
					at.children = append(at.children, next)
				}
				at = next
			}
			at.field, at.format = k, formatOf(f)
			s.position = append(s.position, k)
		}
		out[i] = s
	}
	if root := out[0].root; root.child("meta") == nil {
		root.children = append(root.children, &branch{name: "meta", field: -1, children: []*branch{{name: "instanceID", field: instanceID}}})
	}
	for i, t := range tables {
		if i == 0 {
			continue
		}
		for k, around := range tables {
			if around.Name != t.Parent {
				continue
			}
			out[i].parent = parentName(around)
			out[k].repeats = append(out[k].repeats, out[i])
			at := out[k].root
			names := identifiers(t.Path[len(around.Path):])
			for n, name := range names {
				next := at.child(name)
				if next == nil {
					next = &branch{name: name, field: -1}
					at.children = append(at.children, next)
				}
				at = next
				if n == len(names)-1 {
					at.repeat = out[i]
				}
			}
		}
	}
	return out
}

// find gives the branch of a path of identifiers with slashes; nil where there is none.
func (s *shape) find(path string) *branch {
	at := s.root
	for name := range strings.SplitSeq(path, "/") {
		if at = at.child(name); at == nil {
			return nil
		}
	}
	return at
}

// systemNames are the properties of __system, in order.
var systemNames = []string{"submissionDate", "updatedAt", "submitterId", "submitterName", "attachmentsPresent", "attachmentsExpected",
	"status", "reviewState", "deviceId", "edits", "formVersion", "deletedAt"}

// selected narrows a shape to what $select names; "" and "*" keep all.
func (s *shape) selected(names string) (*shape, error) {
	if names == "" || names == "*" {
		return s, nil
	}
	out := *s
	out.id, out.join, out.system, out.root = false, false, map[string]bool{}, &branch{field: -1}
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		inner, ofSystem := strings.CutPrefix(name, "__system/")
		switch {
		case name == "__id":
			out.id = true
		case name == s.parent && name != "":
			out.join = true
		case name == "__system" && s.first:
			for _, n := range systemNames {
				out.system[n] = true
			}
		case ofSystem && s.first && slices.Contains(systemNames, inner):
			out.system[inner] = true
		default:
			if err := out.keep(s.root, strings.Split(name, "/"), name); err != nil {
				return nil, err
			}
		}
	}
	out.narrow()
	return &out, nil
}

// keep copies a branch and those around it.
func (s *shape) keep(from *branch, path []string, whole string) error {
	to := s.root
	for n, name := range path {
		next := from.child(name)
		if next == nil {
			return problem.New("400.23", codeSelectField, fault.Invalid, "field", whole)
		}
		if next.repeat != nil && n < len(path)-1 {
			return problem.New("400.24", codeSelectField, fault.Invalid, "field", whole)
		}
		have := to.child(name)
		if n == len(path)-1 {
			if have == nil {
				to.children = append(to.children, next)
			} else {
				*have = *next
			}
			return nil
		}
		if have == nil {
			have = &branch{name: name, field: -1}
			to.children = append(to.children, have)
		}
		from, to = next, have
	}
	return nil
}

// narrow says which columns need be read.
func (s *shape) narrow() {
	s.columns = []string{}
	s.position = slices.Repeat([]int{-1}, len(s.table.Fields))
	var walk func(b *branch)
	walk = func(b *branch) {
		if b.field >= 0 && s.position[b.field] < 0 {
			s.position[b.field] = 0
		}
		for _, c := range b.children {
			walk(c)
		}
	}
	walk(s.root)
	s.read()
}

// also reads a column that a filter asks for.
func (s *shape) also(field int) {
	if s.columns != nil && s.position[field] < 0 {
		s.position[field] = 0
		s.read()
	}
}

// read numbers the columns in the order of the table, in which rows give them.
func (s *shape) read() {
	s.columns = s.columns[:0]
	for k, p := range s.position {
		if p >= 0 {
			s.position[k] = len(s.columns)
			s.columns = append(s.columns, s.table.Fields[k].Path.String())
		}
	}
}

// sealed names the columns that the asker cannot see: those of classes that were not asked for or not allowed.
func (s *shape) sealed(restricted, strict bool) []string {
	var out []string
	for k, f := range s.table.Fields {
		if s.position[k] >= 0 && (f.Class == dataset.Restricted && !restricted || f.Class == dataset.Strict && !strict) {
			out = append(out, strings.Join(identifiers(f.Path[len(s.table.Path):]), "/"))
		}
	}
	return out
}
