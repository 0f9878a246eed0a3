package glmm

import "math"

// twoFactors integrates over two nested intercepts: inner groups m within outer groups g. With w = t1 u + t2 v the
// effect of an inner group on the linear predictor,
//
//	I_g = integral of phi(v) prod_m I_m(v) dv,  I_m(v) = integral of P_m(w) phi((w - t2 v)/t1)/t1 dw
//
// P_m(w), the likelihood of an inner group's rows, does not depend on v: it is found once on a lattice of w, and
// I_m(v) is a product with a vector of normal densities that all inner groups of an outer one share. Both sums are
// trapezoid rules, which converge geometrically: in v about the mode of the Laplace approximation in steps of its
// scale, in w on multiples of a step that resolves the narrowest posterior; each goes out to where the integrand is
// exp(-40) of its top. By Fisher's identity the posterior mean of the score is the gradient.
type twoFactors struct {
	st     *state
	outer  []outerRange
	fine   float64 // factor on all steps, halved by refine
	points int     // most nodes of w times nodes of v at the last evaluation
}

type outerRange struct {
	groupRange
	inner []groupRange
}

func newNestedCriterion(st *state) criterion {
	f := &twoFactors{st: st, fine: 1.25}
	inner := st.ranges(0)
	for _, g := range st.ranges(1) {
		o := outerRange{groupRange: g}
		for len(inner) > 0 && inner[0].from < g.to {
			o.inner = append(o.inner, inner[0])
			inner = inner[1:]
		}
		f.outer = append(f.outer, o)
	}
	return f
}

func (f *twoFactors) profiled() bool { return false }

func (f *twoFactors) at(x []float64) *state {
	f.st.set(x[:f.st.p], x[f.st.p:])
	f.st.mode()
	return f.st
}

func (f *twoFactors) hessian(x []float64) []float64 { return differences(f.evaluate, x) }

// evaluate gives minus the sum of log I_g and its gradient. The lattice of w needs t1 > 0; the likelihood is an even,
// smooth function of t1, so that near zero it is the polynomial in t1^2 through four points a little way off.
func (f *twoFactors) evaluate(x []float64) (float64, []float64) {
	p := f.st.p
	t1 := math.Abs(x[p])
	least := f.least()
	if t1 >= least {
		return f.integrate(x)
	}
	at := append([]float64(nil), x...)
	s := t1 * t1
	var nodes [4]float64
	for k := range nodes {
		nodes[k] = float64(k+1) * least * least
	}
	value := 0.0
	gradient := make([]float64, len(x))
	slope := 0.0
	for k := range nodes {
		at[p] = math.Sqrt(nodes[k])
		v, g := f.integrate(at)
		if g == nil {
			return math.Inf(1), nil
		}
		weight, change := lagrange(nodes[:], k, s)
		value += weight * v
		slope += change * v
		for j := range g {
			gradient[j] += weight * g[j]
		}
	}
	gradient[p] = slope * 2 * x[p]
	return value, gradient
}

// least is the smallest t1 for the lattice: well below the scale on which the likelihood of the largest inner
// group changes.
func (f *twoFactors) least() float64 {
	most := int32(1)
	for _, o := range f.outer {
		for _, m := range o.inner {
			most = max(most, f.st.cellStart[m.to]-f.st.cellStart[m.from])
		}
	}
	return 0.08 / math.Sqrt(math.Max(1, float64(most)/8))
}

// lagrange gives the weight of node k in the polynomial through nodes at s, and its derivative by s.
func lagrange(nodes []float64, k int, s float64) (weight, change float64) {
	weight = 1
	for j, v := range nodes {
		if j != k {
			change = (change*(s-v) + weight) / (nodes[k] - v)
			weight *= (s - v) / (nodes[k] - v)
		}
	}
	return weight, change
}

