package suppress

import "slices"

// restoreLimit bounds the work of restore: components with more unknown counts are left as repair made them.
const restoreLimit = 400

// restore publishes again what turns out not to be needed. An output hidden for protection comes back when
// the audit still passes with it, dearest first.
func (s *system) restore() {
	var again []int
	for i := range s.out {
		if s.hidden[i] && !s.out[i].Unsafe && !s.tellsSensitive(i) {
			again = append(again, i)
		}
	}
	slices.SortStableFunc(again, func(a, b int) int {
		switch ca, cb := s.loss(a), s.loss(b); {
		case ca > cb:
			return -1
		case ca < cb:
			return 1
		}
		return 0
	})
	for _, i := range again {
		if s.safeToShow(i) {
			continue
		}
		s.hide(i)
	}
	s.showProven()
}

// showProven publishes the outputs of large components that tell nothing a reader cannot prove already.
func (s *system) showProven() {
	for _, c := range s.components(s.allUnknown()) {
		m, n := len(c.sums), len(c.counts)
		if n <= restoreLimit || m == 0 || m*(m+n) > maxTableau {
			continue
		}
		t := newTableau(s, c)
		t.reachVertex()
		proven := make(map[int]bool)
		for j, k := range c.counts {
			if s.counts[k].Sensitive || len(s.outsOf[k]) == 0 {
				continue
			}
			wide := func() bool { return t.high[j]-t.low[j] > 1e-6 }
			t.walk(j, 1, wide)
			t.walk(j, -1, wide)
			proven[k] = !wide()
		}
		if !t.sound() {
			continue
		}
		for _, k := range c.counts {
			for _, i := range s.outsOf[k] {
				if s.hidden[i] && !s.out[i].Unsafe && s.allKnown(i, proven) {
					s.show(i)
				}
			}
		}
	}
}

func (s *system) allKnown(i int, proven map[int]bool) bool {
	for _, k := range s.out[i].Tells {
		if !s.isKnown(k) && !proven[k] {
			return false
		}
	}
	return true
}

func (s *system) tellsSensitive(i int) bool {
	for _, k := range s.out[i].Tells {
		if s.counts[k].Sensitive && !s.isGiven[k] {
			return true
		}
	}
	return false
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

// safeToShow publishes output i and audits what it touches; where that fails the caller hides it again.
func (s *system) safeToShow(i int) bool {
	size := 0
	for _, c := range s.components(s.out[i].Tells) {
		size = max(size, len(c.counts))
	}
	if size > restoreLimit {
		return false
	}
	s.show(i)
	var touched []int
	for _, k := range s.out[i].Tells {
		for _, r := range s.sumsOf[k] {
			for _, t := range terms(s.sums[r]) {
				if !s.isKnown(t) {
					touched = append(touched, t)
				}
			}
		}
	}
	for _, c := range s.components(touched) {
		if s.worthAudit(c) && len(s.audit(c)) > 0 {
			return false
		}
	}
	return true
}
