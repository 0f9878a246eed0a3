package design_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"waymark/fault"
	"waymark/stat/design"
	"waymark/stat/formula"
	"waymark/stat/glm"
)

// camps is two strata with two units each, small enough to work out by hand.
const camps = `camp,block,w,age,children,sex,all,rep1,rep2,rep3,rep4
a,a1,2,20,1,f,2,2,2,0,0
a,a1,2,30,0,m,2,2,2,0,0
a,a1,2,40,2,f,2,2,2,0,0
a,a2,2,25,1,m,2,0,0,2,2
a,a2,2,35,3,f,2,0,0,2,2
a,a2,2,30,1,m,2,0,0,2,2
b,b1,3,22,2,f,5,2,0,2,0
b,b1,3,33,1,m,5,2,0,2,0
b,b1,2,44,0,f,5,2,0,2,0
b,b2,3,28,2,m,5,0,2,0,2
b,b2,3,30,1,f,5,0,2,0,2
b,b2,2,40,3,m,5,0,2,0,2
`

func campsOf(t testing.TB, opt design.Options) *design.Sample {
	t.Helper()
	s, err := design.New(parseFrame(t, camps), opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var twoStage = design.Options{Strata: []string{"camp"}, Clusters: []string{"block"}, Weights: "w"}

func near(t *testing.T, what string, have, want float64) {
	t.Helper()
	if math.IsNaN(have) != math.IsNaN(want) || math.Abs(have-want) > 1e-11*max(1, math.Abs(want)) {
		t.Errorf("%s: have %.15g, want %.15g", what, have, want)
	}
}

// TestByHand holds a mean, a total and a ratio against sums done on paper: two units a stratum give the square of
// their difference.
func TestByHand(t *testing.T) {
	s := campsOf(t, twoStage)
	age, children := variable(t, s, "age"), variable(t, s, "children")
	e, err := s.Means(age)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", e.Value[0], 867.0/28)
	near(t, "error", e.SE(0), 1.0/28) // weighted sums by block: 180, 180; 253, 254
	if e.DF != 2 || e.N[0] != 12 {
		t.Error(e.DF, e.N)
	}
	near(t, "low", e.Interval(0, 0.95).Low, 867.0/28-4.302652729749464/28)

	e, err = s.Totals(children)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "total", e.Value[0], 40) // blocks: 6, 10; 9, 15
	near(t, "error of total", e.SE(0), math.Sqrt(16+36))

	e, err = s.Ratios(age, children)
	if err != nil {
		t.Fatal(err)
	}
	r := 40.0 / 867
	near(t, "ratio", e.Value[0], r)
	near(t, "error of ratio", e.SE(0), math.Hypot(4, 6-r)/867)

	// Finite populations: all of camp a was drawn, two of five blocks of b.
	f := campsOf(t, design.Options{Strata: []string{"camp"}, Clusters: []string{"block"}, Weights: "w", FPC: []string{"all"}})
	e, err = f.Totals(children)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "error in a finite population", e.SE(0), math.Sqrt(0.6*36))
}

// TestSecondStage: with the population of blocks and of people known, the people drawn within blocks add
// f (1 - f2) n s^2 each.
func TestSecondStage(t *testing.T) {
	const text = `block,person,y,blocks,people
1,1,1,4,5
1,2,3,4,5
2,3,2,4,10
2,4,8,4,10
`
	s, err := design.New(parseFrame(t, text), design.Options{Clusters: []string{"block", "person"}, FPC: []string{"blocks", "people"}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "sum of weights", s.SumOfWeights(), 2*2.5*2+2*5*2)
	e, err := s.Totals(variable(t, s, "y"))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "total", e.Value[0], 5*4+10*10)                 // weights 5 and 10
	first := (1 - 0.5) * 2 * (40*40 + 40*40)                // units 20 and 100 around 60
	second := 0.5 * ((1-2.0/5)*2*2*25 + (1-2.0/10)*2*2*900) // totals 5, 15 around 10; 20, 80 around 50
	near(t, "error", e.SE(0), math.Sqrt(first+second))
}

