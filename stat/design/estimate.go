package design

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a confidence interval. A bound that cannot be had is NaN.
type Interval struct{ Low, High float64 }

// Estimates are estimated together, with their covariance.
type Estimates struct {
	Names []string
	Value []float64
	Cov   *mat.SymDense
	N     []int     // rows with a value and a weight
	Deff  []float64 // variance over that of a simple random sample of as many, without replacement; see Means
	DF    int       // degrees of freedom of the design within the domain
}

// SE is a standard error.
func (e *Estimates) SE(k int) float64 { return math.Sqrt(max(e.Cov.At(k, k), 0)) }

// Interval is estimate -+ t SE, with t from Student's distribution with the design's degrees of freedom.
func (e *Estimates) Interval(k int, level float64) Interval {
	half := student(0.5+level/2, e.DF) * e.SE(k)
	return Interval{e.Value[k] - half, e.Value[k] + half}
}

// Normal is estimate -+ z SE, with z from the normal distribution, as R's confint of a mean has it by default.
func (e *Estimates) Normal(k int, level float64) Interval {
	half := distuv.UnitNormal.Quantile(0.5+level/2) * e.SE(k)
	return Interval{e.Value[k] - half, e.Value[k] + half}
}

// student is a quantile of t, NaN where no degree of freedom is left.
func student(p float64, df int) float64 {
	if df < 1 {
		return nan
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(df)}.Quantile(p)
}

// statistic gives estimates for any weights of the rows.
type statistic func(w []float64) []float64

// influence gives, for each estimate, what each row adds to it to the first order, weights included, summed into
// the places that it is given.
type influence func(value []float64, at places) [][]float64

// places say where the influence of a row goes: to the row's own place, or to that of its unit where sums by unit
// are all that a variance needs.
type places struct {
	size int
	unit []uint32 // nil: the row's own
}

func (p places) of(row int32) int {
	if p.unit == nil {
		return int(row)
	}
	return int(p.unit[row])
}

func (p places) blank(columns int) [][]float64 {
	z := make([][]float64, columns)
	for k := range z {
		z[k] = make([]float64, p.size)
	}
	return z
}

// linearised gives the covariance of estimates from their influence.
func (s *Sample) linearised(value []float64, f influence) ([]float64, error) {
	g := &s.stages[0]
	if len(s.calibrations) > 0 || !s.single() {
		return s.covariance(f(value, places{size: s.rows}))
	}
	z := f(value, places{size: g.units(), unit: g.unit})
	out := make([]float64, len(z)*len(z))
	return out, s.addStage(out, z, g, slices.Repeat([]float64{1}, len(g.size)), 0)
}

// estimate puts estimates and their covariance together, by replicates where there are any.
func (s *Sample) estimate(names []string, f statistic, g influence) (*Estimates, error) {
	e := &Estimates{Names: names, Value: f(s.weights), DF: s.DF()}
	var cov []float64
	var err error
	if s.replicates != nil {
		cov = s.replicates.covariance(s.weights, e.Value, f)
	} else if cov, err = s.linearised(e.Value, g); err != nil {
		return nil, err
	}
	e.Cov = mat.NewSymDense(len(names), cov)
	return e, nil
}

// complete lists the rows that have weight and a value in every variable. It is an error where there are none.
func (s *Sample) complete(vs []Variable) ([]int32, error) {
	out := make([]int32, 0, s.rows)
rows:
	for i, w := range s.weights {
		if w == 0 {
			continue
		}
		for _, v := range vs {
			if v.Values[i] != v.Values[i] {
				continue rows
			}
		}
		out = append(out, int32(i))
	}
	if len(out) == 0 {
		return nil, of(CodeNothing, vs[0].Name)
	}
	return out, nil
}

func labels(vs []Variable) []string {
	out := make([]string, len(vs))
	for k, v := range vs {
		out[k] = v.Label()
	}
	return out
}

// Means estimates means, jointly over the rows that have a value in every variable: sum w y / sum w, with the
// influence w (y - mean) / sum w.
//
// Deff is the variance over S^2 (1/n - 1/N), S^2 the weighted variance with the divisor n-1 (Kish 1965) and N
// the sum of weights; NaN where N is not above n, which tells that the weights do not count the population.
func (s *Sample) Means(vs ...Variable) (*Estimates, error) {
	rows, err := s.complete(vs)
	if err != nil {
		return nil, err
	}
	mean := func(w []float64) []float64 { return means(w, rows, vs) }
	e, err := s.estimate(labels(vs), mean, func(value []float64, at places) [][]float64 {
		total := sumOver(s.weights, rows)
		z := at.blank(len(vs))
		for k, v := range vs {
			for _, i := range rows {
				z[k][at.of(i)] += s.weights[i] * (v.Values[i] - value[k]) / total
			}
		}
		return z
	})
	if err != nil {
		return nil, err
	}
	s.finish(e, rows, vs, e.Value, 1)
	return e, nil
}

