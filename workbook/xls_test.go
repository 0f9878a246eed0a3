package workbook

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
)

// stream builds a BIFF8 stream for tests, record by record.
type stream struct{ bytes.Buffer }

func (s *stream) record(kind int, parts ...any) {
	var data bytes.Buffer
	for _, p := range parts {
		switch v := p.(type) {
		case string: // a string with a 16-bit length
			binary.Write(&data, binary.LittleEndian, uint16(len(utf16.Encode([]rune(v)))))
			data.Write(chars(v))
		case []byte:
			data.Write(v)
		default:
			binary.Write(&data, binary.LittleEndian, v)
		}
	}
	binary.Write(s, binary.LittleEndian, [2]uint16{uint16(kind), uint16(data.Len())})
	s.Write(data.Bytes())
}

// chars writes flags and characters: a byte each where all are Latin-1, else two.
func chars(s string) []byte {
	var b bytes.Buffer
	wide := false
	for _, r := range s {
		wide = wide || r > 255
	}
	if wide {
		b.WriteByte(1)
		binary.Write(&b, binary.LittleEndian, utf16.Encode([]rune(s)))
		return b.Bytes()
	}
	b.WriteByte(0)
	for _, r := range s {
		b.WriteByte(byte(r))
	}
	return b.Bytes()
}

// xlsSheet is a sheet to be: its name and its records.
type xlsSheet struct {
	name string
	fill func(s *stream)
}

// xlsFile builds a compound file with one workbook stream: globals with the styles general, date and time,
// then the sheets.
func xlsFile(t testing.TB, globals func(s *stream), sheets ...xlsSheet) []byte {
	t.Helper()
	bof := func(s *stream, kind uint16) { s.record(recBOF, uint16(biff8), kind, uint32(0), uint32(0), uint32(0)) }
	var s stream
	bof(&s, 5)
	s.record(recFormat, uint16(164), `yyyy\-mm\-dd`)
	for _, format := range []uint16{0, 164, 21} {
		s.record(recXF, uint16(0), format, make([]byte, 16))
	}
	var starts []int
	for _, sheet := range sheets {
		starts = append(starts, s.Len()+4)
		s.record(recBoundSheet, uint32(0), uint8(0), uint8(0), uint8(len([]rune(sheet.name))), chars(sheet.name))
	}
	if globals != nil {
		globals(&s)
	}
	s.record(recEOF)
	out := s.Bytes()
	for i, sheet := range sheets {
		binary.LittleEndian.PutUint32(out[starts[i]:], uint32(len(out)))
		var body stream
		bof(&body, 0x10)
		sheet.fill(&body)
		body.record(recEOF)
		out = append(out, body.Bytes()...)
	}
	return wrap(out)
}

// wrap puts a stream into a compound file: one header, one sector of the file allocation table, the directory, the stream.
func wrap(stream []byte) []byte {
	const sector = 512
	for len(stream) < 4096 || len(stream)%sector != 0 { // shorter ones would live in the mini stream
		stream = append(stream, 0)
	}
	n := len(stream) / sector
	if n > sector/4-2 {
		panic("the test stream needs a second allocation sector")
	}
	var b bytes.Buffer
	put := func(v any) { binary.Write(&b, binary.LittleEndian, v) }
	b.Write(compoundMagic)
	b.Write(make([]byte, 16))
	put([]uint16{0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0})
	put([]uint32{0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0})
	fats := make([]uint32, 109)
	for i := range fats {
		fats[i] = 0xFFFFFFFF
	}
	fats[0] = 0
	put(fats)
	table := make([]uint32, sector/4)
	for i := range table {
		table[i] = 0xFFFFFFFF
	}
	table[0], table[1] = 0xFFFFFFFD, 0xFFFFFFFE
	for i := range n {
		table[2+i] = uint32(3 + i)
	}
	table[1+n] = 0xFFFFFFFE
	put(table)
	entry := func(name string, kind byte, child, start uint32, size uint64) {
		e := make([]byte, 128)
		for i, u := range utf16.Encode([]rune(name)) {
			binary.LittleEndian.PutUint16(e[2*i:], u)
		}
		binary.LittleEndian.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66], e[67] = kind, 1
		binary.LittleEndian.PutUint32(e[68:], 0xFFFFFFFF)
		binary.LittleEndian.PutUint32(e[72:], 0xFFFFFFFF)
		binary.LittleEndian.PutUint32(e[76:], child)
		binary.LittleEndian.PutUint32(e[116:], start)
		binary.LittleEndian.PutUint64(e[120:], size)
		b.Write(e)
	}
	entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
	entry("Workbook", 2, 0xFFFFFFFF, 2, uint64(len(stream)))
	b.Write(make([]byte, 256))
	b.Write(stream)
	return b.Bytes()
}

