package design_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"waymark/stat/design"
	"waymark/stat/formula"
)

// drawn is a sample made by rapid: strata with two units or more each, some people in each unit.
type drawn struct{ h, u, w, y, x []float64 }

func draw(t *rapid.T) drawn {
	var d drawn
	unit := 0.0
	for h := range rapid.IntRange(1, 4).Draw(t, "strata") {
		for range rapid.IntRange(2, 4).Draw(t, "units") {
			unit++
			for range rapid.IntRange(1, 4).Draw(t, "people") {
				d.h, d.u = append(d.h, float64(h)), append(d.u, unit)
				d.w = append(d.w, rapid.Float64Range(0.5, 20).Draw(t, "w"))
				d.y = append(d.y, rapid.Float64Range(-5, 5).Draw(t, "y"))
				d.x = append(d.x, rapid.Float64Range(1, 3).Draw(t, "x"))
			}
		}
	}
	return d
}

func (d drawn) frame(t *rapid.T) *formula.Frame {
	f := formula.NewFrame()
	for name, v := range map[string][]float64{"h": d.h, "u": d.u, "w": d.w, "y": d.y, "x": d.x} {
		if err := f.AddNumbers(name, v...); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (d drawn) sample(t *rapid.T, opt design.Options) *design.Sample {
	s, err := design.New(d.frame(t), opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var full = design.Options{Strata: []string{"h"}, Clusters: []string{"u"}, Weights: "w"}

func (d drawn) permuted(order []int) drawn {
	take := func(v []float64) []float64 {
		out := make([]float64, len(v))
		for k, i := range order {
			out[k] = v[i]
		}
		return out
	}
	return drawn{take(d.h), take(d.u), take(d.w), take(d.y), take(d.x)}
}

// all estimates a mean, a total, a ratio and a median, with errors.
func all(t *rapid.T, s *design.Sample) []float64 {
	y, _ := s.Numbers("y")
	x, _ := s.Numbers("x")
	var out []float64
	add := func(e *design.Estimates, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e.Value[0], e.SE(0))
	}
	add(s.Means(y))
	add(s.Totals(y))
	add(s.Ratios(x, y))
	q, err := s.Quantiles(y, []float64{0.5}, design.QuantileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return append(out, q[0].Value)
}

func same(t *rapid.T, what string, have, want []float64) {
	for k, v := range want {
		if math.Abs(have[k]-v) > 1e-9*(1+math.Abs(v)) {
			t.Fatalf("%s: number %d: have %.15g, want %.15g", what, k, have[k], v)
		}
	}
}

// TestOrderOfRows: any order of rows gives the same estimates.
func TestOrderOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		order := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Perm(len(d.y))
		same(t, "order", all(t, d.permuted(order).sample(t, full)), all(t, d.sample(t, full)))
	})
}

// TestScaleOfWeights: weights times c leave means, ratios and quantiles, and multiply totals.
func TestScaleOfWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		c := rapid.Float64Range(0.1, 50).Draw(t, "c")
		want := all(t, d.sample(t, full))
		scaled := d
		scaled.w = slices.Clone(d.w)
		for i := range scaled.w {
			scaled.w[i] *= c
		}
		want[2], want[3] = want[2]*c, want[3]*c
		same(t, "scale", all(t, scaled.sample(t, full)), want)
	})
}

// TestNamesOfUnits: units numbered anew within each stratum are the same design, said to be nested.
func TestNamesOfUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		again := d
		again.u = slices.Clone(d.u)
		first := map[float64]float64{}
		for i, h := range d.h {
			if _, ok := first[h]; !ok {
				first[h] = d.u[i]
			}
			again.u[i] -= first[h]
		}
		nested := full
		nested.Nested = true
		same(t, "names", all(t, again.sample(t, nested)), all(t, d.sample(t, full)))
	})
}

