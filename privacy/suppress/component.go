package suppress

// component is a set of unknown counts that hang together through sums, with those sums. What a reader can
// prove about one of its counts depends on no unknown outside it.
type component struct {
	counts []int
	sums   []int
}

// components gives the components that hold any of the counts asked for.
func (s *system) components(of []int) []component {
	seenCount := make([]bool, len(s.counts))
	seenSum := make([]bool, len(s.sums))
	var list []component
	for _, start := range of {
		if seenCount[start] || s.isKnown(start) {
			continue
		}
		var c component
		stack := []int{start}
		seenCount[start] = true
		for len(stack) > 0 {
			k := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
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
						stack = append(stack, t)
					}
				}
			}
		}
		list = append(list, c)
	}
	return list
}

// worthAudit says whether a component holds a count that must be protected and can be.
func (s *system) worthAudit(c component) bool {
	for _, k := range c.counts {
		if s.counts[k].Sensitive && !s.isGiven[k] {
			return true
		}
	}
	return false
}
