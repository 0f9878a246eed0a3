package study

import (
	"slices"

	"waymark/publish/chart"
	"waymark/publish/report"
	"waymark/release"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// Factors protect as well as expose. This file sets what the plan expects of each factor beside what the main
// model finds.

// sided says whether the plan says of any predictor of the main model what it is expected to be. Plans that do
// not have no such table.
func (r *runner) sided() bool {
	return len(r.plan.Models) > 0 && slices.ContainsFunc(r.plan.Models[0].Predictors, func(id string) bool {
		x, _ := r.plan.Predictor(id)
		return x.Side != ""
	})
}

// sideDraft tables each category of the main model: expected to expose or to protect, and what the data say. A
// number that may not be shown decides nothing.
func (s *survey) sideDraft() error {
	if !s.sided() {
		return nil
	}
	m := s.fits[s.order[0]]
	d := release.Draft{Key: "sides", Title: words("study.sides.title"), Unit: words("study.unit.people"),
		Dims: append(coefficientDims(), release.Dim{Name: "expected", Labels: words("study.sides.expected")},
			release.Dim{Name: "found", Labels: words("study.sides.found")}),
		Measures: []release.Measure{oddsMeasure("odds_ratio", words("study.odds-ratio"))}}
	for _, r := range s.sorted(m.Rows) {
		if r.Reference {
			continue
		}
		cell := s.oddsCell(m, r)
		x, _ := s.plan.Predictor(r.Predictor)
		found := "unclear"
		if s.mayShow(cell) {
			switch {
			case vulnerability.Judge(vulnerability.Up, r.LogOdds.Low, r.LogOdds.High) == vulnerability.Held:
				found = "risk"
			case vulnerability.Judge(vulnerability.Down, r.LogOdds.Low, r.LogOdds.High) == vulnerability.Held:
				found = "protective"
			}
		}
		d.Rows = append(d.Rows, release.DraftRow{Cells: []release.DraftCell{cell}, Heads: append(s.heads(r),
			release.Head{Code: x.Sided(), Labels: words("study.side." + x.Sided())},
			release.Head{Code: found, Labels: words("study.sides." + found)})})
	}
	s.drafts.add(d)
	return nil
}

// sides are the blocks of that table, after the factors.
func (w *composer) sides() []report.Block {
	if !w.t.has("sides") {
		return nil
	}
	return []report.Block{report.Heading{Text: w.say("study.sides.heading")}, report.Paragraph{Text: w.say("study.sides.lead")},
		report.TableBlock{Table: w.t["sides"]}}
}

// bySide splits the findings of a plan that tells sides: what goes with higher, and what with lower exposure.
func (w *composer) bySide() (higher, lower []ranked) {
	for _, r := range w.ranked {
		if r.up {
			higher = append(higher, r)
		} else {
			lower = append(lower, r)
		}
	}
	return higher, lower
}

// first are the factors of page one in their order: the strongest, but where the plan tells sides the strongest in
// each direction among those expected to expose or to protect, whichever way they went. None is a matter of origin.
func (w *composer) first() []ranked {
	list := slices.DeleteFunc(slices.Clone(w.ranked), func(r ranked) bool { return ofOrigin(r.predictor) })
	if !w.sided() {
		return list
	}
	of := slices.DeleteFunc(slices.Clone(list), func(r ranked) bool { return r.predictor.Sided() == "either" })
	higher, lower := slices.IndexFunc(of, func(r ranked) bool { return r.up }), slices.IndexFunc(of, func(r ranked) bool { return !r.up })
	if higher < 0 || lower < 0 {
		return list
	}
	return []ranked{of[higher], of[lower]}
}

// safetyDrafts table how safe people feel by country, and who means to move on among those who feel unsafe and
// those who do not.
func (s *survey) safetyDrafts() error {
	spec := s.plan.Safety
	if spec == nil {
		return nil
	}
	by, err := s.groupedBy([]string{spec.Country})
	if err != nil {
		return err
	}
	feels := s.sample.Column(spec.Feels)
	x, _ := s.plan.Predictor(spec.Feels)
	// Both tables are of the same people, those who answered both questions: else the few who answered one alone
	// could be told by subtraction, and the gate would have to withhold the share of their country.
	both, onward := []string{has(spec.Onward), condition("known."+spec.Feels, "1")}, s.sample.Column(outcomeColumn(spec.Onward))
	answered := func(i int) bool { return feels.Code(i) >= 0 && onward.Code(i) >= 0 }
	set := func(k int, conditions ...string) string {
		return release.SetOf(append(slices.Clone(conditions), has(spec.Onward), condition(spec.Feels, x.Levels[k].Code))...)
	}
	cells := func(rows []int, conditions ...string) []release.DraftCell {
		unsafe, n := answers(feels, rows)
		base := release.SetOf(append(slices.Clone(conditions), both...)...)
		low, high := wilson(unsafe, n)
		return []release.DraftCell{{Value: float64(unsafe) / float64(n), Low: low, High: high, Base: release.Persons(n), Events: release.Persons(unsafe),
			Set: base, EventSet: set(1, conditions...), RestSet: set(0, conditions...)}, people(n, base)}
	}
	d := release.Draft{Key: "safety", Title: labels(spec.Title), Unit: words("study.safety.unit"), Measures: shareMeasures(),
		Dims: []release.Dim{{Name: spec.Country, Labels: s.titleOf(spec.Country)}}, Order: release.Order{Measure: "share"}}
	d.Measures[0].Labels = labels(x.Levels[1].Title)
	base, events, rests := release.Relation{Whole: release.SetOf(both...)}, release.Relation{Whole: set(1)}, release.Relation{Whole: set(0)}
	var everyone []int
	for i := range s.sample.Rows() {
		if answered(i) {
			everyone = append(everyone, i)
		}
	}
	for _, part := range s.crosses(by) {
		part.rows = slices.DeleteFunc(part.rows, func(i int) bool { return !answered(i) })
		if _, n := answers(feels, part.rows); n == 0 {
			continue
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: part.heads, Cells: cells(part.rows, part.conditions...)})
		base.Parts = append(base.Parts, release.SetOf(append(slices.Clone(part.conditions), both...)...))
		events.Parts = append(events.Parts, set(1, part.conditions...))
		rests.Parts = append(rests.Parts, set(0, part.conditions...))
	}
	if len(d.Rows) == 0 {
		return nil
	}
	d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: "total", Labels: words("study.all")}}, Cells: cells(everyone), Total: true})
	d.Relations = []release.Relation{base, events, rests}
	s.coarser(&d, both, answered, by)
	s.drafts.add(d)
	title := plan.Labels(words("study.safety.by-country"))
	err = s.indicatorDraft(plan.Table{Title: title, By: []string{spec.Country, spec.Feels}}, "safety-onward", []string{spec.Onward}, false)
	if err != nil {
		return err
	}
	return s.indicatorDraft(plan.Table{Title: x.Title, By: []string{spec.Feels}}, "safety-all", []string{spec.Onward}, false)
}

