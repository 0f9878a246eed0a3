package xform_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/form"
	"waymark/form/flatten"
	"waymark/form/xform"
	"waymark/form/xlsform"
	"waymark/form/xpath"
)

const visit = `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"
 xmlns:orx="http://openrosa.org/xforms" xmlns:entities="http://www.opendatakit.org/xforms/entities" xmlns:w="urn:waymark:form:1">
<h:head><h:title>A visit</h:title><model>
 <itext>
  <translation lang="English (en)"><text id="/v/home/rooms:label"><value>Rooms of ${x} <output value=" /v/who "/></value><value form="image">jr://images/room.png</value></text>
   <text id="yn-0"><value>Yes</value></text><text id="yn-1"><value>No</value></text></translation>
  <translation lang="العربية (ar)" default="true()"><text id="/v/home/rooms:label"><value>-</value></text>
   <text id="yn-0"><value>نعم</value></text><text id="yn-1"><value>لا</value></text></translation>
 </itext>
 <instance><v id="visit" version="3">
  <start/><who>Nobody</who><home><rooms/><ok/><far/></home>
  <person jr:template=""><name/><sex/><needs/><needs_other/></person><person><name/></person>
  <place/><photo/><told/><total/><kept/><score/><again/>
  <meta><instanceID/><audit/><entity dataset="homes" create="1" id=""><label/></entity></meta>
 </v></instance>
 <instance id="yn"><root><item><itextId>yn-0</itextId><name>y</name></item><item><itextId>yn-1</itextId><name>n</name></item></root></instance>
 <instance id="towns" src="jr://file-csv/towns.csv"/>
 <instance id="spare"><root><item><name>a</name><label>A</label></item></root></instance>
 <submission base64RsaPublicKey="a2V5"/>
 <bind nodeset="/v/start" type="dateTime" jr:preload="timestamp" jr:preloadParams="start"/>
 <bind nodeset="/v/who" type="string" required="true()" entities:saveto="head"/>
 <bind nodeset="/v/home" relevant=" /v/who  != ''"/>
 <bind nodeset="/v/home/rooms" type="int" constraint=". &gt; 0"/>
 <bind nodeset="/v/home/ok" type="string" w:sensitivity="strict"/>
 <bind nodeset="/v/home/far" type="xsd:decimal" required="false()"/>
 <bind nodeset="/v/person/name" type="string"/>
 <bind nodeset="/v/person/needs_other" type="string" relevant="selected( ../needs , 'other')"/>
 <bind nodeset="/v/place" type="geopoint"/><bind nodeset="/v/photo" type="binary"/>
 <bind nodeset="/v/told" type="string" readonly="true()"/>
 <bind nodeset="/v/total" type="string" calculate="count( /v/person )"/>
 <bind nodeset="/v/kept" type="string"/>
 <bind id="points" nodeset="/v/score" type="int"/>
 <bind nodeset="/v/meta/instanceID" type="string" jr:preload="uid"/>
 <bind nodeset="/v/meta/entity/@create" calculate=" /v/who  != ''"/>
 <bind nodeset="/v/meta/entity/label" calculate=" /v/who "/>
 <setvalue ref="/v/kept" event="odk-instance-first-load" value="once(1)"/>
</model></h:head>
<h:body class="pages">
 <input ref="/v/who"><label>Who?</label><hint>The head</hint></input>
 <group ref="/v/home"><label>Home</label>
  <input ref="/v/home/rooms"><label ref="jr:itext('/v/home/rooms:label')"/></input>
  <select1 ref="/v/home/ok"><label>OK?</label><itemset nodeset="instance('yn')/root/item[name != 'x']"><value ref="name"/><label ref="jr:itext(itextId)"/></itemset></select1>
  <input ref="/v/home/far" appearance="thousands-sep"/>
 </group>
 <group ref="/v/person"><label>Person</label><repeat nodeset="/v/person" jr:count=" /v/home/rooms ">
  <input ref="/v/person/name"/>
  <select1 ref="/v/person/sex"><item><label>Man</label><value>m</value></item><item><label>Woman</label><value>f</value></item></select1>
  <select ref="needs"><item><label>Food</label><value>food</value></item><item><label>Other</label><value>other</value></item></select>
  <input ref="/v/person/needs_other"><label>Specify other.</label></input>
 </repeat></group>
 <input ref="/v/place"/><upload ref="/v/photo" mediatype="image/*"/>
 <input ref="/v/told"><label>Thanks</label></input>
 <range bind="points" start="1" end="5" step="1"/>
 <select1 ref="/v/again"><itemset nodeset="instance('towns')/root/item"><value ref="name"/><label ref="label"/></itemset></select1>
</h:body></h:html>`

