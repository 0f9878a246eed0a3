package study

import (
	"strconv"

	"waymark/lang"
	"waymark/publish/carto"
	"waymark/publish/chart"
	"waymark/publish/report"
	"waymark/release"
)

func itoa(n int) string { return strconv.Itoa(n) }

// figure is a drawing of one cleared table.
func figure(id string, title, summary report.Text, t release.Cleared,
	draw func(p *lang.Printer, f chart.Frame) (chart.SVG, error)) report.Figure {
	at := func(id string, width float64) func(p *lang.Printer, title, summary string) (chart.SVG, error) {
		return func(p *lang.Printer, title, summary string) (chart.SVG, error) {
			return draw(p, chart.Frame{ID: id, Title: title, Summary: summary, Width: width})
		}
	}
	return report.Figure{ID: id, Title: title, Summary: summary, Table: t, Draw: at(id, 0), Narrow: at(id+"-narrow", telephone)}
}

// telephone is the width of a drawing on a telephone, in CSS pixels: letters keep the size they are set in.
const telephone = 340

func bars(id string, title, summary report.Text, t release.Cleared, o chart.StripOptions) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) { return chart.Bars(p, f, t, o) })
}

func dots(id string, title, summary report.Text, t release.Cleared, o chart.StripOptions) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) { return chart.Dots(p, f, t, o) })
}

func forest(id string, title, summary report.Text, t release.Cleared, o chart.ForestOptions) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) { return chart.Forest(p, f, t, o) })
}

// printedRows is how many categories of a forest a page bears in letters that can be read.
const printedRows = 24

// forests draws the odds ratios of models in as many figures as they need to be read on paper: each has whole
// bands, and all have one axis.
func forests(id string, title, summary report.Text, t release.Cleared, measures []string) []report.Block {
	parts := bandsOf(t, printedRows)
	if len(parts) == 1 {
		return []report.Block{forest(id, title, summary, t, chart.ForestOptions{Measures: measures})}
	}
	var out []report.Block
	for i, bands := range parts {
		part := report.Text{Key: "study.part", Args: map[string]report.Arg{
			"title": report.Nested(title), "part": report.Plain(itoa(i + 1)), "parts": report.Plain(itoa(len(parts)))}}
		out = append(out, forest(id+"-"+itoa(i+1), part, summary, t, chart.ForestOptions{Measures: measures, Bands: bands}))
	}
	return out
}

// bandsOf groups the bands of a forest, which are the codes of its first heading, in their order so that a
// group has at most so many rows, or a single band.
func bandsOf(t release.Cleared, most int) [][]string {
	rows := map[string]int{}
	var codes []string
	for _, row := range t.Rows() {
		code := row.Heads[0].Code
		if rows[code]++; rows[code] == 1 {
			codes = append(codes, code)
		}
	}
	var out [][]string
	taken := most
	for _, code := range codes {
		if taken+rows[code] > most {
			out, taken = append(out, nil), 0
		}
		last := len(out) - 1
		out[last], taken = append(out[last], code), taken+rows[code]
	}
	return out
}

func grid(id string, title, summary report.Text, t release.Cleared) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
		return chart.Specifications(p, f, t, chart.SpecificationOptions{})
	})
}

func sampleFlow(id string, title, summary report.Text, t release.Cleared) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
		return chart.SampleFlow(p, f, t, chart.FlowOptions{})
	})
}

func calibration(id string, title, summary report.Text, t release.Cleared) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
		return chart.Calibration(p, f, t, chart.CalibrationOptions{})
	})
}

// circles maps a count by country. The boundary disclaimer is part of the drawing and of its note.
func circles(id string, title, summary report.Text, t release.Cleared, o carto.Options) report.Figure {
	f := figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
		return carto.Circles(p, f, t, o)
	})
	return f
}

func formatFloat(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
