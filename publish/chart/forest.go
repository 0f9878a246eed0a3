package chart

import (
	"math"
	"slices"

	"waymark/fault"
	"waymark/lang"
	"waymark/release"
)

// ForestOptions says which columns of the table make the forest. All may be left empty.
type ForestOptions struct {
	Group    string   // heading column of the bands (the level of the determinants model); default: the third from the end, where there is one
	Factor   string   // heading column of the factor; default: the second from the end
	Category string   // heading column of the category; default: the last
	Measures []string // ratio columns, one a model; default: every ratio column
	Bands    []string // codes of the bands to draw, on the axis of the whole table; default: all
}

// forestRow is one line of the drawing: a band, a factor's name, or a category with its estimates.
type forestRow struct {
	kind   forestKind
	label  []string
	aside  string   // of a factor: its reference category, where it stands inline
	below  []string // the same, where the line has no room for it
	cells  []release.Cell
	top    float64
	height float64
}

type forestKind uint8

const (
	bandRow forestKind = iota
	factorRow
	categoryRow
)

// Forest draws ratios (odds ratios of a model) with their intervals on a logarithmic axis: a band for each
// group, a line for each factor, and below it its categories, the reference category with a ring at 1. With one
// measure the numbers stand at the right; with several (models side by side) each model has its own marks, and
// the numbers are in the table that the figure brings.
//
// The table needs heading columns for factor and category (and group), in this order unless named, and a
// ranged measure of form Ratio for each model. A category whose label is empty is a factor with a single
// coefficient (a number). A cell that is Blank with the note "reference" is the reference; other notes are
// written out ("separated", "not-in-model").
func Forest(p *lang.Printer, f Frame, t release.Cleared, o ForestOptions) (SVG, error) {
	d, err := open(p, f, t)
	if err != nil {
		return SVG{}, err
	}
	w := &forest{data: d, c: NewCanvas(f.ID, f.width()), width: f.width(), bands: o.Bands}
	if err := w.columns(o); err != nil {
		return SVG{}, err
	}
	w.layout()
	w.rows()
	if len(w.list) == 0 {
		return SVG{}, fault.Issue{Code: CodeNothing, Args: map[string]any{"table": t.Key()}}
	}
	if total := w.total(); w.factor >= 0 && total > tallest {
		w.inline, w.list = true, nil
		w.rows()
	}
	height := w.draw()
	return w.c.Finish(f.Title, f.Summary, height), nil
}

type forest struct {
	data
	c                       *Canvas
	width                   float64
	group, factor, category int
	measures                []int
	names, numbers          float64 // widths of the columns of words and of numbers
	axis                    scale
	bands                   []string
	list                    []forestRow
	top                     float64
	inline                  bool // reference categories stand beside the factor's name, to save height
}

// tallest is the height of the rows from which on the references stand inline: a taller drawing would be
// shrunk on an A4 page until its letters are too small to read.
const tallest = 860.0

func (w *forest) columns(o ForestOptions) (err error) {
	if w.category, err = w.dim(o.Category, -1); err != nil {
		return err
	}
	if w.factor, err = w.dim(o.Factor, -2); err != nil {
		return err
	}
	if w.group, err = w.dim(o.Group, -3); err != nil {
		return err
	}
	for _, name := range o.Measures {
		m, err := w.measure(name, release.Ratio)
		if err != nil {
			return err
		}
		w.measures = append(w.measures, m)
	}
	if len(o.Measures) == 0 {
		for i, m := range w.t.Measures() {
			if m.Form == release.Ratio {
				w.measures = append(w.measures, i)
			}
		}
	}
	if len(w.measures) == 0 {
		_, err = w.measure("", release.Ratio)
	}
	return err
}

const (
	forestIndent = 14.0
	markSize     = 5.0
)

func (w *forest) layout() {
	if len(w.measures) == 1 {
		m := w.t.Measures()[w.measures[0]]
		for _, row := range w.t.Rows() {
			w.numbers = max(w.numbers, TextWidth(w.said(m, row.Cells[w.measures[0]]), NoteSize, false))
		}
		w.numbers = min(w.numbers, w.width*0.32) + 10
	}
	w.names = math.Round(w.width * 0.36)
	w.axis = w.scale()
	w.axis.from, w.axis.to = w.names+14, w.width-w.numbers-14
}

// said is the text of a cell: estimate and interval, or why there is none.
func (w *forest) said(m release.Measure, c release.Cell) string {
	if c.Note == noteReference {
		return w.p.Text("chart.reference", nil)
	}
	if !shown(c) {
		return w.gap(c)
	}
	s := w.write(m, c.Value)
	if ranged(m, c) {
		s += " (" + w.interval(m, c) + ")"
	}
	return s
}

