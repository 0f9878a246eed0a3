package study_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"waymark/dataset"
	"waymark/plans"
	"waymark/simulate"
	"waymark/study"
	"waymark/study/plan"
)

// files is an output in memory.
type files map[string]*bytes.Buffer

type buffer struct{ *bytes.Buffer }

func (buffer) Close() error { return nil }

func (f files) Create(name string) (io.WriteCloser, error) {
	f[name] = &bytes.Buffer{}
	return buffer{f[name]}, nil
}

// loaded wraps a table as a reader would give it.
func loaded(t *dataset.Table) *dataset.Loaded {
	return &dataset.Loaded{Table: t, Accounts: &dataset.Accounts{Document: t.Name + ".csv", Format: "csv", SHA256: "0", Read: t.Rows(), Loaded: t.Rows()}}
}

// simulatedInputs draws the data of the plan for the Mediterranean routes.
func simulatedInputs(rows int, seed uint64) map[string]study.Input {
	s := simulate.NewFlowSurvey(rand.NewPCG(seed, 0), rows)
	return map[string]study.Input{
		"interviews": {File: "survey.csv", Loaded: loaded(s.Next(rows))},
		"conflict":   {File: "survey.conflict.csv", Loaded: loaded(s.Conflicts())},
	}
}

func shipped(t testing.TB, name string) *plan.Plan {
	t.Helper()
	text, ok := plans.Read(name)
	if !ok {
		t.Fatalf("no plan %s", name)
	}
	p, issues := plan.Parse(name+".yaml", text)
	if err := issues.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMediterraneanPlanOnSimulatedInterviews(t *testing.T) {
	public, working := files{}, files{}
	result, err := study.Run(context.Background(), shipped(t, "mediterranean-2017"), simulatedInputs(16524, 2017),
		study.Outputs{Public: public, Working: working}, study.Options{Languages: []string{"en", "fr"}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"report.en.html", "report.fr.html", "run.json"} {
		if public[name] == nil {
			t.Errorf("no %s", name)
		}
	}
	if len(result.Document.Summary.Findings) != 3 {
		t.Errorf("%d findings on page one", len(result.Document.Summary.Findings))
	}
}