func TestDecode(t *testing.T) {
	f, issues := xform.Decode([]byte(visit))
	if len(issues) > 0 {
		t.Error(issues)
	}
	home, person := form.Path{"home"}, form.Path{"person"}
	in := func(p form.Path, name string) form.Path { return append(p[:len(p):len(p)], name) }
	want := &form.Form{ID: "visit", Title: "A visit", Version: "3", Language: "ar", Direction: "rtl", Style: "pages", Instance: "v", PublicKey: "a2V5",
		Texts: []form.Language{{Tag: "en", Name: "English (en)"}, {Tag: "ar", Name: "العربية (ar)"}},
		Groups: []form.Group{
			{Path: home, Labels: form.Labels{"ar": "Home"}, Relevant: "/v/who  != ''"},
			{Path: person, Labels: form.Labels{"ar": "Person"}, Repeat: true, Count: "/v/home/rooms"},
		},
		Questions: []form.Question{
			{Path: form.Path{"start"}, Type: form.Metadata, Written: "start"},
			{Path: form.Path{"who"}, Type: form.Text, Written: "text", Labels: form.Labels{"ar": "Who?"}, Hints: form.Labels{"ar": "The head"}, Required: "true()", Default: "Nobody"},
			{Path: in(home, "rooms"), Type: form.Integer, Written: "integer", Labels: form.Labels{"en": "Rooms of ${x} ${who}"}, Constraint: ". > 0"},
			{Path: in(home, "ok"), Type: form.SelectOne, Written: "select_one yn", List: "yn", Labels: form.Labels{"ar": "OK?"}, ChoiceFilter: "name != 'x'", Class: "strict"},
			{Path: in(home, "far"), Type: form.Decimal, Written: "decimal", Appearance: "thousands-sep"},
			{Path: in(person, "name"), Repeat: person, Type: form.Text, Written: "text"},
			{Path: in(person, "sex"), Repeat: person, Type: form.SelectOne, Written: "select_one person/sex", List: "person/sex"},
			{Path: in(person, "needs"), Repeat: person, Type: form.SelectMultiple, Written: "select_multiple person/needs", List: "person/needs", Other: true},
			{Path: form.Path{"place"}, Type: form.Geopoint, Written: "geopoint"},
			{Path: form.Path{"photo"}, Type: form.Image, Written: "image"},
			{Path: form.Path{"told"}, Type: form.Note, Written: "note", Labels: form.Labels{"ar": "Thanks"}, ReadOnly: "true()"},
			{Path: form.Path{"total"}, Type: form.Calculate, Written: "calculate", Calculation: "count( /v/person )"},
			{Path: form.Path{"kept"}, Type: form.Hidden, Written: "hidden", Default: "once(1)"},
			{Path: form.Path{"score"}, Type: form.Range, Written: "range"},
			{Path: form.Path{"again"}, Type: form.SelectOne, Written: "select_one_from_file towns.csv", File: "towns.csv"},
			{Path: form.Path{"meta", "audit"}, Type: form.Audit, Written: "audit"},
		},
		Lists: []form.List{
			{Name: "yn", Choices: []form.Choice{{Name: "y", Labels: form.Labels{"en": "Yes", "ar": "نعم"}}, {Name: "n", Labels: form.Labels{"en": "No", "ar": "لا"}}}},
			{Name: "spare", Choices: []form.Choice{{Name: "a", Labels: form.Labels{"ar": "A"}}}},
			{Name: "person/sex", Choices: []form.Choice{{Name: "m", Labels: form.Labels{"ar": "Man"}}, {Name: "f", Labels: form.Labels{"ar": "Woman"}}}},
			{Name: "person/needs", Choices: []form.Choice{{Name: "food", Labels: form.Labels{"ar": "Food"}}, {Name: "other", Labels: form.Labels{"ar": "Other"}}}},
		},
		Media:    []string{"room.png", "towns.csv"},
		Entities: []form.Entity{{List: "homes", Create: "/v/who  != ''", Label: "/v/who", SaveTo: []form.Save{{Question: form.Path{"who"}, Property: "head"}}}},
	}
	if d := cmp.Diff(want, f); d != "" {
		t.Error(d)
	}
}

