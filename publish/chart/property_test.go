package chart_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waymark/lang"
	"waymark/publish/chart"
	"waymark/release"
	"waymark/release/releasetest"
)

// Whatever the words, numbers, notes and widths: a drawing is well formed, its labels do not overlap and stay on the sheet.
func TestAnyTableDrawsCleanly(t *testing.T) {
	printers := []*lang.Printer{printer(t, "en"), printer(t, "fr")}
	rapid.Check(t, func(r *rapid.T) {
		word := rapid.StringMatching(`[A-ZÉa-zéœ][a-zéèœ’-]{0,16}`)
		phrase := rapid.Custom(func(r *rapid.T) string {
			return strings.Join(rapid.SliceOfN(word, 1, 9).Draw(r, "words"), " ")
		})
		named := func(code string) release.Head {
			s := phrase.Draw(r, "label")
			return release.Head{Code: code, Labels: release.Labels{"en": s, "fr": s}}
		}
		cell := func(ratio bool) release.DraftCell {
			switch rapid.IntRange(0, 9).Draw(r, "kind") {
			case 0:
				return release.DraftCell{Value: 0.5, Low: 0.2, High: 0.9, Base: 3, Events: -1}
			case 1:
				return release.DraftCell{None: true, Note: rapid.SampledFrom([]string{"", "reference", "separated", "of-no-words"}).Draw(r, "note")}
			}
			v := rapid.Float64Range(0, 1).Draw(r, "value")
			spread := rapid.Float64Range(0, 6).Draw(r, "spread")
			if ratio {
				v = math.Exp(rapid.Float64Range(-9, 9).Draw(r, "log"))
				return release.DraftCell{Value: v, Low: v * math.Exp(-spread), High: v * math.Exp(spread), Base: 500, Events: -1}
			}
			return release.DraftCell{Value: v, Low: max(v-spread/6, 0), High: min(v+spread/6, 1), Base: 500, Events: -1}
		}
		table := func(form release.Form, measures int) release.Draft {
			d := release.Draft{Key: "t"}
			for i := range 3 {
				d.Dims = append(d.Dims, release.Dim{Name: fmt.Sprint("d", i), Labels: named("").Labels})
			}
			for i := range measures {
				d.Measures = append(d.Measures, release.Measure{Name: fmt.Sprint("m", i), Labels: named("").Labels, Form: form, Ranged: true})
			}
			for i := range rapid.IntRange(1, 9).Draw(r, "rows") {
				row := release.DraftRow{Heads: []release.Head{named(fmt.Sprint(i / 4)), named(fmt.Sprint(i / 2)), named(fmt.Sprint(i))}}
				for range measures {
					row.Cells = append(row.Cells, cell(form == release.Ratio))
				}
				d.Rows = append(d.Rows, row)
			}
			return d
		}
		p := printers[rapid.IntRange(0, 1).Draw(r, "language")]
		f := chart.Frame{ID: "a", Title: "t", Summary: "s", Width: float64(rapid.IntRange(320, 900).Draw(r, "width"))}
		draw := []func() (chart.SVG, error){
			func() (chart.SVG, error) {
				return chart.Forest(p, f, cleared(t, table(release.Ratio, rapid.IntRange(1, 3).Draw(r, "models"))), chart.ForestOptions{})
			},
			func() (chart.SVG, error) {
				return chart.Bars(p, f, cleared(t, table(release.Share, 1)), chart.StripOptions{})
			},
			func() (chart.SVG, error) {
				return chart.Dots(p, f, cleared(t, table(release.Probability, 1)), chart.StripOptions{Group: "d0"})
			},
			func() (chart.SVG, error) {
				return chart.Specifications(p, f, cleared(t, table(release.Ratio, 1)), chart.SpecificationOptions{})
			},
			func() (chart.SVG, error) {
				d := table(release.Share, 1)
				first := time.Date(2016, time.Month(rapid.IntRange(1, 12).Draw(r, "month")), 1, 0, 0, 0, 0, time.UTC)
				step, form := 1, rapid.SampledFrom([]string{time.DateOnly, "2006-01"}).Draw(r, "form")
				if form == "2006-01" {
					step = 31
				}
				for i := range d.Rows {
					d.Rows[i].Heads[2].Code = first.AddDate(0, 0, i*step*rapid.IntRange(1, 3).Draw(r, "gap")).Format(form)
				}
				return chart.Lines(p, f, cleared(t, d), chart.LinesOptions{})
			},
			func() (chart.SVG, error) {
				d := table(release.Count, 2)
				d.Measures[0].Name, d.Measures[1].Name = "removed", "left"
				for i := range d.Rows {
					for j := range d.Rows[i].Cells {
						d.Rows[i].Cells[j] = count(rapid.IntRange(0, 99999999).Draw(r, "count"))
					}
				}
				return chart.SampleFlow(p, f, cleared(t, d), chart.FlowOptions{})
			},
		}
		svg, err := draw[rapid.IntRange(0, len(draw)-1).Draw(r, "drawing")]()
		if err != nil {
			r.Fatal(err)
		}
		all := labels(t, svg)
		for i, a := range all {
			if a.x < -0.5 || a.x+a.w > float64(svg.Width)+0.5 || a.y+a.h > float64(svg.Height)+0.5 {
				r.Fatalf("%q leaves the sheet of %d x %d: %+v", a.text, svg.Width, svg.Height, a)
			}
			for _, b := range all[:i] {
				if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
					r.Fatalf("%q and %q overlap: %+v %+v", a.text, b.text, a, b)
				}
			}
		}
	})
}

func cleared(t *testing.T, d release.Draft) release.Cleared {
	return releasetest.MustClearAt(t, 10, d)[0]
}
