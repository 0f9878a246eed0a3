package simulate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"waymark/dataset"
	"waymark/place"
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

// TestPublishedShares compares large surveys with the figures they are calibrated to. The tolerances cover
// the chance of 60,000 interviews (three standard errors of the group at hand), the pilot, and the answers
// that are missing more often where a person was exploited.
func TestPublishedShares(t *testing.T) {
	for _, seed := range []uint64{1, 2017} {
		tab := draw(t, seed, 60000)
		route, sex, age, nationality := tab.Column("route"), tab.Column("sex"), tab.Column("age"), tab.Column("nationality")
		everyone := func(int) bool { return true }
		central := func(i int) bool { return route.Level(i) == "Central" }
		eastern := func(i int) bool { return route.Level(i) == "Eastern" }
		men := func(i int) bool { return sex.Level(i) == "male" }
		women := func(i int) bool { return sex.Level(i) == "female" }
		youth := func(i int) bool { return age.Number(i) < 25 }
		scheme, err := place.Countries().Scheme("survey-regions")
		if err != nil {
			t.Fatal(err)
		}
		subSaharan := func(i int) bool {
			g, _ := scheme.Of(nationality.Level(i))
			return g.Code == "west-africa" || g.Code == "central-africa" || g.Code == "east-africa"
		}
		other := func(i int) bool { return nationality.Level(i) != "" && !subSaharan(i) }
		for _, c := range []struct {
			name, column string
			in           []func(int) bool
			want, within float64
		}{
			{"all", "exploited", []func(int) bool{everyone}, 0.37, 0.015},
			{"Central", "exploited", []func(int) bool{central}, 0.73, 0.015},
			{"Eastern", "exploited", []func(int) bool{eastern}, 0.14, 0.015},
			{"men, Central", "exploited", []func(int) bool{central, men}, 0.76, 0.02},
			{"women, Central", "exploited", []func(int) bool{central, women}, 0.67, 0.02},
			{"14 to 24, Central", "exploited", []func(int) bool{central, youth}, 0.77, 0.02},
			{"14 to 24, Central, sub-Saharan", "exploited", []func(int) bool{central, youth, subSaharan}, 0.83, 0.02},
			{"14 to 24, Central, other", "exploited", []func(int) bool{central, youth, other}, 0.56, 0.03},
			{"14 to 24, Eastern, sub-Saharan", "exploited", []func(int) bool{eastern, youth, subSaharan}, 0.65, 0.055},
			{"14 to 24, Eastern, other", "exploited", []func(int) bool{eastern, youth, other}, 0.15, 0.02},
			{"violence, men, Central", "violence", []func(int) bool{central, men}, 0.80, 0.02},
			{"violence, women, Central", "violence", []func(int) bool{central, women}, 0.66, 0.02},
			{"held, Central", "held", []func(int) bool{central}, 0.49, 0.02},
			{"unpaid work, Central", "unpaid_work", []func(int) bool{central}, 0.50, 0.02},
			{"held, Eastern", "held", []func(int) bool{eastern}, 0.06, 0.015},
			{"unpaid work, Eastern", "unpaid_work", []func(int) bool{eastern}, 0.07, 0.015},
		} {
			all := func(i int) bool {
				for _, in := range c.in {
					if !in(i) {
						return false
					}
				}
				return true
			}
			if got := share(tab, c.column, all); math.Abs(got-c.want) > c.within {
				t.Errorf("seed %d, %s: %.3f, published %.2f", seed, c.name, got, c.want)
			}
		}
		if got := libya(tab); math.Abs(got-0.92) > 0.01 {
			t.Errorf("seed %d: %.3f of the events of the Central route in Libya, published 0.92", seed, got)
		}
		if got := 100 * familyAdds(tab, eastern); got < 1 || got > 1.6 {
			t.Errorf("seed %d: family adds %.2f points on the Eastern route, published 1 to 1.4", seed, got)
		}
	}
}

var indicators = []string{"unpaid_work", "forced_work", "held", "marriage_offer"}

