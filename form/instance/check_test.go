package instance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/form"
	"waymark/form/instance"
	"waymark/form/xform"
	"waymark/form/xlsform"
)

// one is a form of one question.
func one(q form.Question) *form.Form {
	q.Path = form.Path{"q"}
	return &form.Form{Questions: []form.Question{q}, Lists: []form.List{{Name: "l", Choices: []form.Choice{{Name: "a"}, {Name: "b"}}}}}
}

func codes(issues fault.Issues) string {
	var out []string
	for _, i := range issues {
		out = append(out, strings.TrimPrefix(string(i.Code), "instance.")+" "+i.Place.Field)
	}
	return strings.Join(out, ", ")
}

func TestCheckAnswers(t *testing.T) {
	ask := func(t form.Type) form.Question { return form.Question{Type: t} }
	choose := func(t form.Type) form.Question { return form.Question{Type: t, List: "l"} }
	for _, c := range []struct {
		q            form.Question
		answer, want string
	}{
		{ask(form.Integer), "12", ""}, {ask(form.Integer), "-3", ""}, {ask(form.Integer), " 7 ", ""}, {ask(form.Integer), "1.5", "not-whole"}, {ask(form.Integer), "twelve", "not-number"}, {ask(form.Integer), "=1+1", "not-number"},
		{ask(form.Decimal), "1.5E3", ""}, {ask(form.Decimal), "1,5", "not-number"}, {ask(form.Decimal), "NaN", "not-number"}, {ask(form.Range), "2.5", ""}, {ask(form.Decimal), "0x1p3", "not-number"},
		{ask(form.Date), "2024-02-29", ""}, {ask(form.Date), "2024-02-29T00:00:00.000+01:00", ""}, {ask(form.Date), "2023-02-29", "date"}, {ask(form.Date), "29/02/2024", "date"},
		{ask(form.Time), "23:59:59.999+05:30", ""}, {ask(form.Time), "08:00", ""}, {ask(form.Time), "08:00Z", ""}, {ask(form.Time), "24:30:00", "time"}, {ask(form.Time), "08:00+x", "time"},
		{ask(form.DateTime), "2024-02-29T10:00:00.000Z", ""}, {ask(form.DateTime), "2024-13-01T10:00:00Z", "date"}, {ask(form.DateTime), "2024-12-01T10:61:00Z", "time"}, {ask(form.DateTime), "2024-12-01", ""},
		{form.Question{Type: form.Metadata, Written: "start"}, "2024-02-30T10:00:00Z", "date"}, {form.Question{Type: form.Metadata, Written: "today"}, "x", "date"}, {form.Question{Type: form.Metadata, Written: "deviceid"}, "collect:a=b", ""},
		{ask(form.Geopoint), "12.5 -7.1 0 0", ""}, {ask(form.Geopoint), "12.5 -7.1", ""}, {ask(form.Geopoint), "91 0 0 0", "latitude"}, {ask(form.Geopoint), "0 -180.1 0 0", "longitude"}, {ask(form.Geopoint), "here", "place"}, {ask(form.Geopoint), "1", "place"},
		{ask(form.Geotrace), "1 1 0 0;2 2 0 0", ""}, {ask(form.Geotrace), "1 1; 2 2; ", ""}, {ask(form.Geotrace), "1 1", "points"}, {ask(form.Geotrace), "1 1;91 2", "latitude"}, {ask(form.Geotrace), ";;", "place"},
		{ask(form.Geoshape), "1 1;2 2;3 1;1 1", ""}, {ask(form.Geoshape), "1 1 0 0;2 2 0 0;3 1 0 0;1.0 1 5 5;", ""}, {ask(form.Geoshape), "1 1;2 2;3 1", "ring"}, {ask(form.Geoshape), "1 1;2 2;3 1;4 4", "ring"}, {ask(form.Geoshape), "1 1;2 2", "points"},
		{choose(form.SelectOne), "a", ""}, {choose(form.SelectOne), "c", "choice"}, {choose(form.SelectOne), "a b", "choice"}, {choose(form.SelectMultiple), "b a", ""}, {choose(form.SelectMultiple), "a c d", "choice"}, {choose(form.Rank), "b c", "choice"},
		{form.Question{Type: form.SelectOne, List: "l", Other: true}, "other", ""}, {form.Question{Type: form.SelectOne, List: "none"}, "c", ""}, {form.Question{Type: form.SelectOne, File: "l.csv"}, "c", ""},
		{ask(form.Text), "=1+1", "formula"}, {ask(form.Text), " =HYPERLINK()", "formula"}, {ask(form.Text), "+225 07 (12)", ""}, {ask(form.Text), "-", ""}, {ask(form.Text), "+cmd|' /C calc'!A0", "formula"}, {ask(form.Text), "@SUM(1+1)", "formula"}, {ask(form.Text), "@name", ""}, {ask(form.Text), "a = b", ""},
		{ask(form.Calculate), "=A1", "formula"}, {ask(form.Barcode), "=x", "formula"},
		{ask(form.Image), "1700000000.jpg", ""}, {ask(form.Image), "../x.jpg", "file-name"}, {ask(form.Audio), `a\b.m4a`, "file-name"}, {ask(form.File), "..", "file-name"}, {ask(form.Image), "jr://images/example.png", ""},
	} {
		in := parse(t, wrap("<q>"+c.answer+"</q>"))
		want := c.want
		if want != "" {
			want += " q"
		}
		if have := codes(instance.Check(one(c.q), in)); have != want {
			t.Errorf("%s %q: %s, want %s", c.q.Type, c.answer, have, want)
		}
	}
}

