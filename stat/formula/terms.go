package formula

import (
	"math/bits"
	"slices"
	"strings"
)

// maxVariables and maxTerms bound what a formula may grow to.
const (
	maxVariables = 256
	maxTerms     = 4000
)

// bitset is a set of variables, by their place in the list of variables.
type bitset [maxVariables / 64]uint64

func single(i int) (b bitset)   { b[i/64] |= 1 << (i % 64); return b }
func (b bitset) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }
func (b bitset) empty() bool    { return b == bitset{} }
func (b bitset) union(c bitset) bitset {
	return bitset{b[0] | c[0], b[1] | c[1], b[2] | c[2], b[3] | c[3]}
}
func (b bitset) without(c bitset) bitset {
	return bitset{b[0] &^ c[0], b[1] &^ c[1], b[2] &^ c[2], b[3] &^ c[3]}
}
func (b bitset) subsetOf(c bitset) bool { return b.without(c).empty() }
func (b bitset) size() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// expansion is a right-hand side as a list of terms, in R's way (terms.formula): every term a set of
// variables, sorted by their number, otherwise in the order they appear.
type expansion struct {
	variables []*node  // each an atom: a column, a function call, factor(x)
	labels    []string // of the variables
	terms     []bitset
	intercept bool
	dot       []string // columns the dot stands for
	plus      bool     // whether 1 adds the intercept or, behind a minus, takes it away
}

func expand(n *node, dot []string) (*expansion, error) {
	e := &expansion{intercept: true, dot: dot, plus: true}
	if n != nil {
		list, err := e.encode(n)
		if err != nil {
			return nil, err
		}
		e.terms = list
	}
	slices.SortStableFunc(e.terms, func(a, b bitset) int { return a.size() - b.size() })
	return e, nil
}

func (e *expansion) variable(n *node) (int, error) {
	label := n.String()
	if i := slices.Index(e.labels, label); i >= 0 {
		return i, nil
	}
	if len(e.variables) == maxVariables {
		return 0, at(CodeTooManyTerms, n.pos, "limit", maxVariables)
	}
	e.variables = append(e.variables, n)
	e.labels = append(e.labels, label)
	return len(e.labels) - 1, nil
}

func (e *expansion) encode(n *node) ([]bitset, error) {
	switch n.op {
	case opNumber:
		e.intercept = (n.num == 1) == e.plus
		return nil, nil
	case opName, opCall:
		i, err := e.variable(n)
		if err != nil {
			return nil, err
		}
		return []bitset{single(i)}, nil
	case opDot:
		var list []bitset
		for _, name := range e.dot {
			i, err := e.variable(&node{op: opName, name: name, pos: n.pos})
			if err != nil {
				return nil, err
			}
			list = append(list, single(i))
		}
		return list, nil
	case opParen, opPos:
		return e.encode(n.args[0])
	case opNeg:
		return nil, e.minus(n.args[0], nil)
	case "^":
		return e.raise(n)
	}
	left, err := e.encode(n.args[0])
	if err != nil {
		return nil, err
	}
	if n.op == "-" {
		err := e.minus(n.args[1], &left)
		return left, err
	}
	right, err := e.encode(n.args[1])
	if err != nil {
		return nil, err
	}
	list, err := combine(n.op, left, right)
	if err != nil {
		return nil, at(CodeTooManyTerms, n.pos, "limit", maxTerms)
	}
	return list, nil
}

// minus takes the terms of n out of a list.
func (e *expansion) minus(n *node, list *[]bitset) error {
	e.plus = !e.plus
	gone, err := e.encode(n)
	e.plus = !e.plus
	if err != nil || list == nil {
		return err
	}
	*list = slices.DeleteFunc(slices.Clone(*list), func(b bitset) bool { return slices.Contains(gone, b) })
	return nil
}

func (e *expansion) raise(n *node) ([]bitset, error) {
	base, err := e.encode(n.args[0])
	if err != nil {
		return nil, err
	}
	list := base
	for range int(n.args[1].bare().num) - 1 {
		if list, err = combine("^", list, base); err != nil {
			return nil, at(CodeTooManyTerms, n.pos, "limit", maxTerms)
		}
	}
	return list, nil
}

type tooMany struct{}

func (tooMany) Error() string { return "too many terms" }

// combine is what the operators mean on lists of terms.
func combine(op string, left, right []bitset) ([]bitset, error) {
	seen := make(map[bitset]bool)
	var out []bitset
	add := func(b bitset) {
		if !seen[b] {
			seen[b] = true
			out = append(out, b)
		}
	}
	switch op {
	case "+", "*":
		for _, b := range left {
			add(b)
		}
		for _, b := range right {
			add(b)
		}
	case "/": // a/b: b within every variable of a
		var all bitset
		for _, b := range left {
			add(b)
			all = all.union(b)
		}
		for _, b := range right {
			add(all.union(b))
		}
	}
	if op == ":" || op == "*" || op == "^" || op == opIn {
		if len(left)*len(right) > maxTerms*16 {
			return nil, tooMany{}
		}
		for _, a := range left {
			for _, b := range right {
				add(a.union(b))
			}
		}
	}
	if len(out) > maxTerms {
		return nil, tooMany{}
	}
	return out, nil
}

func (e *expansion) label(t bitset) string {
	var parts []string
	for i, l := range e.labels {
		if t.has(i) {
			parts = append(parts, l)
		}
	}
	return strings.Join(parts, ":")
}

// full says for each factor of each term whether it is coded by a column for every level (true) or by
// treatment contrasts, which leave the reference out. A factor v of a term T is coded by contrasts where
// T without v is within an earlier term, or is empty; and where there is no intercept, the first factor
// met is coded in full. This is R's rule (TermCode and model.matrix in R's sources; Chambers and Hastie
// 1992, section 2.4.1).
func (e *expansion) full(isFactor []bool) [][]bool {
	full := make([][]bool, len(e.terms))
	for j, t := range e.terms {
		full[j] = make([]bool, len(e.variables))
		for v := range e.variables {
			if !t.has(v) || !isFactor[v] {
				continue
			}
			rest := t.without(single(v))
			full[j][v] = !rest.empty() && !slices.ContainsFunc(e.terms[:j], rest.subsetOf)
		}
	}
	if e.intercept {
		return full
	}
	for j, t := range e.terms {
		for v := range e.variables {
			if t.has(v) && isFactor[v] {
				full[j][v] = true
				return full
			}
		}
	}
	return full
}
