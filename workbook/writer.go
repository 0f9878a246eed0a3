package workbook

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"waymark/fault"
)

// Writer writes an .xlsx file, sheet after sheet and row after row, holding none of it. It puts no time, no
// name and no chance into the file (invariant 3). Close it to make the file whole.
//
//	w := workbook.NewWriter(file)
//	w.Sheet(workbook.Layout{Name: "data", Header: 1})
//	w.Row(workbook.TextCell("adm1_pcode"), workbook.TextCell("people"))
//	w.Row(workbook.TextCell("MW311"), workbook.NumberCell(12))
//	err := w.Close()
type Writer struct {
	zip    *zip.Writer
	out    *bufio.Writer // of the sheet at hand; nil before the first
	layout Layout
	row    int
	names  []string
	err    error
}

// Layout is what is known of a sheet before its first row.
type Layout struct {
	Name   string
	Header int       // rows at the top that are printed as headings and stay in sight; default none
	Widths []float64 // of columns, in characters; a zero or missing one is left to the program
	Prose  bool      // long texts are broken over lines
}

// What a spreadsheet program allows.
const (
	maxRows       = 1 << 20
	maxColumns    = 1 << 14
	maxCharacters = 32767
	maxName       = 31
)

// NewWriter begins a file.
func NewWriter(w io.Writer) *Writer { return &Writer{zip: zip.NewWriter(w)} }

// Sheet ends the sheet at hand and begins another. It gives the name the sheet has got: one that a
// spreadsheet program allows and no other sheet of the file has.
func (w *Writer) Sheet(l Layout) (string, error) {
	w.endSheet()
	if w.err != nil {
		return "", w.err
	}
	name := w.freeName(l.Name)
	w.names = append(w.names, name)
	w.layout, w.row = l, 0
	part, err := w.create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(w.names)))
	if err != nil {
		return "", err
	}
	w.out = bufio.NewWriterSize(part, 32<<10)
	w.out.WriteString(xmlHead + `<worksheet xmlns="` + nsMain + `"><sheetViews><sheetView workbookViewId="0"`)
	if len(w.names) == 1 {
		w.out.WriteString(` tabSelected="1"`)
	}
	w.out.WriteString(`>`)
	if l.Header > 0 {
		fmt.Fprintf(w.out, `<pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/>`, l.Header, l.Header+1)
	}
	w.out.WriteString(`</sheetView></sheetViews>`)
	w.writeWidths()
	w.out.WriteString(`<sheetData>`)
	return name, nil
}

func (w *Writer) writeWidths() {
	open := false
	for i, width := range w.layout.Widths {
		if width <= 0 {
			continue
		}
		if !open {
			w.out.WriteString(`<cols>`)
			open = true
		}
		fmt.Fprintf(w.out, `<col min="%d" max="%d" width="%g" customWidth="1"/>`, i+1, i+1, math.Min(width, 255))
	}
	if open {
		w.out.WriteString(`</cols>`)
	}
}

// Row writes the next row of the sheet at hand. An empty cell takes no room. Text that no cell can hold, a
// row or a column past what a spreadsheet program allows are issues, and the file is not made whole.
func (w *Writer) Row(cells ...Cell) error {
	if w.err != nil {
		return w.err
	}
	if w.out == nil {
		return w.fail(fmt.Errorf("write row: no sheet was begun: %w", fault.Invalid))
	}
	w.row++
	switch {
	case w.row > maxRows:
		return w.fail(w.issue(CodeTooManyRows, 0, maxRows))
	case len(cells) > maxColumns:
		return w.fail(w.issue(CodeTooManyColumns, len(cells), maxColumns))
	}
	w.out.WriteString(`<row r="` + strconv.Itoa(w.row) + `">`)
	for i, c := range cells {
		if err := w.cell(i+1, c); err != nil {
			return w.fail(err)
		}
	}
	if _, err := w.out.WriteString(`</row>`); err != nil {
		return w.fail(fmt.Errorf("write row: %w", err))
	}
	return nil
}

