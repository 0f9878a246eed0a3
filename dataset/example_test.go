package dataset_test

import (
	"fmt"

	"waymark/dataset"
)

func ExampleBuilder() {
	b := dataset.NewBuilder(dataset.Field{Name: "paid", Kind: dataset.Category, Levels: []dataset.Level{{Code: "no"}, {Code: "yes"}}})
	b.Level("yes")
	b.Missing(dataset.Refused)
	b.Code(0)
	c := b.Column()
	for i := range c.Rows() {
		fmt.Printf("%q %q\n", c.Level(i), c.Missing(i))
	}
	// Output:
	// "yes" ""
	// "" "refused"
	// "no" ""
}

func ExampleTable_Tally() {
	t, err := dataset.NewTable("arrivals",
		dataset.NewCategory("route", []string{"Central", "Eastern", "Central", ""}),
		dataset.NewNumber("people", []float64{3, 10, 4, 1}))
	if err != nil {
		fmt.Println(err)
		return
	}
	where, err := dataset.ParseFilter("people < 10")
	if err != nil {
		fmt.Println(err)
		return
	}
	tally, err := t.Tally([]string{"route"}, []string{"people"}, where)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, n := range tally.Counts {
		route := tally.Groups.Columns[0]
		fmt.Printf("%q %v: %d groups, %v people\n", route.Level(i), route.Missing(i), n, tally.Sums[0].Sum[i])
	}
	// Output:
	// "Central" : 2 groups, 7 people
	// "" empty: 1 groups, 1 people
}
