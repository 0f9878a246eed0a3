package glm

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// basis is the coordinates of the fit: aliased columns left out, dense columns centred and scaled, and those
// that the columns before them nearly determine replaced by what is left of them. A user's matrix column is a
// combination of columns of the basis up to its own place, so the change of coordinates is triangular.
type basis struct {
	p       int   // coefficients of the user
	active  []int // coefficients of the basis -> of the user
	aliased []int
	scale   []float64 // by active coefficient: the basis column's part in the user's column
	forms   [][]entry // by active coefficient: the user's coefficient as a combination of those of the basis
}

const (
	// suspect is the share of a dense column's squared length, not explained by the columns before it, from
	// which on down the column is replaced by what is left of it.
	suspect = 1e-6
	// gone is the share of the length (not squared) at which such a column counts as aliased: R's tolerance is
	// 1e-11 there, and rounding of the column itself leaves some 1e-15.
	gone = 1e-11
)

// newBasis standardises the table, finds its rank, and leaves the aliased columns out of it.
func newBasis(t *table, names []string) *basis {
	b := &basis{p: len(names)}
	t.standardise(names[0] == "(Intercept)")
	parts := map[int][]float64{} // user's coefficient -> what the columns before it explain of a replaced column
	var out []bool
	for {
		info := t.gram(b.p)
		var pivots []float64
		out, pivots = aliased(info, b.p)
		k := t.firstSuspect(pivots, parts)
		if k < 0 {
			break
		}
		z := &t.dense[k]
		parts[z.coef] = t.replace(z, info, out, b.p)
	}
	for j := range out {
		if out[j] {
			b.aliased = append(b.aliased, j)
		} else {
			b.active = append(b.active, j)
		}
	}
	b.coordinates(t, parts)
	b.restrict(t)
	return b
}

// gram is X'X with the patterns' weights.
func (t *table) gram(p int) []float64 {
	return newPass(t, identityKernel, p).each(func(lo, hi int, score, info []float64) {
		clear(score)
		copy(info, t.weight[lo:hi])
	}).info
}

// firstSuspect gives the dense column of the lowest coefficient that is nearly determined and not yet replaced.
func (t *table) firstSuspect(pivots []float64, done map[int][]float64) int {
	found := -1
	for k, z := range t.dense {
		if pivots[z.coef] < suspect && done[z.coef] == nil && (found < 0 || z.coef < t.dense[found].coef) {
			found = k
		}
	}
	return found
}

// replace takes from a dense column what the columns before it explain, twice over so that what is left is
// orthogonal to them to rounding, and scales it to the length it had. It gives the combination taken out. A
// column of which nothing is left becomes zero.
func (t *table) replace(z *dense, info []float64, out []bool, p int) []float64 {
	taken := make([]float64, p)
	var before []int
	for j := range z.coef {
		if !out[j] {
			before = append(before, j)
		}
	}
	n := len(before)
	g := make([]float64, n*n)
	for a, i := range before {
		for b, j := range before {
			g[a*n+b] = info[i*p+j]
		}
	}
	length := info[z.coef*p+z.coef]
	inv, _, ok := inverse(g, n)
	s := newPass(t, identityKernel, p)
	for range 2 {
		if !ok || n == 0 {
			break
		}
		side := s.project(func(lo, hi int, score []float64) {
			for i := range score {
				score[i] = t.weight[lo+i] * z.values[lo+i]
			}
		})
		right := make([]float64, n)
		for a, i := range before {
			right[a] = side[i]
		}
		step := make([]float64, p)
		for a, v := range multiply(inv, right) {
			step[before[a]] = v
			taken[before[a]] += v
		}
		s.lookup(step)
		for lo := 0; lo < t.size; lo += block {
			hi := min(lo+block, t.size)
			eta := s.plain(lo, hi, step)
			for i, v := range eta {
				z.values[lo+i] -= v
			}
		}
	}
	left := 0.0
	for i, v := range z.values {
		left += t.weight[i] * v * v
	}
	if !(left > gone*gone*length) {
		clear(z.values)
		return taken
	}
	factor := math.Sqrt(left / length)
	for i := range z.values {
		z.values[i] /= factor
	}
	for j := range taken {
		taken[j] *= z.scale // in the user's units, with the centre still to come
	}
	z.scale *= factor
	return taken
}

