package effect

import (
	"maps"
	"math"
	"slices"

	"waymark/fault"
	"waymark/stat/formula"
)

// Profile is a person, or kind of person, to predict for. What it does not set stays as observed, and the
// prediction is the mean over the sample: "men on the Central route" are everyone, taken as men on that route. A
// profile that sets everything is one person.
type Profile struct {
	Name   string
	Levels map[string]string  // factor -> level
	Values map[string]float64 // continuous variable -> value
	Groups map[string]string  // random term -> group, for the scope GivenGroup

	// Columns, where not nil, are rows of their own to average over in place of the sample's.
	Columns formula.Columns
}

// Prediction is a probability (or a mean) for a profile, labelled with what it is about.
type Prediction struct {
	Profile string
	Scope   Scope
	Groups  map[string]string // of GivenGroup
	Rows    int               // rows averaged over; 1 where the profile sets everything
	Estimate
}

// PredictOptions say about whom the prediction is.
type PredictOptions struct {
	Scope      Scope
	Confidence Confidence // 0: 0.95
}

// Predict gives the probability of a profile: the mean over rows of the inverse link at x'b (Typical), of its
// integral over the groups (Population), or at x'b + z'u with the modes u of given groups, other terms at zero
// (GivenGroup, which needs a Grouped model). The standard error is the delta method's; the interval is made on the
// logit scale (log for counts) and turned back, so that it stays where it must.
func Predict(m Model, s *Sample, p Profile, o PredictOptions) (Prediction, error) {
	if o.Confidence == 0 {
		o.Confidence = 0.95
	}
	if err := o.Confidence.check(); err != nil {
		return Prediction{}, err
	}
	columns, err := s.profile(p)
	if err != nil {
		return Prediction{}, err
	}
	if p.Columns == nil && len(p.Levels) == 1 && len(p.Values) == 0 && o.Scope != GivenGroup && columns.Rows() == s.columns.Rows() {
		return s.oneLevel(m, p, o)
	}
	weights, total := s.weights, s.total
	if columns.Rows() != s.columns.Rows() || p.Columns != nil {
		weights, total = nil, float64(columns.Rows())
	}
	d, err := m.Predict(columns)
	if err != nil {
		return Prediction{}, err
	}
	if d.Used != columns.Rows() {
		weights, total = nil, float64(d.Used)
	}
	out := Prediction{Profile: p.Name, Scope: o.Scope, Rows: d.Used}
	r := newReader(m, s.design, o.Scope)
	if o.Scope == GivenGroup {
		out.Groups = maps.Clone(p.Groups)
		out.Estimate, err = r.inGroup(d, p.Groups, weights, total, o.Confidence)
		return out, err
	}
	avg := r.average(d, weights, total)
	out.Estimate = m.Link().bounded(avg.value, r.stdError(avg.gradient), o.Confidence)
	return out, nil
}

// oneLevel is Predict for a profile that sets one factor.
func (s *Sample) oneLevel(m Model, p Profile, o PredictOptions) (Prediction, error) {
	r := newReader(m, s.design, o.Scope)
	for name, level := range p.Levels {
		v, err := s.find(name)
		if err != nil {
			return Prediction{}, err
		}
		avg, err := r.atLevel(s, v, level)
		if err != nil {
			return Prediction{}, err
		}
		out := Prediction{Profile: p.Name, Scope: o.Scope, Rows: s.design.Used}
		out.Estimate = m.Link().bounded(avg.value, r.stdError(avg.gradient), o.Confidence)
		return out, nil
	}
	return Prediction{}, nil
}

// profile gives the columns with the profile's values, cut to one row where nothing is left as observed.
func (s *Sample) profile(p Profile) (formula.Columns, error) {
	if p.Columns != nil {
		return p.Columns, nil
	}
	set := 0
	for _, name := range slices.Sorted(maps.Keys(p.Levels)) {
		v, err := s.find(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(v.Levels, p.Levels[name]) {
			return nil, fault.Issue{Code: CodeUnknownLevel, Kind: fault.NotFound, Args: map[string]any{"variable": name, "level": p.Levels[name]}}
		}
		set++
	}
	for _, name := range slices.Sorted(maps.Keys(p.Values)) {
		v, err := s.find(name)
		if err != nil {
			return nil, err
		}
		if v.Levels != nil {
			return nil, fault.Issue{Code: CodeUnknownLevel, Args: map[string]any{"variable": name, "level": p.Values[name]}}
		}
		set++
	}
	a := &assigned{columns: s.columns, level: p.Levels, value: p.Values}
	if set == len(s.names) && s.design.Offset == nil && s.columns.Rows() > 0 {
		a.rows = 1
	}
	return a, nil
}

// bounded makes an interval on the scale where the mean has no ends.
func (l Link) bounded(value, se float64, c Confidence) Estimate {
	z := c.quantile()
	e := Estimate{Value: value, StdError: se}
	switch {
	case l == Identity:
		return wald(value, se, c)
	case l == Log:
		d := z * se / value
		e.Low, e.High = value*math.Exp(-d), value*math.Exp(d)
	case value <= 0 || value >= 1:
		e.Low, e.High = value, value
	default:
		eta := math.Log(value / (1 - value))
		d := z * se / (value * (1 - value))
		e.Low, e.High = expit(eta-d), expit(eta+d)
	}
	return e
}

// Fitted gives the mean of every row of a design, with the group effects at zero.
func Fitted(m Model, d *formula.Design) []float64 {
	r := newReader(m, d, Typical)
	out := linear(d, r.coef)
	for i, eta := range out {
		out[i] = m.Link().moments(eta)[0]
	}
	return out
}

// TermsOf lists the terms of a design for Inflations.
func TermsOf(d *formula.Design) []InflationTerm {
	out := make([]InflationTerm, len(d.Terms))
	for k, t := range d.Terms {
		out[k] = InflationTerm{Label: t.Label, Coefs: t.Coefs}
	}
	return out
}
