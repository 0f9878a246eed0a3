package release_test

import (
	"fmt"
	"testing"

	"waymark/release"
)

// Rows that show nothing stand after the others in the order of their codes, wherever their numbers belong.
func TestOrderTellsNothingOfHiddenRows(t *testing.T) {
	d := one("t", release.Count, people(7), people(30), people(4), people(60), people(9), people(200))
	d.Order = release.Order{Measure: "m"}
	cleared, _, err := release.Clear(release.Policy{}, []release.Draft{d})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, row := range cleared[0].Rows() {
		got += row.Heads[0].Code
	}
	if got != "531024" {
		t.Errorf("rows stand as %s", got)
	}
	d.Order.Measure = "nothing of that name"
	if _, _, err := release.Clear(release.Policy{}, []release.Draft{d}); err == nil {
		t.Error("an order by no measure was taken")
	}
}

// named is a table of a single count of a named set.
func named(key string, sets map[string]int) release.Draft {
	var cells []release.DraftCell
	for _, name := range []string{"a", "b", "c", "d"} {
		if n, ok := sets[name]; ok {
			c := people(n)
			c.Set = name
			cells = append(cells, c)
		}
	}
	return one(key, release.Count, cells...)
}

func states(c release.Cleared) string {
	out := ""
	for _, row := range c.Rows() {
		out += fmt.Sprint(row.Cells[0].State)[:2] + " "
	}
	return out
}

// Two tables without a common cell: a is b and some people in no table, c is d and the same people. Whether
// these are few is known to whoever subtracts, in either table.
func TestUnseenSetIsProtected(t *testing.T) {
	drafts := []release.Draft{named("one", map[string]int{"a": 104, "b": 100}), named("two", map[string]int{"c": 64, "d": 60})}
	open, _, err := release.Clear(release.Policy{}, drafts)
	if err != nil {
		t.Fatal(err)
	}
	if got := states(open[0]) + states(open[1]); got != "sh sh sh sh " {
		t.Fatalf("without a relation: %s", got)
	}
	drafts[0].Unseen = map[string]release.Persons{"silent": 4}
	drafts[0].Relations = []release.Relation{{Whole: "a", Parts: []string{"b", "silent"}}, {Whole: "c", Parts: []string{"d", "silent"}}}
	cleared, _, err := release.Clear(release.Policy{}, drafts)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cleared {
		if states(c) == "sh sh " {
			t.Errorf("table %s gives the difference away", c.Key())
		}
	}
}

// A number that every reader has cannot protect another: with the whole known, a part that is shown would
// give the small one away.
func TestKnownSetProtectsNothing(t *testing.T) {
	d := named("t", map[string]int{"a": 100, "b": 80, "c": 4, "d": 16})
	d.Relations = []release.Relation{{Whole: "a", Parts: []string{"b", "c", "d"}}}
	d.Known = map[string]release.Persons{"a": 100}
	cleared, _, err := release.Clear(release.Policy{}, []release.Draft{d})
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0
	for _, row := range cleared[0].Rows()[1:] {
		if row.Cells[0].State == release.Suppressed {
			hidden++
		}
	}
	if hidden < 2 {
		t.Errorf("%s: the one that is held back follows from what is known", states(cleared[0]))
	}
}

// Those in the base of a share who are not in its numerator may be the cell of another table.
func TestRestSetIsTheCellOfAnotherTable(t *testing.T) {
	s := share(60, 64)
	s.Set, s.EventSet, s.RestSet = "all", "yes", "no"
	big := share(50, 100)
	big.Set, big.EventSet, big.RestSet = "everyone", "some", "others"
	other := named("two", map[string]int{"a": 50})
	other.Rows[0].Cells[0].Set = "others"
	other.Rows[0].Cells[0].Value, other.Rows[0].Cells[0].Base = 51, 51
	if _, _, err := release.Clear(release.Policy{}, []release.Draft{one("one", release.Share, s, big), other}); err == nil {
		t.Error("a set of two numbers was taken")
	}
}
