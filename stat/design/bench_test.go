package design_test

import (
	"math/rand/v2"
	"testing"

	"waymark/stat/design"
	"waymark/stat/formula"
	"waymark/stat/glm"
)

// million is a time-location sample: 1,000,000 rows in 20,000 point-days of 50 strata, 40 nationalities.
func million(b *testing.B) *formula.Frame {
	b.Helper()
	const rows = 1_000_000
	random := rand.New(rand.NewPCG(3, 4))
	f := formula.NewFrame()
	w, age, hurt, size := make([]float64, rows), make([]float64, rows), make([]float64, rows), make([]float64, rows)
	h, u, nation, sex := make([]float64, rows), make([]float64, rows), make([]uint8, rows), make([]uint8, rows)
	for i := range rows {
		u[i] = float64(i / 50)
		h[i] = float64(i / 20_000)
		w[i], age[i], size[i] = 1+random.Float64()*30, 15+random.Float64()*50, 1+random.Float64()*6
		nation[i], sex[i] = uint8(random.IntN(40)), uint8(random.IntN(2))
		if random.Float64() < 0.3 {
			hurt[i] = 1
		}
	}
	for _, c := range []struct {
		name   string
		values []float64
	}{{"stratum", h}, {"unit", u}, {"w", w}, {"age", age}, {"size", size}, {"hurt", hurt}} {
		if err := f.AddNumbers(c.name, c.values...); err != nil {
			b.Fatal(err)
		}
	}
	names := make([]string, 40)
	for k := range names {
		names[k] = string(rune('a'+k/26)) + string(rune('a'+k%26))
	}
	if err := f.AddCodes("nation", names, nation); err != nil {
		b.Fatal(err)
	}
	if err := f.AddCodes("sex", []string{"f", "m"}, sex); err != nil {
		b.Fatal(err)
	}
	return f
}

var pointDays = design.Options{Strata: []string{"stratum"}, Clusters: []string{"unit"}, Weights: "w"}

func BenchmarkMillion(b *testing.B) {
	f := million(b)
	s, err := design.New(f, pointDays)
	if err != nil {
		b.Fatal(err)
	}
	age, size := variable(b, s, "age"), variable(b, s, "size")
	fail := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	bench := func(name string, do func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fail(do())
			}
		})
	}
	bench("design", func() error { _, err := design.New(f, pointDays); return err })
	bench("mean", func() error { _, err := s.Means(age); return err })
	bench("ratio", func() error { _, err := s.Ratios(size, age); return err })
	bench("median", func() error { _, err := s.Quantiles(age, []float64{0.5}, design.QuantileOptions{}); return err })
	bench("by-40", func() error {
		g, _, err := s.Groups("nation")
		for k := range g.Labels {
			if _, err := s.WithinGroup(g, k).Means(age); err != nil {
				return err
			}
		}
		return err
	})
	bench("rake-2", func() error {
		_, err := s.Rake([]design.Margin{margin(s, "nation"), margin(s, "sex")}, design.CalibrateOptions{})
		return err
	})
	logistic, err := formula.Parse("hurt ~ age + size + nation + sex")
	fail(err)
	bench("logistic-43", func() error {
		_, err := s.Fit(logistic, formula.Options{}, glm.Options{})
		return err
	})
}

// margin gives 1,000,000 people in equal levels.
func margin(s *design.Sample, column string) design.Margin {
	g, _, _ := s.Groups(column)
	m := design.Margin{Columns: []string{column}, Totals: map[string]float64{}}
	for _, l := range g.Labels {
		m.Totals[l[0]] = 1e6 / float64(len(g.Labels))
	}
	return m
}
