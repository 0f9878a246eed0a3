package collect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form/instance"
	"waymark/trust/access"
)

// CodeSettled says that a body in quarantine was settled before.
const CodeSettled fault.Code = "collect.settled"

// CodeSettleOutcome says that there is no such way to settle: outcome.
const CodeSettleOutcome fault.Code = "collect.settle-outcome"

func quarantineObject(id int64) string { return "quarantine:" + strconv.FormatInt(id, 10) }

// Quarantine lists bodies that could not become records, open ones first. Who reaches some sites or teams only sees
// those that devices of theirs sent.
func (d *Desk) Quarantine(ctx context.Context, by access.Actor, project int64) ([]Quarantined, error) {
	scope, err := reachOf(by, access.SettleQuarantine, project)
	if err != nil {
		return nil, err
	}
	st, err := d.standing(ctx, project)
	if err != nil {
		return nil, notThere(err, "project")
	}
	all, err := looked(ctx, d, func(tx Tx) ([]Quarantined, error) { return tx.ListQuarantined(project) })
	return slices.DeleteFunc(all, func(q Quarantined) bool { return !scope.sent(st, &q) }), err
}

// sent says whether a body was sent by a device within reach.
func (r reach) sent(st *standing, q *Quarantined) bool {
	if r.whole() {
		return true
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(q.Actor, "device:"), 10, 64)
	v, ok := st.devices[id]
	return err == nil && ok && r.has(&Record{Project: q.Project, Site: v.Site, Team: v.Team})
}

// heldBody is a body in quarantine with what it was sent with.
type heldBody struct {
	q     Quarantined
	files []File
	raw   []byte
}

func (d *Desk) held(ctx context.Context, by access.Actor, project, id int64) (heldBody, error) {
	scope, err := reachOf(by, access.SettleQuarantine, project)
	if err != nil {
		return heldBody{}, err
	}
	st, err := d.standing(ctx, project)
	if err != nil {
		return heldBody{}, notThere(err, "project")
	}
	h, err := looked(ctx, d, func(tx Tx) (heldBody, error) {
		q, files, err := tx.GetQuarantined(id)
		return heldBody{q: q, files: files}, notThere(err, "quarantine")
	})
	if err != nil {
		return heldBody{}, err
	}
	if h.q.Project != project || !scope.sent(st, &h.q) {
		return heldBody{}, missing("quarantine")
	}
	r, err := d.open(ctx, h.q.Digest)
	if err != nil {
		return heldBody{}, err
	}
	defer r.Close()
	h.raw, err = io.ReadAll(io.LimitReader(r, largestBody))
	return h, err
}

