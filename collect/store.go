package collect

import (
	"context"
	"io"
	"iter"
	"time"

	"waymark/trust/access"
	"waymark/trust/audit"
)

// Store keeps what a Desk decides. Write runs its function in one transaction that is durable (synced) when
// Write returns nil and leaves no trace when the function or the commit fails; several Writes may share one
// commit, each keeping or losing its own changes. A function may be run again after a conflict, so it changes
// nothing outside. Read sees one state throughout and never waits for writers. The value given to the function
// is not used after it returns.
type Store interface {
	Write(ctx context.Context, act func(Tx) error) error
	Read(ctx context.Context, look func(Tx) error) error
}

// Tx is a store within a transaction. Where there is nothing of a name or id, methods return an error that is
// fault.NotFound; where a unique key is taken, fault.Conflict.
type Tx interface {
	Projects
	Forms
	Records
	Rows
	People
	Doubts
	Lists
	Hooks
	Trail
}

// Projects keeps projects, and the settings of the server by key.
type Projects interface {
	AddProject(Project) (id int64, err error)
	SetProject(Project) error
	GetProject(id int64) (Project, error)
	ListProjects() ([]Project, error)
	Setting(key string) ([]byte, error)
	SetSetting(key string, value []byte) error
}

// Forms keeps forms, versions and their files. A version's bytes never change once it is published.
type Forms interface {
	PutForm(Form) error                               // makes or changes state, title, flags; not versions
	GetForm(project int64, form string) (Form, error) // with Current and Draft, without their bytes
	ListForms(project int64) ([]Form, error)
	AddVersion(Version) (id int64, err error) // a draft replaces the draft there is
	PublishDraft(project int64, form string, version string, hash string, xml []byte, at time.Time) error
	DropDraft(project int64, form string) error
	GetVersion(id int64) (Version, error)                                          // with bytes and media
	FindVersion(project int64, form, version string, draft Stage) (Version, error) // with bytes and media; "" the current
	ListVersions(project int64, form string) ([]Version, error)                    // published, newest first, without bytes
	PutMedia(version int64, m Media) error
	GetFormKey(project int64, form string) (FormKey, error)
	PutFormKey(project int64, form string, k FormKey) error
}

// FormKey is the key pair of a form whose records phones encrypt.
type FormKey struct {
	Public  string // base64 of the SPKI
	Private []byte // sealed by the passphrase
	Hint    string
}

// Stored is a record as a store keeps it: what is not sealed, and the sealed body.
type Stored struct {
	Record              // Attachments are kept apart
	VersionID    int64  // of the form
	Body         []byte // sealed (invariant 2)
	DeviceSealed []byte // the device id, sealed; Record.Device is not kept
	Key          []byte // keyed digest of the answers, to find interviews given twice; nil: none; not unique
}

// Records keeps records, their versions and attachments.
type Records interface {
	// AddRecord keeps a new record: fault.Conflict where (project, form, draft, instance) is taken, deleted ones too.
	AddRecord(Stored) (seq int64, err error)
	// AddRecordVersion keeps a new current version of a record and the earlier one beside it.
	AddRecordVersion(seq int64, s Stored) error
	SetRecord(Record) error                                                      // review, deleted, counts, site, team, issues; not its body
	GetRecord(project int64, form, instance string, draft Stage) (Stored, error) // by the record's or any version's instance id; without body
	RecordBody(seq int64, version string) ([]byte, error)                        // "" the current version
	FindKey(project int64, form string, key []byte) (instance string, err error) // the first record of this Key, not deleted, no draft
	ListRecordVersions(seq int64) ([]RecordVersion, error)
	EachRecord(q Query) iter.Seq2[Record, error] // in order of Seq, filters of the query but Where; without bodies; Form "": of all forms
	CountRecords(q Query) (int, error)
	LastUpdate(q Query) (time.Time, error) // of the records that the query means; zero: there are none
	PurgeRecord(seq int64) error           // body, rows, versions, attachments; a mark that it was deleted stays

	PutAttachment(seq int64, a Attachment) error
	AddAttachmentVersion(seq int64, name, digest string, size int64, at time.Time) error
	ListAttachments(seq int64) ([]Attachment, error)
	ListAttachmentVersions(seq int64) ([]AttachmentVersion, error) // in order of coming
	EachFile(q Query) iter.Seq2[RecordFile, error]                 // of the records that the query means, in their order, then by name
	Digests() iter.Seq2[string, error]                             // every blob in use, for sweeping

	AddComment(seq int64, at time.Time, by string, sealed []byte) error
	ListComments(seq int64) ([]SealedComment, error)

	AddQuarantined(Quarantined, []File) (id int64, err error)
	SetQuarantined(Quarantined) error
	GetQuarantined(id int64) (Quarantined, []File, error)
	ListQuarantined(project int64) ([]Quarantined, error) // open ones first, newest first
	DropQuarantined(id int64) error                       // with what it says of its files
}

// RecordFile is a file of a record.
type RecordFile struct {
	Record int64 // seq
	Attachment
}

// AttachmentVersion is a file that came later under the name of another.
type AttachmentVersion struct {
	Name   string
	Digest string
	Size   int64
	At     time.Time
}

// SealedComment is a comment as it is kept.
type SealedComment struct {
	At   time.Time
	By   string
	Text []byte
}

// StoredRow is a row of a form's table as a store keeps it. The Desk gives the bytes their meaning.
type StoredRow struct {
	Record     int64  // seq
	Version    int64  // of the form, which says what the cells are
	Path       string // of the table: "" the first, "home/person" a repeat; few in a form, worth interning
	Position   int    // place among all rows of the record in this table, from 0
	Parent     int    // Position of the row around it in its table
	Plain      []byte // cells of public and internal fields
	Restricted []byte // sealed cells of restricted fields; nil where there are none
	Strict     []byte // sealed cells of strict fields; nil where there are none
}

