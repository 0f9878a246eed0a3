package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/privacy/suppress"
)

// Clear decides for all tables of a release together which numbers may leave, and gives the cleared tables
// in the order of the drafts. The error, where there is one, holds fault.Issues about the policy or the
// shape of the drafts; no cell of a table that is merely unsafe is an error.
func Clear(policy Policy, drafts []Draft) ([]Cleared, Record, error) {
	return ClearAfter(policy, nil, drafts)
}

// ClearAfter clears drafts about people of whom the tables earlier were published before: what those tables
// show of sets that have a name counts as known to every reader. Names must mean the same people in both;
// where an earlier number of a set differs from that of a draft, Clear refuses (CodeSetDiffers), since it
// cannot tell who came and who went. Where what was published gives away a count of this release whatever
// is hidden now, it refuses too (CodeEarlier, fault.Forbidden).
func ClearAfter(policy Policy, earlier []Cleared, drafts []Draft) ([]Cleared, Record, error) {
	issues := policy.Check()
	issues = append(issues, checkDrafts(drafts)...)
	for i, c := range earlier {
		if !c.Valid() {
			issues = append(issues, fault.Issue{Code: CodeNotCleared, Kind: fault.Forbidden, Place: fault.Place{Row: i + 1},
				Args: map[string]any{"row": i + 1}})
		}
	}
	if err := issues.Err(); err != nil {
		return nil, Record{}, fmt.Errorf("clear release: %w", err)
	}
	policy = policy.Resolved()
	s := newSystem(policy, drafts, earlier)
	issues = append(issues, s.issues...)
	if err := issues.Err(); err != nil {
		return nil, Record{}, fmt.Errorf("clear release: %w", err)
	}
	result, err := suppress.Protect(s.problem, suppress.Options{Width: float64(policy.MinWidth)})
	if err != nil {
		return nil, Record{}, fmt.Errorf("clear release: %w", err)
	}
	if len(result.Unprotected) > 0 && len(earlier) > 0 {
		return nil, Record{}, fmt.Errorf("clear release: %w", fault.Issue{Code: CodeEarlier, Kind: fault.Forbidden,
			Args: map[string]any{"count": len(result.Unprotected)}})
	}
	rec := Record{Policy: policy, Issues: issues.Only(fault.Soft)}
	out := make([]Cleared, len(drafts))
	for d := range drafts {
		var t TableRecord
		var w Working
		out[d], t, w = s.fill(&drafts[d], d, result)
		rec.Tables = append(rec.Tables, t)
		rec.working = append(rec.working, w)
	}
	return out, rec, nil
}

// unsafe is the primary rule: whether a cell is unsafe by itself.
func unsafe(p Policy, m Measure, c DraftCell) bool {
	if p.MinPeople <= 1 {
		return false // the policy holds nothing back
	}
	if m.Form == Count {
		return p.few(c.Value) || p.few(float64(countBase(c)))
	}
	if c.Base < p.MinPeople {
		return true
	}
	events := cellEvents(m, c)
	if events < 0 {
		return false
	}
	return p.few(float64(events)) || p.few(float64(c.Base-events)) || m.Sensitive && events == c.Base
}

// countBase is the number of people a Count rests on.
func countBase(c DraftCell) Persons {
	if c.Base == 0 {
		return Persons(c.Value)
	}
	return c.Base
}

// cellEvents is the numerator of a cell, worked out for a share that does not say it; -1 without one.
func cellEvents(m Measure, c DraftCell) Persons {
	if m.Form == Share && (c.Events < 0 || c.Events == 0 && c.Value > 0) {
		return Persons(c.Value*float64(c.Base) + 0.5)
	}
	return c.Events
}

// fill copies what is shown, and only that, into a Cleared (invariant 1).
func (s *system) fill(draft *Draft, d int, result suppress.Result) (Cleared, TableRecord, Working) {
	t := &clearedTable{key: draft.Key, title: draft.Title, unit: draft.Unit, dims: draft.Dims,
		measures: draft.Measures, caveats: draft.Caveats, source: draft.Source, policy: s.policy,
		relations: draft.Relations}
	count := TableRecord{Key: draft.Key}
	work := Working{Key: draft.Key, Groups: s.groups[d]}
	for r, row := range draft.Rows {
		cells := make([]Cell, len(row.Cells))
		for m, c := range row.Cells {
			i := s.output[d][r][m]
			switch {
			case c.None:
				cells[m] = Cell{State: Blank, Note: c.Note}
				count.Blank++
			case i >= 0 && result.Hidden[i]:
				cells[m] = Cell{State: Suppressed}
				count.Suppressed++
				if result.Secondary[i] {
					work.Secondary++
				} else {
					work.Primary++
				}
			default:
				cells[m] = Cell{State: Shown, Value: c.Value, Note: c.Note}
				if draft.Measures[m].Ranged {
					cells[m].Low, cells[m].High = c.Low, c.High
				}
				count.Shown++
				t.facts = append(t.facts, factsOf(draft.Measures[m], c)...)
			}
		}
		t.rows = append(t.rows, Row{Heads: row.Heads, Cells: cells, Total: row.Total})
	}
	sortRows(t.rows, slices.IndexFunc(draft.Measures, func(m Measure) bool { return m.Name == draft.Order.Measure }), draft.Order)
	return Cleared{table: t}, count, work
}

// sortRows sorts cleared rows by what a measure shows; those that show nothing by their codes, so that their
// place tells nothing.
func sortRows(rows []Row, measure int, order Order) {
	if measure < 0 {
		return
	}
	codes := func(r Row) string {
		var all []string
		for _, h := range r.Heads {
			all = append(all, h.Code)
		}
		return strings.Join(all, "\x00")
	}
	last := func(r Row) int {
		switch {
		case r.Total:
			return len(order.Last) + 2
		case len(r.Heads) > 0 && slices.Contains(order.Last, r.Heads[0].Code):
			return slices.Index(order.Last, r.Heads[0].Code) + 2
		case r.Cells[measure].State != Shown:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		if d := last(a) - last(b); d != 0 {
			return d
		}
		if a.Total {
			return 0
		}
		d := cmp.Compare(b.Cells[measure].Value, a.Cells[measure].Value)
		if order.Rising {
			d = -d
		}
		if d != 0 {
			return d
		}
		return strings.Compare(codes(a), codes(b))
	})
}

// fact is a number of people in a named set that a shown cell tells.
type fact struct {
	set   string
	value float64
}

func factsOf(m Measure, c DraftCell) []fact {
	var facts []fact
	add := func(set string, value float64) {
		if set != "" && c.Base != Nobody {
			facts = append(facts, fact{set, value})
		}
	}
	switch m.Form {
	case Count:
		add(c.Set, c.Value)
	case Share:
		add(c.Set, float64(c.Base))
		add(c.EventSet, float64(cellEvents(m, c)))
	}
	return facts
}
