package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"waymark/fault"
	"waymark/lang"
	"waymark/simulate"
	"waymark/stat/glmm"
)

// codeCountRange says that a number of a flag lies outside what can be done.
const codeCountRange fault.Code = "simulate.count-range"

// Most of what a study of coverage takes.
const (
	maxReplicates = 1_000_000
	maxThreads    = 256
)

// simulateCoverage are the flags of `simulate coverage`.
type simulateCoverage struct {
	planModel
	replicates int
	seed       uint64
	threads    int
	json       bool
}

func newSimulateCoverage(r *room) *cobra.Command {
	var f simulateCoverage
	c := &cobra.Command{
		Use:   "coverage PLAN",
		Short: "simulate.coverage",
		Long:  "simulate.coverage-long",
		Args:  onePlan("waymark simulate coverage"),
		RunE:  func(c *cobra.Command, args []string) error { return f.run(c.Context(), r, args[0]) },
	}
	c.Flags().StringArrayVar(&f.data, "data", nil, "verb.flag.data")
	c.Flags().StringVar(&f.model, "model", "", "simulate.flag.model")
	c.Flags().StringSliceVar(&f.groups, "groups", nil, "simulate.flag.groups")
	c.Flags().StringVar(&f.method, "method", "", "simulate.flag.method")
	c.Flags().IntVar(&f.replicates, "replicates", 2000, "simulate.flag.replicates")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "verb.flag.seed")
	c.Flags().IntVar(&f.threads, "threads", 1, "simulate.flag.threads")
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	return c
}

// refitMethods are the methods that a model can be refitted by.
var refitMethods = map[string]glmm.Method{"": glmm.Auto, "laplace": glmm.Laplace, "quadrature": glmm.Quadrature, "fast": glmm.Fast}

func (f simulateCoverage) run(ctx context.Context, r *room, name string) error {
	started := time.Now()
	for _, c := range []struct {
		flag              string
		have, least, most int
	}{{"--replicates", f.replicates, 2, maxReplicates}, {"--threads", f.threads, 1, maxThreads}} {
		if c.have < c.least || c.have > c.most {
			return misused(codeCountRange, map[string]any{"flag": c.flag, "have": c.have, "least": c.least, "most": c.most})
		}
	}
	if _, known := refitMethods[f.method]; !known {
		return misused(codeFlagChoice, map[string]any{"flag": "--method", "have": f.method, "known": "laplace, quadrature, fast"})
	}
	m, err := f.fitPlan(ctx, r, name)
	if err != nil {
		return err
	}
	bar := newProgress(r)
	defer bar.finish()
	found, err := simulate.Cover(ctx, m.fit.Design, m.parameters(), simulate.CoverageOptions{
		Replicates: f.replicates, Seed: f.seed, Threads: f.threads, Method: refitMethods[m.spec.Method],
		Progress: func(done, of int) { bar.step("simulate.step.refit", done, of) }})
	if err != nil {
		return err
	}
	bar.finish()
	record := coverageRecordOf(m, found, f, time.Since(started))
	if f.json {
		return writeJSON(r.out, record)
	}
	p := r.speak()
	for _, n := range m.notes {
		fmt.Fprintln(r.err, p.Text("verb.note", map[string]any{"text": p.Issue(n)}))
	}
	return record.write(r.out, p)
}

// coverageRecord is the one object that --json prints; docs/formats/simulate.md lists its fields.
type coverageRecord struct {
	Format       string           `json:"format"`
	Cleared      bool             `json:"cleared"`
	Simulated    bool             `json:"simulated"`
	Version      string           `json:"version"`
	Plan         string           `json:"plan"`
	Model        string           `json:"model"`
	Formula      string           `json:"formula"`
	Method       string           `json:"method"`
	Rows         int              `json:"rows"`
	Seed         uint64           `json:"seed"`
	Replicates   int              `json:"replicates"`
	Used         int              `json:"used"`
	Singular     int              `json:"singular"`
	MonteCarlo   number           `json:"monte_carlo_error"`
	Coefficients []recoveryRecord `json:"coefficients"`
	Groups       []recoveryRecord `json:"groups"`
	Seconds      float64          `json:"seconds"`
}

