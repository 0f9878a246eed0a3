package xlsx

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/workbook"
)

// The issues raised here; texts stand in lang/messages/xlsx.*.toml.
const (
	CodeNoTable     fault.Code = "xlsx.no-table"      // sheet: no row of it is a header
	CodeNoHeader    fault.Code = "xlsx.no-header"     // row: told as header and without cells
	CodeLeftOfTable fault.Code = "xlsx.left-of-table" // a row has a cell left of the table's first column
	CodeErrorCells  fault.Code = "xlsx.error-cells"   // column, count; soft
)

// Options is what Read can be told; the zero value finds everything.
type Options struct {
	dataset.ReadOptions
	Sheet      string // "": the first sheet that is not hidden and has cells
	Header     int    // row of the header, 1-based, the last one where it has several; 0: found
	HeaderRows int    // rows of the header, joined; 0: found
	Last       int    // last row of the table, 1-based, for what stands below it; 0: to the end
	Limits     workbook.Limits
}

// Read reads the table of one sheet. An error means that there is no table at all: no such sheet, no header,
// a damaged file. Rows that cannot be loaded are listed in the accounts.
func Read(r io.ReaderAt, size int64, o Options) (*dataset.Loaded, error) {
	o.Limits.Document = o.Document
	book, err := workbook.Open(r, size, o.Limits)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, fmt.Errorf("read %s: %w", o.Document, err)
	}
	loaded, err := ReadSheet(book, o)
	if err != nil {
		return nil, err
	}
	loaded.Accounts.Bytes, loaded.Accounts.SHA256 = size, hex.EncodeToString(hash.Sum(nil))
	return loaded, nil
}

// ReadSheet reads the table of one sheet of an open book. The accounts are without the file's hash and size.
func ReadSheet(book *workbook.Book, o Options) (*dataset.Loaded, error) {
	sheet, err := chooseSheet(book, o)
	if err != nil {
		return nil, err
	}
	head, err := findHead(book, sheet, o)
	if err != nil {
		return nil, err
	}
	if o.Decimal == dataset.DecimalFound {
		o.Decimal = dataset.DecimalPoint
	}
	s := &reading{options: o, head: head, errors: map[int]int{}}
	s.intake = dataset.NewIntake(head.names, head.row, o.ReadOptions)
	a := s.intake.Accounts()
	a.Sheet, a.Format, a.ColumnsBefore = strings.TrimSpace(sheet), book.Format().String(), head.first-1
	if err := s.rows(book, sheet); err != nil {
		return nil, err
	}
	loaded := s.intake.Close()
	for i := range a.Notes {
		a.Notes[i].Place.Sheet = a.Sheet
		if a.Notes[i].Place.Column > 0 {
			a.Notes[i].Place.Column += a.ColumnsBefore
		}
	}
	s.noteErrors(a)
	return loaded, nil
}

// chooseSheet gives the name of the sheet to read.
func chooseSheet(book *workbook.Book, o Options) (string, error) {
	if o.Sheet != "" {
		if name, ok := book.Find(o.Sheet); ok {
			return name, nil
		}
		for _, err := range book.Rows(o.Sheet) { // gives the issue that names the sheets there are
			return "", err
		}
	}
	for _, s := range book.Sheets() {
		if s.Hidden {
			continue
		}
		for _, err := range book.Rows(s.Name) {
			return s.Name, err
		}
	}
	return "", fault.Issue{Code: CodeNoTable, Place: fault.Place{Document: o.Document}}
}

// reading is one ReadSheet under way.
type reading struct {
	options Options
	head    *head
	intake  *dataset.Intake
	cells   [][]byte
	bytes   []byte
	errors  map[int]int // cells that hold an error, by column of the table
}

func (s *reading) rows(book *workbook.Book, sheet string) error {
	next := s.head.row + 1
	for row, err := range book.Rows(sheet) {
		if err != nil {
			return err
		}
		if row.Index <= s.head.row {
			continue
		}
		if s.options.Last > 0 && row.Index > s.options.Last {
			break
		}
		for ; next < row.Index; next++ {
			s.intake.Blank(next)
		}
		next++
		s.row(row)
	}
	return nil
}

func (s *reading) row(row workbook.Row) {
	for i := 0; i < s.head.first-1 && i < len(row.Cells); i++ {
		if !empty(row.Cells[i]) {
			s.intake.List(CodeLeftOfTable, row.Index, 0, "", 0, 0)
			return
		}
	}
	width := len(s.head.names)
	s.cells, s.bytes = s.cells[:0], s.bytes[:0]
	any := false
	for i := s.head.first - 1; i < max(len(row.Cells), s.head.first-1+width); i++ {
		var c workbook.Cell
		if i < len(row.Cells) {
			c = row.Cells[i]
		}
		from := len(s.bytes)
		s.bytes = s.append(s.bytes, c)
		s.cells = append(s.cells, s.bytes[from:len(s.bytes):len(s.bytes)])
		any = any || len(s.bytes) > from
		if c.Kind == workbook.Error {
			s.errors[i-s.head.first+1]++
		}
	}
	if !any {
		s.intake.Blank(row.Index)
		return
	}
	s.intake.Row(row.Index, s.cells)
}

// append writes a cell as the intake reads it.
func (s *reading) append(b []byte, c workbook.Cell) []byte {
	if c.Kind == workbook.Text {
		return append(b, strings.TrimSpace(c.Text)...)
	}
	from := len(b)
	b = append(b, c.String()...)
	if c.Kind == workbook.Number && s.options.Decimal == dataset.DecimalComma {
		if i := slices.Index(b[from:], '.'); i >= 0 {
			b[from+i] = ','
		}
	}
	return b
}

// noteErrors says how many cells of a column hold an error such as #N/A.
func (s *reading) noteErrors(a *dataset.Accounts) {
	names := s.intake.Names()
	for i, name := range names {
		if n := s.errors[i]; n > 0 {
			a.Notes = append(a.Notes, fault.Issue{Code: CodeErrorCells, Severity: fault.Soft, Args: map[string]any{"column": name, "count": n},
				Place: fault.Place{Document: a.Document, Sheet: a.Sheet, Column: s.head.first + i, Field: name}})
		}
	}
}

func empty(c workbook.Cell) bool {
	return c.Kind == workbook.Empty || c.Kind == workbook.Text && strings.TrimSpace(c.Text) == ""
}