// household is a form with conditions written in the ways of authors and of compiled forms.
func household() *form.Form {
	person := form.Path{"home", "person"}
	in := func(name string) form.Path { return append(person[:2:2], name) }
	return &form.Form{ID: "f", Groups: []form.Group{{Path: form.Path{"home"}}, {Path: person, Repeat: true}, {Path: form.Path{"more"}, Relevant: "${rooms} > 5"}, {Path: form.Path{"kin"}}},
		Questions: []form.Question{
			{Path: form.Path{"end"}, Type: form.Metadata, Written: "end"},
			{Path: form.Path{"rooms"}, Type: form.Integer, Required: "yes", Constraint: ". >= 0 and . < 30"},
			{Path: form.Path{"since"}, Type: form.Date, Constraint: ". <= today()"},
			{Path: form.Path{"why"}, Type: form.Text, Relevant: "/d/rooms = 0", Required: "true()"},
			{Path: form.Path{"looked"}, Type: form.Text, Relevant: "pulldata('x', 'y', 'z', 'w') = 1", Required: "true()"},
			{Path: in("name"), Repeat: person, Type: form.Text, Required: "true()"},
			{Path: in("age"), Repeat: person, Type: form.Integer, Constraint: ". < 120"},
			{Path: in("school"), Repeat: person, Type: form.Text, Relevant: "${age} < 18", Required: "../age > 5"},
			{Path: form.Path{"more", "deep"}, Type: form.Text, Required: "true()"},
			{Path: form.Path{"kin", "near"}, Type: form.Text, Required: "true()"},
		}}
}

func TestCheckConditions(t *testing.T) {
	for _, c := range []struct{ name, inner, want string }{
		{"nothing wrong", "<rooms>2</rooms><home><person><name>A</name><age>40</age></person><person><name>B</name><age>7</age><school>y</school></person></home><kin><near>n</near></kin>", ""},
		{"required", "<rooms/><kin><near> </near></kin><home/>", "required rooms, required kin/near"},
		{"required and not sent", "<home/>", "required rooms, required kin/near"},
		{"required where asked", "<rooms>0</rooms><kin><near>n</near></kin><home/>", "required why"},
		{"a group asked", "<rooms>6</rooms><kin><near>n</near></kin><home/>", "required more/deep"},
		{"answered and not asked", "<rooms>1</rooms><why>x</why><more><deep>y</deep></more><kin><near>n</near></kin><home/>", "not-asked why, not-asked more"},
		{"a condition not met", "<rooms>30</rooms><kin><near>n</near></kin><home><person><name>A</name><age>130</age></person></home><more><deep>x</deep></more>", "constraint rooms, constraint home/person[1]/age"},
		{"a condition by position", "<rooms>2</rooms><kin><near>n</near></kin><home><person><name>A</name><age>30</age><school>x</school></person><person><age>10</age></person></home>",
			"not-asked home/person[1]/school, required home/person[2]/name, required home/person[2]/school"},
		{"a date of the future by the record's own clock", "<end>2026-03-01T10:00:00.000+01:00</end><rooms>2</rooms><since>2026-03-02</since><kin><near>n</near></kin><home/>", "constraint since"},
		{"a date of the future by no clock", "<rooms>2</rooms><since>2226-03-02</since><kin><near>n</near></kin><home/>", ""},
		{"strange and double", "<rooms>2</rooms><rooms>3</rooms><strange><a/></strange><kin><near>n</near></kin><home><odd/></home>", "twice rooms, unknown-field strange, unknown-field home/odd"},
		{"a template", `<rooms>2</rooms><kin><near>n</near></kin><home><person template=""><name/></person></home>`, ""},
	} {
		if have := codes(instance.Check(household(), parse(t, wrap(c.inner)))); have != c.want {
			t.Errorf("%s: %s, want %s", c.name, have, c.want)
		}
	}
	late := parse(t, wrap("<rooms>2</rooms><since>2026-03-02</since><kin><near>n</near></kin><home/>"))
	if have := codes(instance.NewChecker(household()).Check(late, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))); have != "constraint since" {
		t.Errorf("at a time given: %s", have)
	}
}

