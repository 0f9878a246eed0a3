package glm

import (
	"cmp"
	"math"
	"slices"

	"waymark/stat/formula"
)

// table is a design collapsed to its distinct rows (patterns), in an order that their content alone decides.
type table struct {
	size   int
	joints []joint
	dense  []dense
	offset []float64 // nil: none
	weight []float64 // sum of weights (times trials)
	sum    []float64 // weighted sum of the response

	order []uint32 // rows of the design, pattern by pattern
	start []uint32 // first place of each pattern in order, and the end

	saturated float64 // log-likelihood (kernel part) of the saturated model, row by row
	constant  float64 // what the kernels leave out of the log-likelihood
	squares   float64 // gaussian: weighted squares within patterns
	rows      float64 // rows with a weight above 0; under frequency weights the sum of weights
	successes float64 // weighted sum of the response
	trials    float64 // sum of weights (times trials)
}

// joint is a joint factor with its matrix rows as lists of what is not zero.
type joint struct {
	codes []uint8
	cells [][]entry
}

type entry struct {
	coef  int
	value float64
}

// dense is a column of numbers, centred and scaled.
type dense struct {
	coef          int
	values        []float64
	centre, scale float64
}

// collapse makes the table of a design. Rows whose content is equal (codes, numbers, offset) become one
// pattern. Rows are sorted by their packed codes where that is all their content, else by a hash of the
// content, and within a pattern by response, trials and weight: so every later sum runs in an order that does
// not depend on the order of rows.
func collapse(d *formula.Design, family Family) *table {
	t := &table{}
	keys, bytes := contentKeys(d)
	t.order = sortByKey(keys, bytes)
	same := func(a, b uint32) bool { return keys[a] == keys[b] && equalContent(d, a, b) }
	if bytes < 8 {
		same = func(a, b uint32) bool { return keys[a] == keys[b] }
	}
	for i, r := range t.order {
		if i == 0 || !same(r, t.order[i-1]) {
			t.start = append(t.start, uint32(i))
		}
	}
	t.size = len(t.start)
	t.start = append(t.start, uint32(len(t.order)))
	t.sortWithin(d, family)
	t.gather(d)
	t.totals(d, family)
	return t
}

// contentKeys gives each row a key of its content, and how many bytes of it count.
func contentKeys(d *formula.Design) ([]uint64, int) {
	keys := make([]uint64, d.Used)
	joints := d.Fixed.Joints
	if len(d.Fixed.Dense) == 0 && d.Offset == nil && len(joints) < 8 {
		for k, j := range joints {
			for i, c := range j.Codes {
				keys[i] |= uint64(c) << (8 * k)
			}
		}
		return keys, len(joints)
	}
	for _, j := range joints {
		for i, c := range j.Codes {
			keys[i] = mix(keys[i], uint64(c))
		}
	}
	for _, z := range d.Fixed.Dense {
		for i, v := range z.Values {
			keys[i] = mix(keys[i], math.Float64bits(v+0)) // + 0 makes -0 and 0 the same
		}
	}
	for i, v := range d.Offset {
		keys[i] = mix(keys[i], math.Float64bits(v+0))
	}
	return keys, 8
}

