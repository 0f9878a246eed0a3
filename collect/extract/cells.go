package extract

import (
	"math"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/dataset"
)

func itoa(n int) string { return strconv.Itoa(n) }

// text gives the cell of a column. A sealed answer is empty: the Desk seals single cells where a scope ends.
func (c *column) text(x *Extract, r *collect.Row) string {
	if c.at < 0 {
		return c.of(x, r)
	}
	if r.Record.Encrypted || c.at >= len(r.Cells) {
		return ""
	}
	cell := &r.Cells[c.at]
	switch {
	case c.part == missingPart && !cell.Sealed:
		return cell.Missing.String()
	case cell.Sealed, cell.Missing != dataset.Present:
		return ""
	}
	switch c.part {
	case optionPart:
		if chosen(cell.Text, c.option) {
			return "1"
		}
		return "0"
	case latitudePart, longitudePart, altitudePart, accuracyPart:
		return word(cell.Text, int(c.part-latitudePart))
	}
	return cell.Text
}

// kind says whether a cell may be written as a number or a day: only where it is one.
func (c *column) kind(text string) dataset.Kind {
	switch {
	case c.at < 0:
		return dataset.Category
	case c.part >= latitudePart && c.part <= accuracyPart, c.field.Kind == dataset.Number && c.part == whole:
		if _, ok := numberOf(text); ok {
			return dataset.Number
		}
		return dataset.Text
	case c.part == optionPart:
		return dataset.Number
	}
	return dataset.Text
}

// chosen says whether a list of answers with spaces between has one.
func chosen(list, option string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == option {
			return true
		}
	}
	return false
}

// word gives the nth word of a text, from 0; "" where it has fewer.
func word(s string, n int) string {
	for w := range strings.FieldsSeq(s) {
		if n == 0 {
			return w
		}
		n--
	}
	return ""
}

func numberOf(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}
