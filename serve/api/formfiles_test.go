package api_test

import (
	"bytes"
	"strings"
	"testing"

	"waymark/trust/access"
	"waymark/workbook"
)

// sheets makes a workbook of a form.
func sheets(t *testing.T, survey ...[]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := workbook.NewWriter(&b)
	for _, s := range []struct {
		name string
		rows [][]string
	}{{"survey", append([][]string{{"type", "name", "label"}}, survey...)}, {"settings", [][]string{{"form_id", "form_title", "version"}, {"rooms", "Rooms", "3"}}}} {
		if _, err := w.Sheet(workbook.Layout{Name: s.name}); err != nil {
			t.Fatal(err)
		}
		for _, row := range s.rows {
			cells := make([]workbook.Cell, len(row))
			for i, c := range row {
				cells[i] = workbook.TextCell(c)
			}
			if err := w.Row(cells...); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// TestWorkbookForm sends a form as its author keeps it, and gets it back as it was.
func TestWorkbookForm(t *testing.T) {
	o := begin(t)
	file := sheets(t, []string{"integer", "rooms", "Rooms"})
	a := o.ask("POST", o.path("/forms?publish=true"), access.Manager, bytes.NewReader(file), "Content-Type", typeXLSX, "X-XlsForm-FormId-Fallback", "my%20form")
	if a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	for _, at := range []string{"/forms/rooms.xlsx", "/forms/rooms/versions/3.xlsx"} {
		if a := o.ask("GET", o.path("%s", at), access.Viewer, nil); a.StatusCode != 200 || !bytes.Equal(a.body, file) || a.Header.Get("Content-Type") != typeXLSX || !strings.Contains(a.Header.Get("Content-Disposition"), "rooms.xlsx") {
			t.Errorf("%s: %d, %v", at, a.StatusCode, a.Header)
		}
	}
	o.refused("GET", o.path("/forms/rooms.xls"), access.Viewer, "404.1", "")
	var f map[string]any
	o.json("GET", o.path("/forms/rooms"), access.Manager, nil, &f, "X-Extended-Metadata", "true")
	if f["excelContentType"] != typeXLSX || f["submissions"] != 0.0 || f["createdBy"].(map[string]any)["displayName"] != "manager" || len(f["sha256"].(string)) != 64 {
		t.Errorf("%v", f)
	}
	a = o.ask("POST", o.path("/forms"), access.Manager, bytes.NewReader(sheets(t, []string{"integer", "two words", "Rooms"})), "Content-Type", typeXLSX)
	if a.StatusCode != 400 || !strings.Contains(string(a.body), `"code":400.15`) || !strings.Contains(string(a.body), "survey") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

// TestFormFiles sends the files that a form asks for, to its draft.
func TestFormFiles(t *testing.T) {
	o := begin(t)
	body := strings.Replace(formXML(""), `<instance id="needs">`, `<instance id="sites" src="jr://file-csv/sites.csv"/><instance id="needs">`, 1)
	if a := o.ask("POST", o.path("/forms"), access.Manager, strings.NewReader(body), "Content-Type", "application/xml"); a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	var files []struct {
		Name, Type, Hash   string
		Exists, BlobExists bool
	}
	o.json("GET", o.path("/forms/arrivals/draft/attachments"), access.Manager, nil, &files)
	if len(files) != 1 || files[0].Name != "sites.csv" || files[0].Exists {
		t.Fatalf("%+v", files)
	}
	a := o.ask("POST", o.path("/forms/arrivals/draft/attachments/sites.csv"), access.Manager, strings.NewReader("name,label\na,A\n"), "Content-Type", "text/csv")
	if a.StatusCode != 200 || !strings.Contains(string(a.body), `"exists":true`) || !strings.Contains(string(a.body), `"type":"file"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := o.ask("POST", o.path("/forms/arrivals/draft/attachments/other.csv"), access.Manager, strings.NewReader("x"), "Content-Type", "text/csv"); a.StatusCode == 200 {
		t.Errorf("a file that the form does not ask for: %d %s", a.StatusCode, a.body)
	}
	o.json("POST", o.path("/forms/arrivals/draft/publish"), access.Manager, nil, nil)
	var f struct{ Version string }
	o.json("GET", o.path("/forms/arrivals"), access.Viewer, nil, &f)
	version := f.Version
	if version == "" {
		t.Error("a form without a version got none when it was published")
	}
	for _, at := range []string{"/forms/arrivals/attachments/sites.csv", "/forms/arrivals/versions/" + version + "/attachments/sites.csv"} {
		if a := o.ask("GET", o.path("%s", at), access.Viewer, nil); a.StatusCode != 200 || string(a.body) != "name,label\na,A\n" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
			t.Errorf("%s: %d %s", at, a.StatusCode, a.body)
		}
	}
	o.refused("GET", o.path("/forms/arrivals/versions/9.xml"), access.Viewer, "404.1", "")
}

// TestEntityTypes reads the metadata and versions of a list.
func TestEntityTypes(t *testing.T) {
	o := begin(t)
	o.json("POST", o.path("/datasets"), access.Manager, map[string]any{"name": "sites"}, nil)
	o.json("POST", o.path("/datasets/sites/properties"), access.Manager, map[string]any{"name": "adm-2"}, nil)
	var e struct{ UUID string }
	o.json("POST", o.path("/datasets/sites/entities"), access.Manager, map[string]any{"label": "A", "data": map[string]any{"adm-2": "x"}}, &e)
	o.json("PATCH", o.path("/datasets/sites/entities/%s?baseVersion=1", e.UUID), access.Manager, map[string]any{"label": "B"}, nil)
	var versions []map[string]any
	o.json("GET", o.path("/datasets/sites/entities/%s/versions", e.UUID), access.Viewer, nil, &versions)
	if len(versions) != 2 {
		t.Errorf("%v", versions)
	}
	a := o.ask("GET", o.path("/datasets/sites.svc/$metadata"), access.Viewer, nil)
	if a.StatusCode != 200 || !strings.Contains(string(a.body), `<Property Name="adm_2" Type="Edm.String"/>`) || !strings.Contains(string(a.body), "org.opendatakit.entity.metadata") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	var f feed
	for filter, want := range map[string]int{"label eq 'B'": 1, "adm_2 ne 'x'": 0, "__system/updates eq 1 and __system/conflict eq null": 1, "__system/deletedAt eq null": 1, "__system/createdAt gt now()": 0} {
		o.json("GET", o.path("/datasets/sites.svc/Entities?%%24filter=%s", strings.ReplaceAll(filter, " ", "%20")), access.Viewer, nil, &f)
		if len(f.Value) != want {
			t.Errorf("%s: %d, want %d", filter, len(f.Value), want)
		}
	}
	o.refused("GET", o.path("/datasets/sites.svc/Entities?$filter=nothing+eq+1"), access.Viewer, "501.5", "")
	o.refused("GET", o.path("/datasets/sites.svc/Other"), access.Viewer, "404.1", "")
}
