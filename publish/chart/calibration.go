package chart

import (
	"waymark/lang"
	"waymark/release"
)

// CalibrationOptions says which columns of the table make the curve. All may be left empty.
type CalibrationOptions struct {
	Predicted string // mean predicted probability of the people of a row; default: the first probability
	Observed  string // share observed among them, with its interval; default: the first share
}

// Calibration draws, for groups of people ordered by predicted probability, the share observed against the
// mean predicted, with the line on which a perfectly calibrated model lies. A row that lacks either number is
// not drawn, and the drawing says how many are not.
func Calibration(p *lang.Printer, f Frame, t release.Cleared, o CalibrationOptions) (SVG, error) {
	d, err := open(p, f, t)
	if err != nil {
		return SVG{}, err
	}
	predicted, err := d.measure(o.Predicted, release.Probability)
	if err != nil {
		return SVG{}, err
	}
	observed, err := d.measure(o.Observed, release.Share)
	if err != nil {
		return SVG{}, err
	}
	width := f.width()
	c := NewCanvas(f.ID, width)
	top, without := 0.0, 0
	for _, row := range t.Rows() {
		x, y := row.Cells[predicted], row.Cells[observed]
		if !shown(x) || !shown(y) {
			without++
			continue
		}
		top = max(top, x.Value, y.Value, y.High)
	}
	end := shareTop(top)
	side := min(width-74, 420)
	l := Letters{Size: NoteSize, Colour: Soft}
	heading := 4 + c.Block(0, BodySize, width, d.words(t.Measures()[observed].Labels), Letters{Size: NoteSize, Heavy: true})
	x := scale{low: 0, high: end, from: 54, to: 54 + side}
	y := scale{low: 0, high: end, from: heading + 6 + side, to: heading + 6}
	for _, v := range steps(0, end, 5) {
		c.Line(x.from, y.at(v), x.to, y.at(v), Paint{Stroke: Rule, Width: 0.7})
		c.Line(x.at(v), y.from, x.at(v), y.to, Paint{Stroke: Rule, Width: 0.7})
		c.Text(x.from-6, y.at(v)+4, p.Percent(v, 0), Letters{Size: NoteSize, Colour: Soft, Anchor: End})
		c.Text(x.at(v), y.from+17, p.Percent(v, 0), Letters{Size: NoteSize, Colour: Soft, Anchor: Middle})
	}
	c.Line(x.at(0), y.at(0), x.at(end), y.at(end), Paint{Stroke: Soft, Width: 1.4, Dash: "6 4"})
	for _, row := range t.Rows() {
		px, py := row.Cells[predicted], row.Cells[observed]
		if !shown(px) || !shown(py) {
			continue
		}
		if ranged(t.Measures()[observed], py) {
			low, _ := y.clamp(py.Low)
			high, _ := y.clamp(py.High)
			c.Line(x.at(px.Value), low, x.at(px.Value), high, Paint{Stroke: Series(0), Width: 1.8})
		}
		c.Mark(0, x.at(px.Value), y.at(py.Value), markSize, Series(0))
	}
	bottom := y.from + 36
	bottom += c.Block(x.from, bottom, width-x.from, d.words(t.Measures()[predicted].Labels), Letters{Size: NoteSize, Heavy: true}) + 6
	note := p.Text("chart.calibration-reading", nil)
	if without > 0 {
		note += " " + p.Text("chart.calibration-without", map[string]any{"n": without})
	}
	bottom += c.Block(0, bottom, width, note, l)
	return c.Finish(f.Title, f.Summary, bottom-NoteSize+4), nil
}