// nestedWork is scratch space of one outer group.
type nestedWork struct {
	t1, t2, step float64
	low, high    int // lattice indices of w over all inner groups

	first, last []int     // of each inner group
	top         []float64 // log of the largest P_m
	p, pw       [][]float64
	v, log      []float64   // nodes of v and their log-terms
	density     [][]float64 // [node of v][w - low]: exp(-((w - t2 v)/t1)^2/2)
	i, iw       [][]float64 // [node of v][inner group]: sum of P density, of P w density
	share, back []float64
	side        [2][]float64 // log P or P outwards from the peak
}

func (f *twoFactors) integrate(x []float64) (float64, []float64) {
	st := f.st
	p := st.p
	if math.Abs(x[p]) > mostSD || math.Abs(x[p+1]) > mostSD {
		return math.Inf(1), nil
	}
	st.set(x[:p], x[p:])
	old := st.tolerance
	st.tolerance = 1e-12 // the mode only places the nodes
	st.mode()
	st.tolerance = old
	if math.IsNaN(st.logDet) || !st.settled {
		return math.Inf(1), nil
	}
	w := &nestedWork{t1: math.Abs(x[p]), t2: math.Abs(x[p+1])}
	value := 0.0
	gradient := make([]float64, p+2)
	scores := make([]float64, st.n)
	f.points = 0
	for _, o := range f.outer {
		f.lattice(o, w)
		if value -= f.overOuter(o, w); math.IsNaN(value) {
			return math.Inf(1), nil
		}
		f.scores(o, w, scores, gradient)
	}
	if math.IsNaN(value) {
		return math.Inf(1), nil
	}
	st.transposed(0, scores, gradient[:p])
	for k := range 2 {
		if x[p+k] < 0 {
			gradient[p+k] = -gradient[p+k]
		}
	}
	return value, gradient
}

// sign of a template entry: w and v are measured along |t|.
func (f *twoFactors) sign(k int) float64 { return math.Copysign(1, f.st.t[k]) }

// lattice fills P_m on multiples of step for every inner group.
func (f *twoFactors) lattice(o outerRange, w *nestedWork) {
	st := f.st
	narrow := math.Inf(1)
	for _, m := range o.inner {
		narrow = math.Min(narrow, math.Sqrt(st.h.d[0][m.level]))
	}
	w.step = f.fine * math.Min(0.8, 0.8*w.t1*narrow)
	// v is taken to lie here: the prior ends at 9, the posterior long before 14 of its scales.
	mode, scale := f.sign(1)*st.u[st.layout.start[1]+int(o.level)], math.Sqrt(st.h.d[1][o.level])
	from, to := w.t2*math.Max(-9, mode-14*scale), w.t2*math.Min(9, mode+14*scale)
	w.first, w.last, w.top = w.first[:0], w.last[:0], w.top[:0]
	for len(w.p) < len(o.inner) {
		w.p, w.pw = append(w.p, nil), append(w.pw, nil)
	}
	w.low, w.high = math.MaxInt, math.MinInt
	for k, m := range o.inner {
		peak := w.t2*mode + w.t1*f.sign(0)*st.u[m.level]
		f.likelihoods(k, m, w, peak, from, to)
		w.low, w.high = min(w.low, w.first[k]), max(w.high, w.last[k])
	}
}

// mostPoints bounds the nodes of v times those of w for an outer group: ten times what standard deviations of 7 need.
// A likelihood that asks for more has no maximum that could be trusted.
const mostPoints = 1 << 19

// few is the number of binary rows whose likelihood is multiplied out instead of summed as logarithms.
const few = 16

