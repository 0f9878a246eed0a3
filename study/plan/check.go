package plan

import (
	"fmt"
	"regexp"
	"slices"

	"waymark/dataset"
	"waymark/fault"
	"waymark/place"
	"waymark/vulnerability"
	"waymark/vulnerability/factor"
)

// Codes of what can be wrong with the meaning of a plan.
const (
	CodeFormat         fault.Code = "plan.format"
	CodeBadID          fault.Code = "plan.bad-id"
	CodeMissing        fault.Code = "plan.missing"
	CodeLanguage       fault.Code = "plan.language"
	CodeChoice         fault.Code = "plan.choice"
	CodeTwice          fault.Code = "plan.twice"
	CodeNoSuch         fault.Code = "plan.no-such"
	CodeOneOf          fault.Code = "plan.one-of"
	CodeBadFilter      fault.Code = "plan.bad-filter"
	CodeBadDate        fault.Code = "plan.bad-date"
	CodeBandOrder      fault.Code = "plan.band-order"
	CodeFewLevels      fault.Code = "plan.few-levels"
	CodeFactorReason   fault.Code = "plan.factor-reason"
	CodeFactorLevel    fault.Code = "plan.factor-level"
	CodeLowThreshold   fault.Code = "plan.low-threshold"
	CodeUnusedPart     fault.Code = "plan.unused-part"
	CodeDerivedFromOwn fault.Code = "plan.derived-from-itself"
	CodeTwoLevels      fault.Code = "plan.two-levels"
	CodeTwoSources     fault.Code = "plan.two-sources"
)

