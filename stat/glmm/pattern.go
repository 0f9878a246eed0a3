package glmm

import "slices"

// pattern is where the matrix H = L'Z'WZL + I of the random effects can be non-zero. Effects are numbered factor by
// factor: first the chain (each factor nested in the next), then the dense rest of m effects. A node is one level
// of a chain factor. Its columns are its ancestors' effects, in the order of the chain, then the effects of the
// dense rest it meets in some cell; eliminating it fills nothing outside this pattern.
type pattern struct {
	q      []int // effects a level, of each chain factor
	levels []int
	start  []int // first effect of each chain factor
	m      int   // effects of the dense rest
	base   int   // first effect of the dense rest

	up       []int       // ancestor effects of a node, by chain factor
	ancestor [][][]int32 // [d][e][level of d]: its ancestor in chain factor e > d
	meets    [][]int32   // [d]: effects of the dense rest that each node meets, ascending, node after node
	from     [][]int32   // [d][level]: where a node's part of meets begins; one more entry at the end
	place    [][][]int32 // [d][e]: where each entry of meets[d] stands in that of the ancestor in e
	pair     []pairAt    // by cell, where there are just two crossed factors of one effect each; else nil
	cellAt   [][][]int32 // [d][k][cell]: where dense factor k (counted from 0) stands in meets of the cell's node
}

// pairAt is where one cell of two crossed scalar factors stands: in d[0], in b[0] and on the diagonal of s.
type pairAt struct{ node, cross, rest int32 }

// columns is the number of columns of a node.
func (s *pattern) columns(d int, level int32) int {
	return s.up[d] + int(s.from[d][level+1]-s.from[d][level])
}

// offset is where a node's q x columns block begins in blocks.b.
func (s *pattern) offset(d int, level int32) int {
	return s.q[d] * (int(level)*s.up[d] + int(s.from[d][level]))
}

// upTo is the first of a node's columns that belongs to its ancestor in chain factor e.
func (s *pattern) upTo(d, e int) int {
	at := 0
	for k := d + 1; k < e; k++ {
		at += s.q[k]
	}
	return at
}

// newPattern reads the pattern off the cells. Cells of every node lie together because rows are sorted so.
func newPattern(p *problem) *pattern {
	s := &pattern{}
	for d := range p.chain {
		f := &p.factors[d]
		s.q, s.levels, s.start = append(s.q, f.q), append(s.levels, f.levels), append(s.start, f.start)
	}
	s.base = p.effects
	if p.chain < len(p.factors) {
		s.base = p.factors[p.chain].start
	}
	s.m = p.effects - s.base
	s.up = make([]int, p.chain)
	for d := range s.up {
		s.up[d] = s.upTo(d, p.chain)
	}
	for d := range p.chain {
		s.addMeetings(p, d)
	}
	s.addPlaces(p)
	if len(p.factors) == 2 && p.chain == 1 && p.width == 2 {
		s.pair = make([]pairAt, p.cells())
		for c := range s.pair {
			node, rest := p.cellLevel[0][c], p.cellLevel[1][c]
			s.pair[c] = pairAt{node, int32(s.offset(0, node)) + s.cellAt[0][0][c], rest*int32(s.m) + rest}
		}
	}
	return s
}

// addMeetings fills meets, from and cellAt of one chain factor.
func (s *pattern) addMeetings(p *problem, d int) {
	levels := p.cellLevel[d]
	rest := p.factors[p.chain:]
	at := make([][]int32, len(rest))
	for k := range at {
		at[k] = make([]int32, p.cells())
	}
	stamp, position := make([]int32, s.m), make([]int32, s.m)
	lists := make([][]int32, s.levels[d])
	for c := 0; c < p.cells(); {
		end := c
		for end < p.cells() && levels[end] == levels[c] {
			end++
		}
		var list []int32
		for k := range rest {
			f := &rest[k]
			for _, l := range p.cellLevel[p.chain+k][c:end] {
				for r := range f.q {
					e := int32(f.start - s.base + int(l)*f.q + r)
					if stamp[e] != int32(c+1) {
						stamp[e] = int32(c + 1)
						list = append(list, e)
					}
				}
			}
		}
		slices.Sort(list)
		for i, e := range list {
			position[e] = int32(i)
		}
		for k := range rest {
			f := &rest[k]
			for x := c; x < end; x++ {
				at[k][x] = position[f.start-s.base+int(p.cellLevel[p.chain+k][x])*f.q]
			}
		}
		lists[levels[c]] = list
		c = end
	}
	from := make([]int32, s.levels[d]+1)
	var meets []int32
	for l, list := range lists {
		meets = append(meets, list...)
		from[l+1] = int32(len(meets))
	}
	s.meets, s.from, s.cellAt = append(s.meets, meets), append(s.from, from), append(s.cellAt, at)
}

// addPlaces fills ancestor and place.
func (s *pattern) addPlaces(p *problem) {
	s.ancestor, s.place = make([][][]int32, p.chain), make([][][]int32, p.chain)
	position := make([]int32, s.m)
	for d := range p.chain {
		s.ancestor[d], s.place[d] = make([][]int32, p.chain), make([][]int32, p.chain)
		for e := d + 1; e < p.chain; e++ {
			parent := make([]int32, s.levels[d])
			for c, l := range p.cellLevel[d] {
				parent[l] = p.cellLevel[e][c]
			}
			place := make([]int32, len(s.meets[d]))
			// Nodes in the order of cells, so that each ancestor's positions are laid out once.
			current, last := int32(-1), int32(-1)
			for c, l := range p.cellLevel[d] {
				if l == last {
					continue
				}
				last = l
				if a := p.cellLevel[e][c]; a != current {
					current = a
					for i, x := range s.meets[e][s.from[e][a]:s.from[e][a+1]] {
						position[x] = int32(i)
					}
				}
				for i := s.from[d][l]; i < s.from[d][l+1]; i++ {
					place[i] = position[s.meets[d][i]]
				}
			}
			s.ancestor[d][e], s.place[d][e] = parent, place
		}
	}
}
