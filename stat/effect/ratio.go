package effect

import (
	"math"

	"waymark/fault"
)

// Ratio is exp(b) of one coefficient: an odds ratio for the logit, a rate ratio for counts. For other links it has
// no such meaning and Ratios gives none.
type Ratio struct {
	Term string
	Coef Estimate // on the scale of the linear predictor
	Estimate
}

// Ratios gives exp(b) with Wald intervals, exp(b -+ z se); its standard error is the delta method's, exp(b) se. The
// names are those of the design. Coefficients that were not estimated are NaN. It gives nil for links other than
// logit and log.
func Ratios(m Model, names []string, c Confidence) ([]Ratio, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if m.Link() != Logit && m.Link() != Log {
		return nil, nil
	}
	coef, cov := m.Coef(), m.Cov()
	out := make([]Ratio, len(coef))
	for k, b := range coef {
		se := math.NaN()
		if !math.IsNaN(b) && cov != nil { // a fit that did not end may have no covariance
			se = math.Sqrt(cov.At(k, k))
		}
		e := wald(b, se, c)
		out[k] = Ratio{Term: names[k], Coef: e, Estimate: Estimate{
			Value: math.Exp(b), StdError: math.Exp(b) * se, Low: math.Exp(e.Low), High: math.Exp(e.High),
		}}
	}
	return out, nil
}

// Profiler is a fitted model that can be fitted again with one coefficient held.
type Profiler interface {
	// LogLikelihood is that of the fit.
	LogLikelihood() Likelihood
	// Held gives the largest log-likelihood with one coefficient held at a value.
	Held(coef int, value float64) (Likelihood, error)
}

// ProfileInterval gives the interval of a coefficient that a likelihood-ratio test does not reject: the two values at which
// sqrt(2 (L - L(value))) equals the normal quantile. It follows the likelihood where that is not symmetric, as
// Wald's interval cannot (Venables and Ripley, Modern Applied Statistics with S, 2002, section 8.4). An end that the
// likelihood does not bound is infinite. start gives the estimate and its standard error.
func ProfileInterval(p Profiler, coef int, start Estimate, c Confidence) (Estimate, error) {
	if err := c.check(); err != nil {
		return Estimate{}, err
	}
	if math.IsNaN(start.Value) || !(start.StdError > 0) {
		return Estimate{}, fault.Issue{Code: CodeNotEstimable}
	}
	out := start
	var err error
	if out.Low, err = profileEnd(p, coef, start, -1, c.quantile()); err != nil {
		return Estimate{}, err
	}
	out.High, err = profileEnd(p, coef, start, 1, c.quantile())
	return out, err
}

const (
	profileSteps     = 40
	profileTolerance = 1e-6 // of the signed root, in standard errors
	profileReach     = 1e4  // standard errors beyond which an end counts as infinite
	profileClimb     = 1e-5 // by how much a held likelihood may exceed the fit's for numerical reasons
)

// profileEnd finds one end by the secant rule on the signed root, which is nearly a straight line.
func profileEnd(p Profiler, coef int, start Estimate, side, z float64) (float64, error) {
	top := p.LogLikelihood()
	root := func(value float64) (float64, error) {
		l, err := p.Held(coef, value)
		if err != nil {
			return 0, err
		}
		if l > top+profileClimb {
			return 0, fault.Issue{Code: CodeProfileFlawed, Args: map[string]any{"gain": float64(l - top)}}
		}
		return math.Sqrt(max(2*float64(top-l), 0)), nil
	}
	inside, at := 0.0, 0.0 // distance from the estimate, in standard errors, that is within; its root
	outside, beyond := math.Inf(1), 0.0
	try := z
	for range profileSteps {
		r, err := root(start.Value + side*try*start.StdError)
		if err != nil {
			return 0, err
		}
		if math.Abs(r-z) < profileTolerance {
			return start.Value + side*try*start.StdError, nil
		}
		if r < z {
			inside, at = try, r
		} else {
			outside, beyond = try, r
		}
		switch {
		case math.IsInf(outside, 1): // not yet beyond: follow the line through the last two, at most four times as far
			try = min(4*inside, inside*max(1.05, z/max(at, 1e-9)))
			if try > profileReach {
				return math.Inf(int(side)), nil
			}
		default:
			next := inside + (z-at)*(outside-inside)/(beyond-at)
			margin := 0.02 * (outside - inside)
			try = min(max(next, inside+margin), outside-margin)
			if outside-inside < 1e-9*(1+outside) {
				return start.Value + side*try*start.StdError, nil
			}
		}
	}
	if math.IsInf(outside, 1) {
		return math.Inf(int(side)), nil
	}
	return start.Value + side*try*start.StdError, nil
}
