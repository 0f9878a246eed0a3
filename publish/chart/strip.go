package chart

import (
	"math"
	"slices"
	"strings"

	"waymark/lang"
	"waymark/release"
)

// StripOptions says which columns of the table make bars or dots. All may be left empty.
type StripOptions struct {
	Group    string // heading column of the sections (an indicator, a route); default: all before the category, joined
	Category string // heading column of the marks in a section (sex, route); default: the last
	Measure  string // share or probability with its interval; default: the first
	Base     string // count column printed as n beside each label, below it where there is no room; default: none
	Totals   Totals // whether rows marked Total are drawn; default: they are
}

// Totals says what becomes of rows marked Total.
type Totals uint8

const (
	WithTotals    Totals = iota
	WithoutTotals        // left to the table: the parts of a whole need no bar of 100 %
)

// Bars draws shares from zero as bars with their intervals: a section for each group, a bar for each of its
// categories, each category with a colour and a pattern of its own, the numbers at the right. Rows marked
// Total are grey. A withheld cell is a labelled gap over the whole axis.
func Bars(p *lang.Printer, f Frame, t release.Cleared, o StripOptions) (SVG, error) {
	return drawStrip(p, f, t, o, barMarks)
}

// Dots draws probabilities or shares as points with their intervals, laid out like Bars: predicted
// probabilities for men, boys, women and girls, for example. Each category has a colour and a shape of its own.
func Dots(p *lang.Printer, f Frame, t release.Cleared, o StripOptions) (SVG, error) {
	return drawStrip(p, f, t, o, dotMarks)
}

type stripMarks uint8

const (
	barMarks stripMarks = iota
	dotMarks
)

type strip struct {
	data
	c                     *Canvas
	width                 float64
	marks                 stripMarks
	group, category, base int
	measure               int
	m                     release.Measure
	totals                Totals
	names, numbers        float64
	beside                bool // n stands beside the name, not below it
	axis                  scale
	order                 []string // names of categories in the order met: it gives colour and pattern
	alone                 bool     // no category comes twice: one colour for all
	held                  bool
}

func drawStrip(p *lang.Printer, f Frame, t release.Cleared, o StripOptions, marks stripMarks) (SVG, error) {
	d, err := open(p, f, t)
	if err != nil {
		return SVG{}, err
	}
	w := &strip{data: d, c: NewCanvas(f.ID, f.width()), width: f.width(), marks: marks, totals: o.Totals}
	if w.measure, err = w.data.measure(o.Measure, release.Share, release.Probability); err != nil {
		return SVG{}, err
	}
	if w.category, err = w.dim(o.Category, -1); err != nil {
		return SVG{}, err
	}
	w.group = -1
	if o.Group != "" {
		if w.group, err = w.dim(o.Group, 0); err != nil {
			return SVG{}, err
		}
	}
	if w.base, err = w.optional(o.Base, release.Count); err != nil {
		return SVG{}, err
	}
	w.m = t.Measures()[w.measure]
	w.layout()
	return w.c.Finish(f.Title, f.Summary, w.draw()), nil
}

// rows are the rows that are drawn: all of them where nothing but totals is left.
func (w *strip) rows() []release.Row {
	if w.totals == WithTotals {
		return w.t.Rows()
	}
	parts := slices.DeleteFunc(slices.Clone(w.t.Rows()), func(r release.Row) bool { return r.Total })
	if len(parts) == 0 {
		return w.t.Rows()
	}
	return parts
}

func (w *strip) layout() {
	top, rows, long := 0.0, 0, 0.0
	for _, row := range w.rows() {
		name, n := w.label(row)
		wide := forestIndent + TextWidth(name, BodySize, row.Total) + 4
		if n != "" {
			wide += besideGap + TextWidth(n, NoteSize, false)
		}
		long = max(long, wide)
		c := row.Cells[w.measure]
		w.numbers = max(w.numbers, TextWidth(w.said(c), NoteSize, row.Total))
		w.held = w.held || c.State == release.Suppressed
		if shown(c) {
			top = max(top, c.Value)
			if ranged(w.m, c) {
				top = max(top, c.High)
			}
		}
		if row.Total {
			continue
		}
		rows++
		if name := w.words(w.head(row, w.category).Labels); !slices.Contains(w.order, name) {
			w.order = append(w.order, name)
		}
	}
	w.alone = len(w.order) == rows && rows > 4
	w.numbers = min(w.numbers, w.width*0.34) + 8
	w.names = math.Round(w.width * 0.32)
	w.beside = w.base >= 0 && long <= w.width*widestNames
	if w.beside || w.base < 0 && long <= w.width*widestNames {
		w.names = max(w.names, math.Round(long))
	}
	w.axis = scale{low: 0, high: shareTop(top), from: w.names + 8, to: w.width - w.numbers - 10}
}