// Issues are soft, have words in no language, and never hold an answer, whatever the record.
func TestCheckHoldsNoAnswer(t *testing.T) {
	inner := "<end>secretsecret</end><rooms>secretsecret</rooms><why>=secretsecret</why><home><person><name>secretsecret</name><age>secretsecret</age></person></home><secretsecret/>"
	issues := instance.Check(household(), parse(t, wrap(strings.Replace(inner, "<secretsecret/>", "", 1))))
	if len(issues) == 0 || strings.Contains(issues.Error(), "secretsecret") || issues.Err() != nil {
		t.Error(issues)
	}
	many := instance.Check(household(), parse(t, wrap(strings.Repeat("<odd/>", 500))))
	last := many[len(many)-1]
	if len(many) != 101 || last.Code != instance.CodeMore || last.Args["count"] != 402 {
		t.Errorf("%d issues, last %v", len(many), last)
	}
	long := instance.Check(household(), parse(t, wrap("<"+strings.Repeat("é", 500)+"/>")))
	if n := len(long[0].Place.Field); n > 64 {
		t.Errorf("a name of %d bytes stands in an issue", n)
	}
	encrypted := parse(t, `<d id="f" encrypted="yes"><base64EncryptedKey>k</base64EncryptedKey><meta><instanceID>a</instanceID></meta></d>`)
	if issues := instance.Check(household(), encrypted); issues != nil {
		t.Errorf("an encrypted record was checked: %v", issues)
	}
}

// What compilers add to a form is of the form, whether it was compiled or read as XML.
func TestCheckKnowsWhatCompilersAdd(t *testing.T) {
	book, err := xlsform.ReadMarkdown(strings.NewReader(`
| survey |
| | type | name | label | repeat_count |
| | integer | n | How many? | |
| | begin repeat | child | Child | ${n} + 1 |
| | text | name | Name | |
| | end repeat | | | |
| | note | bye | Bye | |
| settings |
| | form_id |
| | f |
`))
	if err != nil {
		t.Fatal(err)
	}
	compiled, issues := xlsform.Compile(book, xlsform.Options{})
	raw, more := xform.Encode(compiled)
	read, last := xform.Decode(raw)
	if issues.Err() != nil || more.Err() != nil || last.Err() != nil {
		t.Fatal(issues, more, last)
	}
	in := parse(t, `<data id="f"><n>1</n><child_count>2</child_count><child><name>A</name></child><bye/><meta><instanceID>a</instanceID></meta></data>`)
	for _, f := range []*form.Form{compiled, read} {
		if have := codes(instance.Check(f, in)); have != "" {
			t.Errorf("with a tree %v: %s", f.Tree != nil, have)
		}
	}
}

