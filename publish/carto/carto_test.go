package carto_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/lang"
	"waymark/place"
	"waymark/publish/carto"
	"waymark/publish/chart"
	"waymark/release"
	"waymark/release/releasetest"
)

var show = flag.String("show", "", "also write every sample map to this folder, to look at")

func both(en, fr string) release.Labels { return release.Labels{"en": en, "fr": fr} }

// sample has made-up numbers for countries of departure: large, small, island, withheld, without a number, and
// a row that is no country.
func sample(form release.Form) release.Draft {
	measure := release.Measure{Name: "n", Labels: both("People interviewed by country of departure", "Personnes interrogées selon le pays de départ"), Form: form}
	if form == release.Share {
		measure = release.Measure{Name: "share", Labels: both("At least one indicator", "Au moins un indicateur"), Form: form}
	}
	d := release.Draft{Key: "departure", Dims: []release.Dim{{Name: "country", Labels: both("Country of departure", "Pays de départ")}}, Measures: []release.Measure{measure}}
	add := func(code string, labels release.Labels, n int, share float64) {
		cell := release.DraftCell{Value: float64(n), Base: release.Persons(n), Events: release.Persons(n)}
		if form == release.Share {
			cell = release.DraftCell{Value: share, Base: release.Persons(n), Events: release.Persons(share * float64(n))}
		}
		if n == 0 {
			cell = release.DraftCell{None: true}
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: code, Labels: labels}}, Cells: []release.DraftCell{cell}})
	}
	for _, c := range []struct {
		iso3  string
		n     int
		share float64
	}{
		{"NGA", 2143, .74}, {"SYR", 3875, .12}, {"AFG", 2640, .11}, {"IRQ", 1980, .09}, {"GMB", 913, .71}, {"SEN", 801, .69}, {"GIN", 744, .76}, {"MLI", 652, .72},
		{"CIV", 590, .7}, {"BGD", 488, .63}, {"PAK", 471, .21}, {"ERI", 436, .58}, {"SDN", 322, .64}, {"EGY", 260, .33}, {"MAR", 214, .27}, {"DZA", 190, .22}, {"SOM", 175, .61},
		{"GHA", 410, .73}, {"CMR", 202, .7}, {"ETH", 96, .55}, {"COD", 34, .41}, {"TUN", 28, .5}, {"TCD", 6, .5}, {"COM", 44, .4}, {"IRN", 388, .1}, {"LBN", 0, 0}, {"PSE", 61, .3}, {"TGO", 55, .6},
	} {
		country, _ := place.Countries().ByISO3(c.iso3)
		add(c.iso3, country.Labels(), c.n, c.share)
	}
	add("other", both("other countries", "autres pays"), 120, .4)
	return d
}

type drawing struct {
	name string
	draw func(p *lang.Printer, f chart.Frame) (chart.SVG, error)
}

var cleared = &carto.Clearance{By: "Cartographic office", Day: "2026-11-20"}

func drawings(t testing.TB, least release.Persons) []drawing {
	c := releasetest.MustClearAt(t, least, sample(release.Count))[0]
	s := releasetest.MustClearAt(t, least, sample(release.Share))[0]
	return []drawing{
		{"circles", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return carto.Circles(p, f, c, carto.Options{Include: []string{"ITA", "GRC"}})
		}},
		{"shares", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return carto.Choropleth(p, f, s, carto.Options{Include: []string{"ITA"}})
		}},
		{"world", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return carto.Choropleth(p, f, c, carto.Options{Window: carto.World, Clearance: cleared, Labels: 5})
		}},
		{"region", func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
			return carto.Choropleth(p, f, s, carto.Options{Window: carto.Region, Projection: carto.Mercator, Breaks: []float64{.25, .5}, Labels: -1})
		}},
	}
}

func each(t *testing.T, least release.Persons, check func(t *testing.T, name string, svg chart.SVG)) {
	t.Helper()
	for _, d := range drawings(t, least) {
		for _, tag := range lang.Tags() {
			p, err := lang.New(tag)
			if err != nil {
				t.Fatal(err)
			}
			for _, width := range []float64{640, 360} {
				name := fmt.Sprintf("%s-%s-%g", d.name, tag, width)
				t.Run(name, func(t *testing.T) {
					svg, err := d.draw(p, chart.Frame{ID: name, Title: "Title", Summary: "Summary.", Width: width})
					if err != nil {
						t.Fatal(err)
					}
					if *show != "" && least == 10 {
						if err := os.WriteFile(filepath.Join(*show, "map-"+name+".svg"), svg.Body, 0o644); err != nil {
							t.Fatal(err)
						}
					}
					check(t, name, svg)
				})
			}
		}
	}
}

