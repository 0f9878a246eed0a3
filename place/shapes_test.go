package place_test

import (
	"math"
	"os"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/place"
)

func TestShapesOfTheWorld(t *testing.T) {
	atlas := place.Shapes()
	for _, s := range atlas.Shapes {
		if _, ok := place.Countries().ByISO3(s.ISO3); !ok && s.ISO3 != "KAS" {
			t.Errorf("shape %s is of no country in the table", s.ISO3)
		}
		if math.Abs(s.At.Lon) > 180 || math.Abs(s.At.Lat) > 90 {
			t.Errorf("%s stands at %v", s.ISO3, s.At)
		}
	}
	for _, c := range place.Countries().All() {
		if _, ok := atlas.Shape(c.ISO3); ok {
			continue
		}
		switch c.ISO3 {
		case "ATA", "BVT", "UMI": // nobody's country of departure
		default:
			t.Errorf("%s (%s) has neither shape nor point", c.English, c.ISO3)
		}
	}
	for _, gone := range []string{"SOL", "CYN", "IOA", "ATC"} {
		if _, ok := atlas.Shape(gone); ok {
			t.Errorf("%s is drawn apart", gone)
		}
	}
}

// Points that everybody can place: a country's own capital lies in its shape and in no other.
func TestCapitalsLieInTheirCountries(t *testing.T) {
	for iso3, at := range map[string]place.Point{
		"NGA": {Lon: 7.49, Lat: 9.06}, "SOM": {Lon: 44.07, Lat: 9.56}, "CYP": {Lon: 33.9, Lat: 35.3}, "FRA": {Lon: 2.35, Lat: 48.86},
		"GUF": {Lon: -53, Lat: 4}, "LSO": {Lon: 28.3, Lat: -29.5}, "UKR": {Lon: 34.1, Lat: 45.2}, "ESH": {Lon: -13, Lat: 24.5},
		"GMB": {Lon: -15.5, Lat: 13.45}, "SSD": {Lon: 31.58, Lat: 4.85}, "PSE": {Lon: 35.2, Lat: 31.9}, "LBY": {Lon: 13.5, Lat: 32.5},
	} {
		for _, s := range place.Shapes().Shapes {
			in := false
			for _, polygon := range s.Polygons {
				in = in || holds(polygon, at)
			}
			if in != (s.ISO3 == iso3) {
				t.Errorf("%v lies in %s: %v", at, s.ISO3, in)
			}
		}
	}
}

func holds(polygon []place.Ring, p place.Point) bool {
	hit := false
	for _, ring := range polygon {
		for i, j := 0, len(ring)-1; i < len(ring); j, i = i, i+1 {
			a, b := ring[i], ring[j]
			if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lon < (b.Lon-a.Lon)*(p.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lon {
				hit = !hit
			}
		}
	}
	return hit
}

func TestBordersHaveTheirStyle(t *testing.T) {
	styles := map[string]map[place.Style]bool{}
	for _, b := range place.Shapes().Borders {
		key := b.A + "-" + b.B
		if styles[key] == nil {
			styles[key] = map[place.Style]bool{}
		}
		styles[key][b.Style] = true
		if b.B == "" && b.Style != place.Solid {
			t.Errorf("the coast of %s is not solid", b.A)
		}
	}
	for key, style := range map[string]place.Style{"SDN-SSD": place.Dashed, "ESH-MAR": place.Dashed, "KOR-PRK": place.Dashed,
		"ISR-PSE": place.Dashed, "SRB-XKX": place.Dashed, "ETH-SOM": place.Dashed, "FRA-ITA": place.Solid} {
		if !styles[key][style] || len(styles[key]) != 1 {
			t.Errorf("%s is drawn %v, want only %v", key, styles[key], style)
		}
	}
	if !styles["IND-PAK"][place.Dotted] || !styles["IND-PAK"][place.Solid] {
		t.Errorf("IND-PAK is drawn %v, want dotted along the Line of Control and solid elsewhere", styles["IND-PAK"])
	}
}

func TestReadShapesNamesTheFault(t *testing.T) {
	for name, file := range map[string]string{
		"empty":       "",
		"geojson":     `{"type":"FeatureCollection"}`,
		"no such arc": `{"type":"Topology","transform":{"scale":[1,1]},"arcs":[],"objects":{"countries":{"geometries":[{"properties":{"a3":"A"},"arcs":[[[3]]]}]}}}`,
		"open ring":   `{"type":"Topology","transform":{"scale":[1,1]},"arcs":[[[0,0],[1,1]]],"objects":{"countries":{"geometries":[{"properties":{"a3":"A"},"arcs":[[[0]]]}]}}}`,
		"a gap": `{"type":"Topology","transform":{"scale":[1,1]},"arcs":[[[0,0],[1,1]],[[5,5],[-5,-5]]],"objects":{"countries":{"geometries":[{"properties":{"a3":"A"},
			"arcs":[[[0,1]]]}]}}}`,
		"two of one": `{"type":"Topology","transform":{"scale":[1,1]},"arcs":[],"objects":{"countries":{"geometries":[{"properties":{"a3":"A"}},{"properties":{"a3":"A"}}]}}}`,
	} {
		_, err := place.ReadShapes(strings.NewReader(file), strings.NewReader(""))
		issues := fault.Of(err)
		if len(issues) != 1 || issues[0].Code != place.CodeBrokenShapes {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoLineJumpsAcrossTheWorld(t *testing.T) {
	atlas := place.Shapes()
	check := func(name string, line []place.Point) {
		t.Helper()
		for i := 1; i < len(line); i++ {
			if math.Abs(line[i].Lon-line[i-1].Lon) > 180 {
				t.Errorf("%s jumps from %v to %v", name, line[i-1], line[i])
			}
		}
	}
	beyond := false
	for _, s := range atlas.Shapes {
		for _, polygon := range s.Polygons {
			for _, ring := range polygon {
				check(s.ISO3, ring)
				for _, at := range ring {
					beyond = beyond || s.ISO3 == "RUS" && at.Lon > 181
				}
			}
		}
	}
	if !beyond {
		t.Error("the Russian Federation does not reach beyond the antimeridian")
	}
	for _, b := range atlas.Borders {
		check(b.A+"-"+b.B, b.Line)
	}
}

func FuzzReadShapes(f *testing.F) {
	if whole, err := os.ReadFile("shapes.json"); err == nil {
		f.Add(string(whole[:4000]), "")
	}
	f.Add(`{"type":"Topology","transform":{"scale":[1,1]},"arcs":[[[0,0],[9,0],[0,9],[-9,-9]]],"objects":{"countries":{"geometries":[{"properties":{"a3":"A"},"arcs":[[[0]]]}]}}}`,
		"h,h,h,h,h,h,h,h\nA,B,dashed,1,2,3,4,x\n")
	f.Fuzz(func(t *testing.T, file, styles string) {
		atlas, err := place.ReadShapes(strings.NewReader(file), strings.NewReader(styles))
		if err != nil {
			return
		}
		for _, s := range atlas.Shapes {
			for _, polygon := range s.Polygons {
				for _, ring := range polygon {
					if len(ring) < 3 {
						t.Errorf("a ring of %d points", len(ring))
					}
				}
			}
		}
	})
}
