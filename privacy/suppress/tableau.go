package suppress

import (
	"math"
	"slices"
)

// tableau holds the tables x >= 0 that a region of unknown counts may make, A x = b, in the form
//
//	x[basic of row i] + sum over other columns k of a[i][k] x[k] = b[i]
//
// of which b is not kept: the point at which the method stands takes its place.
// The true counts are a feasible point, so no first phase is needed: from them the method walks to a vertex
// and from vertex to vertex, and the least and greatest value of every count met on the way are kept. A
// count seen over a wide enough range needs no linear program of its own.
//
// Where it is tracing, columns after the counts hold, for each row, which multiples of the original sums it is made of: they name
// the sums, and so the published counts, behind a bound.
type tableau struct {
	s     *system
	c     region
	n     int // unknown counts
	rows  [][]float64
	basic []int // per row: its column
	rowOf []int // per column: its row, -1 when not basic
	at    []float64
	low   []float64 // least value met, per column
	high  []float64 // greatest value met
	scale float64
	steps int
}

const (
	tiny      = 1e-9 // an entry below it is rounding
	firm      = 1e-7 // an entry must be above it to be divided by
	feasible  = 1e-7 // how far below zero a count may fall, relative to scale
	stallRule = 40   // steps without progress after which Bland's rule replaces the steepest one
)

// keeping says what a tableau keeps beside the counts.
type keeping bool

const (
	lean    keeping = false
	tracing keeping = true // which sums each row is made of
)

func newTableau(s *system, c region, k keeping) *tableau {
	n, m := len(c.counts), 0
	if k == tracing {
		m = len(c.sums)
	}
	t := &tableau{s: s, c: c, n: n, rowOf: make([]int, n), at: make([]float64, n), scale: 1,
		low: make([]float64, n), high: make([]float64, n)}
	column := make(map[int]int, n)
	for j, k := range c.counts {
		column[k] = j
		t.rowOf[j] = -1
		t.at[j] = s.counts[k].Value
		t.low[j], t.high[j] = t.at[j], t.at[j]
		t.scale = math.Max(t.scale, t.at[j])
	}
	for i, r := range c.sums {
		row := make([]float64, n+m)
		if k == tracing {
			row[n+i] = 1
		}
		for _, k := range s.sums[r].Parts {
			if j, ok := column[k]; ok {
				row[j]++
			}
		}
		if j, ok := column[s.sums[r].Whole]; ok {
			row[j]--
		}
		t.rows = append(t.rows, row)
	}
	t.eliminate()
	return t
}

// eliminate brings the rows into reduced form; counts of many people become basic first, so that the walk
// to a vertex starts with room, and rows that repeat others are dropped.
func (t *tableau) eliminate() {
	order := make([]int, t.n)
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case t.at[a] > t.at[b]:
			return -1
		case t.at[a] < t.at[b]:
			return 1
		}
		return 0
	})
	rank := 0
	for _, j := range order {
		best, size := -1, firm
		for i := rank; i < len(t.rows); i++ {
			if v := math.Abs(t.rows[i][j]); v > size {
				best, size = i, v
			}
		}
		if best < 0 {
			continue
		}
		t.rows[rank], t.rows[best] = t.rows[best], t.rows[rank]
		t.clear(rank, j)
		t.basic = append(t.basic, j)
		t.rowOf[j] = rank
		rank++
		if rank == len(t.rows) {
			break
		}
	}
	t.rows = t.rows[:rank]
}

// clear makes column j the unit column of row i.
func (t *tableau) clear(i, j int) {
	pivot := t.rows[i]
	inv := 1 / pivot[j]
	var nonzero []int
	for k, v := range pivot {
		if v != 0 {
			pivot[k] = snap(v * inv)
			nonzero = append(nonzero, k)
		}
	}
	pivot[j] = 1
	for r, row := range t.rows {
		f := row[j]
		if r == i || f == 0 {
			continue
		}
		for _, k := range nonzero {
			row[k] = snap(row[k] - f*pivot[k])
		}
		row[j] = 0
	}
}

// snap takes a number within rounding of a whole one to be whole. The sums of tables have coefficients of
// one, and most of their reduced forms too, so that this keeps the arithmetic exact where it can be.
func snap(v float64) float64 {
	if w := math.Round(v); math.Abs(v-w) < tiny {
		return w
	}
	return v
}

// reachVertex moves every column that is not basic to zero, or into the basis where a basic count reaches zero first.
func (t *tableau) reachVertex() {
	for j := range t.n {
		if t.rowOf[j] >= 0 || t.at[j] == 0 {
			continue
		}
		// lowering x[j] by d raises basic i by a[i][j] d
		limit, leave := t.at[j], -1
		for i, row := range t.rows {
			if a := row[j]; a < -firm {
				if d := math.Max(0, t.at[t.basic[i]]) / -a; d < limit {
					limit, leave = d, i
				}
			}
		}
		for i, row := range t.rows {
			if a := row[j]; a != 0 {
				t.move(t.basic[i], t.at[t.basic[i]]+a*limit)
			}
		}
		if leave < 0 {
			t.move(j, 0)
			continue
		}
		t.move(j, t.at[j]-limit)
		t.exchange(leave, j)
	}
}

