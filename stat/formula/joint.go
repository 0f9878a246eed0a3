package formula

import "slices"

const (
	maxCells = 256
	// maxCoefficients bounds the fixed part; its matrix of cross-products has the square of it.
	maxCoefficients = 4000
	// maxDenseBytes bounds what interactions too wide for a joint factor may take.
	maxDenseBytes = 4 << 30
)

// fixed fills Names, Terms and Fixed.
func (b *builder) fixed() error {
	d, e := b.design, b.terms
	limit := b.options.MaxLevels
	if limit <= 0 || limit > maxCells-1 {
		limit = maxCells - 1
	}
	for _, v := range b.variables {
		if v.factor == nil {
			continue
		}
		if n := len(v.factor.levels); n > limit {
			return of(CodeTooManyLevels, v.column, "variable", v.label, "levels", n, "limit", limit)
		} else if n < 2 && !b.apply {
			return of(CodeOneLevel, v.column, "variable", v.label)
		}
	}
	layout := lay(e, b.variables)
	if e.intercept {
		d.Names = append(d.Names, interceptName)
	}
	starts := make([]int, len(layout))
	for j, l := range layout {
		if len(d.Names)+l.size > maxCoefficients {
			return of(CodeTooManyCells, "", "term", l.label, "cells", l.size)
		}
		starts[j] = len(d.Names)
		d.Names = append(d.Names, l.names...)
		d.Terms = append(d.Terms, l.term(starts[j]))
	}
	return b.compress(layout, starts)
}

func (l *laid) term(start int) Term {
	t := Term{Label: l.label}
	for k := range l.size {
		t.Coefs = append(t.Coefs, start+k)
	}
	for _, c := range l.factors {
		t.Factors = append(t.Factors, TermLevel{Variable: c.label, Levels: c.factor.levels})
	}
	for _, v := range l.numeric {
		t.Numeric = append(t.Numeric, v.label)
	}
	return t
}

// bin is a joint factor under way: the combinations of levels that occur, and the cell of each used row.
type bin struct {
	factors []coded
	cells   [][]uint32 // [cell][factor] level
	codes   []uint8
	set     bitset
}

// unit is the factors of one term that must share a bin; terms within it need no other.
type unit struct {
	factors []coded
	set     bitset
	size    int // cells at most
}

// compress puts terms of factors into joint factors and the others into dense columns.
//
// A joint factor holds at most Options.Cells cells, and only those that occur count. Terms are placed first
// fit, the widest first: each goes into the first joint factor that can take it. Fewer joint factors mean
// fewer look-ups a row in every pass of a fit.
func (b *builder) compress(layout []laid, starts []int) error {
	limit := b.options.Cells
	if limit < 2 || limit > maxCells {
		limit = maxCells
	}
	var wide []int
	units := gather(layout, nil, nil)
	var failed []bitset
	var bins []*bin
	scratch, room := make([]uint8, b.used), make([]uint8, b.used)
	for len(units) > 0 {
		u := units[0]
		units = units[1:]
		one, ok := b.fold(u, scratch, room, maxCells)
		if !ok { // an interaction with too many cells: its parts find their own places
			for j := range layout {
				if l := &layout[j]; l.set == u.set {
					wide = append(wide, j)
				}
			}
			failed = append(failed, u.set)
			placed := make([]bitset, len(bins))
			for k, x := range bins {
				placed[k] = x.set
			}
			units = gather(layout, placed, failed)
			continue
		}
		placed := false
		for _, have := range bins {
			if have.merge(one, limit) {
				placed = true
				break
			}
		}
		if !placed {
			bins = append(bins, one)
			scratch = make([]uint8, b.used)
		}
	}
	return b.fill(layout, starts, bins, wide)
}

// fold works out which combinations of a unit's levels occur and the cell of each used row, into codes. room
// is for the codes of one factor.
func (b *builder) fold(u unit, codes, room []uint8, limit int) (*bin, bool) {
	out := &bin{factors: u.factors, cells: [][]uint32{nil}, set: u.set}
	clear(codes)
	for _, c := range u.factors {
		width := len(c.factor.levels)
		occurs := make([]bool, len(out.cells)*width)
		c.factor.bytes(b.index, room)
		for n, l := range room {
			occurs[int(codes[n])*width+int(l)] = true
		}
		number := make([]uint8, len(occurs))
		var cells [][]uint32
		for key, yes := range occurs {
			if !yes {
				continue
			}
			if len(cells) == limit {
				return nil, false
			}
			number[key] = uint8(len(cells))
			cells = append(cells, append(slices.Clone(out.cells[key/width]), uint32(key%width)))
		}
		for n, l := range room {
			codes[n] = number[int(codes[n])*width+int(l)]
		}
		out.cells = cells
	}
	out.codes = codes
	return out, true
}

