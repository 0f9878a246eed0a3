package glmm

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"waymark/fault"
)

// indexTheta lays Theta out by the design's random terms, each down the lower triangle of its template.
func (m *Model) indexTheta() {
	if m.place != nil {
		return
	}
	st := m.st
	m.place = make([]int, len(st.free))
	next := 0
	for g, group := range m.Design.Random {
		k, base := m.factorOf(g)
		for s := range group.Names {
			for r := s; r < len(group.Names); r++ {
				for i, e := range st.free {
					if e.factor == k && e.r == base+r && e.s == base+s {
						m.place[i] = next
					}
				}
				name := group.Label + "." + group.Names[r]
				if r != s {
					name += "." + group.Names[s]
				}
				m.ThetaNames = append(m.ThetaNames, name)
				next++
			}
		}
	}
}

// factorOf gives the factor that a random term of the design went into, and its first effect there.
func (m *Model) factorOf(group int) (factor, base int) {
	for k := range m.st.factors {
		base := 0
		for _, g := range m.st.factors[k].groups {
			if g == group {
				return k, base
			}
			base += len(m.Design.Random[g].Names)
		}
	}
	return -1, 0
}

// report fills the model from the end of the search.
func (m *Model) report(run *search) {
	st := m.crit.at(m.x)
	p := st.problem
	b, t := st.b, st.t
	m.coef = make([]float64, len(m.Names))
	for k, at := range p.kept {
		m.coef[k] = math.NaN()
		if at >= 0 {
			m.coef[k] = b[at] / p.scale[at]
		}
	}
	if p.anchor >= 0 {
		for k, at := range p.kept {
			if at == p.anchor {
				for j, centre := range p.centre {
					m.coef[k] -= centre * b[j] / p.scale[j]
				}
			}
		}
	}
	m.indexTheta()
	m.signs(t)
	m.Theta = make([]float64, len(t))
	for k, e := range st.free {
		m.Theta[m.place[k]] = m.flip[k] * t[k] / st.factors[e.factor].scale[e.r]
	}
	m.likelihood()
	m.covariance(st)
	m.fillRandom(st)
	m.Convergence.Iterations, m.Convergence.Evaluations = run.iterations, run.evaluations
	m.Convergence.Cuts, m.Convergence.Passes, m.Convergence.Inner = run.cuts, st.passes, st.inner
}

// signs finds which columns of templates are turned so that diagonals are not negative (invariant 4).
func (m *Model) signs(t []float64) {
	st := m.st
	m.flip = make([]float64, len(t))
	for k, e := range st.free {
		m.flip[k] = 1
		for i, d := range st.free {
			if d.factor == e.factor && d.r == e.s && d.s == e.s && t[i] < 0 {
				m.flip[k] = -1
			}
		}
	}
}

// likelihood fills the log-likelihood and what follows from it.
func (m *Model) likelihood() {
	p := m.st.problem
	m.Parameters = p.p + len(m.st.free)
	if g, ok := m.crit.(*gaussianCriterion); ok {
		m.Parameters++
		m.ResidualSD = g.sigma
	}
	m.LogLik = p.constant - m.value
	m.AIC = -2*m.LogLik + 2*float64(m.Parameters)
	m.BIC = -2*m.LogLik + math.Log(p.mass)*float64(m.Parameters)
}

// covariance takes the inverse Hessian, or the joint Newton matrix, to the scale of the design.
func (m *Model) covariance(st *state) {
	if m.Options.Errors == NoErrors {
		return
	}
	p, nt := st.p, len(st.free)
	n := p + nt
	inner := make([]float64, n*n)
	m.joint = false
	switch {
	case m.inverse != nil && !m.crit.profiled():
		copy(inner, m.inverse)
		m.joint = true
	case !m.crit.profiled() && m.Options.Errors == FullErrors:
		return
	default:
		cov := m.jointCovariance(st)
		if cov == nil {
			return
		}
		for i := range p {
			copy(inner[i*n:i*n+p], cov[i*p:(i+1)*p])
		}
		if m.inverse != nil {
			for i := range nt {
				copy(inner[(p+i)*n+p:(p+i+1)*n], m.inverse[i*nt:(i+1)*nt])
			}
		}
	}
	total := len(m.Names) + nt
	a := m.transform()
	m.cov = mat.NewSymDense(total, nil)
	var half mat.Dense
	half.Mul(a, mat.NewDense(n, n, inner))
	var full mat.Dense
	full.Mul(&half, a.T())
	for i := range total {
		for j := i; j < total; j++ {
			v := 0.5 * (full.At(i, j) + full.At(j, i))
			if (i < len(m.Names) && m.st.kept[i] < 0) || (j < len(m.Names) && m.st.kept[j] < 0) {
				v = math.NaN()
			}
			m.cov.SetSym(i, j, v)
		}
	}
}

