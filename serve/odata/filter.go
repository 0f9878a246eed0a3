package odata

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// expression is a parsed $filter.
type expression struct {
	op    op
	parts []*expression
	name  string // of a member
	value value  // of a literal
	at    int    // where it begins in the text, in bytes
}

type op uint8

const (
	opLiteral op = iota
	opMember
	opAnd
	opOr
	opNot
	opEqual
	opUnequal
	opLess
	opAtMost
	opGreater
	opAtLeast
	opIn // the first part is one of the others
	opYear
	opMonth
	opDay
	opHour
	opMinute
	opSecond
	opNow
	opContains
	opStarts
	opEnds
)

var comparisons = map[string]op{
	"eq": opEqual, "ne": opUnequal, "neq": opUnequal, "lt": opLess, "le": opAtMost, "gt": opGreater, "ge": opAtLeast,
}

// functions with the number of their arguments.
var functions = map[string]struct {
	op   op
	args int
}{
	"year": {opYear, 1}, "month": {opMonth, 1}, "day": {opDay, 1}, "hour": {opHour, 1}, "minute": {opMinute, 1}, "second": {opSecond, 1},
	"now": {opNow, 0}, "contains": {opContains, 2}, "startswith": {opStarts, 2}, "endswith": {opEnds, 2},
}

// value is what a literal or an answer comes to. Its zero value is null.
type value struct {
	kind   valueKind
	text   string
	number float64
	time   time.Time
}

type valueKind uint8

const (
	null valueKind = iota
	textValue
	numberValue
	timeValue // a point in time
	dayValue  // a calendar day, kept as midnight UTC
	truthValue
)

const (
	longestFilter = 8 << 10
	deepestFilter = 64
)

// parseFilter reads a filter (OData 4.01 URL conventions, 5.1.1): comparisons joined by and, or and not, with
// brackets; not binds before a comparison's and, and before or. An error says where, never what.
func parseFilter(s string) (*expression, error) {
	if len(s) > longestFilter {
		return nil, badFilter(longestFilter)
	}
	p := &parser{text: s}
	p.next()
	e := p.either(0)
	if e == nil || p.kind != endToken {
		return nil, badFilter(utf8.RuneCountInString(s[:p.start]) + 1)
	}
	return e, nil
}

type tokenKind uint8

const (
	endToken tokenKind = iota
	wordToken
	textToken
	signToken // ( ) ,
	badToken
)

type parser struct {
	text  string
	at    int
	start int
	kind  tokenKind
	token string
}

func (p *parser) next() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
	p.start = p.at
	if p.at == len(p.text) {
		p.kind, p.token = endToken, ""
		return
	}
	switch c := p.text[p.at]; c {
	case '(', ')', ',':
		p.kind, p.token = signToken, p.text[p.at:p.at+1]
		p.at++
		return
	case '\'':
		p.quoted()
		return
	}
	end := p.at
	for end < len(p.text) && isWordByte(p.text[end]) {
		end++
	}
	p.kind, p.token = wordToken, p.text[p.at:end]
	if end == p.at {
		p.kind = badToken
		return
	}
	p.at = end
}

// isWordByte: letters of names and of literals (2024-05-31T08:00:00.000+02:00, -1.5e3, $root/Submissions/age).
func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= utf8.RuneSelf || strings.IndexByte("_/.$:+-@", c) >= 0
}

// quoted reads a text in single quotes; a quote within it is doubled.
func (p *parser) quoted() {
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		if p.text[i] != '\'' {
			b.WriteByte(p.text[i])
			continue
		}
		if i+1 < len(p.text) && p.text[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		p.kind, p.token, p.at = textToken, b.String(), i+1
		return
	}
	p.kind, p.token = badToken, ""
}

func (p *parser) word(s string) bool {
	if p.kind == wordToken && p.token == s {
		p.next()
		return true
	}
	return false
}

func (p *parser) sign(s string) bool {
	if p.kind == signToken && p.token == s {
		p.next()
		return true
	}
	return false
}

func (p *parser) either(depth int) *expression {
	return p.list("or", opOr, func() *expression {
		return p.list("and", opAnd, func() *expression { return p.negated(depth) })
	})
}

