package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waymark/dataset"
	"waymark/fault"
	"waymark/lang"
	"waymark/plans"
	"waymark/publish/pdf"
	"waymark/publish/report"
	"waymark/store/folder"
	"waymark/study"
	"waymark/study/plan"
)

// Codes of what can be wrong with the use of study.
const (
	codeDataSyntax  fault.Code = "verb.data-syntax"
	codeDataTwice   fault.Code = "verb.data-twice"
	codeNoPlan      fault.Code = "verb.no-plan"
	codeOneArgument fault.Code = "verb.one-argument"
)

func newStudy(r *room) *cobra.Command {
	c := &cobra.Command{
		Use:   "study",
		Short: "verb.study",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newStudyNew(r))
	c.AddCommand(newStudyRun(r))
	return c
}

// studyRun are the flags of `study run`.
type studyRun struct {
	data      []string
	out       string
	working   string
	languages string
	json      bool
	noPDF     bool
	records   recordsFlags
}

func newStudyRun(r *room) *cobra.Command {
	var f studyRun
	c := &cobra.Command{
		Use:   "run PLAN",
		Short: "verb.study-run",
		Long:  "verb.study-run-long",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misused(codeOneArgument, map[string]any{"verb": "waymark study run", "want": "PLAN"})
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), r, args[0]) },
	}
	c.Flags().StringArrayVar(&f.data, "data", nil, "verb.flag.data")
	c.Flags().StringVar(&f.out, "out", "", "verb.flag.out")
	c.Flags().StringVar(&f.working, "working", "", "verb.flag.working")
	c.Flags().StringVar(&f.languages, "lang", "en,fr", "verb.flag.report-lang")
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	c.Flags().BoolVar(&f.noPDF, "no-pdf", false, "verb.flag.no-pdf")
	f.records.add(c)
	c.Flags().Lookup("key-file").Usage = keyFileThere
	return c
}

func (f studyRun) run(ctx context.Context, r *room, name string) error {
	started := time.Now()
	if f.out == "" {
		return misused(codeMissingFlag, map[string]any{"flag": "--out", "verb": "waymark study run"})
	}
	languages, err := languagesOf(f.languages)
	if err != nil {
		return err
	}
	p, notes, err := readPlan(name)
	if err != nil {
		return err
	}
	bar := newProgress(r)
	defer bar.finish()
	inputs, of, err := loadInputs(ctx, r, p, f.data, f.records, bar)
	if err != nil {
		return err
	}
	notes = append(notes, of...)
	if f.working == "" {
		f.working = workingBeside(f.out)
	}
	public, working, err := createOutputs(f.out, f.working)
	if err != nil {
		return err
	}
	defer public.Discard()
	defer working.Discard()
	opt := study.Options{Languages: languages, Version: builtVersion().Version, Made: started, Progress: bar.step}
	if !f.noPDF {
		press := &printing{}
		defer press.close()
		opt.PDF = press.print
	}
	result, err := study.Run(ctx, p, inputs, study.Outputs{Public: public, Working: working}, opt)
	if err != nil {
		return withSealed(err, notes)
	}
	if err := public.Commit(); err != nil {
		return err
	}
	if err := working.Commit(); err != nil {
		return err
	}
	bar.finish()
	result.Notes = append(notes, result.Notes...)
	if f.json {
		return f.printJSON(r, p, result, languages, time.Since(started))
	}
	return f.print(r, result, time.Since(started))
}

// workingBeside is where what was not cleared goes by default: never inside the folder that is handed on, but
// beside it, "working/report" for "report".
func workingBeside(out string) string {
	name := filepath.Base(out)
	if whole, err := filepath.Abs(out); err == nil {
		name = filepath.Base(whole)
	}
	if clean := filepath.Clean(out); clean == "." || clean == ".." {
		return filepath.Join(clean, "..", "working", name)
	}
	return filepath.Join(filepath.Dir(filepath.Clean(out)), "working", name)
}

// createOutputs opens the public and the private folder.
func createOutputs(out, work string) (public, working *folder.Writer, err error) {
	if public, err = folder.Create(out); err != nil {
		return nil, nil, err
	}
	if working, err = folder.CreatePrivate(work); err != nil {
		public.Discard()
		return nil, nil, err
	}
	return public, working, nil
}

