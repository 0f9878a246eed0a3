package chart

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"waymark/lang"
	"waymark/release"
)

// SpecificationOptions says which columns of the table make the curve. All may be left empty.
type SpecificationOptions struct {
	Measure string   // ratio column with its interval; default: the first
	Choices []string // heading columns of the choices, in order; default: all
}

// NoteMain is the note of the cell that is the main model's; it is drawn with a diamond.
const NoteMain = "main"

// Specifications draws a grid of models as one picture (Simonsohn, Simmons and Nelson 2020, Specification
// curve analysis, Nature Human Behaviour 4): above, the estimate of each specification with its interval, in
// the order of the estimates, on a logarithmic axis; below, a matrix that marks which choices each was made
// with. One row of the table is one specification, its headings the choices. Specifications without a number
// stand at the right: their place says nothing about their estimate.
func Specifications(p *lang.Printer, f Frame, t release.Cleared, o SpecificationOptions) (SVG, error) {
	d, err := open(p, f, t)
	if err != nil {
		return SVG{}, err
	}
	w := &specifications{data: d, c: NewCanvas(f.ID, f.width()), width: f.width()}
	if w.measure, err = w.data.measure(o.Measure, release.Ratio); err != nil {
		return SVG{}, err
	}
	for _, name := range o.Choices {
		i, err := w.dim(name, 0)
		if err != nil {
			return SVG{}, err
		}
		w.dims = append(w.dims, i)
	}
	if len(o.Choices) == 0 {
		for i := range t.Dims() {
			w.dims = append(w.dims, i)
		}
	}
	w.m = t.Measures()[w.measure]
	w.sort()
	w.names = math.Round(w.width * 0.36)
	w.x = scale{low: 0, high: float64(len(w.rows)), from: w.names + 8, to: w.width - 6}
	y := w.estimates()
	y = w.matrix(y)
	return w.c.Finish(f.Title, f.Summary, w.foot(y)), nil
}

type specifications struct {
	data
	c        *Canvas
	width    float64
	measure  int
	m        release.Measure
	dims     []int
	rows     []release.Row // those with a number first, by estimate
	numbered int
	names    float64
	x        scale
}

func (w *specifications) sort() {
	var without []release.Row
	for _, row := range w.t.Rows() {
		if c := row.Cells[w.measure]; shown(c) && c.Value > 0 {
			w.rows = append(w.rows, row)
		} else {
			without = append(without, row)
		}
	}
	slices.SortStableFunc(w.rows, func(a, b release.Row) int {
		return cmp.Compare(a.Cells[w.measure].Value, b.Cells[w.measure].Value)
	})
	w.numbered = len(w.rows)
	w.rows = append(w.rows, without...)
}

const curveHeight = 190.0

// estimates draws the upper panel and gives the height below it.
func (w *specifications) estimates() float64 {
	span := ratioSpan{0.9, 1.1}
	for _, row := range w.rows[:w.numbered] {
		c := row.Cells[w.measure]
		span.hold(c.Value, farEstimate)
		if ranged(w.m, c) {
			span.hold(c.Low, farInterval)
			span.hold(c.High, farInterval)
		}
	}
	top := 11 + w.c.Block(0, BodySize, w.width, w.p.Text("chart.ratio-log", map[string]any{"name": w.words(w.m.Labels)}), Letters{Size: NoteSize, Heavy: true})
	y := scale{low: span.low / 1.08, high: span.high * 1.08, from: top + curveHeight, to: top, log: true}
	for _, v := range ratioSteps(y.low, y.high, 7) {
		w.c.Line(w.x.from, y.at(v), w.x.to, y.at(v), Paint{Stroke: Rule, Width: 0.7})
		w.c.Text(w.x.from-6, y.at(v)+4, w.p.Real(v), Letters{Size: NoteSize, Colour: Soft, Anchor: End})
	}
	w.c.Line(w.x.from, y.at(1), w.x.to, y.at(1), Paint{Stroke: Ink, Width: 1.2})
	if w.numbered < len(w.rows) {
		w.c.Rect(w.x.at(float64(w.numbered)), top, w.x.to-w.x.at(float64(w.numbered)), curveHeight, Paint{Fill: Soft, Texture: Held})
	}
	w.points(y)
	return top + curveHeight + 14
}

