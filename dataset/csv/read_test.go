package csv_test

import (
	"bytes"
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
	reason, kinds := l.Table.Column("m0329_loc_reason_disp_idp"), l.Table.Column("s1534_loc_loc_access")
	if n := reason.MissingCount(); n[dataset.NotAsked] != 332 || n[dataset.Empty] != 0 {
		t.Errorf("reasons missing: %v", n)
	}
	if n := kinds.MissingCount(); n[dataset.Unknown] != 1 || n[dataset.NotAsked] != 0 {
		t.Errorf("access missing: %v", n)
	}
	if d := l.Table.Column("m1727_loc_main_group_arrival_date"); d.Kind != dataset.Date || d.MissingCount()[dataset.NotAsked] != 332 {
		t.Errorf("day of arrival: %v", d)
	}
	if len(l.Selects) != 3 || len(l.Selects[0].Options) != 36 {
		t.Errorf("%d questions with several answers", len(l.Selects))
	}
	// Written and read back it is the same table, its missing kinds by their companion columns.
	var b bytes.Buffer
	if err := csv.Write(&b, l.Table, csv.WriteOptions{Formulas: csv.Kept}); err != nil {
		t.Fatal(err)
	}
	kindsOf := map[string]dataset.Kind{}
	for _, c := range l.Table.Columns {
		kindsOf[c.Name] = c.Kind
	}
	again, err := csv.Read(&b, csv.Options{ReadOptions: dataset.ReadOptions{Kinds: kindsOf}})
	if err != nil || !again.Table.Equal(l.Table) {
		t.Errorf("written and read back it is another table: %v", err)
	}
}

// TestReferenceFiles reads real files of the field whole: every row is loaded, and columns that hold numbers
// become numbers.
func TestReferenceFiles(t *testing.T) {
	reference(t, "data/README.md")
	cases := []struct {
		path    string
		rows    int
		numbers []string
		texts   []string // categories or texts
	}{
		{"data/displacement/idmc-displacement-by-country-year-hxl.csv", 1712, []string{"Year", "Conflict Stock Displacement"}, []string{"ISO3"}},
		{"data/displacement/somalia-cccm-idp-site-list-2021.csv", 3237, []string{"HH", "Ind", "Latitude"}, []string{"CCCM IDP Site Code"}},
		{"data/conflict/ucdp-ged-bangladesh-hxl.csv", 601, nil, nil},
		{"data/geography/unsd-m49-regions-fr.csv", 249, nil, nil},
		{"data/geography/ocha-global-pcodes-admin-1-2-hxl.csv", 6151, nil, nil},
		{"data/survey/household-survey-abidjan-2022-people.csv", 2498, nil, []string{"KEY", "Sex"}},
		{"data/survey/reach-iraq-water-2021-raw-data.csv", 632, nil, nil},
		{"data/linkage/febrl-dataset1.csv", 1000, nil, []string{"given_name"}},
		{"data/evidence/atrocity-prevention-studies-by-factor-2025.csv", 1606, nil, nil},
		{"data/trafficking/ctdc-victim-perpetrator-synthetic-2022.csv", 21195, nil, nil},
		{"data/stats/data/fms_small.csv", -1, []string{"exploited", "age"}, []string{"route", "sex"}},
	}
	for _, c := range cases {
		t.Run(filepath.Base(c.path), func(t *testing.T) {
			l, err := csv.Read(reference(t, c.path), csv.Options{ReadOptions: dataset.ReadOptions{Document: filepath.Base(c.path)}})
			if err != nil {
				t.Fatal(err)
			}
			a := l.Accounts
			if a.Listed != 0 || a.Loaded != a.Read || c.rows >= 0 && a.Loaded != c.rows {
				t.Errorf("%d read, %d loaded, %d listed, want %d", a.Read, a.Loaded, a.Listed, c.rows)
			}
			if want := strings.Contains(c.path, "hxl"); a.HXL != want {
				t.Errorf("HXL row found: %v, want %v", a.HXL, want)
			}
			for _, n := range c.numbers {
				if col := l.Table.Column(n); col == nil || col.Kind != dataset.Number {
					t.Errorf("column %s: %v, want a number", n, col)
				}
			}
			for _, n := range c.texts {
				if col := l.Table.Column(n); col == nil || col.Kind == dataset.Number || col.Kind == dataset.Date {
					t.Errorf("column %s: %v, want a category or text", n, col)
				}
			}
			for _, n := range a.Notes {
				t.Log(n)
			}
			for _, m := range l.Selects {
				t.Log("select ", m.Name, m.Column, len(m.Options))
			}
		})
	}
	for _, path := range globReference(t, "data/stats/data/*.csv") {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		l, err := csv.Read(f, csv.Options{})
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if a := l.Accounts; a.Listed != 0 || a.Loaded == 0 {
			t.Errorf("%s: %d read, %d loaded, %d listed", filepath.Base(path), a.Read, a.Loaded, a.Listed)
		}
		for _, s := range l.Accounts.Suspects {
			t.Log(filepath.Base(path), s)
		}
	}
}

func globReference(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(os.Getenv("WAYMARK_REFERENCE"), pattern))
	if err != nil || len(paths) == 0 {
		t.Fatal(pattern, err)
	}
	return paths
}
