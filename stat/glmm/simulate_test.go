package glmm_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"waymark/stat/formula"
	"waymark/stat/glmm"
)

// TestSimulate refits draws from a fitted model: the mean estimate must come back to the truth within four of its own
// standard errors (false alarm below 1 in 10,000 a coefficient), and Wald intervals must cover it at all but always.
func TestSimulate(t *testing.T) {
	s := drawTable(21, 400)
	frame := s.frame(t, inOrder(len(s.x)), 1, 0)
	for _, shape := range []int{0, 6, 7} { // laplace crossed, poisson, gaussian
		c := shapesOfModels[shape]
		t.Run(c.name, func(t *testing.T) {
			truth := fitFormula(t, frame, c.formula, formula.Options{Response: c.response}, c.options)
			const draws = 60
			source := rand.NewPCG(1, 2)
			n := len(truth.Names)
			sum, square, covered := make([]float64, n), make([]float64, n), make([]int, n)
			for range draws {
				opt := c.options
				opt.NoCheck = true
				m, err := glmm.Fit(truth.Simulate(source), opt)
				if err != nil {
					t.Fatal(err)
				}
				for k, b := range m.Coef() {
					d := b - truth.Coef()[k]
					sum[k] += d
					square[k] += d * d
					if math.Abs(d) < 1.96*m.SE()[k] {
						covered[k]++
					}
				}
			}
			for k, name := range truth.Names {
				mean := sum[k] / draws
				se := math.Sqrt((square[k]/draws - mean*mean) / draws)
				if math.Abs(mean) > 4*se {
					t.Errorf("%s: bias %.3g with standard error %.3g", name, mean, se)
				}
				if covered[k] < 46 { // 60 draws at 95 percent fall below 46 less than once in 100,000
					t.Errorf("%s: %d of %d intervals cover the truth", name, covered[k], draws)
				}
			}
		})
	}
}

func TestSimulateSameSource(t *testing.T) {
	s := drawTable(21, 100)
	m := fitFormula(t, s.frame(t, inOrder(100), 1, 0), "binary ~ x + (1|g)", formula.Options{}, glmm.Options{})
	a, b := m.Simulate(rand.NewPCG(1, 2)), m.Simulate(rand.NewPCG(1, 2))
	if !slices.Equal(a.Y, b.Y) {
		t.Error("the same source drew different responses")
	}
	if slices.Equal(a.Y, m.Simulate(rand.NewPCG(1, 3)).Y) {
		t.Error("different sources drew the same responses")
	}
}
