package glmm

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"waymark/fault"
)

// Interval is a confidence interval; an end that the likelihood does not bound is infinite (for a standard
// deviation, zero below).
type Interval struct{ Low, High float64 }

// held is a criterion with one quantity held at a value: x = place(y) for free variables y.
type held struct {
	criterion
	index  int       // variable that is given by the others
	value  float64   // of the held quantity
	linear []float64 // index: x[index] = value + sum linear_j x_j; nil where none
	row    []int     // instead: variables whose Euclidean norm is held, a row of a template
}

func (h *held) place(y []float64) []float64 {
	x := append([]float64(nil), y...)
	if h.row != nil {
		norm := 0.0
		for _, k := range h.row {
			norm += y[k] * y[k]
		}
		norm = math.Sqrt(norm)
		for _, k := range h.row {
			x[k] = y[k] * h.value / norm
		}
		return x
	}
	x[h.index] = h.value
	for j, g := range h.linear {
		x[h.index] += g * y[j]
	}
	return x
}

// evaluateAt gives value and gradient over y; the variable that is given has gradient zero.
func (h *held) evaluateAt(y []float64) (float64, []float64) {
	value, g := h.evaluate(h.place(y))
	if g == nil {
		return value, nil
	}
	out := append([]float64(nil), g...)
	if h.row != nil {
		norm, slope := 0.0, 0.0
		for _, k := range h.row {
			norm += y[k] * y[k]
		}
		norm = math.Sqrt(norm)
		for _, k := range h.row {
			slope += g[k] * y[k] / norm
		}
		for _, k := range h.row {
			out[k] = (g[k] - slope*y[k]/norm) * h.value / norm
		}
		return value, out
	}
	out[h.index] = 0
	for j, c := range h.linear {
		out[j] += c * g[h.index]
	}
	return value, out
}

// holdCoefficient holds a coefficient of the design.
func (m *Model) holdCoefficient(coef int, value float64) (*held, error) {
	p := m.st.problem
	if coef < 0 || coef >= len(m.Names) || p.kept[coef] < 0 {
		return nil, fault.Issue{Code: CodeNotEstimable, Kind: fault.NotFound, Args: map[string]any{"coefficient": coef}}
	}
	if m.crit.profiled() {
		return nil, fault.Issue{Code: CodeNoProfile, Args: map[string]any{"method": m.MethodName()}}
	}
	at := p.kept[coef]
	h := &held{criterion: m.crit, index: at, value: value * p.scale[at]}
	if at == p.anchor {
		h.linear = make([]float64, len(m.x))
		for j, centre := range p.centre {
			if j != at {
				h.linear[j] = centre / p.scale[j]
			}
		}
	}
	return h, nil
}

// Held gives the largest log-likelihood with one coefficient held at a value, the rest searched from the estimate.
func (m *Model) Held(coef int, value float64) (float64, error) {
	h, err := m.holdCoefficient(coef, value)
	if err != nil {
		return 0, err
	}
	ll, _ := m.constrained(h, m.x)
	return ll, nil
}

// constrained searches with a quantity held, from x, and gives the log-likelihood and where it is reached.
func (m *Model) constrained(h *held, x []float64) (float64, []float64) {
	n := len(m.x)
	inverse := m.heldInverse(h, n)
	start := append([]float64(nil), x...)
	run := minimise(h.evaluateAt, start, inverse, 1e-9, 100)
	return m.st.constant - run.value, run.x
}

// heldInverse is the inverse Hessian given that the held variable does not move.
func (m *Model) heldInverse(h *held, n int) []float64 {
	inverse := m.inverseOrStart()
	if h.row != nil {
		return inverse
	}
	k := h.index
	column := make([]float64, n)
	for i := range n {
		column[i] = inverse[i*n+k]
	}
	if h.linear != nil { // covariance with x_k - sum linear_j x_j, which is what is held
		for i := range n {
			for j, g := range h.linear {
				column[i] -= g * inverse[i*n+j]
			}
		}
	}
	variance := column[k]
	for j, g := range h.linear {
		variance -= g * column[j]
	}
	for i := range n {
		for j := range n {
			inverse[i*n+j] -= column[i] * column[j] / variance
		}
	}
	for i := range n {
		inverse[i*n+k], inverse[k*n+i] = 0, 0
	}
	return inverse
}