type element struct {
	name string
	attr map[string]string
	text string
}

func elements(t *testing.T, body []byte) []element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	var out []element
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("not well formed: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := element{name: tok.Name.Local, attr: map[string]string{}}
			for _, a := range tok.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			out = append(out, e)
		case xml.CharData:
			if len(out) > 0 {
				out[len(out)-1].text += strings.TrimSpace(string(tok))
			}
		}
	}
}

// words joins all lines of text of a drawing.
func words(t *testing.T, svg chart.SVG) string {
	var lines []string
	for _, e := range elements(t, svg.Body) {
		if e.name == "text" {
			lines = append(lines, e.text)
		}
	}
	return strings.Join(lines, " ")
}

// described is what a screen reader says of a drawing.
func described(t *testing.T, svg chart.SVG) string {
	t.Helper()
	for _, e := range elements(t, svg.Body) {
		if e.name == "desc" {
			return e.text
		}
	}
	return ""
}

func TestEveryMapCarriesItsDisclaimerAndStamp(t *testing.T) {
	each(t, 10, func(t *testing.T, name string, svg chart.SVG) {
		p, err := lang.New(strings.Split(name, "-")[1])
		if err != nil {
			t.Fatal(err)
		}
		disclaimer, said := p.Text("carto.disclaimer", nil), words(t, svg)
		if !strings.Contains(said, disclaimer) || !strings.Contains(described(t, svg), disclaimer) {
			t.Error("the boundary disclaimer is missing")
		}
		stamped := strings.Contains(said, p.Text("carto.draft", nil))
		if want := !strings.HasPrefix(name, "world"); stamped != want {
			t.Errorf("stamped as a draft: %v, want %v", stamped, want)
		}
		if !strings.Contains(said, p.Text("carto.boundary.sudan", nil)) {
			t.Error("the note on the boundary of the Sudan and South Sudan is missing")
		}
		if regexp.MustCompile(`carto\.[a-z]`).Match(svg.Body) {
			t.Error("a text has no words")
		}
		if strings.Contains(name, "circles") && !strings.Contains(said, p.Label(both("other countries", "autres pays"))) {
			t.Error("the row without a country is not named")
		}
	})
}

// Of counts, a few people from far away do not widen the map: their country is named under it.
func TestFewPeopleFromAfarDoNotShrinkTheMap(t *testing.T) {
	p, err := lang.New("en")
	if err != nil {
		t.Fatal(err)
	}
	d := sample(release.Count)
	near, err := carto.Circles(p, chart.Frame{ID: "a"}, releasetest.MustClear(t, d)[0], carto.Options{})
	if err != nil {
		t.Fatal(err)
	}
	peru, _ := place.Countries().ByISO3("PER")
	d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: "PER", Labels: peru.Labels()}}, Cells: []release.DraftCell{{Value: 12, Base: 12, Events: 12}}})
	far, err := carto.Circles(p, chart.Frame{ID: "a"}, releasetest.MustClear(t, d)[0], carto.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if said := words(t, far); !strings.Contains(said, "Peru") {
		t.Error("Peru is neither on the map nor named under it")
	}
	land := func(svg chart.SVG) int { return bytes.Count(svg.Body, []byte("<path d=")) }
	if land(far) > land(near) {
		t.Errorf("the map holds %d shapes with Peru and %d without", land(far), land(near))
	}
}

func TestHalfAClearanceIsNone(t *testing.T) {
	p, err := lang.New("en")
	if err != nil {
		t.Fatal(err)
	}
	c := releasetest.MustClear(t, sample(release.Count))[0]
	svg, err := carto.Circles(p, chart.Frame{ID: "a"}, c, carto.Options{Clearance: &carto.Clearance{By: "somebody"}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(words(t, svg), p.Text("carto.draft", nil)) {
		t.Error("a clearance without a day takes the stamp off")
	}
}

func TestLabelsNeitherOverlapNorLeaveTheSheet(t *testing.T) {
	type box struct {
		text       string
		x, y, w, h float64
	}
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("%q is no number", s)
		}
		return v
	}
	each(t, 10, func(t *testing.T, _ string, svg chart.SVG) {
		var all []box
		for _, e := range elements(t, svg.Body) {
			if e.name != "text" {
				continue
			}
			size := number(e.attr["font-size"])
			w := chart.TextWidth(e.text, size, e.attr["font-weight"] == "700")
			x := number(e.attr["x"]) - map[string]float64{"middle": w / 2, "end": w}[e.attr["text-anchor"]]
			all = append(all, box{e.text, x, number(e.attr["y"]) - size*0.76, w, size * 0.96})
		}
		if len(all) < 8 {
			t.Fatalf("only %d labels", len(all))
		}
		for i, a := range all {
			if a.x < -0.5 || a.x+a.w > float64(svg.Width)+0.5 || a.y+a.h > float64(svg.Height)+0.5 {
				t.Errorf("%q leaves the sheet", a.text)
			}
			for _, b := range all[:i] {
				if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
					t.Errorf("%q and %q overlap", a.text, b.text)
				}
			}
		}
	})
}

