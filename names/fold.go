package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// spelled are the letters that canonical decomposition leaves whole, written as Latin-script registers
// usually write them.
var spelled = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i",
	'ŋ': "ng", 'ə': "e", 'ɛ': "e", 'ɔ': "o", 'ɓ': "b", 'ɗ': "d", 'ƙ': "k", 'ƴ': "y",
}

// Fold gives the comparable form of a name: compatibility decomposition, marks taken off, letters such as ß
// and œ spelled out, lower case, every run of anything that is neither letter nor digit as one space, no
// space at either end. "&" counts as the word "and". Fold(Fold(s)) == Fold(s).
//
// It does not transliterate other scripts: Arabic, Cyrillic or Ethiopic letters stay as they are, without
// their marks.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	write := func(text string) {
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteString(text)
	}
	for _, r := range norm.NFKD.String(s) {
		lower := unicode.ToLower(r)
		switch {
		case unicode.Is(unicode.Mn, r):
		case spelled[lower] != "":
			write(spelled[lower])
		case unicode.IsLetter(lower) || unicode.IsDigit(lower):
			write(string(lower))
		case r == '&':
			gap = true
			write("and")
			gap = true
		default:
			gap = true
		}
	}
	return b.String()
}
