package suppress

import (
	"maps"
	"slices"
)

// restoreWork bounds the proofs that restore looks for: beyond it, only outputs on which no proof rests come back.
const restoreWork = 20000

// singleReach is how many unknown counts restore looks through for what a lone contributor may learn.
const singleReach = 200

// restore publishes again what turns out not to be needed: outputs hidden for protection, dearest first, where
// everything sensitive can still be proved safe without them. An output that a reader can work out anyway
// moves in no proof, and so always comes back: what stays hidden is not known exactly to him.
func (s *system) restore() {
	var again []int
	for i := range s.out {
		if s.hidden[i] && !s.out[i].Unsafe && !s.tellsSensitive(i) {
			again = append(again, i)
		}
	}
	loss := make([]float64, len(s.out))
	for _, i := range again {
		loss[i] = s.loss(i)
	}
	slices.SortStableFunc(again, func(a, b int) int {
		switch {
		case loss[a] > loss[b]:
			return -1
		case loss[a] < loss[b]:
			return 1
		}
		return 0
	})
	work := restoreWork
	for _, i := range again {
		s.tryShow(i, &work)
	}
}

func (s *system) tellsSensitive(i int) bool {
	return slices.ContainsFunc(s.out[i].Tells, s.protects)
}

func (s *system) loss(i int) float64 {
	loss := s.out[i].Cost
	for _, k := range s.out[i].Tells {
		if s.isWhole[k] {
			loss *= 4
		}
	}
	return loss
}

// tryShow publishes output i and looks for new proofs of what rested on its being hidden; where there is one
// without, it takes all back.
func (s *system) tryShow(i int, work *int) {
	var became []int
	for _, k := range s.out[i].Tells {
		if !s.isKnown(k) {
			became = append(became, k)
		}
	}
	rests := func(p *proof) bool {
		return p != nil && slices.ContainsFunc(became, func(k int) bool { return p.moved[k] })
	}
	var proofs, singles []int
	for _, k := range s.sensitive {
		if rests(s.proofs[k]) {
			proofs = append(proofs, k)
		}
		if rests(s.singles[k]) {
			singles = append(singles, k)
		}
	}
	if len(proofs)+len(singles) > *work {
		return
	}
	oldProofs, oldSingles := maps.Clone(s.proofs), maps.Clone(s.singles)
	s.show(i)
	for _, k := range proofs {
		delete(s.proofs, k)
	}
	for _, k := range singles {
		delete(s.singles, k)
	}
	back := func() {
		s.hide(i)
		s.proofs, s.singles = oldProofs, oldSingles
	}
	for _, k := range proofs {
		if s.proofs[k] != nil {
			continue
		}
		*work--
		if !s.prove(k, s.near) {
			back()
			return
		}
	}
	for _, k := range singles {
		*work--
		if _, ok := s.proveSingle(k, s.near); ok {
			continue
		}
		if _, ok := s.proveSingle(k, max(s.near, singleReach)); !ok {
			back()
			return
		}
	}
}