func (w *Writer) issue(code fault.Code, column, limit int) error {
	return fault.Issue{Code: code, Args: limitArg(int64(limit)),
		Place: fault.Place{Sheet: w.names[len(w.names)-1], Row: w.row, Column: column}}
}

func (w *Writer) fail(err error) error {
	w.err = err
	return err
}

func (w *Writer) cell(column int, c Cell) error {
	if c.Kind == Empty {
		return nil
	}
	style := w.style(c)
	w.out.WriteString(`<c r="` + columnName(column) + strconv.Itoa(w.row) + `" s="` + strconv.Itoa(style) + `"`)
	switch c.Kind {
	case Text:
		if len(c.Text) > maxCharacters && utf8.RuneCountInString(c.Text) > maxCharacters {
			return w.issue(CodeCellTooLong, column, maxCharacters)
		}
		w.out.WriteString(` t="inlineStr"><is><t xml:space="preserve">`)
		writeText(w.out, c.Text)
		w.out.WriteString(`</t></is></c>`)
	case Bool:
		w.out.WriteString(` t="b"><v>` + strconv.Itoa(int(c.Number)) + `</v></c>`)
	case Error:
		w.out.WriteString(` t="e"><v>`)
		writeText(w.out, c.Text)
		w.out.WriteString(`</v></c>`)
	default:
		x := c.Number
		if c.Kind == Date {
			x += daysTo1970
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			w.out.WriteString(`/>`)
			return nil
		}
		w.out.WriteString(`><v>` + strconv.FormatFloat(x, 'g', -1, 64) + `</v></c>`)
	}
	return nil
}

// Styles, by their place in the style sheet below.
const (
	styleNumber = iota
	styleHeader
	styleText // the format "text": what is typed over such a cell stays text too
	styleDate
	styleDateTime
	styleClock
	styleProse
)

func (w *Writer) style(c Cell) int {
	switch {
	case w.row <= w.layout.Header:
		return styleHeader
	case c.Kind == Text && w.layout.Prose:
		return styleProse
	case c.Kind == Text:
		return styleText
	case c.Kind == Date && c.Number == math.Trunc(c.Number):
		return styleDate
	case c.Kind == Date:
		return styleDateTime
	case c.Kind == Clock:
		return styleClock
	}
	return styleNumber
}

func (w *Writer) endSheet() {
	if w.out == nil || w.err != nil {
		return
	}
	w.out.WriteString(`</sheetData></worksheet>`)
	if err := w.out.Flush(); err != nil {
		w.fail(fmt.Errorf("write sheet: %w", err))
	}
	w.out = nil
}

// Close writes what ties the sheets together. A file without sheets is an error; the underlying writer is
// left open.
func (w *Writer) Close() error {
	w.endSheet()
	if w.err != nil {
		return w.err
	}
	if len(w.names) == 0 {
		return w.fail(fmt.Errorf("close workbook: it has no sheet: %w", fault.Invalid))
	}
	for _, part := range w.frame() {
		out, err := w.create(part.path)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, part.content); err != nil {
			return w.fail(fmt.Errorf("write %s: %w", part.path, err))
		}
	}
	if err := w.zip.Close(); err != nil {
		return w.fail(fmt.Errorf("close workbook: %w", err))
	}
	w.err = fmt.Errorf("write workbook: it is closed: %w", fault.Conflict)
	return nil
}

