package xform_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/form/xform"
	"waymark/form/xlsform"
	"waymark/workbook"
)

// sheetsOf reads a form as a workbook, CSV or pipe tables.
func sheetsOf(t testing.TB, path string) xlsform.Book {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	var b xlsform.Book
	switch filepath.Ext(path) {
	case ".csv":
		b, err = xlsform.ReadCSV(f)
	case ".md":
		b, err = xlsform.ReadMarkdown(f)
	default:
		info, statErr := f.Stat()
		if statErr != nil {
			t.Fatal(statErr)
		}
		var w *workbook.Book
		if w, err = workbook.Open(f, info.Size(), workbook.Limits{}); err == nil {
			b = w.Texts()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// straight gives a form with plain quotes and spaces. The reference compiler writes them everywhere; texts for
// people keep what their author wrote here.
func straight(xml []byte) string {
	return strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u00a0", " ").Replace(string(xml))
}

// longer is by how many bytes the reference compiler's output is longer: it escapes quotation marks in texts
// that show answers.
var longer = map[string]int{"../reach-somalia-msna-2022.xlsx": 20}

// The workbooks of the reference compiler come out as they do there.
func TestWorkbooks(t *testing.T) {
	folder := filepath.Join(referenceFolder(t, "workbooks of the reference compiler"), "collect")
	f, err := os.Open(filepath.Join(folder, "pyxform-expected", "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	equal, compared := 0, 0
	for _, row := range rows[1:] {
		file := strings.TrimPrefix(row[1], "same as ")
		size := 0
		if n, _ := fmt.Sscanf(row[1], "compiles to %d bytes", &size); n == 0 && !strings.HasSuffix(file, ".xml") {
			continue
		}
		compared++
		compiled, issues := xlsform.Compile(sheetsOf(t, filepath.Join(folder, row[0])), xlsform.Options{Document: filepath.Base(row[0])})
		if issues.Err() != nil {
			t.Errorf("%s is refused: %v", row[0], issues.Err())
			continue
		}
		have, _ := xform.Encode(compiled)
		if size > 0 {
			if len(straight(have))+longer[row[0]] == size {
				equal++
			} else {
				t.Errorf("%s takes %d bytes, not %d", row[0], len(straight(have)), size)
			}
			continue
		}
		want, err := os.ReadFile(filepath.Join(folder, "pyxform-expected", file))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := normalised(straight(want))
		b, err := normalised(straight(have))
		if err != nil {
			t.Errorf("%s: %v", row[0], err)
			continue
		}
		if a == b {
			equal++
		} else if row[0] != "pyxform-examples/repeat_date_test.xls" { // a date without a time of day has none here
			t.Errorf("%s differs: %s", row[0], cmp.Diff(strings.Split(a, "\n"), strings.Split(b, "\n")))
		}
	}
	if equal < 56 || compared != 57 {
		t.Errorf("%d of %d equal", equal, compared)
	}
}

// The large forms come out as the files that were published with them. That of the third was published of an
// older workbook.
func TestLargeForms(t *testing.T) {
	folder := referenceFolder(t, "large forms")
	for _, name := range []string{"all-question-types-v2024091201-3", "ifrc-distribution-site-assessment-v1"} {
		want, err := os.ReadFile(filepath.Join(folder, name+".xml"))
		if err != nil {
			t.Fatal(err)
		}
		compiled, issues := xlsform.Compile(sheetsOf(t, filepath.Join(folder, name+".xlsx")), xlsform.Options{Document: name + ".xlsx"})
		if issues.Err() != nil {
			t.Errorf("%s is refused: %v", name, issues.Err())
			continue
		}
		have, _ := xform.Encode(compiled)
		a, _ := normalised(straight(want))
		b, _ := normalised(straight(have))
		if d := cmp.Diff(strings.Split(a, "\n"), strings.Split(b, "\n")); d != "" {
			t.Errorf("%s differs: %s", name, d)
		}
	}
}
