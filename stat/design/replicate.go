package design

import (
	"math"
	"math/rand/v2"
	"slices"

	"waymark/fault"
)

// Method is how replicate weights are made.
type Method uint8

const (
	JK1       Method = iota // leave one first-stage unit out, a design without strata
	JKn                     // leave one out, within strata
	BRR                     // balanced half-samples of two units a stratum (McCarthy 1969), by Fay's method where Fay > 0
	Bootstrap               // n-1 of n units redrawn in each stratum (Rao and Wu 1988; Rao, Wu and Yue 1992)
)

// Centre is what replicates are held against.
type Centre uint8

const (
	AtMean     Centre = iota // the mean of the replicates, as R's survey does unless told otherwise
	AtEstimate               // the estimate of all rows ("mse")
)

// ReplicateOptions of Replicate.
type ReplicateOptions struct {
	Method Method
	Fay    float64     // BRR: the share of a unit's weight that it keeps when left out, 0 to below 1
	Count  int         // Bootstrap: number of replicates; 0: 500
	Source rand.Source // Bootstrap: where the draws come from; record its seed
	Centre Centre
}

// ReplicateColumns are replicate weights that came with the data.
type ReplicateColumns struct {
	Columns []string
	Factors bool      // the columns multiply the weight; else they are weights themselves
	Scale   float64   // of the sum of squares; 0: 1/R for BRR, 1/(R (1-Fay)^2) with Fay, (R-1)/R for JK1, 1/(R-1) for Bootstrap, 1 for JKn
	RScales []float64 // of each replicate; nil: 1
	Method  Method
	Fay     float64
	Centre  Centre
}

// replicates multiply weights: one factor for each first-stage unit, or one weight for each row.
type replicates struct {
	factors [][]float64 // [replicate][unit]; nil where full is not
	unit    []uint32
	full    [][]float64 // [replicate][row]: weights
	rscales []float64
	scale   float64
	centre  Centre
	ranked  bool // the degrees of freedom come from the rank of the matrix
}

// Replicate gives the sample with replicate weights made from its first stage. A finite population counts in the
// jackknife's scales; BRR and the bootstrap take the population for endless.
func (s *Sample) Replicate(opt ReplicateOptions) (*Sample, error) {
	g := &s.stages[0]
	r := &replicates{unit: g.unit, scale: 1, centre: opt.Centre}
	var err error
	switch opt.Method {
	case JK1, JKn:
		if opt.Method == JK1 && len(g.size) > 1 {
			return nil, issue(CodeNoStrata)
		}
		err = s.jackknife(r)
	case BRR:
		if opt.Fay < 0 || opt.Fay >= 1 {
			return nil, issue(CodeFay, "value", opt.Fay)
		}
		err = g.halves(r, opt.Fay)
	case Bootstrap:
		err = g.redraw(r, opt)
	}
	if err != nil {
		return nil, err
	}
	out := *s
	out.replicates = r
	return &out, nil
}

// WithReplicates gives the sample with replicate weights from its columns.
func (s *Sample) WithReplicates(opt ReplicateColumns) (*Sample, error) {
	n := len(opt.Columns)
	if n < 2 {
		return nil, issue(CodeCount, "count", n)
	}
	if opt.RScales != nil && len(opt.RScales) != n {
		return nil, issue(CodeScales, "scales", len(opt.RScales), "columns", n)
	}
	if opt.Fay < 0 || opt.Fay >= 1 {
		return nil, issue(CodeFay, "value", opt.Fay)
	}
	r := &replicates{centre: opt.Centre, scale: opt.Scale, rscales: opt.RScales, ranked: true}
	if r.rscales == nil {
		r.rscales = slices.Repeat([]float64{1}, n)
	}
	if r.scale == 0 {
		count := float64(n)
		r.scale = [...]float64{(count - 1) / count, 1, 1 / (count * (1 - opt.Fay) * (1 - opt.Fay)), 1 / (count - 1)}[opt.Method]
	}
	var issues fault.Issues
	for _, name := range opt.Columns {
		values, err := s.numbers(name)
		if err != nil {
			issues = append(issues, fault.Of(err)...)
			continue
		}
		missing := 0
		w := slices.Clone(values)
		for i := range w {
			if math.IsNaN(w[i]) {
				missing++
			}
			if opt.Factors {
				w[i] *= s.weights[i]
			}
		}
		if missing > 0 {
			issues = append(issues, of(CodeNoValue, name, "count", missing))
		}
		r.full = append(r.full, w)
	}
	if err := issues.Err(); err != nil {
		return nil, err
	}
	out := *s
	out.replicates = r
	return &out, nil
}

