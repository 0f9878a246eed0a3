package dataset

import (
	"math"
	"strconv"
	"time"
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

// appendNumber writes the shortest decimal that reads back to the same number, without an exponent where a
// person would not write one.
func appendNumber(b []byte, x float64) []byte {
	if a := math.Abs(x); a != 0 && (a < 1e-7 || a >= 1e17) {
		return strconv.AppendFloat(b, x, 'g', -1, 64)
	}
	return strconv.AppendFloat(b, x, 'f', -1, 64)
}