// jointCovariance is the b-block of the inverse joint Newton matrix of (b, u), times the residual variance.
func (m *Model) jointCovariance(st *state) []float64 {
	system, ok := st.system()
	if !ok {
		return nil
	}
	m.system = system
	cov := inverseOf(system.schur, st.p)
	if g, ok := m.crit.(*gaussianCriterion); ok {
		for i := range cov {
			cov[i] *= g.sigma * g.sigma
		}
	}
	return cov
}

// transform is the matrix that takes changes of the standardised (b, t) to changes of (coefficients, Theta).
func (m *Model) transform() *mat.Dense {
	p := m.st.problem
	total := len(m.Names) + len(m.st.free)
	a := mat.NewDense(total, p.p+len(m.st.free), nil)
	for k, at := range p.kept {
		if at < 0 {
			continue
		}
		a.Set(k, at, 1/p.scale[at])
		if at == p.anchor {
			for j, centre := range p.centre {
				if j != at {
					a.Set(k, j, -centre/p.scale[j])
				}
			}
		}
	}
	for k, e := range m.st.free {
		a.Set(len(m.Names)+m.place[k], p.p+k, m.flip[k]/p.factors[e.factor].scale[e.r])
	}
	return a
}

// fillRandom fills Random: templates, standard deviations, conditional modes and variances.
func (m *Model) fillRandom(st *state) {
	z := newBlocks(st.layout)
	if !math.IsNaN(st.logDet) {
		st.h.selectedInverse(z)
	}
	sigma := 1.0
	if m.ResidualSD > 0 {
		sigma = m.ResidualSD
	}
	m.Random = nil
	for g, group := range m.Design.Random {
		k, base := m.factorOf(g)
		q := len(group.Names)
		r := Random{Group: group.Label, Levels: group.Levels, Names: group.Names}
		r.Factor = square2(q)
		for i, e := range st.free {
			if e.factor == k && e.r >= base && e.r < base+q {
				r.Factor[e.r-base][e.s-base] = sigma * m.Theta[m.place[i]]
			}
		}
		r.Covariance, r.Correlation, r.SD = spreads(r.Factor)
		r.Singular = singular(m.st.template[k], st.factors[k].q, base, q)
		m.fillModes(st, &r, z, k, base, sigma)
		m.Random = append(m.Random, r)
	}
	at := 0
	for g := range m.Random {
		r := &m.Random[g]
		r.SDError = m.spreadErrors(r, at, sigma)
		at += len(r.Names) * (len(r.Names) + 1) / 2
	}
}

func square2(q int) [][]float64 {
	out := make([][]float64, q)
	for i := range out {
		out[i] = make([]float64, q)
	}
	return out
}

func spreads(factor [][]float64) (cov, cor [][]float64, sd []float64) {
	q := len(factor)
	cov, cor, sd = square2(q), square2(q), make([]float64, q)
	for i := range q {
		for j := range q {
			cov[i][j] = inner(factor[i], factor[j])
		}
		sd[i] = math.Sqrt(cov[i][i])
	}
	for i := range q {
		for j := range q {
			cor[i][j] = cov[i][j] / (sd[i] * sd[j])
			if i == j {
				cor[i][j] = 1
			}
		}
	}
	return cov, cor, sd
}

const singularTolerance = 1e-4

// singular says whether the smallest singular value of a term's part of a template is below tolerance.
func singular(template []float64, width, base, q int) bool {
	a := mat.NewDense(q, q, nil)
	for r := range q {
		for s := range r + 1 {
			a.Set(r, s, template[(base+r)*width+base+s])
		}
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDNone) {
		return false
	}
	values := svd.Values(nil)
	return values[q-1] < singularTolerance
}

// fillModes fills modes L u and their conditional covariance L (H^-1)_ii L' (times the residual variance).
func (m *Model) fillModes(st *state, r *Random, z *blocks, k, base int, sigma float64) {
	f := &st.factors[k]
	q := len(r.Names)
	l := make([]float64, q*f.q) // rows of the template that belong to the term, on the scale of the columns
	for i := range q {
		for s := range base + i + 1 {
			l[i*f.q+s] = st.template[k][(base+i)*f.q+s] / f.scale[base+i]
		}
	}
	r.Modes, r.Variances = make([][]float64, f.levels), make([][]float64, f.levels)
	own := make([]float64, f.q*f.q)
	for level := range f.levels {
		u := st.u[f.start+level*f.q:][:f.q]
		modes := make([]float64, q)
		for i := range q {
			modes[i] = inner(l[i*f.q:(i+1)*f.q], u)
		}
		z.diagonal(k, f, level, own)
		cov := make([]float64, q*q)
		for i := range q {
			for j := range q {
				for a := range f.q {
					for b := range f.q {
						cov[i*q+j] += sigma * sigma * l[i*f.q+a] * own[a*f.q+b] * l[j*f.q+b]
					}
				}
			}
		}
		r.Modes[level], r.Variances[level] = modes, cov
	}
}