// scale spans every estimate shown and, within reason, every interval; never anything that is withheld.
func (w *forest) scale() scale {
	span := ratioSpan{0.8, 1.25}
	for _, row := range w.t.Rows() {
		for _, m := range w.measures {
			c := row.Cells[m]
			if !shown(c) || c.Value <= 0 || c.Note == noteReference {
				continue
			}
			span.hold(c.Value, farEstimate)
			if ranged(w.t.Measures()[m], c) {
				span.hold(c.Low, farInterval)
				span.hold(c.High, farInterval)
			}
		}
	}
	return scale{low: span.low / 1.12, high: span.high * 1.12, log: true}
}

func (w *forest) draw() float64 {
	w.header()
	y := w.top
	for i := range w.list {
		w.list[i].top = y
		y += w.list[i].height
	}
	bottom := y + 4
	ticks := ratioSteps(w.axis.low, w.axis.high, max(int((w.axis.to-w.axis.from)/52), 2))
	for _, r := range w.list {
		if r.kind == bandRow {
			w.c.Rect(0, r.top+3, w.width, r.height-5, Paint{Fill: Faint})
		}
	}
	var grid, one []Point
	for _, r := range w.list {
		if !w.crossed(r) {
			continue
		}
		for _, v := range ticks {
			grid = append(grid, Point{w.axis.at(v), r.top}, Point{w.axis.at(v), r.top + r.height})
		}
		one = append(one, Point{w.axis.at(1), r.top}, Point{w.axis.at(1), r.top + r.height})
	}
	w.c.Lines(grid, Paint{Stroke: Rule, Width: 0.7})
	w.c.Lines(one, Paint{Stroke: Ink, Width: 1.2})
	w.c.Line(w.axis.at(1), bottom-4, w.axis.at(1), bottom, Paint{Stroke: Ink, Width: 1.2})
	for _, r := range w.list {
		w.row(r)
	}
	w.c.Line(w.axis.from, bottom, w.axis.to, bottom, Paint{Stroke: Soft})
	for _, v := range ticks {
		w.c.Line(w.axis.at(v), bottom, w.axis.at(v), bottom+4, Paint{Stroke: Soft})
		w.c.Text(w.axis.at(v), bottom+17, w.p.Real(v), Letters{Size: NoteSize, Colour: Soft, Anchor: Middle})
	}
	return w.foot(bottom + 24)
}

// crossed says whether the lines of the axis run through a row: not through bands, nor through a factor's name
// that reaches into them.
func (w *forest) crossed(r forestRow) bool {
	switch r.kind {
	case bandRow:
		return false
	case factorRow:
		if r.aside != "" {
			return 6+TextWidth(r.label[0], BodySize, true)+8+TextWidth(r.aside, NoteSize, false) < w.axis.from-10
		}
		if len(r.below) > 0 {
			return false
		}
		return !slices.ContainsFunc(r.label, func(line string) bool { return TextWidth(line, BodySize, true) > w.axis.from-10 })
	}
	return true
}

// header sets the names of the columns and, for several models, the legend.
func (w *forest) header() {
	if len(w.measures) == 1 {
		m := w.t.Measures()[w.measures[0]]
		label := w.p.Text("chart.ratio-and-interval", map[string]any{"name": w.words(m.Labels)})
		w.top = 4 + w.c.Block(w.width, BodySize, w.width, label, Letters{Size: NoteSize, Heavy: true, Anchor: End})
		return
	}
	w.top = 6
	entries := make([]string, len(w.measures))
	for i, m := range w.measures {
		entries[i] = w.words(w.t.Measures()[m].Labels)
	}
	w.top += w.c.Legend(0, w.top, w.width, entries, func(i int, x, y float64) { w.c.Mark(i, x, y, markSize, Series(i)) })
}

