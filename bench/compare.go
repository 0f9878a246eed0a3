package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// comparison is one run of everything.
type comparison struct {
	waymark, self, folder string
	seed                  uint64
	large, peersLarge     bool

	rows   []row
	report *process // from plan to a report in two languages; nil: not run
	page   bytes.Buffer
}

// row is one line of the table.
type row struct {
	rows           int
	file, program  string
	whole          measured
	fitCPU         float64
	likelihood     float64
	route, routeSE float64
	note           string
}

const (
	small      = 16_524
	million    = 1_000_000
	tenMillion = 10_000_000
)

func compare(args []string) error {
	c := &comparison{}
	f := flag.NewFlagSet("bench run", flag.ContinueOnError)
	f.StringVar(&c.waymark, "waymark", "bin/waymark", "the program to measure")
	f.StringVar(&c.folder, "folder", "", "where the survey files go (default: a temporary folder, removed at the end)")
	f.Uint64Var(&c.seed, "seed", 2017, "seed of the survey files")
	f.BoolVar(&c.large, "large", true, "1,000,000 and 10,000,000 rows too")
	f.BoolVar(&c.peersLarge, "peers-large", false, "glmmTMB on 1,000,000 rows too: about ten minutes of CPU and 3 GB")
	out := f.String("out", "docs/benchmarks.md", "the page to write")
	if err := f.Parse(args); err != nil {
		return err
	}
	var err error
	if c.self, err = os.Executable(); err != nil {
		return err
	}
	if c.folder == "" {
		if c.folder, err = os.MkdirTemp("", "waymark-bench"); err != nil {
			return err
		}
		defer os.RemoveAll(c.folder)
	}
	for _, step := range []func() error{c.smallFile, c.planToReport, c.largeFiles} {
		if err := step(); err != nil {
			return err
		}
	}
	c.write()
	if before, err := os.ReadFile(*out); err == nil { // what bench/load wrote stays
		if at := bytes.Index(before, []byte("## The server under load")); at >= 0 {
			c.page.WriteString("\n")
			c.page.Write(before[at:])
		}
	}
	return os.WriteFile(*out, c.page.Bytes(), 0o644)
}

// survey draws a file in a process of its own, so that this one stays small.
func (c *comparison) survey(rows int, format string) (string, error) {
	name := filepath.Join(c.folder, fmt.Sprintf("survey-%d.%s", rows, format))
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	say("drawing %s", filepath.Base(name))
	_, err := start(c.self, "generate", strconv.Itoa(rows), strconv.FormatUint(c.seed, 10), name)
	return name, err
}

func (c *comparison) smallFile() error {
	file, err := c.survey(small, "csv")
	if err != nil {
		return err
	}
	if err := c.ours(file, small, 9); err != nil {
		return err
	}
	if err := c.peer("glmmTMB", "", file, small, 3); err != nil {
		return err
	}
	return c.peer("glmer", "nAGQ=1, nloptwrap, calc.derivs=FALSE; its standard errors take the groups' variances as known", file, small, 3)
}

// planToReport runs the shipped plan on a simulated survey of as many interviews, without the PDF, which is Chromium's work.
func (c *comparison) planToReport() error {
	say("report from plan")
	survey := filepath.Join(c.folder, "flow-survey.csv")
	if _, err := start(c.waymark, "simulate", "flow-survey", "--rows", strconv.Itoa(small), "--seed", strconv.FormatUint(c.seed, 10), "--out", survey); err != nil {
		return err
	}
	p, err := start(c.waymark, "study", "run", "mediterranean-2017", "--data", "interviews="+survey,
		"--data", "conflict="+strings.TrimSuffix(survey, ".csv")+".conflict.csv", "--out", filepath.Join(c.folder, "report"), "--no-pdf")
	if err != nil {
		say("no report: %v", err)
		return nil
	}
	c.report = &p
	return nil
}