func TestDecodeRefuses(t *testing.T) {
	inner := func(model string) string {
		return "<html><head><title>t</title><model>" + model + "</model></head><body/></html>"
	}
	for _, c := range []struct {
		name, xml string
		want      fault.Code
	}{
		{"nothing", "", xform.CodeNotXML},
		{"cut off", visit[:len(visit)-20], xform.CodeNotXML},
		{"words", "hello", xform.CodeNotXML},
		{"a DOCTYPE", `<!DOCTYPE html>` + visit[len(`<?xml version="1.0"?>`):], xform.CodeDoctype},
		{"no UTF-8", "<a>\xff</a>", xform.CodeEncoding},
		{"a page of the web", "<html><body/></html>", xform.CodeNoModel},
		{"another document", "<data id='x'/>", xform.CodeNoModel},
		{"no model", "<html><head/><body/></html>", xform.CodeNoModel},
		{"no record", inner(""), xform.CodeNoRecord},
		{"an empty record", inner("<instance/>"), xform.CodeNoRecord},
		{"two records in one", inner("<instance><a id='a'/><b id='b'/></instance>"), xform.CodeNoRecord},
		{"no id", inner("<instance><a/></instance>"), xform.CodeNoFormID},
		{"two roots", "<a/><b/>", xform.CodeNotXML},
		{"too deep", strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200), xform.CodeNotXML},
	} {
		f, issues := xform.Decode([]byte(c.xml))
		if f != nil || len(issues.Only(fault.Hard)) == 0 || issues[0].Code != c.want {
			t.Errorf("%s: %v, want %s", c.name, issues, c.want)
		}
	}
}

func TestDecodeReports(t *testing.T) {
	f, issues := xform.Decode([]byte(`<html><head><title/><model><instance><a id="a"><q/><r/></a></instance><bind nodeset="/a/q" type="colour"/></model></head>
		<body><input ref="/a/q"/><input ref="/a/gone"/><select1 ref="/a/r"><itemset nodeset="instance('none')/root/item"/></select1></body></html>`))
	want := map[fault.Code]bool{xform.CodeNoTitle: true, xform.CodeUnknownType: true, xform.CodeNoSuchNode: true, xform.CodeNoChoices: true, xform.CodeNoMeta: true}
	for _, i := range issues {
		if !want[i.Code] || i.Severity != fault.Soft || i.Place.Row == 0 {
			t.Errorf("%v", i)
		}
		delete(want, i.Code)
	}
	if f == nil || len(want) > 0 || f.Questions[0].Type != form.Text {
		t.Errorf("not reported: %v", want)
	}
}

