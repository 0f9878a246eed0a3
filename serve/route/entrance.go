package route

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

// enter finds the actor, or says why there is none, and checks that it may come in.
func (m *mux) enter(w http.ResponseWriter, r *http.Request, route Route) error {
	who := of(r)
	err := m.known(w, r, route)
	if err != nil {
		// Tokens cannot be guessed, so a wrong one keeps nobody else of the address out: one phone that was taken off
		// the list must not silence the others behind the same router.
		if errors.Is(err, errWrong) {
			if wait, ok := m.wrong.take(who.from, 1, m.Now()); !ok {
				return m.late(w, wait)
			}
		}
		return err
	}
	if route.Entrance == Anyone {
		return nil
	}
	if wait, ok := m.token.take(actorID(who.actor), 1, m.Now()); !ok && !who.here {
		return m.late(w, wait)
	}
	if !holds(who.actor, route.Right, r.PathValue("project")) {
		return issue(CodeNoRight, fault.Forbidden, nil)
	}
	return nil
}

// known finds the actor by the route's entrance.
func (m *mux) known(w http.ResponseWriter, r *http.Request, route Route) error {
	switch route.Entrance {
	case Path:
		return m.path(r)
	case Program:
		return m.program(w, r)
	case Cookie:
		if err := m.cookie(r); err != nil {
			return err
		}
	}
	return m.sameOrigin(r)
}

// late says when to ask again.
func (m *mux) late(w http.ResponseWriter, wait time.Duration) error {
	seconds := int(wait/time.Second) + 1
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return errors.Join(errMany, fault.Issue{Code: CodeTooMany, Kind: fault.Unavailable, Args: map[string]any{"seconds": seconds}})
}

// errWrong is a token or a password that is nobody's, rather than none at all.
var errWrong = errors.New("nobody's")

// holds says whether an actor holds a right in the project that the path names; the Desk looks closer.
func holds(by access.Actor, right access.Right, project string) bool {
	if right == "" {
		return true
	}
	id, err := strconv.ParseInt(project, 10, 64)
	named := err == nil && project != ""
	return slices.ContainsFunc(by.Rights, func(h access.Held) bool {
		return h.Right == right && (!named || h.Scope.Project == 0 || h.Scope.Project == id)
	})
}

// unknownAsker is who must say first who they are.
func unknownAsker(code fault.Code) error {
	return errors.Join(errUnknown, fault.Issue{Code: code, Kind: fault.Forbidden})
}

// tokenLength is that of a device's token in a path.
const tokenLength = 64

// path finds the device of a token in the path. What cannot be a token is 401, what is nobody's is 403, and neither
// challenges (invariant 2).
func (m *mux) path(r *http.Request) error {
	token := r.PathValue("token")
	if !wellFormed(token) {
		return errors.Join(errWrong, unknownAsker(CodeBadToken))
	}
	actor, device, err := m.Desk.DeviceByToken(r.Context(), token)
	if nobody(err) {
		return errors.Join(errWrong, fault.Issue{Code: CodeBadToken, Kind: fault.Forbidden})
	}
	if err != nil {
		return err
	}
	who := of(r)
	who.actor, who.device = actor, device
	return nil
}

// nobody says whether the Desk knows who asks.
func nobody(err error) bool {
	return errors.Is(err, fault.Forbidden) || errors.Is(err, fault.NotFound)
}

func wellFormed(token string) bool {
	if len(token) != tokenLength {
		return false
	}
	for k := range len(token) {
		switch c := token[k]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '!', c == '$':
		default:
			return false
		}
	}
	return true
}

// program finds the actor of a script or a phone.
func (m *mux) program(w http.ResponseWriter, r *http.Request) error {
	who := of(r)
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	rest = strings.TrimSpace(rest)
	err := unknownAsker(CodeUnknownAsker)
	stale := false
	switch strings.ToLower(scheme) {
	case "bearer":
		if err := m.session(r, rest); err != nil {
			return errors.Join(errWrong, err)
		}
		return nil
	case "basic":
		if !who.secure && !who.here {
			break // the network has seen the password; it is not taken all the same
		}
		known := m.password(w, r)
		if !nobody(known) {
			return known
		}
		err = errors.Join(errWrong, err)
	case "digest":
		actor, old, known := m.digest.actor(r, m.Desk, rest)
		if !nobody(known) {
			who.actor = actor
			return known
		}
		if stale = old; !stale { // an old nonce is nothing wrong: the client tries again by itself
			err = errors.Join(errWrong, err)
		}
	case "":
		if _, none := r.Cookie(cookieName(who.secure)); none == nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			return m.cookie(r)
		}
	}
	m.digest.challenge(w, stale)
	if who.secure || who.here {
		w.Header().Add("WWW-Authenticate", `Basic realm="`+collect.DigestRealm+`", charset="UTF-8"`)
	}
	return err
}

// password signs in by Basic. Passwords can be guessed, so an address that was wrong too often waits before the next
// is looked at.
func (m *mux) password(w http.ResponseWriter, r *http.Request) error {
	who := of(r)
	if wait, ok := m.wrong.take(who.from, 0, m.Now()); !ok {
		return m.late(w, wait)
	}
	actor, user, token, err := m.basic.actor(r, who.from)
	if err != nil {
		return err
	}
	who.actor, who.user, who.session = actor, user, token
	who.language = m.languageOf(r, user.Language)
	return nil
}

// cookie finds the actor of a browser.
func (m *mux) cookie(r *http.Request) error {
	c, err := r.Cookie(cookieName(of(r).secure))
	if err != nil || c.Value == "" {
		return unknownAsker(CodeUnknownAsker)
	}
	return m.session(r, c.Value)
}

// session finds the actor of a session's token.
func (m *mux) session(r *http.Request, token string) error {
	actor, user, err := m.Desk.Session(r.Context(), token)
	if nobody(err) {
		return unknownAsker(CodeUnknownAsker)
	}
	if err != nil {
		return err
	}
	who := of(r)
	who.actor, who.user, who.session = actor, user, token
	who.language = m.languageOf(r, user.Language)
	return nil
}

// languageOf prefers what a person has set to what a browser says.
func (m *mux) languageOf(r *http.Request, set string) string {
	if set == "" {
		return of(r).language
	}
	return spoken(set, of(r).language)
}

// sameOrigin refuses a write that another site's page makes a browser send (invariant 4).
func (m *mux) sameOrigin(r *http.Request) error {
	if err := m.origin.Check(r); err != nil {
		return issue(CodeOtherOrigin, fault.Forbidden, nil)
	}
	return nil
}
