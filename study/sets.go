package study

import (
	"fmt"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/release"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// The gate can only reckon with what the names of sets tell it: two cells about the same people must name
// them alike, and a set within another must carry its conditions. This file makes the names.

// condition writes one condition of a set, "route=Central", safe against the signs that names are made with.
func condition(variable, level string) string {
	return escape.Replace(variable) + "=" + escape.Replace(level)
}

var escape = strings.NewReplacer("%", "%25", "&", "%26", "=", "%3D")

// has is the condition of having answered an outcome with yes or no.
func has(outcome string) string { return condition("has."+outcome, "1") }

// setNames is what the names of sets rest on.
type setNames struct {
	yes, no  map[string][]string // by outcome: the conditions that all who say yes, and all who say no, meet
	complete []completeCase      // what models ask of people, one for each different list of columns
}

// completeCase is a list of columns in which people of a model have a value.
type completeCase struct{ columns []string }

// nameSets finds which answers imply which, and which models rest on the same people. It is called once the
// models are fitted and before anything is tabled.
func (s *survey) nameSets() {
	s.names = setNames{yes: map[string][]string{}, no: map[string][]string{}}
	for _, o := range s.plan.Outcomes {
		for _, other := range s.plan.Outcomes {
			if s.implies(o.ID, other.ID, 1) {
				s.names.yes[o.ID] = append(s.names.yes[o.ID], condition("outcome."+other.ID, "yes"))
			}
			if s.implies(o.ID, other.ID, 0) {
				s.names.no[o.ID] = append(s.names.no[o.ID], condition("outcome."+other.ID, "no"))
			}
		}
	}
	for _, id := range s.order {
		c := completeCase{s.columnsOf(id)}
		if !slices.ContainsFunc(s.names.complete, func(x completeCase) bool { return slices.Equal(x.columns, c.columns) }) {
			s.names.complete = append(s.names.complete, c)
		}
	}
}

// implies says whether everybody who gives an answer (1 yes, 0 no) to one outcome gives it to the other:
// being held is one way to have any indicator. It is read from the data: what holds of everybody is known
// to whoever knows the questions, and to take it for known where it is chance hides more, never less.
func (s *survey) implies(a, b string, answer int) bool {
	if a == b {
		return true
	}
	one, other := s.sample.Column(outcomeColumn(a)), s.sample.Column(outcomeColumn(b))
	for i := range s.sample.Rows() {
		if one.Code(i) == answer && other.Code(i) != answer {
			return false
		}
	}
	return true
}

// columnsOf lists the columns in which everybody in a model has a value, those of its filter included.
func (s *survey) columnsOf(model string) []string {
	spec := s.fits[model].Spec
	list := slices.Concat([]string{spec.Outcome}, spec.Predictors, spec.Groups, s.narrow(s.plan.Model(model).Where).known)
	slices.Sort(list)
	return slices.Compact(list)
}

// mostComplete bounds the conditions of one name: beyond it a model's people are only said to be their own.
const mostComplete = 3

// peopleOf gives the conditions that everybody in a model meets.
func (s *survey) peopleOf(model string) []string {
	columns := s.columnsOf(model)
	var within []string
	for i, c := range s.names.complete {
		own := slices.Equal(c.columns, columns)
		lies := !slices.ContainsFunc(c.columns, func(n string) bool { return !slices.Contains(columns, n) })
		if own || lies && len(within) < mostComplete-1 {
			within = append(within, condition(fmt.Sprintf("complete.%d", i+1), "1"))
		}
	}
	within = append(within, has(strings.TrimPrefix(s.fits[model].Spec.Outcome, "outcome.")))
	return append(within, s.narrow(s.plan.Model(model).Where).conditions...)
}

// narrowing is a filter in terms of sets.
type narrowing struct {
	conditions []string
	merged     []merged
	known      []string // columns in which everybody kept has a value
}

// merged are several levels of a column taken together, as by `age_class in ("18-24", "25+")`.
type merged struct {
	condition      string
	column         string
	levels, others []string // taken together; the rest
}

// narrow reads a filter of a model: kept levels of columns where it is no more than that, else a condition
// that only the same filter meets.
func (s *survey) narrow(where string) narrowing {
	if where == "" {
		return narrowing{}
	}
	own := narrowing{conditions: []string{condition("where", where)}}
	f, err := dataset.ParseFilter(where)
	if err != nil {
		return own
	}
	kept, err := s.sample.Where(f)
	if err != nil {
		return own
	}
	var out narrowing
	in := map[string][]bool{}
	for _, name := range f.Columns() {
		c := s.sample.Column(name)
		if c == nil || c.Kind != dataset.Category {
			return own
		}
		in[name] = make([]bool, len(c.Levels))
		for _, i := range kept {
			if c.Code(i) < 0 {
				return own
			}
			in[name][c.Code(i)] = true
		}
		m := merged{column: name}
		for k, yes := range in[name] {
			if yes {
				m.levels = append(m.levels, c.Levels[k].Code)
			} else {
				m.others = append(m.others, c.Levels[k].Code)
			}
		}
		out.known = append(out.known, name)
		if len(m.levels) == 1 {
			out.conditions = append(out.conditions, condition(name, m.levels[0]))
			continue
		}
		m.condition = condition(name+"~", strings.Join(m.levels, "|"))
		out.conditions, out.merged = append(out.conditions, m.condition), append(out.merged, m)
	}
	if s.countIn(in) != len(kept) {
		return own
	}
	return out
}

// countIn counts the rows that are at one of the levels of every column.
func (s *survey) countIn(in map[string][]bool) int {
	n := 0
	for i := range s.sample.Rows() {
		all := true
		for name, levels := range in {
			k := s.sample.Column(name).Code(i)
			all = all && k >= 0 && levels[k]
		}
		if all {
			n++
		}
	}
	return n
}

// mergedRelations says of every set with levels taken together what it is made of, and what it makes with
// the other levels.
func (s *survey) mergedRelations() {
	var all []merged
	for _, id := range s.order {
		all = append(all, s.narrow(s.plan.Model(id).Where).merged...)
	}
	if len(all) == 0 || len(s.drafts.list) == 0 {
		return
	}
	last := &s.drafts.list[len(s.drafts.list)-1]
	done := map[string]bool{}
	for _, d := range s.drafts.list {
		for _, row := range d.Rows {
			for _, c := range row.Cells {
				if !done[c.Set] {
					done[c.Set] = true
					last.Relations = append(last.Relations, relationsOf(c.Set, all)...)
				}
			}
		}
	}
}

func relationsOf(set string, all []merged) []release.Relation {
	conditions := strings.Split(set, "&")
	var out []release.Relation
	for _, m := range all {
		at := slices.Index(conditions, m.condition)
		if at < 0 {
			continue
		}
		without := slices.Delete(slices.Clone(conditions), at, at+1)
		with := func(levels []string) []string {
			var sets []string
			for _, l := range levels {
				sets = append(sets, release.SetOf(append(slices.Clone(without), condition(m.column, l))...))
			}
			return sets
		}
		out = append(out, release.Relation{Whole: set, Parts: with(m.levels)},
			release.Relation{Whole: release.SetOf(without...), Parts: append(with(m.others), set)})
	}
	return out
}

// levelSet names the people of a model at a level of a predictor; all of them for a number.
func levelSet(people []string, r vulnerability.Row) string {
	if r.Level == "" {
		return release.SetOf(people...)
	}
	return release.SetOf(append(slices.Clone(people), condition(r.Predictor, r.Level))...)
}

// crossedSet names the people of a model at both levels of an interaction.
func crossedSet(people []string, m *vulnerability.Model, r vulnerability.Row) string {
	out := slices.Clone(people)
	for _, name := range strings.Split(r.Level, ":") {
		at := slices.IndexFunc(m.Rows, func(x vulnerability.Row) bool { return x.Level != "" && x.Predictor+x.Level == strings.Trim(name, "`") })
		if at < 0 {
			return release.SetOf(append(slices.Clone(people), condition("term", r.Level))...)
		}
		out = append(out, condition(m.Rows[at].Predictor, m.Rows[at].Level))
	}
	return release.SetOf(out...)
}

// grouped is a column as tables show it: levels that the data alone name, with fewer people than the gate
// asks, stand together in one row, so that no heading tells that somebody of a small group was there.
type grouped struct {
	name  string
	heads []release.Head
	at    []int // by level of the column: index into heads
	code  func(i int) int
}

// fewTogether is the code of that row.
const fewTogether = "other-few"

// of gives the heading of row i of the sample, -1 where it has no value.
func (g grouped) of(i int) int {
	if k := g.code(i); k >= 0 {
		return g.at[k]
	}
	return -1
}

func (s *survey) grouped(name string, c *dataset.Column) grouped {
	g := grouped{name: name, at: make([]int, len(c.Levels)), code: c.Code}
	count := make([]int, len(c.Levels))
	for i := range c.Rows() {
		if k := c.Code(i); k >= 0 {
			count[k]++
		}
	}
	few := s.fewOf(name, count)
	for k, head := range levelsOf(c) {
		if few[k] {
			continue
		}
		g.at[k] = len(g.heads)
		g.heads = append(g.heads, head)
	}
	if !slices.Contains(few, true) {
		return g
	}
	for k := range g.at {
		if few[k] {
			g.at[k] = len(g.heads)
		}
	}
	g.heads = append(g.heads, release.Head{Code: fewTogether, Labels: words("gate.other-few")})
	return g
}

// fewOf picks the levels to stand together: those with too few people and, where these are too few even
// together, the next smallest, so that the row can be shown.
func (s *survey) fewOf(name string, count []int) []bool {
	few := make([]bool, len(count))
	if s.planned(name) {
		return few
	}
	order := make([]int, len(count))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return count[a] - count[b] })
	least, together := int(s.policy().Resolved().MinPeople), 0
	for _, k := range order {
		if count[k] == 0 || count[k] >= least && (together == 0 || together >= least) {
			continue
		}
		few[k] = true
		together += count[k]
	}
	return few
}

