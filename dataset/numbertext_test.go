package dataset

import (
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every number written comes back as the same bits, and what is called canonical is written as it was read.
func TestNumbersComeBack(t *testing.T) {
	point := formOf(DecimalPoint)
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64().Draw(t, "x")
		loose := point
		loose.loose = true
		for _, form := range []numberForm{point, loose} {
			if got, _, ok := form.parse(appendNumber(nil, x)); !ok || math.Float64bits(got) != math.Float64bits(x) {
				t.Fatalf("%v came back as %v, %v", x, got, ok)
			}
		}
		s := rapid.StringMatching(`-?[0-9]{1,6}(\.[0-9]{1,12})?`).Draw(t, "s")
		got, canonical, ok := point.parse([]byte(s))
		if !ok {
			return
		}
		want, err := strconv.ParseFloat(s, 64)
		if err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s read as %v, want %v", s, got, want)
		}
		if canonical && string(appendNumber(nil, got)) != s {
			t.Fatalf("%s is called canonical and is written %s", s, appendNumber(nil, got))
		}
	})
}

func TestParseNumber(t *testing.T) {
	point, comma := formOf(DecimalPoint), formOf(DecimalComma)
	loose := point
	loose.loose = true
	for _, c := range []struct {
		form numberForm
		text string
		want float64 // NaN: not a number
	}{
		{point, "0", 0}, {point, "-0.5", -0.5}, {point, ".5", 0.5}, {point, "5.", 5}, {point, "1e5", math.NaN()}, {point, "1.0e5", 1e5}, {point, "1e-5", 1e-5},
		{point, "1,475", 1475}, {point, "1,47", math.NaN()}, {point, "1,475,00", math.NaN()}, {point, ",475", math.NaN()}, {point, "1,475.25", 1475.25},
		{point, "1 475", math.NaN()}, {loose, "1 475", 1475}, {point, "1\u00a0475", 1475}, {point, "1\u202f475,000", math.NaN()}, {point, "1’475", 1475},
		{point, "007", math.NaN()}, {loose, "007", 7}, {point, "+7", math.NaN()}, {loose, "+7", 7}, {point, "9007199254740993", math.NaN()},
		{point, "9007199254740992", math.NaN()}, {point, "9007199254740991", 9007199254740991}, {loose, "90071992547409930", 90071992547409930}, {point, "inf", math.NaN()}, {point, "nan", math.NaN()}, {point, "0x10", math.NaN()}, {point, "", math.NaN()},
		{point, "-", math.NaN()}, {point, ".", math.NaN()}, {point, "1.2.3", math.NaN()}, {point, " 245 ", 245}, {point, "1e999", math.NaN()},
		{comma, "1,5", 1.5}, {comma, "1.475", 1475}, {comma, "1.475,5", 1475.5}, {comma, "1.5", math.NaN()},
		{point, "33.846996307373757", 33.846996307373757}, {point, "--1", math.NaN()}, {point, "1-", math.NaN()}, {point, "00.5", math.NaN()},
	} {
		got, _, ok := c.form.parse([]byte(c.text))
		if ok == math.IsNaN(c.want) || ok && got != c.want {
			t.Errorf("%q read as %v, %v, want %v", c.text, got, ok, c.want)
		}
	}
}

func TestParseDay(t *testing.T) {
	for _, c := range []struct {
		text  string
		forms []string
		loose bool
		want  string // "": no date
	}{
		{"2024-02-29", nil, false, "2024-02-29"}, {"2023-02-29", nil, false, ""}, {"1900-02-29", nil, false, ""}, {"2000-02-29", nil, false, "2000-02-29"},
		{"2024-13-01", nil, false, ""}, {"2024-00-10", nil, false, ""}, {"0001-01-01", nil, false, "0001-01-01"}, {"0000-01-01", nil, false, ""},
		{"2024-08-01T00:00:00Z", nil, false, "2024-08-01"}, {"2024-08-01 00:00:00.000", nil, false, "2024-08-01"}, {"2024-08-01 00:00:01", nil, false, ""},
		{"2024-08-01 10:11:12", nil, true, "2024-08-01"}, {"2024-08-01x", nil, true, ""}, {"31/05/2017", nil, false, ""},
		{"31/05/2017", []string{"02/01/2006"}, false, "2017-05-31"}, {"32/05/2017", []string{"02/01/2006"}, false, ""}, {"29-Oct-19", []string{"02-Jan-06"}, false, "2019-10-29"},
		{"20240801", nil, false, ""}, {"", nil, false, ""}, {"2024-8-1", nil, false, ""},
	} {
		got, _, ok := parseDay([]byte(c.text), c.forms, c.loose)
		if ok != (c.want != "") || ok && DateOf(got).Format(time.DateOnly) != c.want {
			t.Errorf("%q read as %v, %v, want %s", c.text, got, ok, c.want)
		}
	}
}
