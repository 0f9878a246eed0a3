package release

import "slices"

// State is what became of a cell.
type State uint8

const (
	Shown      State = iota // the number is there
	Suppressed              // held back for people's safety
	Blank                   // there was no number to show
)

// Cell is a cleared cell. Where State is not Shown every number in it is zero.
type Cell struct {
	State     State
	Value     float64
	Low, High float64
	Note      string
}

// Row is a cleared row.
type Row struct {
	Heads []Head
	Cells []Cell
	Total bool
}

// Cleared is a table that may leave the house. Only this package fills it; it is a value with no way in.
// The zero Cleared is empty and is refused by package publish.
type Cleared struct {
	table *clearedTable
}

type clearedTable struct {
	key      string
	title    Labels
	unit     Labels
	dims     []Dim
	measures []Measure
	rows     []Row
	caveats  []string
	source   Labels
	policy   Policy

	facts     []fact     // what shown cells tell of named sets, for later releases
	relations []Relation // names only
}

// Valid says whether c was filled by Clear.
func (c Cleared) Valid() bool { return c.table != nil }

// Key names the table in its release.
func (c Cleared) Key() string { return c.table.key }

// Title, Unit and Source are words by language.
func (c Cleared) Title() Labels  { return c.table.title }
func (c Cleared) Unit() Labels   { return c.table.unit }
func (c Cleared) Source() Labels { return c.table.source }

// Dims and Measures are the headings of the table's columns.
func (c Cleared) Dims() []Dim         { return slices.Clone(c.table.dims) }
func (c Cleared) Measures() []Measure { return slices.Clone(c.table.measures) }

// Rows is a copy of the table itself: changing it changes nothing that leaves. For one cell, At is cheaper.
func (c Cleared) Rows() []Row {
	rows := make([]Row, len(c.table.rows))
	for i, r := range c.table.rows {
		rows[i] = Row{Heads: slices.Clone(r.Heads), Cells: slices.Clone(r.Cells), Total: r.Total}
	}
	return rows
}

// Len is the number of rows.
func (c Cleared) Len() int { return len(c.table.rows) }

// At is the cell of one row and one measure, both from 0.
func (c Cleared) At(row, measure int) Cell { return c.table.rows[row].Cells[measure] }

// Column finds a measure by its name; -1 where there is none.
func (c Cleared) Column(measure string) int {
	return slices.IndexFunc(c.table.measures, func(m Measure) bool { return m.Name == measure })
}

// Row finds the first row whose headings begin with the codes; -1 where there is none.
func (c Cleared) Row(codes ...string) int {
	return slices.IndexFunc(c.table.rows, func(r Row) bool {
		if len(codes) > len(r.Heads) {
			return false
		}
		for i, code := range codes {
			if r.Heads[i].Code != code {
				return false
			}
		}
		return true
	})
}

// Caveats are the codes of what must be said beside every number of the table.
func (c Cleared) Caveats() []string { return slices.Clone(c.table.caveats) }

// Policy is the rule the table was cleared under, its defaults filled in.
func (c Cleared) Policy() Policy { return c.table.policy }

// String names the table and holds none of its numbers, so that a log that prints a Cleared tells nothing.
func (c Cleared) String() string {
	if !c.Valid() {
		return "release.Cleared(empty)"
	}
	return "release.Cleared(" + c.table.key + ")"
}

// GoString is String.
func (c Cleared) GoString() string { return c.String() }
