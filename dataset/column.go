package dataset

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Kind is the type of a column's values.
type Kind uint8

const (
	Category Kind = iota // one of a list of levels, kept as codes
	Number               // a measured or counted quantity, kept as float64
	Date                 // a calendar day, kept as days since 1970-01-01
	Text                 // free text, kept as strings; never a factor of a model
)

var kindNames = [...]string{"category", "number", "date", "text"}

// String gives the name used in files and plans: category, number, date or text.
func (k Kind) String() string { return kindNames[k] }

// ParseKind reads the name that String gives.
func ParseKind(s string) (Kind, bool) {
	i := slices.Index(kindNames[:], s)
	return Kind(max(i, 0)), i >= 0
}

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
func MissingKinds() []Missing { return []Missing{Unknown, Refused, NotAsked, NotApplicable, Empty} }

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

var classNames = [...]string{"public", "internal", "restricted", "strict"}

// String gives the name used in files and plans: public, internal, restricted or strict.
func (s Sensitivity) String() string { return classNames[s] }

// ParseSensitivity reads the name that String gives.
func ParseSensitivity(s string) (Sensitivity, bool) {
	i := slices.Index(classNames[:], s)
	return Sensitivity(max(i, 0)), i >= 0
}

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

// Column is a field with its values. Build one with a Builder or with NewCategory, NewNumber, NewDate,
// NewText. It does not change once built, so it may be shared by tables and read by many goroutines.
type Column struct {
	Field
	narrow  []uint8   // Category with up to 255 levels; 255: no value. With values: index into values
	wide    []uint32  // Category with more; math.MaxUint32: no value
	values  []float64 // Number of few distinct values: what each narrow code stands for
	numbers []float64 // Number and Date; NaN: no value
	texts   *texts    // Text
	missing []Missing // of each row; nil: all present
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
	return c.missing[i]
}

// Code gives the index into Levels of a Category's row i, or -1 where there is no value.
func (c *Column) Code(i int) int {
	if c.wide != nil {
		if c.wide[i] == noWide {
			return -1
		}
		return int(c.wide[i])
	}
	if c.narrow == nil || c.values != nil || c.narrow[i] == noNarrow {
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

// Number gives the value of a Number or Date column at row i, NaN where there is none. A Date is the
// number of days since 1970-01-01.
func (c *Column) Number(i int) float64 {
	if c.numbers != nil {
		return c.numbers[i]
	}
	if c.values != nil && c.narrow[i] != noNarrow {
		return c.values[c.narrow[i]]
	}
	return math.NaN()
}

// Text gives the value of a Text column at row i, "" where there is none (ask Missing).
func (c *Column) Text(i int) string {
	if c.texts == nil {
		return ""
	}
	return c.texts.at(i)
}

// Numbers gives the values of a Number or Date column as one slice, NaN where there is none; nil for
// other kinds. The caller must not change it.
func (c *Column) Numbers() []float64 {
	if c.values == nil {
		return c.numbers
	}
	out := make([]float64, c.rows)
	for i, k := range c.narrow {
		if k == noNarrow {
			out[i] = math.NaN()
		} else {
			out[i] = c.values[k]
		}
	}
	return out
}

// MissingCount counts the rows of each kind of missing; index it by kind. Present is counted too.
func (c *Column) MissingCount() [6]int {
	var n [6]int
	if c.missing == nil {
		n[Present] = c.rows
		return n
	}
	for _, m := range c.missing {
		n[m]++
	}
	return n
}

// Cell gives row i as text as a file would hold it: the level's code, the shortest exact decimal form of a
// number, an ISO date, the text; "" where there is no value.
func (c *Column) Cell(i int) string { return string(c.AppendCell(nil, i)) }

// AppendCell appends what Cell gives to b.
func (c *Column) AppendCell(b []byte, i int) []byte {
	if c.Missing(i) != Present {
		return b
	}
	switch c.Kind {
	case Category:
		return append(b, c.Level(i)...)
	case Number:
		return appendNumber(b, c.Number(i))
	case Date:
		return appendDay(b, c.Number(i))
	}
	return append(b, c.Text(i)...)
}

// String names the column without any of its values: what people answered never gets into a log.
func (c *Column) String() string {
	return fmt.Sprintf("column %s (%s, %d rows, sealed)", c.Name, c.Kind, c.rows)
}

// GoString is String, so that %#v shows no values either.
func (c *Column) GoString() string { return c.String() }

// Equal says whether two columns have the same field, values and missing kinds, row by row.
func (c *Column) Equal(o *Column) bool {
	if c == nil || o == nil {
		return c == o
	}
	if c.rows != o.rows || !c.Field.Equal(o.Field) {
		return false
	}
	for i := range c.rows {
		if c.Missing(i) != o.Missing(i) || c.Code(i) != o.Code(i) || c.Text(i) != o.Text(i) {
			return false
		}
		if a, b := c.Number(i), o.Number(i); a != b && (a == a || b == b) {
			return false
		}
	}
	return true
}

// Equal says whether two fields are the same in every part; a nil label set equals an empty one.
func (f Field) Equal(o Field) bool {
	return f.Name == o.Name && f.Kind == o.Kind && f.HXL == o.HXL && f.Class == o.Class &&
		maps.Equal(f.Labels, o.Labels) &&
		slices.EqualFunc(f.Levels, o.Levels, func(a, b Level) bool {
			return a.Code == b.Code && maps.Equal(a.Labels, b.Labels)
		})
}
