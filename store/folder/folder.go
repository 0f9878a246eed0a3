// Package folder knows how to write a set of files so that a reader sees all of them or none: beside, then
// renamed. It must not know what the files hold.
//
//	w, err := folder.Create("demo")
//	f, err := w.Create("tables/any-by-route.csv") // written beside demo
//	...
//	err = w.Commit()                              // now in demo
//
// An interrupted run leaves nothing in the folder; Discard takes away what was written beside.
package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"waymark/fault"
)

// manifest lists the files of a folder that a Writer has put there, so that the next one can take away those
// that are no longer made: a stale report beside new tables would mislead.
const manifest = ".waymark-files.json"

// Writer collects files beside a folder.
type Writer struct {
	dir   string
	stage string
	mode  fs.FileMode // of files
	names []string
	made  []string // folders above that were made for it, the innermost first
	done  bool
}

// Codes of what can be wrong with a folder to write to.
const (
	CodeIsFile     fault.Code = "folder.is-file"
	CodeUnwritable fault.Code = "folder.unwritable"
)

// Create starts writing for a folder that others may read. The folder need not exist.
func Create(dir string) (*Writer, error) { return start(dir, 0o755, 0o644) }

// CreatePrivate starts writing for a folder that only its owner may read.
func CreatePrivate(dir string) (*Writer, error) { return start(dir, 0o700, 0o600) }

func start(dir string, dirMode, fileMode fs.FileMode) (*Writer, error) {
	given := dir
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, unwritable(given, err)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fault.Issue{Code: CodeIsFile, Kind: fault.Conflict, Args: map[string]any{"folder": given}}
	}
	w := &Writer{dir: dir, mode: fileMode, made: missing(filepath.Dir(dir))}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, unwritable(given, err)
	}
	if w.stage, err = os.MkdirTemp(filepath.Dir(dir), ".waymark-partial-"); err != nil {
		return nil, unwritable(given, err)
	}
	if err := os.Chmod(w.stage, dirMode); err != nil {
		return nil, unwritable(given, err)
	}
	return w, nil
}

// missing lists the folders of a path that are not there, the innermost first.
func missing(dir string) []string {
	var out []string
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			return out
		}
		out = append(out, dir)
		dir = filepath.Dir(dir)
	}
}

// unwritable says that the system refused, in its own words.
func unwritable(dir string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fault.Issue{Code: CodeUnwritable, Kind: fault.Unavailable, Args: map[string]any{"folder": dir, "why": fmt.Sprint(err)}}
}

// Create opens a new file by its name with forward slashes, below the folder. A name that leads out of it is
// refused.
func (w *Writer) Create(name string) (io.WriteCloser, error) {
	if !fs.ValidPath(name) || name == "." || name == manifest {
		return nil, fmt.Errorf("create file %s: no name for a file below the folder: %w", name, fault.Invalid)
	}
	full := filepath.Join(w.stage, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return nil, fmt.Errorf("create file %s: %w", name, err)
	}
	f, err := os.OpenFile(full, os.O_CREATE|os.O_EXCL|os.O_WRONLY, w.mode)
	if err != nil {
		return nil, fmt.Errorf("create file %s: %w", name, err)
	}
	w.names = append(w.names, name)
	return f, nil
}

// Commit puts every file into the folder by renaming and takes away files of an earlier Commit that were
// not made again. Files that others put there stay. The writer must not be used afterwards.
func (w *Writer) Commit() error {
	if w.done {
		return fmt.Errorf("commit folder %s: done already: %w", w.dir, fault.Conflict)
	}
	w.done = true
	if err := w.writeManifest(); err != nil {
		return err
	}
	if err := os.Rename(w.stage, w.dir); err == nil {
		return nil // the folder was not there, or was empty
	}
	defer os.RemoveAll(w.stage)
	old := readManifest(w.dir)
	for _, name := range append(slices.Clone(w.names), manifest) {
		from, to := filepath.Join(w.stage, filepath.FromSlash(name)), filepath.Join(w.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return fmt.Errorf("commit folder %s: %w", w.dir, err)
		}
		if err := os.Rename(from, to); err != nil {
			return fmt.Errorf("commit folder %s: %w", w.dir, err)
		}
	}
	for _, name := range old {
		if !slices.Contains(w.names, name) {
			if err := os.Remove(filepath.Join(w.dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("commit folder %s: take away %s of an earlier run: %w", w.dir, name, err)
			}
		}
	}
	return nil
}

// Discard takes away what was written beside, and the folders that were made for it and are empty. After
// Commit it does nothing.
func (w *Writer) Discard() error {
	if w.done {
		return nil
	}
	w.done = true
	err := os.RemoveAll(w.stage)
	for _, dir := range w.made {
		if os.Remove(dir) != nil {
			break // something else is in it
		}
	}
	return err
}

func (w *Writer) writeManifest() error {
	slices.Sort(w.names)
	text, err := json.MarshalIndent(w.names, "", " ")
	if err != nil {
		return fmt.Errorf("commit folder %s: %w", w.dir, err)
	}
	if err := os.WriteFile(filepath.Join(w.stage, manifest), append(text, '\n'), w.mode); err != nil {
		return fmt.Errorf("commit folder %s: %w", w.dir, err)
	}
	return nil
}

// readManifest lists what an earlier writer put into the folder; only names below it count.
func readManifest(dir string) []string {
	text, err := os.ReadFile(filepath.Join(dir, manifest))
	if err != nil {
		return nil
	}
	var names []string
	if json.Unmarshal(text, &names) != nil {
		return nil
	}
	return slices.DeleteFunc(names, func(n string) bool { return !fs.ValidPath(n) || strings.HasPrefix(n, ".") })
}