// Totals estimates totals, sum w y, jointly over the rows that have a value in every variable. Deff as for means.
func (s *Sample) Totals(vs ...Variable) (*Estimates, error) {
	rows, err := s.complete(vs)
	if err != nil {
		return nil, err
	}
	e, err := s.estimate(labels(vs), func(w []float64) []float64 { return totals(w, rows, vs) }, func(_ []float64, at places) [][]float64 {
		z := at.blank(len(vs))
		for k, v := range vs {
			for _, i := range rows {
				z[k][at.of(i)] += s.weights[i] * v.Values[i]
			}
		}
		return z
	})
	if err != nil {
		return nil, err
	}
	size := sumOver(s.weights, rows)
	s.finish(e, rows, vs, means(s.weights, rows, vs), size*size)
	return e, nil
}

// Ratios estimates the ratio of the totals of each numerator to one denominator: Y/X, with the influence
// w (y - R x) / X. Deff is that of the mean of y - R x.
func (s *Sample) Ratios(denominator Variable, numerators ...Variable) (*Estimates, error) {
	all := append([]Variable{denominator}, numerators...)
	rows, err := s.complete(all)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(numerators))
	for k, v := range numerators {
		names[k] = v.Label() + "/" + denominator.Label()
	}
	ratio := func(w []float64) []float64 {
		t := totals(w, rows, all)
		for k := range numerators {
			t[k+1] /= t[0]
		}
		return t[1:]
	}
	total := totals(s.weights, rows, all[:1])[0]
	if total == 0 {
		return nil, of(CodeZeroTotal, denominator.Name)
	}
	e, err := s.estimate(names, ratio, func(value []float64, at places) [][]float64 {
		z := at.blank(len(numerators))
		for k, v := range numerators {
			for _, i := range rows {
				z[k][at.of(i)] += s.weights[i] * (v.Values[i] - value[k]*denominator.Values[i]) / total
			}
		}
		return z
	})
	if err != nil {
		return nil, err
	}
	rest := make([]Variable, len(numerators))
	for k, v := range numerators {
		rest[k].Values = s.blank(1)[0]
		for _, i := range rows {
			rest[k].Values[i] = v.Values[i] - e.Value[k]*denominator.Values[i]
		}
	}
	size := sumOver(s.weights, rows)
	s.finish(e, rows, rest, make([]float64, len(rest)), size*size/(total*total))
	return e, nil
}

// Variances estimates the population variance of each variable: the mean of (y - mean)^2 n/(n-1).
func (s *Sample) Variances(vs ...Variable) (*Estimates, error) {
	rows, err := s.complete(vs)
	if err != nil {
		return nil, err
	}
	n := float64(len(rows))
	variance := func(w []float64) []float64 {
		m := means(w, rows, vs)
		for k, v := range vs {
			m[k] = spread(w, rows, v.Values, m[k]) * n / (n - 1)
		}
		return m
	}
	e, err := s.estimate(labels(vs), variance, func(value []float64, at places) [][]float64 {
		total, m := sumOver(s.weights, rows), means(s.weights, rows, vs)
		z := at.blank(len(vs))
		for k, v := range vs {
			for _, i := range rows {
				d := v.Values[i] - m[k]
				z[k][at.of(i)] += s.weights[i] * (d*d*n/(n-1) - value[k]) / total
			}
		}
		return z
	})
	if err != nil {
		return nil, err
	}
	e.N, e.Deff = make([]int, len(vs)), make([]float64, len(vs))
	for k := range vs {
		e.N[k], e.Deff[k] = len(rows), nan
	}
	return e, nil
}

// finish adds counts and design effects: the variance over scale times that of a mean of a simple sample.
func (s *Sample) finish(e *Estimates, rows []int32, vs []Variable, mean []float64, scale float64) {
	n, size := float64(len(rows)), sumOver(s.weights, rows)
	e.N, e.Deff = make([]int, len(vs)), make([]float64, len(vs))
	for k, v := range vs {
		e.N[k], e.Deff[k] = len(rows), nan
		if size > n && n > 1 {
			simple := spread(s.weights, rows, v.Values, mean[k]) * n / (n - 1) * (size - n) / (size * n)
			e.Deff[k] = e.Cov.At(k, k) / (simple * scale)
		}
	}
}

func (s *Sample) blank(p int) [][]float64 { return places{size: s.rows}.blank(p) }

func sumOver(w []float64, rows []int32) float64 {
	sum := 0.0
	for _, i := range rows {
		sum += w[i]
	}
	return sum
}

func totals(w []float64, rows []int32, vs []Variable) []float64 {
	out := make([]float64, len(vs))
	for k, v := range vs {
		for _, i := range rows {
			out[k] += w[i] * v.Values[i]
		}
	}
	return out
}

func means(w []float64, rows []int32, vs []Variable) []float64 {
	out, sum := totals(w, rows, vs), sumOver(w, rows)
	for k := range out {
		out[k] /= sum
	}
	return out
}

// spread is the weighted mean of squares around m.
func spread(w []float64, rows []int32, y []float64, m float64) float64 {
	sum, square := 0.0, 0.0
	for _, i := range rows {
		d := y[i] - m
		sum += w[i]
		square += w[i] * d * d
	}
	return square / sum
}
