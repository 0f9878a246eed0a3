package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"waymark/dataset"
	"waymark/simulate"
)

// simulateSurveyFrom are the flags of `simulate survey-from`.
type simulateSurveyFrom struct {
	planModel
	rows int
	seed uint64
	out  string
}

func newSimulateSurveyFrom(r *room) *cobra.Command {
	var f simulateSurveyFrom
	c := &cobra.Command{
		Use:   "survey-from PLAN",
		Short: "simulate.from",
		Long:  "simulate.from-long",
		Args:  onePlan("waymark simulate survey-from"),
		RunE:  func(c *cobra.Command, args []string) error { return f.run(c.Context(), r, args[0]) },
	}
	c.Flags().StringArrayVar(&f.data, "data", nil, "verb.flag.data")
	c.Flags().StringVar(&f.model, "model", "", "simulate.flag.model")
	c.Flags().IntVar(&f.rows, "rows", 0, "simulate.flag.rows")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "verb.flag.seed")
	c.Flags().StringVar(&f.out, "out", "", "verb.flag.out-file")
	return c
}

// onePlan asks for the one word that such a verb takes.
func onePlan(verb string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return misused(codeOneArgument, map[string]any{"verb": verb, "want": "PLAN"})
		}
		return nil
	}
}

func (f simulateSurveyFrom) run(ctx context.Context, r *room, name string) error {
	if f.out == "" {
		return misused(codeMissingFlag, map[string]any{"flag": "--out", "verb": "waymark simulate survey-from"})
	}
	if err := knownEnding(f.out); err != nil {
		return err
	}
	if f.rows < 0 || f.rows > maxSimulated {
		return misused(codeRowsRange, map[string]any{"have": f.rows, "most": maxSimulated})
	}
	m, err := f.fitPlan(ctx, r, name)
	if err != nil {
		return err
	}
	t, truth, err := simulate.Redraw(m.table, m.invented, m.fitted(), simulate.RedrawOptions{
		Rows: f.rows, Source: rand.NewPCG(f.seed, 0), People: m.plan.Disclosure.MinPeople})
	if err != nil {
		return err
	}
	once := t
	err = writeBeside(f.out, func(w io.Writer) error {
		return writeTable(w, f.out, nil, func() *dataset.Table { t, once = once, nil; return t })
	})
	if err != nil {
		return err
	}
	beside := strings.TrimSuffix(f.out, filepath.Ext(f.out)) + ".truth.json"
	record := struct {
		Format  string         `json:"format"`
		Says    dataset.Labels `json:"says"`
		Cleared bool           `json:"cleared"`
		Plan    string         `json:"plan"`
		SHA256  string         `json:"plan_sha256"`
		Model   string         `json:"model"`
		Seed    uint64         `json:"seed"`
		simulate.RedrawTruth
	}{"survey-from-truth/1", inEveryLanguage("simulate.notice"), false, m.plan.ID, m.plan.Hash, m.spec.ID, f.seed, truth}
	if err := writeBeside(beside, func(w io.Writer) error { return writeJSON(w, record) }); err != nil {
		return err
	}
	p := r.speak()
	for _, n := range m.notes {
		fmt.Fprintln(r.err, p.Text("verb.note", map[string]any{"text": p.Issue(n)}))
	}
	fmt.Fprintln(r.out, p.Text("simulate.covariates-"+truth.Covariates, map[string]any{"people": m.plan.Disclosure.MinPeople}))
	fmt.Fprintln(r.out, p.Text("simulate.from-done", map[string]any{"rows": truth.Rows, "file": f.out, "truth": beside, "model": m.spec.ID}))
	return nil
}
