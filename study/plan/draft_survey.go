package plan

import (
	"slices"
	"strings"

	"waymark/dataset"
)

// ageBands are the bands that an age is drafted in; those without rows are left out.
var ageBands = []struct {
	code        string
	from, below float64
}{{"0-4", 0, 5}, {"5-13", 5, 14}, {"14-17", 14, 18}, {"18-24", 18, 25}, {"25-34", 25, 35}, {"35-49", 35, 50}, {"50+", 50, 150}}

// draftFactor is a predictor and what the plan calls it.
type draftFactor struct {
	*candidate
	id     string
	column string   // derived or its own
	codes  []string // levels; nil for a number
}

func (d *drafting) writeSurvey(w *draftWriter) {
	if d.consent != nil {
		w.comment(0, "consent", nil)
		w.line(0, "sample:")
		w.line(1, "- {id: consent, keep: %s, title: %s}", quoted(d.consent.Name+" = "+d.consent.yes), flow(say("consented", nil)))
	}
	factors := d.draftFactors(w)
	outcomes := d.writeOutcomes(w)
	d.writePredictors(w, factors)
	d.writeModel(w, outcomes, factors)
	d.writeTables(w, outcomes, factors)
	d.writeMap(w)
	d.writeRobustness(w, factors)
}

// draftFactors names the predictors and derives bands of age.
func (d *drafting) draftFactors(w *draftWriter) []draftFactor {
	var out []draftFactor
	derived := false
	for _, x := range d.factors {
		f := draftFactor{candidate: x, column: x.Name}
		if x.isAge && x.asNumber {
			if f.codes = d.bandsOf(x); len(f.codes) > 1 {
				if !derived {
					w.line(0, "derive:")
					derived = true
				}
				f.column = d.id(x.Name + "_band")
				d.writeBands(w, x, f)
			} else {
				f.codes = nil
			}
		}
		for _, l := range x.levels {
			f.codes = append(f.codes, l.Code)
		}
		f.id = d.id(x.Name)
		out = append(out, f)
	}
	return out
}

func (d *drafting) bandsOf(x *candidate) []string {
	var codes []string
	for _, b := range ageBands {
		for i := range x.Rows() {
			if n := x.Number(i); n >= b.from && n < b.below {
				codes = append(codes, b.code)
				break
			}
		}
	}
	return codes
}

func (d *drafting) writeBands(w *draftWriter, x *candidate, f draftFactor) {
	title, _ := titled(x.Labels, x.Name)
	w.comment(1, "bands", nil)
	w.line(1, "- name: %s", quoted(f.column))
	w.line(2, "from: %s", quoted(x.Name))
	w.line(2, "title: %s", flow(title))
	w.line(2, "bands:")
	for _, b := range ageBands {
		if !slices.Contains(f.codes, b.code) {
			continue
		}
		w.line(3, "- {code: %s, from: %d, below: %d, title: %s}", quoted(b.code), int(b.from), int(b.below), flow(bandWords(b.code)))
	}
}

func bandWords(code string) Labels {
	if from, ok := strings.CutSuffix(code, "+"); ok {
		return say("band-over", map[string]any{"from": from})
	}
	from, to, _ := strings.Cut(code, "-")
	return say("band", map[string]any{"from": from, "to": to})
}

func (d *drafting) writeOutcomes(w *draftWriter) []string {
	var ids []string
	w.comment(0, "outcomes", nil)
	w.line(0, "outcomes:")
	for _, o := range d.outcomes {
		id := d.id(o.Name)
		ids = append(ids, id)
		title, guessed := titled(o.Labels, o.Name)
		w.line(1, "- id: %s", id)
		w.title(2, title, guessed)
		w.line(2, "column: %s", quoted(o.Name))
		w.line(2, "yes: [%s]", quoted(o.yes))
		w.line(2, "no: [%s]", quoted(o.no))
	}
	return ids
}

