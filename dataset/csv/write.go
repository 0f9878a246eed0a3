package csv

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"waymark/dataset"
	"waymark/fault"
)

// WriteOptions is how a table is written. The zero value writes UTF-8 without a mark, commas, lines ending
// with LF, and neutralised formulas.
type WriteOptions struct {
	Comma byte // 0: a comma
	Mark  bool // a byte-order mark first, by which Excel knows UTF-8
	CRLF  bool // lines end with CRLF, as RFC 4180 has it
	HXL   bool // a row of HXL tags below the header
	// Formulas says what becomes of a text that a spreadsheet would run as a formula.
	Formulas Formulas
	// Companions names the columns that get a column NAME__missing. Write finds them by itself where it is
	// nil: those with a missing kind other than Empty. For a Writer they must be named beforehand.
	Companions []string
	// Codes writes a missing kind as a code in the cell itself, as survey platforms export it ("dnk", "pnta"),
	// instead of a companion column. Kinds that are not named here still need one.
	Codes map[dataset.Missing]string
}

// Formulas says what is done with a text that starts with = + - @, a tab or a carriage return and is no number.
type Formulas uint8

const (
	Neutralised Formulas = iota // written with an apostrophe before it, so that a spreadsheet shows it as text
	Kept                        // written as it is: for files that only programs read
)

// Write writes a whole table.
func Write(w io.Writer, t *dataset.Table, options WriteOptions) error {
	if options.Companions == nil {
		options.Companions = dataset.NeedCompanions(t)
	}
	out, err := NewWriter(w, t.Fields(), options)
	if err != nil {
		return err
	}
	if err := out.Write(t); err != nil {
		return err
	}
	return out.Close()
}

// Writer writes a table in batches of rows.
type Writer struct {
	to         *bufio.Writer
	fields     []dataset.Field
	companions []bool
	options    WriteOptions
	line       []byte
	cell       []byte
}

// NewWriter writes the header. Call Close at the end.
func NewWriter(w io.Writer, fields []dataset.Field, options WriteOptions) (*Writer, error) {
	if options.Comma == 0 {
		options.Comma = ','
	}
	if bytes.IndexByte([]byte("\"\r\n"), options.Comma) >= 0 {
		return nil, fmt.Errorf("write csv: %q cannot be a delimiter: %w", options.Comma, fault.Invalid)
	}
	out := &Writer{to: bufio.NewWriterSize(w, 1<<16), fields: fields, options: options, companions: make([]bool, len(fields))}
	if options.Mark {
		out.line = append(out.line, 0xEF, 0xBB, 0xBF)
	}
	row := func(of func(f dataset.Field) string, suffix string) error {
		for i, f := range fields {
			out.add(i, []byte(of(f)), dataset.Text)
			if out.companions[i] {
				name := suffix
				if suffix != "" {
					name = f.Name + suffix
				}
				out.add(1, []byte(name), dataset.Text)
			}
		}
		return out.endLine()
	}
	for i, f := range fields {
		out.companions[i] = slices.Contains(options.Companions, f.Name)
	}
	if err := row(func(f dataset.Field) string { return f.Name }, dataset.CompanionSuffix); err != nil {
		return nil, err
	}
	if options.HXL && slices.ContainsFunc(fields, func(f dataset.Field) bool { return f.HXL != "" }) {
		if err := row(func(f dataset.Field) string { return f.HXL }, ""); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Write writes the rows of a table whose columns are the fields given to NewWriter, in their order.
func (w *Writer) Write(t *dataset.Table) error {
	if len(t.Columns) != len(w.fields) {
		return fmt.Errorf("write csv: %d columns where the header has %d: %w", len(t.Columns), len(w.fields), fault.Invalid)
	}
	for i, c := range t.Columns {
		if c.Name != w.fields[i].Name {
			return fmt.Errorf("write csv: column %s where the header has %s: %w", c.Name, w.fields[i].Name, fault.Invalid)
		}
	}
	for i := range t.Rows() {
		for k, c := range t.Columns {
			m := c.Missing(i)
			code, coded := w.options.Codes[m]
			if m != dataset.Present && m != dataset.Empty && !w.companions[k] && !coded {
				return fmt.Errorf("write csv: column %s has missing kinds and no companion column was asked for: %w", c.Name, fault.Invalid)
			}
			w.cell = c.AppendCell(w.cell[:0], i)
			if m != dataset.Present && coded {
				w.cell = append(w.cell[:0], code...)
			}
			w.add(k, w.cell, c.Kind)
			if w.companions[k] {
				w.add(1, []byte(m.String()), dataset.Category)
			}
		}
		if err := w.endLine(); err != nil {
			return err
		}
	}
	return nil
}

// Close writes what is still held back.
func (w *Writer) Close() error {
	if err := w.to.Flush(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

// add appends a cell to the line; position 0 is the first of the line.
func (w *Writer) add(position int, cell []byte, kind dataset.Kind) {
	if position > 0 {
		w.line = append(w.line, w.options.Comma)
	}
	if kind == dataset.Number || kind == dataset.Date {
		w.plain(cell)
		return
	}
	if w.options.Formulas == Neutralised && runs(cell) {
		w.quote(append([]byte{'\''}, cell...))
		return
	}
	w.plain(cell)
}

func (w *Writer) plain(cell []byte) {
	if w.needsQuotes(cell) {
		w.quote(cell)
		return
	}
	w.line = append(w.line, cell...)
}

// needsQuotes: delimiters, quotes and line ends; blanks at the ends, which readers take off; and the only
// cell of a line where it is empty, which would be a line without content.
func (w *Writer) needsQuotes(cell []byte) bool {
	if len(cell) == 0 {
		return len(w.fields) == 1 && !w.companions[0]
	}
	first, last := cell[0], cell[len(cell)-1]
	return first == ' ' || first == '\t' || last == ' ' || last == '\t' ||
		bytes.IndexByte(cell, w.options.Comma) >= 0 || bytes.IndexByte(cell, '"') >= 0 ||
		bytes.IndexByte(cell, '\n') >= 0 || bytes.IndexByte(cell, '\r') >= 0
}

func (w *Writer) quote(cell []byte) {
	w.line = append(w.line, '"')
	for _, c := range cell {
		if c == '"' {
			w.line = append(w.line, '"')
		}
		w.line = append(w.line, c)
	}
	w.line = append(w.line, '"')
}

func (w *Writer) endLine() error {
	if w.options.CRLF {
		w.line = append(w.line, '\r')
	}
	w.line = append(w.line, '\n')
	_, err := w.to.Write(w.line)
	w.line = w.line[:0]
	if err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

// runs says whether a spreadsheet would take a text for a formula. A text that is a number is left alone.
func runs(cell []byte) bool {
	if len(cell) == 0 || bytes.IndexByte([]byte("=+-@\t\r"), cell[0]) < 0 {
		return false
	}
	_, err := strconv.ParseFloat(string(cell), 64)
	return err != nil
}
