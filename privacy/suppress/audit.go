package suppress

import (
	"math"
	"slices"
)

// maxTableau bounds the entries of one linear program's table (8 bytes each). A component beyond it is not
// proved safe but hidden whole, sums and all.
const maxTableau = 24 << 20

// finding is a sensitive count that a reader can bound too closely, and the published counts that let him.
type finding struct {
	count int
	from  []int
	all   bool // hide all of from, not the cheapest
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

// audit gives a finding for each sensitive count of the component that the published counts bound more
// closely than the width, or that the one person behind another sensitive count could work out. Where the
// component is too large or its arithmetic not sound, it blames every published count around.
func (s *system) audit(c component) []finding {
	if len(c.sums) == 0 {
		return nil // nothing is known to hold for these counts
	}
	if len(c.sums)*(len(c.counts)+len(c.sums)) > maxTableau {
		return s.doubt(c)
	}
	var found []finding
	t := newTableau(s, c)
	t.reachVertex()
	failed := make(map[int]bool)
	for j, k := range c.counts {
		if !s.counts[k].Sensitive || s.isGiven[k] {
			continue
		}
		if from, narrow := t.bound(j); narrow {
			found = append(found, finding{count: k, from: from})
			failed[k] = true
		}
	}
	if !t.sound() {
		return s.doubt(c)
	}
	for _, f := range s.singletons(c) {
		if !failed[f.count] {
			found = append(found, f)
		}
	}
	return found
}

// doubt is the audit's answer where it can prove nothing: one finding, about the first sensitive count, that
// asks for everything published around the component to be hidden. With nothing known there is nothing to find.
func (s *system) doubt(c component) []finding {
	var from []int
	known := false
	for _, r := range c.sums {
		for _, t := range terms(s.sums[r]) {
			known = known || s.isKnown(t)
			if s.hideable(t) {
				from = append(from, t)
			}
		}
	}
	if !known {
		return nil
	}
	slices.Sort(from)
	from = slices.Compact(from)
	for _, k := range c.counts {
		if s.counts[k].Sensitive && !s.isGiven[k] {
			return []finding{{count: k, from: from, all: true}}
		}
	}
	return nil
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
