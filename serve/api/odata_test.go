package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/trust/access"
	"waymark/workbook"
)

// feed is a page of rows.
type feed struct {
	Value  []map[string]any
	Next   string   `json:"@odata.nextLink"`
	Count  *int     `json:"@odata.count"`
	Sealed []string `json:"@waymark.sealed"`
	About  string   `json:"@odata.context"`
}

// read reads a feed; options come in pairs.
func (o *office) read(table, role string, options ...string) feed {
	o.t.Helper()
	q := url.Values{}
	for i := 0; i+1 < len(options); i += 2 {
		q.Set(options[i], options[i+1])
	}
	var f feed
	o.json("GET", o.path("/forms/arrivals.svc/%s?%s", table, q.Encode()), role, nil, &f)
	return f
}

// filled is an office with three records; the second has no person.
func filled(t testing.TB) *office {
	o := begin(t)
	o.publish()
	o.send(record("uuid:a", 30, "food water", "A", "B"))
	o.send(record("uuid:b", 17, ""))
	o.send(record("uuid:c", 45, "water", "=1+1"))
	return o
}

func ids(f feed) []string {
	var out []string
	for _, r := range f.Value {
		out = append(out, fmt.Sprint(r["__id"]))
	}
	return out
}

// TestFeed reads as ruODK and Power BI do: service document, metadata, tables.
func TestFeed(t *testing.T) {
	o := filled(t)
	var service struct {
		Value []struct{ Name, Kind, URL string }
	}
	o.json("GET", o.path("/forms/arrivals.svc"), access.Viewer, nil, &service)
	if len(service.Value) != 2 || service.Value[0].Name != "Submissions" || service.Value[1].URL != "Submissions.home.person" {
		t.Errorf("%+v", service)
	}
	a := o.ask("GET", o.path("/forms/arrivals.svc/$metadata"), access.Viewer, nil)
	if err := xml.Unmarshal(a.body, new(struct {
		XMLName xml.Name `xml:"http://docs.oasis-open.org/odata/ns/edmx Edmx"`
	})); err != nil || a.StatusCode != 200 {
		t.Errorf("%v %s", err, a.body)
	}
	for _, want := range []string{`<EntityType Name="Submissions.home.person">`, `<NavigationProperty Name="person" Type="Collection(org.opendatakit.user.arrivals.Submissions.home.person)"`,
		`<Property Name="age" Type="Edm.Int64"/>`, `<Property Name="place" Type="Edm.GeographyPoint"/>`, `<Property Name="visit_date" Type="Edm.Date"/>`,
		`<Property Name="home" Type="org.opendatakit.user.arrivals.home"/>`, `<ComplexType Name="home">`, `<Property Name="rooms" Type="Edm.Decimal"/>`, `<Property Name="__Submissions-id" Type="Edm.String"/>`} {
		if !bytes.Contains(a.body, []byte(want)) {
			t.Errorf("metadata has no %s", want)
		}
	}
	f := o.read("Submissions", access.Viewer, "$count", "true")
	if d := cmp.Diff([]string{"uuid:a", "uuid:b", "uuid:c"}, ids(f)); d != "" || f.Count == nil || *f.Count != 3 || f.Next != "" {
		t.Errorf("%s %+v", d, f)
	}
	row := f.Value[0]
	home := row["home"].(map[string]any)
	system := row["__system"].(map[string]any)
	if row["age"] != 30.0 || row["visit_date"] != "2024-05-31" || home["rooms"] != 1.5 || home["needs"] != "food water" || row["place"] != nil || row["story"] != nil || row["secret"] != nil ||
		home["person@odata.navigationLink"] != "Submissions('uuid:a')/home/person" || system["formVersion"] != "1" || system["updatedAt"] != nil || system["attachmentsExpected"] != 0.0 {
		t.Errorf("%v", row)
	}
	if !slices.Contains(f.Sealed, "place") || !slices.Contains(f.Sealed, "story") || !slices.Contains(f.Sealed, "secret") || slices.Contains(f.Sealed, "age") {
		t.Errorf("sealed: %v", f.Sealed)
	}
	if !strings.HasSuffix(f.About, ".svc/$metadata#Submissions") {
		t.Error(f.About)
	}
}

