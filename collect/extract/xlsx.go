package extract

import (
	"context"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"waymark/collect"
	"waymark/dataset"
	"waymark/workbook"
)

// What a spreadsheet program takes.
const (
	sheetRows  = 1 << 20
	cellLetter = 32767
)

// XLSX writes a workbook: a notice, a sheet a table, a codebook. Numbers are numbers, days are days, and no text is
// a formula. A table that is longer than a sheet goes on in another; a text longer than a cell is cut, and the
// codebook counts how many were.
func (x *Extract) XLSX(ctx context.Context, w io.Writer) error {
	all := make([]*table, len(x.tables))
	for i := range x.tables {
		all[i] = &x.tables[i]
	}
	if err := x.note(ctx, "xlsx", all...); err != nil {
		return err
	}
	out := workbook.NewWriter(w)
	if len(x.options.Notice) > 0 {
		if _, err := out.Sheet(workbook.Layout{Name: "not cleared", Widths: []float64{110}, Prose: true}); err != nil {
			return err
		}
		for _, l := range x.options.Notice {
			if err := out.Row(workbook.TextCell(l)); err != nil {
				return err
			}
		}
	}
	cut := map[string]int{}
	for _, t := range all {
		if err := x.sheet(ctx, out, t, cut); err != nil {
			return err
		}
	}
	if err := x.codebookSheet(out, cut); err != nil {
		return err
	}
	return out.Close()
}

func (x *Extract) sheet(ctx context.Context, out *workbook.Writer, t *table, cut map[string]int) error {
	name := t.Name
	if len(t.Path) > 0 {
		name = t.Path[len(t.Path)-1]
	}
	begin := func() error {
		if _, err := out.Sheet(workbook.Layout{Name: name, Header: 1}); err != nil {
			return err
		}
		cells := make([]workbook.Cell, len(t.columns))
		for i, c := range t.columns {
			cells[i] = workbook.TextCell(c.name)
		}
		return out.Row(cells...)
	}
	if err := begin(); err != nil {
		return err
	}
	cells := make([]workbook.Cell, len(t.columns))
	rows := 1
	for row, err := range x.rows(ctx, x.query(t)) {
		if err != nil {
			return fmt.Errorf("read table %s: %w", t.Name, err)
		}
		if rows == sheetRows {
			if err := begin(); err != nil {
				return err
			}
			rows = 1
		}
		for i := range t.columns {
			cells[i] = x.cell(&t.columns[i], &row, t.Name, cut)
		}
		if err := out.Row(cells...); err != nil {
			return err
		}
		rows++
	}
	return nil
}

func (x *Extract) cell(c *column, r *collect.Row, table string, cut map[string]int) workbook.Cell {
	s := c.text(x, r)
	if s == "" {
		return workbook.Cell{}
	}
	if c.name == "SubmissionDate" && c.at < 0 {
		t := r.Record.Received.UTC()
		return workbook.DateCell(float64(t.UnixMilli()) / float64(24*time.Hour/time.Millisecond))
	}
	if c.kind(s) == dataset.Number {
		if v, ok := numberOf(s); ok {
			return workbook.NumberCell(v)
		}
	}
	if c.at >= 0 && c.part == whole && c.field.Kind == dataset.Date && len(s) == len(time.DateOnly) {
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return workbook.DateCell(float64(dataset.DaysOf(t.Date())))
		}
	}
	if len(s) > cellLetter && utf8.RuneCountInString(s) > cellLetter {
		cut[table+"\x00"+c.name]++
		s = string([]rune(s)[:cellLetter])
	}
	return workbook.TextCell(s)
}

func (x *Extract) codebookSheet(out *workbook.Writer, cut map[string]int) error {
	if _, err := out.Sheet(workbook.Layout{Name: "codebook", Header: 1, Widths: []float64{24, 28, 12, 12, 18, 40, 40}}); err != nil {
		return err
	}
	row := func(texts ...string) error {
		cells := make([]workbook.Cell, len(texts))
		for i, s := range texts {
			if s != "" {
				cells[i] = workbook.TextCell(s)
			}
		}
		return out.Row(cells...)
	}
	if err := x.codebook(row); err != nil {
		return err
	}
	for _, t := range x.tables {
		for _, f := range t.left {
			if err := row(t.Name, f.Path.String(), "left-out", f.Class.String()); err != nil {
				return err
			}
		}
		for _, c := range t.columns {
			if n := cut[t.Name+"\x00"+c.name]; n > 0 {
				if err := row(t.Name, c.name, "cut", "", itoa(n)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
