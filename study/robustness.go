package study

import (
	"runtime"
	"slices"
	"strings"
	"sync"

	"waymark/dataset"
	"waymark/publish/chart"
	"waymark/release"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// specification is one defensible way to fit the main model: a choice on each dimension of the grid.
type specification struct {
	outcome  string
	conflict string   // definition; "" where the model has none
	groups   []string // grouping factors
	without  []string // predictors left out
	sites    bool     // sites with few interviews left out
}

// gridPoint is a specification fitted.
type gridPoint struct {
	specification
	main  bool
	model *vulnerability.Model // nil where it could not be fitted
}

// specifications is the product of the plan's choices. The main model's own choice comes first.
func (s *survey) specifications() []specification {
	b := s.plan.Robustness
	main := s.plan.Model(b.Model)
	outcomes := firstOf(main.Outcome, b.Outcomes)
	conflicts := firstOf(s.conflictOf(main.Predictors), s.joined(b.Conflict))
	groups := [][]string{main.Groups}
	for _, g := range b.Groups {
		if !slices.Equal(g, main.Groups) {
			groups = append(groups, g)
		}
	}
	without := [][]string{nil}
	for _, w := range b.Without {
		if len(w) > 0 {
			without = append(without, w)
		}
	}
	sites := []bool{false}
	if b.Sites != nil {
		sites = append(sites, true)
	}
	var out []specification
	for _, o := range outcomes {
		for _, c := range conflicts {
			for _, g := range groups {
				for _, w := range without {
					for _, few := range sites {
						out = append(out, specification{o, c, g, w, few})
					}
				}
			}
		}
	}
	return out
}

func firstOf(first string, others []string) []string {
	out := []string{first}
	for _, o := range others {
		if o != first {
			out = append(out, o)
		}
	}
	return out
}

// conflictOf gives the definition of conflict among predictors.
func (s *survey) conflictOf(predictors []string) string {
	for _, id := range predictors {
		if s.isConflict(id) && s.sample.Column(id) != nil {
			return id
		}
	}
	return ""
}

func (s *survey) isConflict(id string) bool {
	return s.plan.Conflict != nil && slices.ContainsFunc(s.plan.Conflict.Definitions, func(d plan.ConflictDefinition) bool { return d.ID == id })
}

// joined keeps the definitions that the data have.
func (s *survey) joined(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return s.sample.Column(id) == nil })
}

// tryAll fits the whole grid. Fits run side by side on the machine's cores; each is computed alone, so the
// numbers do not depend on how many there are.
func (s *survey) tryAll() {
	if s.plan.Robustness == nil {
		return
	}
	specs := s.specifications()
	s.grid = make([]gridPoint, len(specs))
	few := s.withoutFewSites()
	var wait sync.WaitGroup
	todo := make(chan int)
	var done sync.Mutex
	finished := 0
	for range min(runtime.NumCPU(), len(specs)) {
		wait.Go(func() {
			for i := range todo {
				s.grid[i] = s.tryOne(specs[i], i == 0, few)
				done.Lock()
				finished++
				s.opt.Progress("study.step.robustness", finished, len(specs))
				done.Unlock()
			}
		})
	}
	for i := range specs {
		if s.ctx.Err() != nil {
			break
		}
		todo <- i
	}
	close(todo)
	wait.Wait()
}

func (s *survey) tryOne(x specification, main bool, few *dataset.Table) gridPoint {
	point := gridPoint{specification: x, main: main}
	if main {
		point.model = s.fits[s.plan.Robustness.Model]
		return point
	}
	base := s.plan.Model(s.plan.Robustness.Model)
	spec := s.modelSpec(*base)
	spec.Outcome, spec.Groups, spec.Quick = outcomeColumn(x.outcome), x.groups, true
	if spec.Method == "" {
		spec.Method = "laplace" // groups of hundreds: near the exact integral at a fraction of its cost
	}
	spec.Predictors = slices.DeleteFunc(spec.Predictors, func(id string) bool { return slices.Contains(x.without, id) || s.isConflict(id) })
	if x.conflict != "" {
		spec.Predictors = append(spec.Predictors, x.conflict)
	}
	t := s.sample
	if x.sites && few != nil {
		t = few
	}
	if base.Where != "" {
		f, err := dataset.ParseFilter(base.Where)
		if err != nil {
			return point
		}
		if t, err = t.Filtered(f); err != nil {
			return point
		}
	}
	m, err := vulnerability.Fit(t, spec)
	if err == nil && m.Converged() {
		point.model = m
	}
	return point
}

