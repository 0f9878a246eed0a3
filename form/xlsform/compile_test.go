package xlsform_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"waymark/fault"
	"waymark/form"
	"waymark/form/xlsform"
)

func compile(t testing.TB, markdown string) (*form.Form, fault.Issues) {
	t.Helper()
	book, err := xlsform.ReadMarkdown(strings.NewReader(markdown))
	if err != nil {
		t.Fatal(err)
	}
	return xlsform.Compile(book, xlsform.Options{Texts: true})
}

const household = `
| survey  |
|         | type                          | name      | label::English (en) | label::Français | relevant     |
|         | start                         | start     |                     |                 |              |
|         | begin_group                   | home      | Home                | Logement        |              |
|         | select_one yes_no             | water     | Water?              | De l’eau ?      |              |
|         | begin repeat                  | person    | Person              |                 | ${water}='y' |
|         | integer                       | age       | Age                 | Âge             |              |
|         | select_multiple need or_other | needs     | Needs               | Besoins         |              |
|         | end repeat                    |           |                     |                 |              |
|         | end group                     |           |                     |                 |              |
|         | note                          |           | Thank you           | Merci           |              |
| choices |
|         | list name                     | name      | label::English (en) | label::Français |
|         | yes_no                        | y         | Yes                 | Oui             |
|         | yes_no                        | n         | No                  | Non             |
|         | need                          | food      | Food                |                 |
| settings |
|         | form_id                       | version   | default_language    |
|         | hh                            | 3         | Français            |
`

func TestCompile(t *testing.T) {
	got, issues := compile(t, household)
	want := &form.Form{
		ID: "hh", Title: "hh", Version: "3", Language: "fr", Instance: "data",
		Texts:  []form.Language{{Tag: "en", Name: "English (en)"}, {Tag: "fr", Name: "Français"}},
		Groups: []form.Group{{Path: form.Path{"home"}, Labels: form.Labels{"en": "Home", "fr": "Logement"}, Row: 3}, {Path: form.Path{"home", "person"}, Labels: form.Labels{"en": "Person"}, Repeat: true, Relevant: "${water}='y'", Row: 5}},
		Questions: []form.Question{
			{Path: form.Path{"start"}, Type: form.Metadata, Written: "start", Row: 2},
			{Path: form.Path{"home", "water"}, Type: form.SelectOne, Written: "select_one yes_no", List: "yes_no", Labels: form.Labels{"en": "Water?", "fr": "De l’eau ?"}, Row: 4},
			{Path: form.Path{"home", "person", "age"}, Repeat: form.Path{"home", "person"}, Type: form.Integer, Written: "integer", Labels: form.Labels{"en": "Age", "fr": "Âge"}, Row: 6},
			{Path: form.Path{"home", "person", "needs"}, Repeat: form.Path{"home", "person"}, Type: form.SelectMultiple, Written: "select_multiple need or_other", List: "need", Other: true, Labels: form.Labels{"en": "Needs", "fr": "Besoins"}, Row: 7},
			{Path: form.Path{"generated_note_name_10"}, Type: form.Note, Written: "note", Labels: form.Labels{"en": "Thank you", "fr": "Merci"}, ReadOnly: "true()", Row: 10},
		},
		Lists: []form.List{
			{Name: "yes_no", Choices: []form.Choice{{Name: "y", Labels: form.Labels{"en": "Yes", "fr": "Oui"}, Row: 2}, {Name: "n", Labels: form.Labels{"en": "No", "fr": "Non"}, Row: 3}}},
			{Name: "need", Choices: []form.Choice{{Name: "food", Labels: form.Labels{"en": "Food"}, Row: 4}}},
		},
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(form.Form{}, "Tree")); d != "" {
		t.Error(d)
	}
	var codes []fault.Code
	for _, i := range issues {
		codes = append(codes, i.Code)
	}
	if want := []fault.Code{xlsform.CodeOtherLanguages, xlsform.CodeMissingTranslation, xlsform.CodeNoLanguageCode}; !slices.Equal(codes, want) || issues.Err() != nil {
		t.Errorf("issues: %v", issues)
	}
}

