// Package blob knows how to keep bytes under a name in a folder: written beside, synced, renamed. It must not know
// what the bytes are; they are sealed before they get here.
//
//	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
//	err = blobs.Put(ctx, digest, sealed) // durable when it returns nil
//
// A file stands in a folder of the first two letters of its name. Half a file is never seen under its name: what an
// interrupted Put leaves lies in the folder "partial" and is taken away by a later Open.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"waymark/collect"
	"waymark/fault"
)

// CodeFull says that the disk has no room for a file.
const CodeFull fault.Code = "blob.full"

// partial is the folder of files that are being written; stale is when one is taken to be left over.
const (
	partial = "partial"
	stale   = 48 * time.Hour
)

// Store is a folder of blobs. It is safe for use by many goroutines and programs.
type Store struct{ dir string }

var _ collect.Blobs = (*Store)(nil)

// Open opens a folder of blobs, made where it is not there, readable by its owner only.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, partial), 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", explain(err))
	}
	left, err := os.ReadDir(filepath.Join(dir, partial))
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", explain(err))
	}
	for _, f := range left {
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > stale {
			_ = os.Remove(filepath.Join(dir, partial, f.Name()))
		}
	}
	return &Store{dir: dir}, nil
}

// file gives the folder and the file of a name. Names are letters, digits, "-" and "_", so that none leads elsewhere.
func (s *Store) file(name string) (dir, file string, err error) {
	if len(name) < 3 || len(name) > 200 {
		return "", "", fmt.Errorf("blob: no name for a file: %w", fault.Invalid)
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return "", "", fmt.Errorf("blob: no name for a file: %w", fault.Invalid)
		}
	}
	dir = filepath.Join(s.dir, strings.ToLower(name[:2]))
	return dir, filepath.Join(dir, name), nil
}

// Put keeps bytes under a name. Where the name is there already, it reads nothing and changes nothing.
func (s *Store) Put(ctx context.Context, name string, r io.Reader) (err error) {
	dir, file, err := s.file(name)
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	f, err := os.CreateTemp(filepath.Join(s.dir, partial), name[:3]+"-")
	if err != nil {
		return fmt.Errorf("put blob: %w", explain(err))
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := io.Copy(f, stopped{ctx, r}); err != nil {
		return fmt.Errorf("put blob: %w", explain(err))
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("put blob: %w", explain(err))
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("put blob: %w", explain(err))
	}
	return s.place(f.Name(), dir, file)
}

// place renames a file into its folder, for good: the folders are synced.
func (s *Store) place(from, dir, file string) error {
	if err := os.Mkdir(dir, 0o700); err == nil {
		if err := syncFolder(s.dir); err != nil {
			return fmt.Errorf("put blob: %w", explain(err))
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("put blob: %w", explain(err))
	}
	if err := os.Rename(from, file); err != nil {
		return fmt.Errorf("put blob: %w", explain(err))
	}
	if err := syncFolder(dir); err != nil {
		return fmt.Errorf("put blob: %w", explain(err))
	}
	return nil
}

// syncFolder makes a renaming last. Windows knows no such call and keeps the order by itself.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// stopped ends reading when a context does.
type stopped struct {
	ctx context.Context
	r   io.Reader
}

func (s stopped) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// Open gives the bytes under a name, or fault.NotFound.
func (s *Store) Open(_ context.Context, name string) (io.ReadCloser, error) {
	_, file, err := s.file(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open blob: %w", explain(err))
	}
	return f, nil
}

// Move gives bytes another name. Where that is there already, the first is deleted.
func (s *Store) Move(_ context.Context, from, to string) error {
	_, old, err := s.file(from)
	if err != nil {
		return err
	}
	dir, file, err := s.file(to)
	if err != nil {
		return err
	}
	if _, err := os.Stat(old); err != nil {
		return fmt.Errorf("move blob: %w", explain(err))
	}
	if _, err := os.Stat(file); err == nil {
		if from == to {
			return nil
		}
		if err := os.Remove(old); err != nil {
			return fmt.Errorf("move blob: %w", explain(err))
		}
		return nil
	}
	return s.place(old, dir, file)
}

// Delete removes what is under a name, or says fault.NotFound.
func (s *Store) Delete(_ context.Context, name string) error {
	dir, file, err := s.file(name)
	if err != nil {
		return err
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("delete blob: %w", explain(err))
	}
	if err := syncFolder(dir); err != nil {
		return fmt.Errorf("delete blob: %w", explain(err))
	}
	return nil
}

// All gives every name, folder by folder.
func (s *Store) All(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		folders, err := os.ReadDir(s.dir)
		if err != nil {
			yield("", fmt.Errorf("list blobs: %w", explain(err)))
			return
		}
		for _, d := range folders {
			if !d.IsDir() || d.Name() == partial {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			files, err := os.ReadDir(filepath.Join(s.dir, d.Name()))
			if err != nil {
				yield("", fmt.Errorf("list blobs: %w", explain(err)))
				return
			}
			for _, f := range files {
				if !yield(f.Name(), nil) {
					return
				}
			}
		}
	}
}

// explain gives an error of the disk its kind.
func explain(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", fault.NotFound, bare(err))
	case noRoom(err):
		return fault.Issue{Code: CodeFull, Kind: fault.Unavailable}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", fault.Unavailable, bare(err))
	}
	return err
}

// bare leaves the path out of an error.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}