// withoutFewSites leaves out the sites with fewer interviews than the plan asks.
func (s *survey) withoutFewSites() *dataset.Table {
	spec := s.plan.Robustness.Sites
	if spec == nil {
		return nil
	}
	c := s.sample.Column(spec.Column)
	if c == nil || c.Kind != dataset.Category {
		return nil
	}
	least := spec.Min
	if least <= 0 {
		least = 30
	}
	count := make([]int, len(c.Levels))
	for i := range c.Rows() {
		if k := c.Code(i); k >= 0 {
			count[k]++
		}
	}
	var rows []int
	for i := range c.Rows() {
		if k := c.Code(i); k >= 0 && count[k] >= least {
			rows = append(rows, i)
		}
	}
	return s.sample.Take(rows)
}

// focusRow finds what a contrast of the plan is in one specification: a contrast on conflict is that of the
// specification's own definition.
func (s *survey) focusRow(p gridPoint, c plan.Contrast) (vulnerability.Row, bool) {
	if p.model == nil {
		return vulnerability.Row{}, false
	}
	predictor := c.Predictor
	if s.isConflict(predictor) {
		predictor = p.conflict
	}
	r, ok := p.model.Find(predictor, c.Level)
	return r, ok
}

// robustnessDrafts give, for each contrast in focus, the whole grid sorted by its odds ratio; one table of
// what changes one thing at a time; and how many specifications agree.
func (s *survey) robustnessDrafts() error {
	b := s.plan.Robustness
	if b == nil {
		return nil
	}
	for i, c := range b.Focus {
		s.gridDraft(i, c)
	}
	s.oneAtATime()
	s.agreement()
	return nil
}

// choiceHeads are the headings of a specification: one for each dimension on which the grid has a choice.
func (s *survey) choiceHeads(x specification) []release.Head {
	join := func(ids []string, none string) release.Head {
		if len(ids) == 0 {
			return release.Head{Code: "none", Labels: words(none)}
		}
		l := release.Labels{}
		for _, tag := range []string{"en", "fr"} {
			var parts []string
			for _, id := range ids {
				parts = append(parts, s.titleOf(id)[tag])
			}
			l[tag] = strings.Join(parts, " + ")
		}
		return release.Head{Code: strings.Join(ids, "+"), Labels: l}
	}
	conflict := release.Head{Code: "none", Labels: words("study.robust.no-conflict")}
	if x.conflict != "" {
		conflict = release.Head{Code: x.conflict, Labels: s.titleOf(x.conflict)}
	}
	sites := release.Head{Code: "all", Labels: words("study.robust.all-sites")}
	if x.sites {
		sites = release.Head{Code: "large", Labels: words("study.robust.large-sites")}
	}
	without := join(x.without, "study.robust.all-factors")
	if len(x.without) > 0 {
		without.Labels = release.Labels{"en": "Without: " + without.Labels["en"], "fr": "Sans : " + without.Labels["fr"]}
	}
	return []release.Head{
		{Code: x.outcome, Labels: labels(s.plan.Outcome(x.outcome).Title)},
		conflict, join(x.groups, "study.robust.no-groups"), without, sites,
	}
}

func choiceDims() []release.Dim {
	var out []release.Dim
	for _, n := range []string{"outcome", "conflict", "groups", "factors", "sites"} {
		out = append(out, release.Dim{Name: n, Labels: words("study.robust." + n)})
	}
	return out
}

func focusKey(i int) string { return "specifications-" + itoa(i+1) }

func (s *survey) gridDraft(i int, c plan.Contrast) {
	d := release.Draft{Key: focusKey(i), Title: join(words("study.robust.grid"), s.contrastLabels(c)), Unit: words("study.unit.people"),
		Dims: choiceDims(), Measures: []release.Measure{oddsMeasure("odds_ratio", words("study.odds-ratio"))},
		Order: release.Order{Measure: "odds_ratio", Rising: true}}
	for _, p := range s.grid {
		r, ok := s.focusRow(p, c)
		cell := release.DraftCell{None: true, Note: "not-in-model"}
		if p.model == nil {
			cell.Note = "not-fitted"
		}
		if ok {
			cell = s.oddsCell(p.model, r)
		}
		if p.main && !cell.None {
			cell.Note = chart.NoteMain
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: s.choiceHeads(p.specification), Cells: []release.DraftCell{cell}})
	}
	s.drafts.add(d)
}

