package effect

import (
	"math"
	"sort"
)

// AUC is the area under the receiver operating characteristic: the probability that a success has a higher
// fitted probability than a failure, a tie counting half. The standard error is DeLong's,
//
//	var = S10/m + S01/n
//
// with S10 the variance over the m successes of the share of failures below each, and S01 over the n failures of
// the share of successes above each (DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988). Both come from
// one sort by midranks, as Sun and Xu (IEEE Signal Processing Letters 21, 2014) show, so the cost is O(n log n). The interval is cut to
// 0 and 1.
func (r Result) AUC(c Confidence) (Estimate, error) {
	if err := c.check(); err != nil {
		return Estimate{}, err
	}
	ns, nf, err := r.total()
	if err != nil {
		return Estimate{}, err
	}
	ties := r.ties()

	area, below := 0.0, 0.0 // below: failures with a smaller probability
	for _, t := range ties {
		area += t.success * (below + t.failure/2)
		below += t.failure
	}
	area /= ns * nf

	s10, s01, low, down := 0.0, 0.0, 0.0, 0.0
	for _, t := range ties {
		v10 := (low + t.failure/2) / nf
		v01 := (ns - down - t.success/2) / ns
		s10 += t.success * (v10 - area) * (v10 - area)
		s01 += t.failure * (v01 - area) * (v01 - area)
		low += t.failure
		down += t.success
	}
	variance := 0.0
	if ns > 1 {
		variance += s10 / (ns - 1) / ns
	}
	if nf > 1 {
		variance += s01 / (nf - 1) / nf
	}
	e := wald(area, math.Sqrt(variance), c)
	e.Low, e.High = max(e.Low, 0), min(e.High, 1)
	return e, nil
}

// tie is the successes and failures that share a fitted probability.
type tie struct {
	p, success, failure float64
}

// ties gives the distinct fitted probabilities in rising order.
func (r Result) ties() []tie {
	order := make([]int32, len(r.Probability))
	for i := range order {
		order[i] = int32(i)
	}
	// Rows of one probability are summed in the order of the rows: the sort is stable by the second key.
	sort.Slice(order, func(a, b int) bool {
		i, j := order[a], order[b]
		if r.Probability[i] != r.Probability[j] {
			return r.Probability[i] < r.Probability[j]
		}
		return i < j
	})
	var out []tie
	for _, i := range order {
		s, f := r.mass(int(i))
		if k := len(out) - 1; k >= 0 && out[k].p == r.Probability[i] {
			out[k].success += s
			out[k].failure += f
			continue
		}
		out = append(out, tie{r.Probability[i], s, f})
	}
	return out
}
