package instance

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameEnd gives the end of the name that begins at from, or from where there is none (XML 1.0, 2.3; letters
// beyond ASCII by their Unicode class).
func nameEnd(s string, from int) int {
	i := from
	for i < len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == ':':
			i++
			continue
		case c >= '0' && c <= '9', c == '-', c == '.':
			if i == from {
				return from
			}
			i++
			continue
		case c < utf8.RuneSelf:
			return i
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && (i == from || !unicode.IsDigit(r) && !unicode.IsMark(r) && r != 0xB7 && r != 0x203F && r != 0x2040) {
			return i
		}
		i += size
	}
	return i
}

// split takes the prefix from a name; a name with more than one colon, or nothing on a side, has no local part.
func split(name string) (prefix, local string) {
	at := strings.IndexByte(name, ':')
	switch {
	case at < 0:
		return "", name
	case at == 0 || strings.IndexByte(name[at+1:], ':') >= 0:
		return "", ""
	}
	return name[:at], name[at+1:]
}

// valid says whether all characters may stand in XML.
func valid(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0xEF && notCharacter(s[i:]) {
			return false
		}
	}
	return true
}

// notCharacter knows U+FFFE and U+FFFF, which are no characters of XML.
func notCharacter(s string) bool {
	return len(s) >= 3 && s[1] == 0xBF && (s[2] == 0xBE || s[2] == 0xBF)
}

// newlines makes the ends of lines one character (XML 1.0, 2.11).
func newlines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// unescaped puts characters in the place of references. Only the five entities that XML itself has are known.
func unescaped(s string) (string, bool) {
	at := strings.IndexByte(s, '&')
	if at < 0 {
		return s, true
	}
	var b strings.Builder
	b.Grow(len(s))
	for at >= 0 {
		b.WriteString(s[:at])
		end := strings.IndexByte(s[at:], ';')
		if end < 0 || end > 12 {
			return "", false
		}
		r, ok := reference(s[at+1 : at+end])
		if !ok {
			return "", false
		}
		b.WriteRune(r)
		s = s[at+end+1:]
		at = strings.IndexByte(s, '&')
	}
	b.WriteString(s)
	return b.String(), true
}

func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) || n < 0x20 && n != '\t' && n != '\n' && n != '\r' || n == 0xFFFE || n == 0xFFFF {
		return 0, false
	}
	return rune(n), true
}
