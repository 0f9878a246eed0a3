package release

import (
	"maps"
	"math"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/privacy/suppress"
)

// system gathers what all drafts of a release would tell into one problem for package suppress.
type system struct {
	policy  Policy
	problem suppress.Problem
	named   map[string]int   // set name -> count
	totals  map[totalKey]int // totals without a name, taken to be one where measure and number agree
	covered map[[2]int]bool  // whole and part that stand in one sum already
	output  [][][]int        // draft, row, measure -> output, -1 for none
	groups  []int            // per draft: rows of sensitive measures in which everybody has it
	issues  fault.Issues
}

type totalKey struct {
	measure string
	value   float64
}

// told is what the cells of one draft tell, by row and measure; -1 where a cell has no such count.
type told struct {
	counts [][]int // of a Count: its value; of a Share: its base
	events [][]int // of a Share: its numerator
}

func newSystem(policy Policy, drafts []Draft, earlier []Cleared) *system {
	s := &system{policy: policy, named: map[string]int{}, totals: map[totalKey]int{}, covered: map[[2]int]bool{}}
	for d := range drafts {
		for _, name := range slices.Sorted(maps.Keys(drafts[d].Known)) {
			s.addKnown(name, float64(drafts[d].Known[name]), drafts[d].Key)
		}
	}
	tells := make([]told, len(drafts))
	for d := range drafts {
		tells[d] = s.addCells(&drafts[d])
	}
	for d := range drafts {
		for _, name := range slices.Sorted(maps.Keys(drafts[d].Unseen)) {
			s.count(name, float64(drafts[d].Unseen[name]), fault.Place{Document: drafts[d].Key})
		}
	}
	for _, c := range earlier {
		s.addPublished(c)
	}
	for d := range drafts {
		s.addSums(&drafts[d], tells[d])
	}
	for d := range drafts {
		for _, r := range drafts[d].Relations {
			s.addRelation(r)
		}
	}
	for _, c := range earlier {
		for _, r := range c.table.relations {
			s.addRelation(r)
		}
	}
	s.addNesting()
	return s
}

// few says whether a number of people is too small to be known.
func (p Policy) few(n float64) bool {
	if n == 0 || p.MinPeople <= 1 {
		return p.Zeros == ZerosHidden && p.MinPeople > 1
	}
	return n < float64(p.MinPeople)
}

func (s *system) newCount(value float64, sensitive bool) int {
	s.problem.Counts = append(s.problem.Counts, suppress.Count{Value: value, Sensitive: sensitive})
	return len(s.problem.Counts) - 1
}

// count finds or makes the count of a named set; where two cells disagree about it, it gives an issue.
func (s *system) count(name string, value float64, place fault.Place) int {
	if k, ok := s.named[name]; ok {
		if math.Abs(s.problem.Counts[k].Value-value) > 1e-6 {
			s.issues = append(s.issues, fault.Issue{Code: CodeSetDiffers, Place: place,
				Args: map[string]any{"table": place.Document, "row": place.Row, "set": name}})
		}
		return k
	}
	k := s.newCount(value, s.policy.few(value))
	s.named[name] = k
	return k
}

// addCells makes a count for everything that a cell of the draft would tell, and an output for each cell.
func (s *system) addCells(draft *Draft) told {
	var t told
	whole := map[int]bool{}
	for _, sum := range draft.Sums {
		whole[sum.Whole] = true
	}
	outputs := make([][]int, len(draft.Rows))
	groups := 0
	for r, row := range draft.Rows {
		counts, events := make([]int, len(row.Cells)), make([]int, len(row.Cells))
		outputs[r] = make([]int, len(row.Cells))
		inRow := map[float64]int{} // numbers of this row without a set: equal ones are taken to be the same people
		find := func(name string, value float64, m int) int {
			place := fault.Place{Document: draft.Key, Row: r + 1, Field: draft.Measures[m].Name}
			if name != "" {
				return s.count(name, value, place)
			}
			if k, ok := inRow[value]; ok {
				return k
			}
			key := totalKey{draft.Measures[m].Name, value}
			total := (row.Total || whole[r]) && !s.policy.few(value)
			k, ok := s.totals[key]
			if !total || !ok {
				k = s.newCount(value, s.policy.few(value))
			}
			if total {
				s.totals[key] = k
			}
			inRow[value] = k
			return k
		}
		for m, c := range row.Cells {
			counts[m], events[m], outputs[r][m] = -1, -1, -1
			if c.None || c.Base == Nobody {
				continue
			}
			measure := draft.Measures[m]
			out := suppress.Output{Unsafe: unsafe(s.policy, measure, c)}
			if measure.Form == Count || measure.Form == Share {
				out.Cost = cost(measure, c)
			}
			switch measure.Form {
			case Count:
				counts[m] = find(c.Set, c.Value, m)
				out.Tells = []int{counts[m]}
				if out.Unsafe {
					s.problem.Counts[counts[m]].Sensitive = true
				}
			case Share:
				e := cellEvents(measure, c)
				counts[m] = find(c.Set, float64(c.Base), m)
				events[m] = find(c.EventSet, float64(e), m)
				out.Tells = []int{counts[m], events[m]}
				if counts[m] != events[m] {
					rest := float64(c.Base - e)
					everybody := measure.Sensitive && s.policy.MinPeople > 1 && rest == 0 && c.Base > 0
					if everybody {
						groups++
					}
					none := s.restOf(c, rest, fault.Place{Document: draft.Key, Row: r + 1, Field: measure.Name})
					if everybody {
						s.problem.Counts[none].Sensitive = true
					}
					s.addSum(counts[m], []int{events[m], none})
				} else if measure.Sensitive && s.policy.MinPeople > 1 && c.Base > 0 {
					// numerator and base are one number of the row: to know it is to know that everybody has it
					groups++
					s.problem.Counts[counts[m]].Sensitive = true
				}
			}
			s.problem.Outputs = append(s.problem.Outputs, out)
			outputs[r][m] = len(s.problem.Outputs) - 1
		}
		t.counts, t.events = append(t.counts, counts), append(t.events, events)
	}
	s.output = append(s.output, outputs)
	s.groups = append(s.groups, groups)
	return t
}

