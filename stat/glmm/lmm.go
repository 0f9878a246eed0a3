package glmm

import "math"

// gaussianCriterion is minus the profiled log-likelihood of a linear mixed model over t: b, u and the residual
// variance have closed forms at t. With s2 the penalised residual sum of squares |y - Xb - ZLu|^2 + |u|^2 and
// n - p (REML) or n (ML) its divisor d:
//
//	ML:    log det H + n (1 + log(2 pi s2/n))
//	REML:  log det H + log det S + (n-p) (1 + log(2 pi s2/(n-p))),  S = X'V^-1 X in units of the residual variance
//
// (Bates et al. 2015, sections 3.3 and 3.4), halved here. Each row weighs its frequency weight.
type gaussianCriterion struct {
	st     *state
	reml   bool
	sigma  float64 // residual standard deviation at the last point
	system *jointSystem
	adjust float64 // log determinant of the scaling of X, so that REML does not depend on it
}

func newGaussianCriterion(st *state, c Criterion) *gaussianCriterion {
	g := &gaussianCriterion{st: st, reml: c == REML}
	for _, s := range st.scale {
		g.adjust += 2 * math.Log(s)
	}
	return g
}

func (g *gaussianCriterion) profiled() bool { return true }

func (g *gaussianCriterion) at(t []float64) *state {
	g.evaluate(t)
	return g.st
}

func (g *gaussianCriterion) hessian(t []float64) []float64 { return differences(g.evaluate, t) }

func (g *gaussianCriterion) evaluate(t []float64) (float64, []float64) {
	st := g.st
	st.setTemplates(t)
	var ok bool
	if g.system, ok = st.profile(1e-20*math.Max(1, st.square), 8); !ok {
		return math.Inf(1), nil
	}
	rss := square(st.u)
	for c := range st.cells() {
		for i := st.cellStart[c]; i < st.cellStart[c+1]; i++ {
			if n := st.size[i]; n > 0 {
				d := st.y[i]/n - st.eta[i] - st.s[c]
				rss += n * d * d
			}
		}
	}
	divisor := st.mass
	if g.reml {
		divisor -= float64(st.p)
	}
	value := 0.5 * (st.logDet + divisor*(1+math.Log(2*math.Pi*rss/divisor)))
	factor := append([]float64(nil), g.system.schur...)
	if !cholesky(factor, st.p) {
		return math.Inf(1), nil
	}
	if g.reml {
		for i := range st.p {
			value += math.Log(factor[i*st.p+i])
		}
		value += 0.5 * g.adjust
	}
	g.sigma = math.Sqrt(rss / divisor)
	return value, g.gradient(rss / divisor)
}

// gradient of half the criterion: the sum of squares changes by -2 r'Z L_k u (b and u are at its minimum), log det H
// by 2 tr(H^-1 L'Z'W Z L_k), and for REML log det S by tr(S^-1 dS).
func (g *gaussianCriterion) gradient(variance float64) []float64 {
	st := g.st
	ct := newCellTerms(st)
	st.h.selectedInverse(ct.z)
	out := make([]float64, len(st.free))
	var inverse []float64
	if g.reml {
		inverse = inverseOf(g.system.schur, st.p)
	}
	cell := make([]float64, st.width)
	for c := range st.cells() {
		v := st.cellVector(c)
		ct.z.apply(st.problem, c, v, cell)
		for k, x := range st.free {
			f := &st.factors[x.factor]
			i := f.start + int(st.cellLevel[x.factor][c])*f.q + x.s
			z := st.zOf(x, c)
			out[k] += z * (st.sums.w[c]*cell[f.first+x.s] - st.sums.r[c]*st.u[i]/variance)
		}
	}
	if g.reml {
		g.restricted(inverse, out)
	}
	return out
}

// restricted adds half of d log det S: with M = L'Z'WX and N = H^-1 M,
// dS = -(dM'N + N'dM) + N'dH N, dM = L_k'Z'WX, dH = L'Z'WZ L_k + its transpose.
func (g *gaussianCriterion) restricted(inverse, out []float64) {
	st, p := g.st, g.st.p
	xw := make([]float64, p)
	n := make([]float64, p) // (ZLN) of a cell
	for c := range st.cells() {
		clear(xw)
		for i := int(st.cellStart[c]); i < int(st.cellStart[c+1]); i++ {
			st.accumulate(i, st.size[i], xw)
		}
		v := st.cellVector(c)
		for j := range n {
			n[j] = st.dot(c, v, g.system.m[j])
		}
		// Half of tr(S^-1 dS): (-xw_i + w n_i) S^-1_ij N_j over the cell's own effects.
		for j := range n {
			n[j] = st.sums.w[c]*n[j] - xw[j]
		}
		for k, x := range st.free {
			f := &st.factors[x.factor]
			i := f.start + int(st.cellLevel[x.factor][c])*f.q + x.s
			sum := 0.0
			for a := range p {
				row := inverse[a*p : a*p+p]
				for j, m := range g.system.m {
					sum += n[a] * row[j] * m[i]
				}
			}
			out[k] += st.zOf(x, c) * sum
		}
	}
}
