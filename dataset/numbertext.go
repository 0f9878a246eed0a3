package dataset

import (
	"bytes"
	"math"
	"strconv"
	"unsafe"
)

// numberForm is how numbers are written in a file.
type numberForm struct {
	decimal byte // '.' or ','
	group   byte // thousands mark beside blanks: ',' or '.'
	loose   bool // a declared number: a plus sign, leading zeros and plain blanks between groups are accepted
}

func formOf(d DecimalMark) numberForm {
	if d == DecimalComma {
		return numberForm{decimal: ',', group: '.'}
	}
	return numberForm{decimal: '.', group: ','}
}

// parse reads a cell as a number. It is strict about what only looks like one: 007, +26599000000 and whole
// numbers past 2^53 are identifiers, which would not come back as they were. canonical says that writing the
// number gives the same bytes again.
func (f numberForm) parse(s []byte) (x float64, canonical, ok bool) {
	if x, canonical, ok = f.plain(s); ok {
		return x, canonical, true
	}
	return f.slow(s)
}

// plain is the fast path: an optional minus, digits, and at most one decimal mark, 15 digits together, so
// that mantissa and power of ten are exact and one division rounds right.
func (f numberForm) plain(s []byte) (x float64, canonical, ok bool) {
	i, negative := 0, false
	if len(s) > 0 && s[0] == '-' {
		negative, i = true, 1
	}
	start := i
	var m uint64
	for i < len(s) && s[i]-'0' < 10 {
		m = m*10 + uint64(s[i]-'0')
		i++
	}
	whole := i - start
	if whole == 0 || whole > 15 || (whole > 1 && s[start] == '0' && !f.loose) {
		return 0, false, false
	}
	if i == len(s) {
		x = float64(m)
		if negative {
			return -x, m != 0 && (whole == 1 || s[start] != '0'), true
		}
		return x, whole == 1 || s[start] != '0', true
	}
	if s[i] != f.decimal {
		return 0, false, false
	}
	i++
	part := i
	for i < len(s) && s[i]-'0' < 10 {
		m = m*10 + uint64(s[i]-'0')
		i++
	}
	places := i - part
	if i != len(s) || places == 0 || whole+places > 15 {
		return 0, false, false
	}
	x = float64(m) / powers[places]
	canonical = s[i-1] != '0' && f.decimal == '.' && (whole == 1 || s[start] != '0') && m != 0 && x >= 1e-7
	if negative {
		x = -x
	}
	return x, canonical, true
}

var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// slow reads thousands marks, exponents, long decimals and blanks around.
func (f numberForm) slow(s []byte) (x float64, canonical, ok bool) {
	s = bytes.TrimSpace(s)
	if len(s) == 0 || len(s) > 64 {
		return 0, false, false
	}
	var buffer [64]byte
	out := buffer[:0]
	if s[0] == '-' || (s[0] == '+' && f.loose) {
		if s[0] == '-' {
			out = append(out, '-')
		}
		s = s[1:]
	}
	start := len(out)
	var mark rune // thousands mark met
	run := 0      // digits since the last mark
	i := 0
	for i < len(s) {
		c := s[i]
		if c-'0' < 10 {
			out = append(out, c)
			run++
			i++
			continue
		}
		m, width := f.groupMark(s[i:])
		if m == 0 {
			break
		}
		if (mark == 0 && (run == 0 || run > 3)) || (mark != 0 && (run != 3 || m != mark)) {
			return 0, false, false
		}
		mark, run = m, 0
		i += width
	}
	if mark != 0 && run != 3 {
		return 0, false, false
	}
	whole := len(out) - start
	if whole > 1 && out[start] == '0' && !f.loose {
		return 0, false, false
	}
	if i == len(s) {
		// A whole number from 2^53 on may come back as another.
		if whole == 0 {
			return 0, false, false
		}
		x, ok = toFloat(out)
		return x, false, ok && (f.loose || math.Abs(x) < 1<<53)
	}
	if s[i] == f.decimal {
		out = append(out, '.')
		i++
		digits := i
		for i < len(s) && s[i]-'0' < 10 {
			out = append(out, s[i])
			i++
		}
		if whole == 0 && i == digits {
			return 0, false, false
		}
	} else if whole == 0 {
		return 0, false, false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		out = append(out, 'e')
		i++
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			out = append(out, s[i])
			i++
		}
		digits := i
		for i < len(s) && s[i]-'0' < 10 {
			out = append(out, s[i])
			i++
		}
		// 12e3 is as likely a site code as a number: an exponent needs a decimal mark or a sign.
		if i == digits || (!f.loose && !bytes.ContainsAny(out[start:], ".-+")) {
			return 0, false, false
		}
	}
	if i != len(s) {
		return 0, false, false
	}
	x, ok = toFloat(out)
	return x, false, ok
}

// groupMark gives the thousands mark at the start of s and its width: the mark of the form, an apostrophe, a
// no-break space or narrow no-break space, and for declared numbers a plain blank.
func (f numberForm) groupMark(s []byte) (rune, int) {
	switch c := s[0]; {
	case c == f.group || c == '\'':
		return rune(c), 1
	case c == ' ' && f.loose:
		return ' ', 1
	case c == 0xC2 && len(s) > 1 && s[1] == 0xA0:
		return '\u00a0', 2
	case c == 0xE2 && len(s) > 2 && s[1] == 0x80 && (s[2] == 0xAF || s[2] == 0x99):
		return rune(s[2]), 3 // U+202F, U+2019
	}
	return 0, 0
}

func toFloat(b []byte) (float64, bool) {
	x, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	return x, err == nil && !math.IsInf(x, 0)
}