// coordinates inverts the change of coordinates: user's column j = scale_j (basis column j) + centre_j (basis
// column of the intercept) + the parts taken out.
func (b *basis) coordinates(t *table, parts map[int][]float64) {
	n := len(b.active)
	b.scale = slices.Repeat([]float64{1}, n)
	place := b.places()
	columns := make([][]entry, n) // of the change from user to basis, without the diagonal
	for _, z := range t.dense {
		k := place[z.coef]
		if k < 0 {
			continue
		}
		b.scale[k] = z.scale
		if z.centre != 0 {
			columns[k] = append(columns[k], entry{0, z.centre})
		}
		for j, v := range parts[z.coef] {
			if v != 0 {
				columns[k] = append(columns[k], entry{place[j], v})
			}
		}
	}
	// basis_k = scale_k user_k + sum over later columns; solved from the last coefficient up.
	dense := make([][]float64, n)
	b.forms = make([][]entry, n)
	for k := n - 1; k >= 0; k-- {
		row := make([]float64, n)
		row[k] = 1
		for j := k + 1; j < n; j++ {
			for _, e := range columns[j] {
				if e.coef == k {
					for l, v := range dense[j] {
						row[l] -= e.value * v
					}
				}
			}
		}
		for l, v := range row {
			if v != 0 {
				row[l] = v / b.scale[k]
				b.forms[k] = append(b.forms[k], entry{l, row[l]})
			}
		}
		dense[k] = row
	}
}

func (b *basis) places() []int {
	place := slices.Repeat([]int{-1}, b.p)
	for k, j := range b.active {
		place[j] = k
	}
	return place
}

// restrict numbers the table's coefficients by the basis and takes aliased ones out.
func (b *basis) restrict(t *table) {
	place := b.places()
	t.dense = slices.DeleteFunc(t.dense, func(z dense) bool { return place[z.coef] < 0 })
	for k := range t.dense {
		t.dense[k].coef = place[t.dense[k].coef]
	}
	for a := range t.joints {
		for c, row := range t.joints[a].cells {
			var kept []entry
			for _, e := range row {
				if place[e.coef] >= 0 {
					kept = append(kept, entry{place[e.coef], e.value})
				}
			}
			t.joints[a].cells[c] = kept
		}
	}
}

// user gives coefficients on the user's scale, NaN where aliased.
func (b *basis) user(beta []float64) []float64 {
	out := slices.Repeat([]float64{math.NaN()}, b.p)
	for k, j := range b.active {
		out[j] = combine(b.forms[k], beta)
	}
	return out
}

func combine(form []entry, v []float64) float64 {
	sum := 0.0
	for _, e := range form {
		sum += e.value * v[e.coef]
	}
	return sum
}

// row gives the user's coefficient of active number k as a combination of those of the basis.
func (b *basis) row(k int) []float64 {
	a := make([]float64, len(b.active))
	for _, e := range b.forms[k] {
		a[e.coef] = e.value
	}
	return a
}

// covariance puts a matrix of the basis on the user's scale.
func (b *basis) covariance(v []float64, factor float64) *mat.SymDense {
	n := len(b.active)
	out := mat.NewSymDense(b.p, slices.Repeat([]float64{math.NaN()}, b.p*b.p))
	half := make([]float64, n)
	for k, j := range b.active {
		clear(half)
		for _, e := range b.forms[k] {
			for l, x := range v[e.coef*n : e.coef*n+n] {
				half[l] += e.value * x
			}
		}
		for l := range k + 1 {
			out.SetSym(j, b.active[l], factor*combine(b.forms[l], half))
		}
	}
	return out
}
