package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/records"
	"waymark/store/sqlite"
	"waymark/store/storetest"
	"waymark/trust/audit"
)

func code(err error) fault.Code {
	var i fault.Issue
	errors.As(err, &i)
	return i.Code
}

// TestFileIsEncrypted looks for marks in every file of the folder while the store is open and after: names of tables,
// and texts that are not sealed by the desk, stand in none.
func TestFileIsEncrypted(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "waymark.db"))
	if err := s.Write(ctx, func(tx collect.Tx) error {
		_, err := tx.AddProject(collect.Project{UID: "CANARY-uid", Name: "CANARY-name"})
		return errors.Join(err, tx.SetSetting("CANARY-key", bytes.Repeat([]byte("CANARY-value"), 3000)))
	}); err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		files, bytesSeen := 0, 0
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(name)
			files, bytesSeen = files+1, bytesSeen+len(b)
			for _, mark := range []string{"CANARY", "SQLite format 3", "CREATE TABLE", "projects"} {
				if bytes.Contains(b, []byte(mark)) {
					t.Errorf("%s: %q stands in %s", when, mark, d.Name())
				}
			}
			if info, e := d.Info(); e == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %s may be read by others: %v", when, d.Name(), info.Mode())
			}
			return err
		})
		if err != nil || files == 0 || bytesSeen < 30_000 {
			t.Fatalf("%s: looked at %d files, %d bytes, %v", when, files, bytesSeen, err)
		}
	}
	look("while open")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	look("closed")
}

func TestOtherKeyOpensNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "waymark.db")
	s := openAt(t, file)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(ctx, file, []byte("another key of 32 bytes, for use"), storetest.ChainKey); code(err) != records.CodeOtherDB {
		t.Errorf("another key: %v", err)
	}
	after, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(before, after) {
		t.Error("another key changed the file")
	}
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, bytes.Repeat([]byte("no database"), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(ctx, junk, key, storetest.ChainKey); code(err) != records.CodeOtherDB {
		t.Errorf("junk: %v", err)
	}
	if _, err := sqlite.Open(ctx, filepath.Join(dir, "none", "waymark.db"), key, storetest.ChainKey); !errors.Is(err, fault.Unavailable) {
		t.Errorf("no such folder: %v", err)
	}
}

