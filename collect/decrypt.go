package collect

import (
	"context"
	"crypto/md5"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/form/instance"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// What cannot be done with keys of forms.
const (
	CodeKeyThere    fault.Code = "collect.key-there"    //
	CodeNoFormKey   fault.Code = "collect.no-form-key"  //
	CodeNotAsSealed fault.Code = "collect.not-as-named" //
)

// MakeKey makes the key pair of a form whose records phones encrypt, its private half sealed by the passphrase. The
// public half is written into the form when it is next published. Without the passphrase nobody can read what phones
// send from then on; a form has one key for good, so that no record waits for a passphrase that was replaced.
func (d *Desk) MakeKey(ctx context.Context, by access.Actor, project int64, form, passphrase, hint string) error {
	if err := need(by, access.ManageForms, project); err != nil {
		return err
	}
	free := func(tx Tx) error {
		if _, err := tx.GetForm(project, form); err != nil {
			return notThere(err, "form")
		}
		if _, err := tx.GetFormKey(project, form); err == nil {
			return conflict(CodeKeyThere)
		} else if !errors.Is(err, fault.NotFound) {
			return err
		}
		return nil
	}
	if err := d.options.Store.Read(ctx, free); err != nil { // before the work of making one
		return err
	}
	lock, err := seal.PassphraseLock(passphrase)
	if err != nil {
		return err
	}
	public, private, err := seal.NewODKKey(lock)
	if err != nil {
		return err
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		if err := free(tx); err != nil {
			return err
		}
		if err := tx.PutFormKey(project, form, FormKey{Public: public, Private: private, Hint: hint}); err != nil {
			return err
		}
		return tx.Append(d.entry(by, "form.key", project, formObject(form)))
	})
}

// KeyHint gives the hint of a form's key, for who is asked for its passphrase; "" where there is none.
func (d *Desk) KeyHint(ctx context.Context, by access.Actor, project int64, form string) (hint string, has bool, err error) {
	if err := need(by, access.ReadForms, project); err != nil {
		return "", false, err
	}
	k, err := looked(ctx, d, func(tx Tx) (FormKey, error) { return tx.GetFormKey(project, form) })
	if errors.Is(err, fault.NotFound) {
		return "", false, nil
	}
	return k.Hint, err == nil, err
}

// DecryptRecords opens records that phones encrypted, with the passphrase of the form's key. What was opened is kept as
// any record, sealed by the server; what lacks files or does not open is left, and counted.
func (d *Desk) DecryptRecords(ctx context.Context, by access.Actor, project int64, form, passphrase string) (opened, left int, err error) {
	scope, err := reachOf(by, access.DecryptRecords, project)
	if err != nil {
		return 0, 0, err
	}
	k, err := looked(ctx, d, func(tx Tx) (FormKey, error) { return tx.GetFormKey(project, form) })
	if errors.Is(err, fault.NotFound) {
		return 0, 0, fault.Issue{Code: CodeNoFormKey, Kind: fault.NotFound}
	}
	if err != nil {
		return 0, 0, err
	}
	with, err := seal.PassphraseOpener(passphrase)
	if err != nil {
		return 0, 0, err
	}
	key, err := seal.OpenODKKey(k.Private, with)
	if err != nil {
		e := d.entry(by, "record.decrypt-refused", project, formObject(form))
		return 0, 0, errors.Join(err, d.Note(ctx, e))
	}
	waiting, err := looked(ctx, d, func(tx Tx) ([]Record, error) {
		var out []Record
		for r, err := range tx.EachRecord(Query{Project: project, Form: form}) {
			if err != nil {
				return nil, err
			}
			if r.Encrypted && scope.has(&r) {
				out = append(out, r)
			}
		}
		return out, nil
	})
	if err != nil {
		return 0, 0, err
	}
	for _, r := range waiting {
		switch err := d.decrypt(ctx, by, key, r); {
		case err == nil:
			opened++
		case len(fault.Of(err)) > 0 || errors.Is(err, fault.NotFound):
			left++
		default:
			return opened, left, err
		}
	}
	e := d.entry(by, "record.decrypt", project, formObject(form))
	e.Detail = map[string]string{"opened": strconv.Itoa(opened), "left": strconv.Itoa(left)}
	return opened, left, d.Note(ctx, e)
}

