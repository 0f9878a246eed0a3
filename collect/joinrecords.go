package collect

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"

	"waymark/fault"
	"waymark/form/instance"
)

// joinRecords takes over records, one after another: each is whole here or not at all.
func (j *joining) joinRecords(ctx context.Context) error {
	for there := range j.projects {
		for _, deleted := range []bool{false, true} {
			seqs, err := looked(ctx, j.there, func(tx Tx) ([]Record, error) {
				var out []Record
				for r, err := range tx.EachRecord(Query{Project: there, Deleted: deleted}) {
					if err != nil {
						return nil, err
					}
					out = append(out, Record{Seq: r.Seq, Form: r.Form, Instance: r.Instance})
				}
				return out, nil
			})
			if err != nil {
				return err
			}
			for _, r := range seqs {
				if err := j.joinRecord(ctx, there, r.Form, r.Instance); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// theirRecord is a record of theirs with all that belongs to it, opened.
type theirRecord struct {
	stored   Stored
	device   string
	versions []theirVersion // the first first
	files    []Attachment
	later    []AttachmentVersion
	flags    []Flag
	notes    []string
	comments []Comment
}

type theirVersion struct {
	RecordVersion
	raw []byte
}

// errGone says that a record's body is gone for good.
var errGone = errors.New("gone")

func (j *joining) theirs(ctx context.Context, project int64, form, id string) (*theirRecord, error) {
	d := j.there
	return looked(ctx, d, func(tx Tx) (*theirRecord, error) {
		s, err := tx.GetRecord(project, form, id, Published)
		if err != nil {
			return nil, err
		}
		out := &theirRecord{stored: s}
		if s.DeviceSealed != nil {
			plain, err := d.options.Keys.Open(forDevice, bound(project, form, s.Current), s.DeviceSealed)
			if err != nil {
				return nil, err
			}
			out.device = string(plain)
		}
		versions, err := tx.ListRecordVersions(s.Seq)
		if err != nil {
			return nil, err
		}
		for _, v := range slices.Backward(versions) {
			sealed, err := tx.RecordBody(s.Seq, v.Instance)
			if errors.Is(err, fault.NotFound) {
				return nil, errGone
			}
			if err != nil {
				return nil, err
			}
			raw, err := d.openBody(project, form, v.Instance, sealed)
			if err != nil {
				return nil, err
			}
			out.versions = append(out.versions, theirVersion{v, raw})
		}
		if out.files, err = tx.ListAttachments(s.Seq); err != nil {
			return nil, err
		}
		if out.later, err = tx.ListAttachmentVersions(s.Seq); err != nil {
			return nil, err
		}
		return out, out.readNotes(d, tx, s)
	})
}

// readNotes reads flags and comments.
func (t *theirRecord) readNotes(d *Desk, tx Tx, s Stored) error {
	flags, err := tx.ListFlags(s.Project, s.Form, s.Instance)
	if err != nil {
		return err
	}
	for _, f := range flags {
		_, sealed, err := tx.GetFlag(f.ID)
		if err != nil {
			return err
		}
		note := ""
		if sealed != nil {
			plain, err := d.options.Keys.Open(forFlag, bound(s.Project, s.Form, s.Instance), sealed)
			if err != nil {
				return err
			}
			note = string(plain)
		}
		t.flags, t.notes = append(t.flags, f), append(t.notes, note)
	}
	comments, err := tx.ListComments(s.Seq)
	if err != nil {
		return err
	}
	for _, c := range comments {
		plain, err := d.options.Keys.Open(forComment, bound(s.Project, s.Form, s.Instance), c.Text)
		if err != nil {
			return err
		}
		t.comments = append(t.comments, Comment{At: c.At, By: c.By, Text: string(plain)})
	}
	return nil
}

func (j *joining) joinRecord(ctx context.Context, project int64, form, id string) error {
	t, err := j.theirs(ctx, project, form, id)
	if errors.Is(err, errGone) {
		return nil
	}
	if err != nil {
		return err
	}
	type ours struct {
		stored   Stored
		versions []RecordVersion
	}
	here := j.projects[project]
	have, err := looked(ctx, j.here, func(tx Tx) (ours, error) {
		s, err := tx.GetRecord(here, form, t.stored.Instance, Published)
		for i := 0; errors.Is(err, fault.NotFound) && i < len(t.versions); i++ {
			s, err = tx.GetRecord(here, form, t.versions[i].Instance, Published)
		}
		if err != nil {
			return ours{}, err
		}
		v, err := tx.ListRecordVersions(s.Seq)
		return ours{s, v}, err
	})
	switch {
	case errors.Is(err, fault.NotFound):
		return j.addRecord(ctx, t, here, nil)
	case err != nil:
		return err
	case have.stored.Deleted:
		j.done.Present++
		return nil
	}
	at := -1 // the newest of theirs that is here, and our current one
	for i, v := range t.versions {
		k := slices.IndexFunc(have.versions, func(o RecordVersion) bool { return o.Instance == v.Instance })
		if k < 0 {
			continue
		}
		same, err := j.sameBody(ctx, have.stored, v)
		if err != nil {
			return err
		}
		if !same {
			return j.holdVersion(ctx, t, v, here)
		}
		if v.Instance == have.stored.Current {
			at = i
		}
	}
	last := t.versions[len(t.versions)-1]
	switch {
	case at >= 0 && at < len(t.versions)-1:
		return j.addRecord(ctx, t, here, &have.stored)
	case at < 0 && !slices.ContainsFunc(have.versions, func(o RecordVersion) bool { return o.Instance == last.Instance }):
		return j.holdVersion(ctx, t, last, here) // each was edited by itself
	}
	j.done.Present++
	return j.addFiles(ctx, t, have.stored.Seq)
}

func (j *joining) sameBody(ctx context.Context, have Stored, v theirVersion) (bool, error) {
	return looked(ctx, j.here, func(tx Tx) (bool, error) {
		sealed, err := tx.RecordBody(have.Seq, v.Instance)
		if err != nil {
			return false, err
		}
		kept, err := j.here.openBody(have.Project, have.Form, v.Instance, sealed)
		return bytes.Equal(kept, v.raw), err
	})
}

// holdVersion puts a version of theirs that clashes with what is here into quarantine, with its files.
func (j *joining) holdVersion(ctx context.Context, t *theirRecord, v theirVersion, here int64) error {
	digest, _, _, err := j.here.keep(ctx, bytes.NewReader(v.raw))
	if err != nil {
		return err
	}
	q := Quarantined{Project: here, Form: t.stored.Form, Instance: v.Instance, Reason: CodeOtherBody, Actor: j.actor(v.Actor), At: v.At, Size: int64(len(v.raw)), Digest: digest}
	var files []File
	for _, a := range t.files {
		if a.Digest == "" {
			continue
		}
		copied, err := j.copyBlob(ctx, a.Digest)
		if err != nil {
			return err
		}
		files = append(files, File{Name: a.Name, Type: a.Type, Digest: copied, Size: a.Size})
	}
	q.Files = len(files)
	return j.hold(ctx, q, files)
}

// addRecord keeps a record of theirs here, or where have is given the versions of it that came after ours.
func (j *joining) addRecord(ctx context.Context, t *theirRecord, here int64, have *Stored) error {
	d := j.here
	st, err := d.standing(ctx, here)
	if err != nil {
		return err
	}
	last := t.versions[len(t.versions)-1]
	a := &arrival{sent: Sent{Project: here, Raw: last.raw, Device: t.device}, by: j.by, actor: j.actor(t.stored.Actor), at: t.stored.Updated, standing: st,
		trusted: true, received: t.stored.Received, id: last.Instance, form: st.forms[t.stored.Form]}
	if a.in, err = instance.Parse(last.raw, instance.Limits{}); err != nil {
		return err
	}
	id, ok := j.versions[t.stored.VersionID]
	if !ok {
		return missing("version")
	}
	if a.edition, err = d.edition(ctx, id); err != nil {
		return err
	}
	for _, f := range t.files {
		if f.Digest == "" {
			continue
		}
		copied, err := j.copyBlob(ctx, f.Digest)
		if err != nil {
			return err
		}
		a.sent.Files = append(a.sent.Files, File{Name: f.Name, Type: f.Type, Digest: copied, Size: f.Size})
		j.done.Attachments++
	}
	if err := d.takeApart(ctx, a); err != nil {
		return err
	}
	r := &a.stored.Record
	theirs := t.stored.Record
	r.Instance, r.Current, r.Version, r.Site, r.Team, r.Edits, r.Review, r.Deleted = theirs.Instance, last.Instance, a.edition.version, theirs.Site, theirs.Team, theirs.Edits, theirs.Review, theirs.Deleted
	r.Flags, r.Updated = theirs.Flags, theirs.Updated
	later := make([]File, len(t.later))
	for i, v := range t.later {
		copied, err := j.copyBlob(ctx, v.Digest)
		if err != nil {
			return err
		}
		later[i] = File{Name: v.Name, Digest: copied, Size: v.Size}
	}
	err = d.options.Store.Write(ctx, func(tx Tx) error {
		seq, err := j.addVersions(tx, t, a, have)
		if err != nil {
			return err
		}
		now := a.stored.Record
		now.Seq = seq
		if err := tx.SetRecord(now); err != nil {
			return err
		}
		if err := d.putRows(tx, a, seq); err != nil {
			return err
		}
		if _, _, err := d.putFiles(tx, a, seq, &now); err != nil {
			return err
		}
		if have == nil {
			for i, f := range later {
				if err := tx.AddAttachmentVersion(seq, f.Name, f.Digest, f.Size, t.later[i].At); err != nil {
					return err
				}
			}
			if err := j.addNotes(tx, t, &now); err != nil {
				return err
			}
		}
		e := d.entry(j.by, "record.join", here, recordObject(now.Instance))
		e.Detail = map[string]string{"form": now.Form, "versions": strconv.Itoa(len(t.versions))}
		return tx.Append(e)
	})
	if err == nil {
		j.done.Records++
	}
	return err
}

// addVersions keeps the versions of a record that are not here, the first first.
func (j *joining) addVersions(tx Tx, t *theirRecord, a *arrival, have *Stored) (seq int64, err error) {
	from := 0
	if have != nil {
		seq = have.Seq
		from = 1 + slices.IndexFunc(t.versions, func(v theirVersion) bool { return v.Instance == have.Current })
	}
	for i := from; i < len(t.versions); i++ {
		v := t.versions[i]
		s := a.stored
		if i < len(t.versions)-1 {
			s.Body, s.DeviceSealed, s.Key = j.here.sealBody(a.sent.Project, a.form.ID, v.Instance, v.raw), nil, nil
			s.Record.Version = v.Form
		}
		s.Record.Current, s.Record.Actor, s.Record.Updated = v.Instance, j.actor(v.Actor), v.At
		if seq == 0 {
			s.Record.Received, s.Record.Actor = t.stored.Received, a.actor
			seq, err = tx.AddRecord(s)
		} else {
			err = tx.AddRecordVersion(seq, s)
		}
		if err != nil {
			return 0, err
		}
	}
	return seq, nil
}

// addNotes keeps flags and comments of theirs.
func (j *joining) addNotes(tx Tx, t *theirRecord, r *Record) error {
	d := j.here
	for i, f := range t.flags {
		f.Project, f.Owner = r.Project, j.actor(f.Owner)
		var sealed []byte
		if t.notes[i] != "" {
			sealed = d.options.Keys.Seal(forFlag, bound(r.Project, r.Form, r.Instance), []byte(t.notes[i]))
		}
		if _, err := tx.AddFlag(f, sealed); err != nil {
			return err
		}
	}
	for _, c := range t.comments {
		sealed := d.options.Keys.Seal(forComment, bound(r.Project, r.Form, r.Instance), []byte(c.Text))
		if err := tx.AddComment(r.Seq, c.At, j.actor(c.By), sealed); err != nil {
			return err
		}
	}
	return nil
}

// addFiles keeps files of theirs that a record here still waits for.
func (j *joining) addFiles(ctx context.Context, t *theirRecord, seq int64) error {
	ours, err := looked(ctx, j.here, func(tx Tx) ([]Attachment, error) { return tx.ListAttachments(seq) })
	if err != nil {
		return err
	}
	for _, f := range t.files {
		i := slices.IndexFunc(ours, func(o Attachment) bool { return o.Name == f.Name })
		if f.Digest == "" || i >= 0 && ours[i].Digest != "" {
			continue
		}
		copied, err := j.copyBlob(ctx, f.Digest)
		if err != nil {
			return err
		}
		now := f
		now.Digest, now.Later = copied, 0
		if err := j.here.options.Store.Write(ctx, func(tx Tx) error { return tx.PutAttachment(seq, now) }); err != nil {
			return err
		}
		j.done.Attachments++
	}
	return nil
}