func TestFeedOfRepeat(t *testing.T) {
	o := filled(t)
	f := o.read("Submissions.home.person", access.Viewer, "$count", "true")
	if len(f.Value) != 3 || *f.Count != 3 || f.Value[0]["__Submissions-id"] != "uuid:a" || f.Value[2]["__Submissions-id"] != "uuid:c" || f.Value[1]["first"] != "B" || f.Value[1]["born"] != "1981-01-02" {
		t.Errorf("%+v", f)
	}
	second := fmt.Sprint(f.Value[1]["__id"])
	// page by page, as Power BI follows next links
	var all []string
	for page := o.read("Submissions.home.person", access.Viewer, "$top", "1"); ; {
		if len(page.Value) != 1 {
			t.Fatalf("a page of %d", len(page.Value))
		}
		all = append(all, fmt.Sprint(page.Value[0]["__id"]))
		if page.Next == "" {
			break
		}
		next := strings.TrimPrefix(page.Next, o.URL)
		page = feed{}
		o.json("GET", next, access.Viewer, nil, &page)
		if len(all) > 5 {
			t.Fatal("pages do not end")
		}
	}
	if d := cmp.Diff(ids(f), all); d != "" {
		t.Error(d)
	}
	if f := o.read("Submissions.home.person", access.Viewer, "$skip", "1", "$top", "1"); len(f.Value) != 1 || f.Value[0]["__id"] != second {
		t.Errorf("%+v", f)
	}
	if f := o.read("Submissions('uuid:a')/home/person", access.Viewer); len(f.Value) != 2 {
		t.Errorf("%+v", f)
	}
	if f := o.read("Submissions('uuid:b')/home/person", access.Viewer); len(f.Value) != 0 {
		t.Errorf("%+v", f)
	}
	if f := o.read("Submissions('uuid:a')/home/person('"+second+"')", access.Viewer); len(f.Value) != 1 || f.Value[0]["first"] != "B" {
		t.Errorf("%+v", f)
	}
	if f := o.read("Submissions('uuid:c')", access.Viewer, "$expand", "*"); len(f.Value) != 1 || len(f.Value[0]["home"].(map[string]any)["person"].([]any)) != 1 {
		t.Errorf("%+v", f)
	}
	f = o.read("Submissions", access.Viewer, "$expand", "*")
	counts := []int{}
	for _, r := range f.Value {
		counts = append(counts, len(r["home"].(map[string]any)["person"].([]any)))
	}
	if d := cmp.Diff([]int{2, 0, 1}, counts); d != "" {
		t.Error(d)
	}
	o.refused("GET", o.path("/forms/arrivals.svc/Submissions.nothing"), access.Viewer, "404.1", "")
	o.refused("GET", o.path("/forms/nothing.svc/Submissions"), access.Viewer, "404.1", "")
}

