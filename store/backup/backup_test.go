package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/backup"
	"waymark/store/blob"
	"waymark/store/postgres"
	"waymark/store/records"
	"waymark/store/sqlite"
	"waymark/store/storetest"
	"waymark/trust/audit"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var (
	ctx = context.Background()
	key = []byte("a key of 32 bytes for tests only")
	at  = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
)

// place is a database that may be filled or opened, and its blobs.
type place struct {
	load  func(ctx context.Context, schema int64, fill func(*records.Loader) error) error
	open  func() (*records.Store, error)
	blobs collect.Blobs
}

func (p place) target() backup.Target {
	return backup.Target{Load: p.load, Blobs: p.blobs, ChainKey: storetest.ChainKey}
}

func (p place) store(t *testing.T) *records.Store {
	t.Helper()
	s, err := p.open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func blobs(t *testing.T) collect.Blobs {
	t.Helper()
	b, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func inSQLite(t *testing.T) place {
	file := filepath.Join(t.TempDir(), "waymark.db")
	return place{
		load: func(ctx context.Context, schema int64, fill func(*records.Loader) error) error {
			return sqlite.Load(ctx, file, key, schema, fill)
		},
		open:  func() (*records.Store, error) { return sqlite.Open(ctx, file, key, storetest.ChainKey) },
		blobs: blobs(t),
	}
}

func inPostgres(t *testing.T) place {
	address := storetest.Postgres(t)
	return place{
		load: func(ctx context.Context, schema int64, fill func(*records.Loader) error) error {
			return postgres.Load(ctx, address, schema, fill)
		},
		open:  func() (*records.Store, error) { return postgres.Open(ctx, address, storetest.ChainKey) },
		blobs: blobs(t),
	}
}

// filled gives a backup of a store with something in every table, and what it says of itself.
func filled(t *testing.T, p place) ([]byte, backup.Counts) {
	t.Helper()
	s := p.store(t)
	for i, d := range storetest.Fill(t, s).Digests {
		if err := p.blobs.Put(ctx, d, strings.NewReader(strings.Repeat("sealed ", i*20000))); err != nil {
			t.Fatal(err)
		}
	}
	return written(t, p, s)
}

func written(t *testing.T, p place, s *records.Store) ([]byte, backup.Counts) {
	t.Helper()
	var b bytes.Buffer
	c, err := backup.Write(ctx, &b, backup.Source{Store: s, Blobs: p.blobs, Key: []byte("sealed key"), At: at})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), c
}

func restore(b io.Reader, p place) (backup.Counts, []byte, error) {
	var got []byte
	c, err := backup.Restore(ctx, b, func(key []byte) (backup.Target, error) {
		got = key
		return p.target(), nil
	})
	return c, got, err
}

// TestThereAndBack goes from each database into each: what comes out is the same, byte for byte.
func TestThereAndBack(t *testing.T) {
	kinds := map[string]func(*testing.T) place{"SQLite": inSQLite, "PostgreSQL": inPostgres}
	for _, from := range slices.Sorted(maps.Keys(kinds)) {
		t.Run("from "+from, func(t *testing.T) {
			first, said := filled(t, kinds[from](t))
			for _, table := range records.Tables() {
				if said.Tables[table.Name] == 0 {
					t.Errorf("nothing in table %s: it is not tried", table.Name)
				}
			}
			for _, to := range slices.Sorted(maps.Keys(kinds)) {
				t.Run("to "+to, func(t *testing.T) {
					p := kinds[to](t)
					got, key, err := restore(iotest.HalfReader(bytes.NewReader(first)), p)
					if err != nil {
						t.Fatal(err)
					}
					if d := cmp.Diff(said, got); d != "" || string(key) != "sealed key" {
						t.Errorf("counts, with key %q:\n%s", key, d)
					}
					s := p.store(t)
					second, _ := written(t, p, s)
					if !bytes.Equal(first, second) {
						t.Errorf("backed up again it differs: %d bytes, %d before", len(second), len(first))
					}
					// Life goes on: new ids follow the old ones, the chain holds.
					if err := s.Write(ctx, func(tx collect.Tx) error {
						id, err := tx.AddProject(collect.Project{UID: "new"})
						if err != nil || id < 2 {
							return fmt.Errorf("project %d: %w", id, err)
						}
						if _, err := tx.AddUser(collect.User{Email: "new@example.org"}, "x"); err != nil {
							return err
						}
						seq, err := tx.AddRecord(collect.Stored{Record: collect.Record{Project: 1, Form: "arrivals", Instance: "uuid:new"}, Body: []byte("x")})
						if err != nil {
							return err
						}
						return errors.Join(tx.PutRows(seq, []collect.StoredRow{{Path: "new table"}, {}}), tx.Append(audit.Entry{Act: "server.restore"}))
					}); err != nil {
						t.Fatal(err)
					}
					if err := s.Read(ctx, func(tx collect.Tx) error { _, err := audit.Verify(storetest.ChainKey, tx.EachLink()); return err }); err != nil {
						t.Error(err)
					}
					if _, _, err := restore(bytes.NewReader(first), p); !errors.Is(err, fault.Conflict) {
						t.Errorf("over what is there: %v", err)
					}
				})
			}
		})
	}
}

// TestDamageRestoresNothing cuts, changes and swaps: Restore says so, and the database is as empty as before.
func TestDamageRestoresNothing(t *testing.T) {
	whole, said := filled(t, inSQLite(t))
	if said.Blobs == 0 || said.Bytes == 0 {
		t.Fatal("no files in the backup")
	}
	cases := map[string][]byte{
		"nothing": {}, "another kind of file": []byte("PK\x03\x04 and so on, for a while"), "two of them": append(bytes.Clone(whole), whole...), "a byte more": append(bytes.Clone(whole), 0),
	}
	for _, cut := range []int{5, 30, 200, len(whole) / 3, len(whole) / 2, len(whole) - 300, len(whole) - 1} {
		cases[fmt.Sprintf("cut after %d of %d", cut, len(whole))] = whole[:cut]
	}
	for i := 40; i < len(whole); i += len(whole)/9 + 1 {
		b := bytes.Clone(whole)
		b[i] ^= 0x20
		cases[fmt.Sprintf("byte %d changed", i)] = b
	}
	p := inSQLite(t)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		p.blobs = blobs(t)
		if _, _, err := restore(bytes.NewReader(cases[name]), p); err == nil {
			t.Fatalf("%s: restored", name)
		}
		s, err := p.open()
		if err != nil {
			t.Fatal(err)
		}
		_, c := written(t, p, s)
		for table, n := range c.Tables {
			if n > 0 {
				t.Errorf("%s: %d rows stay in %s", name, n, table)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	broken := errors.New("stick pulled out")
	if _, _, err := restore(io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), iotest.ErrReader(broken)), inSQLite(t)); !errors.Is(err, broken) {
		t.Errorf("a reading error: %v", err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	whole, _ := filled(t, inSQLite(t))
	p := inSQLite(t)
	_, err := backup.Restore(ctx, bytes.NewReader(whole), func([]byte) (backup.Target, error) {
		target := p.target()
		target.ChainKey = []byte("another key")
		return target, nil
	})
	var issue fault.Issue
	if !errors.As(err, &issue) || issue.Code != audit.CodeChanged {
		t.Errorf("a chain that does not hold: %v", err)
	}
	refused := errors.New("wrong passphrase")
	if _, err := backup.Restore(ctx, bytes.NewReader(whole), func([]byte) (backup.Target, error) { return backup.Target{}, refused }); !errors.Is(err, refused) {
		t.Errorf("a key that does not open: %v", err)
	}
	if _, _, err := restore(bytes.NewReader(whole), inSQLite(t)); err != nil {
		t.Errorf("whole: %v", err)
	}
}

// TestMissingFileIsTold backs up a folder that lacks a file: the rest is restored, and both say what is missing.
func TestMissingFileIsTold(t *testing.T) {
	p := inSQLite(t)
	s := p.store(t)
	digests := storetest.Fill(t, s).Digests
	for _, d := range digests {
		if err := p.blobs.Put(ctx, d, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.blobs.Delete(ctx, digests[0]); err != nil {
		t.Fatal(err)
	}
	b, said := written(t, p, s)
	got, _, err := restore(bytes.NewReader(b), inSQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{digests[0]}, said.Missing); d != "" || !slices.Equal(said.Missing, got.Missing) {
		t.Errorf("missing: %s, then %v", d, got.Missing)
	}
}

// TestBackupWhileWriting backs up while records arrive: it holds one state, whose chain ends where it says.
func TestBackupWhileWriting(t *testing.T) {
	p := inSQLite(t)
	s := p.store(t)
	f := storetest.Fill(t, s)
	stop, done := make(chan struct{}), make(chan error)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := s.Write(ctx, func(tx collect.Tx) error {
				seq, err := tx.AddRecord(collect.Stored{Record: collect.Record{Project: f.Project, Form: "arrivals", Instance: fmt.Sprint("while:", i)}})
				return errors.Join(err, tx.PutRows(seq, []collect.StoredRow{{}}), tx.Append(audit.Entry{Act: "record.accept"}))
			}); err != nil {
				done <- err
				return
			}
		}
	}()
	for range 2 {
		b, said := written(t, p, s)
		if said.Tables["records"]-int64(f.Records) != said.Tables["audit"]-int64(f.Records) {
			t.Errorf("%d records and %d entries: not one state", said.Tables["records"], said.Tables["audit"])
		}
		if _, _, err := restore(bytes.NewReader(b), inSQLite(t)); err != nil {
			t.Errorf("restore: %v", err)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func FuzzRestore(f *testing.F) {
	f.Add([]byte("waymark backup 1\nH\x02{}K\x00T\x24{\"name\":\"settings\",\"columns\":[\"key\"]}R\x04\x01\x02\x01aZ\x02{}"))
	f.Add([]byte("waymark backup 1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := backup.Restore(ctx, bytes.NewReader(b), func([]byte) (backup.Target, error) {
			return backup.Target{Load: func(context.Context, int64, func(*records.Loader) error) error { return nil }}, errors.New("enough")
		})
		if err == nil {
			t.Error("restored")
		}
	})
}
