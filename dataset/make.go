package dataset

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"waymark/fault"
)

// NewCategory makes a category from one code text a row; "" is Empty. Levels stand in the order of
// SortLevels, unless levels names them, the reference first; others follow in the order met.
func NewCategory(name string, codes []string, levels ...string) *Column {
	field := Field{Name: name, Kind: Category}
	if len(levels) == 0 {
		seen := map[string]bool{}
		for _, c := range codes {
			if c != "" && !seen[c] {
				seen[c] = true
				levels = append(levels, c)
			}
		}
		SortLevels(levels)
	}
	for _, l := range levels {
		field.Levels = append(field.Levels, Level{Code: l})
	}
	b := NewBuilder(field)
	for _, c := range codes {
		b.Level(c)
	}
	return b.Column()
}

// NewNumber makes a column of numbers; NaN is Empty. The slice is copied.
func NewNumber(name string, values []float64) *Column {
	return FromNumbers(Field{Name: name, Kind: Number}, slices.Clone(values), nil)
}

// NewDate makes a column of calendar days since 1970-01-01; NaN is Empty. The slice is copied.
func NewDate(name string, days []float64) *Column {
	return FromNumbers(Field{Name: name, Kind: Date}, slices.Clone(days), nil)
}

// NewText makes a column of free text; "" is Empty.
func NewText(name string, values []string) *Column {
	b := NewBuilder(Field{Name: name, Kind: Text})
	for _, s := range values {
		b.Text(s)
	}
	return b.Column()
}

// FromNumbers makes a Number or Date column of values, which it keeps (the caller must not change them).
// missing says why a row has none and may be nil; a NaN it does not explain is Empty, and where it says
// that there is no value the value is dropped.
func FromNumbers(field Field, values []float64, missing []Missing) *Column {
	c := &Column{Field: field, numbers: values, rows: len(values), missing: missing}
	for i, v := range values {
		switch {
		case math.IsNaN(v) && c.Missing(i) == Present:
			c.explain(i, Empty)
		case !math.IsNaN(v) && c.Missing(i) != Present:
			values[i] = math.NaN()
		}
	}
	return c
}

// FromCodes makes a Category column of one code a row, an index into field.Levels, 255 where there is no
// value. It keeps both slices. missing may be nil; a row without value that it does not explain is Empty. It
// is an error where a code has no level, or where there are more than 255 levels.
func FromCodes(field Field, codes []uint8, missing []Missing) (*Column, error) {
	c := &Column{Field: field, narrow: codes, rows: len(codes), missing: missing}
	if len(field.Levels) > noNarrow {
		return nil, fmt.Errorf("make column %s: %d levels in one byte: %w", field.Name, len(field.Levels), fault.Invalid)
	}
	for i, k := range codes {
		switch {
		case k == noNarrow && c.Missing(i) == Present:
			c.explain(i, Empty)
		case k != noNarrow && c.Missing(i) != Present:
			codes[i] = noNarrow
		case k != noNarrow && int(k) >= len(field.Levels):
			return nil, fmt.Errorf("make column %s: code %d of %d levels: %w", field.Name, k, len(field.Levels), fault.Invalid)
		}
	}
	return c, nil
}

// FromWideCodes is FromCodes for a column of any number of levels; math.MaxUint32: no value.
func FromWideCodes(field Field, codes []uint32, missing []Missing) (*Column, error) {
	if len(field.Levels) <= noNarrow {
		narrow := make([]uint8, len(codes))
		for i, k := range codes {
			if k != noWide && int(k) >= len(field.Levels) {
				return nil, fmt.Errorf("make column %s: code %d of %d levels: %w", field.Name, k, len(field.Levels), fault.Invalid)
			}
			narrow[i] = uint8(min(k, noNarrow))
		}
		return FromCodes(field, narrow, missing)
	}
	c := &Column{Field: field, wide: codes, rows: len(codes), missing: missing}
	for i, k := range codes {
		switch {
		case k == noWide && c.Missing(i) == Present:
			c.explain(i, Empty)
		case k != noWide && c.Missing(i) != Present:
			codes[i] = noWide
		case k != noWide && int(k) >= len(field.Levels):
			return nil, fmt.Errorf("make column %s: code %d of %d levels: %w", field.Name, k, len(field.Levels), fault.Invalid)
		}
	}
	return c, nil
}

