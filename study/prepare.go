package study

import (
	"context"

	"waymark/dataset"
	"waymark/fault"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// Prepared is the interviews of a plan ready to be modelled: who is in the sample, with the outcomes
// (columns "outcome.ID") and predictors of the plan beside the columns of the file.
type Prepared struct {
	Sample *dataset.Table
	Notes  fault.Issues // soft issues met on the way

	survey *survey
}

// Prepare does the first steps of a study and stops before its models. It is for whoever studies a plan's
// models themselves; nothing of what it gives was cleared. The plan must be one of interviews.
func Prepare(ctx context.Context, p *plan.Plan, in map[string]Input) (*Prepared, error) {
	r := &runner{ctx: ctx, plan: p, in: in, result: &Result{}}
	if err := r.checkInputs(); err != nil {
		return nil, err
	}
	s := &survey{runner: r, fits: map[string]*vulnerability.Model{}, match: map[string]vulnerability.ConflictMatch{}}
	for _, step := range []func() error{s.prepare, s.draw, s.build} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &Prepared{Sample: s.sample, Notes: r.result.Notes, survey: s}, nil
}

// Model gives a model of the plan as a specification over the columns of Sample, and the rows it is fitted
// on: those that its filter keeps.
func (p *Prepared) Model(m plan.Model) (vulnerability.ModelSpec, *dataset.Table, error) {
	rows, err := p.survey.rows(m.Where)
	if err != nil {
		return vulnerability.ModelSpec{}, nil, err
	}
	return p.survey.modelSpec(m), rows, nil
}
