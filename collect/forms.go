package collect

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/form"
	"waymark/trust/access"
)

// What cannot be done with forms.
const (
	CodeVersionTaken fault.Code = "collect.version-taken" // version
	CodeTypeChanged  fault.Code = "collect.type-changed"  // question, have, want, version
	CodeNoDraft      fault.Code = "collect.no-draft"      //
	CodeFormState    fault.Code = "collect.form-state"    // state
	CodeFormID       fault.Code = "collect.form-id"       // limit
	CodeOtherForm    fault.Code = "collect.other-form"    // have, want
)

func formObject(id string) string { return "form:" + id }

// given says whether an actor that is a device is given a form; staff are given all.
func (s *standing) given(by access.Actor, f Form) bool {
	if by.Kind != access.Device {
		return true
	}
	v, ok := s.devices[by.ID]
	if !ok || v.Revoked {
		return false
	}
	if !v.Given(f.ID) {
		return false
	}
	if v.Draft {
		return f.Draft != nil
	}
	return f.Current != nil && f.State != Closed
}

// Forms lists the forms of a project. A device sees those it is given that are open: one for testing, those that
// have a draft.
func (d *Desk) Forms(ctx context.Context, by access.Actor, project int64) ([]Form, error) {
	if err := need(by, access.ReadForms, project); err != nil {
		return nil, err
	}
	if by.Kind != access.Device {
		return looked(ctx, d, func(tx Tx) ([]Form, error) { return tx.ListForms(project) })
	}
	s, err := d.standing(ctx, project)
	if err != nil {
		return nil, err
	}
	all, err := looked(ctx, d, func(tx Tx) ([]Form, error) { return tx.ListForms(project) })
	var out []Form
	for _, f := range all {
		if s.given(by, f) && f.State == Open && !s.project.Archived {
			out = append(out, f)
		}
	}
	return out, err
}

// Form gives a form. What a device is not given is not there for it.
func (d *Desk) Form(ctx context.Context, by access.Actor, project int64, form string) (Form, error) {
	if err := need(by, access.ReadForms, project); err != nil {
		return Form{}, err
	}
	f, err := looked(ctx, d, func(tx Tx) (Form, error) { return tx.GetForm(project, form) })
	if err != nil {
		return Form{}, notThere(err, "form")
	}
	s, err := d.standing(ctx, project)
	if err != nil {
		return Form{}, err
	}
	if !s.given(by, f) {
		return Form{}, missing("form")
	}
	return f, nil
}

// notThere says what is not there where a store found nothing.
func notThere(err error, what string) error {
	if errors.Is(err, fault.NotFound) && len(fault.Of(err)) == 0 {
		return missing(what)
	}
	return err
}

// SetForm opens or closes a form, on phones and in browsers.
func (d *Desk) SetForm(ctx context.Context, by access.Actor, project int64, form string, state FormState, web bool) error {
	if err := need(by, access.ManageForms, project); err != nil {
		return err
	}
	if state != Open && state != Closing && state != Closed {
		return fault.Issue{Code: CodeFormState, Args: map[string]any{"state": string(state)}}
	}
	defer d.forget(project)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		f, err := tx.GetForm(project, form)
		if err != nil {
			return notThere(err, "form")
		}
		f.State, f.WebForm = state, web
		if err := tx.PutForm(f); err != nil {
			return err
		}
		e := d.entry(by, "form.set", project, formObject(form))
		e.Detail = map[string]string{"state": string(state), "web": strconv.FormatBool(web)}
		return tx.Append(e)
	})
}

// mayRead refuses those who may not read a stage of a form: drafts are for those who make forms, and for devices
// that test them.
func (s *standing) mayRead(by access.Actor, project int64, f Form, draft Stage) error {
	if err := need(by, access.ReadForms, project); err != nil {
		return err
	}
	if by.Kind == access.Device {
		if !s.given(by, f) || s.devices[by.ID].Draft != bool(draft) {
			return missing("form")
		}
		return nil
	}
	if draft == Draft {
		return need(by, access.ManageForms, project)
	}
	return nil
}

