package effect

import "math"

// Link is how the mean of an outcome hangs on the linear predictor.
type Link uint8

const (
	Logit Link = iota
	Probit
	Cloglog
	Log
	Identity
)

var linkNames = [...]string{"logit", "probit", "cloglog", "log", "identity"}

// String gives "logit", "probit", "cloglog", "log" or "identity".
func (l Link) String() string { return linkNames[l] }

// ParseLink reads the name that String gives.
func ParseLink(name string) (Link, bool) {
	for k, n := range linkNames {
		if n == name {
			return Link(k), true
		}
	}
	return 0, false
}

// moments gives the mean at a linear predictor and its first three derivatives.
func (l Link) moments(eta float64) (m [4]float64) {
	switch l {
	case Logit:
		x := math.Exp(-math.Abs(eta))
		p, q := 1/(1+x), x/(1+x)
		if eta < 0 {
			p, q = q, p
		}
		v := p * q
		return [4]float64{p, v, v * (q - p), v * (1 - 6*v)}
	case Probit:
		phi := math.Exp(-eta*eta/2) / math.Sqrt(2*math.Pi)
		return [4]float64{math.Erfc(-eta/math.Sqrt2) / 2, phi, -eta * phi, (eta*eta - 1) * phi}
	case Cloglog:
		e := math.Exp(min(eta, 700))
		s := math.Exp(-e)
		if s == 0 {
			return [4]float64{1, 0, 0, 0}
		}
		return [4]float64{-math.Expm1(-e), e * s, e * s * (1 - e), e * s * (1 - 3*e + e*e)}
	case Log:
		e := math.Exp(eta)
		return [4]float64{e, e, e, e}
	}
	return [4]float64{eta, 1, 0, 0}
}
