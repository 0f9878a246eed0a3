package glmm

import "math"

// joint holds the Newton system of the penalised criterion over (b, u) at given t:
//
//	[ X'WX    X'WZL ] (db)   (X'r       )
//	[ L'Z'WX  H     ] (du) = (L'Z'r - u )
type jointSystem struct {
	m     [][]float64 // [coefficient]: H^-1 L'Z'W x
	raw   [][]float64 // [coefficient]: L'Z'W x
	schur []float64   // X'WX - X'WZL H^-1 L'Z'WX, and its upper Cholesky factor after factorise
	score []float64   // X'r
}

// system builds the matrix and right-hand side at the present (b, u).
func (st *state) system() (*jointSystem, bool) {
	j := &jointSystem{score: make([]float64, st.p)}
	st.passes++
	st.sumCells(st.eta, st.s, st.sums)
	st.modeGradient()
	st.assemble(st.sums.w)
	logDet, ok := st.h.factorise()
	if !ok {
		return nil, false
	}
	st.logDet = logDet
	for range st.p {
		j.raw = append(j.raw, make([]float64, st.effects))
	}
	w := make([]float64, st.n)
	r := make([]float64, st.n)
	xw := make([]float64, st.p)
	var work tables
	for c := range st.cells() {
		begin, end := int(st.cellStart[c]), int(st.cellStart[c+1])
		clear(xw)
		wide := end-begin > 256
		if wide {
			work.reset(len(st.joints), end-begin)
		}
		st.weigh(begin, end, st.s[c], w[begin:end], r[begin:end])
		for i := begin; i < end; i++ {
			v := w[i]
			if wide {
				work.add(st.problem, i, begin, v, 0, 0)
			} else {
				st.accumulate(i, v, xw)
			}
		}
		if wide {
			work.fold(st.problem, begin, xw, make([]float64, st.p), make([]float64, st.p))
		}
		vector := st.cellVector(c)
		for k, x := range xw {
			if x != 0 {
				st.spread(c, x, vector, j.raw[k])
			}
		}
	}
	st.transposed(0, r, j.score)
	j.schur = st.cross(w)
	for k := range j.raw {
		m := append([]float64(nil), j.raw[k]...)
		st.h.solve(m)
		j.m = append(j.m, m)
	}
	for i := range st.p {
		for k := range i + 1 {
			v := j.schur[i*st.p+k] - inner(j.raw[i], j.m[k])
			put(j.schur, st.p, i, k, v)
		}
	}
	return j, true
}

func inner(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// step solves the system for a right-hand side (gb, gu), which are overwritten by (db, du). factor is the Cholesky
// factor of schur.
func (j *jointSystem) step(st *state, factor, gb, gu []float64) {
	for k := range gb {
		gb[k] -= inner(j.m[k], gu)
	}
	solveCholesky(factor, len(gb), gb)
	st.h.solve(gu)
	for k, v := range gb {
		for i, m := range j.m[k] {
			gu[i] -= m * v
		}
	}
}

// profile moves (b, u) to the mode of the penalised criterion at t, by Newton's method on both. It gives the system
// at the mode and whether the decrement fell below tolerance. A tolerance above 0.01 is a rough one: the step that
// meets it is still taken, and the system is the one before it.
func (st *state) profile(tolerance float64, limit int) (*jointSystem, bool) {
	last, f := math.Inf(1), math.NaN()
	st.cellEffects(st.u, st.s)
	var j *jointSystem
	for st.inner = 1; st.inner <= limit; st.inner++ {
		var ok bool
		if j, ok = st.system(); !ok {
			return nil, false
		}
		factor := append([]float64(nil), j.schur...)
		if st.p > 0 && !cholesky(factor, st.p) {
			return j, false
		}
		db := append([]float64(nil), j.score...)
		du := append([]float64(nil), st.gradient...)
		j.step(st, factor, db, du)
		decrement := inner(db, j.score) + inner(du, st.gradient)
		if decrement < tolerance || (decrement < 1e-11 && decrement > 0.25*last) {
			if tolerance > 0.01 {
				st.advance(db, du, math.Min(decrement, 0.4), f)
			}
			return j, true
		}
		if !(decrement < math.MaxFloat64) {
			return j, false
		}
		last = decrement
		f = st.advance(db, du, decrement, f)
	}
	return j, false
}

// advance moves (b, u) along a step, halved until F falls; small steps need no check. It takes F where it stands and
// gives F where it ends, NaN where that is not known.
func (st *state) advance(db, du []float64, decrement, f0 float64) float64 {
	b0, u0 := append([]float64(nil), st.b...), append([]float64(nil), st.u...)
	check := decrement >= 0.5
	if check && math.IsNaN(f0) {
		f0 = st.penalised()
	}
	f := math.NaN()
	for size := 1.0; size > 1e-4; size /= 2 {
		for i, d := range db {
			st.b[i] = b0[i] + size*d
		}
		for i, d := range du {
			st.u[i] = u0[i] + size*d
		}
		st.predictor(st.b, st.eta)
		st.cellEffects(st.u, st.s)
		if !check {
			break
		}
		if f = st.penalised(); f <= f0-0.1*size*decrement {
			break
		}
	}
	return f
}

// begin sets b to the intercept that gives the mean response, u to zero.
func (st *state) begin() {
	clear(st.b)
	clear(st.u)
	if st.anchor >= 0 {
		y, n := 0.0, 0.0
		for i := range st.n {
			if st.binary != nil {
				y, n = y+float64(st.binary[i]), n+1
			} else {
				y, n = y+st.y[i], n+st.size[i]
			}
		}
		switch mean := y / n; st.family {
		case Binomial:
			st.b[st.anchor] = math.Log(mean / (1 - mean))
		case Poisson:
			st.b[st.anchor] = math.Log(mean)
		default:
			st.b[st.anchor] = mean
		}
	}
	st.predictor(st.b, st.eta)
}

// inverseOf gives the inverse of a symmetric positive definite matrix, nil where it is not.
func inverseOf(a []float64, n int) []float64 {
	out := append([]float64(nil), a...)
	if n == 0 {
		return out
	}
	if !cholesky(out, n) {
		return nil
	}
	inverseCholesky(out, n)
	return out
}

// weigh fills w and r = y - mu of some rows at eta + s.
func (st *state) weigh(begin, end int, s float64, w, r []float64) {
	if st.binary == nil {
		for i := begin; i < end; i++ {
			y, mu, v, _, _ := st.moments(i, st.eta[i]+s)
			w[i-begin], r[i-begin] = v, y-mu
		}
		return
	}
	rows, ys := st.eta[begin:end], st.binary[begin:end]
	ws, rs := w[:len(rows)], r[:len(rows)]
	ys = ys[:len(rows)]
	for i, eta := range rows {
		eta += s
		a := math.Abs(eta)
		if a > largest {
			a = largest
		}
		x, k := expReduce(a)
		e := expFinish(x, k)
		q := 1 / (1 + e)
		ws[i] = e * q * q
		rs[i] = float64(ys[i]) - 0.5 - math.Copysign(q-0.5, eta)
	}
}
