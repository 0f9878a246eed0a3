package design

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// ShareInterval is how the interval of a proportion is made. Names follow R's svyciprop.
type ShareInterval uint8

const (
	Logit      ShareInterval = iota // Wald on the logit scale ("logit", "xlogit")
	Likelihood                      // binomial likelihood, its fall scaled by the design effect (Rao and Scott 1984)
	Arcsine                         // Wald on the scale of asin sqrt p, which steadies the variance
	Beta                            // Clopper and Pearson's with the effective sample size (Korn and Graubard 1998)
	Plain                           // Wald on the scale of p ("mean"); may leave [0, 1]
	Wilson                          // Wilson's score interval with the effective sample size
)

// String gives "logit", "likelihood", "asin", "beta", "mean" or "wilson".
func (k ShareInterval) String() string {
	return [...]string{"logit", "likelihood", "asin", "beta", "mean", "wilson"}[k]
}

// Share gives an interval of an estimate that is a proportion, the mean of zeros and ones. Where the estimate
// is 0 or 1 its variance cannot be seen: Beta then takes the rows for a simple sample, the others give NaN.
func (e *Estimates) Share(k int, how ShareInterval, level float64) Interval {
	p, v, n := e.Value[k], max(e.Cov.At(k, k), 0), float64(e.N[k])
	t, alpha := student(0.5+level/2, e.DF), 1-level
	switch {
	case math.IsNaN(p) || math.IsNaN(t):
		return Interval{nan, nan}
	case how == Plain:
		return e.Interval(k, level)
	case how == Beta:
		effective := n
		if v > 0 && p > 0 && p < 1 {
			effective = p * (1 - p) / v
			if n > 1 {
				ratio := student(alpha/2, int(n)-1) / student(alpha/2, e.DF)
				effective *= ratio * ratio
			}
		}
		return beta(p, effective, alpha)
	case p <= 0 || p >= 1:
		return Interval{nan, nan}
	case v == 0:
		return Interval{p, p}
	}
	se := math.Sqrt(v)
	switch how {
	case Arcsine:
		x, half := math.Asin(math.Sqrt(p)), t*se/(2*math.Sqrt(p*(1-p)))
		low, high := math.Sin(max(x-half, 0)), math.Sin(min(x+half, math.Pi/2))
		return Interval{low * low, high * high}
	case Wilson:
		n := p * (1 - p) / v
		centre, half := p+t*t/(2*n), t/(2*n)*math.Sqrt(4*n*p*(1-p)+t*t)
		return Interval{(centre - half) / (1 + t*t/n), (centre + half) / (1 + t*t/n)}
	case Likelihood:
		fall := t * t * v / (2 * p * (1 - p))
		if n > 1 {
			fall *= n / (n - 1)
		}
		return Interval{divergence(p, fall, 0), divergence(p, fall, 1)}
	}
	x, half := math.Log(p/(1-p)), t*se/(p*(1-p))
	return Interval{1 / (1 + math.Exp(half-x)), 1 / (1 + math.Exp(-half-x))}
}

// beta is Clopper and Pearson's interval of a share p of n.
func beta(p, n, alpha float64) Interval {
	out := Interval{0, 1}
	if a := n * p; a > 0 {
		out.Low = mathext.InvRegIncBeta(a, n*(1-p)+1, alpha/2)
	}
	if b := n * (1 - p); b > 0 {
		out.High = mathext.InvRegIncBeta(n*p+1, b, 1-alpha/2)
	}
	return out
}

// divergence finds, between p and an end, the q at which p log(p/q) + (1-p) log((1-p)/(1-q)) is fall.
func divergence(p, fall, end float64) float64 {
	near, far := p, end
	for range 200 {
		q := (near + far) / 2
		if p*math.Log(p/q)+(1-p)*math.Log((1-p)/(1-q)) < fall {
			near = q
		} else {
			far = q
		}
	}
	return (near + far) / 2
}
