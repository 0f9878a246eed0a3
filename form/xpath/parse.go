package xpath

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"waymark/fault"
)

// What can be wrong with an expression. Places are columns of the expression, in letters from 1; whoever holds
// the expression knows where it stands. Texts stand in lang/messages/xpath.*.toml.
const (
	CodeSyntax          fault.Code = "xpath.syntax"           // column
	CodeEmpty           fault.Code = "xpath.empty"            //
	CodeTooDeep         fault.Code = "xpath.too-deep"         // limit
	CodeTooLong         fault.Code = "xpath.too-long"         // limit: bytes
	CodeUnknownFunction fault.Code = "xpath.unknown-function" // function, column
	CodeTooFew          fault.Code = "xpath.too-few"          // function, have, least, column
	CodeTooMany         fault.Code = "xpath.too-many"         // function, have, most, column
	CodeUnknownAxis     fault.Code = "xpath.unknown-axis"     // axis, column
)

// Bounds of an expression.
const (
	deepest = 200
	longest = 1 << 16
)

// Expr is a parsed expression. It does not change and may be evaluated by many goroutines.
type Expr struct {
	source string
	root   term
}

// String gives the expression as it was written. Expressions are parts of forms, not of answers.
func (e *Expr) String() string { return e.source }

// term is a part of an expression.
type term interface{ place() int }

type (
	number struct {
		at    int
		value float64
	}
	literal struct {
		at   int
		text string
	}
	call struct {
		at   int
		name string
		args []term
	}
	binary struct {
		at          int
		op          string
		left, right term
	}
	negate struct {
		at int
		of term
	}
	// named is ${name}.
	refer struct {
		at    int
		name  string
		saved bool // in the record saved before
	}
	// location is a path. Without absolute and from it begins at the context node.
	location struct {
		at       int
		absolute bool
		from     term   // an expression that it begins at; nil: a step
		filters  []term // conditions on from
		steps    []step
	}
)

// step is one step of a path.
type step struct {
	at         int
	axis       axis
	name       string // local name; "*" any, "" with kind
	kind       string // "node" or "text" for node() and text()
	conditions []term
}

type axis uint8

const (
	child axis = iota
	parent
	self
	attribute
	descendant
	descendantOrSelf
	ancestor
	ancestorOrSelf
	followingSibling
	precedingSibling
)

var axes = map[string]axis{
	"child": child, "parent": parent, "self": self, "attribute": attribute, "descendant": descendant,
	"descendant-or-self": descendantOrSelf, "ancestor": ancestor, "ancestor-or-self": ancestorOrSelf,
	"following-sibling": followingSibling, "preceding-sibling": precedingSibling,
}

func (t number) place() int   { return t.at }
func (t literal) place() int  { return t.at }
func (t call) place() int     { return t.at }
func (t binary) place() int   { return t.at }
func (t negate) place() int   { return t.at }
func (t refer) place() int    { return t.at }
func (t location) place() int { return t.at }

