package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
)

func TestSideBySide(t *testing.T) {
	body := func(persons ...string) []byte {
		var b strings.Builder
		b.WriteString(`<d id="f"><sex>f</sex><why>work family</why>`)
		for _, age := range persons {
			fmt.Fprintf(&b, `<person><age>%s</age></person>`, age)
		}
		b.WriteString(`<secret>` + masked + `</secret></d>`)
		return []byte(b.String())
	}
	words := dictionary{labels: map[string]string{"person/age": "Age"}, many: map[string]bool{"why": true},
		choices: map[string]map[string]string{"sex": {"f": "Female"}, "why": {"work": "Work"}}}
	got := sideBySide(body("3"), body("3", "4"), words)
	want := []answerChange{
		{Name: "sex", Before: "Female", After: "Female"},
		{Name: "why", Before: "Work, family", After: "Work, family"},
		{Name: "person[1]/age", Label: "Age", At: "1", Before: "3", After: "3"},
		{Name: "person[2]/age", Label: "Age", At: "2", After: "4", What: "added"},
		{Name: "secret", Was: true, Is: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]answerChange{want[3]}, differences(body("3"), body("3", "4"), words)); d != "" {
		t.Error(d)
	}
}

func TestConditionsAreFilters(t *testing.T) {
	cases := []struct {
		c    conditionView
		want string
		ok   bool
	}{
		{conditionView{Field: "person/age", Op: "least", Value: "18"}, "`person/age` >= 18", true},
		{conditionView{Field: "day", Op: "most", Value: "2026-11-01"}, "`day` <= 2026-11-01", true},
		{conditionView{Field: "place", Op: "is", Value: "L'Oued"}, "`place` = \"L'Oued\"", true},
		{conditionView{Field: "place", Op: "not", Value: `a" or '1`}, "`place` != \"a or '1\"", true},
		{conditionView{Field: "a` or `b", Op: "missing"}, "`a or b` is missing", true},
		{conditionView{Field: "", Op: "is", Value: "x"}, "", true},
		{conditionView{Field: "x", Op: "drop", Value: "x"}, "", true},
		{conditionView{Field: "x", Op: "is"}, "", false},
	}
	for _, c := range cases {
		got, ok := condition(c.c)
		if got != c.want || ok != c.ok {
			t.Errorf("%+v: %q, %v; want %q, %v", c.c, got, ok, c.want, c.ok)
		}
		if _, err := dataset.ParseFilter(got); err != nil {
			t.Errorf("%q is no filter: %v", got, err)
		}
	}
}

