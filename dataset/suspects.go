package dataset

import (
	"slices"
	"strconv"
)

// Suspect is a code that looks like a missing value and was not declared as one. It is a marker such as
// NULL or -99, never an answer.
type Suspect struct {
	Column string
	Code   string
	Rows   int
}

// markers are texts by which files say that there is no value. One that was not declared is reported.
var markers = map[string]bool{
	"NULL": true, "null": true, "Null": true, "NA": true, "N/A": true, "n/a": true, "#N/A": true, "NaN": true, "nan": true, "NaT": true,
	"nil": true, ".": true, "-": true, "--": true, "?": true,
	"dnk": true, "dk": true, "DK": true, "dont_know": true, "don't know": true, "Don't know": true, "doesnt_know": true,
	"ne_sait_pas": true, "nsp": true, "NSP": true,
	"pnta": true, "rf": true, "RF": true, "refused": true, "Refused": true, "prefer_not_answer": true, "prefer_not_to_answer": true, "refus": true,
	"missing": true, "Missing": true, "unknown": true, "Unknown": true, "inconnu": true,
	"not_asked": true, "not_applicable": true, "Not applicable": true, "na": true,
}

// numberMarkers are numbers by which files say that there is no value, below zero.
var numberMarkers = []float64{-1, -2, -7, -8, -9, -77, -88, -97, -98, -99, -777, -888, -997, -998, -999, -9999}

// suspect reports markers in a column of codes: words in a column whose other values are all numbers or days
// also as a note, since they keep it from being read as one.
func (c *intakeColumn) suspect(a *Accounts, used []int, values, numeric int) {
	var words []Suspect
	numbers := map[float64]int{}
	for k, m := range c.entries {
		switch {
		case used[k] == 0 || m.missing != Present:
		case m.isNumber:
			numbers[m.x] += used[k]
		default:
			if e := c.dict.entry(k); len(e) <= 20 && markers[string(e)] {
				words = append(words, Suspect{Column: c.field.Name, Code: string(e), Rows: used[k]})
			}
		}
	}
	a.Suspects = append(a.Suspects, words...)
	if numeric+len(words) == values {
		a.suspects(c.field.Name, numbers)
	}
	if len(words) == 0 || numeric == 0 || numeric+len(words) != values || c.declared {
		return
	}
	for _, s := range words {
		a.note(CodeSuspectCode, c.source+1, s.Column, map[string]any{"code": s.Code, "count": s.Rows})
	}
}

// suspectNumbers reports markers in a column of many distinct numbers.
func (a *Accounts) suspectNumbers(c *Column) {
	below := map[float64]int{}
	for _, x := range c.numbers {
		if x < 0 {
			if below[x]++; len(below) > len(numberMarkers) {
				return
			}
		}
	}
	a.suspects(c.Name, below)
}

// suspects reports the numbers below zero where every one of them is a marker: a column that also has others
// counts in both directions.
func (a *Accounts) suspects(column string, rows map[float64]int) {
	var found []float64
	for x := range rows {
		if x >= 0 {
			continue
		}
		if !slices.Contains(numberMarkers, x) {
			return
		}
		found = append(found, x)
	}
	slices.Sort(found)
	for _, x := range found {
		a.Suspects = append(a.Suspects, Suspect{Column: column, Code: strconv.FormatFloat(x, 'f', -1, 64), Rows: rows[x]})
	}
}
