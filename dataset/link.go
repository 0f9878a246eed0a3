package dataset

import (
	"fmt"

	"waymark/fault"
)

// Link says how a table of a repeat (the people of a household) refers to the table above it.
type Link struct {
	Child  string // column of the repeat's table
	Parent string // column of the table above, in which every value occurs once
}

// links are the columns by which KoboToolbox and ODK exports refer to the table above, the surest first.
var links = []Link{
	{Child: "PARENT_KEY", Parent: "KEY"}, {Child: "_parent_index", Parent: "_index"}, {Child: "__Submissions-id", Parent: "__id"},
	{Child: "_submission__uuid", Parent: "_uuid"}, {Child: "_submission__id", Parent: "_id"}, {Child: "KEY", Parent: "KEY"},
}

// FindLink finds the columns by which the table of a repeat refers to the one above it: names that exports
// use, where every value above occurs once.
func FindLink(parent, child *Table) (Link, error) {
	for _, l := range links {
		if p := parent.Column(l.Parent); p != nil && child.Column(l.Child) != nil {
			if _, unique := keysOf(p); unique {
				return l, nil
			}
		}
	}
	return Link{}, fault.Issue{Code: CodeNoLink, Place: fault.Place{Document: child.Name}, Kind: fault.NotFound,
		Args: map[string]any{"parent": parent.Name, "child": child.Name}}
}

func keysOf(c *Column) (rows map[string]int, unique bool) {
	rows = make(map[string]int, c.Rows())
	for i := range c.Rows() {
		k := c.Cell(i)
		if _, twice := rows[k]; twice || k == "" {
			return rows, false
		}
		rows[k] = i
	}
	return rows, true
}

// Attach gives the table of a repeat with columns of the table above added to each of its rows. Rows that
// refer to no row above have NotApplicable there, and a soft issue counts them. A column of a name that the
// repeat's table has already is an error.
func (l Link) Attach(child, parent *Table, columns ...string) (*Table, fault.Issues, error) {
	from, to := child.Column(l.Child), parent.Column(l.Parent)
	if from == nil {
		return nil, nil, noColumn(child, l.Child)
	}
	if to == nil {
		return nil, nil, noColumn(parent, l.Parent)
	}
	above, unique := keysOf(to)
	if !unique {
		return nil, nil, fmt.Errorf("join %s to %s: values of column %s repeat or are missing: %w", child.Name, parent.Name, l.Parent, fault.Invalid)
	}
	rows := make([]int, child.Rows())
	orphans := 0
	for i := range rows {
		k, ok := above[from.Cell(i)]
		if rows[i] = k; !ok {
			rows[i] = -1
			orphans++
		}
	}
	out := &Table{Name: child.Name, Columns: append([]*Column(nil), child.Columns...)}
	for _, name := range columns {
		c := parent.Column(name)
		if c == nil {
			return nil, nil, noColumn(parent, name)
		}
		b := NewBuilder(c.Field)
		for _, k := range rows {
			if k < 0 {
				b.Missing(NotApplicable)
			} else {
				b.Copy(c, k)
			}
		}
		if err := out.Add(b.Column()); err != nil {
			return nil, nil, err
		}
	}
	var issues fault.Issues
	if orphans > 0 {
		issues = append(issues, fault.Issue{Code: CodeOrphans, Severity: fault.Soft, Place: fault.Place{Document: child.Name, Field: l.Child},
			Args: map[string]any{"child": child.Name, "parent": parent.Name, "count": orphans}})
	}
	return out, issues, nil
}