func TestOddFolderNames(t *testing.T) {
	for _, name := range []string{"with space", "100%25", "a?b=c", "a#b", "données", "it's"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		s := openAt(t, filepath.Join(dir, "waymark.db"))
		if err := s.Write(ctx, func(tx collect.Tx) error { return tx.SetSetting("a", nil) }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "waymark.db-wal")); err != nil {
			t.Errorf("%s: the log is not beside the file: %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestTwoPrograms opens one file twice, as a command does while a server runs: both write, and one chain comes of it.
func TestTwoPrograms(t *testing.T) {
	file := filepath.Join(t.TempDir(), "waymark.db")
	stores := []*records.Store{openAt(t, file), openAt(t, file)}
	done := make(chan error)
	const each = 30
	for n, s := range stores {
		go func() {
			for i := range each {
				if err := s.Write(ctx, func(tx collect.Tx) error {
					return errors.Join(tx.SetSetting(fmt.Sprintf("%d-%d", n, i), nil), tx.Append(audit.Entry{Actor: fmt.Sprint(n), Act: "x"}))
				}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range stores {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := stores[0].Read(ctx, func(tx collect.Tx) error {
		h, err := audit.Verify(storetest.ChainKey, tx.EachLink())
		if h.Number != 2*each {
			t.Errorf("%d entries, want %d", h.Number, 2*each)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	for _, s := range stores {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestEveryPowerCut copies the files as they stand after each write, cuts the log at many places as a power cut may,
// and opens what is left: it holds a beginning of what was acknowledged, and all of it where nothing was cut.
func TestEveryPowerCut(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "waymark.db")
	s := openAt(t, file)
	const writes = 12
	var sizes []int64 // of the log after each write
	for i := range writes {
		if err := s.Write(ctx, func(tx collect.Tx) error {
			return errors.Join(tx.SetSetting(fmt.Sprintf("k%02d", i), bytes.Repeat([]byte{byte(i)}, 3000)), tx.Append(audit.Entry{Act: "x"}))
		}); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, info.Size())
	}
	db, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(file + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	type end struct {
		name   string
		wal    []byte
		atMost int // writes that may be there
		least  int // writes that must be
	}
	ends := []end{{"whole", wal, writes, writes}}
	for n := int64(4096); n < int64(len(wal)); n += int64(len(wal))/9 + 1 {
		acknowledged := 0
		for acknowledged < writes && sizes[acknowledged] <= n {
			acknowledged++
		}
		ends = append(ends, end{fmt.Sprintf("cut after %d", n), wal[:n], writes, acknowledged})
		torn := bytes.Clone(wal)
		block := n / 4096 * 4096 // a block that was being written
		copy(torn[block:], bytes.Repeat([]byte{0xee}, 4096))
		before := 0
		for before < writes && sizes[before] <= block {
			before++
		}
		ends = append(ends, end{fmt.Sprintf("torn at %d", block), torn[:min(block+4096, int64(len(torn)))], writes, before})
	}
	for _, e := range ends {
		dir := t.TempDir()
		copyOf := filepath.Join(dir, "waymark.db")
		if err := errors.Join(os.WriteFile(copyOf, db, 0o600), os.WriteFile(copyOf+"-wal", e.wal, 0o600)); err != nil {
			t.Fatal(err)
		}
		s := openAt(t, copyOf)
		if err := s.Read(ctx, func(tx collect.Tx) error {
			n := 0
			for ; n < writes; n++ {
				v, err := tx.Setting(fmt.Sprintf("k%02d", n))
				if errors.Is(err, fault.NotFound) {
					break
				}
				if err != nil || len(v) != 3000 {
					return fmt.Errorf("setting %d: %d bytes, %w", n, len(v), err)
				}
			}
			if n < e.least || n > e.atMost {
				t.Errorf("%s: %d writes are there, %d were acknowledged", e.name, n, e.least)
			}
			h, err := audit.Verify(storetest.ChainKey, tx.EachLink())
			if h.Number != int64(n) {
				t.Errorf("%s: %d entries beside %d writes: half a write", e.name, h.Number, n)
			}
			return err
		}); err != nil {
			t.Errorf("%s: %v", e.name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestKilled has a process that says which writes were acknowledged killed in the middle: all of them are there.
func TestKilled(t *testing.T) {
	if file := os.Getenv("WAYMARK_TEST_KILLED"); file != "" {
		s := openAt(t, file)
		for i := 0; ; i++ {
			if err := s.Write(ctx, func(tx collect.Tx) error {
				return errors.Join(tx.SetSetting(fmt.Sprintf("k%d", i), make([]byte, 5000)), tx.Append(audit.Entry{Act: "x"}))
			}); err != nil {
				t.Fatal(err)
			}
			fmt.Println("kept", i)
		}
	}
	if runtime.GOOS == "windows" {
		t.Skip("needs signals: " + t.Name() + " skipped")
	}
	file := filepath.Join(t.TempDir(), "waymark.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "WAYMARK_TEST_KILLED="+file)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(1500*time.Millisecond, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	kept := strings.Count(out.String(), "kept ")
	s := openAt(t, file)
	if err := s.Read(ctx, func(tx collect.Tx) error {
		for i := range kept {
			if _, err := tx.Setting(fmt.Sprintf("k%d", i)); err != nil {
				return fmt.Errorf("write %d of %d that were acknowledged: %w", i, kept, err)
			}
		}
		_, err := audit.Verify(storetest.ChainKey, tx.EachLink())
		return err
	}); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if kept == 0 {
		t.Error("it was killed before its first write: nothing was tried")
	}
}

// TestClosing takes what waits, and refuses what comes after.
func TestClosing(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "waymark.db"))
	results := make(chan error, 40)
	for i := range 40 {
		go func() {
			results <- s.Write(ctx, func(tx collect.Tx) error { return tx.SetSetting(fmt.Sprint(i), nil) })
		}()
	}
	time.Sleep(2 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var codes []fault.Code
	for range 40 {
		if err := <-results; err != nil {
			codes = append(codes, code(err))
		}
	}
	if slices.ContainsFunc(codes, func(c fault.Code) bool { return c != records.CodeClosed }) {
		t.Errorf("refused with %v", codes)
	}
	if err := s.Write(ctx, func(collect.Tx) error { return nil }); code(err) != records.CodeClosed {
		t.Errorf("after closing: %v", err)
	}
	if err := s.Read(ctx, func(collect.Tx) error { return nil }); code(err) != records.CodeClosed {
		t.Errorf("reading after closing: %v", err)
	}
}
