// Package sqlite knows how to open an encrypted SQLite file for the tables of store/records. It must not know the
// tables, nor who may read them, nor where its key comes from.
//
// The file, its write-ahead log and its journals are encrypted by Adiantum (Crowley and Biggers 2018), block by block.
// That keeps a stolen disk unreadable; it neither hides which blocks changed between two copies of the file nor proves
// that nothing was changed, so what is protected is sealed besides, before it gets here.
//
// The log is synced before a commit returns (synchronous = FULL), so that a power cut loses nothing that was
// acknowledged. Blocks that a torn write could spoil hold one commit only: the encrypted file says that it has sectors
// of 4 KiB and promises nothing about neighbours, and SQLite fills up the rest of a sector after each commit.
package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // the file system that encrypts
	"github.com/pressly/goose/v3"

	"waymark/fault"
	"waymark/store/records"
)

// KeySize is how long the key of a file is, in bytes.
const KeySize = 32

// Open opens the store in a file, made where it is not there, and brings its tables up to date. Several programs may
// have one file open. A file of another key, or that is no database, gives records.CodeOtherDB. chainKey is the key of
// the audit chain (collect.ChainKey).
func Open(ctx context.Context, file string, key, chainKey []byte) (*records.Store, error) {
	db, err := open(file, key)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(records.Migrate(ctx, db, dialect()), private(file)); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", filepath.Base(file), err)
	}
	return records.Open(db, dialect(), chainKey), nil
}

// private lets only the owner read the log and its index, which SQLite makes with the first write.
func private(file string) error {
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Chmod(file+beside, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return explain(err)
		}
	}
	return nil
}

// Load makes a file and fills it from a dump (records.Load). A file that is there already gives records.CodeNotEmpty.
func Load(ctx context.Context, file string, key []byte, schema int64, fill func(*records.Loader) error) error {
	if info, err := os.Stat(file); err == nil && info.Size() > 0 {
		return fault.Issue{Code: records.CodeNotEmpty, Kind: fault.Conflict}
	}
	db, err := open(file, key)
	if err != nil {
		return err
	}
	return errors.Join(records.Load(ctx, db, dialect(), schema, fill), db.Close())
}

// open opens the file and asks for its first page.
func open(file string, key []byte) (*sql.DB, error) {
	if len(key) != KeySize {
		panic(fmt.Sprintf("sqlite: a key of %d bytes", len(key)))
	}
	// The file is made here because SQLite would let others read it.
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, explain(err)
	}
	if err := f.Close(); err != nil {
		return nil, explain(err)
	}
	for _, name := range []string{file, file + "-wal"} {
		if err := trim(name); err != nil {
			return nil, explain(err)
		}
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return nil, explain(err)
	}
	full = filepath.ToSlash(full)
	if full[0] != '/' { // a drive of Windows
		full = "/" + full
	}
	name := (&url.URL{Scheme: "file", Path: full, RawQuery: "vfs=adiantum"}).String()
	db, err := driver.Open(name, func(c *sqlite3.Conn) error {
		// Plans do not depend on values: without this SQLite plans a statement anew whenever its values change.
		if _, err := c.Config(sqlite3.DBCONFIG_ENABLE_QPSG, true); err != nil {
			return err
		}
		return c.Exec(pragmas(key))
	})
	if err != nil {
		return nil, explain(err)
	}
	db.SetMaxOpenConns(readers() + 3) // and the writer, a migration, a backup
	var n int
	if err := db.QueryRow("SELECT COUNT(*) FROM sqlite_schema").Scan(&n); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", filepath.Base(file), explain(err))
	}
	return db, nil
}

// blockSize is the size of the blocks that are encrypted, in bytes.
const blockSize = 4096

// trim cuts off the last block of a file where a full disk or a power cut left half of it. Half a block cannot be
// decrypted, and nothing that was acknowledged is in it: a commit is synced whole before it counts.
func trim(name string) error {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size()%blockSize == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Truncate(name, info.Size()/blockSize*blockSize)
}

// pragmas sets a connection up. The key and the time to wait come first.
func pragmas(key []byte) string {
	return "PRAGMA hexkey='" + hex.EncodeToString(key) + "'; " + `
		PRAGMA busy_timeout = 20000;
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = FULL;
		PRAGMA foreign_keys = ON;
		PRAGMA temp_store = MEMORY;
		PRAGMA cache_size = -4096;         -- KiB of pages
		PRAGMA wal_autocheckpoint = 4000;  -- pages: 16 MiB
		PRAGMA journal_size_limit = 67108864;
		PRAGMA trusted_schema = OFF;
		PRAGMA secure_delete = ON;`
}

func readers() int { return max(4, min(2*runtime.NumCPU(), 12)) }

func dialect() records.Dialect {
	return records.Dialect{
		Name: "sqlite", Goose: goose.DialectSQLite3, Readers: readers(), Explain: explain,
		BeginWrite: []string{"BEGIN IMMEDIATE"}, BeginRead: []string{"BEGIN"},
	}
}

// explain says what a person can do about an error of the database or the disk.
func explain(err error) error {
	var known fault.Issue
	var code sqlite3.ErrorCode
	switch {
	case err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case records.NoRoom(err) || errors.Is(err, sqlite3.FULL):
		return fault.Issue{Code: records.CodeFull, Kind: fault.Unavailable}
	case errors.Is(err, sqlite3.BUSY) || errors.Is(err, sqlite3.LOCKED):
		return fault.Issue{Code: records.CodeBusy, Kind: fault.Unavailable}
	case errors.Is(err, sqlite3.NOTADB):
		return fault.Issue{Code: records.CodeOtherDB}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist), errors.As(err, &code) && (code == sqlite3.IOERR || code == sqlite3.CANTOPEN || code == sqlite3.READONLY || code == sqlite3.CORRUPT):
		return fmt.Errorf("%w: %w", fault.Issue{Code: records.CodeLost, Kind: fault.Unavailable}, err)
	}
	return err
}
