package xpath

import (
	"fmt"
	"math"
	"time"

	"waymark/fault"
)

// ErrUnknown says that a value cannot be known here: it needs a file, a device or a time that was not given,
// or more work than an expression is allowed.
var ErrUnknown = fmt.Errorf("evaluate an expression: the value is not known here: %w", fault.Unavailable)

// Context is what an expression is evaluated in. Only Node is required; what another field would give is not
// known without it.
type Context struct {
	Node       *Node                                     // the node that the expression belongs to
	Root       *Node                                     // the root element of the record; default: the one above Node
	Now        time.Time                                 // the time on the phone, in its zone
	Random     func() float64                            // in [0, 1)
	UUID       func() string                             //
	Find       func(name string) ([]string, bool)        // the path of a question by name, the root element's name first
	Instance   func(id string) *Node                     // a table beside the record: the element that holds its root; nil: not there
	ChoiceName func(path, code string) (string, bool)    // the label of a choice of the question at a path
	Text       func(id string) (string, bool)            // a text of the form
	Property   func(name string) (value string, ok bool) // what the device says of itself
	Version    string                                    // of the form
	Work       *int                                      // nodes that may still be looked at by all expressions together; nil: no bound but each one's own
}

// mostWork bounds the nodes that an expression may look at.
const mostWork = 2_000_000

// Evaluate works an expression out. The error is ErrUnknown.
func (e *Expr) Evaluate(c *Context) (Value, error) {
	v := &evaluation{expr: e, Context: c, left: mostWork}
	if c.Work != nil {
		v.left = min(v.left, *c.Work)
		before := v.left
		defer func() { *c.Work -= before - max(v.left, 0) }()
	}
	v.root = c.Root
	if v.root == nil {
		for v.root = c.Node; v.root.Parent != nil; {
			v.root = v.root.Parent
		}
	}
	return v.term(e.root, focus{node: c.Node, position: 1, size: 1})
}

type evaluation struct {
	*Context
	expr *Expr
	root *Node
	left int // nodes that may still be looked at
}

// focus is the node that a part of an expression is evaluated at.
type focus struct {
	node           *Node
	position, size int
}

func (v *evaluation) spend(n int) error {
	if v.left -= n + 1; v.left < 0 {
		return ErrUnknown
	}
	return nil
}

func (v *evaluation) term(t term, f focus) (Value, error) {
	if err := v.spend(0); err != nil {
		return Value{}, err
	}
	switch t := t.(type) {
	case number:
		return numberOf(t.value), nil
	case literal:
		return textOf(t.text), nil
	case negate:
		x, err := v.term(t.of, f)
		return numberOf(-x.Number()), err
	case binary:
		return v.binary(t, f)
	case call:
		return v.call(t, f)
	case refer:
		nodes, err := v.refer(t)
		return nodesOf(nodes), err
	case location:
		return v.location(t, f)
	}
	return Value{}, ErrUnknown
}

func (v *evaluation) binary(t binary, f focus) (Value, error) {
	if t.op == "or" || t.op == "and" {
		return v.logic(t, f)
	}
	a, err := v.term(t.left, f)
	if err != nil {
		return Value{}, err
	}
	b, err := v.term(t.right, f)
	if err != nil {
		return Value{}, err
	}
	switch t.op {
	case "=", "!=", "<", "<=", ">", ">=":
		if err := v.spend(max(1, len(a.nodes)) * max(1, len(b.nodes))); err != nil {
			return Value{}, err
		}
		holds, err := compare(a, b, t.op)
		return truthOf(holds), err
	case "+":
		return numberOf(a.Number() + b.Number()), nil
	case "-":
		return numberOf(a.Number() - b.Number()), nil
	case "*":
		return numberOf(a.Number() * b.Number()), nil
	case "div":
		return numberOf(a.Number() / b.Number()), nil
	case "mod":
		return numberOf(math.Mod(a.Number(), b.Number())), nil
	case "|":
		if a.kind != nodesValue || b.kind != nodesValue {
			return Value{}, ErrUnknown
		}
		return nodesOf(v.union(a.nodes, b.nodes)), nil
	}
	return Value{}, ErrUnknown
}

// logic works out "or" and "and": one side that decides is enough, though the other is not known.
func (v *evaluation) logic(t binary, f focus) (Value, error) {
	decides := t.op == "or"
	a, errA := v.term(t.left, f)
	if errA == nil && a.Truth() == decides {
		return truthOf(decides), nil
	}
	b, errB := v.term(t.right, f)
	if errB == nil && b.Truth() == decides {
		return truthOf(decides), nil
	}
	if errA != nil || errB != nil {
		return Value{}, ErrUnknown
	}
	return truthOf(!decides), nil
}

// union puts nodes together in document order.
func (v *evaluation) union(a, b []*Node) []*Node {
	in := make(map[*Node]bool, len(a)+len(b))
	for _, n := range a {
		in[n] = true
	}
	out := append([]*Node(nil), a...)
	for _, n := range b {
		if !in[n] {
			in[n] = true
			out = append(out, n)
		}
	}
	if len(a) > 0 && len(b) > 0 {
		v.sort(out)
	}
	return out
}

// refer gives the nodes of ${name}.
func (v *evaluation) refer(t refer) ([]*Node, error) {
	if t.saved || v.Find == nil {
		return nil, ErrUnknown
	}
	names, ok := v.Find(t.name)
	if !ok {
		return nil, ErrUnknown
	}
	steps := make([]step, len(names))
	for i, name := range names {
		steps[i] = step{axis: child, name: name}
	}
	return v.absolute(steps)
}