// mix is one round of a multiplicative hash with the finaliser of MurmurHash3 (Appleby, public domain).
func mix(h, v uint64) uint64 {
	h = (h ^ v) + 0x9e3779b97f4a7c15
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func equalContent(d *formula.Design, a, b uint32) bool {
	for _, j := range d.Fixed.Joints {
		if j.Codes[a] != j.Codes[b] {
			return false
		}
	}
	for _, z := range d.Fixed.Dense {
		if z.Values[a] != z.Values[b] {
			return false
		}
	}
	return d.Offset == nil || d.Offset[a] == d.Offset[b]
}

// sortByKey gives the rows in order of their keys by a radix sort on the bytes that count, lowest first.
func sortByKey(keys []uint64, bytes int) []uint32 {
	order, next := make([]uint32, len(keys)), make([]uint32, len(keys))
	for i := range order {
		order[i] = uint32(i)
	}
	for shift := 0; shift < 8*bytes; shift += 8 {
		var count [257]int
		for _, k := range keys {
			count[k>>shift&255+1]++
		}
		if slices.Contains(count[:], len(keys)) {
			continue
		}
		for b := range 256 {
			count[b+1] += count[b]
		}
		for _, r := range order {
			b := keys[r] >> shift & 255
			next[count[b]] = r
			count[b]++
		}
		order, next = next, order
	}
	return order
}

// sortWithin orders the rows of a pattern by what the content leaves open, where sums could depend on it:
// sums of zeros and ones without weights do not.
func (t *table) sortWithin(d *formula.Design, family Family) {
	if family == Binomial && d.Trials == nil && d.Weights == nil {
		return
	}
	at := func(v []float64, i uint32) float64 {
		if v == nil {
			return 0
		}
		return v[i]
	}
	for p := range t.size {
		if rows := t.order[t.start[p]:t.start[p+1]]; len(rows) > 1 {
			slices.SortFunc(rows, func(a, b uint32) int {
				return cmp.Or(cmp.Compare(d.Y[a], d.Y[b]), cmp.Compare(at(d.Trials, a), at(d.Trials, b)),
					cmp.Compare(at(d.Weights, a), at(d.Weights, b)))
			})
		}
	}
}

// gather copies the content of each pattern from its first row.
func (t *table) gather(d *formula.Design) {
	for _, j := range d.Fixed.Joints {
		part := joint{codes: make([]uint8, t.size), cells: make([][]entry, len(j.Cells))}
		for c, row := range j.Cells {
			for k, v := range row {
				if v != 0 {
					part.cells[c] = append(part.cells[c], entry{j.Coefs[k], v})
				}
			}
		}
		for p := range t.size {
			part.codes[p] = j.Codes[t.order[t.start[p]]]
		}
		t.joints = append(t.joints, part)
	}
	first := func(values []float64) []float64 {
		out := make([]float64, t.size)
		for p := range out {
			out[p] = values[t.order[t.start[p]]]
		}
		return out
	}
	for _, z := range d.Fixed.Dense {
		t.dense = append(t.dense, dense{coef: z.Coef, values: first(z.Values), scale: 1})
	}
	if d.Offset != nil {
		t.offset = first(d.Offset)
	}
}

// totals sums weights and responses by pattern, and the constants over all rows.
func (t *table) totals(d *formula.Design, family Family) {
	t.weight, t.sum = make([]float64, t.size), make([]float64, t.size)
	var saturated, constant, squares, rows, successes, trials compensated
	lgamma := countLgamma()
	for p := range t.size {
		var weight, sum compensated
		members := t.order[t.start[p]:t.start[p+1]]
		for _, r := range members {
			y, w, n := d.Y[r], 1.0, 1.0
			if d.Weights != nil {
				w = d.Weights[r]
			}
			if d.Trials != nil {
				n = d.Trials[r]
			}
			weight.add(w * n)
			sum.add(w * y)
			if w == 0 {
				continue
			}
			if d.Weights != nil {
				rows.add(w)
			} else if n > 0 {
				rows.add(1)
			}
			switch {
			case family == Binomial && d.Trials != nil && n > 0:
				saturated.add(w * (xlogx(y/n) + xlogx(1-y/n)) * n)
				constant.add(w * (lgamma(n) - lgamma(y) - lgamma(n-y)))
			case family == Poisson:
				saturated.add(w * (xlogx(y) - y))
				constant.add(-w * lgamma(y))
			}
		}
		t.weight[p], t.sum[p] = weight.value(), sum.value()
		successes.add(t.sum[p])
		trials.add(t.weight[p])
		if family == Gaussian && t.weight[p] > 0 {
			mean := t.sum[p] / t.weight[p]
			for _, r := range members {
				w := 1.0
				if d.Weights != nil {
					w = d.Weights[r]
				}
				squares.add(w * (d.Y[r] - mean) * (d.Y[r] - mean))
			}
		}
	}
	t.saturated, t.constant, t.squares = saturated.value(), constant.value(), squares.value()
	t.rows, t.successes, t.trials = rows.value(), successes.value(), trials.value()
}

func xlogx(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x)
}

// countLgamma gives log n!, remembering the small ones.
func countLgamma() func(float64) float64 {
	var known [256]float64
	for n := 2; n < len(known); n++ {
		known[n], _ = math.Lgamma(float64(n) + 1)
	}
	return func(n float64) float64 {
		if n >= 0 && n < 256 && n == math.Trunc(n) {
			return known[int(n)]
		}
		v, _ := math.Lgamma(n + 1)
		return v
	}
}

// compensated is a sum with the rounding error carried along (Neumaier 1974).
type compensated struct{ sum, error float64 }

func (c *compensated) add(x float64) {
	t := c.sum + x
	if math.Abs(c.sum) >= math.Abs(x) {
		c.error += c.sum - t + x
	} else {
		c.error += x - t + c.sum
	}
	c.sum = t
}

func (c *compensated) value() float64 { return c.sum + c.error }

// standardise centres (where there is an intercept to take it up) and scales the dense columns by the mean
// and spread over patterns, which any choice of would do; coefficients are put back on the user's scale.
func (t *table) standardise(intercept bool) {
	for k := range t.dense {
		z := &t.dense[k]
		var sum, square compensated
		for _, v := range z.values {
			sum.add(v)
		}
		mean := sum.value() / float64(t.size)
		for _, v := range z.values {
			square.add((v - mean) * (v - mean))
		}
		spread := math.Sqrt(square.value() / float64(t.size))
		if !(spread > 1e-14*math.Abs(mean)) { // a constant column is left as it is, for the rank to tell
			if mean != 0 {
				z.scale = math.Abs(mean)
			}
		} else {
			z.scale = spread
			if intercept {
				z.centre = mean
			} else {
				z.scale = math.Hypot(spread, mean)
			}
		}
		for i, v := range z.values {
			z.values[i] = (v - z.centre) / z.scale
		}
	}
}
