package backup_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/store/backup"
	"waymark/store/blob"
	"waymark/store/postgres"
	"waymark/store/records"
	"waymark/store/sqlite"
	"waymark/store/storetest"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// canary is what a person might have said; nobody else writes it.
const canary = "CANARY-heard-from-a-person-7f3a"

// marks are the forms that a canary may take on a disk.
func marks() [][]byte {
	out := [][]byte{[]byte(canary), []byte(hex.EncodeToString([]byte(canary)))}
	for shift := range 3 { // base64 has three alignments; the middle of each is the same wherever it stands
		s := base64.StdEncoding.EncodeToString(append(make([]byte, shift), canary...))
		out = append(out, []byte(s[4:len(s)-4]))
	}
	return append(out, utf16(canary))
}

func utf16(s string) (out []byte) {
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

// scan looks for marks in every file below a folder, and for a beacon that must be found, so that a scan that sees
// nothing is not taken for a clean one.
func scan(t *testing.T, dir string, beacon []byte) {
	t.Helper()
	found := beacon == nil
	files := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // a file that went away meanwhile
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return nil
		}
		files++
		for i, mark := range marks() {
			if bytes.Contains(b, mark) {
				t.Errorf("%s holds what a person said (form %d)", filepath.Base(name), i)
			}
		}
		found = found || bytes.Contains(b, beacon)
		return nil
	})
	if err != nil || files == 0 || !found {
		t.Errorf("scanned %d files, beacon found: %v, %v", files, found, err)
	}
}

// beacon stands in the clear in what a store is given: it shows that a scan reads the right files.
const beacon = "BEACON-public-cell-51c0"

// plant puts sealed canaries wherever a store takes sealed bytes.
func plant(t *testing.T, s collect.Store, blobs collect.Blobs, keys collect.Keys) {
	t.Helper()
	said := func(purpose, bound string) []byte { return keys.Seal(purpose, []byte(bound), []byte(canary)) }
	digest := hex.EncodeToString(keys.Mac("blob.digest", []byte(canary)))
	if err := blobs.Put(ctx, digest, keys.SealStream("blob", strings.NewReader(strings.Repeat(canary, 10_000)))); err != nil {
		t.Fatal(err)
	}
	err := s.Write(ctx, func(tx collect.Tx) error {
		p, err := tx.AddProject(collect.Project{UID: "u", Name: beacon})
		if err != nil {
			return err
		}
		if err := tx.PutForm(collect.Form{Project: p, ID: "f", State: collect.Open}); err != nil {
			return err
		}
		for i := range 30 {
			id := fmt.Sprint("uuid:", i)
			r := collect.Stored{Record: collect.Record{Project: p, Form: "f", Instance: id}, Body: said("record", id), DeviceSealed: said("device", id), Key: keys.Mac("answers", []byte(canary))}
			seq, err := tx.AddRecord(r)
			if err != nil {
				return err
			}
			r.Current, r.Body = id+"b", said("record", id+"b")
			if err := errors.Join(tx.PutRows(seq, []collect.StoredRow{{Plain: []byte(beacon), Restricted: said("row.restricted", id), Strict: said("row.strict", id)}}),
				tx.AddRecordVersion(seq, r), tx.AddComment(seq, at, "user:1", said("comment", id)), tx.PutAttachment(seq, collect.Attachment{Name: "photo.jpg", Digest: digest})); err != nil {
				return err
			}
			if i%3 == 0 { // what is purged lies in free pages still
				if err := tx.PurgeRecord(seq); err != nil {
					return err
				}
			}
		}
		_, e1 := tx.AddFlag(collect.Flag{Project: p, Form: "f", Instance: "uuid:1", Code: "flag.x"}, said("note", "1"))
		_, e2 := tx.AddHook(collect.Hook{Project: p}, said("hook", "1"))
		return errors.Join(e1, e2, tx.PutOpening(collect.Opening{ID: "o", Project: p, Purpose: access.Purpose{Code: "referral"}}, said("note", "o")),
			tx.PutEntity(p, collect.Entity{ID: "e", List: "l"}, collect.EntityVersion{Version: 1}, said("entity", "e")), tx.AddBacklog(p, collect.Backlog{List: "l", Entity: "e", Update: said("entity", "b")}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNothingLeaks plants what people said, sealed as a desk seals it, in both databases, and scans every file that
// either writes, the files kept by digest, the backup within its seal and sealed, and what is restored from it.
func TestNothingLeaks(t *testing.T) {
	master := seal.NewMaster()
	keys := master.Keys()
	file, recipient, err := seal.NewKeyFile()
	if err != nil {
		t.Fatal(err)
	}
	lock, err := seal.RecipientLock(recipient)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := seal.LockMaster(master, lock)
	if err != nil {
		t.Fatal(err)
	}
	opener, err := seal.KeyFileOpener(file)
	if err != nil {
		t.Fatal(err)
	}
	chain := collect.ChainKey(keys)
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			var s *records.Store
			files, seen := dir, []byte(nil)
			if kind == "SQLite" {
				s, err = sqlite.Open(ctx, filepath.Join(dir, "records.db"), keys.Subkey("sqlite"), chain)
			} else {
				s, err = postgres.Open(ctx, storetest.Postgres(t), chain)
				seen = []byte(beacon)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			blobs, err := blob.Open(filepath.Join(dir, "blobs"))
			if err != nil {
				t.Fatal(err)
			}
			plant(t, s, blobs, keys)
			if kind == "PostgreSQL" {
				files = storetest.PostgresFiles(t)
				scan(t, dir, nil) // the blobs
			}
			scan(t, files, seen)

			var inner, sealed bytes.Buffer
			w, err := seal.SealTo(&sealed, lock)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Write(ctx, io.MultiWriter(&inner, w), backup.Source{Store: s, Blobs: blobs, Key: kept, At: at}); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			for i, mark := range marks() {
				if bytes.Contains(inner.Bytes(), mark) {
					t.Errorf("the backup holds what a person said within its seal (form %d)", i)
				}
			}
			if !bytes.Contains(inner.Bytes(), []byte(beacon)) || bytes.Contains(sealed.Bytes(), []byte(beacon)) {
				t.Error("public cells stand in the backup only within its seal")
			}

			into := t.TempDir()
			target, err := blob.Open(filepath.Join(into, "blobs"))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := seal.OpenFrom(&sealed, opener)
			if err != nil {
				t.Fatal(err)
			}
			_, err = backup.Restore(ctx, plain, func(key []byte) (backup.Target, error) {
				m, err := seal.OpenMaster(key, opener)
				if err != nil {
					return backup.Target{}, err
				}
				return backup.Target{Blobs: target, ChainKey: collect.ChainKey(m.Keys()), Load: func(c context.Context, schema int64, fill func(*records.Loader) error) error {
					return sqlite.Load(c, filepath.Join(into, "records.db"), m.Keys().Subkey("sqlite"), schema, fill)
				}}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			scan(t, into, nil)
			restored, err := sqlite.Open(ctx, filepath.Join(into, "records.db"), keys.Subkey("sqlite"), chain)
			if err != nil {
				t.Fatal(err)
			}
			defer restored.Close()
			if err := restored.Read(ctx, func(tx collect.Tx) error {
				body, err := tx.RecordBody(2, "")
				if err != nil {
					return err
				}
				said, err := keys.Open("record", []byte("uuid:1b"), body)
				if string(said) != canary {
					t.Error("what was restored does not open")
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
}
