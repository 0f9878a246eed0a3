package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"waymark/fault"
)

// chunkSize is how much of a stream one tag covers: what a reader holds in memory before it gives it on.
const chunkSize = 64 << 10

// saltSize of a stream: its key is made from the purpose's key and this salt, so that chunks may be counted from 0.
const saltSize = 16

// counter is the nonce of a chunk: its number in eleven bytes and one byte that marks the last.
type counter [nonceSize]byte

func (c *counter) next() {
	for i := nonceSize - 2; i >= 0; i-- {
		if c[i]++; c[i] != 0 {
			return
		}
	}
	panic("seal: a stream of 2^88 chunks")
}

func (k *Keyring) streamAEAD(purpose string, salt []byte) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, k.derive("stream", purpose), salt, "waymark 1 chunks", 32)
	if err != nil {
		panic(fmt.Sprintf("seal: derive key: %v", err))
	}
	return newAEAD(key)
}

// SealStream gives the sealed form of a stream. It holds one chunk in memory.
func (k *Keyring) SealStream(purpose string, plain io.Reader) io.Reader {
	head := make([]byte, headerSize+saltSize)
	head[0] = streamVersion
	copy(head[1:], k.id[:])
	_, _ = rand.Read(head[headerSize:])
	return &sealer{aead: k.streamAEAD(purpose, head[headerSize:]), head: head[:headerSize], from: ahead{r: plain}, ready: head,
		chunk: make([]byte, chunkSize), text: make([]byte, 0, chunkSize+tagSize)}
}

type sealer struct {
	aead  cipher.AEAD
	head  []byte
	from  ahead
	at    counter
	chunk []byte
	text  []byte
	ready []byte // sealed and not yet read
	err   error
}

func (s *sealer) Read(p []byte) (int, error) {
	for len(s.ready) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		n, last, err := s.from.fill(s.chunk)
		if err != nil {
			s.err = err
			return 0, err
		}
		if last {
			s.at[nonceSize-1] = 1
			s.err = io.EOF
		}
		s.ready = s.aead.Seal(s.text[:0], s.at[:], s.chunk[:n], s.head)
		s.at.next()
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

// OpenStream gives the plain form of a sealed stream. Read gives only what has been verified; an end that was cut
// off, a chunk that was changed or moved, and bytes after the end give an error (invariant 1).
func (k *Keyring) OpenStream(purpose string, sealed io.Reader) io.Reader {
	return &opener{keys: k, purpose: purpose, from: ahead{r: sealed}}
}

type opener struct {
	keys    *Keyring
	purpose string
	aead    cipher.AEAD // nil before the head has been read
	head    []byte
	from    ahead
	at      counter
	chunk   []byte
	ready   []byte
	err     error
}

func (o *opener) Read(p []byte) (int, error) {
	for len(o.ready) == 0 {
		if o.err == nil && o.aead == nil {
			o.err = o.begin()
		}
		if o.err != nil {
			return 0, o.err
		}
		o.err = o.open()
	}
	n := copy(p, o.ready)
	o.ready = o.ready[n:]
	return n, nil
}

// begin reads the head of the stream.
func (o *opener) begin() error {
	head := make([]byte, headerSize+saltSize)
	if _, err := io.ReadFull(&o.from, head); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Issue{Code: CodeDamaged}
	} else if err != nil {
		return err
	}
	if err := o.keys.checkHeader(head, streamVersion, len(head)); err != nil {
		return err
	}
	o.head, o.aead = head[:headerSize], o.keys.streamAEAD(o.purpose, head[headerSize:])
	o.chunk = make([]byte, chunkSize+tagSize)
	return nil
}

// open opens the next chunk into ready. It gives io.EOF with the last.
func (o *opener) open() error {
	n, last, err := o.from.fill(o.chunk)
	if err != nil {
		return err
	}
	if last {
		o.at[nonceSize-1] = 1
	}
	first := o.at == counter{nonceSize - 1: o.at[nonceSize-1]}
	plain, err := o.aead.Open(o.chunk[:0], o.at[:], o.chunk[:n], o.head)
	if err != nil || len(plain) == 0 && !first { // only a stream of nothing ends with an empty chunk
		return fault.Issue{Code: CodeDamaged}
	}
	o.at.next()
	o.ready = plain
	if last {
		return io.EOF
	}
	return nil
}

// ahead reads one byte further than it gives, to know whether a chunk is the last.
type ahead struct {
	r    io.Reader
	byte [1]byte
	held bool
	end  bool
}

// Read gives what is held, then the rest.
func (a *ahead) Read(p []byte) (int, error) {
	if len(p) > 0 && a.held {
		a.held = false
		p[0] = a.byte[0]
		return 1, nil
	}
	if a.end {
		return 0, io.EOF
	}
	return a.r.Read(p)
}

// fill fills a chunk as far as there are bytes, and says whether there are none after it.
func (a *ahead) fill(chunk []byte) (n int, last bool, err error) {
	n, err = io.ReadFull(a, chunk)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		a.end = true
		return n, true, nil
	}
	if err != nil {
		return n, false, err
	}
	_, err = io.ReadFull(a.r, a.byte[:])
	if errors.Is(err, io.EOF) {
		a.end = true
		return n, true, nil
	}
	a.held = err == nil
	return n, false, err
}
