package simulate_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"waymark/dataset"
	"waymark/simulate"
)

func draw(t *testing.T, seed uint64, rows int) *dataset.Table {
	t.Helper()
	return simulate.NewFlowSurvey(rand.NewPCG(seed, 0), rows).Next(rows)
}

// share is the share of yes among those who answered yes or no and for whom in holds.
func share(t *dataset.Table, column string, in func(i int) bool) float64 {
	c := t.Column(column)
	yes, n := 0.0, 0.0
	for i := range t.Rows() {
		if c.Missing(i) != dataset.Present || !in(i) {
			continue
		}
		n++
		if c.Kind == dataset.Number && c.Number(i) == 1 || c.Kind == dataset.Category && c.Level(i) == "yes" {
			yes++
		}
	}
	return yes / n
}

// TestPublishedShares compares large surveys with the figures they are calibrated to. The tolerance covers
// the chance of 60,000 interviews (at most 0.5 points in the smallest group), the pilot and the answers
// that are missing where a person was exploited.
func TestPublishedShares(t *testing.T) {
	for _, seed := range []uint64{1, 7, 2017} {
		tab := draw(t, seed, 60000)
		route, sex := tab.Column("route"), tab.Column("sex")
		central := func(i int) bool { return route.Level(i) == "Central" }
		eastern := func(i int) bool { return route.Level(i) == "Eastern" }
		men := func(i int) bool { return central(i) && sex.Level(i) == "male" }
		women := func(i int) bool { return central(i) && sex.Level(i) == "female" }
		for _, c := range []struct {
			name, column string
			in           func(int) bool
			want         float64
		}{
			{"all", "exploited", func(int) bool { return true }, 0.37},
			{"Central", "exploited", central, 0.73},
			{"Eastern", "exploited", eastern, 0.14},
			{"men on the Central route", "exploited", men, 0.76},
			{"women on the Central route", "exploited", women, 0.67},
			{"violence, men", "violence", men, 0.80},
			{"violence, women", "violence", women, 0.66},
		} {
			if got := share(tab, c.column, c.in); math.Abs(got-c.want) > 0.02 {
				t.Errorf("seed %d, %s: %.3f, published %.2f", seed, c.name, got, c.want)
			}
		}
	}
}

// TestBatchesDoNotMatter draws the same seed whole and in pieces.
func TestBatchesDoNotMatter(t *testing.T) {
	whole := draw(t, 3, 500)
	s := simulate.NewFlowSurvey(rand.NewPCG(3, 0), 500)
	at := 0
	for part := s.Next(123); part != nil; part = s.Next(123) {
		for _, c := range part.Columns {
			w := whole.Column(c.Name)
			for i := range part.Rows() {
				same := c.Missing(i) == w.Missing(at+i) && c.Level(i) == w.Level(at+i)
				if c.Kind == dataset.Number {
					same = same && (c.Number(i) == w.Number(at+i) || c.Missing(i) != dataset.Present)
				}
				if !same {
					t.Fatalf("column %s differs at row %d", c.Name, at+i)
				}
			}
		}
		at += part.Rows()
	}
	if at != 500 {
		t.Fatalf("%d rows drawn, want 500", at)
	}
}

// TestEveryRowSaysSimulated and keeps all five kinds that are not values.
func TestEveryRowSaysSimulated(t *testing.T) {
	tab := draw(t, 5, 4000)
	kinds := map[dataset.Missing]int{}
	for i := range tab.Rows() {
		if tab.Column("simulated").Level(i) != simulate.Notice {
			t.Fatalf("row %d does not say that it is simulated", i)
		}
		for _, c := range tab.Columns {
			kinds[c.Missing(i)]++
		}
	}
	for m := dataset.Unknown; m <= dataset.Empty; m++ {
		if kinds[m] == 0 {
			t.Errorf("no cell is %s", m)
		}
	}
}

// TestNonResponseIsNotAtRandom: those who met exploitation refuse more often.
func TestNonResponseIsNotAtRandom(t *testing.T) {
	tab := draw(t, 11, 40000)
	cost, route := tab.Column("cost"), tab.Column("route")
	refused := map[string]float64{}
	n := map[string]float64{}
	for i := range tab.Rows() {
		if cost.Missing(i) == dataset.NotAsked {
			continue
		}
		n[route.Level(i)]++
		if cost.Missing(i) == dataset.Refused {
			refused[route.Level(i)]++
		}
	}
	if refused["Central"]/n["Central"] < 1.3*refused["Eastern"]/n["Eastern"] {
		t.Errorf("refusals on cost: %v of %v", refused, n)
	}
}

func TestTruthNamesEveryLevelAndNobody(t *testing.T) {
	truth := simulate.NewFlowSurvey(rand.NewPCG(1, 0), 10).Truth()
	if truth.Notice == "" || truth.Effects.Region["west_africa"] <= truth.Effects.Region["north_africa"] {
		t.Errorf("truth: %+v", truth)
	}
	if len(truth.Locations) == 0 || len(truth.Departures) == 0 {
		t.Error("no group effects in the truth")
	}
}
