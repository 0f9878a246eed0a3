package formula

import (
	"strconv"
	"strings"
	"unicode"

	"waymark/fault"
)

// maxDepth bounds how deep parentheses, calls and signs may nest, maxLength how long a formula may be.
const (
	maxDepth  = 100
	maxLength = 10_000
)

// Parse reads a formula such as "y ~ x + I(x^2) + sex:route + offset(log(days)) + (1 + x | g)".
//
// The grammar and its meaning are R's: + joins terms, : crosses, a*b is a + b + a:b, a/b is a + a:b, ^ raises
// a sum of terms to a whole power, - takes a term away, 0 or -1 takes the intercept away, and . stands for
// every other column. Arithmetic stands inside I(), log(), exp(), sqrt() and the like, in offset() and on the
// left-hand side; cbind(yes, no) on the left gives grouped counts. Random terms stand in parentheses,
// (1 | g), (x | g), (0 + x | g), (x || g), (1 | g1/g2), (1 | g1:g2). Names that are no names by R's rules
// stand in backticks.
//
// The error is a fault.Issue with the column of the text, 1-based and in characters, where reading stopped.
func Parse(text string) (*Formula, error) {
	if len(text) > maxLength {
		return nil, at(CodeTooLong, 0, "limit", maxLength)
	}
	p := &parser{text: text}
	if err := p.scan(); err != nil {
		return nil, err
	}
	if p.tokens[0].kind == tokenEnd {
		return nil, at(CodeEmpty, 1)
	}
	f := &Formula{text: strings.TrimSpace(text)}
	if p.peek("~") {
		return nil, at(CodeNoResponse, p.tokens[0].pos)
	}
	left, err := p.sum(0)
	if err != nil {
		return nil, err
	}
	if !p.peek("~") {
		if t := p.tokens[p.next]; t.kind != tokenEnd {
			return nil, p.unexpected()
		}
		return nil, at(CodeNoTilde, p.tokens[p.next].pos)
	}
	p.next++
	right, err := p.sum(0)
	if err != nil {
		return nil, err
	}
	if p.tokens[p.next].kind != tokenEnd {
		return nil, p.unexpected()
	}
	if err := f.readLeft(left); err != nil {
		return nil, err
	}
	if err := f.readRight(right); err != nil {
		return nil, err
	}
	return f, nil
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenNumber
	tokenSign
)

type token struct {
	kind tokenKind
	text string
	pos  int
}

type parser struct {
	text   string
	tokens []token
	next   int
}

func nameStart(r rune) bool { return unicode.IsLetter(r) || r == '.' }
func nameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '.' || r == '_'
}
func digit(r rune) bool { return r >= '0' && r <= '9' }

// scan cuts the text into tokens, the last of which is the end.
func (p *parser) scan() error {
	rs := []rune(p.text)
	for i := 0; i < len(rs); {
		r, start := rs[i], i
		switch {
		case unicode.IsSpace(r):
			i++
			continue
		case digit(r) || r == '.' && i+1 < len(rs) && digit(rs[i+1]):
			i = numberEnd(rs, i)
			p.add(tokenNumber, string(rs[start:i]), start)
		case nameStart(r):
			for i < len(rs) && nameRune(rs[i]) {
				i++
			}
			p.add(tokenName, string(rs[start:i]), start)
		case r == '`':
			for i++; i < len(rs) && rs[i] != '`'; i++ {
			}
			if i == len(rs) {
				return at(CodeUnclosed, start+1, "open", "`")
			}
			if i == start+1 {
				return at(CodeSyntax, start+1, "found", "``")
			}
			i++
			p.add(tokenName, "`"+string(rs[start+1:i-1]), start)
		default:
			sign := string(r)
			switch rest := string(rs[i:min(i+4, len(rs))]); {
			case rest == opIn, strings.HasPrefix(rest, opBars), strings.HasPrefix(rest, "**"):
				sign = rest
				if rest != opIn {
					sign = rest[:2]
				}
			case !strings.ContainsRune("+-*/^:()|~,", r):
				return at(CodeSyntax, start+1, "found", string(r))
			}
			i += len(sign)
			if sign == "**" {
				sign = "^"
			}
			p.add(tokenSign, sign, start)
		}
	}
	p.add(tokenEnd, "", len(rs))
	return nil
}

func numberEnd(rs []rune, i int) int {
	for i < len(rs) && (digit(rs[i]) || rs[i] == '.') {
		i++
	}
	if i < len(rs) && (rs[i] == 'e' || rs[i] == 'E') {
		j := i + 1
		if j < len(rs) && (rs[j] == '+' || rs[j] == '-') {
			j++
		}
		if j < len(rs) && digit(rs[j]) {
			for i = j; i < len(rs) && digit(rs[i]); i++ {
			}
		}
	}
	return i
}

