package parquet

import (
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"waymark/dataset"
	"waymark/fault"
)

// WriteOptions is how a table is written. The zero value is fit for use.
type WriteOptions struct {
	Table string // name kept in the metadata
	// Companions names the columns that get a column NAME__missing. Write finds them by itself where it is
	// nil: those with a missing kind other than Empty. For a Writer they must be named beforehand.
	Companions []string
	// GroupRows is the number of rows of a row group; 0 means 1,000,000. The writer holds a group's
	// compressed pages in memory.
	GroupRows int
	Notes     map[string]string // key-value metadata beside ours: "waymark.clearance"
}

const (
	defaultGroupRows = 1_000_000
	writeBatch       = 4096 // rows turned into values at a time
	dictionaryBytes  = 1 << 20
)

// Write writes a whole table.
func Write(w io.Writer, t *dataset.Table, options WriteOptions) error {
	if options.Companions == nil {
		options.Companions = dataset.NeedCompanions(t)
	}
	if options.Table == "" {
		options.Table = t.Name
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
	to         *parquet.GenericWriter[any]
	fields     []dataset.Field
	companions []int // index of the file's column that explains the field, -1: none
	place      []int // index of the file's column of the field
	options    WriteOptions
	known      []map[string]bool // levels described of each field
	inGroup    int
	values     []parquet.Value
}

// NewWriter starts a file with these columns. Levels are those of the fields, then those that batches add.
// Call Close at the end: a file without its end cannot be read.
func NewWriter(w io.Writer, fields []dataset.Field, options WriteOptions) (*Writer, error) {
	if options.GroupRows <= 0 {
		options.GroupRows = defaultGroupRows
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("write parquet: a table needs a column: %w", fault.Invalid)
	}
	out := &Writer{fields: slices.Clone(fields), options: options, values: make([]parquet.Value, 0, writeBatch)}
	nodes := map[string]parquet.Node{}
	var names []string
	for _, f := range fields {
		if nodes[f.Name] != nil {
			return nil, fmt.Errorf("write parquet: two columns %s: %w", f.Name, fault.Conflict)
		}
		out.place = append(out.place, len(names))
		nodes[f.Name] = nodeOf(f.Kind)
		names = append(names, f.Name)
		at := -1
		if slices.Contains(options.Companions, f.Name) {
			at = len(names)
			n := f.Name + dataset.CompanionSuffix
			if nodes[n] != nil || slices.ContainsFunc(fields, func(g dataset.Field) bool { return g.Name == n }) {
				return nil, fmt.Errorf("write parquet: a column %s is already there: %w", n, fault.Conflict)
			}
			nodes[n] = nodeOf(dataset.Category)
			names = append(names, n)
		}
		out.companions = append(out.companions, at)
		levels := map[string]bool{}
		for _, l := range f.Levels {
			levels[l.Code] = true
		}
		out.known = append(out.known, levels)
	}
	out.to = parquet.NewGenericWriter[any](w,
		parquet.NewSchema("table", newOrdered(names, nodes)),
		parquet.Compression(&parquet.Snappy),
		parquet.CreatedBy("waymark", "1", ""),
		parquet.DictionaryMaxBytes(dictionaryBytes),
		parquet.DataPageStatistics(true))
	return out, nil
}

// Write writes the rows of a table whose columns are the fields given to NewWriter, in their order.
func (w *Writer) Write(t *dataset.Table) error {
	if len(t.Columns) != len(w.fields) {
		return fmt.Errorf("write parquet: %d columns where the file has %d: %w", len(t.Columns), len(w.fields), fault.Invalid)
	}
	for i, c := range t.Columns {
		if c.Name != w.fields[i].Name || c.Kind != w.fields[i].Kind {
			return fmt.Errorf("write parquet: column %s of kind %s where the file has %s of kind %s: %w",
				c.Name, c.Kind, w.fields[i].Name, w.fields[i].Kind, fault.Invalid)
		}
	}
	for k, c := range t.Columns {
		for _, l := range c.Levels {
			if !w.known[k][l.Code] {
				w.known[k][l.Code] = true
				w.fields[k].Levels = append(slices.Clip(w.fields[k].Levels), l)
			}
		}
	}
	for from := 0; from < t.Rows(); {
		to := min(from+writeBatch, t.Rows(), from+w.options.GroupRows-w.inGroup)
		for k, c := range t.Columns {
			if err := w.column(k, c, from, to); err != nil {
				return fmt.Errorf("write parquet: column %s: %w", c.Name, err)
			}
		}
		if w.inGroup += to - from; w.inGroup >= w.options.GroupRows {
			if err := w.to.Flush(); err != nil {
				return fmt.Errorf("write parquet: %w", err)
			}
			w.inGroup = 0
		}
		from = to
	}
	return nil
}

func (w *Writer) column(k int, c *dataset.Column, from, to int) error {
	w.values = w.values[:0]
	place := w.place[k]
	null := parquet.NullValue().Level(0, 0, place)
	var levels []parquet.Value
	if c.Kind == dataset.Category {
		levels = make([]parquet.Value, len(c.Levels))
		for i, l := range c.Levels {
			levels[i] = parquet.ByteArrayValue([]byte(l.Code)).Level(0, 1, place)
		}
	}
	for i := from; i < to; i++ {
		m := c.Missing(i)
		if m != dataset.Present {
			if m != dataset.Empty && w.companions[k] < 0 {
				return fmt.Errorf("it has missing kinds and no companion column was asked for: %w", fault.Invalid)
			}
			w.values = append(w.values, null)
			continue
		}
		switch c.Kind {
		case dataset.Category:
			w.values = append(w.values, levels[c.Code(i)])
		case dataset.Number:
			w.values = append(w.values, parquet.DoubleValue(c.Number(i)).Level(0, 1, place))
		case dataset.Date:
			w.values = append(w.values, parquet.Int32Value(int32(c.Number(i))).Level(0, 1, place))
		default:
			w.values = append(w.values, parquet.ByteArrayValue([]byte(c.Text(i))).Level(0, 1, place))
		}
	}
	if _, err := w.to.ColumnWriters()[place].WriteRowValues(w.values); err != nil {
		return err
	}
	if place = w.companions[k]; place < 0 {
		return nil
	}
	var kinds [6]parquet.Value
	kinds[dataset.Present] = parquet.NullValue().Level(0, 0, place)
	for _, m := range dataset.MissingKinds() {
		kinds[m] = parquet.ByteArrayValue([]byte(m.String())).Level(0, 1, place)
	}
	w.values = w.values[:0]
	for i := from; i < to; i++ {
		w.values = append(w.values, kinds[c.Missing(i)])
	}
	_, err := w.to.ColumnWriters()[place].WriteRowValues(w.values)
	return err
}

// Close writes the end of the file, with what is known of the columns.
func (w *Writer) Close() error {
	description, err := encodeMetadata(w.options.Table, w.fields)
	if err != nil {
		return err
	}
	w.to.SetKeyValueMetadata(metadataKey, description)
	for key, note := range w.options.Notes {
		w.to.SetKeyValueMetadata(key, note)
	}
	if err := w.to.Close(); err != nil {
		return fmt.Errorf("write parquet: %w", err)
	}
	return nil
}