// TestLonely walks the ways to treat a stratum with one unit.
func TestLonely(t *testing.T) {
	const text = `h,u,y
a,1,1
a,2,3
b,3,8
`
	totals := func(l design.Lonely) (float64, error) {
		s, err := design.New(parseFrame(t, text), design.Options{Strata: []string{"h"}, Clusters: []string{"u"}, Lonely: l})
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.Totals(variable(t, s, "y"))
		if err != nil {
			return 0, err
		}
		return e.SE(0) * e.SE(0), nil
	}
	if _, err := totals(design.Fail); !coded(err, design.CodeLonely) {
		t.Error(err)
	}
	for l, want := range map[design.Lonely]float64{design.Remove: 4, design.Certainty: 4, design.Average: 8, design.Adjust: 4 + 16} {
		have, err := totals(l)
		if err != nil {
			t.Error(l, err)
		}
		near(t, l.String(), have, want)
	}
	s, err := design.New(parseFrame(t, text), design.Options{Strata: []string{"u"}, Lonely: design.Average})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Totals(variable(t, s, "y")); !coded(err, design.CodeAllLonely) {
		t.Error(err)
	}
}

func coded(err error, code fault.Code) bool {
	var i fault.Issue
	return errors.As(err, &i) && i.Code == code
}

// TestReplicates: for a total, every kind of replicate weight gives the variance of linearisation.
func TestReplicates(t *testing.T) {
	s := campsOf(t, twoStage)
	v := variable(t, s, "children")
	line, err := s.Totals(v)
	if err != nil {
		t.Fatal(err)
	}
	for name, opt := range map[string]design.ReplicateOptions{
		"JKn": {Method: design.JKn}, "BRR": {Method: design.BRR}, "Fay": {Method: design.BRR, Fay: 0.3},
	} {
		r, err := s.Replicate(opt)
		if err != nil {
			t.Fatal(name, err)
		}
		e, err := r.Totals(v)
		if err != nil {
			t.Fatal(name, err)
		}
		near(t, name, e.SE(0), line.SE(0))
		if e.DF != 2 {
			t.Error(name, e.DF)
		}
	}
	given, err := s.WithReplicates(design.ReplicateColumns{Columns: []string{"rep1", "rep2", "rep3", "rep4"}, Factors: true, Method: design.BRR})
	if err != nil {
		t.Fatal(err)
	}
	e, err := given.Totals(v)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "given", e.SE(0), line.SE(0))
	// Redrawing one of two units: the share of 20,000 draws errs by about 1 %.
	b, err := s.Replicate(design.ReplicateOptions{Method: design.Bootstrap, Count: 20_000, Source: rand.NewPCG(1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if e, err = b.Totals(v); err != nil || math.Abs(e.SE(0)/line.SE(0)-1) > 0.04 {
		t.Error(err, e.SE(0), line.SE(0))
	}
	again, err := s.Replicate(design.ReplicateOptions{Method: design.Bootstrap, Count: 20_000, Source: rand.NewPCG(1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if f, err := again.Totals(v); err != nil || f.SE(0) != e.SE(0) {
		t.Error("the same seed gives other replicates", err)
	}
}

// TestHalfSamplesBalance: for any number of strata, balanced half-samples give linearisation's variance.
func TestHalfSamplesBalance(t *testing.T) {
	for strata := 1; strata <= 30; strata++ {
		f := formula.NewFrame()
		h, u, y := make([]float64, 2*strata), make([]float64, 2*strata), make([]float64, 2*strata)
		for i := range y {
			h[i], u[i], y[i] = float64(i/2), float64(i), float64(i*i%7)+1
		}
		for name, v := range map[string][]float64{"h": h, "u": u, "y": y} {
			if err := f.AddNumbers(name, v...); err != nil {
				t.Fatal(err)
			}
		}
		s, err := design.New(f, design.Options{Strata: []string{"h"}, Clusters: []string{"u"}})
		if err != nil {
			t.Fatal(err)
		}
		line, err := s.Totals(variable(t, s, "y"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Replicate(design.ReplicateOptions{Method: design.BRR})
		if err != nil {
			t.Fatal(err)
		}
		e, err := r.Totals(variable(t, s, "y"))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "error", e.SE(0), line.SE(0))
	}
}

// TestCalibration: the totals come out, and what they fix has no variance left.
func TestCalibration(t *testing.T) {
	s := campsOf(t, twoStage)
	sex := design.Margin{Columns: []string{"sex"}, Totals: map[string]float64{"f": 20, "m": 10}}
	camp := design.Margin{Columns: []string{"camp"}, Totals: map[string]float64{"a": 12, "b": 18}}
	ages := []design.Total{{Column: "age", Total: 930}}
	made := map[string]func() (*design.Sample, error){
		"post": func() (*design.Sample, error) { return s.PostStratify(sex) },
		"rake": func() (*design.Sample, error) { return s.Rake([]design.Margin{sex, camp}, design.CalibrateOptions{}) },
		"linear": func() (*design.Sample, error) {
			return s.Calibrate([]design.Margin{sex, camp}, ages, design.CalibrateOptions{})
		},
		"raking": func() (*design.Sample, error) {
			return s.Calibrate([]design.Margin{sex, camp}, ages, design.CalibrateOptions{Distance: design.Raking})
		},
		"logit": func() (*design.Sample, error) {
			return s.Calibrate([]design.Margin{sex, camp}, ages, design.CalibrateOptions{Distance: design.LogitDistance, Low: 0.3, High: 3})
		},
		"bounded": func() (*design.Sample, error) {
			return s.Calibrate([]design.Margin{sex, camp}, ages, design.CalibrateOptions{Low: 0.3, High: 3})
		},
	}
	for name, make := range made {
		t.Run(name, func(t *testing.T) {
			c, err := make()
			if err != nil {
				t.Fatal(err)
			}
			e, err := c.Totals(levels(t, c, "sex")...)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "women", e.Value[0], 20)
			near(t, "men", e.Value[1], 10)
			if e.SE(0) > 1e-9 || e.SE(1) > 1e-9 {
				t.Error("what is known varies", e.SE(0), e.SE(1))
			}
			if name == "post" {
				return
			}
			if e, err = c.Totals(levels(t, c, "camp")...); err != nil {
				t.Fatal(err)
			}
			near(t, "camp b", e.Value[1], 18)
			if name == "rake" {
				return
			}
			if e, err = c.Totals(variable(t, c, "age")); err != nil {
				t.Fatal(err)
			}
			near(t, "years", e.Value[0], 930)
		})
	}
	// Raking by hand and by calibration are the same weights.
	a, err := s.Rake([]design.Margin{sex, camp}, design.CalibrateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Calibrate([]design.Margin{sex, camp}, nil, design.CalibrateOptions{Distance: design.Raking})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range a.Weights() {
		near(t, "weight", b.Weights()[i], w)
	}
	// Replicates are fitted too, each to the same totals.
	j, err := s.Replicate(design.ReplicateOptions{Method: design.JKn})
	if err != nil {
		t.Fatal(err)
	}
	if j, err = j.PostStratify(sex); err != nil {
		t.Fatal(err)
	}
	e, err := j.Totals(levels(t, j, "sex")...)
	if err != nil || e.SE(0) > 1e-9 {
		t.Error(err, e.SE(0))
	}
}

// TestShareAtTheEdge: a proportion of 0 has an interval by Beta alone.
func TestShareAtTheEdge(t *testing.T) {
	s := campsOf(t, twoStage)
	zero := design.Variable{Name: "none", Values: make([]float64, 12)}
	e, err := s.Means(zero)
	if err != nil {
		t.Fatal(err)
	}
	if i := e.Share(0, design.Logit, 0.95); !math.IsNaN(i.Low) {
		t.Error(i)
	}
	i := e.Share(0, design.Beta, 0.95)
	near(t, "low", i.Low, 0)
	near(t, "high", i.High, 1-math.Pow(0.025, 1.0/12)) // Clopper and Pearson with no event in 12
	half, err := s.Means(level(t, s, "sex", "f"))
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []design.ShareInterval{design.Logit, design.Likelihood, design.Arcsine, design.Beta, design.Plain, design.Wilson} {
		i := half.Share(0, how, 0.9)
		if !(i.Low < half.Value[0] && half.Value[0] < i.High) {
			t.Error(how, i)
		}
		if wide := half.Share(0, how, 0.99); !(wide.Low < i.Low && i.High < wide.High) {
			t.Error(how, "a surer interval is not wider")
		}
	}
}

// TestQuantileRules holds the rules that quantile of R has, too, against Hyndman and Fan's definitions on 1 to 5 with equal weights.
func TestQuantileRules(t *testing.T) {
	f := formula.NewFrame()
	if err := f.AddNumbers("y", 1, 2, 3, 4, 5); err != nil {
		t.Fatal(err)
	}
	s, err := design.New(f, design.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[design.Rule][3]float64{ // R's quantile(1:5, c(.2, .5, .9), type = ...)
		design.Math: {1, 3, 5}, design.School: {1.5, 3, 5}, design.HF4: {1, 2.5, 4.5},
		design.HF5: {1.5, 3, 5}, design.HF6: {1.2, 3, 5}, design.HF7: {1.8, 3, 4.6},
		design.HF8: {1.4, 3, 5}, design.HF9: {1.425, 3, 5},
	}
	for rule, values := range want {
		q, err := s.Quantiles(variable(t, s, "y"), []float64{0.2, 0.5, 0.9}, design.QuantileOptions{Rule: rule})
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range values {
			near(t, rule.String(), q[k].Value, v)
		}
	}
}

// TestModel: without strata, clusters and weights the errors are those of HC0 times n/(n-1).
func TestModel(t *testing.T) {
	s := campsOf(t, design.Options{})
	r := model(t, s, "children ~ age", formula.Options{Response: formula.Continuous}, glm.Options{Family: glm.Gaussian})
	robust, err := r.Model.Robust(glm.HC0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k := range r.Names {
		near(t, r.Names[k], r.SE[k], robust.SE[k]*math.Sqrt(12.0/11))
	}
	if r.DF != 12-1+1-2 {
		t.Error(r.DF)
	}
	// A model of the intercept alone is a mean.
	one := model(t, s, "children ~ 1", formula.Options{Response: formula.Continuous}, glm.Options{Family: glm.Gaussian})
	e, err := s.Means(variable(t, s, "children"))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", one.Coef[0], e.Value[0])
	near(t, "error", one.SE[0], e.SE(0))
}

// TestIssues walks what a person can mend.
func TestIssues(t *testing.T) {
	const text = `h,u,w,hole,minus,zero,f,mixed,tiny,text
a,1,1,1,-1,0,3,0.5,1.5,x
a,2,1,,1,0,3,3,1.5,y
b,1,1,1,1,0,3,3,1.5,x
b,4,1,1,1,0,4,3,1.5,y
`
	cases := []struct {
		name string
		opt  design.Options
		code fault.Code
	}{
		{"no column", design.Options{Strata: []string{"zzzzzz"}}, design.CodeNoColumn},
		{"near column", design.Options{Weights: "hol"}, design.CodeNearColumn},
		{"hole", design.Options{Weights: "hole"}, design.CodeNoValue},
		{"hole in clusters", design.Options{Clusters: []string{"hole"}}, design.CodeNoValue},
		{"negative", design.Options{Weights: "minus"}, design.CodeNegative},
		{"all zero", design.Options{Weights: "zero"}, design.CodeNoWeight},
		{"texts", design.Options{Weights: "text"}, design.CodeNotNumbers},
		{"unit twice", design.Options{Strata: []string{"h"}, Clusters: []string{"u"}}, design.CodeUnitTwice},
		{"varies", design.Options{Strata: []string{"h"}, FPC: []string{"f"}}, design.CodeFPCVaries},
		{"mixed", design.Options{FPC: []string{"mixed"}, Strata: []string{"u"}}, design.CodeFPCVaries},
		{"mixed shares", design.Options{FPC: []string{"mixed"}, Clusters: []string{"u"}, Strata: []string{"mixed"}, Nested: true}, design.CodeFPCMixed},
		{"small", design.Options{Strata: []string{"h"}, FPC: []string{"tiny"}}, design.CodeFPCSmall},
		{"stages", design.Options{FPC: []string{"w", "w"}}, design.CodeStages},
		{"one unit", design.Options{Clusters: []string{"w"}}, design.CodeOneUnit},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := design.New(parseFrame(t, text), c.opt)
			if list := fault.Of(err); len(list) == 0 || list[0].Code != c.code {
				t.Errorf("have %v, want %s", err, c.code)
			}
		})
	}
	s, err := design.New(parseFrame(t, text), design.Options{Strata: []string{"h"}, Clusters: []string{"u"}, Nested: true})
	if err != nil {
		t.Fatal(err)
	}
	margin := func(column string, totals map[string]float64) error {
		_, err := s.PostStratify(design.Margin{Columns: []string{column}, Totals: totals})
		return err
	}
	other := []struct {
		name string
		err  error
		code fault.Code
	}{
		{"level without total", margin("h", map[string]float64{"a": 1}), design.CodeMarginLevel},
		{"total without level", margin("h", map[string]float64{"a": 1, "b": 1, "c": 1}), design.CodeMarginAbsent},
		{"hole in a margin", margin("hole", map[string]float64{"1": 1}), design.CodeNoValue},
		{"bounds", second(s.Calibrate(nil, nil, design.CalibrateOptions{Low: 2, High: 3})), design.CodeBounds},
		{"logit without bounds", second(s.Calibrate(nil, nil, design.CalibrateOptions{Distance: design.LogitDistance})), design.CodeBounds},
		{"totals out of reach", second(s.Calibrate(nil, []design.Total{{Column: "w", Total: 40}}, design.CalibrateOptions{Low: 0.5, High: 2})), design.CodeNotReached},
		{"margins that differ", second(s.Rake([]design.Margin{{Columns: []string{"h"}, Totals: map[string]float64{"a": 1, "b": 1}},
			{Columns: []string{"text"}, Totals: map[string]float64{"x": 1, "y": 2}}}, design.CalibrateOptions{})), design.CodeMarginTotals},
		{"JK1 with strata", second(s.Replicate(design.ReplicateOptions{Method: design.JK1})), design.CodeNoStrata},
		{"Fay", second(s.Replicate(design.ReplicateOptions{Method: design.BRR, Fay: 1})), design.CodeFay},
		{"seed", second(s.Replicate(design.ReplicateOptions{Method: design.Bootstrap})), design.CodeSeed},
		{"one replicate", second(s.WithReplicates(design.ReplicateColumns{Columns: []string{"w"}})), design.CodeCount},
		{"scales", second(s.WithReplicates(design.ReplicateColumns{Columns: []string{"w", "f"}, RScales: []float64{1}})), design.CodeScales},
		{"table", second(s.Associate("w", "h")), design.CodeTable},
	}
	for _, c := range other {
		if list := fault.Of(c.err); len(list) == 0 || list[0].Code != c.code {
			t.Errorf("%s: have %v, want %s", c.name, c.err, c.code)
		}
	}
	lone, err := design.New(parseFrame(t, text), design.Options{Strata: []string{"h"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lone.Quantiles(variable(t, s, "w"), []float64{1.2}, design.QuantileOptions{}); !coded(err, design.CodeProbability) {
		t.Error(err)
	}
	if _, err := s.Ratios(variable(t, s, "zero"), variable(t, s, "w")); !coded(err, design.CodeZeroTotal) {
		t.Error(err)
	}
	three := campsOf(t, design.Options{Strata: []string{"camp"}})
	if _, err := three.Replicate(design.ReplicateOptions{Method: design.BRR}); !coded(err, design.CodePairs) {
		t.Error(err)
	}
	if _, err := s.Means(design.Variable{Name: "none", Values: slices.Repeat([]float64{math.NaN()}, 4)}); !coded(err, design.CodeNothing) {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestFitTable: margins come out, zeros stay, odds ratios are the seed's; what cannot fit is refused.
func TestFitTable(t *testing.T) {
	seed := design.Table{Dims: []int{2, 2}, Cells: []float64{1, 2, 3, 4}}
	rows, columns := design.TableMargin{Axes: []int{0}, Totals: []float64{30, 70}}, design.TableMargin{Axes: []int{1}, Totals: []float64{60, 40}}
	fit, err := design.FitTable(seed, []design.TableMargin{rows, columns}, design.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c := fit.Cells
	near(t, "row", c[0]+c[1], 30)
	near(t, "column", c[0]+c[2], 60)
	near(t, "odds ratio", c[0]*c[3]/(c[1]*c[2]), 1*4.0/(2*3))
	cube := design.Table{Dims: []int{2, 2, 2}, Cells: slices.Repeat([]float64{1}, 8)}
	fit, err = design.FitTable(cube, []design.TableMargin{{Axes: []int{0, 1}, Totals: []float64{1, 2, 3, 4}}, {Axes: []int{2}, Totals: []float64{4, 6}}}, design.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "cell", fit.Cells[7], 4*0.6)
	for name, c := range map[string]struct {
		margins []design.TableMargin
		code    fault.Code
	}{
		"totals differ": {[]design.TableMargin{rows, {Axes: []int{1}, Totals: []float64{60, 41}}}, design.CodeMarginTotals},
		"shape":         {[]design.TableMargin{{Axes: []int{1}, Totals: []float64{60}}}, design.CodeTable},
		"axis":          {[]design.TableMargin{{Axes: []int{2}, Totals: []float64{60}}}, design.CodeTable},
		"negative":      {[]design.TableMargin{{Axes: []int{1}, Totals: []float64{60, -1}}}, design.CodeNegative},
	} {
		if _, err := design.FitTable(seed, c.margins, design.FitOptions{}); !coded(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	none := design.Table{Dims: []int{2, 2}, Cells: []float64{0, 0, 3, 4}}
	if _, err := design.FitTable(none, []design.TableMargin{rows, columns}, design.FitOptions{}); !coded(err, design.CodeMarginAbsent) {
		t.Error(err)
	}
	// Zeros on a diagonal leave no table with these margins.
	crossed := design.Table{Dims: []int{2, 2}, Cells: []float64{1, 0, 0, 1}}
	if _, err := design.FitTable(crossed, []design.TableMargin{rows, columns}, design.FitOptions{Iterations: 50}); !coded(err, design.CodeNotReached) {
		t.Error(err)
	}
}

// TestFlowsFromStocks: the fewest moves that turn one table of stocks into the other, worked out by hand.
func TestFlowsFromStocks(t *testing.T) {
	start := [][]float64{{90, 10}, {5, 45}}
	end := [][]float64{{70, 30}, {8, 42}}
	ones := [][]float64{{1, 1}, {1, 1}}
	f, err := design.FlowsFromStocks(start, end, ones, true)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range [][]float64{{70, 20, 0, 10}, {5, 0, 3, 42}} {
		if have := slices.Concat(f[k]...); !slices.Equal(have, want) {
			t.Errorf("born in %d: have %v, want %v", k, have, want)
		}
	}
	if f, err = design.FlowsFromStocks(start, end, ones, false); err != nil {
		t.Fatal(err)
	}
	near(t, "independent", f[0][0][1], 90*30/100.0)
	end[1][1] = 50
	if _, err := design.FlowsFromStocks(start, end, ones, true); !coded(err, design.CodeMarginTotals) {
		t.Error(err)
	}
	if _, err := design.FlowsFromStocks(start, end[:1], ones, true); !coded(err, design.CodeTable) {
		t.Error(err)
	}
}

// TestCoverage draws 12 of 40 clusters of unequal size 1,500 times: the 95 % interval of a ratio mean holds the
// population's in 92 to 97.5 % of them (binomial error 0.6 points; with 11 degrees of freedom and a skewed size the
// nominal level is met only nearly), and the mean of the variances is the variance of the estimates within 12 %.
func TestCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	type cluster struct{ y []float64 }
	var population []cluster
	sum, count := 0.0, 0.0
	for range 40 {
		c, level := cluster{}, random.NormFloat64()
		for range 4 + random.IntN(9) {
			y := level + random.NormFloat64()
			c.y = append(c.y, y)
			sum, count = sum+y, count+1
		}
		population = append(population, c)
	}
	truth, inside, mean, square, variance := sum/count, 0, 0.0, 0.0, 0.0
	const times = 1500
	for range times {
		var u, y, n []float64
		for k, c := range random.Perm(40)[:12] {
			for _, v := range population[c].y {
				u, y, n = append(u, float64(k)), append(y, v), append(n, 40)
			}
		}
		f := formula.NewFrame()
		for name, v := range map[string][]float64{"u": u, "y": y, "n": n} {
			if err := f.AddNumbers(name, v...); err != nil {
				t.Fatal(err)
			}
		}
		s, err := design.New(f, design.Options{Clusters: []string{"u"}, FPC: []string{"n"}})
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.Means(variable(t, s, "y"))
		if err != nil {
			t.Fatal(err)
		}
		if i := e.Interval(0, 0.95); i.Low <= truth && truth <= i.High {
			inside++
		}
		mean, square, variance = mean+e.Value[0]/times, square+e.Value[0]*e.Value[0]/times, variance+e.SE(0)*e.SE(0)/times
	}
	if share := float64(inside) / times; share < 0.92 || share > 0.975 {
		t.Errorf("%.3f of the intervals hold the truth", share)
	}
	if ratio := variance / (square - mean*mean); math.Abs(ratio-1) > 0.12 {
		t.Errorf("mean variance over true variance is %.3f", ratio)
	}
}

// TestBrewer: equal chances are a simple sample from a finite population; unequal ones weigh each unit's square by
// what is left of its chance.
func TestBrewer(t *testing.T) {
	const text = `y,n,p,q
1,9,0.3333333333333333,0.5
5,9,0.3333333333333333,0.2
3,9,0.3333333333333333,0.4
`
	f := parseFrame(t, text)
	se := func(opt design.Options) float64 {
		s, err := design.New(f, opt)
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.Totals(variable(t, s, "y"))
		if err != nil {
			t.Fatal(err)
		}
		return e.SE(0)
	}
	near(t, "equal chances", se(design.Options{FPC: []string{"p"}, Brewer: true}), se(design.Options{FPC: []string{"n"}}))
	// y/q is 2, 25, 7.5 around 11.5.
	want := 1.5 * (0.5*9.5*9.5 + 0.8*13.5*13.5 + 0.6*4*4)
	near(t, "unequal chances", se(design.Options{FPC: []string{"q"}, Brewer: true}), math.Sqrt(want))
	if _, err := design.New(f, design.Options{FPC: []string{"n"}, Brewer: true}); !coded(err, design.CodeNoValue) {
		t.Error(err)
	}
}