func (d *drafting) writePredictors(w *draftWriter, factors []draftFactor) {
	w.comment(0, "predictors", nil)
	w.line(0, "predictors:")
	for _, f := range factors {
		title, guessed := titled(f.Labels, f.Name)
		w.line(1, "- id: %s", f.id)
		w.line(2, "column: %s", quoted(f.column))
		w.title(2, title, guessed)
		w.line(2, "level: individual")
		w.line(2, "factor: none")
		w.line(2, "reason: not tagged yet")
		if f.codes == nil {
			w.line(2, "number: true")
			continue
		}
		w.line(2, "levels:")
		for _, code := range f.codes {
			words := bandWords(code)
			if f.column == f.Name {
				words = levelWords(f.candidate, f.level(code))
			}
			w.line(3, "- {code: %s, title: %s}", quoted(code), flow(words))
		}
	}
}

func (x *candidate) level(code string) dataset.Level {
	for _, l := range x.levels {
		if l.Code == code {
			return l
		}
	}
	return dataset.Level{Code: code}
}

func (d *drafting) writeModel(w *draftWriter, outcomes []string, factors []draftFactor) {
	var ids []string
	for _, f := range factors {
		ids = append(ids, f.id)
	}
	w.comment(0, "model", nil)
	w.line(0, "models:")
	w.line(1, "- id: main")
	w.line(2, "title: %s", flow(say("everyone", nil)))
	w.line(2, "outcome: %s", outcomes[0])
	w.line(2, "predictors: %s", quotedList(ids))
	if len(d.groups) == 0 {
		return
	}
	w.comment(2, "groups", nil)
	w.line(2, "groups: [%s]", quoted(d.groups[0].Name))
	for _, g := range d.groups[1:] {
		w.line(2, "#   %s", quoted(g.Name))
	}
}

func (d *drafting) writeTables(w *draftWriter, outcomes []string, factors []draftFactor) {
	shown := quotedList(outcomes[:min(len(outcomes), 5)])
	n := 0
	for _, f := range factors {
		if len(f.codes) < 2 || len(f.codes) > 12 || n == 4 {
			continue
		}
		if n == 0 {
			w.line(0, "tables:")
		}
		n++
		title, _ := titled(f.Labels, f.Name)
		by := sayOf("table-by", map[string]Labels{"name": title})
		w.line(1, "- {id: %s, title: %s, by: [%s], outcomes: %s}", d.id("by_"+f.id), flow(by), quoted(f.id), shown)
	}
}

// writeMap draws people by country where a column of countries is there, of departure before others.
func (d *drafting) writeMap(w *draftWriter) {
	var best *candidate
	for _, x := range d.columns {
		name := strings.ToLower(x.Name)
		switch {
		case !x.country || x.named || x.present*2 < x.Rows():
		case best == nil, strings.Contains(name, "depart") && !strings.Contains(strings.ToLower(best.Name), "depart"):
			best = x
		}
	}
	if best != nil {
		title, _ := titled(best.Labels, best.Name)
		w.line(0, "map: {country: %s, title: %s}", quoted(best.Name), flow(title))
	}
}

func (d *drafting) writeRobustness(w *draftWriter, factors []draftFactor) {
	var focus []draftFactor
	for _, f := range factors {
		if len(f.codes) > 1 && len(focus) < 2 {
			focus = append(focus, f)
		}
	}
	if len(focus) == 0 || len(factors) < 2 {
		return
	}
	w.comment(0, "robustness", nil)
	w.line(0, "robustness:")
	w.line(1, "model: main")
	w.line(1, "focus:")
	for _, f := range focus {
		w.line(2, "- {predictor: %s, level: %s}", quoted(f.id), quoted(f.codes[len(f.codes)-1]))
	}
	if len(d.groups) > 0 {
		w.line(1, "groups: [[%s], []]", quoted(d.groups[0].Name))
	}
	w.line(1, "without: [[], [%s]]", quoted(factors[len(factors)-1].id))
}
