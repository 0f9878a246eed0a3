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
	for _, k := range terms(sum) {
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

// repair audits and hides until nothing sensitive can be bounded closely. It gives the number of audits.
func (s *system) repair() int {
	dirty := s.allUnknown()
	for round := 1; ; round++ {
		var hidden []int
		for _, c := range s.components(dirty) {
			if !s.worthAudit(c) {
				continue
			}
			for _, f := range s.audit(c) {
				hidden = append(hidden, s.mend(c, f)...)
			}
		}
		if len(hidden) == 0 {
			return round
		}
		s.closeSums()
		dirty = s.allUnknown()
	}
}

// mend hides one more count for a finding, or, where nothing is left to hide, notes that the finding stands.
func (s *system) mend(c component, f finding) []int {
	if f.all && len(f.from) > 0 {
		for _, k := range f.from {
			s.guard(k)
		}
		return f.from
	}
	if f.mended(s) {
		return nil // what was hidden for another finding of this round may do for this one
	}
	best, bestScore := -1, math.Inf(1)
	consider := func(k int, factor float64) {
		if !s.hideable(k) {
			return
		}
		score := factor * s.cost(k) * float64(1+2*s.loneliness(k, -1))
		if score < bestScore {
			best, bestScore = k, score
		}
	}
	for _, k := range f.from {
		consider(k, s.room(k))
	}
	if best < 0 {
		for _, r := range c.sums {
			for _, k := range terms(s.sums[r]) {
				consider(k, s.room(k))
			}
		}
	}
	if best < 0 {
		if !s.isGiven[f.count] {
			s.isGiven[f.count] = true
			s.given = append(s.given, f.count)
		}
		return nil
	}
	s.guard(best)
	return []int{best}
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

func (s *system) allUnknown() []int {
	var list []int
	for k := range s.counts {
		if !s.isKnown(k) {
			list = append(list, k)
		}
	}
	return list
}
