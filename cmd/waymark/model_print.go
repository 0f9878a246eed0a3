package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"waymark/fault"
	"waymark/lang"
)

// page prints a record as text in one language.
type page struct {
	w *bufio.Writer
	p *lang.Printer
}

// writeTable prints what was found for reading: what it is, the coefficients, the groups, the verdicts in words.
func (r *fitRecord) writeTable(w io.Writer, p *lang.Printer) error {
	out := &page{bufio.NewWriter(w), p}
	out.head(r)
	out.coefficients(r)
	out.groups(r)
	out.line("model.print.likelihood", map[string]any{
		"log": p.Number(float64(r.LogLikelihood), 4), "aic": p.Number(float64(r.AIC), 2), "bic": p.Number(float64(r.BIC), 2)})
	if r.Effects != nil {
		out.effects(r.Effects)
	}
	out.heading("model.print.verdicts")
	for _, v := range r.Verdicts {
		mark := "-"
		if v.severity == fault.Hard {
			mark = "!"
		}
		fmt.Fprintf(out.w, "  %s %s\n", mark, v.Text)
	}
	out.gap()
	out.line("model.print.timing", map[string]any{
		"read": p.Number(float64(r.Timing.Read), 3), "fit": p.Number(float64(r.Timing.Fit), 3), "errors": p.Number(float64(r.Timing.Errors), 3)})
	return out.w.Flush()
}

func (o *page) text(code string, args map[string]any) string { return o.p.Text(code, args) }
func (o *page) gap()                                         { fmt.Fprintln(o.w) }
func (o *page) line(code string, args map[string]any)        { fmt.Fprintln(o.w, o.text(code, args)) }
func (o *page) heading(code string) {
	o.gap()
	o.line(code, nil)
}

func (o *page) head(r *fitRecord) {
	o.line("model.print.not-cleared", nil)
	o.gap()
	o.line("model.print.formula", map[string]any{"formula": r.Formula})
	o.line("model.print.kind", map[string]any{"family": r.Family, "link": r.Link, "method": o.method(r.Method)})
	o.line("model.print.rows", map[string]any{"read": r.Rows.Read, "used": r.Rows.Used})
	seen := map[string]bool{}
	for _, name := range r.Rows.order {
		if !seen[name] {
			seen[name] = true
			fmt.Fprint(o.w, "  ")
			o.line("model.print.dropped", map[string]any{"rows": r.Rows.Dropped[name], "column": name})
		}
	}
	if r.Rows.Unreadable > 0 {
		fmt.Fprint(o.w, "  ")
		o.line("model.print.unreadable", map[string]any{"rows": r.Rows.Unreadable})
	}
}

// pValue writes "p = 0.032" or "p < 0.001".
func (o *page) pValue(p number) string {
	s := o.p.PValue(float64(p))
	if rest, small := strings.CutPrefix(s, "<"); small {
		return "p < " + strings.TrimLeft(rest, "\u00a0\u202f ")
	}
	return "p = " + s
}

// decimals gives a number so many that its standard error shows three figures, at least four.
func decimals(se number) int {
	if !(se > 0) || math.IsInf(float64(se), 0) {
		return 4
	}
	return min(max(4, 2-int(math.Floor(math.Log10(float64(se))))), 12)
}

// method names a method in words; "quadrature-7" carries its points.
func (o *page) method(name string) string {
	if points, ok := strings.CutPrefix(name, "quadrature-"); ok {
		return o.text("model.method.quadrature", map[string]any{"points": points})
	}
	return o.text("model.method."+name, nil)
}

func (o *page) coefficients(r *fitRecord) {
	ratio := ""
	switch r.Link {
	case "logit":
		ratio = o.text("model.print.odds-ratio", nil)
	case "log":
		ratio = o.text("model.print.rate-ratio", nil)
	}
	o.heading("model.print.coefficients")
	head := []string{"", o.text("model.print.estimate", nil), o.text("model.print.std-error", nil), "z", "p"}
	if ratio != "" {
		head = append(head, ratio)
	}
	head = append(head, o.text("model.print.interval", nil))
	rows := [][]string{head}
	for _, c := range r.Coefficients {
		low, high := float64(c.Low), float64(c.High)
		places := decimals(c.StdError)
		row := []string{c.Term, o.p.Number(float64(c.Estimate), places), o.p.Number(float64(c.StdError), places),
			o.p.Number(float64(c.Z), 2), o.p.PValue(float64(c.P))}
		if ratio != "" {
			row = append(row, o.p.OddsRatio(math.Exp(float64(c.Estimate))), o.p.Interval(math.Exp(low), math.Exp(high), o.p.OddsRatio))
		} else {
			row = append(row, o.p.Interval(low, high, func(x float64) string { return o.p.Number(x, places) }))
		}
		rows = append(rows, row)
	}
	o.table(rows)
}

func (o *page) groups(r *fitRecord) {
	if len(r.Random) == 0 {
		o.gap()
		if r.ResidualSD != nil {
			o.line("model.print.residual-sd", map[string]any{"sd": o.p.Number(float64(*r.ResidualSD), 4)})
		}
		return
	}
	o.heading("model.print.groups")
	rows := [][]string{{"", "", o.text("model.print.levels", nil), o.text("model.print.sd", nil), o.text("model.print.correlation", nil)}}
	for _, t := range r.Random {
		for k, name := range t.Terms {
			row := []string{"", name, "", o.p.Number(float64(t.SD[k]), 4), ""}
			if k == 0 {
				row[0], row[2] = t.Group, o.p.Number(float64(t.Levels), 0)
			}
			var with []string
			for l := range k {
				with = append(with, o.p.Number(float64(t.Correlation[k][l]), 3))
			}
			row[4] = strings.Join(with, "  ")
			rows = append(rows, row)
		}
	}
	if r.ResidualSD != nil {
		rows = append(rows, []string{o.text("model.print.residual", nil), "", "", o.p.Number(float64(*r.ResidualSD), 4), ""})
	}
	o.table(rows)
	o.gap()
}

