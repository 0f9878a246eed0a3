package study

import (
	"math"

	"waymark/release"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// statementDraft is the scorecard: each direction that a publication of IOM states, tested again on these data.
func (s *survey) statementDraft() error {
	if len(s.plan.Statements) == 0 {
		return nil
	}
	d := release.Draft{Key: "scorecard", Title: words("study.scorecard.title." + s.publication()), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: "statement", Labels: words("study.scorecard.statement")}, {Name: "outcome", Labels: words("study.scorecard.outcome")},
			{Name: "verdict", Labels: words("study.scorecard.verdict")}},
		Measures: []release.Measure{oddsMeasure("odds_ratio", words("study.odds-ratio"))}}
	for _, st := range s.plan.Statements {
		if st.Against != "" {
			d.Rows = append(d.Rows, s.likeness(st))
			continue
		}
		outcomes := st.Outcomes
		if len(outcomes) == 0 {
			outcomes = []string{s.plan.Model(st.Model).Outcome}
		}
		for _, o := range outcomes {
			d.Rows = append(d.Rows, s.tested(st, o))
		}
	}
	s.drafts.add(d)
	return nil
}

// publication is where the plan's statements come from; a plan tests those of one publication.
func (r *runner) publication() string {
	for _, st := range r.plan.Statements {
		if known, ok := vulnerability.StatementByID(st.ID); ok {
			return known.Publication
		}
	}
	return vulnerability.Release2017
}

// tested fits the statement's model for an outcome, where that is not the model's own, and judges the
// contrast. A number that may not be shown decides nothing.
func (s *survey) tested(st plan.Statement, outcome string) release.DraftRow {
	row := release.DraftRow{Heads: []release.Head{{Code: st.ID, Labels: words("study.statement." + st.ID)},
		{Code: outcome, Labels: labels(s.plan.Outcome(outcome).Title)}, verdictHead(vulnerability.NotDecidable)},
		Cells: []release.DraftCell{{None: true, Note: "not-fitted"}}}
	model := s.fits[st.Model]
	if s.plan.Model(st.Model).Outcome != outcome || st.Rest {
		m, err := s.refitted(st, outcome)
		if err != nil {
			return row
		}
		model = m
	}
	if model == nil || !model.Converged() {
		return row
	}
	r, ok := model.Find(st.Contrast.Predictor, st.Contrast.Level)
	if !ok {
		row.Cells[0].Note = "not-in-model"
		return row
	}
	row.Cells[0] = s.oddsCell(model, r)
	if known, found := vulnerability.StatementByID(st.ID); found && s.mayShow(row.Cells[0]) {
		row.Heads[2] = verdictHead(vulnerability.Judge(known.Direction, r.LogOdds.Low, r.LogOdds.High))
	}
	return row
}

// refitted fits a statement's model for an outcome; where the level is compared with all others, they are
// made one level, the reference.
func (s *survey) refitted(st plan.Statement, outcome string) (*vulnerability.Model, error) {
	spec := s.plan.Model(st.Model)
	wanted := s.modelSpec(*spec)
	wanted.Outcome, wanted.Quick = outcomeColumn(outcome), true
	t, err := s.rows(spec.Where)
	if err != nil {
		return nil, err
	}
	if st.Rest {
		c, issues := vulnerability.Recode(t, st.Contrast.Predictor, st.Contrast.Predictor, nil,
			[]vulnerability.Choice{{Code: "others", Rest: true}, {Code: st.Contrast.Level}})
		if err := issues.Err(); err != nil {
			return nil, err
		}
		if t, err = t.WithColumn(c); err != nil {
			return nil, err
		}
	}
	return vulnerability.Fit(t, wanted)
}

// mayShow is the gate's own rule on one number, so that a verdict never tells what its number may not.
func (s *survey) mayShow(c release.DraftCell) bool {
	least := s.policy().Resolved().MinPeople
	return !c.None && c.Events >= least && c.Base-c.Events >= least
}

// likeness compares the coefficients that two models share: are the factors of children like those of adults?
func (s *survey) likeness(st plan.Statement) release.DraftRow {
	row := release.DraftRow{Heads: []release.Head{{Code: st.ID, Labels: words("study.statement." + st.ID)},
		{Code: s.plan.Model(st.Model).Outcome, Labels: labels(s.plan.Outcome(s.plan.Model(st.Model).Outcome).Title)}, verdictHead(vulnerability.NotDecidable)},
		Cells: []release.DraftCell{{None: true, Note: "several"}}}
	a, b := s.fits[st.Model], s.fits[st.Against]
	if a == nil || b == nil || !a.Converged() || !b.Converged() {
		row.Cells[0].Note = "not-fitted"
		return row
	}
	var p []float64
	for _, r := range a.Rows {
		other, ok := b.Find(r.Predictor, r.Level)
		if !ok || r.Reference || other.Reference || !s.mayShow(s.oddsCell(a, r)) || !s.mayShow(s.oddsCell(b, other)) {
			continue
		}
		z := (r.LogOdds.Value - other.LogOdds.Value) / math.Hypot(r.LogOdds.StdError, other.LogOdds.StdError)
		p = append(p, math.Erfc(math.Abs(z)/math.Sqrt2))
	}
	row.Heads[2] = verdictHead(vulnerability.JudgeLikeness(p))
	return row
}

func verdictHead(v vulnerability.Verdict) release.Head {
	return release.Head{Code: string(v), Labels: words("study.verdict." + string(v))}
}
