package dataset

import (
	"slices"
	"strconv"
	"strings"

	"waymark/fault"
)

// Filter says which rows count. It is a small value: it can be printed, parsed from a plan (ParseFilter) and
// handed to the engine that holds the data. The zero value keeps every row.
//
// Comparisons follow SQL: a row without a value in the column is neither equal nor unequal to anything, so
// neither `age >= 18` nor `not age >= 18` keeps it; only `is missing` and its like do.
type Filter struct {
	Op     Op
	Column string   // of a comparison
	Values []string // one of a comparison, any number of In and NotIn, missing kinds of IsMissing
	Parts  []Filter // of And, Or; one of Not
}

// Op is what a filter does.
type Op uint8

const (
	All       Op = iota // every row
	And                 // every part holds
	Or                  // a part holds
	Not                 // the part does not hold
	In                  // the value is one of Values
	NotIn               // there is a value, none of Values
	Less                // numbers and days: below the value
	AtMost              // at most the value
	Greater             // above the value
	AtLeast             // at least the value
	IsMissing           // there is no value, for one of the kinds in Values, or any where there are none
	IsPresent           // there is a value
)

// Equal keeps rows whose value is one of these: level codes, texts, numbers as a file writes them, ISO dates.
func Equal(column string, values ...string) Filter {
	return Filter{Op: In, Column: column, Values: values}
}

// Both keeps rows that every part keeps.
func Both(parts ...Filter) Filter { return Filter{Op: And, Parts: parts} }

// Either keeps rows that a part keeps.
func Either(parts ...Filter) Filter { return Filter{Op: Or, Parts: parts} }

// truth is the three-valued logic of SQL.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

