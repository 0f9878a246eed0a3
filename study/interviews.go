package study

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"waymark/dataset"
	"waymark/place"
	"waymark/release"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// flowDraft tables how the sample came about. What a rule removed is a number of people too.
func (s *survey) flowDraft() error {
	d := release.Draft{Key: "sample-flow", Title: words("study.flow.title"), Unit: words("study.unit.people"),
		Dims:     []release.Dim{{Name: "step", Labels: words("study.flow.step")}},
		Measures: []release.Measure{{Name: "removed", Labels: words("study.flow.removed"), Form: release.Count}, {Name: "left", Labels: words("study.flow.left"), Form: release.Count}}}
	for i, step := range s.steps {
		head := release.Head{Code: "all", Labels: words("study.flow.all")}
		if i > 0 {
			title := s.plan.Sample[i-1].Title
			head = release.Head{Code: step.Rule, Labels: release.Labels{"en": "keep those who " + title["en"], "fr": "garder celles qui " + title["fr"]}}
		}
		row := release.DraftRow{Heads: []release.Head{head}}
		if i == 0 {
			row.Cells = append(row.Cells, release.DraftCell{None: true})
		} else {
			row.Cells = append(row.Cells, people(step.Removed, fmt.Sprintf("removed-%d", i)))
			d.Relations = append(d.Relations, release.Relation{Whole: s.leftSet(i - 1), Parts: []string{s.leftSet(i), fmt.Sprintf("removed-%d", i)}})
		}
		row.Cells = append(row.Cells, people(step.Left, s.leftSet(i)))
		d.Rows = append(d.Rows, row)
	}
	s.drafts.add(d)
	return nil
}

// leftSet names who is left after a number of rules; after the last it is everybody in the sample.
func (s *survey) leftSet(i int) string {
	if i == len(s.steps)-1 {
		return release.SetOf()
	}
	return fmt.Sprintf("left-%d", i)
}

// people is a cell that counts people.
func people(n int, set string) release.DraftCell {
	return release.DraftCell{Value: float64(n), Base: release.Persons(n), Events: release.Persons(n), Set: set}
}

// levelsOf gives the levels of a column with their words: the plan's, the form's, else a country's name, else
// the code itself.
func levelsOf(c *dataset.Column) []release.Head {
	heads := make([]release.Head, len(c.Levels))
	for k, l := range c.Levels {
		h := release.Head{Code: l.Code, Labels: inBoth(l.Labels, l.Code)}
		if known, ok := place.Countries().ByISO3(l.Code); ok && len(l.Labels) == 0 {
			h.Labels = labels(known.Labels())
		}
		heads[k] = h
	}
	return heads
}

// inBoth gives words in every language of the report: where one has none, those of another that a form has,
// else a name as it stands in the data.
func inBoth(l dataset.Labels, name string) release.Labels {
	other := name
	for _, tag := range slices.Backward(slices.Sorted(maps.Keys(l))) {
		if l[tag] != "" {
			other = l[tag]
		}
	}
	out := release.Labels{}
	for _, tag := range []string{"en", "fr"} {
		out[tag] = l.In(tag, other)
	}
	return out
}

// titleOf gives the words of a column.
func (s *survey) titleOf(name string) release.Labels {
	if x, ok := s.plan.Predictor(name); ok {
		return labels(x.Title)
	}
	if c := s.sample.Column(name); c != nil && len(c.Labels) > 0 {
		return inBoth(c.Labels, name)
	}
	key := "study.column." + name
	if l := words(key); l["en"] != "" && l["en"] != key {
		return l
	}
	return release.Labels{"en": name, "fr": name}
}

// wilson is the interval of a share (Wilson 1927) at 95 %.
func wilson(events, base int) (low, high float64) {
	if base == 0 {
		return 0, 0
	}
	const z = 1.959963984540054
	n, p := float64(base), float64(events)/float64(base)
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, mid-half), min(1, mid+half)
}