// The header's spelling, spaces of every kind and the order of columns do not count.
func TestHeaders(t *testing.T) {
	for _, header := range []string{"| label | type | name |", "| Label | TYPE\u00a0 |  Name  |", "| caption |type| name |"} {
		f, issues := compile(t, "| survey |\n| "+header+"\n| | Age? | integer | age |\n")
		if len(f.Questions) != 1 || f.Questions[0].Labels["und"] != "Age?" || f.Questions[0].Type != form.Integer || len(issues) != 0 {
			t.Errorf("%q: %+v, %v", header, f.Questions, issues)
		}
	}
	f, _ := xlsform.Compile(xlsform.Tables{{Name: " Survey ", Rows: [][]string{nil, {"type", "name", "label", ""}, {"text", "a", "Nom", "stray"}}}}, xlsform.Options{Language: "fr"})
	if len(f.Questions) != 1 || f.Questions[0].Labels["fr"] != "Nom" || f.Questions[0].Row != 3 || f.Language != "fr" {
		t.Errorf("%+v", f)
	}
}

func TestTypes(t *testing.T) {
	for written, want := range map[string]form.Question{
		"select_one a":                          {Type: form.SelectOne, List: "a"},
		"select one from a":                     {Type: form.SelectOne, List: "a"},
		"Select_Multiple  a":                    {Type: form.SelectMultiple, List: "a"},
		"select all that apply from a":          {Type: form.SelectMultiple, List: "a"},
		"select_one a or_other":                 {Type: form.SelectOne, List: "a", Other: true},
		"select one from a or specify other":    {Type: form.SelectOne, List: "a", Other: true},
		"add select one prompt using a":         {Type: form.SelectOne, List: "a"},
		"select_one_from_file places.csv":       {Type: form.SelectOne, File: "places.csv"},
		"select_multiple_from_file my_file.xml": {Type: form.SelectMultiple, File: "my_file.xml"},
		"rank a":                                {Type: form.Rank, List: "a"},
		"dateTime":                              {Type: form.DateTime},
		"q image":                               {Type: form.Image},
		"phone number":                          {Type: form.Text},
		"start-geopoint":                        {Type: form.Geopoint},
		"csv-external":                          {Type: form.External},
		"osm a":                                 {Type: form.File, List: "a"},
		"select_one_external far":               {Type: form.SelectOne, List: "far"},
	} {
		book := xlsform.Tables{
			{Name: "survey", Rows: [][]string{{"type", "name", "label"}, {written, "q", "Q"}}},
			{Name: "choices", Rows: [][]string{{"list_name", "name", "label"}, {"a", "x", "X"}}},
			{Name: "external_choices", Rows: [][]string{{"list_name", "name"}, {"far", "x"}, {"far", "x"}}},
		}
		f, issues := xlsform.Compile(book, xlsform.Options{})
		if len(f.Questions) != 1 || issues.Err() != nil {
			t.Errorf("%s: %v", written, issues)
			continue
		}
		q := f.Questions[0]
		have := form.Question{Type: q.Type, List: q.List, File: q.File, Other: q.Other}
		if d := cmp.Diff(want, have); d != "" {
			t.Errorf("%s: %s", written, d)
		}
	}
}

