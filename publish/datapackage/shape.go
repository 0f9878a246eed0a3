package datapackage

import (
	"math"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/release"
)

// shape is the columns that a cleared table makes: for each heading its code and its words in each language;
// for each measure its value, the ends of its interval where it has one, its state, and its note where any
// cell has one; whether a row is a total, where any is; the caveats.
type shape struct {
	cleared   release.Cleared
	rows      []release.Row
	languages []string
	columns   []shaped
}

// shaped is one column and what it stands for.
type shaped struct {
	name    string
	part    part
	index   int    // of the heading or measure
	tag     string // of words
	measure release.Measure
}

type part uint8

const (
	headCode part = iota
	headWords
	value
	low
	high
	state
	note
	total
	caveats
)

// suffixes name the columns beside a measure; the same in every language, since programs look for them.
var suffixes = map[part]string{low: "_low", high: "_high", state: "_state", note: "_note"}

func newShape(c release.Cleared, languages []string) *shape {
	s := &shape{cleared: c, rows: c.Rows(), languages: languages}
	for i, d := range c.Dims() {
		s.columns = append(s.columns, shaped{name: d.Name, part: headCode, index: i})
		for _, tag := range languages {
			if slices.ContainsFunc(s.rows, func(r release.Row) bool { return r.Heads[i].Labels[tag] != "" }) {
				s.columns = append(s.columns, shaped{name: d.Name + "_" + tag, part: headWords, index: i, tag: tag})
			}
		}
	}
	for i, m := range c.Measures() {
		parts := []part{value}
		if m.Ranged {
			parts = append(parts, low, high)
		}
		parts = append(parts, state)
		if slices.ContainsFunc(s.rows, func(r release.Row) bool { return r.Cells[i].Note != "" }) {
			parts = append(parts, note)
		}
		for _, p := range parts {
			s.columns = append(s.columns, shaped{name: m.Name + suffixes[p], part: p, index: i, measure: m})
		}
	}
	if slices.ContainsFunc(s.rows, func(r release.Row) bool { return r.Total }) {
		s.columns = append(s.columns, shaped{name: "is_total", part: total})
	}
	s.columns = append(s.columns, shaped{name: "caveats", part: caveats})
	return s
}

// table fills the columns.
func (s *shape) table() (*dataset.Table, error) {
	t := &dataset.Table{Name: s.cleared.Key()}
	seen := map[string]bool{}
	for _, c := range s.columns {
		if seen[c.name] || c.name == "" {
			return nil, fault.Issue{Code: CodeColumnTwice, Args: map[string]any{"table": s.cleared.Key(), "column": c.name}}
		}
		seen[c.name] = true
		t.Columns = append(t.Columns, s.column(c))
	}
	return t, nil
}

func (s *shape) column(c shaped) *dataset.Column {
	field := dataset.Field{Name: c.name, Labels: s.labels(c)}
	if c.part == value || c.part == low || c.part == high {
		field.Kind = dataset.Number
		b := dataset.NewBuilder(field)
		for _, r := range s.rows {
			b.Number(number(c, r.Cells[c.index]))
		}
		return b.Column()
	}
	if c.part == headWords {
		field.Kind = dataset.Text
	}
	field.Levels = s.levels(c)
	b := dataset.NewBuilder(field)
	for _, r := range s.rows {
		text := s.text(c, r)
		if field.Kind == dataset.Text {
			b.Text(text)
		} else {
			b.Level(text)
		}
	}
	return b.Column()
}

// number gives a value to print, NaN where the cell shows none.
func number(c shaped, cell release.Cell) float64 {
	if cell.State != release.Shown {
		return math.NaN()
	}
	x := cell.Value
	switch c.part {
	case low:
		x = cell.Low
	case high:
		x = cell.High
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return math.NaN()
	}
	switch c.measure.Form {
	case release.Count:
		return x
	case release.Share, release.Probability:
		return round(x, 'f', 4)
	case release.Ratio:
		return round(x, 'g', 4)
	}
	return round(x, 'f', c.measure.Digits)
}

func (s *shape) text(c shaped, r release.Row) string {
	switch c.part {
	case headCode:
		return r.Heads[c.index].Code
	case headWords:
		return r.Heads[c.index].Labels[c.tag]
	case state:
		return r.Cells[c.index].State.String()
	case note:
		return r.Cells[c.index].Note
	case total:
		if r.Total {
			return "true"
		}
		return "false"
	}
	return strings.Join(s.cleared.Caveats(), ";")
}

// levels lists the codes of headings with their words, in the order of the rows, and the states.
func (s *shape) levels(c shaped) []dataset.Level {
	switch c.part {
	case state:
		return []dataset.Level{{Code: release.Shown.String()}, {Code: release.Suppressed.String()}, {Code: release.Blank.String()}}
	case total:
		return []dataset.Level{{Code: "false"}, {Code: "true"}}
	case headCode:
		var out []dataset.Level
		seen := map[string]bool{"": true}
		for _, r := range s.rows {
			if h := r.Heads[c.index]; !seen[h.Code] {
				seen[h.Code] = true
				out = append(out, dataset.Level{Code: h.Code, Labels: dataset.Labels(h.Labels)})
			}
		}
		return out
	}
	return nil
}

// labels are the words of the heading or measure that a column belongs to.
func (s *shape) labels(c shaped) dataset.Labels {
	switch c.part {
	case headCode, headWords:
		return dataset.Labels(s.cleared.Dims()[c.index].Labels)
	case value, low, high, state, note:
		return dataset.Labels(c.measure.Labels)
	}
	return nil
}
