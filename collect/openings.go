package collect

import (
	"context"
	"strconv"
	"time"

	"waymark/fault"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// What stands between somebody and strict answers.
const (
	CodeNeedsOpening fault.Code = "collect.needs-opening" //
	CodeOpeningOver  fault.Code = "collect.opening-over"  //
	CodeOwnOpening   fault.Code = "collect.own-opening"   //
	CodePurpose      fault.Code = "collect.purpose"       // limit: letters
	CodeDecided      fault.Code = "collect.decided"       //
)

// openingLength is how long an opening lasts after it was granted.
const openingLength = 8 * time.Hour

// askedFor is how long an opening waits to be granted.
const askedFor = 7 * 24 * time.Hour

// AskOpening asks for leave to read the strict answers of a form's records, or of one. Somebody else grants it.
func (d *Desk) AskOpening(ctx context.Context, by access.Actor, project int64, form, instance string, p access.Purpose) (Opening, error) {
	if err := need(by, access.AskStrict, project); err != nil {
		return Opening{}, err
	}
	if !p.Known() {
		return Opening{}, fault.Issue{Code: CodePurpose, Args: map[string]any{"limit": access.NoteLength}}
	}
	o := Opening{ID: d.options.Keys.UUID(), Project: project, Form: form, Instance: instance, Purpose: p, Asked: d.now(), AskedBy: by.ID}
	return written(ctx, d, func(tx Tx) (Opening, error) {
		o := o
		if _, err := tx.GetForm(project, form); err != nil {
			return Opening{}, notThere(err, "form")
		}
		if instance != "" {
			s, err := d.found(tx, by, access.AskStrict, project, form, instance, Published)
			if err != nil {
				return Opening{}, err
			}
			o.Instance = s.Instance
		} else if scope, err := reachOf(by, access.AskStrict, project); err != nil || !scope.whole() {
			return Opening{}, forbidden(access.AskStrict) // all of a form's records only for who reaches them all
		}
		if err := d.putOpening(tx, o); err != nil {
			return Opening{}, err
		}
		return o, tx.Append(d.openingEntry(by, "opening.ask", o))
	})
}

func (d *Desk) openingEntry(by access.Actor, act string, o Opening) audit.Entry {
	e := d.entry(by, act, o.Project, formObject(o.Form))
	if o.Instance != "" {
		e.Object = recordObject(o.Instance)
	}
	e.Purpose = o.Purpose.Code
	e.Detail = map[string]string{"opening": o.ID, "asked-by": "user:" + strconv.FormatInt(o.AskedBy, 10)}
	return e
}

// putOpening keeps an opening, the words of its purpose sealed.
func (d *Desk) putOpening(tx Tx, o Opening) error {
	sealed := d.options.Keys.Seal(forOpening, bound(o.Project, o.ID), []byte(o.Purpose.Note))
	o.Purpose.Note = ""
	return tx.PutOpening(o, sealed)
}

func (d *Desk) readOpening(o Opening, sealed []byte) (Opening, error) {
	if sealed == nil {
		return o, nil
	}
	note, err := d.options.Keys.Open(forOpening, bound(o.Project, o.ID), sealed)
	o.Purpose.Note = string(note)
	return o, err
}

// GrantOpening grants or refuses; fault.Forbidden for the one who asked (invariant 3).
func (d *Desk) GrantOpening(ctx context.Context, by access.Actor, project int64, id string, grant Decision) error {
	if err := need(by, access.GrantStrict, project); err != nil {
		return err
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		o, sealed, err := tx.GetOpening(id)
		if err != nil || o.Project != project {
			return missing("opening")
		}
		if by.Kind != access.User || o.AskedBy == by.ID {
			return fault.Issue{Code: CodeOwnOpening, Kind: fault.Forbidden}
		}
		if o.Refused || !o.Granted.IsZero() {
			return conflict(CodeDecided)
		}
		if d.now().Sub(o.Asked) > askedFor {
			return fault.Issue{Code: CodeOpeningOver, Kind: fault.Gone}
		}
		if err := d.mayDecide(tx, by, o); err != nil {
			return err
		}
		if o, err = d.readOpening(o, sealed); err != nil {
			return err
		}
		o.GrantedBy = by.ID
		act := "opening.refuse"
		if grant == Allow {
			o.Granted, o.Ends = d.now(), d.now().Add(openingLength)
			act = "opening.grant"
		} else {
			o.Refused = true
		}
		if err := d.putOpening(tx, o); err != nil {
			return err
		}
		return tx.Append(d.openingEntry(by, act, o))
	})
}