func TestFeedOptions(t *testing.T) {
	o := filled(t)
	o.json("PATCH", o.path("/forms/arrivals/submissions/uuid:b"), access.Manager, map[string]any{"reviewState": "approved"}, nil)
	for _, c := range []struct {
		filter string
		want   []string
	}{
		{"age ge 18", []string{"uuid:a", "uuid:c"}}, {"age lt 18 or age gt 40", []string{"uuid:b", "uuid:c"}}, {"not (age eq 30)", []string{"uuid:b", "uuid:c"}},
		{"contains(home/needs,'food')", []string{"uuid:a"}}, {"home/needs eq null", []string{"uuid:b"}}, {"visit_date eq 2024-05-31 and year(visit_date) eq 2024", []string{"uuid:a", "uuid:b", "uuid:c"}},
		{"__system/reviewState eq 'approved'", []string{"uuid:b"}}, {"__system/reviewState eq null", []string{"uuid:a", "uuid:c"}}, {"__system/reviewState ne 'approved'", []string{"uuid:a", "uuid:c"}},
		{"__system/submissionDate lt now()", []string{"uuid:a", "uuid:b", "uuid:c"}}, {"__system/submissionDate ge 2099-01-01T00:00:00.000Z", nil}, {"__id eq 'uuid:c'", []string{"uuid:c"}},
		{"__system/updatedAt ge 2020-01-01T00:00:00Z", []string{"uuid:b"}}, {"__system/submitterId eq '1'", []string{"uuid:a", "uuid:b", "uuid:c"}}, {"__system/submitterId eq 1 and __system/edits eq 0", []string{"uuid:a", "uuid:b", "uuid:c"}},
		{"$root/Submissions/__system/reviewState eq 'approved'", []string{"uuid:b"}},
	} {
		f := o.read("Submissions", access.Viewer, "$filter", c.filter, "$count", "true")
		if d := cmp.Diff(c.want, ids(f)); d != "" || *f.Count != len(c.want) {
			t.Errorf("%s: %s, count %d", c.filter, d, *f.Count)
		}
	}
	if f := o.read("Submissions.home.person", access.Viewer, "$filter", "$root/Submissions/__system/submissionDate lt now() and first eq 'B'"); len(f.Value) != 1 {
		t.Errorf("%+v", f)
	}
	if f := o.read("Submissions", access.Viewer, "$orderby", "age desc", "$top", "2", "$filter", "age gt 1"); !slices.Equal(ids(f), []string{"uuid:c", "uuid:a"}) {
		t.Errorf("%v", ids(f))
	}
	if f := o.read("Submissions", access.Viewer, "$orderby", "__system/submissionDate desc"); !slices.Equal(ids(f), []string{"uuid:c", "uuid:b", "uuid:a"}) {
		t.Errorf("%v", ids(f))
	}
	if f := o.read("Submissions", access.Viewer, "$select", "__id,age,home/rooms,__system/submissionDate"); !cmp.Equal(len(f.Value[0]), 4) || f.Value[0]["home"].(map[string]any)["rooms"] != 1.5 || f.Value[0]["age"] != 30.0 {
		t.Errorf("%v", f.Value[0])
	}
	if f := o.read("Submissions", access.Viewer, "$select", "age", "$filter", "home/needs eq 'water'"); len(f.Value) != 1 || len(f.Value[0]) != 1 || f.Value[0]["age"] != 45.0 {
		t.Errorf("%v", f.Value)
	}
	if f := o.read("Submissions", access.Viewer, "$top", "0", "$count", "true"); len(f.Value) != 0 || *f.Count != 3 || f.Next != "" {
		t.Errorf("%+v", f)
	}
	if f := o.read("Submissions", access.Viewer, "$top", "2"); len(f.Value) != 2 || f.Next == "" || strings.Contains(f.Next, "$skip=") {
		t.Errorf("%+v", f)
	}
	svc := o.path("/forms/arrivals.svc/Submissions")
	for query, number := range map[string]string{
		"$filter=age%20eq": "400.18", "$filter=nothing%20eq%201": "501.5", "$filter=story%20eq%20%27x%27": "403.1", "$filter=secret%20eq%20%27x%27": "403.1", "$filter=place%20ne%20null": "403.1",
		"$select=nothing": "400.23", "$select=home/person/first": "400.24", "$expand=person": "501.6", "$expand=*&$select=age": "501.11", "$skiptoken=01x": "400.35", "$top=-1": "400.8",
		"$orderby=secret": "403.1", "$orderby=age%20sideways": "501.5",
	} {
		o.refused("GET", svc+"?"+query, access.Viewer, number, "")
	}
	o.refused("GET", svc, "", "401.2", "")
	o.refused("GET", svc, access.Administrator, "403.1", "")
}

