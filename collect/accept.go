package collect

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/dataset"
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
	if v, ok := a.standing.devices[a.by.ID]; a.by.Kind == access.Device && ok && v.Forms != nil && !oneOf(f.ID, v.Forms) {
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
	var err error
	a.edition, err = d.edition(ctx, id)
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

// takeApart makes rows of a record, seals them and its body, and looks for doubts: all that needs no transaction.
func (d *Desk) takeApart(ctx context.Context, a *arrival) error {
	in, e := a.in, a.edition
	a.stored = Stored{VersionID: e.id, Body: d.sealBody(a.sent.Project, a.form.ID, a.id, a.sent.Raw)}
	if a.sent.Device != "" {
		a.stored.DeviceSealed = d.options.Keys.Seal(forDevice, bound(a.sent.Project, a.form.ID, a.id), []byte(a.sent.Device))
	}
	a.stored.Record = Record{Project: a.sent.Project, Form: a.form.ID, Instance: in.InstanceID, Current: a.id, Version: e.version,
		Actor: a.actor, Received: a.at, Updated: a.at, Review: Received, Draft: a.sent.Stage == Draft}
	r := &a.stored.Record
	if !a.received.IsZero() {
		r.Received = a.received
	}
	if v, ok := a.standing.devices[a.by.ID]; ok && a.by.Kind == access.Device {
		r.Site, r.Team = v.Site, v.Team
	}
	if in.Encrypted {
		d.takeEncrypted(a)
		return nil
	}
	a.rows = e.layout.Rows(in)
	if s := a.plain(e.marks.site); s != "" {
		r.Site = s
	}
	if s := a.plain(e.marks.team); s != "" {
		r.Team = s
	}
	d.packRows(a)
	a.expect()
	a.stored.Key = d.answersKey(a)
	a.stored.Issues = a.check()
	if err := d.readLog(ctx, a); err != nil {
		return err
	}
	return d.doubt(ctx, a)
}

// packRows packs and seals the rows.
func (d *Desk) packRows(a *arrival) {
	e := a.edition
	a.cells = make([]StoredRow, 0, len(a.rows))
	for _, row := range a.rows {
		t := &e.layout.Tables[row.Table]
		stored := d.storeRow(e, t, t.Repeat.String(), a.id, row)
		a.stored.Sealed = a.stored.Sealed || stored.Strict != nil && hasStrict(t, row)
		a.cells = append(a.cells, stored)
	}
}

// hasStrict says whether there is a strict answer in a row.
func hasStrict(t *flatten.TableLayout, r flatten.Row) bool {
	for k := range r.Cells {
		if r.Cells[k].Missing == dataset.Present && t.Columns[k].Class == dataset.Strict {
			return true
		}
	}
	return false
}

// takeEncrypted makes the row of a record that nobody has given the passphrase for: it says nothing.
func (d *Desk) takeEncrypted(a *arrival) {
	a.stored.Encrypted, a.stored.Sealed = true, true
	t := &a.edition.layout.Tables[0]
	row := flatten.Row{Parent: -1, Cells: t.Blank()}
	a.cells = []StoredRow{{Version: a.edition.id, Parent: -1, Plain: t.Pack(nil, row, dataset.Internal)}}
	for _, name := range append(slices.Clone(a.in.Manifest.Media), a.in.Manifest.XMLFile) {
		if name, err := fileName(name); err == nil {
			a.expected = append(a.expected, Attachment{Name: name, Expected: true, Strict: true})
		}
	}
}

// plain gives the answer of a column of the first table.
func (a *arrival) plain(c column) string {
	if c.table != 0 || len(a.rows) == 0 {
		return ""
	}
	return strings.TrimSpace(a.rows[0].Cells[c.at].Text)
}

// expect lists the files that the answers name.
func (a *arrival) expect() {
	seen := map[string]bool{}
	add := func(name string, strict bool) {
		if strings.HasPrefix(strings.TrimSpace(name), "jr://") { // a file of the form, which does not come with records
			return
		}
		name, err := fileName(name)
		if err == nil && !seen[name] {
			seen[name] = true
			a.expected = append(a.expected, Attachment{Name: name, Expected: true, Strict: strict})
		}
	}
	for _, c := range a.edition.marks.files {
		class := a.edition.layout.Tables[c.table].Columns[c.at].Class
		for i := range a.rows {
			if a.rows[i].Table == c.table && a.rows[i].Cells[c.at].Missing == dataset.Present {
				add(a.rows[i].Cells[c.at].Text, class == dataset.Strict)
			}
		}
	}
	if name := a.logName(); name != "" {
		add(name, true)
	}
}

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
	if err := tx.AddRecordVersion(have.Seq, version); err != nil {
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

// putFiles notes the files that the version expects and those that came. The first of a name is kept, a later one that
// differs is a version of it; what nobody expects is kept aside. fresh is the record where its version is new; else only
// what came is looked at.
func (d *Desk) putFiles(tx Tx, a *arrival, seq int64, fresh *Record) (all []Attachment, changed bool, err error) {
	if all, err = tx.ListAttachments(seq); err != nil {
		return nil, false, err
	}
	place := func(name string) int {
		return slices.IndexFunc(all, func(x Attachment) bool { return x.Name == name })
	}
	dirty := map[string]bool{}
	if fresh != nil {
		for i := range all { // no longer named: what has not come is not waited for
			if !slices.ContainsFunc(a.expected, func(x Attachment) bool { return x.Name == all[i].Name }) && all[i].Expected {
				all[i].Expected = false
				dirty[all[i].Name] = true
			}
		}
		for _, x := range a.expected {
			i := place(x.Name)
			if i < 0 {
				all = append(all, x)
				dirty[x.Name] = true
			} else if !all[i].Expected || x.Strict && !all[i].Strict {
				all[i].Expected, all[i].Strict = true, all[i].Strict || x.Strict
				dirty[x.Name] = true
			}
		}
	}
	for _, f := range a.sent.Files {
		i := place(f.Name)
		switch {
		case i < 0:
			all = append(all, Attachment{Name: f.Name, Type: f.Type, Digest: f.Digest, Size: f.Size, Strict: a.edition == nil || a.edition.strict || a.in.Encrypted})
			dirty[f.Name] = true
		case all[i].Digest == "":
			all[i].Type, all[i].Digest, all[i].Size = f.Type, f.Digest, f.Size
			dirty[f.Name] = true
		case all[i].Digest != f.Digest:
			if err := tx.AddAttachmentVersion(seq, f.Name, f.Digest, f.Size, a.at); err != nil {
				return nil, false, err
			}
			all[i].Later++
			changed = true
		}
	}
	for _, x := range all {
		if dirty[x.Name] {
			if err := tx.PutAttachment(seq, x); err != nil {
				return nil, false, err
			}
			changed = true
		}
	}
	return all, changed, nil
}

// notArrived names the files still expected.
func notArrived(files []Attachment) []string {
	var out []string
	for _, f := range files {
		if f.Expected && f.Digest == "" {
			out = append(out, f.Name)
		}
	}
	return out
}

// refuse keeps what was sent in quarantine and gives the reason. A body that is held already, for the same reason, is
// not held twice: phones send again and again what was refused.
func (d *Desk) refuse(ctx context.Context, a *arrival, reason error) error {
	issues := fault.Of(reason)
	if len(issues) == 0 || errors.Is(reason, fault.Unavailable) || a.sent.Stage == Draft || a.trusted { // what is sent to a draft is a trial
		return reason // else the store or the machine failed: the phone keeps the record and sends it again
	}
	q := Quarantined{Project: a.sent.Project, Form: a.sent.Form, Reason: issues[0].Code, Args: issues[0].Args, Actor: a.actor, At: a.at,
		Size: int64(len(a.sent.Raw)), Files: len(a.sent.Files)}
	if a.in != nil {
		q.Form, q.Instance = a.in.FormID, a.in.InstanceID
	}
	digest, _, _, err := d.keep(ctx, bytes.NewReader(a.sent.Raw))
	if err != nil {
		return err
	}
	q.Digest = digest
	err = d.options.Store.Write(ctx, func(tx Tx) error {
		held, err := tx.ListQuarantined(q.Project)
		if err != nil {
			return err
		}
		for _, h := range held {
			if h.Settled.IsZero() && h.Digest == q.Digest && h.Reason == q.Reason && h.Instance == q.Instance && h.Files >= q.Files {
				return nil
			}
		}
		id, err := tx.AddQuarantined(q, a.sent.Files)
		if err != nil {
			return err
		}
		e := d.entry(a.by, "record.quarantine", q.Project, "quarantine:"+strconv.FormatInt(id, 10))
		e.Detail = map[string]string{"reason": string(q.Reason), "draft": strconv.FormatBool(bool(a.sent.Stage))}
		return tx.Append(e)
	})
	if err != nil {
		return err
	}
	return reason
}

// answersKey gives a keyed digest of what people answered to one device on one day, by which an interview given twice
// is found. It is nil where too little was answered to tell.
func (d *Desk) answersKey(a *arrival) []byte {
	const few = 4
	day := a.at.UTC().Format(time.DateOnly)
	if s := a.plain(a.edition.marks.start); len(s) >= len(time.DateOnly) {
		day = s[:len(time.DateOnly)]
	}
	b := bound(a.sent.Project, a.form.ID, a.actor, day)
	answered := 0
	for i := range a.rows {
		for _, k := range a.edition.marks.answers[a.rows[i].Table] {
			cell := &a.rows[i].Cells[k]
			if cell.Missing == dataset.Present {
				answered++
			}
			b = append(strconv.AppendInt(append(b, 0), int64(len(cell.Text)), 10), ':')
			b = append(b, cell.Text...)
		}
	}
	if answered < few {
		return nil
	}
	return d.options.Keys.Mac("answers", b)
}

func (a *arrival) flag(code fault.Code, args map[string]any) {
	a.flags = append(a.flags, Flag{Code: code, Args: args})
}