// shareCells are the two cells of an indicator among some people: the share with its interval, and n.
func shareCells(yes, answered int, outcome string, conditions ...string) []release.DraftCell {
	base := release.SetOf(append(slices.Clone(conditions), "answered="+outcome)...)
	if answered == 0 {
		return []release.DraftCell{{None: true}, people(0, base)}
	}
	low, high := wilson(yes, answered)
	return []release.DraftCell{
		{Value: float64(yes) / float64(answered), Low: low, High: high, Base: release.Persons(answered), Events: release.Persons(yes),
			Set: base, EventSet: release.SetOf(append(slices.Clone(conditions), "yes="+outcome)...)},
		people(answered, base),
	}
}

func shareMeasures() []release.Measure {
	return []release.Measure{
		{Name: "share", Labels: words("study.share"), Form: release.Share, Ranged: true, Sensitive: true},
		{Name: "n", Labels: words("study.n"), Form: release.Count},
	}
}

// cross is every combination of levels of some columns with the rows at it.
type cross struct {
	heads      []release.Head
	conditions []string
	rows       []int
}

// crosses splits rows by columns, in the order of the levels; combinations without rows are left out.
func (s *survey) crosses(by []string) ([]cross, error) {
	out := []cross{{rows: nil}}
	out[0].rows = make([]int, s.sample.Rows())
	for i := range out[0].rows {
		out[0].rows[i] = i
	}
	for _, name := range by {
		c := s.sample.Column(name)
		if c == nil {
			return nil, noColumn(s.sample, name, "tables")
		}
		if c.Kind != dataset.Category {
			c = c.AsCategory()
		}
		heads := levelsOf(c)
		var next []cross
		for _, x := range out {
			parts := make([][]int, len(heads))
			for _, i := range x.rows {
				if k := c.Code(i); k >= 0 {
					parts[k] = append(parts[k], i)
				}
			}
			for k, rows := range parts {
				if len(rows) > 0 {
					next = append(next, cross{heads: append(slices.Clone(x.heads), heads[k]),
						conditions: append(slices.Clone(x.conditions), name+"="+heads[k].Code), rows: rows})
				}
			}
		}
		out = next
	}
	return out, nil
}

// answers counts yes and answered among rows.
func answers(c *dataset.Column, rows []int) (yes, answered int) {
	for _, i := range rows {
		switch c.Code(i) {
		case 1:
			yes++
			answered++
		case 0:
			answered++
		}
	}
	return yes, answered
}

