package effect_test

import (
	"fmt"
	"math"

	"waymark/stat/effect"
	"waymark/stat/formula"
	"waymark/stat/glm"
	"waymark/stat/glmm"
)

// Discrimination and calibration need no model: probabilities beside outcomes are enough.
func ExampleResult_AUC() {
	r := effect.Result{
		Probability: []float64{0.1, 0.4, 0.35, 0.8, 0.65, 0.2},
		Successes:   []float64{0, 0, 1, 1, 1, 0},
	}
	auc, err := r.AUC(0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	brier, _ := r.Brier()
	fmt.Printf("area %.3f (%.3f to %.3f), Brier %.3f\n", auc.Value, auc.Low, auc.High, brier)
	// Output: area 0.889 (0.581 to 1.000), Brier 0.133
}

// An average marginal effect is a difference of probabilities, which can be said in a sentence.
func ExampleMarginals() {
	columns := formula.NewFrame()
	_ = columns.AddTexts("held", "no", "yes", "no", "yes", "yes", "no", "no", "yes", "no", "yes", "no", "yes")
	_ = columns.AddTexts("alone", "no", "no", "no", "yes", "yes", "yes", "no", "no", "yes", "yes", "no", "yes")
	parsed, _ := formula.Parse("held ~ alone")
	design, err := formula.Build(parsed, columns, formula.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fit, err := glm.Fit(design, glm.Options{Family: glm.Binomial})
	if err != nil {
		fmt.Println(err)
		return
	}
	model := effect.Single(fit)
	sample, _ := effect.NewSample(design, columns)
	effects, _ := effect.Marginals(model, sample, effect.MarginalOptions{})
	for _, e := range effects {
		fmt.Printf("%s: %s against %s: %+.3f (%+.3f to %+.3f)\n", e.Variable, e.Level, e.Reference, e.Value, e.Low, e.High)
	}
	// Output: alone: yes against no: +0.333 (-0.200 to +0.867)
}

// What a person in a group drawn at random is to expect differs from what one in the typical group is to expect.
func ExampleLink_Integrate() {
	const logOdds, variance = 2.0, 1.5 * 1.5
	typical, _ := effect.Logit.Integrate(logOdds, 0)
	population, _ := effect.Logit.Integrate(logOdds, variance)
	fmt.Printf("typical group %.3f, over all groups %.3f\n", typical, population)
	// Output: typical group 0.881, over all groups 0.810
}

// A profile sets some variables; the others stay as observed. Each prediction says what it is about.
func ExamplePredict() {
	columns := formula.NewFrame()
	var outcome []float64
	var route, site []string
	for k := range 120 {
		place, central := k%8, k%3 == 0
		site = append(site, fmt.Sprintf("site %d", place+1))
		share := 0.02 + 0.09*float64(place)
		name := "eastern"
		if central {
			share, name = share+0.3, "central"
		}
		route = append(route, name)
		y := 0.0
		if math.Mod(float64(k)*0.618, 1) < share {
			y = 1
		}
		outcome = append(outcome, y)
	}
	_ = columns.AddNumbers("exploited", outcome...)
	_ = columns.AddTexts("route", route...)
	_ = columns.AddTexts("site", site...)
	parsed, _ := formula.Parse("exploited ~ route + (1 | site)")
	design, err := formula.Build(parsed, columns, formula.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fit, err := glmm.Fit(design, glmm.Options{Family: glmm.Binomial})
	if err != nil {
		fmt.Println(err)
		return
	}
	model := effect.Multilevel(fit)
	sample, _ := effect.NewSample(design, columns)
	central := effect.Profile{Name: "central", Levels: map[string]string{"route": "central"}, Groups: map[string]string{"site": "site 8"}}
	for scope := effect.Typical; scope <= effect.GivenGroup; scope++ {
		p, err := effect.Predict(model, sample, central, effect.PredictOptions{Scope: scope})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s, %s: %.2f (%.2f to %.2f)\n", p.Profile, p.Scope, p.Value, p.Low, p.High)
	}
	// Output:
	// central, typical: 0.64 (0.42 to 0.82)
	// central, population: 0.62 (0.43 to 0.78)
	// central, group: 0.79 (0.54 to 0.93)
}
