package simulate_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"waymark/dataset"
	"waymark/place"
	"waymark/plans"
	"waymark/simulate"
	"waymark/study"
	"waymark/study/plan"
)

// TestTransitModelsRecoverTheTruth fits the models of the plan for West and Central Africa: what the truth calls a risk
// comes out above 1, what it calls protective below, and each direction that IOM's chapter names holds.
func TestTransitModelsRecoverTheTruth(t *testing.T) {
	text, _ := plans.Read("west-central-africa")
	p, issues := plan.Parse("west-central-africa.yaml", text)
	if err := issues.Err(); err != nil {
		t.Fatal(err)
	}
	const rows = 17628
	for _, seed := range []uint64{1, 2} {
		if seed > 1 && testing.Short() {
			break
		}
		s := simulate.NewTransitSurvey(rand.NewPCG(seed, 0), rows)
		wrap := func(t *dataset.Table) study.Input {
			return study.Input{File: t.Name, Loaded: &dataset.Loaded{Table: t, Accounts: &dataset.Accounts{Document: t.Name, Read: t.Rows(), Loaded: t.Rows()}}}
		}
		ready, err := study.Prepare(context.Background(), p, map[string]study.Input{"interviews": wrap(s.Next(rows)), "conflict": wrap(s.Conflicts())})
		if err != nil {
			t.Fatal(err)
		}
		main, hard, onward := fit(t, p, ready, "main", ""), fit(t, p, ready, "challenges", ""), fit(t, p, ready, "moving-on", "")
		truth := s.Truth()
		for _, x := range []struct{ predictor, level, question, at string }{
			{"education", "secondary", "education", "secondary"}, {"travel", "group", "travel", "group"}, {"travel", "family", "travel", "family"},
			{"debt", "yes", "debt", "yes"}, {"duration", "over_6m", "duration", "over_6m"}, {"separation", "divorced_widowed", "marital", "divorced_widowed"},
			{"household_means", "yes", "household_means", "yes"}, {"network", "yes", "network", "yes"}, {"services_home", "yes", "services_home", "yes"},
			{"isolated", "yes", "isolated", "yes"}, {"documents", "yes", "documents", "yes"}, {"route", "central", "route", "central"},
		} {
			r, ok := main.Find(x.predictor, x.level)
			if want := truth.Exploited[x.question][x.at]; !ok || r.LogOdds.Value*want <= 0 {
				t.Errorf("seed %d: %s %s is %.2f, drawn with %.2f", seed, x.predictor, x.level, r.LogOdds.Value, want)
			}
		}
		for _, x := range [][2]string{{"separation", "divorced_widowed"}, {"reason", "conflict"}, {"reason", "services"}, {"heading", "within"}, {"duration", "over_6m"}} {
			if r, ok := hard.Find(x[0], x[1]); !ok || r.LogOdds.Low <= 0 {
				t.Errorf("seed %d, challenges: %s %s is %.2f", seed, x[0], x[1], r.LogOdds.Value)
			}
		}
		for _, level := range []string{"primary", "secondary"} { // schooling: the reference has none
			if r, ok := hard.Find("education", level); !ok || r.LogOdds.Value >= 0 {
				t.Errorf("seed %d, challenges: education %s is %.2f", seed, level, r.LogOdds.Value)
			}
		}
		if r, ok := onward.Find("feels", "yes"); !ok || r.LogOdds.Low <= 0 {
			t.Errorf("seed %d: feeling unsafe is %.2f", seed, r.LogOdds.Value)
		}
	}
}

// TestTransitIsOfNoCountry: what could be taken for a fact about a country changes with the seed, every row says that it
// contains nobody, and destinations are in the regions that the truth names.
func TestTransitIsOfNoCountry(t *testing.T) {
	one, two := simulate.NewTransitSurvey(rand.NewPCG(1, 0), 2000), simulate.NewTransitSurvey(rand.NewPCG(2, 0), 2000)
	for country, v := range one.Truth().FeelUnsafe {
		if two.Truth().FeelUnsafe[country] == v {
			t.Errorf("%s feels the same under two seeds", country)
		}
	}
	tab := one.Next(2000)
	scheme, err := place.Countries().Scheme("survey-regions")
	if err != nil {
		t.Fatal(err)
	}
	made, to := tab.Column("simulated"), tab.Column("destination_country")
	for i := range tab.Rows() {
		if made.Level(i) != simulate.Notice {
			t.Fatalf("row %d does not say that it contains nobody", i)
		}
		if to.Missing(i) != dataset.Present {
			continue
		}
		if _, ok := scheme.Of(to.Level(i)); !ok {
			t.Errorf("%s is in no region", to.Level(i))
		}
	}
}
