package glm_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"waymark/stat/formula"
	"waymark/stat/glm"
)

// survey is columns drawn by a property test, kept as slices so that they can be changed and framed again.
type survey struct {
	y, x, w []float64
	a, b    []string
}

func drawSurvey(t *rapid.T) survey {
	n := rapid.IntRange(40, 120).Draw(t, "rows")
	s := survey{}
	for range n {
		s.y = append(s.y, float64(rapid.IntRange(0, 1).Draw(t, "y")))
		s.x = append(s.x, float64(rapid.IntRange(-40, 40).Draw(t, "x"))/8)
		s.w = append(s.w, float64(rapid.IntRange(0, 3).Draw(t, "w")))
		s.a = append(s.a, rapid.SampledFrom([]string{"p", "q", "r"}).Draw(t, "a"))
		s.b = append(s.b, rapid.SampledFrom([]string{"m", "n"}).Draw(t, "b"))
	}
	return s
}

func (s survey) frame(t testing.TB) *formula.Frame {
	f := formula.NewFrame()
	for _, err := range []error{
		f.AddNumbers("y", s.y...), f.AddNumbers("x", s.x...), f.AddNumbers("w", s.w...),
		f.AddTexts("a", s.a...), f.AddTexts("b", s.b...),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (s survey) rows(order []int) survey {
	out := survey{}
	for _, i := range order {
		out.y, out.x, out.w = append(out.y, s.y[i]), append(out.x, s.x[i]), append(out.w, s.w[i])
		out.a, out.b = append(out.a, s.a[i]), append(out.b, s.b[i])
	}
	return out
}

func (s survey) usable() bool {
	return slices.Contains(s.y, 0) && slices.Contains(s.y, 1) && len(distinct(s.a)) == 3 && len(distinct(s.b)) == 2
}

func distinct(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}

const everything = "y ~ a * b + x + I(x^2)"

func fitSurvey(t testing.TB, s survey, text string, opt formula.Options, how glm.Options) *glm.Model {
	opt.Response = responses[how.Family]
	m, err := glm.Fit(design(t, text, s.frame(t), opt), how)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var ways = []glm.Options{
	{}, {Link: glm.Probit}, {Link: glm.Cloglog}, {Estimator: glm.Firth}, {Family: glm.Poisson}, {Family: glm.Gaussian},
}

// TestRowOrder asks for the same bits whatever the order of rows.
func TestRowOrder(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		if !s.usable() {
			return
		}
		order := rapid.Permutation(indices(len(s.y))).Draw(t, "order")
		how := rapid.SampledFrom(ways).Draw(t, "how")
		weights := rapid.SampledFrom([]string{"", "w"}).Draw(t, "weights")
		a := fitSurvey(outer, s, everything, formula.Options{Weights: weights}, how)
		b := fitSurvey(outer, s.rows(order), everything, formula.Options{Weights: weights}, how)
		for j := range a.Coef {
			if math.Float64bits(a.Coef[j]) != math.Float64bits(b.Coef[j]) || math.Float64bits(a.SE[j]) != math.Float64bits(b.SE[j]) {
				t.Fatalf("%s: %v (%v) and %v (%v)", a.Names[j], a.Coef[j], a.SE[j], b.Coef[j], b.SE[j])
			}
		}
		if a.LogLik != b.LogLik || a.Deviance != b.Deviance || a.NullDeviance != b.NullDeviance {
			t.Fatal(a.LogLik, b.LogLik, a.Deviance, b.Deviance)
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestFrequencyWeightsAreRepeatedRows writes every row out as often as its weight says.
func TestFrequencyWeightsAreRepeatedRows(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		var order []int
		for i, w := range s.w {
			for range int(w) {
				order = append(order, i)
			}
		}
		long := s.rows(order)
		if !s.usable() || !long.usable() {
			return
		}
		how := rapid.SampledFrom(ways).Draw(t, "how")
		a := fitSurvey(outer, s, "y ~ a + x", formula.Options{Weights: "w"}, how)
		b := fitSurvey(outer, long, "y ~ a + x", formula.Options{}, how)
		if !a.Converged || !b.Converged {
			if a.Converged != b.Converged {
				t.Fatal(a.Verdicts, b.Verdicts)
			}
			return
		}
		near(t, "coefficient", a.Coef, b.Coef)
		near(t, "standard error", a.SE, b.SE)
		near(t, "likelihoods", []float64{a.LogLik, a.NullLogLik, a.Deviance, a.BIC, a.N}, []float64{b.LogLik, b.NullLogLik, b.Deviance, b.BIC, b.N})
		for _, kind := range []glm.RobustKind{glm.HC0, glm.HC1, glm.HC3} {
			va, err := a.Robust(kind, nil)
			if err != nil {
				t.Fatal(err)
			}
			vb, err := b.Robust(kind, nil)
			if err != nil {
				t.Fatal(err)
			}
			near(t, kind.String(), va.SE, vb.SE)
		}
	})
}

func near(t *rapid.T, what string, a, b []float64) {
	for i := range a {
		if math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		if !(math.Abs(a[i]-b[i]) <= 1e-7*max(1, math.Abs(b[i]))) {
			t.Fatalf("%s %d: %v and %v", what, i, a[i], b[i])
		}
	}
}

// TestScaling shifts and stretches the number: its coefficient answers, all else stays.
func TestScaling(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		if !s.usable() {
			return
		}
		how := rapid.SampledFrom(ways).Draw(t, "how")
		shift := float64(rapid.IntRange(-2000, 2000).Draw(t, "shift"))
		stretch := math.Pow(10, float64(rapid.IntRange(-6, 6).Draw(t, "stretch")))
		moved := s
		moved.x = slices.Clone(s.x)
		for i := range moved.x {
			moved.x[i] = moved.x[i]*stretch + shift*stretch
		}
		a := fitSurvey(outer, s, "y ~ x + a", formula.Options{}, how)
		b := fitSurvey(outer, moved, "y ~ x + a", formula.Options{}, how)
		if !a.Converged || !b.Converged {
			if a.Converged != b.Converged {
				t.Fatal(a.Verdicts, b.Verdicts)
			}
			return
		}
		near(t, "slope", []float64{a.Coef[1], a.SE[1]}, []float64{b.Coef[1] * stretch, b.SE[1] * stretch})
		near(t, "factor", a.Coef[2:], b.Coef[2:])
		near(t, "intercept", a.Coef[:1], []float64{b.Coef[0] + b.Coef[1]*shift*stretch})
		near(t, "likelihood", []float64{a.LogLik}, []float64{b.LogLik})
	})
}

// TestRelabelling changes the reference level: the likelihood and the fitted means stay.
func TestRelabelling(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		if !s.usable() {
			return
		}
		how := rapid.SampledFrom(ways).Draw(t, "how")
		order := rapid.Permutation([]string{"p", "q", "r"}).Draw(t, "levels")
		a := fitSurvey(outer, s, "y ~ a * x + b", formula.Options{}, how)
		b := fitSurvey(outer, s, "y ~ a * x + b", formula.Options{Levels: map[string][]string{"a": order}}, how)
		if !a.Converged || !b.Converged {
			if a.Converged != b.Converged {
				t.Fatal(a.Verdicts, b.Verdicts)
			}
			return
		}
		near(t, "likelihood", []float64{a.LogLik}, []float64{b.LogLik})
		near(t, "means", a.Mean(a.Design), b.Mean(b.Design))
	})
}

