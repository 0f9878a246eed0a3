package release

import (
	"fmt"

	"waymark/fault"
)

// Clear decides for all tables of a release together which numbers may leave, and gives the cleared tables
// in the order of the drafts. The error, where there is one, holds fault.Issues about the policy or the
// shape of the drafts; no cell of a table that is merely unsafe is an error.
func Clear(policy Policy, drafts []Draft) ([]Cleared, Record, error) {
	return ClearAfter(policy, nil, drafts)
}

// ClearAfter clears drafts about data of which the tables earlier were published before: what those tables
// show counts as known to every reader.
func ClearAfter(policy Policy, earlier []Cleared, drafts []Draft) ([]Cleared, Record, error) {
	issues := policy.Check()
	issues = append(issues, checkDrafts(drafts)...)
	if err := issues.Err(); err != nil {
		return nil, Record{}, fmt.Errorf("clear release: %w", err)
	}
	policy = policy.Resolved()
	rec := Record{Policy: policy, Issues: issues.Only(fault.Soft)}
	out := make([]Cleared, len(drafts))
	for d := range drafts {
		draft := &drafts[d]
		work := Working{Key: draft.Key}
		hide := make([][]bool, len(draft.Rows))
		for r := range draft.Rows {
			hide[r] = make([]bool, len(draft.Measures))
			for m := range draft.Measures {
				hide[r][m] = unsafe(policy, draft.Measures[m], draft.Rows[r].Cells[m])
				if hide[r][m] {
					work.Primary++
				}
			}
		}
		var t TableRecord
		out[d], t = fill(policy, draft, hide)
		rec.Tables = append(rec.Tables, t)
		rec.working = append(rec.working, work)
	}
	return out, rec, nil
}

// unsafe is the primary rule for one cell on its own.
func unsafe(p Policy, m Measure, c DraftCell) bool {
	if c.None || c.Base == Nobody {
		return false
	}
	few := func(n Persons) bool {
		return n > 0 && n < p.MinPeople || n == 0 && p.Zeros == ZerosHidden && p.MinPeople > 1
	}
	if m.Form == Count {
		base := countBase(c)
		return few(base) || c.Value == 0 && few(0) || c.Value > 0 && c.Value < float64(p.MinPeople) && base != 0
	}
	if c.Base < p.MinPeople {
		return true
	}
	events := cellEvents(m, c)
	if events < 0 {
		return false
	}
	return few(events) || few(c.Base-events) || m.Sensitive && events == c.Base
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

// fill copies what is shown, and only that, into a Cleared.
func fill(policy Policy, draft *Draft, hide [][]bool) (Cleared, TableRecord) {
	t := &clearedTable{key: draft.Key, title: draft.Title, unit: draft.Unit, dims: draft.Dims,
		measures: draft.Measures, caveats: draft.Caveats, source: draft.Source, policy: policy}
	count := TableRecord{Key: draft.Key}
	for r, row := range draft.Rows {
		cells := make([]Cell, len(row.Cells))
		for m, c := range row.Cells {
			switch {
			case c.None:
				cells[m] = Cell{State: Blank, Note: c.Note}
				count.Blank++
			case hide[r][m]:
				cells[m] = Cell{State: Suppressed}
				count.Suppressed++
			default:
				cells[m] = Cell{State: Shown, Value: c.Value, Note: c.Note}
				if draft.Measures[m].Ranged {
					cells[m].Low, cells[m].High = c.Low, c.High
				}
				count.Shown++
			}
		}
		t.rows = append(t.rows, Row{Heads: row.Heads, Cells: cells, Total: row.Total})
	}
	return Cleared{table: t}, count
}
