package records

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/audit"
)

// Codes of what can be wrong with a store.
const (
	CodeFull    fault.Code = "store.full"    // no room on the disk
	CodeBusy    fault.Code = "store.busy"    // another program holds the database
	CodeLost    fault.Code = "store.lost"    // the database does not answer
	CodeClosed  fault.Code = "store.closed"  // the store is being closed
	CodeNewer   fault.Code = "store.newer"   // a newer program made its tables: have, known
	CodeOtherDB fault.Code = "store.foreign" // what is there is no database of this key
)

// Dialect is where the two databases differ.
type Dialect struct {
	Name       string                            // "sqlite" or "postgres": the folder of its migrations
	Goose      goose.Dialect                     // of migrations
	BeginWrite []string                          // statements that begin a transaction with the lock of the writer
	BeginRead  []string                          // statements that begin a transaction that reads one state
	Identity   func(table, column string) string // statement that sets the next id of a table after rows were copied into it; nil: none needed
	Explain    func(error) error                 // gives what a person can do about a driver's error, or the error
	Readers    int                               // connections for reading; required
	Together   []any                             // arguments that let a server take several statements in one message; nil: one by one
}

// Store is a collect.Store on a database. Close ends it.
type Store struct {
	db       *sql.DB
	dialect  Dialect
	chainKey []byte

	closing sync.RWMutex // held for writing once: by Close
	closed  bool
	writes  chan *write
	quit    chan struct{}
	stopped chan struct{}
	readers chan *session // idle ones; as many tokens as there may be readers, nil where none is open
	tables  tableNumbers
}

var _ collect.Store = (*Store)(nil)

// Open gives the store of a database that has been migrated (Migrate). chainKey is the key of its audit chain
// (collect.ChainKey). The store closes the database.
func Open(db *sql.DB, d Dialect, chainKey []byte) *Store {
	s := &Store{
		db: db, dialect: d, chainKey: chainKey,
		writes: make(chan *write, 1024), quit: make(chan struct{}), stopped: make(chan struct{}), readers: make(chan *session, d.Readers),
	}
	for range d.Readers {
		s.readers <- nil
	}
	go s.run()
	return s
}

// Close waits for writes and reads that have begun and closes the database. It is called once.
func (s *Store) Close() error {
	s.closing.Lock()
	s.closed = true
	s.closing.Unlock()
	close(s.quit)
	<-s.stopped
	for range s.dialect.Readers {
		if r := <-s.readers; r != nil {
			r.close()
		}
	}
	return s.db.Close()
}

// Read gives a function one state of the store.
func (s *Store) Read(ctx context.Context, look func(collect.Tx) error) (err error) {
	shut := fault.Issue{Code: CodeClosed, Kind: fault.Unavailable}
	select {
	case <-s.quit:
		return shut
	default:
	}
	var r *session
	select {
	case r = <-s.readers:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.quit:
		return shut
	}
	good := false
	defer func() {
		if r != nil && !good {
			r.close()
			r = nil
		}
		s.readers <- r
	}()
	if r == nil {
		if r, err = s.connect(ctx); err != nil {
			return err
		}
	}
	if err := r.run(ctx, s.dialect.BeginRead); err != nil {
		r.close() // a connection may have died while it lay idle: once more with a new one
		if r, err = s.connect(ctx); err != nil {
			return err
		}
		if err := r.run(ctx, s.dialect.BeginRead); err != nil {
			return s.explain(fmt.Errorf("begin to read: %w", err))
		}
	}
	err = s.explain(look(&tx{ctx: ctx, session: r, store: s, numbers: s.tables.known()}))
	good = r.run(context.WithoutCancel(ctx), []string{"ROLLBACK"}) == nil
	return err
}

func (s *Store) connect(ctx context.Context) (*session, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, s.explain(fmt.Errorf("connect: %w", err))
	}
	return &session{conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

// explain gives a driver's error a kind, and leaves others as they are.
func (s *Store) explain(err error) error {
	if err == nil || errors.Is(err, fault.NotFound) || errors.Is(err, fault.Conflict) {
		return err
	}
	return s.dialect.Explain(err)
}

// session is one connection with the statements that were prepared on it.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// mostStatements bounds what is kept prepared; queries with filters make statements of their own.
const mostStatements = 300

func (r *session) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if st := r.stmts[query]; st != nil {
		return st, nil
	}
	if len(r.stmts) >= mostStatements {
		for q, st := range r.stmts {
			_ = st.Close()
			delete(r.stmts, q)
			break
		}
	}
	st, err := r.conn.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	r.stmts[query] = st
	return st, nil
}

func (r *session) run(ctx context.Context, statements []string) error {
	for _, q := range statements {
		st, err := r.prepare(ctx, q)
		if err != nil {
			return err
		}
		if _, err := st.ExecContext(ctx); err != nil {
			return err
		}
	}
	return nil
}

// together runs statements in one message where the database lies behind a network.
func (r *session) together(ctx context.Context, d Dialect, statements []string) error {
	if d.Together == nil || len(statements) == 1 {
		return r.run(ctx, statements)
	}
	_, err := r.conn.ExecContext(ctx, strings.Join(statements, "; "), d.Together...)
	return err
}

func (r *session) close() {
	for _, st := range r.stmts {
		_ = st.Close()
	}
	// The connection is not given back: it may be within a transaction.
	_ = r.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = r.conn.Close()
}

// tableNumbers remembers the numbers of row_tables that are committed.
type tableNumbers struct {
	mu   sync.Mutex
	copy map[tableKey]int64 // replaced, never changed
}

type tableKey struct {
	project int64
	form    string
	draft   bool
	path    string
}

func (n *tableNumbers) add(more map[tableKey]int64) {
	if len(more) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	next := make(map[tableKey]int64, len(n.copy)+len(more))
	for k, v := range n.copy {
		next[k] = v
	}
	for k, v := range more {
		next[k] = v
	}
	n.copy = next
}

func (n *tableNumbers) known() map[tableKey]int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.copy
}

// Head gives where the audit chain stands, to be written down elsewhere.
func (s *Store) Head(ctx context.Context) (audit.Head, error) {
	var h audit.Head
	err := s.Read(ctx, func(t collect.Tx) error {
		var err error
		h, err = t.(*tx).head()
		return err
	})
	return h, err
}

// idleWait is how long the writer waits before it closes its connection after an error, so that a database that
// restarts is not asked without pause.
const idleWait = 100 * time.Millisecond
