package collect

import (
	"context"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/trust/access"
)

// What cannot be done with roles.
const (
	CodeRoleName     fault.Code = "collect.role-name"     //
	CodeRoleRight    fault.Code = "collect.role-right"    // right
	CodeRolePowers   fault.Code = "collect.role-powers"   // right
	CodeOwnGrants    fault.Code = "collect.own-grants"    //
	CodeUnknownRole  fault.Code = "collect.unknown-role"  // role
	CodeGrantProject fault.Code = "collect.grant-project" // role
)

// roleList gives the roles there are: those that the mission made or changed, and the standard ones.
func roleList(tx Tx) ([]access.Role, error) {
	kept, err := tx.ListRoles()
	if err != nil {
		return nil, err
	}
	out := access.Roles()
	for _, r := range kept {
		if i := slices.IndexFunc(out, func(s access.Role) bool { return s.Name == r.Name }); i >= 0 {
			out[i] = r
		} else {
			out = append(out, r)
		}
	}
	return out, nil
}

// Roles lists the roles that can be given.
func (d *Desk) Roles(ctx context.Context, by access.Actor) ([]access.Role, error) {
	if !holds(by, access.ManageUsers, 0) && len(by.Rights) == 0 {
		return nil, forbidden(access.ManageUsers)
	}
	return looked(ctx, d, roleList)
}

// SetRole makes or changes a role. A role that manages users reads no protected answers, and nobody adds
// rights to a role that they hold (access, invariant 2).
func (d *Desk) SetRole(ctx context.Context, by access.Actor, r access.Role) error {
	if err := need(by, access.ManageUsers, 0); err != nil {
		return err
	}
	r.Name = strings.TrimSpace(r.Name)
	if r.Name == "" || len(r.Name) > 60 {
		return fault.Issue{Code: CodeRoleName}
	}
	for _, right := range r.Rights {
		if !slices.Contains(access.Rights(), right) {
			return fault.Issue{Code: CodeRoleRight, Args: map[string]any{"right": string(right)}}
		}
	}
	if right, mixed := access.Mixed(r); mixed {
		return fault.Issue{Code: CodeRolePowers, Args: map[string]any{"right": string(right)}}
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		have, err := roleList(tx)
		if err != nil {
			return err
		}
		was := access.Role{Name: r.Name}
		if i := slices.IndexFunc(have, func(h access.Role) bool { return h.Name == r.Name }); i >= 0 {
			was = have[i]
		}
		if by.Kind != access.System && !access.CanSetRole(by, was, r) {
			return fault.Issue{Code: CodeOwnGrants, Kind: fault.Forbidden}
		}
		if err := tx.PutRole(r); err != nil {
			return err
		}
		e := d.entry(by, "role.set", 0, "role:"+r.Name)
		e.Detail = map[string]string{"rights": joinRights(r.Rights)}
		return tx.Append(e)
	})
}

func joinRights(rights []access.Right) string {
	names := make([]string, len(rights))
	for i, r := range rights {
		names[i] = string(r)
	}
	return strings.Join(names, " ")
}

// checkGrants refuses grants of roles that are not there, of projects that are not, and those that the actor may not
// give.
func checkGrants(tx Tx, by access.Actor, u User) error {
	roles, err := roleList(tx)
	if err != nil {
		return err
	}
	for _, g := range u.Grants {
		if by.Kind != access.System && !access.CanGrant(by, u.ID, g) {
			return fault.Issue{Code: CodeOwnGrants, Kind: fault.Forbidden}
		}
		if !slices.ContainsFunc(roles, func(r access.Role) bool { return r.Name == g.Role }) {
			return fault.Issue{Code: CodeUnknownRole, Args: map[string]any{"role": g.Role}}
		}
		if g.Scope.Project == 0 {
			continue
		}
		if _, err := tx.GetProject(g.Scope.Project); err != nil {
			return fault.Issue{Code: CodeGrantProject, Args: map[string]any{"role": g.Role}}
		}
	}
	return nil
}