func (w *Writer) create(path string) (io.Writer, error) {
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate})
	if err != nil {
		return nil, w.fail(fmt.Errorf("write %s: %w", path, err))
	}
	return out, nil
}

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	nsMain  = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	nsRels  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsPack  = "http://schemas.openxmlformats.org/package/2006/"
	mime    = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	styles  = xmlHead + `<styleSheet xmlns="` + nsMain + `">` +
		`<numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/>` +
		`<numFmt numFmtId="166" formatCode="[hh]:mm:ss"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
		`<fill><patternFill patternType="solid"><fgColor rgb="FFE6EDF5"/><bgColor indexed="64"/></patternFill></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
		`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
)

type part struct{ path, content string }

// frame gives the parts around the sheets.
func (w *Writer) frame() []part {
	var types, sheets, rels bytes.Buffer
	for i, name := range w.names {
		n := strconv.Itoa(i + 1)
		types.WriteString(`<Override PartName="/xl/worksheets/sheet` + n + `.xml" ContentType="` + mime + `worksheet+xml"/>`)
		sheets.WriteString(`<sheet name="`)
		writeText(&sheets, name)
		sheets.WriteString(`" sheetId="` + n + `" r:id="rId` + n + `"/>`)
		rels.WriteString(`<Relationship Id="rId` + n + `" Type="` + nsRels + `/worksheet" Target="worksheets/sheet` + n + `.xml"/>`)
	}
	return []part{
		{"xl/styles.xml", styles},
		{"xl/workbook.xml", xmlHead + `<workbook xmlns="` + nsMain + `" xmlns:r="` + nsRels + `"><sheets>` + sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="` + nsPack + `relationships">` + rels.String() +
			`<Relationship Id="rIdStyles" Type="` + nsRels + `/styles" Target="styles.xml"/></Relationships>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="` + nsPack + `relationships"><Relationship Id="rId1" Type="` + nsRels +
			`/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"[Content_Types].xml", xmlHead + `<Types xmlns="` + nsPack + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + mime + `sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + mime + `styles+xml"/>` + types.String() + `</Types>`},
	}
}

// freeName makes a name that spreadsheet programs allow and that is not taken.
func (w *Writer) freeName(name string) string {
	base := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`[]:*?/\`, r) {
			return '-'
		}
		return r
	}, strings.ToValidUTF8(name, "-"))
	base = strings.Trim(trimName(base), "'")
	if base == "" {
		base = "Sheet"
	}
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = " " + strconv.Itoa(n)
		}
		try := cut(base, maxName-len(suffix)) + suffix
		taken := false
		for _, other := range w.names {
			taken = taken || strings.EqualFold(other, try)
		}
		if !taken {
			return try
		}
	}
}

// cut shortens to so many UTF-16 units, which is how programs count a name.
func cut(s string, units int) string {
	for i, r := range s {
		units--
		if r > 0xFFFF {
			units--
		}
		if units < 0 {
			return s[:i]
		}
	}
	return s
}

type textWriter interface {
	io.StringWriter
	io.ByteWriter
}

// writeText writes text as XML. Characters that XML cannot hold are written as _xHHHH_, and so is an
// underscore that would be read as the beginning of such a mark.
func writeText(w textWriter, s string) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '<':
			w.WriteString("&lt;")
		case c == '>':
			w.WriteString("&gt;")
		case c == '&':
			w.WriteString("&amp;")
		case c == '"':
			w.WriteString("&quot;")
		case c == '_' && i+6 <= len(s) && isEscape(s[i:i+6]):
			w.WriteString("_x005F_")
		case c < ' ' && c != '\t' && c != '\n', c == 0x7F:
			fmt.Fprintf(asWriter{w}, "_x%04X_", c)
		case c < utf8.RuneSelf:
			w.WriteByte(c)
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == 0xFFFE || r == 0xFFFF {
				r = utf8.RuneError
			}
			w.WriteString(string(r))
			i += size
			continue
		}
		i++
	}
}

// isEscape knows _xHHHH, whatever follows: the next character may be written as a mark and begin with the
// underscore that is wanting.
func isEscape(s string) bool {
	_, ok := escapedControl([]byte(s + "_"))
	return ok
}

type asWriter struct{ io.StringWriter }

func (a asWriter) Write(p []byte) (int, error) { return a.WriteString(string(p)) }
