package study

import (
	"context"
	"io"
	"time"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/publish/report"
	"waymark/release"
	"waymark/study/plan"
)

// Input is one data set of a plan, loaded.
type Input struct {
	File   string // its name, without its folder
	Loaded *dataset.Loaded
	Form   *form.Form // where the data set is an XLSForm instead of a table
}

// Output takes files by name; forward slashes make folders.
type Output interface {
	Create(name string) (io.WriteCloser, error)
}

// Outputs are the two places a study writes to.
type Outputs struct {
	Public  Output // cleared: may be published
	Working Output // not cleared: for the owner of the data
}

// Options of a run.
type Options struct {
	Languages []string  // of the report: "en", "fr"
	Version   string    // of the program
	Made      time.Time // when the run was made; printed as a day
	// Progress is told of each step by its code ("study.step.models") and how far it is; nil for none.
	Progress func(step string, done, of int)
	// PDF prints a page; nil leaves PDF out. An error says why it could not and is no failure of the study.
	PDF func(ctx context.Context, html []byte) ([]byte, error)
}

// Result is what a run gives to say.
type Result struct {
	Document report.Document
	Tables   []release.Cleared
	Accounts []fault.Issue // one line for each file: rows read, loaded, listed
	Notes    fault.Issues  // soft issues met on the way
	Files    []string      // written to Outputs.Public
	Record   Record
}

// Run does a study. An error means that nothing may be kept of what was written.
func Run(ctx context.Context, p *plan.Plan, in map[string]Input, out Outputs, opt Options) (*Result, error) {
	if opt.Progress == nil {
		opt.Progress = func(string, int, int) {}
	}
	r := &runner{ctx: ctx, plan: p, in: in, out: out, opt: opt, result: &Result{}}
	if err := r.checkInputs(); err != nil {
		return nil, err
	}
	r.describe()
	var err error
	if p.Kind == plan.LocationCounts {
		err = r.counts()
	} else {
		err = r.survey()
	}
	if err != nil {
		return nil, err
	}
	if err := r.write(); err != nil {
		return nil, err
	}
	return r.result, nil
}

// runner is one run on its way.
type runner struct {
	ctx    context.Context
	plan   *plan.Plan
	in     map[string]Input
	out    Outputs
	opt    Options
	result *Result
	record release.Record
	steps  []sampleStep
	models []modelRecord
}

// sampleStep is one rule of the sample and what it did; modelRecord what a model was fitted on. They belong
// to the full record.
type sampleStep struct {
	Rule    string `json:"rule"`
	Removed int    `json:"removed"`
	Left    int    `json:"left"`
}

type modelRecord struct {
	ID      string         `json:"id"`
	Formula string         `json:"formula"`
	Read    int            `json:"rows_read"`
	Used    int            `json:"rows_used"`
	Dropped map[string]int `json:"rows_dropped"`
	Verdict []string       `json:"verdicts"`
}

// Codes of what can be wrong between a plan and its data.
const (
	CodeNoData      fault.Code = "study.no-data"
	CodeUnusedData  fault.Code = "study.unused-data"
	CodeNoTable     fault.Code = "study.no-table"
	CodeNoRows      fault.Code = "study.no-rows"
	CodeNoColumn    fault.Code = "study.no-column"
	CodeNotNumber   fault.Code = "study.not-a-number"
	CodeWithoutPDF  fault.Code = "study.without-pdf"
	CodeJoinTwice   fault.Code = "study.join-twice"
	CodeEmptySample fault.Code = "study.empty-sample"
)

// checkInputs asks that every data set of the plan that is not optional was given, and reports those given
// that the plan does not name.
func (r *runner) checkInputs() error {
	var issues fault.Issues
	for _, d := range r.plan.Data {
		in, given := r.in[d.Name]
		if !given && !d.Optional {
			issues = append(issues, fault.Issue{Code: CodeNoData, Args: map[string]any{"name": d.Name}, Kind: fault.NotFound})
		}
		if given && in.Loaded == nil && in.Form == nil {
			issues = append(issues, fault.Issue{Code: CodeNoTable, Place: fault.Place{Document: in.File}, Args: map[string]any{"name": d.Name}})
		}
		if given && in.Loaded != nil {
			r.result.Accounts = append(r.result.Accounts, in.Loaded.Accounts.Line())
			r.result.Notes = append(r.result.Notes, in.Loaded.Accounts.Notes...)
		}
	}
	for name := range r.in {
		if r.plan.DataSet(name) == nil {
			issues = append(issues, fault.Issue{Code: CodeUnusedData, Args: map[string]any{"name": name}})
		}
	}
	if err := issues.Err(); err != nil {
		return err
	}
	main := r.in[r.plan.Main().Name]
	if main.Loaded == nil {
		return fault.Issue{Code: CodeNoTable, Place: fault.Place{Document: main.File}, Args: map[string]any{"name": r.plan.Main().Name}}
	}
	if main.Loaded.Table.Rows() == 0 {
		return fault.Issue{Code: CodeNoRows, Place: fault.Place{Document: main.File}}
	}
	return nil
}

// policy is the gate's rule as the plan sets it.
func (r *runner) policy() release.Policy {
	return release.Policy{MinPeople: release.Persons(r.plan.Disclosure.MinPeople)}
}
