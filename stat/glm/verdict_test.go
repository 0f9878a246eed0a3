package glm_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"waymark/fault"
	"waymark/stat/formula"
	"waymark/stat/glm"
)

func hasCode(err error, code string) bool {
	return slices.ContainsFunc(fault.Of(err), func(i fault.Issue) bool { return string(i.Code) == code })
}

func find(m *glm.Model, code fault.Code) (glm.Verdict, bool) {
	i := slices.IndexFunc(m.Verdicts, func(v glm.Verdict) bool { return v.Code == code })
	if i < 0 {
		return glm.Verdict{}, false
	}
	return m.Verdicts[i], true
}

func TestSeparationNamesTheTerm(t *testing.T) {
	yes, no := []float64{1, 1, 1, 1}, []float64{0, 0, 0, 0}
	cases := []struct {
		name, formula string
		y, x          []float64
		a             []string
		family        glm.Family
		terms         any // nil: a maximum exists
	}{
		{"overlap", "y ~ x", []float64{0, 1, 0, 1, 0, 1}, []float64{1, 2, 3, 4, 5, 6}, nil, glm.Binomial, nil},
		{"complete", "y ~ x", []float64{0, 0, 0, 1, 1, 1}, []float64{1, 2, 3, 4, 5, 6}, nil, glm.Binomial, "x"},
		{"touching", "y ~ x", []float64{0, 0, 0, 1, 1, 1}, []float64{1, 2, 3, 3, 5, 6}, nil, glm.Binomial, "x"},
		{"far apart scales", "y ~ x", []float64{0, 0, 0, 1, 1, 1}, []float64{-1e6, 2, 3, 3.001, 5, 1e6}, nil, glm.Binomial, "x"},
		{"one level all yes", "y ~ a + x", slices.Concat(yes, []float64{0, 1, 0, 1, 1, 0, 1, 0}), []float64{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3},
			[]string{"p", "p", "p", "p", "q", "q", "q", "q", "r", "r", "r", "r"}, glm.Binomial, "a"},
		{"reference all no", "y ~ a", slices.Concat(no, []float64{0, 1, 0, 1, 1, 0, 1, 0}), []float64{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3},
			[]string{"p", "p", "p", "p", "q", "q", "q", "q", "r", "r", "r", "r"}, glm.Binomial, "a"},
		{"counts all 0 in a level", "y ~ a", slices.Concat(no, []float64{3, 1, 0, 1, 1, 2, 1, 0}), []float64{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3},
			[]string{"p", "p", "p", "p", "q", "q", "q", "q", "r", "r", "r", "r"}, glm.Poisson, "a"},
		{"counts", "y ~ a", slices.Concat(yes, []float64{3, 1, 0, 1, 1, 2, 1, 0}), []float64{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3},
			[]string{"p", "p", "p", "p", "q", "q", "q", "q", "r", "r", "r", "r"}, glm.Poisson, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := formula.NewFrame()
			if err := f.AddNumbers("y", c.y...); err != nil {
				t.Fatal(err)
			}
			if err := f.AddNumbers("x", c.x...); err != nil {
				t.Fatal(err)
			}
			if c.a != nil {
				if err := f.AddTexts("a", c.a...); err != nil {
					t.Fatal(err)
				}
			}
			d := design(t, c.formula, f, formula.Options{Response: responses[c.family]})
			m, err := glm.Fit(d, glm.Options{Family: c.family})
			if err != nil {
				t.Fatal(err)
			}
			v, told := find(m, glm.CodeSeparation)
			if told != (c.terms != nil) || m.Converged == told || told && (v.Args["terms"] != c.terms || v.Severity != fault.Hard) {
				t.Errorf("have %v, want %v", m.Verdicts, c.terms)
			}
			if told {
				p := m.Profile(len(m.Coef)-1, 0.95)
				if !math.IsInf(p.Low, -1) || !math.IsInf(p.High, 1) {
					t.Error(p)
				}
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	cols := readFrame(t, "testdata/small.csv")
	fit := func(text string, opt glm.Options) *glm.Model {
		m, err := glm.Fit(design(t, text, cols, formula.Options{}), opt)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if _, ok := find(fit("hurt ~ age", glm.Options{}), glm.CodeConverged); !ok {
		t.Error("convergence not told")
	}
	if v, ok := find(fit("hurt ~ age + route", glm.Options{Iterations: 1}), glm.CodeNotConverged); !ok || v.Severity != fault.Hard {
		t.Error("one iteration not told")
	}
	m := fit("hurt ~ age + route", glm.Options{Estimator: glm.Firth, Iterations: 1})
	if _, ok := find(m, glm.CodeNotConverged); !ok || m.Converged {
		t.Error("one iteration of Firth not told", m.Verdicts)
	}
	if _, ok := find(m, glm.CodeFirth); !ok {
		t.Error("penalty not told")
	}
	if v, ok := find(fit("hurt ~ years + sex + age", glm.Options{}), glm.CodeAliased); !ok || v.Args["coefficients"] != "age" {
		t.Error("aliased column not told")
	}
	if v, ok := find(fit("hurt ~ route * sex * region", glm.Options{}), glm.CodeFewEvents); !ok || v.Severity != fault.Soft {
		t.Error("few events not told")
	}
}

func TestIssues(t *testing.T) {
	cols := readFrame(t, "testdata/small.csv")
	zero := make([]float64, cols.Rows())
	if err := cols.AddNumbers("zero", zero...); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		formula string
		options formula.Options
		glm     glm.Options
		code    fault.Code
	}{
		{"hurt ~ age", formula.Options{}, glm.Options{Link: glm.Log}, glm.CodeLink},
		{"hurt ~ age", formula.Options{}, glm.Options{Family: glm.Gaussian, Estimator: glm.Firth}, glm.CodeFirthFamily},
		{"hurt ~ age + (1 | region)", formula.Options{}, glm.Options{}, glm.CodeRandomTerms},
		{"cbind(some, rest) ~ age", formula.Options{}, glm.Options{Family: glm.Poisson}, glm.CodeTrialsFamily},
		{"hurt ~ age", formula.Options{Weights: "zero"}, glm.Options{}, glm.CodeNoWeight},
		{"hurt ~ 0 + offset(age)", formula.Options{}, glm.Options{}, glm.CodeNoCoefficients},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.code), func(t *testing.T) {
			f, err := formula.Parse(c.formula)
			if err != nil {
				t.Fatal(err)
			}
			d, err := formula.Build(f, cols, c.options)
			if c.code == glm.CodeNoCoefficients { // which Build refuses already
				d, err = &formula.Design{}, nil
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := glm.Fit(d, c.glm); !hasCode(err, string(c.code)) {
				t.Errorf("have %v, want %s", err, c.code)
			}
		})
	}
	m, err := glm.Fit(design(t, "hurt ~ age", cols, formula.Options{}), glm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Robust(glm.CR1, nil); !hasCode(err, string(glm.CodeNoCluster)) {
		t.Error(err)
	}
	one := &formula.Cluster{Levels: []string{"all"}, Codes: make([]uint32, m.Design.Used)}
	if _, err := m.Robust(glm.CR1, one); !hasCode(err, string(glm.CodeFewClusters)) {
		t.Error(err)
	}
	many := formula.NewFrame()
	y, x, g := make([]float64, 3400), make([]float64, 3400), make([]string, 3400)
	for i := range y {
		y[i], x[i], g[i] = float64(i*7%3%2), float64(i), fmt.Sprint(i%2)
	}
	for _, err := range []error{many.AddNumbers("y", y...), many.AddNumbers("x", x...), many.AddTexts("g", g...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err = glm.Fit(design(t, "y ~ x", many, formula.Options{Cluster: "g"}), glm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Robust(glm.CR2, nil); !hasCode(err, string(glm.CodeLargeCluster)) {
		t.Error(err)
	}
}
