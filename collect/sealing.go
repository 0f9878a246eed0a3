package collect

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strconv"
	"sync"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form/flatten"
)

// Purposes that sealed bytes are kept for. Each has a key of its own.
const (
	forBody       = "record"
	forRestricted = "row.restricted"
	forStrict     = "row.strict"
	forDevice     = "device"
	forComment    = "comment"
	forFlag       = "flag"
	forOpening    = "opening"
	forEntity     = "entity"
	forBacklog    = "backlog"
	forHook       = "hook"
)

// bound names what sealed bytes belong to: they do not open anywhere else.
func bound(project int64, parts ...string) []byte {
	n := 20
	for _, p := range parts {
		n += len(p) + 1
	}
	b := strconv.AppendInt(make([]byte, 0, n), project, 10)
	for _, p := range parts {
		b = append(append(b, 0), p...)
	}
	return b
}

// How a body is written before it is sealed.
const (
	bodyPlain    = 0
	bodyDeflated = 1
)

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(fmt.Sprintf("collect: %v", err))
	}
	return w
}}

// sealBody seals the XML of a record's version, made smaller first (invariant 2).
func (d *Desk) sealBody(project int64, form, instance string, raw []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(raw)/4 + 64)
	b.WriteByte(bodyDeflated)
	w := deflaters.Get().(*flate.Writer)
	w.Reset(&b)
	_, err := w.Write(raw)
	if err == nil {
		err = w.Close()
	}
	deflaters.Put(w)
	if err != nil || b.Len() > len(raw) {
		b.Reset()
		b.WriteByte(bodyPlain)
		b.Write(raw)
	}
	return d.options.Keys.Seal(forBody, bound(project, form, instance), b.Bytes())
}

// largestBody is the XML that a record may have when it is opened again; instance.Parse takes no larger.
const largestBody = 64 << 20

func (d *Desk) openBody(project int64, form, instance string, sealed []byte) ([]byte, error) {
	plain, err := d.options.Keys.Open(forBody, bound(project, form, instance), sealed)
	if err != nil {
		return nil, fmt.Errorf("open the body of a record: %w", err)
	}
	if len(plain) == 0 {
		return nil, fmt.Errorf("open the body of a record: %w", fault.Invalid)
	}
	if plain[0] == bodyPlain {
		return plain[1:], nil
	}
	r := flate.NewReader(bytes.NewReader(plain[1:]))
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, largestBody))
	if err != nil {
		return nil, fmt.Errorf("open the body of a record: %w", fault.Invalid)
	}
	return raw, nil
}

// rowBound names a row, so that its sealed cells open in its place only. current is the instance id of the record's
// current version, whose rows these are.
func rowBound(project int64, form, current, path string, position int) []byte {
	return bound(project, form, current, path, strconv.Itoa(position))
}

// storeRow packs a row: what is public and internal plain, the rest sealed (invariant 2).
func (d *Desk) storeRow(e *edition, t *flatten.TableLayout, path, current string, r flatten.Row) StoredRow {
	out := StoredRow{Version: e.id, Path: path, Position: r.Index, Parent: r.Parent, Plain: t.Pack(nil, r, dataset.Public, dataset.Internal)}
	if restricted := t.Pack(nil, r, dataset.Restricted); restricted != nil {
		out.Restricted = d.options.Keys.Seal(forRestricted, rowBound(e.project, e.formID, current, path, r.Index), restricted)
	}
	if strict := t.Pack(nil, r, dataset.Strict); strict != nil {
		out.Strict = d.options.Keys.Seal(forStrict, rowBound(e.project, e.formID, current, path, r.Index), strict)
	}
	return out
}

// sight is how much of a row's cells somebody sees.
type sight uint8

const (
	sightPlain      sight = iota // public and internal cells
	sightRestricted              // restricted ones too
	sightStrict                  // all
)

func (s sight) of(class dataset.Sensitivity) bool {
	return class <= dataset.Internal || class == dataset.Restricted && s >= sightRestricted || s == sightStrict
}

// loadRow reads a row's cells, those that may be seen. at holds the positions of the repeats around it.
func (d *Desk) loadRow(e *edition, t *flatten.TableLayout, current string, r *StoredRow, s sight, cells []flatten.Cell) (at []int, err error) {
	if at, err = t.Unpack(cells, r.Plain); err != nil {
		return nil, err
	}
	load := func(purpose string, sealed []byte) error {
		if sealed == nil {
			return nil
		}
		plain, err := d.options.Keys.Open(purpose, rowBound(e.project, e.formID, current, r.Path, r.Position), sealed)
		if err != nil {
			return fmt.Errorf("open a row of a record: %w", err)
		}
		_, err = t.Unpack(cells, plain)
		return err
	}
	if s >= sightRestricted {
		if err := load(forRestricted, r.Restricted); err != nil {
			return nil, err
		}
	}
	if s == sightStrict {
		if err := load(forStrict, r.Strict); err != nil {
			return nil, err
		}
	}
	return at, nil
}