// indicatorDrafts tables the plan's indicators by its columns. A table by two columns or more also gives one
// of its first outcome alone, which is drawn.
func (s *survey) indicatorDrafts() error {
	for i, spec := range s.plan.Tables {
		if i == 0 || len(spec.By) < 2 || len(spec.Outcomes) > 1 { // else the next says it all
			if err := s.indicatorDraft(spec, spec.ID, spec.Outcomes, true); err != nil {
				return err
			}
		}
		if len(spec.By) > 1 {
			if err := s.indicatorDraft(spec, spec.ID+"-first", spec.Outcomes[:1], false); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *survey) indicatorDraft(spec plan.Table, key string, outcomes []string, named bool) error {
	d := release.Draft{Key: key, Title: labels(spec.Title), Unit: words("study.unit.answered"), Measures: shareMeasures()}
	if named {
		d.Dims = append(d.Dims, release.Dim{Name: "indicator", Labels: words("study.indicator")})
	} else {
		d.Title = join(labels(s.plan.Outcome(outcomes[0]).Title), labels(spec.Title))
	}
	for _, name := range spec.By {
		d.Dims = append(d.Dims, release.Dim{Name: name, Labels: s.titleOf(name)})
	}
	parts, err := s.crosses(spec.By)
	if err != nil {
		return err
	}
	everyone := make([]int, s.sample.Rows())
	for i := range everyone {
		everyone[i] = i
	}
	for _, id := range outcomes {
		c := s.sample.Column(outcomeColumn(id))
		head := release.Head{Code: id, Labels: labels(s.plan.Outcome(id).Title)}
		lead := func(heads []release.Head) []release.Head {
			if named {
				return append([]release.Head{head}, heads...)
			}
			return heads
		}
		relation := release.Relation{Whole: release.SetOf("answered=" + id)}
		events := release.Relation{Whole: release.SetOf("yes=" + id)}
		for _, x := range parts {
			yes, n := answers(c, x.rows)
			if n == 0 {
				continue
			}
			d.Rows = append(d.Rows, release.DraftRow{Heads: lead(x.heads), Cells: shareCells(yes, n, id, x.conditions...)})
			relation.Parts = append(relation.Parts, release.SetOf(append(slices.Clone(x.conditions), "answered="+id)...))
			events.Parts = append(events.Parts, release.SetOf(append(slices.Clone(x.conditions), "yes="+id)...))
		}
		yes, n := answers(c, everyone)
		all := make([]release.Head, len(spec.By))
		for i := range all {
			all[i] = release.Head{Code: "total", Labels: words("study.all")}
			if i > 0 {
				all[i] = release.Head{Code: "total", Labels: release.Labels{"en": "", "fr": ""}}
			}
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: lead(all), Cells: shareCells(yes, n, id), Total: true})
		d.Relations = append(d.Relations, relation, events)
	}
	s.drafts.add(d)
	return nil
}

// join writes two labels with a colon, as each language does.
func join(a, b release.Labels) release.Labels {
	return release.Labels{"en": a["en"] + ": " + b["en"], "fr": a["fr"] + " : " + b["fr"]}
}

// placeDraft tells where the events happened, by country, over all items that have a place.
func (s *survey) placeDraft() error {
	if s.plan.Places == nil || s.plan.Indicators == nil {
		return nil
	}
	type tally struct{ events, people int }
	byCountry := map[string]*tally{}
	total := tally{}
	get := func(code string) *tally {
		if byCountry[code] == nil {
			byCountry[code] = &tally{}
		}
		return byCountry[code]
	}
	for i := range s.sample.Rows() {
		seen := map[string]bool{}
		for _, item := range s.plan.Indicators.Items {
			own, where := s.sample.Column(item.Own), s.sample.Column(item.Place)
			if own == nil || where == nil || own.Missing(i) != dataset.Present || !slices.Contains(s.plan.Indicators.Yes, vulnerability.ValueText(own, i)) {
				continue
			}
			code := "unknown"
			if where.Missing(i) == dataset.Present {
				code = vulnerability.ValueText(where, i)
			}
			t := get(code)
			t.events++
			total.events++
			if !seen[code] {
				t.people++
			}
			if len(seen) == 0 {
				total.people++
			}
			seen[code] = true
		}
	}
	if total.events == 0 {
		return nil
	}
	codes := make([]string, 0, len(byCountry))
	for code := range byCountry {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		if d := byCountry[b].events - byCountry[a].events; d != 0 {
			return d
		}
		return compareText(a, b)
	})
	top := s.plan.Places.Top
	if top <= 0 {
		top = 8
	}
	d := release.Draft{Key: "places", Title: labels(s.plan.Places.Title), Unit: words("study.unit.events"),
		Dims: []release.Dim{{Name: "country", Labels: words("study.country")}},
		Measures: []release.Measure{{Name: "share", Labels: words("study.share-events"), Form: release.Share},
			{Name: "events", Labels: words("study.events"), Form: release.Count}}}
	row := func(head release.Head, t tally, total int, whole bool) {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{head}, Total: whole, Cells: []release.DraftCell{
			{Value: float64(t.events) / float64(total), Base: release.Persons(total), Events: release.Persons(t.events), EventSet: "events-" + head.Code, Set: "events-total"},
			{Value: float64(t.events), Base: release.Persons(t.people), Events: release.Persons(t.people), Set: "events-" + head.Code}}})
	}
	rest := tally{}
	var parts []int
	for i, code := range codes {
		t := *byCountry[code]
		if i >= top && code != "unknown" {
			rest.events += t.events
			rest.people += t.people
			continue
		}
		head := release.Head{Code: code, Labels: countryLabels(code)}
		if code == "unknown" {
			head.Labels = words("study.missing.unknown")
		}
		parts = append(parts, len(d.Rows))
		row(head, t, total.events, false)
	}
	if rest.events > 0 {
		parts = append(parts, len(d.Rows))
		row(release.Head{Code: "other", Labels: words("study.other-countries")}, rest, total.events, false)
	}
	d.Sums = []release.Sum{{Whole: len(d.Rows), Parts: parts}}
	row(release.Head{Code: "total", Labels: words("study.all-events")}, total, total.events, true)
	s.drafts.add(d)
	return nil
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// countryLabels gives the UN's names of a country, or the text itself.
func countryLabels(code string) release.Labels {
	all := place.Countries()
	if c, ok := all.ByISO3(code); ok {
		return labels(c.Labels())
	}
	if c, ok := all.ByName(code); ok {
		return labels(c.Labels())
	}
	return release.Labels{"en": code, "fr": code}
}

