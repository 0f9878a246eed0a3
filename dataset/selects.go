package dataset

// MultiSelect is a question with several answers: a column of space-separated codes and one column of 0 and 1
// for each option.
type MultiSelect struct {
	Column  string         // the column of lists
	Options []SelectOption // in the order of the file
}

// SelectOption is one answer and its column.
type SelectOption struct {
	Code   string
	Column string
}
