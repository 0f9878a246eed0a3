package study

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/release"
	"waymark/stat/effect"
	"waymark/stat/formula"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// fitAll fits the plan's models. The first must fit; another that cannot be fitted is left out with a note.
func (s *survey) fitAll() error {
	for i, m := range s.plan.Models {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		s.opt.Progress("study.step.models", i, len(s.plan.Models))
		fit, err := s.fit(s.modelSpec(m), m.Where)
		if err != nil {
			if i == 0 {
				return err
			}
			s.note(fault.Issue{Code: CodeModelSkipped, Severity: fault.Soft, Args: map[string]any{"model": m.ID}})
			s.notes(soft(err))
			continue
		}
		s.fits[m.ID] = fit
		s.order = append(s.order, m.ID)
		s.models = append(s.models, recordOfModel(fit))
	}
	return nil
}

// soft turns the issues of an error into notes.
func soft(err error) fault.Issues {
	out := slices.Clone(fault.Of(err))
	for i := range out {
		out[i].Severity = fault.Soft
	}
	return out
}

// modelSpec turns a model of the plan into columns. Conflict definitions that could not be joined are left
// out, as are predictors with one level in the rows at hand.
func (s *survey) modelSpec(m plan.Model) vulnerability.ModelSpec {
	spec := vulnerability.ModelSpec{ID: m.ID, Outcome: outcomeColumn(m.Outcome), Interactions: m.Interactions,
		Groups: m.Groups, Method: m.Method}
	for _, id := range m.Predictors {
		if s.sample.Column(id) != nil {
			spec.Predictors = append(spec.Predictors, id)
		}
	}
	return spec
}

// fit fits a specification on the rows of the sample that a filter keeps.
func (s *survey) fit(spec vulnerability.ModelSpec, where string) (*vulnerability.Model, error) {
	t, err := s.rows(where)
	if err != nil {
		return nil, err
	}
	return vulnerability.Fit(t, spec)
}

func (s *survey) rows(where string) (*dataset.Table, error) {
	if where == "" {
		return s.sample, nil
	}
	f, err := dataset.ParseFilter(where)
	if err != nil {
		return nil, err
	}
	return s.sample.Filtered(f)
}

func recordOfModel(m *vulnerability.Model) modelRecord {
	rec := modelRecord{ID: m.Spec.ID, Formula: m.Spec.Formula(), Read: m.Design.Read, Used: m.Design.Used, Dropped: map[string]int{}, Verdict: []string{}}
	for _, d := range m.Design.Dropped {
		rec.Dropped[d.Variable] = d.Rows
	}
	for _, v := range m.Verdict {
		rec.Verdict = append(rec.Verdict, string(v.Code))
	}
	return rec
}

// heads are the three headings of a coefficient: level of the determinants model, factor, category.
func (s *survey) heads(r vulnerability.Row) []release.Head {
	x, ok := s.plan.Predictor(r.Predictor)
	if !ok {
		x = plan.Predictor{ID: r.Predictor, Title: plan.Labels{"en": r.Predictor, "fr": r.Predictor}, Level: "individual"}
	}
	category := release.Head{Code: r.Level}
	if l := x.Choice(r.Level); l != nil {
		category.Labels = labels(l.Title)
	} else if r.Level != "" {
		category.Labels = release.Labels{"en": r.Level, "fr": r.Level}
	} else {
		category.Labels = release.Labels{}
	}
	return []release.Head{
		{Code: x.Level, Labels: words("study.level." + x.Level)},
		{Code: x.ID, Labels: labels(x.Title)},
		category,
	}
}

func coefficientDims() []release.Dim {
	return []release.Dim{{Name: "level", Labels: words("study.level")}, {Name: "factor", Labels: words("study.factor")},
		{Name: "category", Labels: words("study.category")}}
}

// sorted orders rows by the four levels of the determinants model, then as in the plan.
func (s *survey) sorted(rows []vulnerability.Row) []vulnerability.Row {
	order := map[string]int{"individual": 0, "household_family": 1, "community": 2, "structural": 3}
	out := slices.Clone(rows)
	at := func(r vulnerability.Row) int {
		x, _ := s.plan.Predictor(r.Predictor)
		return order[x.Level]
	}
	slices.SortStableFunc(out, func(a, b vulnerability.Row) int { return at(a) - at(b) })
	return out
}

