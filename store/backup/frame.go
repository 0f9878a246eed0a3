package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"math"
	"unicode/utf8"

	"waymark/fault"
)

// magic begins a backup, within its seal.
const magic = "waymark backup 1\n"

// Kinds of frames, each a byte, the length of what follows, and that.
const (
	frameHead  byte = 'H' // JSON: what was backed up, and when
	frameKey   byte = 'K' // the folder's key, sealed as it lies there
	frameTable byte = 'T' // JSON: name and columns of a table
	frameRow   byte = 'R' // values
	frameBlob  byte = 'B' // name of a blob
	frameChunk byte = 'C' // bytes of it; an empty one ends it
	frameEnd   byte = 'Z' // JSON: what was written, and the digest of every byte before
)

// longestFrame bounds what a reader takes into memory at once: a row with a form's workbook in it.
const longestFrame = 1 << 30

// chunkSize is how much of a blob one frame holds.
const chunkSize = 256 << 10

// writer writes frames and keeps the digest of what it wrote.
type writer struct {
	w   *bufio.Writer
	sum hash.Hash
	err error
}

func newWriter(w io.Writer) *writer {
	f := &writer{w: bufio.NewWriterSize(w, 128<<10), sum: sha256.New()}
	f.write([]byte(magic))
	return f
}

func (f *writer) write(b []byte) {
	if f.err == nil {
		_, _ = f.sum.Write(b)
		_, f.err = f.w.Write(b)
	}
}

func (f *writer) frame(kind byte, body []byte) error {
	var head [1 + binary.MaxVarintLen64]byte
	head[0] = kind
	n := binary.PutUvarint(head[1:], uint64(len(body)))
	f.write(head[:1+n])
	f.write(body)
	return f.err
}

// reader reads frames and keeps the digest of what it has read.
type reader struct {
	r   *bufio.Reader
	sum hash.Hash
	buf []byte
}

func newReader(r io.Reader) (*reader, error) {
	f := &reader{r: bufio.NewReaderSize(r, 128<<10), sum: sha256.New()}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f.r, head); err != nil {
		return nil, torn(err)
	}
	if string(head) != magic {
		return nil, fault.Issue{Code: CodeNoBackup}
	}
	f.sum.Write(head)
	return f, nil
}

// torn says that a backup ends too early, or why it cannot be read.
func torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Issue{Code: CodeDamaged}
	}
	return err
}

// next gives a frame. Its body is overwritten by the next call. before is the digest of every byte before it.
func (f *reader) next() (kind byte, body, before []byte, err error) {
	before = f.sum.Sum(nil)
	if kind, err = f.r.ReadByte(); err != nil {
		return 0, nil, nil, torn(err)
	}
	head := []byte{kind}
	var size uint64
	for shift := 0; ; shift += 7 {
		b, err := f.r.ReadByte()
		if err != nil {
			return 0, nil, nil, torn(err)
		}
		head = append(head, b)
		size |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
		if shift > 28 {
			return 0, nil, nil, fault.Issue{Code: CodeDamaged}
		}
	}
	if size > longestFrame {
		return 0, nil, nil, fault.Issue{Code: CodeDamaged}
	}
	if uint64(cap(f.buf)) < size { // grown as it comes, not as it is announced
		var b bytes.Buffer
		if _, err := io.CopyN(&b, f.r, int64(size)); err != nil {
			return 0, nil, nil, torn(err)
		}
		f.buf = b.Bytes()
	} else if _, err := io.ReadFull(f.r, f.buf[:size]); err != nil {
		return 0, nil, nil, torn(err)
	}
	f.buf = f.buf[:size]
	f.sum.Write(head)
	f.sum.Write(f.buf)
	return kind, f.buf, before, nil
}

// end says whether there is nothing more.
func (f *reader) end() error {
	if _, err := f.r.ReadByte(); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	return fault.Issue{Code: CodeDamaged}
}

// Kinds of values in a row.
const (
	valueNull byte = iota
	valueInt
	valueText
	valueBytes
	valueFalse
	valueTrue
)

// appendRow writes the values of a row, each with its kind.
func appendRow(b []byte, values []any) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(values)))
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			b = append(b, valueNull)
		case int64:
			b = binary.AppendVarint(append(b, valueInt), v)
		case bool:
			if v {
				b = append(b, valueTrue)
			} else {
				b = append(b, valueFalse)
			}
		case string:
			b = append(binary.AppendUvarint(append(b, valueText), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, valueBytes), uint64(len(v))), v...)
		default:
			return nil, errors.New("backup: a value of an unknown kind")
		}
	}
	return b, nil
}

// readRow reads the values of a row into those given, which it gives back.
func readRow(b []byte, values []any) ([]any, error) {
	damaged := fault.Issue{Code: CodeDamaged}
	number := func() (uint64, bool) {
		n, k := binary.Uvarint(b)
		if k <= 0 {
			return 0, false
		}
		b = b[k:]
		return n, true
	}
	count, ok := number()
	if !ok || count > uint64(len(b)) {
		return nil, damaged
	}
	values = values[:0]
	for range count {
		if len(b) == 0 {
			return nil, damaged
		}
		kind := b[0]
		b = b[1:]
		switch kind {
		case valueNull:
			values = append(values, nil)
		case valueFalse, valueTrue:
			values = append(values, kind == valueTrue)
		case valueInt:
			n, k := binary.Varint(b)
			if k <= 0 {
				return nil, damaged
			}
			b, values = b[k:], append(values, n)
		case valueText, valueBytes:
			n, ok := number()
			if !ok || n > uint64(len(b)) || n > math.MaxInt32 {
				return nil, damaged
			}
			if kind == valueText {
				if !utf8.Valid(b[:n]) {
					return nil, damaged
				}
				values = append(values, string(b[:n]))
			} else {
				values = append(values, b[:n:n])
			}
			b = b[n:]
		default:
			return nil, damaged
		}
	}
	if len(b) > 0 {
		return nil, damaged
	}
	return values, nil
}
