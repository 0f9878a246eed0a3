package effect

import (
	"math"

	"waymark/fault"
)

// Result is what was fitted beside what happened, one entry a row: the ground of every measure of
// discrimination and calibration. A row of n trials counts as n persons, a frequency weight as so many rows.
type Result struct {
	Probability []float64 // fitted or predicted probability of a success, 0 to 1
	Successes   []float64 // number of successes in the row: 0 or 1, or up to Trials
	Trials      []float64 // trials in the row; nil: one each
	Weights     []float64 // frequency weights; nil: one each
}

// mass gives the weight of row i's successes and failures.
func (r Result) mass(i int) (success, failure float64) {
	n, w := 1.0, 1.0
	if r.Trials != nil {
		n = r.Trials[i]
	}
	if r.Weights != nil {
		w = r.Weights[i]
	}
	return w * r.Successes[i], w * (n - r.Successes[i])
}

// total gives the number of successes and failures, or why there is nothing to measure.
func (r Result) total() (success, failure float64, err error) {
	n := len(r.Probability)
	if len(r.Successes) != n || (r.Trials != nil && len(r.Trials) != n) || (r.Weights != nil && len(r.Weights) != n) {
		return 0, 0, fault.Issue{Code: CodeLength}
	}
	for i, p := range r.Probability {
		if !(p >= 0 && p <= 1) {
			return 0, 0, fault.Issue{Code: CodeProbability, Place: fault.Place{Row: i + 1}}
		}
		s, f := r.mass(i)
		success += s
		failure += f
	}
	if success <= 0 || failure <= 0 || math.IsNaN(success+failure) {
		return 0, 0, fault.Issue{Code: CodeNoVariation}
	}
	return success, failure, nil
}

// Brier is the mean squared difference between outcome and probability; 0 is perfect, and the share of
// successes times the share of failures is what a constant gives. Brier, Monthly Weather Review 78 (1950).
func (r Result) Brier() (float64, error) {
	ns, nf, err := r.total()
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for i, p := range r.Probability {
		s, f := r.mass(i)
		sum += s*(1-p)*(1-p) + f*p*p
	}
	return sum / (ns + nf), nil
}

// Tjur is the coefficient of discrimination: the mean probability of successes less that of failures. Tjur, The
// American Statistician 63 (2009).
func (r Result) Tjur() (float64, error) {
	ns, nf, err := r.total()
	if err != nil {
		return 0, err
	}
	up, down := 0.0, 0.0
	for i, p := range r.Probability {
		s, f := r.mass(i)
		up += s * p
		down += f * p
	}
	return up/ns - down/nf, nil
}

// PseudoR2 are the likelihood-based measures of fit of a single-level model.
type PseudoR2 struct {
	McFadden   float64 // 1 - L/L0
	CoxSnell   float64 // 1 - exp(2 (L0 - L) / n)
	Nagelkerke float64 // Cox-Snell over its largest possible value
}

// Likelihood is a full log-likelihood, with its constants.
type Likelihood float64

// PseudoR2 compares a model's log-likelihood with that of the model with an intercept alone on the same rows.
// n counts trials, not rows, and Nagelkerke's bound uses the null likelihood of single trials, so that these two
// do not change when rows are grouped; McFadden's measure uses the likelihoods as given and does.
// McFadden (1974); Cox and Snell (1989); Nagelkerke, Biometrika 78 (1991).
func (r Result) PseudoR2(model, null Likelihood) (PseudoR2, error) {
	ns, nf, err := r.total()
	if err != nil {
		return PseudoR2{}, err
	}
	n := ns + nf
	bernoulli := ns*math.Log(ns/n) + nf*math.Log(nf/n)
	cs := -math.Expm1(2 * float64(null-model) / n)
	return PseudoR2{
		McFadden:   1 - float64(model/null),
		CoxSnell:   cs,
		Nagelkerke: cs / -math.Expm1(2*bernoulli/n),
	}, nil
}
