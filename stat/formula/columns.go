package formula

// Columns is what a formula needs of a table: plain slices, so that this kernel knows no table type.
// dataset.Table satisfies it as it stands. Where columns also have a method Names() []string, a dot stands for
// the columns it lists, and a mistaken name is answered with the nearest of them.
type Columns interface {
	// Rows is the number of rows of every column.
	Rows() int
	// Numbers gives a column as numbers, NaN where there is no value. ok is false where there is no such
	// column or it is not numeric. The caller must not change the slice.
	Numbers(name string) (values []float64, ok bool)
	// Levels gives a column as a factor: the names of its levels, and one code a row, an index into levels.
	// Build sorts the levels unless Options say how they stand (Levels, KeepLevelOrder). Exactly one of narrow
	// (no value: 255) and wide (no value: math.MaxUint32) is not nil; narrow is used up to 255 levels. ok is
	// false where there is no such column or it is no factor.
	Levels(name string) (levels []string, narrow []uint8, wide []uint32, ok bool)
}