// Parse reads an expression. ${name} stands for a question, as form authors write it. The error is a
// fault.Issue whose argument column says where reading stopped.
func Parse(s string) (*Expr, error) {
	if len(s) > longest {
		return nil, fault.Issue{Code: CodeTooLong, Args: map[string]any{"limit": longest}}
	}
	if strings.TrimSpace(s) == "" {
		return nil, fault.Issue{Code: CodeEmpty}
	}
	p := &parser{source: s, tokens: tokens(s)}
	root := p.or()
	if p.err == nil && p.peek().kind != endToken {
		p.wrong()
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Expr{source: s, root: root}, nil
}

// column gives the place of a byte in letters, from 1.
func column(s string, at int) int { return 1 + utf8.RuneCountInString(s[:min(at, len(s))]) }

type parser struct {
	source string
	tokens []token
	next   int
	depth  int
	err    error
}

func (p *parser) peek() token { return p.tokens[min(p.next, len(p.tokens)-1)] }

func (p *parser) take() token {
	t := p.peek()
	p.next++
	return t
}

// wrong stops at the next token.
func (p *parser) wrong() { p.wrongAt(CodeSyntax, p.peek().at, nil) }

func (p *parser) wrongAt(code fault.Code, at int, args map[string]any) {
	if p.err != nil {
		return
	}
	if args == nil {
		args = map[string]any{}
	}
	args["column"] = column(p.source, at)
	p.err = fault.Issue{Code: code, Args: args}
	p.next = len(p.tokens) - 1 // nothing more is read
	p.tokens[p.next] = token{kind: endToken, at: at}
}

func (p *parser) symbol(texts ...string) (token, bool) {
	t := p.peek()
	if t.kind != symbolToken {
		return t, false
	}
	for _, s := range texts {
		if t.text == s {
			p.next++
			return t, true
		}
	}
	return t, false
}

func (p *parser) want(text string) {
	if _, ok := p.symbol(text); !ok {
		p.wrong()
	}
}

// levels are the operators from the loosest to the tightest.
var levels = [...][]string{{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"}}

func (p *parser) or() term {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > deepest {
		p.wrongAt(CodeTooDeep, p.peek().at, map[string]any{"limit": deepest})
		return number{}
	}
	return p.level(0)
}

func (p *parser) level(n int) term {
	if n == len(levels) {
		return p.unary()
	}
	left := p.level(n + 1)
	for {
		t, ok := p.symbol(levels[n]...)
		if !ok {
			return left
		}
		left = binary{t.at, t.text, left, p.level(n + 1)}
	}
}

func (p *parser) unary() term {
	t, ok := p.symbol("-")
	if !ok {
		return p.union()
	}
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > deepest {
		p.wrongAt(CodeTooDeep, t.at, map[string]any{"limit": deepest})
		return number{}
	}
	return negate{t.at, p.unary()}
}

func (p *parser) union() term {
	left := p.path()
	for {
		t, ok := p.symbol("|")
		if !ok {
			return left
		}
		left = binary{t.at, "|", left, p.path()}
	}
}

// path reads a location path, or a value with conditions and steps behind it.
func (p *parser) path() term {
	t := p.peek()
	if t.kind == symbolToken && (t.text == "/" || t.text == "//") {
		p.next++
		l := location{at: t.at, absolute: true}
		if t.text == "//" {
			l.steps = append(l.steps, step{at: t.at, axis: descendantOrSelf, kind: "node"})
		} else if !p.step() {
			return l
		}
		return p.steps(l)
	}
	if p.step() {
		return p.steps(location{at: t.at})
	}
	from := p.primary()
	l := location{at: t.at, from: from, filters: p.conditions()}
	if s, ok := p.symbol("/", "//"); ok {
		if s.text == "//" {
			l.steps = append(l.steps, step{at: s.at, axis: descendantOrSelf, kind: "node"})
		}
		return p.steps(l)
	}
	if len(l.filters) > 0 {
		return l
	}
	return from
}

// step says whether a step begins here.
func (p *parser) step() bool {
	t := p.peek()
	switch t.kind {
	case nameToken, axisToken:
		return true
	case callToken:
		return t.text == "node" || t.text == "text"
	case symbolToken:
		return t.text == "." || t.text == ".." || t.text == "@"
	}
	return false
}

func (p *parser) steps(l location) location {
	for {
		l.steps = append(l.steps, p.oneStep())
		t, ok := p.symbol("/", "//")
		if !ok {
			return l
		}
		if t.text == "//" {
			l.steps = append(l.steps, step{at: t.at, axis: descendantOrSelf, kind: "node"})
		}
	}
}

func (p *parser) oneStep() step {
	t := p.take()
	s := step{at: t.at}
	switch {
	case t.kind == symbolToken && t.text == ".":
		s.axis, s.kind = self, "node"
		s.conditions = p.conditions()
		return s
	case t.kind == symbolToken && t.text == "..":
		s.axis, s.kind = parent, "node"
		s.conditions = p.conditions()
		return s
	case t.kind == symbolToken && t.text == "@":
		s.axis = attribute
		t = p.take()
	case t.kind == axisToken:
		a, ok := axes[t.text]
		if !ok {
			p.wrongAt(CodeUnknownAxis, t.at, map[string]any{"axis": t.text})
			return s
		}
		s.axis = a
		t = p.take()
	}
	switch {
	case t.kind == nameToken:
		s.name = t.text
		if i := strings.LastIndexByte(t.text, ':'); i >= 0 {
			s.name = t.text[i+1:]
		}
	case t.kind == callToken && (t.text == "node" || t.text == "text"):
		s.kind = t.text
		p.want("(")
		p.want(")")
	default:
		p.wrongAt(CodeSyntax, t.at, nil)
	}
	s.conditions = p.conditions()
	return s
}

func (p *parser) conditions() []term {
	var out []term
	for {
		if _, ok := p.symbol("["); !ok {
			return out
		}
		out = append(out, p.or())
		p.want("]")
		if p.err != nil {
			return out
		}
	}
}

func (p *parser) primary() term {
	t := p.take()
	switch t.kind {
	case numberToken:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil && v == 0 {
			p.wrongAt(CodeSyntax, t.at, nil)
		}
		return number{t.at, v}
	case stringToken:
		return literal{t.at, t.text}
	case nodeToken:
		name, saved := strings.CutPrefix(t.text, "last-saved#")
		return refer{t.at, name, saved}
	case callToken:
		return p.call(t)
	case symbolToken:
		if t.text == "(" {
			inner := p.or()
			p.want(")")
			return inner
		}
	}
	p.wrongAt(CodeSyntax, t.at, nil)
	return number{}
}

func (p *parser) call(t token) term {
	c := call{at: t.at, name: t.text}
	p.want("(")
	if _, ok := p.symbol(")"); ok {
		return c
	}
	for p.err == nil {
		c.args = append(c.args, p.or())
		if _, ok := p.symbol(","); !ok {
			break
		}
	}
	p.want(")")
	return c
}
