// Package postgres knows how to open a PostgreSQL database for the tables of store/records. It must not know the
// tables, nor who may read them.
//
// What is protected is sealed before it gets here; public and internal columns are readable for whoever may read the
// database. One writer at a time holds an advisory lock, so that the audit chain has one order, whichever server of
// an office writes.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"runtime"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"waymark/fault"
	"waymark/store/records"
)

// CodeAddress says that the address of a database cannot be read.
const CodeAddress fault.Code = "store.address"

// Numbers of the advisory locks: of the writer, and of migrations.
const (
	writerLock    = "7741796d6172" // "waymar" in hex, so that no other program chose it by chance
	migrationLock = "7741796d6173"
)

// Open opens the store in a database ("postgres://user@host/name" or "host=… dbname=…") and brings its tables up to
// date. chainKey is the key of the audit chain (collect.ChainKey).
func Open(ctx context.Context, address string, chainKey []byte) (*records.Store, error) {
	db, err := open(address)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db, 0); err != nil {
		_ = db.Close()
		return nil, err
	}
	return records.Open(db, dialect(), chainKey), nil
}

// Load fills an empty database from a dump (records.Load).
func Load(ctx context.Context, address string, schema int64, fill func(*records.Loader) error) error {
	db, err := open(address)
	if err != nil {
		return err
	}
	return errors.Join(records.Load(ctx, db, dialect(), schema, fill), db.Close())
}

func open(address string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fault.Issue{Code: CodeAddress} // pgx's words may hold a password
	}
	c.RuntimeParams["application_name"] = "waymark"
	c.RuntimeParams["synchronous_commit"] = "on" // durable before a commit returns
	c.RuntimeParams["timezone"] = "UTC"
	// Every question here follows an index, a page at a time. Without statistics the planner may think that joining
	// and sorting the whole table once a page is cheaper; these keep it from that.
	c.RuntimeParams["enable_hashjoin"] = "off"
	c.RuntimeParams["enable_mergejoin"] = "off"
	c.RuntimeParams["enable_sort"] = "off"
	c.RuntimeParams["jit"] = "off"
	db := stdlib.OpenDB(*c)
	db.SetMaxOpenConns(readers() + 3)
	return db, nil
}

// migrate holds a lock while it works: two servers may begin at once.
func migrate(ctx context.Context, db *sql.DB, version int64) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", explain(err))
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(x'"+migrationLock+"'::bigint)"); err != nil {
		return fmt.Errorf("lock tables: %w", explain(err))
	}
	defer func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(x'"+migrationLock+"'::bigint)")
	}()
	return records.MigrateTo(ctx, db, dialect(), version)
}

func readers() int { return max(4, min(2*runtime.NumCPU(), 12)) }

func dialect() records.Dialect {
	return records.Dialect{
		Name: "postgres", Goose: goose.DialectPostgres, Readers: readers(), Explain: explain,
		BeginWrite: []string{"BEGIN", "SELECT pg_advisory_xact_lock(x'" + writerLock + "'::bigint)"},
		Together:   []any{pgx.QueryExecModeSimpleProtocol},
		BeginRead:  []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
		Identity: func(table, column string) string {
			return "SELECT setval(pg_get_serial_sequence('" + table + "', '" + column + "'), (SELECT COALESCE(MAX(" + column + "), 0) + 1 FROM " + table + "), false)"
		},
	}
}

// explain says what a person can do about an error of the database.
func explain(err error) error {
	var known fault.Issue
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var p *pgconn.PgError
	if errors.As(err, &p) {
		switch {
		case p.Code == "53100": // disk full
			return fault.Issue{Code: records.CodeFull, Kind: fault.Unavailable}
		case p.Code == "55P03" || p.Code[:2] == "40": // lock not available; deadlock, serialization
			return fault.Issue{Code: records.CodeBusy, Kind: fault.Unavailable}
		case p.Code[:2] == "57" || p.Code[:2] == "08" || p.Code[:2] == "53" || p.Code[:2] == "28" || p.Code == "3D000": // shut down, connection, resources, who may, no such database
			return fmt.Errorf("%w: %s", fault.Issue{Code: records.CodeLost, Kind: fault.Unavailable}, p.Code)
		}
		return err
	}
	var c *pgconn.ConnectError
	var n net.Error
	if errors.As(err, &c) || errors.As(err, &n) || errors.Is(err, sql.ErrConnDone) || pgconn.SafeToRetry(err) {
		return fault.Issue{Code: records.CodeLost, Kind: fault.Unavailable} // its words hold the address
	}
	return err
}
