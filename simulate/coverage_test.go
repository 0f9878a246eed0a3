package simulate_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/simulate"
	"waymark/stat/glmm"
)

// cover does a small study on the model of interviews.
func cover(t *testing.T, replicates, threads int, method glmm.Method, groups ...string) *simulate.Coverage {
	t.Helper()
	m := fitted(t, interviews(1500, rand.NewPCG(3, 3)), groups...)
	truth := glmm.Parameters{Family: glmm.Binomial, Coef: m.Coef}
	for range m.SD {
		truth.Factors = append(truth.Factors, [][]float64{{0.4}})
	}
	c, err := simulate.Cover(context.Background(), m.Design, truth, simulate.CoverageOptions{
		Replicates: replicates, Seed: 11, Threads: threads, Method: method})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCoverage refits 120 small surveys. A coverage of 95 % then has a Monte Carlo error of 2 points, and the
// intercept, which moves with 13 groups, covers less: 86 % is 4.5 errors below. A bias beyond five errors of
// its mean is one. docs/methods/coverage.md has the long study.
func TestCoverage(t *testing.T) {
	for _, c := range []struct {
		name   string
		method glmm.Method
		groups []string
		said   string
	}{
		{"single level", glmm.Auto, nil, "ml"},
		{"Laplace", glmm.Laplace, []string{"site"}, "laplace"},
		{"exact", glmm.Quadrature, []string{"site"}, "exact"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := cover(t, 120, 1, c.method, c.groups...)
			if found.Method != c.said || found.Used < 118 || len(found.Groups) != len(c.groups) {
				t.Errorf("%s, %d of %d used, %d groups", found.Method, found.Used, found.Replicates, len(found.Groups))
			}
			if want := math.Sqrt(0.95 * 0.05 / float64(found.Used)); found.MonteCarlo != want {
				t.Errorf("Monte Carlo error %v, want %v", found.MonteCarlo, want)
			}
			for _, x := range found.Coefficients {
				if x.Covered < 0.86 {
					t.Errorf("%s: %.2f covered", x.Name, x.Covered)
				}
				if math.Abs(x.Bias) > 5*x.SD/math.Sqrt(float64(x.Fits)) {
					t.Errorf("%s: bias %.3f, spread %.3f", x.Name, x.Bias, x.SD)
				}
				if x.MeanSE < 0.7*x.SD || x.MeanSE > 1.35*x.SD {
					t.Errorf("%s: mean standard error %.3f, spread %.3f", x.Name, x.MeanSE, x.SD)
				}
			}
			for _, x := range found.Coefficients {
				groups := x.Name == "(Intercept)" || strings.HasPrefix(x.Name, "region")
				if (x.DF > 0) != (groups && c.groups != nil) || x.CoveredSmall < x.Covered || x.DF == 0 && x.CoveredSmall != x.Covered {
					t.Errorf("%s: %d degrees of freedom, %.3f covered, for small samples %.3f", x.Name, x.DF, x.Covered, x.CoveredSmall)
				}
			}
			for _, x := range found.Groups {
				if x.Truth != 0.4 || math.Abs(x.Bias) > 0.12 || x.Covered < 0.8 {
					t.Errorf("sd of %s: %+v", x.Name, x)
				}
			}
		})
	}
}

// TestThreadsDoNotMatter: the same study by one and by three.
func TestThreadsDoNotMatter(t *testing.T) {
	one, three := cover(t, 12, 1, glmm.Laplace, "site"), cover(t, 12, 3, glmm.Laplace, "site")
	if diff := cmp.Diff(one, three); diff != "" {
		t.Error(diff)
	}
}

func TestCoverageStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m := fitted(t, interviews(500, rand.NewPCG(3, 3)))
	_, err := simulate.Cover(ctx, m.Design, glmm.Parameters{Family: glmm.Binomial, Coef: m.Coef}, simulate.CoverageOptions{Replicates: 5})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
