package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/lang"
	"waymark/stat/design"
)

// surveyRecord is what survey estimate found, in the fields that docs/formats/survey-estimate.md lists.
type surveyRecord struct {
	Cleared   bool             `json:"cleared"` // always false: a working result of one's own file
	Design    surveyDesign     `json:"design"`
	What      string           `json:"what"`
	Level     number           `json:"confidence"`
	Estimates []surveyEstimate `json:"estimates"`
	Caveats   []verdictRecord  `json:"caveats"`

	by         []string
	rows       int
	missing    map[string]int // rows left out of a variable's estimates, over all groups
	order      []string
	few, bare  int // estimates of few rows, without degrees of freedom
	edge, open int // shares of 0 or 1, intervals with an open end
}

type surveyDesign struct {
	Strata   []string      `json:"strata"`
	Clusters []string      `json:"clusters"`
	Weights  string        `json:"weights"`
	FPC      []string      `json:"fpc"`
	Lonely   string        `json:"lonely"`
	Variance string        `json:"variance"`
	Seed     *uint64       `json:"seed,omitempty"`
	Known    []string      `json:"known,omitempty"`
	Fit      string        `json:"fit,omitempty"`
	Rows     int           `json:"rows"`
	Sum      number        `json:"sum_of_weights"`
	DF       int           `json:"df"`
	Stages   []surveyStage `json:"stages"`
}

type surveyStage struct {
	Strata int `json:"strata"`
	Units  int `json:"units"`
}

type surveyEstimate struct {
	Variable string `json:"variable"`
	Level    string `json:"level"`
	By       string `json:"by"`
	Estimate number `json:"estimate"`
	StdError number `json:"std_error"`
	Low      number `json:"low"`
	High     number `json:"high"`
	Deff     number `json:"deff"`
	N        int    `json:"n"`
}

func (r *surveyRecord) say(code fault.Code, args map[string]any) {
	r.Caveats = append(r.Caveats, verdictRecord{Code: string(code), severity: fault.Soft, args: args})
}

// account notes the design and where rows went.
func (r *surveyRecord) account(j *surveyJob, s *design.Sample, l *dataset.Loaded) {
	o := s.Options
	named := func(list []string) []string { return append([]string{}, list...) }
	r.What, r.Level, r.by, r.rows = j.what, number(j.level), j.by, s.Rows()
	r.Design = surveyDesign{Strata: named(o.Strata), Clusters: named(o.Clusters), Weights: o.Weights, FPC: named(o.FPC),
		Lonely: o.Lonely.String(), Variance: j.change.variance, Rows: s.Rows(), Sum: number(s.SumOfWeights()), DF: s.DF()}
	if c := &j.change; c.how != "" {
		r.Design.Fit = c.how
		for _, m := range c.margins {
			r.Design.Known = append(r.Design.Known, m.Columns...)
		}
		for _, t := range c.totals {
			r.Design.Known = append(r.Design.Known, t.Column)
		}
	}
	r.Design.Seed = j.change.sown
	for k := range s.Stages() {
		units, strata := s.Drawn(k)
		r.Design.Stages = append(r.Design.Stages, surveyStage{Strata: strata, Units: units})
	}
	r.missing = map[string]int{}
	r.say(codeSurveyNotCleared, nil)
	if l.Accounts.Listed > 0 {
		first := 0
		for issue := range l.Accounts.Rejected() {
			first = issue.Place.Row
			break
		}
		r.say(codeSurveyRowsListed, map[string]any{"rows": l.Accounts.Listed, "first": strconv.Itoa(first)})
	}
	for _, n := range s.Notes {
		r.Caveats = append(r.Caveats, verdictRecord{Code: string(n.Code), severity: n.Severity, args: n.Args})
	}
	for _, x := range l.Accounts.Suspects {
		if j.names(x.Column) {
			r.say(codeSurveySuspect, map[string]any{"column": x.Column, "marker": x.Code, "rows": x.Rows})
		}
	}
}

// dropped counts the rows of a domain that an estimate left out.
func (r *surveyRecord) dropped(s *design.Sample, name string, n int) {
	if rows := s.Counted(); rows > n {
		if _, told := r.missing[name]; !told {
			r.order = append(r.order, name)
		}
		r.missing[name] += rows - n
	}
}

