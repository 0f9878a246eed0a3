package design

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// Rule says how a weighted distribution is inverted. Names follow R's svyquantile; hf4 to hf9 are the weighted
// forms of the types of Hyndman and Fan (1996).
type Rule uint8

const (
	Math      Rule = iota // the least value at which the distribution reaches p (type 1, "hf1")
	School                // the mean of two values where the distribution is p between them (type 2, "hf2")
	HF3                   // nearest even place
	HF4                   // linear between the steps, as are the following, at other heights of the steps
	HF5                   //
	HF6                   //
	HF7                   // R's default for unweighted data
	HF8                   //
	HF9                   //
	ShahVaish             // Shah and Vaish (2006), as R's survey has it
)

// String gives "math", "school", "hf3" to "hf9" or "shahvaish".
func (r Rule) String() string {
	return [...]string{"math", "school", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9", "shahvaish"}[r]
}

// QuantileInterval is how the interval of a quantile is made: Woodruff's (1952), which inverts an interval of
// the share of the population up to the estimate, in one of four forms, or from replicates of the quantile.
type QuantileInterval uint8

const (
	WoodruffPlain   QuantileInterval = iota // "mean"
	WoodruffLogit                           // "xlogit"
	WoodruffBeta                            // "beta"
	WoodruffArcsine                         // "asin"
	FromReplicates                          // "quantile": only for samples with replicates
)

// String gives "mean", "xlogit", "beta", "asin" or "quantile".
func (k QuantileInterval) String() string {
	return [...]string{"mean", "xlogit", "beta", "asin", "quantile"}[k]
}

// QuantileOptions of Quantiles. The zero value is the rule "math" with Woodruff's plain interval of 95 %.
type QuantileOptions struct {
	Rule     Rule
	Interval QuantileInterval
	Level    float64 // 0: 0.95
}

// Quantile is one estimated quantile. SE is the length of the interval over twice the quantile of t.
type Quantile struct {
	P, Value, SE float64
	Interval
	N, DF int
}

// Quantiles estimates quantiles of one variable at shares between 0 and 1.
func (s *Sample) Quantiles(v Variable, at []float64, opt QuantileOptions) ([]Quantile, error) {
	if opt.Level == 0 {
		opt.Level = 0.95
	}
	for _, p := range at {
		if !(p > 0 && p < 1) {
			return nil, issue(CodeProbability, "value", p)
		}
	}
	rows, err := s.complete([]Variable{v})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b int32) int { // equal values in the order of the rows
		x, y := v.Values[a], v.Values[b]
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return int(a) - int(b)
	})
	o := newSteps(v.Values, s.weights, rows)
	domain := s
	if len(rows) < s.rows {
		out := *s
		out.weights = make([]float64, s.rows)
		for _, i := range rows {
			out.weights[i] = s.weights[i]
		}
		domain = &out
	}
	df, out := domain.DF(), make([]Quantile, len(at))
	t := student(0.5+opt.Level/2, df)
	for k, p := range at {
		q := Quantile{P: p, Value: o.at(opt.Rule, p), N: len(rows), DF: df}
		if opt.Interval == FromReplicates && s.replicates != nil {
			f := func(w []float64) []float64 { return []float64{newSteps(v.Values, w, rows).at(opt.Rule, p)} }
			q.SE = math.Sqrt(s.replicates.covariance(s.weights, []float64{q.Value}, f)[0])
			q.Interval = Interval{q.Value - t*q.SE, q.Value + t*q.SE}
		} else if q.Interval, err = domain.woodruff(v, o, q.Value, opt); err != nil {
			return nil, err
		} else {
			q.SE = (q.High - q.Low) / (2 * t)
		}
		out[k] = q
	}
	return out, nil
}

// woodruff inverts an interval of the share of the population up to value.
func (s *Sample) woodruff(v Variable, o *steps, value float64, opt QuantileOptions) (Interval, error) {
	below := Variable{Values: s.blank(1)[0]}
	for i, y := range v.Values {
		if y <= value {
			below.Values[i] = 1
		}
	}
	e, err := s.Means(below)
	if err != nil {
		return Interval{}, err
	}
	how := [...]ShareInterval{Plain, Logit, Beta, Arcsine}[min(opt.Interval, WoodruffArcsine)%4]
	if opt.Interval == FromReplicates {
		how = Plain
	}
	share := e.Share(0, how, opt.Level)
	out := Interval{nan, nan}
	if share.Low >= 0 {
		out.Low = o.at(opt.Rule, share.Low)
	}
	if share.High <= 1 {
		out.High = o.at(opt.Rule, share.High)
	}
	return out, nil
}

