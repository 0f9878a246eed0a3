package dataset

import (
	"fmt"
	"slices"

	"waymark/fault"
)

// Table is columns of equal length in order.
type Table struct {
	Name    string
	Columns []*Column
}

// Rows is the number of rows; a table without columns has none.
func (t *Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return t.Columns[0].Rows()
}

// Column finds a column by name; nil where there is none.
func (t *Table) Column(name string) *Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Add appends a column. It is an error to add a name twice or a column of another length.
func (t *Table) Add(c *Column) error {
	if t.Column(c.Name) != nil {
		return fmt.Errorf("add column %s: the table has one of that name: %w", c.Name, fault.Conflict)
	}
	if len(t.Columns) > 0 && c.Rows() != t.Rows() {
		return fmt.Errorf("add column %s: %d rows in a table of %d: %w", c.Name, c.Rows(), t.Rows(), fault.Invalid)
	}
	t.Columns = append(t.Columns, c)
	return nil
}

// Numbers gives a Number or Date column's values, NaN where there is none; it serves model formulas.
func (t *Table) Numbers(name string) ([]float64, bool) {
	c := t.Column(name)
	if c == nil || (c.Kind != Number && c.Kind != Date) {
		return nil, false
	}
	return c.Numbers(), true
}

// Levels gives a Category column as level codes and one code a row; it serves model formulas. narrow has
// 255 and wide math.MaxUint32 where there is no value; exactly one of them is not nil.
func (t *Table) Levels(name string) (levels []string, narrow []uint8, wide []uint32, ok bool) {
	c := t.Column(name)
	if c == nil || c.Kind != Category {
		return nil, nil, nil, false
	}
	levels = make([]string, len(c.Levels))
	for i, l := range c.Levels {
		levels[i] = l.Code
	}
	return levels, c.narrow, c.wide, true
}

// NewTable makes a table of columns. It is an error to give a name twice or columns of unequal length.
func NewTable(name string, columns ...*Column) (*Table, error) {
	t := &Table{Name: name}
	for _, c := range columns {
		if err := t.Add(c); err != nil {
			return nil, fmt.Errorf("make table %s: %w", name, err)
		}
	}
	return t, nil
}

// Fields gives what is known of each column, in order.
func (t *Table) Fields() []Field {
	out := make([]Field, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Field
	}
	return out
}

// Names gives the names of the columns, in order.
func (t *Table) Names() []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Name
	}
	return out
}

// Select gives a table of the named columns in the order named. The columns are shared, not copied.
func (t *Table) Select(names ...string) (*Table, error) {
	out := &Table{Name: t.Name}
	for _, n := range names {
		c := t.Column(n)
		if c == nil {
			return nil, noColumn(t, n)
		}
		if err := out.Add(c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// WithColumn gives a table with a column added, or put in the place of the one of its name. The table
// itself does not change; the other columns are shared.
func (t *Table) WithColumn(c *Column) (*Table, error) {
	out := &Table{Name: t.Name, Columns: slices.Clone(t.Columns)}
	for i, have := range out.Columns {
		if have.Name != c.Name {
			continue
		}
		if len(out.Columns) > 1 && c.Rows() != t.Rows() {
			return nil, fmt.Errorf("replace column %s: %d rows in a table of %d: %w", c.Name, c.Rows(), t.Rows(), fault.Invalid)
		}
		out.Columns[i] = c
		return out, nil
	}
	return out, out.Add(c)
}

// Rename gives a table in which a column has another name.
func (t *Table) Rename(name, to string) (*Table, error) {
	c := t.Column(name)
	if c == nil {
		return nil, noColumn(t, name)
	}
	if name == to {
		return t, nil
	}
	if t.Column(to) != nil {
		return nil, fmt.Errorf("rename column %s to %s: the table has one of that name: %w", name, to, fault.Conflict)
	}
	out := &Table{Name: t.Name, Columns: slices.Clone(t.Columns)}
	out.Columns[slices.Index(out.Columns, c)] = c.WithField(func(f *Field) { f.Name = to })
	return out, nil
}

// Head gives the first n rows, or all where there are fewer.
func (t *Table) Head(n int) *Table {
	n = min(max(n, 0), t.Rows())
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return t.Take(rows)
}

// Take gives the rows of these indices, in the order given; an index may occur more than once.
func (t *Table) Take(rows []int) *Table {
	out := &Table{Name: t.Name, Columns: make([]*Column, len(t.Columns))}
	for i, c := range t.Columns {
		out.Columns[i] = c.Take(rows)
	}
	return out
}

// Keep gives the rows for which keep is true; keep has one entry a row.
func (t *Table) Keep(keep []bool) *Table {
	rows := make([]int, 0, len(keep))
	for i, k := range keep {
		if k {
			rows = append(rows, i)
		}
	}
	return t.Take(rows)
}

// String names the table without any of its values.
func (t *Table) String() string {
	return fmt.Sprintf("table %s (%d columns, %d rows, sealed)", t.Name, len(t.Columns), t.Rows())
}

// GoString is String, so that %#v shows no values either.
func (t *Table) GoString() string { return t.String() }

// Equal says whether two tables have equal columns in the same order. The name of the table is not compared.
func (t *Table) Equal(o *Table) bool {
	if t == nil || o == nil {
		return t == o
	}
	return slices.EqualFunc(t.Columns, o.Columns, (*Column).Equal)
}

func noColumn(t *Table, name string) error {
	return fault.Issue{Code: CodeNoColumn, Place: fault.Place{Document: t.Name, Field: name}, Kind: fault.NotFound,
		Args: map[string]any{"column": name}}
}
