package web

import (
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/form/instance"
)

// leaf is one answer of a body, by its path with the positions of repeats.
type leaf struct{ path, text string }

// masked is what the Desk writes where a strict answer stands and nobody has opened it.
const masked = "•••"

// leaves lists the answers of a body in order. Elements that stand more than once beside each other, here or in the
// other body, are numbered, so that a repeat of one pairs with a repeat of three. A body that is no XML has none.
func leaves(root *instance.Node, repeated map[string]bool) []leaf {
	if root == nil {
		return nil
	}
	var out []leaf
	var walk func(n *instance.Node, path, plain string)
	walk = func(n *instance.Node, path, plain string) {
		if len(n.Children) == 0 {
			out = append(out, leaf{path, n.Text})
			return
		}
		seen := map[string]int{}
		for _, c := range n.Children {
			below := join(plain, c.Name)
			name := c.Name
			if seen[name]++; repeated[below] {
				name += "[" + strconv.Itoa(seen[c.Name]) + "]"
			}
			walk(c, join(path, name), below)
		}
	}
	walk(root, "", "")
	return out
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// repeats marks the paths that stand more than once beside each other.
func repeats(n *instance.Node, path string, into map[string]bool) {
	if n == nil {
		return
	}
	count := map[string]int{}
	for _, c := range n.Children {
		below := join(path, c.Name)
		if count[c.Name]++; count[c.Name] > 1 {
			into[below] = true
		}
		repeats(c, below, into)
	}
}

// bodyOf reads a body; one that is no XML gives nil.
func bodyOf(raw []byte) *instance.Node {
	root, err := instance.ParseXML(raw, instance.Limits{})
	if err != nil {
		return nil
	}
	return root
}

// answerChange is an answer in two bodies.
type answerChange struct {
	Label, Name   string
	At            string // positions in repeats: "2", "2.1"
	Before, After string
	Was, Is       bool   // sealed in the first, in the second
	What          string // "added", "removed", "changed"; "" the same
}

// differences lists the answers that differ between two bodies, in the order of the second.
func differences(before, after []byte, words dictionary) []answerChange {
	var out []answerChange
	for _, pair := range sideBySide(before, after, words) {
		if pair.What != "" && !strings.HasPrefix(pair.Name, "meta/") {
			out = append(out, pair)
		}
	}
	return out
}

// sideBySide pairs the answers of two bodies by path; equal ones have no What.
func sideBySide(before, after []byte, words dictionary) []answerChange {
	first, second := bodyOf(before), bodyOf(after)
	repeated := map[string]bool{}
	repeats(first, "", repeated)
	repeats(second, "", repeated)
	was := map[string]string{}
	old := leaves(first, repeated)
	for _, l := range old {
		was[l.path] = l.text
	}
	var out []answerChange
	is := map[string]bool{}
	for _, l := range leaves(second, repeated) {
		is[l.path] = true
		out = append(out, words.change(l.path, was[l.path], l.text))
	}
	for _, l := range old {
		if !is[l.path] {
			out = append(out, words.change(l.path, l.text, ""))
		}
	}
	return out
}

// dictionary words the paths and codes of a form.
type dictionary struct {
	labels  map[string]string
	choices map[string]map[string]string // by path, by code
	many    map[string]bool              // a question with several answers
}

func (d dictionary) change(path, before, after string) answerChange {
	plain := plainPath(path)
	c := answerChange{Name: path, Label: d.labels[plain], At: positions(path), Was: before == masked, Is: after == masked}
	switch {
	case before == after:
	case before == "":
		c.What = "added"
	case after == "":
		c.What = "removed"
	default:
		c.What = "changed"
	}
	c.Before, c.After = d.say(plain, before), d.say(plain, after)
	return c
}

// positions gives the numbers of a path's repeats, outermost first.
func positions(path string) string {
	var out []string
	for part := range strings.SplitSeq(path, "/") {
		if _, number, ok := strings.Cut(strings.TrimSuffix(part, "]"), "["); ok {
			out = append(out, number)
		}
	}
	return strings.Join(out, ".")
}

func (d dictionary) say(path, text string) string {
	if text == masked {
		return ""
	}
	choices := d.choices[path]
	if choices == nil {
		return text
	}
	codes := []string{text}
	if d.many[path] {
		codes = strings.Fields(text)
	}
	for n, code := range codes {
		if label := choices[code]; label != "" {
			codes[n] = label
		}
	}
	return strings.Join(codes, ", ")
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
