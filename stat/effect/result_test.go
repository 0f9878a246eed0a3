package effect_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"waymark/fault"
	"waymark/stat/effect"
	"waymark/stat/formula"
)

// reference are the numbers that testdata/reference.R made.
type reference struct {
	Successes, Trials, Probability []float64
	AUC                            []float64
	Brier, Tjur                    []float64
	Calibration, Large             []float64
	HL                             []float64
	Loglik, Coxsnell               []float64
	Cov, Gvif                      []float64
	GridEta                        []float64 `json:"grid_eta"`
	GridVariance                   []float64 `json:"grid_variance"`
	Plogis, Pnorm, Cloglog         []float64
	X, Coef                        []float64
	H, G, Names                    []string
	AME                            []float64 `json:"ame"`
	AMESE                          []float64 `json:"ame_se"`
	AMEOver                        []float64 `json:"ame_over"`
	AMEOverSE                      []float64 `json:"ame_over_se"`
}

func readReference(t *testing.T) reference {
	t.Helper()
	raw, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// near fails where have differs from want by more than tol, relative to the larger of 1 and |want|.
func near(t *testing.T, what string, have, want, tol float64) {
	t.Helper()
	if !(math.Abs(have-want) <= tol*max(1, math.Abs(want))) {
		t.Errorf("%s = %.12g, want %.12g (tolerance %g)", what, have, want, tol)
	}
}

func TestResultAgreesWithR(t *testing.T) {
	ref := readReference(t)
	r := effect.Result{Probability: ref.Probability, Successes: ref.Successes, Trials: ref.Trials}
	auc, err := r.AUC(0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "AUC", auc.Value, ref.AUC[0], 1e-12)
	near(t, "AUC se", auc.StdError, ref.AUC[1], 1e-12)
	near(t, "AUC low", auc.Low, ref.AUC[0]-1.959963984540054*ref.AUC[1], 1e-12)
	brier, _ := r.Brier()
	near(t, "Brier", brier, ref.Brier[0], 1e-12)
	tjur, _ := r.Tjur()
	near(t, "Tjur", tjur, ref.Tjur[0], 1e-12)
	cal, err := r.Calibrate(0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "intercept", cal.Intercept.Value, ref.Calibration[0], 1e-9)
	near(t, "slope", cal.Slope.Value, ref.Calibration[1], 1e-9)
	// R takes the information one step before the last.
	near(t, "intercept se", cal.Intercept.StdError, ref.Calibration[2], 1e-7)
	near(t, "slope se", cal.Slope.StdError, ref.Calibration[3], 1e-7)
	near(t, "in the large", cal.InLarge.Value, ref.Large[0], 1e-9)
	near(t, "in the large se", cal.InLarge.StdError, ref.Large[1], 1e-9)
	hl, err := r.HosmerLemeshow(10)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Hosmer-Lemeshow groups", float64(hl.Groups), ref.HL[0], 0)
	near(t, "Hosmer-Lemeshow", hl.ChiSquare, ref.HL[1], 1e-10)
	near(t, "Hosmer-Lemeshow p", hl.P, ref.HL[2], 1e-10)
	pseudo, err := r.PseudoR2(effect.Likelihood(ref.Loglik[0]), effect.Likelihood(ref.Loglik[1]))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "McFadden", pseudo.McFadden, 1-ref.Loglik[0]/ref.Loglik[1], 1e-12)
	near(t, "Cox-Snell", pseudo.CoxSnell, ref.Coxsnell[0], 1e-12)
	near(t, "Nagelkerke", pseudo.Nagelkerke, ref.Coxsnell[1], 1e-9)
}

func TestInflationsAgreeWithR(t *testing.T) {
	ref := readReference(t)
	cov := mat.NewSymDense(6, ref.Cov) // (Intercept), x, hyes, gb, gc, x:hyes
	have := effect.Inflations(cov, []effect.InflationTerm{
		{Label: "x", Coefs: []int{1}}, {Label: "h", Coefs: []int{2}}, {Label: "g", Coefs: []int{3, 4}}, {Label: "x:h", Coefs: []int{5}},
	})
	if len(have) != 4 {
		t.Fatalf("%d terms, want 4", len(have))
	}
	for k, want := range ref.Gvif {
		near(t, have[k].Term, have[k].GVIF, want, 1e-10)
	}
	if have[2].DF != 2 {
		t.Errorf("degrees of freedom of g = %d, want 2", have[2].DF)
	}
	near(t, "scaled", have[2].Scaled, math.Pow(ref.Gvif[2], 0.25), 1e-10)
}

