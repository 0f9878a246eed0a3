package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"filippo.io/age"

	"waymark/fault"
)

// LeastPassphrase is how many letters a passphrase must have. The work of scrypt makes each guess dear; length
// makes guessing hopeless.
const LeastPassphrase = 10

// scryptWork is log2 of scrypt's N: 2^18, about a second of a laptop's core and 256 MiB while it lasts.
const scryptWork = 18

// Lock says what will open what is sealed by it: a passphrase, or the key files of recipients.
type Lock struct{ to []age.Recipient }

// Opener opens what a Lock of the same passphrase or key file has sealed.
type Opener struct{ by []age.Identity }

// String hides the passphrase (invariant 2).
func (l Lock) String() string { return "sealed" }

// GoString hides the passphrase (invariant 2).
func (l Lock) GoString() string { return "sealed" }

// String hides the passphrase or key (invariant 2).
func (o Opener) String() string { return "sealed" }

// GoString hides the passphrase or key (invariant 2).
func (o Opener) GoString() string { return "sealed" }

// PassphraseLock locks by a passphrase (age, scrypt). One that is too short gives CodeShort.
func PassphraseLock(passphrase string) (Lock, error) { return passphraseLock(passphrase, scryptWork) }

// PassphraseLockWork is PassphraseLock with less work, log2 of scrypt's N, for tests.
func PassphraseLockWork(passphrase string, work int) (Lock, error) {
	return passphraseLock(passphrase, work)
}

func passphraseLock(passphrase string, work int) (Lock, error) {
	if n := utf8.RuneCountInString(passphrase); n < LeastPassphrase {
		return Lock{}, fault.Issue{Code: CodeShort, Args: map[string]any{"least": LeastPassphrase, "have": n}}
	}
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return Lock{}, fmt.Errorf("lock by passphrase: %w", err)
	}
	r.SetWorkFactor(work)
	return Lock{to: []age.Recipient{r}}, nil
}

// RecipientLock locks to recipients ("age1…"), each of whose key files opens it. None, or one that is no
// recipient, gives CodeNoKey.
func RecipientLock(recipients ...string) (Lock, error) {
	var l Lock
	for _, s := range recipients {
		r, err := age.ParseX25519Recipient(strings.TrimSpace(s))
		if err != nil {
			return Lock{}, fault.Issue{Code: CodeNoKey}
		}
		l.to = append(l.to, r)
	}
	if len(l.to) == 0 {
		return Lock{}, fault.Issue{Code: CodeNoKey}
	}
	return l, nil
}

// NewKeyFile makes a key: the bytes of a key file as age writes it, and the recipient that locks to it.
func NewKeyFile() (file []byte, recipient string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, "", fmt.Errorf("make key file: %w", err)
	}
	recipient = id.Recipient().String()
	return fmt.Appendf(nil, "# public key: %s\n%s\n", recipient, id), recipient, nil
}

// PassphraseOpener opens by a passphrase.
func PassphraseOpener(passphrase string) (Opener, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return Opener{}, fault.Issue{Code: CodeShort, Args: map[string]any{"least": LeastPassphrase, "have": 0}}
	}
	id.SetMaxWorkFactor(20) // 1 GiB: more is an attack on us
	return Opener{by: []age.Identity{id}}, nil
}

// KeyFileOpener opens by the bytes of a key file. Bytes that are none give CodeNoKey.
func KeyFileOpener(file []byte) (Opener, error) {
	ids, err := age.ParseIdentities(bytes.NewReader(file))
	if err != nil || len(ids) == 0 {
		return Opener{}, fault.Issue{Code: CodeNoKey} // age's words may hold a line of the file
	}
	return Opener{by: ids}, nil
}

// KeyFileLock locks to the keys of a key file. Bytes that are none give CodeNoKey.
func KeyFileLock(file []byte) (Lock, error) {
	ids, err := age.ParseIdentities(bytes.NewReader(file))
	if err != nil {
		return Lock{}, fault.Issue{Code: CodeNoKey} // age's words may hold a line of the file
	}
	var l Lock
	for _, id := range ids {
		if x, ok := id.(*age.X25519Identity); ok {
			l.to = append(l.to, x.Recipient())
		}
	}
	if len(l.to) == 0 {
		return Lock{}, fault.Issue{Code: CodeNoKey}
	}
	return l, nil
}

// ByPassphrase says whether a passphrase opens what is sealed; else a key file does.
func ByPassphrase(sealed []byte) bool {
	_, rest, _ := bytes.Cut(sealed[:min(len(sealed), 200)], []byte("\n"))
	return bytes.HasPrefix(rest, []byte("-> scrypt "))
}

// SealTo gives a writer that seals what is written to it, in the format of age, on its way to dst. What is sealed is
// whole only once Close has returned nil.
func SealTo(dst io.Writer, l Lock) (io.WriteCloser, error) {
	w, err := age.Encrypt(dst, l.to...)
	if err != nil {
		return nil, fmt.Errorf("begin to seal: %w", err)
	}
	return w, nil
}

// OpenFrom gives the plain bytes of what SealTo has sealed. Read gives only what has been verified. What the opener
// does not open gives CodeNotOpened; what is changed or cut off CodeDamaged, from OpenFrom or from Read.
func OpenFrom(src io.Reader, o Opener) (io.Reader, error) {
	src = &watched{r: src}
	r, err := age.Decrypt(src, o.by...)
	var none *age.NoIdentityMatchError
	switch {
	case err == nil:
		return &verified{r: r, src: src.(*watched)}, nil
	case errors.As(err, &none), errors.Is(err, age.ErrIncorrectIdentity):
		return nil, fault.Issue{Code: CodeNotOpened}
	case src.(*watched).err != nil:
		return nil, src.(*watched).err
	}
	return nil, fault.Issue{Code: CodeDamaged}
}

// watched remembers a source's own trouble, so that it is not taken for damage.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

type verified struct {
	r   io.Reader
	src *watched
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	if v.src.err != nil {
		return n, v.src.err
	}
	return n, fault.Issue{Code: CodeDamaged}
}

// LockMaster gives the bytes that a master is kept in.
func LockMaster(m Master, l Lock) ([]byte, error) {
	if !m.set {
		panic("seal: lock no master")
	}
	return lockBytes(append([]byte(masterHead), m.secret[:]...), l)
}

// masterHead begins the plain bytes of a master that is kept.
const masterHead = "waymark master 1\n"

// OpenMaster opens the bytes that LockMaster gave.
func OpenMaster(kept []byte, o Opener) (Master, error) {
	b, err := openBytes(kept, o)
	if err != nil {
		return Master{}, err
	}
	secret, ok := bytes.CutPrefix(b, []byte(masterHead))
	if !ok || len(secret) != len(Master{}.secret) {
		return Master{}, fault.Issue{Code: CodeDamaged}
	}
	return Master{secret: [32]byte(secret), set: true}, nil
}

func lockBytes(plain []byte, l Lock) ([]byte, error) {
	var out bytes.Buffer
	w, err := SealTo(&out, l)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

func openBytes(sealed []byte, o Opener) ([]byte, error) {
	r, err := OpenFrom(bytes.NewReader(sealed), o)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
