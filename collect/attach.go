package collect

import (
	"context"

	"waymark/fault"
	"waymark/form/instance"
	"waymark/trust/access"
)

// Attach keeps a file that comes by itself, after the record it belongs to, as programs send them. The first file of
// a name is kept and a later one that differs is a version of it, as with a record that is sent again.
func (d *Desk) Attach(ctx context.Context, by access.Actor, project int64, form, id string, stage Stage, f File) (Record, error) {
	sent := Sent{Project: project, Form: form, Stage: stage, Files: []File{f}}
	st, err := d.maySend(ctx, by, sent)
	if err != nil {
		return Record{}, err
	}
	return written(ctx, d, func(tx Tx) (Record, error) {
		have, err := tx.GetRecord(project, form, id, stage)
		switch {
		case err != nil:
			return Record{}, notThere(err, "record")
		case have.Deleted:
			return Record{}, conflict(CodeWasDeleted)
		case have.Actor != actorID(by) && !mayEdit(by, &have.Record):
			return Record{}, fault.Issue{Code: CodeMayNotEdit, Kind: fault.Forbidden}
		}
		e, err := d.editionIn(tx, have.VersionID)
		if err != nil {
			return Record{}, err
		}
		a := &arrival{sent: sent, by: by, actor: actorID(by), at: d.now(), standing: st, edition: e,
			in: &instance.Instance{FormID: form, InstanceID: have.Current, Encrypted: have.Encrypted}}
		files, changed, err := d.putFiles(tx, a, have.Seq, nil)
		if err != nil || !changed {
			have.Record.Attachments = files
			return have.Record, err
		}
		have.Record.Attachments, have.Record.Updated = files, a.at
		if err := tx.SetRecord(have.Record); err != nil {
			return Record{}, err
		}
		return have.Record, d.noteRecord(tx, a, "record.files", have.Record, nil)
	})
}
