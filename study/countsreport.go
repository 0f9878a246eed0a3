package study

import (
	"slices"

	"waymark/dataset"
	"waymark/publish/chart"
	"waymark/publish/report"
	"waymark/release"
	"waymark/study/plan"
)

// countsReport is the report of a study of key-informant figures.
func (r *runner) countsReport(t tables, data *dataset.Table) report.Document {
	doc := r.frame()
	doc.Kicker = report.T("study.kicker.location-counts")
	first := r.plan.Counts.Tables[0]
	for _, spec := range r.plan.Counts.Tables {
		total := len(t[spec.ID].Rows()) - 1
		head := slices.Index(spec.Measures, spec.Headline)
		if head < 0 {
			head = 0
		}
		doc.Sections = append(doc.Sections, r.countSection(t, spec, total, head))
		if !slices.ContainsFunc(doc.Summary.Figures, func(k report.KeyFigure) bool { return sameMeasure(k, spec.Measures[head]) }) && len(doc.Summary.Figures) < 4 {
			doc.Summary.Figures = append(doc.Summary.Figures, report.KeyFigure{
				Number: t.number(spec.ID, total, head), Label: report.Text{Own: labels(r.plan.Counts.Measure(spec.Measures[head]).Title)}})
		}
	}
	doc.Summary.Findings = r.countFindings(t, first)
	doc.Sections = append(doc.Sections, r.countMethod(t, data))
	return doc
}

func sameMeasure(k report.KeyFigure, measure string) bool {
	n, ok := k.Number.(report.Number)
	return ok && n.Table.Measures()[n.Column].Name == measure
}

// frame is what every document of a plan carries.
func (r *runner) frame() report.Document {
	doc := report.Document{
		ID: r.plan.ID, Title: report.Text{Own: labels(r.plan.Title)}, Languages: r.opt.Languages,
	}
	if len(r.plan.Subtitle) > 0 {
		doc.Subtitle = report.Text{Own: labels(r.plan.Subtitle)}
	}
	doc.Colophon = r.colophon()
	return doc
}

func (r *runner) colophon() []report.Fact {
	facts := []report.Fact{{Label: report.T("study.fact.source"), Value: report.Words(labels(r.plan.Source))}}
	if r.plan.Period.From != "" {
		facts = append(facts, report.Fact{Label: report.T("study.fact.period"), Value: report.Nested(report.Text{
			Key: "study.period", Args: map[string]report.Arg{"from": report.Day(r.plan.Period.From), "to": report.Day(r.plan.Period.To)}})})
	}
	for _, d := range r.plan.Data {
		in, ok := r.in[d.Name]
		if !ok || in.Loaded == nil {
			continue
		}
		facts = append(facts, report.Fact{Label: report.Text{Key: "study.fact.data", Args: map[string]report.Arg{"name": report.Plain(d.Name)}},
			Value: report.Nested(report.Text{Key: "study.fact.hash", Args: map[string]report.Arg{
				"file": report.Plain(in.File), "sha256": report.Plain(in.Loaded.Accounts.SHA256)}})})
	}
	facts = append(facts,
		report.Fact{Label: report.T("study.fact.plan"), Value: report.Nested(report.Text{Key: "study.fact.hash", Args: map[string]report.Arg{
			"file": report.Plain(r.plan.ID), "sha256": report.Plain(r.plan.Hash)}})},
		report.Fact{Label: report.T("study.fact.program"), Value: report.Plain("waymark " + r.opt.Version)})
	if !r.opt.Made.IsZero() {
		facts = append(facts, report.Fact{Label: report.T("study.fact.made"), Value: report.Day(r.opt.Made.Format("2006-01-02"))})
	}
	return facts
}

func (r *runner) countSection(t tables, spec plan.CountTable, total, head int) report.Section {
	s := report.Section{ID: spec.ID, Title: report.Text{Own: labels(spec.Title)}}
	args := map[string]report.Arg{
		"total": t.number(spec.ID, total, head), "measure": report.Words(labels(r.plan.Counts.Measure(spec.Measures[head]).Title)),
		"top": r.topRows(t, spec.ID, head, 3),
	}
	lead := report.Text{Key: "study.counts.lead", Args: args}
	if said := r.countSaid(t, spec, total, head); !said.Empty() {
		args["said"] = report.Nested(said)
		lead.Key = "study.counts.lead-said"
	}
	s.Blocks = append(s.Blocks, report.Paragraph{Text: lead})
	s.Blocks = append(s.Blocks, bars("figure-"+spec.ID, report.Text{Own: labels(spec.Title)}, report.Text{Key: "study.counts.summary", Args: args},
		t[spec.ID], chart.StripOptions{Measure: "share"}))
	s.Blocks = append(s.Blocks, report.TableBlock{Table: t[spec.ID]})
	return s
}

