package workbook

// formatKind is what a number format makes of a number.
type formatKind uint8

const (
	plainFormat formatKind = iota
	dateFormat
	clockFormat
)

// builtinFormat gives the kind of the formats that files name by number only (ECMA-376 part 1, 18.8.30;
// 27-36 and 50-58 are dates of East Asian versions).
func builtinFormat(id int) formatKind {
	switch {
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return dateFormat
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return clockFormat
	}
	return plainFormat
}

// formatOf reads a number format's text: y or d, or m beside neither h nor s, makes it a date; h or s alone
// makes it a time. Text in quotes, after a backslash, in brackets other than [h], [m], [s], and past the
// first section (for negative numbers) does not count.
func formatOf(code string) formatKind {
	var date, clock, month bool
	general := 0
	for i := 0; i < len(code); i++ {
		switch ch := code[i] | 0x20; {
		case code[i] == '"':
			for i++; i < len(code) && code[i] != '"'; i++ {
			}
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			i++
		case code[i] == '[':
			end := i + 1
			for end < len(code) && code[end] != ']' {
				end++
			}
			if isSpan(code[i+1 : end]) {
				clock = true
			}
			i = end
		case code[i] == ';':
			i = len(code)
		case hasFold(code[i:], "general"):
			i += len("general") - 1
			general++
		case hasFold(code[i:], "am/pm"):
			clock = true
			i += len("am/pm") - 1
		case ch == 'y' || ch == 'd':
			date = true
		case ch == 'h' || ch == 's':
			clock = true
		case ch == 'm':
			month = true
		case code[i] == '0' || code[i] == '#' || code[i] == '?':
			general++
		}
	}
	switch {
	case date, month && !clock && general == 0:
		return dateFormat
	case clock:
		return clockFormat
	}
	return plainFormat
}

// isSpan knows [h], [hh], [m], [s]: hours, minutes, seconds that run past a day.
func isSpan(s string) bool {
	if s == "" {
		return false
	}
	first := s[0] | 0x20
	if first != 'h' && first != 'm' && first != 's' {
		return false
	}
	for i := range len(s) {
		if s[i]|0x20 != first {
			return false
		}
	}
	return true
}

func hasFold(s, lower string) bool {
	if len(s) < len(lower) {
		return false
	}
	for i := range len(lower) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