func TestAddressesStayHere(t *testing.T) {
	for to, want := range map[string]string{"/projects/1?a=b": "/projects/1?a=b", "//elsewhere.example": "", "https://elsewhere.example": "", `/\elsewhere`: "", "/a\r\nb": "", "": ""} {
		if got := within(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
	if got := at("projects", 3, "forms", "a/b c", "uuid:1"); got != "/projects/3/forms/a%2Fb%20c/uuid:1" {
		t.Error(got)
	}
}

func TestConditionsInWords(t *testing.T) {
	yes := []form.Choice{{Name: "yes", Labels: form.Labels{"en": "Yes", "fr": "Oui"}}}
	f := &form.Form{Language: "en", Lists: []form.List{{Name: "yn", Choices: yes}}, Questions: []form.Question{
		{Path: form.Path{"held"}, Type: form.SelectOne, List: "yn"},
		{Path: form.Path{"person", "age"}, Type: form.Integer},
		{Path: form.Path{"score"}, Type: form.Calculate, Labels: form.Labels{"en": "Score"}},
	}}
	s := testSite(t)
	p := printer{voice: s.voices["en"], form: f, tag: "en", number: map[string]int{"held": 1, "age": 2}}
	cases := []struct {
		expression string
		want       []string
	}{
		{"", nil},
		{"true()", nil},
		{"${held} = 'yes'", []string{"the answer to question 1 is “Yes”"}},
		{"selected( /data/held , 'yes') and /data/person/age >= 14", []string{"the answer to question 1 is “Yes”", "the answer to question 2 is at least 14"}},
		{"not(selected(${held}, 'yes'))", []string{"the answer to question 1 is not “Yes”"}},
		{"not(${age} > 17)", []string{"the answer to question 2 is at most 17"}},
		{"${held}='yes' or ${age}<5", []string{"the answer to question 1 is “Yes” or the answer to question 2 is less than 5"}},
		{"${age} != ''", []string{"question 2 was answered"}},
		{"${score} > 3", []string{"“Score” is more than 3"}},
		{"${held} = 'yes' or ${age} > 3 and ${age} < 9", []string{"this holds: [1] = 'yes' or [2] > 3 and [2] < 9"}},
		{"count(${age}) > 2", []string{"this holds: count([2]) > 2"}},
		{"${gone} = 1", []string{"this holds: ${gone} = 1"}},
	}
	for _, c := range cases {
		if d := cmp.Diff(c.want, p.when(c.expression)); d != "" {
			t.Errorf("%s: %s", c.expression, d)
		}
	}
	p.voice, p.tag = s.voices["fr"], "fr"
	if got := p.when("${held} = 'yes'"); len(got) != 1 || !strings.Contains(got[0], "Oui") {
		t.Error(got)
	}
}

func FuzzConditionsInWords(f *testing.F) {
	f.Add("not((${a} = '1') or selected(${b}, \"x\"))")
	s := testSite(f)
	p := printer{voice: s.voices["en"], form: &form.Form{}, number: map[string]int{}}
	f.Fuzz(func(t *testing.T, expression string) { p.when(expression) })
}

func TestSheetsShowIssuesInTheirCells(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("| survey |\n|  | type | name | label |\n")
	for n := range 60 {
		fmt.Fprintf(&rows, "|  | text | q%d | Question %d |\n", n, n)
	}
	issues := fault.Issues{
		{Code: CodeNoFile, Severity: fault.Soft, Place: fault.Place{Sheet: "survey", Row: 30}},
		{Code: CodeNoFile, Place: fault.Place{Sheet: "survey", Row: 40, Column: 2}},
		{Code: CodeNoFile, Place: fault.Place{Sheet: "absent", Row: 4}},
	}
	v := testSite(t).voices["en"].sheets("form.md", []byte(rows.String()), issues)
	if v.Hard != 2 || v.Soft != 1 || len(v.Sheets) != 1 {
		t.Fatalf("%d hard, %d soft, %d sheets", v.Hard, v.Soft, len(v.Sheets))
	}
	if v.Issues[0].ID != "issue-1" || v.Issues[1].ID != "" || v.Issues[2].ID != "issue-3" {
		t.Errorf("issues lead to %q, %q, %q", v.Issues[0].ID, v.Issues[1].ID, v.Issues[2].ID)
	}
	var numbers []string
	wrong := map[string]string{}
	for _, r := range v.Sheets[0].Rows {
		numbers = append(numbers, fmt.Sprintf("%d+%s", r.Gap, r.Number))
		if len(r.Wrong) > 0 {
			wrong[r.Number] = r.Wrong[0].ID
		}
		for c, cell := range r.Cells {
			if len(cell.Wrong) > 0 {
				wrong[r.Number+v.Sheets[0].Letters[c]] = cell.Wrong[0].ID
			}
		}
	}
	if d := cmp.Diff("0+1 26+28 0+29 0+30 0+31 0+32 5+38 0+39 0+40 0+41 0+42", strings.Join(numbers, " ")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{"30": "issue-3", "40B": "issue-1"}, wrong); d != "" {
		t.Error(d)
	}
	for _, raw := range [][]byte{nil, []byte("PK\x03\x04 broken"), {0xd0, 0xcf, 0x11, 0xe0}, []byte("<xml/>")} {
		if v := testSite(t).voices["en"].sheets("form.xlsx", raw, issues); len(v.Issues) != 3 {
			t.Errorf("%d issues of a file that is no workbook", len(v.Issues))
		}
	}
}

func TestChangesBetweenVersions(t *testing.T) {
	before := &form.Form{Questions: []form.Question{{Path: form.Path{"a"}, Written: "text", Labels: form.Labels{"en": "A"}}, {Path: form.Path{"gone"}}},
		Lists: []form.List{{Name: "l", Choices: []form.Choice{{Name: "x", Labels: form.Labels{"en": "X"}}, {Name: "y"}}}}}
	after := &form.Form{Questions: []form.Question{{Path: form.Path{"a"}, Written: "integer", Labels: form.Labels{"en": "A", "fr": "Â"}}, {Path: form.Path{"new"}}},
		Lists: []form.List{{Name: "l", Choices: []form.Choice{{Name: "x", Labels: form.Labels{"en": "Xx"}}, {Name: "z"}}}}}
	got := testSite(t).voices["en"].compare(before, after)
	want := []changeView{
		{What: "changed", Kind: "question", Name: "a", Label: "A", Fields: []fieldChange{{Field: "type", Before: "text", After: "integer"}, {Field: "label", Tag: "fr", After: "Â"}}},
		{What: "added", Kind: "question", Name: "new"},
		{What: "removed", Kind: "question", Name: "gone"},
		{What: "changed", Kind: "choice", Name: "l: x", Label: "Xx", Fields: []fieldChange{{Field: "label", Tag: "en", Before: "X", After: "Xx"}}},
		{What: "added", Kind: "choice", Name: "l: z"},
		{What: "removed", Kind: "choice", Name: "l: y"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if same := testSite(t).voices["en"].compare(after, after); len(same) != 0 {
		t.Errorf("a form differs from itself: %v", same)
	}
}

func TestAnswersForPeople(t *testing.T) {
	v := testSite(t).voices["fr"]
	levels := []dataset.Level{{Code: "f", Labels: dataset.Labels{"fr": "Féminin", "en": "Female"}}, {Code: "m", Labels: dataset.Labels{"en": "Male"}}}
	cases := []struct {
		name string
		f    collect.Field
		c    collect.Cell
		want answerView
	}{
		{"sealed", collect.Field{}, collect.Cell{Sealed: true, Text: "never"}, answerView{Sealed: true}},
		{"a choice", collect.Field{Type: form.SelectOne, Field: dataset.Field{Levels: levels}}, collect.Cell{Text: "f"}, answerView{Text: "Féminin"}},
		{"choices", collect.Field{Type: form.SelectMultiple, Field: dataset.Field{Levels: levels}}, collect.Cell{Text: "f m x"}, answerView{Text: "Féminin, Male, x"}},
		{"a number", collect.Field{Type: form.Decimal}, collect.Cell{Text: "12345.50"}, answerView{Text: "12\u202f345,50", Number: true}},
		{"a year", collect.Field{Type: form.Integer}, collect.Cell{Text: "2026"}, answerView{Text: "2026", Number: true}},
		{"a day", collect.Field{Type: form.Date}, collect.Cell{Text: "2026-11-01"}, answerView{Text: "1er\u00a0novembre 2026"}},
		{"words", collect.Field{Type: form.Text}, collect.Cell{Text: "شكرا"}, answerView{Text: "شكرا", Dir: "auto"}},
		{"refused", collect.Field{}, collect.Cell{Missing: dataset.Refused}, answerView{Missing: "refused"}},
		{"nothing", collect.Field{}, collect.Cell{}, answerView{Missing: "empty"}},
	}
	for _, c := range cases {
		if d := cmp.Diff(c.want, v.answer(c.f, c.c)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestReportsMayShowTheirOwnStyleOnly(t *testing.T) {
	if got := styleHashes([]byte(`<style>a{}</style><p><style media="print">b{}</style>`)); strings.Count(got, "'sha256-") != 2 {
		t.Error(got)
	}
	if got := styleHashes([]byte(`<p style="x">`)); got != "'none'" {
		t.Error(got)
	}
}

func TestPaper(t *testing.T) {
	s := testSite(t)
	delete(s.voices, "ar") // the house has no words in Arabic yet
	f := &form.Form{Language: "ar", Texts: []form.Language{{Tag: "ar", Name: "العربية"}, {Tag: "en", Name: "English"}},
		Lists:  []form.List{{Name: "kinds", Choices: []form.Choice{{Name: "camp", Labels: form.Labels{"ar": "مخيم", "en": "Camp"}}}}},
		Groups: []form.Group{{Path: form.Path{"g"}, Labels: form.Labels{"en": "Group"}, Relevant: "${kind} = 'camp'"}},
		Questions: []form.Question{
			{Path: form.Path{"start"}, Type: form.Metadata},
			{Path: form.Path{"kind"}, Type: form.SelectOne, List: "kinds", Labels: form.Labels{"en": "**Kind** of [site](https://a.example), ${name}?", "ar": "ما نوع الموقع؟"}, Required: "true()"},
			{Path: form.Path{"g", "n"}, Type: form.Integer, Labels: form.Labels{"en": "How many?"}},
			{Path: form.Path{"sum"}, Type: form.Calculate, Calculation: "1"},
			{Path: form.Path{"far"}, Type: form.SelectOne, List: "absent", Labels: form.Labels{"en": "Which?"}},
		}}
	english := s.paperOf(s.voices["fr"], f, "en")
	var got []string
	for _, p := range english.Parts {
		got = append(got, "# "+p.Title+" "+strings.Join(p.When, " "))
		for _, i := range p.Items {
			got = append(got, fmt.Sprintf("%d %s %s %v %v %v", i.Number, i.Kind, i.Label, i.Choices, i.Long, i.Required))
		}
	}
	want := []string{"#  ", "1 one Kind of site, ______? [Camp] false true", "# Group the answer to question 1 is “Camp”", "2 number How many? [] false false", "#  ", "3 one Which? [] true false"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if english.Dir != "ltr" || english.SayLang() != "en" {
		t.Errorf("English goes %s, with instructions in %s", english.Dir, english.SayLang())
	}
	arabic := s.paperOf(s.voices["fr"], f, "")
	if arabic.Tag != "ar" || arabic.Dir != "rtl" || arabic.SayLang() != "fr" || arabic.Parts[0].Items[0].Choices[0] != "مخيم" {
		t.Errorf("the form's own language is %s, %s, with instructions in %s", arabic.Tag, arabic.Dir, arabic.SayLang())
	}
}
