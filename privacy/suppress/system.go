package suppress

import "math"

// system is a Problem on its way to being safe.
type system struct {
	counts []Count
	sums   []Sum
	terms  [][]int // per sum: its parts and its whole, the whole last
	out    []Output
	width  float64
	whole  bool // all counts are whole numbers, so a reader rounds his bounds inwards

	sumsOf  [][]int // per count: the sums it stands in
	outsOf  [][]int // per count: the outputs that tell it
	hidden  []bool  // per output
	told    []int   // per count: how many published outputs tell it
	guards  []bool  // per count: hidden in order to protect another
	given   []int   // sensitive counts that nothing can protect
	isGiven []bool
	isWhole []bool // per count: the whole of some sum

	round     int   // marks of around are of this round
	countMark []int // per count: the last round that met it
	sumMark   []int // per sum: likewise

	near      int            // size of a neighbourhood
	hides     int            // how often anything was hidden
	tried     map[int]int    // per sensitive count: hides when a joint proof was last looked for
	sensitive []int          // the sensitive counts
	proofs    map[int]*proof // per sensitive count: why it is safe
	singles   map[int]*proof // per sensitive count of one: why whoever is the one learns no other
}

func newSystem(p Problem, o Options) *system {
	n := len(p.Counts)
	s := &system{counts: p.Counts, sums: p.Sums, out: p.Outputs, width: o.Width, whole: true,
		sumsOf: make([][]int, n), outsOf: make([][]int, n), hidden: make([]bool, len(p.Outputs)),
		told: make([]int, n), guards: make([]bool, n), isGiven: make([]bool, n), isWhole: make([]bool, n),
		countMark: make([]int, n), sumMark: make([]int, len(p.Sums)),
		near: o.Near, hides: 1, tried: map[int]int{}, proofs: map[int]*proof{}, singles: map[int]*proof{}}
	for _, c := range p.Counts {
		if c.Value != math.Trunc(c.Value) {
			s.whole = false
		}
	}
	for r, sum := range p.Sums {
		s.isWhole[sum.Whole] = true
		s.terms = append(s.terms, append(append(make([]int, 0, len(sum.Parts)+1), sum.Parts...), sum.Whole))
		for _, k := range s.terms[r] {
			s.sumsOf[k] = append(s.sumsOf[k], r)
		}
	}
	for i, out := range p.Outputs {
		for _, k := range out.Tells {
			s.outsOf[k] = append(s.outsOf[k], i)
			s.told[k]++
		}
	}
	for i, out := range p.Outputs {
		if out.Unsafe {
			s.hide(i)
		}
	}
	for k, c := range p.Counts {
		if c.Sensitive {
			s.sensitive = append(s.sensitive, k)
			s.hideCount(k)
			if s.isKnown(k) { // a fixed output tells it
				s.isGiven[k] = true
				s.given = append(s.given, k)
			}
		}
	}
	return s
}

func (s *system) hide(i int) {
	if s.hidden[i] {
		return
	}
	s.hidden[i] = true
	s.hides++
	for _, k := range s.out[i].Tells {
		s.told[k]--
	}
}

func (s *system) show(i int) {
	if !s.hidden[i] {
		return
	}
	s.hidden[i] = false
	for _, k := range s.out[i].Tells {
		s.told[k]++
	}
}

// hideable says whether a published count can be made unknown.
func (s *system) hideable(k int) bool {
	if s.told[k] == 0 {
		return false
	}
	for _, i := range s.outsOf[k] {
		if s.out[i].Fixed {
			return false
		}
	}
	return true
}

// hideCount hides every output that tells count k, as far as that can be done.
func (s *system) hideCount(k int) {
	for _, i := range s.outsOf[k] {
		if !s.out[i].Fixed {
			s.hide(i)
		}
	}
}

func (s *system) isKnown(k int) bool { return s.told[k] > 0 }

func (s *system) known() []bool {
	known := make([]bool, len(s.counts))
	for k := range known {
		known[k] = s.isKnown(k)
	}
	return known
}

// cost is what is lost by making count k unknown.
func (s *system) cost(k int) float64 {
	total := 0.0
	for _, i := range s.outsOf[k] {
		if !s.hidden[i] {
			total += math.Max(s.out[i].Cost, 1e-3)
			if s.out[i].Cost == 0 {
				total++
			}
		}
	}
	if s.isWhole[k] {
		total *= 4 // a hidden total is missed more than a hidden part
	}
	return total
}

// loneliness counts the sums, other than from, in which k would be the only unknown: each would need a partner.
func (s *system) loneliness(k, from int) int {
	lonely := 0
	for _, r := range s.sumsOf[k] {
		if r == from {
			continue
		}
		alone := true
		for _, t := range s.terms[r] {
			if t != k && !s.isKnown(t) {
				alone = false
				break
			}
		}
		if alone {
			lonely++
		}
	}
	return lonely
}

// guard makes count k unknown in order to protect others.
func (s *system) guard(k int) {
	s.guards[k] = true
	s.hideCount(k)
}
