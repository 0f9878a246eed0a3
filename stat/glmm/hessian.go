package glmm

// rowMoments are sums over the rows of each cell, at the mode, that second derivatives need: X'w, X'w', X'w” as
// vectors over coefficients and the sum of w”, and over all rows X' diag(a) X with a = w + h w”/2 - e w'.
type rowMoments struct {
	xw, xw1, xw2 []float64 // [cell*p+coef]
	w2           []float64
	xax          []float64 // p x p
}

// momentsSize is the memory in bytes that rowMoments take; above a limit the Hessian is found by differences.
func (p *problem) momentsSize() int { return 3 * 8 * p.cells() * p.p }

const momentsLimit = 256 << 20

func (st *state) rowMoments(ct *cellTerms) *rowMoments {
	cells := st.cells()
	m := &rowMoments{
		xw: make([]float64, cells*st.p), xw1: make([]float64, cells*st.p), xw2: make([]float64, cells*st.p),
		w2: make([]float64, cells),
	}
	a := make([]float64, st.n)
	st.each(func(_, from, to int) {
		var work tables
		for c := from; c < to; c++ {
			begin, end := int(st.cellStart[c]), int(st.cellStart[c+1])
			xw, xw1, xw2 := m.xw[c*st.p:(c+1)*st.p], m.xw1[c*st.p:(c+1)*st.p], m.xw2[c*st.p:(c+1)*st.p]
			wide := end-begin > 256
			if wide {
				work.reset(len(st.joints), end-begin)
			}
			for i := begin; i < end; i++ {
				_, _, w, w1, w2 := st.moments(i, st.eta[i]+st.s[c])
				a[i] = w + 0.5*ct.h[c]*w2 - ct.e[c]*w1
				m.w2[c] += w2
				if wide {
					work.add(st.problem, i, begin, w, w1, w2)
				} else {
					st.accumulateThree(i, w, w1, w2, xw, xw1, xw2)
				}
			}
			if wide {
				work.fold(st.problem, begin, xw, xw1, xw2)
			}
		}
	})
	m.xax = st.cross(a)
	return m
}

// tables sum three weights over the cells of every joint factor.
type tables struct {
	joint [][256][3]float64
	rows  [][3]float64
}

func (t *tables) reset(joints, rows int) {
	if t.joint == nil {
		t.joint = make([][256][3]float64, joints)
	}
	clear(t.joint)
	if cap(t.rows) < rows {
		t.rows = make([][3]float64, rows)
	}
	t.rows = t.rows[:rows]
}

func (t *tables) add(p *problem, i, begin int, w, w1, w2 float64) {
	for k := range p.joints {
		x := &t.joint[k][p.joints[k].codes[i]]
		x[0] += w
		x[1] += w1
		x[2] += w2
	}
	t.rows[i-begin] = [3]float64{w, w1, w2}
}

func (t *tables) fold(p *problem, begin int, out ...[]float64) {
	for k := range p.joints {
		j := &p.joints[k]
		for c := range j.cells {
			v := &t.joint[k][c]
			if v[0] == 0 && v[1] == 0 && v[2] == 0 {
				continue
			}
			for _, e := range j.row(c) {
				out[0][e.coef] += v[0] * e.x
				out[1][e.coef] += v[1] * e.x
				out[2][e.coef] += v[2] * e.x
			}
		}
	}
	for k := range p.dense {
		v := p.dense[k].values[begin : begin+len(t.rows)]
		coef := p.dense[k].coef
		for i, w := range t.rows {
			out[0][coef] += w[0] * v[i]
			out[1][coef] += w[1] * v[i]
			out[2][coef] += w[2] * v[i]
		}
	}
}

// accumulateThree adds three multiples of row i of X.
func (p *problem) accumulateThree(i int, w, w1, w2 float64, xw, xw1, xw2 []float64) {
	for k := range p.joints {
		j := &p.joints[k]
		for _, e := range j.row(int(j.codes[i])) {
			xw[e.coef] += w * e.x
			xw1[e.coef] += w1 * e.x
			xw2[e.coef] += w2 * e.x
		}
	}
	for k := range p.dense {
		x, coef := p.dense[k].values[i], p.dense[k].coef
		xw[coef] += w * x
		xw1[coef] += w1 * x
		xw2[coef] += w2 * x
	}
}

