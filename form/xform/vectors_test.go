package xform_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/form/xform"
	"waymark/form/xlsform"
)

// vector is one form with what the reference compiler made of it and what its tests ask of the outcome.
type vector struct {
	ID    string          `json:"id"`
	N     int             `json:"n"`
	Name  string          `json:"name"`
	MD    string          `json:"md"`
	SS    json.RawMessage `json:"ss"`
	XForm string          `json:"xform"`
	Error *string         `json:"error"`

	Itemsets  *string  `json:"itemsets"`
	Warnings  []string `json:"warnings"`
	Count     *int     `json:"warnings_count"`
	Says      []string `json:"warnings__contains"`
	SaysNot   []string `json:"warnings__not_contains"`
	Match     []string `json:"xml__xpath_match"`
	Exact     [][2]any `json:"xml__xpath_exact"`
	Counts    [][2]any `json:"xml__xpath_count"`
	Has       []string `json:"xml__contains"`
	HasNot    []string `json:"xml__excludes"`
	Model     []string `json:"model__contains"`
	ModelNot  []string `json:"model__excludes"`
	Texts     []string `json:"itext__contains"`
	TextsNot  []string `json:"itext__excludes"`
	Instances []string `json:"instance__contains"`
}

func (v vector) key() string { return fmt.Sprintf("%s#%d", v.ID, v.N) }

func referenceFolder(t testing.TB, name string) string {
	t.Helper()
	folder := os.Getenv("WAYMARK_REFERENCE")
	if folder == "" {
		t.Skip("WAYMARK_REFERENCE is not set: " + name + " skipped")
	}
	return filepath.Join(folder, "data", "forms")
}

