package extract

import (
	"context"
	"fmt"
	"io"

	"waymark/dataset"
	"waymark/dataset/csv"
)

// CSV writes one table ("" the first).
func (x *Extract) CSV(ctx context.Context, w io.Writer, name string) error {
	t, err := x.table(name)
	if err != nil {
		return err
	}
	if err := x.note(ctx, "csv", t); err != nil {
		return err
	}
	return x.writeCSV(ctx, w, t)
}

// writeCSV writes a table. What a spreadsheet would run as a formula is neutralised.
func (x *Extract) writeCSV(ctx context.Context, w io.Writer, t *table) error {
	out, err := csv.NewLines(w, csv.WriteOptions{})
	if err != nil {
		return err
	}
	for i := range t.columns {
		out.Cell(t.columns[i].name, dataset.Text)
	}
	if err := out.End(); err != nil {
		return err
	}
	for row, err := range x.rows(ctx, x.query(t)) {
		if err != nil {
			return fmt.Errorf("read table %s: %w", t.Name, err)
		}
		for i := range t.columns {
			c := &t.columns[i]
			text := c.text(x, &row)
			out.Cell(text, c.kind(text))
		}
		if err := out.End(); err != nil {
			return err
		}
	}
	return out.Close()
}
