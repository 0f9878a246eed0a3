package collect

import (
	"context"
	"slices"
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

// need refuses an actor that does not hold a right anywhere in a project; project 0 asks for it everywhere.
func need(by access.Actor, right access.Right, project int64) error {
	if by.Kind == access.System && !slices.Contains(protectedRights(), right) { // a command on the machine, a schedule
		return nil
	}
	for _, h := range by.Rights {
		if h.Right == right && (h.Scope.Project == 0 || h.Scope.Project == project && project != 0) {
			return nil
		}
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
	var out reach
	if by.Kind == access.System && !slices.Contains(protectedRights(), right) {
		return reach{{}}, nil
	}
	for _, h := range by.Rights {
		if h.Right == right && (h.Scope.Project == 0 || h.Scope.Project == project) {
			if len(h.Scope.Sites) == 0 && len(h.Scope.Teams) == 0 {
				return reach{h.Scope}, nil
			}
			out = append(out, h.Scope)
		}
	}
	if out == nil {
		return nil, forbidden(right)
	}
	return out, nil
}

// whole says whether the reach is all of the project.
func (r reach) whole() bool {
	return len(r) == 1 && len(r[0].Sites) == 0 && len(r[0].Teams) == 0
}

// has says whether a record lies within the reach.
func (r reach) has(record *Record) bool {
	for _, s := range r {
		if (len(s.Sites) == 0 || slices.Contains(s.Sites, record.Site)) && (len(s.Teams) == 0 || slices.Contains(s.Teams, record.Team)) {
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
