package xpath

import (
	"slices"
	"strings"
)

// Path is a location path that stands in an expression.
type Path struct {
	Absolute  bool     // from the root of the record
	Current   bool     // from current()
	Instance  string   // from a table beside the record: its id
	Reference string   // from ${name}
	LastSaved bool     // of a Reference: in the record saved before
	Inside    bool     // it stands in a condition of another path
	Filtered  bool     // it has conditions
	Indexed   bool     // it names the nodes of indexed-repeat()
	Steps     []string // names; "..", ".", "*", "//" and "@name" among them
	Column    int      // in letters, from 1

	base []string // what it resolves against; nil where that is not in the record
}

// String gives the path as it might be written.
func (p Path) String() string {
	s := strings.Join(p.Steps, "/")
	switch {
	case p.Absolute:
		return "/" + s
	case p.Current:
		s = "current()/" + s
	case p.Instance != "":
		s = "instance('" + p.Instance + "')/" + s
	case p.Reference != "":
		s = "${" + p.Reference + "}/" + s
	}
	return strings.TrimSuffix(s, "/")
}

// Paths lists the paths of an expression in the order they stand.
func (e *Expr) Paths() []Path { return e.paths(nil, nil) }

// References gives the absolute paths of the nodes of the record that an expression reads when it belongs to
// the node at context: names from the root element on. find gives the path of a question by name and may be
// nil. Tables beside the record, attributes, and steps that name no node are left out.
func (e *Expr) References(context []string, find func(name string) ([]string, bool)) [][]string {
	var out [][]string
	for _, p := range e.paths(context, find) {
		if to := p.resolved(); to != nil {
			out = append(out, to)
		}
	}
	return out
}

// resolved gives the path from the root, nil where it leads nowhere in the record.
func (p Path) resolved() []string {
	if p.base == nil {
		return nil
	}
	to := slices.Clone(p.base)
	for _, s := range p.Steps {
		switch {
		case s == ".":
		case s == "..":
			if len(to) == 0 {
				return nil
			}
			to = to[:len(to)-1]
		case s == "*" || s == "//" || strings.HasPrefix(s, "@"):
			return nil
		default:
			to = append(to, s)
		}
	}
	return to
}

func (e *Expr) paths(context []string, find func(string) ([]string, bool)) []Path {
	g := &gathering{source: e.source, current: context, find: find}
	g.term(e.root, place{base: context, known: context != nil})
	return g.out
}

type gathering struct {
	source  string
	current []string
	find    func(string) ([]string, bool)
	out     []Path
}

// place is where relative paths begin.
type place struct {
	base    []string
	known   bool
	inside  bool
	indexed bool
}

func (g *gathering) term(t term, at place) {
	switch t := t.(type) {
	case call:
		for i, a := range t.args {
			inner := at
			inner.indexed = at.indexed || t.name == "indexed-repeat" && (i == 0 || i == 1 || i == 3 || i == 5)
			g.term(a, inner)
		}
		if t.name == "current" && len(t.args) == 0 {
			g.add(Path{Current: true, Column: column(g.source, t.at), Steps: []string{"."}}, at, g.current)
		}
	case binary:
		g.term(t.left, at)
		g.term(t.right, at)
	case negate:
		g.term(t.of, at)
	case refer:
		g.refer(t, nil, at)
	case location:
		g.location(t, at)
	}
}

func (g *gathering) add(p Path, at place, base []string) {
	p.Inside, p.Indexed, p.base = at.inside, at.indexed, base
	g.out = append(g.out, p)
}

func (g *gathering) refer(t refer, steps []string, at place) {
	p := Path{Reference: t.name, LastSaved: t.saved, Steps: steps, Column: column(g.source, t.at)}
	var base []string
	if g.find != nil && !t.saved {
		if to, ok := g.find(t.name); ok {
			base = to
		}
	}
	g.add(p, at, base)
}

func (g *gathering) location(t location, at place) {
	p := Path{Absolute: t.absolute, Column: column(g.source, t.at)}
	base, known := at.base, at.known
	foreign := false
	switch from := t.from.(type) {
	case nil:
		if t.absolute {
			base, known = []string{}, true
		}
	case refer:
		p.Reference, p.LastSaved = from.name, from.saved
		base, known = nil, false
		if g.find != nil && !from.saved {
			base, known = g.find(from.name)
		}
	case call:
		switch {
		case from.name == "current" && len(from.args) == 0:
			p.Current, base, known = true, g.current, g.current != nil
		case from.name == "instance" && len(from.args) == 1:
			if id, ok := from.args[0].(literal); ok {
				p.Instance = id.text
			}
			base, known, foreign = nil, false, true
		default:
			g.term(from, at)
			base, known, foreign = nil, false, true
		}
	default:
		g.term(from, at)
		base, known, foreign = nil, false, true
	}
	if !known {
		base = nil
	} else if base == nil {
		base = []string{}
	}
	p.Filtered = len(t.filters) > 0
	here := func() place {
		inner := Path{Steps: p.Steps, base: base}
		to := inner.resolved()
		return place{base: to, known: to != nil, inside: true}
	}
	for _, f := range t.filters {
		g.term(f, here())
	}
	index := len(g.out)
	for _, s := range t.steps {
		p.Steps = append(p.Steps, s.text())
		p.Filtered = p.Filtered || len(s.conditions) > 0
		for _, c := range s.conditions {
			g.term(c, here())
		}
	}
	if t.from != nil && foreign && p.Instance == "" {
		return // it begins at a value that is worked out
	}
	p.Inside, p.Indexed, p.base = at.inside, at.indexed, base
	g.out = slices.Insert(g.out, index, p)
}

// text gives a step as Path.Steps has it.
func (s step) text() string {
	switch s.axis {
	case child:
		if s.kind != "" {
			return "*"
		}
		return s.name
	case parent:
		return ".."
	case self:
		return "."
	case attribute:
		return "@" + s.name
	}
	return "//"
}