func at(row, column, style int) []uint16 { return []uint16{uint16(row), uint16(column), uint16(style)} }

func openBytes(t testing.TB, data []byte, l Limits) *Book {
	t.Helper()
	book, err := Open(bytes.NewReader(data), int64(len(data)), l)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func collect(t testing.TB, book *Book, sheet string) map[int][]Cell {
	t.Helper()
	out := map[int][]Cell{}
	for row, err := range book.Rows(sheet) {
		if err != nil {
			t.Fatal(err)
		}
		out[row.Index] = append([]Cell(nil), row.Cells...)
	}
	return out
}

func TestXLSCells(t *testing.T) {
	long := strings.Repeat("é", 20) + strings.Repeat("Ж", 20) // one byte a character up to the break, two after it
	globals := func(s *stream) {
		var first bytes.Buffer
		binary.Write(&first, binary.LittleEndian, [2]uint32{3, 3})
		first.Write([]byte{2, 0})
		first.Write(chars("ab"))
		// rich text: one formatting run of four bytes behind the characters
		first.Write([]byte{1, 0, 8, 1, 0, 'r', 9, 9, 9, 9})
		first.Write([]byte{40, 0, 0})
		for range 20 {
			first.WriteByte(0xE9)
		}
		var second bytes.Buffer
		second.WriteByte(1)
		binary.Write(&second, binary.LittleEndian, utf16.Encode([]rune(strings.Repeat("Ж", 20))))
		s.record(recSST, first.Bytes())
		s.record(recContinue, second.Bytes())
	}
	text := func(v byte) []byte { return []byte{v, 0, 0, 0, 0, 0, 0xFF, 0xFF} }
	data := xlsFile(t, globals, xlsSheet{"first ", func(s *stream) {
		s.record(recLabelSST, at(2, 0, 0), uint32(0))
		s.record(recLabelSST, at(2, 1, 0), uint32(1))
		s.record(recLabelSST, at(2, 2, 0), uint32(2))
		s.record(recLabelSST, at(2, 3, 0), uint32(99))
		s.record(recNumber, at(0, 0, 0), 1234.5)
		s.record(recNumber, at(0, 1, 1), 43831.0)
		s.record(recNumber, at(0, 2, 2), 0.75)
		s.record(recRK, at(0, 3, 0), uint32(1234<<2|3))
		s.record(recRK, at(0, 4, 0), uint32(math.Float64bits(1.5)>>32))
		s.record(recRK, at(0, 5, 0), uint32(0xFFFFFFFE)) // -1
		s.record(recMulRK, at(1, 0, 0)[:2], []uint16{0}, uint32(7<<2|2), []uint16{1}, uint32(43831<<2|2), uint16(1))
		s.record(recBoolErr, at(1, 2, 0), uint8(1), uint8(0))
		s.record(recBoolErr, at(1, 3, 0), uint8(0x2A), uint8(1))
		s.record(recFormula, at(1, 4, 0), 2.5, make([]byte, 6))
		s.record(recFormula, at(1, 5, 0), text(0), make([]byte, 6))
		s.record(recString, "cached Ж")
		s.record(recFormula, at(1, 6, 0), []byte{1, 0, 1, 0, 0, 0, 0xFF, 0xFF}, make([]byte, 6))
		s.record(recFormula, at(1, 7, 0), []byte{2, 0, 7, 0, 0, 0, 0xFF, 0xFF}, make([]byte, 6))
		s.record(recFormula, at(1, 8, 0), text(3), make([]byte, 6))
		s.record(recLabel, at(3, 0, 0), "plain")
		s.record(0x0201, at(3, 300, 0)) // BLANK
		s.record(recMergeCells, uint16(1), []uint16{0, 1, 2, 4})
	}}, xlsSheet{"second", func(*stream) {}})
	book := openBytes(t, data, Limits{})
	if book.Format() != XLS {
		t.Errorf("format %s", book.Format())
	}
	want := map[int][]Cell{
		1: {{Kind: Number, Number: 1234.5}, {Kind: Date, Number: 18262}, {Kind: Clock, Number: 0.75},
			{Kind: Number, Number: 12.34}, {Kind: Number, Number: 1.5}, {Kind: Number, Number: -1}},
		2: {{Kind: Number, Number: 7}, {Kind: Date, Number: 18262}, {Kind: Bool, Number: 1}, {Kind: Error, Text: "#N/A"},
			{Kind: Number, Number: 2.5}, {Kind: Text, Text: "cached Ж"}, {Kind: Bool, Number: 1}, {Kind: Error, Text: "#DIV/0!"}},
		3: {{Kind: Text, Text: "ab"}, {Kind: Text, Text: "r"}, {Kind: Text, Text: long}, {Kind: Error, Text: "#REF!"}},
		4: {{Kind: Text, Text: "plain"}},
	}
	if d := cmp.Diff(want, collect(t, book, "First")); d != "" {
		t.Error(d)
	}
	merges, err := book.Merges("first ")
	if d := cmp.Diff([]Range{{1, 3, 2, 5}}, merges); d != "" || err != nil {
		t.Error(d, err)
	}
	if rows := collect(t, book, "second"); len(rows) != 0 {
		t.Error("cells in an empty sheet")
	}
}

func TestXLSCalendarOf1904(t *testing.T) {
	data := xlsFile(t, func(s *stream) { s.record(recDate1904, uint16(1)) },
		xlsSheet{"a", func(s *stream) { s.record(recNumber, at(0, 0, 1), 42369.0) }})
	want := map[int][]Cell{1: {{Kind: Date, Number: 18262}}}
	if d := cmp.Diff(want, collect(t, openBytes(t, data, Limits{}), "a")); d != "" {
		t.Error(d)
	}
}

func TestXLSIssues(t *testing.T) {
	one := xlsSheet{"a", func(s *stream) { s.record(recNumber, at(5, 20000, 0), 1.0) }}
	old := xlsFile(t, nil, one)
	binary.LittleEndian.PutUint16(old[512*3+4:], 0x0500)
	for _, c := range []struct {
		name string
		data []byte
		want fault.Code
	}{
		{"password", xlsFile(t, func(s *stream) { s.record(recFilePass, uint16(1)) }, one), CodeEncrypted},
		{"Excel 95", old, CodeTooOld},
		{"no sheet", xlsFile(t, nil), CodeDamaged},
		{"cut", xlsFile(t, nil, one)[:700], CodeDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(bytes.NewReader(c.data), int64(len(c.data)), Limits{Document: "x.xls"})
			if i := fault.Of(err); len(i) != 1 || i[0].Code != c.want || i[0].Place.Document != "x.xls" {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	var last error
	for _, err := range openBytes(t, xlsFile(t, nil, one), Limits{}).Rows("a") {
		last = err
	}
	if i := fault.Of(last); len(i) != 1 || i[0].Code != CodeTooManyColumns || i[0].Place.Row != 6 {
		t.Errorf("got %v, want %s in row 6", last, CodeTooManyColumns)
	}
}

func TestXLSManyCells(t *testing.T) {
	data := xlsFile(t, nil, xlsSheet{"a", func(s *stream) {
		for i := range 20 {
			s.record(recNumber, at(i, 0, 0), 1.0)
		}
	}})
	var last error
	for _, err := range openBytes(t, data, Limits{Cells: 10}).Rows("a") {
		last = err
	}
	if !is(last, CodeTooManyCells) {
		t.Errorf("got %v", last)
	}
}

// drain reads everything there is in a book.
func drain(book *Book) {
	for _, s := range book.Sheets() {
		for _, err := range book.Rows(s.Name) {
			if err != nil {
				break
			}
		}
		_, _ = book.Merges(s.Name)
	}
}

func FuzzXLS(f *testing.F) {
	f.Add(xlsFile(f, nil, xlsSheet{"a", func(s *stream) {
		s.record(recNumber, at(0, 0, 0), 1.0)
		s.record(recFormula, at(1, 5, 0), []byte{0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, make([]byte, 6))
		s.record(recString, "x")
		s.record(recMergeCells, uint16(1), []uint16{0, 1, 2, 4})
	}}))
	f.Add(xlsFile(f, func(s *stream) { s.record(recSST, [2]uint32{1, 1}, "abc") }, xlsSheet{"a", func(s *stream) { s.record(recLabelSST, at(0, 0, 0), uint32(0)) }}))
	f.Fuzz(func(t *testing.T, data []byte) {
		book, err := Open(bytes.NewReader(data), int64(len(data)), Limits{Text: 1 << 20, Cell: 1 << 12})
		if err == nil {
			drain(book)
		}
	})
}

// FuzzRecords goes past the compound file, which few changed bytes survive.
func FuzzRecords(f *testing.F) {
	whole := xlsFile(f, func(s *stream) { s.record(recSST, [2]uint32{1, 1}, "abc") }, xlsSheet{"a", func(s *stream) {
		s.record(recLabelSST, at(0, 0, 0), uint32(0))
		s.record(recMulRK, at(1, 0, 0)[:2], []uint16{0}, uint32(7<<2|2), uint16(0))
	}})
	f.Add(whole[512*3:])
	f.Fuzz(func(t *testing.T, data []byte) {
		x := &xls{limits: Limits{Text: 1 << 20, Cell: 1 << 12}.withDefaults(), stream: data, formats: map[int]formatKind{}}
		if x.readGlobals() == nil {
			drain(&Book{source: x, limits: x.limits})
		}
	})
}
