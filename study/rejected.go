package study

import (
	"io"
	"maps"
	"slices"

	"waymark/dataset"
	"waymark/lang"
)

// writeRejected lists every row that was not loaded, with the words that say how to mend it in the first
// language of the report; never the content of a cell.
func (r *runner) writeRejected(w *writer) error {
	tag := lang.Tags()[0]
	if len(r.opt.Languages) > 0 {
		tag = r.opt.Languages[0]
	}
	p, err := lang.New(tag)
	if err != nil {
		return err
	}
	var accounts []*dataset.Accounts
	for _, name := range slices.Sorted(maps.Keys(r.in)) {
		if in := r.in[name]; in.Loaded != nil {
			accounts = append(accounts, in.Loaded.Accounts)
		}
	}
	return w.stream("rejected-rows.csv", func(to io.Writer) error { return dataset.WriteRejected(to, accounts, p.Issue) })
}