// contrastLabels names a contrast: "Company on the journey: Alone".
func (s *survey) contrastLabels(c plan.Contrast) release.Labels {
	x, ok := s.plan.Predictor(c.Predictor)
	if !ok {
		return release.Labels{"en": c.Predictor, "fr": c.Predictor}
	}
	if l := x.Choice(c.Level); l != nil && !s.isConflict(c.Predictor) {
		return join(labels(x.Title), labels(l.Title))
	}
	return labels(x.Title)
}

// oneAtATime tables the specifications that differ from the main model in one choice.
func (s *survey) oneAtATime() {
	b := s.plan.Robustness
	d := release.Draft{Key: "robustness", Title: words("study.robust.title"), Unit: words("study.unit.people"),
		Dims: []release.Dim{{Name: "changed", Labels: words("study.robust.changed")}, {Name: "to", Labels: words("study.robust.to")}}}
	for i, c := range b.Focus {
		d.Measures = append(d.Measures, oddsMeasure("focus_"+itoa(i+1), s.contrastLabels(c)))
	}
	dims := choiceDims()
	mainHeads := s.choiceHeads(s.grid[0].specification)
	for _, p := range s.grid {
		heads := s.choiceHeads(p.specification)
		changed := -1
		n := 0
		for k := range heads {
			if heads[k].Code != mainHeads[k].Code {
				changed = k
				n++
			}
		}
		if n > 1 {
			continue
		}
		row := release.DraftRow{Heads: []release.Head{{Code: "main", Labels: words("study.robust.main")}, {Code: "main", Labels: release.Labels{"en": "", "fr": ""}}}}
		if n == 1 {
			row.Heads = []release.Head{{Code: dims[changed].Name, Labels: dims[changed].Labels}, heads[changed]}
		}
		for _, c := range b.Focus {
			r, ok := s.focusRow(p, c)
			if !ok {
				row.Cells = append(row.Cells, release.DraftCell{None: true, Note: "not-in-model"})
				continue
			}
			row.Cells = append(row.Cells, s.oddsCell(p.model, r))
		}
		d.Rows = append(d.Rows, row)
	}
	s.drafts.add(d)
}

// agreement counts specifications, not people: how many were fitted, how many point the same way as the main
// model, and in how many the interval excludes no difference.
func (s *survey) agreement() {
	b := s.plan.Robustness
	d := release.Draft{Key: "agreement", Title: words("study.robust.agreement"), Unit: words("study.unit.specifications"),
		Dims: []release.Dim{{Name: "contrast", Labels: words("study.contrast")}},
		Measures: []release.Measure{{Name: "tried", Labels: words("study.robust.tried"), Form: release.Count},
			{Name: "fitted", Labels: words("study.robust.fitted"), Form: release.Count},
			{Name: "same", Labels: words("study.robust.same"), Form: release.Count},
			{Name: "clear", Labels: words("study.robust.clear"), Form: release.Count}}}
	nobody := func(n int) release.DraftCell {
		return release.DraftCell{Value: float64(n), Base: release.Nobody, Events: -1}
	}
	for i, c := range b.Focus {
		mainRow, ok := s.focusRow(s.grid[0], c)
		if !ok || !s.mayShow(s.oddsCell(s.grid[0].model, mainRow)) {
			none := release.DraftCell{None: true}
			d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: itoa(i + 1), Labels: s.contrastLabels(c)}},
				Cells: []release.DraftCell{none, none, none, none}})
			continue
		}
		fitted, same, clearly := 0, 0, 0
		for _, p := range s.grid {
			r, ok := s.focusRow(p, c)
			if !ok || !s.mayShow(s.oddsCell(p.model, r)) {
				continue // a direction that may not be shown is not counted either
			}
			fitted++
			if (r.LogOdds.Value > 0) == (mainRow.LogOdds.Value > 0) {
				same++
				if r.LogOdds.Low > 0 || r.LogOdds.High < 0 {
					clearly++
				}
			}
		}
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: itoa(i + 1), Labels: s.contrastLabels(c)}},
			Cells: []release.DraftCell{nobody(len(s.grid)), nobody(fitted), nobody(same), nobody(clearly)}})
	}
	s.drafts.add(d)
}
