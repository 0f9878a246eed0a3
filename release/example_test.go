package release_test

import (
	"fmt"

	"waymark/release"
)

// Two tables of one release: people by route, and by sex on one route. Four men on the eastern route are too
// few to be shown, and so the numbers that would give them away are held back too.
func ExampleClear() {
	n := func(people int, conditions ...string) release.DraftRow {
		name := release.SetOf(conditions...)
		return release.DraftRow{Heads: []release.Head{{Code: name}},
			Cells: []release.DraftCell{{Value: float64(people), Base: release.Persons(people), Set: name}}}
	}
	count := []release.Measure{{Name: "n", Form: release.Count}}
	drafts := []release.Draft{
		{Key: "by-route", Dims: []release.Dim{{Name: "route"}}, Measures: count,
			Rows: []release.DraftRow{n(120, "route=central"), n(40, "route=eastern"), n(160)}},
		{Key: "eastern-by-sex", Dims: []release.Dim{{Name: "sex"}}, Measures: count,
			Rows: []release.DraftRow{n(4, "route=eastern", "sex=men"), n(36, "route=eastern", "sex=women")}},
	}
	cleared, _, err := release.Clear(release.Policy{}, drafts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cleared {
		for i, row := range c.Rows() {
			cell := c.At(i, 0)
			fmt.Println(c.Key(), row.Heads[0].Code, cell.State, cell.Value)
		}
	}
	// Output:
	// by-route route=central shown 120
	// by-route route=eastern shown 40
	// by-route all shown 160
	// eastern-by-sex route=eastern&sex=men suppressed 0
	// eastern-by-sex route=eastern&sex=women suppressed 0
}