// decrypt opens one record: its files in the order that the manifest lists them, the answers last.
func (d *Desk) decrypt(ctx context.Context, by access.Actor, key *seal.ODKKey, r Record) error {
	type kept struct {
		raw   []byte
		files []Attachment
	}
	have, err := looked(ctx, d, func(tx Tx) (kept, error) {
		sealed, err := tx.RecordBody(r.Seq, r.Current)
		if err != nil {
			return kept{}, err
		}
		files, err := tx.ListAttachments(r.Seq)
		return kept{sealed, files}, err
	})
	if err != nil {
		return err
	}
	body, err := d.openBody(r.Project, r.Form, r.Current, have.raw)
	if err != nil {
		return err
	}
	in, err := instance.Parse(body, instance.Limits{})
	if err != nil {
		return err
	}
	m := seal.ODKManifest{FormID: in.FormID, Version: in.Version, Key: in.Manifest.Key, Instance: in.InstanceID, Signature: in.Manifest.Signature}
	record, err := key.Files(m)
	if err != nil {
		return err
	}
	var files []File
	var sums []seal.ODKSum
	var raw []byte
	for i, name := range append(slices.Clone(in.Manifest.Media), in.Manifest.XMLFile) {
		at := slices.IndexFunc(have.files, func(a Attachment) bool { return a.Name == name })
		if at < 0 || have.files[at].Digest == "" {
			return fault.Issue{Code: CodeNoFile, Kind: fault.NotFound}
		}
		plain := strings.TrimSuffix(name, ".enc")
		sum := md5.New()
		err := func() error {
			sealed, err := d.open(ctx, have.files[at].Digest)
			if err != nil {
				return err
			}
			defer sealed.Close()
			from := io.TeeReader(record.Open(sealed), sum)
			if i == len(in.Manifest.Media) { // the answers
				raw, err = io.ReadAll(io.LimitReader(from, largestBody))
				return err
			}
			digest, _, size, err := d.keep(ctx, from)
			files = append(files, File{Name: plain, Type: have.files[at].Type, Digest: digest, Size: size})
			return err
		}()
		if err != nil {
			return err
		}
		one := seal.ODKSum{Name: plain}
		copy(one.MD5[:], sum.Sum(nil))
		sums = append(sums, one)
	}
	if m.Signature != "" {
		if err := key.Verify(m, sums); err != nil {
			return err
		}
	}
	return d.takeDecrypted(ctx, by, r, raw, files)
}

// takeDecrypted keeps what a phone had encrypted in the place of what it sent.
func (d *Desk) takeDecrypted(ctx context.Context, by access.Actor, r Record, raw []byte, files []File) error {
	st, err := d.standing(ctx, r.Project)
	if err != nil {
		return err
	}
	a := &arrival{sent: Sent{Project: r.Project, Form: r.Form, Raw: raw, Files: files}, by: by, actor: r.Actor, at: d.now(), standing: st, trusted: true,
		received: r.Received, id: r.Current}
	if err := d.read(ctx, a); err != nil {
		return err
	}
	if a.in.InstanceID != r.Current || a.in.Encrypted {
		return fault.Issue{Code: CodeNotAsSealed}
	}
	if err := d.takeApart(ctx, a); err != nil {
		return err
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		have, err := tx.GetRecord(r.Project, r.Form, r.Instance, Published)
		if err != nil || !have.Encrypted || have.Current != r.Current {
			return err // somebody else opened it
		}
		stored := a.stored
		now := &stored.Record
		now.Seq, now.Instance, now.Actor, now.Edits, now.Review = have.Seq, have.Instance, have.Actor, have.Edits, have.Review
		if now.Site == "" {
			now.Site = have.Site
		}
		if now.Team == "" {
			now.Team = have.Team
		}
		stored.DeviceSealed = have.DeviceSealed
		flags := slices.Clone(a.flags)
		open, err := d.stillOpen(tx, now, &flags)
		if err != nil {
			return err
		}
		now.Flags = open + len(flags)
		if err := tx.AddRecordVersion(have.Seq, stored); err != nil {
			return err
		}
		return d.finish(tx, a, now, flags, "record.decrypt", nil)
	})
}
