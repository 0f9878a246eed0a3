package chart

import "math"

// scale places values on a stretch of the drawing.
type scale struct {
	low, high float64 // values
	from, to  float64 // coordinates
	log       bool
}

func (s scale) at(v float64) float64 {
	if s.log {
		return s.from + (math.Log(v)-math.Log(s.low))/(math.Log(s.high)-math.Log(s.low))*(s.to-s.from)
	}
	return s.from + (v-s.low)/(s.high-s.low)*(s.to-s.from)
}

// clamp places a value at the nearest end where it lies outside; cut says that it did.
func (s scale) clamp(v float64) (at float64, cut bool) {
	switch {
	case v < s.low || s.log && v <= 0:
		return s.from, true
	case v > s.high:
		return s.to, true
	}
	return s.at(v), false
}

// steps gives round values from low to high, about n of them: 1, 2, 2.5 or 5 times a power of ten apart.
func steps(low, high float64, n int) []float64 {
	if !(high > low) || n < 1 {
		return []float64{low}
	}
	raw := (high - low) / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= raw*0.999 {
			step = m * power
			break
		}
	}
	var out []float64
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		out = append(out, i*step)
	}
	return out
}

// decimalsOf is how many decimals the steps need.
func decimalsOf(ticks []float64) int {
	for d := 0; d < 6; d++ {
		ok := true
		for _, t := range ticks {
			scaled := t * math.Pow(10, float64(d))
			ok = ok && math.Abs(scaled-math.Round(scaled)) < 1e-6
		}
		if ok {
			return d
		}
	}
	return 6
}

// ratioSteps gives values of a ratio scale between low and high: powers of ten with round values between, at
// most n of them, 1 among them.
func ratioSteps(low, high float64, n int) []float64 {
	for _, parts := range [][]float64{{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8}, {1, 1.5, 2, 3, 5, 7}, {1, 2, 5}, {1, 3}, {1}} {
		if out := decades(low, high, 1, parts); len(out) <= n {
			return out
		}
	}
	for every := 2.0; ; every++ {
		if out := decades(low, high, every, []float64{1}); len(out) <= max(n, 1) {
			return out
		}
	}
}

// decades gives parts times every so-many-th power of ten.
func decades(low, high, every float64, parts []float64) []float64 {
	var out []float64
	first := math.Floor(math.Log10(low)/every) * every
	for p := first; p <= math.Ceil(math.Log10(high)); p += every {
		for _, m := range parts {
			if v := m * math.Pow(10, p); v >= low*0.999 && v <= high*1.001 {
				out = append(out, v)
			}
		}
	}
	return out
}

// ratioSpan spans ratios around 1: every estimate within a factor of 200, and every interval within one
// of 40; what lies beyond ends in an arrow.
type ratioSpan struct{ low, high float64 }

const (
	farEstimate = 200.0
	farInterval = 40.0
)

func (r *ratioSpan) hold(v, far float64) {
	v = min(max(v, 1/far), far)
	r.low, r.high = min(r.low, v), max(r.high, v)
}
