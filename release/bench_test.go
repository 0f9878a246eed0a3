package release_test

import (
	"testing"

	"waymark/release"
)

// BenchmarkClear clears linked tables of one survey of 16,500 people: countries by route, by sex and by age,
// and all of them crossed in one table; the largest case has some 5,000 cells.
func BenchmarkClear(b *testing.B) {
	for _, size := range []struct {
		name      string
		countries int
		age       int
	}{{"1000cells", 12, 4}, {"2500cells", 30, 5}, {"5000cells", 60, 5}} {
		b.Run(size.name, func(b *testing.B) {
			levels := map[string]int{"route": size.countries, "sex": 2, "age": size.age, "any": 2}
			people := survey(11, 16500, levels)
			drafts := []release.Draft{
				byVariables(people, "route", levels, "route"),
				byVariables(people, "sex", levels, "sex"),
				byVariables(people, "route-sex", levels, "route", "sex"),
				byVariables(people, "route-age", levels, "route", "age"),
				byVariables(people, "cross", levels, "route", "sex", "age"),
			}
			cells := 0
			for _, d := range drafts {
				cells += len(d.Rows) * len(d.Measures)
			}
			b.ResetTimer()
			for b.Loop() {
				_, rec, err := release.Clear(release.Policy{}, drafts)
				if err != nil {
					b.Fatal(err)
				}
				primary, secondary := 0, 0
				for _, w := range rec.Working() {
					primary += w.Primary
					secondary += w.Secondary
				}
				b.ReportMetric(float64(cells), "cells")
				b.ReportMetric(float64(primary), "unsafe")
				b.ReportMetric(float64(secondary), "secondary")
			}
		})
	}
}
