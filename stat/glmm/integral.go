package glmm

import "math"

// oneFactor integrates over one scalar random effect, group by group: the likelihood is the product of
//
//	I_g = integral of exp(l_g(u)) phi(u) du,  l_g(u) = sum over the group's rows of log p(y_i | x_i'b + o_i + z_i t u)
//
// on nodes u_k = m + s z_k about the mode m with s = (1 + t^2 sum z^2 w)^(-1/2):
// log I_g = log s + log sum_k exp(a_k + l_g(u_k) - u_k^2/2).
type oneFactor struct {
	st     *state
	groups []groupRange
	// Gauss-Hermite: nodes z and log-weights a. Trapezoid: z nil, nodes are multiples of step out to where the
	// integrand is exp(-40) of its top.
	z, a []float64
	step float64

	points int // nodes of the largest group at the last evaluation
}

// groupRange is a level of the factor with its cells and rows, which lie together.
type groupRange struct {
	level    int32
	from, to int // cells
}

func newOneFactor(st *state) *oneFactor {
	return &oneFactor{st: st, groups: st.ranges(0)}
}

// ranges gives the cells of every level of a chain factor that occurs, in the order of rows.
func (p *problem) ranges(k int) []groupRange {
	var out []groupRange
	levels := p.cellLevel[k]
	for c := 0; c < len(levels); {
		end := c
		for end < len(levels) && levels[end] == levels[c] {
			end++
		}
		out = append(out, groupRange{levels[c], c, end})
		c = end
	}
	return out
}

// mostSD bounds the search of integrals: a standard deviation of 50 on the logit or log scale means that groups do not
// overlap at all, and that the likelihood rises for ever.
const mostSD = 50

const tail = 40 // the trapezoid rule ends where the integrand has fallen by exp(-tail)

// nodes gives the node positions u_k and log-terms a_k + l(u_k) - u_k^2/2 of a group.
func (f *oneFactor) nodes(g groupRange, mode, scale float64, w *groupWork) {
	w.u, w.log = w.u[:0], w.log[:0]
	term := func(u float64) float64 {
		return f.st.groupLogLik(g, u) - 0.5*u*u
	}
	if f.z != nil {
		for k, z := range f.z {
			u := mode + scale*z
			w.u, w.log = append(w.u, u), append(w.log, f.a[k]+term(u))
		}
		return
	}
	weight := math.Log(f.step) - 0.5*math.Log(2*math.Pi)
	top := term(mode)
	w.u, w.log = append(w.u, mode), append(w.log, weight+top)
	for _, side := range [2]float64{-1, 1} {
		for k := 1; k < 4000; k++ {
			u := mode + side*float64(k)*f.step*scale
			v := term(u)
			top = math.Max(top, v)
			if v < top-tail {
				break
			}
			w.u, w.log = append(w.u, u), append(w.log, weight+v)
		}
	}
}

// groupLogLik is l_g(u).
func (st *state) groupLogLik(g groupRange, u float64) float64 {
	w := [1]float64{u * st.template[0][0]}
	sum := 0.0
	if st.binary != nil {
		for c := g.from; c < g.to; c++ {
			st.shift(c, w[0])
		}
		return st.logBinary(g.from, g.to, st.eta, st.s)
	}
	for c := g.from; c < g.to; c++ {
		s := st.shift(c, w[0])
		for i := st.cellStart[c]; i < st.cellStart[c+1]; i++ {
			sum += st.logLik(int(i), st.eta[i]+s)
		}
	}
	return sum
}

// shift sets and gives z t u of a cell.
func (st *state) shift(c int, tu float64) float64 {
	if z := st.cellZ[0]; z != nil {
		tu *= z[c]
	}
	st.s[c] = tu
	return tu
}

// groupWork is scratch space of one group.
type groupWork struct {
	u, log, share []float64 // nodes, log-terms, posterior weights
	score         []float64 // sum of z r at each node
	mean          []float64 // posterior mean of mu, a row
}

// posterior turns log-terms to weights that sum to one and gives the log of their sum.
func (w *groupWork) posterior() float64 {
	top := math.Inf(-1)
	for _, v := range w.log {
		top = math.Max(top, v)
	}
	w.share = grow(w.share, len(w.log))
	sum := 0.0
	for k, v := range w.log {
		w.share[k] = math.Exp(v - top)
		sum += w.share[k]
	}
	for k := range w.share {
		w.share[k] /= sum
	}
	return top + math.Log(sum)
}

