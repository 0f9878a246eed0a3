package glmm

import "math"

// state is a problem at parameters (b, t) with the mode u of the penalised criterion
// F(u) = -log p(y | b, u) + |u|^2/2 and the factor of its Hessian H = L'Z'WZL + I.
type state struct {
	*problem
	layout *pattern
	free   []parameter // of t, in order

	b, t     []float64
	template [][]float64 // [factor] q x q, lower triangle
	u        []float64
	eta      []float64 // rows: x'b + offset
	s        []float64 // cells: z'Lu
	sums     cellSums
	h        *blocks // H^-1 in factorised form
	logDet   float64
	gradient []float64 // of -F by u

	tolerance float64 // inner Newton stops when g'H^-1 g falls below
	inner     int     // inner iterations of the last mode
	settled   bool    // the last mode search met its tolerance
	passes    int     // inner passes over the rows so far

	vector []float64 // of one cell: L'z
	unit   bool      // every random effect is an intercept: vector is the same in all cells
}

// The mode is found to these decrements: the value of the criterion is off by the root of it, times little.
const (
	searchTolerance = 1e-13
	finalTolerance  = 1e-20
)

// parameter is one free template entry of one factor.
type parameter struct {
	factor int
	entry
}

func newState(p *problem) *state {
	st := &state{problem: p, layout: newPattern(p), tolerance: searchTolerance, unit: true}
	for k := range p.factors {
		f := &p.factors[k]
		for _, e := range f.free {
			st.free = append(st.free, parameter{k, e})
		}
		st.template = append(st.template, make([]float64, f.q*f.q))
		st.unit = st.unit && p.cellZ[k] == nil
	}
	st.b, st.t = make([]float64, p.p), make([]float64, len(st.free))
	st.u, st.gradient = make([]float64, p.effects), make([]float64, p.effects)
	st.eta, st.s = make([]float64, p.n), make([]float64, p.cells())
	st.sums = newCellSums(p.cells())
	st.h = newBlocks(st.layout)
	st.vector = make([]float64, p.width)
	return st
}

// set moves to parameters, which are copied.
func (st *state) set(b, t []float64) {
	copy(st.b, b)
	st.setTemplates(t)
	st.predictor(st.b, st.eta)
}

func (st *state) setTemplates(t []float64) {
	copy(st.t, t)
	for k, x := range st.free {
		st.template[x.factor][x.r*st.factors[x.factor].q+x.s] = t[k]
	}
	if st.unit {
		for k := range st.factors {
			st.vector[k] = st.template[k][0]
		}
	}
}

// cellVector gives L'z of a cell, an entry for each of its effects. The slice is overwritten by the next call.
func (st *state) cellVector(c int) []float64 {
	if st.unit {
		return st.vector
	}
	for k := range st.factors {
		f := &st.factors[k]
		out := st.vector[f.first : f.first+f.q]
		l := st.template[k]
		z := st.cellZ[k]
		if z == nil {
			out[0] = l[0]
			continue
		}
		z = z[c*f.q : c*f.q+f.q]
		clear(out)
		for r, x := range z {
			for s := range r + 1 {
				out[s] += l[r*f.q+s] * x
			}
		}
	}
	return st.vector
}

// dot gives the product of a cell's vector with the effects x of its levels.
func (st *state) dot(c int, vector, x []float64) float64 {
	sum := 0.0
	if st.unit {
		for k, v := range vector {
			sum += v * x[st.factors[k].start+int(st.cellLevel[k][c])]
		}
		return sum
	}
	for k := range st.factors {
		f := &st.factors[k]
		own := x[f.start+int(st.cellLevel[k][c])*f.q:]
		for r, v := range vector[f.first : f.first+f.q] {
			sum += v * own[r]
		}
	}
	return sum
}

