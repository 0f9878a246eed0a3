package dataset

import (
	"bytes"
	"math"
	"strconv"
	"time"
	"unsafe"
)

// DaysOf gives the number of days from 1970-01-01 to a date of the Gregorian calendar.
func DaysOf(year int, month time.Month, day int) int {
	return int(math.Floor(float64(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()) / 86400))
}

// DateOf gives the date of a number of days since 1970-01-01, at midnight UTC.
func DateOf(days float64) time.Time { return time.Unix(int64(days)*86400, 0).UTC() }

func appendDay(b []byte, days float64) []byte {
	return DateOf(days).AppendFormat(b, time.DateOnly)
}

// appendNumber writes the shortest decimal that reads back to the same number, with an exponent only where it
// is tiny, or so large that without one it would be taken for an identifier.
func appendNumber(b []byte, x float64) []byte {
	if a := math.Abs(x); a != 0 && (a < 1e-7 || a >= 1<<53) {
		return strconv.AppendFloat(b, x, 'g', -1, 64)
	}
	return strconv.AppendFloat(b, x, 'f', -1, 64)
}

// parseDay reads an ISO date, alone or with a time of zero, then the further forms. A time of the day that is
// not zero makes it no calendar day unless the column was declared one (loose), which drops the time.
// canonical says that writing the day gives the same bytes again.
func parseDay(s []byte, forms []string, loose bool) (days float64, canonical, ok bool) {
	if y, m, d, rest, found := isoDay(s); found {
		if len(rest) == 0 {
			return float64(DaysOf(y, m, d)), true, true
		}
		if loose && (rest[0] == 'T' || rest[0] == ' ') || zeroTime(rest) {
			return float64(DaysOf(y, m, d)), false, true
		}
		return 0, false, false
	}
	if len(forms) == 0 {
		return 0, false, false
	}
	s = bytes.TrimSpace(s)
	if len(s) == 0 || len(s) > 64 {
		return 0, false, false
	}
	for _, form := range forms {
		t, err := time.Parse(form, unsafe.String(unsafe.SliceData(s), len(s)))
		if err != nil || t.Year() == 0 {
			continue
		}
		y, m, d := t.Date()
		if h, min, sec := t.Clock(); loose || h == 0 && min == 0 && sec == 0 {
			return float64(DaysOf(y, m, d)), false, true
		}
	}
	return 0, false, false
}

// isoDay reads yyyy-mm-dd at the start of s and gives what follows.
func isoDay(s []byte) (year int, month time.Month, day int, rest []byte, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, nil, false
	}
	digits := func(b []byte) (n int) {
		for _, c := range b {
			if c-'0' > 9 {
				return -1
			}
			n = 10*n + int(c-'0')
		}
		return n
	}
	y, m, d := digits(s[:4]), digits(s[5:7]), digits(s[8:10])
	if y < 1 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, 0, 0, nil, false
	}
	return y, time.Month(m), d, s[10:], true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// zeroTime says whether s is midnight: T or a blank, then zeros with colons, a fraction of zeros, and Z,
// +00:00 or no zone.
func zeroTime(s []byte) bool {
	if len(s) < 6 || (s[0] != 'T' && s[0] != ' ') {
		return false
	}
	for _, c := range s[1:] {
		if c != '0' && c != ':' && c != '.' && c != 'Z' && c != '+' {
			return false
		}
	}
	return true
}