// likelihoods fills P_m from its peak outwards, until P_m has fallen by exp(-40) or every v within reach is more than
// nine standard deviations away.
func (f *twoFactors) likelihoods(k int, m groupRange, w *nestedWork, peak, from, to float64) {
	st := f.st
	rows := st.cellStart[m.to] - st.cellStart[m.from]
	direct := st.binary != nil && rows <= few
	centre := int(math.Round(peak / w.step))
	low, high := int(math.Floor((from-9*w.t1)/w.step)), int(math.Ceil((to+9*w.t1)/w.step))
	centre = min(max(centre, low), high)
	best := math.Inf(-1)
	if direct {
		best = 0
	}
	var end [2]int
	if high-low > mostPoints {
		low, high = centre, centre-1 // no node at all: the sum over it is zero and the value infinite
	}
	for side, direction := range [2]int{-1, 1} {
		values := w.side[side][:0]
		for i := centre + side; i >= low && i <= high; i += direction {
			x := float64(i) * w.step
			if direct {
				v := f.product(m, x)
				if v < best*4e-18 || v == 0 {
					break
				}
				best = math.Max(best, v)
				values = append(values, v)
				continue
			}
			v := f.logP(m, x)
			if v < best-tail {
				break
			}
			best = math.Max(best, v)
			values = append(values, v)
		}
		w.side[side], end[side] = values, len(values)
	}
	n := end[0] + end[1]
	p, pw := grow(w.p[k], n), grow(w.pw[k], n)
	first := centre - end[0] + 1
	for i := range p {
		v := 0.0
		if i < end[0] {
			v = w.side[0][end[0]-1-i]
		} else {
			v = w.side[1][i-end[0]]
		}
		if direct {
			p[i] = v / best
		} else {
			p[i] = math.Exp(v - best)
		}
		pw[i] = p[i] * float64(first+i) * w.step
	}
	if direct {
		best = math.Log(best)
	}
	w.p[k], w.pw[k] = p, pw
	w.first, w.last, w.top = append(w.first, first), append(w.last, first+n-1), append(w.top, best)
}

// product is P_m(x) for a few binary rows.
func (f *twoFactors) product(m groupRange, x float64) float64 {
	st := f.st
	product, scale := 1.0, 0.0
	for i := st.cellStart[m.from]; i < st.cellStart[m.to]; i++ {
		eta := st.eta[i] + x
		a := min(math.Abs(eta), largest)
		r, k := expReduce(a)
		product *= 1 + expFinish(r, k)
		scale += float64(st.binary[i])*eta - 0.5*(eta+a)
	}
	r, k := expReduce(min(-scale, largest))
	return expFinish(r, k) / product
}

func (f *twoFactors) logP(m groupRange, x float64) float64 {
	st := f.st
	for c := m.from; c < m.to; c++ {
		st.s[c] = x
	}
	if st.binary != nil {
		return st.logBinary(m.from, m.to, st.eta, st.s)
	}
	sum := 0.0
	for i := st.cellStart[m.from]; i < st.cellStart[m.to]; i++ {
		sum += st.logLik(int(i), st.eta[i]+x)
	}
	return sum
}

// overOuter walks over v and gives log I_g.
func (f *twoFactors) overOuter(o outerRange, w *nestedWork) float64 {
	st := f.st
	mode, scale := f.sign(1)*st.u[st.layout.start[1]+int(o.level)], math.Sqrt(st.h.d[1][o.level])
	step := 0.5 * f.fine * scale
	w.v, w.log = w.v[:0], w.log[:0]
	best := math.Inf(-1)
	for _, side := range [2]int{-1, 1} {
		for k := (side + 1) / 2; k < 4000; k++ {
			v := mode + float64(side*k)*step
			if (len(w.v)+1)*(w.high-w.low+1) > mostPoints {
				return math.NaN()
			}
			at := f.node(o, w, v)
			best = math.Max(best, at)
			if at < best-tail || math.IsNaN(at) {
				break
			}
			w.v, w.log = append(w.v, v), append(w.log, at)
		}
	}
	f.points = max(f.points, len(w.v)*(w.high-w.low+1))
	own := groupWork{log: w.log, share: w.share}
	total := own.posterior()
	w.share = own.share
	constant := math.Log(step) - 0.5*math.Log(2*math.Pi)
	for _, t := range w.top {
		constant += t + math.Log(w.step/w.t1) - 0.5*math.Log(2*math.Pi)
	}
	return total + constant
}

