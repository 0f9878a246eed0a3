package workbook

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"waymark/fault"
)

// parts builds an archive of named parts around one sheet.
func parts(t testing.TB, sheet string, more map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="x"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="t.xml"/><Relationship Id="r3" Type="x/styles" Target="y.xml"/></Relationships>`,
		"xl/s.xml":                   sheet,
	}
	for name, content := range more {
		all[name] = content
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range all {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rowsOf(xml string) string {
	return `<?xml version="1.0"?><!-- a <c> remark --><x:worksheet xmlns:x="y"><x:sheetData>` + xml + `</x:sheetData></x:worksheet>`
}

func TestXLSXCells(t *testing.T) {
	shared := `<sst><si><t>one &amp; &#8364;&#x41;</t></si><si><r><t>ri</t></r><r><t xml:space="preserve">ch </t></r><rPh><t>no</t></rPh></si>` +
		`<si><t><![CDATA[<raw>]]></t></si><si><t>a_x000D_b_x005F_x0041_</t></si><si><t/></si></sst>`
	style := `<styleSheet><numFmts><numFmt numFmtId="200" formatCode="[$-40C]d mmm yyyy;@"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>` +
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="200"/><xf numFmtId="21"/><xf numFmtId="22"/></cellXfs></styleSheet>`
	sheet := rowsOf(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c><c t="s"><v>4</v></c><c t="s"><v>5</v></c></row>` +
		`<row><c><v>1.5</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1&amp;"&gt;"</f><v>made</v></c><c t="inlineStr"><is><t> in </t></is></c><c r="H2" s="1"/></row>` +
		`<row r="5"><c s="1"><v>43831</v></c><c s="2"><v>43831</v></c><c s="3"><v>0.75</v></c><c s="4"><v>43831.5</v></c><c s="1"><v>-3</v></c><c s="1"><v>59</v></c><c t="d"><v>2020-01-01</v></c><c><v>1e3</v></c><c><v>n/a</v></c></row>` +
		`<row r="7" spans="1:2"><c r="B7" s="1"/></row>`)
	book := openBytes(t, parts(t, sheet, map[string]string{"xl/t.xml": shared, "xl/y.xml": style}), Limits{})
	text := func(s string) Cell { return Cell{Kind: Text, Text: s} }
	want := map[int][]Cell{
		1: {text("one & €A"), text("rich "), text("<raw>"), text("a\rb_x0041_"), {}, {Kind: Error, Text: "#REF!"}},
		2: {{Kind: Number, Number: 1.5}, {Kind: Bool, Number: 1}, {Kind: Error, Text: "#N/A"}, text("made"), text(" in ")},
		5: {{Kind: Date, Number: 18262}, {Kind: Date, Number: 18262}, {Kind: Clock, Number: 0.75}, {Kind: Date, Number: 18262.5},
			{Kind: Number, Number: -3}, {Kind: Date, Number: 60 - 25569}, {Kind: Date, Number: 18262}, {Kind: Number, Number: 1000}, text("n/a")},
	}
	if d := cmp.Diff(want, collect(t, book, "A ")); d != "" {
		t.Error(d)
	}
}

