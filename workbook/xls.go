package workbook

import (
	"cmp"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"unicode/utf16"

	"waymark/fault"
)

// xls reads the "Workbook" stream of a compound file: BIFF8 records as [MS-XLS] describes them. The stream
// is held whole (it is no longer than the file) and sheets are read from it where they begin.
type xls struct {
	limits   Limits
	stream   []byte
	list     []Sheet
	starts   []int // offset of each sheet's first record
	from1904 bool
	formats  map[int]formatKind // number formats of the file's own
	styles   []formatKind       // by XF record
	shared   []string
}

// Record types, [MS-XLS] 2.3.
const (
	recFormula    = 0x0006
	recEOF        = 0x000A
	recDate1904   = 0x0022
	recFilePass   = 0x002F
	recContinue   = 0x003C
	recBoundSheet = 0x0085
	recMulRK      = 0x00BD
	recXF         = 0x00E0
	recMergeCells = 0x00E5
	recSST        = 0x00FC
	recLabelSST   = 0x00FD
	recNumber     = 0x0203
	recLabel      = 0x0204
	recBoolErr    = 0x0205
	recString     = 0x0207
	recRK         = 0x027E
	recRString    = 0x00D6
	recFormat     = 0x041E
	recBOF        = 0x0809
)

// biff8 is the version that BOF states; earlier ones keep text in a code page.
const biff8 = 0x0600

func openXLS(r io.ReaderAt, size int64, limits Limits) (source, error) {
	stream, err := compoundStream(r, size, limits)
	if err != nil {
		return nil, err
	}
	x := &xls{limits: limits, stream: stream, formats: map[int]formatKind{}}
	if err := x.readGlobals(); err != nil {
		return nil, err
	}
	return x, nil
}

// records walks the stream's records from an offset.
type records struct {
	stream []byte
	at     int
	kind   int
	data   []byte
}

func (r *records) next() bool {
	if r.at+4 > len(r.stream) {
		return false
	}
	length := int(binary.LittleEndian.Uint16(r.stream[r.at+2:]))
	if r.at+4+length > len(r.stream) {
		return false
	}
	r.kind = int(binary.LittleEndian.Uint16(r.stream[r.at:]))
	r.data = r.stream[r.at+4 : r.at+4+length]
	r.at += 4 + length
	return true
}

// more gives the record's data and that of the CONTINUE records after it, one slice each.
func (r *records) more() [][]byte {
	parts := [][]byte{r.data}
	for {
		ahead := records{stream: r.stream, at: r.at}
		if !ahead.next() || ahead.kind != recContinue {
			return parts
		}
		parts = append(parts, ahead.data)
		r.at = ahead.at
	}
}

func (x *xls) readGlobals() error {
	r := &records{stream: x.stream}
	if !r.next() || r.kind != recBOF || len(r.data) < 4 {
		return x.limits.damaged("Workbook")
	}
	if binary.LittleEndian.Uint16(r.data) != biff8 {
		return x.limits.issue(CodeTooOld, fault.Place{}, nil)
	}
	for r.next() && r.kind != recEOF {
		d := r.data
		switch {
		case r.kind == recFilePass:
			return x.limits.issue(CodeEncrypted, fault.Place{}, nil)
		case r.kind == recDate1904 && len(d) >= 2:
			x.from1904 = d[0] == 1
		case r.kind == recFormat && len(d) >= 5:
			t := &texts{parts: [][]byte{d[2:]}}
			if code, ok := t.read(int(t.uint16()), x.limits.Cell); ok {
				x.formats[int(binary.LittleEndian.Uint16(d))] = formatOf(code)
			}
		case r.kind == recXF && len(d) >= 4:
			x.styles = append(x.styles, x.format(int(binary.LittleEndian.Uint16(d[2:]))))
		case r.kind == recBoundSheet && len(d) >= 8:
			if err := x.boundSheet(d); err != nil {
				return err
			}
		case r.kind == recSST && len(d) >= 8:
			if err := x.readStrings(r.more()); err != nil {
				return err
			}
		}
	}
	if len(x.list) == 0 {
		return x.limits.damaged("Workbook")
	}
	return nil
}

