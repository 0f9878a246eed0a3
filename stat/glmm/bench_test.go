package glmm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"waymark/stat/formula"
	"waymark/stat/glmm"
)

// surveyFrame simulates a survey: ten factors with 25 coefficients, two crossed groupings of 40 and 30 levels, a
// binary outcome of about 37 percent.
func surveyFrame(t testing.TB, rows int) *formula.Frame {
	rng := rand.New(rand.NewPCG(2017, uint64(rows)))
	factors := []struct {
		name   string
		levels int
		effect []float64
	}{
		{"route", 2, []float64{2.7}}, {"sex", 2, []float64{0.4}}, {"age", 5, []float64{0.3, 0.2, -0.1, -0.3}},
		{"education", 5, []float64{0.1, 0.1, -0.1, -0.2}}, {"marital", 3, []float64{0.1, -0.1}},
		{"travel", 3, []float64{0.3, 0.1}}, {"duration", 4, []float64{0.2, 0.5, 0.8}}, {"cost", 5, []float64{0.1, 0.2, 0.3, 0.3}},
		{"conflict", 2, []float64{0.35}}, {"reason", 3, []float64{0.1, 0.2}},
	}
	frame := formula.NewFrame()
	eta := make([]float64, rows)
	names := func(prefix string, n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprintf("%s%02d", prefix, i)
		}
		return out
	}
	add := func(name string, levels []string, codes []uint8) {
		if err := frame.AddCodes(name, levels, codes); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range factors {
		codes := make([]uint8, rows)
		for i := range codes {
			codes[i] = uint8(rng.IntN(f.levels))
			if codes[i] > 0 {
				eta[i] += f.effect[codes[i]-1]
			}
		}
		add(f.name, names("", f.levels), codes)
	}
	for _, g := range []struct {
		name   string
		levels int
		sd     float64
	}{{"nationality", 40, 0.8}, {"location", 30, 0.35}} {
		u := make([]float64, g.levels)
		for l := range u {
			u[l] = g.sd * rng.NormFloat64()
		}
		codes := make([]uint8, rows)
		for i := range codes {
			l := min(int(float64(g.levels)*rng.Float64()*rng.Float64()*1.2), g.levels-1)
			codes[i] = uint8(l)
			eta[i] += u[l]
		}
		add(g.name, names("L", g.levels), codes)
	}
	y := make([]float64, rows)
	for i := range y {
		if rng.Float64() < 1/(1+math.Exp(3.3-eta[i])) {
			y[i] = 1
		}
	}
	if err := frame.AddNumbers("y", y...); err != nil {
		t.Fatal(err)
	}
	return frame
}

const surveyFormula = "y ~ route + sex + age + education + marital + travel + duration + cost + conflict + reason + (1|nationality) + (1|location)"

func surveyDesign(t testing.TB, rows int) *formula.Design { return designOf(t, rows, surveyFormula) }

func designOf(t testing.TB, rows int, text string) *formula.Design {
	f, err := formula.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Build(f, surveyFrame(t, rows), formula.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func benchmarkFit(b *testing.B, rows int, opt glmm.Options) {
	benchmarkDesign(b, surveyDesign(b, rows), opt)
}

func benchmarkDesign(b *testing.B, d *formula.Design, opt glmm.Options) {
	b.ReportAllocs()
	start := processorTime()
	var last *glmm.Model
	for b.Loop() {
		m, err := glmm.Fit(d, opt)
		if err != nil {
			b.Fatal(err)
		}
		if !m.Converged() {
			b.Fatalf("not converged: %v", m.Verdicts)
		}
		last = m
	}
	b.ReportMetric(float64(last.Convergence.Evaluations), "evaluations")
	b.ReportMetric(float64(last.Convergence.Passes), "passes")
	b.ReportMetric(float64((processorTime()-start).Milliseconds())/float64(b.N), "cpu-ms/op")
}

func BenchmarkFit16524(b *testing.B) { benchmarkFit(b, 16524, glmm.Options{}) }

func BenchmarkFit100000(b *testing.B) { benchmarkFit(b, 100000, glmm.Options{}) }

func BenchmarkFit1000000(b *testing.B) { benchmarkFit(b, 1000000, glmm.Options{}) }

// BenchmarkFit10000000 takes 1.5 GB and is run where WAYMARK_LARGE is set.
func BenchmarkFit10000000(b *testing.B) {
	if os.Getenv("WAYMARK_LARGE") == "" {
		b.Skip("WAYMARK_LARGE is not set: ten million rows skipped")
	}
	benchmarkFit(b, 10000000, glmm.Options{})
}

func BenchmarkFast16524(b *testing.B) { benchmarkFit(b, 16524, glmm.Options{Method: glmm.Fast}) }

// One grouping factor, by the exact integral.
func BenchmarkExact16524(b *testing.B) {
	benchmarkDesign(b, designOf(b, 16524, "y ~ route + sex + age + education + marital + travel + duration + cost + conflict + reason + (1|nationality)"), glmm.Options{})
}

// A correlated slope of a factor, and a crossed intercept.
func BenchmarkSlope16524(b *testing.B) {
	benchmarkDesign(b, designOf(b, 16524, "y ~ route + sex + age + education + marital + travel + duration + cost + conflict + reason + (1+sex|nationality) + (1|location)"), glmm.Options{})
}
