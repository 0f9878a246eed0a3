package collect

import (
	"bytes"
	"errors"
	"slices"
	"strconv"

	"waymark/fault"
	"waymark/trust/access"
)

// decide writes what was sent, by the table of submission rules in docs/formats/records.md.
func (d *Desk) decide(tx Tx, a *arrival) (outcome, error) {
	have, err := tx.GetRecord(a.sent.Project, a.form.ID, a.in.InstanceID, a.sent.Stage)
	switch {
	case err == nil && have.Deleted:
		return outcome{refused: conflict(CodeWasDeleted)}, nil
	case err == nil:
		return d.again(tx, a, have)
	case !errors.Is(err, fault.NotFound):
		return outcome{}, err
	}
	closed := (a.form.State == Closed || a.standing.project.Archived) && a.sent.Stage == Published && !a.trusted
	edits := a.in.DeprecatedID != ""
	switch {
	case closed && !(edits && a.by.Kind == access.User): // staff may still mend what is there
		return outcome{refused: conflict(CodeFormClosed)}, nil
	case edits:
		return d.edit(tx, a)
	case !a.trusted && a.sent.Stage == Published && !holds(a.by, access.Submit, a.sent.Project):
		return outcome{refused: forbidden(access.Submit)}, nil
	}
	return d.add(tx, a)
}

// again answers for a record whose instance id is there: the same body is harmless, another one a conflict.
func (d *Desk) again(tx Tx, a *arrival, have Stored) (outcome, error) {
	if a.in.Encrypted && !have.Encrypted { // staff have decrypted it since
		files, err := tx.ListAttachments(have.Seq)
		have.Record.Attachments = files
		return outcome{receipt: Receipt{Record: have.Record}}, err
	}
	sealed, err := tx.RecordBody(have.Seq, a.in.InstanceID)
	if err != nil {
		return outcome{}, err
	}
	kept, err := d.openBody(a.sent.Project, a.form.ID, a.in.InstanceID, sealed)
	if err != nil {
		return outcome{}, err
	}
	if !bytes.Equal(kept, a.sent.Raw) {
		same, err := d.sameAsAny(tx, a, have)
		switch {
		case err != nil:
			return outcome{}, err
		case same: // staff have accepted this body beside the other
		case a.trusted:
			return d.replace(tx, a, have)
		default:
			return outcome{refused: conflict(CodeOtherBody)}, nil
		}
	}
	files, changed, err := d.putFiles(tx, a, have.Seq, nil)
	if err != nil {
		return outcome{}, err
	}
	if a.log != nil && have.Current == a.in.InstanceID && changed {
		if err := d.putRows(tx, a, have.Seq); err != nil {
			return outcome{}, err
		}
	}
	have.Record.Attachments = files
	if changed {
		have.Record.Updated = a.at
		if err := tx.SetRecord(have.Record); err != nil {
			return outcome{}, err
		}
		if err := d.noteRecord(tx, a, "record.files", have.Record, nil); err != nil {
			return outcome{}, err
		}
	}
	return outcome{receipt: Receipt{Record: have.Record, Missing: notArrived(files)}}, nil
}

// sameAsAny says whether a version of the record has this body.
func (d *Desk) sameAsAny(tx Tx, a *arrival, have Stored) (bool, error) {
	versions, err := tx.ListRecordVersions(have.Seq)
	if err != nil {
		return false, err
	}
	for _, v := range versions {
		sealed, err := tx.RecordBody(have.Seq, v.Instance)
		if err != nil {
			return false, err
		}
		kept, err := d.openBody(a.sent.Project, a.form.ID, v.Instance, sealed)
		if err != nil {
			return false, err
		}
		if bytes.Equal(kept, a.sent.Raw) {
			return true, nil
		}
	}
	return false, nil
}

// add keeps a new record (invariant 1).
func (d *Desk) add(tx Tx, a *arrival) (outcome, error) {
	stored := a.stored
	flags := slices.Clone(a.flags)
	if stored.Key != nil && !stored.Draft {
		other, err := tx.FindKey(stored.Project, stored.Form, stored.Key)
		if err == nil {
			flags = append(flags, Flag{Code: FlagDuplicate, Args: map[string]any{"record": other}})
		} else if !errors.Is(err, fault.NotFound) {
			return outcome{}, err
		}
	}
	stored.Flags = len(flags)
	seq, err := tx.AddRecord(stored)
	if errors.Is(err, fault.Conflict) {
		return outcome{}, errTaken
	}
	if err != nil {
		return outcome{}, err
	}
	stored.Seq = seq
	if err := d.finish(tx, a, &stored.Record, flags, "record.accept", nil); err != nil {
		return outcome{}, err
	}
	return outcome{receipt: Receipt{Record: stored.Record, New: true, Missing: notArrived(stored.Attachments)}}, nil
}