// shareTop is the end of an axis of shares: the next tenth above everything drawn, a tenth at least, 1 at most.
func shareTop(top float64) float64 {
	return min(max(math.Ceil(top*10-1e-9)/10, 0.1), 1)
}

func (w *strip) said(c release.Cell) string {
	if !shown(c) {
		return w.gap(c)
	}
	s := w.write(w.m, c.Value)
	if ranged(w.m, c) {
		s += " (" + w.interval(w.m, c) + ")"
	}
	return s
}

const (
	stripRow  = 20.0
	besideGap = 10.0 // least space between a name and its n

	widestNames = 0.44 // of the width: where all names fit in it, none is broken
)

func (w *strip) draw() float64 {
	y := 2 + w.c.Block(w.width, BodySize, w.width, w.header(), Letters{Size: NoteSize, Heavy: true, Anchor: End})

	type placed struct {
		row  release.Row
		y, h float64
	}
	var rows []placed
	group := ""
	for _, row := range w.rows() {
		section, code, _ := w.section(row)
		switch {
		case code == group:
		case section == "":
			y += 9
		default:
			w.c.Block(0, y+BodySize+6, w.width, section, Letters{Heavy: true})
			y += BlockHeight(w.width, section, Letters{Heavy: true}) + 7
		}
		group = code
		h := max(w.labelHeight(row)+3, stripRow, float64(len(stacked(w.said(row.Cells[w.measure]), w.numbers, row.Total)))*NoteSize*Leading+5)
		rows = append(rows, placed{row, y, h})
		y += h
	}
	bottom := y + 4
	ticks := steps(0, w.axis.high, max(min(int((w.axis.to-w.axis.from)/37), 5), 1))
	var grid []Point // only beside the rows: the lines never cross the name of a section
	for _, v := range ticks {
		for _, r := range rows {
			grid = append(grid, Point{w.axis.at(v), r.y}, Point{w.axis.at(v), r.y + r.h})
		}
	}
	w.c.Lines(grid, Paint{Stroke: Rule, Width: 0.7})
	for _, r := range rows {
		w.row(r.row, r.y, r.h)
	}
	w.c.Line(w.axis.from, bottom, w.axis.to, bottom, Paint{Stroke: Soft})
	for _, v := range ticks {
		w.c.Line(w.axis.at(v), bottom, w.axis.at(v), bottom+4, Paint{Stroke: Soft})
		w.c.Text(w.axis.at(v), bottom+17, w.p.Percent(v, 0), Letters{Size: NoteSize, Colour: Soft, Anchor: Middle})
	}
	bottom += 34
	note := ""
	if w.m.Ranged {
		note = w.p.Text("chart.interval-reading", nil)
	}
	if w.held {
		note += " " + w.p.Text("chart.held-reading", nil)
	}
	if note != "" {
		bottom += w.c.Block(0, bottom, w.width, note, Letters{Size: NoteSize, Colour: Soft})
	}
	return bottom - NoteSize + 4
}

func (w *strip) header() string {
	if w.m.Ranged {
		return w.p.Text("chart.share-and-interval", map[string]any{"name": w.words(w.m.Labels)})
	}
	return w.words(w.m.Labels)
}

