package glmm_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/stat/formula"
	"waymark/stat/glmm"
)

// madeCase is one fit of testdata/references.R.
type madeCase struct {
	Family, Shape, Formula string
	Coef, SE               map[string]float64
	SD                     map[string]map[string]float64
	LogLik                 float64
	REML                   *bool
	Sigma                  float64
}

func madeCases(t *testing.T) map[string]madeCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "references.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases map[string]madeCase }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

var families = map[string]glmm.Family{"binomial": glmm.Binomial, "poisson": glmm.Poisson, "gaussian": glmm.Gaussian}

// madeDesign builds the design of a case. `||` between numeric terms is what R does.
func madeDesign(t *testing.T, c madeCase) *formula.Design {
	t.Helper()
	f, err := formula.Parse(c.Formula)
	if err != nil {
		t.Fatal(err)
	}
	opt := formula.Options{Response: map[string]formula.Response{
		"binomial": formula.Binary, "poisson": formula.Count, "gaussian": formula.Continuous}[c.Family]}
	if c.Shape == "weights" {
		opt.Weights = "w"
	}
	d, err := formula.Build(f, readFrame(t, filepath.Join("testdata", "made.csv"), nil), opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMadeReferences(t *testing.T) {
	for id, c := range madeCases(t) {
		t.Run(id, func(t *testing.T) {
			opt := glmm.Options{Family: families[c.Family], Method: glmm.Laplace}
			if c.REML != nil && !*c.REML {
				opt.Criterion = glmm.ML
			}
			m, err := glmm.Fit(madeDesign(t, c), opt)
			if err != nil {
				t.Fatal(err)
			}
			if !m.Converged() {
				t.Errorf("did not converge: %v", m.Verdicts)
			}
			near(t, "log-likelihood", m.LogLik, c.LogLik, 1e-5)
			for k, name := range m.Names {
				near(t, name, m.Coef()[k], c.Coef[name], 1e-3*c.SE[name])
				near(t, "standard error of "+name, m.SE()[k], c.SE[name], 2e-3*c.SE[name])
			}
			for _, r := range m.Random {
				want := referenceSD(c, r.Group)
				for k, effect := range r.Names {
					se := r.SDError[k]
					if math.IsNaN(se) {
						se = 0.1 * want[effect]
					}
					near(t, "sd of "+r.Group+" "+effect, r.SD[k], want[effect], 2e-3*se)
				}
			}
			if c.Sigma > 0 {
				near(t, "residual sd", m.ResidualSD, c.Sigma, 1e-4)
			}
		})
	}
}

// referenceSD finds a group as R names it: the inner factor of a nesting first.
func referenceSD(c madeCase, group string) map[string]float64 {
	if sd, ok := c.SD[group]; ok {
		return sd
	}
	a, b, _ := strings.Cut(group, ":")
	return c.SD[b+":"+a]
}

// TestMadeReferencesCover lists combinations of family and shape without a reference.
func TestMadeReferencesCover(t *testing.T) {
	have := map[[2]string]bool{}
	for _, c := range madeCases(t) {
		have[[2]string{c.Family, c.Shape}] = true
	}
	for family := range families {
		for _, shape := range []string{"intercept", "slope", "separate", "nested", "crossed", "offset", "weights", "trials"} {
			if shape == "trials" && family != "binomial" {
				continue
			}
			if !have[[2]string{family, shape}] {
				t.Errorf("no reference for %s %s: add it to testdata/references.R", family, shape)
			}
		}
	}
}