// absolute follows a path from the root. Where the node that the expression belongs to stands in a repeat that
// the path goes into, the path stays in the same instance of it (as phones do), but for a last step.
func (v *evaluation) absolute(steps []step) ([]*Node, error) {
	document := &Node{Children: []*Node{v.root}}
	if len(steps) == 0 {
		return []*Node{document}, nil
	}
	var chain []*Node
	for n := v.Node; n != nil; n = n.Parent {
		chain = append(chain, n)
	}
	at, i := document, 0
	for i < len(steps)-1 && i < len(chain) {
		n, s := chain[len(chain)-1-i], &steps[i]
		if s.axis != child || s.kind != "" || s.name != n.Name || len(s.conditions) > 0 || i == 0 && n != v.root {
			break
		}
		at = n
		i++
	}
	return v.steps([]*Node{at}, steps[i:])
}

func (v *evaluation) location(t location, f focus) (Value, error) {
	if t.absolute {
		nodes, err := v.absolute(t.steps)
		return nodesOf(nodes), err
	}
	start := []*Node{f.node}
	if t.from != nil {
		from, err := v.term(t.from, f)
		if err != nil {
			return Value{}, err
		}
		if from.kind != nodesValue {
			return Value{}, ErrUnknown
		}
		start = from.nodes
		for _, c := range t.filters {
			if start, err = v.filter(start, c); err != nil {
				return Value{}, err
			}
		}
	}
	nodes, err := v.steps(start, t.steps)
	return nodesOf(nodes), err
}

func (v *evaluation) steps(at []*Node, steps []step) ([]*Node, error) {
	for i := range steps {
		s := &steps[i]
		var next []*Node
		for _, n := range at {
			reached, err := v.reach(n, s)
			if err != nil {
				return nil, err
			}
			for _, c := range s.conditions {
				if reached, err = v.filter(reached, c); err != nil {
					return nil, err
				}
			}
			next = append(next, reached...)
		}
		if len(at) > 1 && s.axis != child && s.axis != self && s.axis != attribute {
			next = distinct(next)
		}
		at = next
	}
	return at, nil
}

func distinct(nodes []*Node) []*Node {
	seen := make(map[*Node]bool, len(nodes))
	out := nodes[:0]
	for _, n := range nodes {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

// reach gives the nodes that a step leads to from one, in the order of its axis.
func (v *evaluation) reach(n *Node, s *step) ([]*Node, error) {
	var out []*Node
	take := func(c *Node) {
		if s.kind == "node" || s.kind == "" && (s.name == "*" || s.name == c.Name) {
			out = append(out, c)
		}
	}
	if s.kind == "text" { // the text of an element is the element's own here
		if n.Text != "" {
			out = []*Node{n}
		}
		return out, v.spend(1)
	}
	if err := v.spend(len(n.Children)); err != nil {
		return nil, err
	}
	switch s.axis {
	case child:
		for _, c := range n.Children {
			take(c)
		}
	case self:
		take(n)
	case parent:
		if n.Parent != nil {
			take(n.Parent)
		}
	case attribute:
		for _, a := range n.Attributes {
			take(&Node{Name: a.Name, Space: a.Space, Text: a.Value, Parent: n, attribute: true})
		}
	case ancestor, ancestorOrSelf:
		if s.axis == ancestorOrSelf {
			take(n)
		}
		for up := n.Parent; up != nil; up = up.Parent {
			take(up)
		}
	case descendant, descendantOrSelf:
		if s.axis == descendantOrSelf {
			take(n)
		}
		if err := v.below(n, take); err != nil {
			return nil, err
		}
	case followingSibling, precedingSibling:
		if n.Parent == nil || n.attribute {
			return nil, nil
		}
		passed := false
		for _, c := range n.Parent.Children {
			switch {
			case c == n:
				passed = true
			case passed == (s.axis == followingSibling):
				take(c)
			}
		}
		if s.axis == precedingSibling {
			for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out, nil
}

func (v *evaluation) below(n *Node, take func(*Node)) error {
	if err := v.spend(len(n.Children)); err != nil {
		return err
	}
	for _, c := range n.Children {
		take(c)
		if err := v.below(c, take); err != nil {
			return err
		}
	}
	return nil
}

// filter keeps the nodes for which a condition holds; a number is a position.
func (v *evaluation) filter(nodes []*Node, condition term) ([]*Node, error) {
	var out []*Node
	for i, n := range nodes {
		x, err := v.term(condition, focus{n, i + 1, len(nodes)})
		if err != nil {
			return nil, err
		}
		if x.kind == numberValue && x.number == float64(i+1) || x.kind != numberValue && x.Truth() {
			out = append(out, n)
		}
	}
	return out, nil
}

// sort puts nodes in document order.
func (v *evaluation) sort(nodes []*Node) {
	in := make(map[*Node]bool, len(nodes))
	for _, n := range nodes {
		in[n] = true
	}
	out := nodes[:0:0]
	tops := map[*Node]bool{}
	for _, n := range nodes {
		top := n
		for top.Parent != nil {
			top = top.Parent
		}
		if tops[top] {
			continue
		}
		tops[top] = true
		visit := func(c *Node) {
			if in[c] {
				out = append(out, c)
				delete(in, c)
			}
		}
		visit(top)
		if v.below(top, visit) != nil {
			return
		}
	}
	if len(out) == len(nodes) {
		copy(nodes, out)
	}
}
