// Package desktest knows how a test gets a desk: on a real SQLite file and folder of blobs that go when the test ends. It
// must not know what the test does with it.
package desktest

import (
	"bytes"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"waymark/collect"
	"waymark/store/blob"
	"waymark/store/sqlite"
	"waymark/trust/seal"
)

// Desk is a desk with what it was made of.
type Desk struct {
	*collect.Desk
	Keys *seal.Keyring
	Dir  string // of its file and blobs
}

// New makes a desk. now may be nil: the system's time.
func New(t testing.TB, now func() time.Time) Desk {
	t.Helper()
	d := Desk{Keys: seal.NewMaster().Keys(), Dir: t.TempDir()}
	store, err := sqlite.Open(t.Context(), filepath.Join(d.Dir, "records.db"), d.Keys.Subkey("sqlite"), collect.ChainKey(d.Keys))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	blobs, err := blob.Open(filepath.Join(d.Dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Desk, err = collect.New(collect.Options{Store: store, Blobs: blobs, Keys: d.Keys, Now: now}); err != nil {
		t.Fatal(err)
	}
	return d
}

// Log is a log that many goroutines write and a test reads.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write takes what is logged.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String gives what was logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
