package chart_test

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
	"slices"
	"strconv"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/lang"
	"waymark/publish/chart"
	"waymark/release"
	"waymark/release/releasetest"
)

var show = flag.String("show", "", "also write every sample drawing to this folder, to look at")

var widths = []float64{640, 360}

func each(t *testing.T, least release.Persons, check func(t *testing.T, svg chart.SVG)) {
	t.Helper()
	for _, d := range drawings(t, least) {
		for _, tag := range lang.Tags() {
			for _, width := range widths {
				name := fmt.Sprintf("%s-%s-%g", d.name, tag, width)
				t.Run(name, func(t *testing.T) {
					svg, err := d.draw(printer(t, tag), chart.Frame{ID: name, Title: "Title of <" + d.name + ">", Summary: "Summary & all", Width: width})
					if err != nil {
						t.Fatal(err)
					}
					if *show != "" && least == 10 {
						if err := os.WriteFile(filepath.Join(*show, name+".svg"), svg.Body, 0o644); err != nil {
							t.Fatal(err)
						}
					}
					check(t, svg)
				})
			}
		}
	}
}

// element is a start element with what it says.
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

func TestDrawingsAreWhole(t *testing.T) {
	each(t, 10, func(t *testing.T, svg chart.SVG) {
		all := elements(t, svg.Body)
		root := all[0]
		if root.name != "svg" || root.attr["role"] != "img" || root.attr["id"] != svg.ID {
			t.Errorf("root is %+v", root)
		}
		spoken := strings.Fields(root.attr["aria-labelledby"])
		ids := map[string]string{}
		for _, e := range all {
			if id := e.attr["id"]; id != "" {
				if !strings.HasPrefix(id, svg.ID) {
					t.Errorf("id %s does not begin with %s", id, svg.ID)
				}
				if _, twice := ids[id]; twice {
					t.Errorf("id %s stands twice", id)
				}
				ids[id] = e.text
			}
		}
		if len(spoken) != 2 || ids[spoken[0]] != svg.Title || ids[spoken[1]] != svg.Summary {
			t.Errorf("title and description are not what aria-labelledby names: %v", spoken)
		}
		for _, ref := range regexp.MustCompile(`url\(#([^)]*)\)`).FindAllStringSubmatch(string(svg.Body), -1) {
			if _, ok := ids[ref[1]]; !ok {
				t.Errorf("no part is called %s", ref[1])
			}
		}
		if regexp.MustCompile(`chart\.[a-z]`).Match(svg.Body) {
			t.Errorf("a text has no words: %s", regexp.MustCompile(`chart\.[a-z.-]+`).Find(svg.Body))
		}
	})
}

type box struct {
	text       string
	x, y, w, h float64
}

// labels gives the space every text takes by the same widths the drawings are laid out with.
func labels(t *testing.T, svg chart.SVG) []box {
	var out []box
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("%q is no number", s)
		}
		return v
	}
	for _, e := range elements(t, svg.Body) {
		if e.name != "text" {
			continue
		}
		size := number(e.attr["font-size"])
		w := chart.TextWidth(e.text, size, e.attr["font-weight"] == "700")
		x := number(e.attr["x"])
		switch e.attr["text-anchor"] {
		case "middle":
			x -= w / 2
		case "end":
			x -= w
		}
		out = append(out, box{e.text, x, number(e.attr["y"]) - size*0.76, w, size * 0.98})
	}
	return out
}

func TestLabelsNeitherOverlapNorLeaveTheSheet(t *testing.T) {
	each(t, 10, func(t *testing.T, svg chart.SVG) {
		all := labels(t, svg)
		if len(all) < 5 {
			t.Fatalf("only %d labels", len(all))
		}
		for i, a := range all {
			if a.x < -0.5 || a.x+a.w > float64(svg.Width)+0.5 || a.y < 0 || a.y+a.h > float64(svg.Height)+0.5 {
				t.Errorf("%q leaves the sheet: %+v of %d x %d", a.text, a, svg.Width, svg.Height)
			}
			for _, b := range all[:i] {
				if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
					t.Errorf("%q and %q overlap: %+v %+v", a.text, b.text, a, b)
				}
			}
		}
	})
}

