package collect

import (
	"slices"

	"waymark/trust/access"
)

// The rights a device has: those of the role of this name, in its project.
const deviceRole = "collector"

var readers = []access.Right{access.ReadForms, access.ReadRecords, access.ReadEntities, access.Export}

// standardRoles gives the roles a server starts with.
func standardRoles() []access.Role {
	manager := append(slices.Clone(readers), access.ManageProject, access.ManageForms, access.ManageDevices, access.Submit, access.ReadRestricted,
		access.EditRecords, access.ReviewRecords, access.DeleteRecords, access.SettleQuarantine, access.ExportRestricted, access.AskStrict,
		access.GrantStrict, access.EditEntities, access.ManageHooks)
	return []access.Role{
		{Name: "administrator", Rights: []access.Right{access.ManageServer, access.ManageUsers, access.ReadAudit, access.ManageProject, access.ManageForms,
			access.ManageDevices, access.ReadForms, access.ReadRecords, access.ReadEntities, access.EditEntities, access.ManageHooks}},
		{Name: "manager", Rights: manager},
		{Name: "reviewer", Rights: append(slices.Clone(readers), access.ReadRestricted, access.EditRecords, access.ReviewRecords, access.SettleQuarantine, access.AskStrict)},
		{Name: "viewer", Rights: readers},
		{Name: deviceRole, Rights: []access.Right{access.Submit, access.ReadForms, access.ReadEntities}},
		{Name: "officer", Rights: append(slices.Clone(readers), access.ReadRestricted, access.AskStrict, access.GrantStrict, access.DecryptRecords)},
	}
}

// everyRight lists the rights there are.
func everyRight() []access.Right {
	return append([]access.Right{access.ManageServer, access.ManageUsers, access.ReadAudit, access.ManageProject, access.ManageForms, access.ManageDevices,
		access.ReadForms, access.Submit, access.ReadRecords, access.EditRecords, access.ReviewRecords, access.DeleteRecords, access.Export,
		access.ReadEntities, access.EditEntities, access.ManageHooks}, protectedRights()...)
}

// protectedRights lists the rights that open restricted or strict answers.
func protectedRights() []access.Right {
	return []access.Right{access.ReadRestricted, access.SettleQuarantine, access.ExportRestricted, access.AskStrict, access.GrantStrict, access.DecryptRecords}
}

// resolved fills what an actor's grants come to.
func resolved(a access.Actor, roles []access.Role) access.Actor {
	a.Rights = nil
	for _, g := range a.Grants {
		for _, r := range roles {
			if r.Name != g.Role {
				continue
			}
			for _, right := range r.Rights {
				a.Rights = append(a.Rights, access.Held{Right: right, Scope: g.Scope})
			}
		}
	}
	return a
}
