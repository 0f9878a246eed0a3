package folder_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"waymark/fault"
	"waymark/store/folder"
)

func put(t *testing.T, w *folder.Writer, name, text string) {
	t.Helper()
	f, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNothingBeforeCommit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	w, err := folder.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	put(t, w, "a/b.txt", "one")
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the folder is there before Commit: %v", err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a", "b.txt")); err != nil || string(text) != "one" {
		t.Fatalf("%q %v", text, err)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	base := t.TempDir()
	w, err := folder.Create(filepath.Join(base, "out"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, w, "a.txt", "one")
	if err := w.Discard(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(base)
	if err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v %v", left, err)
	}
}

func TestSecondRunTakesStaleFilesAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	for _, names := range [][]string{{"report.en.html", "old.csv"}, {"report.en.html"}} {
		w, err := folder.Create(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			put(t, w, n, "x")
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "theirs.txt"), []byte("kept"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "old.csv")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("old.csv of the first run is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "theirs.txt")); err != nil {
		t.Errorf("a file of somebody else was taken away: %v", err)
	}
}

func TestNamesStayBelow(t *testing.T) {
	w, err := folder.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	for _, name := range []string{"../x", "/etc/x", "a/../../x", ".", ""} {
		if _, err := w.Create(name); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestPrivateFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "working")
	w, err := folder.CreatePrivate(dir)
	if err != nil {
		t.Fatal(err)
	}
	put(t, w, "x.csv", "1")
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "x.csv"): 0o600} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want %v", filepath.Base(name), info.Mode().Perm(), err, want)
		}
	}
}