func TestCellString(t *testing.T) {
	for want, c := range map[string]Cell{
		"": {}, " x ": {Kind: Text, Text: " x "}, "42": {Kind: Number, Number: 42}, "0.1": {Kind: Number, Number: 0.1}, "-1234567.5": {Kind: Number, Number: -1234567.5},
		"1e-09": {Kind: Number, Number: 1e-9}, "TRUE": {Kind: Bool, Number: 1}, "FALSE": {Kind: Bool}, "2020-01-01": {Kind: Date, Number: 18262},
		"2020-01-01T12:00:00": {Kind: Date, Number: 18262.5}, "1899-12-31": {Kind: Date, Number: -25568}, "18:00:00": {Kind: Clock, Number: 0.75},
		"36:30:05": {Kind: Clock, Number: (36*3600 + 30*60 + 5) / 86400.0}, "#N/A": {Kind: Error, Text: "#N/A"},
	} {
		if have := c.String(); have != want {
			t.Errorf("%+v: %q, want %q", c, have, want)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for code, want := range map[string]formatKind{
		"General": plainFormat, "0.00": plainFormat, "#,##0": plainFormat, `0" days"`: plainFormat, `0\d`: plainFormat, "[Red]0": plainFormat,
		"0;-0;;@": plainFormat, "0.0E+00": plainFormat, `_-* #,##0\ "MDH"_-`: plainFormat, "yyyy-mm-dd": dateFormat, "d/m/yy": dateFormat, "mmm yy": dateFormat,
		"mmmm": dateFormat, "[$-F800]dddd": dateFormat, "dd/mm/yyyy hh:mm": dateFormat, "hh:mm:ss": clockFormat, "[h]:mm": clockFormat, "mm:ss.0": clockFormat,
		"h:mm AM/PM": clockFormat, "@": plainFormat,
	} {
		if have := formatOf(code); have != want {
			t.Errorf("%s: %d, want %d", code, have, want)
		}
	}
}

// A second opinion: what another program writes reads as what it was given.
func TestReadsWhatExcelizeWrites(t *testing.T) {
	f := excelize.NewFile()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]any{"B2": "text ‘é’", "C2": 12.25, "D2": true, "E2": 43831, "B4": "001"} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	_ = f.SetCellStyle("Sheet1", "E2", "E2", date)
	_ = f.MergeCell("Sheet1", "F2", "G3")
	_, _ = f.NewSheet("trailing ")
	_ = f.SetSheetVisible("trailing ", false)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	book := openBytes(t, b.Bytes(), Limits{})
	want := map[int][]Cell{
		2: {{}, TextCell("text ‘é’"), NumberCell(12.25), BoolCell(true), DateCell(18262)},
		4: {{}, TextCell("001")},
	}
	if d := cmp.Diff(want, collect(t, book, "sheet1")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Sheet{{Name: "Sheet1"}, {Name: "trailing ", Hidden: true}}, book.Sheets()); d != "" {
		t.Error(d)
	}
	if name, ok := book.Find("Trailing"); !ok || name != "trailing " {
		t.Errorf("found %q, %v", name, ok)
	}
	merges, err := book.Merges("Sheet1")
	if d := cmp.Diff([]Range{{2, 6, 3, 7}}, merges); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestTexts(t *testing.T) {
	data := parts(t, rowsOf(`<row r="2"><c r="B2"><v>42</v></c><c t="b"><v>0</v></c></row><row r="4"><c><v>1</v></c></row>`), nil)
	rows, err := openBytes(t, data, Limits{}).Texts().Rows("a")
	if d := cmp.Diff([][]string{nil, {"", "42", "FALSE"}, nil, {"1"}}, rows); d != "" || err != nil {
		t.Error(d, err)
	}
	data = parts(t, rowsOf(`<row r="1048576"><c><v>1</v></c></row>`), nil)
	if _, err := openBytes(t, data, Limits{Cells: 1000}).Texts().Rows("a"); !is(err, CodeTooManyCells) {
		t.Errorf("a lone cell far down: %v", err)
	}
}

func is(err error, code fault.Code) bool {
	i := fault.Of(err)
	return len(i) == 1 && i[0].Code == code
}

func TestXLSXIssues(t *testing.T) {
	good := rowsOf(`<row><c><v>1</v></c></row>`)
	for _, c := range []struct {
		name   string
		data   []byte
		limits Limits
		want   fault.Code
	}{
		{"no bytes", nil, Limits{}, CodeEmptyFile},
		{"text", []byte("a,b\n1,2\n"), Limits{}, CodeIsText},
		{"web page", []byte("\xef\xbb\xbf\n<HTML><table>"), Limits{}, CodeIsHTML},
		{"picture", []byte("\x89PNG\r\n\x1a\n\x00\x00"), Limits{}, CodeUnknownKind},
		{"Excel 4", []byte{0x09, 0x04, 0x06, 0, 0, 0, 0x10, 0, 0, 0}, Limits{}, CodeTooOld},
		{"cut zip", parts(t, good, nil)[:200], Limits{}, CodeDamaged},
		{"other zip", zipOf(t, "a.txt"), Limits{}, CodeUnknownKind},
		{"OpenDocument", zipOf(t, "mimetype", "content.xml"), Limits{}, CodeIsODS},
		{"binary", zipOf(t, "xl/workbook.bin"), Limits{}, CodeIsXLSB},
		{"file too big", parts(t, good, nil), Limits{File: 10}, CodeFileTooBig},
		{"many parts", zipOf(t, numbered100()...), Limits{Parts: 50}, CodeTooManyParts},
		{"many sheets", parts(t, good, map[string]string{"xl/workbook.xml": `<w xmlns:r="x"><sheet name="a" r:id="r1"/><sheet name="b" r:id="r1"/></w>`}), Limits{Sheets: 1}, CodeTooManySheets},
		{"unzips to much", parts(t, good+strings.Repeat(" ", 1<<16), nil), Limits{Zipped: 1 << 15}, CodeUnzipsTooBig},
		{"document type", parts(t, `<!DOCTYPE x [<!ENTITY a "b">]>`+good, nil), Limits{}, CodeDamaged},
		{"cut markup", parts(t, `<worksheet><sheetData><row><c><v>1`, nil), Limits{}, CodeDamaged},
		{"unknown entity", parts(t, rowsOf(`<row><c><v>&boom;</v></c></row>`), nil), Limits{}, CodeDamaged},
		{"rows out of order", parts(t, rowsOf(`<row r="3"/><row r="3"/>`), nil), Limits{}, CodeDamaged},
		{"a bad reference", parts(t, rowsOf(`<row><c r="1A"><v>1</v></c></row>`), nil), Limits{}, CodeDamaged},
		{"many rows", parts(t, rowsOf(`<row r="2000000"><c><v>1</v></c></row>`), nil), Limits{}, CodeTooManyRows},
		{"many columns", parts(t, rowsOf(`<row><c r="ZZZ1"><v>1</v></c></row>`), nil), Limits{}, CodeTooManyColumns},
		{"huge cell", parts(t, rowsOf(`<row><c t="str"><v>`+strings.Repeat("x", 1<<19)+`</v></c></row>`), nil), Limits{}, CodeCellTooLong},
		{"huge cell in pieces", parts(t, rowsOf(`<row><c t="inlineStr"><is>`+strings.Repeat("<r><t>xxxxxxxxxx</t></r>", 1<<16)+`</is></c></row>`), nil), Limits{}, CodeCellTooLong},
		{"huge shared string", parts(t, rowsOf(`<row><c t="s"><v>0</v></c></row>`), map[string]string{"xl/t.xml": `<sst><si><t>` + strings.Repeat("x", 1<<19) + `</t></si></sst>`}), Limits{}, CodeCellTooLong},
		{"much text", parts(t, good, map[string]string{"xl/t.xml": `<sst>` + strings.Repeat(`<si><t>some text</t></si>`, 1<<10) + `</sst>`}), Limits{Text: 1 << 12}, CodeTooMuchText},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.limits.Document = "x.xlsx"
			book, err := Open(bytes.NewReader(c.data), int64(len(c.data)), c.limits)
			if err == nil {
				for _, rowErr := range book.Rows("a") {
					err = rowErr
				}
			}
			if !is(err, c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if !errors.Is(err, fault.Invalid) || fault.Of(err)[0].Place.Document != "x.xlsx" {
				t.Errorf("kind or place: %v", err)
			}
		})
	}
	book := openBytes(t, parts(t, good, nil), Limits{})
	for _, err := range book.Rows("b") {
		if !is(err, CodeNoSheet) || !errors.Is(err, fault.NotFound) || fault.Of(err)[0].Args["have"] != "a" {
			t.Errorf("no such sheet: %v", err)
		}
	}
	place := fault.Place{}
	for _, err := range openBytes(t, parts(t, rowsOf(`<row r="7"><c r="C7" t="str"><v>`+strings.Repeat("x", 100)+`</v></c></row>`), nil), Limits{Cell: 50}).Rows("a") {
		place = fault.Of(err)[0].Place
	}
	if d := cmp.Diff(fault.Place{Sheet: "a", Row: 7, Column: 3}, place); d != "" {
		t.Error(d)
	}
}

func zipOf(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := z.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func numbered100() []string {
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprintf("part-%d", i)
	}
	return names
}

// bomb is an archive whose sheet unzips to so many bytes of spaces, or of one cell. Where lying, its directory
// says that the sheet is small.
func bomb(t testing.TB, size int64, cell, lying bool) []byte {
	t.Helper()
	begin, end := `<worksheet>`, `</worksheet>`
	if cell {
		begin, end = `<worksheet><sheetData><row><c t="str"><v>`, `</v></c></row></sheetData></worksheet>`
	}
	var packed bytes.Buffer
	f, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(f, begin)
	chunk := bytes.Repeat([]byte(" "), 1<<20)
	for left := size; left > 0; left -= int64(len(chunk)) {
		_, _ = f.Write(chunk)
	}
	_, _ = io.WriteString(f, end)
	_ = f.Close()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="x"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/></Relationships>`,
	} {
		w, _ := z.Create(name)
		_, _ = io.WriteString(w, content)
	}
	stated := uint64(size) + uint64(len(begin)+len(end))
	if lying {
		stated = 1000
	}
	w, err := z.CreateRaw(&zip.FileHeader{Name: "xl/s.xml", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: stated})
	if err == nil {
		_, err = w.Write(packed.Bytes())
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever a bomb states of itself, reading it ends with an issue and without the memory it would take.
func TestBombsTakeNoMemory(t *testing.T) {
	for _, c := range []struct {
		name        string
		size        int64
		cell, lying bool
		limits      Limits
		want        fault.Code
	}{
		{"stated, all spaces", ratioFrom, false, false, Limits{}, CodeUnzipsTooBig},
		{"stated, allowed, one cell", 32 << 20, true, false, Limits{Ratio: 1 << 20}, CodeCellTooLong},
		{"understated", 32 << 20, false, true, Limits{}, CodeDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := bomb(t, c.size, c.cell, c.lying)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			book, err := Open(bytes.NewReader(data), int64(len(data)), c.limits)
			if err == nil {
				for _, rowErr := range book.Rows("a") {
					err = rowErr
				}
			}
			runtime.ReadMemStats(&after)
			if !is(err, c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
				t.Errorf("%d bytes were allocated", used)
			}
		})
	}
}

// A directory of very many entries is not held either.
func TestManyEntriesAreNotHeld(t *testing.T) {
	names := make([]string, 20_000)
	for i := range names {
		names[i] = fmt.Sprintf("%0300d", i)
	}
	data := zipOf(t, names...)
	if _, err := Open(bytes.NewReader(data), int64(len(data)), Limits{Parts: 1000}); !is(err, CodeTooManyParts) {
		t.Errorf("got %v", err)
	}
}

func TestWriterGivesWhatItWasGiven(t *testing.T) {
	rows := [][]Cell{
		{TextCell("pcode"), TextCell("people")},
		{TextCell("001"), NumberCell(12), BoolCell(true), DateCell(18262), DateCell(18262.25), {Kind: Clock, Number: 1.5}},
		{TextCell("=1+1"), TextCell("+1"), TextCell("@SUM(A1)"), TextCell("-x"), TextCell("\t=1"), {Kind: Error, Text: "#N/A"}},
		{TextCell(" <&\"'> é Ж \U0001F600\nnew\rline\x01 _x0041_ _x41_"), {}, NumberCell(-1.5e-7), NumberCell(1e21), NumberCell(math.Inf(1))},
	}
	var b bytes.Buffer
	w := NewWriter(&b)
	if _, err := w.Sheet(Layout{Name: "data", Header: 1, Widths: []float64{20, 0, 10}}); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for _, n := range []string{"DATA", "a/b:c?*[x]\\", "'quoted'", "", "a name of more than thirty-one letters", "a name of more than thirty-one letters"} {
		name, err := w.Sheet(Layout{Name: n, Prose: true})
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"DATA 2", "a-b-c---x--", "quoted", "Sheet", "a name of more than thirty-one ", "a name of more than thirty-on 2"}, names); d != "" {
		t.Error(d)
	}
	want := map[int][]Cell{}
	for i, r := range rows {
		want[i+1] = append([]Cell(nil), r...)
	}
	want[4] = want[4][:4]
	if d := cmp.Diff(want, collect(t, openBytes(t, b.Bytes(), Limits{}), "data")); d != "" {
		t.Error(d)
	}
	// The second opinion: no cell is a formula, texts are strings, dates show as dates.
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range []string{"A3", "B3", "C3", "D3", "E3"} {
		kind, err := f.GetCellType("data", cell)
		formula, _ := f.GetCellFormula("data", cell)
		if kind != excelize.CellTypeInlineString || formula != "" || err != nil {
			t.Errorf("%s: type %d, formula %q, %v", cell, kind, formula, err)
		}
	}
	for cell, want := range map[string]string{"A2": "001", "D2": "2020-01-01", "E2": "2020-01-01 06:00:00", "F2": "36:00:00", "C2": "TRUE"} {
		if have, err := f.GetCellValue("data", cell); have != want || err != nil {
			t.Errorf("%s shows %q, want %q (%v)", cell, have, want, err)
		}
	}
	panes, err := f.GetPanes("data")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
}

func TestWriterGivesTheSameBytes(t *testing.T) {
	write := func() []byte {
		var b bytes.Buffer
		w := NewWriter(&b)
		for _, n := range []string{"b", "a", "c"} {
			_, _ = w.Sheet(Layout{Name: n})
			_ = w.Row(TextCell(n), NumberCell(1))
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	first := write()
	if !bytes.Equal(first, write()) {
		t.Error("two runs differ")
	}
}

func TestWriterRefuses(t *testing.T) {
	begun := func() *Writer {
		w := NewWriter(io.Discard)
		_, _ = w.Sheet(Layout{Name: "s"})
		return w
	}
	w := begun()
	if err := w.Row(Cell{}, TextCell(strings.Repeat("é", 32768))); !is(err, CodeCellTooLong) || fault.Of(err)[0].Place.Column != 2 {
		t.Errorf("a long text: %v", err)
	}
	if w.Close() == nil {
		t.Error("a workbook with a failed row was made whole")
	}
	if err := begun().Row(make([]Cell, 16385)...); !is(err, CodeTooManyColumns) {
		t.Errorf("many columns: %v", err)
	}
	w = begun()
	w.row = maxRows
	if err := w.Row(); !is(err, CodeTooManyRows) {
		t.Errorf("many rows: %v", err)
	}
	if NewWriter(io.Discard).Row() == nil || NewWriter(io.Discard).Close() == nil {
		t.Error("a workbook without sheets was accepted")
	}
	w = begun()
	if w.Close() != nil || w.Close() == nil || w.Row() == nil {
		t.Error("a closed workbook takes more")
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add(parts(f, rowsOf(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`), map[string]string{"xl/t.xml": `<sst><si><t>x</t></si></sst>`}))
	f.Fuzz(func(t *testing.T, data []byte) {
		book, err := Open(bytes.NewReader(data), int64(len(data)), Limits{Zipped: 1 << 22, Text: 1 << 20, Cell: 1 << 12})
		if err == nil {
			drain(book)
		}
	})
}