func TestSameInputSameBytes(t *testing.T) {
	first := map[string][]byte{}
	each(t, 10, func(t *testing.T, svg chart.SVG) { first[svg.ID] = svg.Body })
	each(t, 10, func(t *testing.T, svg chart.SVG) {
		if !bytes.Equal(first[svg.ID], svg.Body) {
			t.Error("two drawings of the same table differ")
		}
	})
}

// A table in which every number is withheld gives the same drawing whatever the numbers were.
func TestNothingDrawnOfWithheldNumbers(t *testing.T) {
	draft := func(scale float64) release.Draft {
		d := oddsModels(1)
		for i := range d.Rows {
			for j := range d.Rows[i].Cells {
				c := &d.Rows[i].Cells[j]
				c.Value, c.Low, c.High = c.Value*scale, c.Low*scale, c.High*scale
			}
		}
		return d
	}
	draw := func(d release.Draft) []byte {
		svg, err := chart.Forest(printer(t, "en"), chart.Frame{ID: "a", Title: "t", Summary: "s"}, releasetest.MustClearAt(t, 10000, d)[0], chart.ForestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return svg.Body
	}
	if !bytes.Equal(draw(draft(1)), draw(draft(3.7))) {
		t.Error("the drawing of a wholly withheld table depends on its numbers")
	}
	each(t, 1_000_000, func(t *testing.T, svg chart.SVG) {
		for _, e := range labels(t, svg) {
			if regexp.MustCompile(`\d[.,]\d\d|\d{3}`).MatchString(e.text) && !regexp.MustCompile(`1[,\x{202f}]000|0,0|0\.0|20(16|17)`).MatchString(e.text) {
				t.Errorf("a number stands in a wholly withheld drawing: %q", e.text)
			}
		}
		if n := bytes.Count(svg.Body, []byte("<circle")); strings.HasPrefix(svg.ID, "calibration") && n > 0 {
			t.Errorf("%d points of withheld groups", n)
		}
	})
}

// Three headings: the sections are named by the first two, and a total that says nothing of the third
// belongs to the first.
func TestSectionsOfThreeHeadings(t *testing.T) {
	d := indicators()
	d.Dims = append(d.Dims, release.Dim{Name: "sex", Labels: both("Sex", "Sexe")})
	for i := range d.Rows {
		h := head("m", "Men", "Hommes")
		if d.Rows[i].Total {
			h = release.Head{Code: "total"}
		}
		d.Rows[i].Heads = append(d.Rows[i].Heads, h)
	}
	svg, err := chart.Bars(printer(t, "en"), chart.Frame{ID: "a", Title: "t", Summary: "s"}, releasetest.MustClear(t, d)[0], chart.StripOptions{})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	for _, l := range labels(t, svg) {
		said[l.text]++
	}
	if said["At least one indicator · Central Mediterranean"] != 1 || said["Men"] != 10 || said["Both routes"] != 5 {
		t.Errorf("sections and rows are %v", said)
	}
}

func TestSheetCarriesTheCaveats(t *testing.T) {
	d := oddsModels(1)
	d.Caveats = []string{"indicators-not-victims", "sample-not-random"}
	d.Source = both("Source: a made-up survey.", "Source : enquête fictive.")
	for _, tag := range lang.Tags() {
		p, c := printer(t, tag), releasetest.MustClear(t, d)[0]
		drawing, err := chart.Forest(p, chart.Frame{ID: "forest", Title: "Odds & ends", Summary: "What it shows."}, c, chart.ForestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sheet, err := chart.Sheet(p, drawing, c)
		if err != nil {
			t.Fatal(err)
		}
		if *show != "" {
			if err := os.WriteFile(filepath.Join(*show, "sheet-"+tag+".svg"), sheet.Body, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var said []string
		ids := map[string]bool{}
		for _, e := range elements(t, sheet.Body) {
			if e.name == "text" {
				said = append(said, e.text)
			}
			if id := e.attr["id"]; id != "" {
				if ids[id] {
					t.Errorf("id %s stands twice", id)
				}
				ids[id] = true
			}
		}
		all := strings.Join(said, " ")
		for _, want := range []string{"Odds & ends", "What it shows.", p.Text("report.foot.indicators-not-victims", nil), p.Text("report.foot.sample-not-random", nil), p.Label(d.Source)} {
			if !strings.Contains(all, want) {
				t.Errorf("the sheet does not say %q", want)
			}
		}
	}
	d.Caveats = []string{"unheard-of"}
	_, err := chart.Sheet(printer(t, "en"), chart.SVG{ID: "a"}, releasetest.MustClear(t, d)[0])
	if issues := fault.Of(err); len(issues) != 1 || issues[0].Code != chart.CodeCaveat {
		t.Errorf("a caveat without words: %v", err)
	}
}

// No category gets lost where the references stand beside the names of their factors.
func TestLongForestNamesEveryCategory(t *testing.T) {
	c := releasetest.MustClear(t, longForest())[0]
	svg, err := chart.Forest(printer(t, "en"), chart.Frame{ID: "a", Title: "t", Summary: "s", Width: 900}, c, chart.ForestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, l := range labels(t, svg) {
		said = append(said, l.text)
	}
	all := strings.Join(said, "\n")
	for _, row := range c.Rows() {
		if name := row.Heads[2].Labels["en"]; strings.Count(all, name) < 2 {
			t.Errorf("%q stands %d times, want twice", name, strings.Count(all, name))
		}
	}
	if !strings.Contains(all, "reference: Women and girls") {
		t.Error("the reference does not stand beside its factor")
	}
}

func TestMistakesAreNamed(t *testing.T) {
	p, f := printer(t, "en"), chart.Frame{ID: "a"}
	odds := releasetest.MustClear(t, oddsModels(1))[0]
	empty := releasetest.MustClear(t, release.Draft{Key: "none", Dims: []release.Dim{dimFactor}, Measures: oddsModels(1).Measures})[0]
	for _, c := range []struct {
		name string
		code fault.Code
		err  func() error
	}{
		{"not cleared", chart.CodeNotCleared, func() error { _, err := chart.Forest(p, f, release.Cleared{}, chart.ForestOptions{}); return err }},
		{"no such heading", chart.CodeNoDim, func() error { _, err := chart.Forest(p, f, odds, chart.ForestOptions{Group: "x"}); return err }},
		{"no such measure", chart.CodeNoMeasure, func() error {
			_, err := chart.Forest(p, f, odds, chart.ForestOptions{Measures: []string{"x"}})
			return err
		}},
		{"no share", chart.CodeNoMeasure, func() error { _, err := chart.Bars(p, f, odds, chart.StripOptions{}); return err }},
		{"a ratio as share", chart.CodeWrongForm, func() error { _, err := chart.Bars(p, f, odds, chart.StripOptions{Measure: "or0"}); return err }},
		{"no rows", chart.CodeNothing, func() error { _, err := chart.Forest(p, f, empty, chart.ForestOptions{}); return err }},
		{"narrow", chart.CodeTooNarrow, func() error {
			_, err := chart.Forest(p, chart.Frame{ID: "a", Width: 100}, odds, chart.ForestOptions{})
			return err
		}},
		{"not a day", chart.CodeWrongLayout, func() error {
			c := releasetest.MustClear(t, indicators())[0]
			_, err := chart.Lines(p, f, c, chart.LinesOptions{})
			return err
		}},
	} {
		issues := fault.Of(c.err())
		if len(issues) != 1 || issues[0].Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, issues, c.code)
		}
		for _, tag := range lang.Tags() {
			if p := printer(t, tag); !p.Has(string(c.code)) || strings.Contains(p.Text(string(c.code), issues[0].Args), "no value") {
				t.Errorf("%s has no words in %s", c.code, tag)
			}
		}
	}
}

func TestWrapKeepsEveryWord(t *testing.T) {
	for _, c := range []struct {
		text  string
		width float64
	}{
		{"Personnes accompagnant la personne interrogée pendant le voyage", 150},
		{"Saint-Vincent-et-les Grenadines", 60}, {"anticonstitutionnellement", 40}, {"", 10}, {"a", 1}, {"19,5 %", 20},
	} {
		lines := chart.Wrap(c.text, c.width, 13, false)
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(c.text, " ", "") {
			t.Errorf("Wrap(%q) = %q", c.text, lines)
		}
		for _, line := range lines {
			if w := chart.TextWidth(line, 13, false); w > c.width && len([]rune(line)) > 1 {
				t.Errorf("%q is %g wide, want at most %g", line, w, c.width)
			}
		}
	}
}

func TestColoursCanBeSeen(t *testing.T) {
	for n := range 6 {
		if r := contrast(chart.Series(n), chart.White); r < 3 {
			t.Errorf("colour %d has contrast %.2f with white", n, r)
		}
	}
	for _, c := range []string{chart.Ink, chart.Soft} {
		for _, ground := range []string{chart.White, chart.Faint} {
			if r := contrast(c, ground); r < 4.5 {
				t.Errorf("text %s has contrast %.2f with %s", c, r, ground)
			}
		}
	}
	for n := 2; n <= 5; n++ {
		fills := chart.Classes(n)
		for i := 1; i < n; i++ {
			if r := contrast(fills[i-1], fills[i]); r < 1.35 {
				t.Errorf("classes %d and %d of %d differ by %.2f only", i, i+1, n, r)
			}
		}
	}
}

// contrast is the ratio of WCAG 2.2.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// said is every line of text of a drawing.
func said(t *testing.T, svg chart.SVG) []string {
	var out []string
	for _, l := range labels(t, svg) {
		out = append(out, l.text)
	}
	return out
}

// The whole of parts can be left to the table: then it has no row and does not stretch the axis.
func TestBarsWithoutTheWhole(t *testing.T) {
	d := release.Draft{Key: "places", Dims: []release.Dim{{Name: "country", Labels: both("Country", "Pays")}},
		Measures: []release.Measure{{Name: "share", Labels: both("Share", "Part"), Form: release.Share}}}
	for i, name := range []string{"Aland", "Beland", "Celand"} {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{head(name, name, name)}, Cells: []release.DraftCell{share(0.3+0.02*float64(i), 900)}})
	}
	d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{head("all", "Everywhere", "Partout")}, Total: true, Cells: []release.DraftCell{share(1, 900)}})
	c := releasetest.MustClear(t, d)[0]
	for _, x := range []struct {
		totals chart.Totals
		whole  bool
	}{{chart.WithTotals, true}, {chart.WithoutTotals, false}} {
		svg, err := chart.Bars(printer(t, "en"), chart.Frame{ID: "a", Title: "t", Summary: "s"}, c, chart.StripOptions{Totals: x.totals})
		if err != nil {
			t.Fatal(err)
		}
		all := said(t, svg)
		if slices.Contains(all, "Everywhere") != x.whole || slices.Contains(all, "100%") != x.whole {
			t.Errorf("totals %d: %q", x.totals, all)
		}
		if !slices.Contains(all, "Celand") {
			t.Errorf("totals %d: a part is missing", x.totals)
		}
	}
}

