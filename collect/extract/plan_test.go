package extract

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/dataset"
	"waymark/form"
)

// tables are those of a form with a group, a question of several answers, a place, a repeat, and a field that only
// an earlier version had.
func tables() []collect.Table {
	field := func(class dataset.Sensitivity, kind dataset.Kind, t form.Type, path ...string) collect.Field {
		f := collect.Field{Path: path, Type: t}
		f.Name, f.Class, f.Kind = form.Path(path).String(), class, kind
		return f
	}
	needs := field(dataset.Internal, dataset.Text, form.SelectMultiple, "home", "needs")
	needs.Levels = []dataset.Level{{Code: "food"}, {Code: "water"}}
	return []collect.Table{
		{Name: "Submissions", Fields: []collect.Field{
			field(dataset.Internal, dataset.Number, form.Integer, "age"), needs,
			field(dataset.Restricted, dataset.Text, form.Text, "story"), field(dataset.Strict, dataset.Text, form.Geopoint, "place"),
			field(dataset.Internal, dataset.Text, form.Text, "old"),
		}},
		{Name: "Submissions.home.person", Path: form.Path{"home", "person"}, Parent: "Submissions", Fields: []collect.Field{
			field(dataset.Internal, dataset.Text, form.SelectOne, "home", "person", "about", "sex"),
		}},
		{Name: "Submissions.person", Path: form.Path{"person"}, Parent: "Submissions"},
	}
}

func names(t table) []string {
	var out []string
	for _, c := range t.columns {
		out = append(out, c.name)
	}
	return out
}

func TestColumns(t *testing.T) {
	after := []string{"KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState", "DeviceID", "Edits", "FormVersion"}
	for _, c := range []struct {
		name    string
		options Options
		want    []string
		left    int
	}{
		{"plain", Options{}, []string{"age", "home-needs"}, 2},
		{"split", Options{SplitSelects: true}, []string{"age", "home-needs", "home-needs/food", "home-needs/water"}, 2},
		{"short", Options{ShortNames: true}, []string{"age", "needs"}, 2},
		{"missing", Options{Missing: true}, []string{"age", "age__missing", "home-needs", "home-needs__missing"}, 2},
		{"restricted", Options{Restricted: true}, []string{"age", "home-needs", "story"}, 1},
		{"opened", Options{Restricted: true, Opening: "o"}, []string{"age", "home-needs", "story", "place-Latitude", "place-Longitude", "place-Altitude", "place-Accuracy"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &Extract{form: "arrivals", options: c.options}
			x.plan(tables(), func(_ collect.Table, f collect.Field) bool { return f.Path.String() != "old" })
			want := append(append([]string{"SubmissionDate"}, c.want...), after...)
			if d := cmp.Diff(want, names(x.tables[0])); d != "" {
				t.Error(d)
			}
			if len(x.tables[0].left) != c.left {
				t.Errorf("%d columns left out, want %d", len(x.tables[0].left), c.left)
			}
			if d := cmp.Diff([]string{"about-sex", "PARENT_KEY", "KEY"}, names(x.tables[1])[len(names(x.tables[1]))-3:]); !c.options.Missing && !c.options.ShortNames && d != "" {
				t.Error(d)
			}
			if x.tables[0].file != "arrivals" || x.tables[1].file != "arrivals-person~1" || x.tables[2].file != "arrivals-person~2" {
				t.Errorf("files %s, %s, %s", x.tables[0].file, x.tables[1].file, x.tables[2].file)
			}
		})
	}
}

func TestText(t *testing.T) {
	x := &Extract{form: "arrivals", options: Options{SplitSelects: true, Restricted: true, Opening: "o", Missing: true}}
	x.plan(tables(), func(collect.Table, collect.Field) bool { return true })
	r := &collect.Row{Record: &collect.Record{}, Cells: []collect.Cell{
		{Text: "=1+1"}, {Text: "water  food"}, {Sealed: true}, {Text: "-15.5 35.25 1200"}, {Missing: dataset.NotApplicable},
	}}
	have := map[string]string{}
	for i := range x.tables[0].columns {
		if c := &x.tables[0].columns[i]; c.at >= 0 {
			have[c.name] = c.text(x, r)
			if c.name == "age" && c.kind("=1+1") != dataset.Text || c.name == "age" && c.kind("7") != dataset.Number {
				t.Error("a cell of a column of numbers that is none is written as a number")
			}
		}
	}
	want := map[string]string{"age": "=1+1", "age__missing": "", "home-needs": "water  food", "home-needs/food": "1", "home-needs/water": "1", "home-needs__missing": "",
		"story": "", "story__missing": "", "place-Latitude": "-15.5", "place-Longitude": "35.25", "place-Altitude": "1200", "place-Accuracy": "", "place__missing": "",
		"old": "", "old__missing": "not_applicable"}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
}

func TestGeometry(t *testing.T) {
	for _, c := range []struct {
		name  string
		text  string
		kind  form.Type
		class dataset.Sensitivity
		want  string
	}{
		{"point", "-15.5 35.25 1200 5", form.Geopoint, dataset.Public, `{"type":"Point","coordinates":[35.25,-15.5]}`},
		{"an internal point stands in the middle of its square", "-15.58 35.21 1200 5", form.Geopoint, dataset.Internal, `{"type":"Point","coordinates":[35.25,-15.55]}`},
		{"latitude 91", "91 0", form.Geopoint, dataset.Public, ""},
		{"one number", "12", form.Geopoint, dataset.Public, ""},
		{"line", "1 2;3 4;", form.Geotrace, dataset.Public, `{"type":"LineString","coordinates":[[2,1],[4,3]]}`},
		{"a ring is closed", "1 2;3 4;5 6", form.Geoshape, dataset.Public, `{"type":"Polygon","coordinates":[[[2,1],[4,3],[6,5],[2,1]]]}`},
		{"no ring", "1 2;3 4;1 2", form.Geoshape, dataset.Public, ""},
	} {
		f := collect.Field{Type: c.kind}
		f.Class = c.class
		if have := string(geometryOf(c.text, f)); have != c.want {
			t.Errorf("%s: %s, want %s", c.name, have, c.want)
		}
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{"arrivals": "arrivals", "a/b:c": "abc", "../": "records", "": "records"} {
		if have := fileName(name); have != want {
			t.Errorf("%q: %q, want %q", name, have, want)
		}
	}
}
