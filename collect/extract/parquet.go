package extract

import (
	"context"
	"fmt"
	"io"
	"time"

	"waymark/collect"
	"waymark/dataset"
	"waymark/dataset/parquet"
	"waymark/fault"
	"waymark/form"
)

// batch is the number of rows that are held before they are written.
const batch = 4096

// Parquet writes one table ("" the first): public and internal columns only, whoever asks.
func (x *Extract) Parquet(ctx context.Context, w io.Writer, name string) error {
	if x.options.Restricted || x.options.Opening != "" {
		return fault.Issue{Code: CodeParquetProtected, Kind: fault.Forbidden}
	}
	t, err := x.table(name)
	if err != nil {
		return err
	}
	if err := x.note(ctx, "parquet", t); err != nil {
		return err
	}
	columns := plainColumns(t)
	fields := make([]dataset.Field, len(columns))
	var companions []string
	for i, c := range columns {
		fields[i] = c.plain()
		if c.at >= 0 {
			companions = append(companions, fields[i].Name)
		}
	}
	out, err := parquet.NewWriter(w, fields, parquet.WriteOptions{Table: t.Name, Companions: companions, GroupRows: 100_000,
		Notes: map[string]string{"waymark.clearance": "not cleared"}})
	if err != nil {
		return err
	}
	builders := begin(fields)
	n := 0
	for row, err := range x.rows(ctx, x.query(t)) {
		if err != nil {
			return fmt.Errorf("read table %s: %w", t.Name, err)
		}
		for i := range columns {
			columns[i].build(builders[i], x, &row)
		}
		if n++; n == batch {
			if err := flush(out, t.Name, builders); err != nil {
				return err
			}
			builders, n = begin(fields), 0
		}
	}
	if err := flush(out, t.Name, builders); err != nil {
		return err
	}
	return out.Close()
}

// plainColumns leaves companions out: the writer makes its own. Names that stand twice are numbered.
func plainColumns(t *table) []column {
	var out []column
	met := map[string]int{}
	for _, c := range t.columns {
		if c.part == missingPart {
			continue
		}
		if met[c.name]++; met[c.name] > 1 {
			c.name += "_" + itoa(met[c.name])
		}
		out = append(out, c)
	}
	return out
}

func begin(fields []dataset.Field) []*dataset.Builder {
	out := make([]*dataset.Builder, len(fields))
	for i, f := range fields {
		out[i] = dataset.NewBuilder(f)
	}
	return out
}

func flush(out *parquet.Writer, name string, builders []*dataset.Builder) error {
	columns := make([]*dataset.Column, len(builders))
	for i, b := range builders {
		columns[i] = b.Column()
	}
	t, err := dataset.NewTable(name, columns...)
	if err != nil {
		return err
	}
	return out.Write(t)
}

// plain is the column as Parquet has it.
func (c *column) plain() dataset.Field {
	f := dataset.Field{Name: c.name, Kind: dataset.Text}
	switch {
	case c.at < 0:
		switch c.name {
		case "AttachmentsPresent", "AttachmentsExpected", "Edits":
			f.Kind = dataset.Number
		case "Status", "ReviewState", "FormVersion", "SubmitterID":
			f.Kind = dataset.Category
		}
		return f
	case c.part == optionPart, c.part >= latitudePart && c.part <= accuracyPart:
		f.Kind = dataset.Number
	default:
		f.Kind, f.Levels = c.field.Kind, c.field.Levels
		if c.field.Type == form.SelectMultiple || c.field.Type == form.Rank {
			f.Kind, f.Levels = dataset.Text, nil
		}
	}
	f.Labels, f.HXL, f.Class = c.field.Labels, c.field.HXL, c.field.Class
	return f
}

func (c *column) build(b *dataset.Builder, x *Extract, r *collect.Row) {
	f := c.plain()
	if c.at >= 0 && !r.Record.Encrypted {
		if m := r.Cells[c.at].Missing; m != dataset.Present {
			b.Missing(m)
			return
		}
	}
	s := c.text(x, r)
	if s == "" {
		b.Missing(dataset.Empty)
		return
	}
	switch f.Kind {
	case dataset.Number:
		if v, ok := numberOf(s); ok {
			b.Number(v)
			return
		}
		b.Missing(dataset.Empty)
	case dataset.Date:
		if len(s) >= len(time.DateOnly) {
			if t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)]); err == nil {
				b.Time(t)
				return
			}
		}
		b.Missing(dataset.Empty)
	case dataset.Category:
		b.Level(s)
	default:
		b.Text(s)
	}
}
