package glmm

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// blocks are values on a pattern: a symmetric matrix, its factor, or its selected inverse.
type blocks struct {
	*pattern
	d [][]float64 // [chain factor][level*q*q]: diagonal block of each node
	b [][]float64 // [chain factor]: a node's q x columns block, row-major
	s []float64   // m x m dense rest, both triangles
}

func newBlocks(s *pattern) *blocks {
	h := &blocks{pattern: s, s: make([]float64, s.m*s.m)}
	for d := range s.q {
		h.d = append(h.d, make([]float64, s.levels[d]*s.q[d]*s.q[d]))
		h.b = append(h.b, make([]float64, s.q[d]*(s.levels[d]*s.up[d]+len(s.meets[d]))))
	}
	return h
}

func (h *blocks) clear() {
	for d := range h.d {
		clear(h.d[d])
		clear(h.b[d])
	}
	clear(h.s)
}

// addOuter adds w*(a a') on the pattern of one cell, where a has an entry for each of the cell's effects; with g not
// nil it adds w*(a g' + g a') instead.
func (h *blocks) addOuter(p *problem, c int, w float64, a, g []float64) {
	if g == nil {
		h.addProduct(p, c, w, a, a)
		return
	}
	h.addProduct(p, c, w, a, g)
	h.addProduct(p, c, w, g, a)
}

func (h *blocks) addProduct(p *problem, c int, w float64, a, g []float64) {
	if h.pair != nil {
		at := &h.pair[c]
		h.d[0][at.node] += w * a[0] * g[0]
		h.b[0][at.cross] += w * a[0] * g[1]
		h.s[at.rest] += w * a[1] * g[1]
		return
	}
	for k := range p.factors {
		f := &p.factors[k]
		left := a[f.first : f.first+f.q]
		level := p.cellLevel[k][c]
		if k >= p.chain {
			h.addDense(p, c, w, k, left, g)
			continue
		}
		diagonal := h.d[k][int(level)*f.q*f.q:]
		cols := h.columns(k, level)
		block := h.b[k][h.offset(k, level):]
		for r, x := range left {
			x *= w
			for s, y := range g[f.first : f.first+f.q] {
				diagonal[r*f.q+s] += x * y
			}
			at := r * cols
			for e := k + 1; e < p.chain; e++ {
				for _, y := range g[p.factors[e].first : p.factors[e].first+p.factors[e].q] {
					block[at] += x * y
					at++
				}
			}
			for e := p.chain; e < len(p.factors); e++ {
				to := at + int(h.cellAt[k][e-p.chain][c])
				for s, y := range g[p.factors[e].first : p.factors[e].first+p.factors[e].q] {
					block[to+s] += x * y
				}
			}
		}
	}
}

// addDense adds the rows of one dense factor's effects.
func (h *blocks) addDense(p *problem, c int, w float64, k int, left, g []float64) {
	row := p.factors[k].start - h.base + int(p.cellLevel[k][c])*p.factors[k].q
	for r, x := range left {
		x *= w
		for e := p.chain; e < len(p.factors); e++ {
			f := &p.factors[e]
			at := (row+r)*h.m + f.start - h.base + int(p.cellLevel[e][c])*f.q
			for s, y := range g[f.first : f.first+f.q] {
				h.s[at+s] += x * y
			}
		}
	}
}

// addIdentity adds the identity matrix.
func (h *blocks) addIdentity() {
	for d, q := range h.q {
		for i := range h.levels[d] * q {
			h.d[d][(i/q)*q*q+(i%q)*(q+1)]++
		}
	}
	for i := range h.m {
		h.s[i*h.m+i]++
	}
}

// factorise overwrites H: every diagonal block D by its inverse, every node's columns B by U = D^-1 B, the dense
// rest by the upper Cholesky factor of its Schur complement S - sum B'D^-1 B. It gives log det H, and ok = false
// where H is not positive definite.
func (h *blocks) factorise() (logDet float64, ok bool) {
	var b0 []float64
	for d, q := range h.q {
		for level := range int32(h.levels[d]) {
			n := h.columns(d, level)
			block := h.b[d][h.offset(d, level):][:q*n]
			det, good := invert(h.d[d][int(level)*q*q:][:q*q], q)
			if !good {
				return 0, false
			}
			logDet += det
			b0 = append(b0[:0], block...)
			multiply(block, h.d[d][int(level)*q*q:], b0, q, n)
			h.subtract(d, level, b0, block)
		}
	}
	if h.m == 0 {
		return logDet, true
	}
	if !cholesky(h.s, h.m) {
		return 0, false
	}
	for i := range h.m {
		logDet += 2 * math.Log(h.s[i*h.m+i])
	}
	return logDet, true
}