// TestProtectedAnswers asks for restricted and strict answers by every way that gives some, as those who may and may not.
func TestProtectedAnswers(t *testing.T) {
	o := filled(t)
	addresses := []string{"/forms/arrivals.svc/Submissions", "/forms/arrivals/submissions.csv", "/forms/arrivals/submissions.csv.zip?attachments=false", "/forms/arrivals/submissions.xlsx"}
	text := func(a answer) string {
		z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
		if err != nil {
			return string(a.body)
		}
		var b strings.Builder
		for _, f := range z.File {
			r, _ := f.Open()
			io.Copy(&b, r)
		}
		return b.String()
	}
	for _, at := range addresses {
		a := o.ask("GET", o.path("%s", at), access.Manager, nil)
		if s := text(a); a.StatusCode != 200 || strings.Contains(s, restrictedAnswer) || strings.Contains(s, strictAnswer) || strings.Contains(s, "35.54321") || !strings.Contains(s, "water") {
			t.Errorf("%s: %d, protected answers unasked for, or none at all", at, a.StatusCode)
		}
		a = o.ask("GET", o.path("%s", at), access.Manager, nil, "X-Waymark-Restricted", "true")
		if s := text(a); a.StatusCode != 200 || !strings.Contains(s, restrictedAnswer) || strings.Contains(s, strictAnswer) {
			t.Errorf("%s restricted: %d", at, a.StatusCode)
		}
		o.refused("GET", o.path("%s", at), access.Viewer, "403.1", "", "X-Waymark-Restricted", "true")
		o.refused("GET", o.path("%s", at), access.Reviewer, "403.1", "", "X-Waymark-Restricted", "true") // reads them one record at a time
		o.refused("GET", o.path("%s", at), access.Manager, "403.1", "", "X-Waymark-Opening", "made-up")
	}
	o.refused("GET", o.path("/forms/arrivals/submissions.parquet"), access.Manager, "403.1", "", "X-Waymark-Restricted", "true")
	o.refused("GET", o.path("/forms/arrivals/submissions.geojson"), access.Manager, "403.1", "")
	o.refused("GET", o.path("/forms/arrivals/submissions.geojson"), access.Administrator, "403.1", "")

	opening := o.open()
	for _, at := range append(addresses, "/forms/arrivals/submissions.geojson", "/forms/arrivals/submissions/uuid:a.xml") {
		a := o.ask("GET", o.path("%s", at), access.Manager, nil, "X-Waymark-Opening", opening)
		if s := text(a); a.StatusCode != 200 || !strings.Contains(s, strictAnswer) || !strings.Contains(s, "35.54321") || strings.Contains(s, restrictedAnswer) != strings.HasSuffix(at, ".xml") {
			t.Errorf("%s opened: %d %.200s", at, a.StatusCode, s)
		}
		o.refused("GET", o.path("%s", at), access.Viewer, "403.1", "", "X-Waymark-Opening", opening)
	}
	for _, name := range []string{".geojson", ".csv"} { // as a link of the exports page names it
		at := "/forms/arrivals/submissions" + name + "?opening=" + opening
		if a := o.ask("GET", o.path("%s", at), access.Manager, nil); a.StatusCode != 200 || !strings.Contains(text(a), "35.54321") {
			t.Errorf("%s: %d", at, a.StatusCode)
		}
		o.refused("GET", o.path("%s", at), access.Viewer, "403.1", "")
	}
	var diffs map[string]any
	o.json("GET", o.path("/forms/arrivals/submissions/uuid:a/diffs"), access.Manager, nil, &diffs, "X-Waymark-Opening", opening)
	if len(diffs) != 0 {
		t.Errorf("a record of one version differs: %v", diffs)
	}
	var audits []map[string]any
	o.json("GET", "/v1/audits?limit=500", access.Administrator, nil, &audits)
	acts := map[string]int{}
	for _, a := range audits {
		acts[fmt.Sprint(a["action"])]++
		if b, _ := json.Marshal(a); bytes.Contains(b, []byte("MARK")) {
			t.Errorf("an answer in the audit log")
		}
	}
	if acts["records.export"] < 10 || acts["records.feed"] < 3 || acts["strict.read"] == 0 || acts["restricted.read"] == 0 {
		t.Errorf("%v", acts)
	}
	if s := o.log.String(); strings.Contains(s, "MARK") || strings.Contains(s, "uuid:a") || strings.Contains(s, opening) {
		t.Error("the log holds an answer, an id or an opening")
	}
}

