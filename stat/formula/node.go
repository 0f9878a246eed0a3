package formula

import (
	"math"
	"strconv"
	"strings"
)

// node is a piece of a formula's text as a tree.
type node struct {
	op   string // name, number, call, paren, ".", or the operator: + - * / ^ : %in% | || neg pos
	name string // of a name or a call
	num  float64
	args []*node
	pos  int // column in the text, 1-based, in characters
}

const (
	opName   = "name"
	opNumber = "number"
	opCall   = "call"
	opParen  = "paren"
	opNeg    = "neg"
	opPos    = "pos"
	opDot    = "."
	opBar    = "|"
	opBars   = "||"
	opIn     = "%in%"
)

// String writes the tree as R's deparse does, which gives R's names of terms: spaces around + - * and
// none around / ^ and the colon.
func (n *node) String() string {
	switch n.op {
	case opName:
		return quoted(n.name)
	case opNumber:
		return literal(n.num)
	case opDot:
		return "."
	case opParen:
		return "(" + n.args[0].String() + ")"
	case opNeg:
		return "-" + n.args[0].String()
	case opPos:
		return "+" + n.args[0].String()
	case opCall:
		parts := make([]string, len(n.args))
		for i, a := range n.args {
			parts[i] = a.String()
		}
		return quoted(n.name) + "(" + strings.Join(parts, ", ") + ")"
	case "/", "^", ":":
		return n.args[0].String() + n.op + n.args[1].String()
	}
	return n.args[0].String() + " " + n.op + " " + n.args[1].String()
}

// quoted puts backticks around a name that is not a name by R's rules.
func quoted(name string) string {
	plain := name != ""
	for i, r := range name {
		if !nameRune(r) || i == 0 && !nameStart(r) {
			plain = false
		}
	}
	if plain {
		return name
	}
	return "`" + name + "`"
}

// numberText writes a number as it names a level: plain digits as far as they go.
func numberText(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 15, 64)
}

// literal writes a number of the text as R does: in the shorter of fixed and scientific form.
func literal(v float64) string {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		short = v
	}
	fixed, scientific := strconv.FormatFloat(short, 'f', -1, 64), strconv.FormatFloat(short, 'e', -1, 64)
	if len(fixed) <= len(scientific) {
		return fixed
	}
	return scientific
}

// bare looks through parentheses.
func (n *node) bare() *node {
	for n.op == opParen {
		n = n.args[0]
	}
	return n
}

// walk calls f for every node, parents first, and goes below it where f says so.
func (n *node) walk(f func(*node) bool) {
	if !f(n) {
		return
	}
	for _, a := range n.args {
		a.walk(f)
	}
}

func lower(s string) []rune { return []rune(strings.ToLower(s)) }
