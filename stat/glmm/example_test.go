package glmm_test

import (
	"fmt"
	"math/rand/v2"

	"waymark/stat/formula"
	"waymark/stat/glmm"
)

// A survey of 40 sites, its outcome simulated with a site standard deviation of one.
func Example() {
	frame := formula.NewFrame()
	var site []string
	var old, y []float64
	for i := range 1200 {
		site = append(site, fmt.Sprintf("s%02d", i%40))
		old = append(old, float64(i/40%2))
		y = append(y, float64(i%2)) // to be replaced by a draw
	}
	_ = frame.AddTexts("site", site...)
	_ = frame.AddNumbers("old", old...)
	_ = frame.AddNumbers("y", y...)
	f, _ := formula.Parse("y ~ old + (1 | site)")
	design, _ := formula.Build(f, frame, formula.Options{})
	design = glmm.SimulateDesign(design, glmm.Parameters{
		Coef: []float64{-1, 0.8}, Factors: [][][]float64{{{1}}},
	}, rand.NewPCG(1, 1))

	model, err := glmm.Fit(design, glmm.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for k, name := range model.Names {
		fmt.Printf("%s %.2f (%.2f)\n", name, model.Coef()[k], model.SE()[k])
	}
	fmt.Printf("sd of %s %.2f\n", model.Random[0].Group, model.Random[0].SD[0])
	fmt.Println(model.MethodName(), model.Converged())
	// Output:
	// (Intercept) -0.95 (0.20)
	// old 0.75 (0.13)
	// sd of site 1.11
	// exact true
}

// A model with ten trials a row and two crossed groupings, from a design made by hand.
func ExampleFit_crossed() {
	n := 600
	d := &formula.Design{Response: "yes", Names: []string{"(Intercept)"}, Y: make([]float64, n), Trials: make([]float64, n)}
	d.Fixed.Joints = []formula.Joint{{Coefs: []int{0}, Codes: make([]uint8, n), Cells: [][]float64{{1}}}}
	for g, levels := range []int{20, 15} {
		group := formula.Group{Label: []string{"village", "team"}[g], Names: []string{"(Intercept)"}, Columns: [][]float64{nil}}
		for l := range levels {
			group.Levels = append(group.Levels, fmt.Sprint(l))
		}
		for i := range n {
			group.Codes = append(group.Codes, uint32(i*(7*g+1)%levels))
		}
		d.Random = append(d.Random, group)
	}
	for i := range d.Trials {
		d.Trials[i] = 10
	}
	d = glmm.SimulateDesign(d, glmm.Parameters{Coef: []float64{0.5}, Factors: [][][]float64{{{0.8}}, {{0.4}}}}, rand.NewPCG(2, 2))
	m, err := glmm.Fit(d, glmm.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range m.Random {
		fmt.Printf("%s %.2f\n", r.Group, r.SD[0])
	}
	fmt.Println(m.MethodName(), m.Accuracy.Trustworthy)
	// Output:
	// village 0.75
	// team 0.53
	// laplace true
}