// Openings lists what was asked for and granted: to who asked, and to who may decide it.
func (d *Desk) Openings(ctx context.Context, by access.Actor, project int64) ([]Opening, error) {
	if err := need(by, access.GrantStrict, project); err != nil {
		if err := need(by, access.AskStrict, project); err != nil {
			return nil, err
		}
	}
	return looked(ctx, d, func(tx Tx) ([]Opening, error) {
		all, err := tx.ListOpenings(project)
		if err != nil {
			return nil, err
		}
		var out []Opening
		for _, o := range all { // the words of a purpose are for the two people of the door
			mine := by.Kind == access.User && o.AskedBy == by.ID
			if !mine && d.mayDecide(tx, by, o) != nil {
				continue
			}
			o, sealed, err := tx.GetOpening(o.ID)
			if err == nil {
				o, err = d.readOpening(o, sealed)
			}
			if err != nil {
				return nil, err
			}
			out = append(out, o)
		}
		return out, nil
	})
}

// mayDecide refuses who may not grant an opening: they reach the record, or all of the form's.
func (d *Desk) mayDecide(tx Tx, by access.Actor, o Opening) error {
	scope, err := reachOf(by, access.GrantStrict, o.Project)
	switch {
	case err != nil:
		return err
	case o.Instance != "":
		_, err := d.found(tx, by, access.GrantStrict, o.Project, o.Form, o.Instance, Published)
		return err
	case !scope.whole():
		return forbidden(access.GrantStrict)
	}
	return nil
}

// validOpening gives an opening that an actor asked for, that another granted and that has not ended (invariant 3).
func (d *Desk) validOpening(ctx context.Context, by access.Actor, id string, project int64, form string) (*Opening, error) {
	return looked(ctx, d, func(tx Tx) (*Opening, error) { return d.openingIn(tx, by, id, project, form) })
}

func (d *Desk) openingIn(tx Tx, by access.Actor, id string, project int64, form string) (*Opening, error) {
	o, _, err := tx.GetOpening(id)
	switch {
	case err != nil || o.Project != project || o.Form != form || by.Kind != access.User || o.AskedBy != by.ID:
		return nil, fault.Issue{Code: CodeNeedsOpening, Kind: fault.Forbidden}
	case o.Refused || o.Granted.IsZero() || o.GrantedBy == o.AskedBy || !running(d.now(), o.Granted, o.Ends):
		return nil, fault.Issue{Code: CodeOpeningOver, Kind: fault.Forbidden}
	}
	return &o, nil
}

// openingFor gives the opening of a record, nil where none is named.
func (d *Desk) openingFor(tx Tx, by access.Actor, id string, r *Record) (*Opening, error) {
	if id == "" {
		return nil, nil
	}
	o, err := d.openingIn(tx, by, id, r.Project, r.Form)
	if err != nil {
		return nil, err
	}
	if o.Instance != "" && o.Instance != r.Instance {
		return nil, fault.Issue{Code: CodeNeedsOpening, Kind: fault.Forbidden}
	}
	return o, nil
}

// Decision says whether an opening is granted.
type Decision bool

// The decisions.
const (
	Refuse Decision = false
	Allow  Decision = true
)
