package instance_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/form/instance"
)

const record = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made up -->
<data id="hh" version="7" xmlns:orx="http://openrosa.org/xforms">
  <meta><note>a group of the form</note></meta>
  <name>A &amp; B &#233;<![CDATA[ <i> ]]></name>
  <home><water>well</water><person><age>3</age></person><person><age>4</age></person></home>
  <orx:meta>
    <orx:instanceID> uuid:1 </orx:instanceID>
    <orx:deprecatedID>uuid:0</orx:deprecatedID>
    <orx:instanceName>A name</orx:instanceName>
  </orx:meta>
</data>`

func parse(t testing.TB, s string) *instance.Instance {
	t.Helper()
	in, err := instance.Parse([]byte(s), instance.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestParse(t *testing.T) {
	in := parse(t, record)
	have := []string{in.FormID, in.Version, in.InstanceID, in.DeprecatedID, in.InstanceName, in.Root.Child("name").Value()}
	if d := cmp.Diff([]string{"hh", "7", "uuid:1", "uuid:0", "A name", "A & B é <i> "}, have); d != "" {
		t.Error(d)
	}
	home := in.Root.Child("home")
	if len(home.Children) != 3 || home.Text != "" || home.Children[2].Position() != 2 || home.Children[2].Child("age").Text != "4" || home.Parent != in.Root {
		t.Error("the tree is not the document's")
	}
	if in.Encrypted {
		t.Error("not encrypted")
	}
}

// What peers and old phones write of themselves is understood.
func TestParseIdentity(t *testing.T) {
	for _, c := range []struct{ name, xml, form, version, id string }{
		{"namespace for id", `<d xmlns="http://x.example/f"><meta><instanceID>a</instanceID></meta></d>`, "http://x.example/f", "", "a"},
		{"id before namespace", `<d xmlns="http://x.example/f" id="f"><meta><instanceID>a</instanceID></meta></d>`, "f", "", "a"},
		{"version of OpenRosa", `<d id="f" o:version="2" xmlns:o="http://openrosa.org/xforms"><o:meta><o:instanceID>a</o:instanceID></o:meta></d>`, "f", "2", "a"},
		{"plain version first", `<d id="f" o:version="2" version="3" xmlns:o="http://openrosa.org/xforms"><meta><instanceID>a</instanceID></meta></d>`, "f", "3", "a"},
		{"instanceID as attribute", `<d id="f" instanceID="a"><q/></d>`, "f", "", "a"},
	} {
		in := parse(t, c.xml)
		if in.FormID != c.form || in.Version != c.version || in.InstanceID != c.id {
			t.Errorf("%s: form %q, version %q, instance %q", c.name, in.FormID, in.Version, in.InstanceID)
		}
	}
}

func TestParseEncrypted(t *testing.T) {
	for _, space := range []string{"http://opendatakit.org/submissions", "http://www.opendatakit.org/xforms/encrypted"} {
		in := parse(t, `<data id="f" version="1" encrypted="yes" xmlns="`+space+`"><base64EncryptedKey>a2V5</base64EncryptedKey>
			<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>uuid:1</orx:instanceID></orx:meta>
			<media><file>1.jpg.enc</file></media><media><file>2.jpg.enc</file></media><encryptedXmlFile>submission.xml.enc</encryptedXmlFile>
			<base64EncryptedElementSignature>c2ln</base64EncryptedElementSignature></data>`)
		want := instance.Manifest{Key: "a2V5", XMLFile: "submission.xml.enc", Media: []string{"1.jpg.enc", "2.jpg.enc"}, Signature: "c2ln"}
		if d := cmp.Diff(want, in.Manifest); d != "" || !in.Encrypted || in.InstanceID != "uuid:1" {
			t.Errorf("%s: %v %s", space, in.Encrypted, d)
		}
	}
}

func wrap(inner string) string {
	return `<d id="f"><meta><instanceID>a</instanceID></meta>` + inner + `</d>`
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name, xml string
		want      fault.Code
	}{
		{"nothing", "", instance.CodeEmpty},
		{"spaces", " \n ", instance.CodeEmpty},
		{"words", "hello", instance.CodeNotXML},
		{"a DOCTYPE", `<!DOCTYPE d [<!ENTITY e "x">]>` + wrap("<q>&e;</q>"), instance.CodeDoctype},
		{"a DOCTYPE in small letters", `<!doctype d>` + wrap(""), instance.CodeDoctype},
		{"an entity", wrap("<q>&nbsp;</q>"), instance.CodeNotXML},
		{"a bare ampersand", wrap("<q>a & b</q>"), instance.CodeNotXML},
		{"two roots", wrap("") + wrap(""), instance.CodeNotXML},
		{"text behind the root", wrap("") + "x", instance.CodeNotXML},
		{"CDATA behind the root", wrap("") + "<![CDATA[x]]>", instance.CodeNotXML},
		{"ends crossed", wrap("<a><b></a></b>"), instance.CodeNotXML},
		{"an attribute twice", wrap(`<a x="1" x="2"/>`), instance.CodeNotXML},
		{"an attribute twice by namespace", wrap(`<a p:x="1" q:x="2" xmlns:p="u" xmlns:q="u"/>`), instance.CodeNotXML},
		{"an attribute without quotes", wrap(`<a x=1/>`), instance.CodeNotXML},
		{"attributes that touch", wrap(`<a x="1"y="2"/>`), instance.CodeNotXML},
		{"a prefix that is not bound", wrap("<p:a/>"), instance.CodeNotXML},
		{"a name that begins with a digit", wrap("<1a/>"), instance.CodeNotXML},
		{"a control character", wrap("<q>\x01</q>"), instance.CodeNotXML},
		{"a reference to none", wrap("<q>&#0;</q>"), instance.CodeNotXML},
		{"the end of CDATA", wrap("<q>]]></q>"), instance.CodeNotXML},
		{"a comment with two hyphens", wrap("<!-- a -- b -->"), instance.CodeNotXML},
		{"a declaration within", wrap(`<?xml version="1.0"?>`), instance.CodeNotXML},
		{"bytes that are no UTF-8", wrap("<q>\xff</q>"), instance.CodeEncoding},
		{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?>` + wrap(""), instance.CodeEncoding},
		{"too deep", wrap(strings.Repeat("<a>", 70) + strings.Repeat("</a>", 70)), instance.CodeTooDeep},
		{"no form", `<d><meta><instanceID>a</instanceID></meta></d>`, instance.CodeNoFormID},
		{"no instanceID", `<d id="f"><meta><instanceID> </instanceID></meta></d>`, instance.CodeNoInstanceID},
		{"a long instanceID", `<d id="f"><meta><instanceID>` + strings.Repeat("a", 250) + `</instanceID></meta></d>`, instance.CodeInstanceID},
	} {
		_, err := instance.Parse([]byte(c.xml), instance.Limits{})
		issues := fault.Of(err)
		if len(issues) != 1 || issues[0].Code != c.want || !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// A record cut off anywhere is refused; what is left of it is never taken for the whole.
func TestParseRefusesEveryCut(t *testing.T) {
	whole := strings.TrimSpace(record)
	for n := range len(whole) {
		_, err := instance.Parse([]byte(whole[:n]), instance.Limits{})
		if err == nil {
			t.Fatalf("the first %d of %d bytes were taken", n, len(whole))
		}
		if n > len("<?xml") && fault.Of(err)[0].Code == instance.CodeNotXML {
			t.Errorf("the first %d bytes are called ill-formed, not cut off: %v", n, err)
		}
	}
}

func TestParseLimits(t *testing.T) {
	many := wrap(strings.Repeat("<q/>", 20))
	for _, c := range []struct {
		name   string
		limits instance.Limits
		xml    string
		want   fault.Code
	}{
		{"bytes", instance.Limits{Bytes: 100}, many, instance.CodeTooLarge},
		{"elements", instance.Limits{Elements: 20}, many, instance.CodeTooMany},
		{"attributes", instance.Limits{Attributes: 2}, wrap(`<q a="" b="" c=""/>`), instance.CodeAttributes},
		{"declarations are attributes", instance.Limits{Attributes: 2}, wrap(`<q xmlns:a="u" xmlns:b="u" xmlns:c="u"/>`), instance.CodeAttributes},
		{"namespaces bound at once", instance.Limits{}, strings.Repeat(`<a xmlns:a="u" xmlns:b="u" xmlns:c="u" xmlns:d="u">`, 20), instance.CodeAttributes},
		{"depth", instance.Limits{Depth: 3}, wrap("<a><b><c/></b></a>"), instance.CodeTooDeep},
	} {
		if issues := fault.Of(second(instance.Parse([]byte(c.xml), c.limits))); len(issues) != 1 || issues[0].Code != c.want {
			t.Errorf("%s: %v", c.name, issues)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestParseUTF16(t *testing.T) {
	text := `<?xml version="1.0" encoding="UTF-16"?>` + wrap("<q>été 😀 العربية</q>")
	for name, order := range map[string][2]int{"big": {0, 1}, "little": {1, 0}} {
		for _, mark := range []bool{true, false} {
			var b bytes.Buffer
			put := func(u uint16) {
				two := [2]byte{byte(u >> 8), byte(u)}
				b.Write([]byte{two[order[0]], two[order[1]]})
			}
			if mark {
				put(0xFEFF)
			}
			for _, u := range utf16.Encode([]rune(text)) {
				put(u)
			}
			in, err := instance.Parse(b.Bytes(), instance.Limits{})
			if err != nil || in.Root.Child("q").Text != "été 😀 العربية" {
				t.Errorf("%s, mark %v: %v", name, mark, err)
			}
			if _, err := instance.Parse(b.Bytes()[:b.Len()-1], instance.Limits{}); err == nil {
				t.Errorf("%s, mark %v: half a character was taken", name, mark)
			}
		}
	}
	if in := parse(t, "\ufeff"+wrap("<q>x</q>")); in.Root.Child("q").Text != "x" {
		t.Error("a byte order mark of UTF-8")
	}
}

// Nothing that is printed of a record holds an answer.
func TestSealed(t *testing.T) {
	in := parse(t, `<d id="f"><q a="the secret">the secret</q><meta><instanceID>a</instanceID><instanceName>the secret</instanceName></meta></d>`)
	for _, v := range []any{in, *in, *in.Root, in.Root, in.Root.Children[0], in.Root.Children[0].Attributes} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, "secret") {
				t.Errorf("%s of %T shows an answer", verb, v)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{record, wrap("<q>&lt;</q>"), wrap(`<a x='1'/>`), "<", "<d id='a'", "\xfe\xff\x00<"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := instance.Parse(raw, instance.Limits{Elements: 1000})
		if err == nil && (in.FormID == "" || in.InstanceID == "" || in.Root == nil) {
			t.Error("a record without its names was taken")
		}
		for _, i := range fault.Of(err) {
			if i.Code == "" {
				t.Error("an issue without a code")
			}
		}
		if err != nil && len(fault.Of(err)) != 1 {
			t.Errorf("not an issue: %v", err)
		}
	})
}

func questions(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<q%d>%d</q%d>", i, i*i, i)
	}
	return wrap(b.String())
}

func BenchmarkParse250(b *testing.B) {
	raw := []byte(questions(250))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := instance.Parse(raw, instance.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