type recoveryRecord struct {
	Name    string `json:"name"`
	Truth   number `json:"truth"`
	Bias    number `json:"bias"`
	SD      number `json:"sd"`
	MeanSE  number `json:"mean_std_error"`
	Covered number `json:"coverage"`
	Fits    int    `json:"fits"`
	DF      int    `json:"group_df"`
	Small   number `json:"coverage_small"`
}

func coverageRecordOf(m *fittedPlan, c *simulate.Coverage, f simulateCoverage, took time.Duration) coverageRecord {
	return coverageRecord{Format: "coverage/1", Simulated: m.invented, Version: builtVersion().Version, Plan: m.plan.ID, Model: m.spec.ID,
		Formula: m.spec.Formula(), Method: c.Method, Rows: m.fit.Used, Seed: f.seed, Replicates: c.Replicates, Used: c.Used, Singular: c.Singular,
		MonteCarlo: number(c.MonteCarlo), Coefficients: recoveries(c.Coefficients), Groups: recoveries(c.Groups), Seconds: took.Seconds()}
}

func recoveries(list []simulate.Recovery) []recoveryRecord {
	out := []recoveryRecord{}
	for _, x := range list {
		out = append(out, recoveryRecord{x.Name, number(x.Truth), number(x.Bias), number(x.SD), number(x.MeanSE), number(x.Covered), x.Fits, x.DF, number(x.CoveredSmall)})
	}
	return out
}

// write prints the study as text with tables in Markdown, as docs/methods/coverage.md keeps them.
func (r coverageRecord) write(w io.Writer, p *lang.Printer) error {
	origin := "simulate.coverage-from-real"
	if r.Simulated {
		origin = "simulate.coverage-from-simulated"
	}
	lines := []string{
		p.Text(origin, nil), "",
		p.Text("simulate.coverage-model", map[string]any{"formula": r.Formula, "rows": r.Rows, "method": r.Method}),
		p.Text("simulate.coverage-drawn", map[string]any{"replicates": r.Replicates, "used": r.Used, "singular": r.Singular,
			"seed": fmt.Sprint(r.Seed), "error": p.Number(100*float64(r.MonteCarlo), 2)}), "",
	}
	lines = append(lines, table(p, "simulate.coefficient", r.Coefficients)...)
	if len(r.Groups) > 0 {
		lines = append(lines, "")
		lines = append(lines, table(p, "simulate.group", r.Groups)...)
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// table gives the lines of a Markdown table, its columns padded so that it can be read as it is.
func table(p *lang.Printer, head string, list []recoveryRecord) []string {
	rows := [][]string{{p.Text(head, nil), p.Text("simulate.truth", nil), p.Text("simulate.bias", nil), p.Text("simulate.sd", nil),
		p.Text("simulate.mean-se", nil), p.Text("simulate.covered", nil), p.Text("simulate.covered-small", nil)}}
	for _, x := range list {
		small := ""
		if x.DF > 0 {
			small = p.Text("simulate.with-df", map[string]any{"coverage": p.Number(100*float64(x.Small), 1), "df": x.DF})
		}
		rows = append(rows, []string{"`" + x.Name + "`", p.Number(float64(x.Truth), 3), p.Number(float64(x.Bias), 3),
			p.Number(float64(x.SD), 3), p.Number(float64(x.MeanSE), 3), p.Number(100*float64(x.Covered), 1), small})
	}
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for k, cell := range row {
			width[k] = max(width[k], utf8.RuneCountInString(cell))
		}
	}
	rule := make([]string, len(width))
	for k, n := range width {
		rule[k] = strings.Repeat("-", n)
		if k > 0 {
			rule[k] = rule[k][1:] + ":"
		}
	}
	rows = slices.Insert(rows, 1, rule)
	var out []string
	for _, row := range rows {
		for k, cell := range row {
			gap := strings.Repeat(" ", width[k]-utf8.RuneCountInString(cell))
			if k == 0 {
				row[k] = cell + gap
			} else {
				row[k] = gap + cell
			}
		}
		out = append(out, "| "+strings.Join(row, " | ")+" |")
	}
	return out
}
