package xform

import (
	"bytes"
	"strings"

	"waymark/form"
)

// Itemsets writes the file itemsets.csv that goes with a form whose questions take external choices; nil
// where none does. Every cell is quoted, and lines end as RFC 4180 has them.
func Itemsets(f *form.Form) []byte {
	if f == nil || f.Tree == nil || f.Tree.Itemsets == nil {
		return nil
	}
	var b bytes.Buffer
	for _, row := range f.Tree.Itemsets {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}