// countryDraft counts people by country for the map.
func (s *survey) countryDraft() error {
	if s.plan.Map == nil {
		return nil
	}
	c, issues := vulnerability.Countries(s.sample, "map.country", s.plan.Map.Country, nil)
	s.notes(issues)
	if err := issues.Err(); err != nil {
		return err
	}
	d := release.Draft{Key: "countries", Title: labels(s.plan.Map.Title), Unit: words("study.unit.people"),
		Dims:     []release.Dim{{Name: "country", Labels: words("study.country")}},
		Measures: []release.Measure{{Name: "people", Labels: words("study.people"), Form: release.Count}}}
	counts := make([]int, len(c.Levels))
	for i := range c.Rows() {
		if k := c.Code(i); k >= 0 {
			counts[k]++
		}
	}
	order := make([]int, len(counts))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return counts[b] - counts[a] })
	var parts []int
	total := 0
	for _, k := range order {
		l := c.Levels[k]
		parts = append(parts, len(d.Rows))
		total += counts[k]
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: l.Code, Labels: labels(l.Labels)}},
			Cells: []release.DraftCell{people(counts[k], release.SetOf(s.plan.Map.Country+"="+l.Code))}})
	}
	d.Sums = []release.Sum{{Whole: len(d.Rows), Parts: parts}}
	d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: "total", Labels: words("study.total")}}, Total: true,
		Cells: []release.DraftCell{people(total, "")}})
	s.drafts.add(d)
	return nil
}

// boundsDraft gives the first outcome with those who refused, then all who did not answer, counted as yes and
// as no: the truth lies between whatever they would have said.
func (s *survey) boundsDraft() error {
	o := s.plan.Outcomes[0]
	c := s.sample.Column(outcomeColumn(o.ID))
	d := release.Draft{Key: "bounds", Title: join(labels(o.Title), words("study.bounds.title")), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: "case", Labels: words("study.bounds.case")}}, Measures: shareMeasures()}
	silent := []dataset.Missing{dataset.Refused, dataset.Unknown, dataset.NotAsked, dataset.Empty}
	everyone := make([]int, s.sample.Rows())
	for i := range everyone {
		everyone[i] = i
	}
	add := func(code string, col *dataset.Column, base, events string) {
		yes, n := answers(col, everyone)
		cells := shareCells(yes, n, o.ID)
		if base != "" {
			cells[0].Set, cells[1].Set, cells[0].EventSet = base, base, events
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: code, Labels: words("study.bounds." + code)}}, Cells: cells})
	}
	answered, yes := release.SetOf("answered="+o.ID), release.SetOf("yes="+o.ID)
	add("observed", c, "", "")
	for _, b := range []struct {
		name  string
		kinds []dataset.Missing
	}{{"refused", silent[:1]}, {"silent", silent}} {
		base := "with-" + b.name + "=" + o.ID
		add(b.name+"-no", vulnerability.Bound(c, b.kinds, false), base, yes)
		add(b.name+"-yes", vulnerability.Bound(c, b.kinds, true), base, "yes-or-"+b.name+"="+o.ID)
		d.Relations = append(d.Relations, release.Relation{Whole: base, Parts: []string{answered}},
			release.Relation{Whole: "yes-or-" + b.name + "=" + o.ID, Parts: []string{yes}})
	}
	s.drafts.add(d)
	return nil
}