func (w *forest) row(r forestRow) {
	x, first, l := 6.0, 0.0, Letters{}
	switch r.kind {
	case bandRow:
		l.Heavy, first = true, r.top+BodySize+5
	case factorRow:
		l.Heavy, first = true, r.top+BodySize+4
	default:
		x = forestIndent
		first = r.top + (r.height-float64(len(r.label))*BodySize*Leading)/2 + BodySize
	}
	for i, line := range r.label {
		w.c.Text(x, first+float64(i)*BodySize*Leading, line, l)
	}
	for i, line := range r.below {
		w.c.Text(x, first+float64(len(r.label))*BodySize*Leading+float64(i)*NoteSize*Leading-1, line, Letters{Size: NoteSize, Colour: Soft})
	}
	if r.aside != "" {
		w.c.Text(x+TextWidth(r.label[0], BodySize, true)+8, first, r.aside, Letters{Size: NoteSize, Colour: Soft})
	}
	for i, c := range r.cells {
		y := r.top + r.height/2
		if n := len(r.cells); n > 1 && !alike(r.cells) {
			y += (float64(i) - float64(n-1)/2) * modelStep
		}
		w.estimate(i, y, w.t.Measures()[w.measures[i]], c)
		if alike(r.cells) && !shown(c) {
			break // one sign for all models
		}
	}
	if len(r.cells) != 1 {
		return
	}
	m := w.t.Measures()[w.measures[0]]
	lines := stacked(w.said(m, r.cells[0]), w.numbers, false)
	colour := Ink
	if !shown(r.cells[0]) || r.cells[0].Note == noteReference {
		colour = Soft
	}
	base := r.top + r.height/2 + NoteSize*0.36 - float64(len(lines)-1)*NoteSize*Leading/2
	for i, line := range lines {
		w.c.Text(w.width, base+float64(i)*NoteSize*Leading, line, Letters{Size: NoteSize, Colour: colour, Anchor: End})
	}
}

// alike says whether no model has a number here, each for the same reason.
func alike(cells []release.Cell) bool {
	return !slices.ContainsFunc(cells, func(c release.Cell) bool {
		return c.State == release.Shown || c.State != cells[0].State || c.Note != cells[0].Note
	})
}

func (w *forest) estimate(i int, y float64, m release.Measure, c release.Cell) {
	colour := Series(i)
	switch {
	case c.Note == noteReference:
		if i == 0 {
			w.c.Circle(w.axis.at(1), y, markSize*0.8, Paint{Fill: White, Stroke: Ink, Width: 1.5})
		}
		return
	case c.State == release.Suppressed:
		w.c.Rect(w.axis.from+6, y-4.5, w.axis.to-w.axis.from-12, 9, Paint{Fill: Soft, Texture: Held})
		return
	case !shown(c) || c.Value <= 0:
		return
	}
	if ranged(m, c) {
		low, cutLow := w.axis.clamp(c.Low)
		high, cutHigh := w.axis.clamp(c.High)
		w.c.Line(low, y, high, y, Paint{Stroke: colour, Width: 2})
		if cutLow {
			w.c.Path(polygon(low-6, y, low+2, y-4, low+2, y+4), Paint{Fill: colour})
		}
		if cutHigh {
			w.c.Path(polygon(high+6, y, high-2, y-4, high-2, y+4), Paint{Fill: colour})
		}
	}
	size := markSize
	if len(w.measures) > 1 {
		size = modelStep * 0.53
	}
	switch at, cut := w.axis.clamp(c.Value); {
	case !cut:
		w.c.Mark(i, at, y, size, colour)
	case c.Value < 1:
		w.c.Path(polygon(at-8, y, at+2, y-5, at+2, y+5), Paint{Fill: colour})
	default:
		w.c.Path(polygon(at+8, y, at-2, y-5, at-2, y+5), Paint{Fill: colour})
	}
}

// foot says how the axis is to be read.
func (w *forest) foot(y float64) float64 {
	y += 10
	l := Letters{Size: NoteSize, Colour: Soft}
	one := w.axis.at(1)
	for _, side := range []struct {
		text string
		x    float64
		room float64
		l    Letters
	}{
		{w.p.Text("chart.lower-odds", nil), one - 8, one - 8, Letters{Size: NoteSize, Colour: Soft, Anchor: End}},
		{w.p.Text("chart.higher-odds", nil), one + 8, w.width - one - 8, Letters{Size: NoteSize, Colour: Soft}},
	} {
		if TextWidth(side.text, NoteSize, false) <= side.room {
			w.c.Text(side.x, y, side.text, side.l)
		}
	}
	y += NoteSize * Leading
	note := w.p.Text("chart.ratio-reading", nil)
	if len(w.measures) == 1 {
		note = w.p.Text("chart.ratio-reading-one", nil)
	}
	if w.inline {
		note = w.p.Text("chart.ratio-reading-inline", nil)
	}
	if w.anyHeld() {
		note += " " + w.p.Text("chart.held-reading", nil)
	}
	y += w.c.Block(0, y+4, w.width, note, l)
	return y - l.Size*Leading + 16
}

func (w *forest) anyHeld() bool {
	return slices.ContainsFunc(w.list, func(r forestRow) bool {
		return slices.ContainsFunc(r.cells, func(c release.Cell) bool { return c.State == release.Suppressed })
	})
}
