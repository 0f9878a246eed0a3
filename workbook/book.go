package workbook

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode"

	"waymark/fault"
)

// Format is the kind of file that a book was read from.
type Format uint8

const (
	XLSX Format = iota // Office Open XML
	XLS                // BIFF8
)

// String gives "xlsx" or "xls".
func (f Format) String() string { return [...]string{"xlsx", "xls"}[f] }

// Sheet is one sheet of cells; sheets of charts and macros are not listed.
type Sheet struct {
	Name   string // as in the file, with the spaces it may end in
	Hidden bool
}

// Row is one row that has cells.
type Row struct {
	Index int    // 1-based, as a person sees it
	Cells []Cell // from column A on, without empty cells at the end; good until the next row is asked for
}

// Range is a block of merged cells, 1-based, both ends included.
type Range struct {
	FirstRow, FirstColumn, LastRow, LastColumn int
}

// source is one kind of file.
type source interface {
	sheets() []Sheet
	rows(sheet int, yield func(Row) bool) error
	merges(sheet int) ([]Range, error)
}

// Book is an open workbook. It reads from the reader it was opened on and is not for use by several
// goroutines at a time.
type Book struct {
	source
	format Format
	limits Limits
}

var (
	zipMagic      = []byte("PK\x03\x04")
	zipEmptyMagic = []byte("PK\x05\x06")
	compoundMagic = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}
)

// Open finds out what kind of workbook r holds and reads its list of sheets. Errors are issues with codes
// of this package, or those of r itself.
func Open(r io.ReaderAt, size int64, limits Limits) (*Book, error) {
	limits = limits.withDefaults()
	if size > limits.File {
		return nil, limits.issue(CodeFileTooBig, fault.Place{}, map[string]any{"bytes": size, "limit": limits.File})
	}
	if size == 0 {
		return nil, limits.issue(CodeEmptyFile, fault.Place{}, nil)
	}
	head := make([]byte, min(size, 1024))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return nil, fmt.Errorf("read workbook: %w", err)
	}
	var (
		book = &Book{limits: limits}
		err  error
	)
	switch {
	case bytes.HasPrefix(head, zipMagic), bytes.HasPrefix(head, zipEmptyMagic):
		book.format = XLSX
		book.source, err = openXLSX(r, size, limits)
	case bytes.HasPrefix(head, compoundMagic):
		book.format = XLS
		book.source, err = openXLS(r, size, limits)
	case isOldBIFF(head):
		err = limits.issue(CodeTooOld, fault.Place{}, nil)
	default:
		err = limits.issue(unreadable(head), fault.Place{}, nil)
	}
	if err != nil {
		return nil, err
	}
	return book, nil
}

// Sniff says whether the bytes at a file's beginning are of a workbook that Open can try; eight are enough.
func Sniff(head []byte) bool {
	return bytes.HasPrefix(head, zipMagic) || bytes.HasPrefix(head, compoundMagic)
}

// isOldBIFF knows the first record of workbooks that stand in no compound file (Excel 2 to 4).
func isOldBIFF(head []byte) bool {
	return len(head) >= 4 && head[0] == 0x09 && (head[1] == 0 || head[1] == 2 || head[1] == 4) && head[3] == 0
}

// unreadable says what a file that is no workbook seems to be.
func unreadable(head []byte) fault.Code {
	lower := bytes.ToLower(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"))
	if bytes.HasPrefix(lower, []byte("<html")) || bytes.HasPrefix(lower, []byte("<!doctype html")) ||
		bytes.HasPrefix(lower, []byte("<table")) || bytes.HasPrefix(lower, []byte("<meta")) {
		return CodeIsHTML
	}
	for _, b := range head {
		if b < ' ' && b != '\t' && b != '\r' && b != '\n' {
			return CodeUnknownKind
		}
	}
	return CodeIsText
}

// Format says which kind of file the book was read from.
func (b *Book) Format() Format { return b.format }

// Sheets lists the sheets in the order of their tabs.
func (b *Book) Sheets() []Sheet { return b.source.sheets() }

// Rows gives the rows of a sheet that have cells, in order. A sheet is found by its name as it is, else by
// its name without spaces around it and without regard to case. An error ends the rows.
func (b *Book) Rows(sheet string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		index, err := b.find(sheet)
		if err != nil {
			yield(Row{}, err)
			return
		}
		stopped := false
		err = b.source.rows(index, func(r Row) bool {
			stopped = !yield(r, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(Row{}, err)
		}
	}
}

// Merges lists the blocks of merged cells of a sheet; the value of a block stands in its first cell.
func (b *Book) Merges(sheet string) ([]Range, error) {
	index, err := b.find(sheet)
	if err != nil {
		return nil, err
	}
	return b.source.merges(index)
}

// Find gives the name, as in the file, of the sheet that Rows would read; false where there is none.
func (b *Book) Find(sheet string) (string, bool) {
	index, err := b.find(sheet)
	if err != nil {
		return "", false
	}
	return b.Sheets()[index].Name, true
}

func (b *Book) find(name string) (int, error) {
	sheets := b.Sheets()
	for i, s := range sheets {
		if s.Name == name {
			return i, nil
		}
	}
	for i, s := range sheets {
		if strings.EqualFold(trimName(s.Name), trimName(name)) {
			return i, nil
		}
	}
	have := make([]string, len(sheets))
	for i, s := range sheets {
		have[i] = trimName(s.Name)
	}
	err := fault.Issue{Code: CodeNoSheet, Kind: fault.NotFound, Place: fault.Place{Document: b.limits.Document},
		Args: map[string]any{"sheet": name, "have": strings.Join(have, ", ")}}
	return 0, err
}

// trimName takes spaces of every kind from around a sheet's name.
func trimName(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

// Texts gives the book as texts, for readers that want what a person typed and not its type.
func (b *Book) Texts() Texts { return Texts{b} }

// Texts is a book whose cells are texts, as Cell.String gives them.
type Texts struct{ book *Book }

// Sheets lists the names of the sheets as they are in the file.
func (t Texts) Sheets() []string {
	sheets := t.book.Sheets()
	names := make([]string, len(sheets))
	for i, s := range sheets {
		names[i] = s.Name
	}
	return names
}

// Rows gives every row of a sheet, rows[0] being row 1; a row without cells is nil.
func (t Texts) Rows(sheet string) ([][]string, error) {
	var rows [][]string
	cells, limit := 0, t.book.limits.Cells
	for row, err := range t.book.Rows(sheet) {
		if err != nil {
			return nil, err
		}
		// Rows without cells in between are counted as one each: a lone cell far down costs its distance.
		cells += len(row.Cells) + row.Index - len(rows)
		if cells > limit {
			return nil, t.book.limits.issue(CodeTooManyCells, fault.Place{Sheet: sheet, Row: row.Index}, limitArg(int64(limit)))
		}
		for len(rows) < row.Index-1 {
			rows = append(rows, nil)
		}
		texts := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			texts[i] = c.String()
		}
		rows = append(rows, texts)
	}
	return rows, nil
}
