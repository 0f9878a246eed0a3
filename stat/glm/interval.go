package glm

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a confidence interval on the scale of the coefficients. A bound that does not exist is infinite.
type Interval struct{ Low, High float64 }

// Wald gives intervals estimate -+ quantile times standard error at a level such as 0.95, from the normal
// distribution or, for gaussian, from t.
func (m *Model) Wald(level float64) []Interval {
	q := m.quantile(level)
	out := make([]Interval, len(m.Coef))
	for j, b := range m.Coef {
		out[j] = Interval{b - q*m.SE[j], b + q*m.SE[j]}
	}
	return out
}

// quantile is what a two-sided interval takes, NaN where no degree of freedom is left.
func (m *Model) quantile(level float64) float64 {
	if m.Options.Family != Gaussian {
		return distuv.UnitNormal.Quantile(0.5 + level/2)
	}
	if !(m.DF > 1e-3) {
		return math.NaN()
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: m.DF}.Quantile(0.5 + level/2)
}

// Profile gives the profile likelihood interval of a coefficient, for Firth fits of the penalised likelihood:
// the values at which the likelihood, maximised over the other coefficients, is not rejected against its
// maximum (chi-square, one degree; for gaussian the square of t at the residual variance of the fit, which
// is the Wald interval). A bound is infinite where the likelihood stays above that for as far as can be followed, as
// under separation.
func (m *Model) Profile(coef int, level float64) Interval {
	nan := Interval{math.NaN(), math.NaN()}
	k := -1
	for a, j := range m.basis.active {
		if j == coef {
			k = a
		}
	}
	q := m.quantile(level)
	if k < 0 || !(m.SE[coef] > 0) || math.IsNaN(q) {
		return nan
	}
	p := &profiler{model: m, form: m.basis.row(k), pass: newPass(m.table, m.kernel, m.Rank),
		newton: newPass(m.table, newtonOf(m.Options.Link), m.Rank)}
	return Interval{p.bound(coef, -q), p.bound(coef, q)}
}

// profiler maximises the criterion with one linear form of the coefficients held.
type profiler struct {
	model  *Model
	form   []float64
	pass   *pass
	newton *pass
}

// bound finds the value at which the signed root of twice the fall of the criterion is the quantile q. The
// root is close to linear in the value and its slope is known (the multiplier of the constraint), so that
// Newton's method needs few steps; each starts where the last maximum was.
func (p *profiler) bound(coef int, q float64) float64 {
	m := p.model
	estimate, unit := m.Coef[coef], m.Dispersion
	step := m.SE[coef]
	if m.Options.Estimator != Firth && !m.Converged {
		return p.infinite(q) // no maximum to start from
	}
	beta := append([]float64(nil), m.beta...)
	value, low, high := estimate+q*step, 0.0, math.Inf(1) // distances from the estimate known to be short and far
	sign := math.Copysign(1, q)
	for range 60 {
		next, reached, multiplier, ok := p.constrained(beta, value)
		distance := math.Abs(value - estimate)
		if !ok {
			high = distance
			value = estimate + sign*(low+high)/2
			if high-low < 1e-6*step {
				return math.NaN()
			}
			continue
		}
		beta = next
		root := math.Sqrt(max(2*(m.value-reached)/unit, 0))
		off := root - math.Abs(q)
		if math.Abs(off) < 1e-9 {
			return value
		}
		if off < 0 {
			low = max(low, distance)
		} else {
			high = min(high, distance)
		}
		slope := -sign * multiplier / unit / max(root, 1e-3) // of root by distance
		move := distance - off/slope
		if !(slope > 0) || move <= low || move >= high {
			move = (low + high) / 2
			if math.IsInf(high, 1) {
				move = 2*max(low, step) + step
			}
		}
		move = min(move, 4*distance)
		if move > 1e4*step {
			return p.infinite(q)
		}
		if high-low < 1e-12*high {
			return value
		}
		value = estimate + sign*move
	}
	return p.infinite(q)
}

func (p *profiler) infinite(q float64) float64 { return math.Inf(int(math.Copysign(1, q))) }

// constrained maximises the criterion with form'beta = value. It gives the maximum and the multiplier, the
// derivative of the maximum by the value.
func (p *profiler) constrained(start []float64, value float64) (beta []float64, reached, multiplier float64, ok bool) {
	beta = append([]float64(nil), start...)
	firth := p.model.Options.Estimator == Firth
	f := penalty{p.pass, p.model.Options.Link}
	for n := range 300 {
		var score, inv []float64
		if firth {
			s := f.full(beta)
			if !s.ok {
				return nil, 0, 0, false
			}
			score, inv, reached = s.score, s.inverse, s.value
		} else {
			s := p.newton.full(beta)
			if inv, _, ok = inverse(s.info, len(beta)); !ok {
				return nil, 0, 0, false
			}
			score, reached = s.score, s.value
		}
		va := multiply(inv, p.form)
		ava := dot(p.form, va)
		gap := value - dot(p.form, beta)
		multiplier = (dot(va, score) - gap) / ava
		step := multiply(inv, score)
		decrement, size := 0.0, 1.0
		for j := range step {
			step[j] -= multiplier * va[j]
			decrement += step[j] * (score[j] - multiplier*p.form[j])
		}
		if n > 0 && math.Abs(decrement) < 1e-16*p.model.Dispersion {
			return beta, reached, multiplier, true
		}
		if n == 0 { // onto the constraint; the criterion may fall
			for j := range beta {
				beta[j] += step[j]
			}
			continue
		}
		better := false
		for range 30 {
			next := make([]float64, len(beta))
			for j := range next {
				next[j] = beta[j] + size*step[j]
			}
			v := 0.0
			if firth {
				v = f.value(next)
			} else {
				v = p.pass.value(next)
			}
			if v >= reached-1e-12*math.Abs(reached) {
				beta, better = next, true
				break
			}
			size /= 2
		}
		if !better {
			return beta, reached, multiplier, decrement < 1e-8*p.model.Dispersion
		}
	}
	return nil, 0, 0, false
}