// steps is a weighted distribution: values in order, with the sum of weights up to each.
type steps struct{ x, w, sum []float64 }

// newSteps keeps the rows with weight; rows stand in the order of their values. Among equal values the order of
// the rows stays, which only the rules that draw lines between steps can tell, and only under unequal weights.
func newSteps(x, w []float64, rows []int32) *steps {
	o := &steps{}
	total := 0.0
	for _, i := range rows {
		if w[i] != 0 {
			total += w[i]
			o.x, o.w, o.sum = append(o.x, x[i]), append(o.w, w[i]), append(o.sum, total)
		}
	}
	return o
}

// even is how far, as a share of the total, a sum of weights may be from p and still be taken to equal it.
const even = 1e-12

// at inverts the distribution at p.
func (o *steps) at(r Rule, p float64) float64 {
	n := len(o.x)
	switch {
	case n == 0:
		return nan
	case n == 1:
		return o.x[0]
	}
	total := o.sum[n-1]
	switch r {
	case Math, School, HF4:
		low := max(sort.Search(n, func(i int) bool { return o.sum[i] > (p+even)*total })-1, 0)
		high := min(low+1, n-1)
		below, above := p-o.sum[low]/total, o.sum[high]/total-p
		switch {
		case r == HF4:
			share := below / (below + above)
			return o.x[low]*(1-share) + o.x[high]*share
		case below > even:
			return o.x[high]
		case r == School && math.Abs(below) <= even:
			return (o.x[low] + o.x[high]) / 2
		}
		return o.x[low]
	case HF3:
		return o.distinct().third(p)
	case ShahVaish:
		return o.shahVaish(p)
	}
	place := func(i int) float64 {
		before := o.sum[i] - o.w[i]
		if i > 0 {
			before = o.sum[i-1]
		}
		switch r {
		case HF5:
			return (o.sum[i] - o.w[i]/2) / total
		case HF6:
			return o.sum[i] / (total + o.w[n-1])
		case HF7:
			return before / o.sum[n-2]
		case HF8:
			return (before/3 + o.sum[i]*2/3) / (total + o.w[n-1]/3)
		}
		return (before*3/8 + o.sum[i]*5/8) / (total + o.w[n-1]/4)
	}
	i := sort.Search(n, func(i int) bool { return place(i) >= p })
	switch {
	case i == 0:
		return o.x[0]
	case i == n:
		return o.x[n-1]
	}
	a, b := place(i-1), place(i)
	return o.x[i-1] + (o.x[i]-o.x[i-1])*(p-a)/(b-a)
}

// distinct merges equal values.
func (o *steps) distinct() *steps {
	out := &steps{}
	for i, x := range o.x {
		if i > 0 && x == o.x[i-1] {
			out.w[len(out.w)-1] += o.w[i]
			out.sum[len(out.sum)-1] = o.sum[i]
			continue
		}
		out.x, out.w, out.sum = append(out.x, x), append(out.w, o.w[i]), append(out.sum, o.sum[i])
	}
	return out
}

// third is type 3 on distinct values: where a sum of weights is p, the value at the even place.
func (o *steps) third(p float64) float64 {
	n := len(o.x)
	total := o.sum[n-1]
	low := max(sort.Search(n, func(i int) bool { return o.sum[i] > (p+even)*total })-1, 0)
	if p-o.sum[low]/total <= even && (low+1)%2 == 0 {
		return o.x[low]
	}
	return o.x[min(low+1, n-1)]
}

// shahVaish puts each value at (S + 0.5 - w/2)/(n+1), S the sum of weights scaled to mean one, and takes the
// last value at or before p. As in R's survey the w of the half is not scaled, so the rule moves with the scale
// of the weights; it is here for comparison.
func (o *steps) shahVaish(p float64) float64 {
	n := len(o.x)
	mean := o.sum[n-1] / float64(n)
	type step struct{ place, x float64 }
	list, sum := make([]step, n), 0.0
	for i, x := range o.x {
		sum += o.w[i] / mean
		list[i] = step{(sum + 0.5 - o.w[i]/2) / float64(n+1), x}
	}
	slices.SortStableFunc(list, func(a, b step) int { return cmp.Compare(a.place, b.place) })
	i := sort.Search(n, func(i int) bool { return list[i].place > p }) - 1
	if i < 0 {
		return list[0].x
	}
	same, total := 0.0, 0.0 // values at one place are taken by their mean
	for j := i; j >= 0 && list[j].place == list[i].place; j-- {
		same++
		total += list[j].x
	}
	return total / same
}
