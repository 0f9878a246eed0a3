package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"waymark/fault"
)

// Codes of what can be wrong with a chain. number is the first link that does not hold.
const (
	CodeChanged fault.Code = "audit.changed"  // a link was changed, put in or moved, or the key is another
	CodeMissing fault.Code = "audit.missing"  // a number is missing
	CodeCutOff  fault.Code = "audit.cut-off"  // the log ends before the head that was written down
	CodeNotHead fault.Code = "audit.not-head" // the link of the head's number is another
)

// HashSize of a link's hash: HMAC-SHA-256.
const HashSize = sha256.Size

// Head is where a chain stands: the number and hash of its last link. Whoever writes a head down elsewhere can tell
// later that no entry up to it was taken away. The zero Head is that of an empty log.
type Head struct {
	Number int64
	Hash   []byte
}

// Chain gives entries their numbers and hashes. It is used by one goroutine at a time.
type Chain struct {
	key  []byte
	head Head
}

// NewChain goes on from a head with the key of the chain.
func NewChain(key []byte, from Head) *Chain {
	return &Chain{key: bytes.Clone(key), head: Head{Number: from.Number, Hash: bytes.Clone(from.Hash)}}
}

// String hides the key.
func (c *Chain) String() string { return "sealed" }

// GoString hides the key.
func (c *Chain) GoString() string { return "sealed" }

// Head gives where the chain stands.
func (c *Chain) Head() Head { return c.head }

// Next chains an entry as every database keeps it, so that what is read again has the same hash: its time is cut to
// microseconds and given in UTC, and what is no UTF-8 in its texts, or a zero byte, becomes U+FFFD.
func (c *Chain) Next(e Entry) Link {
	e.At = e.At.UTC().Truncate(time.Microsecond)
	for _, s := range []*string{&e.Actor, &e.Act, &e.Object, &e.Purpose} {
		*s = kept(*s)
	}
	if e.Detail != nil {
		detail := make(map[string]string, len(e.Detail))
		for k, v := range e.Detail {
			detail[kept(k)] = kept(v)
		}
		e.Detail = detail
	}
	l := Link{Number: c.head.Number + 1, Entry: e}
	l.Hash = c.hash(l)
	c.head = Head{Number: l.Number, Hash: l.Hash}
	return l
}

func kept(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Back sets the chain back to a head it had, where what followed was not kept.
func (c *Chain) Back(to Head) { c.head = to }

func (c *Chain) hash(l Link) []byte {
	h := hmac.New(sha256.New, c.key)
	h.Write(c.head.Hash)
	h.Write(Canonical(l))
	return h.Sum(nil)
}

// Canonical gives the bytes of a link that its hash covers, the hash before it left out: a version, then every field
// with its length before it, so that no two links give the same bytes. docs/formats/audit-log.md has the order.
func Canonical(l Link) []byte {
	b := append(make([]byte, 0, 160), 1) // version
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(l.Number))
	b = binary.BigEndian.AppendUint64(b, uint64(l.At.UnixMicro()))
	text(l.Actor)
	text(l.Act)
	b = binary.BigEndian.AppendUint64(b, uint64(l.Project))
	text(l.Object)
	text(l.Purpose)
	b = binary.AppendUvarint(b, uint64(len(l.Detail)))
	for _, k := range slices.Sorted(maps.Keys(l.Detail)) {
		text(k)
		text(l.Detail[k])
	}
	return b
}

// Verify walks a log from its first link and gives its head. Where a link does not hold it gives the head before it
// and an issue with the number. recorded are heads that were written down before: a log that ends before one of them,
// or has another link there, does not hold either.
func Verify(key []byte, links iter.Seq2[Link, error], recorded ...Head) (Head, error) {
	c := NewChain(key, Head{})
	wanted := map[int64][]byte{}
	for _, h := range recorded {
		if was, there := wanted[h.Number]; there && !bytes.Equal(was, h.Hash) {
			return c.head, wrong(CodeNotHead, h.Number)
		}
		wanted[h.Number] = h.Hash
	}
	for l, err := range links {
		next := c.head.Number + 1
		switch {
		case err != nil:
			return c.head, fmt.Errorf("read link %d: %w", next, err)
		case l.Number > next:
			return c.head, wrong(CodeMissing, next)
		case l.Number != next || !hmac.Equal(c.hash(l), l.Hash):
			return c.head, wrong(CodeChanged, next)
		}
		if h, there := wanted[next]; there && !hmac.Equal(h, l.Hash) {
			return c.head, wrong(CodeNotHead, next)
		}
		c.head = Head{Number: l.Number, Hash: l.Hash}
	}
	for number := range wanted {
		if number > c.head.Number {
			return c.head, wrong(CodeCutOff, c.head.Number+1)
		}
	}
	return c.head, nil
}

func wrong(code fault.Code, number int64) error {
	return fault.Issue{Code: code, Args: map[string]any{"number": number}}
}
