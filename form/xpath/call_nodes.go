package xpath

import (
	"math"
	"slices"
	"strings"
)

func (v *evaluation) nodes(name string, args []Value) (Value, error) {
	switch name {
	case "count":
		if args[0].kind != nodesValue {
			return Value{}, ErrUnknown
		}
		return numberOf(float64(len(args[0].nodes))), nil
	case "count-non-empty":
		n := 0
		for _, s := range args[0].texts() {
			if s != "" {
				n++
			}
		}
		return numberOf(float64(n)), nil
	case "position":
		if len(args[0].nodes) == 0 {
			return numberOf(math.NaN()), nil
		}
		n := args[0].nodes[0]
		if n.Parent != nil {
			if err := v.spend(len(n.Parent.Children)); err != nil {
				return Value{}, err
			}
		}
		return numberOf(float64(n.Position())), nil
	case "instance":
		if v.Instance != nil {
			if table := v.Instance(args[0].Text()); table != nil {
				return nodesOf([]*Node{table}), nil
			}
		}
		return Value{}, ErrUnknown
	case "randomize":
		return v.randomize(args)
	}
	return Value{}, errNotHere
}

// randomize shuffles nodes (Fisher and Yates) by the minimal standard generator of Park and Miller (1988), so
// that a seed gives the same order on every phone.
func (v *evaluation) randomize(args []Value) (Value, error) {
	nodes := slices.Clone(args[0].nodes)
	draw := v.Random
	if len(args) > 1 {
		seed := args[1].Number()
		if math.IsNaN(seed) || math.Abs(seed) > 1<<53 { // phones make a number of words in ways of their own
			return Value{}, ErrUnknown
		}
		draw = parkMiller(int64(seed))
	}
	if draw == nil {
		return Value{}, ErrUnknown
	}
	for i := len(nodes) - 1; i > 0; i-- {
		j := int(draw() * float64(i+1))
		nodes[i], nodes[j] = nodes[j], nodes[i]
	}
	return nodesOf(nodes), nil
}

func parkMiller(seed int64) func() float64 {
	const modulus = 1<<31 - 1
	seed %= modulus
	if seed <= 0 {
		seed += modulus - 1
	}
	return func() float64 {
		seed = seed * 16807 % modulus
		return float64(seed-1) / (modulus - 1)
	}
}

// indexedRepeat gives the nodes of a path with the instances of repeats around it chosen by position.
func (v *evaluation) indexedRepeat(c call, f focus) (Value, error) {
	if len(c.args) < 3 || len(c.args)%2 == 0 {
		return Value{}, ErrUnknown
	}
	target := v.names(c.args[0])
	if target == nil {
		return Value{}, ErrUnknown
	}
	positions := map[string]int{}
	for i := 1; i < len(c.args); i += 2 {
		repeat := v.names(c.args[i])
		x, err := v.term(c.args[i+1], f)
		if err != nil {
			return Value{}, err
		}
		if repeat == nil {
			return Value{}, ErrUnknown
		}
		n := x.Number()
		if math.IsNaN(n) || math.Abs(n) > 1<<31 {
			n = 0 // no such instance
		}
		positions[strings.Join(repeat, "/")] = int(n)
	}
	at := []*Node{{Children: []*Node{v.root}}}
	for i, name := range target {
		at = v.within(at, name)
		if n, ok := positions[strings.Join(target[:i+1], "/")]; ok {
			if n < 1 || n > len(at) {
				return nodesOf(nil), nil
			}
			at = at[n-1 : n]
		}
	}
	return nodesOf(at), nil
}

func (v *evaluation) within(at []*Node, name string) []*Node {
	var out []*Node
	for _, n := range at {
		for _, c := range n.Children {
			if c.Name == name {
				out = append(out, c)
			}
		}
	}
	return out
}

// names gives the names from the root of the node that a path leads to, nil where that is not plain.
func (v *evaluation) names(t term) []string {
	var context []string
	for n := v.Node; n != nil; n = n.Parent {
		context = append(context, n.Name)
	}
	slices.Reverse(context)
	g := &gathering{source: v.expr.source, current: context, find: v.Find}
	g.term(t, place{base: context, known: true})
	for _, p := range g.out {
		if !p.Inside {
			return p.resolved()
		}
	}
	return nil
}

func (v *evaluation) choices(name string, args []Value) (Value, error) {
	switch name {
	case "selected", "is-selected":
		list, code := strings.Fields(args[0].Text()), strings.TrimSpace(args[1].Text())
		return truthOf(slices.Contains(list, code) || code == "" && len(list) == 0), nil
	case "selected-at":
		list, i := strings.Fields(args[0].Text()), args[1].Number()
		if !(i >= 0 && i < float64(len(list))) {
			return textOf(""), nil
		}
		return textOf(list[int(i)]), nil
	case "count-selected":
		return numberOf(float64(len(strings.Fields(args[0].Text())))), nil
	case "jr:choice-name":
		if v.ChoiceName != nil {
			if s, ok := v.ChoiceName(args[1].Text(), args[0].Text()); ok {
				return textOf(s), nil
			}
		}
		return Value{}, ErrUnknown
	case "jr:itext":
		if v.Text != nil {
			if s, ok := v.Text(args[0].Text()); ok {
				return textOf(s), nil
			}
		}
		return Value{}, ErrUnknown
	}
	return Value{}, errNotHere
}

// device works out what only the phone knows.
func (v *evaluation) device(name string, args []Value) (Value, error) {
	switch name {
	case "property":
		if v.Property != nil {
			if s, ok := v.Property(args[0].Text()); ok {
				return textOf(s), nil
			}
		}
	case "version":
		if v.Version != "" {
			return textOf(v.Version), nil
		}
	}
	return Value{}, ErrUnknown
}
