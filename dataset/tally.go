package dataset

import (
	"encoding/binary"
	"math"
	"slices"

	"waymark/fault"
)

// Tally is the number of rows for each combination of values that occurs. Combinations stand in the order of
// the by columns, each by its levels or numbers, the five kinds of missing after the values; each kind is a
// group of its own. The order of the rows does not change a tally.
type Tally struct {
	Groups *Table    // the by columns, one row a combination
	Counts []int     // rows of each combination
	Sums   []Measure // one for each measure asked for, in order
}

// Measure is a Number column summed in each combination.
type Measure struct {
	Column  string
	Sum     []float64 // over the rows that have a value; 0 where none has
	Present []int     // rows that have a value
}

// Tally counts the rows that a filter keeps by the values of columns. by may name categories, dates and
// numbers, not texts; measures are numbers. Without by there is one combination, of all rows kept.
func (t *Table) Tally(by, measures []string, where Filter) (*Tally, error) {
	keys, err := t.tallyKeys(by)
	if err != nil {
		return nil, err
	}
	sums := make([]*Column, len(measures))
	for i, name := range measures {
		if sums[i] = t.Column(name); sums[i] == nil {
			return nil, noColumn(t, name)
		}
		if sums[i].Kind != Number {
			return nil, fault.Issue{Code: CodeTallyMeasure, Place: fault.Place{Document: t.Name, Field: name},
				Args: map[string]any{"column": name, "kind": sums[i].Kind.String()}}
		}
	}
	test, err := where.compile(t)
	if err != nil {
		return nil, err
	}
	g := newGrouping(keys, len(measures))
	for i := range t.Rows() {
		if where.Op != All && test(i) != yes {
			continue
		}
		k := g.group(i)
		g.counts[k]++
		for s, c := range sums {
			if c.Missing(i) == Present {
				g.sums[s][k].add(c.Number(i))
				g.present[s][k]++
			}
		}
	}
	if len(by) == 0 && len(g.counts) == 0 {
		g.add(-1)
	}
	return g.tally(t.Name, measures), nil
}

func (t *Table) tallyKeys(by []string) ([]tallyKey, error) {
	keys := make([]tallyKey, len(by))
	for i, name := range by {
		c := t.Column(name)
		if c == nil {
			return nil, noColumn(t, name)
		}
		if c.Kind == Text {
			return nil, fault.Issue{Code: CodeTallyText, Place: fault.Place{Document: t.Name, Field: name},
				Args: map[string]any{"column": name}}
		}
		if slices.Contains(by[:i], name) {
			return nil, fault.Issue{Code: CodeHeaderRepeated, Place: fault.Place{Document: t.Name, Field: name},
				Args: map[string]any{"column": name, "name": name, "other": name}}
		}
		keys[i] = newTallyKey(c)
	}
	return keys, nil
}

// tallyKey numbers the values of one column: values first, then the five kinds.
type tallyKey struct {
	column *Column
	size   uint64
	number map[float64]uint64 // of a Number or Date column
}

const missingKeys = 5

func newTallyKey(c *Column) tallyKey {
	k := tallyKey{column: c}
	if c.Kind == Category {
		k.size = uint64(len(c.Levels)) + missingKeys
		return k
	}
	var values []float64
	k.number = map[float64]uint64{}
	for i := range c.rows {
		if c.Missing(i) != Present {
			continue
		}
		x := c.Number(i)
		if _, ok := k.number[x]; !ok {
			k.number[x] = 0
			values = append(values, x)
		}
	}
	slices.Sort(values)
	for i, x := range values {
		k.number[x] = uint64(i)
	}
	k.size = uint64(len(values)) + missingKeys
	return k
}

func (k tallyKey) of(i int) uint64 {
	if m := k.column.Missing(i); m != Present {
		return k.size - missingKeys + uint64(m) - 1
	}
	if k.number == nil {
		return uint64(k.column.Code(i))
	}
	return k.number[k.column.Number(i)]
}

// grouping finds the group of a row: by one number where the combinations can be numbered in 22 bits (a
// list) or 63 bits (a map), else by their bytes.
type grouping struct {
	keys    []tallyKey
	dense   []int32 // group + 1
	sparse  map[uint64]int
	long    map[string]int
	buffer  []byte
	rows    []int // a row of each group
	counts  []int
	sums    [][]total
	present [][]int
}

func newGrouping(keys []tallyKey, measures int) *grouping {
	g := &grouping{keys: keys, sums: make([][]total, measures), present: make([][]int, measures)}
	size, fits := uint64(1), true
	for _, k := range keys {
		if size > math.MaxInt64/k.size {
			fits = false
			break
		}
		size *= k.size
	}
	switch {
	case !fits:
		g.long = map[string]int{}
	case size <= 1<<22:
		g.dense = make([]int32, size)
	default:
		g.sparse = map[uint64]int{}
	}
	return g
}

func (g *grouping) group(i int) int {
	if g.long != nil {
		g.buffer = g.buffer[:0]
		for _, k := range g.keys {
			g.buffer = binary.BigEndian.AppendUint64(g.buffer, k.of(i))
		}
		n, ok := g.long[string(g.buffer)]
		if !ok {
			n = g.add(i)
			g.long[string(g.buffer)] = n
		}
		return n
	}
	id := uint64(0)
	for _, k := range g.keys {
		id = id*k.size + k.of(i)
	}
	if g.dense != nil {
		if g.dense[id] == 0 {
			g.dense[id] = int32(g.add(i) + 1)
		}
		return int(g.dense[id] - 1)
	}
	n, ok := g.sparse[id]
	if !ok {
		n = g.add(i)
		g.sparse[id] = n
	}
	return n
}

func (g *grouping) add(row int) int {
	g.rows = append(g.rows, row)
	g.counts = append(g.counts, 0)
	for s := range g.sums {
		g.sums[s] = append(g.sums[s], total{})
		g.present[s] = append(g.present[s], 0)
	}
	return len(g.rows) - 1
}

// tally puts the groups in order.
func (g *grouping) tally(name string, measures []string) *Tally {
	order := make([]int, len(g.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		for _, k := range g.keys {
			x, y := k.of(g.rows[a]), k.of(g.rows[b])
			if x != y {
				if x < y {
					return -1
				}
				return 1
			}
		}
		return 0
	})
	out := &Tally{Groups: &Table{Name: name}, Counts: gather(g.counts, order)}
	for _, k := range g.keys {
		out.Groups.Columns = append(out.Groups.Columns, k.column.Take(gather(g.rows, order)))
	}
	for s, column := range measures {
		m := Measure{Column: column, Present: gather(g.present[s], order)}
		for _, k := range order {
			m.Sum = append(m.Sum, g.sums[s][k].value())
		}
		out.Sums = append(out.Sums, m)
	}
	return out
}

// total sums with a compensation for lost low-order bits (Neumaier, ZAMM 54, 1974, 39-51), so that the order
// of rows changes at most the last bit.
type total struct{ sum, lost float64 }

func (t *total) add(x float64) {
	s := t.sum + x
	if math.Abs(t.sum) >= math.Abs(x) {
		t.lost += (t.sum - s) + x
	} else {
		t.lost += (x - s) + t.sum
	}
	t.sum = s
}

func (t total) value() float64 { return t.sum + t.lost }
