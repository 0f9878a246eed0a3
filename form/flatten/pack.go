package flatten

import (
	"encoding/binary"
	"fmt"
	"slices"

	"waymark/dataset"
	"waymark/fault"
)

// packed begins what Pack writes: the version of the format (docs/formats/flattened-tables.md).
const packed = 1

// Pack appends the cells of a row that are of the classes given, for a store to keep. Where the table has no
// column of them it appends nothing, but for Internal: that there is a row, and where, is internal. Each cell
// is written with the place of its column, so that what is packed can be read when a class has changed since.
func (t *TableLayout) Pack(dst []byte, r Row, classes ...dataset.Sensitivity) []byte {
	if !slices.Contains(classes, dataset.Internal) && !t.Has(classes...) {
		return dst
	}
	dst = append(dst, packed)
	dst = binary.AppendUvarint(dst, uint64(len(r.At)))
	for _, n := range r.At {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	last := -1
	for k := range t.Columns {
		if !slices.Contains(classes, t.Columns[k].Class) {
			continue
		}
		c := &r.Cells[k]
		if c.Missing == t.blank[k].Missing { // as if nothing had been sent
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(k-last)<<3|uint64(c.Missing))
		last = k
		if c.Missing == dataset.Present {
			dst = binary.AppendUvarint(dst, uint64(len(c.Text)))
			dst = append(dst, c.Text...)
		}
	}
	return dst
}

// Has says whether the table has a column of the classes.
func (t *TableLayout) Has(classes ...dataset.Sensitivity) bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return slices.Contains(classes, c.Class) })
}

// Blank gives a row of the table of which nothing was sent, to Unpack into.
func (t *TableLayout) Blank() []Cell { return slices.Clone(t.blank) }

// Unpack reads what Pack wrote into cells, which has one a column; cells of other classes stay as they are.
// Values are not read from texts again. The texts are parts of one copy.
func (t *TableLayout) Unpack(cells []Cell, b []byte) (at []int, err error) {
	if len(b) == 0 {
		return nil, nil
	}
	if b[0] != packed || len(cells) != len(t.Columns) {
		return nil, fmt.Errorf("unpack a row of %s: version %d, %d cells: %w", t.Name, b[0], len(cells), fault.Invalid)
	}
	u := unpacking{b: b[1:]}
	all := string(b) // one copy that the texts are parts of
	n := u.number()
	if n > uint64(len(u.b)) {
		u.bad = true
	}
	for range n {
		if u.bad {
			break
		}
		at = append(at, int(u.number()))
	}
	column := uint64(0)
	for first := true; len(u.b) > 0 && !u.bad; first = false {
		head := u.number()
		column += head >> 3
		if first {
			column--
		}
		missing := dataset.Missing(head & 7)
		if u.bad || column >= uint64(len(cells)) || missing > dataset.Empty {
			u.bad = true
			break
		}
		cells[column] = Cell{Missing: missing}
		if missing == dataset.Present {
			if n := len(u.bytes()); !u.bad {
				end := len(b) - len(u.b)
				cells[column].Text = all[end-n : end]
			}
		}
	}
	if u.bad {
		return nil, fmt.Errorf("unpack a row of %s: %w", t.Name, fault.Invalid)
	}
	return at, nil
}

type unpacking struct {
	b   []byte
	bad bool
}

func (u *unpacking) number() uint64 {
	n, size := binary.Uvarint(u.b)
	if size <= 0 || n > 1<<40 {
		u.bad = true
		return 0
	}
	u.b = u.b[size:]
	return n
}

func (u *unpacking) bytes() []byte {
	n := u.number()
	if n > uint64(len(u.b)) {
		u.bad = true
		return nil
	}
	out := u.b[:n]
	u.b = u.b[n:]
	return out
}
