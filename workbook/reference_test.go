package workbook_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/workbook"
)

func reference(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("WAYMARK_REFERENCE")
	if folder == "" {
		t.Skip("WAYMARK_REFERENCE is not set: " + name + " skipped")
	}
	return filepath.Join(folder, "data")
}

func open(t *testing.T, path string) *workbook.Book {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	book, err := workbook.Open(f, info.Size(), workbook.Limits{Document: filepath.Base(path)})
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// Every workbook there is opens, and every sheet reads to its end.
func TestReferenceWorkbooksOpen(t *testing.T) {
	data := reference(t, "every workbook opens")
	found := map[workbook.Format]int{}
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := filepath.Ext(path); ext != ".xls" && ext != ".xlsx" {
			return nil
		}
		book := open(t, path)
		found[book.Format()]++
		for _, s := range book.Sheets() {
			for _, err := range book.Rows(s.Name) {
				if err != nil {
					t.Errorf("%s, %s: %v", d.Name(), s.Name, err)
				}
			}
			if _, err := book.Merges(s.Name); err != nil {
				t.Errorf("%s, %s: %v", d.Name(), s.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found[workbook.XLSX] < 30 || found[workbook.XLS] < 26 {
		t.Errorf("%d .xlsx and %d .xls were found", found[workbook.XLSX], found[workbook.XLS])
	}
}

func TestReferenceRows(t *testing.T) {
	data := reference(t, "rows of known workbooks")
	for _, c := range []struct {
		path, sheet string
		format      workbook.Format
		rows        int // with the header
	}{
		{"forms/household-survey-abidjan-2022-french.xls", "survey", workbook.XLS, 130},
		{"forms/household-survey-abidjan-2022-french.xls", "choices", workbook.XLS, 259},
		{"forms/ifrc-distribution-site-assessment-v1.xlsx", "survey", workbook.XLS, 172},
		{"htcds/htcds-xlsform.xlsx", "survey", workbook.XLSX, 35},
		{"htcds/htcds-xlsform.xlsx", "choices", workbook.XLSX, 332},
		{"trafficking/ctdc-data-dictionary-2017-11.xlsx", "lookups", workbook.XLSX, 995},
		{"trafficking/unodc-glotip-2025-04.xlsx", "data_glotip_1", workbook.XLSX, 58772},
	} {
		book := open(t, filepath.Join(data, c.path))
		n := 0
		for _, err := range book.Rows(c.sheet) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != c.rows || book.Format() != c.format {
			t.Errorf("%s, %s: %d rows of an %s, want %d", c.path, c.sheet, n, book.Format(), c.rows)
		}
	}
}

// The same form kept in both kinds of file reads as the same texts, and booleans, dates and whole numbers as
// a person means them.
func TestReferenceTwins(t *testing.T) {
	folder := filepath.Join(reference(t, "twins of .xls and .xlsx"), "forms", "collect", "pyxform-examples")
	twins := 0
	files, err := filepath.Glob(filepath.Join(folder, "*.xls"))
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range files {
		if _, err := os.Stat(old + "x"); err != nil {
			continue
		}
		twins++
		a, b := open(t, old).Texts(), open(t, old+"x").Texts()
		if d := cmp.Diff(a.Sheets(), b.Sheets()); d != "" {
			t.Errorf("%s: %s", filepath.Base(old), d)
			continue
		}
		for _, s := range a.Sheets() {
			x, err := a.Rows(s)
			y, err2 := b.Rows(s)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			if d := cmp.Diff(x, y); d != "" {
				t.Errorf("%s, %s: %s", filepath.Base(old), s, d)
			}
		}
	}
	if twins < 8 {
		t.Errorf("%d twins", twins)
	}
	rows, err := open(t, filepath.Join(folder, "repeat_date_test.xls")).Texts().Rows("survey")
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(slices.Concat(rows...), " "); strings.Contains(all, ".0 ") {
		t.Error("a whole number has a fraction")
	}
}
