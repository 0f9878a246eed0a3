package collect

import (
	"time"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
)

// Project is a piece of work with its own forms, devices and records: a country's flow monitoring, a survey.
type Project struct {
	ID         int64
	UID        string // the same on every machine that has the project
	Name       string
	Note       string
	Language   string // BCP 47: of messages to phones that ask for none we have
	Training   bool   // its records never reach real tables (invariant 4)
	RetainDays int    // days after which records are deleted; 0: kept until somebody decides
	Archived   bool
	Created    time.Time
}

// FormState is whether phones are offered a form and whether records are taken.
type FormState string

// The states.
const (
	Open    FormState = "open"    // offered, taken
	Closing FormState = "closing" // not offered, taken from phones that have it
	Closed  FormState = "closed"  // neither
)

// Form is a form of a project with its current published version, if it has one.
type Form struct {
	Project   int64
	ID        string // as the form says: "arrivals"
	Title     string
	State     FormState
	Current   *Version // nil before the first is published
	Draft     *Version // nil where there is none
	Encrypted bool     // records are encrypted on the phone
	WebForm   bool     // also offered in a browser
	Created   time.Time
	Records   int // not counting drafts and deleted
}

// Version is one version of a form: the exact bytes that phones get, and where they came from.
type Version struct {
	ID         int64
	Project    int64
	Form       string
	Version    string
	Hash       string // md5 of XML in hex, which phones compare
	XML        []byte // left out of lists
	Source     []byte // the workbook it was compiled from; nil where XML was sent; left out of lists
	SourceName string // its file name
	Itemsets   []byte // the CSV of long lists, nil where there are none; left out of lists
	Issues     fault.Issues
	Draft      bool
	Published  time.Time // zero for a draft
	By         string    // actor
	Media      []Media   // files that the form asks for
}

// Media is a file that belongs to a form: an image, a list.
type Media struct {
	Name     string
	Type     string // media type
	MD5      string // hex; "" while it is missing
	Digest   string // of the blob; "" while it is missing
	Size     int64
	Entities string // name of the entity list that is served under this name; "" for a file
}

// Table describes one table of a form's records, the published versions merged by path: first what is asked
// once, then one a repeat.
type Table struct {
	Name   string // "Submissions", "Submissions.person"
	Path   form.Path
	Parent string // name of the table around it; "" for the first
	Fields []Field
}

// Field is a column of a table.
type Field struct {
	dataset.Field
	Path form.Path
	Type form.Type
}

// Stage says whether the published form or its draft is meant.
type Stage bool

// The stages.
const (
	Published Stage = false
	Draft     Stage = true
)
