package glmm_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"waymark/stat/formula"
	"waymark/stat/glmm"
)

// tableOf simulates a small table: a factor, a number, two crossed groupings, one nested in the first, and responses.
type tableOf struct {
	x                                []float64
	f, g, k, inner                   []string
	binary, count, continuous, units []float64
}

func drawTable(seed uint64, n int) *tableOf {
	rng := rand.New(rand.NewPCG(seed, 1))
	t := &tableOf{}
	u := make([]float64, 40)
	for i := range u {
		u[i] = 0.8 * rng.NormFloat64()
	}
	for range n {
		x, f, inner, k := math.Round(100*rng.NormFloat64())/100, rng.IntN(3), rng.IntN(20), rng.IntN(6)
		eta := -0.4 + 0.4*x + 0.5*float64(f) + u[inner%5] + 0.5*u[8+inner] + 0.5*u[30+k] + 0.4*x*u[inner%5+2]
		t.x = append(t.x, x)
		t.f = append(t.f, string(rune('a'+f)))
		t.g = append(t.g, string(rune('A'+inner%5)))
		t.inner = append(t.inner, string(rune('a'+inner)))
		t.k = append(t.k, string(rune('P'+k)))
		y := 0.0
		if rng.Float64() < 1/(1+math.Exp(-eta)) {
			y = 1
		}
		t.binary = append(t.binary, y)
		t.count = append(t.count, math.Floor(math.Exp(0.5*eta)+rng.Float64()))
		t.continuous = append(t.continuous, eta+rng.NormFloat64())
		t.units = append(t.units, float64(1+rng.IntN(3)))
	}
	return t
}

// frame gives the rows in an order, x measured as a*x + b.
func (s *tableOf) frame(t testing.TB, order []int, a, b float64) *formula.Frame {
	frame := formula.NewFrame()
	numbers := func(name string, v []float64, a, b float64) {
		out := make([]float64, len(order))
		for i, k := range order {
			out[i] = a*v[k] + b
		}
		if err := frame.AddNumbers(name, out...); err != nil {
			t.Fatal(err)
		}
	}
	texts := func(name string, v []string) {
		out := make([]string, len(order))
		for i, k := range order {
			out[i] = v[k]
		}
		if err := frame.AddTexts(name, out...); err != nil {
			t.Fatal(err)
		}
	}
	numbers("x", s.x, a, b)
	numbers("binary", s.binary, 1, 0)
	numbers("count", s.count, 1, 0)
	numbers("continuous", s.continuous, 1, 0)
	numbers("units", s.units, 1, 0)
	texts("f", s.f)
	texts("g", s.g)
	texts("k", s.k)
	texts("inner", s.inner)
	return frame
}

