package xpath

import (
	"math"
	"strconv"
	"strings"
)

// earth is the radius in metres that distances and areas are worked out with, as phones do (at the equator).
const earth = 6_378_100

// spot is a point on the earth, in degrees.
type spot struct{ latitude, longitude float64 }

func (v *evaluation) places(name string, args []Value) (Value, error) {
	switch name {
	case "area", "enclosed-area":
		spots, ok := spotsOf(args)
		if !ok {
			return Value{}, ErrUnknown
		}
		if len(spots) < 3 {
			return numberOf(0), nil
		}
		return numberOf(area(spots)), nil
	case "distance":
		spots, ok := spotsOf(args)
		if !ok {
			return Value{}, ErrUnknown
		}
		total := 0.0
		for i := 1; i < len(spots); i++ {
			total += distance(spots[i-1], spots[i])
		}
		return numberOf(total), nil
	case "geofence":
		at, okAt := spotsOf(args[:1])
		fence, ok := spotsOf(args[1:])
		return truthOf(ok && okAt && len(at) == 1 && len(fence) > 2 && inside(at[0], fence)), nil
	case "intersects":
		spots, ok := spotsOf(args)
		if err := v.spend(len(spots) * len(spots)); err != nil {
			return Value{}, err
		}
		return truthOf(ok && crosses(spots)), nil
	}
	return Value{}, errNotHere
}

// spotsOf reads places: points, traces and shapes, of one text or of several nodes.
func spotsOf(args []Value) ([]spot, bool) {
	var out []spot
	for _, a := range args {
		for _, s := range a.texts() {
			for _, one := range strings.Split(s, ";") {
				fields := strings.Fields(one)
				if len(fields) == 0 {
					continue
				}
				if len(fields) < 2 || len(fields) > 4 {
					return nil, false
				}
				lat, errLat := strconv.ParseFloat(fields[0], 64)
				lon, errLon := strconv.ParseFloat(fields[1], 64)
				if errLat != nil || errLon != nil || !(math.Abs(lat) <= 90) || !(math.Abs(lon) <= 180) {
					return nil, false
				}
				out = append(out, spot{lat, lon})
			}
		}
	}
	return out, true
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

// distance is the length of the great circle between two points (haversine).
func distance(a, b spot) float64 {
	north, east := radians(b.latitude-a.latitude)/2, radians(b.longitude-a.longitude)/2
	h := math.Pow(math.Sin(north), 2) + math.Cos(radians(a.latitude))*math.Cos(radians(b.latitude))*math.Pow(math.Sin(east), 2)
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
}

// area is that of a polygon on a sphere, by the sum over its edges of the area between edge and equator
// (Chamberlain and Duquette 2007, JPL 07-3).
func area(spots []spot) float64 {
	total := 0.0
	for i, a := range spots {
		b := spots[(i+1)%len(spots)]
		east := radians(b.longitude - a.longitude)
		if east > math.Pi {
			east -= 2 * math.Pi
		} else if east < -math.Pi {
			east += 2 * math.Pi
		}
		total += east * (2 + math.Sin(radians(a.latitude)) + math.Sin(radians(b.latitude)))
	}
	return math.Abs(total * earth * earth / 2)
}

// inside says whether a point lies in a polygon: a line from it to the west crosses the edges an odd number of
// times.
func inside(p spot, fence []spot) bool {
	in := false
	for i, a := range fence {
		b := fence[(i+1)%len(fence)]
		if (a.latitude > p.latitude) != (b.latitude > p.latitude) &&
			p.longitude < (b.longitude-a.longitude)*(p.latitude-a.latitude)/(b.latitude-a.latitude)+a.longitude {
			in = !in
		}
	}
	return in
}

// crosses says whether a trace meets itself other than where one edge ends and the next begins, or where the
// last ends at the first.
func crosses(spots []spot) bool {
	n := len(spots) - 1
	for i := 0; i < n; i++ {
		for j := i + 2; j < n; j++ {
			if i == 0 && j == n-1 && spots[0] == spots[n] {
				continue
			}
			if meet(spots[i], spots[i+1], spots[j], spots[j+1]) {
				return true
			}
		}
	}
	return false
}

// meet says whether two edges have a point in common.
func meet(a, b, c, d spot) bool {
	side := func(p, q, r spot) float64 {
		return (q.longitude-p.longitude)*(r.latitude-p.latitude) - (q.latitude-p.latitude)*(r.longitude-p.longitude)
	}
	between := func(p, q, r spot) bool {
		return min(p.longitude, q.longitude) <= r.longitude && r.longitude <= max(p.longitude, q.longitude) &&
			min(p.latitude, q.latitude) <= r.latitude && r.latitude <= max(p.latitude, q.latitude)
	}
	s1, s2, s3, s4 := side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
	if (s1 > 0) != (s2 > 0) && (s3 > 0) != (s4 > 0) && s1 != 0 && s2 != 0 && s3 != 0 && s4 != 0 {
		return true
	}
	return s1 == 0 && between(a, b, c) || s2 == 0 && between(a, b, d) || s3 == 0 && between(c, d, a) || s4 == 0 && between(c, d, b)
}