// open asks for an opening and has another person grant it.
func (o *office) open() string {
	o.t.Helper()
	ctx := o.t.Context()
	asker, _, err := o.desk.Session(ctx, o.tokens[access.Manager])
	if err != nil {
		o.t.Fatal(err)
	}
	u := collect.User{Email: "officer@example.org", Name: "officer", Language: "en", Grants: []access.Grant{{Role: access.Officer}}}
	if _, err := o.desk.AddUser(ctx, system, u, ""); err != nil {
		o.t.Fatal(err)
	}
	_, _, officer, err := o.desk.SignInAs(ctx, u.Email, "test")
	if err != nil {
		o.t.Fatal(err)
	}
	op, err := o.desk.AskOpening(ctx, asker, o.project, "arrivals", "", access.Purpose{Code: "data-quality"})
	if err == nil {
		err = o.desk.GrantOpening(ctx, officer, o.project, op.ID, collect.Allow)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return op.ID
}

func TestExports(t *testing.T) {
	o := filled(t)
	a := o.ask("GET", o.path("/forms/arrivals/submissions.csv?splitSelectMultiples=true"), access.Viewer, nil)
	lines := strings.Split(strings.TrimSpace(string(a.body)), "\n")
	want := "SubmissionDate,start,age,visit_date,home-rooms,home-needs,home-needs/food,home-needs/water,KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,ReviewState,DeviceID,Edits,FormVersion"
	if len(lines) != 4 || lines[0] != want || !strings.Contains(lines[1], ",30,2024-05-31,1.50,food water,1,1,uuid:a,1,") || !strings.Contains(lines[2], ",17,2024-05-31,1.50,,,,uuid:b,") ||
		!strings.Contains(lines[3], ",water,0,1,uuid:c,") {
		t.Errorf("%s", a.body)
	}
	if a.Header.Get("X-Waymark-Clearance") != "not cleared" || !strings.Contains(a.Header.Get("Content-Disposition"), "arrivals.csv") {
		t.Errorf("%v", a.Header)
	}
	a = o.ask("GET", o.path("/forms/arrivals/submissions.csv?groupPaths=false&missing=true&$filter=__system/reviewState+eq+null"), access.Viewer, nil)
	if !strings.Contains(string(a.body), ",rooms,rooms__missing,needs,needs__missing,KEY") || !strings.Contains(string(a.body), ",,empty,uuid:b") {
		t.Errorf("%s", a.body)
	}
	o.refused("GET", o.path("/forms/arrivals/submissions.csv?$filter=age+eq+3"), access.Viewer, "501.5", "")

	a = o.ask("POST", o.path("/forms/arrivals/submissions.csv.zip?attachments=false&deletedFields=false"), access.Viewer, strings.NewReader("null"), "Content-Type", "application/json")
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, _ := f.Open()
		b, _ := io.ReadAll(r)
		files[f.Name] = string(b)
	}
	if s := files["arrivals-person.csv"]; !strings.HasPrefix(s, "first,born,PARENT_KEY,KEY\nA,1980-01-02,uuid:a,uuid:a/home/person[1]\n") || !strings.Contains(s, "\"'=1+1\",") {
		t.Errorf("%s", s)
	}
	if !strings.Contains(files["NOT-CLEARED.txt"], "not cleared") || !strings.Contains(files["left-out.csv"], "secret,strict") || !strings.Contains(files["codebook.csv"], "home-needs") || files["arrivals.csv"] == "" {
		t.Errorf("%v", files)
	}
	a = o.ask("GET", o.path("/forms/arrivals/submissions.parquet"), access.Viewer, nil)
	if a.StatusCode != 200 || !bytes.HasPrefix(a.body, []byte("PAR1")) || !bytes.HasSuffix(a.body, []byte("PAR1")) || !bytes.Contains(a.body, []byte("not cleared")) {
		t.Errorf("parquet: %d", a.StatusCode)
	}
	a = o.ask("GET", o.path("/forms/arrivals/submissions.parquet?table=Submissions.home.person"), access.Viewer, nil)
	if a.StatusCode != 200 || !bytes.HasPrefix(a.body, []byte("PAR1")) {
		t.Errorf("parquet of a repeat: %d", a.StatusCode)
	}
	o.refused("GET", o.path("/forms/arrivals/submissions.parquet?table=x"), access.Viewer, "404.1", "")
}

// TestFresh asks again with the mark of what came before.
func TestFresh(t *testing.T) {
	o := filled(t)
	for _, at := range []string{"/forms/arrivals.svc/Submissions", "/forms/arrivals.svc/Submissions.home.person", "/forms/arrivals/submissions.csv"} {
		a := o.ask("GET", o.path("%s", at), access.Viewer, nil)
		tag := a.Header.Get("ETag")
		if tag == "" || a.StatusCode != 200 {
			t.Fatalf("%s: %d, mark %q", at, a.StatusCode, tag)
		}
		if a := o.ask("GET", o.path("%s", at), access.Viewer, nil, "If-None-Match", tag); a.StatusCode != 304 || len(a.body) > 0 {
			t.Errorf("%s: %d", at, a.StatusCode)
		}
		if a := o.ask("GET", o.path("%s", at), access.Manager, nil, "If-None-Match", tag); a.StatusCode != 200 {
			t.Errorf("%s: another person's mark was taken: %d", at, a.StatusCode)
		}
		if a := o.ask("GET", o.path("%s", at), access.Manager, nil, "If-None-Match", o.ask("GET", o.path("%s", at), access.Manager, nil).Header.Get("ETag"), "X-Waymark-Restricted", "true"); a.StatusCode != 200 {
			t.Errorf("%s: the mark of less was taken for more: %d", at, a.StatusCode)
		}
		o.send(record("uuid:"+at, 20, "food"))
		if a := o.ask("GET", o.path("%s", at), access.Viewer, nil, "If-None-Match", tag); a.StatusCode != 200 {
			t.Errorf("%s: a new record, and %d", at, a.StatusCode)
		}
	}
}