// oddsCell is an odds ratio with the people and events it rests on: those of its level, or of the whole
// model for a number. The reference level must be large enough too, since every ratio compares with it. Why
// there is no number is said only of groups of which a number could be shown: that a level is separated
// tells that all or none of its people have the outcome.
func (s *survey) oddsCell(m *vulnerability.Model, r vulnerability.Row) release.DraftCell {
	if r.Reference {
		return release.DraftCell{None: true, Note: "reference"}
	}
	n, e := r.People, r.Events
	for _, other := range m.Rows {
		if other.Predictor == r.Predictor && other.Reference {
			n, e = s.weakest(n, e, other.People, other.Events)
		}
	}
	note := ""
	switch {
	case r.Aliased:
		note = "aliased"
	case !(r.LogOdds.StdError <= separated) || !finite(r.Odds.Value, r.Odds.Low, r.Odds.High):
		note = "separated"
	}
	if note != "" && s.safe(n, e) {
		return release.DraftCell{None: true, Note: note}
	}
	if note != "" { // held back by the gate
		return release.DraftCell{Value: 1, Low: 1, High: 1, Base: release.Persons(n), Events: release.Persons(e)}
	}
	return release.DraftCell{Value: r.Odds.Value, Low: r.Odds.Low, High: r.Odds.High, Base: release.Persons(n), Events: release.Persons(e)}
}

// separated is the standard error of a log odds ratio beyond which there is no finite estimate: its interval
// would span a factor of a million.
const separated = 3.5

func finite(list ...float64) bool {
	return !slices.ContainsFunc(list, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
}

// weakest gives the people and events of whichever group the gate would hold back, else of the one that has
// the fewest to go by.
func (s *survey) weakest(n1, e1, n2, e2 int) (n, e int) {
	if one, other := s.safe(n1, e1), s.safe(n2, e2); one != other {
		if one {
			return n2, e2
		}
		return n1, e1
	}
	if min(n2, e2, n2-e2) < min(n1, e1, n1-e1) {
		return n2, e2
	}
	return n1, e1
}

// safe is the gate's primary rule on an estimate about a group: nobody in it may have the outcome, but where
// some have it they are enough, and so are those who have it not.
func (s *survey) safe(n, e int) bool {
	least := int(s.policy().Resolved().MinPeople)
	return least <= 1 || n >= least && (e == 0 || e >= least) && n-e >= least
}

// oddsMeasure is a column of odds ratios. That everybody in a group has the outcome is private too.
func oddsMeasure(name string, l release.Labels) release.Measure {
	return release.Measure{Name: name, Labels: l, Form: release.Ratio, Digits: 2, Ranged: true, Sensitive: true}
}

// modelDrafts tables each model: odds ratios with intervals, for the first model average marginal effects
// too, the people at each level; and how much the groups differ.
func (s *survey) modelDrafts() error {
	for i, id := range s.order {
		m := s.fits[id]
		d := release.Draft{Key: "model-" + id, Title: join(words("study.model"), labels(s.plan.Model(id).Title)), Unit: words("study.unit.people"),
			Dims: coefficientDims(), Measures: []release.Measure{oddsMeasure("odds_ratio", words("study.odds-ratio"))}}
		effects := map[string]effect.Estimate{}
		if i == 0 {
			d.Measures = append(d.Measures, release.Measure{Name: "points", Labels: words("study.points"), Form: release.Real, Digits: 1, Ranged: true, Sensitive: true})
			list, err := m.Marginals()
			if err != nil {
				return err
			}
			for _, x := range list {
				effects[x.Predictor+"\x00"+x.Level] = x.Estimate
			}
		}
		d.Measures = append(d.Measures, release.Measure{Name: "n", Labels: words("study.n"), Form: release.Count})
		all := s.peopleOf(id)
		whole := map[string]*release.Relation{}
		for _, r := range s.sorted(m.Rows) {
			cell := s.oddsCell(m, r)
			row := release.DraftRow{Heads: s.heads(r), Cells: []release.DraftCell{cell}}
			if i == 0 {
				row.Cells = append(row.Cells, pointsCell(cell, effects[r.Predictor+"\x00"+r.Level], r.Width))
			}
			set := levelSet(all, r)
			if r.Level != "" {
				if whole[r.Predictor] == nil {
					whole[r.Predictor] = &release.Relation{Whole: release.SetOf(all...)}
				}
				whole[r.Predictor].Parts = append(whole[r.Predictor].Parts, set)
			}
			row.Cells = append(row.Cells, people(r.People, set))
			d.Rows = append(d.Rows, row)
		}
		d.Unseen = map[string]release.Persons{release.SetOf(all...): release.Persons(m.Used)}
		for _, key := range slices.Sorted(maps.Keys(whole)) {
			d.Relations = append(d.Relations, *whole[key])
		}
		s.drafts.add(d)
		s.crossedDraft(id, m)
		s.spreadDraft(id, m)
	}
	return nil
}

// pointsCell is an average marginal effect in percentage points, on the same people as its odds ratio; its
// interval reaches as many standard errors.
func pointsCell(odds release.DraftCell, e effect.Estimate, width float64) release.DraftCell {
	if odds.None {
		return odds
	}
	e.Low, e.High = e.Value-width*e.StdError, e.Value+width*e.StdError
	if !finite(e.Value, e.Low, e.High) {
		return release.DraftCell{None: true, Note: "separated"}
	}
	odds.Value, odds.Low, odds.High = 100*e.Value, 100*e.Low, 100*e.High
	return odds
}

// crossedDraft tables the interactions of a model.
func (s *survey) crossedDraft(id string, m *vulnerability.Model) {
	if len(m.Crossed) == 0 {
		return
	}
	d := release.Draft{Key: "interactions-" + id, Title: join(words("study.interactions"), labels(s.plan.Model(id).Title)), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: "term", Labels: words("study.term")}},
		Measures: []release.Measure{oddsMeasure("odds_ratio", words("study.odds-ratio-ratio")),
			{Name: "n", Labels: words("study.n"), Form: release.Count}}}
	for _, r := range m.Crossed {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: r.Level, Labels: s.crossedLabels(m, r)}},
			Cells: []release.DraftCell{s.oddsCell(m, r), people(r.People, crossedSet(s.peopleOf(id), m, r))}})
	}
	s.drafts.add(d)
}

