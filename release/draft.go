package release

// Persons is a number of people.
type Persons int

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
	Key      string // unique in the release, a file name without extension: "any-by-route"
	Title    Labels
	Unit     Labels    // what is counted: "people interviewed"
	Dims     []Dim     // the columns of row headings, in order
	Measures []Measure // the columns of numbers
	Rows     []DraftRow
	Caveats  []string // caveat codes: "indicators-not-victims", "sample-not-random"
	Sums     []Sum    // which rows of a Count measure add to which row: known to any reader
	Source   Labels   // where the data come from, as printed under the table
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
// unsafe where its Events or its Base - Events are fewer than the threshold and not zero... see policy.
type DraftCell struct {
	Value     float64
	Low, High float64 // interval, when the Measure is Ranged
	Base      Persons
	Events    Persons // -1: the number has no numerator (a mean, a coefficient)
	None      bool    // no number here: not estimated, does not apply, or a structural blank
	Note      string  // code of a note on this cell: "reference", "separated", "" for none
}

// Sum says that, in every Count measure of a draft, the cells of rows Parts add to the cell of row Whole.
type Sum struct {
	Whole int
	Parts []int
}
