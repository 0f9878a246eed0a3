package postgres_test

import (
	"context"
	"os"
	"testing"

	"waymark/collect"
	"waymark/store/postgres"
	"waymark/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

func open(t testing.TB) collect.Store {
	s, err := postgres.Open(context.Background(), storetest.Postgres(t), storetest.ChainKey)
	if err != nil {
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

func BenchmarkWrites(b *testing.B) { storetest.BenchmarkWrites(b, open) }

func BenchmarkRead(b *testing.B) { storetest.BenchmarkRead(b, open, 20_000) }
