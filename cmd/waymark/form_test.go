package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A form asked in Arabic first is written from right to left, from the sheet on: direction, default language
// and texts come through, and what a form protects is marked for the server.
func TestFormArabic(t *testing.T) {
	out := filepath.Join(t.TempDir(), "arrivals.xml")
	var said, wrong bytes.Buffer
	r := room{in: strings.NewReader(""), out: &said, err: &wrong, getenv: func(string) string { return "" }}
	if exit := run(context.Background(), []string{"form", "convert", "testdata/forms/arabic-arrivals.md", "--out", out, "--json"}, r); exit != exitDone {
		t.Fatalf("exit %d: %s", exit, &wrong)
	}
	var record formRecord
	if err := json.Unmarshal(said.Bytes(), &record); err != nil {
		t.Fatal(err)
	}
	if record.Direction != "rtl" || record.Language != "ar" || len(record.Languages) != 3 || record.Title != "الوافدون" || !record.Usable {
		t.Errorf("%+v", record)
	}
	if len(record.Mistakes)+len(record.Advice) > 0 {
		t.Errorf("%+v %+v", record.Mistakes, record.Advice)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<translation lang="العربية (ar)" default="true()">`,
		`<value>هل توافق على المشاركة؟</value>`,
		`<value> عمر المرافق <output value=" ../companion_age "/>: قاصر. </value>`,
		`xmlns:waymark="urn:waymark:form:1"`,
		`<bind nodeset="/data/arrival/place" type="geopoint" waymark:sensitivity="strict"/>`,
		`<bind nodeset="/data/person/worked_unpaid" type="string" waymark:sensitivity="strict"/>`,
		`calculate="count( /data/companion [companion_age &lt; 18])"`,
	} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the form lacks %s", want)
		}
	}
}
