package carto

import (
	"cmp"
	"slices"
	"strings"

	"waymark/place"
	"waymark/publish/chart"
)

// rectangle is a part of the drawing that is taken.
type rectangle struct{ left, top, right, bottom float64 }

func (r rectangle) meets(o rectangle) bool {
	return r.left < o.right && o.left < r.right && r.top < o.bottom && o.top < r.bottom
}

const (
	labelSize    = 11.0
	labelLeading = labelSize * 1.18
	labelWidth   = 118.0
)

// label puts the names and numbers of the largest countries on the map, each at the first free place of those
// around its circle; one without a free place is left to the table.
func (d *drawing) label(taken []rectangle, radius func(entry) float64) {
	most := d.most(8)
	list := make([]entry, 0, len(d.entries))
	for _, e := range d.entries {
		if visible(e.cell) {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(b.cell.Value, a.cell.Value) })
	for _, e := range list {
		x, y := d.sheet.at(e.shape.At)
		if r := radius(e); r > 3 && d.sheet.holds(x, y, 0) {
			taken = append(taken, rectangle{x - r*0.8, y - r*0.8, x + r*0.8, y + r*0.8})
		}
	}
	for _, e := range list {
		if most <= 0 {
			return
		}
		if at, ok := d.place(e, taken, radius(e)); ok {
			taken = append(taken, at)
			most--
		}
	}
}

// most is how many labels there may be.
func (d *drawing) most(otherwise int) int {
	if d.o.Labels == 0 {
		return otherwise
	}
	return d.o.Labels
}

// labelInside puts names and numbers on the shaded countries that are large enough for them, in letters that
// read on their fill.
func (d *drawing) labelInside(taken []rectangle, paints map[string]chart.Paint) {
	most := d.most(40)
	for _, e := range d.entries {
		x, y := d.sheet.at(e.shape.At)
		if most <= 0 || !visible(e.cell) || !d.sheet.holds(x, y, 0) {
			continue
		}
		size := d.sheet.outline(e.shape).size
		room := size.right - size.left
		lines := chart.Wrap(e.name, min(room, labelWidth), labelSize, true)
		lines = append(lines, d.write(e.cell.Value))
		wide, high := 0.0, float64(len(lines))*labelLeading
		for i, line := range lines {
			wide = max(wide, chart.TextWidth(line, labelSize, i < len(lines)-1))
		}
		space := rectangle{x - wide/2 - 2, y - high/2 - 1, x + wide/2 + 2, y + high/2 + 1}
		if wide > room || high > (size.bottom-size.top)*0.6 || len(lines) > 4 || broken(e.name, lines[:len(lines)-1]) ||
			!d.sheet.holds(space.left, space.top, 2) || !d.sheet.holds(space.right, space.bottom, 2) ||
			slices.ContainsFunc(taken, space.meets) || !d.sheet.within(space, e.shape) {
			continue
		}
		letters := chart.Letters{Size: labelSize, Anchor: chart.Middle, Halo: paints[e.shape.ISO3].Fill}
		if chart.Dark(letters.Halo) {
			letters.Colour = chart.White
		}
		base := space.top + 1 + labelSize*0.95
		for i, line := range lines {
			letters.Heavy = i < len(lines)-1
			d.c.Text(x, base+float64(i)*labelLeading, line, letters)
		}
		taken = append(taken, space)
		most--
	}
}

// within says whether a label lies on its country: at least six of eight points do that stand around its
// middle at three quarters of its width (the letters are narrower than the space kept for them).
func (s sheet) within(r rectangle, shape place.Shape) bool {
	x, y := (r.left+r.right)/2, (r.top+r.bottom)/2
	in := (r.right - r.left) / 8
	r.left, r.right = r.left+in, r.right-in
	hits := 0
	for _, p := range [][2]float64{{r.left, r.top}, {x, r.top}, {r.right, r.top}, {r.left, y}, {r.right, y}, {r.left, r.bottom}, {x, r.bottom}, {r.right, r.bottom}} {
		if s.inside(p[0], p[1], shape) {
			hits++
		}
	}
	return hits >= 6
}

