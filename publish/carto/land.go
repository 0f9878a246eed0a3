package carto

import (
	"math"
	"strconv"
	"strings"

	"waymark/place"
	"waymark/publish/chart"
)

const (
	sea    = "#eef3f7"
	land   = "#dedbd4"
	border = "#7c868f"
)

// trail writes path data relative to the point before, in tenths of a pixel, leaving out steps too short to
// see and, far outside the map, all but the course of a line.
type trail struct {
	b     strings.Builder
	x, y  int // tenths
	rings [][]chart.Point
	sheet sheet
}

func (t *trail) move(x, y float64) {
	t.x, t.y = tenths(x), tenths(y)
	t.b.WriteString("M" + deci(t.x) + " " + deci(t.y))
	t.rings = append(t.rings, nil)
	t.keep()
}

// keep remembers the point for whoever hatches the area.
func (t *trail) keep() {
	last := &t.rings[len(t.rings)-1]
	*last = append(*last, chart.Point{X: float64(t.x) / 10, Y: float64(t.y) / 10})
}

func (t *trail) line(x, y float64) {
	dx, dy := tenths(x)-t.x, tenths(y)-t.y
	short := 9 // tenths of a pixel
	if !t.sheet.holds(x, y, -20) {
		short = 80
	}
	if dx*dx+dy*dy < short*short {
		return
	}
	t.b.WriteString("l" + deci(dx))
	if dy >= 0 {
		t.b.WriteByte(' ')
	}
	t.b.WriteString(deci(dy))
	t.x, t.y = t.x+dx, t.y+dy
	t.keep()
}

func (t *trail) end() { t.b.WriteByte('z') }

func tenths(v float64) int { return int(math.Round(min(max(v, -1e5), 1e5) * 10)) }

func deci(v int) string {
	if v%10 == 0 {
		return strconv.Itoa(v / 10)
	}
	s := strconv.Itoa(v / 10)
	if v < 0 && v > -10 {
		s = "-0"
	}
	return s + "." + strconv.Itoa(max(v%10, -(v%10)))
}

// extent is how far a shape reaches in the drawing.
type extent struct{ left, top, right, bottom float64 }

// outline is the course of a country's edge as far as it may be seen, as path data and as rings, and the
// extent of its largest part.
type outline struct {
	path  string
	rings [][]chart.Point
	size  extent
}

func (s sheet) outline(shape place.Shape) (o outline) {
	t := trail{sheet: s}
	best := -1.0
	for _, polygon := range shape.Polygons {
		e := s.extent(polygon[0])
		if a := (e.right - e.left) * (e.bottom - e.top); a > best {
			best, o.size = a, e
		}
		if e.right < s.left || e.left > s.left+s.width || e.bottom < s.top || e.top > s.top+s.height || e.right-e.left < 0.5 && e.bottom-e.top < 0.5 {
			continue
		}
		for _, ring := range polygon {
			for i, at := range ring {
				x, y := s.at(at)
				if i == 0 {
					t.move(x, y)
				} else {
					t.line(x, y)
				}
			}
			t.end()
		}
	}
	o.path, o.rings = t.b.String(), t.rings
	return o
}

func (s sheet) extent(ring place.Ring) extent {
	e := extent{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, at := range ring {
		x, y := s.at(at)
		e.left, e.right = min(e.left, x), max(e.right, x)
		e.top, e.bottom = min(e.top, y), max(e.bottom, y)
	}
	return e
}

// small is the size in pixels under which a country is also drawn as a dot of its colour.
const small = 8.0

// areas draws the sea and every country in the map, with the fill and texture that paint gives (none for plain land),
// and then dots for the small ones that have a paint of their own.
func (s sheet) areas(c *chart.Canvas, atlas *place.Atlas, paint func(iso3 string) chart.Paint) {
	c.Rect(s.left, s.top, s.width, s.height, chart.Paint{Fill: sea})
	type dot struct {
		x, y  float64
		paint chart.Paint
	}
	var dots []dot
	c.Group(chart.Paint{Fill: land})
	for _, shape := range atlas.Shapes {
		o, own := s.outline(shape), paint(shape.ISO3)
		switch {
		case o.path == "":
		case own.Texture != chart.Plain:
			c.Shape(o.path, chart.White)
			c.Hatch(o.rings, own)
		default:
			c.Shape(o.path, own.Fill)
		}
		tiny := len(shape.Polygons) == 0 || o.size.right-o.size.left < small && o.size.bottom-o.size.top < small
		if x, y := s.at(shape.At); own.Fill != "" && tiny && s.holds(x, y, 0) {
			own.Stroke, own.Width = chart.Soft, 0.8
			dots = append(dots, dot{x, y, own})
		}
	}
	c.EndGroup()
	for _, d := range dots {
		c.Circle(d.x, d.y, 4, d.paint)
	}
}

// borders draws boundaries and coasts in their styles and gives the notes of those that are in the map and
// whether any is dashed.
func (s sheet) borders(c *chart.Canvas, atlas *place.Atlas) (notes map[string]bool, dashed bool) {
	notes = map[string]bool{}
	solid, coast, broken, dotted := trail{sheet: s}, trail{sheet: s}, trail{sheet: s}, trail{sheet: s}
	for _, b := range atlas.Borders {
		t := &solid
		switch {
		case b.B == "":
			t = &coast
		case b.Style == place.Dashed:
			t = &broken
		case b.Style == place.Dotted:
			t = &dotted
		}
		if !s.trace(t, b.Line) {
			continue
		}
		if b.Note != "" {
			notes[b.Note] = true
		}
		dashed = dashed || b.Style == place.Dashed
	}
	if coast.b.Len() > 0 {
		c.Path(coast.b.String(), chart.Paint{Stroke: border, Width: 0.35, Cap: "round"})
	}
	cased := func(t *trail, under, over chart.Paint) {
		if t.b.Len() > 0 {
			under.Cap, over.Cap = "round", "round"
			c.Cased(t.b.String(), under, over)
		}
	}
	edge := chart.Paint{Stroke: chart.White, Width: 1.8}
	cased(&solid, chart.Paint{Stroke: chart.White, Width: 1.2}, chart.Paint{Stroke: border, Width: 0.5})
	cased(&broken, edge, chart.Paint{Stroke: chart.Soft, Width: 1, Dash: "3.5 2.5"})
	cased(&dotted, edge, chart.Paint{Stroke: chart.Soft, Width: 1.1, Dash: "0.1 2.4"})
	return notes, dashed
}

// trace adds a line to a trail where some of it lies in the map.
func (s sheet) trace(t *trail, line []place.Point) bool {
	seen := false
	for _, at := range line {
		x, y := s.at(at)
		seen = seen || s.holds(x, y, 0)
	}
	if !seen {
		return false
	}
	for i, at := range line {
		x, y := s.at(at)
		if i == 0 {
			t.move(x, y)
		} else {
			t.line(x, y)
		}
	}
	return true
}