func (c *comparison) largeFiles() error {
	if !c.large {
		return nil
	}
	csv, err := c.survey(million, "csv")
	if err != nil {
		return err
	}
	if err := c.ours(csv, million, 3); err != nil {
		return err
	}
	if c.peersLarge {
		if err := c.peer("glmmTMB", "", csv, million, 1); err != nil {
			return err
		}
	}
	parquet, err := c.survey(million, "parquet")
	if err != nil {
		return err
	}
	if err := c.ours(parquet, million, 3); err != nil {
		return err
	}
	if parquet, err = c.survey(tenMillion, "parquet"); err != nil {
		return err
	}
	return c.ours(parquet, tenMillion, 1)
}

// ours measures Waymark: the whole program as a person would run it, then the fit alone.
func (c *comparison) ours(file string, rows, runs int) error {
	say("waymark on %s", filepath.Base(file))
	whole, err := repeat(runs, c.waymark, "model", "fit", "--data", file, "--formula", formula,
		"--method", "laplace", "--levels", "route=Eastern,Central", "--json", "--lang", "en")
	if err != nil {
		return err
	}
	alone, err := start(c.self, "fit", file)
	if err != nil {
		return err
	}
	var f fitted
	if err := json.Unmarshal(alone.Out, &f); err != nil {
		return err
	}
	if math.Abs(f.LogLikelihood-whole.LogLikelihood) > 1e-6 {
		return fmt.Errorf("the program finds %v, the fit alone %v", whole.LogLikelihood, f.LogLikelihood)
	}
	c.rows = append(c.rows, row{rows: rows, file: ending(file), program: "Waymark", whole: whole, fitCPU: f.FitCPU,
		likelihood: f.LogLikelihood, route: f.Route, routeSE: f.RouteSE, note: "Laplace, full Hessian"})
	return nil
}

