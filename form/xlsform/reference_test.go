package xlsform_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"waymark/fault"
	"waymark/form"
	"waymark/form/xlsform"
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

func book(t *testing.T, path string) xlsform.Book {
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

func TestReferenceForms(t *testing.T) {
	data := reference(t, "forms of the field")
	for _, c := range []struct {
		path                                string
		questions, repeats, choices, faults int
		languages                           string
	}{
		{"forms/household-survey-abidjan-2022-french.xls", 103, 2, 258, 3, "fr"},
		{"forms/ifrc-distribution-site-assessment-v1.xlsx", 95, 0, 183, 0, "en fr x-locallan-guage"},
		{"forms/reach-somalia-detailed-site-assessment-2021.xlsx", 279, 0, 762, 0, "en so"},
		{"forms/reach-somalia-msna-2022.xlsx", 476, 9, 6310, 0, "en so"},
		{"forms/socio-economic-survey-v20240515.xlsx", 17, 1, 235, 0, "en fr"},
		{"htcds/htcds-xlsform.xlsx", 34, 0, 331, 0, ""},
	} {
		f, issues := xlsform.Compile(book(t, filepath.Join(data, c.path)), xlsform.Options{Language: "fr"})
		choices := 0
		for _, l := range f.Lists {
			choices += len(l.Choices)
		}
		if len(f.Questions) != c.questions || len(f.Repeats()) != c.repeats || choices != c.choices || len(issues.Only(fault.Hard)) != c.faults {
			t.Errorf("%s: %d questions, %d repeats, %d choices, %d hard issues", c.path, len(f.Questions), len(f.Repeats()), choices, len(issues.Only(fault.Hard)))
		}
		var tags []string
		for _, l := range f.Texts {
			tags = append(tags, l.Tag)
		}
		if have := strings.Join(tags, " "); c.languages != "" && have != c.languages {
			t.Errorf("%s: languages %s", c.path, have)
		}
	}
}

// Every workbook that the reference compiler takes or refuses is taken or refused here, line by line of
// its index.
func TestReferenceVerdicts(t *testing.T) {
	folder := filepath.Join(reference(t, "verdicts of the reference compiler"), "forms", "collect")
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
	checked := 0
	for _, row := range rows[1:] {
		if strings.Contains(row[1], "Argument 'definition'") { // it did not know the file for a workbook
			continue
		}
		checked++
		_, issues := xlsform.Compile(book(t, filepath.Join(folder, row[0])), xlsform.Options{})
		refused := strings.HasPrefix(row[1], "refused")
		if (issues.Err() != nil) != refused {
			t.Errorf("%s: refused there %v; here %v", row[0], refused, issues.Err())
		}
	}
	if checked < 65 {
		t.Errorf("%d workbooks were checked", checked)
	}
}

// The same form in its several formats is the same form.
func TestReferenceFormats(t *testing.T) {
	folder := filepath.Join(reference(t, "one form in four formats"), "forms", "collect", "pyxform-examples")
	for _, name := range []string{"group", "loop", "specify_other", "text_and_integer", "yes_or_no_question", "case_insensitivity"} {
		var first *form.Form
		for _, ext := range []string{".xlsx", ".xls", ".csv", ".md"} {
			f, _ := xlsform.Compile(book(t, filepath.Join(folder, name+ext)), xlsform.Options{})
			if first == nil {
				first = f
			}
			if d := cmp.Diff(first, f, cmpopts.IgnoreFields(form.Form{}, "Tree")); d != "" {
				t.Errorf("%s%s: %s", name, ext, d)
			}
		}
	}
}