// Version gives a version with its bytes: "" the current one, the draft with draft.
func (d *Desk) Version(ctx context.Context, by access.Actor, project int64, form, version string, draft Stage) (Version, error) {
	if err := need(by, access.ReadForms, project); err != nil {
		return Version{}, err
	}
	s, err := d.standing(ctx, project)
	if err != nil {
		return Version{}, err
	}
	v, err := looked(ctx, d, func(tx Tx) (Version, error) {
		f, err := tx.GetForm(project, form)
		if err != nil {
			return Version{}, notThere(err, "form")
		}
		if err := s.mayRead(by, project, f, draft); err != nil {
			return Version{}, err
		}
		v, err := tx.FindVersion(project, form, version, draft)
		return v, notThere(err, "version")
	})
	if err != nil {
		return Version{}, err
	}
	return v, d.hashLists(ctx, v.Media, project)
}

// hashLists fills in the md5 of entity lists as they are now. A file that nobody gave, of the name of a list, is that
// list.
func (d *Desk) hashLists(ctx context.Context, media []Media, project int64) error {
	for i := range media {
		m := &media[i]
		name := m.Entities
		if name == "" && m.Digest == "" {
			name, _ = strings.CutSuffix(m.Name, ".csv")
		}
		if name == "" || name == m.Name {
			continue
		}
		l, err := looked(ctx, d, func(tx Tx) (EntityList, error) { return tx.GetList(project, name) })
		if errors.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		m.Entities, m.Type = name, "text/csv"
		if m.MD5, err = d.listHash(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// Versions lists the published versions, newest first, without their bytes.
func (d *Desk) Versions(ctx context.Context, by access.Actor, project int64, form string) ([]Version, error) {
	if _, err := d.Form(ctx, by, project, form); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) ([]Version, error) { return tx.ListVersions(project, form) })
}

// Compiled gives the questionnaire of a version, with the classes that its words call for. It must not be changed.
func (d *Desk) Compiled(ctx context.Context, v Version) (*form.Form, error) {
	if e := d.remembered(v.ID); e != nil && v.ID != 0 {
		return e.form, nil
	}
	if len(v.XML) > 0 {
		e, _, err := newEdition(v)
		if err != nil {
			return nil, err
		}
		return e.form, nil
	}
	e, err := d.edition(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	return e.form, nil
}

// typeGroup gathers types whose answers may stand in one column.
func typeGroup(t form.Type) form.Type {
	switch t {
	case form.Decimal, form.Range:
		return form.Decimal
	case form.Text, form.Calculate, form.Hidden, form.Barcode, form.Metadata, form.Unknown, form.Acknowledge, form.Note:
		return form.Text
	}
	return t
}

// typeChanges finds questions that had another type in an earlier version.
func typeChanges(now, before *edition) fault.Issues {
	had := map[string]form.Question{}
	for _, q := range before.form.Questions {
		had[q.Path.String()] = q
	}
	var issues fault.Issues
	for _, q := range now.form.Questions {
		h, ok := had[q.Path.String()]
		if !ok || typeGroup(h.Type) == typeGroup(q.Type) {
			continue
		}
		issues = append(issues, fault.Issue{Code: CodeTypeChanged, Place: fault.Place{Field: q.Path.String()}, Kind: fault.Conflict,
			Args: map[string]any{"question": q.Path.String(), "have": q.Type.String(), "want": h.Type.String(), "version": before.version}})
	}
	return issues
}

// DropDraft takes the draft of a form away.
func (d *Desk) DropDraft(ctx context.Context, by access.Actor, project int64, form string) error {
	if err := need(by, access.ManageForms, project); err != nil {
		return err
	}
	defer d.forget(project)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		if err := clearDraft(tx, project, form); err != nil {
			return err
		}
		if err := tx.DropDraft(project, form); err != nil {
			return notThere(err, "draft")
		}
		return tx.Append(d.entry(by, "form.draft-drop", project, formObject(form)))
	})
}