// TestJointSizes fits the same model with joint factors of every size.
func TestJointSizes(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		if !s.usable() {
			return
		}
		how := rapid.SampledFrom(ways).Draw(t, "how")
		a := fitSurvey(outer, s, everything, formula.Options{}, how)
		b := fitSurvey(outer, s, everything, formula.Options{Cells: rapid.IntRange(2, 7).Draw(t, "cells")}, how)
		if a.Converged && b.Converged {
			near(t, "coefficient", a.Coef, b.Coef)
			near(t, "standard error", a.SE, b.SE)
		} else if a.Converged != b.Converged {
			t.Fatal(a.Verdicts, b.Verdicts)
		}
	})
}

// TestSeparationAgainstBruteForce draws small tables of two factors, for which separation can be found by
// trying: the likelihood at coefficients driven far out along every direction of a grid.
func TestSeparationAgainstBruteForce(t *testing.T) {
	outer := t
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(6, 14).Draw(t, "rows")
		s := survey{}
		for range n {
			s.y = append(s.y, float64(rapid.IntRange(0, 1).Draw(t, "y")))
			s.x = append(s.x, float64(rapid.IntRange(0, 3).Draw(t, "x")))
			s.w = append(s.w, 1)
			s.a = append(s.a, rapid.SampledFrom([]string{"p", "q", "r"}).Draw(t, "a"))
			s.b = append(s.b, "m")
		}
		if !slices.Contains(s.y, 0) || !slices.Contains(s.y, 1) || len(distinct(s.a)) != 3 {
			return
		}
		m := fitSurvey(outer, s, "y ~ a + x", formula.Options{}, glm.Options{Link: rapid.SampledFrom([]glm.Link{glm.Logit, glm.Probit, glm.Cloglog}).Draw(t, "link")})
		told := slices.ContainsFunc(m.Verdicts, func(v glm.Verdict) bool { return v.Code == glm.CodeSeparation })
		if told == m.Converged {
			t.Fatalf("neither or both: %v", m.Verdicts)
		}
		if told != separatedByTrial(s) {
			t.Fatalf("told %v, by trial %v: %v %v %v", told, !told, s.y, s.a, s.x)
		}
		if told {
			found++
		}
	})
	if found == 0 {
		t.Error("no separated table was drawn")
	}
}