// countSaid is the plan's own sentence on the total of a measure; empty where it has none.
func (r *runner) countSaid(t tables, spec plan.CountTable, total, head int) report.Text {
	say := r.plan.Counts.Measure(spec.Measures[head]).Say
	if len(say) == 0 {
		return report.Text{}
	}
	return report.Text{Own: labels(say), Args: map[string]report.Arg{"number": t.number(spec.ID, total, head)}}
}

// topRows names the rows with the largest shown values of a measure, "Nsanje (61,405), Blantyre (34,207)", but
// not what is left over (other, unknown).
func (r *runner) topRows(t tables, key string, col, most int) report.List {
	var rows []int
	for i, row := range t[key].Rows() {
		rest := len(row.Heads) > 0 && (row.Heads[0].Code == "other" || row.Heads[0].Code == "unknown")
		if !row.Total && !rest && t.shown(key, i, col) && t.value(key, i, col) > 0 {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		return -cmpFloat(t.value(key, a, col), t.value(key, b, col))
	})
	var list report.List
	for _, i := range rows[:min(most, len(rows))] {
		name := t.head(key, i, 0)
		if phrase := r.countPhrase(key, t[key].Rows()[i].Heads); len(phrase) > 0 {
			name = report.Words(labels(phrase))
		}
		list = append(list, report.Nested(report.Text{Key: "study.named-number", Args: map[string]report.Arg{
			"name": name, "number": t.number(key, i, col)}}))
	}
	return list
}

// countPhrase is the plan's phrase for the level of a row of a table of figures; nil where it has none.
func (r *runner) countPhrase(key string, heads []release.Head) plan.Labels {
	if r.plan.Counts == nil || len(heads) == 0 {
		return nil
	}
	for _, spec := range r.plan.Counts.Tables {
		at := slices.IndexFunc(spec.Levels, func(c plan.Choice) bool { return c.Code == heads[0].Code })
		if spec.ID == key && at >= 0 {
			return spec.Levels[at].Phrase
		}
	}
	return nil
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// countFindings are the three findings of page one, from the first table.
func (r *runner) countFindings(t tables, spec plan.CountTable) []report.Finding {
	total := len(t[spec.ID].Rows()) - 1
	head := max(slices.Index(spec.Measures, spec.Headline), 0)
	args := map[string]report.Arg{
		"total": t.number(spec.ID, total, head), "measure": report.Words(labels(r.plan.Counts.Measure(spec.Measures[head]).Title)),
		"top": r.topRows(t, spec.ID, head, 3),
	}
	first := report.Text{Key: "study.counts.finding-total", Args: args}
	if said := r.countSaid(t, spec, total, head); !said.Empty() {
		first = said
	}
	out := []report.Finding{
		{Say: first, Sure: report.T("study.counts.sure-informants"),
			Do: report.T("study.counts.do-total"), Actors: report.T("study.counts.actors-total"), Anchor: spec.ID},
		{Say: report.Text{Key: "study.counts.finding-where", Args: args}, Sure: report.T("study.counts.sure-where"),
			Do: report.T("study.counts.do-where"), Actors: report.T("study.counts.actors-where"), Anchor: spec.ID},
	}
	if len(spec.Parts) > 0 {
		var list report.List
		for _, id := range spec.Parts[0][1:] {
			if said := r.countSaid(t, spec, total, slices.Index(spec.Measures, id)); !said.Empty() {
				list = append(list, report.Nested(said))
				continue
			}
			list = append(list, report.Nested(report.Text{Key: "study.named-number", Args: map[string]report.Arg{
				"name": report.Words(labels(r.plan.Counts.Measure(id).Title)), "number": t.number(spec.ID, total, slices.Index(spec.Measures, id))}}))
		}
		out = append(out, report.Finding{Say: report.Text{Key: "study.counts.finding-who", Args: map[string]report.Arg{"parts": list}},
			Sure: report.T("study.counts.sure-who"), Do: report.T("study.counts.do-who"), Actors: report.T("study.counts.actors-who"), Anchor: spec.ID})
	}
	return out
}

// countMethod says how the figures came about and what they cannot show.
func (r *runner) countMethod(t tables, data *dataset.Table) report.Section {
	s := report.Section{ID: "method", Title: report.T("study.method")}
	s.Blocks = append(s.Blocks,
		report.Paragraph{Text: report.T("study.counts.method")},
		report.Paragraph{Text: report.T("study.counts.method-missing")},
		report.TableBlock{Table: t["figures-given"]},
		report.Heading{Text: report.T("study.limits")},
		report.Bullets{Items: []report.Text{report.T("study.counts.limit-informants"), report.T("study.counts.limit-places"),
			report.T("study.counts.limit-rounds"), report.T("study.counts.limit-sums")}},
		report.Heading{Text: report.T("study.gate")},
		report.Paragraph{Text: r.gateText()},
	)
	return s
}

// gateText says which rule numbers were cleared under.
func (r *runner) gateText() report.Text {
	return report.Text{Key: "study.gate-rule", Args: map[string]report.Arg{"least": report.Plain(itoa(int(r.policy().Resolved().MinPeople)))}}
}