// table prints cells in columns: the first flush left, the others right; widths count characters.
func (o *page) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for k, cell := range row {
			widths[k] = max(widths[k], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for k, cell := range row {
			pad := strings.Repeat(" ", widths[k]-utf8.RuneCountInString(cell))
			if k == 0 {
				b.WriteString("  " + cell + pad)
			} else {
				b.WriteString("  " + pad + cell)
			}
		}
		fmt.Fprintln(o.w, strings.TrimRight(b.String(), " "))
	}
}

func (o *page) effects(e *effectsRecord) {
	mixed := e.mixed()
	scopes := []string{"", o.text("model.print.estimate", nil)}
	if mixed {
		scopes = []string{"", o.text("model.print.typical", nil), o.text("model.print.population", nil)}
	}
	write := func(x estimateRecord) string {
		places := decimals(x.StdError)
		number := func(v float64) string { return o.p.Number(v, places) }
		return number(float64(x.Estimate)) + " (" + o.p.Interval(float64(x.Low), float64(x.High), number) + ")"
	}
	section := func(code string, n int, at func(int) (string, scoped)) {
		if n == 0 {
			return
		}
		o.heading(code)
		rows := [][]string{scopes}
		for k := range n {
			name, s := at(k)
			row := []string{name, write(s.Typical)}
			if mixed {
				row = append(row, write(*s.Population))
			}
			rows = append(rows, row)
		}
		o.table(rows)
	}
	o.ratios(e)
	section("model.print.marginal", len(e.Marginal), func(k int) (string, scoped) {
		m := e.Marginal[k]
		if m.Level == "" {
			return m.Variable, m.scoped
		}
		return o.text("model.print.against", map[string]any{"variable": m.Variable, "level": m.Level, "reference": m.Reference}), m.scoped
	})
	section("model.print.predicted", len(e.Predicted), func(k int) (string, scoped) {
		return e.Predicted[k].Variable + " = " + e.Predicted[k].Level, e.Predicted[k].scoped
	})
	o.measures(e, write)
}

// ratios prints the profile intervals beside Wald's, where there are any.
func (o *page) ratios(e *effectsRecord) {
	list := append(e.OddsRatios, e.RateRatios...)
	if len(list) == 0 || list[0].ProfileLow == nil {
		return
	}
	o.heading("model.print.profiles")
	rows := [][]string{{"", o.text("model.print.ratio", nil), o.text("model.print.wald", nil), o.text("model.print.profile", nil)}}
	for _, x := range list {
		row := []string{x.Term, o.p.OddsRatio(float64(x.Value)), o.p.Interval(float64(x.Low), float64(x.High), o.p.OddsRatio), ""}
		if x.ProfileLow != nil {
			row[3] = o.p.Interval(float64(*x.ProfileLow), float64(*x.ProfileHigh), o.p.OddsRatio)
		}
		rows = append(rows, row)
	}
	o.table(rows)
}

// mixed says whether the effects are those of a model with groups.
func (e *effectsRecord) mixed() bool {
	for _, m := range e.Marginal {
		if m.Population != nil {
			return true
		}
	}
	return false
}

func (o *page) measures(e *effectsRecord, write func(estimateRecord) string) {
	rows := [][]string{}
	add := func(code string, args map[string]any, value string) {
		rows = append(rows, []string{o.text(code, args), value})
	}
	four := func(n number) string { return o.p.Number(float64(n), 4) }
	for _, s := range e.ICC {
		add("model.print.icc", map[string]any{"group": s.Group}, four(s.Value))
	}
	for _, s := range e.MedianOddsRatio {
		add("model.print.median-odds-ratio", map[string]any{"group": s.Group}, o.p.OddsRatio(float64(s.Value)))
	}
	if e.R2 != nil {
		add("model.print.r2-marginal", nil, four(e.R2.Marginal))
		add("model.print.r2-conditional", nil, four(e.R2.Conditional))
	}
	if t := e.LikelihoodRatio; t != nil {
		code := "model.print.likelihood-ratio"
		if t.Against == "no groups" {
			code = "model.print.likelihood-ratio-groups"
		}
		add(code, map[string]any{"df": t.DF}, o.p.Number(float64(t.ChiSquare), 2)+", "+o.pValue(t.P))
	}
	if s := e.PseudoR2; s != nil {
		add("model.print.mcfadden", nil, four(s.McFadden))
		add("model.print.nagelkerke", nil, four(s.Nagelkerke))
	}
	if d := e.Discrimination; d != nil {
		add("model.print.auc", nil, write(d.AUC))
		add("model.print.brier", nil, four(d.Brier))
		add("model.print.tjur", nil, four(d.Tjur))
		add("model.print.slope", nil, write(d.Calibration.Slope))
		if h := d.HosmerLemeshow; h != nil {
			add("model.print.hosmer-lemeshow", map[string]any{"df": h.DF}, o.p.Number(float64(h.ChiSquare), 2)+", "+o.pValue(h.P))
		}
	}
	for _, g := range e.GVIF {
		add("model.print.gvif", map[string]any{"term": g.Term}, o.p.Number(float64(g.Scaled), 3))
	}
	if len(rows) == 0 {
		return
	}
	o.heading("model.print.measures")
	if e.Discrimination != nil {
		fmt.Fprint(o.w, "  ")
		o.line("model.print.of-"+e.Discrimination.Of, nil)
	}
	o.table(rows)
}
