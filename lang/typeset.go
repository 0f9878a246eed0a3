package lang

import (
	"regexp"
	"strings"
)

// Typeset gives a text the spaces and marks of its language. In French it makes the space before ; ? ! % a
// narrow no-break space and before : and inside « » a no-break space, puts one in where it was left
// out after a word, and turns a straight apostrophe between letters into ’. Template actions ({{.name}})
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
	s = apostrophe.ReplaceAllString(s, "$1’$2")
	if tag != "fr" {
		return s
	}
	s = spaceBeforeHigh.ReplaceAllString(s, narrowSpace+"$1")
	s = spaceBeforeColon.ReplaceAllString(s, fixedSpace+":$1")
	s = noSpaceBeforeHigh.ReplaceAllString(s, "$1"+narrowSpace+"$2$3")
	s = noSpaceBeforeColon.ReplaceAllString(s, "$1"+fixedSpace+":$2")
	s = percentAfterDigit.ReplaceAllString(s, "$1"+narrowSpace+"%")
	s = openGuillemet.ReplaceAllString(s, "«"+fixedSpace)
	s = closeGuillemet.ReplaceAllString(s, fixedSpace+"»")
	if after { // an argument stands before: "{{.name}};" asks for the space as a word does
		s = leadingHigh.ReplaceAllString(s, narrowSpace+"$1$2")
		s = leadingColon.ReplaceAllString(s, fixedSpace+":$1")
	}
	return s
}

var (
	apostrophe         = regexp.MustCompile(`(\pL)'(\pL)`)
	spaceBeforeHigh    = regexp.MustCompile("[ \u00a0\u202f]+([;?!%])")
	spaceBeforeColon   = regexp.MustCompile("[ \u00a0\u202f]+:(\\s|$)")
	noSpaceBeforeHigh  = regexp.MustCompile(`([\pL\pN)\]»])([;?!])(\s|$)`)
	noSpaceBeforeColon = regexp.MustCompile(`([\pL\pN)\]»]):(\s|$)`)
	percentAfterDigit  = regexp.MustCompile(`(\pN)%`)
	openGuillemet      = regexp.MustCompile("«[ \u00a0\u202f]*")
	closeGuillemet     = regexp.MustCompile("[ \u00a0\u202f]*»")
	leadingHigh        = regexp.MustCompile(`^([;?!%])(\s|$)`)
	leadingColon       = regexp.MustCompile(`^:(\s|$)`)
)