// hessian is the matrix of second derivatives of half the Laplace criterion over (b, t), row-major, by
// differentiating the closed-form gradient once more in every direction; ct holds the terms of the last evaluate.
// Rows are passed once: all else is sums over cells.
func (st *state) hessian(ct *cellTerms) []float64 {
	m := st.rowMoments(ct)
	total := st.p + len(st.free)
	out := make([]float64, total*total)
	// X'a by cell.
	xa := make([]float64, len(m.xw))
	for c := range ct.h {
		h, e := 0.5*ct.h[c], ct.e[c]
		for k := c * st.p; k < (c+1)*st.p; k++ {
			xa[k] = m.xw[k] + h*m.xw2[k] - e*m.xw1[k]
		}
	}
	dir := newDirection(st, ct, m, xa)
	for k := range total {
		column := dir.derivative(k)
		for j, v := range column {
			out[j*total+k] = v
		}
	}
	symmetrise(out, total)
	return out
}

func symmetrise(a []float64, n int) {
	for i := range n {
		for j := range i {
			v := 0.5 * (a[i*n+j] + a[j*n+i])
			a[i*n+j], a[j*n+i] = v, v
		}
	}
}

// direction differentiates the Laplace gradient along one parameter at a time.
type direction struct {
	*state
	ct       *cellTerms
	m        *rowMoments
	xa       []float64
	du, dc   []float64
	dh       *blocks
	work     tangentWork
	dy       []float64 // of one cell
	dg       []float64 // [cell*width+k]
	dhat     []float64 // cells: change of the leverage h
	dw       []float64 // cells
	ds       []float64
	column   []float64
	vectors  []float64
	selected parameter
	along    int // coefficient, or -1 along a template entry
}

func newDirection(st *state, ct *cellTerms, m *rowMoments, xa []float64) *direction {
	return &direction{
		state: st, ct: ct, m: m, xa: xa,
		du: make([]float64, st.effects), dc: make([]float64, st.effects), dh: newBlocks(st.layout),
		dy: make([]float64, st.width), dg: make([]float64, st.cells()*st.width), dhat: make([]float64, st.cells()),
		dw: make([]float64, st.cells()), ds: make([]float64, st.cells()),
		column: make([]float64, st.p+len(st.free)),
	}
}

// vectorChange gives dL'z of a cell, nil along a coefficient.
func (d *direction) vectorChange(c int) []float64 {
	if d.along >= 0 {
		return nil
	}
	clear(d.dy)
	d.dy[d.factors[d.selected.factor].first+d.selected.s] = d.zOf(d.selected, c)
	return d.dy
}

// derivative gives the change of the gradient along parameter k: coefficients first, then template entries.
func (d *direction) derivative(k int) []float64 {
	d.along = k
	if k >= d.p {
		d.along, d.selected = -1, d.free[k-d.p]
	}
	d.modeChange()
	d.matrixChange()
	d.adjointChange()
	return d.gradientChange()
}

// modeChange sets du = H^-1 (dL'Z'r - L'Z'W(dx + Z dL u)) and ds = z'(dL u + L du).
func (d *direction) modeChange() {
	clear(d.du)
	for c := range d.ds {
		v := d.cellVector(c)
		if d.along >= 0 {
			d.spread(c, -d.m.xw[c*d.p+d.along], v, d.du)
			continue
		}
		dy := d.vectorChange(c)
		d.spread(c, d.sums.r[c], dy, d.du)
		d.spread(c, -d.sums.w[c]*d.dot(c, dy, d.u), v, d.du)
	}
	d.h.solve(d.du)
	for c := range d.ds {
		d.ds[c] = d.dot(c, d.cellVector(c), d.du)
		if dy := d.vectorChange(c); dy != nil {
			d.ds[c] += d.dot(c, dy, d.u)
		}
	}
}

