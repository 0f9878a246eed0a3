package study

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"

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
			head = release.Head{Code: step.Rule, Labels: capital(labels(s.plan.Sample[i-1].Title))}
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

// capital begins words that stand alone with a capital letter.
func capital(l release.Labels) release.Labels {
	out := release.Labels{}
	for tag, words := range l {
		if first, size := utf8.DecodeRuneInString(words); size > 0 {
			words = string(unicode.ToUpper(first)) + words[size:]
		}
		out[tag] = words
	}
	return out
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
func (s *survey) shareCells(yes, answered int, outcome string, conditions ...string) []release.DraftCell {
	base := release.SetOf(append(slices.Clone(conditions), has(outcome))...)
	if answered == 0 {
		return []release.DraftCell{{None: true}, people(0, base)}
	}
	low, high := wilson(yes, answered)
	return []release.DraftCell{
		{Value: float64(yes) / float64(answered), Low: low, High: high, Base: release.Persons(answered), Events: release.Persons(yes),
			Set: base, EventSet: s.yesSet(outcome, conditions...), RestSet: s.noSet(outcome, conditions...)},
		people(answered, base),
	}
}

// yesSet and noSet name those who say yes, or no, to an outcome and meet the conditions.
func (s *survey) yesSet(outcome string, conditions ...string) string {
	return release.SetOf(slices.Concat(conditions, s.names.yes[outcome])...)
}

func (s *survey) noSet(outcome string, conditions ...string) string {
	return release.SetOf(slices.Concat(conditions, s.names.no[outcome])...)
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

// groupedBy gives columns of the sample as tables show them.
func (s *survey) groupedBy(by []string) ([]grouped, error) {
	var out []grouped
	for _, name := range by {
		c := s.sample.Column(name)
		if c == nil {
			return nil, noColumn(s.sample, name, "tables")
		}
		if c.Kind != dataset.Category {
			c = c.AsCategory()
		}
		out = append(out, s.grouped(name, c))
	}
	return out, nil
}

// crosses splits rows by columns, in the order of the levels; combinations without rows are left out.
func (s *survey) crosses(by []grouped) []cross {
	out := []cross{{rows: nil}}
	out[0].rows = make([]int, s.sample.Rows())
	for i := range out[0].rows {
		out[0].rows[i] = i
	}
	for _, g := range by {
		heads := g.heads
		var next []cross
		for _, x := range out {
			parts := make([][]int, len(heads))
			for _, i := range x.rows {
				if k := g.of(i); k >= 0 {
					parts[k] = append(parts[k], i)
				}
			}
			for k, rows := range parts {
				if len(rows) > 0 {
					next = append(next, cross{heads: append(slices.Clone(x.heads), heads[k]),
						conditions: append(slices.Clone(x.conditions), condition(g.name, heads[k].Code)), rows: rows})
				}
			}
		}
		out = next
	}
	return out
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
	by, err := s.groupedBy(spec.By)
	if err != nil {
		return err
	}
	parts := s.crosses(by)
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
		relation := release.Relation{Whole: release.SetOf(has(id))}
		events := release.Relation{Whole: s.yesSet(id)}
		rests := release.Relation{Whole: s.noSet(id)}
		for _, x := range parts {
			yes, n := answers(c, x.rows)
			if n == 0 {
				continue
			}
			d.Rows = append(d.Rows, release.DraftRow{Heads: lead(x.heads), Cells: s.shareCells(yes, n, id, x.conditions...)})
			relation.Parts = append(relation.Parts, release.SetOf(append(slices.Clone(x.conditions), has(id))...))
			events.Parts = append(events.Parts, s.yesSet(id, x.conditions...))
			rests.Parts = append(rests.Parts, s.noSet(id, x.conditions...))
		}
		yes, n := answers(c, everyone)
		all := make([]release.Head, len(spec.By))
		for i := range all {
			all[i] = release.Head{Code: "total", Labels: words("study.all")}
			if i > 0 {
				all[i] = release.Head{Code: "total", Labels: release.Labels{"en": "", "fr": ""}}
			}
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: lead(all), Cells: s.shareCells(yes, n, id), Total: true})
		d.Relations = append(d.Relations, relation, events, rests)
		s.coarser(&d, []string{has(id)}, func(i int) bool { return c.Code(i) >= 0 }, by)
	}
	if len(outcomes) == 1 && len(by) == 1 && ofCountries(by[0].heads) {
		d.Order = release.Order{Measure: "n"} // the codes of countries are in no order that a reader knows
	}
	s.drafts.add(d)
	return nil
}