// crossedLabels names an interaction by the words of its levels: "Central Mediterranean × Men and boys".
func (s *survey) crossedLabels(m *vulnerability.Model, r vulnerability.Row) release.Labels {
	out := release.Labels{}
	for _, tag := range []string{"en", "fr"} {
		var parts []string
		for _, name := range strings.Split(r.Level, ":") {
			words := name
			for _, one := range m.Rows {
				if one.Predictor+one.Level == strings.Trim(name, "`") {
					if x, ok := s.plan.Predictor(one.Predictor); ok && x.Choice(one.Level) != nil {
						words = x.Choice(one.Level).Title[tag]
					}
				}
			}
			parts = append(parts, words)
		}
		out[tag] = strings.Join(parts, " × ")
	}
	return out
}

// spreadDraft tables how much groups differ once everything in the model is alike.
func (s *survey) spreadDraft(id string, m *vulnerability.Model) {
	if len(m.Spread) == 0 {
		return
	}
	d := release.Draft{Key: "groups-" + id, Title: join(words("study.groups"), labels(s.plan.Model(id).Title)), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: "group", Labels: words("study.group")}},
		Measures: []release.Measure{{Name: "groups", Labels: words("study.groups-n"), Form: release.Count},
			{Name: "sd", Labels: words("study.sd"), Form: release.Real, Digits: 2},
			{Name: "icc", Labels: words("study.icc"), Form: release.Share},
			{Name: "mor", Labels: words("study.mor"), Form: release.Ratio, Digits: 2}}}
	base := release.Persons(m.Used)
	for _, g := range m.Spread {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: g.Group, Labels: s.titleOf(g.Group)}}, Cells: []release.DraftCell{
			{Value: float64(g.Groups), Base: release.Nobody, Events: -1},
			{Value: g.SD, Base: base, Events: -1}, {Value: g.ICC, Base: base, Events: base}, {Value: g.MedianOddsRatio, Base: base, Events: -1}}})
	}
	s.drafts.add(d)
}

// sideBySide sets the odds ratios of all models beside each other.
func (s *survey) sideBySide() error {
	if len(s.order) < 2 {
		return nil
	}
	d := release.Draft{Key: "models", Title: words("study.models"), Unit: words("study.unit.people"), Dims: coefficientDims()}
	var keys []vulnerability.Row
	for _, id := range s.order {
		d.Measures = append(d.Measures, oddsMeasure(id, labels(s.plan.Model(id).Title)))
		for _, r := range s.fits[id].Rows {
			if !slices.ContainsFunc(keys, func(k vulnerability.Row) bool { return k.Predictor == r.Predictor && k.Level == r.Level }) {
				keys = append(keys, r)
			}
		}
	}
	for _, k := range s.sorted(keys) {
		row := release.DraftRow{Heads: s.heads(k)}
		for _, id := range s.order {
			m := s.fits[id]
			r, ok := m.Find(k.Predictor, k.Level)
			if !ok {
				row.Cells = append(row.Cells, release.DraftCell{None: true, Note: "not-in-model"})
				continue
			}
			row.Cells = append(row.Cells, s.oddsCell(m, r))
		}
		d.Rows = append(d.Rows, row)
	}
	s.drafts.add(d)
	return nil
}