var (
	idForm       = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	nameForm     = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
	dayForm      = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	dateForm     = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2})?)?$`)
)

// check reports everything that a plan can get wrong without looking at data.
func (r *reader) check(p *Plan) {
	if p.Format != "plan/1" {
		r.add(CodeFormat, "waymark", map[string]any{"want": "plan/1"})
	}
	r.id("id", p.ID)
	r.choice("kind", string(p.Kind), string(FlowSurvey), string(Survey), string(LocationCounts))
	r.labels("title", p.Title)
	r.labels("source", p.Source)
	r.day("period.from", p.Period.From)
	r.day("period.to", p.Period.To)
	if p.Disclosure.MinPeople < 0 || p.Disclosure.MinPeople == 1 || p.Disclosure.MinPeople == 2 {
		r.add(CodeLowThreshold, "disclosure.min_people", map[string]any{"least": 3})
	}
	r.checkData(p)
	r.checkDerived(p)
	for i, s := range p.Sample {
		at := fmt.Sprintf("sample[%d]", i)
		r.labels(at+".title", s.Title)
		r.filter(at+".keep", s.Keep, true)
	}
	r.unique("sample", ids(p.Sample, func(s Rule) string { return s.ID }))
	if p.Kind == LocationCounts {
		r.checkCounts(p)
		return
	}
	r.checkSurvey(p)
}

func (r *reader) checkData(p *Plan) {
	if len(p.Data) == 0 {
		r.add(CodeMissing, "data", map[string]any{"key": "data"})
	}
	r.unique("data", ids(p.Data, func(d Data) string { return d.Name }))
	for i, d := range p.Data {
		at := fmt.Sprintf("data[%d]", i)
		if !nameForm.MatchString(d.Name) {
			r.add(CodeBadID, at+".name", map[string]any{"id": d.Name})
		}
		r.missingKinds(at+".missing", d.Missing)
		for name, hint := range d.Columns {
			below := at + ".columns." + name
			r.missingKinds(below+".missing", hint.Missing)
			if hint.Kind != "" {
				r.choice(below+".kind", hint.Kind, "number", "category", "date", "text")
			}
			if hint.Class != "" {
				r.choice(below+".class", hint.Class, "public", "internal", "restricted", "strict")
			}
		}
		if d.Decimal != "" {
			r.choice(at+".decimal", d.Decimal, "comma", "point")
		}
		if d.Form != "" && (p.DataSet(d.Form) == nil || d.Form == d.Name) {
			r.noSuch(at+".form", "data", d.Form)
		}
		if d.Language != "" && !languageForm.MatchString(d.Language) {
			r.add(CodeBadID, at+".language", map[string]any{"id": d.Language})
		}
		if d.Join != nil {
			r.checkJoin(at+".join", p, d)
		}
	}
}

func (r *reader) checkJoin(at string, p *Plan, d Data) {
	if p.DataSet(d.Join.Data) == nil || d.Join.Data == d.Name {
		r.noSuch(at+".data", "data", d.Join.Data)
	}
	if d.Join.Key == "" {
		r.add(CodeMissing, at, map[string]any{"key": "key"})
	}
	if len(d.Join.Columns) == 0 {
		r.add(CodeMissing, at, map[string]any{"key": "columns"})
	}
}

func (r *reader) missingKinds(at string, m map[string][]string) {
	for kind := range m {
		if _, ok := dataset.ParseMissing(kind); !ok {
			r.add(CodeChoice, at+"."+kind, map[string]any{
				"have": kind, "choices": []string{"unknown", "refused", "not_asked", "not_applicable", "empty"}})
		}
	}
}

func (r *reader) checkDerived(p *Plan) {
	r.unique("derive", ids(p.Derive, func(d Derived) string { return d.Name }))
	for i, d := range p.Derive {
		at := fmt.Sprintf("derive[%d]", i)
		if !nameForm.MatchString(d.Name) {
			r.add(CodeBadID, at+".name", map[string]any{"id": d.Name})
		}
		if d.From == "" {
			r.add(CodeMissing, at, map[string]any{"key": "from"})
		}
		if d.From == d.Name {
			r.add(CodeDerivedFromOwn, at+".name", map[string]any{"id": d.Name})
		}
		r.oneOf(at, map[string]bool{"map": len(d.Map) > 0, "bands": len(d.Bands) > 0, "region": d.Region != ""})
		if d.Region != "" {
			if _, err := place.Countries().Scheme(d.Region); err != nil {
				r.choice(at+".region", d.Region, place.Countries().SchemeNames()...)
			}
		}
		rest := 0
		for j, e := range d.Map {
			r.labels(fmt.Sprintf("%s.map[%d].title", at, j), e.Title)
			if e.Rest {
				rest++
			}
		}
		if rest > 1 {
			r.add(CodeTwice, at+".map", map[string]any{"id": "rest"})
		}
		for j, b := range d.Bands {
			below := fmt.Sprintf("%s.bands[%d]", at, j)
			r.labels(below+".title", b.Title)
			if b.From != nil && b.Below != nil && *b.From >= *b.Below {
				r.add(CodeBandOrder, below, map[string]any{"code": b.Code})
			}
		}
	}
}

func (r *reader) checkSurvey(p *Plan) {
	if len(p.Outcomes) == 0 {
		r.add(CodeMissing, "outcomes", map[string]any{"key": "outcomes"})
	}
	if p.Counts != nil {
		r.issue(CodeUnusedPart, fault.Soft, "counts", map[string]any{"part": "counts", "kind": string(p.Kind)})
	}
	if p.Indicators != nil {
		r.checkIndicators(p.Indicators)
	}
	r.unique("outcomes", ids(p.Outcomes, func(o Outcome) string { return o.ID }))
	for i, o := range p.Outcomes {
		r.checkOutcome(fmt.Sprintf("outcomes[%d]", i), p, o)
	}
	r.unique("predictors", ids(p.Predictors, func(x Predictor) string { return x.ID }))
	for i, x := range p.Predictors {
		r.checkPredictor(fmt.Sprintf("predictors[%d]", i), x)
	}
	if p.Conflict != nil {
		r.checkConflict(p)
	}
	r.unique("models", ids(p.Models, func(m Model) string { return m.ID }))
	for i, m := range p.Models {
		r.checkModel(fmt.Sprintf("models[%d]", i), p, m)
	}
	r.checkProfiles(p)
	for i, t := range p.Tables {
		at := fmt.Sprintf("tables[%d]", i)
		r.id(at+".id", t.ID)
		r.labels(at+".title", t.Title)
		r.outcomesExist(at+".outcomes", p, t.Outcomes)
	}
	r.checkMap(p)
	r.checkSafety(p)
	r.checkRobustness(p)
	r.checkStatements(p)
	for i, a := range p.Advice {
		at := fmt.Sprintf("recommendations[%d]", i)
		if a.When.Level == "" { // every level
			if _, ok := p.Predictor(a.When.Predictor); !ok {
				r.noSuch(at+".when.predictor", "predictor", a.When.Predictor)
			}
		} else {
			r.contrast(at+".when", p, a.When)
		}
		r.choice(at+".side", a.Side, "risk", "protective")
		r.labels(at+".do", a.Do)
		r.labels(at+".actors", a.Actors)
	}
}

func (r *reader) checkIndicators(in *Indicators) {
	r.unique("indicators.items", ids(in.Items, func(i Item) string { return i.ID }))
	r.unique("indicators.sets", ids(in.Sets, func(s Set) string { return s.ID }))
	for i, it := range in.Items {
		at := fmt.Sprintf("indicators.items[%d]", i)
		r.id(at+".id", it.ID)
		r.labels(at+".title", it.Title)
		if it.Own == "" {
			r.add(CodeMissing, at, map[string]any{"key": "own"})
		}
	}
	for i, s := range in.Sets {
		at := fmt.Sprintf("indicators.sets[%d]", i)
		r.id(at+".id", s.ID)
		r.labels(at+".title", s.Title)
		if !dateForm.MatchString(s.Date) {
			r.add(CodeBadDate, at+".date", map[string]any{"want": "2017-02"})
		}
		for j, id := range s.Items {
			if in.Item(id) == nil {
				r.noSuch(fmt.Sprintf("%s.items[%d]", at, j), "item", id)
			}
		}
	}
	if len(in.Yes) == 0 {
		r.add(CodeMissing, "indicators", map[string]any{"key": "yes"})
	}
	if len(in.No) == 0 {
		r.add(CodeMissing, "indicators", map[string]any{"key": "no"})
	}
}

func (r *reader) checkOutcome(at string, p *Plan, o Outcome) {
	r.id(at+".id", o.ID)
	r.labels(at+".title", o.Title)
	r.optional(at+".phrase", o.Phrase)
	r.oneOf(at, map[string]bool{"item": o.Item != "", "set": o.Set != "", "column": o.Column != ""})
	for j, s := range o.Scope {
		r.choice(fmt.Sprintf("%s.scope[%d]", at, j), s, "own", "family", "seen")
	}
	if o.Column != "" && (len(o.Yes) == 0 || len(o.No) == 0) {
		r.add(CodeMissing, at, map[string]any{"key": "yes, no"})
	}
	if o.Item != "" && (p.Indicators == nil || p.Indicators.Item(o.Item) == nil) {
		r.noSuch(at+".item", "item", o.Item)
	}
	if o.Set != "" && (p.Indicators == nil || p.Indicators.Set(o.Set) == nil) {
		r.noSuch(at+".set", "set", o.Set)
	}
}

func (r *reader) checkPredictor(at string, x Predictor) {
	r.id(at+".id", x.ID)
	r.labels(at+".title", x.Title)
	r.choice(at+".level", x.Level, factor.LevelNames()...)
	switch {
	case x.Factor == "none":
		if x.Reason == "" {
			r.add(CodeFactorReason, at, map[string]any{"id": x.ID})
		}
	case x.Factor == "":
		r.add(CodeMissing, at, map[string]any{"key": "factor"})
	default:
		f, ok := factor.ByID(x.Factor)
		if !ok {
			r.noSuch(at+".factor", "factor", x.Factor)
		} else if string(f.Level) != x.Level {
			r.issue(CodeFactorLevel, fault.Soft, at+".level", map[string]any{"id": x.Factor, "level": string(f.Level)})
		}
	}
	if x.Side != "" {
		r.choice(at+".side", x.Side, "risk", "protective", "either")
	}
	if x.Number {
		return
	}
	if len(x.Levels) < 2 {
		r.add(CodeFewLevels, at, map[string]any{"id": x.ID})
	}
	r.unique(at+".levels", ids(x.Levels, func(c Choice) string { return c.Code }))
	for j, c := range x.Levels {
		r.labels(fmt.Sprintf("%s.levels[%d].title", at, j), c.Title)
		r.optional(fmt.Sprintf("%s.levels[%d].phrase", at, j), c.Phrase)
	}
}

func (r *reader) checkConflict(p *Plan) {
	c := p.Conflict
	if p.DataSet(c.Data) == nil {
		r.noSuch("conflict.data", "data", c.Data)
	}
	for key, v := range map[string]string{"country": c.Country, "year": c.Year, "columns.country": c.Columns.Country, "columns.year": c.Columns.Year} {
		if v == "" {
			r.add(CodeMissing, "conflict", map[string]any{"key": key})
		}
	}
	if c.Absent != "" {
		r.choice("conflict.absent", c.Absent, "unknown", "none")
	}
	if c.Absent == "none" {
		r.labels("conflict.why", c.Why)
	}
	r.unique("conflict.definitions", ids(c.Definitions, func(d ConflictDefinition) string { return d.ID }))
	for i, d := range c.Definitions {
		at := fmt.Sprintf("conflict.definitions[%d]", i)
		r.id(at+".id", d.ID)
		r.labels(at+".title", d.Title)
		r.optional(at+".yes", d.Yes)
		r.optional(at+".no", d.No)
		if slices.ContainsFunc(p.Predictors, func(x Predictor) bool { return x.ID == d.ID }) {
			r.add(CodeTwice, at+".id", map[string]any{"id": d.ID})
		}
	}
}

func (r *reader) checkModel(at string, p *Plan, m Model) {
	r.id(at+".id", m.ID)
	r.labels(at+".title", m.Title)
	if p.Outcome(m.Outcome) == nil {
		r.noSuch(at+".outcome", "outcome", m.Outcome)
	}
	if len(m.Predictors) == 0 {
		r.add(CodeMissing, at, map[string]any{"key": "predictors"})
	}
	for j, id := range m.Predictors {
		if _, ok := p.Predictor(id); !ok {
			r.noSuch(fmt.Sprintf("%s.predictors[%d]", at, j), "predictor", id)
		}
	}
	for j, x := range m.Interactions {
		for _, id := range SplitInteraction(x) {
			if !slices.Contains(m.Predictors, id) {
				r.noSuch(fmt.Sprintf("%s.interactions[%d]", at, j), "predictor", id)
			}
		}
	}
	if m.Method != "" {
		r.choice(at+".method", m.Method, "laplace", "quadrature", "fast")
	}
	r.filter(at+".where", m.Where, false)
}

func (r *reader) checkProfiles(p *Plan) {
	if p.Profiles == nil {
		return
	}
	if p.Model(p.Profiles.Model) == nil {
		r.noSuch("profiles.model", "model", p.Profiles.Model)
	}
	r.unique("profiles.each", ids(p.Profiles.Each, func(x Profile) string { return x.ID }))
	r.levelsExist("profiles.at", p, p.Profiles.At)
	for i, x := range p.Profiles.Each {
		at := fmt.Sprintf("profiles.each[%d]", i)
		r.labels(at+".title", x.Title)
		r.choice(at+".kind", x.Kind, "men", "women", "boys", "girls", "all")
		r.levelsExist(at+".at", p, x.At)
	}
}

func (r *reader) checkMap(p *Plan) {
	if p.Map == nil || p.Map.Clearance == nil {
		return
	}
	if p.Map.Clearance.By == "" {
		r.add(CodeMissing, "map.clearance", map[string]any{"key": "by"})
	}
	if !dayForm.MatchString(p.Map.Clearance.Day) {
		r.add(CodeBadDate, "map.clearance", map[string]any{"want": "2016-11-30"})
	}
}

func (r *reader) checkSafety(p *Plan) {
	s := p.Safety
	if s == nil {
		return
	}
	r.labels("safety.title", s.Title)
	if s.Country == "" {
		r.add(CodeMissing, "safety", map[string]any{"key": "country"})
	}
	if x, ok := p.Predictor(s.Feels); !ok {
		r.noSuch("safety.feels", "predictor", s.Feels)
	} else if len(x.Levels) != 2 {
		r.add(CodeTwoLevels, "safety.feels", map[string]any{"id": s.Feels})
	}
	if p.Outcome(s.Onward) == nil {
		r.noSuch("safety.onward", "outcome", s.Onward)
	}
}

func (r *reader) checkRobustness(p *Plan) {
	b := p.Robustness
	if b == nil {
		return
	}
	if p.Model(b.Model) == nil {
		r.noSuch("robustness.model", "model", b.Model)
	}
	if len(b.Focus) == 0 {
		r.add(CodeMissing, "robustness", map[string]any{"key": "focus"})
	}
	for i, c := range b.Focus {
		r.contrast(fmt.Sprintf("robustness.focus[%d]", i), p, c)
	}
	r.outcomesExist("robustness.outcomes", p, b.Outcomes)
	for i, id := range b.Conflict {
		if p.Conflict == nil || p.Conflict.definition(id) == nil {
			r.noSuch(fmt.Sprintf("robustness.conflict[%d]", i), "definition", id)
		}
	}
	for i, set := range b.Without {
		for j, id := range set {
			if _, ok := p.Predictor(id); !ok {
				r.noSuch(fmt.Sprintf("robustness.without[%d][%d]", i, j), "predictor", id)
			}
		}
	}
}

func (r *reader) checkStatements(p *Plan) {
	r.unique("statements", ids(p.Statements, func(s Statement) string { return s.ID }))
	for i, s := range p.Statements {
		at := fmt.Sprintf("statements[%d]", i)
		known, ok := vulnerability.StatementByID(s.ID)
		if !ok {
			r.noSuch(at+".id", "statement", s.ID)
		} else if first, ok := vulnerability.StatementByID(p.Statements[0].ID); ok && first.Source != known.Source {
			r.add(CodeTwoSources, at+".id", map[string]any{"id": s.ID, "first": first.ID})
		}
		if p.Model(s.Model) == nil {
			r.noSuch(at+".model", "model", s.Model)
		}
		if s.Against != "" && p.Model(s.Against) == nil {
			r.noSuch(at+".against", "model", s.Against)
		}
		if s.Contrast.Predictor != "" {
			r.contrast(at+".contrast", p, s.Contrast)
		} else if s.Against == "" {
			r.add(CodeMissing, at, map[string]any{"key": "contrast"})
		}
		r.outcomesExist(at+".outcomes", p, s.Outcomes)
	}
}

func (r *reader) checkCounts(p *Plan) {
	c := p.Counts
	if c == nil {
		r.add(CodeMissing, "counts", map[string]any{"key": "counts"})
		return
	}
	r.unique("counts.measures", ids(c.Measures, func(m CountMeasure) string { return m.ID }))
	for i, m := range c.Measures {
		at := fmt.Sprintf("counts.measures[%d]", i)
		r.id(at+".id", m.ID)
		r.labels(at+".title", m.Title)
		r.optional(at+".say", m.Say)
		if m.Column == "" {
			r.add(CodeMissing, at, map[string]any{"key": "column"})
		}
		if m.People != "" && c.Measure(m.People) == nil {
			r.noSuch(at+".people", "measure", m.People)
		}
	}
	r.unique("counts.tables", ids(c.Tables, func(t CountTable) string { return t.ID }))
	for i, t := range c.Tables {
		at := fmt.Sprintf("counts.tables[%d]", i)
		r.id(at+".id", t.ID)
		r.labels(at+".title", t.Title)
		r.labels(at+".dim", t.Dim)
		for j, c := range t.Levels {
			r.optional(fmt.Sprintf("%s.levels[%d].phrase", at, j), c.Phrase)
		}
		for j, id := range t.Measures {
			if c.Measure(id) == nil {
				r.noSuch(fmt.Sprintf("%s.measures[%d]", at, j), "measure", id)
			}
		}
		if t.Headline != "" && !slices.Contains(t.Measures, t.Headline) {
			r.noSuch(at+".headline", "measure", t.Headline)
		}
		for j, parts := range t.Parts {
			for k, id := range parts {
				if !slices.Contains(t.Measures, id) {
					r.noSuch(fmt.Sprintf("%s.parts[%d][%d]", at, j, k), "measure", id)
				}
			}
		}
	}
}
