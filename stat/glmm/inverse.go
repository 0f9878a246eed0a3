package glmm

// selectedInverse fills z with the entries of H^-1 that lie on the pattern (Takahashi's recursion); h holds the
// result of factorise. For a node with columns N: Z_iN = -U Z_NN, Z_ii = D^-1 - Z_iN U'.
func (h *blocks) selectedInverse(z *blocks) {
	copy(z.s, h.s)
	if h.m > 0 {
		inverseCholesky(z.s, h.m)
	}
	var near []float64
	for d := len(h.q) - 1; d >= 0; d-- {
		q := h.q[d]
		for level := range int32(h.levels[d]) {
			n := h.columns(d, level)
			near = z.gather(d, level, near)
			u, to := h.b[d][h.offset(d, level):][:q*n], z.b[d][h.offset(d, level):][:q*n]
			clear(to)
			addScaled(to, -1, u, near, q, n)
			own := z.d[d][int(level)*q*q:][:q*q]
			copy(own, h.d[d][int(level)*q*q:])
			addTransposed(own, -1, to, u, q, n)
		}
	}
}

// gather copies the entries of z among a node's columns into an n x n matrix.
func (z *blocks) gather(d int, level int32, out []float64) []float64 {
	n, up := z.columns(d, level), z.up[d]
	if cap(out) < n*n {
		out = make([]float64, n*n)
	}
	out = out[:n*n]
	meets := z.meets[d][z.from[d][level]:z.from[d][level+1]]
	for i, a := range meets {
		row, from := out[(up+i)*n+up:], z.s[int(a)*z.m:][:z.m]
		for j, b := range meets {
			row[j] = from[b]
		}
	}
	for e := d + 1; e < len(z.q); e++ {
		qe, first := z.q[e], z.upTo(d, e)
		a := z.ancestor[d][e][level]
		cols := z.columns(e, a)
		place := z.place[d][e][z.from[d][level]:z.from[d][level+1]]
		for r := range qe {
			own := z.d[e][int(a)*qe*qe+r*qe:]
			row := z.b[e][z.offset(e, a)+r*cols:]
			to := out[(first+r)*n:]
			copy(to[first:first+qe], own[:qe])
			set := func(j int, v float64) {
				to[j] = v
				out[j*n+first+r] = v
			}
			for j := first + qe; j < up; j++ {
				set(j, row[j-first-qe])
			}
			for j, x := range place {
				set(up+j, row[z.up[e]+int(x)])
			}
		}
	}
	return out
}

// addScaled adds alpha * a b to out, a and out q x n, b n x n.
func addScaled(out []float64, alpha float64, a, b []float64, q, n int) {
	for r := range q {
		to := out[r*n : r*n+n]
		for k, x := range a[r*n : r*n+n] {
			x *= alpha
			for j, y := range b[k*n : k*n+n] {
				to[j] += x * y
			}
		}
	}
}

// addTransposed adds alpha * a b' to out, a and b q x n, out q x q.
func addTransposed(out []float64, alpha float64, a, b []float64, q, n int) {
	for r := range q {
		for s := range q {
			v := 0.0
			x, y := a[r*n:r*n+n], b[s*n:s*n+n]
			for j := range x {
				v += x[j] * y[j]
			}
			out[r*q+s] += alpha * v
		}
	}
}

// tangent differentiates factorise and selectedInverse: dh holds dH on the pattern and is overwritten by the
// derivative of H^-1 on the pattern. h is the factor, z the selected inverse. For a node, with dU = D^-1 G and
// G = dB - dD U, the Schur complement changes by -(dB'U + U'G).
func (h *blocks) tangent(z, dh *blocks, w *tangentWork) {
	for d, q := range h.q {
		for level := range int32(h.levels[d]) {
			n := h.columns(d, level)
			u := h.b[d][h.offset(d, level):][:q*n]
			db := dh.b[d][h.offset(d, level):][:q*n]
			inverse := h.d[d][int(level)*q*q:][:q*q]
			dd := dh.d[d][int(level)*q*q:][:q*q]
			dh.subtract(d, level, db, u)
			if q == 1 {
				x := dd[0]
				for j, y := range u {
					db[j] -= x * y
				}
				dh.subtract(d, level, u, db)
				for j := range db {
					db[j] *= inverse[0]
				}
				dd[0] *= -inverse[0] * inverse[0]
				continue
			}
			w.a = append(w.a[:0], db...)
			for r := range q {
				for s := range q {
					x := dd[r*q+s]
					for j := range n {
						w.a[r*n+j] -= x * u[s*n+j]
					}
				}
			}
			dh.subtract(d, level, u, w.a)
			multiply(db, inverse, w.a, q, n)
			w.b = grow(w.b, q*q)
			w.c = grow(w.c, q*q)
			multiply(w.b, inverse, dd, q, q)
			multiply(w.c, w.b, inverse, q, q)
			for i := range dd {
				dd[i] = -w.c[i]
			}
		}
	}
	m := h.m
	if m > 0 {
		for i := range m {
			for j := range i {
				dh.s[i*m+j] = dh.s[j*m+i]
			}
		}
		w.a = grow(w.a, m*m)
		addProductTo(w.a, -1, z.s, dh.s, m)
		clear(dh.s)
		addProductTo(dh.s, 1, w.a, z.s, m)
	}
	for d := len(h.q) - 1; d >= 0; d-- {
		q := h.q[d]
		for level := range int32(h.levels[d]) {
			n := h.columns(d, level)
			w.near = z.gather(d, level, w.near)
			w.far = dh.gather(d, level, w.far)
			u, du := h.b[d][h.offset(d, level):][:q*n], dh.b[d][h.offset(d, level):][:q*n]
			w.a = grow(w.a, q*n)
			addScaled(w.a, -1, du, w.near, q, n)
			addScaled(w.a, -1, u, w.far, q, n)
			own := dh.d[d][int(level)*q*q:][:q*q]
			addTransposed(own, -1, w.a, u, q, n)
			addTransposed(own, -1, z.b[d][h.offset(d, level):], du, q, n)
			copy(du, w.a)
		}
	}
}

// tangentWork is scratch space of tangent.
type tangentWork struct{ a, b, c, near, far []float64 }

// grow gives a cleared slice of length n, reusing v.
func grow(v []float64, n int) []float64 {
	if cap(v) < n {
		return make([]float64, n)
	}
	v = v[:n]
	clear(v)
	return v
}
