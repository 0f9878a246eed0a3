package release_test

import (
	"slices"
	"testing"

	"waymark/release"
	"waymark/release/releasetest"
)

// Rows stand by their number, those that show none after them by code, then what is to stand last, then totals.
func TestOrderOfClearedRows(t *testing.T) {
	d := release.Draft{Key: "places", Dims: []release.Dim{{Name: "country", Labels: release.Labels{"en": "Country", "fr": "Pays"}}},
		Measures: []release.Measure{{Name: "events", Labels: release.Labels{"en": "Events", "fr": "Faits"}, Form: release.Count}},
		Order:    release.Order{Measure: "events", Last: []string{"other", "unknown"}}}
	for _, row := range []struct {
		code string
		n    int
	}{{"unknown", 900}, {"b", 40}, {"total", 1500}, {"d", 2}, {"other", 300}, {"c", 3}, {"a", 260}} {
		d.Rows = append(d.Rows, release.DraftRow{Heads: []release.Head{{Code: row.code, Labels: release.Labels{"en": row.code, "fr": row.code}}}, Total: row.code == "total",
			Cells: []release.DraftCell{{Value: float64(row.n), Base: release.Persons(row.n), Events: release.Persons(row.n)}}})
	}
	var got []string
	for _, row := range releasetest.MustClear(t, d)[0].Rows() {
		got = append(got, row.Heads[0].Code)
	}
	if want := []string{"a", "b", "c", "d", "other", "unknown", "total"}; !slices.Equal(got, want) {
		t.Errorf("rows stand as %v, want %v", got, want)
	}
}