// subtract takes the product b'u of a node's columns (q x n both) from the blocks of its ancestors and of the dense
// rest, of which only the upper triangle is kept.
func (h *blocks) subtract(d int, level int32, b, u []float64) {
	q, n := h.q[d], h.columns(d, level)
	up := h.up[d]
	meets := h.meets[d][h.from[d][level]:h.from[d][level+1]]
	for e := d + 1; e < len(h.q); e++ {
		first := h.upTo(d, e)
		a := h.ancestor[d][e][level]
		qe := h.q[e]
		diagonal := h.d[e][int(a)*qe*qe:]
		cols := h.columns(e, a)
		block := h.b[e][h.offset(e, a):]
		place := h.place[d][e][h.from[d][level]:h.from[d][level+1]]
		for r := range q {
			br, ur := b[r*n:r*n+n], u[r*n:r*n+n]
			for i := range qe {
				x := br[first+i]
				for j := range qe {
					diagonal[i*qe+j] -= x * ur[first+j]
				}
				row := block[i*cols : i*cols+cols]
				for j := first + qe; j < up; j++ {
					row[j-first-qe] -= x * ur[j]
				}
				for j, to := range place {
					row[h.up[e]+int(to)] -= x * ur[up+j]
				}
			}
		}
	}
	for r := range q {
		br, ur := b[r*n+up:r*n+n], u[r*n+up:r*n+n]
		for i, x := range br {
			row := h.s[int(meets[i])*h.m:][:h.m]
			for j := i; j < len(ur); j++ {
				row[meets[j]] -= x * ur[j]
			}
		}
	}
}

// solve overwrites x by H^-1 x; h holds the result of factorise.
func (h *blocks) solve(x []float64) {
	for d, q := range h.q {
		for level := range int32(h.levels[d]) {
			n := h.columns(d, level)
			u := h.b[d][h.offset(d, level):][:q*n]
			own := x[h.start[d]+int(level)*q:][:q]
			meets := h.meets[d][h.from[d][level]:h.from[d][level+1]]
			for r, v := range own {
				at := r * n
				for e := d + 1; e < len(h.q); e++ {
					to := x[h.start[e]+int(h.ancestor[d][e][level])*h.q[e]:]
					for i := range h.q[e] {
						to[i] -= u[at] * v
						at++
					}
				}
				rest := x[h.base:]
				for i, to := range meets {
					rest[to] -= u[at+i] * v
				}
			}
		}
	}
	if h.m > 0 {
		solveCholesky(h.s, h.m, x[h.base:])
	}
	var own [maxEffects]float64
	for d := len(h.q) - 1; d >= 0; d-- {
		q := h.q[d]
		for level := range int32(h.levels[d]) {
			n := h.columns(d, level)
			u := h.b[d][h.offset(d, level):][:q*n]
			inverse := h.d[d][int(level)*q*q:]
			to := x[h.start[d]+int(level)*q:][:q]
			meets := h.meets[d][h.from[d][level]:h.from[d][level+1]]
			for r := range q {
				v := 0.0
				for s := range q {
					v += inverse[r*q+s] * to[s]
				}
				at := r * n
				for e := d + 1; e < len(h.q); e++ {
					for _, y := range x[h.start[e]+int(h.ancestor[d][e][level])*h.q[e]:][:h.q[e]] {
						v -= u[at] * y
						at++
					}
				}
				for i, from := range meets {
					v -= u[at+i] * x[h.base+int(from)]
				}
				own[r] = v
			}
			copy(to, own[:q])
		}
	}
}

// maxEffects bounds the effects of one factor.
const maxEffects = 64