// points draws the estimates with their intervals, all of one kind as one path, and the main model above them.
func (w *specifications) points(y scale) {
	step := (w.x.to - w.x.from) / float64(len(w.rows))
	r := max(min(step*0.45, 3.6), 1)
	var intervals, dots [2][]Point // of those whose interval includes 1, of those whose does not
	for i, row := range w.rows[:w.numbered] {
		c, x := row.Cells[w.measure], w.x.at(float64(i)+0.5)
		kind := 0
		if w.clear(c) {
			kind = 1
		}
		if ranged(w.m, c) {
			low, _ := y.clamp(c.Low)
			high, _ := y.clamp(c.High)
			intervals[kind] = append(intervals[kind], Point{x, low}, Point{x, high})
		}
		if c.Note != NoteMain {
			at, _ := y.clamp(c.Value)
			dots[kind] = append(dots[kind], Point{x, at}, Point{x + 0.01, at})
		}
	}
	for kind, colour := range []string{Soft, Series(0)} {
		w.c.Lines(intervals[kind], Paint{Stroke: colour, Width: max(min(step*0.35, 2), 0.4)})
	}
	w.c.Lines(dots[0], Paint{Stroke: Soft, Width: 2 * r, Cap: "round"})
	w.c.Lines(dots[0], Paint{Stroke: White, Width: max(2*r-2*max(r*0.35, 0.6), 0.6), Cap: "round"})
	w.c.Lines(dots[1], Paint{Stroke: Series(0), Width: 2 * r, Cap: "round"})
	for i, row := range w.rows[:w.numbered] {
		if c := row.Cells[w.measure]; c.Note == NoteMain {
			at, _ := y.clamp(c.Value)
			w.c.Mark(2, w.x.at(float64(i)+0.5), at, 6, Series(1))
		}
	}
}

// clear says whether the whole interval lies on one side of 1.
func (w *specifications) clear(c release.Cell) bool {
	return ranged(w.m, c) && (c.Low > 1 || c.High < 1)
}

// matrix draws the choices and gives the height below them.
func (w *specifications) matrix(y float64) float64 {
	step := (w.x.to - w.x.from) / float64(len(w.rows))
	wide := max(min(step*0.72, 7), 0.5)
	for _, dim := range w.dims {
		name := w.words(w.t.Dims()[dim].Labels)
		w.c.Rect(0, y+2, w.width, BlockHeight(w.width-12, name, Letters{Size: NoteSize, Heavy: true})+4, Paint{Fill: Faint})
		y += w.c.Block(6, y+NoteSize+3, w.width-12, name, Letters{Size: NoteSize, Heavy: true}) + 8
		for _, choice := range w.choices(dim) {
			label := w.words(choice.Labels)
			h := BlockHeight(w.names-forestIndent, label, Letters{Size: NoteSize}) + 4
			w.c.Block(forestIndent, y+NoteSize, w.names-forestIndent, label, Letters{Size: NoteSize})
			w.c.Line(w.x.from, y+h/2, w.x.to, y+h/2, Paint{Stroke: Rule, Width: 0.6})
			var marks strings.Builder
			for i, row := range w.rows {
				if w.head(row, dim).Code == choice.Code {
					at := w.x.at(float64(i)+0.5) - wide/2
					marks.WriteString("M" + Num(at) + " " + Num(y+h/2-4) + "h" + Num(wide) + "v8h" + Num(-wide) + "z")
				}
			}
			w.c.Path(marks.String(), Paint{Fill: Ink})
			y += h
		}
	}
	return y
}

// choices lists what was chosen in a column: what the main model has first, then by code, so that pictures of
// the same grid read alike.
func (w *specifications) choices(dim int) []release.Head {
	var out []release.Head
	main := ""
	for _, row := range w.t.Rows() {
		h := w.head(row, dim)
		if row.Cells[w.measure].Note == NoteMain {
			main = h.Code
		}
		if !slices.ContainsFunc(out, func(o release.Head) bool { return o.Code == h.Code }) {
			out = append(out, h)
		}
	}
	first := func(h release.Head) int {
		if h.Code == main {
			return 0
		}
		return 1
	}
	slices.SortFunc(out, func(a, b release.Head) int {
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.Code, b.Code))
	})
	return out
}

func (w *specifications) foot(y float64) float64 {
	entries := []string{w.p.Text("chart.interval-clear", nil), w.p.Text("chart.interval-unclear", nil)}
	if slices.ContainsFunc(w.rows[:w.numbered], func(r release.Row) bool { return r.Cells[w.measure].Note == NoteMain }) {
		entries = append(entries, w.p.Text("chart.main-model", nil))
	}
	if w.numbered < len(w.rows) {
		entries = append(entries, w.p.Text("chart.no-number", nil))
	}
	kinds := len(entries)
	y += 8 + w.c.Legend(0, y+8, w.width, entries, func(i int, x, at float64) {
		switch {
		case i == 0:
			w.c.Circle(x, at, 4, Paint{Fill: Series(0)})
		case i == 1:
			w.c.Circle(x, at, 3.6, Paint{Fill: White, Stroke: Soft, Width: 1.6})
		case i == kinds-1 && w.numbered < len(w.rows):
			w.c.Rect(x-7, at-6, 14, 12, Paint{Fill: Soft, Texture: Held})
		default:
			w.c.Mark(2, x, at, 5, Series(1))
		}
	})
	note := w.p.Text("chart.specification-reading", map[string]any{"n": len(w.rows)})
	return y + NoteSize + w.c.Block(0, y+NoteSize, w.width, note, Letters{Size: NoteSize, Colour: Soft}) - NoteSize + 4
}
