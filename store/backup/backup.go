// Package backup knows how the records, files and sealed key of a folder become one stream, and a folder again. It
// must not know what the rows mean, which database they lie in, nor how the stream is sealed: its caller passes it
// through seal.SealTo and seal.OpenFrom.
//
//	sealed, err := seal.SealTo(file, lock)
//	counts, err := backup.Write(ctx, sealed, backup.Source{Store: store, Blobs: blobs, Key: key, At: now})
//	err = sealed.Close()
//
// The stream is the same whichever database it was taken from, so that what was kept in SQLite can be restored into
// PostgreSQL and the other way round. docs/formats/backup.md has every byte.
//
// Invariants, named where they are checked:
//
//  1. A backup holds one state of the database, and every file that this state names.
//  2. Restore keeps nothing unless everything was there: every frame, every row that was counted, an audit chain that
//     holds up to the head that was written down, and every file that a row names.
//  3. Restore never writes over anything.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/records"
	"waymark/trust/audit"
)

// Codes of what can be wrong with a backup.
const (
	CodeNoBackup fault.Code = "backup.no-backup" // no stream of ours
	CodeDamaged  fault.Code = "backup.damaged"   // cut off, or changed
	CodeMissing  fault.Code = "backup.missing"   // files that rows name are not in it: count
)

// Source is what is backed up. All are required.
type Source struct {
	Store *records.Store
	Blobs collect.Blobs
	Key   []byte // of the folder, sealed as it lies there: a backup opens no more than the folder does
	At    time.Time
}

// Counts say what a backup holds.
type Counts struct {
	Tables  map[string]int64 `json:"tables"` // rows
	Blobs   int64            `json:"blobs"`
	Bytes   int64            `json:"bytes"`   // of blobs
	Missing []string         `json:"missing"` // blobs that rows name and that were not there
}

// head is the first frame.
type head struct {
	At     time.Time  `json:"at"`
	Schema int64      `json:"schema"` // version of the tables
	Audit  audit.Head `json:"audit"`
}

type tableHead struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// end is the last frame.
type end struct {
	Counts Counts `json:"counts"`
	Sum    []byte `json:"sum"` // SHA-256 of every byte before this frame
}

// Write writes a backup of one state (invariant 1) while others write on. It may be read again only whole.
func Write(ctx context.Context, w io.Writer, s Source) (Counts, error) {
	c := Counts{Tables: map[string]int64{}}
	f := newWriter(w)
	err := s.Store.Dump(ctx, func(d *records.Dump) error {
		h := head{At: s.At.UTC()}
		var err error
		if h.Schema, err = d.Version(); err != nil {
			return err
		}
		if h.Audit, err = d.Head(); err != nil {
			return err
		}
		if err := f.json(frameHead, h); err != nil {
			return err
		}
		if err := f.frame(frameKey, s.Key); err != nil {
			return err
		}
		for _, t := range records.Tables() {
			if err := f.table(ctx, d, t, &c); err != nil {
				return fmt.Errorf("write table %s: %w", t.Name, err)
			}
		}
		for name, err := range d.Digests() {
			if err != nil {
				return err
			}
			if err := f.blob(ctx, s.Blobs, name, &c); err != nil {
				return fmt.Errorf("write file: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("back up: %w", err)
	}
	if err := f.json(frameEnd, end{Counts: c, Sum: f.sum.Sum(nil)}); err != nil {
		return c, fmt.Errorf("back up: %w", err)
	}
	return c, f.w.Flush()
}

func (f *writer) json(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return f.frame(kind, b)
}

func (f *writer) table(ctx context.Context, d *records.Dump, t records.Table, c *Counts) error {
	columns, err := d.Columns(t)
	if err != nil {
		return err
	}
	if err := f.json(frameTable, tableHead{Name: t.Name, Columns: columns}); err != nil {
		return err
	}
	c.Tables[t.Name] = 0
	var row []byte
	for values, err := range d.Rows(t, columns) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if row, err = appendRow(row[:0], values); err != nil {
			return err
		}
		if err := f.frame(frameRow, row); err != nil {
			return err
		}
		c.Tables[t.Name]++
	}
	return nil
}

func (f *writer) blob(ctx context.Context, blobs collect.Blobs, name string, c *Counts) error {
	r, err := blobs.Open(ctx, name)
	if errors.Is(err, fault.NotFound) {
		c.Missing = append(c.Missing, name) // told, and left to whoever reads the counts
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	if err := f.frame(frameBlob, []byte(name)); err != nil {
		return err
	}
	chunk := make([]byte, chunkSize)
	for {
		n, err := io.ReadFull(r, chunk)
		if n > 0 {
			if err := f.frame(frameChunk, chunk[:n]); err != nil {
				return err
			}
			c.Bytes += int64(n)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
	c.Blobs++
	return f.frame(frameChunk, nil)
}
