package design

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"waymark/fault"
)

// Margin is the known size of each level of a column, or of each combination of levels of several columns.
type Margin struct {
	Columns []string
	Totals  map[string]float64 // by level; by the levels joined with ":" where there are several columns
}

// Total is the known population total of a column of numbers.
type Total struct {
	Column string
	Total  float64
}

// Distance is what calibration keeps small between old and new weights (Deville and Särndal 1992).
type Distance uint8

const (
	Linear        Distance = iota // g = 1 + u: the generalised regression estimator; weights may come out negative
	Raking                        // g = exp u: the weights of raking
	LogitDistance                 // g between Low and High
)

// CalibrateOptions of Calibrate and Rake. The zero value is linear calibration without bounds.
type CalibrateOptions struct {
	Distance   Distance
	Low, High  float64 // bounds of g = new weight over old; both 0: none. LogitDistance needs them
	Tolerance  float64 // relative misfit of a total at which it is reached; 0: 1e-12
	Iterations int     // 0: 200
}

// calibration is one fitting of weights to totals, which variances must know: rows that the totals explain
// vary no more.
type calibration struct {
	margins [][]uint32 // level of each row in each margin; noCode outside
	start   []int      // first coefficient of each margin
	dense   [][]float64
	size    int       // coefficients
	base    []float64 // weights of the regression
	weights []float64 // after the fit
	solve   *reduced  // of the matrix A' base A; nil for one margin alone
	rounds  int       // > 0: the residuals of raking, margin by margin, so many times
}

// PostStratify scales the weights so that each post-stratum has its known size (Holt and Smith 1979). Variances
// use the residuals from the post-strata's means.
func (s *Sample) PostStratify(m Margin) (*Sample, error) {
	c, want, err := s.auxiliary([]Margin{m}, nil)
	if err != nil {
		return nil, err
	}
	return s.fitted(c, func(w []float64) ([]float64, error) {
		have := c.sums(w)
		out := slices.Clone(w)
		for i, g := range c.margins[0] {
			if g != noCode && have[g] > 0 {
				out[i] *= want[g] / have[g]
			}
		}
		return out, nil
	})
}

// Rake scales the weights to one margin after the other until all have their known totals (Deming and Stephan
// 1940). Variances use the residuals of margin means taken in turn, ten times and without weights, as R's survey
// does; where the old weights are unequal, Calibrate with Raking gives the same weights and the residuals of the
// weighted regression.
func (s *Sample) Rake(margins []Margin, opt CalibrateOptions) (*Sample, error) {
	c, want, err := s.auxiliary(margins, nil)
	if err != nil {
		return nil, err
	}
	opt = opt.filled()
	c.rounds = 10
	return s.fitted(c, func(w []float64) ([]float64, error) {
		out, factor := slices.Clone(w), make([]float64, c.size)
		for range opt.Iterations {
			for k, codes := range c.margins {
				have := make([]float64, c.size)
				for i, g := range codes {
					if g != noCode {
						have[c.start[k]+int(g)] += out[i]
					}
				}
				for j := range factor {
					factor[j] = 1
					if have[j] > 0 {
						factor[j] = want[j] / have[j]
					}
				}
				for i, g := range codes {
					if g != noCode {
						out[i] *= factor[c.start[k]+int(g)]
					}
				}
			}
			if misfit(c.sums(out), want) < opt.Tolerance {
				return out, nil
			}
		}
		return nil, issue(CodeNotReached, "iterations", opt.Iterations, "column", strings.Join(margins[0].Columns, ":"))
	})
}

// Calibrate changes the weights as little as the distance allows so that margins and totals come out. Variances
// use the residuals of the regression on margins and totals with the old weights.
func (s *Sample) Calibrate(margins []Margin, sums []Total, opt CalibrateOptions) (*Sample, error) {
	opt = opt.filled()
	if opt.Distance == LogitDistance && !(opt.Low < 1 && opt.High > 1 && !math.IsInf(opt.Low, 0) && !math.IsInf(opt.High, 0)) ||
		!(opt.Low < 1 && opt.High > 1) {
		return nil, issue(CodeBounds, "low", opt.Low, "high", opt.High)
	}
	c, want, err := s.auxiliary(margins, sums)
	if err != nil {
		return nil, err
	}
	return s.fitted(c, func(w []float64) ([]float64, error) { return c.newton(w, want, opt) })
}

func (o CalibrateOptions) filled() CalibrateOptions {
	if o.Low == 0 && o.High == 0 {
		o.Low, o.High = math.Inf(-1), math.Inf(1)
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-12
	}
	if o.Iterations == 0 {
		o.Iterations = 200
	}
	return o
}

// fitted gives the sample with new weights; each set of replicate weights is fitted too.
func (s *Sample) fitted(c *calibration, fit func(w []float64) ([]float64, error)) (*Sample, error) {
	out := *s
	var err error
	if out.weights, err = fit(s.weights); err != nil {
		return nil, err
	}
	c.base, c.weights = s.weights, out.weights
	if c.rounds == 0 && (len(c.margins) != 1 || len(c.dense) > 0) {
		c.solve = reduce(c.gram(s.weights), c.size)
	}
	out.calibrations = append(slices.Clone(s.calibrations), *c)
	if s.replicates != nil {
		out.replicates, err = s.replicates.refit(s.weights, fit)
	}
	return &out, err
}

