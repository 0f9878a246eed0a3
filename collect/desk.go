package collect

import (
	"fmt"
	"sync"
	"time"

	"waymark/fault"
)

// Options say what a Desk works with. All are required but Now.
type Options struct {
	Store Store
	Blobs Blobs
	Keys  Keys
	Now   func() time.Time // default time.Now
}

// Desk acts on projects, forms and records for actors. It is safe for use by many goroutines.
type Desk struct {
	options  Options
	checking chan struct{} // passwords being checked
	tries    tries
	memory   memory
	blobs    recent
	outgoing outgoing
	unused   unused
	nobody   struct {
		once sync.Once
		hash string // of no user's password, to take as long where there is no user
	}
}

// New makes a Desk. The store must have been migrated.
func New(o Options) (*Desk, error) {
	if o.Store == nil || o.Blobs == nil || o.Keys == nil {
		return nil, fmt.Errorf("make a desk: store, blobs and keys are required: %w", fault.Invalid)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Desk{options: o, checking: make(chan struct{}, passwordsAtOnce)}, nil
}

// passwordsAtOnce bounds the memory that sign-ins take.
const passwordsAtOnce = 2

func (d *Desk) now() time.Time { return d.options.Now() }

func (d *Desk) mac(purpose, s string) []byte { return d.options.Keys.Mac(purpose, []byte(s)) }

// --- who acts

// --- setting up

// --- forms

// Stage says whether the published form or its draft is meant.
type Stage bool

// The stages.
const (
	Published Stage = false
	Draft     Stage = true
)

// --- records

// Sent is what a phone or a browser posts: the body as it came and the files beside it.
type Sent struct {
	Project    int64
	Form       string // as the address says; "" where it does not
	Stage      Stage
	Raw        []byte
	Files      []File
	Incomplete bool   // more posts of this record follow
	Device     string // device id that the client gave
	Language   string
}

// File is a file beside a record, already kept in Blobs.
type File struct {
	Name   string
	Type   string
	Digest string
	Size   int64
}

// Receipt says what became of what was sent.
type Receipt struct {
	Record  Record
	New     bool     // false: it was there already
	Edited  bool     // it became a new version
	Missing []string // attachments still expected
}

// --- quality and quarantine

// Enumerator is one line of the enumerator sheet.
type Enumerator struct {
	Actor           string
	Name            string
	Records, Short  int
	Flags           int
	Equal           int     // records with the same answers as another of the same sender
	MedianMinutes   float64 // NaN where no record says
	MissingShare    float64
	DigitPreference float64 // share of whole numbers that end in 0 or 5; 0.2 is expected
}

// Outcome is how a held body is settled.
type Outcome string

// The outcomes.
const (
	TakeHeld Outcome = "accepted"
	DropHeld Outcome = "discarded"
)

// --- the two-person door

// Decision says whether an opening is granted.
type Decision bool

// The decisions.
const (
	Refuse Decision = false
	Allow  Decision = true
)

// --- entities

// --- hooks, audit, retention

// Outgoing is a delivery ready to be sent: a body without answers and its signature.
type Outgoing struct {
	Delivery
	URL       string
	Body      []byte
	Signature string // hex HMAC-SHA-256 of the time and the body
}

// AuditQuery asks for entries, newest first.
type AuditQuery struct {
	Project int64
	Actor   string
	Act     string // prefix
	Object  string
	Before  int64 // number
	Limit   int
}

// Swept counts what a sweep did.
type Swept struct{ Records, Sessions, Openings, Backlog, Blobs int }

// Joined counts what a join did.
type Joined struct {
	Projects, Forms, Versions, Records, Present, Quarantined, Attachments, Entities, Users int
	Issues                                                                                 fault.Issues
}
