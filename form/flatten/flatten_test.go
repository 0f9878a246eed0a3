package flatten_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/dataset"
	tables "waymark/dataset/csv"
	"waymark/fault"
	"waymark/form"
	"waymark/form/flatten"
	"waymark/form/xlsform"
	"waymark/workbook"
)

func household(t testing.TB) flatten.Codebook {
	t.Helper()
	book, err := xlsform.ReadMarkdown(strings.NewReader(`
| survey |
| | type | name | label::English (en) | label::French (fr) |
| | start | start | | |
| | deviceid | device | | |
| | begin group | home | Home | Logement |
| | select_one source | water | Where from? | D’où ? |
| | geopoint | place | Place | Lieu |
| | begin repeat | person | Person | Personne |
| | integer | age | Age | Âge |
| | select_one sex | sex | Sex | Sexe |
| | select_multiple need or_other | needs | Needs | Besoins |
| | end repeat | | | |
| | end group | | | |
| | begin group | head | Head | Chef |
| | select_one sex | sex | Sex of the head | Sexe du chef |
| | date | since | Since | Depuis |
| | note | bye | Bye | Adieu |
| | end group | | | |
| | begin group | other | Other | Autre |
| | select_one source | since | Since where | Depuis où |
| | end group | | | |
| choices |
| | list_name | name | label::English (en) | label::French (fr) |
| | source | well | Well | Puits |
| | source | 1 | Tap | Robinet |
| | source | river | River | Rivière |
| | sex | m | Man | Homme |
| | sex | f | Woman | Femme |
| | need | food | Food | Nourriture |
| | need | work | Work | Travail |
| settings |
| | form_id |
| | hh |
`))
	if err != nil {
		t.Fatal(err)
	}
	f, issues := xlsform.Compile(book, xlsform.Options{})
	if issues.Err() != nil {
		t.Fatal(issues)
	}
	return flatten.Describe(f)
}

