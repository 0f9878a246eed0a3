package glm

import "math"

// Family is the distribution of the response.
type Family uint8

const (
	Binomial Family = iota
	Poisson
	Gaussian
)

// String gives "binomial", "poisson" or "gaussian".
func (f Family) String() string { return [...]string{"binomial", "poisson", "gaussian"}[f] }

// Link is the function of the mean that is linear in the coefficients.
type Link uint8

const (
	Canonical Link = iota // the family's own: logit, log, identity
	Logit
	Probit
	Cloglog // complementary log-log, log(-log(1-mu))
	Log
	Identity
)

// String gives "logit", "probit", "cloglog", "log" or "identity".
func (l Link) String() string {
	return [...]string{"canonical", "logit", "probit", "cloglog", "log", "identity"}[l]
}

func (f Family) canonical() Link { return [...]Link{Logit, Log, Identity}[f] }

func (f Family) allows(l Link) bool {
	return l == f.canonical() || f == Binomial && (l == Probit || l == Cloglog)
}

// Mean is the mean at a linear predictor.
func (l Link) Mean(eta float64) float64 {
	switch l {
	case Logit:
		return 1 / (1 + math.Exp(-eta))
	case Probit:
		return normal(eta)
	case Cloglog:
		return -math.Expm1(-math.Exp(eta))
	case Log:
		return math.Exp(eta)
	}
	return eta
}

// Slope is the derivative of the mean by the linear predictor.
func (l Link) Slope(eta float64) float64 {
	switch l {
	case Logit:
		e := math.Exp(-math.Abs(eta))
		return e / ((1 + e) * (1 + e))
	case Probit:
		return density(eta)
	case Cloglog:
		return math.Exp(eta - math.Exp(eta))
	case Log:
		return math.Exp(eta)
	}
	return 1
}

// Eta is the linear predictor at a mean: the link itself.
func (l Link) Eta(mean float64) float64 {
	switch l {
	case Logit:
		return math.Log(mean / (1 - mean))
	case Probit:
		return math.Sqrt2 * math.Erfinv(2*mean-1)
	case Cloglog:
		return math.Log(-math.Log1p(-mean))
	case Log:
		return math.Log(mean)
	}
	return mean
}