// TestMergedUnits: a person's rows put together into one row of their sum leave the total and its error.
func TestMergedUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		merged := drawn{}
		for i, u := range d.u {
			n := len(merged.u)
			if n == 0 || merged.u[n-1] != u {
				merged.h, merged.u, merged.w = append(merged.h, d.h[i]), append(merged.u, u), append(merged.w, 1)
				merged.y, merged.x = append(merged.y, 0), append(merged.x, 1)
				n++
			}
			merged.y[n-1] += d.w[i] * d.y[i]
		}
		total := func(s *design.Sample) []float64 {
			y, _ := s.Numbers("y")
			e, err := s.Totals(y)
			if err != nil {
				t.Fatal(err)
			}
			return []float64{e.Value[0], e.SE(0)}
		}
		same(t, "merged", total(merged.sample(t, full)), total(d.sample(t, full)))
	})
}

// TestOneStratum: strata merged into one are the design without strata.
func TestOneStratum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		one := d
		one.h = make([]float64, len(d.h))
		same(t, "one stratum", all(t, one.sample(t, full)), all(t, d.sample(t, design.Options{Clusters: []string{"u"}, Weights: "w"})))
	})
}

// TestDomainsAddUp: totals of the groups add to the total, and their covariance is what joint estimation says.
func TestDomainsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		s := d.sample(t, full)
		y, _ := s.Numbers("y")
		keep, parts := make([]bool, s.Rows()), [2]design.Variable{{Values: make([]float64, s.Rows())}, {Values: make([]float64, s.Rows())}}
		for i := range keep {
			keep[i] = rapid.Bool().Draw(t, "in")
			parts[0].Values[i], parts[1].Values[i] = 0, d.y[i]
			if keep[i] {
				parts[0].Values[i], parts[1].Values[i] = d.y[i], 0
			}
		}
		keep[0], parts[0].Values[0], parts[1].Values[0] = true, d.y[0], 0
		whole, err := s.Totals(y)
		if err != nil {
			t.Fatal(err)
		}
		joint, err := s.Totals(parts[0], parts[1])
		if err != nil {
			t.Fatal(err)
		}
		within, err := s.Within(keep).Totals(y)
		if err != nil {
			t.Fatal(err)
		}
		variance := joint.Cov.At(0, 0) + joint.Cov.At(1, 1) + 2*joint.Cov.At(0, 1)
		same(t, "parts", []float64{joint.Value[0] + joint.Value[1], variance, within.Value[0], within.SE(0)},
			[]float64{whole.Value[0], whole.SE(0) * whole.SE(0), joint.Value[0], joint.SE(0)})
	})
}

// TestJackknifeOfTotals: for totals the jackknife is linearisation.
func TestJackknifeOfTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t).sample(t, full)
		j, err := s.Replicate(design.ReplicateOptions{Method: design.JKn})
		if err != nil {
			t.Fatal(err)
		}
		y, _ := s.Numbers("y")
		a, err := s.Totals(y)
		if err != nil {
			t.Fatal(err)
		}
		b, err := j.Totals(y)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "jackknife", []float64{b.Value[0], b.SE(0)}, []float64{a.Value[0], a.SE(0)})
	})
}

// TestWholePopulation: a census has no sampling error, whatever is estimated.
func TestWholePopulation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		f := d.frame(t)
		share := slices.Repeat([]float64{1}, len(d.y))
		if err := f.AddNumbers("all", share...); err != nil {
			t.Fatal(err)
		}
		opt := full
		opt.FPC = []string{"all"}
		s, err := design.New(f, opt)
		if err != nil {
			t.Fatal(err)
		}
		if e := all(t, s); e[1] != 0 || e[3] != 0 || e[5] != 0 {
			t.Fatalf("a census has an error: %v", e)
		}
	})
}

// TestRakedMargins: raking meets every margin it is given.
func TestRakedMargins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		s := d.sample(t, full)
		totals := map[string]float64{}
		for k := range 4 {
			totals[string(rune('0'+k))] = rapid.Float64Range(10, 1000).Draw(t, "total")
		}
		g, _, err := s.Groups("h")
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]float64{}
		for _, l := range g.Labels {
			known[l[0]] = totals[l[0]]
		}
		m := design.Margin{Columns: []string{"h"}, Totals: known}
		r, err := s.Rake([]design.Margin{m}, design.CalibrateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.PostStratify(m)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "one margin", r.Weights(), p.Weights())
		for k, l := range g.Labels {
			same(t, "margin", []float64{r.WithinGroup(g, k).SumOfWeights()}, []float64{known[l[0]]})
		}
	})
}
