package glm_test

import (
	"fmt"

	"waymark/stat/formula"
	"waymark/stat/glm"
)

// A logistic regression on grouped counts, from columns to odds.
func Example() {
	columns := formula.NewFrame()
	_ = columns.AddTexts("route", "central", "central", "eastern", "eastern")
	_ = columns.AddTexts("sex", "female", "male", "female", "male")
	_ = columns.AddNumbers("hurt", 40, 90, 10, 24)
	_ = columns.AddNumbers("asked", 60, 120, 70, 150)

	f, err := formula.Parse("cbind(hurt, asked - hurt) ~ route + sex")
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := formula.Build(f, columns, formula.Options{Levels: map[string][]string{"route": {"eastern", "central"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := glm.Fit(d, glm.Options{Family: glm.Binomial})
	if err != nil {
		fmt.Println(err)
		return
	}
	for j, name := range m.Names {
		p := m.Profile(j, 0.95)
		fmt.Printf("%-14s %6.3f (%.3f) from %.3f to %.3f\n", name, m.Coef[j], m.SE[j], p.Low, p.High)
	}
	fmt.Println(m.Verdicts[0].Code)
	// Output:
	// (Intercept)    -1.906 (0.269) from -2.454 to -1.397
	// routecentral    2.670 (0.251) from 2.189 to 3.176
	// sexmale         0.293 (0.267) from -0.228 to 0.822
	// glm.converged
}

// Separation is told, with the term that causes it; Firth's penalty gives a finite estimate.
func Example_separation() {
	columns := formula.NewFrame()
	_ = columns.AddNumbers("hurt", 0, 1, 0, 1, 1, 1, 1)
	_ = columns.AddTexts("held", "no", "no", "no", "no", "yes", "yes", "yes")
	f, _ := formula.Parse("hurt ~ held")
	d, err := formula.Build(f, columns, formula.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, _ := glm.Fit(d, glm.Options{})
	fmt.Println(m.Converged, m.Verdicts[0].Code, m.Verdicts[0].Args["terms"])
	m, _ = glm.Fit(d, glm.Options{Estimator: glm.Firth})
	fmt.Printf("%v %.3f\n", m.Converged, m.Coef[1])
	// Output:
	// false glm.separation held
	// true 1.946
}
