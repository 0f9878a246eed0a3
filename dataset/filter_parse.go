package dataset

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"waymark/fault"
)

// ParseFilter reads a filter as plans write them:
//
//	route = 'Central' and age >= 18
//	sex in ('male', 'female') and not (country is missing)
//	cost is refused, unknown or `date of interview` < 2017-01-01
//
// Names of letters, digits, underscores, dots, slashes and hyphens stand as they are, others in backticks.
// Values are numbers, ISO dates, texts in single or double quotes, or single words. = and == are the same,
// as are != and <>. not binds before and, and before or. "" keeps every row.
func ParseFilter(s string) (Filter, error) {
	p := &filterParser{text: s}
	p.next()
	if p.kind == endToken {
		return Filter{}, nil
	}
	f, ok := p.either(0)
	if !ok || p.kind != endToken {
		return Filter{}, p.wrong()
	}
	return f, nil
}

type tokenKind uint8

const (
	endToken  tokenKind = iota
	wordToken           // name, value or key word
	nameToken           // in backticks
	textToken           // in quotes
	signToken           // ( ) , = != < <= > >=
	badToken
)

// filterParser reads by recursive descent; deep guards against a text made of brackets.
type filterParser struct {
	text  string
	at    int // of what follows the token
	start int // of the token
	kind  tokenKind
	token string
}

const filterDepth = 100

var reserved = map[string]bool{"and": true, "or": true, "not": true, "in": true, "is": true, "missing": true, "present": true}

func (p *filterParser) wrong() error {
	near := p.token
	if p.kind == endToken {
		near = ""
	}
	return fault.Issue{Code: CodeFilterSyntax, Place: fault.Place{Column: p.start + 1},
		Args: map[string]any{"at": utf8.RuneCountInString(p.text[:p.start]) + 1, "near": near}}
}

func isWordRune(r rune) bool {
	return r == '_' || r == '.' || r == '/' || r == '-' || r == '+' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func isWord(s string) bool {
	if s == "" || !utf8.ValidString(s) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return !isWordRune(r) }) < 0
}

// isNumberToken says whether a value prints as a number and not as a quoted text: digits with what belongs
// to them, so that inf and nan stay texts.
func isNumberToken(s string) bool {
	return isWord(s) && strings.Trim(s, "0123456789.eE+-") == "" && strings.ContainsAny(s[:min(2, len(s))], "0123456789")
}

func (p *filterParser) next() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
	p.start = p.at
	rest := p.text[p.at:]
	if rest == "" {
		p.kind, p.token = endToken, ""
		return
	}
	switch c := rest[0]; c {
	case '\'', '"', '`':
		p.quoted(c)
		return
	case '(', ')', ',', '=', '<', '>', '!':
		n := 1
		if len(rest) > 1 {
			switch rest[:2] {
			case "==", "!=", "<=", ">=", "<>":
				n = 2
			}
		}
		p.kind, p.token = signToken, rest[:n]
		p.at += n
		return
	}
	n := strings.IndexFunc(rest, func(r rune) bool { return !isWordRune(r) || r == utf8.RuneError })
	if n < 0 {
		n = len(rest)
	}
	p.kind, p.token = wordToken, rest[:n]
	if n == 0 {
		p.kind = badToken
		n = 1
	}
	p.at += n
}

func (p *filterParser) quoted(mark byte) {
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		if p.text[i] != mark {
			b.WriteByte(p.text[i])
			continue
		}
		if i+1 < len(p.text) && p.text[i+1] == mark {
			b.WriteByte(mark)
			i++
			continue
		}
		p.kind, p.token, p.at = textToken, b.String(), i+1
		if mark == '`' {
			p.kind = nameToken
		}
		return
	}
	p.kind, p.token, p.at = badToken, "", len(p.text)
}

func (p *filterParser) word(s string) bool {
	if p.kind == wordToken && strings.EqualFold(p.token, s) {
		p.next()
		return true
	}
	return false
}

func (p *filterParser) sign(s string) bool {
	if p.kind == signToken && p.token == s {
		p.next()
		return true
	}
	return false
}

func (p *filterParser) either(depth int) (Filter, bool) {
	return p.list(depth, "or", Or, func() (Filter, bool) {
		return p.list(depth, "and", And, func() (Filter, bool) { return p.negated(depth) })
	})
}

func (p *filterParser) list(depth int, word string, op Op, part func() (Filter, bool)) (Filter, bool) {
	f, ok := part()
	if !ok || depth > filterDepth {
		return f, false
	}
	parts := []Filter{f}
	for p.word(word) {
		if f, ok = part(); !ok {
			return f, false
		}
		parts = append(parts, f)
	}
	if len(parts) == 1 {
		return parts[0], true
	}
	return Filter{Op: op, Parts: parts}, true
}

func (p *filterParser) negated(depth int) (Filter, bool) {
	if depth > filterDepth {
		return Filter{}, false
	}
	if p.word("not") {
		f, ok := p.negated(depth + 1)
		return Filter{Op: Not, Parts: []Filter{f}}, ok
	}
	if p.sign("(") {
		f, ok := p.either(depth + 1)
		return f, ok && p.sign(")")
	}
	return p.comparison()
}

func (p *filterParser) comparison() (Filter, bool) {
	if p.kind != nameToken && (p.kind != wordToken || reserved[strings.ToLower(p.token)]) {
		return Filter{}, false
	}
	f := Filter{Column: p.token}
	p.next()
	switch {
	case p.word("is"):
		return p.state(f)
	case p.word("not"):
		f.Op = NotIn
		return f, p.word("in") && p.values(&f)
	case p.word("in"):
		f.Op = In
		return f, p.values(&f)
	case p.sign("="), p.sign("=="):
		f.Op = In
	case p.sign("!="), p.sign("<>"):
		f.Op = NotIn
	case p.sign("<"):
		f.Op = Less
	case p.sign("<="):
		f.Op = AtMost
	case p.sign(">"):
		f.Op = Greater
	case p.sign(">="):
		f.Op = AtLeast
	default:
		return f, false
	}
	v, ok := p.value()
	f.Values = []string{v}
	return f, ok
}

// state reads what follows is: [not] missing, present, or kinds of missing.
func (p *filterParser) state(f Filter) (Filter, bool) {
	negative := p.word("not")
	switch {
	case p.word("missing"):
		f.Op = IsMissing
	case p.word("present"):
		f.Op = IsPresent
	default:
		f.Op = IsMissing
		for {
			m, ok := ParseMissing(p.token)
			if !ok || p.kind != wordToken {
				return f, false
			}
			f.Values = append(f.Values, m.String())
			p.next()
			if !p.sign(",") {
				break
			}
		}
	}
	if negative {
		return Filter{Op: Not, Parts: []Filter{f}}, true
	}
	return f, true
}

func (p *filterParser) value() (string, bool) {
	if p.kind != textToken && (p.kind != wordToken || reserved[strings.ToLower(p.token)]) {
		return "", false
	}
	v := p.token
	p.next()
	return v, true
}

func (p *filterParser) values(f *Filter) bool {
	if !p.sign("(") {
		return false
	}
	for !p.sign(")") {
		if len(f.Values) > 0 && !p.sign(",") {
			return false
		}
		v, ok := p.value()
		if !ok {
			return false
		}
		f.Values = append(f.Values, v)
	}
	return true
}
