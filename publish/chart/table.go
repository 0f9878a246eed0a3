package chart

import (
	"math"
	"strings"

	"waymark/fault"
	"waymark/lang"
	"waymark/release"
)

// What can be wrong with what a drawing is given. They are mistakes of whoever calls, not of the data, and
// name columns only.
const (
	CodeNotCleared  fault.Code = "chart.not-cleared"  // the table did not come from package release
	CodeNoDim       fault.Code = "chart.no-heading"   // no heading column of that name
	CodeNoMeasure   fault.Code = "chart.no-measure"   // no number column of that name
	CodeWrongForm   fault.Code = "chart.wrong-form"   // a column of another form than the drawing needs
	CodeNothing     fault.Code = "chart.nothing"      // a table without rows
	CodeTooNarrow   fault.Code = "chart.too-narrow"   // under 320 pixels
	CodeCaveat      fault.Code = "chart.caveat"       // a caveat that there are no words for
	CodeWrongLayout fault.Code = "chart.wrong-layout" // rows that do not fit the drawing
)

// Frame is what every drawing is told beside its table.
type Frame struct {
	ID      string  // begins every id inside; unique on the page
	Title   string  // spoken as the drawing's name
	Summary string  // one sentence that says what the drawing shows, spoken as its description
	Width   float64 // CSS pixels of the view box, at least 320; default 640, which prints in an A4 column
}

// DefaultWidth is the view box of a drawing that prints in an A4 column.
const DefaultWidth = 640

func (f Frame) width() float64 {
	if f.Width == 0 {
		return DefaultWidth
	}
	return f.Width
}

// data reads a cleared table by the names of its columns.
type data struct {
	p *lang.Printer
	t release.Cleared
}

func open(p *lang.Printer, f Frame, t release.Cleared) (data, error) {
	if !t.Valid() {
		return data{}, fault.Issue{Code: CodeNotCleared, Args: map[string]any{"figure": f.ID}}
	}
	if f.width() < 320 {
		return data{}, fault.Issue{Code: CodeTooNarrow, Args: map[string]any{"figure": f.ID, "least": 320}}
	}
	if len(t.Rows()) == 0 {
		return data{}, fault.Issue{Code: CodeNothing, Args: map[string]any{"table": t.Key()}}
	}
	return data{p: p, t: t}, nil
}

// dim finds a heading column. An empty name gives the one at fallback, counted from the end where negative,
// or -1 where there is none.
func (d data) dim(name string, fallback int) (int, error) {
	if name == "" {
		if fallback < 0 {
			fallback += len(d.t.Dims())
		}
		if fallback < 0 || fallback >= len(d.t.Dims()) {
			return -1, nil
		}
		return fallback, nil
	}
	for i, dim := range d.t.Dims() {
		if dim.Name == name {
			return i, nil
		}
	}
	return -1, fault.Issue{Code: CodeNoDim, Args: map[string]any{"table": d.t.Key(), "column": name}}
}

// measure finds a number column; an empty name gives the first of one of the forms.
func (d data) measure(name string, forms ...release.Form) (int, error) {
	for i, m := range d.t.Measures() {
		if name != "" && m.Name != name {
			continue
		}
		for _, form := range forms {
			if m.Form == form {
				return i, nil
			}
		}
		if name != "" {
			return -1, fault.Issue{Code: CodeWrongForm, Args: map[string]any{"table": d.t.Key(), "column": name}}
		}
	}
	return -1, fault.Issue{Code: CodeNoMeasure, Args: map[string]any{"table": d.t.Key(), "column": name}}
}

func (d data) optional(name string, forms ...release.Form) (int, error) {
	if name == "" {
		return -1, nil
	}
	return d.measure(name, forms...)
}

func (d data) head(row release.Row, dim int) release.Head {
	if dim < 0 || dim >= len(row.Heads) {
		return release.Head{}
	}
	return row.Heads[dim]
}

func (d data) words(l release.Labels) string { return d.p.Label(l) }

// shareDecimals is how many decimals a per cent has at least, as in the tables of the report.
const shareDecimals = 1

// write gives a number of a measure as the language writes it.
func (d data) write(m release.Measure, v float64) string {
	switch m.Form {
	case release.Count:
		return d.p.Number(v, 0)
	case release.Share, release.Probability:
		return d.p.Percent(v, max(m.Digits, shareDecimals))
	case release.Ratio:
		if size := math.Abs(v); m.Digits > 0 && size >= 0.01 && size <= 1000 {
			return d.p.Number(v, m.Digits)
		}
		return d.p.OddsRatio(v)
	default:
		return d.p.Number(v, m.Digits)
	}
}

func (d data) interval(m release.Measure, c release.Cell) string {
	return d.p.Interval(c.Low, c.High, func(v float64) string { return strings.TrimSpace(d.write(m, v)) })
}

// stacked sets a number with its interval in lines no wider than width: in one where it fits, else the interval
// below the number.
func stacked(said string, width float64, heavy bool) []string {
	if TextWidth(said, NoteSize, heavy) <= width {
		return []string{said}
	}
	value, interval, ranged := strings.Cut(said, " (")
	if !ranged {
		return Wrap(said, width, NoteSize, heavy)
	}
	return append(Wrap(value, width, NoteSize, heavy), Wrap("("+interval, width, NoteSize, heavy)...)
}

// ranged says whether a shown cell has an interval to draw: Low and High both 0 mean there is none.
func ranged(m release.Measure, c release.Cell) bool {
	return m.Ranged && c.State == release.Shown && (c.Low != 0 || c.High != 0) && finite(c.Low) && finite(c.High)
}

func shown(c release.Cell) bool { return c.State == release.Shown && finite(c.Value) }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// noteReference marks the level the others are compared with.
const noteReference = "reference"

// gap is what stands where there is no number: withheld, the note's words, or a dash.
func (d data) gap(c release.Cell) string {
	switch {
	case c.State == release.Suppressed:
		return d.p.Text("chart.withheld", nil)
	case c.Note != "" && d.p.Has("chart.note."+c.Note):
		return d.p.Text("chart.note."+c.Note, nil)
	}
	return "–"
}
