package effect

import (
	"slices"

	"waymark/stat/formula"
)

// atLevel averages the predictions with everyone given one level of a factor.
func (r *reader) atLevel(s *Sample, v Variable, level string) (mean, error) {
	if term, ok := r.alone(s, v); ok {
		if out, ok := r.swap(s, v, term, level); ok {
			return out, nil
		}
	}
	return r.counterfactual(s, &assigned{columns: s.columns, level: map[string]string{v.Name: level}})
}

// alone finds the one term that a factor stands in, where that is a main effect and no random slope hangs on it: then
// nothing of the design but the term's own columns changes with the factor.
func (r *reader) alone(s *Sample, v Variable) (formula.Term, bool) {
	var found *formula.Term
	for k := range s.design.Terms {
		t := &s.design.Terms[k]
		if !mentions(*t, v) {
			continue
		}
		if found != nil || len(t.Factors) != 1 || len(t.Numeric) > 0 {
			return formula.Term{}, false
		}
		found = t
	}
	for _, t := range r.random {
		if len(t.Names) != 1 || t.Names[0] != interceptName {
			return formula.Term{}, false
		}
	}
	if found == nil {
		return formula.Term{}, false
	}
	return *found, true
}

// swap replaces the factor's part of the linear predictor by that of one level. It is what Predict on changed columns
// gives, without building a design.
func (r *reader) swap(s *Sample, v Variable, term formula.Term, level string) (mean, bool) {
	have, narrow, wide, ok := s.columns.Levels(v.Name)
	if !ok {
		return mean{}, false
	}
	levels := term.Factors[0].Levels
	skip := len(levels) - len(term.Coefs) // 1 where the reference has no coefficient
	coefOf := func(name string) int {
		k := slices.Index(levels, name)
		if k < skip {
			return -1
		}
		return term.Coefs[k-skip]
	}
	if skip < 0 || skip > 1 || !slices.Contains(levels, level) {
		return mean{}, false
	}
	to := coefOf(level)
	instead := 0.0
	if to >= 0 {
		instead = r.coef[to]
	}
	change := make([]float64, len(have)) // by the column's code
	for c, name := range have {
		change[c] = instead
		if k := coefOf(name); k >= 0 {
			change[c] -= r.coef[k]
		}
	}
	eta := linear(s.design, r.coef)
	for i := range eta {
		if wide != nil {
			eta[i] += change[wide[i]]
		} else {
			eta[i] += change[narrow[i]]
		}
	}
	out := r.averageAt(eta, s.design, s.weights, s.total)
	sum := 0.0
	for _, w := range eta {
		sum += w
	}
	for _, k := range term.Coefs {
		out.gradient[k] = 0
	}
	if to >= 0 {
		out.gradient[to] = sum
	}
	return out, true
}
