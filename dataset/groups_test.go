package dataset_test

import (
	"strings"
	"testing"

	"waymark/dataset"
)

func TestDropGroups(t *testing.T) {
	for name, c := range map[string]struct{ header, want string }{
		"slashes":        {"start a/age a/b/sex a/need a/need/food a/need/water end", "start age sex need need/food need/water end"},
		"hyphens":        {"start a-age a-b-sex KEY", "start age sex KEY"},
		"dots":           {"a.age a.sex KEY", "age sex KEY"},
		"name twice":     {"a/age b/age a/sex", "a/age b/age sex"},
		"no path shared": {"birth-date first.name and/or", "birth-date first.name and/or"},
		"name there":     {"a/age a/sex age", "a/age sex age"},
	} {
		t.Run(name, func(t *testing.T) {
			table := &dataset.Table{}
			for _, h := range strings.Fields(c.header) {
				column := dataset.NewNumber(h, []float64{0, 1})
				if strings.HasSuffix(h, "need") {
					column = dataset.NewCategory(h, []string{"food water", "food"})
				}
				if err := table.Add(column); err != nil {
					t.Fatal(err)
				}
			}
			got, was := dataset.DropGroups(table, dataset.FindSelects(table))
			if names := strings.Join(got.Names(), " "); names != c.want {
				t.Errorf("names %s, want %s", names, c.want)
			}
			for i, n := range got.Names() {
				if old := table.Names()[i]; n != old && was[n] != old {
					t.Errorf("%s was %s, want %s", n, was[n], old)
				}
			}
		})
	}
}
