package release_test

import (
	"encoding/json"
	"math"
	"testing"

	"waymark/release"
)

// FuzzClear makes drafts of bytes: whatever they hold, Clear gives an error or tables in which no small count
// is shown, and both can be written.
func FuzzClear(f *testing.F) {
	f.Add([]byte{3, 10, 4, 25, 70, 99, 0, 3, 1, 2}, 0.5)
	f.Add([]byte{2, 1, 0, 0}, math.Inf(1))
	f.Add([]byte{9, 200, 255, 255, 1, 1, 1, 1, 1, 1, 7, 7}, math.NaN())
	f.Fuzz(func(t *testing.T, data []byte, odd float64) {
		next := func() int {
			if len(data) == 0 {
				return 0
			}
			b := data[0]
			data = data[1:]
			return int(b)
		}
		rows := next() % 12
		policy := release.Policy{MinPeople: release.Persons(next()%20 - 2)}
		sets := []string{"", "", "all", "sex=a", "sex=b", "route=a&sex=a", "other"}
		d := release.Draft{Key: "t", Dims: []release.Dim{{Name: "d"}},
			Measures: []release.Measure{{Name: "n", Form: release.Count}, {Name: "s", Form: release.Share}, {Name: "r", Form: release.Real}}}
		for range rows {
			n, e := next(), next()
			d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: "x"}}, Cells: []release.DraftCell{
				{Value: float64(n), Base: release.Persons(n), Set: sets[next()%len(sets)]},
				{Value: float64(e) / 255, Base: release.Persons(n), Events: release.Persons(e - 1), EventSet: sets[next()%len(sets)]},
				{Value: odd, Base: release.Persons(n), Events: -1}}})
		}
		d.Sums = []release.Sum{{Whole: next() % 14, Parts: []int{next() % 14, next() % 14}}}
		d.Relations = []release.Relation{{Whole: "all", Parts: []string{"sex=a", "other"}}}
		cleared, rec, err := release.Clear(policy, []release.Draft{d})
		if err != nil {
			return
		}
		least := float64(policy.Resolved().MinPeople)
		for r := range rows {
			if c := cleared[0].At(r, 0); c.State == release.Shown && c.Value > 0 && c.Value < least {
				t.Errorf("row %d shows a count below the threshold", r)
			}
		}
		if _, err := json.Marshal(cleared); err != nil {
			t.Error(err)
		}
		if _, err := json.Marshal(rec); err != nil {
			t.Error(err)
		}
	})
}
