package collect

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"waymark/dataset"
	"waymark/form"
	"waymark/form/flatten"
	"waymark/form/xform"
)

func TestAbout(t *testing.T) {
	for text, want := range map[string]string{
		"Have you ever been trafficked?":             "trafficking",
		"Avez-vous été forcé à travailler ?":         "trafficking",
		"Avez-vous été retenu(e) contre votre gré ?": "trafficking",
		"Le passeur vous a-t-il retenu ?":            "trafficking",
		"violence_physique":                          "violence",
		"Avez-vous subi un viol ?":                   "violence",
		"Have you been detained by the police?":      "detention",
		"Numéro de téléphone":                        "contact",
		"respondent_name":                            "contact",
		"phone_number":                               "contact",
		"Veuillez raconter ce qui s’est passé":       "narrative",
		"Please tell us what happened":               "narrative",
		"Colour: violet":                             "",
		"Nom du site":                                "",
		"How many people are in your household?":     "",
		"Quelle est votre nationalité ?":             "",
		"":                                           "",
	} {
		if have := about(text); have != want {
			t.Errorf("%q: %q, want %q", text, have, want)
		}
	}
}

// A question that the author has classed stays as it is, and so does what nobody answers.
func TestProtect(t *testing.T) {
	f := &form.Form{Questions: []form.Question{
		{Path: form.Path{"held"}, Type: form.SelectOne, Labels: form.Labels{"fr": "Avez-vous été détenu ?"}},
		{Path: form.Path{"held2"}, Type: form.SelectOne, Labels: form.Labels{"fr": "Avez-vous été détenu ?"}, Class: "internal"},
		{Path: form.Path{"about_violence"}, Type: form.Note, Labels: form.Labels{"en": "Now about violence"}},
		{Path: form.Path{"phone"}, Type: form.Metadata, Written: "phonenumber"},
		{Path: form.Path{"people"}, Type: form.Integer, Labels: form.Labels{"en": "People"}},
	}}
	told := ProtectedQuestions(f)
	if f.Questions[0].Class != "" {
		t.Errorf("asking changed the form: %+v", f.Questions[0])
	}
	issues := protect(f)
	if diff := cmp.Diff(issues, told); diff != "" {
		t.Errorf("what is told is not what is done: %s", diff)
	}
	if len(issues) != 1 || issues[0].Args["about"] != "detention" || f.Questions[0].Class != "strict" || f.Questions[1].Class != "internal" || f.Questions[2].Class != "" || f.Questions[3].Class != "" {
		t.Errorf("%v %+v", issues, f.Questions)
	}
}

// A sieve keeps the records that the filter keeps of a table, whatever both are.
func TestSieveIsTheFilter(t *testing.T) {
	f := &form.Form{ID: "f", Questions: []form.Question{
		{Path: form.Path{"n"}, Type: form.Integer}, {Path: form.Path{"c"}, Type: form.SelectOne, List: "l"}, {Path: form.Path{"d"}, Type: form.Date},
	}, Lists: []form.List{{Name: "l", Choices: []form.Choice{{Name: "a"}, {Name: "b"}}}}}
	layout := flatten.NewLayout(f)
	m := &merged{layout: layout, columns: map[int64][][]int{}}
	texts := [][]string{{"", "1", "2", "10", "2.0"}, {"", "a", "b"}, {"", "2026-03-01", "2026-03-02"}}
	rapid.Check(t, func(t *rapid.T) {
		fill := layout.NewFiller(0, nil)
		var rows [][]flatten.Cell
		for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
			cells := layout.Tables[0].Blank()
			for k := range cells {
				cells[k] = flatten.NewCell(layout.Tables[0].Columns[k].Kind, rapid.SampledFrom(texts[k]).Draw(t, "cell"))
			}
			rows = append(rows, cells)
			fill.Append(layout, fmt.Sprint(i), "", cells)
		}
		table := fill.Table()
		where := drawFilter(t, 3)
		want, err := table.Where(where)
		s, err2 := newSieve(where.String(), m)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%s: %v and %v", where, err, err2)
		}
		if err != nil {
			return
		}
		var have []int
		for i, cells := range rows {
			if s.keeps(&Record{}, func(column int) flatten.Cell { return cells[column] }) {
				have = append(have, i)
			}
		}
		if !slices.Equal(want, have) {
			t.Fatalf("%s: %v, want %v", where, have, want)
		}
	})
}

func drawFilter(t *rapid.T, depth int) dataset.Filter {
	if depth > 0 && rapid.Bool().Draw(t, "join") {
		op := rapid.SampledFrom([]dataset.Op{dataset.And, dataset.Or, dataset.Not}).Draw(t, "op")
		parts := []dataset.Filter{drawFilter(t, depth-1)}
		if op != dataset.Not {
			parts = append(parts, drawFilter(t, depth-1))
		}
		return dataset.Filter{Op: op, Parts: parts}
	}
	column := rapid.SampledFrom([]string{"n", "c", "d"}).Draw(t, "column")
	values := map[string][]string{"n": {"1", "2", "3"}, "c": {"a", "b", "z"}, "d": {"2026-03-01", "2026-03-02"}}[column]
	op := rapid.SampledFrom([]dataset.Op{dataset.In, dataset.NotIn, dataset.Less, dataset.AtMost, dataset.Greater, dataset.AtLeast, dataset.IsMissing, dataset.IsPresent}).Draw(t, "op")
	out := dataset.Filter{Op: op, Column: column}
	switch op {
	case dataset.IsMissing, dataset.IsPresent:
	default:
		out.Values = []string{rapid.SampledFrom(values).Draw(t, "value")}
	}
	return out
}

