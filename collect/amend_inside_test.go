package collect

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/form/instance"
)

func TestAmendChangesOnlyWhatWasAnswered(t *testing.T) {
	const body = `<?xml version="1.0" encoding="UTF-8"?>
<data xmlns:orx="http://openrosa.org/xforms" id="f" version="1"><!-- kept --><name>Old &amp; new</name><group><age/><code a="1">x</code></group>
<person><age>3</age></person><person><age>4</age></person><orx:meta><orx:instanceID>uuid:one</orx:instanceID></orx:meta></data>`
	const deprecated = `<orx:deprecatedID>uuid:zero</orx:deprecatedID>`
	cases := []struct {
		name, body string
		answers    map[string]string
		want       string
		refused    bool
	}{
		{"a text", body, map[string]string{"name": `a < b "c"`}, strings.Replace(body, "Old &amp; new", `a &lt; b &#34;c&#34;`, 1), false},
		{"an empty element", body, map[string]string{"group/age": "5"}, strings.Replace(body, "<age/>", "<age>5</age>", 1), false},
		{"an answer taken away", body, map[string]string{"group/code": ""}, strings.Replace(body, `<code a="1">x</code>`, `<code a="1"></code>`, 1), false},
		{"the first of a repeat alone", body, map[string]string{"person/age": "9"}, strings.Replace(body, "<age>3</age>", "<age>9</age>", 1), false},
		{"an earlier edit", strings.Replace(body, "<orx:instanceID>", deprecated+"<orx:instanceID>", 1), map[string]string{"name": "n"}, strings.Replace(body, "Old &amp; new", "n", 1), false},
		{"what is not there", body, map[string]string{"absent": "1"}, "", true},
		{"no instance id", `<data id="f"><name/></data>`, map[string]string{"name": "1"}, "", true},
		{"half a body", body[:len(body)/2], map[string]string{"name": "1"}, "", true},
		{"another encoding", strings.Replace(body, "UTF-8", "UTF-16", 1), map[string]string{"name": "1"}, "", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := amended([]byte(c.body), c.answers, "uuid:two")
			if c.refused {
				if !errors.Is(err, fault.Invalid) {
					t.Fatalf("not refused: %v\n%s", err, got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Replace(c.want, "<orx:instanceID>uuid:one<", "<orx:deprecatedID>uuid:one</orx:deprecatedID><orx:instanceID>uuid:two<", 1)
			if d := cmp.Diff(want, string(got)); d != "" {
				t.Error(d)
			}
			in, err := instance.Parse(got, instance.Limits{})
			if err != nil || in.InstanceID != "uuid:two" || in.DeprecatedID != "uuid:one" {
				t.Errorf("it reads as %q after %q: %v", in.InstanceID, in.DeprecatedID, err)
			}
		})
	}
}

func FuzzAmend(f *testing.F) {
	f.Add([]byte(`<d id="f"><a>1</a><meta><instanceID>u</instanceID></meta></d>`), "x")
	f.Add([]byte(`<d id="f"><a/><m:meta xmlns:m="x"><m:instanceID>u</m:instanceID></m:meta></d>`), "]]>")
	f.Fuzz(func(t *testing.T, body []byte, text string) {
		got, err := amended(body, map[string]string{"a": text}, "uuid:two")
		if err != nil {
			return
		}
		if bytes.Count(got, []byte("uuid:two")) == 0 {
			t.Error("the new id is not in the new body")
		}
	})
}
