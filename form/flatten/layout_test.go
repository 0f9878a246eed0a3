package flatten_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/dataset"
	"waymark/form"
	"waymark/form/flatten"
	"waymark/form/instance"
)

// visit is a form with a repeat in a repeat.
func visit() *form.Form {
	home, person, child := form.Path{"home"}, form.Path{"home", "person"}, form.Path{"home", "person", "child"}
	return &form.Form{ID: "visit",
		Lists:  []form.List{{Name: "need", Choices: []form.Choice{{Name: "food"}, {Name: "work"}}}},
		Groups: []form.Group{{Path: home}, {Path: person, Repeat: true}, {Path: child, Repeat: true}},
		Questions: []form.Question{
			{Path: form.Path{"day"}, Type: form.Date},
			{Path: form.Path{"home", "rooms"}, Type: form.Integer},
			{Path: form.Path{"home", "rent"}, Type: form.Decimal, Relevant: "${rooms} > 0"},
			{Path: append(person, "name"), Repeat: person, Type: form.Text},
			{Path: append(person, "needs"), Repeat: person, Type: form.SelectMultiple, List: "need"},
			{Path: append(child, "age"), Repeat: child, Type: form.Integer},
			{Path: form.Path{"place"}, Type: form.Geopoint},
		}}
}