// separatedByTrial tries all small whole directions (intercept, q, r, x): for one number of four values and
// three groups an extreme direction has such coefficients.
func separatedByTrial(s survey) bool {
	for a := -6; a <= 6; a++ {
		for q := -6; q <= 6; q++ {
			for r := -6; r <= 6; r++ {
				for x := -2; x <= 2; x++ {
					ok, some := true, false
					for i, y := range s.y {
						v := float64(a) + float64(x)*s.x[i]
						switch s.a[i] {
						case "q":
							v += float64(q)
						case "r":
							v += float64(r)
						}
						v *= 2*y - 1
						ok, some = ok && v >= 0, some || v > 0
					}
					if ok && some {
						return true
					}
				}
			}
		}
	}
	return false
}

// TestGaussianProfileIsWald: the log-likelihood of a gaussian model is a parabola.
func TestGaussianProfileIsWald(t *testing.T) {
	cols := readFrame(t, "testdata/small.csv")
	m, err := glm.Fit(design(t, "paid ~ age + route * sex", cols, formula.Options{Response: formula.Continuous}), glm.Options{Family: glm.Gaussian})
	if err != nil {
		t.Fatal(err)
	}
	for j, w := range m.Wald(0.9) {
		p := m.Profile(j, 0.9)
		closeTo(t, "low", p.Low, w.Low, 1e-9)
		closeTo(t, "high", p.High, w.High, 1e-9)
	}
}

// TestNothingPanics fits what no one should fit: constant and empty columns, enormous and tiny numbers,
// weights of zero, fewer rows than coefficients. A fit ends with a verdict on its convergence, or an issue.
func TestNothingPanics(t *testing.T) {
	outer := t
	values := []float64{0, 1, 1, 2, -1, 1e300, -1e300, 1e-300, 1e15, 0.5, 3}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "rows")
		draw := func(name string, from []float64) []float64 {
			out := make([]float64, n)
			for i := range out {
				out[i] = rapid.SampledFrom(from).Draw(t, name)
			}
			return out
		}
		s := survey{x: draw("x", values), w: draw("w", []float64{0, 1, 2, 1e-300, 1e300})}
		how := rapid.SampledFrom(ways).Draw(t, "how")
		switch how.Family {
		case glm.Binomial:
			s.y = draw("y", []float64{0, 1})
		case glm.Poisson:
			s.y = draw("y", []float64{0, 1, 1e15})
		default:
			s.y = draw("y", values)
		}
		for range n {
			s.a = append(s.a, rapid.SampledFrom([]string{"p", "q"}).Draw(t, "a"))
			s.b = append(s.b, rapid.SampledFrom([]string{"m", "n"}).Draw(t, "b"))
		}
		text := rapid.SampledFrom([]string{"y ~ x", "y ~ 0 + x", "y ~ a * x", "y ~ a:b:x + offset(x)", "y ~ x + I(x * 2) + I(x^2)", "y ~ 1"}).Draw(t, "formula")
		f, err := formula.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		d, err := formula.Build(f, s.frame(outer), formula.Options{Response: responses[how.Family], Cluster: "b",
			Weights: rapid.SampledFrom([]string{"", "w"}).Draw(t, "weights")})
		if err != nil {
			return
		}
		m, err := glm.Fit(d, how)
		if err != nil {
			return
		}
		told := slices.ContainsFunc(m.Verdicts, func(v glm.Verdict) bool {
			return slices.Contains([]string{"glm.converged", "glm.not-converged", "glm.separation", "glm.uncertain"}, string(v.Code))
		})
		if !told || m.Converged && math.IsNaN(m.LogLik) {
			t.Fatalf("log-likelihood %v, verdicts %v", m.LogLik, m.Verdicts)
		}
		m.Profile(0, 0.95)
		m.FLIC()
		m.Predict(d)
		for _, kind := range []glm.RobustKind{glm.HC3, glm.CR1, glm.CR2} {
			_, _ = m.Robust(kind, nil)
		}
	})
}
