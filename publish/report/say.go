package report

import (
	"waymark/lang"
	"waymark/publish/chart"
)

// Say gives one text as a plain line, for a terminal or a file beside the page. Numbers come from their
// cleared tables as on the page. The error holds what could not be said.
func Say(t Text, p *lang.Printer) (string, error) {
	w := &writer{p: p}
	line := w.line(t)
	return line, w.issues.Err()
}

// Draw draws a figure as the page does, for a file of its own.
func Draw(f Figure, p *lang.Printer) (chart.SVG, error) {
	title, err := Say(f.Title, p)
	if err != nil {
		return chart.SVG{}, err
	}
	summary, err := Say(f.Summary, p)
	if err != nil {
		return chart.SVG{}, err
	}
	return f.Draw(p, title, summary)
}
