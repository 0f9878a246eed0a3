package glmm

import (
	"math"

	"waymark/fault"
)

// Accuracy is an estimate of what Laplace's approximation leaves out, by the next term of its expansion.
type Accuracy struct {
	LogLik        float64   // true log-likelihood less Laplace's, estimated at the estimates
	Shift         []float64 // of each entry of Theta when that were put right, in standard errors
	RowsPerEffect float64   // observations (trials) a random effect of the largest factor
	Trustworthy   bool
}

// trustedShift is how far, in standard errors of a template entry, Laplace may be off before a fit warns. An error of
// the log-likelihood that does not change with the parameters does no harm, so its size alone decides nothing.
const trustedShift = 0.25

// correction is the next term of the Laplace expansion of the log-likelihood (Shun and McCullagh 1995, Journal of the
// Royal Statistical Society B 57, equation 2; here by cells), with h_cd = z_c'L H^-1 L'z_d and the derivatives w', w”
// of w by the linear predictor:
//
//	-1/8 sum w''_c h_cc^2 + 1/8 sum w'_c w'_d h_cc h_cd h_dd + 1/12 sum w'_c w'_d h_cd^3
//
// The last sum runs over pairs of cells; where there are many, over every k-th cell with all others, times k.
func (st *state) correction(ct *cellTerms) float64 {
	st.terms(ct)
	first, second, third := 0.0, 0.0, 0.0
	w2 := make([]float64, st.cells())
	for c := range w2 {
		for i := st.cellStart[c]; i < st.cellStart[c+1]; i++ {
			_, _, _, _, v := st.moments(int(i), st.eta[i]+st.s[c])
			w2[c] += v
		}
		first += w2[c] * ct.h[c] * ct.h[c]
		second += ct.h[c] * st.sums.w1[c] * ct.e[c] // h w' e = 2 v e
	}
	const most = 48
	stride := (st.cells() + most - 1) / most
	x, row := make([]float64, st.effects), make([]float64, st.cells())
	used := 0.0
	for c := stride / 2; c < st.cells(); c += stride {
		clear(x)
		st.spread(c, 1, st.cellVector(c), x)
		st.h.solve(x)
		st.cellEffects(x, row)
		sum := 0.0
		for d, h := range row {
			sum += st.sums.w1[d] * h * h * h
		}
		third += st.sums.w1[c] * sum
		used++
	}
	third *= float64(st.cells()) / used
	return -first/8 + second/4 + third/12
}

// checkAccuracy estimates the error of Laplace's approximation and how far it moves the template, and says whether
// the fit can be trusted.
func (m *Model) checkAccuracy() {
	l, ok := m.crit.(*laplaceCriterion)
	if !ok || math.IsInf(m.value, 0) || math.IsNaN(m.value) {
		m.say(CodeNotChecked, fault.Soft, nil)
		return
	}
	st := l.st
	st.tolerance = searchTolerance
	defer func() { st.tolerance = finalTolerance }()
	a := &Accuracy{LogLik: m.correctionAt(m.x), Shift: make([]float64, len(st.free)), Trustworthy: true}
	m.Accuracy = a
	a.RowsPerEffect = st.information() / float64(st.factors[0].levels)
	largestShift := 0.0
	for k := range st.free {
		if m.inverse == nil || math.Abs(m.x[st.p+k]) < singularTolerance {
			continue
		}
		se := math.Sqrt(m.inverse[(st.p+k)*(len(m.x)+1)])
		step := 0.05 * math.Min(se, math.Abs(m.x[st.p+k]))
		x := append([]float64(nil), m.x...)
		x[st.p+k] += step
		a.Shift[m.place[k]] = m.flip[k] * (m.correctionAt(x) - a.LogLik) / step * se
		largestShift = math.Max(largestShift, math.Abs(a.Shift[m.place[k]]))
	}
	m.crit.at(m.x)
	args := map[string]any{"error": rounded(a.LogLik), "rows": rounded(a.RowsPerEffect), "shift": rounded(largestShift)}
	if largestShift > trustedShift || m.largeSD() {
		a.Trustworthy = false
		m.say(CodeUntrustworthy, fault.Soft, args)
		return
	}
	m.say(CodeAccurate, fault.Soft, args)
}

func (m *Model) correctionAt(x []float64) float64 {
	l := m.crit.(*laplaceCriterion)
	l.at(x)
	return l.st.correction(l.terms)
}

// information is the number of observations, trials counted, or for counts the number of rows.
func (p *problem) information() float64 {
	if p.binary != nil {
		return float64(p.n)
	}
	sum := 0.0
	for _, n := range p.size {
		sum += n
	}
	return sum
}

// hugeSD is a standard deviation on the logit scale beyond which probabilities are all but 0 and 1, and the Laplace
// criterion is known to have optima that are none of the likelihood's.
const hugeSD = 5

func (m *Model) largeSD() bool {
	if m.Options.Family != Binomial {
		return false
	}
	for _, r := range m.Random {
		for _, sd := range r.SD {
			if sd > hugeSD {
				return true
			}
		}
	}
	return false
}

// checkStarts searches from two further starts where a standard deviation is huge, keeps the best end, and says so
// where the ends differ.
func (m *Model) checkStarts() {
	if m.Options.Family != Binomial || !m.largeSD() {
		return
	}
	for _, r := range m.Random {
		for k, sd := range r.SD {
			if sd > hugeSD {
				m.say(CodeLargeSD, fault.Soft, map[string]any{"group": r.Group, "effect": r.Names[k], "sd": rounded(sd)})
			}
		}
	}
	if m.crit.profiled() || m.Exact {
		return
	}
	x, _ := m.start()
	inverse := m.inverseOrStart()
	p := m.st.p
	furthest := 0.0
	for _, factor := range []float64{1, 5} { // start anew, and from larger variances
		from := append([]float64(nil), x...)
		for k := range m.st.free {
			from[p+k] *= factor
		}
		run := minimise(m.crit.evaluate, from, append([]float64(nil), inverse...), 1e-6, 60)
		if !(run.decrement < 1e-4) || run.gradient == nil {
			continue
		}
		furthest = math.Max(furthest, math.Abs(run.value-m.value))
		if run.value < m.value-1e-6 {
			m.settle(run)
			m.report(run)
		}
	}
	if furthest > 1e-3 {
		m.say(CodeSpurious, fault.Soft, map[string]any{"difference": rounded(furthest)})
	}
	m.crit.at(m.x)
}
