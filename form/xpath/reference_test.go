package xpath_test

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/form/xpath"
)

// expressions gives what an XForm has in attributes that hold expressions.
func expressions(raw string) []string {
	var out []string
	d := xml.NewDecoder(strings.NewReader(raw))
	for {
		t, err := d.Token()
		if err != nil {
			return out
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "calculate", "relevant", "constraint", "required", "readonly", "nodeset", "ref", "value", "count":
				if a.Value != "" && (a.Name.Local != "value" || e.Name.Local == "setvalue" || e.Name.Local == "output") {
					out = append(out, a.Value)
				}
			}
		}
	}
}

// Every expression of the forms that the reference compiler makes is taken, and calls what phones have.
func TestReferenceExpressions(t *testing.T) {
	folder := os.Getenv("WAYMARK_REFERENCE")
	if folder == "" {
		t.Skip("WAYMARK_REFERENCE is not set: expressions of other compilers skipped")
	}
	folder = filepath.Join(folder, "data", "forms", "collect")
	checked := 0
	check := func(name, raw string) {
		for _, s := range expressions(raw) {
			if strings.Contains(s, "&lt;") { // escaped twice there: no phone reads it
				continue
			}
			checked++
			e, err := xpath.Parse(s)
			if err != nil {
				t.Errorf("%s: %s: %v", name, s, err)
				continue
			}
			if issues := e.Check(); issues != nil {
				t.Errorf("%s: %s: %v", name, s, issues)
			}
		}
	}
	file, err := os.Open(filepath.Join(folder, "pyxform-vectors.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := bufio.NewScanner(file)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v struct{ ID, XForm string }
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		check(v.ID, v.XForm)
	}
	for _, part := range []string{"pyxform-expected", "web-forms", "central"} {
		err := filepath.WalkDir(filepath.Join(folder, part), func(name string, e fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(name) == ".xml" {
				raw, _ := os.ReadFile(name)
				check(filepath.Base(name), string(raw))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if checked < 5000 {
		t.Errorf("%d expressions were checked", checked)
	}
}