func (x *xls) format(id int) formatKind {
	if kind, ok := x.formats[id]; ok {
		return kind
	}
	return builtinFormat(id)
}

// boundSheet notes a sheet of cells; sheets of charts and macros are passed.
func (x *xls) boundSheet(d []byte) error {
	if d[5] != 0 {
		return nil
	}
	if len(x.list) >= x.limits.Sheets {
		return x.limits.issue(CodeTooManySheets, fault.Place{}, limitArg(int64(x.limits.Sheets)))
	}
	t := &texts{parts: [][]byte{d[7:]}}
	name, ok := t.read(int(d[6]), x.limits.Cell)
	start := binary.LittleEndian.Uint32(d)
	if !ok || int64(start) >= int64(len(x.stream)) {
		return x.limits.damaged("Workbook")
	}
	x.list = append(x.list, Sheet{Name: name, Hidden: d[4]&3 != 0})
	x.starts = append(x.starts, int(start))
	return nil
}

// readStrings reads the shared string table, whose strings run over into CONTINUE records.
func (x *xls) readStrings(parts [][]byte) error {
	unique := int(binary.LittleEndian.Uint32(parts[0][4:]))
	parts[0] = parts[0][8:]
	t := &texts{parts: parts}
	var held int64
	for range unique {
		n := t.uint16()
		s, ok := t.read(int(n), x.limits.Cell)
		if !ok {
			break // cells that point past the strings read as errors, the others are good
		}
		if held += int64(len(s)) + 16; held > x.limits.Text {
			return x.limits.issue(CodeTooMuchText, fault.Place{}, limitArg(x.limits.Text))
		}
		x.shared = append(x.shared, s)
	}
	return nil
}

// texts reads unicode strings ([MS-XLS] 2.5.293) from a record and its continuations.
type texts struct {
	parts [][]byte
	bad   bool
}

// take gives n bytes that may lie across continuations.
func (t *texts) take(n int) []byte {
	for len(t.parts) > 0 && len(t.parts[0]) == 0 {
		t.parts = t.parts[1:]
	}
	if len(t.parts) == 0 {
		t.bad = t.bad || n > 0
		return nil
	}
	if len(t.parts[0]) >= n {
		out := t.parts[0][:n]
		t.parts[0] = t.parts[0][n:]
		return out
	}
	var out []byte
	for n > 0 && len(t.parts) > 0 {
		k := min(n, len(t.parts[0]))
		out = append(out, t.parts[0][:k]...)
		t.parts[0] = t.parts[0][k:]
		n -= k
		if len(t.parts[0]) == 0 {
			t.parts = t.parts[1:]
		}
	}
	t.bad = t.bad || n > 0
	return out
}

func (t *texts) uint16() uint16 {
	b := t.take(2)
	if len(b) < 2 {
		return 0
	}
	return binary.LittleEndian.Uint16(b)
}

// read reads a string of n characters behind its flags: formatting runs and phonetic data are passed. Where
// the characters run over into a continuation, that begins with a flag of its own.
func (t *texts) read(n, limit int) (string, bool) {
	flags := t.take(1)
	if t.bad {
		return "", false
	}
	wide := flags[0]&1 != 0
	runs, extra := 0, 0
	if flags[0]&8 != 0 {
		runs = int(t.uint16())
	}
	if flags[0]&4 != 0 {
		if b := t.take(4); len(b) == 4 {
			extra = int(binary.LittleEndian.Uint32(b))
		}
	}
	units := make([]uint16, 0, min(n, limit))
	for len(units) < n && !t.bad {
		if len(t.parts) > 0 && len(t.parts[0]) == 0 {
			if t.parts = t.parts[1:]; len(t.parts) > 0 && len(t.parts[0]) > 0 {
				wide = t.parts[0][0]&1 != 0
				t.parts[0] = t.parts[0][1:]
			}
			continue
		}
		if len(t.parts) == 0 {
			return "", false
		}
		units = t.units(units, n-len(units), wide)
	}
	if extra < 0 || t.bad {
		return "", false
	}
	t.take(4*runs + extra)
	s := string(utf16.Decode(units))
	return s, !t.bad && len(s) <= limit
}

