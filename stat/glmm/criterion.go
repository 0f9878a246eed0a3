package glmm

import (
	"math"
	"slices"
)

// criterion is a function of the parameters that a fit makes small: minus the log-likelihood, without the constant
// that no parameter enters. Its variables are (b, t) in the standardised columns of the problem, or t alone where b
// is profiled out.
type criterion interface {
	// evaluate gives the value and its gradient; an infinite value and nil where there is none.
	evaluate(x []float64) (value float64, gradient []float64)
	// hessian gives the second derivatives at x, row-major, nil where they cannot be had.
	hessian(x []float64) []float64
	// profiled says that the variables are t alone.
	profiled() bool
	// at gives the state at x, with u at the mode.
	at(x []float64) *state
}

// laplaceCriterion is the Laplace approximation over (b, t).
type laplaceCriterion struct {
	st    *state
	terms *cellTerms

	// What the last evaluate found, so that the same point is not searched twice: st and terms still stand there.
	last, gradient   []float64
	value, tolerance float64
}

func newLaplaceCriterion(st *state) *laplaceCriterion {
	return &laplaceCriterion{st: st, terms: newCellTerms(st)}
}

func (l *laplaceCriterion) profiled() bool { return false }

// known says whether st stands at x, found to the tolerance asked for.
func (l *laplaceCriterion) known(x []float64) bool {
	return l.last != nil && l.tolerance <= l.st.tolerance && slices.Equal(l.last, x)
}

func (l *laplaceCriterion) at(x []float64) *state {
	if l.known(x) {
		return l.st
	}
	l.last = nil
	l.st.set(x[:l.st.p], x[l.st.p:])
	l.st.mode()
	return l.st
}

func (l *laplaceCriterion) evaluate(x []float64) (float64, []float64) {
	if l.known(x) {
		return l.value, l.gradient
	}
	l.last = nil
	l.st.set(x[:l.st.p], x[l.st.p:])
	l.value, l.gradient = l.st.evaluate(l.terms)
	if l.gradient != nil {
		l.last, l.tolerance = append([]float64(nil), x...), l.st.tolerance
	}
	return l.value, l.gradient
}

// hessian is in closed form where the sums it needs fit in memory, else by one-sided differences of the exact
// gradient with modes found to a tolerance that differences can bear.
func (l *laplaceCriterion) hessian(x []float64) []float64 {
	old := l.st.tolerance
	l.st.tolerance = math.Min(old, finalTolerance)
	defer func() { l.st.tolerance = old }()
	if l.st.momentsSize() > momentsLimit {
		return differences(l.evaluate, x)
	}
	if value, _ := l.evaluate(x); math.IsInf(value, 0) || math.IsNaN(value) {
		return nil
	}
	return l.st.hessian(l.terms)
}

// differences gives the Hessian by central differences of a gradient.
func differences(f objective, x []float64) []float64 {
	n := len(x)
	out := make([]float64, n*n)
	at := append([]float64(nil), x...)
	for k := range n {
		h := 1e-4 * math.Max(1, math.Abs(x[k]))
		at[k] = x[k] + h
		_, up := f(at)
		at[k] = x[k] - h
		_, down := f(at)
		at[k] = x[k]
		if up == nil || down == nil {
			return nil
		}
		for j := range n {
			out[j*n+k] = (up[j] - down[j]) / (2 * h)
		}
	}
	symmetrise(out, n)
	return out
}

// fastCriterion profiles b out of the penalised criterion (lme4's nAGQ = 0): at t, (b, u) is the mode of F, and the
// value is the Laplace criterion there. Since D_b is not zero at that b, the gradient carries db/dt:
//
//	df/dt = D_t + D_b' db/dt,  J (db, du) = (-X'WZ L_k u, L_k'Z'r - L'Z'WZ L_k u)
type fastCriterion struct {
	st     *state
	terms  *cellTerms
	system *jointSystem
}

func (l *fastCriterion) profiled() bool { return true }

func (l *fastCriterion) at(t []float64) *state {
	l.st.setTemplates(t)
	l.system, _ = l.st.profile(finalTolerance, 60)
	return l.st
}

func (l *fastCriterion) evaluate(t []float64) (float64, []float64) {
	st := l.st
	st.setTemplates(t)
	var ok bool
	if l.system, ok = st.profile(st.tolerance, 60); !ok {
		return math.Inf(1), nil
	}
	st.terms(l.terms)
	db, logLik := st.scatter(st.eta, st.s, l.terms.h, l.terms.e)
	value := -logLik + 0.5*square(st.u) + 0.5*st.logDet
	gradient := st.templateGradient(l.terms)
	factor := append([]float64(nil), l.system.schur...)
	if !cholesky(factor, st.p) {
		return math.Inf(1), nil
	}
	for k, x := range st.free {
		gb, gu := st.forcing(x)
		l.system.step(st, factor, gb, gu)
		gradient[k] += inner(db, gb)
	}
	return value, gradient
}

// forcing gives the right-hand side (-X'WZ L_k u, L_k'Z'r - L'Z'WZ L_k u) of a template entry.
func (st *state) forcing(x parameter) (gb, gu []float64) {
	gb, gu = make([]float64, st.p), make([]float64, st.effects)
	f := &st.factors[x.factor]
	d := make([]float64, st.n)
	for c := range st.cells() {
		level := f.start + int(st.cellLevel[x.factor][c])*f.q
		z := st.zOf(x, c)
		change := z * st.u[level+x.s]
		gu[level+x.s] += z * st.sums.r[c]
		st.spread(c, -st.sums.w[c]*change, st.cellVector(c), gu)
		for i := st.cellStart[c]; i < st.cellStart[c+1]; i++ {
			_, _, w, _, _ := st.moments(int(i), st.eta[i]+st.s[c])
			d[i] = -w * change
		}
	}
	st.transposed(0, d, gb)
	return gb, gu
}

func (l *fastCriterion) hessian(t []float64) []float64 { return differences(l.evaluate, t) }