func (r *surveyRecord) add(e surveyEstimate, df int) {
	if e.N < fewRows {
		r.few++
	}
	if df < 1 {
		r.bare++
		if e.StdError == 0 { // one unit alone, held against itself
			e.StdError = number(math.NaN())
		}
	}
	r.Estimates = append(r.Estimates, e)
}

// speak ends the caveats and writes them in words.
func (r *surveyRecord) speak(p *lang.Printer) {
	for _, name := range r.order {
		r.say(design.CodeDropped, map[string]any{"column": name, "count": r.missing[name]})
	}
	for _, c := range []struct {
		code  fault.Code
		count int
	}{{codeSurveySmall, r.few}, {codeSurveyNoDF, r.bare}, {codeSurveyEdge, r.edge}, {codeSurveyOpen, r.open}} {
		if c.count > 0 {
			r.say(c.code, map[string]any{"count": c.count, "limit": fewRows})
		}
	}
	for k, v := range r.Caveats {
		r.Caveats[k].Text = p.Text(v.Code, v.args)
	}
}

func (r *surveyRecord) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// writeTable prints what was found for reading.
func (r *surveyRecord) writeTable(w io.Writer, p *lang.Printer) error {
	out := &page{bufio.NewWriter(w), p}
	out.line("survey.print.not-cleared", nil)
	out.gap()
	d := r.Design
	for _, c := range []struct {
		code string
		list []string
	}{{"survey.print.strata", d.Strata}, {"survey.print.clusters", d.Clusters}, {"survey.print.weights", listed(d.Weights)}, {"survey.print.fpc", d.FPC}} {
		if len(c.list) > 0 {
			out.line(c.code, map[string]any{"columns": strings.Join(c.list, ", ")})
		}
	}
	for k, s := range d.Stages {
		out.line("survey.print.stage", map[string]any{"stage": k + 1, "units": p.Number(float64(s.Units), 0), "strata": p.Number(float64(s.Strata), 0)})
	}
	if d.Fit != "" {
		out.line("survey.print.known", map[string]any{"columns": strings.Join(d.Known, ", "), "fit": d.Fit})
	}
	if d.Variance != "linearisation" {
		out.line("survey.print.replicates", map[string]any{"kind": d.Variance})
	}
	out.line("survey.print.rows", map[string]any{"rows": p.Number(float64(d.Rows), 0), "sum": p.Number(float64(d.Sum), 1), "df": p.Number(float64(d.DF), 0)})
	out.heading("survey.print." + r.What)
	rows := [][]string{{out.text("survey.print.variable", nil)}}
	head := &rows[0]
	by := len(r.by) > 0
	if by {
		*head = append(*head, strings.Join(r.by, ":"))
	}
	leveled := slices.ContainsFunc(r.Estimates, func(e surveyEstimate) bool { return e.Level != "" })
	if leveled {
		*head = append(*head, out.text("survey.print.level", nil))
	}
	*head = append(*head, out.text("survey.print.estimate", nil), out.text("survey.print.std-error", nil),
		out.text("survey.print.interval", map[string]any{"level": p.Percent(float64(r.Level), 0)}), out.text("survey.print.deff", nil), out.text("survey.print.n", nil))
	for _, e := range r.Estimates {
		places := decimals(e.StdError)
		switch {
		case e.StdError >= 10:
			places = 2
		case float64(e.StdError) < 1e-9*math.Abs(float64(e.Estimate)): // fixed by the design, but for rounding
			places = 4
		}
		write := func(x float64) string { return p.Number(x, places) }
		row := []string{e.Variable}
		if by {
			row = append(row, e.By)
		}
		deff := p.Number(float64(e.Deff), 2)
		if e.Deff != e.Deff {
			deff = ""
		}
		if leveled {
			row = append(row, e.Level)
		}
		rows = append(rows, append(row, write(float64(e.Estimate)), write(float64(e.StdError)),
			p.Interval(float64(e.Low), float64(e.High), write), deff, p.Number(float64(e.N), 0)))
	}
	out.table(rows)
	out.heading("survey.print.caveats")
	for _, c := range r.Caveats {
		fmt.Fprintf(out.w, "  - %s\n", c.Text)
	}
	return out.w.Flush()
}