// diagonal copies the block of one level of factor k.
func (z *blocks) diagonal(k int, f *factor, level int, out []float64) {
	if k < len(z.q) {
		copy(out, z.d[k][level*f.q*f.q:(level+1)*f.q*f.q])
		return
	}
	at := f.start - z.base + level*f.q
	for r := range f.q {
		copy(out[r*f.q:(r+1)*f.q], z.s[(at+r)*z.m+at:])
	}
}

// spreadErrors gives standard errors of a term's standard deviations by the delta method.
func (m *Model) spreadErrors(r *Random, at int, sigma float64) []float64 {
	q := len(r.Names)
	out := make([]float64, q)
	for i := range out {
		out[i] = math.NaN()
		if m.cov == nil || !m.joint || r.SD[i] == 0 {
			continue
		}
		// Position of entry (i, s): columns come one after the other.
		position := func(s int) int { return at + s*q - s*(s-1)/2 + i - s }
		v := 0.0
		for s := range i + 1 {
			for u := range i + 1 {
				c := m.cov.At(len(m.Names)+position(s), len(m.Names)+position(u))
				v += r.Factor[i][s] * r.Factor[i][u] * c
			}
		}
		out[i] = sigma * math.Sqrt(v) / r.SD[i]
	}
	return out
}

// judge says how the fit went.
func (m *Model) judge(run *search) {
	st, c := m.st, &m.Convergence
	args := map[string]any{"iterations": c.Iterations, "decrement": rounded(run.decrement)}
	c.Decrement = run.decrement
	m.curvature(run)
	args["gradient"] = rounded(c.Gradient)
	switch {
	case run.gradient == nil || math.IsNaN(m.value) || math.IsInf(m.value, 0):
		m.say(CodeNotConverged, fault.Hard, args)
	case run.decrement < 1e-6:
		c.Converged = true
		m.say(CodeConverged, fault.Soft, args)
	case run.iterations >= m.Options.MaxIterations:
		m.say(CodeIterations, fault.Hard, args)
	default:
		m.say(CodeNotConverged, fault.Hard, args)
	}
	if !st.settled && m.Options.Family != Gaussian && m.Options.Method != Fast {
		m.say(CodeInner, fault.Hard, map[string]any{"iterations": st.inner})
	}
	if len(st.aliased) > 0 {
		names := make([]string, len(st.aliased))
		for i, k := range st.aliased {
			names[i] = m.Names[k]
		}
		m.say(CodeAliased, fault.Soft, map[string]any{"coefficients": names})
	}
	for _, r := range m.Random {
		if r.Singular {
			m.say(CodeSingular, fault.Soft, map[string]any{"group": r.Group, "effects": r.Names})
		}
	}
	if m.inverse == nil && m.Options.Errors == FullErrors && run.gradient != nil {
		m.say(CodeNoCurvature, fault.Hard, nil)
	} else if c.Eigenvalues != 0 && c.Eigenvalues < 1e-10 {
		m.say(CodeIllConditioned, fault.Soft, map[string]any{"ratio": rounded(c.Eigenvalues)})
	}
	m.checkSeparation()
}

// curvature fills the largest gradient in standard errors and the ratio of eigenvalues of the Hessian scaled to a
// unit diagonal.
func (m *Model) curvature(run *search) {
	n := len(m.x)
	if m.inverse == nil || run.gradient == nil {
		return
	}
	for i, g := range run.gradient {
		m.Convergence.Gradient = math.Max(m.Convergence.Gradient, math.Abs(g)*math.Sqrt(m.inverse[i*n+i]))
	}
	scaled := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			scaled.SetSym(i, j, m.inverse[i*n+j]/math.Sqrt(m.inverse[i*n+i]*m.inverse[j*n+j]))
		}
	}
	var eigen mat.EigenSym
	if eigen.Factorize(scaled, false) {
		v := eigen.Values(nil)
		m.Convergence.Eigenvalues = v[0] / v[n-1]
	}
}