func (c *comparison) peer(engine, note, file string, rows, runs int) error {
	say("%s on %s", engine, filepath.Base(file))
	m, err := repeat(runs, "Rscript", "--vanilla", filepath.Join("bench", "fit.R"), engine, file)
	if err != nil {
		return err
	}
	c.rows = append(c.rows, row{rows: rows, file: ending(file), program: m.Version, whole: m, fitCPU: m.FitCPU,
		likelihood: m.fitted.LogLikelihood, route: m.Route, routeSE: m.RouteSE, note: note})
	return nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// write makes the page.
func (c *comparison) write() {
	p := func(format string, args ...any) { fmt.Fprintf(&c.page, format, args...) }
	p("%s", pageHead)
	p("Machine: %s, %d logical processors, %s. Each program ran on one core (GOMAXPROCS=1, OPENBLAS_NUM_THREADS=1).\n", processor(), runtime.NumCPU(), system())
	p("Versions: %s.\n\n", strings.Join(c.versions(), ", "))
	p("## Results\n\n")
	p("CPU is user seconds; the process is the whole program with reading, R's start included; peak is the largest resident set of\nthe process. Medians of %s.\n\n", c.runs())
	p("| rows | file | program | fit alone, CPU s | process, CPU s | peak MB | log-likelihood | route, log odds (se) | setting |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range c.rows {
		p("| %s | %s | %s | %s | %s | %.0f | %.6f | %.6f (%.6f) | %s |\n", grouped(r.rows), r.file, r.program, secondsText(r.fitCPU),
			secondsText(r.whole.CPU), r.whole.PeakMB, r.likelihood, r.route, r.routeSE, r.note)
	}
	p("\n## Ratios and targets\n\n")
	p("| what | target | measured |\n|---|---|---|\n")
	for _, t := range c.targets() {
		p("| %s | %s | %s |\n", t[0], t[1], t[2])
	}
	p("%s", pageTail)
}

// targets compares with what the program promises.
func (c *comparison) targets() [][3]string {
	find := func(program string, rows int, file string) *row {
		for k := range c.rows {
			if r := &c.rows[k]; strings.HasPrefix(r.program, program) && r.rows == rows && (file == "" || r.file == file) {
				return r
			}
		}
		return nil
	}
	verdict := func(ok bool) string {
		if ok {
			return "held"
		}
		return "**not held**"
	}
	var out [][3]string
	add := func(what, target, measured string, ok bool) {
		out = append(out, [3]string{what, target, measured + ", " + verdict(ok)})
	}
	w, t, l := find("Waymark", small, "csv"), find("glmmTMB", small, ""), find("lme4", small, "")
	if w != nil && t != nil {
		ratio := t.fitCPU / w.fitCPU
		add("fit with standard errors, 16,524 rows, against glmmTMB", "1/100", fmt.Sprintf("1/%.0f", ratio), ratio >= 100)
		ratio = t.whole.CPU / w.whole.CPU
		add("whole process, 16,524 rows, against glmmTMB", "1/50", fmt.Sprintf("1/%.0f", ratio), ratio >= 50)
		add("peak memory of the process, 16,524 rows", "60 MB", fmt.Sprintf("%.0f MB", w.whole.PeakMB), w.whole.PeakMB < 60)
		gap := w.likelihood - t.likelihood
		add("log-likelihood against glmmTMB, 16,524 rows", "-1e-4 or higher", fmt.Sprintf("%+.1e", gap), gap > -1e-4)
	}
	if w != nil && l != nil {
		out = append(out, [3]string{"fit with standard errors, 16,524 rows, against glmer", "none set", fmt.Sprintf("1/%.0f", l.fitCPU/w.fitCPU)})
		gap := w.likelihood - l.likelihood
		add("log-likelihood against glmer, 16,524 rows", "-1e-4 or higher", fmt.Sprintf("%+.1e", gap), gap > -1e-4)
	}
	if c.report != nil {
		add("report from plan to two languages, 16,524 simulated interviews, without PDF", "10 s",
			fmt.Sprintf("%.1f s (%.1f s of CPU on one core, %.0f MB)", c.report.Wall, c.report.CPU+c.report.System, c.report.PeakMB), c.report.Wall < 10)
	}
	w, t = find("Waymark", million, "csv"), find("glmmTMB", million, "")
	switch {
	case w != nil && t != nil:
		ratio := t.fitCPU / w.fitCPU
		add("fit with standard errors, 1,000,000 rows, against glmmTMB", "1/200", fmt.Sprintf("1/%.0f", ratio), ratio >= 200)
		gap := w.likelihood - t.likelihood
		add("log-likelihood against glmmTMB, 1,000,000 rows", "-1e-4 or higher", fmt.Sprintf("%+.1e", gap), gap > -1e-4)
	case w != nil:
		out = append(out, [3]string{"fit with standard errors, 1,000,000 rows, against glmmTMB", "1/200", "glmmTMB was not run on this many rows (`--peers-large`)"})
	}
	if w = find("Waymark", tenMillion, "parquet"); w != nil {
		add("peak memory of the process, 10,000,000 rows of Parquet", "1.5 GB", fmt.Sprintf("%.0f MB", w.whole.PeakMB), w.whole.PeakMB < 1536)
	}
	return out
}

func (c *comparison) versions() []string {
	out := []string{runtime.Version()}
	if p, err := start(c.waymark, "version"); err == nil {
		out = append(out, strings.Join(strings.Fields(string(p.Out))[:2], " "))
	}
	seen := map[string]bool{}
	for _, r := range c.rows {
		for _, v := range []string{r.whole.R, r.whole.Version} {
			if v != "" && !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

func (c *comparison) runs() string {
	var parts []string
	for _, r := range c.rows {
		parts = append(parts, strconv.Itoa(r.whole.Runs))
	}
	return strings.Join(parts, ", ") + " runs, in the order of the table"
}

// processor gives the name of the processor as Linux has it.
func processor() string {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return runtime.GOARCH
}

func system() string {
	raw, err := os.ReadFile("/etc/os-release")
	if err == nil {
		for line := range strings.Lines(string(raw)) {
			if value, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
				return strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return runtime.GOOS
}

// grouped writes 16,524.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for k := len(s) - 3; k > 0; k -= 3 {
		s = s[:k] + "," + s[k:]
	}
	return s
}

func secondsText(s float64) string {
	if s < 1 {
		return strconv.FormatFloat(s, 'f', 3, 64)
	}
	return strconv.FormatFloat(s, 'f', 2, 64)
}
