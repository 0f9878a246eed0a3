package lang

import (
	"regexp"
	"strings"
	"sync"
)

// Typeset gives a text the spaces and marks of its language. In French it makes the space before ; ? ! % a
// narrow no-break space and before : and inside « » a no-break space, puts one in where it was left
// out after a word, holds groups of digits together (1 000), and turns a straight apostrophe between letters
// into ’. Template actions ({{.name}})
// are left as they are; a text in English changes only its apostrophes.
func Typeset(tag, text string) string {
	var b strings.Builder
	rest := text
	for rest != "" {
		at := strings.Index(rest, "{{")
		if at < 0 {
			break
		}
		end := strings.Index(rest[at:], "}}")
		if end < 0 {
			break
		}
		b.WriteString(typeset(tag, rest[:at], at > 0 || b.Len() > 0))
		b.WriteString(rest[at : at+end+2])
		rest = rest[at+end+2:]
	}
	b.WriteString(typeset(tag, rest, b.Len() > 0))
	return b.String()
}

// typeset does one stretch between actions; after says that something stands before it.
func typeset(tag, s string, after bool) string {
	r := rules()
	s = r.apostrophe.ReplaceAllString(s, "$1’$2")
	if tag != "fr" {
		return s
	}
	for _, change := range r.french {
		s = change.find.ReplaceAllString(s, change.put)
	}
	if after { // an argument stands before: "{{.name}};" asks for the space as a word does
		for _, change := range r.leading {
			s = change.find.ReplaceAllString(s, change.put)
		}
	}
	return s
}

type change struct {
	find *regexp.Regexp
	put  string
}

type typography struct {
	apostrophe      *regexp.Regexp
	french, leading []change
}

// rules compiles its patterns when the first text is set: a command that says nothing does not pay for them.
var rules = sync.OnceValue(func() typography {
	to := func(pattern, put string) change { return change{regexp.MustCompile(pattern), put} }
	const spaces = "[ \u00a0\u202f]"
	return typography{
		apostrophe: regexp.MustCompile(`(\pL)'(\pL)`),
		french: []change{
			to(spaces+`+([;?!%])`, narrowSpace+"$1"),
			to(spaces+`+:(\s|$)`, fixedSpace+":$1"),
			to(`([\pL\pN)\]»])([;?!])(\s|$)`, "$1"+narrowSpace+"$2$3"),
			to(`([\pL\pN)\]»]):(\s|$)`, "$1"+fixedSpace+":$2"),
			to(`(\pN)%`, "$1"+narrowSpace+"%"),
			to(`\b(\d{1,3}) (\d{3})\b`, "$1"+narrowSpace+"$2"), // twice: 1 234 567
			to(`\b(\d{1,3}) (\d{3})\b`, "$1"+narrowSpace+"$2"),
			to("«"+spaces+"*", "«"+fixedSpace),
			to(spaces+"*»", fixedSpace+"»"),
		},
		leading: []change{
			to(`^([;?!%])(\s|$)`, narrowSpace+"$1$2"),
			to(`^:(\s|$)`, fixedSpace+":$1"),
		},
	}
})
