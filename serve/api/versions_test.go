package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/trust/access"
)

// TestDraft tries a form before it is published: its records stand apart, and go when it is published.
func TestDraft(t *testing.T) {
	o := filled(t)
	body := strings.Replace(formXML("2"), "<age/>", "<age/><more/>", 1)
	body = strings.Replace(body, `<bind nodeset="/data/age"`, `<bind nodeset="/data/more" type="int"/><bind nodeset="/data/age"`, 1)
	body = strings.Replace(body, `<input ref="/data/age">`, `<input ref="/data/more"><label>More</label></input><input ref="/data/age">`, 1)
	a := o.ask("POST", o.path("/forms/arrivals/draft"), access.Manager, strings.NewReader(body), "Content-Type", "application/xml")
	if a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	raw := strings.Replace(strings.Replace(record("uuid:try", 20, "food", "A"), "<age>", "<more>7</more><age>", 1), `version="1"`, `version="2"`, 1)
	if a := o.ask("POST", o.path("/forms/arrivals/draft/submissions"), access.Manager, strings.NewReader(raw), "Content-Type", "application/xml"); a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	var f feed
	o.json("GET", o.path("/forms/arrivals/draft.svc/Submissions"), access.Manager, nil, &f)
	if len(f.Value) != 1 || f.Value[0]["more"] != 7.0 || f.Value[0]["__id"] != "uuid:try" {
		t.Errorf("%+v", f.Value)
	}
	o.json("GET", o.path("/forms/arrivals/draft.svc/Submissions.home.person"), access.Manager, nil, &f)
	if len(f.Value) != 1 {
		t.Errorf("%+v", f.Value)
	}
	if f := o.read("Submissions", access.Manager); len(f.Value) != 3 {
		t.Errorf("a trial stands among real records: %v", ids(f))
	}
	if a := o.ask("GET", o.path("/forms/arrivals/draft/submissions.csv"), access.Manager, nil); a.StatusCode != 200 || !strings.Contains(string(a.body), ",more,") || !strings.Contains(string(a.body), "uuid:try") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := o.ask("GET", o.path("/forms/arrivals/draft/submissions/uuid:try.xml"), access.Manager, nil); a.StatusCode != 403 { // a trial may hold a real person's words
		t.Errorf("%d", a.StatusCode)
	}
	o.refused("GET", o.path("/forms/arrivals/draft.svc/Submissions"), access.Viewer, "403.1", "")
	o.json("POST", o.path("/forms/arrivals/draft/publish"), access.Manager, nil, nil)
	o.refused("GET", o.path("/forms/arrivals/draft.svc/Submissions"), access.Manager, "404.1", "")
	if f := o.read("Submissions", access.Manager); len(f.Value) != 3 || f.Value[0]["more"] != nil {
		t.Errorf("%v", ids(f))
	}
}

// TestDeletedFields leaves out what only an earlier version asks, unless it is asked for.
func TestDeletedFields(t *testing.T) {
	o := filled(t)
	body := strings.NewReplacer("<visit_date/>", "", `<bind nodeset="/data/visit_date" type="date"/>`, "", `<input ref="/data/visit_date"><label>Visited on</label></input>`, "").Replace(formXML("2"))
	if a := o.ask("POST", o.path("/forms/arrivals/draft"), access.Manager, strings.NewReader(body), "Content-Type", "application/xml"); a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	o.json("POST", o.path("/forms/arrivals/draft/publish"), access.Manager, nil, nil)
	for query, want := range map[string]bool{"": false, "?deletedFields=false": false, "?deletedFields=true": true} {
		a := o.ask("GET", o.path("/forms/arrivals/submissions.csv%s", query), access.Viewer, nil)
		if a.StatusCode != 200 || strings.Contains(string(a.body), "visit_date") != want || strings.Contains(string(a.body), "2024-05-31,") != want {
			t.Errorf("%s: %d %s", query, a.StatusCode, a.body)
		}
	}
}