const smallForm = `<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:orx="http://openrosa.org/xforms"><h:head><h:title>T</h:title><model><!-- <instance> --><instance><data id="f" version="1"><a/><orx:meta><orx:instanceID/></orx:meta></data></instance><bind nodeset="/data/a" type="string"/></model></h:head><h:body/></h:html>`

// Another version, and a key, are put into a form's bytes without a change of anything else.
func TestPatch(t *testing.T) {
	for _, c := range []struct{ name, from, version, want string }{
		{"a version there", smallForm, "2", strings.Replace(smallForm, `version="1"`, `version="2"`, 1)},
		{"none there", strings.Replace(smallForm, ` version="1"`, "", 1), "2", strings.Replace(smallForm, `<data id="f" version="1">`, `<data version="2" id="f">`, 1)},
		{"quotes of the other kind", strings.Replace(smallForm, `version="1"`, `version='1'`, 1), `"`, strings.Replace(smallForm, `version="1"`, `version='&quot;'`, 1)},
		{"one of a namespace", strings.Replace(smallForm, ` version="1"`, ` orx:version="1"`, 1), "2", strings.Replace(smallForm, ` version="1"`, ` orx:version="2"`, 1)},
	} {
		have, err := withVersion([]byte(c.from), c.version)
		if err != nil || string(have) != c.want {
			t.Errorf("%s: %v\n%s", c.name, err, have)
		}
	}
	keyed, err := withKey([]byte(smallForm), "abc=")
	if err != nil || string(keyed) != strings.Replace(smallForm, "<bind", `<submission base64RsaPublicKey="abc="/><bind`, 1) {
		t.Errorf("%v\n%s", err, keyed)
	}
	again, err := withKey(keyed, "def=")
	if err != nil || string(again) != strings.Replace(string(keyed), "abc=", "def=", 1) {
		t.Errorf("%v\n%s", err, again)
	}
}

func FuzzPatch(f *testing.F) {
	f.Add([]byte(smallForm), "2")
	f.Add([]byte("<a b='>'><instance><c"), "x")
	f.Fuzz(func(t *testing.T, xml []byte, version string) {
		out, err := withVersion(xml, version)
		if err != nil {
			return
		}
		if read, _ := xform.Decode(out); read == nil || read.Version != version {
			t.Errorf("the version is another")
		}
		if _, err := withKey(xml, "k"); err != nil {
			return
		}
	})
}

// The time in questions is that of the union of their intervals.
func TestEvents(t *testing.T) {
	rows, spent, ok := readEvents([]byte("\xEF\xBB\xBFevent,node,start,end,odd\nform start,,0,,x\nquestion,/a,1000,4000,\nquestion,/b,3000,6000,\nquestion,/c,9000,8000,\nend screen,,10000,11000\n"))
	if !ok || spent != 6*time.Second || len(rows) != 5 || rows[2].Cells[1].Text != "/b" {
		t.Errorf("%v %v %d", ok, spent, len(rows))
	}
	for name, raw := range map[string]string{"nothing": "", "other columns": "a,b,c\n1,2,3\n", "one column": "event\nx\n"} {
		if _, _, ok := readEvents([]byte(raw)); ok {
			t.Errorf("%s is read", name)
		}
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte("event,node,start,end\nquestion,/a,1,2\n"))
	f.Add([]byte("event,node,start,end,old-value\n\"x"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, spent, ok := readEvents(raw)
		if spent < 0 || !ok && len(rows) > 0 {
			t.Errorf("%d rows, %s", len(rows), spent)
		}
	})
}

// Times as phones write them, with and without their zone.
func TestTimesOfPhones(t *testing.T) {
	for text, ok := range map[string]bool{"2026-03-02T08:00:00.000Z": true, "2026-03-02T08:00:00.000+01:00": true, "2026-03-02T08:00:00+0100": true,
		"2026-03-02T08:00:00.000+01": true, "2026-03-02T08:00:00": true, "2026-03-02": false, "": false, "yesterday": false} {
		if _, have := readTime(text); have != ok {
			t.Errorf("%q: %v", text, have)
		}
	}
}

func TestKilometres(t *testing.T) {
	paris, abidjan := place{latitude: 48.8566, longitude: 2.3522}, place{latitude: 5.36, longitude: -4.0083}
	if d := paris.kilometresTo(abidjan); d < 4860 || d > 4890 { // 4,875 km on the ellipsoid
		t.Errorf("%.0f km", d)
	}
	if d := paris.kilometresTo(paris); d != 0 {
		t.Errorf("%g km from itself", d)
	}
}

// What is written into a mask is the record without its strict answers.
func TestMasked(t *testing.T) {
	e := &edition{layout: flatten.NewLayout(&form.Form{Questions: []form.Question{
		{Path: form.Path{"a"}, Type: form.Integer}, {Path: form.Path{"g", "b"}, Type: form.Text}, {Path: form.Path{"c"}, Type: form.Geopoint}}})}
	raw := []byte(`<data id="f"><a>1</a><g><b>two &lt;</b></g><c>3 4</c><odd>5</odd><meta><instanceID>uuid:1</instanceID><instanceName>six</instanceName></meta></data>`)
	have, err := masked(raw, &merged{layout: e.layout})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"<a>1</a>": true, "two &lt;": true, "3 4": false, ">5<": false, "uuid:1": true, "six": false} {
		if bytes.Contains(have, []byte(text)) != want {
			t.Errorf("%s: %v\n%s", text, !want, have)
		}
	}
	if have, err = masked(raw, nil); err != nil || bytes.Contains(have, []byte(">1<")) {
		t.Errorf("without a form: %v %s", err, have)
	}
	if _, err := masked(raw[:40], &merged{layout: e.layout}); err == nil {
		t.Error("a body that is cut off is shown")
	}
}