// The effects of x (through its interaction too), h and g, typical and over groups whose variance is 0.64.
func TestMarginalsAgreeWithR(t *testing.T) {
	ref := readReference(t)
	frame := formula.NewFrame()
	failures := make([]float64, len(ref.Trials))
	for i, n := range ref.Trials {
		failures[i] = n - ref.Successes[i]
	}
	groups := make([]string, len(ref.X)) // any two: the model is given, not fitted
	for i := range groups {
		groups[i] = [...]string{"p", "q"}[i%2]
	}
	for _, err := range []error{frame.AddNumbers("y", ref.Successes...), frame.AddNumbers("n", failures...), frame.AddNumbers("x", ref.X...),
		frame.AddTexts("h", ref.H...), frame.AddTexts("g", ref.G...), frame.AddTexts("group", groups...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d := designOf(t, "cbind(y, n) ~ x * h + g + (1 | group)", frame, formula.Options{})
	if !slices.Equal(d.Names, ref.Names) {
		t.Fatalf("coefficients %v, want %v", d.Names, ref.Names)
	}
	m := &given{design: d, coef: ref.Coef, cov: mat.NewSymDense(len(ref.Coef), ref.Cov),
		random: []effect.Random{{Label: "group", Names: []string{"(Intercept)"}, Factor: [][]float64{{0.8}}}}}
	sample, err := effect.NewSample(d, frame)
	if err != nil {
		t.Fatal(err)
	}
	for scope, want := range [][2][]float64{{ref.AME, ref.AMESE}, {ref.AMEOver, ref.AMEOverSE}} {
		have, err := effect.Marginals(m, sample, effect.MarginalOptions{Scope: effect.Scope(scope)})
		if err != nil {
			t.Fatal(err)
		}
		if len(have) != len(want[0]) {
			t.Fatalf("%d effects, want %d", len(have), len(want[0]))
		}
		for k, x := range have {
			near(t, x.Scope.String()+" "+x.Variable+x.Level, x.Value, want[0][k], 1e-9)
			near(t, "se of "+x.Scope.String()+" "+x.Variable+x.Level, x.StdError, want[1][k], 1e-8)
		}
	}
}

func TestIntegrateAgreesWithR(t *testing.T) {
	ref := readReference(t)
	for link, want := range map[effect.Link][]float64{effect.Logit: ref.Plogis, effect.Probit: ref.Pnorm, effect.Cloglog: ref.Cloglog} {
		for k, w := range want {
			have, _ := link.Integrate(ref.GridEta[k], effect.Variance(ref.GridVariance[k]))
			near(t, link.String(), have, w, 2e-11)
		}
	}
}

func TestResultRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		result effect.Result
		code   fault.Code
	}{
		"lengths":      {effect.Result{Probability: []float64{0.5}, Successes: []float64{1, 0}}, effect.CodeLength},
		"trials":       {effect.Result{Probability: []float64{0.5, 0.2}, Successes: []float64{1, 0}, Trials: []float64{1}}, effect.CodeLength},
		"no failure":   {effect.Result{Probability: []float64{0.5, 0.2}, Successes: []float64{1, 1}}, effect.CodeNoVariation},
		"nothing":      {effect.Result{}, effect.CodeNoVariation},
		"beyond one":   {effect.Result{Probability: []float64{0.5, 1.2}, Successes: []float64{1, 0}}, effect.CodeProbability},
		"no number":    {effect.Result{Probability: []float64{0.5, math.NaN()}, Successes: []float64{1, 0}}, effect.CodeProbability},
		"zero weights": {effect.Result{Probability: []float64{0.5, 0.2}, Successes: []float64{1, 0}, Weights: []float64{0, 0}}, effect.CodeNoVariation},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.result.AUC(0.95)
			var issue fault.Issue
			if !errors.As(err, &issue) || issue.Code != c.code {
				t.Errorf("AUC gives %v, want %s", err, c.code)
			}
			if _, err := c.result.Calibrate(0.95); !errors.As(err, &issue) || issue.Code != c.code {
				t.Errorf("Calibrate gives %v, want %s", err, c.code)
			}
		})
	}
}

