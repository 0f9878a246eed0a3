package chart

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// corners reads path data of M, L and Z as rings.
func corners(t interface{ Fatal(...any) }, data string) [][]Point {
	var rings [][]Point
	for _, ring := range strings.Split(strings.TrimSuffix(data, "Z"), "Z") {
		var points []Point
		for _, m := range regexp.MustCompile(`[ML](-?[\d.]+) (-?[\d.]+)`).FindAllStringSubmatch(ring, -1) {
			x, errX := strconv.ParseFloat(m[1], 64)
			y, errY := strconv.ParseFloat(m[2], 64)
			if errX != nil || errY != nil {
				t.Fatal(m)
			}
			points = append(points, Point{x, y})
		}
		if points != nil {
			rings = append(rings, points)
		}
	}
	return rings
}

func area(ring []Point) float64 {
	sum := 0.0
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p.X*q.Y - q.X*p.Y
	}
	return math.Abs(sum) / 2
}

// Stripes lie within what they fill and cover of it the part that their width has of their period.
func TestStripesAreCutToTheShape(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		texture := rapid.SampledFrom([]Texture{Diagonal, Crossed, Level, Upright, Held}).Draw(r, "texture")
		x, y := rapid.Float64Range(-50, 500).Draw(r, "x"), rapid.Float64Range(-50, 500).Draw(r, "y")
		w, h := rapid.Float64Range(0, 90).Draw(r, "w"), rapid.Float64Range(0, 90).Draw(r, "h")
		ring := []Point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}
		for _, s := range hatchings[texture] {
			covered := 0.0
			for _, part := range corners(r, s.path([][]Point{ring})) {
				covered += area(part)
				for _, p := range part {
					if p.X < x-0.06 || p.X > x+w+0.06 || p.Y < y-0.06 || p.Y > y+h+0.06 {
						r.Fatalf("%v lies outside %v by %v of %g x %g", p, Point{x, y}, texture, w, h)
					}
				}
			}
			want := w * h * 2 * s.half / s.period
			if slack := (w+h)*2*s.half + 1; math.Abs(covered-want) > slack {
				r.Fatalf("covers %g, want %g within %g", covered, want, slack)
			}
		}
	})
}

// A hole stays free, and a shape with a dent is not hatched across it.
func TestHatchingLeavesHolesAndDentsFree(t *testing.T) {
	dented := [][]Point{
		{{0, 0}, {60, 0}, {60, 60}, {40, 60}, {40, 20}, {20, 20}, {20, 60}, {0, 60}},
		{{45, 5}, {55, 5}, {55, 15}, {45, 15}},
	}
	for _, texture := range []Texture{Diagonal, Crossed, Level, Upright, Held} {
		for _, s := range hatchings[texture] {
			parts := corners(t, s.path(dented))
			if len(parts) < 5 {
				t.Fatalf("texture %d: %d stripes", texture, len(parts))
			}
			for x := 0.25; x < 60; x += 0.5 {
				for y := 0.25; y < 60; y += 0.5 {
					p := Point{x, y}
					painted := inside(parts, p)
					at := s.a*x + s.b*y - s.offset
					distance := math.Abs(at - math.Round(at/s.period)*s.period)
					if math.Abs(distance-s.half) < 0.15 {
						continue // on an edge, where a tenth of a pixel decides
					}
					if want := inside(dented, p) && distance < s.half; painted != want {
						t.Fatalf("texture %d at %v: painted %t", texture, p, painted)
					}
				}
			}
		}
	}
	for _, p := range dots(dented) {
		if !inside(dented, p) {
			t.Fatalf("a dot at %v", p)
		}
	}
	if len(dots(dented)) < 20 {
		t.Errorf("%d dots", len(dots(dented)))
	}
}

// Browsers print a <pattern> as a picture of the page: none may come back.
func TestTexturesAreShapes(t *testing.T) {
	for texture := Diagonal; texture <= Held; texture++ {
		c := NewCanvas("a", 100)
		c.Rect(10, 10, 60, 14, Paint{Fill: Ink, Texture: texture, Stroke: Ink})
		c.Circle(40, 60, 5, Paint{Fill: Ink, Texture: texture})
		body := string(c.Finish("t", "s", 100).Body)
		if strings.Contains(body, "<pattern") || strings.Contains(body, "url(") {
			t.Errorf("texture %d refers: %s", texture, body)
		}
		marks := regexp.MustCompile(`<path d="[^"]{12,}"`).FindAllString(body, -1)
		if len(marks) < 2 || len(slices.Compact(marks)) != len(marks) {
			t.Errorf("texture %d draws %q", texture, marks)
		}
	}
}
