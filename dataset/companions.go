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