// profileDraft predicts for named kinds of people, integrated over countries and places.
func (s *survey) profileDraft() error {
	spec := s.plan.Profiles
	if spec == nil || s.fits[spec.Model] == nil {
		return nil
	}
	m := s.fits[spec.Model]
	profiles := make([]vulnerability.Profile, len(spec.Each))
	alike := []string{}
	for i, p := range spec.Each {
		at := map[string]string{}
		maps.Copy(at, spec.At)
		maps.Copy(at, p.At)
		maps.DeleteFunc(at, func(name, _ string) bool { return !slices.Contains(m.Spec.Predictors, name) })
		profiles[i] = vulnerability.Profile{ID: p.ID, Levels: at}
		for name := range p.At {
			if !slices.Contains(alike, name) {
				alike = append(alike, name)
			}
		}
	}
	slices.Sort(alike)
	list, err := m.Predict(profiles, alike)
	if err != nil {
		return err
	}
	d := release.Draft{Key: "profiles", Title: words(s.keyOf("study.profiles.title")), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: "kind", Labels: words("study.profiles.kind")}, {Name: "profile", Labels: words("study.profiles.profile")}},
		Measures: []release.Measure{{Name: "probability", Labels: words("study.probability"), Form: release.Probability, Ranged: true, Sensitive: true},
			{Name: "n", Labels: s.alikeLabels(alike), Form: release.Count}}}
	for i, p := range list {
		conditions := s.peopleOf(spec.Model)
		for _, name := range alike {
			if l := profiles[i].Levels[name]; l != "" {
				conditions = append(conditions, condition(name, l))
			}
		}
		d.Rows = append(d.Rows, release.DraftRow{
			Heads: []release.Head{{Code: spec.Each[i].Kind, Labels: words("study.kind." + spec.Each[i].Kind)}, {Code: p.Profile, Labels: labels(spec.Each[i].Title)}},
			Cells: []release.DraftCell{
				{Value: p.Value, Low: p.Low, High: p.High, Base: release.Persons(p.People), Events: release.Persons(p.Events)},
				people(p.People, release.SetOf(conditions...))}})
	}
	s.drafts.add(d)
	return nil
}

// alikeLabels say what people of the sample share with a profile to be counted beside it.
func (s *survey) alikeLabels(alike []string) release.Labels {
	out := words("study.n-alike")
	for tag := range out {
		var parts []string
		for _, name := range alike {
			parts = append(parts, strings.ToLower(s.titleOf(name)[tag]))
		}
		out[tag] += strings.Join(parts, ", ") + ")"
	}
	return out
}

// droppedDraft says how many people the main model leaves out and for want of which answer.
func (s *survey) droppedDraft() error {
	m := s.fits[s.order[0]]
	d := release.Draft{Key: "complete-cases", Title: words("study.dropped.title"), Unit: words("study.unit.people"),
		Dims:     []release.Dim{{Name: "variable", Labels: words("study.dropped.variable")}},
		Measures: []release.Measure{{Name: "people", Labels: words("study.people"), Form: release.Count}}}
	var parts []int
	add := func(head release.Head, n int, set string, total bool) {
		if !total {
			parts = append(parts, len(d.Rows))
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{head}, Cells: []release.DraftCell{people(n, set)}, Total: total})
	}
	add(release.Head{Code: "used", Labels: words("study.dropped.used")}, m.Used, release.SetOf(s.peopleOf(s.order[0])...), false)
	for _, x := range m.Design.Dropped {
		if x.Rows > 0 {
			name := strings.TrimPrefix(x.Variable, "outcome.")
			add(release.Head{Code: name, Labels: s.variableLabels(x.Variable)}, x.Rows, s.droppedSet(m, x), false)
		}
	}
	d.Sums = []release.Sum{{Whole: len(d.Rows), Parts: parts}}
	within := s.narrow(s.plan.Model(s.order[0]).Where).conditions
	add(release.Head{Code: "total", Labels: words("study.dropped.read")}, m.Design.Read, release.SetOf(within...), true)
	s.drafts.add(d)
	return nil
}

