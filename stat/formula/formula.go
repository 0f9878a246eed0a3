package formula

import "slices"

// Formula is a parsed model formula. It is made by Parse and does not change.
type Formula struct {
	text    string
	left    *node   // response; for grouped counts the successes
	failure *node   // second argument of cbind, nil otherwise
	right   *node   // fixed part with random terms and offsets taken out; nil where nothing is left
	bars    []*node // random terms in the order written
	offsets []*node // arguments of offset()
}

// String gives the formula as it was written.
func (f *Formula) String() string { return f.text }

// HasRandom says whether the formula has random terms, which need a multilevel model.
func (f *Formula) HasRandom() bool { return len(f.bars) > 0 }

// Columns names the columns the formula reads, each once, response first, in the order written. A dot on
// the right-hand side reads more: it is not resolved before Build.
func (f *Formula) Columns() []string {
	var names []string
	add := func(n *node) bool {
		if n.op == opName && !slices.Contains(names, n.name) {
			names = append(names, n.name)
		}
		return true
	}
	for _, n := range f.roots() {
		n.walk(add)
	}
	return names
}

func (f *Formula) roots() []*node {
	roots := []*node{f.left}
	if f.failure != nil {
		roots = append(roots, f.failure)
	}
	if f.right != nil {
		roots = append(roots, f.right)
	}
	roots = append(roots, f.offsets...)
	return append(roots, f.bars...)
}

// readLeft checks the response: an arithmetic expression, or cbind of two.
func (f *Formula) readLeft(n *node) error {
	b := n.bare()
	if b.op == opCall && b.name == "cbind" {
		if len(b.args) != 2 {
			return at(CodeArguments, b.pos, "name", "cbind", "want", 2, "have", len(b.args))
		}
		f.left, f.failure = b.args[0], b.args[1]
		if err := checkArithmetic(f.failure); err != nil {
			return err
		}
		return checkArithmetic(f.left)
	}
	f.left = b
	if b.op == opCall && isFactorCall(b.name) {
		return checkFactorCall(b)
	}
	return checkArithmetic(b)
}

// readRight takes random terms and offsets out of the top-level sum and checks what is left.
func (f *Formula) readRight(n *node) error {
	rest, err := f.takeOut(n, false)
	if err != nil || rest == nil {
		return err
	}
	f.right = rest
	return checkTerms(rest)
}

// takeOut walks the top-level sum of the right-hand side. Parentheses around a whole sum are looked through.
func (f *Formula) takeOut(n *node, minus bool) (*node, error) {
	switch {
	case n.op == "+" || n.op == "-":
		left, err := f.takeOut(n.args[0], minus)
		if err != nil {
			return nil, err
		}
		right, err := f.takeOut(n.args[1], minus || n.op == "-")
		if err != nil {
			return nil, err
		}
		switch {
		case left == nil && right == nil:
			return nil, nil
		case right == nil:
			return left, nil
		case left == nil && n.op == "-":
			return &node{op: opNeg, args: []*node{right}, pos: n.pos}, nil
		case left == nil:
			return right, nil
		}
		return &node{op: n.op, args: []*node{left, right}, pos: n.pos}, nil
	case n.op == opCall && n.name == "offset":
		if minus {
			return nil, at(CodeOffsetPlace, n.pos)
		}
		if len(n.args) != 1 {
			return nil, at(CodeArguments, n.pos, "name", "offset", "want", 1, "have", len(n.args))
		}
		f.offsets = append(f.offsets, n.args[0])
		return nil, checkArithmetic(n.args[0])
	case n.op == opParen && (n.args[0].op == opBar || n.args[0].op == opBars):
		if minus {
			return nil, at(CodeRandomPlace, n.pos)
		}
		f.bars = append(f.bars, n.args[0])
		return nil, checkBar(n.args[0])
	case n.op == opParen && (n.args[0].op == "+" || n.args[0].op == opParen):
		return f.takeOut(n.args[0], minus)
	}
	return n, nil
}

func checkBar(n *node) error {
	if err := checkTerms(n.args[0]); err != nil {
		return err
	}
	return checkGroup(n.args[1])
}

// checkGroup allows names, factor(x), and these joined by : and /.
func checkGroup(n *node) error {
	switch {
	case n.op == opName:
		return nil
	case n.op == opParen:
		return checkGroup(n.args[0])
	case n.op == ":" || n.op == "/":
		if err := checkGroup(n.args[0]); err != nil {
			return err
		}
		return checkGroup(n.args[1])
	case n.op == opCall && isFactorCall(n.name):
		return checkFactorCall(n)
	}
	return at(CodeGroup, n.pos, "found", n.String())
}

// checkTerms checks a fixed part, or the left of a bar.
func checkTerms(n *node) error {
	switch n.op {
	case opName, opDot:
		return nil
	case opNumber:
		if n.num == 0 || n.num == 1 {
			return nil
		}
		return at(CodeNumberTerm, n.pos, "found", n.String())
	case opCall:
		switch {
		case isFactorCall(n.name):
			return checkFactorCall(n)
		case n.name == "cbind":
			return at(CodeCbindPlace, n.pos)
		case n.name == "offset":
			return at(CodeOffsetPlace, n.pos)
		}
		return checkArithmetic(n)
	case "^":
		e := n.args[1].bare()
		if e.op != opNumber || e.num != float64(int(e.num)) || e.num < 1 || e.num > 16 {
			return at(CodePower, e.pos, "found", e.String())
		}
		return checkTerms(n.args[0])
	case opBar, opBars:
		return at(CodeRandomPlace, n.pos)
	}
	for _, a := range n.args {
		if err := checkTerms(a); err != nil {
			return err
		}
	}
	return nil
}

func isFactorCall(name string) bool { return name == "factor" || name == "as.factor" }

func checkFactorCall(n *node) error {
	if len(n.args) != 1 {
		return at(CodeArguments, n.pos, "name", n.name, "want", 1, "have", len(n.args))
	}
	if a := n.args[0].bare(); a.op != opName {
		return at(CodeSyntax, a.pos, "found", a.String())
	}
	return nil
}
