package place

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"sync"

	"waymark/fault"
)

// CodeBrokenShapes says that a file of shapes does not read.
const CodeBrokenShapes fault.Code = "place.broken-shapes"

//go:embed shapes.json
var shapesJSON []byte

//go:embed boundaries.csv
var boundariesCSV []byte

// Point is a place on the globe in degrees, east and north positive. The longitudes of a line run on where it
// crosses the antimeridian (178, 179.5, 181): no two neighbours lie more than 180 degrees apart.
type Point struct{ Lon, Lat float64 }

// Ring is a closed line; its first point is not repeated at its end.
type Ring []Point

// Shape is the area of one country: polygons, each an outer ring and then its holes. An area too small for
// the scale has no polygon and only the point that a symbol stands on.
type Shape struct {
	ISO3     string // or "KAS", the Siachen Glacier, which is no country and takes no colour
	At       Point
	Polygons [][]Ring
}

// Style says how a boundary is drawn.
type Style uint8

const (
	Solid  Style = iota // international boundary or coast
	Dashed              // undetermined, disputed or provisional
	Dotted              // line of control, agreed by no treaty
)

// Border is a line between two areas, or the coast of one.
type Border struct {
	A, B  string // ISO3 codes in order; B is empty for a coast
	Style Style
	Note  string // code of the remark that must stand on a map that shows it, or empty
	Line  []Point
}

// Atlas is the shapes of the world. It does not change once read and may be shared.
type Atlas struct {
	Shapes  []Shape
	Borders []Border
	byISO3  map[string]int
}

// Shape finds the shape of a country.
func (a *Atlas) Shape(iso3 string) (Shape, bool) {
	i, ok := a.byISO3[iso3]
	if !ok {
		return Shape{}, false
	}
	return a.Shapes[i], true
}

// Shapes gives the atlas compiled into the program.
func Shapes() *Atlas { return shapes() }

var shapes = sync.OnceValue(func() *Atlas {
	a, err := ReadShapes(bytes.NewReader(shapesJSON), bytes.NewReader(boundariesCSV))
	if err != nil {
		panic("place: the embedded shapes do not read: " + err.Error())
	}
	return a
})

// mostShapeBytes and mostPoints bound what ReadShapes will hold: arcs may be named more than once, so a short
// file can ask for a long picture.
const (
	mostShapeBytes = 16 << 20
	mostPoints     = 4 << 20
)

// topology is the part of TopoJSON that ReadShapes understands.
type topology struct {
	Type      string `json:"type"`
	Transform struct {
		Scale     [2]float64 `json:"scale"`
		Translate [2]float64 `json:"translate"`
	} `json:"transform"`
	Objects struct {
		Countries struct {
			Geometries []struct {
				Properties struct {
					A3 string     `json:"a3"`
					At [2]float64 `json:"at"`
				} `json:"properties"`
				Arcs [][][]int `json:"arcs"`
			} `json:"geometries"`
		} `json:"countries"`
	} `json:"objects"`
	Arcs [][][2]int `json:"arcs"`
}

// ReadShapes reads a TopoJSON file of countries and the table of boundary styles. An error is a fault.Issue
// with code CodeBrokenShapes.
func ReadShapes(file, styles io.Reader) (*Atlas, error) {
	a, err := readShapes(file, styles)
	if err != nil {
		return nil, fault.Issue{Code: CodeBrokenShapes, Args: map[string]any{"why": err.Error()}}
	}
	return a, nil
}

