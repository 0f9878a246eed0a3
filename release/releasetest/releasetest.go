// Package releasetest makes cleared tables for the tests of packages that show them. It knows release and
// testing; it must not know any package that publishes.
package releasetest

import (
	"testing"

	"waymark/release"
)

// MustClear clears drafts under a policy that holds nothing back, so that every number of the drafts shows.
func MustClear(t testing.TB, drafts ...release.Draft) []release.Cleared {
	t.Helper()
	return MustClearAt(t, 1, drafts...)
}

// MustClearAt clears drafts with a threshold, for tests of how a suppressed cell looks.
func MustClearAt(t testing.TB, minPeople release.Persons, drafts ...release.Draft) []release.Cleared {
	t.Helper()
	out, _, err := release.Clear(release.Policy{MinPeople: minPeople}, drafts)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