// QuarantinedBody gives the body held and the record it clashes with, if any; audited, needs SettleQuarantine and
// ReadRestricted; strict answers in either are masked unless there is an opening. A body that cannot be read as a
// record, or whose form is not known, is shown whole with an opening of its form and not at all without.
func (d *Desk) QuarantinedBody(ctx context.Context, by access.Actor, project, id int64, opening string) (held, kept []byte, err error) {
	if err := need(by, access.ReadRestricted, project); err != nil {
		return nil, nil, err
	}
	h, err := d.held(ctx, by, project, id)
	if err != nil {
		return nil, nil, err
	}
	e := d.entry(by, "restricted.read", project, quarantineObject(id))
	e.Detail = map[string]string{"what": "quarantine"}
	var o *Opening
	if opening != "" {
		if o, err = d.validOpening(ctx, by, opening, project, h.q.Form); err != nil {
			return nil, nil, err
		}
		if o.Instance != "" && o.Instance != h.q.Instance {
			return nil, nil, fault.Issue{Code: CodeNeedsOpening, Kind: fault.Forbidden}
		}
		e.Act, e.Purpose = "strict.read", o.Purpose.Code
		e.Detail["opening"] = o.ID
	}
	if err := d.Note(ctx, e); err != nil {
		return nil, nil, err
	}
	form, err := looked(ctx, d, func(tx Tx) (*merged, error) {
		if h.q.Instance != "" {
			s, err := tx.GetRecord(project, h.q.Form, h.q.Instance, Published)
			if err == nil && !s.Deleted && s.Instance != "" {
				sealed, err := tx.RecordBody(s.Seq, h.q.Instance)
				if err != nil {
					return nil, err
				}
				if kept, err = d.openBody(project, h.q.Form, h.q.Instance, sealed); err != nil {
					return nil, err
				}
			} else if err != nil && !errors.Is(err, fault.NotFound) {
				return nil, err
			}
		}
		f, err := tx.GetForm(project, h.q.Form)
		if errors.Is(err, fault.NotFound) || err == nil && f.Current == nil {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return d.mergedIn(tx, project, h.q.Form, Published)
	})
	if err != nil {
		return nil, nil, err
	}
	if o != nil {
		return h.raw, kept, nil
	}
	if held, err = masked(h.raw, form); err != nil {
		return nil, nil, err
	}
	if kept != nil {
		kept, err = masked(kept, form)
	}
	return held, kept, err
}

// maskText stands in the place of an answer that may not be seen.
const maskText = "•••"

// masked writes a record with its strict answers hidden: those of questions that are strict in any version of the form,
// so that a later version with lower classes does not open what came before it, and of whatever the form does not have.
// Without a form all are hidden; a body that is no record needs an opening.
func masked(raw []byte, m *merged) ([]byte, error) {
	root, err := instance.ParseXML(raw, instance.Limits{})
	if err != nil {
		return nil, fault.Issue{Code: CodeNeedsOpening, Kind: fault.Forbidden}
	}
	open := map[string]bool{"meta/instanceID": true, "meta/deprecatedID": true}
	if m != nil {
		for i := range m.layout.Tables {
			for _, c := range m.layout.Tables[i].Columns {
				open[c.Path.String()] = c.Class < dataset.Strict
			}
		}
	}
	w := &maskWriter{open: open}
	w.node(root, "")
	return w.b.Bytes(), nil
}

type maskWriter struct {
	b    bytes.Buffer
	open map[string]bool
}

func (w *maskWriter) node(n *instance.Node, path string) {
	w.b.WriteString("<" + n.Name)
	for _, a := range n.Attributes {
		if path == "" { // what a record says of its form
			w.b.WriteString(" " + a.Name + `="` + escaper.Replace(a.Value) + `"`)
		}
	}
	w.b.WriteByte('>')
	for _, c := range n.Children {
		at := c.Name
		if path != "" {
			at = path + "/" + c.Name
		}
		w.node(c, at)
	}
	if len(n.Children) == 0 && n.Text != "" {
		if w.open[path] {
			w.b.WriteString(escaper.Replace(n.Text))
		} else {
			w.b.WriteString(maskText)
		}
	}
	w.b.WriteString("</" + n.Name + ">")
	if path == "" || len(n.Children) > 0 || strings.Count(path, "/") == 0 {
		w.b.WriteByte('\n')
	}
}

// Settle accepts the body held (as a new version of the record it clashes with, or as a record), or discards it. What
// is accepted keeps its first sender; rules about closed forms and who may edit do not count, since staff decided.
func (d *Desk) Settle(ctx context.Context, by access.Actor, project, id int64, o Outcome) error {
	if o != TakeHeld && o != DropHeld {
		return fault.Issue{Code: CodeSettleOutcome, Args: map[string]any{"outcome": string(o)}}
	}
	h, err := d.held(ctx, by, project, id)
	if err != nil {
		return err
	}
	if !h.q.Settled.IsZero() {
		return conflict(CodeSettled)
	}
	if o == TakeHeld {
		if err := d.takeHeld(ctx, by, h); err != nil {
			return err
		}
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		q, _, err := tx.GetQuarantined(id)
		if err != nil {
			return err
		}
		if !q.Settled.IsZero() {
			return conflict(CodeSettled)
		}
		q.Settled, q.By, q.Outcome = d.now(), actorID(by), string(o)
		if err := tx.SetQuarantined(q); err != nil {
			return err
		}
		e := d.entry(by, "quarantine.settle", project, quarantineObject(id))
		e.Detail = map[string]string{"outcome": string(o), "reason": string(q.Reason)}
		return tx.Append(e)
	})
}

// takeHeld makes a record of a body held. It can be done twice without harm: the second time the record is there.
func (d *Desk) takeHeld(ctx context.Context, by access.Actor, h heldBody) error {
	d.forget(h.q.Project) // a form published since may be what was missing
	st, err := d.standing(ctx, h.q.Project)
	if err != nil {
		return err
	}
	a := &arrival{sent: Sent{Project: h.q.Project, Raw: h.raw, Files: h.files}, by: by, actor: h.q.Actor, at: d.now(), standing: st, trusted: true,
		received: h.q.At, version: "uuid:" + d.options.Keys.UUID()}
	if scope, err := reachOf(by, access.SettleQuarantine, h.q.Project); err != nil || !scope.sent(st, &h.q) {
		return missing("quarantine")
	}
	_, err = d.take(ctx, a)
	return err
}

// Outcome is how a held body is settled.
type Outcome string

// The outcomes.
const (
	TakeHeld Outcome = "accepted"
	DropHeld Outcome = "discarded"
)

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
