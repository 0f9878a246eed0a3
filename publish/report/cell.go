package report

import (
	"waymark/lang"
	"waymark/release"
)

// shareDecimals is how many decimals a per cent has where the measure says nothing: samples of hundreds and
// thousands carry one, and no more.
const shareDecimals = 1

// write gives the printer's way to write a number of a measure.
func write(p *lang.Printer, m release.Measure) func(float64) string {
	switch m.Form {
	case release.Count:
		return func(x float64) string { return p.Number(x, 0) }
	case release.Share, release.Probability:
		decimals := shareDecimals
		if m.Digits > 0 {
			decimals = m.Digits
		}
		return func(x float64) string { return p.Percent(x, decimals) }
	case release.Ratio:
		if m.Digits > 0 {
			return func(x float64) string { return p.Number(x, m.Digits) }
		}
		return p.OddsRatio
	}
	return func(x float64) string { return p.Number(x, m.Digits) }
}

// hasInterval says whether a shown cell of a measure brings its interval: a ranged measure leaves both ends
// zero where none could be computed.
func hasInterval(m release.Measure, c release.Cell) bool {
	return m.Ranged && c.State == release.Shown && (c.Low != 0 || c.High != 0)
}

// at finds a cell and its measure.
func at(t release.Cleared, row, column int) (release.Measure, release.Cell, bool) {
	if !t.Valid() || row < 0 || row >= len(t.Rows()) || column < 0 || column >= len(t.Measures()) {
		return release.Measure{}, release.Cell{}, false
	}
	return t.Measures()[column], t.Rows()[row].Cells[column], true
}
