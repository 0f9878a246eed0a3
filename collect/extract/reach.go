package extract

import (
	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

// Reach says which records an actor may take out: those within the scope of the right to export, and with restricted
// answers those within that of the right to export such. Reading one record is another right, and gives none of this.
// A nil test means all; the Desk still gives only what the actor may read.
func Reach(by access.Actor, project int64, restricted bool) (func(*collect.Record) bool, error) {
	if by.Kind == access.System {
		return nil, nil
	}
	whole := true
	rights := []access.Right{access.Export}
	if restricted {
		rights = append(rights, access.ExportRestricted)
	}
	for _, right := range rights {
		scopes := access.Where(by, right, project)
		if len(scopes) == 0 {
			return nil, fault.Issue{Code: collect.CodeNotAllowed, Args: map[string]any{"right": string(right)}, Kind: fault.Forbidden}
		}
		whole = whole && len(scopes) == 1 && scopes[0].Whole()
	}
	if whole {
		return nil, nil
	}
	return func(r *collect.Record) bool {
		for _, right := range rights {
			if !access.Allowed(by, right, project, r.Site, r.Team) {
				return false
			}
		}
		return true
	}, nil
}