// means fills score and mean of a group.
func (f *oneFactor) means(g groupRange, w *groupWork) {
	st := f.st
	first := st.cellStart[g.from]
	w.score = grow(w.score, len(w.u))
	w.mean = grow(w.mean, int(st.cellStart[g.to]-first))
	for k, u := range w.u {
		share := w.share[k]
		for c := g.from; c < g.to; c++ {
			s := st.shift(c, u*st.template[0][0])
			begin, end := int(st.cellStart[c]), int(st.cellStart[c+1])
			w.score[k] += st.zFirst(c) * st.addResiduals(begin, end, s, share, w.mean[begin-int(first):])
		}
	}
}

// addResiduals adds share times y - mu of some rows at eta + s to out, and gives the sum of y - mu.
func (st *state) addResiduals(begin, end int, s, share float64, out []float64) (sum float64) {
	if st.binary == nil {
		for i := begin; i < end; i++ {
			y, mu, _, _, _ := st.moments(i, st.eta[i]+s)
			sum += y - mu
			out[i-begin] += share * (y - mu)
		}
		return sum
	}
	rows, ys := st.eta[begin:end], st.binary[begin:end]
	ys, out = ys[:len(rows)], out[:len(rows)]
	for i, eta := range rows {
		eta += s
		if eta > largest {
			eta = largest
		} else if eta < -largest {
			eta = -largest
		}
		r, k := expReduce(eta)
		d := float64(ys[i]) - 1/(1+expFinish(r, k))
		sum += d
		out[i] += share * d
	}
	return sum
}

func (st *state) zFirst(c int) float64 {
	if z := st.cellZ[0]; z != nil {
		return z[c]
	}
	return 1
}

// evaluate gives minus the sum of log I_g and its gradient over (b, t). With Gauss-Hermite nodes, mode and scale move
// with the parameters; with f the log-integrand, A and B the posterior means of f'(u_k) and f'(u_k) z_k,
//
//	d log I = sum_k pi_k df(u_k) + A dm + (B + 1/s) ds,  dm = s^2 df'(m),  ds = s^3 (df''(m) + f'''(m) dm) / 2
//
// With the trapezoid rule, which is exact, the first sum is all (Fisher's identity).
func (f *oneFactor) evaluate(x []float64) (float64, []float64) {
	st := f.st
	if math.Abs(x[st.p]) > mostSD {
		return math.Inf(1), nil
	}
	st.set(x[:st.p], x[st.p:])
	old := st.tolerance
	st.tolerance = 1e-22
	st.mode()
	st.tolerance = old
	if math.IsNaN(st.logDet) || !st.settled {
		return math.Inf(1), nil
	}
	gradient := make([]float64, st.p+1)
	value := 0.0
	f.points = 0
	var w groupWork
	work := make([]float64, st.n)
	for _, g := range f.groups {
		mode, scale := st.u[g.level], math.Sqrt(st.h.d[0][g.level])
		f.nodes(g, mode, scale, &w)
		f.points = max(f.points, len(w.u))
		value -= math.Log(scale) + w.posterior()
		f.means(g, &w)
		first := int(st.cellStart[g.from])
		for i, r := range w.mean {
			work[first+i] = -r
		}
		for k, u := range w.u {
			gradient[st.p] -= w.share[k] * u * w.score[k]
		}
		if f.z != nil {
			f.moving(g, mode, scale, &w, work, gradient)
		}
	}
	if math.IsNaN(value) {
		return math.Inf(1), nil
	}
	st.transposed(0, work, gradient[:st.p])
	return value, gradient
}

