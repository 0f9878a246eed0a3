package glm

import (
	"math"

	"waymark/fault"
)

// work is what the steps of a fit share.
type work struct {
	pass *pass
}

func (m *Model) newWork() *work { return &work{pass: newPass(m.table, m.kernel, m.Rank)} }

// start makes one weighted least squares step from the responses themselves, drawn a little towards the
// middle, as R's glm does (McCullagh and Nelder 1989, section 2.5).
func (m *Model) start(s *pass) []float64 {
	t, link := s.table, m.Options.Link
	sums := s.each(func(lo, hi int, score, info []float64) {
		for i := range score {
			w := t.weight[lo+i]
			if w == 0 {
				score[i], info[i] = 0, 0
				continue
			}
			y := t.sum[lo+i] / w
			mean, variance := y, 1.0
			switch m.Options.Family {
			case Binomial:
				mean = (t.sum[lo+i] + 0.5) / (w + 1)
				variance = mean * (1 - mean)
			case Poisson:
				mean = y + 0.1
				variance = mean
			}
			eta := link.Eta(mean)
			slope := link.Slope(eta)
			info[i] = w * slope * slope / variance
			score[i] = eta + (y-mean)/slope
			if t.offset != nil {
				score[i] -= t.offset[lo+i]
			}
			score[i] *= info[i]
		}
	})
	inv, _, ok := inverse(sums.info, s.p)
	if !ok {
		return make([]float64, s.p)
	}
	return multiply(inv, sums.score)
}

// unit is the size of one unit of the log-likelihood in the kernel's units: the residual variance for
// gaussian, else 1.
func (m *Model) unit(value float64) float64 {
	if m.Options.Family != Gaussian {
		return 1
	}
	return max((m.table.squares-2*value)/m.table.rows, math.SmallestNonzeroFloat64)
}

// climb takes a step, halved until the criterion does not fall, and gives the sums there; ok is false where no
// length of step is up. A fall within the rounding of the criterion's sum counts as none. The first length is
// nearly always right, so that a step costs one pass.
func climb(s *pass, beta, step []float64, value float64) (next []float64, at sums, ok bool) {
	next = make([]float64, len(beta))
	for range 40 {
		for j := range next {
			next[j] = beta[j] + step[j]
		}
		if at = s.full(next); at.value >= value-1e-13*math.Abs(value)-1e-300 {
			return next, at, true
		}
		for j := range step {
			step[j] /= 2
		}
	}
	return nil, sums{}, false
}

const (
	// converged is the squared Newton decrement (twice the log-likelihood still to be gained) at which
	// iteration stops: coefficients are then within 1e-10 standard errors.
	converged = 1e-20
	// settled is where rounding may keep the decrement from falling further.
	settled = 1e-12
)

// maximise finds the maximum of the likelihood by Newton's method with step halving, and shows that it exists.
//
// Binomial and poisson likelihoods may have no maximum (separation). For the canonical links the
// log-likelihood is self-concordant in the sense of Bach (2010): a maximum exists where the Newton decrement
// times the largest sqrt(x'H^-1x) is at most 1/2. Under separation this product stays about 1 however far the
// iteration runs, so that one number tells the two apart. Where it fails, separation is looked for.
func (m *Model) maximise(w *work) {
	limit := m.Options.Iterations
	if limit <= 0 {
		limit = 60
	}
	m.beta = m.start(w.pass)
	w.pass.kernel = newtonOf(m.Options.Link)
	defer m.expected(w)
	exists := m.Options.Family == Gaussian
	doubts, last := 0, math.Inf(1)
	s := w.pass.full(m.beta)
	for m.Iterations = 1; m.Iterations <= limit; m.Iterations++ {
		m.value = s.value
		inv, _, ok := inverse(s.info, m.Rank)
		if !ok {
			break
		}
		m.inverse = inv
		step := multiply(inv, s.score)
		m.Decrement = dot(step, s.score) / m.unit(s.value)
		if !exists && m.Decrement < 1e-6 {
			exists = m.maximumExists(math.Sqrt(m.Decrement), inv)
			if !exists {
				if doubts++; doubts == 3 {
					break
				}
			}
		}
		if m.Decrement < converged || m.Decrement < settled && m.Decrement > last/4 {
			m.Converged = true
			break
		}
		last = m.Decrement
		m.step = step
		next, at, up := climb(w.pass, m.beta, step, s.value)
		if !up {
			m.Converged = m.Decrement < 1e-8
			break
		}
		m.beta, m.value, s = next, at.value, at
	}
	m.Iterations = min(m.Iterations, limit)
	if !m.finite() {
		m.Converged, exists = false, true // numbers beyond double precision: neither can be looked for
	}
	if !exists {
		m.Converged = false
		switch found, d := m.separation(); found {
		case separated:
			m.saySeparated(d)
			return
		case undecided:
			m.say(CodeUncertain, fault.Hard, "iterations", m.Iterations)
			return
		}
		m.Converged = m.Decrement < settled
	}
	if m.Converged {
		m.say(CodeConverged, fault.Soft, "iterations", m.Iterations, "decrement", m.Decrement)
	} else {
		m.say(CodeNotConverged, fault.Hard, "iterations", m.Iterations, "decrement", m.Decrement)
	}
}

// finite says whether the criterion and the estimates are numbers.
func (m *Model) finite() bool {
	for _, b := range m.beta {
		if math.IsNaN(b) || math.IsInf(b, 0) {
			return false
		}
	}
	return !math.IsNaN(m.value) && !math.IsInf(m.value, 0)
}

// expected takes the inverse of the expected information at the end, where the steps were made by another.
func (m *Model) expected(w *work) {
	w.pass.kernel = m.kernel
	if m.Options.Link == m.Options.Family.canonical() {
		return
	}
	s := w.pass.full(m.beta)
	m.inverse, _, _ = inverse(s.info, m.Rank)
}

// maximumExists is the certificate of maximise for the current point; for the links of a binomial that are
// not canonical, which have a maximum whenever logit has one, it looks for a point where logit's holds.
func (m *Model) maximumExists(decrement float64, inv []float64) bool {
	if m.Options.Link == m.Options.Family.canonical() {
		return decrement*m.table.reach(inv, m.Rank) <= 0.5
	}
	logit := &Model{Options: Options{Family: m.Options.Family, Link: Logit}, table: m.table}
	s := newPass(m.table, logitKernel, m.Rank)
	beta := logit.start(s)
	at := s.full(beta)
	for range 40 {
		inv, _, ok := inverse(at.info, m.Rank)
		if !ok {
			return false
		}
		step := multiply(inv, at.score)
		d := dot(step, at.score)
		if math.Sqrt(d)*m.table.reach(inv, m.Rank) <= 0.5 {
			return true
		}
		next, there, up := climb(s, beta, step, at.value)
		if !up || d < 1e-12 {
			return false
		}
		beta, at = next, there
	}
	return false
}
