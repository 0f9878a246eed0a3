package glm

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"waymark/fault"
)

// finding is what a search for separation ends with.
type finding uint8

const (
	none      finding = iota // shown: no direction exists, so the likelihood has a maximum
	separated                // shown: a direction was found and checked
	undecided                // neither, within the work allowed
)

// boundary is the data as separation sees them: each pattern's sign is +1 where all its trials succeeded, -1
// where none did (poisson: where the count is 0), and 0 where there is some of each.
//
// The likelihood has no maximum exactly where a direction d exists with sign x'd >= 0 on all patterns of a
// sign, x'd = 0 on the others, and x'd not 0 everywhere (Albert and Anderson 1984; for poisson Correia,
// Guimaraes and Zylkin 2019): along d the likelihood rises for ever.
type boundary struct {
	pass *pass
	sign []float64
	fit  []float64 // sign x'd by pattern
}

// projectionWork bounds the projections times patterns, to some ten seconds.
const projectionWork = 200_000_000

// separation looks for such a direction. First the last Newton step is tried, which points there when the
// iteration has run far enough. Then alternating projections between the cone of nonnegative vectors and the
// space of the vectors (sign x'd): from a vector of ones they converge to a point of both, which is not zero
// exactly where a direction exists, because the inner product with any such point never falls.
// A candidate counts only when it passes check.
func (m *Model) separation() (finding, []float64) {
	b := m.boundary()
	mixed := b.null(nil)
	if mixed == nil {
		return none, nil
	}
	if m.step != nil {
		if d := b.check(m.step); d != nil {
			return separated, d
		}
	}
	g := b.gram(func(p int) bool { return b.sign[p] != 0 })
	r := mixed.RawMatrix().Cols
	var reduced mat.Dense
	reduced.Product(mixed.T(), mat.NewDense(m.Rank, m.Rank, g), mixed)
	inv, _, ok := inverse(reduced.RawMatrix().Data, r)
	if !ok {
		return undecided, nil
	}
	u := make([]float64, m.table.size)
	for p, s := range b.sign {
		u[p] = s * s
	}
	for n := range min(2000, max(100, projectionWork/m.table.size)) {
		v := b.pass.project(func(lo, hi int, score []float64) {
			for i := range score {
				score[i] = b.sign[lo+i] * u[lo+i]
			}
		})
		var c, d mat.VecDense
		c.MulVec(mixed.T(), mat.NewVecDense(m.Rank, v))
		d.MulVec(mixed, mat.NewVecDense(r, multiply(inv, c.RawVector().Data)))
		direction := d.RawVector().Data
		low, high := b.along(direction)
		if high < 1e-9 {
			return none, nil
		}
		if low > -1e-3*high && (n < 8 || n&(n-1) == 0) || n%100 == 99 {
			if d := b.check(direction); d != nil {
				return separated, d
			}
		}
		for p, f := range b.fit {
			u[p] = max(f, 0)
		}
	}
	return undecided, nil
}

func (m *Model) boundary() *boundary {
	t := *m.table
	t.offset = nil
	b := &boundary{pass: newPass(&t, m.kernel, m.Rank), sign: make([]float64, t.size), fit: make([]float64, t.size)}
	for p, s := range t.sum {
		switch {
		case t.weight[p] == 0: // says nothing
		case s == 0:
			b.sign[p] = -1
		case s == t.weight[p] && m.Options.Family == Binomial:
			b.sign[p] = 1
		}
	}
	return b
}

// along fills fit for a direction and gives its least and greatest value over the patterns of a sign.
func (b *boundary) along(d []float64) (low, high float64) {
	b.pass.lookup(d)
	for lo := 0; lo < len(b.fit); lo += block {
		hi := min(lo+block, len(b.fit))
		for i, v := range b.pass.predictor(lo, hi, d) {
			v *= b.sign[lo+i]
			b.fit[lo+i] = v
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// gram is X'X over the patterns that f chooses.
func (b *boundary) gram(f func(int) bool) []float64 {
	return b.pass.each(func(lo, hi int, score, info []float64) {
		clear(score)
		for i := range info {
			info[i] = 0
			if f(lo + i) {
				info[i] = 1
			}
		}
	}).info
}

// null is an orthonormal basis of the directions along which neither the mixed patterns nor those of zero
// change; nil where there is none but 0.
func (b *boundary) null(zero []bool) *mat.Dense {
	t := b.pass.table
	p := b.pass.p
	g := b.gram(func(i int) bool { return t.weight[i] > 0 && b.sign[i] == 0 || zero != nil && zero[i] })
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(p, g), true) {
		return nil
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	r := 0
	for r < p && values[r] <= 1e-11*max(values[p-1], 1) {
		r++
	}
	if r == 0 {
		return nil
	}
	return mat.DenseCopyOf(vectors.Slice(0, p, 0, r))
}

// check turns a candidate into a direction that holds to rounding: patterns it hardly moves are held at
// exactly zero, the candidate is projected on what is left, and every sign is tested. nil where it fails.
func (b *boundary) check(candidate []float64) []float64 {
	p := b.pass.p
	_, top := b.along(candidate)
	if !(top > 0) || math.IsInf(top, 0) {
		return nil
	}
	start := slices.Clone(b.fit)
	zero := make([]bool, len(start))
	for _, share := range []float64{1e-2, 1e-4, 1e-6, 1e-8} {
		for i, f := range start {
			zero[i] = b.sign[i] != 0 && math.Abs(f) <= share*top
		}
		basis := b.null(zero)
		if basis == nil {
			continue
		}
		var c, d mat.VecDense
		c.MulVec(basis.T(), mat.NewVecDense(p, candidate))
		d.MulVec(basis, &c)
		direction := d.RawVector().Data
		low, high := b.along(direction)
		if high > 1e-3*top && low > -1e-9*high {
			return direction
		}
	}
	return nil
}

// saySeparated names the terms along whose coefficients the likelihood rises for ever, and how many rows are
// then fitted without error.
func (m *Model) saySeparated(d []float64) {
	b := m.boundary()
	_, high := b.along(d)
	rows := 0
	for p, f := range b.fit {
		if f > 1e-6*high {
			rows += int(m.table.start[p+1] - m.table.start[p])
		}
	}
	reach := make([]float64, m.Rank)
	for _, j := range m.table.joints {
		for _, row := range j.cells {
			for _, e := range row {
				reach[e.coef] = max(reach[e.coef], math.Abs(e.value))
			}
		}
	}
	for _, z := range m.table.dense {
		for _, v := range z.values {
			reach[z.coef] = max(reach[z.coef], math.Abs(v))
		}
	}
	var coefs []int
	for k, j := range m.basis.active {
		if math.Abs(d[k])*reach[k] > 1e-7*high {
			coefs = append(coefs, j)
		}
	}
	var terms []string
	for _, t := range m.Design.Terms {
		if slices.ContainsFunc(t.Coefs, func(j int) bool { return slices.Contains(coefs, j) }) {
			terms = append(terms, t.Label)
		}
	}
	if len(terms) == 0 {
		terms = []string{m.list(coefs)}
	} else if len(coefs) > 1 && m.Names[coefs[0]] == "(Intercept)" {
		coefs = coefs[1:]
	}
	m.say(CodeSeparation, fault.Hard, "terms", strings.Join(terms, ", "), "coefficients", m.list(coefs), "rows", rows)
}
