package formula

import (
	"fmt"
	"slices"

	"waymark/fault"
)

// Frame is columns in memory, for tests and for those who use this package alone. The zero value is empty.
type Frame struct {
	rows    int
	names   []string
	numbers map[string][]float64
	factors map[string]frameFactor
}

type frameFactor struct {
	levels []string
	narrow []uint8
	wide   []uint32
}

var _ Columns = (*Frame)(nil)

// NewFrame gives an empty frame.
func NewFrame() *Frame {
	return &Frame{numbers: map[string][]float64{}, factors: map[string]frameFactor{}}
}

// AddNumbers adds a column of numbers, NaN where there is no value. The frame keeps the slice.
func (f *Frame) AddNumbers(name string, values ...float64) error {
	if err := f.add(name, len(values)); err != nil {
		return err
	}
	f.numbers[name] = values
	return nil
}

// AddTexts adds a factor; "" is no value. Its levels are sorted by Build unless told otherwise.
func (f *Frame) AddTexts(name string, values ...string) error {
	if err := f.add(name, len(values)); err != nil {
		return err
	}
	var levels []string
	index := map[string]uint32{}
	codes := make([]uint32, len(values))
	for i, v := range values {
		if v == "" {
			codes[i] = noWide
			continue
		}
		k, ok := index[v]
		if !ok {
			k = uint32(len(levels))
			index[v] = k
			levels = append(levels, v)
		}
		codes[i] = k
	}
	f.factors[name] = frameFactor{levels: levels, wide: codes}
	return nil
}

// AddCodes adds a factor of up to 255 levels by its codes, 255 where there is no value. The frame keeps
// both slices.
func (f *Frame) AddCodes(name string, levels []string, codes []uint8) error {
	for _, c := range codes {
		if int(c) >= len(levels) && c != noNarrow {
			return fmt.Errorf("add column %s: a code without a level: %w", name, fault.Invalid)
		}
	}
	if len(levels) > noNarrow {
		return fmt.Errorf("add column %s: %d levels, codes hold %d: %w", name, len(levels), noNarrow, fault.Invalid)
	}
	if err := f.add(name, len(codes)); err != nil {
		return err
	}
	f.factors[name] = frameFactor{levels: levels, narrow: codes}
	return nil
}

func (f *Frame) add(name string, rows int) error {
	if slices.Contains(f.names, name) {
		return fmt.Errorf("add column %s: the frame has one of that name: %w", name, fault.Conflict)
	}
	if len(f.names) > 0 && rows != f.rows {
		return fmt.Errorf("add column %s: %d rows in a frame of %d: %w", name, rows, f.rows, fault.Invalid)
	}
	if f.numbers == nil {
		f.numbers, f.factors = map[string][]float64{}, map[string]frameFactor{}
	}
	f.rows, f.names = rows, append(f.names, name)
	return nil
}

// Rows is the number of rows.
func (f *Frame) Rows() int { return f.rows }

// Names lists the columns in the order added.
func (f *Frame) Names() []string { return slices.Clone(f.names) }

// Numbers gives a column of numbers.
func (f *Frame) Numbers(name string) ([]float64, bool) {
	v, ok := f.numbers[name]
	return v, ok
}

// Levels gives a factor.
func (f *Frame) Levels(name string) ([]string, []uint8, []uint32, bool) {
	c, ok := f.factors[name]
	return c.levels, c.narrow, c.wide, ok
}