// safety is the section on it. What people feel in a country is no rating of that country, and the note says so.
func (w *composer) safety() (report.Section, bool) {
	if !w.t.has("safety") {
		return report.Section{}, false
	}
	spec := w.plan.Safety
	x, _ := w.plan.Predictor(spec.Feels)
	outcome := w.plan.Outcome(spec.Onward)
	sec := report.Section{ID: "safety", Title: w.say("study.section.safety")}
	last := len(w.t["safety"].Rows()) - 1
	sec.Blocks = append(sec.Blocks, report.Paragraph{Text: report.Text{Key: w.keyOf("study.safety.share"), Args: map[string]report.Arg{
		"share": w.t.number("safety", last, 0), "interval": w.t.interval("safety", last, 0), "top": w.topRows(w.t, "safety", 0, 3)}}})
	safe, unsafe := w.onwardRow(x.Levels[0].Code), w.onwardRow(x.Levels[1].Code)
	if w.t.shown("safety-all", safe, 0) && w.t.shown("safety-all", unsafe, 0) {
		sec.Blocks = append(sec.Blocks, report.Paragraph{Text: report.Text{Key: w.keyOf("study.safety.onward"), Args: map[string]report.Arg{
			"unsafe": w.t.number("safety-all", unsafe, 0), "unsafeInterval": w.t.interval("safety-all", unsafe, 0),
			"safe": w.t.number("safety-all", safe, 0), "safeInterval": w.t.interval("safety-all", safe, 0)}}})
	}
	sec.Blocks = append(sec.Blocks,
		bars("figure-safety", report.Text{Own: labels(spec.Title)}, w.say("study.indicators.summary"), w.t["safety"], chart.StripOptions{Measure: "share", Base: "n"}),
		report.TableBlock{Table: w.t["safety"]},
		dots("figure-safety-onward", report.Text{Own: w.t["safety-onward"].Title()}, report.Text{Key: w.keyOf("study.safety.summary"),
			Args: map[string]report.Arg{"outcome": report.Words(labels(outcome.Title))}}, w.t["safety-onward"],
			chart.StripOptions{Measure: "share", Base: "n", Totals: chart.WithoutTotals}),
		report.TableBlock{Table: w.t["safety-onward"], Long: len(w.t["safety-onward"].Rows()) > 24},
		report.Note{Text: w.say("study.safety.note")})
	return sec, true
}

// onwardRow finds the row of a level of the feeling, over all countries.
func (w *composer) onwardRow(code string) int {
	if !w.t.has("safety-all") {
		return -1
	}
	return slices.IndexFunc(w.t["safety-all"].Rows(), func(r release.Row) bool { return r.Heads[0].Code == code })
}
