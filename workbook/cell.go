package workbook

import (
	"math"
	"strconv"
	"time"
)

// Kind is the type of a cell's value.
type Kind uint8

const (
	Empty  Kind = iota // nothing, or only a format
	Text               // text, kept as written with its spaces
	Number             // a number that no date format is laid over
	Bool               // TRUE or FALSE
	Date               // a calendar day, with a time of day or without
	Clock              // a time of day or a span of time without a calendar day
	Error              // #N/A, #DIV/0! and the like
)

// Cell is one value. The zero Cell is empty.
type Cell struct {
	Kind   Kind
	Text   string  // of Text; of Error its name, "#N/A"
	Number float64 // of Number; of Bool 0 or 1; of Date days since 1970-01-01; of Clock days
}

// TextCell, NumberCell, BoolCell and DateCell make cells to write.
func TextCell(s string) Cell { return Cell{Kind: Text, Text: s} }

// NumberCell makes a number; a value that is not finite makes an empty cell.
func NumberCell(x float64) Cell {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Cell{}
	}
	return Cell{Kind: Number, Number: x}
}

// BoolCell makes TRUE or FALSE.
func BoolCell(b bool) Cell {
	if b {
		return Cell{Kind: Bool, Number: 1}
	}
	return Cell{Kind: Bool}
}

// DateCell makes a day from days since 1970-01-01.
func DateCell(days float64) Cell { return Cell{Kind: Date, Number: days} }

const secondsADay = 24 * 60 * 60

// Time gives a Date in UTC, to the second; the zero time for any other kind.
func (c Cell) Time() time.Time {
	if c.Kind != Date {
		return time.Time{}
	}
	return time.Unix(int64(math.Round(c.Number*secondsADay)), 0).UTC()
}

// String gives the value as the person who typed it means it: TRUE and FALSE, whole numbers without a
// fraction, days as 2006-01-02, days with a time as 2006-01-02T15:04:05, times as 15:04:05, an error by name.
func (c Cell) String() string {
	switch c.Kind {
	case Text, Error:
		return c.Text
	case Number:
		return formatNumber(c.Number)
	case Bool:
		if c.Number != 0 {
			return "TRUE"
		}
		return "FALSE"
	case Date:
		t := c.Time()
		if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
			return t.Format("2006-01-02")
		}
		return t.Format("2006-01-02T15:04:05")
	case Clock:
		s := int64(math.Round(c.Number * secondsADay))
		return twoDigits(s/3600) + ":" + twoDigits(s/60%60) + ":" + twoDigits(s%60)
	}
	return ""
}

func twoDigits(n int64) string {
	s := strconv.FormatInt(n, 10)
	if len(s) < 2 {
		return "0" + s
	}
	return s
}

func formatNumber(x float64) string {
	if a := math.Abs(x); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// daysTo1970 is the serial number of 1970-01-01 when 1900-01-01 is 1 and 1900 counts as a leap year.
const daysTo1970 = 25569

// serial1904 is how far the calendar that begins in 1904 lags behind.
const serial1904 = 1462

// lastSerial is 9999-12-31, the last day a workbook knows.
const lastSerial = 2958465

// dated lays a date format over a serial number. Serial numbers under 1 are times; negative ones and those
// past the year 9999 are no dates and stay numbers.
func dated(serial float64, format formatKind, from1904 bool) Cell {
	if format == clockFormat && serial >= 0 && serial < lastSerial {
		return Cell{Kind: Clock, Number: serial}
	}
	if from1904 {
		serial += serial1904
	}
	switch {
	case format == plainFormat, serial < 0, serial > lastSerial+1:
		return NumberCell(serial)
	case serial < 1:
		return Cell{Kind: Clock, Number: serial}
	case serial < 60: // the calendar of 1900 holds a 29 February that never was, numbered 60
		serial++
	}
	return Cell{Kind: Date, Number: serial - daysTo1970}
}
