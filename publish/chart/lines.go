package chart

import (
	"slices"
	"strings"
	"time"

	"waymark/fault"
	"waymark/lang"
	"waymark/release"
)

// LinesOptions says which columns of the table make the lines. All may be left empty.
type LinesOptions struct {
	Day     string // heading column whose codes are ISO days (2026-11-22) or months (2026-11); default: the last
	Series  string // heading column of the lines; default: the second from the end, where there is one
	Measure string // default: the first column
}

// Lines draws series over time with a zero at the foot. A day without a number breaks the line; a withheld day is
// a hatched stretch. Each line has a colour, a dash and a mark of its own.
func Lines(p *lang.Printer, f Frame, t release.Cleared, o LinesOptions) (SVG, error) {
	d, err := open(p, f, t)
	if err != nil {
		return SVG{}, err
	}
	w := &lines{data: d, c: NewCanvas(f.ID, f.width()), width: f.width()}
	if w.measure, err = d.measure(o.Measure, release.Count, release.Share, release.Real, release.Probability); err != nil {
		return SVG{}, err
	}
	day, err := d.dim(o.Day, -1)
	if err != nil {
		return SVG{}, err
	}
	by, err := d.dim(o.Series, -2)
	if err != nil {
		return SVG{}, err
	}
	if err := w.gather(day, by); err != nil {
		return SVG{}, err
	}
	return w.c.Finish(f.Title, f.Summary, w.draw()), nil
}

type lines struct {
	data
	c       *Canvas
	width   float64
	measure int
	days    []time.Time
	series  []release.Head
	points  [][]release.Cell // by series, by day; Blank where the table has no row
	top     float64
}

func (w *lines) gather(day, by int) error {
	type key struct {
		series string
		at     time.Time
	}
	cells := map[key]release.Cell{}
	for i, row := range w.t.Rows() {
		code := w.head(row, day).Code
		at, err := time.Parse(time.DateOnly, code)
		if err != nil {
			at, err = time.Parse("2006-01", code)
		}
		if err != nil {
			return fault.Issue{Code: CodeWrongLayout, Place: fault.Place{Row: i + 1}, Args: map[string]any{"table": w.t.Key()}}
		}
		h := w.head(row, by)
		if !slices.ContainsFunc(w.series, func(o release.Head) bool { return o.Code == h.Code }) {
			w.series = append(w.series, h)
		}
		if !slices.Contains(w.days, at) {
			w.days = append(w.days, at)
		}
		c := row.Cells[w.measure]
		cells[key{h.Code, at}] = c
		if shown(c) {
			w.top = max(w.top, c.Value)
		}
	}
	slices.SortFunc(w.days, time.Time.Compare)
	for _, s := range w.series {
		line := make([]release.Cell, len(w.days))
		for i, at := range w.days {
			c, ok := cells[key{s.Code, at}]
			if !ok {
				c.State = release.Blank
			}
			line[i] = c
		}
		w.points = append(w.points, line)
	}
	return nil
}

var dashes = []string{"", "7 3", "2 3", "9 3 2 3", "4 4", "12 4"}

func (w *lines) draw() float64 {
	m := w.t.Measures()[w.measure]
	y0 := 4 + w.c.Block(0, BodySize, w.width, w.words(m.Labels), Letters{Size: NoteSize, Heavy: true})
	if len(w.series) > 1 {
		names := make([]string, len(w.series))
		for i, s := range w.series {
			names[i] = w.words(s.Labels)
		}
		y0 += w.c.Legend(0, y0, w.width, names, func(i int, x, y float64) {
			w.c.Line(x-9, y, x+9, y, Paint{Stroke: Series(i), Width: 2, Dash: dashes[i%len(dashes)]})
			w.c.Mark(i, x, y, 3.6, Series(i))
		})
	}
	if w.top == 0 {
		w.top = 1
	}
	ticks := steps(0, w.top, 5)
	if last := ticks[len(ticks)-1]; last < w.top {
		ticks = append(ticks, last+(last-ticks[max(len(ticks)-2, 0)]))
	}
	top := max(ticks[len(ticks)-1], w.top)
	digits := m
	digits.Digits = max(m.Digits, decimalsOf(ticks))
	left := 0.0
	for _, v := range ticks {
		left = max(left, TextWidth(w.tick(digits, v), NoteSize, false))
	}
	from, to := w.days[0], w.days[len(w.days)-1]
	x := scale{low: float64(from.Unix()), high: float64(to.Unix()), from: left + 14, to: w.width - 12}
	if from.Equal(to) {
		x.low, x.high = x.low-1, x.high+1
	}
	y := scale{low: 0, high: top, from: y0 + 220, to: y0 + 8}
	for _, v := range ticks {
		w.c.Line(x.from, y.at(v), x.to, y.at(v), Paint{Stroke: Rule, Width: 0.7})
		w.c.Text(x.from-6, y.at(v)+4, w.tick(digits, v), Letters{Size: NoteSize, Colour: Soft, Anchor: End})
	}
	w.c.Line(x.from, y.from, x.to, y.from, Paint{Stroke: Soft})
	held := w.heldDays(x, y)
	w.dates(x, y.from)
	for i, line := range w.points {
		w.line(i, line, x, y)
	}
	bottom := y.from + 26
	if held {
		bottom += NoteSize + w.c.Block(0, bottom+NoteSize, w.width, w.p.Text("chart.held-reading", nil), Letters{Size: NoteSize, Colour: Soft}) - 4
	}
	return bottom
}