// spread adds w times a cell's vector to the effects of its levels in out.
func (st *state) spread(c int, w float64, vector, out []float64) {
	if st.unit {
		for k, v := range vector {
			out[st.factors[k].start+int(st.cellLevel[k][c])] += w * v
		}
		return
	}
	for k := range st.factors {
		f := &st.factors[k]
		own := out[f.start+int(st.cellLevel[k][c])*f.q:]
		for r, v := range vector[f.first : f.first+f.q] {
			own[r] += w * v
		}
	}
}

// cellEffects fills s with z'L x for every cell.
func (st *state) cellEffects(x, s []float64) {
	for c := range s {
		s[c] = st.dot(c, st.cellVector(c), x)
	}
}

// assemble fills h with L'Z' diag(w) Z L + I, w by cell.
func (st *state) assemble(w []float64) {
	st.h.clear()
	for c, x := range w {
		v := st.cellVector(c)
		st.h.addProduct(st.problem, c, x, v, v)
	}
	st.h.addIdentity()
}

// mode finds u by Newton's method from where it stands. Far from the mode, steps are halved until F falls.
func (st *state) mode() {
	const limit = 60
	st.settled = false
	st.cellEffects(st.u, st.s)
	last := math.Inf(1)
	step := make([]float64, len(st.u))
	for st.inner = 1; st.inner <= limit; st.inner++ {
		st.passes++
		st.sumCells(st.eta, st.s, st.sums)
		st.modeGradient()
		st.assemble(st.sums.w)
		logDet, ok := st.h.factorise()
		if !ok {
			st.logDet = math.NaN()
			return
		}
		st.logDet = logDet
		copy(step, st.gradient)
		st.h.solve(step)
		decrement := 0.0
		for i, g := range st.gradient {
			decrement += g * step[i]
		}
		if decrement < st.tolerance || (decrement < 1e-11 && decrement > 0.25*last) {
			st.settled = true
			return
		}
		if !(decrement < math.MaxFloat64) {
			return
		}
		last = decrement
		if decrement < 0.5 {
			for i, d := range step {
				st.u[i] += d
			}
			st.cellEffects(st.u, st.s)
			continue
		}
		st.descend(step, decrement)
	}
}

// modeGradient fills gradient with L'Z'r - u.
func (st *state) modeGradient() {
	for i, u := range st.u {
		st.gradient[i] = -u
	}
	for c, r := range st.sums.r {
		st.spread(c, r, st.cellVector(c), st.gradient)
	}
}

// descend moves u along a step, halved until F falls by a tenth of what its slope promises.
func (st *state) descend(step []float64, decrement float64) {
	old := append([]float64(nil), st.u...)
	f0 := st.penalised()
	for size := 1.0; size > 1e-4; size /= 2 {
		for i, d := range step {
			st.u[i] = old[i] + size*d
		}
		st.cellEffects(st.u, st.s)
		if st.penalised() <= f0-0.1*size*decrement {
			return
		}
	}
}

// penalised is F at the present u and s.
func (st *state) penalised() float64 {
	return 0.5*square(st.u) - st.logLikelihood(st.eta, st.s)
}