// libya is the share of the events of the Central route that happened there.
func libya(t *dataset.Table) float64 {
	there, all := 0.0, 0.0
	for _, name := range indicators {
		c := t.Column(name + "_country")
		for i := range t.Rows() {
			if t.Column("route").Level(i) != "Central" || c.Missing(i) != dataset.Present {
				continue
			}
			all++
			if c.Level(i) == "LBY" {
				there++
			}
		}
	}
	return there / all
}

// familyAdds is the share of people for whom only an answer on family makes a yes, among those who answered
// for themselves.
func familyAdds(t *dataset.Table, in func(int) bool) float64 {
	added, all := 0.0, 0.0
	for i := range t.Rows() {
		if !in(i) || t.Column("exploited").Missing(i) != dataset.Present {
			continue
		}
		all++
		if t.Column("exploited").Number(i) == 1 {
			continue
		}
		for _, name := range indicators {
			if t.Column(name+"_family").Level(i) == "yes" {
				added++
				break
			}
		}
	}
	return added / all
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

// TestNonResponseIsNotAtRandom compares how often a kind of missing occurs in two groups with the rates that
// docs/methods/simulation.md lists. Tolerances are four standard errors of the smaller group.
func TestNonResponseIsNotAtRandom(t *testing.T) {
	tab := draw(t, 11, 60000)
	level := func(column, code string) func(int) bool {
		c := tab.Column(column)
		return func(i int) bool { return c.Level(i) == code }
	}
	not := func(f func(int) bool) func(int) bool { return func(i int) bool { return !f(i) } }
	paper := func(i int) bool {
		switch tab.Column("location").Level(i) {
		case "ITA-04", "ITA-08", "GRC-03", "BGR-01":
			return true
		}
		return false
	}
	early := func(i int) bool {
		m := tab.Column("survey_month").Level(i)
		return paper(i) && (m == "2015-12" || m == "2016-01")
	}
	exploited := func(i int) bool { return tab.Column("exploited").Number(i) == 1 }
	spared := func(i int) bool { return tab.Column("exploited").Number(i) == 0 }
	unschooled := level("education", "none")
	child := func(i int) bool { return tab.Column("age").Number(i) < 18 }
	for _, c := range []struct {
		name, column string
		kind         dataset.Missing
		in           func(int) bool
		want         float64
	}{
		{"cost refused, exploited", "cost", dataset.Refused, exploited, 0.025},
		{"cost refused, not exploited", "cost", dataset.Refused, spared, 0.012},
		{"cost unknown, without schooling", "cost", dataset.Unknown, unschooled, 0.06},
		{"cost unknown, adults with schooling", "cost", dataset.Unknown, func(i int) bool {
			return !unschooled(i) && !child(i) && tab.Column("education").Missing(i) == dataset.Present
		}, 0.02},
		{"reason refused, conflict", "reason", dataset.Refused, level("conflict", "yes"), 0.016},
		{"reason refused, no conflict", "reason", dataset.Refused, level("conflict", "no"), 0.006},
		{"violence refused, women", "violence", dataset.Refused, level("sex", "female"), 0.026},
		{"violence refused, men", "violence", dataset.Refused, level("sex", "male"), 0.0158},
		{"camp blank, paper forms", "camp_stay", dataset.Empty, paper, 0.01},
		{"camp blank, elsewhere", "camp_stay", dataset.Empty, not(paper), 0.002},
		{"offer of marriage not asked, early paper forms", "marriage_offer", dataset.NotAsked, early, 1},
		{"offer of marriage not asked, elsewhere", "marriage_offer", dataset.NotAsked, not(early), 0},
		{"family, not with family", "held_family", dataset.NotApplicable, level("travel", "alone"), 1},
	} {
		col, n, kind := tab.Column(c.column), 0.0, 0.0
		for i := range tab.Rows() {
			if tab.Column("consent").Level(i) != "yes" || !c.in(i) {
				continue
			}
			n++
			if col.Missing(i) == c.kind {
				kind++
			}
		}
		within := 4 * math.Sqrt(c.want*(1-c.want)/n)
		if c.name == "violence refused, women" || c.name == "violence refused, men" {
			within += 0.004 // the rate also depends on the answer that was refused
		}
		if got := kind / n; math.Abs(got-c.want) > within+1e-9 || n < 500 {
			t.Errorf("%s: %.4f of %.0f, documented %.4f", c.name, got, n, c.want)
		}
	}
	held := tab.Column("held")
	for i := range tab.Rows() {
		if tab.Column("consent").Level(i) == "no" && held.Missing(i) != dataset.NotAsked {
			t.Fatalf("row %d: asked without consent", i)
		}
	}
}

// TestTruthHasEveryStatedDirection checks what IOM stated in December 2017 in the parameters themselves.
func TestTruthHasEveryStatedDirection(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3, 7, 2017} {
		truth := simulate.NewFlowSurvey(rand.NewPCG(seed, 0), 10).Truth()
		e := truth.Effects
		if truth.Notice != simulate.Notice || len(truth.Locations) == 0 || len(truth.Departures) == 0 {
			t.Errorf("seed %d: notice or group effects missing", seed)
		}
		if e.Route["Central"] < math.Log(3) || e.Route["Central"]+e.EasternSSA < 0 || e.Route["Central"]-e.EasternSSA < 0 {
			t.Errorf("seed %d: Central %.2f, %.2f less for sub-Saharan origin", seed, e.Route["Central"], e.EasternSSA)
		}
		for _, eastern := range []float64{0, 1} {
			on := map[string]float64{}
			for name, x := range e.Region {
				if name == "west-africa" || name == "east-africa" || name == "central-africa" {
					x += eastern * e.EasternSSA
				}
				on[name] = x
			}
			for name, x := range on {
				if name != "west-africa" && x >= on["west-africa"] || name != "north-africa" && x <= on["north-africa"] {
					t.Errorf("seed %d, Eastern %v: %s %.2f, West Africa %.2f, North Africa %.2f", seed, eastern, name, x, on["west-africa"], on["north-africa"])
				}
			}
		}
		for name, x := range map[string]float64{"conflict": e.Conflict["yes"], "alone": e.Travel["alone"], "men": e.Sex["male"]} {
			if x <= 0 {
				t.Errorf("seed %d: %s %.2f", seed, name, x)
			}
		}
		for _, rising := range [][]float64{
			{e.Duration["under_2w"], e.Duration["2w_3m"], e.Duration["3m_6m"], e.Duration["over_6m"]},
			{e.Cost["none"], e.Cost["under_1000"], e.Cost["1000_2500"], e.Cost["2500_5000"], e.Cost["over_5000"]},
		} {
			if !slices.IsSorted(rising) {
				t.Errorf("seed %d: %v does not rise", seed, rising)
			}
		}
	}
}