// planned says whether the plan names the levels of a column, so that a heading tells nothing of the data.
func (s *survey) planned(name string) bool {
	if x, ok := s.plan.Predictor(name); ok && len(x.Levels) > 0 {
		return true
	}
	return slices.ContainsFunc(s.plan.Derive, func(d plan.Derived) bool { return d.Name == name && d.Region == "" })
}

// coarser tells the gate which predictors a column of a table determines (a nationality its region): the
// people at the levels of one lie in those of the other, which models count. base are the conditions of
// everybody in the table, counts whether a row is of them; by the columns of the table.
func (s *survey) coarser(d *release.Draft, base []string, counts func(i int) bool, by []grouped) {
	for j, fine := range by {
		for _, x := range s.plan.Predictors {
			c := s.sample.Column(x.ID)
			if c == nil || c.Kind != dataset.Category || slices.ContainsFunc(by, func(g grouped) bool { return g.name == x.ID }) {
				continue
			}
			in := determines(fine, c)
			if !slices.ContainsFunc(in, func(k int) bool { return k >= 0 }) {
				continue
			}
			s.coarserBy(d, base, counts, by, j, x.ID, c, in)
		}
	}
}

// coarserBy brings in one such predictor, in place of column j.
func (s *survey) coarserBy(d *release.Draft, base []string, counts func(i int) bool, by []grouped, j int, id string, c *dataset.Column, in []int) {
	parts := map[string][]string{}
	people := map[string]int{}
	for i := range s.sample.Rows() {
		if !counts(i) || c.Code(i) < 0 {
			continue
		}
		whole, part, all := slices.Clone(base), slices.Clone(base), true
		for k, g := range by {
			at, own := g.of(i), ""
			if at >= 0 {
				own = condition(g.name, g.heads[at].Code)
			}
			all = all && (at >= 0 || k == j)
			part = append(part, own)
			if k == j {
				own = condition(id, c.Levels[c.Code(i)].Code)
			}
			whole = append(whole, own)
		}
		if !all {
			continue
		}
		w := release.SetOf(whole...)
		people[w]++
		if at := by[j].of(i); at >= 0 && in[at] == c.Code(i) {
			if p := release.SetOf(part...); !slices.Contains(parts[w], p) {
				parts[w] = append(parts[w], p)
			}
		}
	}
	for w, list := range parts {
		if d.Unseen == nil {
			d.Unseen = map[string]release.Persons{}
		}
		slices.Sort(list)
		d.Unseen[w] = release.Persons(people[w])
		d.Relations = append(d.Relations, release.Relation{Whole: w, Parts: list})
	}
	slices.SortFunc(d.Relations, func(a, b release.Relation) int {
		return compareText(a.Whole+"\x00"+strings.Join(a.Parts, "\x00"), b.Whole+"\x00"+strings.Join(b.Parts, "\x00"))
	})
}

// determines gives for each heading of a column the level of another that all its people are at, -1 where
// they are at several or at none.
func determines(fine grouped, c *dataset.Column) []int {
	in := make([]int, len(fine.heads))
	seen := make([]bool, len(fine.heads))
	for i := range c.Rows() {
		at := fine.of(i)
		if at < 0 {
			continue
		}
		if !seen[at] {
			seen[at], in[at] = true, c.Code(i)
		} else if in[at] != c.Code(i) {
			in[at] = -1
		}
	}
	for at := range in {
		if !seen[at] {
			in[at] = -1
		}
	}
	return in
}