// units appends up to n characters from the part at hand.
func (t *texts) units(to []uint16, n int, wide bool) []uint16 {
	b := t.parts[0]
	if !wide {
		n = min(n, len(b))
		for _, c := range b[:n] {
			to = append(to, uint16(c)) // the low byte of a UTF-16 unit: Latin-1
		}
		t.parts[0] = b[n:]
		return to
	}
	n = min(n, len(b)/2)
	if n == 0 { // half a character
		t.bad = true
		return to
	}
	for i := range n {
		to = append(to, binary.LittleEndian.Uint16(b[2*i:]))
	}
	t.parts[0] = b[2*n:]
	return to
}

func (x *xls) sheets() []Sheet { return x.list }

// placed is a cell with its place, 0-based as the records have it.
type placed struct {
	row, column uint16
	cell        Cell
}

// rows collects a sheet's cells, which may stand in any order, and gives them row by row.
func (x *xls) rows(sheet int, yield func(Row) bool) error {
	cells, err := x.cells(sheet)
	if err != nil {
		return err
	}
	slices.SortStableFunc(cells, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column))
	})
	var row []Cell
	for i := 0; i < len(cells); {
		at := int(cells[i].row)
		row = row[:0]
		for ; i < len(cells) && int(cells[i].row) == at; i++ {
			for len(row) <= int(cells[i].column) {
				row = append(row, Cell{})
			}
			row[cells[i].column] = cells[i].cell
		}
		if at >= x.limits.Rows {
			return x.limits.issue(CodeTooManyRows, fault.Place{Sheet: x.list[sheet].Name, Row: at + 1}, limitArg(int64(x.limits.Rows)))
		}
		if !yield(Row{Index: at + 1, Cells: row}) {
			return nil
		}
	}
	return nil
}

// cells reads the records of a sheet that hold values.
func (x *xls) cells(sheet int) ([]placed, error) {
	r := &records{stream: x.stream, at: x.starts[sheet]}
	if !r.next() || r.kind != recBOF {
		return nil, x.limits.damaged(x.list[sheet].Name)
	}
	var (
		out  []placed
		open = 1
	)
	var beyond error
	put := func(row, column int, c Cell) {
		place := fault.Place{Sheet: x.list[sheet].Name, Row: row + 1, Column: column + 1}
		switch {
		case c.Kind == Empty:
		case column >= x.limits.Columns:
			beyond = x.limits.issue(CodeTooManyColumns, place, limitArg(int64(x.limits.Columns)))
		case len(out) >= x.limits.Cells:
			beyond = x.limits.issue(CodeTooManyCells, place, limitArg(int64(x.limits.Cells)))
		default:
			out = append(out, placed{uint16(row), uint16(column), c})
		}
	}
	for open > 0 && beyond == nil && r.next() {
		d := r.data
		switch r.kind {
		case recBOF: // a chart within the sheet
			open++
			continue
		case recEOF:
			open--
			continue
		}
		if open > 1 || len(d) < 6 {
			continue
		}
		row, column := int(binary.LittleEndian.Uint16(d)), int(binary.LittleEndian.Uint16(d[2:]))
		style := int(binary.LittleEndian.Uint16(d[4:]))
		switch {
		case r.kind == recLabelSST && len(d) >= 10:
			put(row, column, x.sharedCell(binary.LittleEndian.Uint32(d[6:])))
		case r.kind == recNumber && len(d) >= 14:
			put(row, column, x.number(math.Float64frombits(binary.LittleEndian.Uint64(d[6:])), style))
		case r.kind == recRK && len(d) >= 10:
			put(row, column, x.number(rk(binary.LittleEndian.Uint32(d[6:])), style))
		case r.kind == recMulRK:
			for i := 4; i+6 <= len(d)-2 && beyond == nil; i += 6 {
				put(row, column, x.number(rk(binary.LittleEndian.Uint32(d[i+2:])), int(binary.LittleEndian.Uint16(d[i:]))))
				column++
			}
		case r.kind == recBoolErr && len(d) >= 8:
			put(row, column, boolOrError(d[6], d[7] != 0))
		case (r.kind == recLabel || r.kind == recRString) && len(d) >= 9:
			t := &texts{parts: [][]byte{d[6:]}}
			if s, ok := t.read(int(t.uint16()), x.limits.Cell); ok {
				put(row, column, text(s))
			}
		case r.kind == recFormula && len(d) >= 14:
			put(row, column, x.formula(r, d[6:14], style))
		}
	}
	return out, beyond
}

