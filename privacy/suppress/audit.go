package suppress

import "math"

// The sizes of the neighbourhoods in which the audit looks for a proof, in unknown counts.
const (
	nearby = 60
	wider  = 300
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

// around gives the region of about so many counts nearest to count k, k first.
func (s *system) around(k, size int) region {
	c := region{entire: true}
	seenCount, seenSum := map[int]bool{k: true}, map[int]bool{}
	queue := []int{k}
	for len(queue) > 0 {
		k := queue[0]
		queue = queue[1:]
		if len(c.counts) >= size {
			c.entire = false
			break
		}
		c.counts = append(c.counts, k)
		for _, r := range s.sumsOf[k] {
			if seenSum[r] {
				continue
			}
			seenSum[r] = true
			c.sums = append(c.sums, r)
			for _, t := range terms(s.sums[r]) {
				if !seenCount[t] && !s.isKnown(t) {
					seenCount[t] = true
					queue = append(queue, t)
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

// prove looks for a proof for sensitive count k in regions up to the size, and keeps it, with those for
// other counts that turn up beside it.
func (s *system) prove(k, size int) (finding, bool) {
	if s.isKnown(k) {
		return finding{count: k}, false
	}
	var f finding
	for _, limit := range []int{nearby, wider} {
		if limit > size {
			break
		}
		c := s.around(k, limit)
		t := newTableau(s, c)
		t.reachVertex()
		from, narrow := t.bound(0)
		f = finding{count: k, from: from}
		if !narrow && t.sound() {
			t.keepProofs()
			return f, true
		}
		if c.entire {
			break
		}
	}
	return f, false
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
