package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/records"
	"waymark/trust/audit"
)

// Target is what a backup is restored into.
type Target struct {
	// Load fills an empty database in one transaction: sqlite.Load or postgres.Load with the rest given.
	Load     func(ctx context.Context, schema int64, fill func(*records.Loader) error) error
	Blobs    collect.Blobs // empty
	ChainKey []byte        // of the audit chain
}

// Restore reads a backup into what open gives, which is called once with the folder's sealed key. Nothing is in the
// database unless Restore returns nil (invariant 2); files may be, so a caller restores into a folder of its own and
// renames it. Where the backup itself lacks files that its rows name, it restores the rest only where the backup said
// so; the counts tell.
func Restore(ctx context.Context, r io.Reader, open func(key []byte) (Target, error)) (Counts, error) {
	f, err := newReader(r)
	if err != nil {
		return Counts{}, err
	}
	var h head
	if err := f.take(frameHead, &h); err != nil {
		return Counts{}, err
	}
	kind, key, _, err := f.next()
	if err == nil && kind != frameKey {
		err = fault.Issue{Code: CodeDamaged}
	}
	if err != nil {
		return Counts{}, err
	}
	target, err := open(append([]byte(nil), key...))
	if err != nil {
		return Counts{}, err
	}
	l := &loading{f: f, target: target, have: Counts{Tables: map[string]int64{}}}
	err = target.Load(ctx, h.Schema, func(to *records.Loader) error {
		if err := l.frames(ctx, to); err != nil {
			return err
		}
		return l.check(to, h)
	})
	return l.have, err
}

// take reads a frame of JSON.
func (f *reader) take(kind byte, to any) error {
	got, body, _, err := f.next()
	if err != nil {
		return err
	}
	if got != kind || json.Unmarshal(body, to) != nil {
		return fault.Issue{Code: CodeDamaged}
	}
	return nil
}

// loading is a restore under way.
type loading struct {
	f      *reader
	target Target
	have   Counts
	said   Counts // what the last frame says
}

// frames reads tables and blobs up to the last frame, and holds that against what came.
func (l *loading) frames(ctx context.Context, to *records.Loader) error {
	damaged := fault.Issue{Code: CodeDamaged}
	table := ""
	var values []any
	for {
		kind, body, before, err := l.f.next()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		switch kind {
		case frameTable:
			var h tableHead
			if json.Unmarshal(body, &h) != nil {
				return damaged
			}
			if _, twice := l.have.Tables[h.Name]; twice {
				return damaged
			}
			if err := to.Table(h.Name, h.Columns); err != nil {
				return err
			}
			table = h.Name
			l.have.Tables[table] = 0
		case frameRow:
			if table == "" {
				return damaged
			}
			if values, err = readRow(body, values); err != nil {
				return err
			}
			if err := to.Row(values); err != nil {
				return fmt.Errorf("restore table %s: %w", table, err)
			}
			l.have.Tables[table]++
		case frameBlob:
			table = ""
			if err := l.blob(ctx, string(body)); err != nil {
				return err
			}
		case frameEnd:
			var e end
			if json.Unmarshal(body, &e) != nil || string(e.Sum) != string(before) {
				return damaged
			}
			l.said = e.Counts
			return l.f.end()
		default:
			return damaged
		}
	}
}

// blob keeps a blob from its frames.
func (l *loading) blob(ctx context.Context, name string) error {
	c := &chunks{f: l.f}
	if err := l.target.Blobs.Put(ctx, name, c); err != nil {
		return fmt.Errorf("restore file: %w", err)
	}
	if !c.done { // it was there already: read past it
		if _, err := io.Copy(io.Discard, c); err != nil {
			return err
		}
	}
	l.have.Blobs++
	l.have.Bytes += c.n
	return nil
}

// chunks reads the frames of one blob.
type chunks struct {
	f    *reader
	rest []byte
	n    int64
	done bool
}

func (c *chunks) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.done {
			return 0, io.EOF
		}
		kind, body, _, err := c.f.next()
		if err != nil {
			return 0, err
		}
		if kind != frameChunk {
			return 0, fault.Issue{Code: CodeDamaged}
		}
		c.rest, c.done = body, len(body) == 0
		c.n += int64(len(body))
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// check holds what was loaded against what the backup says (invariant 2).
func (l *loading) check(to *records.Loader, h head) error {
	l.have.Missing = l.said.Missing
	same := len(l.have.Tables) == len(l.said.Tables) && l.have.Blobs == l.said.Blobs && l.have.Bytes == l.said.Bytes
	for name, n := range l.said.Tables {
		have, there := l.have.Tables[name]
		same = same && there && have == n
	}
	if !same {
		return fault.Issue{Code: CodeDamaged}
	}
	at, err := audit.Verify(l.target.ChainKey, to.Links(), h.Audit)
	if err != nil {
		return err
	}
	if at.Number != h.Audit.Number {
		return fault.Issue{Code: CodeDamaged}
	}
	said := map[string]bool{}
	for _, name := range l.said.Missing {
		said[name] = true
	}
	missing := 0
	for name, err := range to.Digests() {
		if err != nil {
			return err
		}
		if said[name] {
			continue
		}
		r, err := l.target.Blobs.Open(context.Background(), name)
		if errors.Is(err, fault.NotFound) {
			missing++
			continue
		}
		if err != nil {
			return err
		}
		if err := r.Close(); err != nil {
			return err
		}
	}
	if missing > 0 {
		return fault.Issue{Code: CodeMissing, Args: map[string]any{"count": missing}}
	}
	return nil
}
