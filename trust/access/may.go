package access

import "slices"

// Resolve gives the actor with the rights its grants come to, in the order of grants. A grant of a role that is not
// there gives none. A device holds the collector's rights in its project, whatever grants are written to it, and
// never a protected one; the program itself holds every right everywhere but those that are protected.
func Resolve(roles []Role, a Actor) Actor {
	a.Rights = nil
	switch a.Kind {
	case System:
		for _, r := range Rights() {
			if !IsProtected(r) {
				a.Rights = append(a.Rights, Held{Right: r})
			}
		}
		return a
	case Device:
		if a.Project != 0 {
			a.hold(roles, Grant{Role: Collector, Scope: Scope{Project: a.Project}})
		}
		a.Rights = slices.DeleteFunc(a.Rights, func(h Held) bool { return IsProtected(h.Right) || h.Right == ManageUsers || h.Right == ManageServer })
		return a
	}
	for _, g := range a.Grants {
		a.hold(roles, g)
	}
	return a
}

func (a *Actor) hold(roles []Role, g Grant) {
	i := slices.IndexFunc(roles, func(r Role) bool { return r.Name == g.Role })
	if i < 0 {
		return
	}
	for _, r := range roles[i].Rights {
		a.Rights = append(a.Rights, Held{Right: r, Scope: g.Scope})
	}
}

// Allowed says whether an actor holds a right on what is of a project, a site and a team. Project 0 asks for the right
// everywhere. What has no site or team ("") is seen only by who holds the right for all of them.
func Allowed(a Actor, r Right, project int64, site, team string) bool {
	return slices.ContainsFunc(a.Rights, func(h Held) bool { return h.Right == r && h.Scope.Has(project, site, team) })
}

// AllowedAnywhere says whether an actor holds a right in a project, be it for some sites or teams only. Project 0
// asks for the right in every project.
func AllowedAnywhere(a Actor, r Right, project int64) bool { return len(Where(a, r, project)) > 0 }

// Where gives the scopes in a project that an actor holds a right in; the zero Scope alone where one of them is the
// whole project. Nothing where there is none.
func Where(a Actor, r Right, project int64) []Scope {
	var out []Scope
	for _, h := range a.Rights {
		if h.Right != r || h.Scope.Project != 0 && h.Scope.Project != project {
			continue
		}
		if h.Scope.Whole() {
			return []Scope{{}}
		}
		if project != 0 {
			out = append(out, h.Scope)
		}
	}
	return out
}

// Whole says whether a scope leaves out no site and no team of its projects.
func (s Scope) Whole() bool { return len(s.Sites) == 0 && len(s.Teams) == 0 }

// Has says whether what is of a project, a site and a team lies in the scope.
func (s Scope) Has(project int64, site, team string) bool {
	return (s.Project == 0 || s.Project == project) && (len(s.Sites) == 0 || site != "" && slices.Contains(s.Sites, site)) &&
		(len(s.Teams) == 0 || team != "" && slices.Contains(s.Teams, team))
}

// Covers says whether everything in another scope lies in this one.
func (s Scope) Covers(o Scope) bool {
	within := func(mine, theirs []string) bool {
		return len(mine) == 0 || len(theirs) > 0 && !slices.ContainsFunc(theirs, func(t string) bool { return !slices.Contains(mine, t) })
	}
	return (s.Project == 0 || s.Project == o.Project) && within(s.Sites, o.Sites) && within(s.Teams, o.Teams)
}

// CanGrant says whether an actor may give a user a role in a scope: they manage users there, and the user is somebody
// else (invariant 2). The program itself, by a command on the machine, may give any.
func CanGrant(by Actor, user int64, g Grant) bool {
	if by.Kind == User && by.ID == user {
		return false
	}
	return slices.ContainsFunc(by.Rights, func(h Held) bool { return h.Right == ManageUsers && h.Scope.Covers(g.Scope) })
}

// CanSetRole says whether an actor may make or change a role: they manage users everywhere, the role mixes no powers
// (Mixed), and they gain no right by it (invariant 2). was is the role as it is, with no rights where it is new.
func CanSetRole(by Actor, was, becomes Role) bool {
	if _, mixed := Mixed(becomes); mixed || !slices.ContainsFunc(by.Rights, func(h Held) bool { return h.Right == ManageUsers && h.Scope.Covers(Scope{}) }) {
		return false
	}
	mine := slices.ContainsFunc(by.Grants, func(g Grant) bool { return g.Role == becomes.Name })
	return !mine || !slices.ContainsFunc(becomes.Rights, func(r Right) bool { return !slices.Contains(was.Rights, r) })
}
