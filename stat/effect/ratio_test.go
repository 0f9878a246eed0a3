package effect_test

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"waymark/fault"
	"waymark/stat/effect"
)

// share is the model with an intercept alone: s successes of n.
type share struct{ s, n float64 }

func (m share) at(b float64) effect.Likelihood {
	return effect.Likelihood(m.s*b - m.n*math.Log1p(math.Exp(b)))
}
func (m share) LogLikelihood() effect.Likelihood                     { return m.at(m.logit()) }
func (m share) Held(_ int, value float64) (effect.Likelihood, error) { return m.at(value), nil }
func (m share) logit() float64                                       { return math.Log(m.s / (m.n - m.s)) }
func (m share) start() effect.Estimate {
	return effect.Estimate{Value: m.logit(), StdError: math.Sqrt(1/m.s + 1/(m.n-m.s))}
}

func TestProfileIsWhereTheTestTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := share{n: float64(rapid.IntRange(2, 400).Draw(t, "n"))}
		m.s = float64(rapid.IntRange(1, int(m.n)-1).Draw(t, "s"))
		c := effect.Confidence(rapid.SampledFrom([]float64{0.5, 0.9, 0.95, 0.999}).Draw(t, "confidence"))
		e, err := effect.ProfileInterval(m, 0, m.start(), c)
		if err != nil {
			t.Fatal(err)
		}
		if !(e.Low < e.Value && e.Value < e.High) {
			t.Fatalf("%v does not lie in %v to %v", e.Value, e.Low, e.High)
		}
		for _, end := range []float64{e.Low, e.High} {
			d := 2 * float64(m.LogLikelihood()-m.at(end))
			if p := math.Erfc(math.Sqrt(d) / math.Sqrt2); math.Abs(p-(1-float64(c))) > 1e-4 {
				t.Errorf("at %v the test gives p = %v, want %v", end, p, 1-float64(c))
			}
		}
	})
}

// flat is a likelihood that rises to the right without end, as that of a separated covariate does.
type flat struct{}

func (flat) LogLikelihood() effect.Likelihood { return 0 }
func (flat) Held(_ int, v float64) (effect.Likelihood, error) {
	return effect.Likelihood(-2 * math.Exp(-v)), nil
}

// wrong is a fit that stopped short.
type wrong struct{ flat }

func (wrong) Held(int, float64) (effect.Likelihood, error) { return 1, nil }

func TestProfileEnds(t *testing.T) {
	e, err := effect.ProfileInterval(flat{}, 0, effect.Estimate{Value: 20, StdError: 100}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(e.High, 1) || math.IsInf(e.Low, 0) {
		t.Errorf("interval %v to %v, want an end to the left alone", e.Low, e.High)
	}
	var issue fault.Issue
	if _, err := effect.ProfileInterval(wrong{}, 0, effect.Estimate{StdError: 1}, 0.95); !errors.As(err, &issue) || issue.Code != effect.CodeProfileFlawed {
		t.Errorf("a profile above the fit gives %v", err)
	}
	if _, err := effect.ProfileInterval(flat{}, 0, effect.Estimate{Value: math.NaN()}, 0.95); !errors.As(err, &issue) || issue.Code != effect.CodeNotEstimable {
		t.Errorf("a coefficient without estimate gives %v", err)
	}
}

func TestRatios(t *testing.T) {
	m := &given{coef: []float64{0.5, math.NaN()}, cov: mat.NewSymDense(2, []float64{0.04, 0, 0, math.NaN()})}
	r, err := effect.Ratios(m, []string{"a", "b"}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ratio", r[0].Value, math.Exp(0.5), 1e-15)
	near(t, "low", r[0].Low, math.Exp(0.5-1.959963984540054*0.2), 1e-12)
	near(t, "se", r[0].StdError, math.Exp(0.5)*0.2, 1e-12)
	if !math.IsNaN(r[1].Value) || !math.IsNaN(r[1].High) {
		t.Errorf("an aliased coefficient has the ratio %v", r[1])
	}
	if r, _ := effect.Ratios(&given{link: effect.Probit}, nil, 0.95); r != nil {
		t.Errorf("a probit model has the odds ratios %v", r)
	}
	unended := &given{coef: []float64{0.5}}
	if r, err := effect.Ratios(unended, []string{"a"}, 0.95); err != nil || math.Exp(0.5) != r[0].Value || !math.IsNaN(r[0].Low) {
		t.Errorf("a fit without covariance: %v, %v", r, err)
	}
	if i := effect.Inflations(unended.Cov(), nil); i != nil {
		t.Errorf("a fit without covariance has inflations %v", i)
	}
	if _, err := effect.Ratios(m, []string{"a", "b"}, 95); err == nil {
		t.Error("a confidence of 95 is taken")
	}
}