func square(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// cellTerms are what the Laplace gradient needs of every cell: h = z'L H^-1 L'z, e = z'L c with
// c = H^-1 L'Z'v, v = h w'/2, and g = H^-1 L'z on the cell's own effects.
type cellTerms struct {
	h, e []float64
	g    []float64 // [cell*width+k]
	c    []float64
	z    *blocks // H^-1 on the pattern
}

func newCellTerms(st *state) *cellTerms {
	return &cellTerms{
		h: make([]float64, st.cells()), e: make([]float64, st.cells()),
		g: make([]float64, st.cells()*st.width), c: make([]float64, st.effects), z: newBlocks(st.layout),
	}
}

func (st *state) terms(ct *cellTerms) {
	st.h.selectedInverse(ct.z)
	clear(ct.c)
	for c := range ct.h {
		v := st.cellVector(c)
		g := ct.g[c*st.width : (c+1)*st.width]
		ct.z.apply(st.problem, c, v, g)
		h := 0.0
		for k, x := range v {
			h += x * g[k]
		}
		ct.h[c] = h
		st.spread(c, 0.5*h*st.sums.w1[c], v, ct.c)
	}
	st.h.solve(ct.c)
	st.cellEffects(ct.c, ct.e)
}

// apply sets out to the product of z with a vector on one cell's effects, on these effects.
func (z *blocks) apply(p *problem, c int, vector, out []float64) {
	if z.pair != nil {
		at := &z.pair[c]
		cross := z.b[0][at.cross]
		out[0] = z.d[0][at.node]*vector[0] + cross*vector[1]
		out[1] = cross*vector[0] + z.s[at.rest]*vector[1]
		return
	}
	clear(out)
	for k := range p.factors {
		f := &p.factors[k]
		level := p.cellLevel[k][c]
		own, to := vector[f.first:f.first+f.q], out[f.first:f.first+f.q]
		if k >= p.chain {
			row := f.start - z.base + int(level)*f.q
			for r := range to {
				for e := p.chain; e < len(p.factors); e++ {
					g := &p.factors[e]
					at := (row+r)*z.m + g.start - z.base + int(p.cellLevel[e][c])*g.q
					for s, x := range vector[g.first : g.first+g.q] {
						to[r] += z.s[at+s] * x
					}
				}
			}
			continue
		}
		diagonal := z.d[k][int(level)*f.q*f.q:]
		cols := z.columns(k, level)
		block := z.b[k][z.offset(k, level):]
		for r := range to {
			for s, x := range own {
				to[r] += diagonal[r*f.q+s] * x
			}
			at := r * cols
			pair := func(g *factor, at int) {
				for s, x := range vector[g.first : g.first+g.q] {
					to[r] += block[at+s] * x
					out[g.first+s] += block[at+s] * own[r]
				}
			}
			for e := k + 1; e < p.chain; e++ {
				pair(&p.factors[e], at)
				at += p.factors[e].q
			}
			for e := p.chain; e < len(p.factors); e++ {
				pair(&p.factors[e], at+int(z.cellAt[k][e-p.chain][c]))
			}
		}
	}
}

// evaluate finds the mode and gives half the Laplace criterion, D/2 = -log-likelihood + constant, and its gradient
// over (b, t):
//
//	half dD/db   = X'(-r + v - W Z L c)
//	half dD/dt_k = (v - r)'Z L_k u + tr(H^-1 L'Z'W Z L_k) - c'(L'Z'W Z L_k u - L_k'Z'r)
func (st *state) evaluate(ct *cellTerms) (value float64, gradient []float64) {
	st.mode()
	if math.IsNaN(st.logDet) {
		return math.Inf(1), nil
	}
	st.terms(ct)
	db, logLik := st.scatter(st.eta, st.s, ct.h, ct.e)
	value = -logLik + 0.5*square(st.u) + 0.5*st.logDet
	return value, append(db, st.templateGradient(ct)...)
}

func (st *state) templateGradient(ct *cellTerms) []float64 {
	out := make([]float64, len(st.free))
	for c := range ct.h {
		r, w := st.sums.r[c], st.sums.w[c]
		q := 0.5*ct.h[c]*st.sums.w1[c] - r - w*ct.e[c]
		for k, x := range st.free {
			f := &st.factors[x.factor]
			i := f.start + int(st.cellLevel[x.factor][c])*f.q + x.s
			g := ct.g[c*st.width+f.first+x.s]
			out[k] += st.zOf(x, c) * (st.u[i]*q + w*g + r*ct.c[i])
		}
	}
	return out
}

// zOf is the cell's value of the random-effect column that a free entry multiplies.
func (st *state) zOf(x parameter, c int) float64 {
	z := st.cellZ[x.factor]
	if z == nil {
		return 1
	}
	return z[c*st.factors[x.factor].q+x.r]
}