// matrixChange sets dw, and dh to the derivative of H^-1 on the pattern.
func (d *direction) matrixChange() {
	d.dh.clear()
	for c := range d.dw {
		d.dw[c] = d.sums.w1[c] * d.ds[c]
		if d.along >= 0 {
			d.dw[c] += d.m.xw1[c*d.p+d.along]
		}
		v := d.cellVector(c)
		d.dh.addOuter(d.problem, c, d.dw[c], v, nil)
		if dy := d.vectorChange(c); dy != nil {
			d.dh.addOuter(d.problem, c, d.sums.w[c], v, dy)
		}
	}
	d.h.tangent(d.ct.z, d.dh, &d.work)
}

// leverageChange fills dg and dhat of a cell.
func (d *direction) leverageChange(c int) {
	v := d.cellVector(c)
	dg, dh := d.dg[c*d.width:(c+1)*d.width], 0.0
	d.dh.apply(d.problem, c, v, dg)
	g := d.ct.g[c*d.width : (c+1)*d.width]
	if dy := d.vectorChange(c); dy != nil {
		d.vectors = grow(d.vectors, d.width)
		d.ct.z.apply(d.problem, c, dy, d.vectors)
		for k, x := range d.vectors {
			dg[k] += x
			dh += dy[k] * g[k]
		}
	}
	for k, x := range v {
		dh += x * dg[k]
	}
	d.dhat[c] = dh
}

// varianceChange gives the change of a cell's v = h w'/2.
func (d *direction) varianceChange(c int, dh float64) float64 {
	dw1 := d.m.w2[c] * d.ds[c]
	if d.along >= 0 {
		dw1 += d.m.xw2[c*d.p+d.along]
	}
	return 0.5 * (dh*d.sums.w1[c] + d.ct.h[c]*dw1)
}

// adjointChange sets dc = H^-1 (d(L'Z'v) - dH c).
func (d *direction) adjointChange() {
	clear(d.dc)
	for c := range d.ds {
		d.leverageChange(c)
		dh := d.dhat[c]
		v := d.cellVector(c)
		e, w := d.ct.e[c], d.sums.w[c]
		own := d.varianceChange(c, dh) - d.dw[c]*e
		if dy := d.vectorChange(c); dy != nil {
			own -= w * d.dot(c, dy, d.ct.c)
			d.spread(c, 0.5*d.ct.h[c]*d.sums.w1[c]-w*e, dy, d.dc)
		}
		d.spread(c, own, v, d.dc)
	}
	d.h.solve(d.dc)
}

// gradientChange sums the change of both parts of the gradient.
func (d *direction) gradientChange() []float64 {
	p := d.p
	clear(d.column)
	if d.along >= 0 {
		for j := range p {
			d.column[j] = d.m.xax[j*p+d.along]
		}
	}
	db, dt := d.column[:p], d.column[p:]
	for c := range d.ds {
		dg, dh := d.dg[c*d.width:(c+1)*d.width], d.dhat[c]
		e, w, ds := d.ct.e[c], d.sums.w[c], d.ds[c]
		de := d.dot(c, d.cellVector(c), d.dc)
		if dy := d.vectorChange(c); dy != nil {
			de += d.dot(c, dy, d.ct.c)
		}
		xa, xw, xw1 := d.xa[c*p:(c+1)*p], d.m.xw[c*p:(c+1)*p], d.m.xw1[c*p:(c+1)*p]
		half := 0.5 * dh
		for j := range db {
			db[j] += xa[j]*ds + half*xw1[j] - de*xw[j]
		}
		dr := -w * ds
		if d.along >= 0 {
			dr -= xw[d.along]
		}
		r, dw := d.sums.r[c], d.dw[c]
		q := 0.5*d.ct.h[c]*d.sums.w1[c] - r - w*e
		dq := d.varianceChange(c, dh) - dr - dw*e - w*de
		for k, x := range d.free {
			f := &d.factors[x.factor]
			i := f.start + int(d.cellLevel[x.factor][c])*f.q + x.s
			g := d.ct.g[c*d.width+f.first+x.s]
			dt[k] += d.zOf(x, c) * (d.du[i]*q + d.u[i]*dq + dw*g + w*dg[f.first+x.s] + dr*d.ct.c[i] + r*d.dc[i])
		}
	}
	return d.column
}
