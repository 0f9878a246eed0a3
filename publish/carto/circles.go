package carto

import (
	"cmp"
	"math"
	"slices"

	"waymark/lang"
	"waymark/publish/chart"
	"waymark/release"
)

// Circles draws a circle on each country of the table whose area is in proportion to its number: people
// interviewed by country of departure, events by country. Withheld numbers are hatched circles of one size.
// The largest are named on the map.
func Circles(p *lang.Printer, f chart.Frame, t release.Cleared, o Options) (chart.SVG, error) {
	d, err := begin(p, f, t, o)
	if err != nil {
		return chart.SVG{}, err
	}
	c := &circles{drawing: d, reach: min(max(d.f.Width*0.035, 14), 26)}
	for _, e := range d.entries {
		if visible(e.cell) {
			c.top = max(c.top, e.cell.Value)
		}
	}
	stamp := d.base(func(string) chart.Paint { return chart.Paint{} })
	c.draw()
	d.label(stamp, c.radius)
	d.c.EndGroup()
	d.frameStamp()
	y := d.heading()
	y = c.sizes(y)
	if slices.ContainsFunc(d.entries, func(e entry) bool { return e.cell.State == release.Suppressed && d.within(e) }) {
		y += d.c.Legend(0, y, d.f.Width, []string{p.Text("carto.withheld-any", nil)}, func(_ int, x, y float64) { c.held(x, y) })
	}
	return d.finish(y), nil
}

type circles struct {
	*drawing
	top   float64 // the largest number shown
	reach float64 // radius of its circle, in pixels
}

// heldRadius is the one size of circles whose number is withheld; least keeps every other circle visible.
const (
	heldRadius = 5.0
	least      = 1.6
)

func (c *circles) radius(e entry) float64 {
	if e.cell.State == release.Suppressed {
		return heldRadius
	}
	return c.size(e.cell.Value)
}

func (c *circles) size(v float64) float64 {
	if c.top <= 0 || v <= 0 {
		return 0
	}
	return max(c.reach*math.Sqrt(v/c.top), least)
}

func (c *circles) draw() {
	list := slices.Clone(c.entries)
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(c.radius(b), c.radius(a)) })
	for _, e := range list {
		x, y := c.sheet.at(e.shape.At)
		switch {
		case e.cell.State == release.Suppressed:
			c.held(x, y)
		case visible(e.cell) && e.cell.Value > 0:
			c.c.Circle(x, y, c.size(e.cell.Value), chart.Paint{Fill: chart.Series(0), Alpha: 0.72, Stroke: chart.White, Width: 1})
		}
	}
}

func (c *circles) held(x, y float64) {
	c.c.Circle(x, y, heldRadius, chart.Paint{Fill: chart.Soft, Texture: chart.Held, Stroke: chart.Soft, Width: 1})
}

// sizes draws the legend of circles: up to three round numbers, side by side on one line.
func (c *circles) sizes(y float64) float64 {
	if c.top <= 0 {
		return y
	}
	var values []float64
	for _, part := range []float64{1, 0.25, 0.05} {
		v := roundStep(c.top * part)
		if v > c.top {
			v = roundStep(c.top * part * 0.45)
		}
		if c.m.Form == release.Count && v < 1 || slices.Contains(values, v) {
			continue
		}
		values = append(values, v)
	}
	high := 2*c.size(values[0]) + 4
	at := 4.0
	for _, v := range values {
		r := c.size(v)
		text := c.p.Real(v)
		if c.m.Form == release.Share || c.m.Form == release.Probability {
			text = c.p.Percent(v, 0)
		}
		c.c.Circle(at+r, y+high/2, r, chart.Paint{Fill: chart.Series(0), Alpha: 0.72, Stroke: chart.White, Width: 1})
		c.c.Text(at+2*r+6, y+high/2+4, text, chart.Letters{Size: chart.NoteSize})
		at += 2*r + 6 + chart.TextWidth(text, chart.NoteSize, false) + 22
	}
	return y + high + 4
}
