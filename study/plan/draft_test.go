package plan_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"waymark/dataset"
	"waymark/fault"
	"waymark/study/plan"
)

func table(t testing.TB, columns ...*dataset.Column) *dataset.Table {
	t.Helper()
	made, err := dataset.NewTable("people", columns...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// cycle repeats values over rows.
func cycle(rows int, values ...string) []string {
	out := make([]string, rows)
	for i := range out {
		out[i] = values[(i+i/len(values))%len(values)]
	}
	return out
}

// parsed drafts a plan and parses it; a hard issue fails the test.
func parsed(t testing.TB, in plan.DraftInput) (*plan.Plan, string) {
	t.Helper()
	text, err := plan.Draft(in)
	if err != nil {
		t.Fatal(err)
	}
	p, issues := plan.Parse("draft.yaml", text)
	if err := issues.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p, string(text)
}

func TestDraftOfASurvey(t *testing.T) {
	const rows = 300
	var keys []string
	for i := range rows {
		keys = append(keys, fmt.Sprintf("uuid:%04d", i/4))
	}
	p, text := parsed(t, plan.DraftInput{File: "my survey.csv", Table: table(t,
		dataset.NewCategory("KEY", keys),
		dataset.NewCategory("Been_ill", cycle(rows, "N", "N", "Y")),
		dataset.NewCategory("sex", cycle(rows, "female", "male")),
		dataset.NewCategory("town", cycle(rows, "a", "b", "c", "c", "c")),
	)})
	if p.ID != "my-survey" || p.Kind != plan.Survey || p.Main().Name != "interviews" {
		t.Errorf("%s, %s, %s", p.ID, p.Kind, p.Main().Name)
	}
	if len(p.Outcomes) != 1 || p.Outcomes[0].Column != "Been_ill" || p.Outcomes[0].Yes[0] != "Y" || p.Outcomes[0].No[0] != "N" {
		t.Errorf("outcomes %+v", p.Outcomes)
	}
	if len(p.Predictors) != 2 || p.Predictors[1].ID != "town" || len(p.Predictors[1].Levels) != 3 {
		t.Errorf("predictors %+v", p.Predictors)
	}
	if g := p.Models[0].Groups; len(g) != 1 || g[0] != "KEY" {
		t.Errorf("groups %v", g)
	}
	if strings.Contains(text, "uuid:") {
		t.Error("a key of a household is in the draft")
	}
}

func TestDraftTakesWordsOfAForm(t *testing.T) {
	words := func(c *dataset.Column, change func(*dataset.Field)) *dataset.Column { return c.WithField(change) }
	ill := words(dataset.NewCategory("ill", cycle(100, "n", "y")), func(f *dataset.Field) {
		f.Labels = dataset.Labels{"en": "Was ${name} ill?", "fr": "${name} a-t-il été malade ?"}
	})
	sex := words(dataset.NewCategory("sex", cycle(100, "2", "1", "1")), func(f *dataset.Field) {
		f.Labels = dataset.Labels{"fr": "[OBSERVEZ] Sexe"}
		for i := range f.Levels {
			f.Levels[i].Labels = map[string]dataset.Labels{"1": {"en": "Man", "fr": "Homme"}, "2": {"en": "Woman", "fr": "Femme"}}[f.Levels[i].Code]
		}
	})
	secret := words(dataset.NewCategory("clinic", cycle(100, "marked-a", "marked-b")), func(f *dataset.Field) { f.Class = dataset.Restricted })
	p, text := parsed(t, plan.DraftInput{File: "a.csv", Form: true, Language: "fr", Table: table(t, ill, sex, secret)})
	if got := p.Outcomes[0].Title; got["en"] != "Was … ill?" || got["fr"] != "… a-t-il été malade ?" {
		t.Errorf("outcome %v", got)
	}
	x, _ := p.Predictor("sex")
	if x.Title["en"] != "Sexe" || x.Title["fr"] != "Sexe" || x.Choice("1").Title["en"] != "Man" || x.Choice("2").Title["fr"] != "Femme" {
		t.Errorf("sex %+v", x)
	}
	if p.Main().Form != "form" || p.DataSet("form").Language != "fr" {
		t.Errorf("data %+v", p.Data)
	}
	if strings.Contains(text, "marked-") {
		t.Error("a value of a restricted column is in the draft")
	}
}

func TestDraftOfCounts(t *testing.T) {
	var areas []string
	var people, households []float64
	for i := range 60 {
		areas = append(areas, fmt.Sprintf("MW30%d", i%6))
		people, households = append(people, float64(40+i*7)), append(households, float64(8+i))
	}
	p, _ := parsed(t, plan.DraftInput{File: "dtm.csv", Table: table(t,
		dataset.NewCategory("adm2_pcode", areas), dataset.NewNumber("num_hh", households), dataset.NewNumber("num_ind", people))})
	if p.Kind != plan.LocationCounts || p.Counts.Measures[0].Column != "num_ind" || p.Counts.Tables[0].By != "adm2_pcode" || len(p.Counts.Tables[0].Levels) != 6 {
		t.Errorf("%s %+v", p.Kind, p.Counts)
	}
}

func TestNothingToDraft(t *testing.T) {
	_, err := plan.Draft(plan.DraftInput{File: "a.csv", Table: table(t, dataset.NewText("remark", []string{"a", "b"}), dataset.NewCategory("place", []string{"x", "y"}))})
	if is := fault.Of(err); len(is) != 1 || is[0].Code != plan.CodeNothingToDraft || is[0].Place.Document != "a.csv" {
		t.Errorf("%v", err)
	}
}

func TestDraftMissingOf(t *testing.T) {
	iso := dataset.NewCategory("country", []string{"NA", "FR", "DE"})
	said := dataset.NewCategory("age", []string{"5 to 17", "unknown/did not answer", "adult"})
	m := plan.DraftMissingOf([]dataset.Suspect{
		{Column: "a", Code: "NULL"}, {Column: "b", Code: "dnk"}, {Column: "b", Code: "NULL"}, {Column: "c", Code: "pnta"},
		{Column: "d", Code: "-99"}, {Column: "country", Code: "NA"}, {Column: "e", Code: "-"},
	}, table(t, iso, said))
	for kind, want := range map[string]string{"not_asked": "NULL", "unknown": "dnk", "refused": "pnta", "empty": "-"} {
		if got := strings.Join(m.All[kind], ","); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
	if got := m.All["not_applicable"]; got != nil {
		t.Errorf("Namibia is missing: %v", got)
	}
	if got := m.Columns["d"]["unknown"]; len(got) != 1 || got[0] != "-99" {
		t.Errorf("numbers: %v", m.Columns)
	}
	if got := m.Columns["age"]["unknown"]; len(got) != 1 || got[0] != "unknown/did not answer" {
		t.Errorf("words: %v", m.Columns)
	}
}

// Whatever the table, a draft parses, is the same the second time, and holds no value of a text, of a name, or
// of a column nearly every row of which has its own.
func TestDraftOfAnyTable(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.IntRange(1, 120).Draw(r, "rows")
		columns := []*dataset.Column{}
		used := map[string]bool{}
		for range rapid.IntRange(1, 8).Draw(r, "columns") {
			name := rapid.SampledFrom([]string{"sex", "Sex", "route", "held", "exploited", "KEY", "full_name", "phone", "age", "num_ind", "adm1_pcode",
				"site", "gps", "a b", "été", "yes", "1", "\"", "a: b", "#", "…", "consent", "story_other", "departure_country"}).Draw(r, "name")
			if used[name] {
				continue
			}
			used[name] = true
			c := drawColumn(r, name, rows)
			columns = append(columns, c)
		}
		made, err := dataset.NewTable("any", columns...)
		if err != nil {
			r.Fatal(err)
		}
		in := plan.DraftInput{File: "any.csv", Table: made}
		text, err := plan.Draft(in)
		if err != nil {
			return
		}
		if _, issues := plan.Parse("draft.yaml", text); issues.Err() != nil {
			r.Fatalf("%v\n%s", issues, text)
		}
		again, _ := plan.Draft(in)
		if string(again) != string(text) {
			r.Fatal("two drafts of one table differ")
		}
		if strings.Contains(string(text), "planted") {
			r.Fatalf("a planted value is in the draft:\n%s", text)
		}
		if regexp.MustCompile(`"\+?2217[0-9]{5}`).Match(text) {
			r.Fatal("a number to call is in the draft")
		}
	})
}

func drawColumn(r *rapid.T, name string, rows int) *dataset.Column {
	pick := func(values ...string) *dataset.Column {
		codes := make([]string, rows)
		for i := range codes {
			codes[i] = values[rapid.IntRange(0, len(values)-1).Draw(r, "code")]
		}
		return dataset.NewCategory(name, codes)
	}
	each := func(value func(i int) string) []string {
		out := make([]string, rows)
		for i := range out {
			out[i] = value(i)
		}
		return out
	}
	switch rapid.IntRange(0, 6).Draw(r, "kind") {
	case 0:
		return pick("yes", "no")
	case 1:
		return pick("a", "b", "true", "null", "~", "1.0", "- x")
	case 2:
		return dataset.NewText(name, each(func(i int) string { return fmt.Sprintf("planted words of a person %d", i) }))
	case 3:
		return dataset.NewCategory(name, each(func(i int) string { return fmt.Sprintf("+2217%05d", i) }))
	case 4:
		return dataset.NewCategory(name, each(func(i int) string { return fmt.Sprintf("uuid:planted-%d", i/2) }))
	case 5:
		values := make([]float64, rows)
		for i := range values {
			values[i] = float64(rapid.IntRange(-2, 90).Draw(r, "number"))
		}
		return dataset.NewNumber(name, values)
	}
	return pick("MW101", "MW102", "MW103")
}
