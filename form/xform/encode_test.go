package xform_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/form"
	"waymark/form/xform"
	"waymark/form/xlsform"
)

func compiled(t testing.TB, markdown string) *form.Form {
	t.Helper()
	book, err := xlsform.ReadMarkdown(strings.NewReader(markdown))
	if err != nil {
		t.Fatal(err)
	}
	f, issues := xlsform.Compile(book, xlsform.Options{Strict: true})
	if err := issues.Err(); err != nil {
		t.Fatal(err)
	}
	return f
}

const household = `
| survey |
| | type                  | name   | label               | relevant       | required | trigger | calculation | default | sensitivity |
| | select_one water      | source | Where from, <b>?    |                | yes      |         |             |         |             |
| | begin repeat          | person | Person              |                |          |         |             |         |             |
| | integer               | age    | Age of ${name}      | ${name} != ''  |          |         |             |         | strict      |
| | text                  | name   | Name                |                |          |         |             | uuid()  | restricted  |
| | end repeat            |        |                     |                |          |         |             |         |             |
| | dateTime              | when   |                     |                |          | ${source} | now()     |         |             |
| choices |
| | list_name | name | label | deep |
| | water     | tap  | Tap   |      |
| | water     | well | Well  | 30   |
| settings |
| | form_id | form_title | version | style |
| | hh      | Household "A" | 7    | pages |
`

const householdXML = `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:ev="http://www.w3.org/2001/xml-events" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms" xmlns:odk="http://www.opendatakit.org/xforms" xmlns:waymark="urn:waymark:form:1">
  <h:head>
    <h:title>Household "A"</h:title>
    <model odk:xforms-version="1.0.0">
      <instance>
        <data id="hh" version="7">
          <source/>
          <person jr:template="">
            <age/>
            <name/>
          </person>
          <person>
            <age/>
            <name/>
          </person>
          <when/>
          <meta>
            <instanceID/>
          </meta>
        </data>
      </instance>
      <instance id="water">
        <root>
          <item>
            <name>tap</name>
            <label>Tap</label>
          </item>
          <item>
            <name>well</name>
            <label>Well</label>
            <deep>30</deep>
          </item>
        </root>
      </instance>
      <bind nodeset="/data/source" type="string" required="true()"/>
      <bind nodeset="/data/person/age" type="int" relevant=" ../name  != ''" waymark:sensitivity="strict"/>
      <bind nodeset="/data/person/name" type="string" waymark:sensitivity="restricted"/>
      <setvalue ref="/data/person/name" event="odk-instance-first-load" value="uuid()"/>
      <bind nodeset="/data/when" type="dateTime"/>
      <bind nodeset="/data/meta/instanceID" type="string" readonly="true()" jr:preload="uid"/>
    </model>
  </h:head>
  <h:body class="pages">
    <select1 ref="/data/source">
      <label>Where from, &lt;b&gt;?</label>
      <itemset nodeset="instance('water')/root/item">
        <value ref="name"/>
        <label ref="label"/>
      </itemset>
      <setvalue ref="/data/when" event="xforms-value-changed" value="now()"/>
    </select1>
    <group ref="/data/person">
      <label>Person</label>
      <repeat nodeset="/data/person">
        <input ref="/data/person/age">
          <label> Age of <output value=" ../name "/> </label>
        </input>
        <input ref="/data/person/name">
          <label>Name</label>
        </input>
        <setvalue ref="/data/person/name" event="odk-new-repeat" value="uuid()"/>
      </repeat>
    </group>
  </h:body>
</h:html>
`

func TestEncode(t *testing.T) {
	f := compiled(t, household)
	have, issues := xform.Encode(f)
	if issues.Err() != nil {
		t.Fatal(issues)
	}
	if d := cmp.Diff(householdXML, string(have)); d != "" {
		t.Error(d)
	}
	again, _ := xform.Encode(compiled(t, household))
	if !bytes.Equal(have, again) {
		t.Error("the same sheets give other bytes")
	}
	if xform.Itemsets(f) != nil {
		t.Error("there are no external choices")
	}
}

// A text in several languages stands in the table of texts; what a language lacks is a hyphen, a file it lacks
// is left out.
func TestEncodeTexts(t *testing.T) {
	have, _ := xform.Encode(compiled(t, `
| survey |
| | type | name | label::English (en) | label::Français (fr) | hint | guidance_hint::Français (fr) | image::English (en) | constraint | constraint_message::Français (fr) |
| | text | a    | A                   |                      | Help | Aide                         | a.png               | . != ''    | Encore                            |
`))
	for _, want := range []string{
		`<text id="/data/a:label">
            <value>A</value>
            <value form="image">jr://images/a.png</value>
          </text>`,
		`<text id="/data/a:label">
            <value>-</value>
          </text>`,
		`<value form="guidance">Aide</value>`,
		`jr:constraintMsg="jr:itext('/data/a:jr:constraintMsg')"`,
		`<hint ref="jr:itext('/data/a:hint')"/>`,
	} {
		if !strings.Contains(string(have), want) {
			t.Errorf("no %s in\n%s", want, have)
		}
	}
}

func TestItemsets(t *testing.T) {
	f := compiled(t, `
| survey |
| | type                    | name | label | choice_filter |
| | select_one_external far | a    | A     | near='y'      |
| external_choices |
| | list_name | name | label   | near |
| | far       | x    | Say "x" | y    |
| | far       | z    |         | n    |
`)
	want := "\"list_name\",\"name\",\"label\",\"near\"\r\n\"far\",\"x\",\"Say \"\"x\"\"\",\"y\"\r\n\"far\",\"z\",\"\",\"n\"\r\n"
	if have := string(xform.Itemsets(f)); have != want {
		t.Errorf("%q", have)
	}
	have, _ := xform.Encode(f)
	if !strings.Contains(string(have), `query="instance('far')/root/item[near='y']"`) {
		t.Errorf("%s", have)
	}
}

// A form that was read from an XForm has no tree to write.
func TestEncodeNothing(t *testing.T) {
	if _, issues := xform.Encode(&form.Form{}); issues.Err() == nil || issues[0].Code != xform.CodeNoTree {
		t.Error(issues)
	}
	if xform.Itemsets(nil) != nil {
		t.Error("choices of nothing")
	}
}

// Whatever stands in the cells, what comes out is XML, with each prefix declared, and can be read back.
func FuzzEncode(f *testing.F) {
	f.Add(household)
	f.Add("| survey |\n| | type | name | label | body::x | bind::odk:y | instance::z |\n| | begin repeat | r | <${a}> \x01 |\n| | text | a | ]]> & \" ' | \x0b | < | & |\n| | end repeat |")
	f.Add("| survey |\n| | type | name | label |\n| | select_multiple l or_other | a | A |\n| | begin loop over l | g | %(label)s |\n| | rank l | %(name)s_b | ${a} |\n| | end loop |\n| choices |\n| | list_name | name | label::x | media::image | y |\n| | l | c | C ${a} | i.png | & |\n| settings |\n| | attribute::x | namespaces | name |\n| | & | q=\"http://<\" | root |")
	f.Fuzz(func(t *testing.T, text string) {
		book, err := xlsform.ReadMarkdown(strings.NewReader(text))
		if err != nil {
			t.Skip()
		}
		c, issues := xlsform.Compile(book, xlsform.Options{Strict: true, Texts: true, Web: true})
		if issues.Err() != nil {
			return
		}
		out, more := xform.Encode(c)
		if more.Err() != nil {
			t.Fatal(more)
		}
		if _, err := parseXML(string(out)); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		xform.Itemsets(c)
	})
}
