package xlsx_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"waymark/dataset"
	"waymark/dataset/xlsx"
	"waymark/fault"
	"waymark/workbook"
)

// sheet lays rows into a workbook. A cell is "" for none, "n:1.5" for a number, "d:18262" for a day, "b:" for
// TRUE, "e:#N/A" for an error, else a text.
func sheet(t testing.TB, name string, rows ...[]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := workbook.NewWriter(&b)
	if _, err := w.Sheet(workbook.Layout{Name: name}); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		cells := make([]workbook.Cell, len(r))
		for i, s := range r {
			cells[i] = cell(t, s)
		}
		if err := w.Row(cells...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func cell(t testing.TB, s string) workbook.Cell {
	t.Helper()
	kind, rest, ok := strings.Cut(s, ":")
	if s == "" {
		return workbook.Cell{}
	}
	if !ok || len(kind) != 1 {
		return workbook.TextCell(s)
	}
	switch kind {
	case "b":
		return workbook.BoolCell(true)
	case "e":
		return workbook.Cell{Kind: workbook.Error, Text: rest}
	}
	x, err := strconv.ParseFloat(rest, 64)
	if err != nil {
		t.Fatal(err)
	}
	if kind == "d" {
		return workbook.DateCell(x)
	}
	return workbook.NumberCell(x)
}

func read(t testing.TB, data []byte, o xlsx.Options) *dataset.Loaded {
	t.Helper()
	loaded, err := xlsx.Read(bytes.NewReader(data), int64(len(data)), o)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// values gives the cells of a table, columns by name.
func values(t *dataset.Table) map[string][]string {
	out := map[string][]string{}
	for _, c := range t.Columns {
		cells := make([]string, c.Rows())
		for i := range cells {
			cells[i] = c.Cell(i)
		}
		out[c.Name] = cells
	}
	return out
}

func TestReadTypes(t *testing.T) {
	data := sheet(t, "s",
		[]string{"code", "people", "day", "seen", "mixed", "words"},
		[]string{"001", "n:12", "d:18262", "b:", "n:1", " padded "},
		[]string{"010", "n:0.5", "d:18263", "", "x", "NULL"},
	)
	loaded := read(t, data, xlsx.Options{ReadOptions: dataset.ReadOptions{Document: "x.xlsx", Missing: dataset.MissingCodes{"NULL": dataset.NotAsked}}})
	want := map[string][]string{"code": {"001", "010"}, "people": {"12", "0.5"}, "day": {"2020-01-01", "2020-01-02"},
		"seen": {"TRUE", ""}, "mixed": {"1", "x"}, "words": {"padded", ""}}
	if d := cmp.Diff(want, values(loaded.Table)); d != "" {
		t.Error(d)
	}
	kinds := map[string]dataset.Kind{"code": dataset.Category, "people": dataset.Number, "day": dataset.Date, "seen": dataset.Category, "mixed": dataset.Category}
	for name, kind := range kinds {
		if have := loaded.Table.Column(name).Kind; have != kind {
			t.Errorf("%s: %s, want %s", name, have, kind)
		}
	}
	if m := loaded.Table.Column("words").Missing(1); m != dataset.NotAsked {
		t.Errorf("missing %s", m)
	}
	a := loaded.Accounts
	if a.Format != "xlsx" || a.Sheet != "s" || a.Header != 1 || a.Read != 2 || a.Loaded != 2 || a.Bytes != int64(len(data)) || len(a.SHA256) != 64 {
		t.Errorf("%+v", a)
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name   string
		rows   [][]string
		o      xlsx.Options
		header int
		want   map[string][]string
	}{
		{"titles above, columns to the left", [][]string{{"A title"}, {"", "", "Source: us"}, nil, {"", "", "place", "people"}, {"", "", "A", "n:1"}, {"", "", "B", "n:2"}},
			xlsx.Options{}, 4, map[string][]string{"place": {"A", "B"}, "people": {"1", "2"}}},
		{"told", [][]string{{"place", "x"}, {"A", "n:1"}, {"where", "people"}, {"B", "n:2"}, {"Total", "n:9"}},
			xlsx.Options{Header: 3, Last: 4}, 3, map[string][]string{"where": {"B"}, "people": {"2"}}},
		{"tags", [][]string{{"place", "people"}, {"#adm1+name", "#affected"}, {"A", "n:1"}},
			xlsx.Options{}, 1, map[string][]string{"place": {"A"}, "people": {"1"}}},
		{"section titles over full names", [][]string{{"Where", "", "People", ""}, {"region", "place", "men", "women"}, {"R", "A", "n:1", "n:2"}, {"R", "B", "n:1", "n:2"}, {"R", "C", "n:1", "n:2"}},
			xlsx.Options{Header: 2}, 2, map[string][]string{"region": {"R", "R", "R"}, "place": {"A", "B", "C"}, "men": {"1", "1", "1"}, "women": {"2", "2", "2"}}},
		{"names that repeat are joined with those above", [][]string{{"place", "Adults", "", "Children", ""}, {"", "men", "women", "men", "women"}, {"A", "n:1", "n:2", "n:3", "n:4"}},
			xlsx.Options{Header: 2}, 2, map[string][]string{"place": {"A"}, "Adults / men": {"1"}, "Adults / women": {"2"}, "Children / men": {"3"}, "Children / women": {"4"}}},
		{"one header row told", [][]string{{"place", "Adults", "", "Children", ""}, {"where", "men", "women", "boys", "girls"}, {"A", "n:1", "n:2", "n:3", "n:4"}},
			xlsx.Options{Header: 2, HeaderRows: 1}, 2, map[string][]string{"where": {"A"}, "men": {"1"}, "women": {"2"}, "boys": {"3"}, "girls": {"4"}}},
		{"two header rows told, the lower one found", [][]string{{"Where", "", "People", ""}, {"region", "place", "men", "men"}, {"R", "A", "n:1", "n:2"}, {"R", "B", "n:1", "n:2"}, {"R", "C", "n:1", "n:2"}},
			xlsx.Options{HeaderRows: 2}, 2, map[string][]string{"Where / region": {"R", "R", "R"}, "Where / place": {"A", "B", "C"}, "People / men": {"1", "1", "1"}, "People / men_2": {"2", "2", "2"}}},
		{"one column", [][]string{{"place"}, {"A"}, {"B"}}, xlsx.Options{}, 1, map[string][]string{"place": {"A", "B"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			loaded := read(t, sheet(t, "s", c.rows...), c.o)
			if d := cmp.Diff(c.want, values(loaded.Table)); d != "" || loaded.Accounts.Header != c.header {
				t.Errorf("header in row %d\n%s", loaded.Accounts.Header, d)
			}
		})
	}
}

// Blocks merged across columns give their words to each; blocks merged downwards name their column alone.
func TestMergedHeader(t *testing.T) {
	f := excelize.NewFile()
	for cell, v := range map[string]any{"B1": "A survey of many things", "B3": "place", "C3": "Adults", "E3": "Total", "C4": "men", "D4": "women",
		"B5": "A", "C5": 1, "D5": 2, "E5": 3, "B6": "B", "C6": 4, "D6": 5, "E6": 9} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range [][2]string{{"B1", "E1"}, {"B3", "B4"}, {"C3", "D3"}, {"E3", "E4"}} {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"place": {"A", "B"}, "Adults / men": {"1", "4"}, "Adults / women": {"2", "5"}, "Total": {"3", "9"}}
	for _, o := range []xlsx.Options{{}, {Header: 4}, {HeaderRows: 2}, {Header: 4, HeaderRows: 2}} {
		loaded := read(t, b.Bytes(), o)
		if d := cmp.Diff(want, values(loaded.Table)); d != "" || loaded.Accounts.Header != 4 || loaded.Accounts.ColumnsBefore != 1 {
			t.Errorf("%+v: header in row %d\n%s", o, loaded.Accounts.Header, d)
		}
	}
}

// Every row is accounted for, with the row and column that a person sees in the sheet.
func TestAccounts(t *testing.T) {
	data := sheet(t, "s",
		[]string{"", "", "place", "people"},
		[]string{"", "", "A", "n:1"},
		nil,
		[]string{"", "", "B", "many"},
		[]string{"", "", "C", "e:#N/A"},
		[]string{"", "", "D", "n:4"},
	)
	loaded := read(t, data, xlsx.Options{ReadOptions: dataset.ReadOptions{Document: "x.xlsx",
		Kinds: map[string]dataset.Kind{"people": dataset.Number}, Missing: dataset.MissingCodes{"#N/A": dataset.Unknown}}})
	a := loaded.Accounts
	if a.Read != 4 || a.Loaded != 3 || a.Listed != 1 || a.Blank != 1 {
		t.Errorf("read %d, loaded %d, listed %d, blank %d", a.Read, a.Loaded, a.Listed, a.Blank)
	}
	for i := range a.Rejected() {
		if d := cmp.Diff(fault.Place{Document: "x.xlsx", Sheet: "s", Row: 4, Column: 4, Field: "people"}, i.Place); d != "" {
			t.Error(d)
		}
	}
	if a.FileRow(0) != 2 || a.FileRow(1) != 5 || a.FileRow(2) != 6 {
		t.Errorf("rows %d, %d, %d", a.FileRow(0), a.FileRow(1), a.FileRow(2))
	}
	if loaded.Table.Column("people").Missing(1) != dataset.Unknown {
		t.Error("the declared error is not missing")
	}
	if len(a.Notes) != 1 || a.Notes[0].Code != xlsx.CodeErrorCells || a.Notes[0].Args["count"] != 1 || a.Notes[0].Place.Column != 4 {
		t.Errorf("notes %v", a.Notes)
	}
}

// A cell left of the table, met too far down to widen it, lists its row.
func TestLeftOfTable(t *testing.T) {
	rows := [][]string{{"", "place", "people"}}
	for range 120 {
		rows = append(rows, []string{"", "A", "n:1"})
	}
	rows = append(rows, []string{"remark", "B", "n:2"})
	loaded := read(t, sheet(t, "s", rows...), xlsx.Options{})
	if loaded.Accounts.Loaded != 120 || loaded.Accounts.Listed != 1 {
		t.Errorf("%d loaded, %d listed", loaded.Accounts.Loaded, loaded.Accounts.Listed)
	}
	for i := range loaded.Accounts.Rejected() {
		if i.Code != xlsx.CodeLeftOfTable || i.Place.Row != 122 {
			t.Error(i)
		}
	}
}

func TestNoTable(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		o    xlsx.Options
		want fault.Code
	}{
		{"an empty sheet", sheet(t, "s"), xlsx.Options{}, xlsx.CodeNoTable},
		{"an empty sheet by name", sheet(t, "s"), xlsx.Options{Sheet: "s"}, xlsx.CodeNoTable},
		{"numbers only", sheet(t, "s", []string{"n:1", "n:2"}), xlsx.Options{}, xlsx.CodeNoTable},
		{"a header without cells", sheet(t, "s", []string{"a"}), xlsx.Options{Header: 5}, xlsx.CodeNoHeader},
		{"no such sheet", sheet(t, "s", []string{"a"}), xlsx.Options{Sheet: "x"}, workbook.CodeNoSheet},
		{"no workbook", []byte("a,b\n"), xlsx.Options{}, workbook.CodeIsText},
	} {
		_, err := xlsx.Read(bytes.NewReader(c.data), int64(len(c.data)), c.o)
		if i := fault.Of(err); len(i) != 1 || i[0].Code != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func sample(t testing.TB) *dataset.Table {
	t.Helper()
	codes := dataset.NewBuilder(dataset.Field{Name: "adm1", Kind: dataset.Category, HXL: "#adm1+code", Labels: dataset.Labels{"en": "Region", "fr": "Région"},
		Levels: []dataset.Level{{Code: "001", Labels: dataset.Labels{"en": "North", "fr": "Nord"}}}})
	people := dataset.NewBuilder(dataset.Field{Name: "people", Kind: dataset.Number})
	for i, code := range []string{"001", "=2+3", ""} {
		codes.Level(code)
		people.Number([]float64{12, math.NaN(), 0}[i])
	}
	refused := dataset.NewBuilder(dataset.Field{Name: "answer", Kind: dataset.Category})
	refused.Level("yes")
	refused.Missing(dataset.Refused)
	refused.Missing(dataset.NotAsked)
	table, err := dataset.NewTable("places", codes.Column(), people.Column(), refused.Column(), dataset.NewDate("day", []float64{0, 18262, math.NaN()}), dataset.NewText("words", []string{"a", "", "c"}))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestWriteAndRead(t *testing.T) {
	in := sample(t)
	var b bytes.Buffer
	if err := xlsx.Write(&b, []*dataset.Table{in}, xlsx.WriteOptions{Readme: []string{"What this is"}, HXL: true}); err != nil {
		t.Fatal(err)
	}
	out := read(t, b.Bytes(), xlsx.Options{Sheet: "places"}).Table
	if d := cmp.Diff(values(in), values(out)); d != "" {
		t.Error(d)
	}
	if m := out.Column("answer"); m.Missing(1) != dataset.Refused || m.Missing(2) != dataset.NotAsked {
		t.Error("kinds of missing were lost")
	}
	if out.Column("adm1").HXL != "#adm1+code" || out.Column("people").Kind != dataset.Number || out.Column("day").Kind != dataset.Date {
		t.Error("tags or kinds were lost")
	}
	book := read(t, b.Bytes(), xlsx.Options{Sheet: "codebook"}).Table
	if d := cmp.Diff([]string{"Région", "Nord"}, values(book)["label_fr"][:2]); d != "" {
		t.Error(d)
	}
	var bare bytes.Buffer
	if err := xlsx.Write(&bare, []*dataset.Table{in}, xlsx.WriteOptions{Bare: true}); err != nil {
		t.Fatal(err)
	}
	w, err := workbook.Open(bytes.NewReader(bare.Bytes()), int64(bare.Len()), workbook.Limits{})
	if err != nil || len(w.Sheets()) != 1 {
		t.Error(w.Sheets(), err)
	}
	if xlsx.Write(&b, nil, xlsx.WriteOptions{}) == nil {
		t.Error("a workbook of no table")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sheet(f, "s", []string{"a", "b"}, []string{"x", "n:1"}), 0, 0, 0)
	f.Add(sheet(f, "s", []string{"a", ""}, []string{"x", "y"}, []string{"x", "n:1"}), 2, 2, 3)
	f.Fuzz(func(t *testing.T, data []byte, header, rows, last int) {
		o := xlsx.Options{Header: header, HeaderRows: rows, Last: last, Limits: workbook.Limits{Zipped: 1 << 20, Text: 1 << 18, Cell: 1 << 12, Rows: 1 << 10}}
		loaded, err := xlsx.Read(bytes.NewReader(data), int64(len(data)), o)
		if err != nil {
			return
		}
		if a := loaded.Accounts; a.Read != a.Loaded+a.Listed || a.Loaded != loaded.Table.Rows() && len(loaded.Table.Columns) > 0 {
			t.Errorf("read %d, loaded %d, listed %d, rows %d", a.Read, a.Loaded, a.Listed, loaded.Table.Rows())
		}
	})
}

// FuzzCells lays fuzzed texts into rows: whatever stands where, every row is accounted for.
func FuzzCells(f *testing.F) {
	f.Add("title\n\n,a,b\n,x,1\ny,,\n#a,#b")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		var b bytes.Buffer
		w := workbook.NewWriter(&b)
		_, _ = w.Sheet(workbook.Layout{Name: "s"})
		for line := range strings.Lines(strings.ToValidUTF8(text, "?")) {
			var cells []workbook.Cell
			for part := range strings.SplitSeq(strings.TrimSuffix(line, "\n"), ",") {
				if x, err := strconv.ParseFloat(part, 64); err == nil {
					cells = append(cells, workbook.NumberCell(x))
				} else {
					cells = append(cells, workbook.TextCell(part))
				}
			}
			_ = w.Row(cells...)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		loaded, err := xlsx.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), xlsx.Options{})
		if err != nil {
			return
		}
		if a := loaded.Accounts; a.Read != a.Loaded+a.Listed || len(loaded.Table.Columns) > 0 && a.Loaded != loaded.Table.Rows() {
			t.Errorf("read %d, loaded %d, listed %d, rows %d", a.Read, a.Loaded, a.Listed, loaded.Table.Rows())
		}
	})
}

func reference(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("WAYMARK_REFERENCE")
	if folder == "" {
		t.Skip("WAYMARK_REFERENCE is not set: " + name + " skipped")
	}
	return filepath.Join(folder, "data")
}

// Tables as agencies keep them: the header found, every row loaded, totals as published.
func TestReferenceTables(t *testing.T) {
	data := reference(t, "tables of workbooks")
	for _, c := range []struct {
		path, sheet           string
		header, rows, columns int
		column                string
		sum                   float64
	}{
		{"displacement/dtm-terms-unstated/libya-dtm-migrants-round-54-2024.xlsx", "Baladiya Main", 2, 100, 11, "Migrants (IND)", 787326},
		{"displacement/dtm-terms-unstated/libya-dtm-migrants-round-54-2024.xlsx", "Muhalla Main", 2, 663, 40, "Migrant IND", 787326},
		{"displacement/dtm-terms-unstated/libya-dtm-migrants-round-54-2024.xlsx", "Nationalities", 1, 3830, 13, "Migrant Individuals", 787326},
		{"displacement/dtm-terms-unstated/somalia-dtm-flow-monitoring-2016.xlsx", "Entry Sheet", 2, 300, 59, "Children size / Total children", 878},
		{"displacement/dtm-terms-unstated/somalia-dtm-flow-monitoring-2016.xlsx", "Exit Sheet", 2, 226, 59, "Family size / Male family members", 409},
		{"displacement/dtm-terms-unstated/europe-dtm-arrivals-2023.xlsx", "First_Arrival_Countries_CoO", 4, 2299, 6, "Monthly arrivals", 292666},
		{"displacement/dtm-terms-unstated/europe-dtm-arrivals-2023.xlsx", "All_Daily Breakdown", 8, 1524, 12, "Daily Arrivals Total", 584571},
		{"displacement/dtm-terms-unstated/europe-dtm-arrivals-2023.xlsx", "All_Migrants Presence", 8, 223, 14, "", 0},
		{"displacement/somalia-prmn-movements-with-origin-2016-2018.xlsx", "", 1, 34812, 9, "", 0},
		{"displacement/somalia-idp-site-severity-2021.xlsx", "Sheet 2", 1, 2987, 95, "", 0},
		{"trafficking/unodc-glotip-2025-04.xlsx", "", 3, 58769, 13, "", 0},
		{"trafficking/ctdc-data-dictionary-2017-11.xlsx", "Main", 1, 62, 8, "", 0},
		{"forms/household-survey-abidjan-2022-french.xls", "choices", 1, 258, 4, "", 0},
	} {
		f, err := os.Open(filepath.Join(data, c.path))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := xlsx.Read(f, info.Size(), xlsx.Options{Sheet: c.sheet, ReadOptions: dataset.ReadOptions{Document: filepath.Base(c.path)}})
		if err != nil {
			t.Errorf("%s, %s: %v", c.path, c.sheet, err)
			continue
		}
		a := loaded.Accounts
		if a.Header != c.header || a.Loaded != c.rows || a.Read != c.rows || len(loaded.Table.Columns) != c.columns {
			t.Errorf("%s, %s: header %d, read %d, loaded %d, columns %d", c.path, c.sheet, a.Header, a.Read, a.Loaded, len(loaded.Table.Columns))
		}
		if c.column == "" {
			continue
		}
		sum := 0.0
		if column := loaded.Table.Column(c.column); column == nil || column.Kind != dataset.Number {
			t.Errorf("%s, %s: no numbers in %s", c.path, c.sheet, c.column)
		} else {
			for i := range column.Rows() {
				if x := column.Number(i); !math.IsNaN(x) {
					sum += x
				}
			}
		}
		if sum != c.sum {
			t.Errorf("%s, %s: %s sums to %g, want %g", c.path, c.sheet, c.column, sum, c.sum)
		}
	}
}
