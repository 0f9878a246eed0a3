package xpath

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	endToken    kind = iota
	nameToken        // a, jr:a, *, jr:*
	callToken        // a name that "(" follows
	axisToken        // a name that "::" follows
	numberToken      // 1, 1.5, .5
	stringToken      // 'a', "a"
	symbolToken      // ( ) [ ] . .. @ , / // | + - = != < <= > >= * and or mod div
	nodeToken        // ${name}
	badToken
)

// token is a piece of an expression: its text, without quotes or ${}, and where it begins, in bytes.
type token struct {
	kind kind
	text string
	at   int
}

// tokens cuts an expression up (XPath 1.0, 3.7). A name is an operator, and a star a multiplication, where a
// value has just ended.
func tokens(s string) []token {
	var out []token
	for at := 0; ; {
		for at < len(s) && (s[at] == ' ' || s[at] == '\t' || s[at] == '\n' || s[at] == '\r' || strings.HasPrefix(s[at:], "\u00a0")) {
			_, size := utf8.DecodeRuneInString(s[at:])
			at += size
		}
		if at == len(s) {
			return append(out, token{endToken, "", at})
		}
		t, size := next(s, at, ended(out))
		out = append(out, t)
		if t.kind == badToken {
			return out
		}
		at += size
	}
}

// ended says whether a value has just ended, so that an operator must follow.
func ended(before []token) bool {
	if len(before) == 0 {
		return false
	}
	switch t := before[len(before)-1]; t.kind {
	case nameToken, numberToken, stringToken, nodeToken:
		return true
	case symbolToken:
		return t.text == ")" || t.text == "]" || t.text == "." || t.text == ".."
	}
	return false
}

func next(s string, at int, operator bool) (token, int) {
	rest := s[at:]
	switch c := rest[0]; {
	case c == '\'' || c == '"':
		n := strings.IndexByte(rest[1:], c)
		if n < 0 {
			return token{badToken, rest, at}, 0
		}
		return token{stringToken, rest[1 : n+1], at}, n + 2
	case c >= '0' && c <= '9' || c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		n := digits(rest)
		if n < len(rest) && rest[n] == '.' {
			n++
			n += digits(rest[n:])
		}
		return token{numberToken, rest[:n], at}, n
	case c == '$':
		return reference(rest, at)
	}
	for _, two := range [...]string{"..", "//", "!=", "<=", ">="} {
		if strings.HasPrefix(rest, two) {
			return token{symbolToken, two, at}, 2
		}
	}
	if strings.IndexByte("()[].@,/|+-=<>", rest[0]) >= 0 {
		return token{symbolToken, rest[:1], at}, 1
	}
	if rest[0] == '*' {
		if operator {
			return token{symbolToken, "*", at}, 1
		}
		return token{nameToken, "*", at}, 1
	}
	return named(rest, at, operator)
}

// reference reads ${name} or ${last-saved#name}.
func reference(rest string, at int) (token, int) {
	n := strings.IndexByte(rest, '}')
	if !strings.HasPrefix(rest, "${") || n < 0 {
		return token{badToken, rest[:1], at}, 0
	}
	inner := strings.TrimSpace(rest[2:n])
	name := strings.TrimPrefix(inner, "last-saved#")
	if size := nameSize(name); size == 0 || size < len(name) {
		return token{badToken, rest[:n+1], at}, 0
	}
	return token{nodeToken, inner, at}, n + 1
}

// named reads a name and says what it is by what follows.
func named(rest string, at int, operator bool) (token, int) {
	n := nameSize(rest)
	if n == 0 {
		_, size := utf8.DecodeRuneInString(rest)
		return token{badToken, rest[:size], at}, 0
	}
	if operator {
		switch rest[:n] {
		case "and", "or", "mod", "div":
			return token{symbolToken, rest[:n], at}, n
		}
	}
	if strings.HasPrefix(rest[n:], ":") && !strings.HasPrefix(rest[n:], "::") {
		if m := nameSize(rest[n+1:]); m > 0 {
			n += 1 + m
		} else if strings.HasPrefix(rest[n+1:], "*") {
			n += 2
		}
	}
	follows := strings.TrimLeft(rest[n:], " \t\r\n")
	switch {
	case strings.HasPrefix(follows, "("):
		return token{callToken, rest[:n], at}, n
	case strings.HasPrefix(follows, "::"):
		return token{axisToken, rest[:n], at}, n + len(rest[n:]) - len(follows) + 2
	}
	return token{nameToken, rest[:n], at}, n
}

// nameSize is the length of the name without a prefix that a text begins with, in bytes.
func nameSize(s string) int {
	for i, r := range s {
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf && r != utf8.RuneError && unicode.IsLetter(r) {
			continue
		}
		if i > 0 && (r == '-' || r == '.' || r >= '0' && r <= '9' || r >= utf8.RuneSelf && (unicode.IsDigit(r) || unicode.IsMark(r) || r == 0xB7)) {
			continue
		}
		return i
	}
	return len(s)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
