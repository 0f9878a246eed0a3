package xlsform_test

import (
	"slices"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/form/xlsform"
)

// A class of sensitivity holds for what is in a group unless a question says otherwise, in either language; a
// column that happens to be called "class" may say something else.
func TestSensitivity(t *testing.T) {
	f, issues := compile(t, `
| survey |
| | type        | name  | label | sensitivity |
| | begin group | g     | G     | Restreinte  |
| | text        | a     | A     |             |
| | begin group | h     | H     |             |
| | text        | b     | B     | stricte     |
| | end group   |       |       |             |
| | end group   |       |       |             |
| | text        | c     | C     |             |
`)
	if len(issues) > 0 {
		t.Error(issues)
	}
	var have []string
	for _, q := range f.Questions {
		have = append(have, q.Name()+"="+q.Class)
	}
	if want := []string{"a=restricted", "b=strict", "c="}; !slices.Equal(have, want) {
		t.Errorf("%v", have)
	}
	for header, severity := range map[string]fault.Severity{"class": fault.Soft, "sensitivity": fault.Hard, "bind::waymark:sensitivity": fault.Hard} {
		f, issues := compile(t, "| survey |\n| | type | name | label | "+header+" |\n| | text | a | A | third form |\n| | text | b | B | publique |\n")
		if len(issues) != 1 || issues[0].Severity != severity || issues[0].Place.Row != 2 || f.Questions[1].Class != "public" {
			t.Errorf("%s: %v", header, issues)
		}
	}
}

// What the web form does not show is said only when it is asked for.
func TestWeb(t *testing.T) {
	text := `
| survey |
| | type             | name  | label | guidance_hint | appearance  | default            |
| | audit            |       |       |               |             |                    |
| | barcode          | card  | Card  |               |             |                    |
| | text             | a     | A     | Ask gently    |             | ${last-saved#a}    |
| | image            | sign  | Sign  |               | signature   |                    |
| | select_one l     | b     | B     |               | minimal     |                    |
| | select_one m     | c     | C     |               | search('x') |                    |
| choices |
| | list_name | name | label |
| | l         | x    | X     |
| | m         | x    | X     |
| settings |
| | style | public_key |
| | pages | MIIB       |
`
	book, err := xlsform.ReadMarkdown(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	web := func(o xlsform.Options) []fault.Code {
		_, issues := xlsform.Compile(book, o)
		var out []fault.Code
		for _, i := range issues {
			if strings.HasPrefix(string(i.Code), "xlsform.web-") {
				out = append(out, i.Code)
				if i.Severity != fault.Soft || i.Place.Row == 0 {
					t.Errorf("%v", i)
				}
			}
		}
		return out
	}
	if have := web(xlsform.Options{}); have != nil {
		t.Errorf("%v", have)
	}
	want := []fault.Code{xlsform.CodeWebPages, xlsform.CodeWebEncryption, xlsform.CodeWebType, xlsform.CodeWebType, xlsform.CodeWebGuidance, xlsform.CodeWebLastSaved, xlsform.CodeWebAppearance, xlsform.CodeWebSearch}
	if have := web(xlsform.Options{Web: true}); !slices.Equal(have, want) {
		t.Errorf("%v", have)
	}
}

// A form fills every field that others read.
func TestSummary(t *testing.T) {
	f, issues := compile(t, `
| survey |
| | type                            | name  | label     | required | constraint | read_only | default | appearance | choice_filter | repeat_count | media::image | calculation |
| | integer                         | size  | Size      | yes      | . > 0      |           | 1       | numbers    |               |              | size.png     |             |
| | begin repeat                    | one   | One       |          |            |           |         |            |               | ${size} + 1  |              |             |
| | select_one_from_file places.csv | place | Place     |          |            | yes       |         |            | near = 'y'    |              |              |             |
| | calculate                       | twice |           |          |            |           |         |            |               |              |              | ${size} * 2 |
| | end repeat                      |       |           |          |            |           |         |            |               |              |              |             |
| settings |
| | form_id | form_title | version | style | default_language |
| | f       | Form       | 1       | pages | دری (prs)        |
`)
	if err := issues.Err(); err != nil {
		t.Fatal(err)
	}
	q := f.Questions[0]
	if q.Required != "true()" || q.Constraint != ". > 0" || q.Default != "1" || q.Appearance != "numbers" {
		t.Errorf("%+v", q)
	}
	if q := f.Questions[1]; q.File != "places.csv" || q.ReadOnly != "true()" || q.ChoiceFilter != "near = 'y'" || q.Repeat.String() != "one" {
		t.Errorf("%+v", q)
	}
	if q := f.Questions[2]; q.Calculation != "${size} * 2" {
		t.Errorf("%+v", q)
	}
	if f.Groups[0].Count != "${size} + 1" || f.Style != "pages" || f.Direction != "rtl" || f.Language != "prs" || !slices.Equal(f.Media, []string{"places.csv", "size.png"}) {
		t.Errorf("%+v", f)
	}
}
