package carto

import (
	"math"

	"waymark/place"
)

// Projection is a way from the globe to the sheet.
type Projection uint8

const (
	// EqualEarth keeps areas in proportion, so that a shaded country weighs as much as it is large (Šavrič,
	// Patterson and Jenny 2019, The Equal Earth map projection, International Journal of Geographical
	// Information Science 33(3)). The default.
	EqualEarth Projection = iota
	// Mercator keeps angles; areas grow towards the poles. It is cut at 80 degrees.
	Mercator
)

// forward gives the sheet coordinates of a point for a central meridian: x to the right, y upwards, in radii of the globe.
func (p Projection) forward(at place.Point, centre float64) (x, y float64) {
	lambda := (at.Lon - centre) * math.Pi / 180
	phi := at.Lat * math.Pi / 180
	if p == Mercator {
		limit := 80 * math.Pi / 180
		phi = min(max(phi, -limit), limit)
		return lambda, math.Log(math.Tan(math.Pi/4 + phi/2))
	}
	const a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
	theta := math.Asin(math.Sqrt(3) / 2 * math.Sin(phi))
	t2 := theta * theta
	t6 := t2 * t2 * t2
	x = 2 * math.Sqrt(3) * lambda * math.Cos(theta) / (3 * (9*a4*t6*t2 + 7*a3*t6 + 3*a2*t2 + a1))
	y = theta * (a4*t6*t2 + a3*t6 + a2*t2 + a1)
	return x, y
}
