package collect

import (
	"context"
	"strconv"

	"waymark/trust/access"
)

// Names gives the names that staff gave themselves and their devices, by actor ("user:12", "device:4"), to whoever works
// in the project: pages say who did what. Project 0 asks for all, and needs ReadAudit or ManageUsers. It gives no email.
func (d *Desk) Names(ctx context.Context, by access.Actor, project int64) (map[string]string, error) {
	if project == 0 && !holds(by, access.ReadAudit, 0) {
		if err := need(by, access.ManageUsers, 0); err != nil {
			return nil, err
		}
	} else if project != 0 {
		if err := need(by, access.ReadForms, project); err != nil {
			return nil, err
		}
	}
	return looked(ctx, d, func(tx Tx) (map[string]string, error) {
		out := map[string]string{}
		users, err := tx.ListUsers()
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			if project == 0 || worksIn(u, project) {
				out["user:"+strconv.FormatInt(u.ID, 10)] = u.Name
			}
		}
		projects := []Project{{ID: project}}
		if project == 0 {
			if projects, err = tx.ListProjects(); err != nil {
				return nil, err
			}
		}
		for _, p := range projects {
			devices, err := tx.ListDevices(p.ID)
			if err != nil {
				return nil, err
			}
			for _, v := range devices {
				out["device:"+strconv.FormatInt(v.ID, 10)] = v.Name
			}
		}
		return out, nil
	})
}

// worksIn says whether a user has a role in a project.
func worksIn(u User, project int64) bool {
	for _, g := range u.Grants {
		if g.Scope.Project == 0 || g.Scope.Project == project {
			return true
		}
	}
	return false
}