func readShapes(file, styles io.Reader) (*Atlas, error) {
	raw, err := io.ReadAll(io.LimitReader(file, mostShapeBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > mostShapeBytes {
		return nil, fmt.Errorf("more than %d bytes", mostShapeBytes)
	}
	var t topology
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, err
	}
	if t.Type != "Topology" {
		return nil, errors.New("not a topology")
	}
	if t.Transform.Scale[0] <= 0 || t.Transform.Scale[1] <= 0 {
		return nil, errors.New("no scale to undo the quantisation with")
	}
	rules, err := readStyles(styles)
	if err != nil {
		return nil, err
	}
	arcs := t.lines()
	a := &Atlas{byISO3: map[string]int{}}
	users := make([][]string, len(arcs))
	budget := mostPoints
	for _, g := range t.Objects.Countries.Geometries {
		s := Shape{ISO3: g.Properties.A3, At: Point{g.Properties.At[0], g.Properties.At[1]}}
		if _, twice := a.byISO3[s.ISO3]; twice || s.ISO3 == "" {
			return nil, fmt.Errorf("geometry %d has no code of its own", len(a.Shapes)+1)
		}
		for _, polygon := range g.Arcs {
			var rings []Ring
			for _, numbers := range polygon {
				ring, err := join(arcs, numbers, &budget)
				if err != nil {
					return nil, fmt.Errorf("shape of %s: %w", s.ISO3, err)
				}
				for _, n := range numbers {
					users[forward(n)] = append(users[forward(n)], s.ISO3)
				}
				if len(ring) >= 3 {
					rings = append(rings, ring)
				}
			}
			if len(rings) > 0 {
				s.Polygons = append(s.Polygons, rings)
			}
		}
		a.byISO3[s.ISO3] = len(a.Shapes)
		a.Shapes = append(a.Shapes, s)
	}
	a.Borders = borders(arcs, users, rules)
	return a, nil
}

// lines undoes quantisation and delta encoding.
func (t *topology) lines() [][]Point {
	out := make([][]Point, len(t.Arcs))
	for i, arc := range t.Arcs {
		x, y := 0, 0
		for _, d := range arc {
			x, y = x+d[0], y+d[1]
			out[i] = append(out[i], Point{
				Lon: float64(x)*t.Transform.Scale[0] + t.Transform.Translate[0],
				Lat: float64(y)*t.Transform.Scale[1] + t.Transform.Translate[1],
			})
		}
	}
	return out
}

func forward(n int) int {
	if n < 0 {
		return ^n
	}
	return n
}

// join makes a ring of arcs; a negative number is the arc ^n, backwards (TopoJSON 2.1.4).
func join(arcs [][]Point, numbers []int, budget *int) (Ring, error) {
	var ring Ring
	for _, n := range numbers {
		at := forward(n)
		if at >= len(arcs) || len(arcs[at]) == 0 {
			return nil, fmt.Errorf("no arc %d", at)
		}
		line := arcs[at]
		if n < 0 {
			line = slices.Clone(line)
			slices.Reverse(line)
		}
		if *budget -= len(line); *budget < 0 {
			return nil, errors.New("too many points")
		}
		if len(ring) > 0 {
			if ring[len(ring)-1] != line[0] {
				return nil, fmt.Errorf("arc %d does not begin where the one before it ends", at)
			}
			line = line[1:]
		}
		ring = append(ring, line...)
	}
	if len(ring) == 0 {
		return nil, errors.New("a ring without arcs")
	}
	if ring[0] != ring[len(ring)-1] {
		return nil, errors.New("a ring that does not close")
	}
	return unroll(ring[:len(ring)-1]), nil
}

// unroll lets longitudes run on across the antimeridian, and puts the middle of the line within 180 degrees
// of Greenwich.
func unroll[L ~[]Point](line L) L {
	turn, sum := 0.0, 0.0
	out := slices.Clone(line)
	for i := range out {
		out[i].Lon += turn
		if i > 0 {
			if step := math.Round((out[i].Lon - out[i-1].Lon) / 360); step != 0 {
				out[i].Lon -= step * 360
				turn -= step * 360
			}
		}
		sum += out[i].Lon
	}
	if back := math.Round(sum / float64(max(len(out), 1)) / 360); back != 0 {
		for i := range out {
			out[i].Lon -= back * 360
		}
	}
	return out
}

// borders gives every arc that is drawn once, cut where its style changes.
func borders(arcs [][]Point, users [][]string, rules []styleRule) []Border {
	var out []Border
	for i, line := range arcs {
		sides := slices.Compact(slices.Sorted(slices.Values(users[i])))
		if len(sides) == 0 || len(sides) > 2 || len(line) < 2 {
			continue
		}
		if len(sides) == 1 && len(users[i]) > 1 {
			continue // within one country
		}
		b := Border{A: sides[0]}
		if len(sides) == 2 {
			b.B = sides[1]
		}
		for start := 0; start < len(line)-1; {
			rule := match(rules, b, line[start], line[start+1])
			end := start + 1
			for end < len(line)-1 && match(rules, b, line[end], line[end+1]) == rule {
				end++
			}
			out = append(out, Border{A: b.A, B: b.B, Style: rule.style, Note: rule.note, Line: unroll(line[start : end+1])})
			start = end
		}
	}
	slices.SortStableFunc(out, func(a, b Border) int { return cmp.Compare(a.Style, b.Style) })
	return out
}

// styleRule is one row of boundaries.csv; a rule without a window holds along the whole boundary.
type styleRule struct {
	a, b                     string
	style                    Style
	note                     string
	windowed                 bool
	west, south, east, north float64
}

func match(rules []styleRule, b Border, from, to Point) styleRule {
	lon, lat := (from.Lon+to.Lon)/2, (from.Lat+to.Lat)/2
	for _, r := range rules {
		if r.a != b.A || r.b != b.B {
			continue
		}
		if !r.windowed || lon >= r.west && lon <= r.east && lat >= r.south && lat <= r.north {
			return styleRule{style: r.style, note: r.note}
		}
	}
	return styleRule{}
}

func readStyles(file io.Reader) ([]styleRule, error) {
	var rules []styleRule
	err := each(file, "boundaries", 8, func(cells []string) error {
		r := styleRule{a: min(cells[0], cells[1]), b: max(cells[0], cells[1]), note: cells[7]}
		switch cells[2] {
		case "solid":
		case "dashed":
			r.style = Dashed
		case "dotted":
			r.style = Dotted
		default:
			return fmt.Errorf("style %q is not solid, dashed or dotted", cells[2])
		}
		for i, at := range []*float64{&r.west, &r.south, &r.east, &r.north} {
			if cells[3+i] == "" {
				continue
			}
			v, err := strconv.ParseFloat(cells[3+i], 64)
			if err != nil {
				return err
			}
			*at, r.windowed = v, true
		}
		rules = append(rules, r)
		return nil
	})
	return rules, err
}
