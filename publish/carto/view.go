package carto

import (
	"math"

	"waymark/place"
)

// Window is a part of the globe in degrees.
type Window struct{ West, South, East, North float64 }

// World is the inhabited world; it begins east of the Bering Strait.
var World = Window{West: -169, South: -56, East: 191, North: 78}

// Region is the window of reports on the Mediterranean routes: Africa, the Mediterranean and the Middle East.
var Region = Window{West: -20, South: -36, East: 64, North: 52}

// fit gives the window that holds the countries, with a margin; the world where they lie on both sides of it.
func fit(atlas *place.Atlas, codes []string) Window {
	w := Window{West: math.Inf(1), South: math.Inf(1), East: math.Inf(-1), North: math.Inf(-1)}
	for _, code := range codes {
		s, ok := atlas.Shape(code)
		if !ok {
			continue
		}
		w.extend(s.At)
		for _, at := range largest(s) {
			w.extend(at)
		}
	}
	if math.IsInf(w.West, 0) || w.East-w.West > 200 {
		return World
	}
	const margin, least = 0.04, 24.0 // degrees: a single small country is shown among its neighbours
	dx, dy := max((w.East-w.West)*margin, 2), max((w.North-w.South)*margin, 2)
	if span := w.East - w.West + 2*dx; span < least {
		dx += (least - span) / 2
	}
	if span := w.North - w.South + 2*dy; span < least*0.7 {
		dy += (least*0.7 - span) / 2
	}
	return Window{West: max(w.West-dx, -180), South: max(w.South-dy, -60), East: min(w.East+dx, 191), North: min(w.North+dy, 80)}
}

func (w *Window) extend(at place.Point) {
	w.West, w.East = min(w.West, at.Lon), max(w.East, at.Lon)
	w.South, w.North = min(w.South, at.Lat), max(w.North, at.Lat)
}

// largest gives the outer ring with the largest extent.
func largest(s place.Shape) place.Ring {
	var best place.Ring
	size := -1.0
	for _, polygon := range s.Polygons {
		w := Window{West: 999, South: 999, East: -999, North: -999}
		for _, at := range polygon[0] {
			w.extend(at)
		}
		if a := (w.East - w.West) * (w.North - w.South); a > size {
			size, best = a, polygon[0]
		}
	}
	return best
}

// sheet places a window in a rectangle of the drawing.
type sheet struct {
	projection    Projection
	centre        float64
	scale         float64
	left, top     float64 // of the drawing, in pixels
	x0, y0        float64 // projected west and north edge
	width, height float64
}

// newSheet fits a window in a width; the height follows, between half and 1.15 times the width, and what the
// rectangle holds beyond the window is drawn as well.
func newSheet(projection Projection, w Window, left, top, width float64) sheet {
	s := sheet{projection: projection, centre: (w.West + w.East) / 2, left: left, top: top, width: width}
	low, high := Window{West: math.Inf(1), South: math.Inf(1), East: math.Inf(-1), North: math.Inf(-1)}, 0.0
	for i := range 21 { // the edges bend: walk along them
		f := float64(i) / 20
		lon, lat := w.West+f*(w.East-w.West), w.South+f*(w.North-w.South)
		for _, at := range []place.Point{{Lon: lon, Lat: w.South}, {Lon: lon, Lat: w.North}, {Lon: w.West, Lat: lat}, {Lon: w.East, Lat: lat}} {
			x, y := projection.forward(at, s.centre)
			low.extend(place.Point{Lon: x, Lat: y})
		}
	}
	ratio := (low.North - low.South) / (low.East - low.West)
	high = min(max(ratio, 0.48), 1.15)
	s.height = math.Round(width * high)
	s.scale = min(width/(low.East-low.West), s.height/(low.North-low.South))
	s.x0 = (low.West+low.East)/2 - width/2/s.scale
	s.y0 = (low.North+low.South)/2 + s.height/2/s.scale
	return s
}

// at gives the place of a point in the drawing.
func (s sheet) at(p place.Point) (x, y float64) {
	x, y = s.projection.forward(p, s.centre)
	return s.left + (x-s.x0)*s.scale, s.top + (s.y0-y)*s.scale
}

// holds says whether a place of the drawing lies in the map, at least inset from its edge.
func (s sheet) holds(x, y, inset float64) bool {
	return x >= s.left+inset && x <= s.left+s.width-inset && y >= s.top+inset && y <= s.top+s.height-inset
}
