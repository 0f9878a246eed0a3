package study

import (
	"slices"

	"waymark/dataset"
	"waymark/fault"
	"waymark/release"
	"waymark/study/plan"
)

// counts does a study of key-informant figures: sums by place.
func (r *runner) counts() error {
	r.opt.Progress("study.step.tables", 0, 1)
	t := r.in[r.plan.Main().Name].Loaded.Table
	t, err := r.derive(t)
	if err != nil {
		return err
	}
	d := &drafts{source: labels(r.plan.Source), caveats: []string{"study.key-informants"}}
	var issues fault.Issues
	for _, table := range r.plan.Counts.Tables {
		draft, bad := r.countTable(t, table)
		issues = append(issues, bad...)
		d.add(draft)
	}
	if err := issues.Err(); err != nil {
		return err
	}
	d.add(r.silenceTable(t))
	cleared, record, err := release.Clear(r.policy(), d.list)
	if err != nil {
		return err
	}
	r.result.Tables, r.record = cleared, record
	r.result.Document = r.countsReport(tablesOf(cleared), t)
	return nil
}

// area is one row of a count table: a level, or a kind of missing.
type area struct {
	code   string
	labels release.Labels
	in     func(i int) bool
}

// areasOf lists the levels that the plan names, then others in the data, then the kinds of missing that
// occur with a figure.
func areasOf(c *dataset.Column, named []plan.Choice) []area {
	var out []area
	taken := map[string]bool{}
	level := func(codes []string, head release.Labels) {
		set := map[int]bool{}
		for k, l := range c.Levels {
			if slices.Contains(codes, l.Code) {
				set[k] = true
			}
		}
		for _, code := range codes {
			taken[code] = true
		}
		out = append(out, area{code: codes[0], labels: head, in: func(i int) bool { return set[c.Code(i)] }})
	}
	for _, n := range named {
		of := n.Of
		if len(of) == 0 {
			of = []string{n.Code}
		}
		if slices.ContainsFunc(c.Levels, func(l dataset.Level) bool { return slices.Contains(of, l.Code) }) {
			level(of, labels(n.Title))
		}
	}
	for _, l := range c.Levels {
		if !taken[l.Code] {
			level([]string{l.Code}, inBoth(l.Labels, l.Code))
		}
	}
	for m := dataset.Unknown; m <= dataset.Empty; m++ {
		out = append(out, area{code: "missing-" + m.String(), labels: words("study.missing." + m.String()),
			in: func(i int) bool { return c.Missing(i) == m }})
	}
	return out
}

// countTable sums measures by area. The people behind a cell are those of the measure's People.
func (r *runner) countTable(t *dataset.Table, spec plan.CountTable) (release.Draft, fault.Issues) {
	draft := release.Draft{
		Key: spec.ID, Title: labels(spec.Title), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: spec.By, Labels: labels(spec.Dim)}},
	}
	by := t.Column(spec.By)
	if by == nil {
		return draft, fault.Issues{{Code: CodeNoColumn, Place: fault.Place{Document: t.Name, Field: spec.By}, Args: map[string]any{"for": spec.ID}}}
	}
	if by.Kind != dataset.Category {
		by = by.AsCategory()
	}
	columns, issues := r.measureColumns(t, spec)
	if issues.Err() != nil {
		return draft, issues
	}
	for _, id := range spec.Measures {
		draft.Measures = append(draft.Measures, release.Measure{Name: id, Labels: labels(r.plan.Counts.Measure(id).Title), Form: release.Count})
	}
	areas := areasOf(by, spec.Levels)
	whole := area{code: "total", labels: words("study.total"), in: func(int) bool { return true }}
	for _, a := range append(areas, whole) {
		row := release.DraftRow{Heads: []release.Head{{Code: a.code, Labels: a.labels}}, Total: a.code == "total"}
		some := a.code == "total"
		for _, id := range spec.Measures {
			cell, any := r.countCell(t.Rows(), columns, id, spec.By, a)
			row.Cells = append(row.Cells, cell)
			some = some || any
		}
		if some {
			draft.Rows = append(draft.Rows, row)
		}
	}
	r.addShares(&draft, spec)
	total := len(draft.Rows) - 1
	parts := make([]int, total)
	for i := range parts {
		parts[i] = i
	}
	draft.Sums = []release.Sum{{Whole: total, Parts: parts}}
	draft.Known = r.placesKnown(t, spec)
	for _, p := range spec.Parts {
		sum := release.Sum{Whole: slices.Index(spec.Measures, p[0])}
		for _, id := range p[1:] {
			sum.Parts = append(sum.Parts, slices.Index(spec.Measures, id))
		}
		draft.Across = append(draft.Across, sum)
	}
	return draft, issues
}

