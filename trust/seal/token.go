package seal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Token gives random bytes in base64url without padding: what a link, a phone or a session carries.
func (k *Keyring) Token(bytes int) string { return Token(bytes) }

// Token gives random bytes in base64url without padding, where there is no keyring yet.
func Token(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// UUID gives a random UUID (RFC 9562, version 4).
func (k *Keyring) UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Work of argon2id (RFC 9106): 19 MiB, two passes, one lane. It is the least that OWASP's password storage cheat
// sheet asks for, and takes some 30 ms of a field laptop's core; RFC 9106's second choice, 64 MiB and three passes,
// would let a few wrong guesses at once fill the memory of a laptop that also takes records. hashesAtOnce bounds
// memory to twice 19 MiB however many sign in.
const (
	argonMemory  = 19 << 10 // KiB
	argonPasses  = 2
	argonLanes   = 1
	hashesAtOnce = 2
)

// HashPassword gives the argon2id hash of a password in PHC form, with its work and a random salt of 16 bytes.
func (k *Keyring) HashPassword(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt)
	return phc(argonMemory, argonPasses, argonLanes, salt, k.argon(password, salt, argonMemory, argonPasses, argonLanes, 32))
}

func phc(memory, passes uint32, lanes uint8, salt, sum []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, b.EncodeToString(salt), b.EncodeToString(sum))
}

// CheckPassword says whether a password has the hash. A hash that cannot be read is no password's. The time it
// takes does not tell how much of a password is right.
func (k *Keyring) CheckPassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var memory, passes uint32
	var lanes uint8
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); n != 3 || err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	// Bounds, so that a hash from elsewhere cannot ask for all memory.
	if err1 != nil || err2 != nil || len(salt) < 8 || len(sum) < 16 || len(sum) > 64 || memory > 256<<10 || passes == 0 || passes > 16 || lanes == 0 {
		return false
	}
	return subtle.ConstantTimeCompare(sum, k.argon(password, salt, memory, passes, lanes, uint32(len(sum)))) == 1
}

func (k *Keyring) argon(password string, salt []byte, memory, passes uint32, lanes uint8, size uint32) []byte {
	k.hashing <- struct{}{}
	defer func() { <-k.hashing }()
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, size)
}