func languagesOf(list string) ([]string, error) {
	var out []string
	for _, tag := range strings.Split(list, ",") {
		p, err := lang.New(strings.TrimSpace(tag))
		if err != nil {
			return nil, misused(codeLanguage, map[string]any{"have": tag, "known": lang.Tags()})
		}
		out = append(out, p.Tag())
	}
	return out, nil
}

// readPlan reads a plan file, or a shipped plan by its name where there is no such file.
func readPlan(name string) (*plan.Plan, fault.Issues, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		shipped, ok := plans.Read(filepath.ToSlash(name))
		if !ok {
			return nil, nil, fault.Issue{Code: codeNoPlan, Kind: fault.NotFound,
				Args: map[string]any{"file": name, "plans": strings.Join(plans.Names(), ", ")}}
		}
		text = shipped
	}
	p, issues := plan.Parse(filepath.Base(name), text)
	if err := issues.Err(); err != nil {
		return nil, nil, err
	}
	return p, issues, nil
}

// loadInputs opens the files, or the records, of --data NAME=FILE as the plan says they are to be read. Names are checked before
// a file is opened, and what is wrong with several files is told at once. What a form gives to note is soft.
func loadInputs(ctx context.Context, r *room, p *plan.Plan, given []string, kept recordsFlags, bar *progress) (map[string]study.Input, fault.Issues, error) {
	files, err := filesOf(p, given)
	if err != nil {
		return nil, nil, err
	}
	live, err := kept.openFor(ctx, r, files)
	if err != nil {
		return nil, nil, err
	}
	defer live.close()
	in := map[string]study.Input{}
	var notes, wrong fault.Issues
	for _, d := range p.Data {
		file, ok := files[d.Name]
		if !ok {
			continue
		}
		bar.step("study.step.read", len(in), len(files))
		input, soft, err := live.input(ctx, p, d, file)
		if err != nil {
			issues := fault.Of(err)
			if len(issues) == 0 {
				return nil, nil, err
			}
			wrong = append(wrong, issues...)
		}
		in[d.Name] = input
		notes = append(notes, soft...)
	}
	return in, notes, wrong.Err()
}

// filesOf reads --data NAME=FILE and asks that every data set that the plan needs is there, and no other.
func filesOf(p *plan.Plan, given []string) (map[string]string, error) {
	files := map[string]string{}
	var issues fault.Issues
	for _, g := range given {
		name, file, ok := strings.Cut(g, "=")
		if !ok || name == "" || file == "" {
			return nil, misused(codeDataSyntax, map[string]any{"have": g})
		}
		if files[name] != "" {
			return nil, misused(codeDataTwice, map[string]any{"name": name})
		}
		files[name] = file
		if p.DataSet(name) == nil {
			issues = append(issues, fault.Issue{Code: study.CodeUnusedData, Args: map[string]any{"name": name}})
		}
	}
	for _, d := range p.Data {
		if files[d.Name] == "" && !d.Optional {
			issues = append(issues, fault.Issue{Code: study.CodeNoData, Args: map[string]any{"name": d.Name}, Kind: fault.NotFound})
		}
	}
	return files, issues.Err()
}

// openInput opens one file as the table or the form that the plan says it is.
func openInput(p *plan.Plan, d plan.Data, file string) (study.Input, fault.Issues, error) {
	in := study.Input{File: filepath.Base(file)}
	if p.IsForm(d.Name) {
		form, notes, err := openForm(file, d.Language)
		in.Form = form
		return in, notes, err
	}
	loaded, err := openTable(file, readOptionsOf(d, in.File))
	in.Loaded = loaded
	return in, nil, err
}

// readOptionsOf turns what a plan says of a file into what a reader is told.
func readOptionsOf(d plan.Data, document string) tableOptions {
	o := tableOptions{sheet: d.Sheet, header: d.Header, encoding: d.Encoding}
	o.Document = document
	o.Missing = missingOf(d.Missing)
	if d.Delimiter != "" {
		o.comma = d.Delimiter[0]
		if d.Delimiter == `\t` {
			o.comma = '\t'
		}
	}
	switch d.Decimal {
	case "comma":
		o.Decimal = dataset.DecimalComma
	case "point":
		o.Decimal = dataset.DecimalPoint
	}
	kinds := map[string]dataset.Kind{"number": dataset.Number, "category": dataset.Category, "date": dataset.Date, "text": dataset.Text}
	classes := map[string]dataset.Sensitivity{"internal": dataset.Internal, "restricted": dataset.Restricted, "strict": dataset.Strict}
	o.ColumnMissing, o.Kinds = map[string]dataset.MissingCodes{}, map[string]dataset.Kind{}
	o.Labels, o.Classes = map[string]dataset.Labels{}, map[string]dataset.Sensitivity{}
	for name, hint := range d.Columns {
		if len(hint.Missing) > 0 {
			o.ColumnMissing[name] = missingOf(hint.Missing)
		}
		if k, ok := kinds[hint.Kind]; ok {
			o.Kinds[name] = k
		}
		if len(hint.Title) > 0 {
			o.Labels[name] = hint.Title
		}
		if c, ok := classes[hint.Class]; ok {
			o.Classes[name] = c
		}
	}
	return o
}