// Each mistake is named with its sheet, row and column.
func TestIssues(t *testing.T) {
	survey := func(rows ...string) string {
		return "| survey |\n| | type | name | label |\n| | " + strings.Join(rows, " |\n| | ") + " |\n"
	}
	choices := func(rows ...string) string {
		return "| choices |\n| | list_name | name | label |\n| | " + strings.Join(rows, " |\n| | ") + " |\n"
	}
	for _, c := range []struct {
		name, form string
		want       fault.Code
		place      string
	}{
		{"no survey", "| choices |\n| | list_name | name |\n| settings |\n| | form_id |\n", xlsform.CodeNoSurvey, "sheet survey"},
		{"no list column", survey("text | a | A") + "| choices |\n| | name | label |\n| | x | X |\n", xlsform.CodeNoColumn, "sheet choices, row 1"},
		{"two columns of one meaning", "| survey |\n| | type | name | label | caption |\n| | text | a | A | B |\n", xlsform.CodeColumnTwice, "sheet survey, row 1, column 4"},
		{"no type", survey("text | a | A", " | b | B"), xlsform.CodeNoType, "sheet survey, row 3, column 1 (b)"},
		{"no name", survey("text | | A"), xlsform.CodeNoName, "sheet survey, row 2, column 2"},
		{"repeat without a name", survey("begin repeat | | A", "end repeat | |"), xlsform.CodeNoName, "sheet survey, row 2, column 2"},
		{"bad name", survey("text | 1 a | A"), xlsform.CodeBadName, "sheet survey, row 2, column 2 (1 a)"},
		{"name twice", survey("text | a | A", "text | a | A"), xlsform.CodeNameTwice, "sheet survey, row 3, column 2 (a)"},
		{"name in capitals", survey("text | a | A", "text | A | A"), xlsform.CodeNameCase, "sheet survey, row 3, column 2 (A)"},
		{"unknown type", survey("txet | a | A"), xlsform.CodeUnknownType, "sheet survey, row 2, column 1 (a)"},
		{"end without a beginning", survey("text | a | A", "end group | |"), xlsform.CodeUnmatchedEnd, "sheet survey, row 3, column 1"},
		{"end of another kind", survey("begin group | a | A", "text | b | B", "end repeat | |"), xlsform.CodeWrongEnd, "sheet survey, row 4, column 1"},
		{"never ended", survey("begin_repeat | a | A", "text | b | B"), xlsform.CodeNotEnded, "sheet survey, row 2, column 1"},
		{"select without a list", survey("select_one | a | A"), xlsform.CodeNoList, "sheet survey, row 2, column 1 (a)"},
		{"unknown list", survey("select_one x | a | A") + choices("l | x | X"), xlsform.CodeUnknownList, "sheet survey, row 2, column 1 (a)"},
		{"choices of an unknown question", survey("select_multiple ${x} | a | A"), xlsform.CodeUnknownQuestion, "sheet survey, row 2, column 1 (a)"},
		{"no label", survey("text | a | "), xlsform.CodeNoLabel, "sheet survey, row 2, column 3 (a)"},
		{"a remark row", "| survey |\n| | remark | type | name | label |\n| | Part one | | | |\n| | | text | a | A |\n", xlsform.CodeRowSkipped, "sheet survey, row 2, column 2"},
		{"a disabled row", "| survey |\n| | type | name | label | disabled |\n| | text | a | A | |\n| | nonsense | a | A | yes |\n", xlsform.CodeDisabled, "sheet survey, row 3, column 4 (a)"},
		{"a group without a name", "| survey |\n| | type | name | label |\n| | begin group | | |\n| | text | a | A |\n| | end group | |\n", xlsform.CodeNoName, "sheet survey, row 2, column 2"},
		{"an expression that cannot be read", "| survey |\n| | type | name | label | relevant |\n| | text | a | A | |\n| | text | b | B | ${a} = = 1 |\n", "xpath.syntax", "sheet survey, row 3, column 4 (b)"},
		{"a function that no phone has", "| survey |\n| | type | name | label | constraint |\n| | text | a | A | matches(., 'x') |\n", "xpath.unknown-function", "sheet survey, row 2, column 4 (a)"},
		{"answers that wait for one another", "| survey |\n| | type | name | label | calculation |\n| | calculate | a | | ${b} + 1 |\n| | calculate | b | | ${a} + 1 |\n", xlsform.CodeCycle, "sheet survey, row 2, column 4 (a)"},
		{"an answer that waits for itself", "| survey |\n| | type | name | label | relevant |\n| | text | a | A | . = '' |\n", xlsform.CodeCycle, "sheet survey, row 2, column 4 (a)"},
		{"a class that is none", "| survey |\n| | type | name | label | sensitivity |\n| | text | a | A | secret |\n", xlsform.CodeSensitivity, "sheet survey, row 2, column 4 (a)"},
		{"a prefix that stands for nothing", "| survey |\n| | type | name | label | bind::esri:fieldType |\n| | text | a | A | x |\n", xlsform.CodeNoNamespace, "sheet survey, row 1, column 4"},
		{"a lookup in a text that cannot be read", survey("text | a | See instance('c')/root/item[name <> 1]/label"), "xpath.syntax", "sheet survey, row 2, column 3 (a)"},
		{"a group without a question", survey("begin group | a | A", "end group | |", "text | b | B"), xlsform.CodeEmptyGroup, "sheet survey, row 2, column 1 (a)"},
		{"a path to nothing", "| survey |\n| | type | name | label | relevant |\n| | text | a | A | |\n| | text | b | B | /data/c = '' or ../a = '' |\n", xlsform.CodeUnknownPath, "sheet survey, row 3, column 4 (b)"},
		{"choice without a list", survey("text | a | A") + choices("| x | X"), xlsform.CodeChoiceNoList, "sheet choices, row 2, column 1"},
		{"choice without a name", survey("text | a | A") + choices("l | | X"), xlsform.CodeChoiceNoName, "sheet choices, row 2, column 2"},
		{"choice twice", survey("text | a | A") + choices("l | x | X", "l | x | X"), xlsform.CodeChoiceTwice, "sheet choices, row 3, column 2"},
		{"space in a choice", survey("select_multiple l | a | A") + choices("l | x y | X"), xlsform.CodeChoiceSpace, "sheet choices, row 2, column 2"},
		{"missing translation", "| survey |\n| | type | name | label::a (en) | label::b (fr) |\n| | text | a | A | |\n", xlsform.CodeMissingTranslation, "sheet survey"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, issues := compile(t, c.form)
			if len(issues) != 1 || issues[0].Code != c.want || issues[0].Place.String() != c.place {
				t.Errorf("got %v, want %s at %s", issues, c.want, c.place)
			}
		})
	}
}

