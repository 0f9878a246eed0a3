package instance_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"waymark/form/flatten"
	"waymark/form/instance"
	"waymark/form/xform"
)

func collected(t testing.TB, name string) string {
	t.Helper()
	folder := os.Getenv("WAYMARK_REFERENCE")
	if folder == "" {
		t.Skip("WAYMARK_REFERENCE is not set: " + name + " skipped")
	}
	return filepath.Join(folder, "data", "forms", "collect")
}

var (
	firstRecord = regexp.MustCompile(`(?s)<instance(?:\s[^>]*)?>(.*?)</instance>`)
	bound       = regexp.MustCompile(`xmlns(?::\w+)?="[^"]*"`)
	ownID       = regexp.MustCompile(`<((?:\w+:)?instanceID)\s*(?:/>|>\s*</(?:\w+:)?instanceID>)`)
	rootTag     = regexp.MustCompile(`^((?:\s|<!--.*?-->)*<[\w:.-]+)`)
)

// emptyRecord makes a record of a form's own empty one, "" where it has no place for an instanceID.
func emptyRecord(raw string) string {
	m := firstRecord.FindStringSubmatch(raw)
	if m == nil || !ownID.MatchString(m[1]) {
		return ""
	}
	head, _, _ := strings.Cut(raw, "<model")
	var spaces []string
	root, _, _ := strings.Cut(m[1], ">")
	for _, s := range bound.FindAllString(head, -1) {
		name, _, _ := strings.Cut(s, "=")
		if !strings.Contains(root, name+"=") && !strings.Contains(strings.Join(spaces, " "), name+"=") {
			spaces = append(spaces, s)
		}
	}
	record := ownID.ReplaceAllString(m[1], "<$1>uuid:1</$1>")
	return strings.TrimSpace(rootTag.ReplaceAllString(record, "$1 "+strings.Join(spaces, " ")))
}

// The empty record of every form fits the form: nothing in it is strange, nothing stands twice, and no answer
// that it begins with is of the wrong type. sms_form.xml has nodes of one name beside one another.
func TestReferenceEmptyRecords(t *testing.T) {
	root := collected(t, "empty records of other compilers' forms")
	checked := 0
	for _, folder := range []string{"pyxform-expected", "web-forms", "enketo", "javarosa", "central"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(name) != ".xml" || e.Name() == "sms_form.xml" {
				return err
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			f, _ := xform.Decode(raw)
			record := emptyRecord(string(raw))
			if f == nil || record == "" {
				return nil
			}
			in, err := instance.Parse([]byte(record), instance.Limits{})
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(name), err)
				return nil
			}
			checked++
			for _, i := range instance.Check(f, in) {
				switch i.Code {
				case instance.CodeRequired, instance.CodeConstraint, instance.CodeNotAsked: // so these forms begin
				default:
					t.Errorf("%s: %v", filepath.Base(name), i)
				}
			}
			if in.FormID != f.ID || in.Version != f.Version {
				t.Errorf("%s: the record is of %s %s, the form is %s %s", filepath.Base(name), in.FormID, in.Version, f.ID, f.Version)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if checked < 120 {
		t.Errorf("%d were checked", checked)
	}
}

// A record of 250 answers, as the soak test of ODK Central sends it, is taken whole.
func soak(t testing.TB) (raw []byte, form []byte) {
	folder := filepath.Join(collected(t, "the record of 250 questions"), "central")
	form, err := os.ReadFile(filepath.Join(folder, "250q-form.xml"))
	if err != nil {
		t.Fatal(err)
	}
	template, err := os.ReadFile(filepath.Join(folder, "250q-submission.template.xml"))
	if err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer("{{uuid}}", "1", "{{randInt}}", "123456").Replace(string(template))
	return []byte(filled), form
}

func TestReferenceSoak(t *testing.T) {
	raw, xml := soak(t)
	f, issues := xform.Decode(xml)
	if issues.Err() != nil {
		t.Fatal(issues)
	}
	in, err := instance.Parse(raw, instance.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rows := flatten.NewLayout(f).Rows(in)
	filled := 0
	for _, c := range rows[0].Cells {
		if c.Text == "123456" {
			filled++
		}
	}
	if len(rows) != 1 || filled != 250 || len(instance.Check(f, in)) != 0 {
		t.Errorf("%d rows, %d cells, %v", len(rows), filled, instance.Check(f, in))
	}
}

// BenchmarkArrival is what a record of 250 answers costs at the door, but for sealing and keeping it.
func BenchmarkArrival(b *testing.B) {
	raw, xml := soak(b)
	f, _ := xform.Decode(xml)
	l, c := flatten.NewLayout(f), instance.NewChecker(f)
	b.ReportAllocs()
	for b.Loop() {
		in, err := instance.Parse(raw, instance.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if rows, issues := l.Rows(in), c.Check(in, time.Time{}); len(rows) != 1 || len(issues) != 0 {
			b.Fatal(fmt.Sprint(len(rows), issues))
		}
	}
}