func density(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
func normal(x float64) float64  { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// logNormal gives log Phi(x) and phi(x)/Phi(x). Below -35 it uses the continued fraction of Mills' ratio
// (Abramowitz and Stegun 26.2.14), where Phi itself underflows.
func logNormal(x float64) (log, ratio float64) {
	if x > -35 {
		p := normal(x)
		if x > 5 {
			return math.Log1p(-normal(-x)), density(x) / p
		}
		return math.Log(p), density(x) / p
	}
	t, f := -x, 0.0
	for k := 20.0; k > 0; k-- {
		f = k / (t + f)
	}
	ratio = t + f
	return -x*x/2 - math.Log(2*math.Pi)/2 - math.Log(ratio), ratio
}

// kernel works a block of patterns out: for each pattern the log-likelihood without its constant, the score
// by the linear predictor, and the expected information. m is the sum of weights (times trials), s the
// weighted sum of the response. It returns the sum of log-likelihoods.
type kernel func(eta, m, s, score, info []float64) float64

func kernelOf(l Link) kernel {
	switch l {
	case Logit:
		return logitKernel
	case Probit:
		return probitKernel
	case Cloglog:
		return cloglogKernel
	case Log:
		return logKernel
	}
	return identityKernel
}

// logitKernel: log-likelihood s eta - m log(1 + e^eta). The logarithms of patterns of one trial are taken
// together, as one logarithm of the product of at most `block` factors in [1, 2], which cannot overflow.
func logitKernel(eta, m, s, score, info []float64) float64 {
	sum, product := 0.0, 1.0
	m, s, score, info = m[:len(eta)], s[:len(eta)], score[:len(eta)], info[:len(eta)]
	for i, e := range eta {
		x := math.Exp(-math.Abs(e))
		d := 1 / (1 + x)
		mean, slope := d, x*d*d
		if e >= 0 {
			sum -= (m[i] - s[i]) * e
		} else {
			sum += s[i] * e
			mean = x * d
		}
		if m[i] == 1 {
			product *= 1 + x
		} else {
			sum -= m[i] * math.Log1p(x)
		}
		score[i] = s[i] - m[i]*mean
		info[i] = m[i] * slope
	}
	return sum - math.Log(product)
}

// probitKernel: mean Phi(eta), so d log mu = phi/Phi and d log(1-mu) = -phi/(1-Phi); the expected information
// of one trial is the product of the two.
func probitKernel(eta, m, s, score, info []float64) float64 {
	sum := 0.0
	for i, e := range eta {
		yes, a := logNormal(e)
		no, b := logNormal(-e)
		sum += s[i]*yes + (m[i]-s[i])*no
		score[i] = s[i]*a - (m[i]-s[i])*b
		info[i] = m[i] * a * b
	}
	return sum
}

// cloglogKernel: log(1-mu) = -e^eta.
func cloglogKernel(eta, m, s, score, info []float64) float64 {
	sum := 0.0
	for i, e := range eta {
		b := math.Exp(e)
		yes, a := cloglogYes(e, b)
		sum += s[i]*yes - (m[i]-s[i])*b
		score[i] = s[i]*a - (m[i]-s[i])*b
		info[i] = m[i] * a * b
	}
	return sum
}

// cloglogYes gives log mu and its derivative, b = e^eta.
func cloglogYes(eta, b float64) (log, slope float64) {
	switch {
	case b > 700:
		return -math.Exp(-b), 0
	case b < 1e-300:
		return eta, 1
	}
	return math.Log(-math.Expm1(-b)), b / math.Expm1(b)
}

// logKernel: s eta - m e^eta.
func logKernel(eta, m, s, score, info []float64) float64 {
	sum := 0.0
	for i, e := range eta {
		mean := m[i] * math.Exp(e)
		sum += s[i]*e - mean
		score[i] = s[i] - mean
		info[i] = mean
	}
	return sum
}

// identityKernel: minus half the weighted squares between the pattern's mean and eta, the variance taken as
// one; the squares within patterns are a constant.
func identityKernel(eta, m, s, score, info []float64) float64 {
	sum := 0.0
	for i, e := range eta {
		if m[i] == 0 {
			score[i], info[i] = 0, 0
			continue
		}
		r := s[i] - m[i]*e
		sum -= r * r / m[i] / 2
		score[i] = r
		info[i] = m[i]
	}
	return sum
}

// newtonOf is the kernel with the observed information in the place of the expected one, for the steps of
// Newton's method. For the canonical links the two are the same; for probit and complementary log-log the
// observed one is positive as well, and steps by it converge quadratically where steps by the expected one
// may take hundreds.
func newtonOf(l Link) kernel {
	switch l {
	case Probit:
		return probitNewton
	case Cloglog:
		return cloglogNewton
	}
	return kernelOf(l)
}

// probitNewton: with a = phi/Phi and b = phi/(1-Phi) the second derivatives are -a(a+eta) and -b(b-eta).
func probitNewton(eta, m, s, score, info []float64) float64 {
	sum := 0.0
	for i, e := range eta {
		yes, a := logNormal(e)
		no, b := logNormal(-e)
		sum += s[i]*yes + (m[i]-s[i])*no
		score[i] = s[i]*a - (m[i]-s[i])*b
		info[i] = s[i]*a*max(a+e, 0) + (m[i]-s[i])*b*max(b-e, 0)
	}
	return sum
}

// cloglogNewton: with b = e^eta and a = b/(e^b-1) the second derivatives are -a(a+b-1) and -b.
func cloglogNewton(eta, m, s, score, info []float64) float64 {
	sum := 0.0
	for i, e := range eta {
		b := math.Exp(e)
		yes, a := cloglogYes(e, b)
		curve := a + b - 1
		if b < 1e-5 {
			curve = b / 2
		}
		sum += s[i]*yes - (m[i]-s[i])*b
		score[i] = s[i]*a - (m[i]-s[i])*b
		info[i] = s[i]*a*curve + (m[i]-s[i])*b
	}
	return sum
}

// tilt is d log w / d eta, w the expected information of one trial, which Firth's correction needs:
// 1-2mu for logit, 1 for log.
func (l Link) tilt(eta float64) float64 {
	switch l {
	case Logit:
		return -math.Tanh(eta / 2)
	case Probit:
		_, a := logNormal(eta)
		_, b := logNormal(-eta)
		return -2*eta - a + b
	case Cloglog:
		b := math.Exp(eta)
		if b > 700 {
			return 2 - b
		}
		if b < 1e-8 {
			return 1
		}
		return 2 - b/-math.Expm1(-b)
	case Log:
		return 1
	}
	return 0
}
