// Package access knows actors, rights, roles, scopes and purposes, and says who may do what. It must not know
// records, sessions, passwords or stores: who an actor is has been found out before it is asked.
//
// A role is a set of named rights (invariant 1). A right is held in a scope: everywhere, in one project, or in
// some sites or teams of one project. The administrator sets up and gives roles, holds no right that reads
// restricted answers, and cannot give one to himself (invariant 2). Strict answers are read by no right alone:
// they need an Opening, which one person asks for with a purpose and another grants (invariant 3).
package access

// Right is a thing that an actor may do.
type Right string

// The rights. Rights on records are held in a scope.
const (
	ManageServer     Right = "server.manage"     // settings, backups, joins, certificates
	ManageUsers      Right = "users.manage"      // users and the roles they are given
	ReadAudit        Right = "audit.read"        // the audit log
	ManageProject    Right = "project.manage"    // projects, their sites and teams, retention
	ManageForms      Right = "forms.manage"      // upload, draft, publish, close
	ManageDevices    Right = "devices.manage"    // phones and web links
	ReadForms        Right = "forms.read"        // lists of forms and their definitions
	Submit           Right = "records.submit"    // send records
	ReadRecords      Right = "records.read"      // public and internal answers of records
	ReadRestricted   Right = "restricted.read"   // restricted answers of one record; audited
	EditRecords      Right = "records.edit"      // send a new version of a record
	ReviewRecords    Right = "records.review"    // review state, comments, flags
	DeleteRecords    Right = "records.delete"    // put records in the bin
	SettleQuarantine Right = "quarantine.settle" // see bodies held in quarantine side by side and settle them
	Export           Right = "records.export"    // working outputs: files, OData, API
	ExportRestricted Right = "restricted.export" // working outputs with restricted columns; audited
	AskStrict        Right = "strict.ask"        // ask for an opening of strict answers
	GrantStrict      Right = "strict.grant"      // grant an opening that somebody else asked for
	ReadEntities     Right = "entities.read"
	EditEntities     Right = "entities.edit"
	ManageHooks      Right = "hooks.manage"    // webhooks
	DecryptRecords   Right = "records.decrypt" // with the passphrase of an encrypted form
)

// Role is a named set of rights.
type Role struct {
	Name   string // "administrator", "manager", "reviewer", "viewer", "collector", "officer", or one the mission made
	Rights []Right
}

// Scope is where a right is held. The zero Scope is everywhere.
type Scope struct {
	Project int64    // 0: every project
	Sites   []string // site codes; empty: every site
	Teams   []string // team names; empty: every team
}

// Grant is a role held in a scope.
type Grant struct {
	Role  string
	Scope Scope
}

// Kind is what sort of actor acts.
type Kind string

// The kinds of actor.
const (
	User   Kind = "user"   // a member of staff, signed in
	Device Kind = "device" // a phone or a web link, by its token
	System Kind = "system" // the program itself: a schedule, a command on the machine
)

// Actor is who acts, with what it holds. It holds no secret and may be written into an audit entry by its id.
type Actor struct {
	Kind    Kind
	ID      int64  // of the user or device; 0 for the system
	Project int64  // of a device: its only project
	Team    string // of a device: the team it belongs to; "" none
	Grants  []Grant
	Rights  []Held // what the grants come to: filled by Resolve
}

// Held is a right in a scope.
type Held struct {
	Right Right
	Scope Scope
}

// Purpose is why somebody reads what is protected, in a word from a list and words of their own.
type Purpose struct {
	Code string // one of Purposes
	Note string // at most 500 letters; sealed where it is kept
}
