package effect_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"waymark/fault"
	"waymark/stat/effect"
)

func TestICC(t *testing.T) {
	icc := effect.ICC([]effect.Variance{1, 0.5}, math.Pi*math.Pi/3)
	near(t, "first", icc[0], 1/(1.5+math.Pi*math.Pi/3), 1e-15)
	near(t, "second", icc[1], 0.5/(1.5+math.Pi*math.Pi/3), 1e-15)
}

func TestMedianOddsRatio(t *testing.T) {
	near(t, "no variance", effect.MedianOddsRatio(0), 1, 0)
	// The median of |u - v| for u, v ~ N(0, s^2) is sqrt(2) s times the upper quartile of the normal.
	near(t, "variance 1", effect.MedianOddsRatio(1), math.Exp(0.6744897501960817*math.Sqrt2), 1e-12)
}

func TestNakagawaR2(t *testing.T) {
	r := effect.NakagawaR2(2, 1, 1)
	near(t, "marginal", r.Marginal, 0.5, 1e-15)
	near(t, "conditional", r.Conditional, 0.75, 1e-15)
}

func TestCompare(t *testing.T) {
	small := effect.Compared{LogLikelihood: -100, Parameters: 4, Rows: 50, Method: "laplace", Variances: 1}
	large := small
	large.LogLikelihood, large.Parameters = -98, 5

	fixed, err := effect.Compare(small, large)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "chi-square", fixed.ChiSquare, 4, 1e-12)
	near(t, "p", fixed.P, 0.04550026389635842, 1e-12)
	if fixed.Mixture != effect.PlainChiSquare {
		t.Errorf("mixture %v of a fixed effect", fixed.Mixture)
	}

	large.Variances = 2
	boundary, err := effect.Compare(small, large)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "half p", boundary.P, 0.02275013194817921, 1e-12)
	near(t, "plain p", boundary.PlainP, 0.04550026389635842, 1e-12)

	large.Parameters = 6 // a slope: its variance and its covariance
	slope, err := effect.Compare(small, large)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "slope p", slope.P, (0.04550026389635842+math.Exp(-2))/2, 1e-12)

	large.LogLikelihood = -100
	same, _ := effect.Compare(small, large)
	near(t, "p of nothing", same.P, 1, 0)
	large.LogLikelihood = -100 + 1e-10
	noise, _ := effect.Compare(small, large)
	near(t, "p of rounding", noise.P, 1, 0)

	for name, c := range map[string]struct {
		change func(*effect.Compared)
		code   fault.Code
	}{
		"rows":      {func(c *effect.Compared) { c.Rows = 49 }, effect.CodeRowsDiffer},
		"method":    {func(c *effect.Compared) { c.Method = "exact" }, effect.CodeMethodDiffers},
		"no larger": {func(c *effect.Compared) { c.Parameters = 4 }, effect.CodeNotNested},
	} {
		other := large
		c.change(&other)
		_, err := effect.Compare(small, other)
		var issue fault.Issue
		if !errors.As(err, &issue) || issue.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	a, b := small, large
	a.Sample, b.Sample = 1, 2
	if _, err := effect.Compare(a, b); err == nil {
		t.Error("models on other rows of the same number are compared")
	}
	a, b = small, large
	a.Method, b.Method, a.Fixed, b.Fixed = "reml", "reml", "x", "x + y"
	if _, err := effect.Compare(a, b); err == nil {
		t.Error("restricted likelihoods of different fixed parts are compared")
	}
}

// Integrating pulls a probability towards one half, keeps its order, and is symmetric for the logit.
func TestIntegrateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eta := rapid.Float64Range(-8, 8).Draw(t, "eta")
		v := effect.Variance(rapid.Float64Range(0, 16).Draw(t, "variance"))
		p, d := effect.Logit.Integrate(eta, v)
		q, e := effect.Logit.Integrate(-eta, v)
		if math.Abs(p+q-1) > 1e-9 || math.Abs(d-e) > 1e-9 {
			t.Errorf("not symmetric: %v and %v, slopes %v and %v", p, q, d, e)
		}
		at0, _ := effect.Logit.Integrate(eta, 0)
		if math.Abs(p-0.5) > math.Abs(at0-0.5)+1e-9 {
			t.Errorf("integrated %v lies further from one half than %v", p, at0)
		}
		const h = 1e-5
		up, _ := effect.Logit.Integrate(eta+h, v)
		down, _ := effect.Logit.Integrate(eta-h, v)
		if math.Abs((up-down)/(2*h)-d) > 1e-8 {
			t.Errorf("slope %v, by differences %v", d, (up-down)/(2*h))
		}
	})
}
