package csv

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"waymark/dataset"
	"waymark/fault"
)

// Lines writes cell by cell, for rows that come one at a time from a stream and are never a table. The caller
// keeps the number of cells of a line the same. Companions, Codes and HXL of the options have no meaning here.
//
//	out, err := csv.NewLines(w, csv.WriteOptions{})
//	out.Cell("age", dataset.Text)
//	out.Cell("34", dataset.Number)
//	err = out.End()
type Lines struct {
	writer Writer
	cells  int
	cell   []byte
}

// NewLines begins a file. Call Close at the end.
func NewLines(w io.Writer, options WriteOptions) (*Lines, error) {
	if options.Comma == 0 {
		options.Comma = ','
	}
	if bytes.IndexByte([]byte("\"\r\n"), options.Comma) >= 0 {
		return nil, fmt.Errorf("write csv: %q cannot be a delimiter: %w", options.Comma, fault.Invalid)
	}
	l := &Lines{writer: Writer{to: bufio.NewWriterSize(w, 1<<16), options: options}}
	if options.Mark {
		l.writer.line = append(l.writer.line, 0xEF, 0xBB, 0xBF)
	}
	return l, nil
}

// Cell adds a cell to the line. A text of kind Number or Date is written as it is; of the other kinds one that a
// spreadsheet would run is neutralised.
func (l *Lines) Cell(text string, kind dataset.Kind) {
	l.cell = append(l.cell[:0], text...)
	l.writer.add(l.cells, l.cell, kind)
	l.cells++
}

// End ends the line.
func (l *Lines) End() error {
	if l.cells == 1 && len(l.cell) == 0 { // a line without content is passed over by readers
		l.writer.quote(nil)
	}
	l.cells = 0
	return l.writer.endLine()
}

// Close writes what is still held back.
func (l *Lines) Close() error { return l.writer.Close() }
