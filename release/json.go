package release

import (
	"encoding/json"
	"fmt"
	"math"

	"waymark/fault"
)

// FormatVersion is the version of the JSON that a Cleared is written as; docs/formats/release.md has its history.
const FormatVersion = 1

var (
	stateNames = [...]string{Shown: "shown", Suppressed: "suppressed", Blank: "blank"}
	formNames  = [...]string{Count: "count", Share: "share", Ratio: "ratio", Real: "real", Probability: "probability"}
	zerosNames = [...]string{ZerosShown: "shown", ZerosHidden: "hidden"}
)

// String is "shown", "suppressed" or "blank".
func (s State) String() string { return nameOf(stateNames[:], int(s)) }

// String is "count", "share", "ratio", "real" or "probability".
func (f Form) String() string { return nameOf(formNames[:], int(f)) }

// String is "shown" or "hidden".
func (z Zeros) String() string { return nameOf(zerosNames[:], int(z)) }

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// MarshalText writes the state as a word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText writes the form as a word.
func (f Form) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// MarshalText writes the setting as a word.
func (z Zeros) MarshalText() ([]byte, error) { return []byte(z.String()), nil }

type jsonTable struct {
	Version  int           `json:"version"`
	Key      string        `json:"key"`
	Title    Labels        `json:"title,omitempty"`
	Unit     Labels        `json:"unit,omitempty"`
	Source   Labels        `json:"source,omitempty"`
	Caveats  []string      `json:"caveats"`
	Policy   Policy        `json:"policy"`
	Dims     []jsonDim     `json:"dims"`
	Measures []jsonMeasure `json:"measures"`
	Rows     []jsonRow     `json:"rows"`
}

type jsonDim struct {
	Name   string `json:"name"`
	Labels Labels `json:"labels,omitempty"`
}

type jsonMeasure struct {
	Name   string `json:"name"`
	Labels Labels `json:"labels,omitempty"`
	Form   Form   `json:"form"`
	Digits int    `json:"digits"`
	Ranged bool   `json:"ranged"`
}

type jsonRow struct {
	Heads []jsonHead `json:"heads"`
	Total bool       `json:"total,omitempty"`
	Cells []jsonCell `json:"cells"`
}

type jsonHead struct {
	Code   string `json:"code"`
	Labels Labels `json:"labels,omitempty"`
}

// jsonCell has value null unless the cell is shown. range, [low, high], stands only where the measure is
// ranged and the cell shown; an end without a bound is null.
type jsonCell struct {
	State State       `json:"state"`
	Value *number     `json:"value"`
	Range *[2]*number `json:"range,omitempty"`
	Note  string      `json:"note,omitempty"`
}

type number float64

// MarshalJSON writes the table with every suppressed cell as null and its state beside it.
func (c Cleared) MarshalJSON() ([]byte, error) {
	if !c.Valid() {
		return nil, fmt.Errorf("write an empty release.Cleared: %w", fault.Invalid)
	}
	t := c.table
	out := jsonTable{Version: FormatVersion, Key: t.key, Title: t.title, Unit: t.unit, Source: t.source,
		Caveats: t.caveats, Policy: t.policy, Dims: []jsonDim{}, Measures: []jsonMeasure{}, Rows: []jsonRow{}}
	if out.Caveats == nil {
		out.Caveats = []string{}
	}
	for _, d := range t.dims {
		out.Dims = append(out.Dims, jsonDim(d))
	}
	for _, m := range t.measures {
		out.Measures = append(out.Measures, jsonMeasure{m.Name, m.Labels, m.Form, m.Digits, m.Ranged})
	}
	for _, r := range t.rows {
		row := jsonRow{Total: r.Total, Heads: []jsonHead{}, Cells: []jsonCell{}}
		for _, h := range r.Heads {
			row.Heads = append(row.Heads, jsonHead(h))
		}
		for m, cell := range r.Cells {
			row.Cells = append(row.Cells, writeCell(cell, t.measures[m].Ranged))
		}
		out.Rows = append(out.Rows, row)
	}
	return json.Marshal(out)
}

func writeCell(c Cell, ranged bool) jsonCell {
	out := jsonCell{State: c.State, Note: c.Note}
	if c.State != Shown {
		return out
	}
	out.Value = finite(c.Value)
	if ranged {
		out.Range = &[2]*number{finite(c.Low), finite(c.High)}
	}
	return out
}

// finite is nil for a bound that is not there.
func finite(v float64) *number {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	n := number(v)
	return &n
}

// UnmarshalJSON always refuses: a table is cleared by Clear and by nothing else.
func (c *Cleared) UnmarshalJSON([]byte) error {
	return fmt.Errorf("a cleared table is not read from a file; clear it again from its data: %w", fault.Forbidden)
}
