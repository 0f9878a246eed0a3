package glmm

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"waymark/stat/formula"
)

// madeDesign is a small made-up design of the given random part.
func madeDesign(rng *rand.Rand, family Family, n int, random ...formula.Group) *formula.Design {
	d := &formula.Design{Response: "y", Names: []string{"(Intercept)", "aB", "aC", "x"}}
	codes := make([]uint8, n)
	x := make([]float64, n)
	for i := range n {
		codes[i] = uint8(rng.IntN(3))
		x[i] = 3 + 2*rng.NormFloat64()
	}
	d.Fixed.Joints = []formula.Joint{{Coefs: []int{0, 1, 2}, Codes: codes, Cells: [][]float64{{1, 0, 0}, {1, 1, 0}, {1, 0, 1}}}}
	d.Fixed.Dense = []formula.Dense{{Coef: 3, Values: x}}
	d.Random = random
	d.Read, d.Used = n, n
	eta := make([]float64, n)
	for i := range n {
		eta[i] = -0.5 + []float64{0, 0.4, -0.6}[codes[i]] + 0.3*(x[i]-3)
	}
	for _, g := range random {
		for s := range g.Names {
			u := make([]float64, len(g.Levels))
			for l := range u {
				u[l] = 0.7 * rng.NormFloat64()
			}
			for i := range n {
				z := 1.0
				if g.Columns[s] != nil {
					z = g.Columns[s][i]
				}
				eta[i] += z * u[g.Codes[i]]
			}
		}
	}
	d.Y = make([]float64, n)
	for i := range n {
		switch family {
		case Binomial:
			if rng.Float64() < 1/(1+math.Exp(-eta[i])) {
				d.Y[i] = 1
			}
		case Poisson:
			d.Y[i] = poissonDraw(rng, math.Exp(eta[i]))
		case Gaussian:
			d.Y[i] = eta[i] + rng.NormFloat64()
		}
	}
	return d
}

func poissonDraw(rng *rand.Rand, mean float64) float64 {
	k, p, limit := 0.0, rng.Float64(), math.Exp(-mean)
	for p > limit && k < 1000 {
		k++
		p *= rng.Float64()
	}
	return k
}

func madeGroup(rng *rand.Rand, label string, n, levels int, columns ...[]float64) formula.Group {
	g := formula.Group{Label: label, Codes: make([]uint32, n)}
	for l := range levels {
		g.Levels = append(g.Levels, fmt.Sprint(label, l))
	}
	for i := range g.Codes {
		g.Codes[i] = uint32(rng.IntN(levels))
	}
	if columns == nil {
		columns = [][]float64{nil}
	}
	for s := range columns {
		g.Names = append(g.Names, fmt.Sprint("e", s))
	}
	g.Columns = columns
	return g
}

// within makes a group of which the given group is nested: level l of inner lies in level l % levels.
func within(inner formula.Group, label string, levels int, columns ...[]float64) formula.Group {
	g := formula.Group{Label: label, Codes: make([]uint32, len(inner.Codes)), Columns: columns}
	for l := range levels {
		g.Levels = append(g.Levels, fmt.Sprint(label, l))
	}
	if columns == nil {
		g.Columns = [][]float64{nil}
	}
	for s := range g.Columns {
		g.Names = append(g.Names, fmt.Sprint("e", s))
	}
	for i, c := range inner.Codes {
		g.Codes[i] = c % uint32(levels)
	}
	return g
}

// structures are random parts of every shape.
func structures(rng *rand.Rand, n int) map[string][]formula.Group {
	x, bin := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], bin[i] = rng.NormFloat64(), float64(rng.IntN(2))
	}
	inner := madeGroup(rng, "i", n, 24)
	innerSlope := madeGroup(rng, "i", n, 24, nil, x)
	g := madeGroup(rng, "g", n, 12)
	separate := g
	separate.Columns, separate.Names = [][]float64{bin}, []string{"bin"}
	mid := within(inner, "m", 8)
	return map[string][]formula.Group{
		"intercept":     {g},
		"crossed":       {g, madeGroup(rng, "k", n, 7)},
		"slope":         {madeGroup(rng, "g", n, 12, nil, x)},
		"binary slope":  {madeGroup(rng, "g", n, 12, nil, bin), madeGroup(rng, "k", n, 5)},
		"separate":      {g, separate},
		"nested":        {inner, within(inner, "o", 6)},
		"nested slopes": {innerSlope, within(innerSlope, "o", 6, nil, bin), madeGroup(rng, "k", n, 5)},
		"three nested":  {inner, mid, within(mid, "o", 4), madeGroup(rng, "k", n, 5, nil, x)},
	}
}

func TestLaplaceDerivatives(t *testing.T) {
	for _, family := range []Family{Binomial, Poisson} {
		const n = 300
		made := structures(rand.New(rand.NewPCG(1, 2)), n)
		for _, name := range slices.Sorted(maps.Keys(made)) {
			t.Run(family.String()+" "+name, func(t *testing.T) {
				rng, groups := rand.New(rand.NewPCG(3, 4)), made[name]
				d := madeDesign(rng, family, n, groups...)
				p, issues := newProblem(d, Options{Family: family})
				if p == nil {
					t.Fatal(issues)
				}
				st := newState(p)
				st.tolerance = 1e-24
				phi := make([]float64, p.p+len(st.free))
				for i := range phi {
					phi[i] = 0.3 * rng.NormFloat64()
				}
				ct := newCellTerms(st)
				at := func(phi []float64) (float64, []float64) {
					st.set(phi[:p.p], phi[p.p:])
					return st.evaluate(ct)
				}
				_, gradient := at(phi)
				hessian := st.hessian(ct)
				const h = 1e-4
				for k := range phi {
					old := phi[k]
					phi[k] = old + h
					up, gradientUp := at(phi)
					phi[k] = old - h
					down, gradientDown := at(phi)
					phi[k] = old
					if diff := (up - down) / (2 * h); math.Abs(diff-gradient[k]) > 3e-5*(1+math.Abs(diff)) {
						t.Errorf("gradient %d: %.8g, differences give %.8g", k, gradient[k], diff)
					}
					for j := range phi {
						diff := (gradientUp[j] - gradientDown[j]) / (2 * h)
						if got := hessian[j*len(phi)+k]; math.Abs(diff-got) > 3e-5*(1+math.Abs(diff)) {
							t.Errorf("hessian %d %d: %.8g, differences give %.8g", j, k, got, diff)
						}
					}
				}
			})
		}
	}
}
