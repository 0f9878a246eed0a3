package glmm

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestIntegralDerivatives(t *testing.T) {
	for _, family := range []Family{Binomial, Poisson} {
		rng := rand.New(rand.NewPCG(5, 6))
		const n = 200
		groups := structures(rng, n)
		for name, make := range map[string]func(*state) criterion{
			"nested":    newNestedCriterion,
			"intercept": newExactCriterion,
			"points":    func(st *state) criterion { return newHermiteCriterion(st, 5) },
		} {
			t.Run(family.String()+" "+name, func(t *testing.T) {
				key := name
				if name == "points" {
					key = "intercept"
				}
				d := madeDesign(rand.New(rand.NewPCG(7, 8)), family, n, groups[key]...)
				p, issues := newProblem(d, Options{Family: family})
				if p == nil {
					t.Fatal(issues)
				}
				crit := make(newState(p))
				for _, x := range [][]float64{{0.2, 0.1, -0.3, 0.2, 0.7, 0.4}, {0.1, 0.2, 0.1, 0.1, -1.5, 0.02}, {0.1, 0.2, 0.1, 0.1, 0.01, -0.9}} {
					x = x[:p.p+len(p.factors)]
					_, gradient := crit.evaluate(x)
					for k := range x {
						const h = 1e-4
						old := x[k]
						x[k] = old + h
						up, _ := crit.evaluate(x)
						x[k] = old - h
						down, _ := crit.evaluate(x)
						x[k] = old
						if diff := (up - down) / (2 * h); math.Abs(diff-gradient[k]) > 2e-5*(1+math.Abs(diff)) {
							t.Errorf("at %v gradient %d: %.8g, differences give %.8g", x, k, gradient[k], diff)
						}
					}
					if h := crit.hessian(x); h != nil {
						want := differences(crit.evaluate, x)
						for k := range h {
							if math.Abs(h[k]-want[k]) > 1e-4*(1+math.Abs(want[k])) {
								t.Errorf("at %v hessian %d: %.8g, differences give %.8g", x, k, h[k], want[k])
							}
						}
					}
				}
			})
		}
	}
}