func TestConstantProbability(t *testing.T) {
	r := effect.Result{Probability: []float64{0.5, 0.5, 0.5}, Successes: []float64{1, 0, 0}}
	auc, err := r.AUC(0.95)
	if err != nil || auc.Value != 0.5 {
		t.Errorf("AUC = %v, %v, want 0.5", auc.Value, err)
	}
	cal, err := r.Calibrate(0.95)
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsNaN(cal.Slope.Value) {
		t.Errorf("slope = %v, want none", cal.Slope.Value)
	}
	near(t, "in the large", cal.InLarge.Value, math.Log(0.5), 1e-9)
	if _, err := r.HosmerLemeshow(10); err == nil {
		t.Error("Hosmer-Lemeshow on one group gives no error")
	}
}

// outcomes draws a small result with ties and weights.
func outcomes(t *rapid.T) effect.Result {
	n := rapid.IntRange(4, 40).Draw(t, "rows")
	r := effect.Result{Weights: make([]float64, n), Trials: make([]float64, n)}
	for i := range n {
		r.Probability = append(r.Probability, float64(rapid.IntRange(1, 19).Draw(t, "p"))/20)
		r.Trials[i] = float64(rapid.IntRange(1, 3).Draw(t, "trials"))
		r.Successes = append(r.Successes, float64(rapid.IntRange(0, int(r.Trials[i])).Draw(t, "y")))
		r.Weights[i] = float64(rapid.IntRange(1, 3).Draw(t, "weight"))
	}
	r.Successes[0], r.Successes[1] = 0, r.Trials[1]
	return r
}

// expand writes each trial of each weight as a row of its own, in reverse order.
func expand(r effect.Result) effect.Result {
	var out effect.Result
	for i := len(r.Probability) - 1; i >= 0; i-- {
		for range int(r.Weights[i]) {
			for k := range int(r.Trials[i]) {
				y := 0.0
				if k < int(r.Successes[i]) {
					y = 1
				}
				out.Probability = append(out.Probability, r.Probability[i])
				out.Successes = append(out.Successes, y)
			}
		}
	}
	return out
}

func TestGroupedEqualsSingle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		grouped := outcomes(t)
		single := expand(grouped)
		same := func(what string, a, b float64) {
			if math.Abs(a-b) > 1e-9*max(1, math.Abs(b)) && !(math.IsNaN(a) && math.IsNaN(b)) {
				t.Errorf("%s: %v grouped, %v single", what, a, b)
			}
		}
		a, err := grouped.AUC(0.9)
		b, err2 := single.AUC(0.9)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		same("AUC", a.Value, b.Value)
		same("AUC se", a.StdError, b.StdError)
		x, _ := grouped.Brier()
		y, _ := single.Brier()
		same("Brier", x, y)
		f, err := grouped.HosmerLemeshow(5)
		g, err2 := single.HosmerLemeshow(5)
		if (err == nil) != (err2 == nil) {
			t.Fatal(err, err2)
		}
		same("Hosmer-Lemeshow", f.ChiSquare, g.ChiSquare)
		curve, _ := grouped.Curve(5, 0.95)
		persons := 0.0
		for _, c := range curve {
			persons += c.Persons
			if !(c.Low <= c.Observed+1e-12 && c.Observed <= c.High+1e-12 && c.Low >= 0 && c.High <= 1) {
				t.Errorf("bin %+v: the interval does not hold the share", c)
			}
		}
		same("persons", persons, float64(len(single.Probability)))
	})
}

// The area does not change when probabilities are stretched, turns to its complement when they are mirrored, and
// equals the count over all pairs.
func TestAUCProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := expand(outcomes(t))
		stretched, mirrored := r, r
		stretched.Probability, mirrored.Probability = nil, nil
		for _, p := range r.Probability {
			stretched.Probability = append(stretched.Probability, p*p*p)
			mirrored.Probability = append(mirrored.Probability, 1-p)
		}
		a, err := r.AUC(0.95)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := stretched.AUC(0.95)
		c, _ := mirrored.AUC(0.95)
		wins, pairs := 0.0, 0.0
		for i, yi := range r.Successes {
			for j, yj := range r.Successes {
				if yi == 1 && yj == 0 {
					pairs++
					switch {
					case r.Probability[i] > r.Probability[j]:
						wins++
					case r.Probability[i] == r.Probability[j]:
						wins += 0.5
					}
				}
			}
		}
		for name, d := range map[string]float64{
			"stretched": a.Value - b.Value, "stretched se": a.StdError - b.StdError,
			"mirrored": a.Value - (1 - c.Value), "mirrored se": a.StdError - c.StdError, "pairs": a.Value - wins/pairs,
		} {
			if math.Abs(d) > 1e-12 {
				t.Errorf("%s differs by %v", name, d)
			}
		}
	})
}
