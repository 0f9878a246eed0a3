package suppress_test

import (
	"fmt"

	"waymark/privacy/suppress"
)

// Three counts and their total. The count of 4 is unsafe; with the total published, one more must go.
func ExampleProtect() {
	p := suppress.Problem{
		Counts: []suppress.Count{{Value: 4, Sensitive: true}, {Value: 25}, {Value: 70}, {Value: 99}},
		Sums:   []suppress.Sum{{Whole: 3, Parts: []int{0, 1, 2}}},
		Outputs: []suppress.Output{
			{Tells: []int{0}, Unsafe: true}, {Tells: []int{1}, Cost: 2}, {Tells: []int{2}, Cost: 3}, {Tells: []int{3}, Cost: 4}},
	}
	res, err := suppress.Protect(p, suppress.Options{Width: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Hidden)
	// Output: [true true false false]
}
