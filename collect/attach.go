package collect

import (
	"context"

	"waymark/fault"
	"waymark/trust/access"
)

// Attach keeps a file that comes by itself, after the record it belongs to, as programs send them: as if the record's
// current version had been sent again with it.
func (d *Desk) Attach(ctx context.Context, by access.Actor, project int64, form, id string, stage Stage, f File) (Record, error) {
	sent := Sent{Project: project, Form: form, Stage: stage, Files: []File{f}}
	st, err := d.maySend(ctx, by, sent)
	if err != nil {
		return Record{}, err
	}
	sent.Raw, err = looked(ctx, d, func(tx Tx) ([]byte, error) {
		have, err := tx.GetRecord(project, form, id, stage)
		switch {
		case err != nil:
			return nil, notThere(err, "record")
		case have.Deleted:
			return nil, conflict(CodeWasDeleted)
		case have.Actor != actorID(by) && !mayEdit(by, &have.Record):
			return nil, fault.Issue{Code: CodeMayNotEdit, Kind: fault.Forbidden}
		}
		sealed, err := tx.RecordBody(have.Seq, have.Current)
		if err != nil {
			return nil, err
		}
		return d.openBody(project, form, have.Current, sealed)
	})
	if err != nil {
		return Record{}, err
	}
	got, err := d.take(ctx, &arrival{sent: sent, by: by, actor: actorID(by), at: d.now(), standing: st})
	return got.Record, err
}
