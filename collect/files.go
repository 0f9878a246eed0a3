package collect

import "iter"

// fileReader gives the files of records that come in order.
type fileReader struct {
	next   func() (RecordFile, error, bool)
	stop   func()
	newest bool
	ahead  *RecordFile
	done   bool
}

func newFileReader(tx Tx, q Query) *fileReader {
	q.Limit, q.Skip = 0, 0
	if q.AfterRow > 0 { // the record itself is still being read
		if q.AfterRow = 0; q.Newest {
			q.After++
		} else {
			q.After--
		}
	}
	f := &fileReader{newest: q.Newest}
	f.next, f.stop = iter.Pull2(tx.EachFile(q))
	return f
}

// of gives the files of the next record, passing over those of records that were left out.
func (f *fileReader) of(seq int64) ([]Attachment, error) {
	var out []Attachment
	for !f.done {
		if f.ahead == nil {
			file, err, ok := f.next()
			if !ok || err != nil {
				f.done = true
				return out, err
			}
			f.ahead = &file
		}
		switch {
		case f.ahead.Record == seq:
			out = append(out, f.ahead.Attachment)
		case f.ahead.Record > seq != f.newest:
			return out, nil
		}
		f.ahead = nil
	}
	return out, nil
}
