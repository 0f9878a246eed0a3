package suppress

import "math"

const (
	// defaultNear is the size of the neighbourhood in which a proof is looked for first, in unknown counts.
	defaultNear = 60
	// wideFactor and largeFactor times that are the sizes looked through where a whole component is too large:
	// for what a lone contributor may learn, and for proofs of many counts at once.
	wideFactor, largeFactor = 5, 12
	// maxTableau bounds the entries of one linear program's table, 8 bytes each.
	maxTableau = 4 << 20
	// checkEvery is after how many exchanges the arithmetic is checked against the sums.
	checkEvery = 60
)

// A proof shows that a sensitive count is safe: there are tables with all the published numbers among which
// it varies widely enough. They differ from the truth in the counts moved only, and so the proof holds for
// as long as none of those is published, whatever else is hidden or shown.
type proof struct {
	moved map[int]bool
}

// finding is a sensitive count for which there is no proof, and published counts that may stand in its way.
type finding struct {
	count int
	from  []int
}

// mended says whether something that led to the finding has been hidden since.
func (f finding) mended(s *system) bool {
	for _, k := range f.from {
		if !s.isKnown(k) {
			return true
		}
	}
	return false
}

// region is a set of unknown counts with every sum in which one of them stands. The audit of a region holds
// all other unknown counts at their true values. A reader does not know those, so that whatever may vary in
// the region may vary for him: a region proves a count safe, and only one that reaches to the last
// unknown could prove it unsafe. Where no region of reasonable size has a proof, the count counts as unsafe
// (invariant 2).
type region struct {
	counts []int
	sums   []int
	entire bool // it reaches to the last unknown count that hangs together with its first
}

// around gives a region of at most so many counts near count k, k first. It grows by the count that brings
// fewest further sums with it, so that the ways to shift people between cells close early, and among those by
// the one with most people, which has most room to shift.
func (s *system) around(k, size int) region {
	var c region
	s.round++
	s.countMark[k] = s.round
	var edge []int
	for next := k; ; {
		c.counts = append(c.counts, next)
		for _, r := range s.sumsOf[next] {
			if s.sumMark[r] == s.round {
				continue
			}
			s.sumMark[r] = s.round
			c.sums = append(c.sums, r)
			for _, t := range s.terms[r] {
				if s.countMark[t] != s.round && !s.isKnown(t) {
					s.countMark[t] = s.round
					edge = append(edge, t)
				}
			}
		}
		c.entire = len(edge) == 0
		if c.entire || len(c.counts) >= size {
			return c
		}
		best, fewest := 0, math.MaxInt
		for i, t := range edge {
			brings := 0
			for _, r := range s.sumsOf[t] {
				if s.sumMark[r] != s.round {
					brings++
				}
			}
			if brings < fewest || brings == fewest && s.counts[t].Value > s.counts[edge[best]].Value {
				best, fewest = i, brings
			}
		}
		next = edge[best]
		edge = append(edge[:best], edge[best+1:]...)
	}
}

// reach gives the region of all unknown counts that hang together with count k.
func (s *system) reach(k int) region {
	c := region{counts: []int{k}, entire: true}
	s.round++
	s.countMark[k] = s.round
	for i := 0; i < len(c.counts); i++ {
		for _, r := range s.sumsOf[c.counts[i]] {
			if s.sumMark[r] == s.round {
				continue
			}
			s.sumMark[r] = s.round
			c.sums = append(c.sums, r)
			for _, t := range s.terms[r] {
				if s.countMark[t] != s.round && !s.isKnown(t) {
					s.countMark[t] = s.round
					c.counts = append(c.counts, t)
				}
			}
		}
	}
	return c
}

// protects says whether count k is one that must be protected, and can be.
func (s *system) protects(k int) bool {
	return s.counts[k].Sensitive && !s.isGiven[k]
}

// prove looks for a proof for sensitive count k in the region of so many counts around it, and keeps it with
// those for other counts that turn up beside it.
func (s *system) prove(k, size int) bool {
	t := newTableau(s, s.around(k, size), lean)
	t.reachVertex()
	if t.bound(0) && t.sound() {
		t.keepProofs()
		return true
	}
	return false
}

// proveJointly looks for a proof for count k in as large a region as can be dealt with, and while it is at it
// for every other count of the region that has none.
func (s *system) proveJointly(k int) {
	if s.tried[k] == s.hides {
		return // looked for since anything was hidden last
	}
	c := s.reach(k)
	if len(c.sums)*len(c.counts) > maxTableau {
		c = s.around(k, largeFactor*s.near)
	}
	var list []int
	for j, other := range c.counts {
		if s.proofs[other] == nil && s.protects(other) && s.tried[other] != s.hides {
			list = append(list, j)
			s.tried[other] = s.hides
		}
	}
	t := newTableau(s, c, lean)
	t.reachVertex()
	checked, again := 0, false // list[:checked] is settled
	for i := 0; i < len(list); i++ {
		t.bound(list[i])
		if t.steps < checkEvery && i < len(list)-1 {
			continue
		}
		if t.sound() {
			t.keepProofs()
			t.steps, checked, again = 0, i+1, false
			continue
		}
		// the arithmetic has drifted: begin again from the truth, once for the same counts
		t = newTableau(s, c, lean)
		t.reachVertex()
		if again {
			checked, again = i+1, false
			continue
		}
		i, again = checked-1, true
	}
}

// behind gives the published counts that bound count k as far as can be seen from near by.
func (s *system) behind(k int) []int {
	t := newTableau(s, s.around(k, s.near), tracing)
	t.reachVertex()
	return t.blame(0)
}

// keepProofs notes every sensitive count of the region that was seen to vary enough.
func (t *tableau) keepProofs() {
	p := &proof{moved: map[int]bool{}}
	for j, k := range t.c.counts {
		if t.low[j] < t.high[j] {
			p.moved[k] = true
		}
		if t.s.proofs[k] == nil && t.s.protects(k) && t.s.wide(t.low[j], t.high[j]) {
			t.s.proofs[k] = p
		}
	}
}

// wide says whether an interval is wide enough, its ends rounded inwards where counts are whole.
func (s *system) wide(low, high float64) bool {
	return s.span(low, high) >= s.width
}

func (s *system) span(low, high float64) float64 {
	if math.IsInf(high, 1) {
		return high
	}
	if s.whole {
		return math.Floor(high+1e-6) - math.Ceil(low-1e-6)
	}
	return high - low + 1e-9
}
