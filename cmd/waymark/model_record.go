package main

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"waymark/dataset"
	"waymark/fault"
	"waymark/lang"
	"waymark/stat/formula"
)

// fitRecord is what model fit found, in the fields that docs/formats/model-fit.md lists.
type fitRecord struct {
	Cleared       bool                `json:"cleared"` // always false: a working result of one's own file
	Formula       string              `json:"formula"`
	Family        string              `json:"family"`
	Link          string              `json:"link"`
	Method        string              `json:"method"`
	Converged     bool                `json:"converged"`
	Verdicts      []verdictRecord     `json:"verdicts"`
	Rows          rowsRecord          `json:"rows"`
	LogLikelihood number              `json:"log_likelihood"`
	AIC           number              `json:"aic"`
	BIC           number              `json:"bic"`
	Coefficients  []coefficientRecord `json:"coefficients"`
	Random        []randomRecord      `json:"random"`
	ResidualSD    *number             `json:"residual_sd,omitempty"`
	LaplaceError  *number             `json:"laplace_error,omitempty"`
	Effects       *effectsRecord      `json:"effects,omitempty"`
	Timing        timingRecord        `json:"timing"`
}

type verdictRecord struct {
	Code string `json:"code"`
	Text string `json:"text"`

	severity fault.Severity
	args     map[string]any
}

type rowsRecord struct {
	Read       int            `json:"read"`
	Used       int            `json:"used"`
	Dropped    map[string]int `json:"dropped"`
	Unreadable int            `json:"unreadable"` // rows of the file that could not be loaded; within Read

	order []string
}

type coefficientRecord struct {
	Term     string `json:"term"`
	Estimate number `json:"estimate"`
	StdError number `json:"std_error"`
	Z        number `json:"z"`
	P        number `json:"p"`
	Low      number `json:"low"`
	High     number `json:"high"`
}

type randomRecord struct {
	Group       string     `json:"group"`
	Levels      int        `json:"levels"`
	Terms       []string   `json:"terms"`
	SD          []number   `json:"sd"`
	Correlation [][]number `json:"correlation"`
}

type timingRecord struct {
	Read   number `json:"read_s"`
	Fit    number `json:"fit_s"`
	Errors number `json:"errors_s"`
}

// number is written as null where it is no number: JSON has no NaN and no infinity.
type number float64

// MarshalJSON writes the shortest form that reads back as the same number.
func (n number) MarshalJSON() ([]byte, error) {
	x := float64(n)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(x)
}

func numbers(v []float64) []number {
	out := make([]number, len(v))
	for k, x := range v {
		out[k] = number(x)
	}
	return out
}

func matrix(rows [][]float64) [][]number {
	out := make([][]number, len(rows))
	for k, row := range rows {
		out[k] = numbers(row)
	}
	return out
}

func seconds(d time.Duration) number { return number(math.Round(d.Seconds()*1e6) / 1e6) }

func (r *fitRecord) say(code fault.Code, severity fault.Severity, args map[string]any) {
	r.Verdicts = append(r.Verdicts, verdictRecord{Code: string(code), severity: severity, args: args})
}

// account notes where the rows went.
func (r *fitRecord) account(l *dataset.Loaded, d *formula.Design) {
	r.Verdicts, r.Random = []verdictRecord{}, []randomRecord{}
	r.Rows = rowsRecord{Read: d.Read + l.Accounts.Listed, Used: d.Used, Dropped: map[string]int{}, Unreadable: l.Accounts.Listed}
	for _, drop := range d.Dropped {
		r.Rows.Dropped[drop.Variable] += drop.Rows
		r.Rows.order = append(r.Rows.order, drop.Variable)
	}
	r.say(codeModelNotCleared, fault.Soft, nil)
	if l.Accounts.Listed > 0 {
		first := 0
		for issue := range l.Accounts.Rejected() {
			first = issue.Place.Row
			break
		}
		r.say(codeModelRowsListed, fault.Soft, map[string]any{"rows": l.Accounts.Listed, "first": strconv.Itoa(first)})
	}
	used := map[string]bool{}
	for _, name := range d.Formula.Columns() {
		used[name] = true
	}
	for _, s := range l.Accounts.Suspects {
		if used[s.Column] {
			r.say(codeModelSuspect, fault.Soft, map[string]any{"column": s.Column, "marker": s.Code, "rows": s.Rows})
		}
	}
	r.doubtful(d)
}

// doubtful names the factors most of whose levels are numbers: a stray word makes a factor of a column of numbers.
func (r *fitRecord) doubtful(d *formula.Design) {
	seen := map[string]bool{}
	for _, term := range d.Terms {
		for _, f := range term.Factors {
			words := 0
			for _, l := range f.Levels {
				if _, err := strconv.ParseFloat(l, 64); err != nil {
					words++
				}
			}
			if words > 0 && len(f.Levels) >= 10 && words*5 <= len(f.Levels) && !seen[f.Variable] {
				seen[f.Variable] = true
				r.say(codeModelMostNumbers, fault.Soft, map[string]any{"column": f.Variable, "levels": len(f.Levels), "words": words})
			}
		}
	}
}

func (r *fitRecord) coefficients(names []string, b, se, z, p, low, high []float64) {
	for k, name := range names {
		r.Coefficients = append(r.Coefficients, coefficientRecord{Term: name, Estimate: number(b[k]), StdError: number(se[k]),
			Z: number(z[k]), P: number(p[k]), Low: number(low[k]), High: number(high[k])})
	}
}

// speak writes the verdicts in words.
func (r *fitRecord) speak(p *lang.Printer) {
	for k, v := range r.Verdicts {
		r.Verdicts[k].Text = p.Text(v.Code, v.args)
	}
}

func (r *fitRecord) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
