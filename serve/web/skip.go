package web

import (
	"regexp"
	"strings"

	"waymark/form"
)

// Conditions of forms are expressions. On paper they are words: what this reads are comparisons of an answer with a
// code or a number, and whether a code was chosen, joined by and, or, not. One that it cannot read is printed as its
// author wrote it, which is better than a guess.

// answer is how an expression names an answer: as authors write it, or by its path.
const answer = `((?:\$\{[^}]+\}|(?:\.\./|/)[\pL_][\pL\pN_./-]*))`

var (
	spaced     = regexp.MustCompile(`\s+`)
	selected   = regexp.MustCompile(`^(?:jr:)?selected\(\s*` + answer + `\s*,\s*(?:'([^']*)'|"([^"]*)")\s*\)$`)
	negated    = regexp.MustCompile(`^not\s*\((.*)\)$`)
	comparison = regexp.MustCompile(`^` + answer + `\s*(=|!=|>=|<=|>|<)\s*(?:'([^']*)'|"([^"]*)"|(-?[0-9.]+))$`)
)

// when says a condition in words, one line a part that must hold.
func (p *printer) when(expression string) []string {
	expression = strings.TrimSpace(spaced.ReplaceAllString(expression, " "))
	if expression == "" || expression == "true()" {
		return nil
	}
	if len(split(expression, " or ")) > 1 && len(split(expression, " and ")) > 1 { // and binds before or: not what the lines would say
		return []string{p.voice.text("web.paper.as-written", map[string]any{"expression": p.numbers(expression)})}
	}
	parts := split(expression, " and ")
	var out []string
	for _, part := range parts {
		said, ok := p.either(part)
		if !ok {
			return []string{p.voice.text("web.paper.as-written", map[string]any{"expression": p.numbers(expression)})}
		}
		out = append(out, said)
	}
	return out
}

// either says the parts of an "or".
func (p *printer) either(expression string) (string, bool) {
	var said []string
	for _, part := range split(bare(expression), " or ") {
		one, ok := p.one(bare(part), false)
		if !ok {
			return "", false
		}
		said = append(said, one)
	}
	if len(said) == 1 {
		return said[0], true
	}
	return strings.Join(said, " "+p.voice.text("web.paper.or", nil)+" "), true
}

// one says a single test.
func (p *printer) one(test string, not bool) (string, bool) {
	if m := negated.FindStringSubmatch(test); m != nil && !not {
		return p.one(bare(strings.TrimSpace(m[1])), true)
	}
	if m := selected.FindStringSubmatch(test); m != nil {
		code := "is"
		if not {
			code = "is-not"
		}
		return p.test(code, m[1], m[2]+m[3])
	}
	m := comparison.FindStringSubmatch(test)
	if m == nil {
		return "", false
	}
	code := map[string]string{"=": "is", "!=": "is-not", ">": "more", ">=": "least", "<": "less", "<=": "most"}[m[2]]
	if not {
		code = map[string]string{"is": "is-not", "is-not": "is", "more": "most", "least": "less", "less": "least", "most": "more"}[code]
	}
	value := m[3] + m[4] + m[5]
	if value == "" && code == "is-not" {
		code = "answered"
	} else if value == "" && code == "is" {
		code = "unanswered"
	}
	return p.test(code, m[1], value)
}

// test says a test of a question by its number on paper and the words of its choice.
func (p *printer) test(code, name, value string) (string, bool) {
	name = nameOf(name)
	q := p.question(name)
	if q == nil {
		return "", false
	}
	if list := p.form.List(q.List); list != nil {
		for _, c := range list.Choices {
			if c.Name == value {
				value = p.text(c.Labels, c.Name)
			}
		}
	}
	if n := p.number[name]; n > 0 {
		return p.voice.text("web.paper.when."+code, map[string]any{"question": p.count(n), "value": value}), true
	}
	return p.voice.text("web.paper.when-hidden."+code, map[string]any{"question": p.text(q.Labels, name), "value": value}), true
}

// nameOf gives the name of the question that an expression means.
func nameOf(reference string) string {
	reference = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(reference), "${"), "}"))
	return reference[strings.LastIndexByte(reference, '/')+1:]
}

func (p *printer) question(name string) *form.Question {
	for i := range p.form.Questions {
		if p.form.Questions[i].Name() == name {
			return &p.form.Questions[i]
		}
	}
	return nil
}

// numbers puts the numbers that questions have on paper into an expression that stays as it is.
func (p *printer) numbers(expression string) string {
	return references.ReplaceAllStringFunc(expression, func(r string) string {
		if n := p.number[nameOf(r)]; n > 0 {
			return "[" + p.count(n) + "]"
		}
		return r
	})
}

// split cuts an expression at a word that stands outside brackets and quotes.
func split(s, word string) []string {
	var out []string
	depth, from := 0, 0
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.HasPrefix(s[i:], word):
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + len(word)
			i = from - 1
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

// bare takes brackets off that stand around the whole of an expression.
func bare(s string) string {
	for strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		depth := 0
		for i := 0; i < len(s); i++ {
			switch s[i] {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth == 0 && i < len(s)-1 {
				return s
			}
		}
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}
