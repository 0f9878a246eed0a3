package web

import (
	"slices"
	"strconv"

	"waymark/collect"
	"waymark/form/instance"
)

// leaf is one answer of a body, by its path with the positions of repeats.
type leaf struct{ path, text string }

// leaves lists the answers of a body in order. A body that is no XML has none.
func leaves(raw []byte) []leaf {
	root, err := instance.ParseXML(raw, instance.Limits{})
	if err != nil || root == nil {
		return nil
	}
	var out []leaf
	var walk func(n *instance.Node, path string)
	walk = func(n *instance.Node, path string) {
		if len(n.Children) == 0 {
			out = append(out, leaf{path, n.Text})
			return
		}
		count := map[string]int{}
		for _, c := range n.Children {
			count[c.Name]++
		}
		seen := map[string]int{}
		for _, c := range n.Children {
			name := c.Name
			if seen[name]++; count[name] > 1 {
				name += "[" + strconv.Itoa(seen[c.Name]) + "]"
			}
			if path != "" {
				name = path + "/" + name
			}
			walk(c, name)
		}
	}
	walk(root, "")
	return out
}

// differences lists the answers that differ between two bodies, in the order of the second.
func differences(before, after []byte, labels map[string]string) []answerChange {
	var out []answerChange
	for _, pair := range sideBySide(before, after, labels) {
		if pair.What != "" {
			out = append(out, pair)
		}
	}
	return out
}

// sideBySide pairs the answers of two bodies by path; equal ones have no What.
func sideBySide(before, after []byte, labels map[string]string) []answerChange {
	was := map[string]string{}
	old := leaves(before)
	for _, l := range old {
		was[l.path] = l.text
	}
	var out []answerChange
	is := map[string]bool{}
	for _, l := range leaves(after) {
		is[l.path] = true
		c := answerChange{Name: l.path, Label: labels[plainPath(l.path)], Before: was[l.path], After: l.text}
		switch {
		case c.Before == c.After:
		case c.Before == "":
			c.What = "added"
		case c.After == "":
			c.What = "removed"
		default:
			c.What = "changed"
		}
		out = append(out, c)
	}
	for _, l := range old {
		if !is[l.path] {
			what := "removed"
			if l.text == "" {
				what = ""
			}
			out = append(out, answerChange{Name: l.path, Label: labels[plainPath(l.path)], Before: l.text, What: what})
		}
	}
	return out
}

// sortVersions puts the versions of a record in order of time, the current one last where times are equal.
func sortVersions(v []collect.RecordVersion) {
	slices.SortStableFunc(v, func(a, b collect.RecordVersion) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		switch {
		case a.Current == b.Current:
			return 0
		case a.Current:
			return 1
		}
		return -1
	})
}