// Rows keeps the tables that records are flattened into at arrival.
type Rows interface {
	PutRows(record int64, rows []StoredRow) error // in place of those there are
	// EachRow gives the rows of one table (by its path, "" the first) of the records that the query means, in order of
	// record and position, with the record of each. Sealed cells come only where the query asks for Restricted or names an
	// Opening. After and AfterRow go on in the record After behind its first AfterRow rows; with AfterRow 0 behind all of it.
	EachRow(q Query, path string) iter.Seq2[RecordRow, error]
	CountRows(q Query, path string) (int, error)
}

// RecordRow is a stored row and its record, which rows of one record share.
type RecordRow struct {
	Record *Record
	Row    StoredRow
}

// People keeps users, roles, sessions, devices and openings. Tokens and passwords come hashed.
type People interface {
	AddUser(u User, password string) (id int64, err error)
	SetUser(User) error
	SetPassword(user int64, password string) error
	GetUser(id int64) (User, error)
	FindUser(email string) (User, string, error) // with the password's hash
	ListUsers() ([]User, error)
	PutRole(access.Role) error
	ListRoles() ([]access.Role, error)

	AddSession(token []byte, user int64, expires time.Time) error
	GetSession(token []byte) (user int64, expires time.Time, err error)
	DropSession(token []byte) error
	DropSessions(user int64, before time.Time) (int, error) // user 0: everyone's that expired before

	AddDevice(v Device, token []byte, ha1 string) (id int64, err error)
	FindDevice(token []byte) (Device, error)
	FindDigest(name string) (Device, string, error)
	SetDevice(Device) error
	ListDevices(project int64) ([]Device, error)

	AddPasskey(user int64, id, sealed []byte) error
	ListPasskeys(user int64) (ids, sealed [][]byte, err error)
	FindPasskey(id []byte) (user int64, sealed []byte, err error)
	DropPasskey(user int64, id []byte) error // fault.NotFound where the user has none of that id

	PutOpening(Opening, []byte) error // with the purpose's note, sealed
	GetOpening(id string) (Opening, []byte, error)
	ListOpenings(project int64) ([]Opening, error)
}

// Doubts keeps flags.
type Doubts interface {
	AddFlag(f Flag, note []byte) (id int64, err error)
	SetFlag(f Flag, note []byte) error
	GetFlag(id int64) (Flag, []byte, error)
	ListFlags(project int64, form, instance string) ([]Flag, error)
}

// Lists keeps entity lists, entities, their versions and updates that wait for one that comes before them.
type Lists interface {
	PutList(EntityList) error
	GetList(project int64, name string) (EntityList, error)
	ListLists(project int64) ([]EntityList, error)
	PutEntity(project int64, e Entity, v EntityVersion, sealed []byte) error // data sealed; Data of e and v is not kept
	GetEntity(project int64, list, id string) (Entity, []byte, error)
	EachEntity(project int64, list string, deleted bool) iter.Seq2[SealedEntity, error]
	ListEntityVersions(project int64, list, id string) ([]EntityVersion, [][]byte, error)
	AddBacklog(project int64, b Backlog) error
	TakeBacklog(project int64, entity, branch string, base int) ([]Backlog, error) // removes what it gives
	TakeOldBacklog(before time.Time) ([]Backlog, error)
}

// SealedEntity is an entity as it is kept.
type SealedEntity struct {
	Entity
	Sealed []byte
}

// Backlog is an offline update that came before the one it follows.
type Backlog struct {
	Project int64
	List    string
	Entity  string
	Branch  string
	Base    int
	Record  int64 // seq
	At      time.Time
	Update  []byte // what it changes, sealed
}

// Hooks keeps webhooks and their deliveries.
type Hooks interface {
	AddHook(h Hook, sealed []byte) (id int64, err error)
	ListHooks(project int64) ([]Hook, [][]byte, error)
	DropHook(project, id int64) error
	AddDelivery(d Delivery, body []byte) error
	SetDelivery(Delivery) error
	DueDeliveries(at time.Time, limit int) ([]Delivery, [][]byte, error)
	ListDeliveries(project, hook int64, limit int) ([]Delivery, error)
}

// Trail keeps the audit log.
type Trail interface {
	Append(audit.Entry) error // the store numbers and chains it in the order of commits
	ListAudit(AuditQuery) ([]audit.Link, error)
	EachLink() iter.Seq2[audit.Link, error] // from the first
}

// Blobs keeps bytes by a digest that the Keys make, sealed before they get here. What is streamed is put under a
// name of its own first, and moved when its digest is known.
type Blobs interface {
	Put(ctx context.Context, digest string, r io.Reader) error // writes beside, syncs and renames; there already: nothing to do
	Open(ctx context.Context, digest string) (io.ReadCloser, error)
	Move(ctx context.Context, from, to string) error // where to is there already, from is deleted
	Delete(ctx context.Context, digest string) error
	All(ctx context.Context) iter.Seq2[string, error]
}

// Keys seals and opens. Purpose separates keys ("record", "row.restricted", "row.strict", "comment", "blob", …);
// bound is what the sealed bytes belong to, and must be the same to open them.
type Keys interface {
	Seal(purpose string, bound, plain []byte) []byte
	Open(purpose string, bound, sealed []byte) ([]byte, error)
	SealStream(purpose string, plain io.Reader) io.Reader
	OpenStream(purpose string, sealed io.Reader) io.Reader
	Mac(purpose string, b []byte) []byte // 32 bytes
	Token(bytes int) string              // random, base64url
	UUID() string                        // version 4
	HashPassword(password string) string // argon2id, PHC form
	CheckPassword(hash, password string) bool
}
