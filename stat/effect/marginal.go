package effect

import (
	"math"
	"slices"
	"strings"

	"waymark/stat/formula"
)

// Marginal is the average marginal effect of a variable: by how much the probability (or the mean) changes, on
// average over the sample, the other variables as observed.
type Marginal struct {
	Variable  string
	Level     string // of a factor; "" for a continuous variable
	Reference string // the level compared with; "" for a continuous variable
	Scope     Scope
	Estimate
}

// MarginalOptions say which effects, and about whom.
type MarginalOptions struct {
	Scope      Scope      // Typical or Population; for a model without groups they are the same
	Confidence Confidence // 0: 0.95
	Variables  []string   // nil: all
	Slopes     Slopes     // what a variable with a random slope does to the groups' variance
}

// Slopes says what becomes of the groups' variance where a variable with a random slope is given another value.
type Slopes uint8

const (
	SlopesMove Slopes = iota // the variance is that of the new value: the effect is that of the variable as a whole
	SlopesHeld               // the variance stays that of the observed value: the effect by the fixed part alone
)

// Marginals gives the average marginal effect of every variable,
//
//	factor level l:  mean over rows of p(l) - p(reference)
//	continuous x:    mean over rows of dp/dx
//
// with standard errors by the delta method over the full covariance of the estimates. For Population, p is
// integrated over the groups (Link.Integrate), and the effect of a variable that has a random slope includes its
// part in the groups' variance (unless SlopesHeld). The derivative is a central difference at 1e-4 of the variable's standard
// deviation, which errs by about 1e-9 of the effect.
func Marginals(m Model, s *Sample, o MarginalOptions) ([]Marginal, error) {
	if o.Confidence == 0 {
		o.Confidence = 0.95
	}
	if err := o.Confidence.check(); err != nil {
		return nil, err
	}
	variables := s.names
	if o.Variables != nil {
		variables = nil
		for _, name := range o.Variables {
			v, err := s.find(name)
			if err != nil {
				return nil, err
			}
			variables = append(variables, v)
		}
	}
	r := newReader(m, s.design, o.Scope)
	if o.Slopes == SlopesHeld {
		r.held = s.design
	}
	var out []Marginal
	for _, v := range variables {
		found, err := r.marginals(s, v, o)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func (r *reader) marginals(s *Sample, v Variable, o MarginalOptions) ([]Marginal, error) {
	if v.Levels == nil {
		h := 1e-4 * s.spread(v.Name)
		up, err := r.counterfactual(s, &assigned{columns: s.columns, shift: map[string]float64{v.Name: h}})
		if err != nil {
			return nil, err
		}
		down, err := r.counterfactual(s, &assigned{columns: s.columns, shift: map[string]float64{v.Name: -h}})
		if err != nil {
			return nil, err
		}
		e := s.estimable(r, v, r.difference(up, down, 1/(2*h), o.Confidence))
		return []Marginal{{Variable: v.Name, Scope: o.Scope, Estimate: e}}, nil
	}
	var out []Marginal
	var reference mean
	for k, level := range v.Levels {
		at, err := r.atLevel(s, v, level)
		if err != nil {
			return nil, err
		}
		if k == 0 {
			reference = at
			continue
		}
		out = append(out, Marginal{Variable: v.Name, Level: level, Reference: v.Levels[0], Scope: o.Scope,
			Estimate: s.estimable(r, v, r.difference(at, reference, 1, o.Confidence))})
	}
	return out, nil
}

// estimable gives NaN in the place of an effect that is zero without error only because the variable's coefficients
// could not be estimated apart from others.
func (s *Sample) estimable(r *reader, v Variable, e Estimate) Estimate {
	if e.Value != 0 || e.StdError != 0 {
		return e
	}
	coef := r.model.Coef()
	for _, t := range s.design.Terms {
		if !mentions(t, v) {
			continue
		}
		for _, k := range t.Coefs {
			if math.IsNaN(coef[k]) {
				nan := math.NaN()
				return Estimate{nan, nan, nan, nan}
			}
		}
	}
	return e
}

// mentions says whether a term holds a variable.
func mentions(t formula.Term, v Variable) bool {
	return slices.ContainsFunc(t.Factors, func(f formula.TermLevel) bool { return inner(f.Variable) == v.Name }) ||
		slices.ContainsFunc(t.Numeric, func(e string) bool { return strings.Contains(e, v.Name) })
}

// counterfactual averages the predictions over the sample with some columns changed.
func (r *reader) counterfactual(s *Sample, columns formula.Columns) (mean, error) {
	d, err := r.model.Predict(columns)
	if err != nil {
		return mean{}, err
	}
	return r.average(d, s.weights, s.total), nil
}

// difference gives scale (a - b) with its standard error.
func (r *reader) difference(a, b mean, scale float64, c Confidence) Estimate {
	g := make([]float64, len(a.gradient))
	for k := range g {
		g[k] = scale * (a.gradient[k] - b.gradient[k])
	}
	return wald(scale*(a.value-b.value), r.stdError(g), c)
}
