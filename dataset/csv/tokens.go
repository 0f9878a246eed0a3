package csv

import (
	"bytes"
	"errors"
	"io"

	"waymark/fault"
)

// tokens cuts a stream into records of cells. The cells of a record point into its buffer and hold until the
// next call.
type tokens struct {
	from   io.Reader
	buf    []byte
	start  int // of what is not yet read
	end    int
	eof    bool
	err    error
	comma  byte
	limit  int // bytes a quoted cell may have before its quote counts as never closed
	row    int // number of the record given last, 1-based; lines without content count
	cells  [][]byte
	raw    []byte // the record as it stands in the stream
	undone []byte // cells with doubled quotes, without them
	stop   [256]bool
}

const (
	bufferSize = 1 << 18
	longLine   = 16 // a line may be this many times as long as a cell
)

func newTokens(r io.Reader, comma byte, limit int) *tokens {
	t := &tokens{from: r, buf: make([]byte, bufferSize), comma: comma, limit: limit}
	t.stop[comma], t.stop['\n'], t.stop['\r'] = true, true, true
	return t
}

// problem is what is wrong with a record; the next call goes on behind it.
type problem struct {
	code   fault.Code
	column int
}

var errMore = errors.New("more bytes are needed")

// next gives the next record. blank is true for a line without content. err is io.EOF at the end.
func (t *tokens) next() (cells [][]byte, blank bool, wrong problem, err error) {
	for {
		if t.start == t.end {
			if !t.fill() {
				return nil, false, problem{}, t.end1()
			}
		}
		used, blank, wrong, err := t.record(t.buf[t.start:t.end])
		if err == errMore {
			if t.end-t.start > longLine*t.limit {
				t.skipLine()
				t.row++
				return nil, false, problem{code: CodeLongLine}, nil
			}
			if t.fill() {
				continue
			}
			if t.err != nil {
				return nil, false, problem{}, t.err
			}
			used, blank, wrong, _ = t.record(t.buf[t.start:t.end]) // the last line has no end of line
		}
		t.raw = t.buf[t.start : t.start+used]
		t.start += used
		t.row++
		return t.cells, blank, wrong, nil
	}
}

func (t *tokens) end1() error {
	if t.err != nil {
		return t.err
	}
	return io.EOF
}

// fill reads more behind what is there; false at the end of the stream.
func (t *tokens) fill() bool {
	if t.eof {
		return false
	}
	if t.start > 0 {
		copy(t.buf, t.buf[t.start:t.end])
		t.end -= t.start
		t.start = 0
	}
	if t.end == len(t.buf) {
		bigger := make([]byte, 2*len(t.buf))
		copy(bigger, t.buf)
		t.buf = bigger
	}
	for tries := 0; tries < 100; tries++ {
		n, err := t.from.Read(t.buf[t.end:])
		t.end += n
		if err != nil {
			t.eof = true
			if err != io.EOF {
				t.err = err
			}
			return n > 0
		}
		if n > 0 {
			return true
		}
	}
	t.eof, t.err = true, io.ErrNoProgress
	return false
}

// skipLine drops everything up to the next end of line.
func (t *tokens) skipLine() {
	for {
		if n := bytes.IndexByte(t.buf[t.start:t.end], '\n'); n >= 0 {
			t.start += n + 1
			return
		}
		t.start, t.end = 0, 0
		if !t.fill() {
			return
		}
	}
}

// fillUp fills the buffer as far as the stream goes, for a look at the first part of the file.
func (t *tokens) fillUp() {
	for t.end < len(t.buf) && t.fill() {
	}
}

// record cuts the first record of b and gives the bytes it takes. errMore says that b may end before the
// record does; at the end of the stream what stands there is the record.
func (t *tokens) record(b []byte) (used int, blank bool, wrong problem, err error) {
	t.cells, t.undone = t.cells[:0], t.undone[:0]
	i := 0
	for {
		for i < len(b) && b[i] == ' ' && t.comma != ' ' {
			i++
		}
		if i < len(b) && b[i] == '"' {
			cell, n, ends := t.quoted(b[i:])
			switch {
			case ends == open && !t.eof && len(b)-i <= t.limit:
				return 0, false, problem{}, errMore
			case ends == open:
				return t.lost(b, 0, CodeUnclosedQuote)
			case ends == badly:
				return t.lost(b, i+n, CodeBadQuote)
			}
			t.cells = append(t.cells, cell)
			i += n
		} else {
			from := i
			for i < len(b) && !t.stop[b[i]] {
				i++
			}
			t.cells = append(t.cells, trimBlanks(b[from:i]))
		}
		if i == len(b) {
			if !t.eof {
				return 0, false, problem{}, errMore
			}
			return i, t.isBlank(b[:i]), problem{}, nil
		}
		if b[i] == t.comma {
			i++
			continue
		}
		line := i
		i++
		if b[line] == '\r' {
			if i == len(b) && !t.eof {
				return 0, false, problem{}, errMore
			}
			if i < len(b) && b[i] == '\n' {
				i++
			}
		}
		return i, t.isBlank(b[:line]), problem{}, nil
	}
}

// isBlank says whether a line has no content at all; a quoted empty cell is content.
func (t *tokens) isBlank(line []byte) bool {
	return len(t.cells) == 1 && len(t.cells[0]) == 0 && bytes.IndexByte(line, '"') < 0
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// ending is how a quoted cell ends.
type ending uint8

const (
	well  ending = iota
	open         // no closing quote in what is there
	badly        // something other than a delimiter follows the closing quote
)

// quoted reads a cell that starts with a quote, up to and with the blanks behind its closing quote.
func (t *tokens) quoted(b []byte) (cell []byte, used int, ends ending) {
	i := 1
	doubled := false
	var close int
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return nil, 0, open
		}
		i += n
		if i+1 == len(b) && !t.eof {
			return nil, 0, open
		}
		if i+1 < len(b) && b[i+1] == '"' {
			doubled = true
			i += 2
			continue
		}
		close = i
		break
	}
	i = close + 1
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') && b[i] != t.comma {
		i++
	}
	if i < len(b) && !t.stop[b[i]] {
		return nil, i, badly
	}
	if i == len(b) && !t.eof {
		return nil, 0, open
	}
	cell = b[1:close]
	if !doubled {
		return cell, i, well
	}
	at := len(t.undone)
	for {
		n := bytes.IndexByte(cell, '"')
		if n < 0 {
			break
		}
		t.undone = append(t.undone, cell[:n+1]...)
		cell = cell[n+2:]
	}
	t.undone = append(t.undone, cell...)
	return t.undone[at:len(t.undone):len(t.undone)], i, well
}

// lost gives up on a record: reading goes on behind the first end of line at or after from.
func (t *tokens) lost(b []byte, from int, code fault.Code) (used int, blank bool, wrong problem, err error) {
	wrong = problem{code: code, column: len(t.cells) + 1}
	n := bytes.IndexAny(b[from:], "\r\n")
	if n < 0 {
		if !t.eof {
			return 0, false, problem{}, errMore
		}
		return len(b), false, wrong, nil
	}
	used = from + n + 1
	if b[used-1] == '\r' && used < len(b) && b[used] == '\n' {
		used++
	}
	return used, false, wrong, nil
}
