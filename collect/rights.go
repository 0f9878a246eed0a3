package collect

import (
	"context"
	"strconv"

	"waymark/fault"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// What an actor may be told when something is refused or not there.
const (
	CodeNotAllowed fault.Code = "collect.not-allowed" // right
	CodeNoSuch     fault.Code = "collect.no-such"     // what: code of a kind of thing
)

// forbidden refuses an act for want of a right.
func forbidden(right access.Right) error {
	return fault.Issue{Code: CodeNotAllowed, Args: map[string]any{"right": string(right)}, Kind: fault.Forbidden}
}

// missing says that there is nothing of a name or number; what is a code: "form", "record".
func missing(what string) error {
	return fault.Issue{Code: CodeNoSuch, Args: map[string]any{"what": what}, Kind: fault.NotFound}
}

// need refuses an actor that does not hold a right anywhere in a project; project 0 asks for it everywhere. The
// program itself holds every right but those that are protected.
func need(by access.Actor, right access.Right, project int64) error {
	if by.Kind == access.System && !access.IsProtected(right) || access.AllowedAnywhere(by, right, project) {
		return nil
	}
	return forbidden(right)
}

// holds says whether an actor holds a right somewhere in a project.
func holds(by access.Actor, right access.Right, project int64) bool {
	return need(by, right, project) == nil
}

// reach is where in a project an actor holds a right.
type reach []access.Scope

// reachOf gives where an actor holds a right, or refuses.
func reachOf(by access.Actor, right access.Right, project int64) (reach, error) {
	if by.Kind == access.System && !access.IsProtected(right) {
		return reach{{}}, nil
	}
	r := reach(access.Where(by, right, project))
	if len(r) == 0 {
		return nil, forbidden(right)
	}
	return r, nil
}

// whole says whether the reach is all of the project.
func (r reach) whole() bool { return len(r) == 1 && r[0].Whole() }

// has says whether a record lies within the reach.
func (r reach) has(record *Record) bool {
	for _, s := range r {
		if s.Has(record.Project, record.Site, record.Team) {
			return true
		}
	}
	return false
}

// system is the actor of what the program does by itself.
var system = access.Actor{Kind: access.System}

// actorID names an actor in records and audit entries: "user:12", "device:4", "system".
func actorID(by access.Actor) string {
	if by.Kind == access.System || by.Kind == "" {
		return string(access.System)
	}
	return string(by.Kind) + ":" + strconv.FormatInt(by.ID, 10)
}

// entry begins an audit entry of an act at the desk's time.
func (d *Desk) entry(by access.Actor, act string, project int64, object string) audit.Entry {
	return audit.Entry{At: d.now(), Actor: actorID(by), Act: act, Project: project, Object: object}
}

// looked runs a function in one reading of the store and gives its value.
func looked[T any](ctx context.Context, d *Desk, look func(Tx) (T, error)) (T, error) {
	var out T
	err := d.options.Store.Read(ctx, func(tx Tx) error {
		var err error
		out, err = look(tx)
		return err
	})
	return out, err
}

// written runs a function in one writing and gives the value of the run that was kept.
func written[T any](ctx context.Context, d *Desk, act func(Tx) (T, error)) (T, error) {
	var out T
	err := d.options.Store.Write(ctx, func(tx Tx) error {
		var err error
		out, err = act(tx)
		return err
	})
	return out, err
}
