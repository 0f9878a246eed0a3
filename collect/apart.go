package collect

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form/flatten"
	"waymark/trust/access"
)

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
