package carto

import (
	"math"
	"slices"

	"waymark/lang"
	"waymark/publish/chart"
	"waymark/release"
)

// Choropleth shades each country of the table by the class of its number: shares, rates and probabilities.
// Numbers of people are better drawn as Circles, since a large country looks like much. Countries whose
// number is withheld are hatched, those without a number dotted, those the table does not name plain. Where
// a country has room for it, its name and number are written on it, so that the map reads without colour.
func Choropleth(p *lang.Printer, f chart.Frame, t release.Cleared, o Options) (chart.SVG, error) {
	d, err := begin(p, f, t, o)
	if err != nil {
		return chart.SVG{}, err
	}
	breaks := o.Breaks
	if len(breaks) == 0 {
		breaks = d.breaks()
	}
	colours := chart.Classes(len(breaks) + 1)
	paints := map[string]chart.Paint{}
	for _, e := range d.entries {
		switch {
		case visible(e.cell):
			paints[e.shape.ISO3] = chart.Paint{Fill: colours[class(breaks, e.cell.Value)]}
		case e.cell.State == release.Suppressed:
			paints[e.shape.ISO3] = withheld
		default:
			paints[e.shape.ISO3] = numberless
		}
	}
	stamp := d.base(func(iso3 string) chart.Paint { return paints[iso3] })
	d.labelInside(stamp, paints)
	d.c.EndGroup()
	d.frameStamp()
	y := d.heading()
	y = d.classLegend(y, breaks, colours)
	return d.finish(y), nil
}

func visible(c release.Cell) bool {
	return c.State == release.Shown && !math.IsNaN(c.Value) && !math.IsInf(c.Value, 0)
}

func class(breaks []float64, v float64) int {
	n := 0
	for n < len(breaks) && v >= breaks[n] {
		n++
	}
	return n
}

// breaks chooses at most four round values: for counts near the quintiles, on 1, 2, 5 steps; else evenly.
func (d *drawing) breaks() []float64 {
	var values []float64
	for _, e := range d.entries {
		if visible(e.cell) {
			values = append(values, e.cell.Value)
		}
	}
	slices.Sort(values)
	if len(values) < 2 || values[0] == values[len(values)-1] {
		return nil
	}
	low, high := values[0], values[len(values)-1]
	var out []float64
	add := func(v float64) {
		if v > low && v <= high && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if d.m.Form == release.Count || d.m.Form == release.Ratio {
		for q := 1; q <= 4; q++ {
			if v := values[q*(len(values)-1)/5+min(1, (len(values)-1)%5)]; v > 0 {
				add(roundStep(v))
			}
		}
	} else {
		step := roundStep((high - low) / 4)
		for len(out) == 0 || len(out) > 4 {
			out = out[:0]
			for i := math.Floor(low/step) + 1; i*step <= high; i++ {
				add(math.Round(i*step*1e9) / 1e9)
			}
			if len(out) == 0 {
				step /= 2
			} else if len(out) > 4 {
				step *= 2
			}
		}
	}
	slices.Sort(out)
	return out
}

// roundStep gives the nearest of 1, 2 and 5 times a power of ten.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	best := power
	for _, m := range []float64{2, 5, 10} {
		if math.Abs(math.Log(v/(m*power))) < math.Abs(math.Log(v/best)) {
			best = m * power
		}
	}
	return best
}

// How countries look whose number is withheld, and those that have none.
var (
	withheld   = chart.Paint{Fill: chart.Soft, Texture: chart.Held}
	numberless = chart.Paint{Fill: border, Texture: chart.Spotted}
)

// sign is one entry of the legend: its words and its paint.
type sign struct {
	text  string
	paint chart.Paint
}

func (d *drawing) classLegend(y float64, breaks []float64, colours []string) float64 {
	var signs []sign
	short := d.short(breaks)
	for i, colour := range colours {
		var text string
		switch {
		case len(breaks) == 0:
			text = d.p.Text("carto.shown", nil)
		case i == 0:
			text = d.p.Text("carto.below", map[string]any{"high": short(breaks[0])})
		case i == len(breaks):
			text = d.p.Text("carto.from", map[string]any{"low": short(breaks[i-1])})
		default:
			text = d.p.Text("carto.between", map[string]any{"low": short(breaks[i-1]), "high": short(breaks[i])})
		}
		signs = append(signs, sign{text, chart.Paint{Fill: colour}})
	}
	return d.legend(y, append(signs, d.gaps()...))
}

// gaps are the signs of what has no number.
func (d *drawing) gaps() []sign {
	var out []sign
	if slices.ContainsFunc(d.entries, func(e entry) bool { return e.cell.State == release.Suppressed && d.within(e) }) {
		out = append(out, sign{d.p.Text("carto.withheld", nil), withheld})
	}
	if slices.ContainsFunc(d.entries, func(e entry) bool { return e.cell.State != release.Suppressed && !visible(e.cell) && d.within(e) }) {
		out = append(out, sign{d.p.Text("carto.no-number", nil), numberless})
	}
	return append(out, sign{d.p.Text("carto.not-in-table", nil), chart.Paint{Fill: land}})
}

// short writes the ends of classes, per cents without decimals where none needs them.
func (d *drawing) short(breaks []float64) func(float64) string {
	if d.m.Form == release.Share || d.m.Form == release.Probability {
		decimals := 0
		for _, b := range breaks {
			if math.Abs(b*100-math.Round(b*100)) > 1e-6 {
				decimals = 1
			}
		}
		return func(v float64) string { return d.p.Percent(v, decimals) }
	}
	return d.p.Real
}

func (d *drawing) legend(y float64, signs []sign) float64 {
	texts := make([]string, len(signs))
	for i, s := range signs {
		texts[i] = s.text
	}
	return y + d.c.Legend(0, y, d.f.Width, texts, func(i int, x, y float64) {
		paint := signs[i].paint
		paint.Stroke, paint.Width = border, 0.8
		d.c.Rect(x-7, y-6, 15, 12, paint)
	})
}
