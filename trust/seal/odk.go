package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"waymark/fault"
)

// Codes of what can be wrong with a record that a phone encrypted.
const (
	CodeODKKey       fault.Code = "seal.odk-key"       // the record's key was not wrapped for this form's key
	CodeODKDamaged   fault.Code = "seal.odk-damaged"   // a file does not decrypt
	CodeODKSignature fault.Code = "seal.odk-signature" // the files are not those that the phone listed
)

// odkBits is the size of the key pair of a form, which every phone of the field can work with.
const odkBits = 2048

// NewODKKey makes the key pair of a form whose records phones encrypt: the public half as the form carries it
// (base64 of the SPKI) and the private half sealed by a lock.
func NewODKKey(l Lock) (public string, private []byte, err error) {
	pair, err := rsa.GenerateKey(rand.Reader, odkBits)
	if err != nil {
		return "", nil, fmt.Errorf("make key pair: %w", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&pair.PublicKey)
	if err != nil {
		return "", nil, fmt.Errorf("write public key: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(pair)
	if err != nil {
		return "", nil, fmt.Errorf("write private key: %w", err)
	}
	if private, err = lockBytes(pkcs8, l); err != nil {
		return "", nil, err
	}
	return base64.StdEncoding.EncodeToString(spki), private, nil
}

// ODKKey opens records that phones encrypted for one form.
type ODKKey struct{ pair *rsa.PrivateKey }

// String hides the key (invariant 2).
func (k *ODKKey) String() string { return "sealed" }

// GoString hides the key (invariant 2).
func (k *ODKKey) GoString() string { return "sealed" }

// OpenODKKey opens the private half that NewODKKey gave.
func OpenODKKey(private []byte, o Opener) (*ODKKey, error) {
	b, err := openBytes(private, o)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(b)
	pair, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, fault.Issue{Code: CodeDamaged}
	}
	return &ODKKey{pair: pair}, nil
}

// ODKManifest is what a phone says of a record that it encrypted. The namespace it was written in, and the names of
// its elements, are the reader's business.
type ODKManifest struct {
	FormID    string
	Version   string // of the form; "" where the form has none
	Key       string // base64 of the record's key, wrapped
	Instance  string
	Signature string // base64; "" where there is none
}

// ODKSum is a file's name without ".enc" and the MD5 of its plain bytes.
type ODKSum struct {
	Name string
	MD5  [md5.Size]byte
}

// ODKFiles decrypts the files of one record, in the order they were encrypted: media as the manifest lists them,
// the record last.
type ODKFiles struct {
	block cipher.Block
	iv    [aes.BlockSize]byte
	next  int
}

// Files begins a record. A key that was wrapped for another pair gives CodeODKKey.
func (k *ODKKey) Files(m ODKManifest) (*ODKFiles, error) {
	key, err := k.unwrap(m.Key)
	if err != nil || len(key) != 32 {
		return nil, fault.Issue{Code: CodeODKKey}
	}
	return odkFiles(key, m.Instance), nil
}

func odkFiles(key []byte, instance string) *ODKFiles {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(fmt.Sprintf("seal: %v", err))
	}
	return &ODKFiles{block: block, iv: md5.Sum(append([]byte(instance), key...))}
}

// step gives the initial vector of the next file: before file n the byte n mod 16 grows by one, for good.
func (f *ODKFiles) step() []byte {
	f.iv[f.next%aes.BlockSize]++
	f.next++
	return bytes.Clone(f.iv[:])
}

// Open gives the plain bytes of the next file. It must be called once a file, in order; the readers may be read
// later. A file that is no whole number of blocks, or is padded wrongly, gives CodeODKDamaged at its end.
func (f *ODKFiles) Open(sealed io.Reader) io.Reader {
	return &odkOpener{block: f.block, last: f.step(), r: sealed}
}

// Seal gives the encrypted bytes of the next file, as a phone makes them.
func (f *ODKFiles) Seal(plain []byte) []byte {
	last := f.step()
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	out := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	var key [aes.BlockSize]byte
	for b := out; len(b) > 0; b = b[aes.BlockSize:] { // CFB with 128 bits of feedback: C = P xor E(C before)
		f.block.Encrypt(key[:], last)
		subtle.XORBytes(b, b[:aes.BlockSize], key[:])
		last = b[:aes.BlockSize]
	}
	return out
}

type odkOpener struct {
	block cipher.Block
	last  []byte // the block of cipher text before
	r     io.Reader
	buf   [4096]byte
	plain []byte // decrypted, to be given
	kept  [aes.BlockSize]byte
	held  bool // kept holds a decrypted block that may be the padded last
	err   error
}

func (o *odkOpener) Read(p []byte) (int, error) {
	for len(o.plain) == 0 {
		if o.err != nil {
			return 0, o.err
		}
		o.fill()
	}
	n := copy(p, o.plain)
	o.plain = o.plain[n:]
	return n, nil
}

// fill decrypts some blocks; the last one is held back until it is known whether more follow, since it is padded.
func (o *odkOpener) fill() {
	n, err := io.ReadFull(o.r, o.buf[aes.BlockSize:])
	end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !end {
		o.err = err
		return
	}
	if n%aes.BlockSize != 0 || n == 0 && !o.held {
		o.err = fault.Issue{Code: CodeODKDamaged}
		return
	}
	text := o.buf[aes.BlockSize : aes.BlockSize+n]
	var key [aes.BlockSize]byte
	for b := text; len(b) > 0; b = b[aes.BlockSize:] {
		o.block.Encrypt(key[:], o.last)
		o.last = bytes.Clone(b[:aes.BlockSize])
		subtle.XORBytes(b, b[:aes.BlockSize], key[:])
	}
	o.plain = text
	if o.held {
		o.plain = o.buf[:aes.BlockSize+n]
		copy(o.plain, o.kept[:])
	}
	o.held = true
	cut := len(o.plain) - aes.BlockSize
	copy(o.kept[:], o.plain[cut:])
	o.plain = o.plain[:cut]
	if end {
		o.finish()
	}
}

// finish takes the padding (PKCS #7) off the last block.
func (o *odkOpener) finish() {
	pad := int(o.kept[aes.BlockSize-1])
	good := pad >= 1 && pad <= aes.BlockSize
	for i := aes.BlockSize - pad; good && i < aes.BlockSize; i++ {
		good = int(o.kept[i]) == pad
	}
	if !good {
		o.plain, o.err = nil, fault.Issue{Code: CodeODKDamaged}
		return
	}
	o.plain, o.err = append(o.plain, o.kept[:aes.BlockSize-pad]...), io.EOF
}

// Verify says whether the files are those that the phone listed when it encrypted the record: CodeODKSignature
// where not. The sums are in the order of encryption, the record last. ODK's signature is wrapped with the public
// key, so it shows damage and mixing of records, not who made them.
func (k *ODKKey) Verify(m ODKManifest, sums []ODKSum) error {
	sum, err := k.unwrap(m.Signature)
	want := m.digest(sums)
	if err != nil || subtle.ConstantTimeCompare(sum, want[:]) != 1 {
		return fault.Issue{Code: CodeODKSignature}
	}
	return nil
}

// digest is the MD5 of the lines that are signed.
func (m ODKManifest) digest(sums []ODKSum) [md5.Size]byte {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(m.FormID)
	if m.Version != "" {
		line(m.Version)
	}
	line(m.Key)
	line(m.Instance)
	for _, s := range sums {
		line(s.Name + "::" + hex.EncodeToString(s.MD5[:]))
	}
	return md5.Sum([]byte(b.String()))
}

func (k *ODKKey) unwrap(s string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return nil, err
	}
	return rsa.DecryptOAEP(sha256.New(), nil, k.pair, b, nil)
}

