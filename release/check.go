package release

import (
	"math"
	"slices"

	"waymark/fault"
)

// checkDrafts gives an issue for everything in the drafts that Clear cannot reckon with. No issue holds a number of a cell.
func checkDrafts(drafts []Draft) fault.Issues {
	var issues fault.Issues
	keys := map[string]bool{}
	for d := range drafts {
		draft := &drafts[d]
		add := func(code fault.Code, row int, field string) {
			issues = append(issues, fault.Issue{Code: code,
				Place: fault.Place{Document: draft.Key, Row: row, Field: field},
				Args:  map[string]any{"table": draft.Key, "row": row, "measure": field}})
		}
		if draft.Key == "" {
			add(CodeNoKey, 0, "")
		} else if keys[draft.Key] {
			add(CodeKeyTwice, 0, "")
		}
		keys[draft.Key] = true
		for r, row := range draft.Rows {
			if len(row.Heads) != len(draft.Dims) || len(row.Cells) != len(draft.Measures) {
				add(CodeShape, r+1, "")
				continue
			}
			for m, c := range row.Cells {
				if code := checkCell(draft.Measures[m], c); code != "" {
					add(code, r+1, draft.Measures[m].Name)
				}
			}
		}
		if draft.Order.Measure != "" && !slices.ContainsFunc(draft.Measures, func(m Measure) bool { return m.Name == draft.Order.Measure }) {
			add(CodeShape, 0, draft.Order.Measure)
		}
		for _, counts := range []map[string]Persons{draft.Unseen, draft.Known} {
			for _, n := range counts {
				if n < 0 || n > maxPeople {
					add(CodeBadCount, 0, "")
					break
				}
			}
		}
		for _, s := range draft.Sums {
			if !sumInRange(s, len(draft.Rows)) {
				add(CodeSumRows, s.Whole+1, "")
			}
		}
		for _, s := range draft.Across {
			if s.Whole == -1 {
				s.Whole = len(draft.Measures) // outside the parts, as it should be
				if sumInRange(s, len(draft.Measures)+1) {
					continue
				}
			}
			if !sumInRange(s, len(draft.Measures)) {
				add(CodeSumRows, 0, "")
			}
		}
	}
	return issues
}

func checkCell(m Measure, c DraftCell) fault.Code {
	if c.None {
		return ""
	}
	numbers := []float64{c.Value}
	if m.Ranged {
		numbers = append(numbers, c.Low, c.High)
	}
	for i, v := range numbers {
		if math.IsNaN(v) || i == 0 && math.IsInf(v, 0) {
			return CodeNotNumber
		}
	}
	if c.Base < Nobody || c.Base > maxPeople || c.Events < -1 || c.Events > maxPeople ||
		c.Base != Nobody && m.Form != Count && c.Events > c.Base ||
		m.Form == Count && (c.Value < 0 || c.Value > maxPeople) {
		return CodeBadCount
	}
	if m.Form == Share && (c.Value < 0 || c.Value > 1) {
		return CodeBadCount
	}
	return ""
}

func sumInRange(s Sum, rows int) bool {
	seen := map[int]bool{s.Whole: true}
	if s.Whole < 0 || s.Whole >= rows || len(s.Parts) == 0 {
		return false
	}
	for _, p := range s.Parts {
		if p < 0 || p >= rows || seen[p] {
			return false
		}
		seen[p] = true
	}
	return true
}