// move sets a count and remembers how far it has been.
func (t *tableau) move(j int, v float64) {
	v = snap(v)
	t.at[j] = v
	t.low[j] = math.Min(t.low[j], v)
	t.high[j] = math.Max(t.high[j], v)
}

// exchange lets column j enter the basis in row i; the count that leaves is at zero.
func (t *tableau) exchange(i, j int) {
	out := t.basic[i]
	t.move(out, 0)
	t.rowOf[out] = -1
	t.clear(i, j)
	t.basic[i] = j
	t.rowOf[j] = i
}

// raise lets column j, at zero, grow until a basic count reaches zero. It says whether anything moved, and
// whether nothing ever stops it.
func (t *tableau) raise(j int, bland bool) (moved, free bool) {
	limit, leave := math.Inf(1), -1
	for i, row := range t.rows {
		a := row[j]
		if a <= firm {
			continue
		}
		d := math.Max(0, t.at[t.basic[i]]) / a
		if d < limit-tiny || d < limit+tiny && (leave < 0 || bland && t.basic[i] < t.basic[leave] || !bland && a > t.rows[leave][j]) {
			limit, leave = math.Min(d, limit), i
		}
	}
	t.steps++
	if leave < 0 {
		t.high[j] = math.Inf(1)
		for i, row := range t.rows {
			if row[j] < -tiny {
				t.high[t.basic[i]] = math.Inf(1)
			}
		}
		return false, true
	}
	if limit > 0 {
		for i, row := range t.rows {
			if a := row[j]; a != 0 {
				t.move(t.basic[i], t.at[t.basic[i]]-a*limit)
			}
		}
	}
	t.move(j, limit)
	t.exchange(leave, j)
	return limit > 0, false
}

// bound finds out whether column j may vary as widely as it must.
func (t *tableau) bound(j int) bool {
	wide := func() bool { return t.s.wide(t.low[j], t.high[j]) }
	t.walk(j, 1, wide)
	t.walk(j, -1, wide)
	return wide()
}

// blame gives the published counts in the sums that keep column j from going further up or down.
func (t *tableau) blame(j int) []int {
	never := func() bool { return false }
	t.walk(j, 1, never)
	from := t.behind(j, nil)
	t.walk(j, -1, never)
	return t.behind(j, from)
}

// walk raises (direction 1) or lowers (-1) column j as far as it goes, or until done. A walk that takes too
// many steps stops short, which leaves the interval narrower than it is: doubt hides more.
func (t *tableau) walk(j, direction int, done func() bool) {
	limit := 50 + 20*(t.n+len(t.rows))
	stalled := 0
	for step := 0; step < limit && !done(); step++ {
		bland := stalled > stallRule
		i := t.rowOf[j]
		enter := -1
		switch {
		case i >= 0:
			// x[j] = b - sum a[i][k] x[k]: columns with a[i][k] < 0 raise it
			best := tiny
			for k, a := range t.rows[i][:t.n] {
				if k == j {
					continue
				}
				if gain := -float64(direction) * a; gain > best {
					enter = k
					if bland {
						break
					}
					best = gain
				}
			}
		case direction > 0:
			enter = j
		}
		if enter < 0 {
			return
		}
		moved, free := t.raise(enter, bland)
		if free {
			return
		}
		if moved {
			stalled = 0
		} else {
			stalled++
		}
	}
}

// behind adds to list the published counts in the combination of sums that bounds column j at this vertex.
func (t *tableau) behind(j int, list []int) []int {
	i := t.rowOf[j]
	if i < 0 {
		return list
	}
	weight := map[int]float64{}
	for m, r := range t.c.sums {
		y := t.rows[i][t.n+m]
		if y == 0 {
			continue
		}
		for _, k := range t.s.sums[r].Parts {
			weight[k] += y
		}
		weight[t.s.sums[r].Whole] -= y
	}
	for k, w := range weight {
		if math.Abs(w) > tiny && t.s.hideable(k) && !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	slices.Sort(list) // a map has no order; the same tables must always be cleared alike
	return list
}

// sound checks the last vertex against the sums as they were given, so that arithmetic that has drifted is noticed.
func (t *tableau) sound() bool {
	value := make(map[int]float64, t.n)
	for j, k := range t.c.counts {
		if t.at[j] < -feasible*t.scale {
			return false
		}
		value[k] = t.at[j]
	}
	get := func(k int) float64 {
		if v, ok := value[k]; ok {
			return v
		}
		return t.s.counts[k].Value
	}
	for _, r := range t.c.sums {
		total, whole := 0.0, get(t.s.sums[r].Whole)
		for _, k := range t.s.sums[r].Parts {
			total += get(k)
		}
		if math.Abs(total-whole) > feasible*(t.scale+math.Abs(whole)) {
			return false
		}
	}
	return true
}