// TestRegionsAreThoseOfPlans holds the regions that the truth names against the scheme that plans use.
func TestRegionsAreThoseOfPlans(t *testing.T) {
	scheme, err := place.Countries().Scheme("survey-regions")
	if err != nil {
		t.Fatal(err)
	}
	truth := simulate.NewFlowSurvey(rand.NewPCG(1, 0), 10).Truth()
	groups := map[string]bool{}
	for _, g := range scheme.Groups() {
		groups[g.Code] = true
	}
	for name := range truth.Effects.Region {
		if name != "elsewhere" && !groups[name] {
			t.Errorf("no group %s in the scheme", name)
		}
	}
	for iso, name := range truth.Nationalities {
		g, ok := scheme.Of(iso)
		_, own := truth.Effects.Region[g.Code]
		if !ok || own && name != g.Code || !own && name != "elsewhere" {
			t.Errorf("%s: region %s, in the scheme %s", iso, name, g.Code)
		}
	}
}

// TestConflictIsNoHistory asks that each row says so, and that two seeds tell two histories.
func TestConflictIsNoHistory(t *testing.T) {
	one := simulate.NewFlowSurvey(rand.NewPCG(1, 0), 10).Conflicts()
	two := simulate.NewFlowSurvey(rand.NewPCG(2, 0), 10).Conflicts()
	differ := 0
	for i := range one.Rows() {
		if one.Column("simulated").Level(i) != simulate.ConflictNotice {
			t.Fatalf("row %d does not say that it is invented", i)
		}
		if (one.Column("battle_deaths").Number(i) >= 25) != (two.Column("battle_deaths").Number(i) >= 25) {
			differ++
		}
	}
	if differ < one.Rows()/8 {
		t.Errorf("only %d of %d rows differ between seeds", differ, one.Rows())
	}
}
