package collect

import (
	"time"

	"waymark/dataset"
	"waymark/fault"
)

// Review is what staff have decided of a record.
type Review string

// The states of review.
const (
	Received  Review = "received"
	HasIssues Review = "hasIssues"
	Edited    Review = "edited"
	Approved  Review = "approved"
	Rejected  Review = "rejected"
)

// Record is an interview as it stands: its current version and what has been decided of it. It holds no answer.
type Record struct {
	Seq         int64 // order of arrival in this database
	Project     int64
	Form        string
	Instance    string // instance id, which stays when a record is edited
	Current     string // instance id of the current version
	Version     string // of the form
	Actor       string // "device:4"
	Device      string // device id that the phone gave; shown only with ReadRestricted
	Site        string // code of the site that the record was made at, as its form says; "" none
	Team        string
	Received    time.Time
	Updated     time.Time
	Edits       int
	Review      Review
	Draft       bool // sent to a draft
	Deleted     bool
	Encrypted   bool // still so: nobody has given the passphrase
	Sealed      bool // strict answers are in it
	Issues      fault.Issues
	Flags       int // open ones
	Attachments []Attachment
}

// RecordVersion is one version of a record.
type RecordVersion struct {
	Instance string
	Form     string // version of the form
	Actor    string
	Device   string
	At       time.Time
	Current  bool
}

// Attachment is a file that belongs to a record, expected by its answers or sent beside them.
type Attachment struct {
	Name     string
	Type     string
	Expected bool   // the record names it
	Digest   string // of the blob, keyed; "" until it has arrived
	Size     int64
	Strict   bool
	Later    int // versions of it that arrived later and differ; the first is kept
}

// Cell is an answer in a row. Where the reader may not see it, Sealed is true and Text is empty.
type Cell struct {
	Text    string
	Missing dataset.Missing
	Sealed  bool
}

// Row is a row of a table, with the record it belongs to.
type Row struct {
	Record   *Record // shared by the rows of one record
	Key      string  // "uuid:…" or "uuid:…/person[2]"
	Parent   string
	Position int // among the rows of its parent, from 1
	Index    int // among the rows of the record in this table, from 0: a query goes on behind it with After and AfterRow: Index+1
	Cells    []Cell
}

// Query is what is asked of rows: which, how many, and how much of them.
type Query struct {
	Project    int64
	Form       string
	Table      string   // name; "" the first
	After      int64    // Seq of the record after which to go on; 0 from the start
	AfterRow   int      // row within the record after which to go on
	Limit      int      // 0: all
	Skip       int      // rows to pass first; dear where it is large: use After
	Newest     bool     // latest first
	Where      string   // filter as dataset.ParseFilter reads it, on fields of the first table that the actor may read and on __review, __received, __form, __device, __site, __team
	Columns    []string // paths; nil: all
	Restricted bool     // with restricted answers: needs ReadRestricted or ExportRestricted, and is audited
	Opening    string   // id of an opening of strict answers (invariant 3)
	Review     []Review
	Since      time.Time // Updated at or after
	Drafts     bool      // records sent to the draft instead of the published ones
	Deleted    bool
	Instance   string   // one record
	Sites      []string // only records of these sites; nil: of all
	Teams      []string // only records of these teams; nil: of all
	Files      bool     // of Rows: each record comes with its Attachments
}

// Quarantined is a body that could not become a record.
type Quarantined struct {
	ID       int64
	Project  int64
	Form     string
	Instance string // "" where it could not be read
	Reason   fault.Code
	Args     map[string]any
	Actor    string
	Device   string
	At       time.Time
	Size     int64
	Digest   string // of the sealed body
	Files    int    // attachments kept beside it
	Settled  time.Time
	By       string
	Outcome  string // "accepted", "discarded"
}

// Flag is a doubt about a record, raised by a rule or a person.
type Flag struct {
	ID       int64
	Project  int64
	Form     string
	Instance string
	Code     fault.Code     // "flag.short-interview"
	Args     map[string]any // numbers and codes
	Raised   time.Time
	Owner    string // actor who looks into it; "" nobody yet
	Outcome  string // "", "confirmed", "explained", "corrected"
	Note     string // sealed where it is kept
	Closed   time.Time
}

// Comment is what staff write on a record; sealed where it is kept.
type Comment struct {
	At   time.Time
	By   string
	Text string
}
