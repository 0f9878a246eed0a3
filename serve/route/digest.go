package route

import (
	"context"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // RFC 7616 as phones speak it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

// digest speaks Digest (RFC 7616) with MD5 and qop auth, which is what ODK Collect knows. Nonces are signed times, so
// that none is kept until it is used; each count of a nonce is taken once, since qop auth does not cover the body.
type digest struct {
	secret []byte
	now    func() time.Time

	mu    sync.Mutex
	used  map[string]*window
	swept time.Time
}

// nonceLife is how long a nonce is good. A phone that has an older one is told so and tries again by itself.
const nonceLife = 10 * time.Minute

// window remembers which of the last 64 counts of a nonce were used, as IPsec does (RFC 4303, 3.4.3): phones send
// two requests at once, and they may arrive in another order.
type window struct {
	top  uint64
	seen uint64
	made time.Time
}

func newDigest(secret []byte, now func() time.Time) *digest {
	return &digest{secret: secret, now: now, used: map[string]*window{}}
}

// sign is what makes a nonce ours.
func (d *digest) sign(what string, moment []byte) []byte {
	mac := hmac.New(sha256.New, d.secret)
	mac.Write([]byte(what))
	mac.Write(moment)
	return mac.Sum(nil)[:16]
}

func (d *digest) nonce() string {
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(d.now().UnixNano()))
	return base64.RawURLEncoding.EncodeToString(append(at[:], d.sign("nonce", at[:])...))
}

// made gives when a nonce was handed out; false where it is not ours.
func (d *digest) made(nonce string) (time.Time, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(raw) != 24 || !hmac.Equal(raw[8:], d.sign("nonce", raw[:8])) {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(raw[:8]))), true
}

func (d *digest) opaque() string { return hex.EncodeToString(d.sign("opaque", nil)) }

func (d *digest) challenge(w http.ResponseWriter, stale bool) {
	s := `Digest realm="` + collect.DigestRealm + `", qop="auth", algorithm=MD5, nonce="` + d.nonce() + `", opaque="` + d.opaque() + `"`
	if stale {
		s += `, stale=true`
	}
	w.Header().Add("WWW-Authenticate", s)
}

// refused is a Digest that is wrong.
var refused = fault.Issue{Code: CodeUnknownAsker, Kind: fault.Forbidden}

// actor checks a request's credentials. stale: they are right but for the age or the count of the nonce.
func (d *digest) actor(r *http.Request, desk interface {
	DigestSecret(context.Context, string) (string, access.Actor, error)
}, credentials string) (by access.Actor, stale bool, err error) {
	f := parameters(credentials)
	made, ours := d.made(f["nonce"])
	if f["realm"] != collect.DigestRealm || f["qop"] != "auth" || !ours || f["opaque"] != d.opaque() || !sameTarget(r, f["uri"]) ||
		(f["algorithm"] != "" && !strings.EqualFold(f["algorithm"], "MD5")) || len(f["nc"]) != 8 || f["cnonce"] == "" {
		return by, false, refused
	}
	count, err := strconv.ParseUint(f["nc"], 16, 32)
	if err != nil || count == 0 {
		return by, false, refused
	}
	ha1, actor, err := desk.DigestSecret(r.Context(), f["username"])
	if err != nil {
		return by, false, err
	}
	ha2 := hash(r.Method + ":" + f["uri"])
	want := hash(strings.Join([]string{strings.ToLower(ha1), f["nonce"], f["nc"], f["cnonce"], "auth", ha2}, ":"))
	if subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(f["response"]))) != 1 {
		return by, false, refused
	}
	if d.now().Sub(made).Abs() > nonceLife || !d.once(f["nonce"], count, made) {
		return by, true, refused
	}
	return actor, false, nil
}

// once says whether a count of a nonce is used for the first time.
func (d *digest) once(nonce string, count uint64, made time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.used[nonce]
	if w == nil {
		d.forget()
		w = &window{made: made}
		d.used[nonce] = w
	}
	switch {
	case count > w.top:
		if shift := count - w.top; shift < 64 {
			w.seen <<= shift
		} else {
			w.seen = 0
		}
		w.seen |= 1
		w.top = count
		return true
	case w.top-count >= 64, w.seen&(1<<(w.top-count)) != 0:
		return false
	}
	w.seen |= 1 << (w.top - count)
	return true
}

// forget drops, once a minute, nonces that are too old to be used again. Only devices that signed in fill the table,
// each at the rate it may ask.
func (d *digest) forget() {
	now := d.now()
	if now.Sub(d.swept).Abs() < time.Minute {
		return
	}
	d.swept = now
	for nonce, w := range d.used {
		if now.Sub(w.made).Abs() > nonceLife {
			delete(d.used, nonce)
		}
	}
}

// sameTarget says whether the address that was signed is the one that is asked for.
func sameTarget(r *http.Request, uri string) bool {
	if uri == r.RequestURI {
		return true
	}
	for _, scheme := range []string{"http://", "https://"} {
		if uri == scheme+r.Host+r.RequestURI {
			return true
		}
	}
	return false
}

func hash(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// parameters reads `a="b", c=d`. Of a name given twice nothing is kept.
func parameters(s string) map[string]string {
	out := map[string]string{}
	twice := map[string]bool{}
	for s = strings.TrimLeft(s, " ,"); s != ""; s = strings.TrimLeft(s, " ,\t") {
		name, rest, found := strings.Cut(s, "=")
		if !found {
			break
		}
		name = strings.ToLower(strings.TrimSpace(name))
		var value string
		if strings.HasPrefix(rest, `"`) {
			value, rest = quoted(rest[1:])
		} else if value, s, found = strings.Cut(rest, ","); found {
			rest = s
		} else {
			rest = ""
		}
		if _, there := out[name]; there {
			twice[name] = true
		}
		out[name] = strings.TrimSpace(value)
		s = rest
	}
	for name := range twice {
		delete(out, name)
	}
	return out
}

func quoted(s string) (value, rest string) {
	var b strings.Builder
	for k := 0; k < len(s); k++ {
		switch {
		case s[k] == '\\' && k+1 < len(s):
			k++
			b.WriteByte(s[k])
		case s[k] == '"':
			return b.String(), s[k+1:]
		default:
			b.WriteByte(s[k])
		}
	}
	return b.String(), ""
}
