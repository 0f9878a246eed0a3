package effect

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"waymark/fault"
)

// Calibration is how far probabilities agree with frequencies: the logistic regression of the outcome on the
// logit of the probability. Intercept 0 and slope 1 is agreement; a slope under 1 means that the
// probabilities are too extreme. Cox, Biometrika 45 (1958).
type Calibration struct {
	Intercept Estimate
	Slope     Estimate
	InLarge   Estimate // the intercept with the slope held at 1: calibration in the large
}

// Calibrate fits the two lines by Newton's method. A probability of exactly 0 or 1 is taken as 1e-15 away from it.
func (r Result) Calibrate(c Confidence) (Calibration, error) {
	if err := c.check(); err != nil {
		return Calibration{}, err
	}
	if _, _, err := r.total(); err != nil {
		return Calibration{}, err
	}
	ties := r.ties()
	logits := make([]float64, len(ties))
	for k, t := range ties {
		p := min(max(t.p, 1e-15), 1-1e-15)
		logits[k] = math.Log(p / (1 - p))
	}
	var out Calibration
	a, b := 0.0, 1.0
	aa, ab, bb := 0.0, 0.0, 0.0
	if len(ties) == 1 {
		out.Slope = Estimate{Value: math.NaN(), StdError: math.NaN(), Low: math.NaN(), High: math.NaN()}
		out.Intercept = out.Slope
	} else {
		for range 50 {
			var ga, gb float64
			ga, gb, aa, ab, bb = lineScore(ties, logits, a, b)
			det := aa*bb - ab*ab
			if !(det > 0) {
				break
			}
			da, db := (bb*ga-ab*gb)/det, (aa*gb-ab*ga)/det
			a, b = a+da, b+db
			if ga*da+gb*db < 1e-18*(1+math.Abs(ga)) {
				break
			}
		}
		_, _, aa, ab, bb = lineScore(ties, logits, a, b)
		det := aa*bb - ab*ab
		out.Intercept = wald(a, math.Sqrt(bb/det), c)
		out.Slope = wald(b, math.Sqrt(aa/det), c)
	}
	a = 0
	for range 50 {
		var g float64
		g, _, aa, _, _ = lineScore(ties, logits, a, 1)
		a += g / aa
		if g*g/aa < 1e-18 {
			break
		}
	}
	_, _, aa, _, _ = lineScore(ties, logits, a, 1)
	out.InLarge = wald(a, 1/math.Sqrt(aa), c)
	return out, nil
}

// lineScore gives the score and information of the logistic regression on a + b logit(p).
func lineScore(ties []tie, logits []float64, a, b float64) (ga, gb, aa, ab, bb float64) {
	for k, t := range ties {
		n := t.success + t.failure
		mu := expit(a + b*logits[k])
		res, w := t.success-n*mu, n*mu*(1-mu)
		ga += res
		gb += res * logits[k]
		aa += w
		ab += w * logits[k]
		bb += w * logits[k] * logits[k]
	}
	return ga, gb, aa, ab, bb
}

// expit is the inverse logit, exact at both ends.
func expit(eta float64) float64 {
	if eta >= 0 {
		return 1 / (1 + math.Exp(-eta))
	}
	e := math.Exp(eta)
	return e / (1 + e)
}

// Bin is one group of a calibration curve.
type Bin struct {
	Persons   float64 // rows x weights x trials
	Predicted float64 // mean probability
	Observed  float64 // share of successes
	Low, High float64 // Wilson interval of the share
}

// Curve groups the rows by quantiles of their probability into at most groups bins, by the rule of
// HosmerLemeshow, and sets the mean probability beside the share observed. The interval is Wilson's (1927).
func (r Result) Curve(groups int, c Confidence) ([]Bin, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if _, _, err := r.total(); err != nil {
		return nil, err
	}
	z := c.quantile()
	var out []Bin
	for _, g := range quantileGroups(r.ties(), groups) {
		n := g.success + g.failure
		p := g.success / n
		mid := (p + z*z/(2*n)) / (1 + z*z/n)
		half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
		out = append(out, Bin{Persons: n, Predicted: g.expected / n, Observed: p, Low: max(mid-half, 0), High: min(mid+half, 1)})
	}
	return out, nil
}

// Fit is a chi-square test of fit.
type Fit struct {
	Groups    int
	ChiSquare float64
	DF        int
	P         float64
}

// HosmerLemeshow groups the rows by quantiles of the fitted probability and compares counts expected and observed,
//
//	sum over groups of (O1-E1)^2/E1 + (O0-E0)^2/E0, chi-square on groups - 2.
//
// The rule: limits are quantiles of type 7 of the fitted probabilities of all trials, right-closed, the lowest
// included, equal limits (to 1e-9) merged. Other programs cut ties otherwise and give other values: the test is weak
// ground, and the curve says more. Hosmer and Lemeshow, Communications in Statistics A9 (1980).
func (r Result) HosmerLemeshow(groups int) (Fit, error) {
	if _, _, err := r.total(); err != nil {
		return Fit{}, err
	}
	gs := quantileGroups(r.ties(), groups)
	if len(gs) < 3 {
		return Fit{}, fault.Issue{Code: CodeFewGroups, Args: map[string]any{"have": len(gs)}}
	}
	out := Fit{Groups: len(gs), DF: len(gs) - 2}
	for _, g := range gs {
		n := g.success + g.failure
		d := g.success - g.expected
		out.ChiSquare += d*d/g.expected + d*d/(n-g.expected)
	}
	out.P = distuv.ChiSquared{K: float64(out.DF)}.Survival(out.ChiSquare)
	return out, nil
}

// sameLimit is how near two quantiles must lie to be one: probabilities that a separated model drives to 0 or 1 differ
// in their last figures alone.
const sameLimit = 1e-9

// binned is a quantile group's counts.
type binned struct {
	success, failure, expected float64
}

// quantileGroups cuts the trials at the quantiles 1/groups, 2/groups, ... of type 7 (Hyndman and Fan, 1996).
func quantileGroups(ties []tie, groups int) []binned {
	if groups < 1 {
		return nil
	}
	total := 0.0
	upTo := make([]float64, len(ties)) // trials up to and with the tie
	for k, t := range ties {
		total += t.success + t.failure
		upTo[k] = total
	}
	at := func(index float64) float64 { // value of the trial at a 0-based place
		for k := range ties {
			if index < upTo[k] {
				return ties[k].p
			}
		}
		return ties[len(ties)-1].p
	}
	limits := make([]float64, 0, groups)
	for g := 1; g <= groups; g++ {
		h := (total - 1) * float64(g) / float64(groups)
		floor := math.Floor(h)
		low, high := at(floor), at(floor+1)
		q := low + (h-floor)*(high-low)
		if g == groups {
			q = ties[len(ties)-1].p
		}
		last := ties[0].p // the quantile 0: the lowest is included in the first group
		if len(limits) > 0 {
			last = limits[len(limits)-1]
		}
		if q > last+sameLimit {
			limits = append(limits, q)
		}
	}
	if len(limits) == 0 {
		limits = append(limits, ties[0].p)
	}
	out := make([]binned, 0, len(limits))
	k := 0
	for _, limit := range limits {
		var b binned
		for k < len(ties) && ties[k].p <= limit+sameLimit {
			b.success += ties[k].success
			b.failure += ties[k].failure
			b.expected += ties[k].p * (ties[k].success + ties[k].failure)
			k++
		}
		if b.success+b.failure > 0 {
			out = append(out, b)
		}
	}
	return out
}