// FromValues makes a Number column of few distinct values: one code a row, an index into values, 255 where
// there is none. It takes a byte a row, where FromNumbers takes eight. It keeps the slices.
func FromValues(field Field, codes []uint8, values []float64, missing []Missing) (*Column, error) {
	if field.Kind != Number && field.Kind != Date {
		return nil, fmt.Errorf("make column %s: numbers in a column of kind %s: %w", field.Name, field.Kind, fault.Invalid)
	}
	if values == nil {
		values = []float64{}
	}
	c := &Column{Field: field, narrow: codes, values: values, rows: len(codes), missing: missing}
	for i, k := range codes {
		switch {
		case k == noNarrow && c.Missing(i) == Present:
			c.explain(i, Empty)
		case k != noNarrow && c.Missing(i) != Present:
			codes[i] = noNarrow
		case k != noNarrow && (int(k) >= len(values) || math.IsNaN(values[k])):
			return nil, fmt.Errorf("make column %s: code %d of %d values: %w", field.Name, k, len(values), fault.Invalid)
		}
	}
	return c, nil
}

// explain notes the kind of a row while the column is being made.
func (c *Column) explain(i int, m Missing) {
	if c.missing == nil {
		c.missing = make([]Missing, c.rows)
	}
	c.missing[i] = m
}

// WithField gives the column with its field changed: a name, labels, an HXL tag, a class, names of levels.
// The values are shared. The kind and the number of levels must stay as they are.
func (c *Column) WithField(change func(f *Field)) *Column {
	out := *c
	out.Levels = slices.Clone(c.Levels)
	change(&out.Field)
	if out.Kind != c.Kind || len(out.Levels) != len(c.Levels) {
		panic("dataset: WithField changed the kind or the number of levels of column " + c.Name)
	}
	return &out
}

// Take gives the rows of these indices, in the order given.
func (c *Column) Take(rows []int) *Column {
	out := &Column{Field: c.Field, values: c.values, rows: len(rows)}
	switch {
	case c.narrow != nil:
		out.narrow = gather(c.narrow, rows)
	case c.wide != nil:
		out.wide = gather(c.wide, rows)
	case c.numbers != nil:
		out.numbers = gather(c.numbers, rows)
	case c.texts != nil:
		out.texts = &texts{blocks: c.texts.blocks, index: gather(c.texts.index, rows)}
	}
	if c.missing != nil {
		out.missing = gather(c.missing, rows)
		if !slices.ContainsFunc(out.missing, func(m Missing) bool { return m != Present }) {
			out.missing = nil
		}
	}
	return out
}

func gather[T any](from []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = from[r]
	}
	return out
}

// AsCategory gives a Number, Date or Text column as a Category whose levels are the texts of its cells
// (Cell); a Category is given back, with its levels in another order where levels names one. levels lists
// the levels, the reference first; a value it does not list follows in the order of SortLevels.
func (c *Column) AsCategory(levels ...string) *Column {
	if c.Kind == Category && len(levels) == 0 {
		return c
	}
	field := c.Field
	field.Kind, field.Levels = Category, nil
	labels := map[string]Labels{}
	for _, l := range c.Levels {
		labels[l.Code] = l.Labels
	}
	known := map[string]bool{}
	for _, l := range levels {
		if !known[l] {
			known[l] = true
			field.Levels = append(field.Levels, Level{Code: l, Labels: labels[l]})
		}
	}
	var others []string
	var cell []byte
	for i := range c.rows {
		if cell = c.AppendCell(cell[:0], i); len(cell) > 0 && !known[string(cell)] {
			known[string(cell)] = true
			others = append(others, string(cell))
		}
	}
	SortLevels(others)
	for _, l := range others {
		field.Levels = append(field.Levels, Level{Code: l, Labels: labels[l]})
	}
	b := NewBuilder(field)
	for i := range c.rows {
		if m := c.Missing(i); m != Present {
			b.Missing(m)
			continue
		}
		cell = c.AppendCell(cell[:0], i)
		if k, ok := b.levels[string(cell)]; ok {
			b.Code(int(k))
			continue
		}
		b.Level(string(cell))
	}
	return b.Column()
}

// SortLevels puts level codes in the order used where nobody names one: as numbers where all are numbers,
// else by their bytes.
func SortLevels(codes []string) {
	numbers := make(map[string]float64, len(codes))
	for _, c := range codes {
		x, err := strconv.ParseFloat(c, 64)
		if err != nil || math.IsNaN(x) {
			slices.Sort(codes)
			return
		}
		numbers[c] = x
	}
	slices.SortFunc(codes, func(a, b string) int {
		if d := cmp.Compare(numbers[a], numbers[b]); d != 0 {
			return d
		}
		return cmp.Compare(a, b)
	})
}
