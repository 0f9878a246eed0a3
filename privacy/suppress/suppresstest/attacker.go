// Package suppresstest knows how to attack published tables, for tests. It must not know how package suppress
// defends them: it works in fractions, by a two-phase simplex with Bland's rule on the whole system at once.
package suppresstest

import "math/big"

// Attacker is a reader with a computer. He knows linear equations between unknown counts, none of which is
// negative, and works out what range any sum of counts may have. Meant for tens of unknowns.
type Attacker struct {
	unknown int
	rows    [][]*big.Rat
	right   []*big.Rat
	table   [][]*big.Rat // a feasible basis, once found
	basis   []int
}

// Form is a linear form: a factor for each unknown.
type Form map[int]int64

// New is an attacker who knows nothing of so many counts but that they are not negative.
func New(unknown int) *Attacker { return &Attacker{unknown: unknown} }

// Know adds the equation form = value.
func (a *Attacker) Know(form Form, value float64) {
	a.table = nil
	row := zeros(a.unknown)
	for k, f := range form {
		row[k].SetInt64(f)
	}
	right := new(big.Rat).SetFloat64(value)
	if right.Sign() < 0 {
		for _, v := range row {
			v.Neg(v)
		}
		right.Neg(right)
	}
	a.rows, a.right = append(a.rows, row), append(a.right, right)
}

// Bounds gives the least and greatest value that the form may have; high is nil where it has no bound.
func (a *Attacker) Bounds(form Form) (low, high *big.Rat) {
	minus := Form{}
	for k, f := range form {
		minus[k] = -f
	}
	low, bounded := a.greatest(minus)
	if !bounded {
		panic("a form with negative factors")
	}
	low.Neg(low)
	high, bounded = a.greatest(form)
	if !bounded {
		high = nil
	}
	return low, high
}

// Whole gives the bounds rounded inwards to whole numbers, and how far apart they are; -1 where high is nil.
func Whole(low, high *big.Rat) (width int64) {
	if high == nil {
		return -1
	}
	return floor(high) + floor(new(big.Rat).Neg(low))
}

func floor(r *big.Rat) int64 {
	return new(big.Int).Div(r.Num(), r.Denom()).Int64() // Euclidean division is floor for a positive divisor
}

func (a *Attacker) greatest(form Form) (*big.Rat, bool) {
	if a.table == nil {
		a.start()
	}
	n, m := a.unknown, len(a.rows)
	gain := zeros(n + m)
	for k, f := range form {
		gain[k].SetInt64(f)
	}
	bounded := a.simplex(gain, n)
	value := new(big.Rat)
	for i, b := range a.basis {
		value.Add(value, new(big.Rat).Mul(gain[b], a.table[i][n+m]))
	}
	return value, bounded
}

// start finds a feasible basis with artificial columns and drives those out where that can be done.
func (a *Attacker) start() {
	n, m := a.unknown, len(a.rows)
	a.table, a.basis = make([][]*big.Rat, m), make([]int, m)
	for i := range m {
		a.table[i] = zeros(n + m + 1)
		for k := range n {
			a.table[i][k].Set(a.rows[i][k])
		}
		a.table[i][n+i].SetInt64(1)
		a.table[i][n+m].Set(a.right[i])
		a.basis[i] = n + i
	}
	gain := zeros(n + m)
	for k := n; k < n+m; k++ {
		gain[k].SetInt64(-1)
	}
	a.simplex(gain, n+m)
	for i := range a.table {
		if a.basis[i] < n {
			continue
		}
		if a.table[i][n+m].Sign() != 0 {
			panic("what the attacker knows contradicts itself")
		}
		for k := range n {
			if a.table[i][k].Sign() != 0 {
				a.pivot(i, k)
				break
			}
		}
	}
}

func (a *Attacker) simplex(gain []*big.Rat, enterable int) bool {
	last := len(gain)
	for {
		enter := -1
		for k := 0; k < enterable && enter < 0; k++ {
			reduced := new(big.Rat).Set(gain[k])
			for i, b := range a.basis {
				if gain[b].Sign() != 0 && a.table[i][k].Sign() != 0 {
					reduced.Sub(reduced, new(big.Rat).Mul(gain[b], a.table[i][k]))
				}
			}
			if reduced.Sign() > 0 {
				enter = k
			}
		}
		if enter < 0 {
			return true
		}
		leave := -1
		var best *big.Rat
		for i := range a.table {
			if a.table[i][enter].Sign() <= 0 {
				continue
			}
			ratio := new(big.Rat).Quo(a.table[i][last], a.table[i][enter])
			if leave < 0 || ratio.Cmp(best) < 0 || ratio.Cmp(best) == 0 && a.basis[i] < a.basis[leave] {
				leave, best = i, ratio
			}
		}
		if leave < 0 {
			return false
		}
		a.pivot(leave, enter)
	}
}

func (a *Attacker) pivot(i, j int) {
	inv := new(big.Rat).Inv(a.table[i][j])
	for _, v := range a.table[i] {
		v.Mul(v, inv)
	}
	for r, row := range a.table {
		if r == i || row[j].Sign() == 0 {
			continue
		}
		f := new(big.Rat).Set(row[j])
		for k, v := range a.table[i] {
			if v.Sign() != 0 {
				row[k].Sub(row[k], new(big.Rat).Mul(f, v))
			}
		}
	}
	a.basis[i] = j
}

func zeros(n int) []*big.Rat {
	list := make([]*big.Rat, n)
	for k := range list {
		list[k] = new(big.Rat)
	}
	return list
}