// invert overwrites a symmetric positive definite q x q matrix by its inverse and gives its log-determinant.
func invert(a []float64, q int) (logDet float64, ok bool) {
	if q == 1 {
		if !(a[0] > 0) {
			return 0, false
		}
		logDet = math.Log(a[0])
		a[0] = 1 / a[0]
		return logDet, true
	}
	if !cholesky(a, q) {
		return 0, false
	}
	for i := range q {
		logDet += 2 * math.Log(a[i*q+i])
	}
	inverseCholesky(a, q)
	return logDet, true
}

// multiply sets out = a b with a q x q and b q x n, all row-major.
func multiply(out, a, b []float64, q, n int) {
	if q == 1 {
		for j, y := range b[:n] {
			out[j] = a[0] * y
		}
		return
	}
	clear(out[:q*n])
	for r := range q {
		row := out[r*n : r*n+n]
		for s := range q {
			x := a[r*q+s]
			for j, y := range b[s*n : s*n+n] {
				row[j] += x * y
			}
		}
	}
}

// cholesky overwrites the upper triangle of a by R with R'R = a. Small matrices are done by hand, since a call of
// the library costs more than the work.
func cholesky(a []float64, n int) bool {
	if n > 96 {
		return choleskyLarge(a, n)
	}
	for i := range n {
		for k := range i {
			x := a[k*n+i]
			if x == 0 {
				continue
			}
			from, to := a[k*n+i:k*n+n], a[i*n+i:i*n+n]
			for j := range to {
				to[j] -= x * from[j]
			}
		}
		if !(a[i*n+i] > 0) || math.IsInf(a[i*n+i], 0) {
			return false
		}
		root := math.Sqrt(a[i*n+i])
		for j := i; j < n; j++ {
			a[i*n+j] /= root
		}
	}
	return true
}

// solveCholesky overwrites x by (R'R)^-1 x.
func solveCholesky(a []float64, n int, x []float64) {
	for i := range n {
		x[i] /= a[i*n+i]
		v := x[i]
		for j := i + 1; j < n; j++ {
			x[j] -= a[i*n+j] * v
		}
	}
	for i := n - 1; i >= 0; i-- {
		v := x[i]
		for j := i + 1; j < n; j++ {
			v -= a[i*n+j] * x[j]
		}
		x[i] = v / a[i*n+i]
	}
}

// inverseCholesky overwrites R (upper) by the full symmetric inverse of R'R.
func inverseCholesky(a []float64, n int) {
	if n > 96 {
		inverseLarge(a, n)
		return
	}
	// R^-1 in place, row by row from the last.
	for i := n - 1; i >= 0; i-- {
		d := 1 / a[i*n+i]
		row := a[i*n : i*n+n]
		var work [96]float64
		w := work[:n]
		for k := i + 1; k < n; k++ {
			x := row[k]
			for j, y := range a[k*n+k : k*n+n] {
				w[k+j] += x * y
			}
		}
		for j := i + 1; j < n; j++ {
			row[j] = -d * w[j]
		}
		row[i] = d
	}
	// R^-1 R^-T: entry (i, j) is the product of rows i and j from max(i, j) on.
	for i := range n {
		for j := i; j < n; j++ {
			s := 0.0
			ri, rj := a[i*n+j:i*n+n], a[j*n+j:j*n+n]
			for k := range ri {
				s += ri[k] * rj[k]
			}
			a[j*n+i] = s // lower triangle holds the result until the row is done
		}
		for j := i; j < n; j++ {
			a[i*n+j] = a[j*n+i]
		}
	}
}

func general(a []float64, n int) blas64.General {
	return blas64.General{Rows: n, Cols: n, Stride: n, Data: a}
}

// addProductTo adds alpha * a b to out, all n x n.
func addProductTo(out []float64, alpha float64, a, b []float64, n int) {
	if n == 0 {
		return
	}
	if n <= 16 {
		for i := range n {
			for k := range n {
				x := alpha * a[i*n+k]
				to, from := out[i*n:i*n+n], b[k*n:k*n+n]
				for j := range to {
					to[j] += x * from[j]
				}
			}
		}
		return
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, alpha, general(a, n), general(b, n), 1, general(out, n))
}
