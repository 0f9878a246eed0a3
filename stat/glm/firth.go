package glm

import (
	"math"

	"waymark/fault"
)

// penalty is a pass with Jeffreys' prior: the criterion is l + log|X'WX|/2 and the score of coefficient j gets
// the part sum_i h_i t_i x_ij / 2, with h_i = w_i x_i'(X'WX)^-1 x_i and t_i = d log w_i / d eta_i, which for the
// logit is h_i (1/2 - mu_i) (Firth 1993; Heinze and Schemper 2002). h_i of a pattern is that of its rows together.
type penalty struct {
	pass *pass
	link Link
}

type penalised struct {
	value   float64
	score   []float64
	inverse []float64
	ok      bool
}

func (f penalty) value(beta []float64) float64 {
	s := f.pass.full(beta)
	_, logDet, ok := inverse(s.info, f.pass.p)
	if !ok {
		return math.Inf(-1)
	}
	return s.value + logDet/2
}

func (f penalty) full(beta []float64) penalised {
	s := f.pass.full(beta)
	inv, logDet, ok := inverse(s.info, f.pass.p)
	if !ok {
		return penalised{}
	}
	t := f.pass.table
	var room []entry
	more := f.pass.project(func(lo, hi int, score []float64) {
		eta := f.pass.predictor(lo, hi, beta)
		scores, infos := f.pass.ones[:hi-lo], f.pass.infos[:hi-lo]
		f.pass.kernel(eta, t.weight[lo:hi], t.sum[lo:hi], scores, infos)
		for i, e := range eta {
			room = t.entries(lo+i, room)
			score[i] = infos[i] * quadratic(room, inv, f.pass.p) * f.link.tilt(e) / 2
		}
	})
	for j, v := range more {
		s.score[j] += v
	}
	return penalised{value: s.value + logDet/2, score: s.score, inverse: inv, ok: true}
}

// firth maximises the penalised likelihood by steps of (X'WX)^-1 times its score.
func (m *Model) firth(w *work) {
	limit := m.Options.Iterations
	if limit <= 0 {
		limit = 500
	}
	f := penalty{w.pass, m.Options.Link}
	m.beta = m.start(w.pass)
	if math.IsInf(f.value(m.beta), -1) {
		m.beta = make([]float64, m.Rank)
	}
	last := math.Inf(1)
	for m.Iterations = 1; m.Iterations <= limit; m.Iterations++ {
		s := f.full(m.beta)
		if !s.ok {
			break
		}
		m.inverse, m.value = s.inverse, s.value
		step := multiply(s.inverse, s.score)
		m.Decrement = dot(step, s.score)
		if m.Decrement < converged || m.Decrement < 1e-14 && m.Decrement > 0.9*last {
			m.Converged = true
			break
		}
		last = m.Decrement
		next, ok := f.climb(m.beta, step, s.value)
		if !ok {
			m.Converged = m.Decrement < 1e-10
			break
		}
		m.beta = next
	}
	m.Iterations = min(m.Iterations, limit)
	m.Converged = m.Converged && m.finite()
	code, severity := CodeConverged, fault.Soft
	if !m.Converged {
		code, severity = CodeNotConverged, fault.Hard
	}
	m.say(code, severity, "iterations", m.Iterations, "decrement", m.Decrement)
}

// climb takes a step of at most 5 in any coefficient, halved until the criterion does not fall.
func (f penalty) climb(beta, step []float64, value float64) ([]float64, bool) {
	longest := 0.0
	for _, v := range step {
		longest = max(longest, math.Abs(v))
	}
	factor := min(1, 5/longest)
	next := make([]float64, len(beta))
	for range 40 {
		for j := range next {
			next[j] = beta[j] + factor*step[j]
		}
		if f.value(next) >= value-1e-12*math.Abs(value) {
			return next, true
		}
		factor /= 2
	}
	return nil, false
}

// FLIC is the intercept correction of a Firth fit (Puhr and others 2017): the intercept alone is fitted again
// by maximum likelihood with the other coefficients held, so that the mean of the fitted probabilities is the
// observed share. It gives the coefficients with the new intercept; ok is false where there is none.
func (m *Model) FLIC() (coef []float64, ok bool) {
	if m.Names[0] != "(Intercept)" || m.Options.Family != Binomial || !m.Converged {
		return nil, false
	}
	s := newPass(m.table, m.kernel, m.Rank)
	beta := append([]float64(nil), m.beta...)
	for range 100 {
		at := s.full(beta)
		change := at.score[0] / at.info[0]
		beta[0] += change
		if math.Abs(change) < 1e-12 {
			return m.basis.user(beta), true
		}
	}
	return nil, false
}
