package collect

import (
	"context"
	"errors"
	"time"

	"waymark/fault"
	"waymark/form/flatten"
	"waymark/form/instance"
	"waymark/trust/access"
)

// Why a record is not taken. What is refused is in quarantine.
const (
	CodeFormClosed  fault.Code = "collect.form-closed"  //
	CodeNoPublished fault.Code = "collect.no-published" //
	CodeOtherBody   fault.Code = "collect.other-body"   //
	CodeWasDeleted  fault.Code = "collect.was-deleted"  //
	CodeSuperseded  fault.Code = "collect.superseded"   //
	CodeNoneToEdit  fault.Code = "collect.none-to-edit" //
	CodeMayNotEdit  fault.Code = "collect.may-not-edit" //
)

// Sent is what a phone or a browser posts: the body as it came and the files beside it.
type Sent struct {
	Project    int64
	Form       string // as the address says; "" where it does not
	Stage      Stage
	Raw        []byte
	Files      []File
	Incomplete bool   // more posts of this record follow
	Device     string // device id that the client gave
	Language   string
}

// File is a file beside a record, already kept in Blobs.
type File struct {
	Name   string
	Type   string
	Digest string
	Size   int64
}

// Receipt says what became of what was sent.
type Receipt struct {
	Record  Record
	New     bool     // false: it was there already
	Edited  bool     // it became a new version
	Missing []string // attachments still expected
}

// arrival is what was sent, taken apart and sealed, before the store is asked anything.
type arrival struct {
	sent     Sent
	by       access.Actor
	actor    string
	at       time.Time
	in       *instance.Instance
	standing *standing
	form     Form
	edition  *edition
	rows     []flatten.Row // of the first table and the repeats
	stored   Stored
	cells    []StoredRow
	expected []Attachment
	log      []StoredRow   // the phone's own log, where it came with this
	spent    time.Duration // in the form, as that log says; 0: it does not
	flags    []Flag
	trusted  bool      // staff have settled it: a closed form and missing rights to edit do not count
	received time.Time // when it first came, where that was before
	version  string    // instance id of the version it becomes where its own is taken by another body
	id       string    // instance id of the version it becomes
}

// Accept takes a record. It is durable when Accept returns nil. What is refused is kept in quarantine, and the
// error says why: fault.Conflict (another body has this id; the form is closed; it was deleted), fault.NotFound (no
// such form, no such record to edit), fault.Invalid (not whole, no instance id), fault.Forbidden (no right to edit).
func (d *Desk) Accept(ctx context.Context, by access.Actor, s Sent) (Receipt, error) {
	st, err := d.maySend(ctx, by, s)
	if err != nil {
		return Receipt{}, err
	}
	a := &arrival{sent: s, by: by, actor: actorID(by), at: d.now(), standing: st}
	return d.take(ctx, a)
}

// maySend refuses who may not send records to a project, or to a draft.
func (d *Desk) maySend(ctx context.Context, by access.Actor, s Sent) (*standing, error) {
	if err := need(by, access.Submit, s.Project); err != nil && !holds(by, access.EditRecords, s.Project) && (s.Stage != Draft || !holds(by, access.ManageForms, s.Project)) {
		return nil, err
	}
	st, err := d.standing(ctx, s.Project)
	if err != nil {
		return nil, notThere(err, "project")
	}
	switch by.Kind {
	case access.Device:
		v, ok := st.devices[by.ID]
		if !ok || v.Revoked {
			return nil, fault.Issue{Code: CodeDeviceUnknown, Kind: fault.Forbidden}
		}
		if v.Draft != bool(s.Stage) {
			return nil, missing("form")
		}
	default:
		if s.Stage == Draft && !holds(by, access.ManageForms, s.Project) {
			return nil, forbidden(access.ManageForms)
		}
	}
	return st, nil
}

