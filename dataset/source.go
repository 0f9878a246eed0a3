package dataset

import (
	"context"
	"slices"
)

// Source is a table that may lie elsewhere: in memory, in Parquet files, behind an engine. A caller asks for
// counts where counts will do, and for columns where it needs rows. Package sourcetest has the contract that
// every implementation passes.
type Source interface {
	// Schema gives the fields and the number of rows.
	Schema(ctx context.Context) (Schema, error)
	// Columns gives the named columns of the rows that a filter keeps, in the order of the rows. The caller
	// must not change the table.
	Columns(ctx context.Context, names []string, where Filter) (*Table, error)
	// Tally counts the rows that a filter keeps by the values of columns, and sums measures over them.
	Tally(ctx context.Context, by, measures []string, where Filter) (*Tally, error)
}

// Schema is what is known of a table without its rows.
type Schema struct {
	Name   string
	Fields []Field
	Rows   int // -1: not known
}

// Field finds a field by name.
func (s Schema) Field(name string) (Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return s.Fields[i], true
}

// Memory is a Source over a table in memory.
type Memory struct{ Table *Table }

var _ Source = Memory{}

// Schema gives the table's fields.
func (m Memory) Schema(context.Context) (Schema, error) {
	return Schema{Name: m.Table.Name, Fields: m.Table.Fields(), Rows: m.Table.Rows()}, nil
}

// Columns gives the named columns of the rows kept.
func (m Memory) Columns(_ context.Context, names []string, where Filter) (*Table, error) {
	t, err := m.Table.Select(names...)
	if err != nil {
		return nil, err
	}
	if where.Op == All {
		return t, nil
	}
	rows, err := m.Table.Where(where)
	if err != nil {
		return nil, err
	}
	return t.Take(rows), nil
}

// Tally counts the rows kept.
func (m Memory) Tally(_ context.Context, by, measures []string, where Filter) (*Tally, error) {
	return m.Table.Tally(by, measures, where)
}