// node gives the log-integrand at v without constants, and keeps the densities and sums as row len(w.v).
func (f *twoFactors) node(o outerRange, w *nestedWork, v float64) float64 {
	row, n := len(w.v), w.high-w.low+1
	if len(w.density) == row {
		w.density, w.i, w.iw = append(w.density, nil), append(w.i, nil), append(w.iw, nil)
	}
	density := grow(w.density[row], n)
	normalLattice(density, (float64(w.low)*w.step-w.t2*v)/w.t1, w.step/w.t1)
	i, iw := grow(w.i[row], len(o.inner)), grow(w.iw[row], len(o.inner))
	w.density[row], w.i[row], w.iw[row] = density, i, iw
	sum, product := -0.5*v*v, 1.0
	for k := range o.inner {
		p, pw := w.p[k], w.pw[k]
		d := density[w.first[k]-w.low:][:len(p)]
		pw = pw[:len(p)]
		var a0, a1, b0, b1 float64
		j := 0
		for ; j+1 < len(p); j += 2 {
			a0 += p[j] * d[j]
			b0 += pw[j] * d[j]
			a1 += p[j+1] * d[j+1]
			b1 += pw[j+1] * d[j+1]
		}
		if j < len(p) {
			a0 += p[j] * d[j]
			b0 += pw[j] * d[j]
		}
		i[k], iw[k] = a0+a1, b0+b1
		if product *= i[k]; product < 1e-200 || product > 1e200 {
			sum += math.Log(product)
			product = 1
		}
	}
	return sum + math.Log(product)
}

// normalLattice fills d with exp(-x^2/2) at x, x+step, ...: each is the last times a factor, which itself changes by
// a constant factor. The recursion starts anew every 32 entries, so that rounding does not build up.
func normalLattice(d []float64, x, step float64) {
	change := math.Exp(-step * step)
	for from := 0; from < len(d); from += 32 {
		at := x + float64(from)*step
		v, factor := math.Exp(-0.5*at*at), math.Exp(-at*step-0.5*step*step)
		for j := from; j < min(from+32, len(d)); j++ {
			d[j] = v
			v *= factor
			factor *= change
		}
	}
}

// scores adds the posterior means of the score of one outer group: -E[y - mu] by row, and for (t1, t2)
//
//	d log/dt1 = sum_m (E[(w - t2 v)^2]/t1^2 - 1)/t1,  d log/dt2 = sum_m E[(w - t2 v) v]/t1^2
func (f *twoFactors) scores(o outerRange, w *nestedWork, scores, gradient []float64) {
	st := f.st
	p := st.p
	for k, m := range o.inner {
		own := w.p[k]
		back := grow(w.back, len(own))
		w.back = back
		var square, cross, outer float64 // E[w^2], E[w v], E[v^2]
		for r, v := range w.v {
			factor := w.share[r] / w.i[r][k]
			cross += factor * w.iw[r][k] * v
			outer += w.share[r] * v * v
			d := w.density[r][w.first[k]-w.low:][:len(back)]
			for j := range back {
				back[j] += factor * d[j]
			}
		}
		for j := range back {
			back[j] *= own[j]
			x := float64(w.first[k]+j) * w.step
			square += back[j] * x * x
		}
		apart := square - 2*w.t2*cross + w.t2*w.t2*outer
		gradient[p] -= (apart/(w.t1*w.t1) - 1) / w.t1
		gradient[p+1] -= (cross - w.t2*outer) / (w.t1 * w.t1)
		f.rowScores(m, w, k, back, scores)
	}
}

// rowScores sets minus the posterior mean of y - mu for the rows of an inner group.
func (f *twoFactors) rowScores(m groupRange, w *nestedWork, k int, posterior, scores []float64) {
	st := f.st
	for i := st.cellStart[m.from]; i < st.cellStart[m.to]; i++ {
		sum, total := 0.0, 0.0
		for j, share := range posterior {
			if share < 1e-20 {
				continue
			}
			y, mu, _, _, _ := st.moments(int(i), st.eta[i]+float64(w.first[k]+j)*w.step)
			sum += share * (mu - y)
			total += share
		}
		scores[i] = sum / total
	}
}