// jackknife leaves each unit out in turn; the others of its stratum take over its weight.
func (s *Sample) jackknife(r *replicates) error {
	g, left := &s.stages[0], 0
	for u, h := range g.stratum {
		n := g.size[h]
		if g.census(int(h)) {
			continue
		}
		row := slices.Repeat([]float64{1}, g.units())
		scale := (1 - g.share(int(h))) * (n - 1) / n
		if n == 1 {
			left++
			strata := float64(len(g.size))
			if s.Options.Lonely != Adjust || strata < 2 {
				continue
			}
			for v := range row {
				row[v] = strata / (strata - 1)
			}
			row[u] = 0
			r.factors, r.rscales = append(r.factors, row), append(r.rscales, (strata-1)/strata)
			continue
		}
		for v, other := range g.stratum {
			if other == h {
				row[v] = n / (n - 1)
			}
		}
		row[u] = 0
		r.factors, r.rscales = append(r.factors, row), append(r.rscales, scale)
	}
	switch {
	case left > 0 && s.Options.Lonely == Fail:
		return issue(CodeLonely, "count", left, "stage", 1)
	case len(r.factors) == 0:
		return issue(CodeCount, "count", 0)
	case s.Options.Lonely == Average:
		r.scale = float64(g.units()) / float64(len(r.factors))
	}
	return nil
}

// halves takes one unit of each pair by the signs of a Hadamard matrix, so that the half-samples are balanced.
func (g *stage) halves(r *replicates, fay float64) error {
	other := 0
	for _, n := range g.size {
		if n != 2 {
			other++
		}
	}
	if other > 0 {
		return issue(CodePairs, "count", other)
	}
	signs := hadamard(len(g.size) + 1)
	second := make([]bool, g.units())
	seen := make([]bool, len(g.size))
	for u, h := range g.stratum {
		second[u], seen[h] = seen[h], true
	}
	for _, line := range signs {
		row := make([]float64, g.units())
		for u, h := range g.stratum {
			row[u] = fay
			if (line[h+1] > 0) != second[u] {
				row[u] = 2 - fay
			}
		}
		r.factors, r.rscales = append(r.factors, row), append(r.rscales, 1)
	}
	r.scale = 1 / (float64(len(signs)) * (1 - fay) * (1 - fay))
	return nil
}

// hadamard gives a square matrix of signs with orthogonal columns of at least n: Paley's first construction or
// a doubling of a smaller one, whichever is smallest.
func hadamard(n int) [][]int {
	best, prime, doublings := math.MaxInt, 0, 0
	for d, size := 0, 1; size < 2*n; d, size = d+1, size*2 {
		if size >= n && size < best {
			best, prime, doublings = size, 0, d
		}
		for q := 3; size*(q+1) < best; q += 4 {
			if size*(q+1) >= n && isPrime(q) {
				best, prime, doublings = size*(q+1), q, d
				break
			}
		}
	}
	m := [][]int{{1}}
	if prime > 0 {
		m = paley(prime)
	}
	for range doublings {
		size := len(m)
		out := make([][]int, 2*size)
		for i := range out {
			out[i] = make([]int, 2*size)
			for j := range out[i] {
				out[i][j] = m[i%size][j%size]
				if i >= size && j >= size {
					out[i][j] = -out[i][j]
				}
			}
		}
		m = out
	}
	return m
}

// paley gives the matrix of order q+1 for a prime q that leaves 3 on division by 4: I + S, S from the squares
// modulo q (Paley 1933).
func paley(q int) [][]int {
	character := slices.Repeat([]int{-1}, q)
	character[0] = 0
	for x := 1; x < q; x++ {
		character[x*x%q] = 1
	}
	m := make([][]int, q+1)
	for i := range m {
		m[i] = make([]int, q+1)
		for j := range m[i] {
			switch {
			case i == j:
				m[i][j] = 1
			case i == 0:
				m[i][j] = 1
			case j == 0:
				m[i][j] = -1
			default:
				m[i][j] = character[((i-j)%q+q)%q]
			}
		}
	}
	for i := range m { // a first column of ones, so that each other column has as many + as -
		if m[i][0] < 0 {
			for j := range m[i] {
				m[i][j] = -m[i][j]
			}
		}
	}
	return m
}

