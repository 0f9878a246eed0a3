package form

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is one part of an expression, told apart only as far as IsExpression and Lookups need it.
type piece struct {
	kind       pieceKind
	start, end int
}

type pieceKind uint8

const (
	otherPiece pieceKind = iota
	namePiece
	numberPiece
	datePiece
	operatorPiece // * + - mod div
	unionPiece
	closePiece
	slashPiece
	literalPiece
	spacePiece
	referencePiece
	callPiece      // a name and "("
	filterPiece    // a name and "["
	endFilterPiece // "]"
)

// pieces cuts a text up. It never fails: what is nothing else is an otherPiece of one letter.
func pieces(text string) []piece {
	var out []piece
	for at := 0; at < len(text); {
		p := pieceAt(text, at)
		out = append(out, p)
		at = p.end
	}
	return out
}

func pieceAt(text string, at int) piece {
	rest := text[at:]
	one := func(kind pieceKind, length int) piece { return piece{kind, at, at + length} }
	if n := dateLength(rest); n > 0 {
		return one(datePiece, n)
	}
	if n := numberLength(rest); n > 0 {
		return one(numberPiece, n)
	}
	switch c := rest[0]; c {
	case '*', '+', '-':
		return one(operatorPiece, 1)
	case ' ':
		if strings.HasPrefix(rest, " mod ") || strings.HasPrefix(rest, " div ") {
			return one(operatorPiece, len(" mod "))
		}
	case '|':
		return one(unionPiece, 1)
	case ')':
		return one(closePiece, 1)
	case '/':
		return one(slashPiece, 1)
	case ']':
		return one(endFilterPiece, 1)
	case '"', '\'':
		if n := strings.IndexByte(rest[1:], c); n >= 0 {
			return one(literalPiece, n+2)
		}
	case '$':
		if n := strings.IndexByte(rest, '}'); n > 0 && IsReference(rest[:n+1]) {
			return one(referencePiece, n+1)
		}
	}
	r, size := utf8.DecodeRuneInString(rest)
	if unicode.IsSpace(r) {
		n := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsSpace(r) })
		if n < 0 {
			n = len(rest)
		}
		return one(spacePiece, n)
	}
	if n := nameLength(rest); n > 0 {
		switch {
		case strings.HasPrefix(rest[n:], "("):
			return one(callPiece, n+1)
		case strings.HasPrefix(rest[n:], "["):
			return one(filterPiece, n+1)
		}
		return one(namePiece, n)
	}
	return one(otherPiece, size)
}

// nameLength is the length of a name with at most one prefix.
func nameLength(s string) int {
	n := partLength(s)
	if n > 0 && strings.HasPrefix(s[n:], ":") {
		if m := partLength(s[n+1:]); m > 0 {
			return n + 1 + m
		}
	}
	return n
}

func partLength(s string) int {
	for i, r := range s {
		if !startsName(r) && (i == 0 || !goesOnName(r)) {
			return i
		}
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

// numberLength is the length of a number, its sign included.
func numberLength(s string) int {
	sign := 0
	if strings.HasPrefix(s, "-") {
		sign = 1
	}
	whole := digits(s[sign:])
	n := sign + whole
	if strings.HasPrefix(s[n:], ".") {
		part := digits(s[n+1:])
		if whole > 0 || part > 0 {
			return n + 1 + part
		}
	}
	if whole == 0 {
		return 0
	}
	return n
}

// dateLength is the length of a date, a time, or both.
func dateLength(s string) int {
	sign := 0
	if strings.HasPrefix(s, "-") {
		sign = 1
	}
	if n := sign + len("2006-01-02"); len(s) >= n && likeDigits(s[sign:n], "0000-00-00") {
		if strings.HasPrefix(s[n:], "T") {
			if m := timeLength(s[n+1:]); m > 0 {
				return n + 1 + m
			}
		}
		return n
	}
	return timeLength(s)
}

func timeLength(s string) int {
	n := len("15:04:05")
	if len(s) < n || !likeDigits(s[:n], "00:00:00") {
		return 0
	}
	switch rest := s[n:]; {
	case strings.HasPrefix(rest, "Z"):
		n++
	case len(rest) >= 6 && (rest[0] == '+' || rest[0] == '-') && likeDigits(rest[1:6], "00:00"):
		n += 6
	}
	return n
}

// likeDigits says whether a text has a digit wherever the shape has one and the shape's letters elsewhere.
func likeDigits(s, shape string) bool {
	for i := range len(shape) {
		digit := s[i] >= '0' && s[i] <= '9'
		if shape[i] == '0' && !digit || shape[i] != '0' && s[i] != shape[i] {
			return false
		}
	}
	return true
}

// IsExpression says whether a default of a question of a type must be worked out: it calls a function,
// calculates, or refers to an answer. A hyphen in a date or a place is no minus.
func IsExpression(text, typeName string) bool {
	hyphens := typeName == "date" || typeName == "dateTime" || typeName == "geopoint" || typeName == "geotrace" || typeName == "geoshape"
	for _, p := range pieces(text) {
		switch p.kind {
		case operatorPiece:
			return !hyphens || text[p.start:p.end] != "-"
		case unionPiece, referencePiece, callPiece:
			return true
		}
	}
	return false
}

// Lookups finds the paths into tables beside the record that stand in a text for people, each from
// "instance(" to the end of its path: a space outside a condition ends it.
func Lookups(text string) [][2]int {
	if !strings.Contains(text, "instance(") {
		return nil
	}
	var (
		out          [][2]int
		inside       bool
		path, filter bool
		last         piece
	)
	for _, p := range pieces(text) {
		if !inside {
			if p.kind == callPiece && text[p.start:p.end] == "instance(" {
				inside, last = true, p
				out = append(out, [2]int{p.start, p.end})
			}
			continue
		}
		goesOn := false
		switch {
		case p.kind == literalPiece && last.kind == callPiece && text[last.start:last.end] == "instance(",
			p.kind == closePiece && last.kind == literalPiece && !path && !filter:
			goesOn = true
		case p.kind == slashPiece && (last.kind == closePiece || last.kind == endFilterPiece) && !filter:
			goesOn, path = true, true
		case path && p.kind == spacePiece:
			path = false
		case path:
			goesOn = true
			if p.kind == filterPiece {
				path, filter = false, true
			}
		case filter:
			goesOn = true
			filter = p.kind != endFilterPiece
		}
		if !goesOn {
			inside = false
			continue
		}
		last = p
		out[len(out)-1][1] = p.end
	}
	return out
}