// edit keeps a new version of the record that the body says it takes the place of.
func (d *Desk) edit(tx Tx, a *arrival) (outcome, error) {
	have, err := tx.GetRecord(a.sent.Project, a.form.ID, a.in.DeprecatedID, a.sent.Stage)
	switch {
	case errors.Is(err, fault.NotFound) && a.trusted:
		return d.add(tx, a)
	case errors.Is(err, fault.NotFound):
		return outcome{refused: fault.Issue{Code: CodeNoneToEdit, Kind: fault.NotFound}}, nil
	case err != nil:
		return outcome{}, err
	case have.Deleted:
		return outcome{refused: conflict(CodeWasDeleted)}, nil
	case have.Current != a.in.DeprecatedID && !a.trusted:
		return outcome{refused: conflict(CodeSuperseded)}, nil
	case !a.trusted && !mayEdit(a.by, &have.Record):
		return outcome{refused: fault.Issue{Code: CodeMayNotEdit, Kind: fault.Forbidden}}, nil
	}
	return d.replace(tx, a, have)
}

// mayEdit says whether an actor may send a new version of a record: staff within their scope, a device only of what
// it sent itself.
func mayEdit(by access.Actor, r *Record) bool {
	if by.Kind == access.Device {
		return holds(by, access.EditRecords, r.Project) && r.Actor == actorID(by)
	}
	scope, err := reachOf(by, access.EditRecords, r.Project)
	return err == nil && scope.has(r)
}

// replace makes what was sent the current version of a record.
func (d *Desk) replace(tx Tx, a *arrival, have Stored) (outcome, error) {
	stored := a.stored
	r := &stored.Record
	r.Seq, r.Instance, r.Received, r.Actor = have.Seq, have.Instance, have.Received, have.Actor
	r.Edits, r.Review = have.Edits+1, Edited
	if r.Site == "" {
		r.Site = have.Site
	}
	if r.Team == "" {
		r.Team = have.Team
	}
	flags := slices.Clone(a.flags)
	kept, err := d.stillOpen(tx, r, &flags)
	if err != nil {
		return outcome{}, err
	}
	r.Flags = kept + len(flags)
	version := stored
	version.Record.Actor = a.actor // of the version; the record stays its first sender's
	err = tx.AddRecordVersion(have.Seq, version)
	if errors.Is(err, fault.Conflict) {
		return outcome{}, errTaken
	}
	if err != nil {
		return outcome{}, err
	}
	if err := tx.SetRecord(*r); err != nil {
		return outcome{}, err
	}
	if err := d.finish(tx, a, r, flags, "record.edit", map[string]string{"edits": strconv.Itoa(r.Edits)}); err != nil {
		return outcome{}, err
	}
	return outcome{receipt: Receipt{Record: *r, Edited: true, Missing: notArrived(r.Attachments)}}, nil
}

// stillOpen counts the open flags that a record has already and drops those of flags that are raised already.
func (d *Desk) stillOpen(tx Tx, r *Record, flags *[]Flag) (int, error) {
	have, err := tx.ListFlags(r.Project, r.Form, r.Instance)
	open := 0
	for _, h := range have {
		if h.Outcome != "" {
			continue
		}
		open++
		*flags = slices.DeleteFunc(*flags, func(f Flag) bool { return f.Code == h.Code })
	}
	return open, err
}

// finish writes what belongs to a record's new version: rows, files, flags, entities, the audit entry, and word to hooks.
func (d *Desk) finish(tx Tx, a *arrival, r *Record, flags []Flag, act string, detail map[string]string) error {
	if err := d.putRows(tx, a, r.Seq); err != nil {
		return err
	}
	var err error
	if r.Attachments, _, err = d.putFiles(tx, a, r.Seq, r); err != nil {
		return err
	}
	if !r.Draft && !r.Encrypted {
		more, err := d.applyEntities(tx, a, r)
		if err != nil {
			return err
		}
		if len(more) > 0 {
			flags = append(flags, more...)
			r.Flags += len(more)
			if err := tx.SetRecord(*r); err != nil {
				return err
			}
		}
	}
	for _, f := range flags {
		f.Project, f.Form, f.Instance, f.Raised = r.Project, r.Form, r.Instance, a.at
		if _, err := tx.AddFlag(f, nil); err != nil {
			return err
		}
	}
	if err := d.noteRecord(tx, a, act, *r, detail); err != nil {
		return err
	}
	if err := d.seen(tx, a); err != nil {
		return err
	}
	if r.Draft || a.standing.project.Training {
		return nil
	}
	event := map[string]string{"record.accept": "record.accepted", "record.edit": "record.edited"}[act]
	return d.tellOf(tx, a.standing.hooks, r.Project, event, map[string]string{"form": r.Form, "instance": r.Instance, "version": r.Version})
}

func (d *Desk) putRows(tx Tx, a *arrival, seq int64) error {
	rows := make([]StoredRow, 0, len(a.cells)+len(a.log))
	rows = append(append(rows, a.cells...), a.log...)
	for i := range rows {
		rows[i].Record = seq
	}
	return tx.PutRows(seq, rows)
}

func recordObject(instance string) string { return "record:" + instance }

func (d *Desk) noteRecord(tx Tx, a *arrival, act string, r Record, detail map[string]string) error {
	e := d.entry(a.by, act, r.Project, recordObject(r.Instance))
	e.At = a.at
	e.Detail = map[string]string{"form": r.Form, "version": r.Version}
	for k, v := range detail {
		e.Detail[k] = v
	}
	if r.Draft {
		e.Detail["draft"] = "true"
	}
	return tx.Append(e)
}