// section gives the words and the code of the section a row stands in, and the row's own name: the category,
// or, in a total whose category says nothing, the last heading that says something.
func (w *strip) section(row release.Row) (words, code, name string) {
	category := w.category
	if row.Total {
		for category > 0 && w.words(w.head(row, category).Labels) == "" {
			category--
		}
	}
	name = w.words(w.head(row, category).Labels)
	if w.group >= 0 {
		if category == w.group {
			return "", "", name
		}
		h := w.head(row, w.group)
		return w.words(h.Labels), h.Code, name
	}
	var parts []string
	for i := range category {
		h := w.head(row, i)
		code += h.Code + "\x00"
		if s := w.words(h.Labels); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · "), code, name
}

// label is the name of a row and, below it, its n.
func (w *strip) label(row release.Row) (name, n string) {
	_, _, name = w.section(row)
	if w.base < 0 {
		return name, ""
	}
	c := row.Cells[w.base]
	if !shown(c) {
		return name, w.p.Text("chart.n", map[string]any{"n": w.gap(c)})
	}
	return name, w.p.Text("chart.n", map[string]any{"n": w.p.Number(c.Value, 0)})
}

func (w *strip) labelHeight(row release.Row) float64 {
	name, n := w.label(row)
	h := BlockHeight(w.names-forestIndent, name, Letters{Heavy: row.Total})
	if n != "" && !w.beside {
		h += NoteSize * Leading
	}
	return h
}

func (w *strip) row(row release.Row, y, h float64) {
	name, n := w.label(row)
	base := y + (h-w.labelHeight(row))/2 + BodySize*0.95
	base += w.c.Block(forestIndent, base, w.names-forestIndent, name, Letters{Heavy: row.Total})
	switch {
	case w.beside:
		w.c.Text(w.names-4, base-BodySize*Leading, n, Letters{Size: NoteSize, Colour: Soft, Anchor: End})
	case n != "":
		w.c.Text(forestIndent, base, n, Letters{Size: NoteSize, Colour: Soft})
	}
	cell := row.Cells[w.measure]
	lines := stacked(w.said(cell), w.numbers, row.Total)
	middle := y + h/2
	colour := Ink
	if !shown(cell) {
		colour = Soft
	}
	for i, line := range lines {
		at := middle + NoteSize*0.36 + (float64(i)-float64(len(lines)-1)/2)*NoteSize*Leading
		w.c.Text(w.width, at, line, Letters{Size: NoteSize, Heavy: row.Total, Colour: colour, Anchor: End})
	}
	w.mark(row, cell, middle)
}

func (w *strip) mark(row release.Row, cell release.Cell, middle float64) {
	k := slices.Index(w.order, w.words(w.head(row, w.category).Labels))
	if w.alone {
		k = 0
	}
	colour, texture := Soft, Plain
	if !row.Total {
		k = max(k, 0)
		colour, texture = Series(k), TextureOf(k)
	}
	switch {
	case cell.State == release.Suppressed:
		w.c.Rect(w.axis.from, middle-6, w.axis.to-w.axis.from, 12, Paint{Fill: Soft, Texture: Held})
	case !shown(cell):
	case w.marks == barMarks:
		at, _ := w.axis.clamp(cell.Value)
		w.c.Rect(w.axis.from, middle-7, at-w.axis.from, 14, Paint{Fill: colour, Texture: texture, Stroke: colour, Width: 1.2})
		if ranged(w.m, cell) {
			w.whiskers(cell, middle)
		}
	default:
		if ranged(w.m, cell) {
			low, _ := w.axis.clamp(cell.Low)
			high, _ := w.axis.clamp(cell.High)
			w.c.Line(low, middle, high, middle, Paint{Stroke: colour, Width: 2.4})
		}
		at, _ := w.axis.clamp(cell.Value)
		w.c.Mark(max(k, 0), at, middle, markSize+0.6, colour)
	}
}

// whiskers draws an interval over a bar with a white edge, so that it shows on any pattern.
func (w *strip) whiskers(cell release.Cell, y float64) {
	low, _ := w.axis.clamp(cell.Low)
	high, _ := w.axis.clamp(cell.High)
	for _, paint := range []Paint{{Stroke: White, Width: 4}, {Stroke: Ink, Width: 1.4}} {
		w.c.Path("M"+Num(low)+" "+Num(y)+"L"+Num(high)+" "+Num(y)+"M"+Num(low)+" "+Num(y-4)+"L"+Num(low)+" "+Num(y+4)+
			"M"+Num(high)+" "+Num(y-4)+"L"+Num(high)+" "+Num(y+4), paint)
	}
}
