package collect

import (
	"time"

	"waymark/trust/access"
)

// User is a member of staff.
type User struct {
	ID       int64
	Email    string
	Name     string
	Language string
	Grants   []access.Grant
	Disabled bool
	Created  time.Time
	LastSeen time.Time
	Passkeys int
}

// Device is a phone, a tablet or a link for browsers: what Central calls an app user or a public link. Its
// token is shown once and kept hashed.
type Device struct {
	ID       int64
	Project  int64
	Name     string
	Web      bool     // a link for browsers, not a phone
	Forms    []string // ids of the forms it is given; nil: all of the project
	Team     string
	Site     string
	Digest   bool // may also sign in by Digest on a plain LAN, with a password the program made
	Created  time.Time
	LastUsed time.Time
	Revoked  bool
	Edits    bool // may send new versions of the records that it sent itself
	Draft    bool // for testing: it is given the drafts of its forms, and what it sends belongs to them
}

// AllForms says whether the device is given every form of its project.
func (v Device) AllForms() bool { return v.Forms == nil }

// Given says whether the device is given a form.
func (v Device) Given(form string) bool { return v.AllForms() || oneOf(form, v.Forms) }

// Opening is a time-limited leave to read strict answers of one form or one record: asked for by one person
// with a purpose, granted by another (invariant 3).
type Opening struct {
	ID        string
	Project   int64
	Form      string
	Instance  string // "" all of the form's
	Purpose   access.Purpose
	Asked     time.Time
	AskedBy   int64
	Granted   time.Time
	GrantedBy int64
	Refused   bool
	Ends      time.Time // at most 8 hours after it was granted
}

// Hook is an address that is told of what happens, in a signed request without answers.
type Hook struct {
	ID       int64
	Project  int64
	URL      string
	Events   []string // "record.accepted", "record.reviewed", "form.published"
	Secret   string   // shown once
	Disabled bool
	Created  time.Time
}

// Delivery is one attempt to tell a hook.
type Delivery struct {
	ID       int64
	Hook     int64
	Event    string
	At       time.Time
	Attempts int
	Status   int // of the last answer; 0: none came
	Next     time.Time
	Done     bool
}

// EntityList is a list that phones carry and records add to.
type EntityList struct {
	Project    int64
	Name       string
	Properties []string
	Approval   bool // entities are made only when a record is approved
	Count      int
	Conflicts  int
	Updated    time.Time
	Hash       string // md5 of the CSV, which phones compare
}

// Entity is an entry of a list.
type Entity struct {
	ID       string // UUID v4
	List     string
	Label    string
	Version  int
	Data     map[string]string
	Conflict string // "", "soft", "hard"
	Created  time.Time
	Updated  time.Time
	Deleted  bool
	Source   string // instance id of the record that made or last changed it
}

// EntityVersion is an entity as it was.
type EntityVersion struct {
	Version     int
	Base        int
	Label       string
	Data        map[string]string
	Changed     []string // properties that this version changed
	Conflict    string
	Conflicting []string
	At          time.Time
	Actor       string
	Source      string
}
