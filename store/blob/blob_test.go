package blob_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/blob"
	"waymark/store/storetest"
)

var ctx = context.Background()

func open(t testing.TB) collect.Blobs {
	dir, err := os.MkdirTemp(t.TempDir(), "blobs-")
	if err != nil {
		t.Fatal(err)
	}
	b, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBlobs(t *testing.T) { storetest.Blobs(t, open) }

func TestOnlyTheOwnerReads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other rights: " + t.Name() + " skipped")
	}
	dir := filepath.Join(t.TempDir(), "blobs")
	b, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Put(ctx, "abc", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", d.Name(), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLeftoversAreTakenAway opens a folder in which a power cut left half a file, long ago and just now.
func TestLeftoversAreTakenAway(t *testing.T) {
	dir := t.TempDir()
	if _, err := blob.Open(dir); err != nil {
		t.Fatal(err)
	}
	old, now := filepath.Join(dir, "partial", "abc-1"), filepath.Join(dir, "partial", "abc-2")
	for _, f := range []string{old, now} {
		if err := os.WriteFile(f, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-72 * time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	b, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Error("an old leftover stays")
	}
	if _, err := os.Stat(now); err != nil {
		t.Error("what another program may be writing is taken away")
	}
	for name := range b.All(ctx) {
		t.Errorf("%s is listed", name)
	}
}

func TestErrorsNameNoPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "CANARY")
	b, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Open(ctx, "nothing")
	if !errors.Is(err, fault.NotFound) || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkPut(b *testing.B) {
	s := open(b)
	body := strings.Repeat("sealed ", 100_000)
	b.SetBytes(int64(len(body)))
	for i := 0; b.Loop(); i++ {
		if err := s.Put(ctx, fmt.Sprintf("photo-%d", i), strings.NewReader(body)); err != nil {
			b.Fatal(err)
		}
	}
}
