package simulate

import (
	"fmt"
	"math/rand/v2"

	"waymark/dataset"
)

// smallGroups says whether most people of a column stand in groups of fewer than so many, as in households:
// such groups have no counts that a draw may rest on.
func smallGroups(c *dataset.Column, people int) bool {
	in, all := 0, 0
	for _, n := range sizes(c) {
		all += n
		if n < people {
			in += n
		}
	}
	return 2*in > all
}

func sizes(c *dataset.Column) []int {
	n := make([]int, len(c.Levels))
	for i := range c.Rows() {
		if k := c.Code(i); k >= 0 {
			n[k]++
		}
	}
	return n
}

// inventGroups makes a column of groups that are nobody's, named g1, g2, ..., whose sizes are drawn from those of
// the real groups. A size that fewer than so many groups have is not drawn; nothing but sizes is taken over, so
// what the members of a real group have in common is lost. nil where no size is common enough.
func inventGroups(c *dataset.Column, rows, people int, r *rand.Rand) *dataset.Column {
	counts := map[int]int{}
	largest := 0
	for _, n := range sizes(c) {
		counts[n]++
		largest = max(largest, n)
	}
	of := make([]float64, largest+1)
	any := false
	for n := 1; n <= largest; n++ {
		if counts[n] >= people {
			of[n] = float64(counts[n])
			any = true
		}
	}
	if !any {
		return nil
	}
	size := weights(of...)
	b := dataset.NewBuilder(dataset.Field{Name: c.Name, Kind: dataset.Category, Labels: c.Labels, Class: c.Class})
	for group := 1; b.Rows() < rows; group++ {
		name := fmt.Sprintf("g%d", group)
		for range min(size.pick(r), rows-b.Rows()) {
			b.Level(name)
		}
	}
	return b.Column()
}
