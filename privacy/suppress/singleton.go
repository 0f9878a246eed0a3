package suppress

import (
	"encoding/binary"
	"math/bits"
)

// prime is 2^61 - 1. A system whose rank over the fractions is r has rank r modulo it too unless the prime
// divides a minor of the system; the minors of sums with coefficients of one are far smaller.
const prime = 1<<61 - 1

func mulmod(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	r := (lo & prime) + (lo>>61 | hi<<3)
	if r = (r & prime) + (r >> 61); r >= prime {
		r -= prime
	}
	return r
}

func submod(a, b uint64) uint64 {
	if a >= b {
		return a - b
	}
	return a + prime - b
}

// inverse is a^(p-2), by Fermat's little theorem.
func inverse(a uint64) uint64 {
	result, e := uint64(1), uint64(prime-2)
	for ; e > 0; e >>= 1 {
		if e&1 == 1 {
			result = mulmod(result, a)
		}
		a = mulmod(a, a)
	}
	return result
}

// singletons finds sensitive counts that one contributor could work out. Whoever knows that he alone makes up
// a hidden count of one knows that count; another count then follows exactly when the two are tied by a line:
// over all tables with the published counts, their departures from the truth are proportional. In the
// solution space of the sums (a basis of which elimination gives, modulo a prime and so exactly) the two
// rows are then multiples of each other.
func (s *system) singletons(c component) []finding {
	single, sensitive := 0, 0
	for _, k := range c.counts {
		if s.counts[k].Sensitive {
			sensitive++
			if s.counts[k].Value == 1 {
				single++
			}
		}
	}
	if single == 0 || sensitive < 2 {
		return nil
	}
	rows, pivotOf := s.reduce(c)
	lines := map[string][]int{} // direction in the solution space -> counts
	for j, k := range c.counts {
		if !s.counts[k].Sensitive || s.isGiven[k] {
			continue
		}
		if key := direction(rows, pivotOf, j, len(c.counts)); key != "" {
			lines[key] = append(lines[key], k)
		}
	}
	var found []finding
	for j, k := range c.counts {
		if s.counts[k].Value != 1 || !s.counts[k].Sensitive || s.isGiven[k] {
			continue
		}
		for _, other := range lines[direction(rows, pivotOf, j, len(c.counts))] {
			if other != k && s.counts[other].Value > 1 {
				found = append(found, finding{count: other, from: s.around(other)})
			}
		}
	}
	return found
}

// around gives the published counts that can be hidden in the sums of count k.
func (s *system) around(k int) []int {
	var list []int
	for _, r := range s.sumsOf[k] {
		for _, t := range terms(s.sums[r]) {
			if s.hideable(t) {
				list = append(list, t)
			}
		}
	}
	return list
}

// reduce gives the reduced rows of the component's sums modulo the prime, and per column its pivot row or -1.
func (s *system) reduce(c component) (rows [][]uint64, pivotOf []int) {
	n := len(c.counts)
	column := make(map[int]int, n)
	pivotOf = make([]int, n)
	for j, k := range c.counts {
		column[k] = j
		pivotOf[j] = -1
	}
	for _, r := range c.sums {
		row := make([]uint64, n)
		for _, k := range s.sums[r].Parts {
			if j, ok := column[k]; ok {
				row[j]++
			}
		}
		if j, ok := column[s.sums[r].Whole]; ok {
			row[j] = submod(row[j], 1)
		}
		rows = append(rows, row)
	}
	rank := 0
	for j := 0; j < n && rank < len(rows); j++ {
		pivot := -1
		for i := rank; i < len(rows); i++ {
			if rows[i][j] != 0 {
				pivot = i
				break
			}
		}
		if pivot < 0 {
			continue
		}
		rows[rank], rows[pivot] = rows[pivot], rows[rank]
		sweep(rows, rank, j)
		pivotOf[j] = rank
		rank++
	}
	return rows[:rank], pivotOf
}

// sweep makes column j the unit column of row i, modulo the prime.
func sweep(rows [][]uint64, i, j int) {
	inv := inverse(rows[i][j])
	var nonzero []int
	for k, v := range rows[i] {
		if v != 0 {
			rows[i][k] = mulmod(v, inv)
			nonzero = append(nonzero, k)
		}
	}
	for r := range rows {
		f := rows[r][j]
		if r == i || f == 0 {
			continue
		}
		for _, k := range nonzero {
			rows[r][k] = submod(rows[r][k], mulmod(f, rows[i][k]))
		}
	}
}

// direction is the row of count j in the basis of the solution space, scaled to begin with one; "" when the
// count is fixed. Two counts of one direction determine each other.
func direction(rows [][]uint64, pivotOf []int, j, n int) string {
	var key []byte
	put := func(k int, v uint64) {
		key = binary.LittleEndian.AppendUint64(key, uint64(k))
		key = binary.LittleEndian.AppendUint64(key, v)
	}
	if pivotOf[j] < 0 {
		put(j, 1)
		return string(key)
	}
	inv := uint64(0)
	for k := range n {
		v := rows[pivotOf[j]][k]
		if v == 0 || k == j {
			continue
		}
		if inv == 0 {
			inv = inverse(v)
		}
		put(k, mulmod(v, inv))
	}
	return string(key)
}
