package xform_test

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// A small XPath 1.0 for assertions on forms: every axis and operator, and the functions that such
// assertions call. It is no part of the program.

type pathEval struct {
	tokens []string
	at     int
	spaces map[string]string // prefix to address
}

// set is a list of nodes in document order.
type set []*node

type scope struct {
	node      *node
	pos, size int
}

type expr func(scope) any

func evaluate(root *node, text string, spaces map[string]string) (out any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v in %s", r, text)
		}
	}()
	p := &pathEval{tokens: lexPath(text), spaces: spaces}
	e := p.or()
	if p.at != len(p.tokens) {
		return nil, fmt.Errorf("left over: %v", p.tokens[p.at:])
	}
	return e(scope{root, 1, 1}), nil
}

func lexPath(s string) []string {
	var out []string
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
		case c == '\'' || c == '"':
			n := strings.IndexByte(s[i+1:], c)
			out = append(out, s[i:i+n+2])
			i += n + 2
		case strings.HasPrefix(s[i:], "::") || strings.HasPrefix(s[i:], "//") || strings.HasPrefix(s[i:], "..") || strings.HasPrefix(s[i:], "!=") || strings.HasPrefix(s[i:], "<=") || strings.HasPrefix(s[i:], ">="):
			out = append(out, s[i:i+2])
			i += 2
		case c >= '0' && c <= '9':
			n := i
			for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.') {
				n++
			}
			out = append(out, s[i:n])
			i = n
		case letter(c):
			n := i
			for n < len(s) && (letter(s[n]) || s[n] == '*' && s[n-1] == ':' || s[n] >= '0' && s[n] <= '9' || s[n] == '-' || s[n] == '.' || s[n] == ':' && n+1 < len(s) && s[n+1] != ':' && s[n-1] != ':') {
				n++
			}
			out = append(out, s[i:n])
			i = n
		default:
			out = append(out, string(c))
			i++
		}
	}
	return out
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 }

func (p *pathEval) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *pathEval) take(want string) bool {
	if p.peek() == want && p.at < len(p.tokens) {
		p.at++
		return true
	}
	return false
}

func (p *pathEval) must(want string) {
	if !p.take(want) {
		panic("want " + want + ", have " + p.peek())
	}
}

func (p *pathEval) binary(next func() expr, apply map[string]func(a, b any) any) expr {
	left := next()
	for {
		f := apply[p.peek()]
		if f == nil || p.at >= len(p.tokens) {
			return left
		}
		p.at++
		a, b := left, next()
		left = func(s scope) any { return f(a(s), b(s)) }
	}
}

func (p *pathEval) or() expr {
	return p.binary(p.and, map[string]func(a, b any) any{"or": func(a, b any) any { return truth(a) || truth(b) }})
}

func (p *pathEval) and() expr {
	return p.binary(p.equal, map[string]func(a, b any) any{"and": func(a, b any) any { return truth(a) && truth(b) }})
}

func (p *pathEval) equal() expr {
	return p.binary(p.order, map[string]func(a, b any) any{
		"=": func(a, b any) any {
			return compare(a, b, func(x, y string) bool { return x == y }, func(x, y float64) bool { return x == y })
		},
		"!=": func(a, b any) any {
			return compare(a, b, func(x, y string) bool { return x != y }, func(x, y float64) bool { return x != y })
		},
	})
}

func (p *pathEval) order() expr {
	number := func(f func(x, y float64) bool) func(a, b any) any {
		return func(a, b any) any { return f(num(a), num(b)) }
	}
	return p.binary(p.sum, map[string]func(a, b any) any{
		"<": number(func(x, y float64) bool { return x < y }), ">": number(func(x, y float64) bool { return x > y }),
		"<=": number(func(x, y float64) bool { return x <= y }), ">=": number(func(x, y float64) bool { return x >= y }),
	})
}

func (p *pathEval) sum() expr {
	return p.binary(p.union, map[string]func(a, b any) any{"+": func(a, b any) any { return num(a) + num(b) }, "-": func(a, b any) any { return num(a) - num(b) }})
}