// A forest in parts says every band once, and all parts have the axis of the whole.
func TestForestInParts(t *testing.T) {
	c := releasetest.MustClear(t, oddsModels(2))[0]
	draw := func(bands ...string) chart.SVG {
		svg, err := chart.Forest(printer(t, "en"), chart.Frame{ID: "a", Title: "t", Summary: "s"}, c, chart.ForestOptions{Bands: bands})
		if err != nil {
			t.Fatal(err)
		}
		return svg
	}
	var bands []string
	for _, row := range c.Rows() {
		if code := row.Heads[0].Code; !slices.Contains(bands, code) {
			bands = append(bands, code)
		}
	}
	whole, first, rest := draw(), draw(bands[0]), draw(bands[1:]...)
	if first.Height >= whole.Height || rest.Height >= whole.Height {
		t.Errorf("parts are %d and %d high, the whole %d", first.Height, rest.Height, whole.Height)
	}
	for _, row := range c.Rows() {
		name := row.Heads[1].Labels["en"]
		own, other := first, rest
		if row.Heads[0].Code != bands[0] {
			own, other = rest, first
		}
		if !strings.Contains(strings.Join(said(t, own), " "), name) {
			t.Errorf("%q is missing in its part", name)
		}
		if slices.Contains(said(t, other), name) {
			t.Errorf("%q stands in the other part", name)
		}
	}
	axis := regexp.MustCompile(`^[\d.,]+$`)
	ticks := func(svg chart.SVG) (out []string) {
		for _, s := range said(t, svg) {
			if axis.MatchString(s) {
				out = append(out, s)
			}
		}
		return out
	}
	if a, b := ticks(first), ticks(rest); len(a) < 3 || !slices.Equal(a, b) {
		t.Errorf("axes %v and %v", a, b)
	}
	_, err := chart.Forest(printer(t, "en"), chart.Frame{ID: "a"}, c, chart.ForestOptions{Bands: []string{"none"}})
	if issues := fault.Of(err); len(issues) != 1 || issues[0].Code != chart.CodeNothing {
		t.Errorf("no band: %v", err)
	}
}