// TestWorkbook reads back what a spreadsheet program would open.
func TestWorkbook(t *testing.T) {
	o := filled(t)
	a := o.ask("GET", o.path("/forms/arrivals/submissions.xlsx"), access.Viewer, nil)
	book, err := workbook.Open(bytes.NewReader(a.body), int64(len(a.body)), workbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range book.Sheets() {
		names = append(names, s.Name)
	}
	if d := cmp.Diff([]string{"not cleared", "Submissions", "person", "codebook"}, names); d != "" {
		t.Error(d)
	}
	cells := map[string]workbook.Kind{}
	n := 0
	for row, err := range book.Rows("Submissions") {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 2 {
			for i, name := range []string{"date", "start", "age", "visit", "rooms", "needs"} {
				cells[name] = row.Cells[i].Kind
			}
		}
	}
	want := map[string]workbook.Kind{"date": workbook.Date, "start": workbook.Text, "age": workbook.Number, "visit": workbook.Date, "rooms": workbook.Number, "needs": workbook.Text}
	if d := cmp.Diff(want, cells); d != "" || n != 4 {
		t.Errorf("%d rows, %s", n, d)
	}
	for row, err := range book.Rows("person") {
		if err != nil {
			t.Fatal(err)
		}
		if c := row.Cells[0]; strings.HasPrefix(c.Text, "=") && c.Kind != workbook.Text {
			t.Errorf("a formula: %v", c.Kind)
		}
	}
}

// TestGeoJSON shows places to who may see them.
func TestGeoJSON(t *testing.T) {
	o := filled(t)
	a := o.ask("GET", o.path("/forms/arrivals/submissions.geojson?field=place"), access.Manager, nil, "X-Waymark-Opening", o.open())
	var got struct {
		Type, Clearance string
		Features        []struct {
			ID       string
			Geometry struct {
				Type        string
				Coordinates []float64
			}
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(a.body, &got); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if len(got.Features) != 3 || got.Clearance != "not cleared" || got.Features[0].Geometry.Coordinates[0] != 35.54321 || got.Features[0].Properties["age"] != 30.0 || got.Features[0].ID != "uuid:a" {
		t.Errorf("%+v", got)
	}
	if _, twice := got.Features[0].Properties["place-Latitude"]; twice {
		t.Error("the place stands among the properties too")
	}
	o.refused("GET", o.path("/forms/arrivals/submissions.geojson?table=Submissions.home.person"), access.Viewer, "404.1", "")
}

// TestScope gives who may export one site's records those, whatever else they may read.
func TestScope(t *testing.T) {
	o := filled(t)
	ctx := t.Context()
	if err := o.desk.SetRole(ctx, system, access.Role{Name: "reader", Rights: []access.Right{access.ReadRecords, access.ReadForms}}); err != nil {
		t.Fatal(err)
	}
	u := collect.User{Email: "site@example.org", Name: "site", Grants: []access.Grant{{Role: "reader"}, {Role: access.Viewer, Scope: access.Scope{Project: o.project, Teams: []string{"north"}}}}}
	if _, err := o.desk.AddUser(ctx, system, u, ""); err != nil {
		t.Fatal(err)
	}
	var err error
	if o.tokens["site"], _, _, err = o.desk.SignInAs(ctx, u.Email, "test"); err != nil {
		t.Fatal(err)
	}
	device, _, _, err := o.desk.AddDevice(ctx, system, collect.Device{Project: o.project, Name: "phone", Team: "north"})
	if err != nil {
		t.Fatal(err)
	}
	by := access.Resolve(access.Roles(), access.Actor{Kind: access.Device, ID: device.ID, Project: o.project, Team: "north"})
	if _, err := o.desk.Accept(ctx, by, collect.Sent{Project: o.project, Form: "arrivals", Raw: []byte(record("uuid:north", 50, "food", "A"))}); err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	o.json("GET", o.path("/forms/arrivals/submissions"), "site", nil, &list)
	if len(list) != 4 {
		t.Errorf("reads %d records", len(list))
	}
	f := o.read("Submissions", "site", "$count", "true")
	if d := cmp.Diff([]string{"uuid:north"}, ids(f)); d != "" || *f.Count != 1 {
		t.Error(d, *f.Count)
	}
	if f := o.read("Submissions.home.person", "site", "$top", "5"); len(f.Value) != 1 {
		t.Errorf("%+v", f)
	}
	a := o.ask("GET", o.path("/forms/arrivals/submissions.csv"), "site", nil)
	if s := string(a.body); !strings.Contains(s, "uuid:north") || strings.Contains(s, "uuid:a") {
		t.Errorf("%s", s)
	}
}