func (p *pathEval) union() expr {
	return p.binary(p.path, map[string]func(a, b any) any{"|": func(a, b any) any { return unique(append(append(set{}, a.(set)...), b.(set)...)) }})
}

func (p *pathEval) path() expr {
	t := p.peek()
	switch {
	case t == "(":
		p.at++
		e := p.or()
		p.must(")")
		return p.steps(p.filter(e))
	case t[0] == '\'' || t[0] == '"':
		p.at++
		return func(scope) any { return t[1 : len(t)-1] }
	case t[0] >= '0' && t[0] <= '9':
		p.at++
		x, _ := strconv.ParseFloat(t, 64)
		return func(scope) any { return x }
	case letter(t[0]) && p.at+1 < len(p.tokens) && p.tokens[p.at+1] == "(" && t != "text" && t != "node" && t != "comment":
		return p.steps(p.filter(p.call()))
	case t == "/" || t == "//":
		root := func(s scope) any {
			n := s.node
			for n.parent != nil {
				n = n.parent
			}
			return set{n}
		}
		if t == "/" && (p.at+1 == len(p.tokens) || p.tokens[p.at+1] == ")") {
			p.at++
			return root
		}
		return p.steps(root)
	}
	first := p.step(func(s scope) any { return set{s.node} })
	return p.steps(first)
}

func (p *pathEval) steps(e expr) expr {
	for {
		switch {
		case p.take("//"):
			inner := e
			e = p.step(func(s scope) any {
				return walkAxis(inner(s).(set), "descendant-or-self", func(*node) bool { return true })
			})
		case p.take("/"):
			e = p.step(e)
		default:
			return e
		}
	}
}

func (p *pathEval) step(from expr) expr {
	axis := "child"
	switch {
	case p.take("."):
		return p.filter(from)
	case p.take(".."):
		return func(s scope) any {
			return walkAxis(from(s).(set), "parent", func(*node) bool { return true })
		}
	case p.take("@"):
		axis = "attribute"
	case p.at+1 < len(p.tokens) && p.tokens[p.at+1] == "::":
		axis = p.peek()
		p.at += 2
	}
	name := p.peek()
	p.at++
	var test func(*node) bool
	prefix, local, prefixed := strings.Cut(name, ":")
	switch {
	case (name == "text" || name == "node" || name == "comment") && p.take("("):
		p.must(")")
		test = func(n *node) bool { return name == "node" || name == "text" && n.kind == textNode }
	case name == "*":
		test = func(n *node) bool { return n.kind != textNode }
	case prefixed:
		space, known := p.spaces[prefix]
		if !known {
			panic("prefix " + prefix)
		}
		test = func(n *node) bool {
			return n.kind != textNode && n.space == space && (local == "*" || n.local == local)
		}
	default:
		test = func(n *node) bool { return n.kind != textNode && n.space == "" && n.local == name }
	}
	var predicates []expr
	for p.take("[") {
		predicates = append(predicates, p.or())
		p.must("]")
	}
	return func(s scope) any {
		var out set
		for _, n := range from(s).(set) {
			found := walkAxis(set{n}, axis, test)
			reverse := strings.HasPrefix(axis, "ancestor") || strings.HasPrefix(axis, "preceding")
			for _, pr := range predicates {
				found = keepOnly(found, pr, reverse)
			}
			out = append(out, found...)
		}
		return unique(out)
	}
}

func (p *pathEval) filter(e expr) expr {
	for p.take("[") {
		inner, pr := e, p.or()
		p.must("]")
		e = func(s scope) any { return keepOnly(inner(s).(set), pr, false) }
	}
	return e
}

func keepOnly(nodes set, pr expr, reverse bool) set {
	var out set
	for i, n := range nodes {
		pos := i + 1
		if reverse {
			pos = len(nodes) - i
		}
		v := pr(scope{n, pos, len(nodes)})
		if x, ok := v.(float64); ok && x == float64(pos) || !ok && truth(v) {
			out = append(out, n)
		}
	}
	return out
}

