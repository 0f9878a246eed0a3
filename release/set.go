package release

import (
	"slices"
	"strings"
)

// SetOf names the set of people that meet every condition: SetOf("sex=men", "route=central") is
// "route=central&sex=men" in whatever order they are given. No condition names everybody: "all".
// Conditions of one release must be written in one way ("variable=level"); Clear takes a set with more
// conditions to lie in a set with fewer of them.
func SetOf(conditions ...string) string {
	var kept []string
	for _, c := range conditions {
		if c != "" && c != setAll {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return setAll
	}
	slices.Sort(kept)
	return strings.Join(slices.Compact(kept), "&")
}

const setAll = "all"
