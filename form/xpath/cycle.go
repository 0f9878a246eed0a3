package xpath

import (
	"maps"
	"slices"
	"strings"
)

// Logic is what is worked out for a node by itself. Each may be nil.
type Logic struct {
	Calculation *Expr
	Relevant    *Expr
	ReadOnly    *Expr
	Required    *Expr
}

// Cycle finds nodes whose answers wait for one another: a, which needs b, which needs a. Keys are paths from the
// root with slashes: /data/home/rooms. Whether a group is asked or may be changed holds for all within it. find
// gives the path of a question by name and may be nil. The nodes of a cycle are given in order from the one that
// sorts first; nil where there is none. It is what ODK Collect calls a cycle and refuses: a node that is read
// whenever it is required, or in another instance of the same repeat, counts as well.
func Cycle(nodes map[string]Logic, find func(name string) ([]string, bool)) []string {
	order := slices.Sorted(maps.Keys(nodes))
	needs := make(map[string][]string, len(nodes))
	for _, at := range order {
		var to []string
		l := nodes[at]
		for _, e := range [...]*Expr{l.Calculation, l.Relevant, l.ReadOnly, l.Required} {
			if e == nil {
				continue
			}
			for _, names := range e.References(strings.Split(strings.TrimPrefix(at, "/"), "/"), find) {
				if len(names) > 0 {
					to = append(to, "/"+strings.Join(names, "/"))
				}
			}
		}
		for up := parentOf(at); up != ""; up = parentOf(up) { // asked only where the groups around are
			if nodes[up].Relevant != nil || nodes[up].ReadOnly != nil {
				to = append(to, up)
			}
		}
		slices.Sort(to)
		needs[at] = slices.Compact(to)
	}
	return firstCycle(order, needs)
}

func parentOf(at string) string { return at[:max(strings.LastIndexByte(at, '/'), 0)] }

const (
	open = 1
	done = 2
)

// firstCycle goes into depth from each node in order, without recursion: a form may have a chain of thousands.
func firstCycle(order []string, needs map[string][]string) []string {
	state := make(map[string]int, len(order))
	type frame struct {
		at   string
		next int
	}
	for _, start := range order {
		if state[start] != 0 {
			continue
		}
		state[start] = open
		stack := []frame{{start, 0}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(needs[top.at]) {
				state[top.at] = done
				stack = stack[:len(stack)-1]
				continue
			}
			to := needs[top.at][top.next]
			top.next++
			switch state[to] {
			case open:
				from := slices.IndexFunc(stack, func(f frame) bool { return f.at == to })
				var out []string
				for _, f := range stack[from:] {
					out = append(out, f.at)
				}
				return fromFirst(out)
			case 0:
				state[to] = open
				stack = append(stack, frame{to, 0})
			}
		}
	}
	return nil
}

// fromFirst turns a ring so that it begins with the name that sorts first.
func fromFirst(ring []string) []string {
	i := slices.Index(ring, slices.Min(ring))
	return append(slices.Clone(ring[i:]), ring[:i]...)
}