func (p *parser) add(kind tokenKind, text string, start int) {
	p.tokens = append(p.tokens, token{kind, text, start + 1})
}

func (p *parser) peek(sign string) bool {
	t := p.tokens[p.next]
	return t.kind == tokenSign && t.text == sign
}

// unexpected is the issue of the next token standing where it cannot.
func (p *parser) unexpected() fault.Issue {
	t := p.tokens[p.next]
	if t.kind == tokenEnd {
		return at(CodeEndsEarly, t.pos)
	}
	return at(CodeSyntax, t.pos, "found", strings.TrimPrefix(t.text, "`"))
}

// binary reads operands joined by signs that group from the left.
func (p *parser) binary(depth int, operand func(int) (*node, error), signs ...string) (*node, error) {
	left, err := operand(depth)
	if err != nil {
		return nil, err
	}
	for {
		t := p.tokens[p.next]
		found := false
		for _, s := range signs {
			found = found || t.kind == tokenSign && t.text == s
		}
		if !found {
			return left, nil
		}
		p.next++
		right, err := operand(depth)
		if err != nil {
			return nil, err
		}
		left = &node{op: t.text, args: []*node{left, right}, pos: t.pos}
	}
}

func (p *parser) sum(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, at(CodeTooDeep, p.tokens[p.next].pos, "limit", maxDepth)
	}
	return p.binary(depth, p.product, "+", "-")
}

func (p *parser) product(depth int) (*node, error) { return p.binary(depth, p.within, "*", "/") }
func (p *parser) within(depth int) (*node, error)  { return p.binary(depth, p.cross, opIn) }
func (p *parser) cross(depth int) (*node, error)   { return p.binary(depth, p.signed, ":") }

// signed reads -x and +x, which bind less than ^ as in R.
func (p *parser) signed(depth int) (*node, error) {
	t := p.tokens[p.next]
	if depth > maxDepth {
		return nil, at(CodeTooDeep, t.pos, "limit", maxDepth)
	}
	if !p.peek("-") && !p.peek("+") {
		return p.power(depth)
	}
	p.next++
	arg, err := p.signed(depth + 1)
	if err != nil {
		return nil, err
	}
	op := opPos
	if t.text == "-" {
		op = opNeg
	}
	return &node{op: op, args: []*node{arg}, pos: t.pos}, nil
}

func (p *parser) power(depth int) (*node, error) {
	base, err := p.primary(depth)
	if err != nil || !p.peek("^") {
		return base, err
	}
	pos := p.tokens[p.next].pos
	p.next++
	exponent, err := p.signed(depth + 1)
	if err != nil {
		return nil, err
	}
	return &node{op: "^", args: []*node{base, exponent}, pos: pos}, nil
}

func (p *parser) primary(depth int) (*node, error) {
	t := p.tokens[p.next]
	switch {
	case t.kind == tokenNumber:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, at(CodeSyntax, t.pos, "found", t.text)
		}
		p.next++
		return &node{op: opNumber, num: v, pos: t.pos}, nil
	case t.kind == tokenName:
		p.next++
		if p.peek("(") {
			return p.call(t, depth)
		}
		if t.text == "." {
			return &node{op: opDot, pos: t.pos}, nil
		}
		return &node{op: opName, name: strings.TrimPrefix(t.text, "`"), pos: t.pos}, nil
	case p.peek("("):
		p.next++
		inner, err := p.bar(depth + 1)
		if err != nil {
			return nil, err
		}
		if err := p.close(t); err != nil {
			return nil, err
		}
		return &node{op: opParen, args: []*node{inner}, pos: t.pos}, nil
	}
	return nil, p.unexpected()
}

// bar reads what may stand in parentheses: a sum, or a random term.
func (p *parser) bar(depth int) (*node, error) {
	left, err := p.sum(depth)
	if err != nil || !p.peek(opBar) && !p.peek(opBars) {
		return left, err
	}
	t := p.tokens[p.next]
	p.next++
	right, err := p.sum(depth)
	if err != nil {
		return nil, err
	}
	return &node{op: t.text, args: []*node{left, right}, pos: t.pos}, nil
}

func (p *parser) close(open token) error {
	if p.peek(")") {
		p.next++
		return nil
	}
	if p.tokens[p.next].kind == tokenEnd {
		return at(CodeUnclosed, open.pos, "open", "(")
	}
	return p.unexpected()
}

func (p *parser) call(name token, depth int) (*node, error) {
	open := p.tokens[p.next]
	p.next++
	n := &node{op: opCall, name: strings.TrimPrefix(name.text, "`"), pos: name.pos}
	for !p.peek(")") {
		if len(n.args) > 0 {
			if !p.peek(",") {
				return nil, p.close(open)
			}
			p.next++
		}
		arg, err := p.sum(depth + 1)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, arg)
	}
	p.next++
	return n, nil
}