// What a phone would stumble over is said, with the line and the node.
func TestDecodeReportsExpressions(t *testing.T) {
	bind := func(attributes string) string {
		return `<html><head><title>t</title><model><instance><a id="a"><q/><g><r/></g><meta><instanceID/></meta></a></instance>
			<bind nodeset="/a/q" ` + attributes + `/><bind nodeset="/a/g/r" calculate="../../q"/></model></head><body/></html>`
	}
	for _, c := range []struct {
		attributes string
		want       fault.Code
	}{
		{`relevant="/a/g/r = 1"`, xform.CodeCycle}, {`calculate="/a/g/r + 1"`, xform.CodeCycle}, {`constraint="/a/g/r = 1"`, ""},
		{`calculate="1 +"`, xpath.CodeSyntax}, {`relevant="floor(1) = 1"`, xpath.CodeUnknownFunction}, {`required="if(1)"`, xpath.CodeTooFew},
		{`readonly="/a/gone = 1"`, xform.CodeUnknownPath}, {`constraint="../g/none"`, xform.CodeUnknownPath}, {`constraint=". = ../g and /a/meta/instanceID != ''"`, ""},
	} {
		f, issues := xform.Decode([]byte(bind(c.attributes)))
		switch {
		case f == nil || issues.Err() != nil:
			t.Errorf("%s: refused: %v", c.attributes, issues)
		case c.want == "" && len(issues) > 0, c.want != "" && (len(issues) != 1 || issues[0].Code != c.want || issues[0].Place.Row != 2):
			t.Errorf("%s: %v, want %s", c.attributes, issues, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(visit))
	f.Add([]byte(`<html><head><model><instance><a id="a"><q/></a></instance><bind nodeset="../../q"/></model></head><body><group><repeat nodeset="q"/></group></body></html>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		read, issues := xform.Decode(raw)
		if (read == nil) != (issues.Err() != nil) {
			t.Errorf("a form and hard issues, or neither: %v", issues)
		}
		if read != nil {
			flatten.NewLayout(read)
		}
	})
}

func foreign(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("WAYMARK_REFERENCE")
	if folder == "" {
		t.Skip("WAYMARK_REFERENCE is not set: " + name + " skipped")
	}
	return filepath.Join(folder, "data", "forms", "collect")
}

// Every XForm of these folders is read, and no other makes the reader fall over.
func TestReferenceDecode(t *testing.T) {
	root := foreign(t, "XForms of other compilers")
	for _, c := range []struct {
		folder string
		all    bool
		least  int
	}{{"pyxform-expected", true, 34}, {"web-forms", true, 50}, {"central", true, 1}, {"enketo", false, 50}, {"javarosa", false, 40}} {
		read, refused := 0, 0
		err := filepath.WalkDir(filepath.Join(root, c.folder), func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(name) != ".xml" || strings.Contains(name, "template") {
				return err
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			f, issues := xform.Decode(raw)
			if f == nil {
				refused++
				if issues.Err() == nil {
					t.Errorf("%s: neither a form nor an issue", name)
				}
				if c.all {
					t.Errorf("%s: %v", name, issues)
				} else {
					t.Logf("%s: %v", filepath.Base(name), issues)
				}
				return nil
			}
			read++
			for _, i := range issues {
				t.Logf("%s: %v", filepath.Base(name), i)
			}
			flatten.NewLayout(f)
			return nil
		})
		if err != nil || read < c.least {
			t.Errorf("%s: %d read, %d refused, %v", c.folder, read, refused, err)
		}
	}
}

// columns says what flatten needs of a form: its tables, and each column with kind, class and levels.
func columns(f *form.Form) string {
	var b strings.Builder
	for _, t := range flatten.NewLayout(f).Tables {
		b.WriteString(t.Name + "\n")
		for _, c := range t.Columns {
			fmt.Fprintf(&b, "  %s %s %s", c.Name, c.Kind, c.Class)
			for _, l := range c.Levels {
				b.WriteString(" " + l.Code)
			}
			fmt.Fprintf(&b, " (%d)\n", len(c.Options))
		}
	}
	return b.String()
}

// What an XForm does not tell as its sheets do: a text that is only shown is a note; choices of a sheet of their
// own are not in it; an answer without a control is hidden or calculated, whatever its type was; the count of a
// repeat, which compilers work out apart, is a calculation.
var toldOtherwise = []string{
	"test_bind_readonly_conversion", "test_no_params_with_filters", "external_choices", "test_workbook_to_json__multiple_misspellings__all_ok",
	"test_empty_group__no_question_control__error", "test_dynamic_default_on_calculate", "test_calculate_without_calculation_with_dynamic_default",
	"test_select_type_with_calculation_and_no_label_has_no_control", "test_repeat_count__jr_alias",
}

// The reference compiler's XForm, our own, and our reading of the sheets say the same of the tables that
// answers make.
func TestReferenceDecodeAgrees(t *testing.T) {
	foreign(t, "forms read back")
	for _, own := range []bool{false, true} {
		agree := 0
		for _, v := range referenceVectors(t) {
			f, hard := xlsform.Compile(v.sheets(t), v.options())
			if v.Error != nil || hard.Err() != nil {
				continue
			}
			raw := []byte(v.XForm)
			if own {
				raw, _ = xform.Encode(f)
			}
			read, issues := xform.Decode(raw)
			if read == nil {
				t.Errorf("%s: %v", v.key(), issues)
				continue
			}
			d := cmp.Diff(columns(f), columns(read))
			if d == "" {
				agree++
			} else if !slices.ContainsFunc(toldOtherwise, func(s string) bool { return strings.Contains(v.ID, s) }) {
				t.Errorf("%s, our own %v: %s", v.key(), own, d)
			}
		}
		if agree < 384 {
			t.Errorf("%d agree", agree)
		}
	}
}

// A form of ours comes back as it was, in what tables need.
func TestDecodeOwn(t *testing.T) {
	book, err := xlsform.ReadMarkdown(strings.NewReader(ownForm))
	if err != nil {
		t.Fatal(err)
	}
	f, issues := xlsform.Compile(book, xlsform.Options{})
	if issues.Err() != nil {
		t.Fatal(issues)
	}
	raw, issues := xform.Encode(f)
	if issues.Err() != nil {
		t.Fatal(issues)
	}
	read, issues := xform.Decode(raw)
	if read == nil || len(issues) > 0 {
		t.Fatal(issues)
	}
	if d := cmp.Diff(columns(f), columns(read)); d != "" {
		t.Error(d)
	}
	for _, c := range []struct{ name, have, want string }{
		{"id", read.ID, f.ID}, {"title", read.Title, f.Title}, {"version", read.Version, f.Version}, {"language", read.Language, f.Language},
		{"direction", read.Direction, "rtl"}, {"root", read.Instance, f.Instance}, {"key", read.PublicKey, f.PublicKey}, {"style", read.Style, f.Style},
		{"languages", fmt.Sprint(read.Texts), fmt.Sprint(f.Texts)}, {"media", fmt.Sprint(slices.Sorted(slices.Values(read.Media))), fmt.Sprint(slices.Sorted(slices.Values(f.Media)))},
	} {
		if c.have != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.have, c.want)
		}
	}
	for _, q := range f.Questions {
		for _, r := range read.Questions {
			if r.Path.String() == q.Path.String() {
				if d := cmp.Diff(q.Labels, r.Labels); d != "" {
					t.Errorf("labels of %s: %s", q.Path, d)
				}
				if r.Type != q.Type || r.Class != q.Class || (r.Required == "") != (q.Required == "") || (r.Relevant == "") != (q.Relevant == "") || (r.Constraint == "") != (q.Constraint == "") {
					t.Errorf("%s came back another", q.Path)
				}
			}
		}
	}
	for i := range f.Entities {
		if i >= len(read.Entities) || read.Entities[i].List != f.Entities[i].List || fmt.Sprint(read.Entities[i].SaveTo) != fmt.Sprint(f.Entities[i].SaveTo) {
			t.Errorf("entities: %v, want %v", read.Entities, f.Entities)
		}
	}
}

const ownForm = `
| survey |
| | type | name | label::English (en) | label::العربية (ar) | required | relevant | constraint | calculation | sensitivity | appearance | save_to | media::image::English (en) |
| | start | start | | | | | | | | | | |
| | deviceid | device | | | | | | | | | | |
| | begin group | home | Home | منزل | | | | | | | | |
| | select_one water | source | Where from? | من أين؟ | yes | | | | | | | well.png |
| | integer | rooms | Rooms | غرف | | ${source} = 'well' | . > 0 | | restricted | | rooms | |
| | begin repeat | person | Person | شخص | | | | | | | | |
| | text | name | Name | اسم | | | | | strict | | | |
| | select_multiple need or_other | needs | Needs of ${name} | حاجات | | | | | | | | |
| | calculate | initial | | | | | | substr(${name}, 0, 1) | | | | |
| | end repeat | | | | | | | | | | | |
| | end group | | | | | | | | | | | |
| | text | story | Story | قصة | | | | | | multiline | | |
| | geopoint | place | Place | مكان | | | | | | | | |
| | image | photo | Photo | صورة | | | | | | | | |
| | select_one_from_file towns.csv | town | Town | مدينة | | | | | | | | |
| choices |
| | list_name | name | label::English (en) | label::العربية (ar) |
| | water | well | Well | بئر |
| | water | tap | Tap | حنفية |
| | need | food | Food | طعام |
| | need | work | Work | عمل |
| settings |
| | form_title | form_id | version | default_language | style | public_key |
| | A visit | visit | 4 | العربية (ar) | pages | a2V5 |
| entities |
| | list_name | label |
| | homes | ${rooms} |
`

func BenchmarkDecode250(b *testing.B) {
	var nodes, binds, body strings.Builder
	for i := range 250 {
		fmt.Fprintf(&nodes, "<q%d/>", i)
		fmt.Fprintf(&binds, `<bind nodeset="/data/q%d" type="int" constraint=". &gt;= 0" relevant="/data/q0 != ''"/>`, i+1)
		fmt.Fprintf(&body, `<input ref="/data/q%d"><label>Question %d</label></input>`, i, i)
	}
	raw := []byte(`<html><head><title>t</title><model><instance><data id="a">` + nodes.String() + `<meta><instanceID/></meta></data></instance>` + binds.String() + `</model></head><body>` + body.String() + `</body></html>`)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if f, issues := xform.Decode(raw); f == nil || len(f.Questions) != 250 {
			b.Fatal(issues)
		}
	}
}