func answered(t testing.TB, inner string) *instance.Instance {
	t.Helper()
	in, err := instance.Parse([]byte(`<data id="visit">`+inner+`<meta><instanceID>uuid:1</instanceID></meta></data>`), instance.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

const answers = `<day>2026-03-01</day><home><rooms>2</rooms>
	<person template=""><name/></person>
	<person><name>A</name><needs>work</needs><child><age>4</age></child><child><age>six</age></child></person>
	<person><name> </name><child><age>9</age></child><needs/></person></home><place>1.5 2.5 0 0</place><strange>x</strange>`

func texts(r flatten.Row) string {
	var parts []string
	for _, c := range r.Cells {
		switch {
		case c.Missing != dataset.Present:
			parts = append(parts, "("+c.Missing.String()+")")
		case c.Typed:
			parts = append(parts, fmt.Sprintf("%s=%g", c.Text, c.Number))
		default:
			parts = append(parts, c.Text)
		}
	}
	return strings.Join(parts, " | ")
}

func TestRows(t *testing.T) {
	l := flatten.NewLayout(visit())
	type row struct {
		Table      string
		Index, Par int
		Key, Up    string
		Cells      string
	}
	var have []row
	for _, r := range l.Rows(answered(t, answers)) {
		key, up := l.Key(r.Table, "uuid:1", r.At)
		have = append(have, row{l.Tables[r.Table].Name, r.Index, r.Parent, key, up, texts(r)})
	}
	want := []row{
		{"Submissions", 0, -1, "uuid:1", "", "2026-03-01=20513 | 2=2 | (not_applicable) | 1.5 2.5 0 0"},
		{"Submissions.home.person", 0, 0, "uuid:1/home/person[1]", "uuid:1", "A | work"},
		{"Submissions.home.person.child", 0, 0, "uuid:1/home/person[1]/child[1]", "uuid:1/home/person[1]", "4=4"},
		{"Submissions.home.person.child", 1, 0, "uuid:1/home/person[1]/child[2]", "uuid:1/home/person[1]", "six"},
		{"Submissions.home.person", 1, 0, "uuid:1/home/person[2]", "uuid:1", "(empty) | (empty)"},
		{"Submissions.home.person.child", 2, 1, "uuid:1/home/person[2]/child[1]", "uuid:1/home/person[2]", "9=9"},
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
}

// What is text and what is a number or a date.
func TestNewCell(t *testing.T) {
	for _, c := range []struct {
		kind dataset.Kind
		text string
		want string
	}{
		{dataset.Number, "12", "12"}, {dataset.Number, "-1.50", "-1.5"}, {dataset.Number, " 7 ", "7"}, {dataset.Number, "1.0E3", "1000"},
		{dataset.Number, "123456789012345678", "1.2345678901234568e+17"},
		{dataset.Number, "0x10", "none"}, {dataset.Number, "Inf", "none"}, {dataset.Number, "1_0", "none"}, {dataset.Number, "1e999", "none"},
		{dataset.Number, "=1+1", "none"}, {dataset.Number, "-", "none"}, {dataset.Number, "١٢", "none"},
		{dataset.Date, "1970-01-02", "1"}, {dataset.Date, "2024-02-29T10:00:00.000+01:00", "19782"},
		{dataset.Date, "2023-02-29", "none"}, {dataset.Date, "2023-1-1", "none"}, {dataset.Date, "2023-01-01x", "none"},
		{dataset.Text, "12", "none"}, {dataset.Category, "12", "none"},
	} {
		cell := flatten.NewCell(c.kind, c.text)
		have := "none"
		if cell.Typed {
			have = fmt.Sprint(cell.Number)
		}
		if have != c.want || cell.Text != c.text || cell.Missing != dataset.Present {
			t.Errorf("%s %q: %s, want %s", c.kind, c.text, have, c.want)
		}
	}
}

// What is packed comes back, class by class, and no class holds another's answers.
func TestPack(t *testing.T) {
	l := flatten.NewLayout(visit())
	for _, r := range l.Rows(answered(t, answers)) {
		table := &l.Tables[r.Table]
		have := table.Blank()
		for _, classes := range [][]dataset.Sensitivity{{dataset.Public, dataset.Internal}, {dataset.Restricted}, {dataset.Strict}} {
			b := table.Pack(nil, r, classes...)
			if strings.Contains(string(b), "1.5 2.5") != (r.Table == 0 && classes[0] == dataset.Strict) {
				t.Errorf("%s: a place is packed with %v", table.Name, classes)
			}
			at, err := table.Unpack(have, b)
			if err != nil || b != nil && cmp.Diff(r.At, at) != "" {
				t.Errorf("%s: %v at %v, %v", table.Name, r.At, at, err)
			}
		}
		for i, c := range r.Cells {
			if have[i].Text != c.Text || have[i].Missing != c.Missing {
				t.Errorf("%s, column %d came back another", table.Name, i)
			}
		}
	}
	if b := l.Tables[2].Pack(nil, flatten.Row{Cells: l.Tables[2].Blank()}, dataset.Strict); b != nil {
		t.Error("a table without strict columns packs some")
	}
}

func FuzzUnpack(f *testing.F) {
	l := flatten.NewLayout(visit())
	for _, r := range l.Rows(answered(f, answers)) {
		f.Add(r.Table, l.Tables[r.Table].Pack(nil, r, dataset.Internal, dataset.Restricted, dataset.Strict))
	}
	f.Fuzz(func(t *testing.T, table int, b []byte) {
		if table < 0 || table >= len(l.Tables) {
			return
		}
		at, err := l.Tables[table].Unpack(l.Tables[table].Blank(), b)
		if err != nil && at != nil {
			t.Error("an error and a row")
		}
	})
}

func TestFiller(t *testing.T) {
	older := visit()
	older.Version = "1"
	older.Questions = older.Questions[1:]                                                             // without the day
	older.Questions = append(older.Questions, form.Question{Path: form.Path{"old"}, Type: form.Text}) // dropped since
	newer := visit()
	newer.Questions[1].Type = form.Text // rooms: two kinds become text
	newer.Lists[0].Choices = append(newer.Lists[0].Choices, form.Choice{Name: "rest"})
	a, b := flatten.NewLayout(older), flatten.NewLayout(newer)
	all := flatten.Merge(a, b)

	var names []string
	for _, f := range all.Tables[0].Fields() {
		names = append(names, f.Name+":"+f.Kind.String()+":"+f.Class.String())
	}
	want := "day:date:internal home/rooms:text:restricted home/rent:number:internal place:text:strict old:text:restricted KEY:text:internal"
	if have := strings.Join(names, " "); have != want {
		t.Errorf("fields %s", have)
	}

	fill := func(table int) *dataset.Table {
		f := all.NewFiller(table, func(c flatten.Column) bool { return c.Class < dataset.Strict })
		for i, l := range []*flatten.Layout{a, b, a} {
			in := answered(t, answers+"<old>o</old>")
			for _, r := range l.Rows(in) {
				if k := all.TableOf(l.Tables[r.Table].Repeat); k == table {
					key, up := all.Key(k, fmt.Sprint("uuid:", i), r.At)
					f.Append(l, key, up, r.Cells)
				}
			}
		}
		return f.Table()
	}
	first := fill(0)
	rows := func(t *dataset.Table) []string {
		var out []string
		for i := range t.Rows() {
			var line []string
			for _, c := range t.Columns {
				if m := c.Missing(i); m != dataset.Present {
					line = append(line, "("+m.String()+")")
				} else {
					line = append(line, c.Cell(i))
				}
			}
			out = append(out, strings.Join(line, " "))
		}
		return out
	}
	if d := cmp.Diff([]string{
		"(not_asked) 2 (not_applicable) o uuid:0",
		"2026-03-01 2 (not_applicable) (not_asked) uuid:1",
		"(not_asked) 2 (not_applicable) o uuid:2",
	}, rows(first)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"A work 0 1 0 uuid:0 uuid:0/home/person[1]", "(empty) (empty) (empty) (empty) (empty) uuid:0 uuid:0/home/person[2]",
		"A work 0 1 0 uuid:1 uuid:1/home/person[1]", "(empty) (empty) (empty) (empty) (empty) uuid:1 uuid:1/home/person[2]",
		"A work 0 1 0 uuid:2 uuid:2/home/person[1]", "(empty) (empty) (empty) (empty) (empty) uuid:2 uuid:2/home/person[2]",
	}, rows(fill(1))); d != "" {
		t.Error(d)
	}
	if c := fill(2).Column("home/person/child/age"); c.Missing(1) != dataset.Empty || c.Number(0) != 4 {
		t.Error("a number that is none is not kept as a value")
	}
	if first.Column("place") != nil {
		t.Error("a column that was not kept is there")
	}
}

// The columns that name rows never take the name of a question.
func TestKeysAreFree(t *testing.T) {
	l := flatten.NewLayout(&form.Form{Questions: []form.Question{{Path: form.Path{"KEY"}, Type: form.Text}}})
	f := l.NewFiller(0, nil)
	f.Append(l, "uuid:1", "", []flatten.Cell{flatten.NewCell(dataset.Text, "x")})
	if table := f.Table(); table.Column("KEY").Text(0) != "x" || table.Column("__KEY").Text(0) != "uuid:1" {
		t.Error(table.Names())
	}
}

// What the form says of an answer holds over its type, in both directions.
func TestClasses(t *testing.T) {
	for _, c := range []struct {
		q    form.Question
		want dataset.Sensitivity
	}{
		{form.Question{Type: form.Geopoint}, dataset.Strict},
		{form.Question{Type: form.Geopoint, Class: "internal"}, dataset.Internal},
		{form.Question{Type: form.Image}, dataset.Strict},
		{form.Question{Type: form.Text}, dataset.Restricted},
		{form.Question{Type: form.Text, Appearance: "w4 multiline"}, dataset.Strict},
		{form.Question{Type: form.Text, Class: "public"}, dataset.Public},
		{form.Question{Type: form.Barcode}, dataset.Restricted},
		{form.Question{Type: form.Metadata, Written: "deviceid"}, dataset.Restricted},
		{form.Question{Type: form.Metadata, Written: "today"}, dataset.Internal},
		{form.Question{Type: form.SelectOne}, dataset.Internal},
		{form.Question{Type: form.SelectOne, Class: "strict"}, dataset.Strict},
		{form.Question{Type: form.Integer, Class: "nonsense"}, dataset.Internal},
	} {
		c.q.Path = form.Path{"q"}
		have := flatten.NewLayout(&form.Form{Questions: []form.Question{c.q}}).Tables[0].Columns[0].Class
		if have != c.want {
			t.Errorf("%s, said %q: %s, want %s", c.q.Type, c.q.Class, have, c.want)
		}
	}
}

// What is made of answers is as sensitive as they are, through any number of steps, unless the form says
// otherwise.
func TestClassesOfWhatIsMade(t *testing.T) {
	person := form.Path{"person"}
	f := &form.Form{Questions: []form.Question{
		{Path: form.Path{"age"}, Type: form.Integer}, {Path: form.Path{"name"}, Type: form.Text}, {Path: form.Path{"place"}, Type: form.Geopoint},
		{Path: form.Path{"adult"}, Type: form.Calculate, Calculation: "${age} > 17"},
		{Path: form.Path{"card"}, Type: form.Calculate, Calculation: "concat(/data/name, ' ', ${age})"},
		{Path: form.Path{"both"}, Type: form.Calculate, Calculation: "concat(${card}, /data/place)"},
		{Path: form.Path{"code"}, Type: form.Calculate, Calculation: "substr(${name}, 0, 1)", Class: "internal"},
		{Path: form.Path{"fetched"}, Type: form.Calculate, Calculation: "pulldata('people', 'name', 'id', ${age})"},
		{Path: form.Path{"listed"}, Type: form.Calculate, Calculation: "instance('people')/root/item[name = '1']/label"},
		{Path: form.Path{"all"}, Type: form.Calculate, Calculation: "concat(/data/*)"},
		{Path: form.Path{"phone"}, Type: form.Calculate, Calculation: "property('username')"},
		{Path: form.Path{"again"}, Type: form.Integer, Default: "${last-saved#place}"},
		{Path: form.Path{"before"}, Type: form.Integer, Default: "instance('__last-saved')/data/age"},
		{Path: form.Path{"who"}, Type: form.SelectOne, Written: "select_one ${first}"},
		{Path: form.Path{"made"}, Type: form.Calculate, Calculation: "-"},
		{Path: form.Path{"person", "first"}, Repeat: person, Type: form.Text}, {Path: form.Path{"person", "initial"}, Repeat: person, Type: form.Calculate, Calculation: "substr(../first, 0, 1)"},
		{Path: form.Path{"rest"}, Type: form.SelectOne, List: "l", Other: true, Class: "strict"},
	}}
	want := "age=internal name=restricted place=strict adult=internal card=restricted both=strict code=internal fetched=restricted listed=restricted all=restricted " +
		"phone=restricted again=strict before=internal who=restricted made=internal rest=strict rest_other=strict person/first=restricted person/initial=restricted"
	var have []string
	for _, table := range flatten.NewLayout(&form.Form{Groups: []form.Group{{Path: person, Repeat: true}}, Questions: f.Questions}).Tables {
		for _, c := range table.Columns {
			have = append(have, c.Name+"="+c.Class.String())
		}
	}
	if s := strings.Join(have, " "); s != want {
		t.Errorf("have %s\nwant %s", s, want)
	}
}

func BenchmarkRows250(b *testing.B) {
	f := &form.Form{ID: "f"}
	var s strings.Builder
	for i := range 250 {
		name := fmt.Sprintf("q%d", i)
		f.Questions = append(f.Questions, form.Question{Path: form.Path{name}, Type: form.Integer})
		fmt.Fprintf(&s, "<%s>%d</%s>", name, i, name)
	}
	in, l := answered(b, s.String()), flatten.NewLayout(f)
	b.ReportAllocs()
	var packed []byte
	for b.Loop() {
		for _, r := range l.Rows(in) {
			packed = l.Tables[r.Table].Pack(packed[:0], r, dataset.Internal)
		}
	}
	b.ReportMetric(float64(len(packed)), "packed-bytes")
}