// take reads what was sent and writes it: as a record, a version of one, or a body in quarantine.
func (d *Desk) take(ctx context.Context, a *arrival) (Receipt, error) {
	if err := d.read(ctx, a); err != nil {
		return Receipt{}, d.refuse(ctx, a, err)
	}
	if err := d.nameVersion(ctx, a); err != nil {
		return Receipt{}, err
	}
	if err := d.takeApart(ctx, a); err != nil {
		return Receipt{}, err
	}
	for try := 0; ; try++ {
		got, err := written(ctx, d, func(tx Tx) (outcome, error) { return d.decide(tx, a) })
		if errors.Is(err, errTaken) {
			if try < 3 { // another program wrote the same record meanwhile: look again
				continue
			}
			got, err = outcome{refused: conflict(CodeWasDeleted)}, nil // only the mark of a purged record is left
		}
		if err != nil {
			return Receipt{}, err
		}
		if got.refused != nil {
			return Receipt{}, d.refuse(ctx, a, got.refused)
		}
		return got.receipt, nil
	}
}

// nameVersion gives the version that this becomes its instance id: the record's own, but for a body that staff accept
// beside another of the same id.
func (d *Desk) nameVersion(ctx context.Context, a *arrival) error {
	a.id = a.in.InstanceID
	if !a.trusted {
		return nil
	}
	return d.options.Store.Read(ctx, func(tx Tx) error {
		have, err := tx.GetRecord(a.sent.Project, a.form.ID, a.in.InstanceID, a.sent.Stage)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		if err == nil && !have.Deleted {
			a.id = a.version
		}
		return err
	})
}

// outcome is what a transaction decided.
type outcome struct {
	receipt Receipt
	refused error
}

var errTaken = errors.New("taken")

func conflict(code fault.Code) error { return fault.Issue{Code: code, Kind: fault.Conflict} }

// read parses what was sent and finds its form and version.
func (d *Desk) read(ctx context.Context, a *arrival) error {
	var err error
	if a.in, err = instance.Parse(a.sent.Raw, instance.Limits{}); err != nil {
		return err
	}
	if a.sent.Form != "" && a.sent.Form != a.in.FormID {
		return fault.Issue{Code: CodeOtherForm, Args: map[string]any{"have": a.in.FormID, "want": a.sent.Form}}
	}
	f, ok := a.standing.forms[a.in.FormID]
	if !ok { // it may have been made by another program since
		d.forget(a.sent.Project)
		if a.standing, err = d.standing(ctx, a.sent.Project); err != nil {
			return err
		}
		if f, ok = a.standing.forms[a.in.FormID]; !ok {
			return missing("form")
		}
	}
	a.form = f
	if v, ok := a.standing.devices[a.by.ID]; a.by.Kind == access.Device && ok && !v.Given(f.ID) {
		return missing("form")
	}
	return d.findEdition(ctx, a)
}

// findEdition finds the version that a record was made with. Where there is none of that name the current one is
// taken, and the record flagged: the answers are worth more than the name of a version.
func (d *Desk) findEdition(ctx context.Context, a *arrival) error {
	if a.sent.Stage == Draft {
		if a.form.Draft == nil {
			return fault.Issue{Code: CodeNoDraft, Kind: fault.NotFound}
		}
		var err error
		a.edition, err = d.edition(ctx, a.form.Draft.ID)
		return err
	}
	if a.form.Current == nil {
		return fault.Issue{Code: CodeNoPublished, Kind: fault.NotFound}
	}
	id := a.form.Current.ID
	if a.in.Version != a.form.Current.Version {
		v, err := d.versionOf(ctx, a.sent.Project, a.form.ID, a.in.Version)
		switch {
		case errors.Is(err, fault.NotFound):
			a.flag(FlagVersion, nil)
		case err != nil:
			return err
		default:
			id = v
		}
	}
	e, err := d.edition(ctx, id)
	if err != nil {
		return err
	}
	a.edition, err = d.raised(ctx, e, a.form.Current.ID)
	return err
}

// versionOf finds the number of a published version by its name.
func (d *Desk) versionOf(ctx context.Context, project int64, form, version string) (int64, error) {
	if version == "" {
		return 0, fault.NotFound
	}
	d.memory.lock.Lock()
	for _, e := range d.memory.editions {
		if e.project == project && e.formID == form && e.version == version && e.published {
			d.memory.lock.Unlock()
			return e.id, nil
		}
	}
	d.memory.lock.Unlock()
	v, err := looked(ctx, d, func(tx Tx) (Version, error) { return tx.FindVersion(project, form, version, Published) })
	return v.ID, err
}
