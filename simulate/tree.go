package simulate

import (
	"math"
	"math/rand/v2"
	"slices"

	"waymark/dataset"
	"waymark/fault"
)

// drawTree draws rows that resemble a table of real people without copying one. It knows the table only by
// counts of single columns and of pairs of columns, and of these only the counts of at least some number of
// people: rarer levels, and rarer pairs, are never drawn from. The pairs form the tree with the largest mutual
// information (Chow and Liu 1968, IEEE Transactions on Information Theory 14(3)): each column depends on one
// other. Numbers are drawn in bands of equal size between the people-th smallest and largest value.
//
// A row drawn so can equal a real one only by chance; what more than two columns have in common is lost,
// which is the purpose.
func drawTree(t *dataset.Table, rows, people int, r *rand.Rand) (*dataset.Table, error) {
	columns := make([]coded, len(t.Columns))
	for i, c := range t.Columns {
		k, err := codesOf(c, people)
		if err != nil {
			return nil, err
		}
		columns[i] = k
	}
	order, parent := tree(columns, people)
	picks := make([][]int, len(columns))
	for _, j := range order {
		picks[j] = make([]int, rows)
		alone := weights(columns[j].counts...)
		if parent[j] < 0 {
			for i := range rows {
				picks[j][i] = alone.pick(r)
			}
			continue
		}
		given := conditional(pairs(columns[parent[j]], columns[j], people))
		for i := range rows {
			d := given[picks[parent[j]][i]]
			if d.sum == nil { // no pair with this level is common enough
				d = alone
			}
			picks[j][i] = d.pick(r)
		}
	}
	out := &dataset.Table{Name: t.Name}
	for j, c := range t.Columns {
		out.Columns = append(out.Columns, columns[j].column(c, picks[j], r))
	}
	return out, nil
}

// coded is a column as codes that enough people share; -1: rarer.
type coded struct {
	codes  []int
	counts []float64
	level  []int     // of a category: the level that a code stands for
	edges  []float64 // of numbers: code k is from edges[k] to edges[k+1]
	whole  bool
}

func codesOf(c *dataset.Column, people int) (coded, error) {
	switch c.Kind {
	case dataset.Category:
		return categoryCodes(c, people)
	case dataset.Number, dataset.Date:
		return numberCodes(c, people)
	}
	return coded{}, fault.Issue{Code: CodeTextColumn, Args: map[string]any{"column": c.Name}}
}

func categoryCodes(c *dataset.Column, people int) (coded, error) {
	counts := make([]int, len(c.Levels))
	for i := range c.Rows() {
		if k := c.Code(i); k >= 0 {
			counts[k]++
		}
	}
	out := coded{codes: make([]int, c.Rows())}
	to := make([]int, len(counts))
	for l, n := range counts {
		to[l] = -1
		if n >= people {
			to[l] = len(out.level)
			out.level = append(out.level, l)
			out.counts = append(out.counts, float64(n))
		}
	}
	if len(out.level) == 0 {
		return coded{}, fault.Issue{Code: CodeTooFewPeople, Args: map[string]any{"column": c.Name, "people": people}}
	}
	for i := range out.codes {
		out.codes[i] = -1
		if k := c.Code(i); k >= 0 {
			out.codes[i] = to[k]
		}
	}
	return out, nil
}

const bands = 10 // that a column of numbers is cut into, at most

func numberCodes(c *dataset.Column, people int) (coded, error) {
	sorted := make([]float64, 0, c.Rows())
	out := coded{codes: make([]int, c.Rows()), whole: true}
	for i := range c.Rows() {
		if x := c.Number(i); !math.IsNaN(x) {
			sorted = append(sorted, x)
			out.whole = out.whole && x == math.Trunc(x)
		}
	}
	slices.Sort(sorted)
	if len(sorted) < 3*people {
		return coded{}, fault.Issue{Code: CodeTooFewPeople, Args: map[string]any{"column": c.Name, "people": people}}
	}
	inner := sorted[people-1 : len(sorted)-people+1] // the extremes belong to few
	k := max(1, min(bands, len(inner)/people))
	for b := range k + 1 {
		x := inner[b*(len(inner)-1)/k]
		if b == 0 || x > out.edges[len(out.edges)-1] {
			out.edges = append(out.edges, x)
		}
	}
	if len(out.edges) == 1 {
		out.edges = append(out.edges, out.edges[0])
	}
	out.counts = make([]float64, len(out.edges)-1)
	for i := range out.codes {
		x := c.Number(i)
		if math.IsNaN(x) {
			out.codes[i] = -1
			continue
		}
		at, _ := slices.BinarySearch(out.edges[1:len(out.edges)-1], math.Nextafter(x, math.Inf(1)))
		out.codes[i] = at
		out.counts[at]++
	}
	return out, nil
}

// column turns drawn codes into values.
func (k coded) column(c *dataset.Column, picks []int, r *rand.Rand) *dataset.Column {
	b := dataset.NewBuilder(c.Field)
	for _, p := range picks {
		if c.Kind == dataset.Category {
			b.Code(k.level[p])
			continue
		}
		x := k.edges[p] + r.Float64()*(k.edges[p+1]-k.edges[p])
		if k.whole {
			x = math.Round(x)
		}
		if c.Kind == dataset.Date {
			b.Day(int(x))
			continue
		}
		b.Number(x)
	}
	return b.Column()
}

// pairs counts the rows of each pair of codes; counts of fewer than so many people are left out.
func pairs(a, b coded, people int) [][]float64 {
	n := make([][]float64, len(a.counts))
	for i := range n {
		n[i] = make([]float64, len(b.counts))
	}
	for i, x := range a.codes {
		if y := b.codes[i]; x >= 0 && y >= 0 {
			n[x][y]++
		}
	}
	for _, row := range n {
		for j := range row {
			if row[j] < float64(people) {
				row[j] = 0
			}
		}
	}
	return n
}

// conditional gives the shares of the second column at each code of the first; empty where nothing is left.
func conditional(n [][]float64) []drawing {
	out := make([]drawing, len(n))
	for i, row := range n {
		if slices.Max(row) > 0 {
			out[i] = weights(row...)
		}
	}
	return out
}

// tree finds the spanning tree with the largest mutual information by Prim's method, from the first column.
// order lists the columns so that each comes after its parent; the first has none (-1).
func tree(columns []coded, people int) (order, parent []int) {
	parent = make([]int, len(columns))
	best := make([]float64, len(columns))
	in := make([]bool, len(columns))
	for j := range columns {
		parent[j], best[j] = -1, -1
	}
	for range columns {
		at := -1
		for j := range columns {
			if !in[j] && (at < 0 || best[j] > best[at]) {
				at = j
			}
		}
		in[at] = true
		order = append(order, at)
		for j := range columns {
			if in[j] {
				continue
			}
			if shared := information(pairs(columns[at], columns[j], people)); shared > best[j] {
				best[j], parent[j] = shared, at
			}
		}
	}
	return order, parent
}

// information is the mutual information of a table of counts, sum p log(p / (row share * column share)).
func information(n [][]float64) float64 {
	total := 0.0
	rows, cols := make([]float64, len(n)), make([]float64, len(n[0]))
	for i, row := range n {
		for j, x := range row {
			total += x
			rows[i] += x
			cols[j] += x
		}
	}
	sum := 0.0
	for i, row := range n {
		for j, x := range row {
			if x > 0 {
				sum += x / total * math.Log(x*total/(rows[i]*cols[j]))
			}
		}
	}
	return sum
}
