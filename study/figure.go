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
	return report.Figure{ID: id, Title: title, Summary: summary, Table: t,
		Draw: func(p *lang.Printer, title, summary string) (chart.SVG, error) {
			return draw(p, chart.Frame{ID: id, Title: title, Summary: summary})
		}}
}

func bars(id string, title, summary report.Text, t release.Cleared, o chart.StripOptions) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) { return chart.Bars(p, f, t, o) })
}

func dots(id string, title, summary report.Text, t release.Cleared, o chart.StripOptions) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) { return chart.Dots(p, f, t, o) })
}

func forest(id string, title, summary report.Text, t release.Cleared, o chart.ForestOptions) report.Figure {
	return figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) { return chart.Forest(p, f, t, o) })
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
func circles(id string, title, summary report.Text, t release.Cleared) report.Figure {
	f := figure(id, title, summary, t, func(p *lang.Printer, f chart.Frame) (chart.SVG, error) {
		return carto.Circles(p, f, t, carto.Options{})
	})
	return f
}

func formatFloat(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