func TestAttachments(t *testing.T) {
	person := form.Path{"person"}
	f := &form.Form{Groups: []form.Group{{Path: person, Repeat: true}}, Questions: []form.Question{
		{Path: form.Path{"photo"}, Type: form.Image}, {Path: form.Path{"name"}, Type: form.Text},
		{Path: form.Path{"person", "voice"}, Repeat: person, Type: form.Audio}, {Path: form.Path{"meta", "audit"}, Type: form.Audit}}}
	in := parse(t, `<d id="f"><photo>1.jpg</photo><name>n.jpg</name><person><voice>2.m4a</voice></person><person><voice/></person><person><voice>jr://audio/example.mp3</voice></person><person><voice>2.m4a</voice></person>
		<meta><instanceID>a</instanceID><audit>audit.csv</audit></meta></d>`)
	want := []instance.Attachment{{Name: "1.jpg", Path: form.Path{"photo"}}, {Name: "2.m4a", Path: form.Path{"person", "voice"}}, {Name: "audit.csv", Path: form.Path{"meta", "audit"}}}
	if d := cmp.Diff(want, in.Attachments(f)); d != "" {
		t.Error(d)
	}
	if have := codes(instance.Check(f, in)); have != "" {
		t.Errorf("checked: %s", have)
	}
	encrypted := parse(t, `<d id="f" encrypted="yes"><base64EncryptedKey>k</base64EncryptedKey><media><file>1.jpg.enc</file></media><encryptedXmlFile>s.xml.enc</encryptedXmlFile><meta><instanceID>a</instanceID></meta></d>`)
	if d := cmp.Diff([]instance.Attachment{{Name: "1.jpg.enc"}, {Name: "s.xml.enc"}}, encrypted.Attachments(f)); d != "" {
		t.Error(d)
	}
}

func TestEntities(t *testing.T) {
	person := form.Path{"home", "person"}
	f := &form.Form{Groups: []form.Group{{Path: form.Path{"home"}}, {Path: person, Repeat: true}}, Entities: []form.Entity{
		{List: "homes", SaveTo: []form.Save{{Question: form.Path{"home", "rooms"}, Property: "rooms"}, {Question: form.Path{"gone"}, Property: "gone"}}},
		{List: "people", Repeat: person, SaveTo: []form.Save{{Question: append(person[:2:2], "age"), Property: "age"}, {Question: form.Path{"home", "rooms"}, Property: "home_rooms"}}},
	}}
	in := parse(t, `<d id="f"><home><rooms>2</rooms>
		<person><age>4</age><meta><entity dataset="people" id="p1" create="1"><label>A</label></entity></meta></person>
		<person><age>9</age><meta><entity dataset="people" id="p2" update="true" baseVersion="3" trunkVersion="2" branchId="b"><label>B</label></entity></meta></person></home>
		<meta><instanceID>a</instanceID><entity dataset="homes" id="h" create="1"><label>Home</label></entity></meta></d>`)
	want := []instance.Entity{
		{List: "people", ID: "p1", Create: true, Label: "A", Repeat: person, At: []int{1}, Properties: []instance.Property{{Name: "age", Value: "4"}, {Name: "home_rooms", Value: "2"}}},
		{List: "people", ID: "p2", Update: true, BaseVersion: "3", TrunkVersion: "2", BranchID: "b", Label: "B", Repeat: person, At: []int{2}, Properties: []instance.Property{{Name: "age", Value: "9"}, {Name: "home_rooms", Value: "2"}}},
		{List: "homes", ID: "h", Create: true, Label: "Home", Properties: []instance.Property{{Name: "rooms", Value: "2"}}},
	}
	have := in.Entities(f)
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if s := fmt.Sprintf(verb, have); strings.Contains(s, "Home") {
			t.Errorf("%s shows a label", verb)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(wrap("<rooms>2</rooms><home><person><age>4</age></person></home>"), ". > 1", "../rooms")
	f.Fuzz(func(t *testing.T, raw, constraint, relevant string) {
		in, err := instance.Parse([]byte(raw), instance.Limits{Elements: 500})
		if err != nil {
			return
		}
		g := household()
		g.Questions[1].Constraint, g.Questions[6].Relevant = constraint, relevant
		for _, i := range instance.Check(g, in) {
			if i.Severity != fault.Soft || i.Code == "" {
				t.Errorf("%v", i)
			}
		}
		in.Attachments(g)
		in.Entities(g)
	})
}

func BenchmarkCheck250(b *testing.B) {
	f := &form.Form{}
	for i := range 250 {
		f.Questions = append(f.Questions, form.Question{Path: form.Path{fmt.Sprintf("q%d", i)}, Type: form.Integer, Required: "yes", Constraint: ". >= 0"})
	}
	in := parse(b, questions(250))
	c := instance.NewChecker(f)
	b.ReportAllocs()
	for b.Loop() {
		if issues := c.Check(in, time.Time{}); len(issues) > 0 {
			b.Fatal(issues)
		}
	}
}