// inside says whether a place of the drawing lies in a shape: an odd number of its edges are to the right.
func (s sheet) inside(x, y float64, shape place.Shape) bool {
	odd := false
	for _, polygon := range shape.Polygons {
		for _, ring := range polygon {
			ax, ay := s.at(ring[len(ring)-1])
			for _, at := range ring {
				bx, by := s.at(at)
				if (ay > y) != (by > y) && x < (bx-ax)*(y-ay)/(by-ay)+ax {
					odd = !odd
				}
				ax, ay = bx, by
			}
		}
	}
	return odd
}

// broken says whether wrapping had to cut a word.
func broken(name string, lines []string) bool {
	for _, line := range lines[:len(lines)-1] {
		if !strings.Contains(name, line+" ") && !strings.HasSuffix(line, "-") && !strings.HasSuffix(line, "/") {
			return true
		}
	}
	return false
}

// place sets one label where it is free and gives the space it takes.
func (d *drawing) place(e entry, taken []rectangle, r float64) (rectangle, bool) {
	x, y := d.sheet.at(e.shape.At)
	if !d.sheet.holds(x, y, 0) {
		return rectangle{}, false
	}
	lines := chart.Wrap(e.name, labelWidth, labelSize, true)
	value := d.write(e.cell.Value)
	wide := chart.TextWidth(value, labelSize, false)
	for _, line := range lines {
		wide = max(wide, chart.TextWidth(line, labelSize, true))
	}
	high := float64(len(lines)+1) * labelLeading
	for _, away := range []float64{0, 16, 34, 56, 84} { // further off, with a line to the circle
		reach := r + away
		near, up := reach*0.75, reach*0.75
		for _, s := range []spot{
			{x + reach + 4, y - high/2, 1, 0, chart.Start}, {x - reach - 4 - wide, y - high/2, -1, 0, chart.End},
			{x - wide/2, y - reach - 3 - high, 0, -1, chart.Middle}, {x - wide/2, y + reach + 3, 0, 1, chart.Middle},
			{x + near + 3, y - up - high, 0.7, -0.7, chart.Start}, {x + near + 3, y + up, 0.7, 0.7, chart.Start},
			{x - near - 3 - wide, y - up - high, -0.7, -0.7, chart.End}, {x - near - 3 - wide, y + up, -0.7, 0.7, chart.End},
		} {
			space := rectangle{s.left - 2, s.top - 1, s.left + wide + 2, s.top + high + 1}
			if !d.sheet.holds(space.left, space.top, 2) || !d.sheet.holds(space.right, space.bottom, 2) ||
				slices.ContainsFunc(taken, func(o rectangle) bool { return o.meets(space) && !own(o, x, y, r) }) {
				continue
			}
			if away > 0 {
				d.c.Line(x+s.dx*r, y+s.dy*r, x+s.dx*(reach+1), y+s.dy*(reach+1), chart.Paint{Stroke: chart.Ink, Width: 0.9})
			}
			at := s.left
			switch s.anchor {
			case chart.Middle:
				at += wide / 2
			case chart.End:
				at += wide
			}
			base := s.top + labelSize*0.95
			for i, line := range append(lines, value) {
				d.c.Text(at, base+float64(i)*labelLeading, line, chart.Letters{Size: labelSize, Heavy: i < len(lines), Anchor: s.anchor, Halo: chart.White})
			}
			return space, true
		}
	}
	return rectangle{}, false
}

// spot is a place for a label: its corner, the way to it from the circle, and how its lines stand.
type spot struct {
	left, top, dx, dy float64
	anchor            chart.Anchor
}

// own says whether a taken space is the circle of the label's own country.
func own(o rectangle, x, y, r float64) bool {
	return r > 0 && o == rectangle{x - r*0.8, y - r*0.8, x + r*0.8, y + r*0.8}
}
