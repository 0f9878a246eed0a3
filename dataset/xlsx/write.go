package xlsx

import (
	"fmt"
	"io"
	"slices"

	"waymark/dataset"
	"waymark/fault"
	"waymark/workbook"
)

// WriteOptions is how tables are written. The zero value writes the data and a codebook.
type WriteOptions struct {
	Readme    []string // lines of a first sheet, in words; none: no such sheet
	Languages []string // BCP 47 tags of the labels in the codebook; nil: en and fr
	HXL       bool     // a row of HXL tags below the header
	Bare      bool     // data only
}

// The names of sheets and of the codebook's columns are the same in every language: programs look for them.
const (
	readmeSheet   = "readme"
	codebookSheet = "codebook"
)

// Write writes tables, a sheet each, behind a readme and before a codebook: what every column and every level
// means. Codes stay texts (001, MW311), numbers numbers, days days; text is never a formula. A column with
// missing kinds other than Empty gets a column NAME__missing beside it.
func Write(w io.Writer, tables []*dataset.Table, o WriteOptions) error {
	if len(tables) == 0 {
		return fmt.Errorf("write workbook: no table: %w", fault.Invalid)
	}
	if o.Languages == nil {
		o.Languages = []string{"en", "fr"}
	}
	out := workbook.NewWriter(w)
	if len(o.Readme) > 0 && !o.Bare {
		if err := writeReadme(out, o.Readme); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := writeTable(out, t, o); err != nil {
			return fmt.Errorf("write table %s: %w", t.Name, err)
		}
	}
	if !o.Bare {
		if err := writeCodebook(out, tables, o.Languages); err != nil {
			return err
		}
	}
	return out.Close()
}

func writeReadme(out *workbook.Writer, lines []string) error {
	if _, err := out.Sheet(workbook.Layout{Name: readmeSheet, Widths: []float64{110}, Prose: true}); err != nil {
		return err
	}
	for _, l := range lines {
		if err := out.Row(workbook.TextCell(l)); err != nil {
			return err
		}
	}
	return nil
}

func writeTable(out *workbook.Writer, t *dataset.Table, o WriteOptions) error {
	name := t.Name
	if name == "" {
		name = "data"
	}
	companions := dataset.NeedCompanions(t)
	tags := o.HXL && slices.ContainsFunc(t.Columns, func(c *dataset.Column) bool { return c.HXL != "" })
	header := 1
	if tags {
		header = 2
	}
	if _, err := out.Sheet(workbook.Layout{Name: name, Header: header}); err != nil {
		return err
	}
	var cells []workbook.Cell
	add := func(text func(c *dataset.Column) string, suffix string) error {
		cells = cells[:0]
		for _, c := range t.Columns {
			cells = append(cells, textCell(text(c)))
			if slices.Contains(companions, c.Name) {
				beside := ""
				if suffix != "" {
					beside = c.Name + suffix
				}
				cells = append(cells, textCell(beside))
			}
		}
		return out.Row(cells...)
	}
	if err := add(func(c *dataset.Column) string { return c.Name }, dataset.CompanionSuffix); err != nil {
		return err
	}
	if tags {
		if err := add(func(c *dataset.Column) string { return c.HXL }, ""); err != nil {
			return err
		}
	}
	for i := range t.Rows() {
		cells = cells[:0]
		for _, c := range t.Columns {
			cells = append(cells, cellOf(c, i))
			if slices.Contains(companions, c.Name) {
				cells = append(cells, textCell(c.Missing(i).String()))
			}
		}
		if err := out.Row(cells...); err != nil {
			return err
		}
	}
	return nil
}

// cellOf gives a value with the type it has.
func cellOf(c *dataset.Column, i int) workbook.Cell {
	if c.Missing(i) != dataset.Present {
		return workbook.Cell{}
	}
	switch c.Kind {
	case dataset.Number:
		return workbook.NumberCell(c.Number(i))
	case dataset.Date:
		return workbook.DateCell(c.Number(i))
	case dataset.Text:
		return textCell(c.Text(i))
	}
	return textCell(c.Level(i))
}

func textCell(s string) workbook.Cell {
	if s == "" {
		return workbook.Cell{}
	}
	return workbook.TextCell(s)
}

// writeCodebook writes one row a column and one a level.
func writeCodebook(out *workbook.Writer, tables []*dataset.Table, languages []string) error {
	if _, err := out.Sheet(workbook.Layout{Name: codebookSheet, Header: 1, Widths: []float64{24, 28, 12, 18, 40, 40}}); err != nil {
		return err
	}
	header := []workbook.Cell{textCell("table"), textCell("column"), textCell("kind"), textCell("code")}
	for _, l := range languages {
		header = append(header, textCell("label_"+l))
	}
	header = append(header, textCell("hxl"), textCell("class"))
	if err := out.Row(header...); err != nil {
		return err
	}
	for _, t := range tables {
		for _, c := range t.Columns {
			row := []workbook.Cell{textCell(t.Name), textCell(c.Name), textCell(c.Kind.String()), {}}
			row = append(row, labelCells(c.Labels, languages)...)
			if err := out.Row(append(row, textCell(c.HXL), textCell(c.Class.String()))...); err != nil {
				return err
			}
			for _, l := range c.Levels {
				row := []workbook.Cell{textCell(t.Name), textCell(c.Name), {}, textCell(l.Code)}
				if err := out.Row(append(row, labelCells(l.Labels, languages)...)...); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func labelCells(l dataset.Labels, languages []string) []workbook.Cell {
	cells := make([]workbook.Cell, len(languages))
	for i, tag := range languages {
		cells[i] = textCell(l[tag])
	}
	return cells
}