// FuzzSheet goes past the archive, which few changed bytes survive.
func FuzzSheet(f *testing.F) {
	for _, xml := range []string{
		rowsOf(`<row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><r><t>a</t></r></is></c><c s="1"><v>1</v></c></row>`),
		rowsOf(`<row><c t="d"><v>2020-01-01</v></c><c t="str"><f>x</f><v><![CDATA[y]]>&#x41;</v></c></row>`), `<a b='">' c="d"/><!-- x --><?y?>`,
	} {
		f.Add([]byte(xml))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := newScanner(bytes.NewReader(data), 1<<12)
		if err != nil {
			return
		}
		x := &xlsx{archive: &archive{limits: Limits{Cell: 1 << 12}.withDefaults()}, shared: []string{"x"}, formats: []formatKind{plainFormat, dateFormat}}
		last := 0
		r := &sheetReader{x: x, name: "a", yield: func(row Row) bool {
			if row.Index <= last || len(row.Cells) == 0 {
				t.Errorf("row %d after %d with %d cells", row.Index, last, len(row.Cells))
			}
			last = row.Index
			for _, c := range row.Cells {
				_ = c.String()
			}
			return true
		}}
		if r.read(s) == nil {
			t.Error("a sheet ended neither at its end nor with an error")
		}
	})
}

// FuzzRoundTrip writes a text and a number and reads them again.
func FuzzRoundTrip(f *testing.F) {
	f.Add("=1+1", 1.5)
	f.Add("_x0041_\x00\r\n", -1e-300)
	f.Fuzz(func(t *testing.T, text string, number float64) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		if text == "" || len(text) > 1000 || strings.ContainsAny(text, "\uFFFE\uFFFF") {
			return
		}
		var b bytes.Buffer
		w := NewWriter(&b)
		_, _ = w.Sheet(Layout{Name: text})
		if err := w.Row(TextCell(text), NumberCell(number), TextCell("end")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		book := openBytes(t, b.Bytes(), Limits{})
		have := collect(t, book, book.Sheets()[0].Name)[1]
		if d := cmp.Diff([]Cell{TextCell(text), NumberCell(number), TextCell("end")}, have); d != "" {
			t.Error(d)
		}
	})
}