func TestDescribe(t *testing.T) {
	book := household(t)
	type row struct {
		Name  string
		Kind  dataset.Kind
		Role  flatten.Role
		Class dataset.Sensitivity
		FR    string
	}
	want := map[string][]row{
		"": {{"start", dataset.Text, flatten.Answer, dataset.Internal, ""}, {"device", dataset.Text, flatten.Answer, dataset.Restricted, ""},
			{"home/water", dataset.Category, flatten.Answer, dataset.Internal, "D’où ?"}, {"home/place", dataset.Text, flatten.Answer, dataset.Strict, "Lieu"},
			{"head/sex", dataset.Category, flatten.Answer, dataset.Internal, "Sexe du chef"}, {"head/since", dataset.Date, flatten.Answer, dataset.Internal, "Depuis"},
			{"other/since", dataset.Category, flatten.Answer, dataset.Internal, "Depuis où"}},
		"home/person": {{"home/person/age", dataset.Number, flatten.Answer, dataset.Internal, "Âge"}, {"home/person/sex", dataset.Category, flatten.Answer, dataset.Internal, "Sexe"},
			{"home/person/needs", dataset.Text, flatten.ListColumn, dataset.Internal, "Besoins"},
			{"home/person/needs/food", dataset.Number, flatten.OptionColumn, dataset.Internal, "Besoins / Nourriture"},
			{"home/person/needs/work", dataset.Number, flatten.OptionColumn, dataset.Internal, "Besoins / Travail"},
			{"home/person/needs/other", dataset.Number, flatten.OptionColumn, dataset.Internal, "Besoins"},
			{"home/person/needs_other", dataset.Text, flatten.OtherColumn, dataset.Restricted, "Besoins"}},
	}
	have := map[string][]row{}
	for _, table := range book.Tables {
		for _, f := range table.Fields {
			have[table.Repeat.String()] = append(have[table.Repeat.String()], row{f.Name, f.Kind, f.Role, f.Class, f.Labels["fr"]})
		}
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
	if book.Form != "hh" {
		t.Errorf("form %q", book.Form)
	}
}

func table(t testing.TB, columns ...*dataset.Column) *dataset.Table {
	t.Helper()
	out, err := dataset.NewTable("t", columns...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func levels(c *dataset.Column) string {
	var parts []string
	for _, l := range c.Levels {
		parts = append(parts, l.Code+"="+l.Labels["fr"])
	}
	return strings.Join(parts, " ")
}

func cells(c *dataset.Column) []string {
	out := make([]string, c.Rows())
	for i := range out {
		out[i] = c.Cell(i)
	}
	return out
}

func TestApply(t *testing.T) {
	in := table(t,
		dataset.NewCategory("home-water", []string{"river", "1", "", "river"}),
		dataset.NewNumber("water", []float64{1, 1, 1, 1}), // numbers are codes too
		dataset.NewCategory("home.person.sex", []string{"Femme", "Homme", "Femme", "f"}),
		dataset.NewNumber("home:person:needs:food", []float64{0, 1, 0, 1}),
		dataset.NewText("needs_other", []string{"x", "", "", ""}),
		dataset.NewCategory("not of the form", []string{"a", "b", "a", "b"}),
	)
	out, issues := flatten.Apply(household(t), in)
	if len(issues) != 0 {
		t.Error(issues)
	}
	for _, c := range []struct{ name, levels, label string }{
		{"home-water", "1=Robinet river=Rivière", "D’où ?"},
		{"water", "1=Robinet", "D’où ?"},
		{"home.person.sex", "Homme=Homme Femme=Femme f=Femme", "Sexe"},
		{"home:person:needs:food", "", "Besoins / Nourriture"},
		{"needs_other", "", "Besoins"},
		{"not of the form", "a= b=", ""},
	} {
		have := out.Column(c.name)
		if levels(have) != c.levels || have.Labels["fr"] != c.label {
			t.Errorf("%s: levels %s, label %s", c.name, levels(have), have.Labels["fr"])
		}
		if d := cmp.Diff(cells(in.Column(c.name)), cells(have)); d != "" {
			t.Errorf("%s: values changed: %s", c.name, d)
		}
	}
	if out.Column("needs_other").Class != dataset.Restricted || out.Column("not of the form").Class != dataset.Public {
		t.Error("classes")
	}
	if in.Column("home-water").Labels != nil {
		t.Error("the table given was changed")
	}
}

// What was labelled or classed before stays, and so do the kinds of missing.
func TestApplyKeeps(t *testing.T) {
	b := dataset.NewBuilder(dataset.Field{Name: "water", Kind: dataset.Category, Labels: dataset.Labels{"fr": "Eau"}, Class: dataset.Strict})
	b.Level("river")
	b.Missing(dataset.Refused)
	b.Missing(dataset.NotAsked)
	out, issues := flatten.Apply(household(t), table(t, b.Column()))
	c := out.Columns[0]
	if c.Labels["fr"] != "Eau" || c.Labels["en"] != "Where from?" || c.Class != dataset.Strict || len(issues) != 0 {
		t.Errorf("%+v %v", c.Field, issues)
	}
	if c.Missing(0) != dataset.Present || c.Missing(1) != dataset.Refused || c.Missing(2) != dataset.NotAsked {
		t.Error("kinds of missing changed")
	}
}

func TestApplyReports(t *testing.T) {
	secret := "an answer of a person"
	for _, c := range []struct {
		name   string
		column *dataset.Column
		want   fault.Code
		args   map[string]any
	}{
		{"codes the form lacks", dataset.NewCategory("water", []string{"well", secret, secret, "sea"}), flatten.CodeUnknownCodes, map[string]any{"column": "water", "levels": 2, "count": 3}},
		{"several questions of a name", dataset.NewText("since", []string{"a"}), flatten.CodeAmbiguous, map[string]any{"column": "since", "count": 2}},
		{"words for a number", dataset.NewCategory("age", []string{"12", secret}), flatten.CodeKindDiffers, map[string]any{"column": "age", "have": "category", "want": "number"}},
	} {
		_, issues := flatten.Apply(household(t), table(t, c.column, dataset.NewCategory("place", make([]string, c.column.Rows()))))
		if len(issues) != 1 || issues[0].Code != c.want || issues[0].Severity != fault.Soft || issues[0].Place.Column != 1 {
			t.Errorf("%s: %v", c.name, issues)
			continue
		}
		if d := cmp.Diff(c.args, issues[0].Args); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if strings.Contains(issues.Error(), secret) {
			t.Errorf("%s: an answer stands in an issue", c.name)
		}
	}
	if _, issues := flatten.Apply(household(t), table(t, dataset.NewText("x", []string{"a"}))); len(issues) != 1 || issues[0].Code != flatten.CodeNoMatch {
		t.Errorf("no match: %v", issues)
	}
	// One name in several groups is no matter where the questions have the same choices.
	if out, issues := flatten.Apply(household(t), table(t, dataset.NewCategory("sex", []string{"f", "m"}))); len(issues) != 0 || levels(out.Columns[0]) != "m=Homme f=Femme" {
		t.Errorf("same choices: %v", issues)
	}
}

// A form may have anything: every form that compiles is described, and put on a table of its own columns
// every column is found.
func TestDescribedColumnsAreFound(t *testing.T) {
	f := &form.Form{Lists: []form.List{{Name: "l", Choices: []form.Choice{{Name: "a.b"}, {Name: "a.b"}, {Name: "c"}}}},
		Groups:    []form.Group{{Path: form.Path{"r"}, Repeat: true}, {Path: form.Path{"r"}, Repeat: true}},
		Questions: []form.Question{{Path: form.Path{"r", "x-y"}, Repeat: form.Path{"r"}, Type: form.SelectMultiple, List: "l"}, {Path: form.Path{"q"}, Type: form.SelectOne, List: "none"}}}
	book := flatten.Describe(f)
	var columns []*dataset.Column
	seen := map[string]bool{}
	for _, table := range book.Tables {
		for _, field := range table.Fields {
			if !seen[field.Name] {
				seen[field.Name] = true
				columns = append(columns, dataset.NewText(field.Name, []string{"z"}))
			}
		}
	}
	if _, issues := flatten.Apply(book, table(t, columns...)); len(issues) != 0 {
		t.Error(issues)
	}
}

func reference(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("WAYMARK_REFERENCE")
	if folder == "" {
		t.Skip("WAYMARK_REFERENCE is not set: " + name + " skipped")
	}
	return filepath.Join(folder, "data")
}

func load(t *testing.T, path string) *dataset.Table {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	loaded, err := tables.Read(f, tables.Options{ReadOptions: dataset.ReadOptions{Document: filepath.Base(path)}})
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Table
}

func labelled(t *dataset.Table, tag string) int {
	n := 0
	for _, c := range t.Columns {
		if c.Labels[tag] != "" {
			n++
		}
	}
	return n
}

// The French form of Abidjan names the columns and levels of the answers it collected.
func TestReferenceAbidjan(t *testing.T) {
	data := reference(t, "the form of Abidjan on its answers")
	f, err := os.Open(filepath.Join(data, "forms", "household-survey-abidjan-2022-french.xls"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	w, err := workbook.Open(f, info.Size(), workbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	compiled, _ := xlsform.Compile(w.Texts(), xlsform.Options{Language: "fr"})
	book := flatten.Describe(compiled)
	people, issues := flatten.Apply(book, load(t, filepath.Join(data, "survey", "household-survey-abidjan-2022-people.csv")))
	if len(issues) != 0 || levels(people.Column("Diarrhoea")) != "Y=OUI N=NON" || labelled(people, "fr") != 4 {
		t.Errorf("people: %d labelled, %s, %v", labelled(people, "fr"), levels(people.Column("Diarrhoea")), issues)
	}
	homes, issues := flatten.Apply(book, load(t, filepath.Join(data, "survey", "household-survey-abidjan-2022-households.csv")))
	if len(issues) != 0 || labelled(homes, "fr") != 36 {
		t.Errorf("households: %d of %d columns labelled, %v", labelled(homes, "fr"), len(homes.Columns), issues)
	}
}

// A form kept as two CSV files names the columns of an export with options joined by a full stop.
func TestReferenceIraq(t *testing.T) {
	folder := filepath.Join(reference(t, "the form of Iraq on its answers"), "survey")
	var sheets xlsform.Tables
	for _, name := range []string{"survey", "choices"} {
		f, err := os.Open(filepath.Join(folder, "reach-iraq-water-2021-"+name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r := csv.NewReader(f)
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sheets = append(sheets, xlsform.Sheet{Name: name, Rows: rows})
	}
	compiled, hard := xlsform.Compile(sheets, xlsform.Options{})
	out, issues := flatten.Apply(flatten.Describe(compiled), load(t, filepath.Join(folder, "reach-iraq-water-2021-raw-data.csv")))
	if hard.Err() != nil || len(out.Columns) != 348 || labelled(out, "ar") != 337 || len(issues) != 2 {
		t.Errorf("%v; %d of %d columns labelled; %v", hard.Err(), labelled(out, "ar"), len(out.Columns), issues)
	}
}
