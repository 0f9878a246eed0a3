package main

import (
	"context"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/simulate"
	"waymark/stat/glmm"
	"waymark/study"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// Codes of what can be wrong with a plan that surveys are to be drawn from.
const (
	codePlanWithoutModels fault.Code = "simulate.plan-without-models"
	codeNoSuchModel       fault.Code = "simulate.no-such-model"
	codeNotAGroup         fault.Code = "simulate.not-a-group"
	codeModelUnfit        fault.Code = "simulate.model-unfit"
)

// planModel are the flags that name a model of a plan and the data it is fitted to.
type planModel struct {
	data   []string
	model  string   // id; "": the first
	groups []string // instead of the model's own; nil: those
	method string   // "": as the plan says
}

// fittedPlan is a model of a plan, fitted.
type fittedPlan struct {
	plan     *plan.Plan
	spec     vulnerability.ModelSpec
	table    *dataset.Table // the rows it was fitted on
	fit      *vulnerability.Model
	invented bool // the interviews are simulated ones
	notes    fault.Issues
}

// fitPlan reads a plan and its data and fits one model.
func (f planModel) fitPlan(ctx context.Context, r *room, name string) (*fittedPlan, error) {
	p, notes, err := readPlan(name)
	if err != nil {
		return nil, err
	}
	m, err := f.pick(p)
	if err != nil {
		return nil, err
	}
	bar := newProgress(r)
	defer bar.finish()
	inputs, read, err := loadInputs(ctx, r, p, f.data, recordsFlags{}, bar)
	if err != nil {
		return nil, err
	}
	notes = append(notes, read...)
	ready, err := study.Prepare(ctx, p, inputs)
	if err != nil {
		return nil, err
	}
	out := &fittedPlan{plan: p, notes: append(notes, ready.Notes...), invented: simulate.Invented(inputs[p.Main().Name].Loaded.Table)}
	if out.spec, out.table, err = ready.Model(m); err != nil {
		return nil, err
	}
	if f.method != "" {
		out.spec.Method = f.method
	}
	out.spec.Quick = true
	if out.fit, err = vulnerability.Fit(out.table, out.spec); err != nil {
		return nil, err
	}
	if !out.fit.Converged() {
		return nil, unfit(m.ID, out.fit)
	}
	return out, nil
}

// unfit says that a model is nothing to draw from, and why in the words of its verdicts.
func unfit(id string, m *vulnerability.Model) error {
	issues := fault.Issues{{Code: codeModelUnfit, Args: map[string]any{"model": id}}}
	for _, v := range m.Verdict {
		if v.Severity == fault.Hard {
			issues = append(issues, fault.Issue{Code: v.Code, Args: v.Args})
		}
	}
	return issues
}

// pick finds the model and changes what the flags change.
func (f planModel) pick(p *plan.Plan) (plan.Model, error) {
	if p.Kind == plan.LocationCounts || len(p.Models) == 0 {
		return plan.Model{}, fault.Issue{Code: codePlanWithoutModels, Args: map[string]any{"plan": p.ID}}
	}
	m := p.Models[0]
	if f.model != "" {
		k := slices.IndexFunc(p.Models, func(m plan.Model) bool { return m.ID == f.model })
		if k < 0 {
			known := make([]string, len(p.Models))
			for i, x := range p.Models {
				known[i] = x.ID
			}
			return plan.Model{}, fault.Issue{Code: codeNoSuchModel, Args: map[string]any{"model": f.model, "known": strings.Join(known, ", ")}}
		}
		m = p.Models[k]
	}
	for _, g := range f.groups {
		if !slices.Contains(m.Groups, g) {
			return plan.Model{}, fault.Issue{Code: codeNotAGroup, Args: map[string]any{"group": g, "model": m.ID, "known": strings.Join(m.Groups, ", ")}}
		}
	}
	if f.groups != nil {
		m.Groups = f.groups
	}
	return m, nil
}

// fitted gives the fit as what a survey can be drawn from.
func (f *fittedPlan) fitted() simulate.Fitted {
	out := simulate.Fitted{Formula: f.spec.Formula(), Outcome: f.spec.Outcome, Design: f.fit.Design, Coef: f.fit.Effects.Coef(),
		Covariates: append(slices.Clone(f.spec.Predictors), f.spec.Groups...)}
	if f.fit.Multi != nil {
		for _, g := range f.fit.Multi.Random {
			out.SD = append(out.SD, g.SD[0])
		}
	}
	return out
}

// parameters gives the fit as the truth of a simulation.
func (f *fittedPlan) parameters() glmm.Parameters {
	m := f.fitted()
	out := glmm.Parameters{Family: glmm.Binomial, Coef: m.Coef}
	for _, sd := range m.SD {
		out.Factors = append(out.Factors, [][]float64{{sd}})
	}
	return out
}