func inOrder(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func fitFormula(t testing.TB, frame *formula.Frame, text string, bo formula.Options, opt glmm.Options) *glmm.Model {
	f, err := formula.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Build(f, frame, bo)
	if err != nil {
		t.Fatal(err)
	}
	m, err := glmm.Fit(d, opt)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var shapesOfModels = []struct {
	name, formula string
	response      formula.Response
	options       glmm.Options
}{
	{"laplace crossed", "binary ~ x + f + (1|inner) + (1|k)", formula.Binary, glmm.Options{}},
	{"laplace slope", "binary ~ x + f + (1+x|g)", formula.Binary, glmm.Options{}},
	{"exact", "binary ~ x + f + (1|g)", formula.Binary, glmm.Options{}},
	{"exact nested", "binary ~ x + f + (1|g/inner)", formula.Binary, glmm.Options{}},
	{"seven points", "binary ~ x + f + (1|g)", formula.Binary, glmm.Options{Method: glmm.Quadrature, Points: 7}},
	{"fast", "binary ~ x + f + (1|g) + (1|k)", formula.Binary, glmm.Options{Method: glmm.Fast}},
	{"poisson", "count ~ x + f + (1|g) + (1|k)", formula.Count, glmm.Options{Family: glmm.Poisson}},
	{"gaussian", "continuous ~ x + f + (1+x|g) + (1|k)", formula.Continuous, glmm.Options{Family: glmm.Gaussian}},
}

// numbersOf are the numbers that must not depend on the order of rows.
func numbersOf(m *glmm.Model) []float64 {
	out := append([]float64{m.LogLik, m.ResidualSD}, m.Coef()...)
	out = append(out, m.SE()...)
	out = append(out, m.Theta...)
	for _, r := range m.Random {
		for _, u := range r.Modes {
			out = append(out, u...)
		}
	}
	return out
}

// TestRowOrder: the same rows in another order, and other numbers of goroutines, give the same result to the last bit.
func TestRowOrder(t *testing.T) {
	s := drawTable(11, 260)
	for _, shape := range shapesOfModels {
		t.Run(shape.name, func(t *testing.T) {
			order := inOrder(len(s.x))
			bo := formula.Options{Response: shape.response}
			first := numbersOf(fitFormula(t, s.frame(t, order, 1, 0), shape.formula, bo, shape.options))
			rand.New(rand.NewPCG(3, 4)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			opt := shape.options
			opt.Threads = 3
			again := numbersOf(fitFormula(t, s.frame(t, order, 1, 0), shape.formula, bo, opt))
			if !slices.Equal(first, again) {
				t.Errorf("results differ:\n%v\n%v", first, again)
			}
		})
	}
}

// TestThreads: enough rows for several ranges of cells.
func TestThreads(t *testing.T) {
	d := surveyDesign(t, 60000)
	one, err := glmm.Fit(d, glmm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := glmm.Fit(d, glmm.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(numbersOf(one), numbersOf(two)) {
		t.Error("results differ with the number of goroutines")
	}
}

// TestEquivariance: measuring x in other units changes its coefficient and slope and nothing else.
func TestEquivariance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64Range(0, 1000).Draw(rt, "seed")
		a := rapid.SampledFrom([]float64{0.01, 0.3, 7, -2, 1000}).Draw(rt, "a")
		shape := rapid.SampledFrom(shapesOfModels).Draw(rt, "shape")
		b := 0.0
		if shape.formula[len(shape.formula)-3] != 'x' && shape.name != "laplace slope" && shape.name != "gaussian" {
			b = rapid.SampledFrom([]float64{0, 10, -3}).Draw(rt, "b")
		}
		s := drawTable(seed, 120)
		order := inOrder(len(s.x))
		bo := formula.Options{Response: shape.response}
		one := fitFormula(t, s.frame(t, order, 1, 0), shape.formula, bo, shape.options)
		two := fitFormula(t, s.frame(t, order, a, b*a), shape.formula, bo, shape.options)
		if !one.Converged() || !two.Converged() {
			rt.Skip("the draw has no maximum")
		}
		k := slices.Index(one.Names, "x")
		se := one.SE()
		check := func(what string, got, want, tolerance float64) {
			if !(math.Abs(got-want) <= tolerance) {
				rt.Errorf("%s %s: %.10g, want %.10g", shape.name, what, got, want)
			}
		}
		logLik := two.LogLik
		if shape.name == "gaussian" { // REML has the determinant of X'X in it
			logLik += math.Log(math.Abs(a))
		}
		check("log-likelihood", logLik, one.LogLik, 1e-6)
		for j := range one.Names {
			want, allowed := one.Coef()[j], 1e-4*se[j]
			switch {
			case j == k:
				want, allowed = want/a, allowed/math.Abs(a)
			case j == 0:
				want -= b * one.Coef()[k]
				allowed *= 1 + math.Abs(b)
			}
			check(one.Names[j], two.Coef()[j], want, allowed)
		}
	})
}

// TestWeightsRepeatRows: a frequency weight is so many equal rows.
func TestWeightsRepeatRows(t *testing.T) {
	s := drawTable(5, 150)
	var repeated []int
	for i, w := range s.units {
		for range int(w) {
			repeated = append(repeated, i)
		}
	}
	for _, shape := range shapesOfModels {
		t.Run(shape.name, func(t *testing.T) {
			bo := formula.Options{Response: shape.response, Weights: "units"}
			weighted := fitFormula(t, s.frame(t, inOrder(len(s.x)), 1, 0), shape.formula, bo, shape.options)
			bo.Weights = ""
			plain := fitFormula(t, s.frame(t, repeated, 1, 0), shape.formula, bo, shape.options)
			near(t, "log-likelihood", weighted.LogLik, plain.LogLik, 1e-7)
			near(t, "BIC", weighted.BIC, plain.BIC, 1e-6)
			for k, name := range plain.Names {
				near(t, name, weighted.Coef()[k], plain.Coef()[k], 1e-5)
				near(t, "standard error of "+name, weighted.SE()[k], plain.SE()[k], 1e-5)
			}
		})
	}
}

// TestExactIsLimitOfPoints: many Gauss-Hermite points come to the integral.
func TestExactIsLimitOfPoints(t *testing.T) {
	s := drawTable(2, 200)
	frame := s.frame(t, inOrder(len(s.x)), 1, 0)
	for _, text := range []string{"binary ~ x + f + (1|g)", "binary ~ x + (0+x|g)"} {
		exact := fitFormula(t, frame, text, formula.Options{}, glmm.Options{})
		points := fitFormula(t, frame, text, formula.Options{}, glmm.Options{Method: glmm.Quadrature, Points: 60})
		if !exact.Exact || !exact.Said(glmm.CodeExact) {
			t.Fatalf("%s is not exact: %v", text, exact.Verdicts)
		}
		near(t, "log-likelihood", points.LogLik, exact.LogLik, 1e-7)
		near(t, "sd", points.Random[0].SD[0], exact.Random[0].SD[0], 1e-5)
	}
}

// TestWithoutIntercept: fixed parts without an intercept, and with nothing at all.
func TestWithoutIntercept(t *testing.T) {
	s := drawTable(4, 200)
	frame := s.frame(t, inOrder(len(s.x)), 1, 0)
	with := fitFormula(t, frame, "binary ~ f + (1|k)", formula.Options{}, glmm.Options{})
	without := fitFormula(t, frame, "binary ~ 0 + f + (1|k)", formula.Options{}, glmm.Options{})
	near(t, "log-likelihood", without.LogLik, with.LogLik, 1e-8)
	near(t, "sum of intercept and level", without.Coef()[1], with.Coef()[0]+with.Coef()[1], 1e-5)
	for _, text := range []string{"binary ~ 0 + x + (1|k)", "binary ~ 0 + (1|k)", "binary ~ 0 + x + (1|k) + (1|g)", "binary ~ 0 + (1|k) + (1|g)"} {
		for _, method := range []glmm.Method{glmm.Auto, glmm.Laplace, glmm.Fast} {
			m := fitFormula(t, frame, text, formula.Options{}, glmm.Options{Method: method})
			if !m.Converged() || m.LogLik > 0 {
				t.Errorf("%s by %s: %v", text, method, m.Verdicts)
			}
		}
	}
	m := fitFormula(t, frame, "continuous ~ 0 + x + (1|k)", formula.Options{Response: formula.Continuous}, glmm.Options{Family: glmm.Gaussian})
	if !m.Converged() {
		t.Errorf("gaussian: %v", m.Verdicts)
	}
}

// TestStart: a search begun at its end stays there.
func TestStart(t *testing.T) {
	s := drawTable(4, 200)
	frame := s.frame(t, inOrder(len(s.x)), 1, 0)
	for _, shape := range shapesOfModels {
		bo := formula.Options{Response: shape.response}
		first := fitFormula(t, frame, shape.formula, bo, shape.options)
		opt := shape.options
		opt.Start = &glmm.Start{Coef: first.Coef(), Theta: first.Theta}
		again := fitFormula(t, frame, shape.formula, bo, opt)
		near(t, shape.name+" log-likelihood", again.LogLik, first.LogLik, 1e-8)
		if again.Convergence.Evaluations > first.Convergence.Evaluations {
			t.Errorf("%s: %d evaluations from the end, %d from the usual start", shape.name, again.Convergence.Evaluations, first.Convergence.Evaluations)
		}
	}
}
