// Package seal knows keys, envelopes, tokens and ids: how bytes are made unreadable to whoever holds the disk,
// the backup or the log. It must not know what the bytes mean, nor where they are kept.
//
// A Master is the one secret of a folder. It is kept sealed by a passphrase or to a key file that lies elsewhere
// (Lock, Opener), and opened once, when the program starts:
//
//	lock, err := seal.PassphraseLock(passphrase)
//	kept, err := seal.LockMaster(seal.NewMaster(), lock) // these bytes are kept
//	...
//	opener, err := seal.PassphraseOpener(passphrase)
//	master, err := seal.OpenMaster(kept, opener)
//	keys := master.Keys()
//	sealed := keys.Seal("record", []byte("uuid:…"), body)
//
// Every purpose has its own key, made from the master by HKDF-SHA-256 (RFC 5869). Envelopes are AES-256-GCM (NIST
// SP 800-38D) with random nonces; streams are cut into chunks after the STREAM construction (Hoang, Reyhanitabar,
// Rogaway and Vizár 2015), so that a changed, moved, missing or added chunk, or an end cut off, is found. The bytes
// are described in docs/formats/sealed-bytes.md.
//
// Invariants, named where they are checked:
//
//  1. Nothing that was not sealed by this key for this purpose and this bound opens.
//  2. No value of this package prints a secret: keys print as "sealed".
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"

	"waymark/fault"
)

// Codes of what can be wrong with sealed bytes and their keys.
const (
	CodeOtherKey  fault.Code = "seal.other-key"  // sealed by another key
	CodeDamaged   fault.Code = "seal.damaged"    // changed, cut off, or bound to something else
	CodeUnknown   fault.Code = "seal.unknown"    // of a version this program does not know
	CodeShort     fault.Code = "seal.short"      // a passphrase that is too short
	CodeNotOpened fault.Code = "seal.not-opened" // the passphrase or key file does not open it
	CodeNoKey     fault.Code = "seal.no-key"     // what is given is no key file or recipient
)

// Master is the secret that every key of a folder is made from. The zero Master is none.
type Master struct {
	secret [32]byte
	set    bool
}

// NewMaster makes a master from the system's randomness.
func NewMaster() Master {
	m := Master{set: true}
	_, _ = rand.Read(m.secret[:]) // crypto/rand does not fail
	return m
}

// String hides the secret (invariant 2).
func (m Master) String() string { return "sealed" }

// GoString hides the secret (invariant 2).
func (m Master) GoString() string { return "sealed" }

// MarshalText refuses to write the secret anywhere (invariant 2).
func (m Master) MarshalText() ([]byte, error) { return []byte("sealed"), nil }

// Keys gives the keyring of a master.
func (m Master) Keys() *Keyring {
	if !m.set {
		panic("seal: keys of no master")
	}
	k := &Keyring{master: m, hashing: make(chan struct{}, hashesAtOnce)}
	copy(k.id[:], k.Subkey("id"))
	return k
}

// Keyring seals and opens with keys made from one master. It is safe for use by many goroutines.
type Keyring struct {
	master  Master
	id      [4]byte  // tells sealed bytes of this master from those of another; says nothing of the key
	aeads   sync.Map // purpose -> cipher.AEAD
	macs    sync.Map // purpose -> []byte
	hashing chan struct{}
}

// String hides the keys (invariant 2).
func (k *Keyring) String() string { return "sealed" }

// GoString hides the keys (invariant 2).
func (k *Keyring) GoString() string { return "sealed" }

// Subkey gives 32 bytes of key for a purpose, for what seals by itself: a database's file, the chain of an audit
// log. It is another key than the one Seal uses for a purpose of the same name.
func (k *Keyring) Subkey(purpose string) []byte { return k.derive("subkey", purpose) }

func (k *Keyring) derive(use, purpose string) []byte {
	b, err := hkdf.Key(sha256.New, k.master.secret[:], nil, "waymark 1 "+use+" "+purpose, 32)
	if err != nil { // only where more is asked for than HKDF can give
		panic(fmt.Sprintf("seal: derive key: %v", err))
	}
	return b
}

func (k *Keyring) aead(purpose string) cipher.AEAD {
	if a, ok := k.aeads.Load(purpose); ok {
		return a.(cipher.AEAD)
	}
	a := newAEAD(k.derive("seal", purpose))
	k.aeads.Store(purpose, a)
	return a
}

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil { // a key of a wrong length: our own mistake
		panic(fmt.Sprintf("seal: %v", err))
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic(fmt.Sprintf("seal: %v", err))
	}
	return a
}

// Sizes of sealed bytes: header, nonce and tag.
const (
	headerSize = 5 // version, id of the master
	nonceSize  = 12
	tagSize    = 16
	// Overhead is how much longer an envelope is than what it holds.
	Overhead = headerSize + nonceSize + tagSize
)

// Versions, the first byte of what is sealed.
const (
	envelopeVersion byte = 1
	streamVersion   byte = 2
)

// Seal makes an envelope. With random nonces of 96 bits one purpose may seal 2^32 envelopes before two nonces are
// equal with a chance above 2^-32 (NIST SP 800-38D, 8.3): more interviews than a folder holds.
func (k *Keyring) Seal(purpose string, bound, plain []byte) []byte {
	out := make([]byte, headerSize+nonceSize, Overhead+len(plain))
	out[0] = envelopeVersion
	copy(out[1:], k.id[:])
	nonce := out[headerSize : headerSize+nonceSize]
	_, _ = rand.Read(nonce)
	return k.aead(purpose).Seal(out, nonce, plain, additional(out[:headerSize], bound))
}

// Open opens an envelope of the same purpose and bound (invariant 1). An error says no more than that it does not
// open: CodeOtherKey, CodeDamaged or CodeUnknown.
func (k *Keyring) Open(purpose string, bound, sealed []byte) ([]byte, error) {
	if err := k.checkHeader(sealed, envelopeVersion, Overhead); err != nil {
		return nil, err
	}
	nonce, text := sealed[headerSize:headerSize+nonceSize], sealed[headerSize+nonceSize:]
	plain, err := k.aead(purpose).Open(nil, nonce, text, additional(sealed[:headerSize], bound))
	if err != nil {
		return nil, fault.Issue{Code: CodeDamaged}
	}
	return plain, nil
}

func (k *Keyring) checkHeader(sealed []byte, version byte, least int) error {
	switch {
	case len(sealed) < least:
		return fault.Issue{Code: CodeDamaged}
	case sealed[0] != version:
		return fault.Issue{Code: CodeUnknown, Args: map[string]any{"version": int(sealed[0])}}
	case [4]byte(sealed[1:headerSize]) != k.id:
		return fault.Issue{Code: CodeOtherKey}
	}
	return nil
}

// additional is what an envelope is bound to besides its purpose: its header, then what it belongs to. The header
// has one length, so that no two pairs give the same bytes.
func additional(header, bound []byte) []byte {
	return append(append(make([]byte, 0, len(header)+len(bound)), header...), bound...)
}

// Mac gives the HMAC-SHA-256 of bytes under the key of a purpose: 32 bytes.
func (k *Keyring) Mac(purpose string, b []byte) []byte {
	var key []byte
	if v, ok := k.macs.Load(purpose); ok {
		key = v.([]byte)
	} else {
		key = k.derive("mac", purpose)
		k.macs.Store(purpose, key)
	}
	h := hmac.New(sha256.New, key)
	h.Write(b)
	return h.Sum(nil)
}