// Profile gives the profile-likelihood interval of a coefficient: the values that a likelihood-ratio test at
// 1 - confidence does not reject. Each end is found by secant steps on the signed root of the deviance difference, each
// search starting where the last one ended.
func (m *Model) Profile(coef int, confidence float64) (Interval, error) {
	hold := func(value float64) (*held, error) { return m.holdCoefficient(coef, value) }
	if _, err := hold(0); err != nil {
		return Interval{}, err
	}
	se := m.SE()[coef]
	if !(se > 0) {
		return Interval{}, fault.Issue{Code: CodeNoErrors}
	}
	z := distuv.UnitNormal.Quantile(0.5 + confidence/2)
	low := m.profileEnd(hold, m.coef[coef], -se, z, math.Inf(-1))
	high := m.profileEnd(hold, m.coef[coef], se, z, math.Inf(1))
	return Interval{low, high}, nil
}

// ProfileSD gives the profile-likelihood interval of a standard deviation of a random term.
func (m *Model) ProfileSD(term, effect int, confidence float64) (Interval, error) {
	if m.Options.Family == Gaussian {
		return Interval{}, fault.Issue{Code: CodeNoProfile, Args: map[string]any{"method": m.MethodName()}}
	}
	k, base := m.factorOf(term)
	var row []int
	offset := m.st.p
	if m.crit.profiled() {
		offset = 0
	}
	for i, e := range m.st.free {
		if e.factor == k && e.r == base+effect && e.s >= base {
			row = append(row, offset+i)
		}
	}
	scale := m.st.factors[k].scale[base+effect]
	hold := func(value float64) (*held, error) {
		return &held{criterion: m.crit, row: row, value: math.Max(value, 1e-7) * scale}, nil
	}
	sd := m.Random[term].SD[effect]
	se := m.Random[term].SDError[effect]
	if !(se > 0) {
		se = math.Max(0.3*sd, 0.05)
	}
	z := distuv.UnitNormal.Quantile(0.5 + confidence/2)
	low := 0.0
	if sd > 1e-6 {
		low = m.profileEnd(hold, sd, -math.Min(se, 0.5*sd), z, 0)
	}
	return Interval{low, m.profileEnd(hold, sd, se, z, math.Inf(1))}, nil
}

// profileEnd finds where the signed root of the deviance difference reaches z, by steps first of the given size. bound
// is the answer where it never does.
func (m *Model) profileEnd(hold func(float64) (*held, error), estimate, step, z, bound float64) float64 {
	x := m.x
	root := func(value float64) float64 {
		h, err := hold(value)
		if err != nil {
			return math.NaN()
		}
		ll, at := m.constrained(h, x)
		if !math.IsInf(ll, 0) && !math.IsNaN(ll) {
			x = at
		}
		return math.Sqrt(math.Max(0, 2*(m.LogLik-ll)))
	}
	inside, outside := estimate, math.NaN()
	rootInside, rootOutside := 0.0, math.NaN()
	next := estimate + z*step
	for range 40 {
		if bound == 0 && next <= 0 {
			next = 0
		}
		r := root(next)
		if math.IsNaN(r) {
			return bound
		}
		if math.Abs(r-z) < 1e-6*z {
			return next
		}
		if r < z {
			if bound == 0 && next == 0 {
				return 0
			}
			inside, rootInside = next, r
		} else {
			outside, rootOutside = next, r
		}
		if math.IsNaN(outside) {
			if math.Abs(next-estimate) > 1e4*math.Abs(step) {
				return bound
			}
			grow := 1.05 * (z - rootInside) / math.Max(rootInside, 1e-3) * (inside - estimate)
			next = inside + math.Copysign(math.Min(math.Abs(grow), 3*math.Abs(inside-estimate)), step)
			continue
		}
		// The root is nearly linear in the value: regula falsi, kept off the ends.
		share := (z - rootInside) / (rootOutside - rootInside)
		share = math.Min(0.98, math.Max(0.02, share))
		next = inside + share*(outside-inside)
	}
	return next
}
