package datapackage_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
	"waymark/lang"
	"waymark/publish/datapackage"
	"waymark/release"
	"waymark/release/releasetest"
	"waymark/workbook"
)

func printers(t *testing.T) []*lang.Printer {
	t.Helper()
	var out []*lang.Printer
	for _, tag := range lang.Tags() {
		p, err := lang.New(tag)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func labels(en, fr string) release.Labels { return release.Labels{"en": en, "fr": fr} }

// drafts are two tables: counts of which one cell is small, and ratios with an open end.
func drafts() []release.Draft {
	head := func(code, en, fr string) []release.Head { return []release.Head{{Code: code, Labels: labels(en, fr)}} }
	count := func(n int) release.DraftCell {
		return release.DraftCell{Value: float64(n), Base: release.Persons(n), Events: release.Persons(n)}
	}
	return []release.Draft{{
		Key: "people-by-route", Title: labels("People by route", "Personnes par itinéraire"), Unit: labels("people interviewed", "personnes interrogées"),
		Dims:     []release.Dim{{Name: "route", Labels: labels("Route", "Itinéraire")}},
		Measures: []release.Measure{{Name: "n", Labels: labels("People", "Personnes"), Form: release.Count}},
		Rows: []release.DraftRow{
			{Heads: head("001", "=Central", "Centrale, dite « centrale »"), Cells: []release.DraftCell{count(4321)}},
			{Heads: head("002", "Eastern", "Orientale"), Cells: []release.DraftCell{count(7)}},
			{Heads: head("003", "Western", "Occidentale"), Cells: []release.DraftCell{count(1234)}},
		},
		Caveats: []string{"indicators-not-victims", "sample-not-random"}, Source: labels("A survey", "Une enquête"),
	}, {
		Key: "odds", Title: labels("Odds ratios", "Rapports de cotes"),
		Dims:     []release.Dim{{Name: "term", Labels: labels("Factor", "Facteur")}},
		Measures: []release.Measure{{Name: "odds_ratio", Labels: labels("Odds ratio", "Rapport de cotes"), Form: release.Ratio, Ranged: true}},
		Rows: []release.DraftRow{
			{Heads: head("sexM", "Men", "Hommes"), Cells: []release.DraftCell{{Value: 1.23456789, Low: 0.98765, High: math.Inf(1), Base: 500, Events: -1}}},
			{Heads: head("sexF", "Women", "Femmes"), Cells: []release.DraftCell{{None: true, Note: "reference"}}},
		},
		Caveats: []string{"sample-not-random"},
	}}
}

var pack = datapackage.Package{Name: "route-survey", Version: "1.0.0", Title: labels("Route survey", "Enquête sur les itinéraires"),
	Licences: []datapackage.Licence{{Name: "CC-BY-4.0"}}}

func files(t *testing.T, p datapackage.Package, tables []release.Cleared) map[string]string {
	t.Helper()
	list, err := datapackage.Files(p, tables, printers(t))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range list {
		out[f.Path] = string(f.Content)
	}
	return out
}

func TestCSVShowsOnlyWhatWasCleared(t *testing.T) {
	out := files(t, pack, releasetest.MustClearAt(t, 10, drafts()...))
	rows, err := csv.NewReader(strings.NewReader(out["data/people-by-route.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"route", "route_en", "route_fr", "n", "n_state", "caveats"},
		{"001", "'=Central", "Centrale, dite « centrale »", "4321", "shown", "indicators-not-victims;sample-not-random"},
		{"002", "Eastern", "Orientale", "", "suppressed", "indicators-not-victims;sample-not-random"},
		{"003", "Western", "Occidentale", "1234", "shown", "indicators-not-victims;sample-not-random"},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
	odds := "term,term_en,term_fr,odds_ratio,odds_ratio_low,odds_ratio_high,odds_ratio_state,odds_ratio_note,caveats\n" +
		"sexM,Men,Hommes,1.235,0.9877,,shown,,sample-not-random\nsexF,Women,Femmes,,,,blank,reference,sample-not-random\n"
	if d := cmp.Diff(odds, out["data/odds.csv"]); d != "" {
		t.Error(d)
	}
}

// A threshold above every number must leave none of them in any byte, workbook parts unpacked.
func TestNoSuppressedNumberInAnyByte(t *testing.T) {
	for path, content := range files(t, pack, releasetest.MustClearAt(t, 10_000, drafts()[0])) {
		for name, text := range unpacked(t, path, content) {
			for _, planted := range []string{"4321", "1234"} {
				if strings.Contains(text, planted) {
					t.Errorf("%s holds a suppressed number", name)
				}
			}
		}
	}
	shown := files(t, pack, releasetest.MustClear(t, drafts()[0])) // the same search finds them where they may stand
	if !strings.Contains(shown["data/people-by-route.csv"], "4321") {
		t.Error("the shown number is not in the CSV")
	}
}

// unpacked gives a file's text, or that of each part of a zip. Hashes are left out: their digits are chance.
func unpacked(t *testing.T, path, content string) map[string]string {
	t.Helper()
	if !strings.HasSuffix(path, ".xlsx") {
		var kept []string
		for line := range strings.Lines(content) {
			if !strings.Contains(line, `"hash"`) && !strings.Contains(line, `"bytes"`) {
				kept = append(kept, line)
			}
		}
		return map[string]string{path: strings.Join(kept, "")}
	}
	z, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[path+"/"+f.Name] = string(text)
	}
	return out
}

func TestEveryFileCarriesItsCaveats(t *testing.T) {
	for path, content := range files(t, pack, releasetest.MustClear(t, drafts()...)) {
		all := strings.Builder{}
		for _, text := range unpacked(t, path, content) {
			all.WriteString(text)
		}
		if !strings.Contains(all.String(), "sample-not-random") {
			t.Errorf("%s lacks the caveat", path)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	var first []byte
	for range 3 {
		var out bytes.Buffer
		if err := datapackage.Write(&out, pack, releasetest.MustClear(t, drafts()...), printers(t)); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out.Bytes()
		}
		if !bytes.Equal(first, out.Bytes()) {
			t.Fatal("two runs differ")
		}
	}
}

func TestDescription(t *testing.T) {
	out := files(t, pack, releasetest.MustClearAt(t, 10, drafts()...))
	var d struct {
		Schema       string   `json:"$schema"`
		Languages    []string `json:"languages"`
		Contributors []any    `json:"contributors"`
		Created      string   `json:"created"`
		Licenses     []struct{ Name string }
		Resources    []struct {
			Name, Path, Type, Hash string
			Bytes                  int
			Schema                 struct {
				Schema        string `json:"$schema"`
				MissingValues []string
				Fields        []struct {
					Name, Type, Title string
					Labels            map[string]string
					Categories        []struct {
						Value, Label string
						Labels       map[string]string
					}
				}
			} `json:"schema"`
		}
	}
	if err := json.Unmarshal([]byte(out["datapackage.json"]), &d); err != nil {
		t.Fatal(err)
	}
	if d.Schema != "https://datapackage.org/profiles/2.0/datapackage.json" || d.Contributors != nil || d.Created != "" {
		t.Errorf("profile %q, contributors %v, created %q", d.Schema, d.Contributors, d.Created)
	}
	if len(d.Resources) != 3 || d.Licenses[0].Name != "CC-BY-4.0" {
		t.Fatalf("%d resources", len(d.Resources))
	}
	for _, r := range d.Resources {
		if len(out[r.Path]) != r.Bytes || !strings.HasPrefix(r.Hash, "sha256:") {
			t.Errorf("%s: %d bytes stated, %d there", r.Path, r.Bytes, len(out[r.Path]))
		}
		if r.Type != "table" {
			continue
		}
		// Every field of the schema is a column of the file, in order.
		header, err := csv.NewReader(strings.NewReader(out[r.Path])).Read()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range r.Schema.Fields {
			names = append(names, f.Name)
		}
		if d := cmp.Diff(header, names); d != "" {
			t.Errorf("%s: %s", r.Path, d)
		}
		if !slices.Equal(r.Schema.MissingValues, []string{""}) {
			t.Errorf("%s: missing values %q", r.Path, r.Schema.MissingValues)
		}
	}
	route := d.Resources[0].Schema.Fields[0]
	if route.Labels["fr"] != "Itinéraire" || len(route.Categories) != 3 || route.Categories[1].Labels["fr"] != "Orientale" {
		t.Errorf("field route: %+v", route)
	}
	if n := d.Resources[0].Schema.Fields[3]; n.Type != "integer" || n.Title != "People" {
		t.Errorf("field n: %+v", n)
	}
}

// Notes have their words where the report has some.
func TestNotesAreExplained(t *testing.T) {
	out := files(t, pack, releasetest.MustClear(t, drafts()[1]))["datapackage.json"]
	for _, want := range []string{`"value": "reference"`, `"fr": "référence"`} {
		if !strings.Contains(out, want) {
			t.Errorf("the description lacks %s", want)
		}
	}
}

func TestWorkbookKeepsCodesAsText(t *testing.T) {
	out := files(t, pack, releasetest.MustClearAt(t, 10, drafts()...))["route-survey.xlsx"]
	book, err := workbook.Open(strings.NewReader(out), int64(len(out)), workbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range book.Sheets() {
		names = append(names, s.Name)
	}
	if d := cmp.Diff([]string{"readme", "people-by-route", "odds", "codebook"}, names); d != "" {
		t.Error(d)
	}
	for row, err := range book.Rows("people-by-route") {
		if err != nil {
			t.Fatal(err)
		}
		if row.Index != 2 {
			continue
		}
		if c := row.Cells[0]; c.Kind != workbook.Text || c.Text != "001" {
			t.Errorf("code: %+v", c)
		}
		if c := row.Cells[1]; c.Kind != workbook.Text || c.Text != "=Central" {
			t.Errorf("words: %+v", c)
		}
		if c := row.Cells[3]; c.Kind != workbook.Number || c.Number != 4321 {
			t.Errorf("number: %+v", c)
		}
	}
}

func TestRefusals(t *testing.T) {
	good := releasetest.MustClear(t, drafts()...)
	change := func(f func(d *release.Draft)) []release.Cleared {
		d := drafts()[1]
		f(&d)
		return releasetest.MustClear(t, d)
	}
	for _, c := range []struct {
		name   string
		pack   datapackage.Package
		tables []release.Cleared
		want   fault.Code
	}{
		{"not cleared", pack, []release.Cleared{good[0], {}}, datapackage.CodeNotCleared},
		{"no tables", pack, nil, datapackage.CodeNoTables},
		{"name with a slash", datapackage.Package{Name: "../x"}, good, datapackage.CodeName},
		{"table twice", pack, []release.Cleared{good[0], good[0]}, datapackage.CodeKey},
		{"table named as a sheet", pack, change(func(d *release.Draft) { d.Key = "codebook" }), datapackage.CodeKey},
		{"not a day", datapackage.Package{Name: "x", Created: "yesterday"}, good, datapackage.CodeCreated},
		{"licence without a name", datapackage.Package{Name: "x", Licences: []datapackage.Licence{{Title: "Free"}}}, good, datapackage.CodeNoLicence},
		{"caveat without words", pack, change(func(d *release.Draft) { d.Caveats = []string{"no-such-caveat"} }), datapackage.CodeCaveatUnknown},
		{"columns of one name", pack, change(func(d *release.Draft) { d.Dims[0].Name = "odds_ratio_state" }), datapackage.CodeColumnTwice},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := datapackage.Files(c.pack, c.tables, printers(t))
			if issues := fault.Of(err); len(issues) == 0 || issues[0].Code != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if len(list) > 0 {
				t.Error("files were made all the same")
			}
		})
	}
	if _, err := datapackage.Files(pack, []release.Cleared{{}}, printers(t)); !errors.Is(err, fault.Forbidden) {
		t.Error("an uncleared table is not forbidden")
	}
	var out bytes.Buffer
	if err := datapackage.CSV(&out, release.Cleared{}, []string{"en"}); !errors.Is(err, fault.Forbidden) || out.Len() > 0 {
		t.Error("an uncleared table was written as CSV")
	}
}