// addShares puts the share of the headline measure's total behind the other columns; it is what is drawn.
func (r *runner) addShares(draft *release.Draft, spec plan.CountTable) {
	head := max(slices.Index(spec.Measures, spec.Headline), 0)
	draft.Measures = append(draft.Measures, release.Measure{Name: "share", Labels: words("study.share-total"), Form: release.Share})
	whole := draft.Rows[len(draft.Rows)-1].Cells[head]
	for i, row := range draft.Rows {
		part := row.Cells[head]
		cell := release.DraftCell{None: true}
		if whole.Value > 0 && r.plan.Counts.Measure(spec.Measures[head]).People == "" {
			cell = release.DraftCell{Value: part.Value / whole.Value, Base: whole.Base, Events: part.Base, Set: whole.Set, EventSet: part.Set}
		}
		draft.Rows[i].Cells = append(row.Cells, cell)
	}
}

// measureColumns finds the columns of the measures of a table and of the people behind them.
func (r *runner) measureColumns(t *dataset.Table, spec plan.CountTable) (map[string]*dataset.Column, fault.Issues) {
	columns := map[string]*dataset.Column{}
	var issues fault.Issues
	need := slices.Clone(spec.Measures)
	for _, id := range spec.Measures {
		if p := r.plan.Counts.Measure(id).People; p != "" {
			need = append(need, p)
		}
	}
	for _, id := range need {
		name := r.plan.Counts.Measure(id).Column
		c := t.Column(name)
		switch {
		case c == nil:
			issues = append(issues, fault.Issue{Code: CodeNoColumn, Place: fault.Place{Document: t.Name, Field: name}, Args: map[string]any{"for": id}})
		case c.Kind != dataset.Number && !r.plan.Counts.Measure(id).Rows:
			issues = append(issues, fault.Issue{Code: CodeNotNumber, Place: fault.Place{Document: t.Name, Field: name}, Args: map[string]any{"for": id}})
		}
		columns[id] = c
	}
	return columns, issues
}

// countCell sums one measure over the rows of an area; any says whether a row of it has a figure.
func (r *runner) countCell(rows int, columns map[string]*dataset.Column, id, by string, a area) (cell release.DraftCell, any bool) {
	m := r.plan.Counts.Measure(id)
	people := m.People
	if people == "" {
		people = id
	}
	sum, base := 0.0, 0.0
	for i := range rows {
		if !a.in(i) {
			continue
		}
		if c := columns[id]; c.Missing(i) == dataset.Present {
			any = true
			if m.Rows {
				sum++
			} else {
				sum += c.Number(i)
			}
		}
		if c := columns[people]; c.Missing(i) == dataset.Present {
			base += c.Number(i)
		}
	}
	conditions := []string{condition("measure", people)}
	if m.Rows {
		conditions = []string{placesWith(m)}
	}
	if a.code != "total" {
		conditions = append(conditions, condition(by, a.code))
	}
	cell = release.DraftCell{Value: sum, Base: release.Persons(base), Events: release.Persons(base)}
	if people == id || m.Rows {
		cell.Set = release.SetOf(conditions...)
	}
	return cell, any
}

// placesWith is the condition of a place for which a figure was given. How many such places there are in all
// is no number of people: the table of figures given tells it.
func placesWith(m *plan.CountMeasure) string { return condition("figure."+m.Column, "1") }

// placesKnown gives what the table of figures given tells of the places that another table counts.
func (r *runner) placesKnown(t *dataset.Table, spec plan.CountTable) map[string]release.Persons {
	known := map[string]release.Persons{}
	for _, id := range spec.Measures {
		m := r.plan.Counts.Measure(id)
		if c := t.Column(m.Column); m.Rows && c != nil {
			n := release.Persons(0)
			for i := range t.Rows() {
				if c.Missing(i) == dataset.Present {
					n++
				}
			}
			known[release.SetOf(placesWith(m))] = n
		}
	}
	return known
}

// silenceTable says for every measure in how many rows there was a figure, and why not in the others. It
// counts places, not people.
func (r *runner) silenceTable(t *dataset.Table) release.Draft {
	draft := release.Draft{Key: "figures-given", Title: words("study.counts.given"), Unit: labels(r.plan.Main().Unit),
		Dims: []release.Dim{{Name: "measure", Labels: words("study.counts.measure")}}}
	if draft.Unit == nil {
		draft.Unit = words("study.unit.rows")
	}
	kinds := []dataset.Missing{dataset.Present, dataset.Unknown, dataset.Refused, dataset.NotAsked, dataset.NotApplicable, dataset.Empty}
	for _, k := range kinds {
		name := "given"
		if k != dataset.Present {
			name = k.String()
		}
		draft.Measures = append(draft.Measures, release.Measure{Name: name, Labels: words("study.missing." + name), Form: release.Count})
	}
	for _, m := range r.plan.Counts.Measures {
		c := t.Column(m.Column)
		if c == nil || m.Rows {
			continue
		}
		row := release.DraftRow{Heads: []release.Head{{Code: m.ID, Labels: labels(m.Title)}}}
		for _, k := range kinds {
			n := 0
			for i := range t.Rows() {
				if c.Missing(i) == k {
					n++
				}
			}
			row.Cells = append(row.Cells, release.DraftCell{Value: float64(n), Base: release.Nobody, Events: -1})
		}
		draft.Rows = append(draft.Rows, row)
	}
	return draft
}
