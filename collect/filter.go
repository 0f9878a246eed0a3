package collect

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form/flatten"
)

// sieve is a filter on records, made ready: it reads what is public and internal only (docs/formats/records.md).
type sieve struct {
	filter dataset.Filter
	layout *flatten.Layout
	fields map[string]int // of the first table, by name
}

// The fields of a record that filters may name.
var systemFields = []string{"__review", "__received", "__updated", "__form", "__device", "__site", "__team", "__flags", "__edits"}

// newSieve reads a filter and refuses fields that are not there and those that are protected: what cannot be seen cannot
// be asked for either, by anybody.
func newSieve(where string, m *merged) (*sieve, error) {
	if strings.TrimSpace(where) == "" {
		return nil, nil
	}
	f, err := dataset.ParseFilter(where)
	if err != nil {
		return nil, err
	}
	s := &sieve{filter: f, layout: m.layout, fields: map[string]int{}}
	t := &m.layout.Tables[0]
	for _, name := range f.Columns() {
		if oneOf(name, systemFields) {
			continue
		}
		i := slices.IndexFunc(t.Columns, func(c flatten.Column) bool { return c.Name == name })
		if i < 0 {
			return nil, fault.Issue{Code: CodeNoField, Kind: fault.NotFound, Args: map[string]any{"field": name}}
		}
		if t.Columns[i].Class > dataset.Internal {
			return nil, fault.Issue{Code: CodeNotFilterable, Kind: fault.Forbidden, Args: map[string]any{"field": name}}
		}
		s.fields[name] = i
	}
	return s, s.test(f)
}

// test tries the filter on a record of nothing, so that a wrong comparison is refused before the first row.
func (s *sieve) test(f dataset.Filter) error {
	for _, p := range f.Parts {
		if err := s.test(p); err != nil {
			return err
		}
	}
	switch f.Op {
	case dataset.Less, dataset.AtMost, dataset.Greater, dataset.AtLeast:
	default:
		return nil
	}
	kind := s.kind(f.Column)
	if _, ok := ordered(kind, f.Values[0]); !ok {
		return fault.Issue{Code: dataset.CodeFilterType, Place: fault.Place{Field: f.Column},
			Args: map[string]any{"column": f.Column, "kind": kind.String(), "filter": f.String()}}
	}
	return nil
}

func (s *sieve) kind(column string) dataset.Kind {
	switch column {
	case "__received", "__updated":
		return dataset.Date
	case "__flags", "__edits":
		return dataset.Number
	}
	if i, ok := s.fields[column]; ok {
		return s.layout.Tables[0].Columns[i].Kind
	}
	return dataset.Category
}

// reads says whether the filter asks for answers, not only for what is known of the record itself.
func (s *sieve) reads() bool { return s != nil && len(s.fields) > 0 }

// keeps says whether a record passes. answer gives the answer of a column of the first table.
func (s *sieve) keeps(r *Record, answer func(column int) flatten.Cell) bool {
	return s == nil || s.truth(s.filter, r, answer) == 2
}

// truth follows SQL: 0 no, 1 unknown, 2 yes.
func (s *sieve) truth(f dataset.Filter, r *Record, answer func(int) flatten.Cell) int {
	switch f.Op {
	case dataset.All:
		return 2
	case dataset.And:
		out := 2
		for _, p := range f.Parts {
			out = min(out, s.truth(p, r, answer))
		}
		return out
	case dataset.Or:
		out := 0
		for _, p := range f.Parts {
			out = max(out, s.truth(p, r, answer))
		}
		return out
	case dataset.Not:
		return 2 - s.truth(f.Parts[0], r, answer)
	}
	cell := systemCell(r, f.Column)
	if i, ok := s.fields[f.Column]; ok {
		cell = answer(i)
	}
	switch f.Op {
	case dataset.IsPresent:
		return yes(cell.Missing == dataset.Present)
	case dataset.IsMissing:
		return yes(cell.Missing != dataset.Present && (len(f.Values) == 0 || slices.Contains(f.Values, cell.Missing.String())))
	}
	if cell.Missing != dataset.Present {
		return 1
	}
	kind := s.kind(f.Column)
	switch f.Op {
	case dataset.In:
		return yes(among(kind, cell.Text, f.Values))
	case dataset.NotIn:
		return yes(!among(kind, cell.Text, f.Values))
	}
	have, ok := ordered(kind, cell.Text)
	want, _ := ordered(kind, f.Values[0])
	switch {
	case !ok:
		return 1
	case f.Op == dataset.Less:
		return yes(have < want)
	case f.Op == dataset.AtMost:
		return yes(have <= want)
	case f.Op == dataset.Greater:
		return yes(have > want)
	}
	return yes(have >= want)
}

func yes(b bool) int {
	if b {
		return 2
	}
	return 0
}

// systemCell gives what is known of a record under the name that filters use.
func systemCell(r *Record, name string) flatten.Cell {
	text := ""
	switch name {
	case "__review":
		text = string(r.Review)
	case "__received":
		text = r.Received.UTC().Format(time.RFC3339)
	case "__updated":
		text = r.Updated.UTC().Format(time.RFC3339)
	case "__form":
		text = r.Version
	case "__device":
		text = r.Actor
	case "__site":
		text = r.Site
	case "__team":
		text = r.Team
	case "__flags":
		text = strconv.Itoa(r.Flags)
	case "__edits":
		text = strconv.Itoa(r.Edits)
	}
	if text == "" {
		return flatten.Cell{Missing: dataset.Empty}
	}
	return flatten.Cell{Text: text}
}

func among(kind dataset.Kind, text string, values []string) bool {
	text = strings.TrimSpace(text)
	if slices.Contains(values, text) {
		return true
	}
	if kind != dataset.Number && kind != dataset.Date {
		return false
	}
	have, ok := ordered(kind, text)
	for _, v := range values {
		if want, okWant := ordered(kind, v); ok && okWant && have == want {
			return true
		}
	}
	return false
}

// ordered gives a number or a time that comparisons order by. A day given without a time is its beginning in UTC.
func ordered(kind dataset.Kind, text string) (float64, bool) {
	text = strings.TrimSpace(text)
	switch kind {
	case dataset.Number:
		x, err := strconv.ParseFloat(text, 64)
		return x, err == nil && x == x
	case dataset.Date:
		if t, ok := readTime(text); ok {
			return float64(t.UnixMicro()) / 1e6, true
		}
		t, err := time.Parse(time.DateOnly, text)
		return float64(t.Unix()), err == nil
	}
	return 0, false
}
