package release

// Persons is a number of people.
type Persons int

// Nobody as the Base of a cell says that the number is not about people at all (a setting of the plan, the
// year of a source, a figure quoted from a publication): it is shown as it is. A number computed from
// interviews or records never has Nobody as its Base.
const Nobody Persons = -1

// Labels are words by BCP 47 tag: {"en": "Men", "fr": "Hommes"}.
type Labels map[string]string

// Form is how a number is to be read and written.
type Form uint8

const (
	Count       Form = iota // people or events, whole
	Share                   // 0 to 1, written as per cent
	Ratio                   // odds ratio, rate ratio: multiplicative scale
	Real                    // any other number; Digits of the Measure say how many decimals
	Probability             // predicted probability, 0 to 1, written as per cent
)

// Draft is a table that asks to be cleared. It is a matrix of Rows x Measures.
type Draft struct {
	Key       string // unique in the release, a file name without extension: "any-by-route"
	Title     Labels
	Unit      Labels    // what is counted: "people interviewed"
	Dims      []Dim     // the columns of row headings, in order
	Measures  []Measure // the columns of numbers
	Rows      []DraftRow
	Caveats   []string   // caveat codes: "indicators-not-victims", "sample-not-random"
	Sums      []Sum      // which rows of a Count measure add to which row: known to any reader
	Across    []Sum      // the same over the measures of each row, by measure: columns that add to a column; Whole -1 where the parts are Shares that split one base
	Relations []Relation // which sets of people lie in which; may speak of sets of other drafts
	Source    Labels     // where the data come from, as printed under the table

	// Order sorts the rows once they are cleared. A draft must not be sorted by a number that may be held
	// back: its place between others would tell it.
	Order Order
	// Unseen counts sets that no cell shows but that stand in Relations: where several speak of one set, a
	// reader can reckon with it. It is protected as a cell is.
	Unseen map[string]Persons
	// Known counts sets that every reader knows whatever is cleared here.
	Known map[string]Persons
}

// Order puts the rows that show a number of the measure first, in falling order of it, and then those that
// do not, by the codes of their headings; totals stay last. The zero Order leaves rows as drafted.
type Order struct {
	Measure string
	Rising  bool // the least first

	// Last are codes of the first heading that stand after all others, whatever their number: the countries
	// not named, the answers not known. Their place tells nothing.
	Last []string
}

// Dim is one row-heading column.
type Dim struct {
	Name   string // "route"
	Labels Labels
}

// Measure is one column of numbers.
type Measure struct {
	Name   string // "share", "n", "odds_ratio"
	Labels Labels
	Form   Form
	Digits int  // decimals for Real and Ratio
	Ranged bool // its cells carry Low and High
	// Sensitive says that to have what the measure counts is itself private. A row in which everybody has it
	// is then held back as well, since it tells of each person known to be in that row.
	Sensitive bool
}

// DraftRow is one row: a heading per Dim and a cell per Measure.
type DraftRow struct {
	Heads []Head
	Cells []DraftCell
	Total bool // a total of other rows; shown apart
}

// Head is one row heading: a stable code and its words.
type Head struct {
	Code   string // "central"
	Labels Labels
}

// DraftCell is a number with the people it rests on. Base is how many people the number is computed over
// (the denominator of a share, the people of a model's level); Events how many of them are counted (the
// numerator; for a Count of people Base itself). Both are checked against the threshold: a share is
// unsafe where its Base is below the threshold, or where its Events or its Base - Events lie between 1 and
// the threshold less one.
//
// A Count whose Base is 0 counts people, and Base is taken to be Value; a Count of anything else (incidents,
// visits, weighted people) must say on how many people it rests.
type DraftCell struct {
	Value     float64
	Low, High float64 // interval, when the Measure is Ranged
	Base      Persons // Nobody: the number is not about people
	Events    Persons // -1: the number has no numerator (a mean, a coefficient); of a Share: worked out from Value and Base
	None      bool    // no number here: not estimated, does not apply, or a structural blank
	Note      string  // code of a note on this cell: "reference", "separated", "" for none

	// Set names the people that Base counts (for a Count: that Value counts); EventSet those that Events
	// counts. Cells of one name, in whatever table, count the same people: where one is hidden so is every
	// other. Names made by SetOf ("route=central&sex=men") also tell which set lies in which. Empty: the
	// set is known to this row only. Names are not printed.
	Set      string
	EventSet string
	RestSet  string // of a Share: those whom Base counts and Events does not
}

// Sum says that, in every Count measure of a draft (and the people behind every Share), the cells of rows
// Parts add to the cell of row Whole.
// Where parts add to less than their whole, what remains counts people too and is protected as they are.
type Sum struct {
	Whole int
	Parts []int
	Of    []string // names of the measures for which it holds; none: every one of people
}

// Relation says that the sets Parts lie in the set Whole and share nobody. What remains of Whole outside
// them is a number of people and is protected like a cell. A set that no cell of the release names is
// ignored as a part, since then nobody can reckon with it.
type Relation struct {
	Whole string
	Parts []string
}
