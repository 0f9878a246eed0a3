package chart

import (
	"fmt"
	"math"
	"strings"
)

// Textures are drawn as shapes of their own, cut to what they fill. An SVG <pattern> would be shorter, but
// browsers print each one as a picture as large as the page: heavy, and blurred on paper.

// Point is a place in a drawing, in CSS pixels from its upper left corner.
type Point struct{ X, Y float64 }

// halfPlane holds the points with ax + by <= c.
type halfPlane struct{ a, b, c float64 }

// cut gives the part of a ring that lies in the half-plane (Sutherland and Hodgman 1974, Reentrant polygon
// clipping, Communications of the ACM 17). Parts of a ring that falls apart stay joined by edges along the
// cut, which enclose nothing.
func (h halfPlane) cut(ring []Point) []Point {
	var out []Point
	for i, q := range ring {
		p := ring[(i+len(ring)-1)%len(ring)]
		dp, dq := h.a*p.X+h.b*p.Y-h.c, h.a*q.X+h.b*q.Y-h.c
		if dp < 0 && dq > 0 || dp > 0 && dq < 0 {
			t := dp / (dp - dq)
			out = append(out, Point{p.X + t*(q.X-p.X), p.Y + t*(q.Y-p.Y)})
		}
		if dq <= 0 {
			out = append(out, q)
		}
	}
	return out
}

// stripes are lines of one direction: the points where ax + by is within half of a multiple of period.
type stripes struct{ a, b, period, offset, half float64 }

// The hatchings. Every second of two directions gives a crossing. Lines at 45 degrees are written with
// a = b = 1, so that half is the half width times the root of 2.
var hatchings = map[Texture][]stripes{
	Diagonal: {{a: 1, b: 1, period: 7, half: 1.7}},
	Crossed:  {{a: 1, b: 1, period: 7, half: 1.2}, {a: 1, b: -1, period: 7, half: 1.2}},
	Level:    {{a: 0, b: 1, period: 7, offset: 3.5, half: 1.2}},
	Upright:  {{a: 1, b: 0, period: 7, offset: 3.5, half: 1.2}},
	Held:     {{a: 1, b: -1, period: 8, half: 0.78}},
}

// The dots of Spotted stand dotApart from one another and are dotRadius wide each way.
const (
	dotApart  = 7.0
	dotRadius = 2.1
)

// box is the extent of rings.
type box struct{ left, top, right, bottom float64 }

func boxOf(rings [][]Point) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, ring := range rings {
		for _, p := range ring {
			b.left, b.right = min(b.left, p.X), max(b.right, p.X)
			b.top, b.bottom = min(b.top, p.Y), max(b.bottom, p.Y)
		}
	}
	return b
}

// path gives the parts of rings that lie under the stripes, which are counted from the upper left corner.
func (s stripes) path(rings [][]Point) string {
	var b strings.Builder
	all := boxOf(rings)
	base := s.a*all.left + s.b*all.top + s.offset
	for _, ring := range rings {
		own := boxOf([][]Point{ring})
		low := s.a*own.left + min(s.b*own.top, s.b*own.bottom)
		high := s.a*own.right + max(s.b*own.top, s.b*own.bottom)
		for k := math.Floor((low - base) / s.period); base+k*s.period-s.half < high; k++ {
			middle := base + k*s.period
			part := halfPlane{s.a, s.b, middle + s.half}.cut(halfPlane{-s.a, -s.b, s.half - middle}.cut(ring))
			writeRing(&b, part)
		}
	}
	return b.String()
}

// writeRing writes a ring with one decimal and leaves out points that make no difference then.
func writeRing(b *strings.Builder, ring []Point) {
	type spot struct{ x, y int } // tenths
	var out []spot
	for _, p := range ring {
		q := spot{int(math.Round(p.X * 10)), int(math.Round(p.Y * 10))}
		for len(out) > 1 && straight(out[len(out)-2].x, out[len(out)-2].y, out[len(out)-1].x, out[len(out)-1].y, q.x, q.y) {
			out = out[:len(out)-1]
		}
		if len(out) == 0 || out[len(out)-1] != q {
			out = append(out, q)
		}
	}
	if len(out) < 3 {
		return
	}
	for i, q := range out {
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + Num(float64(q.x)/10) + " " + Num(float64(q.y)/10))
	}
	b.WriteByte('Z')
}

// straight says whether the middle one of three points lies on the way between the others.
func straight(x1, y1, x2, y2, x3, y3 int) bool {
	return (x2-x1)*(y3-y2) == (y2-y1)*(x3-x2) && (x2-x1)*(x3-x2)+(y2-y1)*(y3-y2) >= 0
}

// dots gives the centres of the dots that lie whole in the rings; where none does, of those whose centre lies
// in them.
func dots(rings [][]Point) []Point {
	b := boxOf(rings)
	var whole, some []Point
	for y := b.top + dotApart/2; y < b.bottom; y += dotApart {
		for x := b.left + dotApart/2; x < b.right; x += dotApart {
			p := Point{x, y}
			if !inside(rings, p) {
				continue
			}
			some = append(some, p)
			if roomAround(rings, p) {
				whole = append(whole, p)
			}
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return some
}

func roomAround(rings [][]Point, p Point) bool {
	for k := range 8 {
		sin, cos := math.Sincos(float64(k) * math.Pi / 4)
		if !inside(rings, Point{p.X + dotRadius*cos, p.Y + dotRadius*sin}) {
			return false
		}
	}
	return true
}

// inside says whether a point lies in rings by the even-odd rule, so that holes count as outside.
func inside(rings [][]Point, p Point) bool {
	in := false
	for _, ring := range rings {
		for i, q := range ring {
			o := ring[(i+len(ring)-1)%len(ring)]
			if (q.Y > p.Y) != (o.Y > p.Y) && p.X < q.X+(p.Y-q.Y)/(o.Y-q.Y)*(o.X-q.X) {
				in = !in
			}
		}
	}
	return in
}

// Hatch draws the texture of a paint over rings (the outline of an area and of the holes in it), cut to them, in
// the colour of its fill. Ground and edge are the caller's.
func (c *Canvas) Hatch(rings [][]Point, p Paint) {
	if p.Texture == Spotted {
		var b strings.Builder
		for _, at := range dots(rings) {
			b.WriteString("M" + Num(at.X) + " " + Num(at.Y) + "h.01")
		}
		if b.Len() > 0 {
			c.Path(b.String(), Paint{Stroke: p.Fill, Width: 2 * dotRadius, Cap: "round"})
		}
		return
	}
	rule := ""
	if len(rings) > 1 {
		rule = ` fill-rule="evenodd"`
	}
	for _, s := range hatchings[p.Texture] {
		if data := s.path(rings); data != "" {
			fmt.Fprintf(&c.body, "<path d=\"%s\" fill=\"%s\"%s/>\n", data, p.Fill, rule)
		}
	}
}

// under is the paint of what lies under a texture: white with the edge of the paint.
func (p Paint) under() Paint {
	p.Fill, p.Texture = White, Plain
	return p
}

// round gives a circle as a ring that is within a twentieth of a pixel of it, up to a radius of 10 pixels.
func round(x, y, r float64) []Point {
	const corners = 32
	ring := make([]Point, corners)
	for k := range ring {
		sin, cos := math.Sincos(float64(k) * 2 * math.Pi / corners)
		ring[k] = Point{x + r*cos, y + r*sin}
	}
	return ring
}
