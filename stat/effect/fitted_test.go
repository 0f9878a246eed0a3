package effect_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"waymark/stat/effect"
	"waymark/stat/formula"
	"waymark/stat/glm"
	"waymark/stat/glmm"
)

// visits is a small file of our own: 20 groups of 12 rows, a factor and a number.
func visits(t testing.TB) *formula.Frame {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	var y, x []float64
	var k, g []string
	for group := range 20 {
		u := 0.9 * r.NormFloat64()
		for range 12 {
			level := r.IntN(3)
			v := math.Round(10*r.NormFloat64()) / 10
			p := 1 / (1 + math.Exp(-(-0.3 + 0.7*v + [...]float64{0, 0.8, -0.4}[level] + u)))
			out := 0.0
			if r.Float64() < p {
				out = 1
			}
			y, x, k, g = append(y, out), append(x, v), append(k, string(rune('a'+level))), append(g, string(rune('A'+group)))
		}
	}
	f := formula.NewFrame()
	for _, err := range []error{f.AddNumbers("y", y...), f.AddNumbers("x", x...), f.AddTexts("k", k...), f.AddTexts("g", g...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func designOf(t testing.TB, text string, columns formula.Columns, o formula.Options) *formula.Design {
	t.Helper()
	parsed, err := formula.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Build(parsed, columns, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestModels is the contract of effect.Model over every implementation: sizes agree, other rows can be predicted for,
// and the mean effect of every variable is what two averages differ by.
func TestModels(t *testing.T) {
	frame := visits(t)
	flat := designOf(t, "y ~ x + k", frame, formula.Options{Cluster: "g"})
	single, err := glm.Fit(flat, glm.Options{Family: glm.Binomial})
	if err != nil {
		t.Fatal(err)
	}
	robust, err := single.Robust(glm.CRG, nil)
	if err != nil {
		t.Fatal(err)
	}
	grouped := designOf(t, "y ~ x + k + (1 | g)", frame, formula.Options{})
	mixed, err := glmm.Fit(grouped, glmm.Options{Family: glmm.Binomial, Method: glmm.Laplace})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		model  effect.Model
		design *formula.Design
	}{
		"single":     {effect.Single(single), flat},
		"robust":     {effect.SingleRobust(single, robust), flat},
		"multilevel": {effect.Multilevel(mixed), grouped},
	} {
		t.Run(name, func(t *testing.T) {
			n := len(c.design.Names)
			if len(c.model.Coef()) != n || c.model.Cov().SymmetricDim() != n {
				t.Fatalf("%d estimates, covariance of %d, want %d", len(c.model.Coef()), c.model.Cov().SymmetricDim(), n)
			}
			sample, err := effect.NewSample(c.design, frame)
			if err != nil {
				t.Fatal(err)
			}
			for scope := effect.Typical; scope <= effect.Population; scope++ {
				marginals, err := effect.Marginals(c.model, sample, effect.MarginalOptions{Scope: scope, Variables: []string{"k"}})
				if err != nil {
					t.Fatal(err)
				}
				at := map[string]float64{}
				for _, level := range []string{"a", "b", "c"} {
					p, err := effect.Predict(c.model, sample, effect.Profile{Levels: map[string]string{"k": level}}, effect.PredictOptions{Scope: scope})
					if err != nil {
						t.Fatal(err)
					}
					if !(0 < p.Low && p.Low < p.Value && p.Value < p.High && p.High < 1) {
						t.Errorf("%s: %v does not lie in %v to %v", level, p.Value, p.Low, p.High)
					}
					at[level] = p.Value
				}
				for _, m := range marginals {
					near(t, scope.String()+" "+m.Level, m.Value, at[m.Level]-at["a"], 1e-12)
				}
			}
		})
	}
}

func TestGivenGroup(t *testing.T) {
	frame := visits(t)
	d := designOf(t, "y ~ x + k + (1 + x | g)", frame, formula.Options{})
	fit, err := glmm.Fit(d, glmm.Options{Family: glmm.Binomial, Method: glmm.Laplace})
	if err != nil {
		t.Fatal(err)
	}
	m := effect.Multilevel(fit)
	sample, err := effect.NewSample(d, frame)
	if err != nil {
		t.Fatal(err)
	}
	conditional := effect.Conditional(m, d)
	x, _ := frame.Numbers("x")
	levels, _, wide, _ := frame.Levels("k")
	groups, _, at, _ := frame.Levels("g")
	for _, i := range []int{0, 17, 100, 239} {
		p, err := effect.Predict(m, sample, effect.Profile{
			Levels: map[string]string{"k": levels[wide[i]]}, Values: map[string]float64{"x": x[i]},
			Groups: map[string]string{"g": groups[at[i]]},
		}, effect.PredictOptions{Scope: effect.GivenGroup})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "given group", p.Value, conditional[i], 1e-9)
		if p.Rows != 1 {
			t.Errorf("averaged over %d rows, want 1", p.Rows)
		}
		if !(p.Low < p.Value && p.Value < p.High && p.StdError > 0) {
			t.Errorf("%v does not lie in %v to %v", p.Value, p.Low, p.High)
		}
	}
	for name, groups := range map[string]map[string]string{"term": {"h": "A"}, "group": {"g": "Z"}, "none": nil} {
		if _, err := effect.Predict(m, sample, effect.Profile{Groups: groups}, effect.PredictOptions{Scope: effect.GivenGroup}); err == nil {
			t.Errorf("an unknown %s is predicted for", name)
		}
	}
}

func TestPredictRefuses(t *testing.T) {
	frame := visits(t)
	d := designOf(t, "y ~ x + k", frame, formula.Options{})
	fit, err := glm.Fit(d, glm.Options{Family: glm.Binomial})
	if err != nil {
		t.Fatal(err)
	}
	sample, err := effect.NewSample(d, frame)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]effect.Profile{
		"variable":        {Levels: map[string]string{"g": "A"}},
		"level":           {Levels: map[string]string{"k": "z"}},
		"level of number": {Levels: map[string]string{"x": "1"}},
		"number of level": {Values: map[string]float64{"k": 1}},
	} {
		if _, err := effect.Predict(effect.Single(fit), sample, p, effect.PredictOptions{}); err == nil {
			t.Errorf("an unknown %s is predicted for", name)
		}
	}
	if _, err := effect.Marginals(effect.Single(fit), sample, effect.MarginalOptions{Variables: []string{"g"}}); err == nil {
		t.Error("a variable that is not in the model has an effect")
	}
}

// The generic profile agrees with the fits' own.
func TestProfilesAgree(t *testing.T) {
	frame := visits(t)
	d := designOf(t, "y ~ x + k + (1 | g)", frame, formula.Options{})
	fit, err := glmm.Fit(d, glmm.Options{Family: glmm.Binomial, Method: glmm.Laplace})
	if err != nil {
		t.Fatal(err)
	}
	m := effect.Multilevel(fit)
	ratios, err := effect.Ratios(m, d.Names, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for k, name := range d.Names {
		have, err := effect.ProfileInterval(m.(effect.Profiler), k, ratios[k].Coef, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fit.Profile(k, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+" low", have.Low, want.Low, 1e-4)
		near(t, name+" high", have.High, want.High, 1e-4)
	}
}

// A variable that others determine has no effect of its own: that is not the same as an effect of zero.
func TestAliasedHasNoEffect(t *testing.T) {
	frame := visits(t)
	x, _ := frame.Numbers("x")
	twice := make([]float64, len(x))
	for i, v := range x {
		twice[i] = 2 * v
	}
	if err := frame.AddNumbers("twice", twice...); err != nil {
		t.Fatal(err)
	}
	d := designOf(t, "y ~ x + twice", frame, formula.Options{})
	fit, err := glm.Fit(d, glm.Options{Family: glm.Binomial})
	if err != nil {
		t.Fatal(err)
	}
	sample, err := effect.NewSample(d, frame)
	if err != nil {
		t.Fatal(err)
	}
	found, err := effect.Marginals(effect.Single(fit), sample, effect.MarginalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || math.IsNaN(found[0].Value) || !math.IsNaN(found[1].Value) {
		t.Errorf("effects %+v, want one of x and none of twice", found)
	}
}

// A random intercept is tested against the model without groups; rows that differ are found although their number agrees.
func TestCompareFits(t *testing.T) {
	frame := visits(t)
	flat := designOf(t, "y ~ x + k", frame, formula.Options{})
	small, err := glm.Fit(flat, glm.Options{Family: glm.Binomial})
	if err != nil {
		t.Fatal(err)
	}
	large, err := glmm.Fit(designOf(t, "y ~ x + k + (1 | g)", frame, formula.Options{}), glmm.Options{Family: glmm.Binomial})
	if err != nil {
		t.Fatal(err)
	}
	test, err := effect.Compare(effect.ComparedSingle(small), effect.ComparedMultilevel(large))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "chi-square", test.ChiSquare, 2*(large.LogLik-small.LogLik), 1e-12)
	near(t, "p", test.P, test.PlainP/2, 1e-12)
	if test.DF != 1 || test.Mixture != effect.HalfHalf {
		t.Errorf("%d degrees of freedom, mixture %v", test.DF, test.Mixture)
	}
	y, _ := frame.Numbers("y")
	other := formula.NewFrame()
	x, _ := frame.Numbers("x")
	levels, _, wide, _ := frame.Levels("k")
	names := make([]string, len(wide))
	for i, c := range wide {
		names[i] = levels[c]
	}
	turned := make([]float64, len(y))
	copy(turned, y)
	turned[0], turned[1] = 1-turned[0], 1-turned[1]
	for _, err := range []error{other.AddNumbers("y", turned...), other.AddNumbers("x", x...), other.AddTexts("k", names...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	elsewhere, err := glm.Fit(designOf(t, "y ~ x + k", other, formula.Options{}), glm.Options{Family: glm.Binomial})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := effect.Compare(effect.ComparedSingle(elsewhere), effect.ComparedMultilevel(large)); err == nil {
		t.Error("models of other outcomes are compared")
	}
}

// With the corrected intercept, Firth's probabilities have the mean of the outcome.
func TestCorrected(t *testing.T) {
	frame := visits(t)
	d := designOf(t, "y ~ x + k", frame, formula.Options{})
	fit, err := glm.Fit(d, glm.Options{Family: glm.Binomial, Estimator: glm.Firth})
	if err != nil {
		t.Fatal(err)
	}
	mean := func(values []float64) (sum float64) {
		for _, v := range values {
			sum += v / float64(len(values))
		}
		return sum
	}
	want := mean(d.Y)
	near(t, "corrected", mean(effect.Fitted(effect.Corrected(fit), d)), want, 1e-9)
	if have := mean(effect.Fitted(effect.Single(fit), d)); math.Abs(have-want) < 1e-6 {
		t.Errorf("the uncorrected mean is %v as well: the test shows nothing", have)
	}
}
