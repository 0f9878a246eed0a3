package suppress

import (
	"math"
	"slices"
)

// closeSums applies the rule that can be seen in one sum alone, until no sum breaks it: an unknown that is
// to stay unknown is not the only unknown of a sum, and where the whole is known the unknown parts among
// which a sensitive count stands add to at least the width, since each can be bounded by what they add to.
// It is a cheap beginning, not the proof: that is the audit.
func (s *system) closeSums() {
	queue := make([]int, len(s.sums))
	waiting := make([]bool, len(s.sums))
	for r := range queue {
		queue[r], waiting[r] = r, true
	}
	for len(queue) > 0 {
		r := queue[0]
		queue = queue[1:]
		waiting[r] = false
		for {
			need, asks := s.wants(r)
			if !asks {
				break
			}
			k, ok := s.cheapest(r, need)
			if !ok {
				break // the audit sees whether the rest of the system protects it
			}
			before := slices.Clone(s.outsOf[k])
			s.guard(k)
			for _, i := range before {
				for _, t := range s.out[i].Tells {
					for _, other := range s.sumsOf[t] {
						if !waiting[other] {
							waiting[other] = true
							queue = append(queue, other)
						}
					}
				}
			}
		}
	}
}

// wants says whether sum r needs a further unknown, and how many people it must hold to be enough.
func (s *system) wants(r int) (need float64, asks bool) {
	unknown, held := 0, 0.0
	sensitive, kept := false, false
	sum := s.sums[r]
	for _, k := range sum.Parts {
		if s.isKnown(k) {
			continue
		}
		unknown++
		held += s.counts[k].Value
		sensitive = sensitive || s.counts[k].Sensitive && !s.isGiven[k]
		kept = kept || s.guards[k]
	}
	if !s.isKnown(sum.Whole) {
		unknown++
		held = math.Inf(1)
		sensitive = sensitive || s.counts[sum.Whole].Sensitive && !s.isGiven[sum.Whole]
		kept = kept || s.guards[sum.Whole]
	}
	if unknown == 1 && (sensitive || kept) {
		return math.Max(0, s.width-held), true
	}
	if sensitive && held < s.width {
		return s.width - held, true
	}
	return 0, false
}

// cheapest chooses a published count of sum r to hide: small loss, few further sums to mend, enough people.
func (s *system) cheapest(r int, need float64) (int, bool) {
	best, bestScore := -1, math.Inf(1)
	sum := s.sums[r]
	for _, k := range s.terms[r] {
		if !s.hideable(k) {
			continue
		}
		score := s.cost(k) * float64(1+2*s.loneliness(k, r))
		if k != sum.Whole && s.counts[k].Value < need {
			score *= 1.5
		}
		if k != sum.Whole && s.counts[k].Value == 0 {
			score *= 100 // a zero among known parts makes no room
		}
		if score < bestScore {
			best, bestScore = k, score
		}
	}
	return best, best >= 0
}

// repair looks for a proof of every sensitive count and hides more where there is none, until all have one.
// A proof once found stays one, since hiding takes nothing away from what may vary. It gives the number of rounds.
func (s *system) repair() int {
	for round := 1; ; round++ {
		var found []finding
		for _, k := range s.sensitive {
			if s.proofs[k] == nil && s.protects(k) {
				s.prove(k, s.near)
			}
		}
		for _, k := range s.sensitive {
			if s.proofs[k] == nil && s.protects(k) {
				s.proveJointly(k)
			}
			if s.proofs[k] == nil && s.protects(k) {
				found = append(found, finding{count: k, from: s.behind(k)})
			}
		}
		found = append(found, s.proveSingles()...)
		if len(found) == 0 {
			return round
		}
		for _, f := range found {
			s.mend(f)
		}
		s.closeSums()
	}
}

// mend hides one more count for a finding: one that bounds it, else one near it, else any that is left. With
// nothing left to hide, it notes that what is fixed gives the count away.
func (s *system) mend(f finding) {
	if f.mended(s) {
		return // what was hidden for another finding of this round may do for this one
	}
	best, bestScore := -1, math.Inf(1)
	consider := func(k int) {
		if !s.hideable(k) {
			return
		}
		if score := s.room(k) * s.cost(k) * float64(1+2*s.loneliness(k, -1)); score < bestScore {
			best, bestScore = k, score
		}
	}
	for _, k := range f.from {
		consider(k)
	}
	near := []func() region{
		func() region { return s.around(f.count, 1) },
		func() region { return s.around(f.count, s.near) },
		func() region { return s.reach(f.count) },
	}
	for _, where := range near {
		if best >= 0 {
			break
		}
		for _, r := range where().sums {
			for _, k := range s.terms[r] {
				consider(k)
			}
		}
	}
	if best >= 0 {
		s.guard(best)
		return
	}
	s.nothingLeft(f.count)
}

// nothingLeft settles a count around which all is hidden that can be. Where nothing at all is known of what
// hangs together with it, it is safe, for as long as that stays so: a reader who has the sums alone has no
// number to reckon with. Else what is fixed may give it away.
func (s *system) nothingLeft(k int) {
	c := s.reach(k)
	for _, r := range c.sums {
		for _, t := range s.terms[r] {
			if s.isKnown(t) {
				s.isGiven[k] = true
				s.given = append(s.given, k)
				return
			}
		}
	}
	p := &proof{moved: make(map[int]bool, len(c.counts))}
	for _, t := range c.counts {
		p.moved[t] = true
	}
	s.proofs[k], s.singles[k] = p, p
}

// room makes a count that holds few people a dear choice.
func (s *system) room(k int) float64 {
	switch v := s.counts[k].Value; {
	case v == 0:
		return 100
	case v < s.width:
		return 1.5
	default:
		return 1
	}
}
