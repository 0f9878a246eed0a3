package effect

import "math"

// Variance is a variance on the scale of the linear predictor.
type Variance float64

// Residual is the variance of the latent outcome that a link implies: pi^2/3 of the logistic, 1 of the normal,
// pi^2/6 of the extreme value distribution.
func (l Link) Residual() Variance {
	switch l {
	case Logit:
		return math.Pi * math.Pi / 3
	case Probit:
		return 1
	case Cloglog:
		return math.Pi * math.Pi / 6
	}
	return Variance(math.NaN())
}

// ICC gives the latent intra-class correlation of each term: the share of the latent variance between the
// groups of the term, s_k^2 / (sum of s^2 + residual). residual is that of the link for binary outcomes (pi^2/3
// for the logit), the residual variance of a gaussian model otherwise.
// Goldstein, Browne and Rasbash, Understanding Statistics 1 (2002).
func ICC(between []Variance, residual Variance) []float64 {
	total := residual
	for _, v := range between {
		total += v
	}
	out := make([]float64, len(between))
	for k, v := range between {
		out[k] = float64(v / total)
	}
	return out
}

// MedianOddsRatio is the median, over pairs of groups drawn at random, of the odds ratio between the group
// of higher and the group of lower risk for persons alike: exp(sqrt(2) s 0.6745). It belongs to the logit.
// Larsen and Merlo, American Journal of Epidemiology 161 (2005).
func MedianOddsRatio(between Variance) float64 {
	const upperQuartile = 0.67448975019608171 // of the standard normal
	return math.Exp(math.Sqrt(2*float64(between)) * upperQuartile)
}

// R2 are the shares of variance that a mixed model explains.
type R2 struct {
	Marginal    float64 // by the fixed part
	Conditional float64 // by the fixed part and the groups
}

// NakagawaR2 sets the variance of the fixed part of the linear predictor over the rows (with n, not n-1) and that
// between groups (the mean of z'Sz over the rows where slopes vary) against their sum with the residual variance.
// Nakagawa and Schielzeth, Methods in Ecology and Evolution 4 (2013); Johnson (2014) for slopes.
func NakagawaR2(fixed, between, residual Variance) R2 {
	total := fixed + between + residual
	return R2{Marginal: float64(fixed / total), Conditional: float64((fixed + between) / total)}
}
