package workbook

import (
	"encoding/binary"
	"io"
	"unicode/utf16"

	"waymark/fault"
)

// compound reads a compound file ([MS-CFB]) as far as a workbook needs: the streams of the root storage.
// It trusts no count of the header: tables are no longer than the file has sectors, and a chain that is
// longer than that has a loop.
type compound struct {
	r          io.ReaderAt
	size       int64
	sectorSize int64
	sectors    int      // in the file
	table      []uint32 // next sector of each sector
	miniTable  []uint32 // sectors of the table of the mini stream
	entries    []entry
}

// entry is one line of the directory.
type entry struct {
	name               string
	kind               byte
	left, right, child uint32
	start              uint32
	size               int64
}

const (
	lastSector     = 0xFFFFFFFA // what is above marks ends and free sectors
	noEntry        = 0xFFFFFFFF
	streamEntry    = 2
	miniSector     = 64
	miniCutoff     = 4096 // shorter streams live in the mini stream
	directoryLimit = 1 << 16
)

// compoundStream takes the workbook stream out of a compound file.
func compoundStream(r io.ReaderAt, size int64, limits Limits) ([]byte, error) {
	c := &compound{r: r, size: size}
	if !c.open() {
		return nil, limits.damaged("compound file")
	}
	streams := c.root()
	for _, is := range []struct {
		name string
		code fault.Code
	}{{"EncryptedPackage", CodeEncrypted}, {"Book", CodeTooOld}} {
		if _, ok := streams[is.name]; ok && streams["Workbook"] == nil {
			return nil, limits.issue(is.code, fault.Place{}, nil)
		}
	}
	e := streams["Workbook"]
	if e == nil {
		return nil, limits.issue(CodeUnknownKind, fault.Place{}, nil)
	}
	stream := c.stream(e)
	if len(stream) == 0 {
		return nil, limits.damaged("Workbook")
	}
	return stream, nil // one cut short still has its first sheets
}

// open reads header, sector table and directory.
func (c *compound) open() bool {
	header := make([]byte, 512)
	if _, err := c.r.ReadAt(header, 0); err != nil {
		return false
	}
	shift := binary.LittleEndian.Uint16(header[30:])
	if shift != 9 && shift != 12 {
		return false
	}
	c.sectorSize = 1 << shift
	c.sectors = int((c.size - 1) / c.sectorSize) // the header takes one, the last may be cut
	if !c.readTable(header) {
		return false
	}
	directory := c.chain(binary.LittleEndian.Uint32(header[48:]), c.table)
	for _, sector := range directory {
		data := c.sector(sector)
		for ; len(data) >= 128; data = data[128:] {
			if len(c.entries) >= directoryLimit {
				return false
			}
			c.entries = append(c.entries, parseEntry(data, shift == 9))
		}
	}
	if len(c.entries) == 0 {
		return false
	}
	c.miniTable = c.chain(binary.LittleEndian.Uint32(header[60:]), c.table)
	return true
}

// readTable puts the sector table together: the header names its first 109 sectors, a chain of others the rest.
func (c *compound) readTable(header []byte) bool {
	named := header[76:512]
	next := binary.LittleEndian.Uint32(header[68:])
	for steps := 0; ; steps++ {
		for ; len(named) >= 4; named = named[4:] {
			sector := binary.LittleEndian.Uint32(named)
			if sector >= lastSector {
				continue
			}
			for data := c.sector(sector); len(data) >= 4; data = data[4:] {
				if len(c.table) >= c.sectors {
					return true
				}
				c.table = append(c.table, binary.LittleEndian.Uint32(data))
			}
		}
		if next >= lastSector || steps > c.sectors {
			return len(c.table) > 0
		}
		data := c.sector(next)
		if len(data) < 8 {
			return len(c.table) > 0
		}
		named, next = data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	}
}

// sector reads a sector, cut short where the file is; nil where there is none.
func (c *compound) sector(n uint32) []byte {
	at := (int64(n) + 1) * c.sectorSize
	if at >= c.size {
		return nil
	}
	data := make([]byte, min(c.sectorSize, c.size-at))
	k, _ := c.r.ReadAt(data, at)
	return data[:k]
}

// chain follows a table from a first sector to the chain's end, or to where it leaves the table or loops.
func (c *compound) chain(first uint32, table []uint32) []uint32 {
	var out []uint32
	for n := first; int64(n) < int64(len(table)) && len(out) <= len(table); n = table[n] {
		out = append(out, n)
	}
	return out
}

func parseEntry(b []byte, short bool) entry {
	e := entry{kind: b[66], left: binary.LittleEndian.Uint32(b[68:]), right: binary.LittleEndian.Uint32(b[72:]), child: binary.LittleEndian.Uint32(b[76:]),
		start: binary.LittleEndian.Uint32(b[116:]), size: int64(binary.LittleEndian.Uint64(b[120:]))}
	if short || e.size < 0 { // the upper half is not written by all where sectors are short
		e.size = int64(binary.LittleEndian.Uint32(b[120:]))
	}
	length := int(binary.LittleEndian.Uint16(b[64:]))
	if length >= 2 && length <= 64 {
		units := make([]uint16, length/2-1)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(b[2*i:])
		}
		e.name = string(utf16.Decode(units))
	}
	return e
}

// root gives the streams of the root storage by name. Those of storages within it belong to objects that are
// embedded in the workbook, which may have workbooks of their own.
func (c *compound) root() map[string]*entry {
	out := map[string]*entry{}
	seen := make([]bool, len(c.entries))
	for open := []uint32{c.entries[0].child}; len(open) > 0; {
		i := open[len(open)-1]
		open = open[:len(open)-1]
		if i == noEntry || int64(i) >= int64(len(c.entries)) || seen[i] {
			continue
		}
		seen[i] = true
		e := &c.entries[i]
		open = append(open, e.left, e.right)
		if e.kind == streamEntry {
			out[e.name] = e
		}
	}
	return out
}

// stream reads a stream as far as the file has it.
func (c *compound) stream(e *entry) []byte {
	if e.size >= miniCutoff {
		return c.content(e.start, e.size)
	}
	root := c.entries[0]
	mini := c.content(root.start, min(root.size, c.size))
	var table []uint32
	for _, sector := range c.miniTable {
		for data := c.sector(sector); len(data) >= 4; data = data[4:] {
			table = append(table, binary.LittleEndian.Uint32(data))
		}
	}
	var out []byte
	for _, n := range c.chain(e.start, table) {
		at := int64(n) * miniSector
		if at >= int64(len(mini)) || int64(len(out)) >= e.size {
			break
		}
		out = append(out, mini[at:min(at+miniSector, int64(len(mini)))]...)
	}
	return out[:min(int64(len(out)), e.size)]
}

// content reads a chain of sectors, no more than the file is long.
func (c *compound) content(start uint32, size int64) []byte {
	size = min(size, c.size)
	out := make([]byte, 0, size)
	for _, sector := range c.chain(start, c.table) {
		if int64(len(out)) >= size {
			break
		}
		data := c.sector(sector)
		out = append(out, data[:min(int64(len(data)), size-int64(len(out)))]...)
	}
	return out
}
