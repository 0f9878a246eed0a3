package workbook

import (
	"math"
	"strconv"
	"strings"
	"time"

	"waymark/fault"
)

// sheetReader turns the XML of one sheet into rows.
type sheetReader struct {
	x     *xlsx
	name  string
	yield func(Row) bool

	row, column int // of the cell being read, 1-based
	inRow       bool
	cells       []Cell
	text        []byte
}

func (r *sheetReader) issue(code fault.Code, limit int64) error {
	return r.x.limits.issue(code, fault.Place{Sheet: r.name, Row: r.row, Column: r.column}, limitArg(limit))
}

// read goes through sheetData; what stands before and after it holds no cells.
func (r *sheetReader) read(s *scanner) error {
	for {
		t, err := s.next()
		if err != nil {
			return err
		}
		name := string(s.name)
		switch {
		case t == startToken && name == "row":
			if err := r.startRow(s); err != nil {
				return err
			}
		case t == startToken && name == "c" && r.inRow:
			if err := r.cell(s); err != nil {
				return err
			}
		case t == endToken && name == "row" && r.inRow:
			r.inRow = false
			if !r.give() {
				return errStop
			}
		case t == endToken && name == "sheetData":
			return errStop
		}
	}
}

func (r *sheetReader) startRow(s *scanner) error {
	before := r.row
	r.row++
	r.column, r.inRow = 0, true
	r.cells = r.cells[:0]
	if v := s.attr("r"); v != nil {
		n, err := strconv.Atoi(string(v))
		if err != nil || n <= before { // rows stand in order; a second one of a number would overwrite the first
			return r.x.limits.damaged(r.name)
		}
		r.row = n
	}
	if r.row > r.x.limits.Rows {
		return r.issue(CodeTooManyRows, int64(r.x.limits.Rows))
	}
	return nil
}

// give hands on a row that has a cell with a value; false where no more are wanted.
func (r *sheetReader) give() bool {
	n := len(r.cells)
	for n > 0 && r.cells[n-1].Kind == Empty {
		n--
	}
	if n == 0 {
		return true
	}
	return r.yield(Row{Index: r.row, Cells: r.cells[:n]})
}

// cell reads one cell with its value.
func (r *sheetReader) cell(s *scanner) error {
	r.column++
	if ref := s.attr("r"); ref != nil {
		_, column, ok := parseReference(string(ref))
		if !ok {
			return r.x.limits.damaged(r.name)
		}
		r.column = column
	}
	if r.column > r.x.limits.Columns {
		return r.issue(CodeTooManyColumns, int64(r.x.limits.Columns))
	}
	kind := cellType(s.attr("t"))
	style := 0
	if v := s.attr("s"); v != nil {
		style, _ = strconv.Atoi(string(v))
	}
	r.text = r.text[:0]
	var inline bool
	for open := true; open; {
		t, err := s.next()
		if err != nil {
			return unexpected(err)
		}
		if t == endToken {
			open = string(s.name) != "c"
			continue
		}
		if t != startToken {
			continue
		}
		switch string(s.name) {
		case "v":
			if r.text, err = plainText(s, r.text[:0], r.x.limits.Cell); err != nil {
				return err
			}
		case "is":
			inline = true
			if r.text, err = richText(s, r.text[:0], r.x.limits.Cell); err != nil {
				return err
			}
		default: // the formula, extensions
			if err := s.skip(); err != nil {
				return err
			}
		}
	}
	if len(r.text) == 0 && !inline {
		return nil
	}
	r.put(r.value(kind, style, inline))
	return nil
}

func (r *sheetReader) put(c Cell) {
	if c.Kind == Empty {
		return
	}
	for len(r.cells) < r.column {
		r.cells = append(r.cells, Cell{})
	}
	r.cells[r.column-1] = c
}

type valueType uint8

const (
	numberValue valueType = iota
	sharedValue
	textValue
	boolValue
	dateValue
	errorValue
)

func cellType(t []byte) valueType {
	switch string(t) {
	case "s":
		return sharedValue
	case "str", "inlineStr":
		return textValue
	case "b":
		return boolValue
	case "d":
		return dateValue
	case "e":
		return errorValue
	}
	return numberValue
}

// value gives the cell that its text and type mean. A value that is none of its type is kept as text.
func (r *sheetReader) value(kind valueType, style int, inline bool) Cell {
	if inline {
		kind = textValue
	}
	switch kind {
	case sharedValue:
		i, err := strconv.Atoi(string(r.text))
		if err != nil || i < 0 || i >= len(r.x.shared) {
			return Cell{Kind: Error, Text: "#REF!"}
		}
		return text(r.x.shared[i])
	case textValue:
		return text(string(unescapeControls(r.text)))
	case boolValue:
		return BoolCell(string(r.text) == "1" || string(r.text) == "true")
	case errorValue:
		return Cell{Kind: Error, Text: string(r.text)}
	case dateValue:
		return isoCell(string(r.text))
	}
	v := strings.TrimSpace(string(r.text))
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return text(v)
	}
	if style >= 0 && style < len(r.x.formats) && r.x.formats[style] != plainFormat {
		return dated(x, r.x.formats[style], r.x.from1904)
	}
	return Cell{Kind: Number, Number: x}
}

// text makes a text cell; one without characters is empty.
func text(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{Kind: Text, Text: s}
}

// isoCell reads the ISO 8601 dates of strict files.
func isoCell(s string) Cell {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return DateCell(float64(t.Unix()) / secondsADay)
		}
	}
	if t, err := time.Parse("15:04:05", s); err == nil {
		return Cell{Kind: Clock, Number: float64(t.Hour()*3600+t.Minute()*60+t.Second()) / secondsADay}
	}
	return text(s)
}

// plainText appends the text of the element just begun.
func plainText(s *scanner, to []byte, limit int) ([]byte, error) {
	for depth := 1; depth > 0; {
		t, err := s.next()
		if err != nil {
			return to, unexpected(err)
		}
		switch t {
		case startToken:
			depth++
		case endToken:
			depth--
		case textToken:
			if to = append(to, s.text...); len(to) > limit {
				return to, errTooLong
			}
		}
	}
	return to, nil
}

// parseReference reads "AB12" as row 12, column 28.
func parseReference(ref string) (row, column int, ok bool) {
	i := 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	return row, column, i > 0 && err == nil && row > 0
}

func parseRange(ref string) (Range, bool) {
	first, last, two := strings.Cut(ref, ":")
	if !two {
		last = first
	}
	r1, c1, ok1 := parseReference(first)
	r2, c2, ok2 := parseReference(last)
	return Range{r1, c1, r2, c2}, ok1 && ok2 && r1 <= r2 && c1 <= c2
}

// columnName gives "AB" for 28.
func columnName(column int) string {
	var b []byte
	for ; column > 0; column = (column - 1) / 26 {
		b = append([]byte{byte('A' + (column-1)%26)}, b...)
	}
	return string(b)
}
