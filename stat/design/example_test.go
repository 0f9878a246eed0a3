package design_test

import (
	"fmt"

	"waymark/stat/design"
	"waymark/stat/formula"
)

// Interviews at flow monitoring points: point-days drawn within regions, a weight for each interview.
func Example() {
	columns := formula.NewFrame()
	_ = columns.AddTexts("region", "north", "north", "north", "north", "south", "south", "south", "south")
	_ = columns.AddNumbers("point_day", 1, 1, 2, 2, 3, 3, 4, 4)
	_ = columns.AddNumbers("weight", 40, 40, 25, 25, 10, 10, 15, 15)
	_ = columns.AddNumbers("group_size", 3, 5, 2, 4, 1, 2, 6, 3)
	_ = columns.AddTexts("onward", "yes", "no", "yes", "yes", "no", "yes", "no", "no")

	s, err := design.New(columns, design.Options{Strata: []string{"region"}, Clusters: []string{"point_day"}, Weights: "weight"})
	if err != nil {
		fmt.Println(err)
		return
	}
	size, _ := s.Numbers("group_size")
	mean, err := s.Means(size)
	if err != nil {
		fmt.Println(err)
		return
	}
	i := mean.Interval(0, 0.95)
	fmt.Printf("mean group size %.2f (error %.2f, %.2f to %.2f), design effect %.2f\n", mean.Value[0], mean.SE(0), i.Low, i.High, mean.Deff[0])
	onward, _ := s.Levels("onward")
	share, _ := s.Means(onward...)
	i = share.Share(0, design.Logit, 0.95)
	fmt.Printf("%s %.2f (%.2f to %.2f)\n", share.Names[0], share.Value[0], i.Low, i.High)
	// Output:
	// mean group size 3.53 (error 0.53, 1.26 to 5.79), design effect 1.06
	// onward=yes 0.56 (0.06 to 0.96)
}