// restOf finds or makes the count of those in the base of a share who are not in its numerator.
func (s *system) restOf(c DraftCell, rest float64, place fault.Place) int {
	if c.RestSet != "" {
		return s.count(c.RestSet, rest, place)
	}
	return s.newCount(rest, s.policy.few(rest))
}

// cost is what the release loses with a cell: more the more people it tells of, but slowly.
func cost(m Measure, c DraftCell) float64 {
	tells := c.Value
	if m.Form == Share {
		tells = float64(cellEvents(m, c))
	}
	return 1 + math.Log2(1+tells)/2
}

func (s *system) addSum(whole int, parts []int) {
	s.problem.Sums = append(s.problem.Sums, suppress.Sum{Whole: whole, Parts: parts})
	for _, p := range parts {
		s.covered[[2]int{whole, p}] = true
	}
}

// addParts says that the parts lie in the whole and share nobody; what remains becomes a count of its own.
// It gives false where the parts are more than the whole, so that this cannot be.
func (s *system) addParts(whole int, parts []int) bool {
	var kept []int
	rest := s.problem.Counts[whole].Value
	for _, p := range parts {
		if p < 0 || p == whole || slices.Contains(kept, p) {
			continue
		}
		kept = append(kept, p)
		rest -= s.problem.Counts[p].Value
	}
	if len(kept) == 0 {
		return true
	}
	if rest < -1e-6 {
		return false
	}
	if rest > 1e-6 {
		kept = append(kept, s.newCount(rest, s.policy.few(rest)))
	}
	s.addSum(whole, kept)
	return true
}

// addSums brings in what the draft says of its rows and of its columns.
func (s *system) addSums(draft *Draft, t told) {
	column := func(of [][]int, m int, sum Sum) bool {
		if of[sum.Whole][m] < 0 {
			return true
		}
		parts := make([]int, len(sum.Parts))
		for i, r := range sum.Parts {
			parts[i] = of[r][m]
		}
		return s.addParts(of[sum.Whole][m], parts)
	}
	for _, sum := range draft.Sums {
		for m, measure := range draft.Measures {
			if len(sum.Of) > 0 && !slices.Contains(sum.Of, measure.Name) {
				continue
			}
			ok := column(t.counts, m, sum)
			column(t.events, m, sum)
			if !ok && measure.Form == Count {
				s.soft(draft, sum.Whole+1, measure.Name)
			}
		}
	}
	for _, sum := range draft.Across {
		for r := range draft.Rows {
			if !s.addAcross(draft, t, r, sum) {
				s.soft(draft, r+1, "")
			}
		}
	}
}

func (s *system) addAcross(draft *Draft, t told, r int, sum Sum) bool {
	part := func(m int) int {
		if draft.Measures[m].Form == Share {
			return t.events[r][m]
		}
		return t.counts[r][m]
	}
	whole := -1
	if sum.Whole >= 0 {
		whole = t.counts[r][sum.Whole]
	} else {
		for _, m := range sum.Parts {
			if t.counts[r][m] >= 0 {
				whole = t.counts[r][m]
				break
			}
		}
	}
	if whole < 0 {
		return true
	}
	parts := make([]int, len(sum.Parts))
	for i, m := range sum.Parts {
		parts[i] = part(m)
	}
	return s.addParts(whole, parts)
}

func (s *system) soft(draft *Draft, row int, measure string) {
	s.issues = append(s.issues, fault.Issue{Code: CodeSumNotAdding, Severity: fault.Soft,
		Place: fault.Place{Document: draft.Key, Row: row, Field: measure},
		Args:  map[string]any{"table": draft.Key, "row": row, "measure": measure}})
}

// addPublished takes what an earlier table shows of named sets for known.
func (s *system) addPublished(c Cleared) {
	for _, f := range c.table.facts {
		s.addKnown(f.set, f.value, c.table.key)
	}
}

// addKnown says that every reader knows a number already.
func (s *system) addKnown(name string, value float64, document string) {
	if _, ok := s.named[name]; !ok {
		s.named[name] = s.newCount(value, false) // out already: nothing here can protect it
	}
	k := s.count(name, value, fault.Place{Document: document})
	s.problem.Outputs = append(s.problem.Outputs, suppress.Output{Tells: []int{k}, Fixed: true})
}

// spoken says whether a set is written as SetOf writes, so that others may lie in it.
func (s *system) spoken(set string) bool { return set == setAll || strings.Contains(set, "=") }

// addRelation brings in a relation between named sets; parts that no cell names are part of what remains.
func (s *system) addRelation(r Relation) {
	whole, ok := s.named[r.Whole]
	if !ok {
		return
	}
	var parts []int
	for _, name := range r.Parts {
		if k, ok := s.named[name]; ok {
			parts = append(parts, k)
		}
	}
	if !s.addParts(whole, parts) {
		s.issues = append(s.issues, fault.Issue{Code: CodeSumNotAdding, Severity: fault.Soft,
			Args: map[string]any{"table": "", "row": 0, "measure": r.Whole}})
	}
}
