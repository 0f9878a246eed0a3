package study_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"waymark/simulate"
	"waymark/study"
)

// runSmall runs the shipped plan, with a smaller grid of specifications, on simulated interviews in the order
// of a permutation.
func runSmall(t *testing.T, order func(n int) []int) (public files, result *study.Result) {
	t.Helper()
	const rows = 2500
	s := simulate.NewFlowSurvey(rand.NewPCG(11, 0), rows)
	table := s.Next(rows)
	p := shipped(t, "mediterranean-2017")
	p.Robustness.Outcomes, p.Robustness.Conflict = nil, p.Robustness.Conflict[:2]
	in := map[string]study.Input{
		"interviews": {File: "survey.csv", Loaded: loaded(table.Take(order(rows)))},
		"conflict":   {File: "survey.conflict.csv", Loaded: loaded(s.Conflicts())},
	}
	public = files{}
	result, err := study.Run(context.Background(), p, in,
		study.Outputs{Public: public, Working: files{}}, study.Options{Languages: []string{"en", "fr"}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return public, result
}

func inOrder(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

func shuffled(n int) []int { return rand.New(rand.NewPCG(5, 5)).Perm(n) }

// TestSameInputsSameBytes: a published number can always be made again, whatever the order of the rows.
func TestSameInputsSameBytes(t *testing.T) {
	first, result := runSmall(t, inOrder)
	for name, order := range map[string]func(int) []int{"again": inOrder, "rows shuffled": shuffled} {
		second, _ := runSmall(t, order)
		if len(second) != len(first) {
			t.Errorf("%s: %d files, then %d", name, len(first), len(second))
		}
		for file, content := range first {
			if second[file] == nil || !bytes.Equal(content.Bytes(), second[file].Bytes()) {
				t.Errorf("%s: %s differs", name, file)
			}
		}
	}
	for _, n := range result.Notes {
		if strings.HasPrefix(string(n.Code), "report.") {
			t.Errorf("the two languages differ: %v", n)
		}
	}
}

// TestStandingStatementsStandEverywhere: every file for people says that indicators are not identified victims
// and that the sample is not random; files for programs carry the codes.
func TestStandingStatementsStandEverywhere(t *testing.T) {
	public, _ := runSmall(t, inOrder)
	words := map[string][]string{
		"en": {"Indicators, not identified victims", "The sample is not random", "contain nobody"},
		"fr": {"Des indicateurs, et non des victimes identifiées", "L’échantillon n’est pas aléatoire", "ne concernent aucune personne réelle"},
	}
	codes := []string{"indicators-not-victims", "sample-not-random", "study.simulated"}
	for name, content := range public {
		want := codes
		switch path.Ext(name) {
		case ".zip", ".xlsx":
			continue // holds the files of tables/; tested in package datapackage
		case ".html", ".svg", ".md":
			want = words["en"]
			if strings.Contains(name, ".fr.") {
				want = words["fr"]
			}
		}
		text := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "&#39;", "’").Replace(content.String())
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
	}
}

// TestWorkingSaysNotCleared and the public record names every file with its hash.
func TestWorkingSaysNotCleared(t *testing.T) {
	s := simulate.NewFlowSurvey(rand.NewPCG(3, 0), 1500)
	public, working := files{}, files{}
	result, err := study.Run(context.Background(), shipped(t, "mediterranean-2017"), map[string]study.Input{
		"interviews": {File: "survey.csv", Loaded: loaded(s.Next(1500))}, "conflict": {File: "c.csv", Loaded: loaded(s.Conflicts())}},
		study.Outputs{Public: public, Working: working}, study.Options{Languages: []string{"en"}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range working {
		if name != "rejected-rows.csv" && !strings.Contains(content.String(), "Not cleared") {
			t.Errorf("%s does not say that it is not cleared", name)
		}
	}
	if len(result.Record.Files) != len(public)-1 {
		t.Errorf("run.json lists %d files, %d were written beside it", len(result.Record.Files), len(public)-1)
	}
}