func (w *lines) tick(m release.Measure, v float64) string {
	if m.Form == release.Share || m.Form == release.Probability {
		return w.p.Percent(v, 0)
	}
	if m.Form == release.Count {
		return w.p.Real(v)
	}
	return w.write(m, v)
}

// heldDays hatches the days on which a number is withheld.
func (w *lines) heldDays(x, y scale) bool {
	any := false
	half := (x.to - x.from) / float64(2*max(len(w.days)-1, 1))
	for i, at := range w.days {
		if !slices.ContainsFunc(w.points, func(line []release.Cell) bool { return line[i].State == release.Suppressed }) {
			continue
		}
		any = true
		middle := x.at(float64(at.Unix()))
		low, high := max(middle-half, x.from), min(middle+half, x.to)
		w.c.Rect(low, y.to, max(high-low, 2), y.from-y.to, Paint{Fill: Soft, Texture: Held})
	}
	return any
}

// dates sets as many days as have room, the first and the last among them.
func (w *lines) dates(x scale, y float64) {
	label := func(at time.Time) string {
		if len(w.head(w.t.Rows()[0], len(w.t.Dims())-1).Code) == len("2006-01") {
			return w.p.Month(at)
		}
		return w.p.Date(at)
	}
	set := func(at, left float64, a Anchor, text string) float64 {
		w.c.Line(at, y, at, y+4, Paint{Stroke: Soft})
		x := left + map[Anchor]float64{Middle: 0.5, End: 1}[a]*TextWidth(text, NoteSize, false)
		w.c.Text(x, y+18, text, Letters{Size: NoteSize, Colour: Soft, Anchor: a})
		return left + TextWidth(text, NoteSize, false)
	}
	const apart = 14.0
	first, last := label(w.days[0]), label(w.days[len(w.days)-1])
	if len(w.days) == 1 {
		at := x.at(float64(w.days[0].Unix()))
		set(at, at-TextWidth(first, NoteSize, false)/2, Middle, first)
		return
	}
	taken := set(x.from, x.from, Start, first)
	free := x.to - TextWidth(last, NoteSize, false)
	if free < taken+apart {
		return
	}
	set(x.to, free, End, last)
	room := max(int((x.to-x.from)/(TextWidth(last, NoteSize, false)+24)), 1)
	every := max((len(w.days)-1+room-1)/room, 1)
	for i := every; i < len(w.days)-1; i += every {
		at, text := x.at(float64(w.days[i].Unix())), label(w.days[i])
		left := at - TextWidth(text, NoteSize, false)/2
		if left >= taken+apart && at+TextWidth(text, NoteSize, false)/2+apart <= free {
			taken = set(at, left, Middle, text)
		}
	}
}

func (w *lines) line(i int, line []release.Cell, x, y scale) {
	var path strings.Builder
	open := false
	for n, c := range line {
		if !shown(c) {
			open = false
			continue
		}
		letter := "L"
		if !open {
			letter = "M"
		}
		at, _ := y.clamp(c.Value)
		path.WriteString(letter + Num(x.at(float64(w.days[n].Unix()))) + " " + Num(at))
		open = true
	}
	w.c.Path(path.String(), Paint{Stroke: Series(i), Width: 1.8, Dash: dashes[i%len(dashes)], Cap: "round"})
	every := max(len(line)/24, 1)
	for n, c := range line {
		alone := (n == 0 || !shown(line[n-1])) && (n == len(line)-1 || !shown(line[n+1]))
		if shown(c) && (n%every == 0 || alone) {
			at, _ := y.clamp(c.Value)
			w.c.Mark(i, x.at(float64(w.days[n].Unix())), at, 3.4, Series(i))
		}
	}
}