// auxiliary reads margins and totals and what they should come to.
func (s *Sample) auxiliary(margins []Margin, sums []Total) (*calibration, []float64, error) {
	c, want := &calibration{}, []float64{}
	var issues fault.Issues
	first, firstSum := "", 0.0
	for _, m := range margins {
		name := strings.Join(m.Columns, ":")
		g, missing, err := s.Groups(m.Columns...)
		if err != nil {
			issues = append(issues, fault.Of(err)...)
			continue
		}
		if missing > 0 {
			issues = append(issues, of(CodeNoValue, name, "count", missing))
		}
		known, sum := map[string]bool{}, 0.0
		without := 0
		for _, label := range g.Labels {
			key := strings.Join(label, ":")
			total, ok := m.Totals[key]
			if !ok {
				without++
			}
			known[key] = true
			want = append(want, total)
		}
		if without > 0 {
			issues = append(issues, of(CodeMarginLevel, name, "count", without))
		}
		for _, key := range slices.Sorted(maps.Keys(m.Totals)) {
			sum += m.Totals[key]
			if !known[key] && m.Totals[key] != 0 {
				issues = append(issues, of(CodeMarginAbsent, name, "level", key))
			}
		}
		if first == "" {
			first, firstSum = name, sum
		} else if math.Abs(sum-firstSum) > 1e-9*math.Abs(firstSum) {
			issues = append(issues, of(CodeMarginTotals, name, "first", fmt.Sprintf("%s: %s", first, write(firstSum)), "second", fmt.Sprintf("%s: %s", name, write(sum))))
		}
		c.margins, c.start = append(c.margins, g.codes), append(c.start, c.size)
		c.size += len(g.Labels)
	}
	for _, t := range sums {
		values, err := s.numbers(t.Column)
		if err != nil {
			issues = append(issues, fault.Of(err)...)
			continue
		}
		missing := 0
		for i, v := range values {
			if math.IsNaN(v) && s.weights[i] != 0 {
				missing++
			}
		}
		if missing > 0 {
			issues = append(issues, of(CodeNoValue, t.Column, "count", missing))
		}
		c.dense, want = append(c.dense, values), append(want, t.Total)
		c.size++
	}
	return c, want, issues.Err()
}

// row gives a row's coefficients and values.
func (c *calibration) row(i int, room []entry) []entry {
	room = room[:0]
	for k, codes := range c.margins {
		if codes[i] != noCode {
			room = append(room, entry{c.start[k] + int(codes[i]), 1})
		}
	}
	first := c.size - len(c.dense)
	for k, values := range c.dense {
		room = append(room, entry{first + k, values[i]})
	}
	return room
}

type entry struct {
	at    int
	value float64
}

// sums gives the weighted totals of margins and columns.
func (c *calibration) sums(w []float64) []float64 {
	out := make([]float64, c.size)
	var room []entry
	for i, v := range w {
		if v != 0 {
			room = c.row(i, room)
			for _, e := range room {
				out[e.at] += v * e.value
			}
		}
	}
	return out
}

// gram is A' diag(w) A.
func (c *calibration) gram(w []float64) []float64 {
	p := c.size
	out := make([]float64, p*p)
	var room []entry
	for i, v := range w {
		if v == 0 {
			continue
		}
		room = c.row(i, room)
		for _, a := range room {
			for _, b := range room {
				out[a.at*p+b.at] += v * a.value * b.value
			}
		}
	}
	return out
}

func misfit(have, want []float64) float64 {
	worst := 0.0
	for k, w := range want {
		worst = max(worst, math.Abs(have[k]-w)/(1+math.Abs(w)))
	}
	return worst
}

// newton solves sum w g(A l) A = totals for l, with steps halved where g leaves the numbers.
func (c *calibration) newton(w, want []float64, opt CalibrateOptions) ([]float64, error) {
	lambda := make([]float64, c.size)
	out, slope := slices.Clone(w), slices.Clone(w)
	move := func() bool {
		var room []entry
		for i, v := range w {
			if v == 0 {
				continue
			}
			u := 0.0
			room = c.row(i, room)
			for _, e := range room {
				u += lambda[e.at] * e.value
			}
			g, d := opt.factor(u)
			if math.IsNaN(g) || math.IsInf(g, 0) || math.IsNaN(d) || math.IsInf(d, 0) {
				return false
			}
			out[i], slope[i] = v*g, v*d
		}
		return true
	}
	best := math.Inf(1)
	for range opt.Iterations {
		have := c.sums(out)
		off := misfit(have, want)
		if off < opt.Tolerance || off < 1e-9 && off >= best { // no nearer to be had in floating point
			return out, nil
		}
		best = min(best, off)
		rest := make([]float64, c.size)
		for k := range rest {
			rest[k] = want[k] - have[k]
		}
		step := reduce(c.gram(slope), c.size).apply(rest)
		for k, d := range step {
			lambda[k] += d
		}
		for tries := 0; !move(); tries++ {
			if tries == 50 {
				break
			}
			for k := range step {
				step[k] /= 2
				lambda[k] -= step[k]
			}
		}
	}
	return nil, issue(CodeNotReached, "iterations", opt.Iterations, "column", "")
}

