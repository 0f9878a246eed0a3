package effect_test

import (
	"math"
	"testing"

	"waymark/stat/effect"
	"waymark/stat/formula"
)

// TestBetweenGroups: of twelve groups, region is a matter of groups and x of people. Region and the intercept
// leave ten degrees of freedom; the 97.5 % point of t with ten is 2.228139.
func TestBetweenGroups(t *testing.T) {
	var y, x []float64
	var group, region []string
	for i := range 240 {
		g := i % 12
		group = append(group, string(rune('a'+g)))
		region = append(region, []string{"north", "south"}[g/6])
		x, y = append(x, float64(i/12%2)), append(y, float64(i/24%2))
	}
	f := formula.NewFrame()
	for _, err := range []error{f.AddNumbers("y", y...), f.AddNumbers("x", x...), f.AddTexts("group", group...), f.AddTexts("region", region...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := formula.Parse("y ~ x + region + (1 | group)")
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Build(parsed, f, formula.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := effect.BetweenGroups(d)
	want := map[string]effect.Between{"(Intercept)": {Groups: 12, DF: 10}, "x": {}, "regionsouth": {Groups: 12, DF: 10}}
	for k, name := range d.Names {
		if got[k] != want[name] {
			t.Errorf("%s: %+v, want %+v", name, got[k], want[name])
		}
	}
	for _, c := range []struct {
		of   effect.Between
		want float64
	}{{effect.Between{}, 1.959964}, {effect.Between{Groups: 12, DF: 10}, 2.228139 * math.Sqrt(1.2)}} {
		if w := c.of.Width(0.95); math.Abs(w-c.want) > 1e-5 {
			t.Errorf("%+v reaches %.6f standard errors, want %.6f", c.of, w, c.want)
		}
	}
}
