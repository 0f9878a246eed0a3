package study

import (
	"encoding/csv"
	"io"
	"strconv"

	"waymark/dataset"
	"waymark/lang"
)

// writeRejected lists every row that was not loaded: file, sheet, row, column, reason code and the words
// that say how to mend it, never the content of a cell.
func (r *runner) writeRejected(w *writer, accounts []*dataset.Accounts) error {
	tag := "en"
	if len(r.opt.Languages) > 0 {
		tag = r.opt.Languages[0]
	}
	p, err := lang.New(tag)
	if err != nil {
		return err
	}
	return w.stream("rejected-rows.csv", func(to io.Writer) error {
		out := csv.NewWriter(to)
		if err := out.Write([]string{"file", "sheet", "row", "column", "field", "reason", "text"}); err != nil {
			return err
		}
		for _, a := range accounts {
			for i := range a.Rejected() {
				line := []string{i.Place.Document, i.Place.Sheet, strconv.Itoa(i.Place.Row), strconv.Itoa(i.Place.Column),
					i.Place.Field, string(i.Code), p.Text(string(i.Code), i.Args)}
				if err := out.Write(line); err != nil {
					return err
				}
			}
		}
		out.Flush()
		return out.Error()
	})
}
