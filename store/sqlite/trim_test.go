package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"waymark/collect"
	"waymark/store/sqlite"
)

// Half a block at the end of the file, as a full disk leaves it, does not keep the store from opening.
func TestHalfABlock(t *testing.T) {
	name, key := filepath.Join(t.TempDir(), "records.db"), bytes.Repeat([]byte("k"), sqlite.KeySize)
	store, err := sqlite.Open(t.Context(), name, key, key)
	if err != nil {
		t.Fatal(err)
	}
	add := func(tx collect.Tx) error {
		_, err := tx.AddProject(collect.Project{UID: "u", Name: "p"})
		return err
	}
	if err := store.Write(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if store, err = sqlite.Open(t.Context(), name, key, key); err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Read(t.Context(), func(tx collect.Tx) error {
		all, err := tx.ListProjects()
		if err == nil && len(all) != 1 {
			t.Errorf("%d projects", len(all))
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
