package dataset

// NeedCompanions names the columns of a table that need a column NAME__missing in a file: those with a
// missing kind other than Empty, which a null alone says.
func NeedCompanions(t *Table) []string {
	out := []string{}
	for _, c := range t.Columns {
		n := c.MissingCount()
		if n[Unknown]+n[Refused]+n[NotAsked]+n[NotApplicable] > 0 {
			out = append(out, c.Name)
		}
	}
	return out
}

// JoinCompanion puts the kinds of a column NAME__missing into the column they explain. Where the column has
// a value although a kind stands beside it, or what stands there is no kind, the row is in the answer's
// second part and stays as it was.
func JoinCompanion(c, companion *Column) (*Column, []int) {
	out := *c
	out.missing = nil
	if c.missing != nil {
		out.missing = append([]Missing(nil), c.missing...)
	}
	var conflicts []int
	for i := range c.rows {
		if companion.Missing(i) != Present {
			continue
		}
		m, ok := ParseMissing(companion.Cell(i))
		switch have := c.Missing(i); {
		case !ok, have == Present:
			conflicts = append(conflicts, i)
		case have == Empty:
			out.explain(i, m)
		}
	}
	return &out, conflicts
}

// Companion gives the column NAME__missing of a column: the kind of each row without a value as text.
func Companion(c *Column) *Column {
	field := Field{Name: c.Name + CompanionSuffix, Kind: Category, Class: c.Class}
	for _, m := range MissingKinds() {
		field.Levels = append(field.Levels, Level{Code: m.String()})
	}
	codes := make([]uint8, c.rows)
	for i := range codes {
		codes[i] = noNarrow
		if m := c.Missing(i); m != Present {
			codes[i] = uint8(m - Unknown)
		}
	}
	out, err := FromCodes(field, codes, nil)
	if err != nil {
		panic(err) // five levels and codes below five
	}
	return out
}
