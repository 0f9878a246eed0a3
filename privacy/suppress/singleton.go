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

// proveSingle looks for a proof that whoever alone makes up the sensitive count k of one, and so knows it,
// cannot work out another sensitive count. He can exactly when the two are tied by a line: over all tables
// with the published counts, their departures from the truth are proportional. In the solution space of the
// sums (a basis of which elimination gives, modulo a prime and so exactly) the two rows are then multiples of
// each other. A region in which they are not is proof that they are not tied, and a count outside a region in
// which k may vary is not tied to k either.
func (s *system) proveSingle(k, size int) (finding, bool) {
	c := s.around(k, size)
	if len(c.sums) == 0 {
		return finding{count: k}, true
	}
	return s.judgeSingle(newSpace(s, c), 0)
}

// proveSingles does so for every count of one that has no proof yet, in as large regions as can be dealt
// with, and gives findings for the rest.
func (s *system) proveSingles() []finding {
	var found []finding
	var whole *space // of the component looked at last
	for _, k := range s.sensitive {
		if s.counts[k].Value != 1 || !s.protects(k) || s.proofs[k] == nil || s.singles[k] != nil {
			continue
		}
		if _, ok := s.proveSingle(k, s.near); ok {
			continue
		}
		if whole == nil || whole.column(k) < 0 {
			c := s.reach(k)
			if len(c.sums)*len(c.counts) > maxTableau {
				c = s.around(k, wideFactor*s.near)
			}
			whole = newSpace(s, c)
		}
		if f, ok := s.judgeSingle(whole, whole.column(k)); !ok {
			found = append(found, f)
		}
	}
	return found
}

// judgeSingle looks whether column j of a space is tied to another, and keeps the proof where it is not.
func (s *system) judgeSingle(w *space, j int) (finding, bool) {
	k := w.c.counts[j]
	f := finding{count: k}
	own := w.direction(j)
	if own == "" {
		return f, false // held in place by what is outside the region: no proof
	}
	tied := false
	for i, other := range w.c.counts {
		if i != j && s.protects(other) && s.counts[other].Value > 1 && w.direction(i) == own {
			tied = true
			f.from = append(f.from, s.beside(other)...)
		}
	}
	if tied {
		return f, false
	}
	p := &proof{moved: make(map[int]bool, len(w.c.counts))}
	for i, t := range w.c.counts {
		if w.direction(i) != "" {
			p.moved[t] = true
		}
	}
	s.singles[k] = p
	return f, true
}

// space is the solution space of a region's sums, modulo the prime.
type space struct {
	c       region
	rows    [][]uint64
	pivotOf []int
	columns map[int]int
	known   map[int]string // directions worked out already
}

func newSpace(s *system, c region) *space {
	w := &space{c: c, columns: make(map[int]int, len(c.counts)), known: map[int]string{}}
	w.rows, w.pivotOf = s.reduce(c)
	for j, k := range c.counts {
		w.columns[k] = j
	}
	return w
}

// column is where count k stands; -1 outside the region.
func (w *space) column(k int) int {
	if j, ok := w.columns[k]; ok {
		return j
	}
	return -1
}

func (w *space) direction(j int) string {
	d, ok := w.known[j]
	if !ok {
		d = direction(w.rows, w.pivotOf, j, len(w.c.counts))
		w.known[j] = d
	}
	return d
}

// beside gives the published counts that can be hidden in the sums of count k.
func (s *system) beside(k int) []int {
	var list []int
	for _, r := range s.sumsOf[k] {
		for _, t := range s.terms[r] {
			if s.hideable(t) {
				list = append(list, t)
			}
		}
	}
	return list
}

// reduce gives the reduced rows of the region's sums modulo the prime, and per column its pivot row or -1.
func (s *system) reduce(c region) (rows [][]uint64, pivotOf []int) {
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
