package route

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

// basic signs scripts in by email and password. A password costs a tenth of a second to check, and scripts send it
// with every request: what was right is remembered for a while under a keyed hash, as a session that the Desk can end.
type basic struct {
	desk   Desk
	secret []byte
	now    func() time.Time

	mu    sync.Mutex
	known map[[32]byte]remembered
}

type remembered struct {
	token string
	until time.Time
}

// rememberFor is how long a password counts as checked; a changed password or a disabled user ends the session at once.
const rememberFor = 5 * time.Minute

const mostRemembered = 1 << 10

func newBasic(d Desk, secret []byte, now func() time.Time) *basic {
	return &basic{desk: d, secret: secret, now: now, known: map[[32]byte]remembered{}}
}

func (b *basic) actor(r *http.Request, from string) (by access.Actor, u collect.User, token string, err error) {
	email, password, ok := r.BasicAuth()
	if !ok {
		return by, u, "", fault.Issue{Code: CodeUnknownAsker, Kind: fault.Forbidden}
	}
	mac := hmac.New(sha256.New, b.secret)
	mac.Write([]byte("basic\x00" + email + "\x00" + password))
	key := [32]byte(mac.Sum(nil))
	if token, ok := b.recall(key); ok {
		if by, u, err = b.desk.Session(r.Context(), token); err == nil {
			return by, u, token, nil
		}
		b.drop(key)
	}
	token, _, _, err = b.desk.SignIn(r.Context(), email, password, from)
	if err != nil {
		return by, u, "", err
	}
	if by, u, err = b.desk.Session(r.Context(), token); err != nil {
		return by, u, "", err
	}
	b.remember(key, token)
	return by, u, token, nil
}

func (b *basic) recall(key [32]byte) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	have, ok := b.known[key]
	if !ok || b.now().After(have.until) {
		delete(b.known, key)
		return "", false
	}
	return have.token, true
}

func (b *basic) drop(key [32]byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.known, key)
}

func (b *basic) remember(key [32]byte, token string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.known) >= mostRemembered {
		clear(b.known)
	}
	b.known[key] = remembered{token, b.now().Add(rememberFor)}
}
