package release

// Policy is a disclosure rule.
type Policy struct {
	MinPeople Persons // no cell, difference of cells or rate on fewer people; default 10
}