// merge adds another bin's factors to this one where the combinations that occur are few enough.
func (x *bin) merge(y *bin, limit int) bool {
	var occurs [maxCells * maxCells]bool
	for n, c := range x.codes {
		occurs[int(c)*maxCells+int(y.codes[n])] = true
	}
	number := make([]uint8, len(occurs))
	var cells [][]uint32
	for key, yes := range occurs {
		if !yes {
			continue
		}
		if len(cells) == limit {
			return false
		}
		number[key] = uint8(len(cells))
		cells = append(cells, slices.Concat(x.cells[key/maxCells], y.cells[key%maxCells]))
	}
	for n, c := range x.codes {
		x.codes[n] = number[int(c)*maxCells+int(y.codes[n])]
	}
	x.cells, x.factors, x.set = cells, slices.Concat(x.factors, y.factors), x.set.union(y.set)
	return true
}

// gather finds the units: the terms of factors alone that no other such term contains, widest first.
// Terms within a set of placed are taken care of; those in failed have too many cells.
func gather(layout []laid, placed, failed []bitset) []unit {
	var units []unit
	for j := len(layout) - 1; j >= 0; j-- { // terms are in order of size, so the containing ones come last
		l := &layout[j]
		if len(l.numeric) > 0 || slices.Contains(failed, l.set) || slices.ContainsFunc(placed, l.set.subsetOf) ||
			slices.ContainsFunc(units, func(u unit) bool { return l.set.subsetOf(u.set) }) {
			continue
		}
		u := unit{factors: l.factors, set: l.set, size: 1}
		for _, c := range l.factors {
			u.size *= len(c.factor.levels)
		}
		units = append(units, u)
	}
	slices.Reverse(units)
	slices.SortStableFunc(units, func(a, b unit) int { return b.size - a.size })
	return units
}

// fill writes the joint factors with their matrix rows, and the dense columns.
func (b *builder) fill(layout []laid, starts []int, bins []*bin, wide []int) error {
	d := b.design
	if len(bins) == 0 && b.terms.intercept {
		bins = []*bin{{cells: [][]uint32{nil}, codes: make([]uint8, b.used)}}
	}
	owner := make([]int, len(layout)) // the bin of each term, -1: dense
	for j := range layout {
		owner[j] = -1
		if len(layout[j].numeric) == 0 && !slices.Contains(wide, j) {
			owner[j] = slices.IndexFunc(bins, func(x *bin) bool { return layout[j].set.subsetOf(x.set) })
		}
	}
	for k, x := range bins {
		joint := Joint{Codes: x.codes, Cells: make([][]float64, len(x.cells))}
		first := map[int]int{} // term -> place of its first coefficient in the joint
		if k == 0 && b.terms.intercept {
			joint.Coefs = append(joint.Coefs, 0)
		}
		for j, l := range layout {
			if owner[j] != k {
				continue
			}
			first[j] = len(joint.Coefs)
			for c := range l.size {
				joint.Coefs = append(joint.Coefs, starts[j]+c)
			}
		}
		for c, levels := range x.cells {
			row := make([]float64, len(joint.Coefs))
			if k == 0 && b.terms.intercept {
				row[0] = 1
			}
			for j, start := range first {
				at := layout[j].coefficient(func(v int) int {
					return int(levels[slices.IndexFunc(x.factors, func(f coded) bool { return f.variable == v })])
				})
				if at >= 0 {
					row[start+at] = 1
				}
			}
			joint.Cells[c] = row
		}
		d.Fixed.Joints = append(d.Fixed.Joints, joint)
	}
	for j, l := range layout {
		if owner[j] >= 0 {
			continue
		}
		if len(l.factors) > 0 && int64(l.size)*int64(b.used)*8 > maxDenseBytes {
			return of(CodeTooManyCells, "", "term", l.label, "cells", l.size)
		}
		for k := range l.size {
			d.Fixed.Dense = append(d.Fixed.Dense, Dense{Coef: starts[j] + k, Values: b.column(l, k)})
		}
	}
	return nil
}
