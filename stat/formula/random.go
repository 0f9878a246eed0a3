package formula

// bar is one random term over the columns, before the rows are chosen.
type bar struct {
	label     string
	group     []*variable // the factors whose combinations are the levels
	terms     *expansion  // effects
	variables []*variable // of terms
}

// readBar resolves a random term. g1/g2 gives two, g1 and g1:g2; || gives one for each effect.
func (b *builder) readBar(n *node) ([]*bar, error) {
	effects, err := expand(n.args[0], b.design.dot)
	if err != nil {
		return nil, err
	}
	if len(effects.terms) == 0 && !effects.intercept {
		return nil, at(CodeNothing, n.args[0].pos)
	}
	variables := make([]*variable, len(effects.variables))
	for i, v := range effects.variables {
		variables[i] = b.one(v)
	}
	parts := []part{{effects, variables}}
	if n.op == opBars {
		parts = split(effects, variables)
	}
	var bars []*bar
	for _, combination := range groupings(n.args[1]) {
		g := &bar{}
		for i, atom := range combination {
			if i > 0 {
				g.label += ":"
			}
			g.label += atom.String()
			name := atom
			if atom.op == opCall {
				name = atom.args[0].bare()
			}
			f, err := b.factor(name.name, name.pos, "|"+atom.String())
			if err != nil {
				return nil, err
			}
			g.group = append(g.group, &variable{label: atom.String(), column: name.name, factor: f})
		}
		for _, p := range parts {
			bars = append(bars, &bar{label: g.label, group: g.group, terms: p.effects, variables: p.variables})
		}
	}
	return bars, nil
}

type part struct {
	effects   *expansion
	variables []*variable
}

// split makes one part of each effect, the intercept first, as || asks.
func split(e *expansion, variables []*variable) []part {
	var parts []part
	if e.intercept {
		parts = append(parts, part{&expansion{intercept: true}, nil})
	}
	for _, t := range e.terms {
		parts = append(parts, part{&expansion{variables: e.variables, labels: e.labels, terms: []bitset{t}}, variables})
	}
	return parts
}

// groupings lists the combinations of factors that a grouping expression stands for.
func groupings(n *node) [][]*node {
	switch n.op {
	case opParen:
		return groupings(n.args[0])
	case ":":
		var out [][]*node
		for _, l := range groupings(n.args[0]) {
			for _, r := range groupings(n.args[1]) {
				out = append(out, join(l, r))
			}
		}
		return out
	case "/": // a/b: a, and b within all of a
		left := groupings(n.args[0])
		out := append([][]*node(nil), left...)
		var all []*node
		for _, l := range left {
			all = join(all, l)
		}
		for _, r := range groupings(n.args[1]) {
			out = append(out, join(all, r))
		}
		return out
	}
	return [][]*node{{n}}
}

// join puts two combinations together, each factor once.
func join(a, b []*node) []*node {
	out := append([]*node(nil), a...)
	for _, n := range b {
		seen := false
		for _, m := range out {
			seen = seen || m.String() == n.String()
		}
		if !seen {
			out = append(out, n)
		}
	}
	return out
}

// random fills Design.Random.
func (b *builder) random() error {
	for _, r := range b.bars {
		g := Group{Label: r.label}
		g.Levels, g.Codes = b.combine(r.group)
		for _, v := range r.variables {
			if v.factor != nil && len(v.factor.levels) < 2 {
				return of(CodeOneLevel, v.column, "variable", v.label)
			}
		}
		layout := lay(r.terms, r.variables)
		if r.terms.intercept {
			g.Names, g.Columns = append(g.Names, interceptName), append(g.Columns, nil)
		}
		for _, t := range layout {
			for k := range t.size {
				g.Names = append(g.Names, t.names[k])
				g.Columns = append(g.Columns, b.column(t, k))
			}
		}
		b.design.Random = append(b.design.Random, g)
	}
	return nil
}

// combine gives the levels of a combination of factors that occur in used rows, in the order of the
// factors' levels, and the codes.
func (b *builder) combine(group []*variable) ([]string, []uint32) {
	levels, codes := group[0].factor.levels, b.codes(group[0].factor)
	for _, v := range group[1:] {
		more := v.factor.levels
		width := uint64(len(more))
		occurs := newPairs(uint64(len(levels)) * width)
		each(b.index, b.used, func(u, i int) { occurs.put(uint64(codes[u])*width + uint64(v.factor.at(i))) })
		keys := occurs.number()
		names := make([]string, len(keys))
		for k, key := range keys {
			names[k] = levels[key/width] + ":" + more[key%width]
		}
		each(b.index, b.used, func(u, i int) { codes[u] = occurs.get(uint64(codes[u])*width + uint64(v.factor.at(i))) })
		levels = names
	}
	return levels, codes
}
