package instance

import (
	"slices"
	"strings"

	"waymark/form"
	"waymark/form/xpath"
)

// Checker holds a form against records. It is made once for a version of a form, does not change, and may be
// used by many goroutines.
type Checker struct {
	form  *form.Form
	root  *place
	names map[string]form.Path // of questions and groups by their own name, where only one has it
}

// place is a point of a form: a group, a repeat or a question.
type place struct {
	path     form.Path
	repeat   bool
	relevant condition
	asks     *asking // nil of groups
	children []*place
	named    map[string]int
}

// asking is what a form says of an answer.
type asking struct {
	question   *form.Question
	required   condition
	constraint condition
	codes      map[string]bool // nil where the choices are not known
}

// condition is an expression that may be missing, constant, or beyond what is read here.
type condition struct {
	there bool
	expr  *xpath.Expr // nil where it is constant or cannot be read
	holds known
}

// known says whether something holds, as far as that can be known here.
type known uint8

const (
	unknown known = iota
	yes
	no
)

func newCondition(s string) condition {
	switch s = strings.TrimSpace(s); strings.ToLower(s) {
	case "":
		return condition{}
	case "true()", "yes", "true", "1":
		return condition{there: true, holds: yes}
	case "false()", "no", "false", "0":
		return condition{there: true, holds: no}
	}
	expr, err := xpath.Parse(s)
	if err != nil {
		return condition{there: true}
	}
	return condition{there: true, expr: expr}
}

// NewChecker makes a Checker of a form, as compiled from sheets or read from an XForm.
func NewChecker(f *form.Form) *Checker {
	c := &Checker{form: f, root: &place{}, names: map[string]form.Path{}}
	named := map[string]int{}
	note := func(p form.Path) {
		if len(p) > 0 {
			named[p[len(p)-1]]++
			c.names[p[len(p)-1]] = p
		}
	}
	for i := range f.Questions {
		q := &f.Questions[i]
		if q.Type == form.Audit { // it stands in what the record says of itself
			continue
		}
		p := c.root.at(q.Path)
		if p.asks != nil || len(p.children) > 0 {
			continue
		}
		p.relevant = newCondition(q.Relevant)
		p.asks = &asking{question: q, required: newCondition(q.Required), constraint: newCondition(q.Constraint), codes: codes(f, q)}
		note(q.Path)
		if q.Other {
			other := append(q.Path[:len(q.Path)-1:len(q.Path)-1], q.Name()+"_other")
			words := c.root.at(other)
			words.asks = &asking{question: &form.Question{Path: other, Repeat: q.Repeat, Type: form.Text}}
			words.relevant = condition{there: true}
		}
	}
	for _, g := range f.Groups {
		p := c.root.at(g.Path)
		p.repeat = p.repeat || g.Repeat
		p.relevant = newCondition(g.Relevant)
		note(g.Path)
	}
	if f.Tree != nil { // compilers add nodes that no question stands for
		f.Tree.Root.Walk(func(n *form.Node) {
			if p := strings.Split(strings.TrimPrefix(n.Path(), "/"), "/"); n.Kind == form.QuestionNode && len(p) > 1 {
				c.root.at(p[1:])
			}
		})
	}
	for name, times := range named {
		if times > 1 {
			delete(c.names, name)
		}
	}
	return c
}

// codes gives the codes that an answer may have; nil where they are in a file or in other answers.
func codes(f *form.Form, q *form.Question) map[string]bool {
	if !q.Type.Select() || q.List == "" || q.File != "" {
		return nil
	}
	l := f.List(q.List)
	if l == nil || len(l.Choices) == 0 {
		return nil
	}
	out := make(map[string]bool, len(l.Choices)+1)
	for _, choice := range l.Choices {
		out[choice.Name] = true
	}
	if q.Other {
		out[form.OtherChoice] = true
	}
	return out
}

func (p *place) at(path form.Path) *place {
	for i, name := range path {
		if k := p.child(name, 0); k >= 0 {
			p = p.children[k]
			continue
		}
		next := &place{path: path[: i+1 : i+1]}
		p.children = append(p.children, next)
		p.index()
		p = next
	}
	return p
}

func (p *place) name() string { return p.path[len(p.path)-1] }

// index notes the last child by name, once there are too many to look through one by one.
func (p *place) index() {
	const few = 8
	switch n := len(p.children); {
	case n <= few:
	case p.named == nil:
		p.named = make(map[string]int, 2*n)
		for i, c := range p.children {
			p.named[c.name()] = i
		}
	default:
		p.named[p.children[n-1].name()] = n - 1
	}
}

// child finds a child by name, -1 where there is none; from is where it should be.
func (p *place) child(name string, from int) int {
	if from < len(p.children) && p.children[from].name() == name {
		return from
	}
	if p.named != nil {
		if i, ok := p.named[name]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(p.children, func(c *place) bool { return c.name() == name })
}
