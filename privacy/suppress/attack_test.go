package suppress_test

import (
	"math/big"

	"waymark/privacy/suppress"
)

// attacker is a reader with a computer: he knows the sums and the published counts and works out, exactly and
// by another method than the package (fractions, two-phase simplex with Bland's rule on the whole system),
// what range each hidden count may have.
type attacker struct {
	columns []int // unknown counts
	rows    [][]*big.Rat
	right   []*big.Rat
}

func newAttacker(p suppress.Problem, known []bool) *attacker {
	a := &attacker{}
	column := map[int]int{}
	for k := range p.Counts {
		if !known[k] {
			column[k] = len(a.columns)
			a.columns = append(a.columns, k)
		}
	}
	for _, s := range p.Sums {
		row := make([]*big.Rat, len(a.columns))
		for j := range row {
			row[j] = new(big.Rat)
		}
		right, any := new(big.Rat), false
		put := func(k int, sign int64) {
			if j, ok := column[k]; ok {
				row[j].Add(row[j], big.NewRat(sign, 1))
				any = true
				return
			}
			v := new(big.Rat).SetFloat64(p.Counts[k].Value)
			right.Sub(right, v.Mul(v, big.NewRat(sign, 1)))
		}
		for _, k := range s.Parts {
			put(k, 1)
		}
		put(s.Whole, -1)
		if any {
			if right.Sign() < 0 {
				for _, v := range row {
					v.Neg(v)
				}
				right.Neg(right)
			}
			a.rows, a.right = append(a.rows, row), append(a.right, right)
		}
	}
	return a
}

// bounds gives the least and greatest value of a hidden count; high is nil where there is no bound.
func (a *attacker) bounds(count int) (low, high *big.Rat) {
	j := -1
	for i, k := range a.columns {
		if k == count {
			j = i
		}
	}
	low, _ = a.extreme(j, -1)
	high, bounded := a.extreme(j, 1)
	if !bounded {
		high = nil
	}
	return low, high
}

// extreme maximises sign * x[j].
func (a *attacker) extreme(j int, sign int64) (*big.Rat, bool) {
	m, n := len(a.rows), len(a.columns)
	table := make([][]*big.Rat, m)
	basis := make([]int, m)
	for i := range table {
		table[i] = make([]*big.Rat, n+m+1)
		for k := range table[i] {
			table[i][k] = new(big.Rat)
			if k < n {
				table[i][k].Set(a.rows[i][k])
			}
		}
		table[i][n+i].SetInt64(1)
		table[i][n+m].Set(a.right[i])
		basis[i] = n + i
	}
	first := make([]*big.Rat, n+m)
	for k := range first {
		first[k] = new(big.Rat)
		if k >= n {
			first[k].SetInt64(-1)
		}
	}
	simplex(table, basis, first, n+m)
	second := make([]*big.Rat, n+m)
	for k := range second {
		second[k] = new(big.Rat)
	}
	second[j].SetInt64(sign)
	// artificial columns still basic stand at zero; they may leave but never enter
	for i := range table {
		if basis[i] >= n {
			for k := range n {
				if table[i][k].Sign() != 0 {
					pivot(table, basis, i, k)
					break
				}
			}
		}
	}
	bounded := simplex(table, basis, second, n)
	value := new(big.Rat)
	for i, b := range basis {
		if b == j {
			value.Set(table[i][n+m])
		}
	}
	return value, bounded
}

func simplex(table [][]*big.Rat, basis []int, gain []*big.Rat, enterable int) bool {
	last := len(gain)
	for {
		enter := -1
		for k := 0; k < enterable && enter < 0; k++ {
			reduced := new(big.Rat).Set(gain[k])
			for i, b := range basis {
				reduced.Sub(reduced, new(big.Rat).Mul(gain[b], table[i][k]))
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
		for i := range table {
			if table[i][enter].Sign() <= 0 {
				continue
			}
			ratio := new(big.Rat).Quo(table[i][last], table[i][enter])
			if leave < 0 || ratio.Cmp(best) < 0 || ratio.Cmp(best) == 0 && basis[i] < basis[leave] {
				leave, best = i, ratio
			}
		}
		if leave < 0 {
			return false
		}
		pivot(table, basis, leave, enter)
	}
}

func pivot(table [][]*big.Rat, basis []int, i, j int) {
	inv := new(big.Rat).Inv(table[i][j])
	for k := range table[i] {
		table[i][k] = new(big.Rat).Mul(table[i][k], inv)
	}
	for r := range table {
		if r == i || table[r][j].Sign() == 0 {
			continue
		}
		f := new(big.Rat).Set(table[r][j])
		for k := range table[r] {
			if table[i][k].Sign() != 0 {
				table[r][k] = new(big.Rat).Sub(table[r][k], new(big.Rat).Mul(f, table[i][k]))
			}
		}
	}
	basis[i] = j
}
