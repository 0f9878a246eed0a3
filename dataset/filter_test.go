package dataset_test

import (
	"reflect"
	"strings"
	"testing"

	"waymark/dataset"
	"waymark/fault"
)

func TestParseFilter(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"  a=1 ":                        "a = 1",
		"a == 'x y' AND b <> \"it's\"":  "a = 'x y' and b != 'it''s'",
		"a=1 or b=2 and not c=3":        "a = 1 or (b = 2 and not (c = '3'))",
		"(a=1 or b=2) and c is missing": "(a = 1 or b = 2) and c is missing",
		"a/b-c in (x, 2, '3')":          "a/b-c in ('x', 2, '3')",
		"a in (x)":                      "a = 'x'",
		"`in` not in (a,b)":             "`in` not in ('a', 'b')",
		"a is not refused, not_asked":   "not (a is refused, not_asked)",
		"a >= -1.5e3 and d<2017-01-01":  "a >= -1.5e3 and d < '2017-01-01'",
		"pays = Sénégal":                "pays = 'Sénégal'",
		"not not a is present":          "not (not (a is present))",
		"`x``y` = 1":                    "`x``y` = 1",
		"a = inf":                       "a = 'inf'",
		"a = '' or a != 007":            "a = '' or a != 007",
		strings.Repeat("(", 50) + "a=1" + strings.Repeat(")", 50): "a = 1",
	} {
		f, err := dataset.ParseFilter(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := f.String()
		if strings.ReplaceAll(got, "'3'", "3") != strings.ReplaceAll(want, "'3'", "3") {
			t.Errorf("%s: printed %s, want %s", text, got, want)
		}
		again, err := dataset.ParseFilter(got)
		if err != nil || !reflect.DeepEqual(again, f) {
			t.Errorf("%s: printed and read back it is another filter: %v, %v", text, again, err)
		}
	}
}

func TestFilterMistakes(t *testing.T) {
	for text, at := range map[string]int{
		"a": 2, "a =": 4, "= 1": 1, "a = 1 b": 7, "a = 1 and": 10, "(a = 1": 7, "a in 1": 6, "a in (1 2)": 9, "a is here": 6, "a is": 5,
		"a = 'x": 5, "a ~ 1": 3, "a = and": 5, "not": 4, "a not 1": 7, "é = \xff": 5,
		strings.Repeat("(", 5000): 102, strings.Repeat("not ", 5000): 405,
	} {
		_, err := dataset.ParseFilter(text)
		issues := fault.Of(err)
		if len(issues) != 1 || issues[0].Code != dataset.CodeFilterSyntax || issues[0].Args["at"] != at {
			t.Errorf("%.20s: error %v, want a mistake at character %d", text, err, at)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	f.Add("a = 1 and (b in ('x', y) or not c is missing)")
	f.Add("`a` is not refused, empty or b >= 2017-01-01")
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := dataset.ParseFilter(text)
		if err != nil {
			return
		}
		again, err := dataset.ParseFilter(filter.String())
		if err != nil || !reflect.DeepEqual(filter, again) {
			t.Fatalf("%q printed as %q reads back as another: %v", text, filter.String(), err)
		}
	})
}

func TestFilterColumns(t *testing.T) {
	f, err := dataset.ParseFilter("a = 1 and (b = 2 or a is missing) and not c = 3")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Columns(), " "); got != "a b c" {
		t.Errorf("columns %s", got)
	}
}