// Publish makes the draft the current version. version, where given, replaces the draft's; where neither says one it
// is made of the time. A version that phones have already with other bytes, or a field that changes its type, is
// refused with fault.Conflict. Where the form has a key, phones encrypt what they record with it from now on.
func (d *Desk) Publish(ctx context.Context, by access.Actor, project int64, form, version string) (Version, error) {
	if err := need(by, access.ManageForms, project); err != nil {
		return Version{}, err
	}
	defer d.forget(project)
	return written(ctx, d, func(tx Tx) (Version, error) {
		draft, err := tx.FindVersion(project, form, "", Draft)
		if err != nil {
			if errors.Is(err, fault.NotFound) {
				return Version{}, fault.Issue{Code: CodeNoDraft, Kind: fault.NotFound}
			}
			return Version{}, err
		}
		return d.publish(tx, by, draft, strings.TrimSpace(version))
	})
}

func (d *Desk) publish(tx Tx, by access.Actor, draft Version, version string) (Version, error) {
	f, err := tx.GetForm(draft.Project, draft.Form)
	if err != nil {
		return Version{}, err
	}
	if version == "" {
		version = draft.Version
	}
	if version == "" {
		version = d.now().UTC().Format("20060102150405")
	}
	xml := draft.XML
	if version != draft.Version {
		if xml, err = withVersion(xml, version); err != nil {
			return Version{}, err
		}
	}
	key, err := tx.GetFormKey(draft.Project, draft.Form)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return Version{}, err
	}
	if key.Public != "" {
		if xml, err = withKey(xml, key.Public); err != nil {
			return Version{}, err
		}
	}
	now := draft
	now.Version, now.XML, now.Hash, now.Draft, now.Published = version, xml, hashOf(xml), false, d.now()
	ready, _, err := newEdition(now)
	if err != nil {
		return Version{}, err
	}
	before, err := tx.ListVersions(draft.Project, draft.Form)
	if err != nil {
		return Version{}, err
	}
	for _, b := range before {
		if b.Version == version {
			if b.Hash == now.Hash && f.Current != nil && f.Current.ID == b.ID { // published already, to the byte
				return b, errors.Join(tx.DropDraft(draft.Project, draft.Form), tx.Append(d.entry(by, "form.draft-drop", draft.Project, formObject(draft.Form))))
			}
			return Version{}, fault.Issue{Code: CodeVersionTaken, Kind: fault.Conflict, Args: map[string]any{"version": version}}
		}
		e, err := d.editionIn(tx, b.ID)
		if err != nil {
			return Version{}, err
		}
		if issues := typeChanges(ready, e); len(issues) > 0 {
			return Version{}, issues
		}
	}
	if err := clearDraft(tx, draft.Project, draft.Form); err != nil {
		return Version{}, err
	}
	if err := tx.PublishDraft(draft.Project, draft.Form, version, now.Hash, xml, now.Published); err != nil {
		return Version{}, err
	}
	f.Title, f.Encrypted = ready.form.Title, ready.form.PublicKey != ""
	if err := tx.PutForm(f); err != nil {
		return Version{}, err
	}
	if err := d.declareLists(tx, by, draft.Project, ready.form); err != nil {
		return Version{}, err
	}
	e := d.entry(by, "form.publish", draft.Project, formObject(draft.Form))
	e.Detail = map[string]string{"version": version, "hash": now.Hash}
	if err := tx.Append(e); err != nil {
		return Version{}, err
	}
	if err := d.tell(tx, draft.Project, "form.published", map[string]string{"form": draft.Form, "version": version}); err != nil {
		return Version{}, err
	}
	out, err := tx.FindVersion(draft.Project, draft.Form, version, Published)
	if err != nil {
		return Version{}, err
	}
	return out, tx.SetSetting(orderSetting(out.ID), ready.order())
}
