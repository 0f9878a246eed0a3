package release

import (
	"maps"
	"slices"
	"strings"
)

// addNesting finds which named sets lie in which from their conditions. Sets that add one condition on the
// same variable to the same set ("sex=men", "sex=women" within "all") share nobody and are parts of it
// together; a set whose nearest known container lacks two conditions or more is a part of that one alone.
func (s *system) addNesting() {
	type split struct {
		whole    int
		variable string
	}
	parts := map[split][]int{}
	var order []split
	for _, name := range slices.Sorted(maps.Keys(s.named)) {
		if !s.spoken(name) || name == setAll {
			continue
		}
		conditions := strings.Split(name, "&")
		if len(conditions) > maxConditions {
			continue
		}
		for _, c := range s.containers(conditions) {
			if s.covered[[2]int{c.count, s.named[name]}] {
				continue
			}
			key := split{whole: c.count}
			if len(c.missing) == 1 {
				key.variable, _, _ = strings.Cut(c.missing[0], "=")
			} else {
				key.variable = name
			}
			if _, ok := parts[key]; !ok {
				order = append(order, key)
			}
			parts[key] = append(parts[key], s.named[name])
		}
	}
	for _, key := range order {
		if s.addParts(key.whole, parts[key]) {
			continue
		}
		for _, p := range parts[key] { // levels that overlap: each still lies in the whole
			s.addParts(key.whole, []int{p})
		}
	}
}

// maxConditions bounds the subsets looked through for one set.
const maxConditions = 10

type container struct {
	count   int
	missing []string // the conditions it lacks
}

// containers gives the nearest known sets that hold everybody who meets the conditions.
func (s *system) containers(conditions []string) []container {
	type found struct {
		mask uint
		container
	}
	var all []found
	for mask := range uint(1)<<len(conditions) - 1 { // every proper subset
		var kept, missing []string
		for i, c := range conditions {
			if mask&(1<<i) != 0 {
				kept = append(kept, c)
			} else {
				missing = append(missing, c)
			}
		}
		if k, ok := s.named[SetOf(kept...)]; ok {
			all = append(all, found{mask, container{k, missing}})
		}
	}
	var nearest []container
	for i, f := range all {
		inner := slices.ContainsFunc(all, func(g found) bool { return g.mask != f.mask && g.mask&f.mask == f.mask })
		if !inner {
			nearest = append(nearest, all[i].container)
		}
	}
	return nearest
}
