package plan

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

var (
	ofPeople = regexp.MustCompile(`(^|[_./ -])(ind|individuals|people|persons|personnes|total|population)($|[_./ -])`)
	ofReason = regexp.MustCompile(`(reason|cause|raison|motif|site_type|type_site|setting|shelter|abri)`)
)

// draftMeasure pairs a measure's id with its column.
type draftMeasure struct {
	*candidate
	id string
}

// writeCounts writes measures and the tables of them by area and by a few categories.
func (d *drafting) writeCounts(w *draftWriter) {
	slices.SortStableFunc(d.sums, func(a, b *candidate) int {
		if x := boolFirst(ofPeople.MatchString(strings.ToLower(a.Name)), ofPeople.MatchString(strings.ToLower(b.Name))); x != 0 {
			return x
		}
		return cmp.Compare(b.present, a.present)
	})
	var measures []draftMeasure
	for _, x := range d.sums[:min(len(d.sums), mostSums)] {
		measures = append(measures, draftMeasure{x, d.id(x.Name)})
	}
	w.comment(0, "counts", nil)
	w.line(0, "counts:")
	w.line(1, "measures:")
	for _, m := range measures {
		title, guessed := titled(m.Labels, m.Name)
		w.line(2, "- id: %s", m.id)
		w.line(3, "column: %s", quoted(m.Name))
		w.title(3, title, guessed)
	}
	w.line(1, "tables:")
	for _, area := range d.bestAreas() {
		d.writeCountTable(w, area, measures[:min(len(measures), 6)])
	}
	n := 0
	for _, x := range d.columns {
		if n < 2 && x.Kind == 0 && !x.ofCodes() && x.levels != nil && len(x.levels) <= 15 && ofReason.MatchString(strings.ToLower(x.Name)) {
			d.writeCountTable(w, x, measures[:1])
			n++
		}
	}
}

func boolFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// bestAreas takes the columns of areas with few enough rows for a page, the finest first; two at most.
func (d *drafting) bestAreas() []*candidate {
	out := slices.Clone(d.areas)
	slices.SortStableFunc(out, func(a, b *candidate) int {
		if x := boolFirst(a.distinct <= 40, b.distinct <= 40); x != 0 {
			return x
		}
		// a place of assessment before one of origin or destination, which is often empty
		if x := cmp.Compare(b.present, a.present); x != 0 {
			return x
		}
		return cmp.Compare(b.distinct, a.distinct)
	})
	return out[:1]
}

func (d *drafting) writeCountTable(w *draftWriter, by *candidate, measures []draftMeasure) {
	var ids []string
	for _, m := range measures {
		ids = append(ids, m.id)
	}
	head, _ := titled(measures[0].Labels, measures[0].Name)
	dim, guessed := titled(by.Labels, by.Name)
	w.line(2, "- id: %s", d.id("by_"+by.Name))
	w.line(3, "by: %s", quoted(by.Name))
	w.title(3, sayOf("count-by", map[string]Labels{"what": head, "name": dim}), guessed)
	w.line(3, "dim: %s", flow(dim))
	w.line(3, "headline: %s", quoted(ids[0]))
	w.line(3, "measures: %s", quotedList(ids))
	if by.levels == nil && by.distinct > 60 {
		return
	}
	w.line(3, "levels:")
	for _, l := range by.Levels {
		words, _ := titled(l.Labels, l.Code)
		w.line(4, "- {code: %s, title: %s}", quoted(l.Code), flow(words))
	}
}