// Columns names the columns a filter asks for, each once, in the order met.
func (f Filter) Columns() []string {
	var out []string
	if f.Column != "" {
		out = append(out, f.Column)
	}
	for _, p := range f.Parts {
		for _, n := range p.Columns() {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// Where gives the rows that a filter keeps, as indices in order. It is an error where a column is not there
// or a number is asked of a category or text.
func (t *Table) Where(f Filter) ([]int, error) {
	test, err := f.compile(t)
	if err != nil {
		return nil, err
	}
	rows := []int{}
	for i := range t.Rows() {
		if test(i) == yes {
			rows = append(rows, i)
		}
	}
	return rows, nil
}

// Filtered gives the rows that a filter keeps; the zero filter gives the table itself.
func (t *Table) Filtered(f Filter) (*Table, error) {
	if f.Op == All {
		return t, nil
	}
	rows, err := t.Where(f)
	if err != nil {
		return nil, err
	}
	return t.Take(rows), nil
}

func (f Filter) compile(t *Table) (func(i int) truth, error) {
	switch f.Op {
	case All:
		return func(int) truth { return yes }, nil
	case And, Or, Not:
		return f.compileParts(t)
	}
	c := t.Column(f.Column)
	if c == nil {
		return nil, noColumn(t, f.Column)
	}
	switch f.Op {
	case IsPresent:
		return func(i int) truth { return truthOf(c.Missing(i) == Present) }, nil
	case IsMissing:
		return f.compileMissing(t, c)
	case In, NotIn:
		return f.compileIn(t, c)
	}
	return f.compileOrder(t, c)
}

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (f Filter) compileParts(t *Table) (func(i int) truth, error) {
	tests := make([]func(int) truth, len(f.Parts))
	for k, p := range f.Parts {
		var err error
		if tests[k], err = p.compile(t); err != nil {
			return nil, err
		}
	}
	switch {
	case f.Op == Not && len(tests) == 1:
		return func(i int) truth { return yes - tests[0](i) }, nil
	case f.Op == Not:
		return nil, fault.Issue{Code: CodeFilterSyntax, Args: map[string]any{"at": 1, "near": "not"}}
	case f.Op == And:
		return func(i int) truth {
			out := yes
			for _, test := range tests {
				out = min(out, test(i))
			}
			return out
		}, nil
	}
	return func(i int) truth {
		out := no
		for _, test := range tests {
			out = max(out, test(i))
		}
		return out
	}, nil
}

func (f Filter) compileMissing(t *Table, c *Column) (func(i int) truth, error) {
	var want [6]bool
	for _, v := range f.Values {
		m, ok := ParseMissing(v)
		if !ok {
			return nil, f.mistyped(t, c)
		}
		want[m] = true
	}
	if len(f.Values) == 0 {
		want = [6]bool{false, true, true, true, true, true}
	}
	return func(i int) truth { return truthOf(want[c.Missing(i)]) }, nil
}

func (f Filter) compileIn(t *Table, c *Column) (func(i int) truth, error) {
	hit, miss := yes, no
	if f.Op == NotIn {
		hit, miss = no, yes
	}
	switch c.Kind {
	case Category:
		found := make([]truth, len(c.Levels))
		for k, l := range c.Levels {
			found[k] = miss
			if slices.Contains(f.Values, l.Code) {
				found[k] = hit
			}
		}
		return func(i int) truth {
			if k := c.Code(i); k >= 0 {
				return found[k]
			}
			return unknown
		}, nil
	case Text:
		return func(i int) truth {
			switch {
			case c.Missing(i) != Present:
				return unknown
			case slices.Contains(f.Values, c.Text(i)):
				return hit
			}
			return miss
		}, nil
	}
	values := make([]float64, len(f.Values))
	for k, v := range f.Values {
		x, ok := numberIn(c, v)
		if !ok {
			return nil, f.mistyped(t, c)
		}
		values[k] = x
	}
	return func(i int) truth {
		x := c.Number(i)
		switch {
		case c.Missing(i) != Present:
			return unknown
		case slices.Contains(values, x):
			return hit
		}
		return miss
	}, nil
}

func (f Filter) compileOrder(t *Table, c *Column) (func(i int) truth, error) {
	if len(f.Values) != 1 || (c.Kind != Number && c.Kind != Date) {
		return nil, f.mistyped(t, c)
	}
	v, ok := numberIn(c, f.Values[0])
	if !ok {
		return nil, f.mistyped(t, c)
	}
	holds := map[Op]func(x float64) bool{
		Less: func(x float64) bool { return x < v }, AtMost: func(x float64) bool { return x <= v },
		Greater: func(x float64) bool { return x > v }, AtLeast: func(x float64) bool { return x >= v },
	}[f.Op]
	if holds == nil {
		return nil, f.mistyped(t, c)
	}
	return func(i int) truth {
		if c.Missing(i) != Present {
			return unknown
		}
		return truthOf(holds(c.Number(i)))
	}, nil
}

// numberIn reads the value of a comparison for a column of numbers or days.
func numberIn(c *Column, v string) (float64, bool) {
	if c.Kind == Date {
		x, _, ok := parseDay([]byte(v), nil, false)
		return x, ok
	}
	x, err := strconv.ParseFloat(v, 64)
	return x, err == nil && x == x
}

func (f Filter) mistyped(t *Table, c *Column) error {
	return fault.Issue{Code: CodeFilterType, Place: fault.Place{Document: t.Name, Field: c.Name},
		Args: map[string]any{"column": c.Name, "kind": c.Kind.String(), "filter": f.String()}}
}

var opWords = map[Op]string{In: "=", NotIn: "!=", Less: "<", AtMost: "<=", Greater: ">", AtLeast: ">="}

// String prints the filter as ParseFilter reads it; "" for the one that keeps every row.
func (f Filter) String() string {
	switch f.Op {
	case All:
		return ""
	case And, Or:
		word := " and "
		if f.Op == Or {
			word = " or "
		}
		parts := make([]string, len(f.Parts))
		for i, p := range f.Parts {
			parts[i] = p.String()
			if p.Op == And || p.Op == Or {
				parts[i] = "(" + parts[i] + ")"
			}
		}
		return strings.Join(parts, word)
	case Not:
		if len(f.Parts) == 1 {
			return "not (" + f.Parts[0].String() + ")"
		}
		return "not ()"
	case IsPresent:
		return quoteName(f.Column) + " is present"
	case IsMissing:
		if len(f.Values) == 0 {
			return quoteName(f.Column) + " is missing"
		}
		return quoteName(f.Column) + " is " + strings.Join(f.Values, ", ")
	}
	if (f.Op == In || f.Op == NotIn) && len(f.Values) != 1 {
		values := make([]string, len(f.Values))
		for i, v := range f.Values {
			values[i] = quoteValue(v)
		}
		word := " in ("
		if f.Op == NotIn {
			word = " not in ("
		}
		return quoteName(f.Column) + word + strings.Join(values, ", ") + ")"
	}
	return quoteName(f.Column) + " " + opWords[f.Op] + " " + quoteValue(strings.Join(f.Values, " "))
}

func quoteName(s string) string {
	if isWord(s) && !reserved[s] {
		return s
	}
	return "`" + strings.ReplaceAll(s, "`", "``") + "`"
}

func quoteValue(s string) string {
	if _, err := strconv.ParseFloat(s, 64); err == nil && isNumberToken(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