func isPrime(q int) bool {
	for d := 3; d*d <= q; d += 2 {
		if q%d == 0 {
			return false
		}
	}
	return q > 2 && q%2 == 1
}

// redraw draws n-1 of the n units of each stratum with replacement; a unit drawn m times weighs m n/(n-1).
func (g *stage) redraw(r *replicates, opt ReplicateOptions) error {
	if opt.Source == nil {
		return issue(CodeSeed)
	}
	if opt.Count == 0 {
		opt.Count = 500
	}
	if opt.Count < 2 {
		return issue(CodeCount, "count", opt.Count)
	}
	members := make([][]int, len(g.size))
	for u, h := range g.stratum {
		members[h] = append(members[h], u)
	}
	random := rand.New(opt.Source)
	for range opt.Count {
		row := make([]float64, g.units())
		for _, list := range members {
			n := len(list)
			if n == 1 {
				row[list[0]] = 1
				continue
			}
			for range n - 1 {
				row[list[random.IntN(n)]] += float64(n) / float64(n-1)
			}
		}
		r.factors, r.rscales = append(r.factors, row), append(r.rscales, 1)
	}
	r.scale = 1 / float64(opt.Count-1)
	return nil
}

// weightsOf fills w with the weights of one replicate, 0 where base is.
func (r *replicates) weightsOf(k int, base, w []float64) {
	for i, b := range base {
		switch {
		case b == 0:
			w[i] = 0
		case r.full != nil:
			w[i] = r.full[k][i]
		default:
			w[i] = b * r.factors[k][r.unit[i]]
		}
	}
}

// covariance is scale sum_r rscale_r (t_r - t)(t_r - t)'. A replicate without a value is left out.
func (r *replicates) covariance(base, value []float64, f statistic) []float64 {
	p := len(value)
	var found [][]float64
	var scales []float64
	w := make([]float64, len(base))
	for k, scale := range r.rscales {
		r.weightsOf(k, base, w)
		if t := f(w); !slices.ContainsFunc(t, math.IsNaN) {
			found, scales = append(found, slices.Clone(t)), append(scales, scale)
		}
	}
	centre := slices.Clone(value)
	if r.centre == AtMean {
		clear(centre)
		count := 0.0
		for k, t := range found {
			if scales[k] > 0 {
				count++
				for j, v := range t {
					centre[j] += v
				}
			}
		}
		for j := range centre {
			centre[j] /= count
		}
	}
	out := make([]float64, p*p)
	if len(found) < 2 {
		return slices.Repeat([]float64{nan}, p*p)
	}
	for k, t := range found {
		for a := range p {
			for b := range p {
				out[a*p+b] += r.scale * scales[k] * (t[a] - centre[a]) * (t[b] - centre[b])
			}
		}
	}
	return out
}

// refit fits each set of weights to the same totals.
func (r *replicates) refit(base []float64, fit func(w []float64) ([]float64, error)) (*replicates, error) {
	out := *r
	out.full, out.factors = make([][]float64, len(r.rscales)), nil
	w := make([]float64, len(base))
	for k := range r.rscales {
		r.weightsOf(k, base, w)
		var err error
		if out.full[k], err = fit(w); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// rank is that of the matrix of weights, through the products of its columns.
func (r *replicates) rank(base []float64) int {
	n := len(r.rscales)
	columns := make([][]float64, n)
	for k := range columns {
		columns[k] = make([]float64, len(base))
		r.weightsOf(k, base, columns[k])
	}
	gram := make([]float64, n*n)
	for a := range n {
		for b := range a + 1 {
			sum := 0.0
			for i, v := range columns[a] {
				sum += v * columns[b][i]
			}
			gram[a*n+b], gram[b*n+a] = sum, sum
		}
	}
	return len(reduce(gram, n).keep)
}
