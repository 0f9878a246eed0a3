package effect_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"waymark/stat/effect"
	"waymark/stat/formula"
)

// interviews makes a model of six factors and one grouping factor on n rows, with estimates made up.
func interviews(b *testing.B, n int) (*given, *effect.Sample) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	frame := formula.NewFrame()
	y := make([]float64, n)
	for i := range y {
		y[i] = float64(r.IntN(2))
	}
	if err := frame.AddNumbers("y", y...); err != nil {
		b.Fatal(err)
	}
	text := "y ~ (1 | g)"
	add := func(name string, levels int) {
		codes, names := make([]uint8, n), make([]string, levels)
		for k := range names {
			names[k] = fmt.Sprintf("%s%02d", name, k)
		}
		for i := range codes {
			codes[i] = uint8(r.IntN(levels))
		}
		if err := frame.AddCodes(name, names, codes); err != nil {
			b.Fatal(err)
		}
	}
	add("g", 40)
	for k, levels := range []int{2, 2, 5, 5, 3, 4} {
		name := string(rune('a' + k))
		add(name, levels)
		text += " + " + name
	}
	parsed, err := formula.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	d, err := formula.Build(parsed, frame, formula.Options{})
	if err != nil {
		b.Fatal(err)
	}
	m := &given{design: d, cov: mat.NewSymDense(len(d.Names), nil)}
	for k := range d.Names {
		m.coef = append(m.coef, 0.3*r.NormFloat64())
		m.cov.SetSym(k, k, 0.01)
	}
	m.random = []effect.Random{{Label: "g", Names: []string{"(Intercept)"}, Factor: [][]float64{{0.8}}}}
	s, err := effect.NewSample(d, frame)
	if err != nil {
		b.Fatal(err)
	}
	return m, s
}

func BenchmarkMarginals(b *testing.B) {
	for _, n := range []int{16_500, 1_000_000} {
		m, s := interviews(b, n)
		for scope := effect.Typical; scope <= effect.Population; scope++ {
			b.Run(fmt.Sprintf("%s/%d", scope, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := effect.Marginals(m, s, effect.MarginalOptions{Scope: scope}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkAUC(b *testing.B) {
	for _, n := range []int{16_500, 1_000_000} {
		m, _ := interviews(b, n)
		r := effect.Result{Probability: effect.Fitted(m, m.design), Successes: m.design.Y}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := r.AUC(0.95); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
