package release

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

// Dims, Measures and Rows are the table itself; the caller must not change them.
func (c Cleared) Dims() []Dim         { return c.table.dims }
func (c Cleared) Measures() []Measure { return c.table.measures }
func (c Cleared) Rows() []Row         { return c.table.rows }

// Caveats are the codes of what must be said beside every number of the table.
func (c Cleared) Caveats() []string { return c.table.caveats }

// Policy is the rule the table was cleared under.
func (c Cleared) Policy() Policy { return c.table.policy }
