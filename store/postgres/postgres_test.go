package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/postgres"
	"waymark/store/records"
	"waymark/store/storetest"
)

var ctx = context.Background()

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// emptied is the address of one database that tests share, one after the other.
var emptied string

// open gives a store without rows. Making a database and its tables anew for each test would take most of their time.
func open(t testing.TB) collect.Store {
	if emptied == "" {
		emptied = storetest.Postgres(t)
	}
	s, err := postgres.Open(ctx, emptied, storetest.ChainKey)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", emptied)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names := []string{"sessions"}
	for _, table := range records.Tables() {
		names = append(names, table.Name)
	}
	if _, err := db.Exec("TRUNCATE " + strings.Join(names, ", ") + " RESTART IDENTITY"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) { storetest.Store(t, open) }

// TestServerRestarts ends every connection, as a restart of PostgreSQL does: the next write and read find it again.
func TestServerRestarts(t *testing.T) {
	address := storetest.Postgres(t)
	s, err := postgres.Open(ctx, address, storetest.ChainKey)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	write := func(key string) error {
		return s.Write(ctx, func(tx collect.Tx) error { return tx.SetSetting(key, nil) })
	}
	read := func(key string) error {
		return s.Read(ctx, func(tx collect.Tx) error { _, err := tx.Setting(key); return err })
	}
	if err := errors.Join(write("a"), read("a")); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 2 {
		if _, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(write("b"), read("b")); err != nil {
			t.Error(err)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		name, address string
		code          fault.Code
		kind          error
	}{
		{"no address", "postgres://user:CANARY@[/x", postgres.CodeAddress, fault.Invalid},
		{"nobody answers", "postgres://waymark:CANARY@127.0.0.1:1/x?sslmode=disable&connect_timeout=2", records.CodeLost, fault.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := postgres.Open(ctx, c.address, storetest.ChainKey)
			var i fault.Issue
			if !errors.As(err, &i) || i.Code != c.code || !errors.Is(err, c.kind) || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestMigrationsKeepWhatIsThere fills a table of the first version as a program of that version did, and migrates.
func TestMigrationsKeepWhatIsThere(t *testing.T) {
	address := storetest.Postgres(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := records.MigrateTo(ctx, db, records.Dialect{Name: "postgres", Goose: goose.DialectPostgres, Explain: func(err error) error { return err }}, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO devices VALUES (4, 7, 'tablet', FALSE, 'null', 'red', 'TD01', FALSE, FALSE, 1000000, 2000000, FALSE, '\x05', '')`); err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open(ctx, address, storetest.ChainKey)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Write(ctx, func(tx collect.Tx) error {
		v, err := tx.FindDevice([]byte{5})
		if v.ID != 4 || v.Site != "TD01" || v.Edits || v.LastUsed.IsZero() {
			t.Errorf("%+v, %v", v, err)
		}
		v.Edits = true
		return errors.Join(err, tx.SetDevice(v))
	})
	if err != nil {
		t.Error(err)
	}
}

func BenchmarkWrites(b *testing.B) { storetest.BenchmarkWrites(b, open) }

func BenchmarkRead(b *testing.B) { storetest.BenchmarkRead(b, open, 20_000) }
