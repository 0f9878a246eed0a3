package dataset

import (
	"math"
)

// Kind is the type of a column's values.
type Kind uint8

const (
	Category Kind = iota // one of a list of levels, kept as codes
	Number               // a measured or counted quantity, kept as float64
	Date                 // a calendar day, kept as days since 1970-01-01
	Text                 // free text, kept as strings; never a factor of a model
)

// Missing is why there is no value. Present means that there is one.
type Missing uint8

const (
	Present       Missing = iota
	Unknown               // the person does not know
	Refused               // the person prefers not to say
	NotAsked              // the question was not part of this interview
	NotApplicable         // the question does not apply to this person
	Empty                 // nothing was written and nothing says why
)

// MissingKinds lists the five kinds that are not values, in order.
var missingNames = [...]string{"", "unknown", "refused", "not_asked", "not_applicable", "empty"}

// String gives the code used in files: unknown, refused, not_asked, not_applicable, empty; "" for Present.
func (m Missing) String() string { return missingNames[m] }

// ParseMissing reads the code that String gives.
func ParseMissing(s string) (Missing, bool) {
	for i, n := range missingNames {
		if i > 0 && n == s {
			return Missing(i), true
		}
	}
	return Present, false
}

// Sensitivity is who may see a column.
type Sensitivity uint8

const (
	Public Sensitivity = iota
	Internal
	Restricted
	Strict
)

// Labels are names by BCP 47 tag: {"en": "Sex", "fr": "Sexe"}.
type Labels map[string]string

// In gives the label in a language, or the fallback where there is none.
func (l Labels) In(tag, fallback string) string {
	if s := l[tag]; s != "" {
		return s
	}
	return fallback
}

// Level is one value of a category.
type Level struct {
	Code   string // as in the file
	Labels Labels
}

// Field is what is known of a column besides its values.
type Field struct {
	Name   string
	Kind   Kind
	Labels Labels
	HXL    string
	Class  Sensitivity
	Levels []Level // of a Category, in order; the first is the reference of a model
}

// Column is a field with its values. Build one with a Builder or with NewCategory, NewNumber, NewText.
type Column struct {
	Field
	narrow  []uint8   // Category with up to 255 levels; 255: no value
	wide    []uint32  // Category with more; math.MaxUint32: no value
	numbers []float64 // Number and Date; NaN: no value
	texts   []string  // Text
	missing []uint8   // Missing of each row; nil: all present
	rows    int
}

const (
	noNarrow = math.MaxUint8
	noWide   = math.MaxUint32
)

// Rows is the number of rows.
func (c *Column) Rows() int { return c.rows }

// Missing says why row i has no value, Present where it has one.
func (c *Column) Missing(i int) Missing {
	if c.missing == nil {
		return Present
	}
	return Missing(c.missing[i])
}

// Code gives the index into Levels of a Category's row i, or -1 where there is no value.
func (c *Column) Code(i int) int {
	if c.wide != nil {
		if c.wide[i] == noWide {
			return -1
		}
		return int(c.wide[i])
	}
	if c.narrow == nil || c.narrow[i] == noNarrow {
		return -1
	}
	return int(c.narrow[i])
}

// Level gives the code text of a Category's row i, "" where there is no value.
func (c *Column) Level(i int) string {
	if k := c.Code(i); k >= 0 {
		return c.Levels[k].Code
	}
	return ""
}

// Number gives the value of a Number or Date column at row i, NaN where there is none.
func (c *Column) Number(i int) float64 {
	if c.numbers == nil {
		return math.NaN()
	}
	return c.numbers[i]
}

// Text gives the value of a Text column at row i, "" where there is none (ask Missing).
func (c *Column) Text(i int) string {
	if c.texts == nil {
		return ""
	}
	return c.texts[i]
}