// ofCountries says whether all levels are countries.
func ofCountries(heads []release.Head) bool {
	return len(heads) > 0 && !slices.ContainsFunc(heads, func(h release.Head) bool {
		_, known := place.Countries().ByISO3(h.Code)
		return !known && h.Code != fewTogether
	})
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
	least := int(s.policy().Resolved().MinPeople)
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
		if (i >= top || t.people < least) && code != "unknown" {
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
	d.Order = release.Order{Measure: "events", Last: []string{"other", "unknown"}}
	row(release.Head{Code: "total", Labels: words("study.all-events")}, total, total.events, true)
	d.Relations = append(d.Relations, s.eventsByItem()...)
	s.drafts.add(d)
	return nil
}

// eventsByItem says that the events of all items are those who say yes to each: the outcomes of single items
// add to the events told by place.
func (s *survey) eventsByItem() []release.Relation {
	whole := release.Relation{Whole: "events-total"}
	for _, item := range s.plan.Indicators.Items {
		for _, o := range s.plan.Outcomes {
			own := len(o.Scope) == 0 || slices.Equal(o.Scope, []string{"own"})
			if o.Item == item.ID && own && o.Column == "" && item.Own != "" && item.Place != "" {
				whole.Parts = append(whole.Parts, s.yesSet(o.ID))
				break
			}
		}
	}
	return []release.Relation{whole}
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
	g := s.grouped(s.plan.Map.Country, c)
	counts := make([]int, len(g.heads))
	for i := range c.Rows() {
		if k := g.of(i); k >= 0 {
			counts[k]++
		}
	}
	var parts []int
	total := 0
	for k, head := range g.heads {
		if counts[k] == 0 {
			continue
		}
		parts = append(parts, len(d.Rows))
		total += counts[k]
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{head},
			Cells: []release.DraftCell{people(counts[k], release.SetOf(condition(g.name, head.Code)))}})
	}
	d.Order = release.Order{Measure: "people"}
	s.coarser(&d, nil, func(int) bool { return true }, []grouped{g})
	d.Sums = []release.Sum{{Whole: len(d.Rows), Parts: parts}}
	d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: "total", Labels: words("study.total")}}, Total: true,
		Cells: []release.DraftCell{people(total, release.SetOf(condition("known."+g.name, "1")))}})
	s.drafts.add(d)
	return nil
}

// tallyOfMissing counts rows by the kind of their missing value.
type tallyOfMissing [dataset.Empty + 1]int

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
		cells := s.shareCells(yes, n, o.ID)
		if base != "" {
			cells[0].Set, cells[len(cells)-1].Set, cells[0].EventSet, cells[0].RestSet = base, base, events, ""
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: code, Labels: words("study.bounds." + code)}}, Cells: cells})
	}
	add("observed", c, "", "")
	var none tallyOfMissing
	for i := range c.Rows() {
		none[c.Missing(i)]++
	}
	// Each case adds people to the one before: those who refused, then all others without an answer.
	answered, yes := release.SetOf(has(o.ID)), s.yesSet(o.ID)
	missing := release.SetOf(condition("has."+o.ID, "0"))
	d.Unseen = map[string]release.Persons{missing: release.Persons(c.Rows() - none[dataset.Present])}
	for _, b := range []struct {
		name  string
		kinds []dataset.Missing
		adds  int
	}{{"refused", silent[:1], none[dataset.Refused]},
		{"silent", silent, none[dataset.Unknown] + none[dataset.NotAsked] + none[dataset.Empty]}} {
		base, events := condition("or-"+b.name+"."+o.ID, "1"), condition("yes-or-"+b.name+"."+o.ID, "1")
		more := release.SetOf(condition("has."+o.ID, "0"), condition("why."+o.ID, b.name))
		add(b.name+"-no", vulnerability.Bound(c, b.kinds, false), base, s.yesSet(o.ID))
		add(b.name+"-yes", vulnerability.Bound(c, b.kinds, true), base, events)
		d.Unseen[more] = release.Persons(b.adds)
		d.Relations = append(d.Relations, release.Relation{Whole: base, Parts: []string{answered, more}},
			release.Relation{Whole: events, Parts: []string{yes, more}})
		answered, yes = base, events
	}
	s.drafts.add(d)
	return nil
}
