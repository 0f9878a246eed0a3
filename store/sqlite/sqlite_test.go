package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"waymark/collect"
	"waymark/store/records"
	"waymark/store/sqlite"
	"waymark/store/storetest"
)

var ctx = context.Background()

var key = []byte("a key of 32 bytes for tests only")

func openAt(t testing.TB, file string) *records.Store {
	t.Helper()
	s, err := sqlite.Open(ctx, file, key, storetest.ChainKey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB) collect.Store {
	s := openAt(t, filepath.Join(t.TempDir(), "waymark.db"))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) { storetest.Store(t, open) }

func BenchmarkWrites(b *testing.B) { storetest.BenchmarkWrites(b, open) }

func BenchmarkRead(b *testing.B) { storetest.BenchmarkRead(b, open, 20_000) }