func (p *parser) list(word string, o op, part func() *expression) *expression {
	first := part()
	if first == nil {
		return nil
	}
	parts := []*expression{first}
	for p.word(word) {
		e := part()
		if e == nil {
			return nil
		}
		parts = append(parts, e)
	}
	if len(parts) == 1 {
		return first
	}
	return &expression{op: o, parts: parts, at: first.at}
}

func (p *parser) negated(depth int) *expression {
	if depth > deepestFilter {
		return nil
	}
	at := p.start
	if p.word("not") {
		e := p.negated(depth + 1)
		if e == nil {
			return nil
		}
		return &expression{op: opNot, parts: []*expression{e}, at: at}
	}
	return p.comparison(depth)
}

func (p *parser) comparison(depth int) *expression {
	at := p.start
	left := p.operand(depth)
	if left == nil || p.kind != wordToken {
		return left
	}
	if p.word("in") {
		e := &expression{op: opIn, parts: []*expression{left}, at: at}
		if !p.sign("(") {
			return nil
		}
		for len(e.parts) == 1 || p.sign(",") {
			v := p.operand(depth + 1)
			if v == nil {
				return nil
			}
			e.parts = append(e.parts, v)
		}
		if !p.sign(")") {
			return nil
		}
		return e
	}
	o, ok := comparisons[p.token]
	if !ok {
		return left
	}
	p.next()
	right := p.operand(depth)
	if right == nil {
		return nil
	}
	return &expression{op: o, parts: []*expression{left, right}, at: at}
}

// operand reads a literal, a name, a call, or a filter in brackets.
func (p *parser) operand(depth int) *expression {
	at := p.start
	switch {
	case depth > deepestFilter:
		return nil
	case p.sign("("):
		e := p.either(depth + 1)
		if e == nil || !p.sign(")") {
			return nil
		}
		return e
	case p.kind == textToken:
		e := &expression{op: opLiteral, value: value{kind: textValue, text: p.token}, at: at}
		p.next()
		return e
	case p.kind != wordToken:
		return nil
	}
	word := p.token
	p.next()
	if f, ok := functions[word]; ok && p.kind == signToken && p.token == "(" {
		p.next()
		e := &expression{op: f.op, at: at}
		for i := range f.args {
			if i > 0 && !p.sign(",") {
				return nil
			}
			arg := p.operand(depth + 1)
			if arg == nil {
				return nil
			}
			e.parts = append(e.parts, arg)
		}
		if !p.sign(")") {
			return nil
		}
		return e
	}
	if v, ok := literal(word); ok {
		return &expression{op: opLiteral, value: v, at: at}
	}
	switch c := word[0]; {
	case word == "and" || word == "or" || word == "not" || word == "in" || comparisons[word] != 0:
		return nil
	case c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == ':':
		return nil
	}
	return &expression{op: opMember, name: word, at: at}
}

// literal reads null, true, false, a number, a date or a point in time.
func literal(word string) (value, bool) {
	switch word {
	case "null":
		return value{}, true
	case "true":
		return value{kind: truthValue, number: 1}, true
	case "false":
		return value{kind: truthValue}, true
	}
	if c := word[0]; c != '-' && c != '+' && (c < '0' || c > '9') {
		return value{}, false
	}
	if v := timeOf(word); v.kind != null {
		return v, true
	}
	if x, ok := numberOf(word); ok {
		return value{kind: numberValue, number: x}, true
	}
	return value{}, false
}

func numberOf(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && isDecimal(s)
}

// isDecimal keeps hexadecimal and words such as infinity out.
func isDecimal(s string) bool { return strings.Trim(s, "0123456789.eE+-") == "" }

var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999Z07", "2006-01-02T15:04:05.999999999"}

// timeOf reads a date or a point in time as clients and phones write them; null where it is neither. Without a
// zone it is taken as UTC.
func timeOf(s string) value {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return value{}
	}
	if len(s) == 10 {
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return value{kind: dayValue, time: t}
		}
		return value{}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return value{kind: timeValue, time: t}
		}
	}
	return value{}
}

// members adds the names that a filter asks for to a list, each once.
func (e *expression) members(to []string) []string {
	if e.op == opMember && !slices.Contains(to, e.name) {
		to = append(to, e.name)
	}
	for _, p := range e.parts {
		to = p.members(to)
	}
	return to
}