// What no author writes by hand is refused before it costs memory or time.
func TestBounds(t *testing.T) {
	long := strings.Repeat("x", 1<<16+1)
	deep := "| survey |\n| | type | name | label |\n"
	for i := range 70 {
		deep += fmt.Sprintf("| | begin group | g%d | G |\n", i)
	}
	deep += "| | text | a | A |\n" + strings.Repeat("| | end group | | |\n", 70)
	loops := "| survey |\n| | type | name | label |\n" + strings.Repeat("| | begin loop over l | %(name)s_x | L |\n", 4) + "| | text | a | A |\n" + strings.Repeat("| | end loop | | |\n", 4) + "| choices |\n| | list_name | name | label |\n"
	for i := range 40 {
		loops += fmt.Sprintf("| | l | c%d | C |\n", i)
	}
	for _, c := range []struct {
		name, form string
		want       fault.Code
	}{
		{"a cell of 64 kB", "| survey |\n| | type | name | label |\n| | text | a | " + long + " |\n", xlsform.CodeCellTooLong},
		{"groups in one another", deep, xlsform.CodeTooDeep},
		{"loops in one another", loops, xlsform.CodeLoopLarge},
	} {
		f, issues := compile(t, c.form)
		if !slices.ContainsFunc(issues, func(i fault.Issue) bool { return i.Code == c.want && i.Place.Row > 0 }) {
			t.Errorf("%s: %v", c.name, issues)
		}
		for _, q := range f.Questions {
			if len(q.Path) > 64 {
				t.Errorf("%s: a question %d deep", c.name, len(q.Path))
			}
		}
	}
}

func TestWhatIsNoIssue(t *testing.T) {
	for name, text := range map[string]string{
		"a name in two groups":       "| survey |\n| | type | name | label |\n| | begin group | g | |\n| | text | a | A |\n| | end group | |\n| | text | a | A |\n",
		"choices twice by a setting": "| survey |\n| | type | name | label |\n| | text | a | A |\n| choices |\n| | list_name | name | label |\n| | l | x | X |\n| | l | x | X |\n| settings |\n| | allow_choice_duplicates |\n| | yes |\n",
		"a space in one choice":      "| survey |\n| | type | name | label |\n| | select_one l | a | A |\n| choices |\n| | list_name | name | label |\n| | l | x y | X |\n",
		"one sheet of another name":  "| Sheet1 |\n| | type | name | label |\n| | text | a | A |\n",
	} {
		f, issues := compile(t, text)
		if len(issues) != 0 || len(f.Questions) == 0 {
			t.Errorf("%s: %v", name, issues)
		}
	}
}

