package dataset

import (
	"fmt"

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
	return c.numbers, true
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
