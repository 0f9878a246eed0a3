package glm_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waymark/stat/formula"
	"waymark/stat/glm"
)

// TestPoissonOfLists fits log-linear models to counts of who is on which lists, every history but none.
func TestPoissonOfLists(t *testing.T) {
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: TestPoissonOfLists skipped")
	}
	root = filepath.Join(root, "data", "stats")
	text, err := os.ReadFile(filepath.Join(root, "cases", "mse_uk.json"))
	if err != nil {
		t.Fatal(err)
	}
	type model struct {
		Pairs                 []string
		Empty                 []string `json:"pairs_with_empty_overlap"`
		Beta, SE              map[string]float64
		LogLik, Deviance, AIC float64
	}
	var c struct {
		Results struct {
			Main  model `json:"main_effects"`
			Given model `json:"given_pairs"`
			All   model `json:"all_overlapping_pairs"`
		}
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	given := readFrame(t, filepath.Join(root, "data", "ukdat.csv"))
	lists := given.Names()[:6]
	cols, counts := formula.NewFrame(), make([]float64, 63)
	for k, name := range lists {
		column := make([]float64, 63)
		for h := range column {
			column[h] = float64((h + 1) >> k & 1)
		}
		if err := cols.AddNumbers(name, column...); err != nil {
			t.Fatal(err)
		}
	}
	seen, _ := given.Numbers("count")
	for i, n := range seen {
		h := 0
		for k, name := range lists {
			on, _ := given.Numbers(name)
			h |= int(on[i]) << k
		}
		counts[h-1] += n
	}
	if err := cols.AddNumbers("count", counts...); err != nil {
		t.Fatal(err)
	}
	fit := func(pairs []string) *glm.Model {
		terms := strings.Join(slices.Concat(lists, pairs), " + ")
		m, err := glm.Fit(design(t, "count ~ "+terms, cols, formula.Options{Response: formula.Count}), glm.Options{Family: glm.Poisson})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, want := range []model{c.Results.Main, c.Results.Given, c.Results.All} {
		m := fit(want.Pairs)
		if !m.Converged {
			t.Error(m.Verdicts)
		}
		compare(t, "estimate", m, m.Coef, want.Beta, 1e-7)
		compare(t, "standard error", m, m.SE, want.SE, 1e-7)
		closeTo(t, "log-likelihood", m.LogLik, want.LogLik, 1e-7)
		closeTo(t, "deviance", m.Deviance, want.Deviance, 1e-7)
		closeTo(t, "AIC", m.AIC, want.AIC, 1e-7)
	}
	// Two lists that share nobody: their pair has no finite coefficient.
	m := fit([]string{"LA:GP"})
	if v, told := find(m, glm.CodeSeparation); !told || v.Args["terms"] != "LA:GP" {
		t.Error(m.Verdicts)
	}
}