func (p *pathEval) call() expr {
	name := p.peek()
	p.at += 2
	var args []expr
	for !p.take(")") {
		args = append(args, p.or())
		p.take(",")
	}
	arg := func(s scope, i int) any {
		if i < len(args) {
			return args[i](s)
		}
		return set{s.node}
	}
	first := func(s scope) *node {
		if v, _ := arg(s, 0).(set); len(v) > 0 {
			return v[0]
		}
		return &node{}
	}
	switch name {
	case "not":
		return func(s scope) any { return !truth(arg(s, 0)) }
	case "true":
		return func(scope) any { return true }
	case "false":
		return func(scope) any { return false }
	case "count":
		return func(s scope) any { return float64(len(arg(s, 0).(set))) }
	case "position":
		return func(s scope) any { return float64(s.pos) }
	case "last":
		return func(s scope) any { return float64(s.size) }
	case "local-name":
		return func(s scope) any { return first(s).local }
	case "name":
		return func(s scope) any { return first(s).name }
	case "namespace-uri":
		return func(s scope) any { return first(s).space }
	case "string":
		return func(s scope) any { return str(arg(s, 0)) }
	case "normalize-space":
		return func(s scope) any { return strings.Join(strings.Fields(str(arg(s, 0))), " ") }
	case "contains":
		return func(s scope) any { return strings.Contains(str(arg(s, 0)), str(arg(s, 1))) }
	case "starts-with":
		return func(s scope) any { return strings.HasPrefix(str(arg(s, 0)), str(arg(s, 1))) }
	case "string-length":
		return func(s scope) any { return float64(len([]rune(str(arg(s, 0))))) }
	}
	panic("function " + name)
}

func walkAxis(from set, axis string, test func(*node) bool) set {
	var out set
	add := func(n *node) {
		if test(n) {
			out = append(out, n)
		}
	}
	var down func(n *node)
	down = func(n *node) {
		for _, c := range n.children {
			add(c)
			down(c)
		}
	}
	for _, n := range from {
		switch axis {
		case "child":
			for _, c := range n.children {
				add(c)
			}
		case "attribute":
			for _, a := range n.attributes {
				add(a)
			}
		case "namespace":
			for _, a := range n.namespaces() {
				add(a)
			}
		case "self":
			add(n)
		case "parent":
			if n.parent != nil {
				add(n.parent)
			}
		case "descendant":
			down(n)
		case "descendant-or-self":
			add(n)
			down(n)
		case "ancestor", "ancestor-or-self":
			if axis == "ancestor-or-self" {
				add(n)
			}
			for a := n.parent; a != nil; a = a.parent {
				add(a)
			}
		case "following-sibling", "preceding-sibling":
			if n.parent == nil {
				continue
			}
			for _, c := range n.parent.children {
				if axis == "following-sibling" && c.order > n.order || axis == "preceding-sibling" && c.order < n.order {
					add(c)
				}
			}
		default:
			panic("axis " + axis)
		}
	}
	return unique(out)
}

func unique(nodes set) set {
	sort.SliceStable(nodes, func(i, j int) bool { return nodes[i].order < nodes[j].order })
	var out set
	for i, n := range nodes {
		if i == 0 || n != nodes[i-1] {
			out = append(out, n)
		}
	}
	return out
}

func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	case set:
		return len(v) > 0
	}
	return false
}

func str(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case set:
		if len(v) > 0 {
			return v[0].text()
		}
	}
	return ""
}

func num(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(str(v)), 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

func compare(a, b any, text func(x, y string) bool, number func(x, y float64) bool) bool {
	if nodes, ok := a.(set); ok {
		for _, n := range nodes {
			if _, isBool := b.(bool); isBool {
				return number(num(truth(a)), num(b))
			}
			if compare(n.text(), b, text, number) {
				return true
			}
		}
		return false
	}
	if _, ok := b.(set); ok {
		return compare(b, a, text, number)
	}
	if _, ok := a.(bool); ok {
		return number(num(truth(a)), num(truth(b)))
	}
	if _, ok := b.(bool); ok {
		return number(num(truth(a)), num(truth(b)))
	}
	_, numberA := a.(float64)
	_, numberB := b.(float64)
	if numberA || numberB {
		return number(num(a), num(b))
	}
	return text(str(a), str(b))
}