// ODKFile is a file of a record that is encrypted or decrypted whole.
type ODKFile struct {
	Name  string // without ".enc"
	Bytes []byte
}

// DecryptSubmission decrypts the files of a record, given in the order of encryption (the record last), and
// verifies the signature where there is one. Large media are better read through Files.
func DecryptSubmission(k *ODKKey, m ODKManifest, files []ODKFile) ([]ODKFile, error) {
	record, err := k.Files(m)
	if err != nil {
		return nil, err
	}
	var out []ODKFile
	var sums []ODKSum
	for _, f := range files {
		plain, err := io.ReadAll(record.Open(bytes.NewReader(f.Bytes)))
		if err != nil {
			return nil, err
		}
		out = append(out, ODKFile{Name: f.Name, Bytes: plain})
		sums = append(sums, ODKSum{Name: f.Name, MD5: md5.Sum(plain)})
	}
	if m.Signature != "" {
		if err := k.Verify(m, sums); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// EncryptSubmission encrypts the files of a record as a phone does, for the public half of a form's key (base64 of
// the SPKI), the record last. It gives the manifest's wrapped key and signature.
func EncryptSubmission(public, formID, version, instance string, files []ODKFile) (ODKManifest, []ODKFile, error) {
	m := ODKManifest{FormID: formID, Version: version, Instance: instance}
	spki, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(public), ""))
	if err != nil {
		return m, nil, fault.Issue{Code: CodeNoKey}
	}
	parsed, err := x509.ParsePKIXPublicKey(spki)
	to, ok := parsed.(*rsa.PublicKey)
	if err != nil || !ok {
		return m, nil, fault.Issue{Code: CodeNoKey}
	}
	wrap := func(b []byte) (string, error) {
		w, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, to, b, nil)
		return base64.StdEncoding.EncodeToString(w), err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	if m.Key, err = wrap(key); err != nil {
		return m, nil, fmt.Errorf("wrap key: %w", err)
	}
	record := odkFiles(key, instance)
	var out []ODKFile
	var sums []ODKSum
	for _, f := range files {
		out = append(out, ODKFile{Name: f.Name, Bytes: record.Seal(f.Bytes)})
		sums = append(sums, ODKSum{Name: f.Name, MD5: md5.Sum(f.Bytes)})
	}
	sum := m.digest(sums)
	if m.Signature, err = wrap(sum[:]); err != nil {
		return m, nil, fmt.Errorf("wrap signature: %w", err)
	}
	return m, out, nil
}
