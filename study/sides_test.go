package study_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/release"
	"waymark/simulate"
	"waymark/study"
)

// transit runs the plan for West and Central Africa on simulated interviews, without its many specifications.
func transit(t *testing.T, rows, least int) (files, *study.Result) {
	t.Helper()
	s := simulate.NewTransitSurvey(rand.NewPCG(3, 0), rows)
	in := map[string]study.Input{
		"interviews": {File: "survey.csv", Loaded: loaded(s.Next(rows))},
		"conflict":   {File: "survey.conflict.csv", Loaded: loaded(s.Conflicts())},
	}
	p := shipped(t, "west-central-africa")
	p.Robustness, p.Disclosure.MinPeople = nil, least
	public := files{}
	result, err := study.Run(context.Background(), p, in, study.Outputs{Public: public, Working: files{}},
		study.Options{Languages: []string{"en", "fr"}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return public, result
}

// TestSidesAgreeWithTheMainModel: what is said to be found follows from the interval beside it, for every category
// but the references, and page one has a factor of each direction.
func TestSidesAgreeWithTheMainModel(t *testing.T) {
	public, result := transit(t, 6000, 10)
	rows := readTable(t, public["tables/data/sides.csv"].String())
	found := map[string]int{}
	for _, row := range rows {
		if row["odds_ratio_state"] != "shown" {
			if row["found"] != "unclear" {
				t.Errorf("%s %s: a verdict on a withheld number", row["factor"], row["category"])
			}
			continue
		}
		low, _ := strconv.ParseFloat(row["odds_ratio_low"], 64)
		high, _ := strconv.ParseFloat(row["odds_ratio_high"], 64)
		want := "unclear"
		switch {
		case low > 1:
			want = "risk"
		case high < 1:
			want = "protective"
		}
		if row["found"] != want {
			t.Errorf("%s %s: found %s with an interval from %v to %v", row["factor"], row["category"], row["found"], low, high)
		}
		found[want]++
	}
	if found["risk"] == 0 || found["protective"] == 0 {
		t.Errorf("found %v", found)
	}
	if n := len(result.Document.Summary.Findings); n != 3 {
		t.Fatalf("%d findings on page one", n)
	}
	for i, key := range map[int]string{1: "study.finding.higher-said-short", 2: "study.finding.lower-said-short"} {
		if got := result.Document.Summary.Findings[i].Say.Key; got != key {
			t.Errorf("finding %d is %s", i+1, got)
		}
	}
}

// TestSafetyTellsNobody: the two tables of perceived safety are of the same people, so neither tells by
// subtraction who answered one question alone; and no share rests on fewer people than asked, with or without.
func TestSafetyTellsNobody(t *testing.T) {
	for _, c := range []struct{ rows, least int }{{6000, 10}, {900, 20}, {900, 40}} {
		t.Run(fmt.Sprintf("%d of %d", c.least, c.rows), func(t *testing.T) {
			_, result := transit(t, c.rows, c.least)
			whole, sums := map[string]float64{}, map[string]float64{}
			withheld, totals := false, map[string]release.Cell{}
			for _, table := range result.Tables {
				if table.Key() != "safety" && table.Key() != "safety-onward" {
					continue
				}
				for _, row := range table.Rows() {
					share, n := row.Cells[0], row.Cells[1]
					if share.State == release.Shown && n.State == release.Shown {
						yes := share.Value * n.Value
						if yes < float64(c.least)-0.01 || n.Value-yes < float64(c.least)-0.01 {
							t.Errorf("%s %s: a share of %v of %v people is shown", table.Key(), row.Heads[0].Code, share.Value, n.Value)
						}
					}
					withheld = withheld || share.State == release.Suppressed
					if row.Total {
						totals[table.Key()] = n
					}
					if row.Total || n.State != release.Shown {
						continue
					}
					if table.Key() == "safety" {
						whole[row.Heads[0].Code] = n.Value
					} else {
						sums[row.Heads[0].Code] += n.Value
					}
				}
			}
			if len(whole) == 0 {
				t.Fatal("no country")
			}
			feel, move := totals["safety"], totals["safety-onward"]
			if few := move.Value - feel.Value; feel.State == release.Shown && move.State == release.Shown && few != 0 && few < float64(c.least) {
				t.Errorf("the totals tell that %v people did not say how they feel", few)
			}
			for country, n := range whole {
				if sums[country] > n || c.rows > 5000 && sums[country] != n {
					t.Errorf("%s: %v people say how they feel, %v whether they move on", country, n, sums[country])
				}
			}
			if c.rows < 1000 && !withheld {
				t.Error("nothing was withheld, so nothing was tested")
			}
			skipped := slices.ContainsFunc(result.Notes, func(i fault.Issue) bool { return i.Code == study.CodeModelSkipped })
			if c.rows < 1000 && !skipped {
				t.Error("the model of a few children has no standard errors and was not left out")
			}
		})
	}
}

// TestLimitsFitTheSurvey: a limit is stated where it holds. On the Mediterranean each route was asked in its own
// countries and the plan has length and cost; on the way in West and Central Africa a place sees several routes, and
// the plan has no cost.
func TestLimitsFitTheSurvey(t *testing.T) {
	const bound, both, length = "each route was asked in its own countries", "Duration and cost of the journey are", "The length of the journey is in part"
	on, _ := transit(t, 2500, 10)
	over, _ := runSmall(t, inOrder)
	for name, c := range map[string]struct {
		page        string
		says, never []string
	}{
		"on the way": {on["report.en.html"].String(), []string{length}, []string{bound, both}},
		"over sea":   {over["report.en.html"].String(), []string{bound, both}, []string{length}},
	} {
		for _, text := range c.says {
			if !strings.Contains(c.page, text) {
				t.Errorf("%s: the report does not say %q", name, text)
			}
		}
		for _, text := range c.never {
			if strings.Contains(c.page, text) {
				t.Errorf("%s: the report says %q", name, text)
			}
		}
	}
}