func (x *xls) sharedCell(i uint32) Cell {
	if int64(i) >= int64(len(x.shared)) {
		return Cell{Kind: Error, Text: "#REF!"}
	}
	return text(x.shared[i])
}

func (x *xls) number(v float64, style int) Cell {
	if style < len(x.styles) && x.styles[style] != plainFormat {
		return dated(v, x.styles[style], x.from1904)
	}
	return NumberCell(v)
}

// rk unpacks a number of 30 bits: bit 0 says divided by 100, bit 1 whole number.
func rk(v uint32) float64 {
	var x float64
	if v&2 != 0 {
		x = float64(int32(v) >> 2)
	} else {
		x = math.Float64frombits(uint64(v&^3) << 32)
	}
	if v&1 != 0 {
		x /= 100
	}
	return x
}

// errorNames are the errors by their byte, [MS-XLS] 2.5.10.
var errorNames = map[byte]string{
	0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}

func boolOrError(v byte, isError bool) Cell {
	if !isError {
		return BoolCell(v != 0)
	}
	name := errorNames[v]
	if name == "" {
		name = "#VALUE!"
	}
	return Cell{Kind: Error, Text: name}
}

// formula gives the value that was kept beside a formula. Text stands in a STRING record after it, past the
// records of shared and array formulas.
func (x *xls) formula(r *records, value []byte, style int) Cell {
	if value[6] != 0xFF || value[7] != 0xFF {
		return x.number(math.Float64frombits(binary.LittleEndian.Uint64(value)), style)
	}
	switch value[0] {
	case 0:
		ahead := *r
		for range 3 {
			if !ahead.next() {
				break
			}
			if ahead.kind == recString {
				parts := ahead.more()
				t := &texts{parts: parts}
				s, ok := t.read(int(t.uint16()), x.limits.Cell)
				if !ok {
					break
				}
				r.at = ahead.at
				return text(s)
			}
		}
	case 1:
		return BoolCell(value[2] != 0)
	case 2:
		return boolOrError(value[2], true)
	}
	return Cell{}
}

// merges reads the blocks of merged cells.
func (x *xls) merges(sheet int) ([]Range, error) {
	r := &records{stream: x.stream, at: x.starts[sheet]}
	var out []Range
	for open := 0; r.next(); {
		switch r.kind {
		case recBOF:
			open++
		case recEOF:
			if open--; open <= 0 {
				return out, nil
			}
		case recMergeCells:
			for i := 2; i+8 <= len(r.data) && len(out) < maxMerges; i += 8 {
				at := func(n int) int { return int(binary.LittleEndian.Uint16(r.data[i+2*n:])) + 1 }
				out = append(out, Range{FirstRow: at(0), LastRow: at(1), FirstColumn: at(2), LastColumn: at(3)})
			}
		}
	}
	return out, nil
}