// TestDiffs tells what an edit changed, to who holds an opening.
func TestDiffs(t *testing.T) {
	o := filled(t)
	edited := strings.Replace(record("uuid:a2", 31, "food", "A", "X", "C"), "<instanceID>", "<deprecatedID>uuid:a</deprecatedID><instanceID>", 1)
	if a := o.ask("PUT", o.path("/forms/arrivals/submissions/uuid:a"), access.Manager, strings.NewReader(edited), "Content-Type", "application/xml"); a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	one := o.path("/forms/arrivals/submissions/uuid:a")
	o.refused("GET", one+"/diffs", access.Manager, "403.1", "")
	opening := o.open()
	var diffs map[string][]map[string]any
	o.json("GET", one+"/diffs", access.Manager, nil, &diffs, "X-Waymark-Opening", opening)
	var have []string
	for _, d := range diffs["uuid:a2"] {
		path, _ := json.Marshal(d["path"])
		have = append(have, fmt.Sprintf("%s %v %v", path, d["old"], d["new"]))
	}
	want := []string{`["age"] 30 31`, `["home","needs"] food water food`, `["home",["person",1],"first"] B X`, `["home",["person",2]] <nil> map[born:1982-01-02 first:C]`,
		`["meta","instanceID"] uuid:a uuid:a2`, `["meta","deprecatedID"] <nil> uuid:a`}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
	for version, age := range map[string]string{"uuid:a": "<age>30</age>", "uuid:a2": "<age>31</age>"} {
		a := o.ask("GET", one+"/versions/"+version+".xml", access.Manager, nil, "X-Waymark-Opening", opening)
		if a.StatusCode != 200 || !strings.Contains(string(a.body), age) {
			t.Errorf("%s: %d", version, a.StatusCode)
		}
	}
}

// TestMedia takes the files of records along where they may be had, and counts them where not.
func TestMedia(t *testing.T) {
	o := filled(t)
	for _, id := range []string{"uuid:m", "uuid:n"} { // two files of a name, and one that has not come
		o.send(strings.Replace(record(id, 30, "food"), "<photo/>", "<photo>a.jpg</photo>", 1))
		if a := o.ask("POST", o.path("/forms/arrivals/submissions/%s/attachments/a.jpg", id), access.Manager, strings.NewReader("JPEG of "+id), "Content-Type", "image/jpeg"); a.StatusCode != 200 {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
	}
	o.send(strings.Replace(record("uuid:o", 30, "food"), "<photo/>", "<photo>late.jpg</photo>", 1))
	take := func(headers ...string) map[string]string {
		t.Helper()
		a := o.ask("GET", o.path("/forms/arrivals/submissions.csv.zip"), access.Manager, nil, headers...)
		z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
		if err != nil {
			t.Fatalf("%v: %d %.200s", err, a.StatusCode, a.body)
		}
		files := map[string]string{}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			files[f.Name] = string(b)
		}
		return files
	}
	files := take()
	if files["media/a.jpg"] != "" || !strings.Contains(files["left-out.csv"], ",media,sealed,2\n,media,not-arrived,1") {
		t.Errorf("%s", files["left-out.csv"])
	}
	if !strings.Contains(files["arrivals.csv"], ",1,1,,,") || !strings.Contains(files["arrivals.csv"], ",0,1,,,") { // present, expected
		t.Errorf("%s", files["arrivals.csv"])
	}
	files = take("X-Waymark-Opening", o.open())
	if files["media/a.jpg"] != "JPEG of uuid:m" || files["media/n/a.jpg"] != "JPEG of uuid:n" || !strings.Contains(files["arrivals.csv"], ",a.jpg,") || strings.Contains(files["left-out.csv"], "media,sealed") {
		t.Errorf("%v", files)
	}
	f := o.read("Submissions", access.Viewer, "$filter", "__system/attachmentsPresent lt __system/attachmentsExpected")
	if d := cmp.Diff([]string{"uuid:o"}, ids(f)); d != "" {
		t.Error(d)
	}
}
