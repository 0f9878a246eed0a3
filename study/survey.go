package study

import (
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/release"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// survey is a study of interviews on its way: what each step made, for the steps after it.
type survey struct {
	*runner
	raw    *dataset.Table // derived columns added, before the sample
	sample *dataset.Table // who is in the sample, with outcomes and predictors
	keep   []int          // rows of raw in the sample
	steps  []sampleStep
	fits   map[string]*vulnerability.Model
	order  []string // models that could be fitted, as in the plan
	drafts *drafts
	names  setNames
	match  map[string]vulnerability.ConflictMatch
	grid   []gridPoint
}

// survey does a study of interviews.
func (r *runner) survey() error {
	s := &survey{runner: r, fits: map[string]*vulnerability.Model{}, match: map[string]vulnerability.ConflictMatch{},
		drafts: &drafts{source: labels(r.plan.Source), caveats: r.surveyCaveats()}}
	r.opt.Progress("study.step.sample", 0, 1)
	for _, step := range []func() error{s.prepare, s.draw, s.build} {
		if err := step(); err != nil {
			return err
		}
	}
	r.opt.Progress("study.step.models", 0, len(r.plan.Models))
	if err := s.fitAll(); err != nil {
		return err
	}
	r.opt.Progress("study.step.robustness", 0, 1)
	s.tryAll()
	r.opt.Progress("study.step.tables", 0, 1)
	s.nameSets()
	for _, draft := range []func() error{s.flowDraft, s.indicatorDrafts, s.placeDraft, s.safetyDrafts, s.countryDraft, s.modelDrafts, s.sideDraft, s.sideBySide,
		s.profileDraft, s.boundsDraft, s.statementDraft, s.robustnessDrafts, s.droppedDraft, s.fitDraft} {
		if err := draft(); err != nil {
			return err
		}
	}
	s.mergedRelations()
	cleared, record, err := release.Clear(r.policy(), s.drafts.list)
	if err != nil {
		return err
	}
	r.result.Tables, r.record, r.steps = cleared, record, s.steps
	r.result.Document = s.report(tablesOf(cleared))
	return nil
}

// surveyCaveats stand in every output of a flow monitoring survey and cannot be turned off; simulated data
// say so too.
func (r *runner) surveyCaveats() []string {
	out := []string{"study.survey"}
	if r.plan.Kind == plan.FlowSurvey {
		out = []string{"indicators-not-victims", "sample-not-random"}
	}
	if r.simulated() {
		out = append(out, "study.simulated")
	}
	return out
}

// prepare derives columns and joins conflict.
func (s *survey) prepare() error {
	t, err := s.derive(s.in[s.plan.Main().Name].Loaded.Table)
	if err != nil {
		return err
	}
	s.raw = t
	c := s.plan.Conflict
	if c == nil {
		return nil
	}
	in, given := s.in[c.Data]
	if !given || in.Loaded == nil {
		s.note(fault.Issue{Code: CodeNoConflict, Severity: fault.Soft, Args: map[string]any{"name": c.Data}})
		return nil
	}
	file := vulnerability.ConflictFile{Table: in.Loaded.Table, Country: c.Columns.Country, Year: c.Columns.Year,
		Value: c.Columns.Value, Indicator: c.Columns.Indicator}
	for _, d := range c.Definitions {
		col, match, issues := vulnerability.Conflict(t, file, vulnerability.ConflictSpec{Name: d.ID, Labels: d.Title,
			Country: c.Country, Year: c.Year, Measure: d.Measure, AtLeast: d.AtLeast, AbsentIsNo: c.Absent == "none"})
		s.notes(issues)
		if err := issues.Err(); err != nil {
			return err
		}
		s.match[d.ID] = match
		if err := put(s.raw, col); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) note(i fault.Issue) { r.result.Notes = append(r.result.Notes, i) }

func (r *runner) notes(issues fault.Issues) {
	r.result.Notes = append(r.result.Notes, issues.Only(fault.Soft)...)
}

// draw applies the rules of the sample one after the other and counts what each removes.
func (s *survey) draw() error {
	s.keep = make([]int, s.raw.Rows())
	for i := range s.keep {
		s.keep[i] = i
	}
	s.steps = []sampleStep{{Rule: "all", Left: len(s.keep)}}
	for _, rule := range s.plan.Sample {
		f, err := dataset.ParseFilter(rule.Keep)
		if err != nil {
			return err
		}
		rows, err := s.raw.Where(f)
		if err != nil {
			return err
		}
		before := len(s.keep)
		s.keep = both(s.keep, rows)
		s.steps = append(s.steps, sampleStep{Rule: rule.ID, Removed: before - len(s.keep), Left: len(s.keep)})
		if len(s.keep) == 0 {
			return fault.Issue{Code: CodeEmptySample, Place: fault.Place{Field: rule.ID}, Args: map[string]any{"rule": rule.Keep}}
		}
	}
	return nil
}

// both gives what stands in two ascending lists.
func both(a, b []int) []int {
	out := a[:0:0]
	j := 0
	for _, x := range a {
		for j < len(b) && b[j] < x {
			j++
		}
		if j < len(b) && b[j] == x {
			out = append(out, x)
		}
	}
	return out
}

// outcomeColumn names the column of an outcome.
func outcomeColumn(id string) string { return "outcome." + id }

// build adds outcomes and predictors to the sample. Predictors are all read before one is written, since a
// predictor may have the name of the column that another is made from.
func (s *survey) build() error {
	raw := s.raw.Take(s.keep)
	s.sample = &dataset.Table{Name: raw.Name, Columns: raw.Columns}
	var made []*dataset.Column
	var wrong fault.Issues // all columns that are not there are told at once
	for _, o := range s.plan.Outcomes {
		c, issues := vulnerability.Outcome(raw, s.outcomeSpec(o))
		issues = placed(issues, raw.Name)
		s.notes(issues)
		if wrong = append(wrong, issues.Only(fault.Hard)...); issues.Err() != nil {
			continue
		}
		made = append(made, c.WithField(func(f *dataset.Field) { f.Labels = o.Title }))
	}
	for _, x := range s.plan.Predictors {
		if x.Number {
			c := raw.Column(x.Source())
			if c == nil {
				wrong = append(wrong, fault.Issue{Code: CodeNoColumn, Place: fault.Place{Document: raw.Name, Field: x.Source()}, Args: map[string]any{"for": x.ID}})
				continue
			}
			made = append(made, c.WithField(func(f *dataset.Field) { f.Name, f.Labels = x.ID, x.Title }))
			continue
		}
		choices := make([]vulnerability.Choice, len(x.Levels))
		for i, l := range x.Levels {
			choices[i] = vulnerability.Choice{Code: l.Code, Labels: l.Title, Of: l.Of}
		}
		c, issues := vulnerability.Recode(raw, x.ID, x.Source(), x.Title, choices)
		issues = placed(issues, raw.Name)
		s.notes(issues)
		if wrong = append(wrong, issues.Only(fault.Hard)...); issues.Err() != nil {
			continue
		}
		made = append(made, c)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	for _, c := range made {
		if err := put(s.sample, c); err != nil {
			return err
		}
	}
	return nil
}

// placed names the file in issues on its columns, and the outcome as the plan calls it.
func placed(issues fault.Issues, document string) fault.Issues {
	for i := range issues {
		if issues[i].Place.Document == "" {
			issues[i].Place.Document = document
		}
		if name, ok := issues[i].Args["for"].(string); ok {
			issues[i].Args["for"] = strings.TrimPrefix(name, "outcome.")
		}
	}
	return issues
}

// outcomeSpec turns an outcome of the plan into columns.
func (s *survey) outcomeSpec(o plan.Outcome) vulnerability.OutcomeSpec {
	spec := vulnerability.OutcomeSpec{Name: outcomeColumn(o.ID)}
	if o.Column != "" {
		spec.Columns, spec.Yes, spec.No = []string{o.Column}, o.Yes, o.No
		return spec
	}
	in := s.plan.Indicators
	spec.Yes, spec.No = in.Yes, in.No
	ids := []string{o.Item}
	if o.Set != "" {
		ids = in.Set(o.Set).Items
	}
	scopes := o.Scope
	if len(scopes) == 0 {
		scopes = []string{"own"}
	}
	for _, id := range ids {
		item := in.Item(id)
		for _, scope := range scopes {
			name := map[string]string{"own": item.Own, "family": item.Family, "seen": item.Seen}[scope]
			if name != "" {
				spec.Columns = append(spec.Columns, name)
			}
		}
	}
	return spec
}

// More codes of what can be wrong between a plan and its data.
const (
	CodeNoConflict   fault.Code = "study.no-conflict"
	CodeModelSkipped fault.Code = "study.model-skipped"
)
