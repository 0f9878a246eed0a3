package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/dataset/parquet"
	"waymark/fault"
	"waymark/lang"
	"waymark/simulate"
)

// Codes of what can be wrong with the use of simulate.
const (
	codeRowsRange fault.Code = "verb.rows-range"
	codeEnding    fault.Code = "verb.ending"
	codeNoRegion  fault.Code = "verb.no-region"
)

const (
	maxSimulated   = 100_000_000
	simulatedBatch = 50_000
)

func newSimulate(r *room) *cobra.Command {
	c := &cobra.Command{
		Use:   "simulate",
		Short: "verb.simulate",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSimulateFlowSurvey(r))
	c.AddCommand(newSimulateSurveyFrom(r))
	c.AddCommand(newSimulateCoverage(r))
	return c
}

// simulateFlowSurvey are the flags of `simulate flow-survey`.
type simulateFlowSurvey struct {
	region string
	rows   int
	seed   uint64
	out    string
}

// simulatedSurvey is a survey of one of simulatedRegions.
type simulatedSurvey interface {
	Next(n int) *dataset.Table
	Conflicts() *dataset.Table
	Answers() []string
}

// simulatedRegions are the values of --region.
const simulatedRegions = "mediterranean, west-central-africa"

// draw prepares the survey of the region, and its truth as it is written beside it.
func (f simulateFlowSurvey) draw() (simulatedSurvey, any, error) {
	source, says := rand.NewPCG(f.seed, 0), inEveryLanguage("simulate.notice")
	switch f.region {
	case "mediterranean":
		s := simulate.NewFlowSurvey(source, f.rows)
		return s, struct {
			truthHead
			simulate.Truth
		}{truthHead{"flow-survey-truth/1", says, f.seed}, s.Truth()}, nil
	case "west-central-africa":
		s := simulate.NewTransitSurvey(source, f.rows)
		return s, struct {
			truthHead
			simulate.TransitTruth
		}{truthHead{"transit-survey-truth/1", says, f.seed}, s.Truth()}, nil
	}
	return nil, nil, misused(codeNoRegion, map[string]any{"have": f.region, "known": simulatedRegions})
}

// truthHead begins every truth.
type truthHead struct {
	Format string         `json:"format"`
	Says   dataset.Labels `json:"says"`
	Seed   uint64         `json:"seed"`
}

func newSimulateFlowSurvey(r *room) *cobra.Command {
	var f simulateFlowSurvey
	c := &cobra.Command{
		Use:   "flow-survey",
		Short: "verb.simulate-flow",
		Long:  "verb.simulate-flow-long",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return f.run(r) },
	}
	c.Flags().StringVar(&f.region, "region", "mediterranean", "verb.flag.region")
	c.Flags().IntVar(&f.rows, "rows", 16524, "verb.flag.rows")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "verb.flag.seed")
	c.Flags().StringVar(&f.out, "out", "", "verb.flag.out-file")
	return c
}

func (f simulateFlowSurvey) run(r *room) error {
	if f.out == "" {
		return misused(codeMissingFlag, map[string]any{"flag": "--out", "verb": "waymark simulate flow-survey"})
	}
	if err := knownEnding(f.out); err != nil {
		return err
	}
	if f.rows < 1 || f.rows > maxSimulated {
		return misused(codeRowsRange, map[string]any{"have": f.rows, "most": maxSimulated})
	}
	s, truth, err := f.draw()
	if err != nil {
		return err
	}
	err = writeBeside(f.out, func(w io.Writer) error {
		return writeTable(w, f.out, s.Answers(), func() *dataset.Table { return s.Next(simulatedBatch) })
	})
	if err != nil {
		return err
	}
	stem := strings.TrimSuffix(f.out, filepath.Ext(f.out))
	if err := writeBeside(stem+".truth.json", func(w io.Writer) error { return writeJSON(w, truth) }); err != nil {
		return err
	}
	conflicts := s.Conflicts()
	if err := writeBeside(stem+".conflict.csv", func(w io.Writer) error { return csv.Write(w, conflicts, csv.WriteOptions{}) }); err != nil {
		return err
	}
	p := r.speak()
	fmt.Fprintln(r.out, p.Text("verb.simulated", map[string]any{"rows": f.rows, "file": f.out, "truth": stem + ".truth.json", "conflict": stem + ".conflict.csv"}))
	return nil
}

// knownEnding refuses a file name of which no format follows, before anything is drawn.
func knownEnding(name string) error {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".parquet":
		return nil
	}
	return misused(codeEnding, map[string]any{"file": name, "known": ".csv, .parquet"})
}

// writeTable writes batches to a CSV or Parquet file, by the ending of its name. The columns of silent can lack a
// value: a Parquet file has a column beside each that says why.
func writeTable(w io.Writer, name string, silent []string, next func() *dataset.Table) error {
	first := next()
	if first == nil {
		first = &dataset.Table{}
	}
	fields := first.Fields()
	for i := range fields {
		if fields[i].Name == "simulated" {
			fields[i].Labels = inEveryLanguage("simulate.notice") // into the metadata of Parquet
		}
	}
	var out interface {
		Write(*dataset.Table) error
		Close() error
	}
	var err error
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		out, err = csv.NewWriter(w, fields, csv.WriteOptions{Codes: simulate.MissingCodes()})
	case ".parquet":
		out, err = parquet.NewWriter(w, fields, parquet.WriteOptions{Table: first.Name, Companions: silent})
	default:
		return knownEnding(name)
	}
	if err != nil {
		return err
	}
	for t := first; t != nil; t = next() {
		if err := out.Write(t); err != nil {
			return err
		}
	}
	return out.Close()
}

// inEveryLanguage gives the words of a code in each language there is.
func inEveryLanguage(code string) dataset.Labels {
	words := dataset.Labels{}
	for _, tag := range lang.Tags() {
		if p, err := lang.New(tag); err == nil {
			words[tag] = p.Text(code, nil)
		}
	}
	return words
}

// writeBeside writes a file under another name and renames it, so that nothing half-written stays.
func writeBeside(name string, fill func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".waymark-partial-")
	if err != nil {
		return unreadable(name, err)
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriterSize(f, 1<<16)
	if err := fill(w); err != nil {
		f.Close()
		return err
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return unreadable(name, err)
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return unreadable(name, err)
	}
	if err := f.Close(); err != nil {
		return unreadable(name, err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return unreadable(name, err)
	}
	return nil
}
