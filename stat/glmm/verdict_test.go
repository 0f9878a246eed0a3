package glmm_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"waymark/fault"
	"waymark/stat/formula"
	"waymark/stat/glmm"
)

func numbersFrame(t *testing.T, columns map[string][]float64, groups ...string) *formula.Frame {
	t.Helper()
	frame := formula.NewFrame()
	for _, name := range []string{"y", "x", "x2", "w", "n"} {
		if v := columns[name]; v != nil {
			if err := frame.AddNumbers(name, v...); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := frame.AddTexts("g", groups...); err != nil {
		t.Fatal(err)
	}
	return frame
}

// column draws n values.
func column(n int, draw func(i int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = draw(i)
	}
	return out
}

func labels(n, levels int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = string(rune('A' + i%levels))
	}
	return out
}

func TestVerdicts(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	const n = 200
	x := column(n, func(int) float64 { return rng.NormFloat64() })
	coin := column(n, func(int) float64 { return float64(rng.IntN(2)) })
	balanced := column(n, func(i int) float64 { return float64(i / 10 % 2) }) // every group alike
	twice := column(n, func(i int) float64 { return 2*x[i] - 1 })
	split := column(n, func(i int) float64 {
		if x[i] > 0 {
			return 1
		}
		return 0
	})
	cases := []struct {
		name, formula string
		y             []float64
		options       glmm.Options
		want          fault.Code
		converged     bool
	}{
		{"singular", "y ~ x + (1|g)", balanced, glmm.Options{Method: glmm.Laplace}, glmm.CodeSingular, true},
		{"singular exact", "y ~ x + (1|g)", balanced, glmm.Options{}, glmm.CodeSingular, true},
		{"aliased", "y ~ x + x2 + (1|g)", coin, glmm.Options{}, glmm.CodeAliased, true},
		{"separated", "y ~ x + (1|g)", split, glmm.Options{Method: glmm.Laplace}, glmm.CodeSeparation, false},
		{"separated exact", "y ~ x + (1|g)", split, glmm.Options{}, glmm.CodeSeparation, false},
		{"separated fast", "y ~ x + (1|g)", split, glmm.Options{Method: glmm.Fast}, glmm.CodeSeparation, false},
		{"limit", "y ~ x + (1|g)", coin, glmm.Options{Method: glmm.Laplace, MaxIterations: 1, Errors: glmm.NoErrors}, glmm.CodeIterations, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			frame := numbersFrame(t, map[string][]float64{"y": c.y, "x": x, "x2": twice}, labels(n, 10)...)
			m := fitFormula(t, frame, c.formula, formula.Options{}, c.options)
			if !m.Said(c.want) {
				t.Errorf("no verdict %s among %v", c.want, m.Verdicts)
			}
			if m.Converged() != c.converged {
				t.Errorf("converged %t, want %t: %v", m.Converged(), c.converged, m.Verdicts)
			}
		})
	}
}

// TestSingularIsPlain: without variance between groups the coefficients are those of a plain logistic regression.
func TestSingularIsPlain(t *testing.T) {
	const n = 200
	rng := rand.New(rand.NewPCG(1, 9))
	x := column(n, func(int) float64 { return float64(rng.IntN(3)) })
	y := column(n, func(i int) float64 { return float64(i / 10 % 2) })
	frame := numbersFrame(t, map[string][]float64{"y": y, "x": x}, labels(n, 10)...)
	for _, method := range []glmm.Method{glmm.Laplace, glmm.Quadrature, glmm.Fast} {
		m := fitFormula(t, frame, "y ~ 1 + (1|g)", formula.Options{}, glmm.Options{Method: method})
		near(t, "intercept", m.Coef()[0], 0, 1e-8)
		near(t, "standard error", m.SE()[0], 2/math.Sqrt(n), 1e-6)
		near(t, "log-likelihood", m.LogLik, n*math.Log(0.5), 1e-8)
		if m.Random[0].SD[0] < 0 || m.Random[0].SD[0] > 1e-3 {
			t.Errorf("sd %g", m.Random[0].SD[0])
		}
	}
}

func TestRefusals(t *testing.T) {
	n := 12
	y := column(n, func(i int) float64 { return float64(i % 2) })
	group := formula.Group{Label: "g", Levels: []string{"a", "b", "c"}, Codes: make([]uint32, n), Names: []string{"(Intercept)"}, Columns: [][]float64{nil}}
	for i := range group.Codes {
		group.Codes[i] = uint32(i % 3)
	}
	design := func(change func(d *formula.Design)) *formula.Design {
		d := &formula.Design{Response: "y", Names: []string{"(Intercept)"}, Y: y, Random: []formula.Group{group}, Read: n, Used: n}
		d.Fixed.Joints = []formula.Joint{{Coefs: []int{0}, Codes: make([]uint8, n), Cells: [][]float64{{1}}}}
		change(d)
		return d
	}
	cases := []struct {
		name    string
		change  func(d *formula.Design)
		options glmm.Options
		want    fault.Code
	}{
		{"no rows", func(d *formula.Design) { d.Y = nil }, glmm.Options{}, glmm.CodeNoRows},
		{"no random term", func(d *formula.Design) { d.Random = nil }, glmm.Options{}, glmm.CodeNoRandom},
		{"two of one trial", func(d *formula.Design) { d.Y = column(n, func(i int) float64 { return float64(i % 3) }) }, glmm.Options{}, glmm.CodeResponse},
		{"constant", func(d *formula.Design) { d.Y = make([]float64, n) }, glmm.Options{}, glmm.CodeConstant},
		{"negative count", func(d *formula.Design) { d.Y = column(n, func(i int) float64 { return float64(i%2) - 0.5 }) }, glmm.Options{Family: glmm.Poisson}, glmm.CodeResponse},
		{"bad weight", func(d *formula.Design) { d.Weights = column(n, func(i int) float64 { return math.NaN() }) }, glmm.Options{}, glmm.CodeWeights},
		{"bad trials", func(d *formula.Design) { d.Trials = column(n, func(i int) float64 { return -1 }) }, glmm.Options{}, glmm.CodeTrials},
		{"one level", func(d *formula.Design) {
			g := group
			g.Levels, g.Codes = g.Levels[:1], make([]uint32, n)
			d.Random = []formula.Group{g}
		}, glmm.Options{}, glmm.CodeOneLevel},
		{"points", func(*formula.Design) {}, glmm.Options{Method: glmm.Quadrature, Points: 1000}, glmm.CodePoints},
		{"not scalar", func(d *formula.Design) {
			g := group
			g.Names, g.Columns = []string{"(Intercept)", "z"}, [][]float64{nil, column(n, func(i int) float64 { return float64(i) })}
			d.Random = []formula.Group{g}
		}, glmm.Options{Method: glmm.Quadrature}, glmm.CodeNotScalar},
		{"more effects than rows", func(d *formula.Design) {
			g := group
			g.Levels, g.Codes = nil, nil
			for i := range n {
				g.Levels, g.Codes = append(g.Levels, string(rune('a'+i))), append(g.Codes, uint32(i))
			}
			d.Random = []formula.Group{g}
		}, glmm.Options{Family: glmm.Gaussian}, glmm.CodeManyEffects},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := glmm.Fit(design(c.change), c.options)
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("got %v", err)
			}
			for _, i := range fault.Of(err) {
				if i.Code == c.want {
					return
				}
			}
			t.Errorf("no %s in %v", c.want, err)
		})
	}
}
