package access

import "slices"

// Names of the roles a server starts with. They may be changed, and others made.
const (
	Administrator = "administrator"
	Manager       = "manager"
	Reviewer      = "reviewer"
	Viewer        = "viewer"
	Collector     = "collector" // what every phone and web link holds in its project
	Officer       = "officer"   // of protection: opens what is protected, together with another person
)

// Rights lists every right there is.
func Rights() []Right {
	return []Right{ManageServer, ManageUsers, ReadAudit, ManageProject, ManageForms, ManageDevices, ReadForms, Submit, ReadRecords,
		ReadRestricted, EditRecords, ReviewRecords, DeleteRecords, SettleQuarantine, Export, ExportRestricted, AskStrict, GrantStrict,
		ReadEntities, EditEntities, ManageHooks, DecryptRecords}
}

// Protected lists the rights that show restricted or strict answers, or open the way to them.
func Protected() []Right {
	return []Right{ReadRestricted, SettleQuarantine, ExportRestricted, AskStrict, GrantStrict, DecryptRecords}
}

// IsProtected says whether a right is one of Protected.
func IsProtected(r Right) bool { return slices.Contains(Protected(), r) }

// Roles gives the roles a server starts with.
func Roles() []Role {
	readers := []Right{ReadForms, ReadRecords, ReadEntities, Export}
	with := func(more ...Right) []Right { return append(slices.Clone(readers), more...) }
	return []Role{
		{Name: Administrator, Rights: []Right{ManageServer, ManageUsers, ReadAudit, ManageProject, ManageForms, ManageDevices, ReadForms,
			ReadRecords, ReadEntities, EditEntities, ManageHooks}},
		{Name: Manager, Rights: with(ManageProject, ManageForms, ManageDevices, Submit, ReadRestricted, EditRecords, ReviewRecords,
			DeleteRecords, SettleQuarantine, ExportRestricted, AskStrict, GrantStrict, EditEntities, ManageHooks)},
		{Name: Reviewer, Rights: with(ReadRestricted, EditRecords, ReviewRecords, SettleQuarantine, AskStrict)},
		{Name: Viewer, Rights: readers},
		{Name: Collector, Rights: []Right{Submit, ReadForms, ReadEntities}},
		{Name: Officer, Rights: with(ReadRestricted, AskStrict, GrantStrict, DecryptRecords)},
	}
}

// Mixed gives a right that a role may not hold beside the right to manage users or the server, and false where there
// is none: who gives roles reads no protected answers by the same role (invariant 2).
func Mixed(r Role) (Right, bool) {
	if !slices.Contains(r.Rights, ManageUsers) && !slices.Contains(r.Rights, ManageServer) {
		return "", false
	}
	i := slices.IndexFunc(r.Rights, IsProtected)
	if i < 0 {
		return "", false
	}
	return r.Rights[i], true
}

// Purposes lists the codes of what protected answers may be read for.
func Purposes() []string {
	return []string{
		"data-quality",     // a doubt about the record is looked into
		"correction",       // the person or the interviewer asked for a change
		"referral",         // the person is referred to a service, as they agreed
		"immediate-danger", // somebody is in danger
		"subject-access",   // the person asked what is kept of them
		"aggregate",        // numbers for an analysis, from which nobody can be told
		"legal-duty",       // a law obliges, and a legal officer has agreed
	}
}

// NoteLength is how many letters the note of a purpose may have.
const NoteLength = 500

// Known says whether a purpose has a code of the list and a note that is not too long.
func (p Purpose) Known() bool {
	return slices.Contains(Purposes(), p.Code) && len([]rune(p.Note)) <= NoteLength
}