func TestSameTableSameBytes(t *testing.T) {
	first := map[string][]byte{}
	each(t, 10, func(t *testing.T, name string, svg chart.SVG) { first[name] = svg.Body })
	each(t, 10, func(t *testing.T, name string, svg chart.SVG) {
		if !bytes.Equal(first[name], svg.Body) {
			t.Error("two maps of the same table differ")
		}
	})
}

// A map on which every number is withheld is the same whatever the numbers were.
func TestNothingDrawnOfWithheldNumbers(t *testing.T) {
	p, err := lang.New("en")
	if err != nil {
		t.Fatal(err)
	}
	draw := func(add int, by func(*lang.Printer, chart.Frame, release.Cleared, carto.Options) (chart.SVG, error)) []byte {
		d := sample(release.Count)
		for i := range d.Rows {
			if c := &d.Rows[i].Cells[0]; !c.None {
				c.Value += float64(add)
				c.Base += release.Persons(add)
				c.Events = c.Base
			}
		}
		svg, err := by(p, chart.Frame{ID: "a"}, releasetest.MustClearAt(t, 100000, d)[0], carto.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return svg.Body
	}
	if !bytes.Equal(draw(0, carto.Circles), draw(817, carto.Circles)) {
		t.Error("circles tell of withheld numbers")
	}
	if !bytes.Equal(draw(0, carto.Choropleth), draw(817, carto.Choropleth)) {
		t.Error("classes tell of withheld numbers")
	}
}

// The area of a circle is in proportion to its number.
func TestCirclesAreInProportion(t *testing.T) {
	p, err := lang.New("en")
	if err != nil {
		t.Fatal(err)
	}
	d := sample(release.Count)
	d.Rows = d.Rows[:2] // 2143 and 3875
	svg, err := carto.Circles(p, chart.Frame{ID: "a"}, releasetest.MustClear(t, d)[0], carto.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var radii []float64
	for _, e := range elements(t, svg.Body) {
		if e.name == "circle" && len(radii) < 2 {
			r, err := strconv.ParseFloat(e.attr["r"], 64)
			if err != nil {
				t.Fatal(err)
			}
			radii = append(radii, r)
		}
	}
	if len(radii) != 2 || radii[0]*radii[0]/(radii[1]*radii[1]) < 1.8*0.99 || radii[0]*radii[0]/(radii[1]*radii[1]) > 1.8083*1.01 {
		t.Errorf("radii %v for 3875 and 2143 people", radii)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	p, err := lang.New("fr")
	if err != nil {
		t.Fatal(err)
	}
	c := releasetest.MustClear(t, sample(release.Count))[0]
	nowhere := sample(release.Count)
	nowhere.Rows = nowhere.Rows[len(nowhere.Rows)-1:]
	n := releasetest.MustClear(t, nowhere)[0]
	for _, x := range []struct {
		code  fault.Code
		table release.Cleared
		frame chart.Frame
		o     carto.Options
	}{
		{carto.CodeNotCleared, release.Cleared{}, chart.Frame{}, carto.Options{}},
		{carto.CodeNoColumn, c, chart.Frame{}, carto.Options{Country: "x"}},
		{carto.CodeNoColumn, c, chart.Frame{}, carto.Options{Measure: "x"}},
		{carto.CodeNoCountry, n, chart.Frame{}, carto.Options{}},
		{carto.CodeTooNarrow, c, chart.Frame{Width: 200}, carto.Options{}},
		{carto.CodeBadBreaks, c, chart.Frame{}, carto.Options{Breaks: []float64{3, 2}}},
		{carto.CodeBadBreaks, c, chart.Frame{}, carto.Options{Breaks: []float64{2, 2}}},
	} {
		_, err := carto.Choropleth(p, x.frame, x.table, x.o)
		issues := fault.Of(err)
		if len(issues) != 1 || issues[0].Code != x.code || !p.Has(string(x.code)) {
			t.Errorf("%v, want %s with words", err, x.code)
		}
	}
}