func TestReadCSV(t *testing.T) {
	with := "survey,,,\n,type,name,label\n,text,a,\"A, \"\"b\"\"\"\nchoices,,,\n,list_name,name,label\n,l,x,X\n"
	book, err := xlsform.ReadCSV(strings.NewReader("\ufeff" + with))
	if err != nil || !slices.Equal(book.Sheets(), []string{"survey", "choices"}) {
		t.Fatal(book, err)
	}
	f, issues := xlsform.Compile(book, xlsform.Options{})
	if len(issues) != 0 || f.Questions[0].Labels["und"] != `A, "b"` || len(f.Lists) != 1 {
		t.Errorf("%+v %v", f, issues)
	}
	book, err = xlsform.ReadCSV(strings.NewReader("name,type,label\na,text,A\n"))
	if err != nil || !slices.Equal(book.Sheets(), []string{"survey"}) {
		t.Error(book, err)
	}
}

type broken struct{ xlsform.Tables }

func (broken) Rows(string) ([][]string, error) {
	return nil, fault.Issue{Code: "workbook.damaged", Args: map[string]any{"part": "survey"}}
}

// What goes wrong in reading a sheet is an issue of the form.
func TestBookThatFails(t *testing.T) {
	_, issues := xlsform.Compile(broken{xlsform.Tables{{Name: "survey"}}}, xlsform.Options{})
	if len(issues) == 0 || issues[0].Code != "workbook.damaged" || issues.Err() == nil {
		t.Errorf("%v", issues)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(household)
	f.Add("| survey |\n| | type | name | label | save_to |\n| | begin group | | G | |\n| | text | a | A | x |\n| | end group | | | |\n| entities |\n| | list_name | label |\n| | sites | ${a} |")
	f.Add("| survey |\n| | type | name | label | trigger | parameters | repeat_count | choice_filter |\n| | begin loop over l | g | %(label)s | | | | |\n| | select_multiple l or_other | q | Q | ${q} | randomize=true seed=${q} | | a=${q} |\n| | end loop | | | | | | |\n| choices |\n| | list_name | name | label |\n| | l | x | X |\n| settings |\n| | flat | namespaces | attribute::y |\n| | yes | q=urn:q | z |")
	f.Add("| survey |\n| | type | name | label::x ((y |\n| | select_one a or_other | ${a} | B |\n| | end group |")
	f.Fuzz(func(t *testing.T, text string) {
		md, err := xlsform.ReadMarkdown(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		books := []xlsform.Book{md}
		if c, err := xlsform.ReadCSV(strings.NewReader(text)); err == nil {
			books = append(books, c)
		}
		for _, b := range books {
			got, issues := xlsform.Compile(b, xlsform.Options{})
			for _, q := range got.Questions {
				if len(q.Path) == 0 || q.Name() == "" || q.Row < 1 {
					t.Errorf("a question without a name or row")
				}
				if q.List != "" && got.List(q.List) == nil && issues.Err() == nil && q.Type.Select() && !strings.Contains(q.List, "${") {
					t.Errorf("a list that is not there and no issue")
				}
			}
			for _, i := range issues {
				_ = fmt.Sprint(i)
			}
		}
	})
}

// A column of hints without a language beside labels that have one asks for no label without a language.
func TestHintsWithoutALanguageAskForNoLabels(t *testing.T) {
	for name, labels := range map[string]bool{"hint": false, "label": true} {
		_, issues := compile(t, "| survey |\n| | type | name | label::English (en) | label::Français (fr) | "+name+" |\n| | text | a | A | A | h |\n| | text | b | B | B | |\n")
		asked := slices.ContainsFunc(issues, func(i fault.Issue) bool { return i.Code == xlsform.CodeMissingTranslation })
		if asked != labels {
			t.Errorf("%s without a language: a missing text is said: %v, want %v", name, asked, labels)
		}
	}
}

// What is no text is refused at the line where that shows, and none of it is repeated.
func TestNoText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		row        int
	}{
		{"an older encoding", "type,name,label\ntext,a,caf\xe9\n", 2},
		{"a damaged workbook", "PK\x05\xff\x00\x8b", 1},
		{"a zero", "| survey |\n| | type | name |\n| | text | a\x00 |\n", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, read := range []func(io.Reader) (xlsform.Tables, error){xlsform.ReadCSV, xlsform.ReadMarkdown} {
				_, err := read(strings.NewReader(c.text))
				issues := fault.Of(err)
				if len(issues) != 1 || issues[0].Code != xlsform.CodeNotText || issues[0].Place.Row != c.row || len(issues[0].Args) > 0 {
					t.Errorf("%v", err)
				}
			}
		})
	}
}