// droppedSet names the people whom a model leaves out for want of one answer. Those without an outcome, where
// it was asked for first, are all who are not in the tables of it.
func (s *survey) droppedSet(m *vulnerability.Model, x formula.Drop) string {
	own := condition("dropped."+x.Variable, "1")
	id, outcome := strings.CutPrefix(x.Variable, "outcome.")
	if !outcome || s.plan.Model(m.Spec.ID).Where != "" {
		return own
	}
	c, missing := s.sample.Column(x.Variable), 0
	for i := range c.Rows() {
		if c.Missing(i) != dataset.Present {
			missing++
		}
	}
	if missing != x.Rows {
		return own
	}
	return release.SetOf(condition("has."+id, "0"))
}

// variableLabels gives the words of a column of a model, an outcome included.
func (s *survey) variableLabels(name string) release.Labels {
	if id, ok := strings.CutPrefix(name, "outcome."); ok {
		if o := s.plan.Outcome(id); o != nil {
			return labels(o.Title)
		}
	}
	return s.titleOf(name)
}

// fitDraft says how well the main model tells people apart, and draws its calibration.
func (s *survey) fitDraft() error {
	m := s.fits[s.order[0]]
	q, err := m.Discrimination()
	if err != nil {
		return err
	}
	base := release.Persons(m.Used)
	d := release.Draft{Key: "fit", Title: words("study.fit.title"), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: "measure", Labels: words("study.fit.measure")}},
		Measures: []release.Measure{{Name: "value", Labels: words("study.fit.value"), Form: release.Real, Digits: 3},
			{Name: "low", Labels: words("study.fit.low"), Form: release.Real, Digits: 3}, {Name: "high", Labels: words("study.fit.high"), Form: release.Real, Digits: 3}}}
	number := func(x float64) release.DraftCell { return release.DraftCell{Value: x, Base: base, Events: -1} }
	none := release.DraftCell{None: true}
	d.Rows = []release.DraftRow{
		{Heads: []release.Head{{Code: "auc", Labels: words("study.fit.auc")}}, Cells: []release.DraftCell{number(q.AUC.Value), number(q.AUC.Low), number(q.AUC.High)}},
		{Heads: []release.Head{{Code: "brier", Labels: words("study.fit.brier")}}, Cells: []release.DraftCell{number(q.Brier), none, none}}}
	s.drafts.add(d)
	c := release.Draft{Key: "calibration", Title: words("study.calibration.title"), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: "group", Labels: words("study.calibration.group")}},
		Measures: []release.Measure{{Name: "predicted", Labels: words("study.calibration.predicted"), Form: release.Probability},
			{Name: "observed", Labels: words("study.calibration.observed"), Form: release.Share, Ranged: true, Sensitive: true},
			{Name: "n", Labels: words("study.n"), Form: release.Count}}}
	all, outcome := s.peopleOf(s.order[0]), strings.TrimPrefix(m.Spec.Outcome, "outcome.")
	relation := release.Relation{Whole: release.SetOf(all...)}
	yes, no := release.Relation{Whole: s.yesSet(outcome, all...)}, release.Relation{Whole: s.noSet(outcome, all...)}
	c.Unseen = map[string]release.Persons{yes.Whole: release.Persons(m.Events), no.Whole: release.Persons(m.Used - m.Events)}
	for i, b := range q.Calibration {
		n := int(math.Round(b.Persons))
		events := int(math.Round(b.Persons * b.Observed))
		label := fmt.Sprint(i + 1)
		tenth := append(slices.Clone(all), condition("calibration", label))
		set, yesSet, noSet := release.SetOf(tenth...), s.yesSet(outcome, tenth...), s.noSet(outcome, tenth...)
		relation.Parts, yes.Parts, no.Parts = append(relation.Parts, set), append(yes.Parts, yesSet), append(no.Parts, noSet)
		c.Rows = append(c.Rows, release.DraftRow{Heads: []release.Head{{Code: label, Labels: release.Labels{"en": label, "fr": label}}}, Cells: []release.DraftCell{
			{Value: b.Predicted, Base: release.Persons(n), Events: release.Persons(events), Set: set},
			{Value: b.Observed, Low: b.Low, High: b.High, Base: release.Persons(n), Events: release.Persons(events), Set: set, EventSet: yesSet, RestSet: noSet},
			people(n, set)}})
	}
	c.Relations = append(c.Relations, relation, yes, no, release.Relation{Whole: relation.Whole, Parts: []string{yes.Whole, no.Whole}})
	s.drafts.add(c)
	return nil
}
