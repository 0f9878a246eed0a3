package instance

import (
	"math"
	"strconv"
	"strings"
	"time"

	"waymark/fault"
	"waymark/form"
)

// look says what is wrong with an answer by its type, "" for nothing; count is of codes that the list does not
// have.
func look(a *asking, text string) (code fault.Code, count int) {
	switch a.question.Type {
	case form.Integer:
		if !isNumber(text) {
			return CodeNotNumber, 0
		}
		if !isWhole(text) {
			return CodeNotWhole, 0
		}
	case form.Decimal, form.Range:
		if !isNumber(text) {
			return CodeNotNumber, 0
		}
	case form.Date:
		day, _, _ := strings.Cut(text, "T")
		if !isDay(day) {
			return CodeDate, 0
		}
	case form.Time:
		if !isTime(text) {
			return CodeTime, 0
		}
	case form.DateTime:
		return dateTime(text), 0
	case form.Metadata:
		switch strings.ToLower(strings.TrimSpace(a.question.Written)) {
		case "start", "end":
			return dateTime(text), 0
		case "today":
			if !isDay(text) {
				return CodeDate, 0
			}
		default:
			return formula(text), 0
		}
	case form.Geopoint:
		_, code := point(text)
		return code, 0
	case form.Geotrace:
		return line(text, 2), 0
	case form.Geoshape:
		return line(text, 4), 0
	case form.SelectOne:
		if a.codes != nil && !a.codes[text] {
			return CodeChoice, 1
		}
	case form.SelectMultiple, form.Rank:
		if a.codes == nil {
			return "", 0
		}
		for _, code := range strings.Fields(text) {
			if !a.codes[code] {
				count++
			}
		}
		if count > 0 {
			return CodeChoice, count
		}
	case form.Image, form.Audio, form.Video, form.File, form.Audit:
		if ofForm(text) {
			return "", 0
		}
		if strings.ContainsAny(text, `/\`) || text == "." || text == ".." {
			return CodeFileName, 0
		}
	default:
		return formula(text), 0
	}
	return "", 0
}

// ofForm says whether an answer is a file of the form, which a question may begin with.
func ofForm(s string) bool { return strings.HasPrefix(s, "jr://") }

// isNumber knows digits with a point, a sign and an exponent.
func isNumber(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	return err == nil && !math.IsInf(x, 0)
}

func isWhole(s string) bool {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isTime knows a time of the day with or without seconds, parts of a second and a zone.
func isTime(s string) bool {
	if i := strings.LastIndexAny(s, "Z+-"); i > 0 {
		zone := s[i:]
		s = s[:i]
		ok := zone == "Z"
		for _, layout := range [...]string{"-07:00", "-07", "-0700"} {
			if _, err := time.Parse(layout, zone); err == nil {
				ok = true
			}
		}
		if !ok {
			return false
		}
	}
	for _, layout := range [...]string{"15:04:05", "15:04"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func dateTime(s string) fault.Code {
	day, clock, ok := strings.Cut(s, "T")
	switch {
	case !isDay(day):
		return CodeDate
	case ok && !isTime(clock):
		return CodeTime
	}
	return ""
}

// point reads "latitude longitude altitude accuracy"; the last two may be missing.
func point(s string) (at [2]float64, code fault.Code) {
	fields := strings.Fields(s)
	if len(fields) < 2 || len(fields) > 4 {
		return at, CodePlace
	}
	for i, f := range fields {
		if !isNumber(f) {
			return at, CodePlace
		}
		if i < 2 {
			at[i], _ = strconv.ParseFloat(f, 64)
		}
	}
	switch {
	case math.Abs(at[0]) > 90:
		return at, CodeLatitude
	case math.Abs(at[1]) > 180:
		return at, CodeLongitude
	}
	return at, ""
}

// line reads points with semicolons between; least is 2 of a line, and 4 of an area, whose last is its first
// again.
func line(s string, least int) fault.Code {
	var points [][2]float64
	for _, one := range strings.Split(strings.TrimRight(s, "; "), ";") {
		at, code := point(one)
		if code != "" {
			return code
		}
		points = append(points, at)
	}
	switch ring := least == 4; {
	case ring && len(points) >= 3 && points[0] != points[len(points)-1]:
		return CodeRing
	case len(points) < least:
		return CodePoints
	}
	return ""
}

// formula knows text that a spreadsheet would work out: what begins with an equals sign, and what begins with
// another sign and goes on as a formula does. A telephone number begins with a plus and is none.
func formula(s string) fault.Code {
	switch s[0] {
	case '=':
		return CodeFormula
	case '+', '-', '@':
		if strings.ContainsAny(s, "|!") || calls(s) {
			return CodeFormula
		}
	}
	return ""
}

// calls says whether a letter stands right before a bracket.
func calls(s string) bool {
	for i := 1; i < len(s); i++ {
		if c := s[i-1] | 0x20; s[i] == '(' && c >= 'a' && c <= 'z' {
			return true
		}
	}
	return false
}
