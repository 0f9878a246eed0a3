package csv_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/dataset"
	"waymark/dataset/csv"
)

func read(t *testing.T, text string, o csv.Options) *dataset.Loaded {
	t.Helper()
	l, err := csv.Read(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func reference(t *testing.T, path string) *os.File {
	t.Helper()
	root := os.Getenv("WAYMARK_REFERENCE")
	if root == "" {
		t.Skip("WAYMARK_REFERENCE is not set: " + path + " skipped")
	}
	f, err := os.Open(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestReferenceMalawi(t *testing.T) {
	f := reference(t, "data/displacement/dtm-terms-unstated/malawi-dtm-location-survey-2024.csv")
	l, err := csv.Read(f, csv.Options{ReadOptions: dataset.ReadOptions{Document: "malawi.csv", Missing: dataset.MissingCodes{
		"NULL": dataset.NotAsked, "NaT": dataset.NotAsked, "dnk": dataset.Unknown, "pnta": dataset.Refused}}})
	if err != nil {
		t.Fatal(err)
	}
	if a := l.Accounts; a.Read != 776 || a.Loaded != 776 || a.Listed != 0 {
		t.Errorf("accounts %d read, %d loaded, %d listed", a.Read, a.Loaded, a.Listed)
	}
	for name, want := range map[string]float64{"m0310_loc_num_idp_ind": 139312, "m2968_loc_num_men_idp": 35568,
		"m2969_loc_num_women_idp": 50581, "m2970_loc_num_children_idp": 53163} {
		sum := 0.0
		c := l.Table.Column(name)
		for i := range c.Rows() {
			if c.Missing(i) == dataset.Present {
				sum += c.Number(i)
			}
		}
		if sum != want {
			t.Errorf("%s: %v, want %v", name, sum, want)
		}
	}
}