// factor gives g and its derivative at u (Deville and Särndal 1992, table 1).
func (o CalibrateOptions) factor(u float64) (g, slope float64) {
	switch o.Distance {
	case Raking:
		g = math.Exp(u)
		slope = g
	case LogitDistance:
		low, high := o.Low, o.High
		a := (high - low) / ((high - 1) * (1 - low))
		e := math.Exp(-math.Abs(a * u)) // the fraction is turned over where a u is large
		top, bottom := low*(high-1)+high*(1-low)*e, high-1+(1-low)*e
		if u > 0 {
			top, bottom = low*(high-1)*e+high*(1-low), (high-1)*e+1-low
		}
		g = top / bottom
		slope = (g - low) * (high - g) / ((high - 1) * (1 - low))
		return g, slope
	default:
		g, slope = 1+u, 1
	}
	if g <= o.Low {
		return o.Low, 0
	}
	if g >= o.High {
		return o.High, 0
	}
	return g, slope
}

// residuals takes from each column what margins and totals explain. The columns are weighted: they are divided
// by the new weights first, and multiplied after.
func (c *calibration) residuals(z [][]float64) [][]float64 {
	out := make([][]float64, len(z))
	for k, column := range z {
		r := make([]float64, len(column))
		for i, v := range column {
			if w := c.weights[i]; w != 0 {
				r[i] = v / w
			}
		}
		switch {
		case c.rounds > 0:
			for range c.rounds {
				for m := range c.margins {
					c.centre(r, m, nil)
				}
			}
		case c.solve == nil:
			c.centre(r, 0, c.base)
		default:
			weighted := make([]float64, len(r))
			for i, v := range r {
				weighted[i] = v * c.base[i]
			}
			b := c.solve.apply(c.sums(weighted))
			var room []entry
			for i := range r {
				if c.base[i] == 0 {
					continue
				}
				room = c.row(i, room)
				for _, e := range room {
					r[i] -= b[e.at] * e.value
				}
			}
		}
		for i := range r {
			r[i] *= c.weights[i]
		}
		out[k] = r
	}
	return out
}

// centre takes the means of a margin's levels away, weighted or not.
func (c *calibration) centre(r []float64, margin int, w []float64) {
	sum, count := make([]float64, c.size), make([]float64, c.size)
	for i, g := range c.margins[margin] {
		switch {
		case g == noCode:
		case w == nil:
			sum[g] += r[i]
			count[g]++
		default:
			sum[g] += r[i] * w[i]
			count[g] += w[i]
		}
	}
	for i, g := range c.margins[margin] {
		if g != noCode && count[g] > 0 {
			r[i] -= sum[g] / count[g]
		}
	}
}

// reduced is a Cholesky factor of a matrix that may be short of rank: a column that earlier ones determine is
// passed over, as two margins with the same total determine one of their levels.
type reduced struct {
	p     int
	keep  []int
	lower []float64 // of the kept columns, scaled to a unit diagonal
	scale []float64
}

func reduce(a []float64, p int) *reduced {
	r := &reduced{p: p}
	for j := range p {
		if d := a[j*p+j]; d > 0 {
			scale := 1 / math.Sqrt(d)
			row, pivot := make([]float64, 0, len(r.keep)+1), 1.0
			for k, i := range r.keep {
				v := a[j*p+i] * scale * r.scale[k]
				for l := range k {
					v -= row[l] * r.lower[k*(k+1)/2+l]
				}
				v /= r.lower[k*(k+1)/2+k]
				row = append(row, v)
				pivot -= v * v
			}
			if pivot > 1e-11 {
				r.keep, r.scale = append(r.keep, j), append(r.scale, scale)
				r.lower = append(append(r.lower, row...), math.Sqrt(pivot))
			}
		}
	}
	return r
}

// apply solves for the kept columns; the others are 0.
func (r *reduced) apply(b []float64) []float64 {
	n := len(r.keep)
	y, out := make([]float64, n), make([]float64, r.p)
	for k, j := range r.keep {
		y[k] = b[j] * r.scale[k]
		for l := range k {
			y[k] -= r.lower[k*(k+1)/2+l] * y[l]
		}
		y[k] /= r.lower[k*(k+1)/2+k]
	}
	for k := n - 1; k >= 0; k-- {
		for l := k + 1; l < n; l++ {
			y[k] -= r.lower[l*(l+1)/2+k] * y[l]
		}
		y[k] /= r.lower[k*(k+1)/2+k]
		out[r.keep[k]] = y[k] * r.scale[k]
	}
	return out
}