// moving adds what the gradient of minus log I_g owes to the nodes' moving.
func (f *oneFactor) moving(g groupRange, m, s float64, w *groupWork, work, gradient []float64) {
	st := f.st
	t := st.template[0][0]
	a, b := 0.0, 0.0
	for k, u := range w.u {
		slope := t*w.score[k] - u
		a += w.share[k] * slope
		b += w.share[k] * slope * f.z[k]
	}
	var r1, w2, v3 float64 // sums of z r, z^2 w, z^3 w' at the mode
	for c := g.from; c < g.to; c++ {
		z := st.zFirst(c)
		r1 += z * st.sums.r[c]
		w2 += z * z * st.sums.w[c]
		v3 += z * z * z * st.sums.w1[c]
	}
	beta := (b + 1/s) * 0.5 * s * s * s
	alpha := s * s * (a - beta*t*t*t*v3)
	gradient[st.p] -= alpha*(r1-t*m*w2) + beta*(-2*t*w2-t*t*m*v3)
	for c := g.from; c < g.to; c++ {
		z := st.zFirst(c)
		shift := st.shift(c, t*m)
		for i := st.cellStart[c]; i < st.cellStart[c+1]; i++ {
			_, _, w, w1, _ := st.moments(int(i), st.eta[i]+shift)
			work[i] += alpha*t*z*w + beta*t*t*z*z*w1
		}
	}
}

func (f *oneFactor) profiled() bool { return false }

func (f *oneFactor) at(x []float64) *state {
	f.st.set(x[:f.st.p], x[f.st.p:])
	f.st.mode()
	return f.st
}

// hessian is Louis's for the exact integral: with S the score of the complete data at a node,
// sum over groups of E[X~' W X~] - Var(S), x~ = (x, z u), over the posterior of u. With Gauss-Hermite nodes it is
// found by differences.
func (f *oneFactor) hessian(x []float64) []float64 {
	if f.z != nil {
		return differences(f.evaluate, x)
	}
	if v, _ := f.evaluate(x); math.IsInf(v, 0) {
		return nil
	}
	st := f.st
	n := st.p + 1
	out := make([]float64, n*n)
	weights, mixed := make([]float64, st.n), make([]float64, st.n)
	var w groupWork
	own := 0.0
	for _, g := range f.groups {
		f.nodes(g, st.u[g.level], math.Sqrt(st.h.d[0][g.level]), &w)
		w.posterior()
		own += f.louis(g, &w, weights, mixed, out)
	}
	xwx := st.cross(weights)
	xwt := make([]float64, st.p)
	st.transposed(0, mixed, xwt)
	for i := range st.p {
		for j := range st.p {
			out[i*n+j] += xwx[i*st.p+j]
		}
		out[i*n+st.p] += xwt[i]
		out[st.p*n+i] += xwt[i]
	}
	out[n*n-1] += own
	symmetrise(out, n)
	return out
}

// louis takes a group's Var(S) from out, and adds the posterior means of w and w z u by row and of w z^2 u^2.
func (f *oneFactor) louis(g groupRange, w *groupWork, weights, mixed, out []float64) (own float64) {
	st := f.st
	n := st.p + 1
	t := st.template[0][0]
	first, last := int(st.cellStart[g.from]), int(st.cellStart[g.to])
	score, mean := make([]float64, len(w.u)*n), make([]float64, n)
	variance, residual := make([]float64, last-first), make([]float64, last-first)
	for k, u := range w.u {
		share := w.share[k]
		s := score[k*n : k*n+n]
		for c := g.from; c < g.to; c++ {
			z := st.zFirst(c)
			begin, end := int(st.cellStart[c]), int(st.cellStart[c+1])
			shift := st.shift(c, t*u)
			v, r := variance[begin-first:end-first], residual[begin-first:end-first]
			st.weigh(begin, end, shift, v, r)
			sumR, sumW := 0.0, 0.0
			for i, w := range v {
				weights[begin+i] += share * w
				mixed[begin+i] += share * w * z * u
				sumW += w
				sumR += r[i]
			}
			s[st.p] += z * u * sumR
			own += share * z * z * u * u * sumW
		}
		if last-first > 64 {
			st.transposed(first, residual, s[:st.p])
		} else {
			for i, r := range residual {
				st.accumulate(first+i, r, s)
			}
		}
		for j, v := range s {
			mean[j] += share * v
		}
	}
	for k, share := range w.share {
		s := score[k*n : k*n+n]
		for j := range s {
			s[j] -= mean[j]
		}
		for i, v := range s {
			v *= share
			for j, u := range s {
				out[i*n+j] -= v * u
			}
		}
	}
	return own
}
