package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"waymark/fault"
)

// Browsers seal what they send to a key of the server's, so that a record that waits for a network can be read by
// nobody who holds the browser. The bytes are described in docs/formats/outbox.md: ECDH on P-256 with a key made for
// the one record, HKDF-SHA-256, and chunks of AES-256-GCM as streams have them. P-256 is the curve that every
// browser's own cryptography offers.

const (
	outboxMagic = "WMO1"
	pointSize   = 65 // an uncompressed point of P-256
	outboxHead  = len(outboxMagic) + 8 + pointSize
)

// Outbox is the key that opens what browsers sealed.
type Outbox struct {
	private *ecdh.PrivateKey
}

// String keeps the key out of what is printed (invariant 2).
func (o *Outbox) String() string { return "sealed" }

// GoString does so too.
func (o *Outbox) GoString() string { return "sealed" }

// Outbox makes the key pair of the outbox from the master: the same after every start, and gone with the master.
func (k *Keyring) Outbox() *Outbox {
	for n := 0; ; n++ { // a scalar that is not below the order of the curve is passed over: one in 2^32
		if private, err := ecdh.P256().NewPrivateKey(k.Subkey(fmt.Sprintf("outbox p256 %d", n))); err == nil {
			return &Outbox{private: private}
		}
	}
}

// Public is the key that browsers seal to: the 65 bytes of an uncompressed point.
func (o *Outbox) Public() []byte { return o.private.PublicKey().Bytes() }

// Open gives what a browser sealed for a form. Read gives only what has been verified. What was sealed to another key
// gives CodeOtherKey; what was changed, cut off, or sealed for another form gives CodeDamaged (invariant 1).
func (o *Outbox) Open(form string, sealed io.Reader) io.Reader {
	head := make([]byte, outboxHead)
	if _, err := io.ReadFull(sealed, head); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return refused{fault.Issue{Code: CodeDamaged}}
	} else if err != nil {
		return refused{err}
	}
	switch magic := string(head[:len(outboxMagic)]); {
	case magic[:3] != outboxMagic[:3]:
		return refused{fault.Issue{Code: CodeDamaged}}
	case magic != outboxMagic:
		return refused{fault.Issue{Code: CodeUnknown, Args: map[string]any{"version": fmt.Sprintf("%q", magic[3:])}}}
	}
	id := outboxID(o.Public())
	if !bytes.Equal(head[len(outboxMagic):][:len(id)], id) {
		return refused{fault.Issue{Code: CodeOtherKey}}
	}
	point := head[outboxHead-pointSize:]
	once, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return refused{fault.Issue{Code: CodeDamaged}}
	}
	shared, err := o.private.ECDH(once)
	if err != nil {
		return refused{fault.Issue{Code: CodeDamaged}}
	}
	return &opener{aead: outboxAEAD(shared, point, o.Public(), form), head: head, from: ahead{r: sealed}, chunk: make([]byte, chunkSize+tagSize)}
}

// SealOutbox does what a browser does: it gives the sealed form of a stream, which only the server's key opens again.
func SealOutbox(public []byte, form string, plain io.Reader) (io.Reader, error) {
	server, err := ecdh.P256().NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("read public key of the outbox: %w", err)
	}
	once, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	shared, err := once.ECDH(server)
	if err != nil {
		return nil, fmt.Errorf("agree on key: %w", err)
	}
	point := once.PublicKey().Bytes()
	head := append(append([]byte(outboxMagic), outboxID(public)...), point...)
	return &sealer{aead: outboxAEAD(shared, point, public, form), head: head, from: ahead{r: plain}, ready: head,
		chunk: make([]byte, chunkSize), text: make([]byte, 0, chunkSize+tagSize)}, nil
}

// outboxID tells keys apart.
func outboxID(public []byte) []byte {
	sum := sha256.Sum256(public)
	return sum[:8]
}

// outboxAEAD makes the key of one record. Both points are in the salt, so that it belongs to this exchange; the form is
// in the info, so that it opens for no other.
func outboxAEAD(shared, once, public []byte, form string) cipher.AEAD {
	salt := append(append([]byte(nil), once...), public...)
	key, err := hkdf.Key(sha256.New, shared, salt, "waymark outbox 1\x00"+form, 32)
	if err != nil {
		panic(fmt.Sprintf("seal: derive key: %v", err))
	}
	return newAEAD(key)
}

// refused is a stream that cannot be opened.
type refused struct{ err error }

func (r refused) Read([]byte) (int, error) { return 0, r.err }