func missingOf(m map[string][]string) dataset.MissingCodes {
	codes := dataset.MissingCodes{}
	for kind, list := range m {
		k, ok := dataset.ParseMissing(kind)
		if !ok {
			continue
		}
		for _, code := range list {
			codes[code] = k
		}
	}
	return codes
}

// print says what was read, what was found and where to look.
func (f studyRun) print(r *room, result *study.Result, took time.Duration) error {
	p := r.speak()
	for _, line := range result.Accounts {
		fmt.Fprintln(r.out, p.Text(string(line.Code), line.Args))
	}
	fmt.Fprintln(r.out)
	for i, finding := range result.Document.Summary.Findings {
		say, err := report.Say(finding.Say, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "%d. %s\n", i+1, say)
	}
	fmt.Fprintln(r.out)
	for _, n := range result.Notes {
		fmt.Fprintln(r.err, p.Text("verb.note", map[string]any{"text": p.Issue(n)}))
	}
	fmt.Fprintln(r.out, p.Text("verb.study-done", map[string]any{
		"files": len(result.Files), "out": f.out, "working": f.working, "seconds": p.Number(took.Seconds(), 1)}))
	for _, name := range result.Files {
		if strings.HasPrefix(name, "report.") {
			fmt.Fprintln(r.out, "  "+filepath.Join(f.out, name))
		}
	}
	return nil
}

// studyOutput is the one object that --json prints.
type studyOutput struct {
	Plan     string              `json:"plan"`
	Out      string              `json:"out"`
	Working  string              `json:"working"`
	Files    []string            `json:"files"`
	Rows     map[string]rowsRead `json:"rows"`
	Findings map[string][]string `json:"findings"` // by language
	Notes    []noteOutput        `json:"notes"`
	Cleared  any                 `json:"cleared"`
	Seconds  float64             `json:"seconds"`
}

type rowsRead struct {
	Read   int `json:"read"`
	Loaded int `json:"loaded"`
	Listed int `json:"listed"`
}

type noteOutput struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

func (f studyRun) printJSON(r *room, p *plan.Plan, result *study.Result, languages []string, took time.Duration) error {
	o := studyOutput{Plan: p.ID, Out: f.out, Working: f.working, Files: result.Files, Rows: map[string]rowsRead{},
		Findings: map[string][]string{}, Notes: []noteOutput{}, Cleared: result.Record.Cleared, Seconds: took.Seconds()}
	for _, line := range result.Accounts {
		o.Rows[fmt.Sprint(line.Args["document"])] = rowsRead{
			Read: line.Args["read"].(int), Loaded: line.Args["loaded"].(int), Listed: line.Args["listed"].(int)}
	}
	for _, tag := range languages {
		printer, err := lang.New(tag)
		if err != nil {
			return err
		}
		for _, finding := range result.Document.Summary.Findings {
			say, err := report.Say(finding.Say, printer)
			if err != nil {
				return err
			}
			o.Findings[tag] = append(o.Findings[tag], say)
		}
	}
	for _, n := range result.Notes {
		o.Notes = append(o.Notes, noteOutput{Code: string(n.Code), Text: r.speak().Issue(n)})
	}
	return writeJSON(r.out, o)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// printing opens a Chromium at the first page and keeps it for the others.
type printing struct{ press *pdf.Press }

func (p *printing) print(ctx context.Context, html []byte) ([]byte, error) {
	if p.press == nil {
		press, err := pdf.Open(ctx, pdf.Options{})
		if err != nil {
			return nil, err
		}
		p.press = press
	}
	return p.press.Print(ctx, html)
}

func (p *printing) close() {
	if p.press != nil {
		p.press.Close()
	}
}
