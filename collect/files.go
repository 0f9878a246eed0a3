package collect

import (
	"context"
	"errors"
	"iter"

	"waymark/trust/access"
)

// Files lists the files of the records that a query means, by record: in the order of Rows, each record with all of
// its files, records without any left out. It holds the files of one record at a time.
func (d *Desk) Files(ctx context.Context, by access.Actor, q Query) iter.Seq2[RecordFiles, error] {
	return func(yield func(RecordFiles, error) bool) {
		r, err := d.prepare(ctx, by, q, wantsRecords)
		if err != nil {
			yield(RecordFiles{}, err)
			return
		}
		err = d.options.Store.Read(ctx, func(tx Tx) error {
			var at RecordFiles
			query := r.query
			query.Limit, query.Skip = 0, 0
			if query.AfterRow > 0 { // the record itself is still being read
				query.After, query.AfterRow = 0, 0
			}
			for f, err := range tx.EachFile(query) {
				if err != nil {
					return err
				}
				if f.Record != at.Record && at.Files != nil {
					if !yield(at, nil) {
						return errStopped
					}
					at.Files = nil
				}
				at.Record = f.Record
				at.Files = append(at.Files, f.Attachment)
			}
			if at.Files != nil && !yield(at, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(RecordFiles{}, err)
		}
	}
}

// RecordFiles are the files of a record. Whoever reads them beside rows, which keep to what the reader reaches, looks
// at those of these records only.
type RecordFiles struct {
	Record int64 // seq
	Files  []Attachment
}
