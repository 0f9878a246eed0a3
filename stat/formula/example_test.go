package formula_test

import (
	"fmt"

	"waymark/stat/formula"
)

// The columns may come from any table; a Frame holds them in memory.
func Example() {
	columns := formula.NewFrame()
	_ = columns.AddNumbers("hurt", 0, 1, 0, 1, 1, 0)
	_ = columns.AddNumbers("age", 20, 31, 18, 25, 40, 22)
	_ = columns.AddTexts("route", "eastern", "central", "eastern", "central", "", "central")
	_ = columns.AddTexts("country", "A", "B", "A", "C", "C", "B")

	f, err := formula.Parse("hurt ~ route + I(age^2) + (1 | country)")
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := formula.Build(f, columns, formula.Options{
		Levels: map[string][]string{"route": {"eastern", "central"}}, // the first is the reference
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Names)
	fmt.Println("rows read", d.Read, "used", d.Used, "dropped", d.Dropped)
	fmt.Println(d.Random[0].Label, d.Random[0].Levels)
	// Output:
	// [(Intercept) routecentral I(age^2)]
	// rows read 6 used 5 dropped [{route 1}]
	// country [A B C]
}

// A mistake in a formula names the place, counted in characters.
func ExampleParse_mistake() {
	_, err := formula.Parse("hurt ~ route + (age")
	fmt.Println(err)
	// Output: formula.unclosed at column 16 open=(
}
