package chart

import (
	"slices"

	"waymark/release"
)

// rows lays the lines of the forest out: their words, their cells and their heights.
func (w *forest) rows() {
	group, factor := "\x00", "\x00"
	for _, row := range w.t.Rows() {
		g, fa, ca := w.head(row, w.group), w.head(row, w.factor), w.head(row, w.category)
		if len(w.bands) > 0 && !slices.Contains(w.bands, g.Code) {
			continue
		}
		if w.group >= 0 && g.Code != group {
			group, factor = g.Code, "\x00"
			w.list = append(w.list, forestRow{kind: bandRow, label: Wrap(w.words(g.Labels), w.width-12, BodySize, true)})
		}
		cells := make([]release.Cell, len(w.measures))
		for i, m := range w.measures {
			cells[i] = row.Cells[m]
		}
		category := w.words(ca.Labels)
		if w.factor < 0 || category == "" {
			factor = fa.Code
			label := category
			if label == "" {
				label = w.words(fa.Labels)
			}
			w.list = append(w.list, forestRow{kind: categoryRow, label: Wrap(label, w.names-6, BodySize, false), cells: cells})
			continue
		}
		if fa.Code != factor {
			factor = fa.Code
			w.list = append(w.list, forestRow{kind: factorRow, label: Wrap(w.words(fa.Labels), w.width-12, BodySize, true)})
		}
		if w.inline && isReference(cells) {
			w.list[len(w.list)-1].refer(w.p.Text("chart.reference-is", map[string]any{"category": category}), w.width)
			continue
		}
		w.list = append(w.list, forestRow{kind: categoryRow, label: Wrap(category, w.names-forestIndent-6, BodySize, false), cells: cells})
	}
	for i := range w.list {
		r := &w.list[i]
		lines := float64(len(r.label)) * BodySize * Leading
		switch r.kind {
		case bandRow:
			r.height = lines + 8
		case factorRow:
			r.height = lines + float64(len(r.below))*NoteSize*Leading + 3
		default:
			marks := float64(len(r.cells)-1)*modelStep + 8
			if alike(r.cells) {
				marks = 10
			}
			if len(r.cells) == 1 {
				marks = BodySize * Leading
				if m := w.t.Measures()[w.measures[0]]; w.numbers > 0 {
					marks = float64(len(stacked(w.said(m, r.cells[0]), w.numbers, false))) * NoteSize * Leading
				}
			}
			r.height = max(lines, marks) + 2.5
		}
	}
}

// modelStep is the distance of the marks of models side by side.
const modelStep = 7.0

// isReference says whether a category is the reference in a model and has a number in none.
func isReference(cells []release.Cell) bool {
	return slices.ContainsFunc(cells, func(c release.Cell) bool { return c.Note == noteReference }) &&
		!slices.ContainsFunc(cells, func(c release.Cell) bool { return c.State != release.Blank && c.Note != noteReference })
}

// refer puts a reference category beside a factor's name, where there is room, else after its name in the
// lines below.
func (r *forestRow) refer(words string, width float64) {
	if r.kind != factorRow || r.aside != "" || len(r.label) != 1 ||
		6+TextWidth(r.label[0], BodySize, true)+8+TextWidth(words, NoteSize, false) > width {
		r.below = append(r.below, Wrap(words, width-12, NoteSize, false)...)
		return
	}
	r.aside = words
}

func (w *forest) total() float64 {
	sum := 0.0
	for _, r := range w.list {
		sum += r.height
	}
	return sum
}
