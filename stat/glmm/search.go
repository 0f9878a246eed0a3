package glmm

import (
	"math"

	"gonum.org/v1/gonum/optimize"
)

// objective gives a value to make small and its gradient; an infinite value is a point that cannot be had.
type objective func(x []float64) (value float64, gradient []float64)

// search is a run of BFGS.
type search struct {
	x, gradient []float64
	value       float64
	inverse     []float64 // n x n approximate inverse Hessian
	decrement   float64   // g'Bg, which does not change with the scale of parameters
	iterations  int
	evaluations int
	cuts        int // steps that were shortened
	stalled     bool
}

// minimise runs BFGS (Nocedal and Wright 2006, chapter 6) from x with the given approximate inverse Hessian, until
// the decrement falls below tolerance, no step improves the value, or the limit of iterations is reached.
func minimise(f objective, x, inverse []float64, tolerance float64, limit int) *search {
	n := len(x)
	s := &search{x: append([]float64(nil), x...), inverse: inverse}
	s.value, s.gradient = f(s.x)
	s.evaluations = 1
	first := append([]float64(nil), inverse...)
	step, trial := make([]float64, n), make([]float64, n)
	fresh := true
	for s.iterations < limit {
		if s.gradient == nil || math.IsInf(s.value, 0) || math.IsNaN(s.value) {
			s.stalled, s.decrement = true, math.Inf(1)
			return s
		}
		s.decrement = 0
		for i := range n {
			v := 0.0
			for j, g := range s.gradient {
				v -= s.inverse[i*n+j] * g
			}
			step[i] = v
			s.decrement -= v * s.gradient[i]
		}
		if s.decrement < tolerance && s.decrement >= 0 {
			return s
		}
		s.iterations++
		if !(s.decrement > 0) {
			if fresh {
				s.stalled = true
				return s
			}
			copy(s.inverse, first)
			fresh = true
			continue
		}
		// A step of more than five standard errors is not to be trusted.
		size := math.Min(1, 5/math.Sqrt(s.decrement))
		value, gradient, ok := s.value, []float64(nil), false
		for range 15 {
			for i := range n {
				trial[i] = s.x[i] + size*step[i]
			}
			value, gradient = f(trial)
			s.evaluations++
			// Near the minimum the change of value drowns in rounding; the slope does not.
			slack := 1e-12 * math.Abs(s.value)
			if gradient != nil && value <= s.value-1e-4*size*s.decrement+slack {
				ok = true
				break
			}
			s.cuts++
			size *= shorten(s.value, value, size*s.decrement)
		}
		if !ok {
			if fresh {
				s.stalled = true
				return s
			}
			copy(s.inverse, first)
			fresh = true
			continue
		}
		s.update(trial, gradient, value)
		fresh = false
	}
	return s
}

// shorten gives the factor for the next step by a parabola through value, slope and trial value.
func shorten(old, trial, slope float64) float64 {
	if math.IsInf(trial, 0) || math.IsNaN(trial) {
		return 0.2
	}
	return math.Min(0.6, math.Max(0.1, slope/(2*(trial-old+slope))))
}

// update moves to a trial point and corrects the inverse Hessian.
func (s *search) update(trial, gradient []float64, value float64) {
	n := len(trial)
	dx, dg := make([]float64, n), make([]float64, n)
	slope := 0.0
	for i := range n {
		dx[i], dg[i] = trial[i]-s.x[i], gradient[i]-s.gradient[i]
		slope += dx[i] * dg[i]
	}
	copy(s.x, trial)
	s.gradient, s.value = gradient, value
	bg, quad := make([]float64, n), 0.0
	for i := range n {
		for j, v := range dg {
			bg[i] += s.inverse[i*n+j] * v
		}
		quad += bg[i] * dg[i]
	}
	if !(slope > 1e-10*math.Sqrt(square(dx)*square(dg))) || quad <= 0 {
		return
	}
	c := (1 + quad/slope) / slope
	for i := range n {
		for j := range n {
			s.inverse[i*n+j] += c*dx[i]*dx[j] - (bg[i]*dx[j]+dx[i]*bg[j])/slope
		}
	}
}

// withoutDerivatives is the last resort: Nelder and Mead's simplex from x, scaled by the given spreads.
func withoutDerivatives(f objective, x, spread []float64, limit int) (best []float64, value float64) {
	problem := optimize.Problem{Func: func(v []float64) float64 {
		at := make([]float64, len(x))
		for i := range at {
			at[i] = x[i] + v[i]*spread[i]
		}
		value, _ := f(at)
		if math.IsNaN(value) {
			return math.Inf(1)
		}
		return value
	}}
	result, err := optimize.Minimize(problem, make([]float64, len(x)), &optimize.Settings{FuncEvaluations: limit}, &optimize.NelderMead{})
	if result == nil || (err != nil && result.X == nil) {
		return x, math.Inf(1)
	}
	best = make([]float64, len(x))
	for i := range best {
		best[i] = x[i] + result.X[i]*spread[i]
	}
	return best, result.F
}