func referenceVectors(t testing.TB) []vector {
	t.Helper()
	f, err := os.Open(filepath.Join(referenceFolder(t, "vectors of the reference compiler"), "collect", "pyxform-vectors.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []vector
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v vector
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return out
}

// sheets gives the form of a vector.
func (v vector) sheets(t testing.TB) xlsform.Book {
	t.Helper()
	if v.MD != "" {
		b, err := xlsform.ReadMarkdown(strings.NewReader(v.MD))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var cells map[string][]map[string]any
	if err := json.Unmarshal(v.SS, &cells); err != nil {
		t.Fatal(err)
	}
	var out xlsform.Tables
	for _, name := range []string{"survey", "choices", "settings"} {
		rows := cells[name]
		if rows == nil {
			continue
		}
		var header []string
		for _, r := range append(append([]map[string]any{}, cells[name+"_header"]...), rows...) {
			for k := range r {
				if !slices.Contains(header, k) {
					header = append(header, k)
				}
			}
		}
		slices.Sort(header)
		sheet := xlsform.Sheet{Name: name, Rows: [][]string{header}}
		for _, r := range rows {
			row := make([]string, len(header))
			for i, h := range header {
				if r[h] != nil {
					row[i] = fmt.Sprint(r[h])
				}
			}
			sheet.Rows = append(sheet.Rows, row)
		}
		out = append(out, sheet)
	}
	return out
}

func (v vector) options() xlsform.Options {
	o := xlsform.Options{Instance: v.Name}
	if o.Instance == "" {
		o.Instance = "test_name"
	}
	return o
}

// meanings are what the reference compiler's warnings say, by their words, and our codes that say the same.
var meanings = []struct {
	words string
	code  fault.Code
}{
	{"max-pixels", xlsform.CodeMaxPixels}, {"case-insensitive", xlsform.CodeNameCase}, {"Choices should have a label", xlsform.CodeChoiceNoLabel},
	{"'label' value is invalid", xlsform.CodeChoiceNoLabel}, {"has no label", xlsform.CodeRepeatNoLabel}, {"similar names were found", xlsform.CodeSheetName},
	{"When looking for a sheet named", xlsform.CodeSheetName}, {"only meant for filtered selects", xlsform.CodeExternalFilter},
	{"is missing the", xlsform.CodeMissingColumn}, {"machine-readable codes", xlsform.CodeNoLanguageCode}, {"no longer supported", xlsform.CodeOldDevice},
	{"must not be empty and must not contain spaces", xlsform.CodeChoiceColumn}, {"both specified", xlsform.CodeIDTwice}, {"'disabled' column", xlsform.CodeDisabled},
	{"is being skipped", xlsform.CodeRowSkipped}, {"or_other and translations", xlsform.CodeOtherLanguages},
	{"prefix the sheet name with an underscore", xlsform.CodeSheetName},
}

func codeOf(words string) fault.Code {
	for _, m := range meanings {
		if strings.Contains(words, m.words) {
			return m.code
		}
	}
	return ""
}

// said lists the codes of soft issues as the reference compiler counts them: it says once what ours says of
// each language.
func said(issues fault.Issues) []fault.Code {
	var out []fault.Code
	for _, i := range issues.Only(fault.Soft) {
		if (i.Code == xlsform.CodeMissingColumn || i.Code == xlsform.CodeNoLanguageCode) && slices.Contains(out, i.Code) {
			continue
		}
		out = append(out, i.Code)
	}
	return out
}

var spaces = map[string]string{
	"x": "http://www.w3.org/2002/xforms", "h": "http://www.w3.org/1999/xhtml", "ev": "http://www.w3.org/2001/xml-events",
	"xsd": "http://www.w3.org/2001/XMLSchema", "jr": "http://openrosa.org/javarosa", "orx": "http://openrosa.org/xforms",
	"odk": "http://www.opendatakit.org/xforms", "entities": "http://www.opendatakit.org/xforms/entities",
}

// check runs the assertions of a vector and gives the number that hold and those that do not.
func (v vector) check(doc *node, issues fault.Issues) (held int, failed []string) {
	note := func(ok bool, format string, args ...any) {
		if ok {
			held++
			return
		}
		failed = append(failed, fmt.Sprintf(format, args...))
	}
	own := map[string]string{}
	for k, a := range spaces {
		own[k] = a
	}
	if len(doc.children) > 0 {
		for _, d := range doc.children[0].declared {
			if d[0] != "" {
				own[d[0]] = d[1]
			}
		}
	}
	find := func(path string) set {
		r, err := evaluate(doc, path, own)
		if err != nil {
			failed = append(failed, err.Error())
			return nil
		}
		s, _ := r.(set)
		return s
	}
	for _, p := range v.Match {
		n := len(find(p))
		note(n == 1, "%d match %s", n, p)
	}
	for _, c := range v.Counts {
		n, want := len(find(c[0].(string))), int(c[1].(float64))
		note(n == want, "%d, not %d, match %s", n, want, c[0])
	}
	for _, c := range v.Exact {
		var have, want []string
		for _, n := range find(c[0].(string)) {
			text := n.value
			if n.kind == elementNode {
				text = undeclared(n)
			}
			if !slices.Contains(have, text) {
				have = append(have, text)
			}
		}
		for _, w := range c[1].([]any) {
			want = append(want, w.(string))
		}
		slices.Sort(have)
		slices.Sort(want)
		note(slices.Equal(have, want), "%s: %s", c[0], cmp.Diff(want, have))
	}
	part := func(name string) string {
		if name == "" {
			return doc.String()
		}
		if s := find("//x:" + name); len(s) > 0 {
			return s[0].String()
		}
		return ""
	}
	for _, c := range []struct {
		part string
		want bool
		list []string
	}{{"", true, v.Has}, {"", false, v.HasNot}, {"model", true, v.Model}, {"model", false, v.ModelNot}, {"itext", true, v.Texts}, {"itext", false, v.TextsNot}, {"instance", true, v.Instances}} {
		for _, s := range c.list {
			note(strings.Contains(part(c.part), s) == c.want, "contains(%s) is not %v: %s", c.part, c.want, s)
		}
	}
	codes := said(issues)
	says := func(words string) bool {
		if code := codeOf(words); code != "" {
			return slices.Contains(codes, code)
		}
		return strings.Contains(fmt.Sprint(issues.Only(fault.Soft)), strings.Trim(words, "'"))
	}
	for _, s := range v.Says {
		note(says(s), "%q is not said", s)
	}
	for _, s := range v.SaysNot {
		note(!says(s), "%q is said", s)
	}
	if v.Count != nil {
		note(len(codes) == *v.Count, "%d things are said, not %d: %v; %q", len(codes), *v.Count, codes, v.Warnings)
	}
	return held, failed
}

// undeclared writes an element without the declarations of prefixes.
func undeclared(n *node) string {
	text := n.String()
	for _, a := range n.namespaces() {
		name := "xmlns"
		if a.local != "" {
			name += ":" + a.local
		}
		text = strings.ReplaceAll(text, " "+name+`="`+a.value+`"`, "")
	}
	return strings.TrimSpace(text)
}

// table reads an itemsets file; columns without a name and cells at the end of a line that are empty do not count.
func table(text string) [][]string {
	r := csv.NewReader(strings.NewReader(strings.ReplaceAll(text, `,"None"`, "")))
	r.FieldsPerRecord = -1
	rows, _ := r.ReadAll()
	for i, row := range rows {
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		rows[i] = row
	}
	return rows
}

// apart are the forms that come out otherwise here, and why.
var apart = map[string]string{
	"tests.test_loop.TestLoopOutput.test_loop__groups_error#1":                    "groups in a loop have the choice's name and label put in, too",
	"tests.test_unicode_rtl.UnicodeStrings.test_smart_quotes#1":                   "typographic quotes stay in texts for people",
	"tests.test_upload_question.UploadTest.test_image_question_custom_col_calc#1": "an attribute of two parts is no Python dictionary",
	"tests.test_notes.TestNotes.test_instance_expression__permutations#":          "a comparison in a text's lookup is escaped once, so that phones can read it",
}

func isApart(key string) bool {
	for id := range apart {
		if strings.HasPrefix(key, id) {
			return true
		}
	}
	return false
}

// Every form that the reference compiler takes is taken; what its tests ask of the outcome holds; the outcome is
// the same tree. Those apart are listed, and counted in the shares.
func TestVectorsTaken(t *testing.T) {
	taken, held, total, equal := 0, 0, 0, 0
	for _, v := range referenceVectors(t) {
		if v.Error != nil {
			continue
		}
		f, issues := xlsform.Compile(v.sheets(t), v.options())
		if err := issues.Err(); err != nil {
			t.Errorf("%s is refused: %v", v.key(), err)
			continue
		}
		taken++
		out, hard := xform.Encode(f)
		doc, err := parseXML(string(out))
		if hard.Err() != nil || err != nil {
			t.Errorf("%s: %v %v", v.key(), hard, err)
			continue
		}
		ok, failed := v.check(doc, issues)
		held, total = held+ok, total+ok+len(failed)
		if len(failed) > 0 && !isApart(v.key()) {
			t.Errorf("%s: %s", v.key(), strings.Join(failed, "\n"))
		}
		want, _ := normalised(v.XForm)
		have, _ := normalised(string(out))
		if want == have {
			equal++
		} else if !isApart(v.key()) {
			t.Errorf("%s differs: %s", v.key(), cmp.Diff(strings.Split(want, "\n"), strings.Split(have, "\n")))
		}
		if v.Itemsets != nil {
			if d := cmp.Diff(table(*v.Itemsets), table(string(xform.Itemsets(f)))); d != "" {
				t.Errorf("%s: itemsets %s", v.key(), d)
			}
		}
	}
	if taken != 396 || held*1000 < total*984 || equal < 385 {
		t.Errorf("%d taken; %d of %d assertions hold; %d equal", taken, held, total, equal)
	}
}

var rowPattern = regexp.MustCompile(`\[row : (\d+)\]`)

// Every form that the reference compiler refuses is refused, in the same row; a sheet and row are named but where
// there is none: the sheet of questions is missing, or the name of the record was given with the file.
func TestVectorsRefused(t *testing.T) {
	refused, all := 0, 0
	for _, v := range referenceVectors(t) {
		if v.Error == nil {
			continue
		}
		all++
		_, issues := xlsform.Compile(v.sheets(t), v.options())
		hard := issues.Only(fault.Hard)
		if len(hard) == 0 {
			t.Errorf("%s is taken: %s", v.key(), *v.Error)
			continue
		}
		refused++
		placed := func(i fault.Issue) bool {
			return i.Place.Sheet != "" && i.Place.Row > 0 || i.Code == xlsform.CodeNoSurvey || i.Code == xlsform.CodeRootName
		}
		if !slices.ContainsFunc(hard, placed) {
			t.Errorf("%s: no row is named: %v", v.key(), hard)
		}
		row := 0
		if m := rowPattern.FindStringSubmatch(*v.Error); m != nil {
			row, _ = strconv.Atoi(m[1])
		}
		if row > 0 && !slices.ContainsFunc(hard, func(i fault.Issue) bool { return i.Place.Row == row && i.Place.Sheet != "" }) {
			if strings.Contains(*v.Error, "'settings' sheet") && row == 1 {
				continue // the row after the header holds the settings
			}
			t.Errorf("%s: row %d is not named: %v; %s", v.key(), row, hard, *v.Error)
		}
	}
	if refused != all || all != 192 {
		t.Errorf("%d of %d refused", refused, all)
	}
}
