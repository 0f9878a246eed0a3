package web

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/seal"
)

// CodePasskey says that a passkey was not taken: another server's, another account's, or too late.
const CodePasskey fault.Code = "web.passkey"

// passkeys lets people sign in with what their phone, laptop or key proves (WebAuthn). A ceremony is begun and finished
// by the same browser within minutes; what was begun is kept in memory.
type passkeys struct {
	mu    sync.Mutex
	begun map[string]begun
}

type begun struct {
	session webauthn.SessionData
	user    int64
	until   time.Time
}

const (
	ceremony     = 5 * time.Minute
	mostBegun    = 1000
	largestProof = 64 << 10
)

func (s *site) passkeyRoutes() []route.Route {
	return []route.Route{
		s.open("POST /sign-in/passkey/begin", s.loginBegin),
		s.open("POST /sign-in/passkey", s.loginDone),
		s.post("/account/passkeys/begin", "", s.passkeyBegin),
		s.post("/account/passkeys", "", s.passkeyDone),
		s.post("/account/passkeys/drop", "", s.passkeyDrop),
	}
}

// possible says whether a browser lets this server ask for a passkey: by name, not by number, and over https or on the
// machine itself.
func (*passkeys) possible(a *ask) bool {
	host := hostOf(a.r)
	return net.ParseIP(host) == nil && (route.Secure(a.r) || host == "localhost")
}

func hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		return strings.Trim(r.Host, "[]")
	}
	return host
}

// party is this server as the asker's browser names it.
func (a *ask) party() (*webauthn.WebAuthn, error) {
	if !a.site.keys.possible(a) {
		return nil, fault.Issue{Code: CodePasskey, Kind: fault.Forbidden}
	}
	return webauthn.New(&webauthn.Config{RPID: hostOf(a.r), RPDisplayName: "Waymark", RPOrigins: []string{route.Base(a.r)}})
}

// begin keeps what a ceremony began with, and forgets those that nobody finished.
func (p *passkeys) begin(session webauthn.SessionData, user int64, now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begun == nil || len(p.begun) >= mostBegun {
		p.begun = map[string]begun{}
	}
	for id, b := range p.begun {
		if now.After(b.until) {
			delete(p.begun, id)
		}
	}
	id := seal.Token(16)
	p.begun[id] = begun{session, user, now.Add(ceremony)}
	return id
}

// take gives what a ceremony began with, once.
func (p *passkeys) take(id string, user int64, now time.Time) (webauthn.SessionData, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.begun[id]
	delete(p.begun, id)
	if !ok || b.user != user || now.After(b.until) {
		return webauthn.SessionData{}, fault.Issue{Code: CodePasskey, Kind: fault.Forbidden}
	}
	return b.session, nil
}

// holder is a user as the library asks for one.
type holder struct {
	user collect.User
	keys []collect.Passkey
}

func (h holder) WebAuthnID() []byte          { return binary.BigEndian.AppendUint64(nil, uint64(h.user.ID)) }
func (h holder) WebAuthnName() string        { return h.user.Email }
func (h holder) WebAuthnDisplayName() string { return h.user.Name }

func (h holder) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, k := range h.keys {
		var c webauthn.Credential
		if json.Unmarshal(k.Credential, &c) == nil {
			out = append(out, c)
		}
	}
	return out
}

// answer sends a step of a ceremony to the script that asked for it.
func (a *ask) answerJSON(v any) error {
	a.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(a.w).Encode(v)
}

// notTaken answers a proof that does not hold, in words that the script shows.
func (a *ask) notTaken(err error) error {
	if k := kindOf(err); len(fault.Of(err)) == 0 && k.status >= http.StatusInternalServerError {
		a.site.options.Log.Info("passkey not taken", "pattern", a.r.Pattern)
		err = fault.Issue{Code: CodePasskey, Kind: fault.Forbidden}
	}
	a.w.Header().Set("Content-Type", "application/json")
	a.w.WriteHeader(kindOf(err).status)
	return json.NewEncoder(a.w).Encode(map[string]string{"say": a.problems(err)[0].Text})
}

// passkeyBegin begins to make a passkey.
func (s *site) passkeyBegin(a *ask) error {
	party, err := a.party()
	if err != nil {
		return a.notTaken(err)
	}
	keys, err := s.desk.Passkeys(a.ctx, a.by)
	if err != nil {
		return a.notTaken(err)
	}
	me := holder{a.user, keys}
	options, session, err := party.BeginRegistration(me, webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired),
		webauthn.WithExclusions(webauthn.Credentials(me.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return a.notTaken(err)
	}
	return a.answerJSON(map[string]any{"begun": s.keys.begin(*session, a.by.ID, s.options.Now()), "options": options.Response})
}

// passkeyDone keeps a passkey under the name that the person gives it.
func (s *site) passkeyDone(a *ask) error {
	party, err := a.party()
	if err != nil {
		return a.notTaken(err)
	}
	session, err := s.keys.take(a.r.URL.Query().Get("begun"), a.by.ID, s.options.Now())
	if err != nil {
		return a.notTaken(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(http.MaxBytesReader(a.w, a.r.Body, largestProof))
	if err != nil {
		return a.notTaken(fault.Issue{Code: CodePasskey, Kind: fault.Forbidden})
	}
	made, err := party.CreateCredential(holder{user: a.user}, session, parsed)
	if err != nil {
		return a.notTaken(fault.Issue{Code: CodePasskey, Kind: fault.Forbidden})
	}
	kept, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("keep passkey: %w", err)
	}
	name := cut(a.r.URL.Query().Get("name"), 60)
	if err := s.desk.AddPasskey(a.ctx, a.by, collect.Passkey{ID: made.ID, Name: name, Credential: kept}); err != nil {
		return a.notTaken(err)
	}
	return a.answerJSON(map[string]string{"to": "/account?done=passkey"})
}

func (s *site) passkeyDrop(a *ask) error {
	id, err := base64.RawURLEncoding.DecodeString(a.value("id"))
	if err != nil {
		return fault.NotFound
	}
	if err := s.desk.DropPasskey(a.ctx, a.by, id); err != nil {
		return err
	}
	return a.see("/account", "passkey-dropped")
}

// loginBegin begins to sign somebody in; who it is, the passkey will say.
func (s *site) loginBegin(a *ask) error {
	party, err := a.party()
	if err != nil {
		return a.notTaken(err)
	}
	options, session, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return a.notTaken(err)
	}
	return a.answerJSON(map[string]any{"begun": s.keys.begin(*session, 0, s.options.Now()), "options": options.Response})
}

// loginDone checks what the passkey proves and begins a session. A copy of a passkey is refused where it can be told.
func (s *site) loginDone(a *ask) error {
	party, err := a.party()
	if err != nil {
		return a.notTaken(err)
	}
	session, err := s.keys.take(a.r.URL.Query().Get("begun"), 0, s.options.Now())
	if err != nil {
		return a.notTaken(err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(http.MaxBytesReader(a.w, a.r.Body, largestProof))
	if err != nil {
		return a.notTaken(fault.Issue{Code: CodePasskey, Kind: fault.Forbidden})
	}
	var who collect.User
	proof, err := party.ValidateDiscoverableLogin(func(id, handle []byte) (webauthn.User, error) {
		user, key, err := s.desk.PasskeyOf(a.ctx, id)
		if err != nil {
			return nil, err
		}
		who = user
		return holder{user, []collect.Passkey{key}}, nil
	}, session, parsed)
	if err != nil || proof.Authenticator.CloneWarning {
		return a.notTaken(fault.Issue{Code: CodePasskey, Kind: fault.Forbidden})
	}
	token, expires, _, err := s.desk.SignInAs(a.ctx, who.Email, "passkey")
	if err != nil {
		return a.notTaken(err)
	}
	s.enter(a, token, expires)
	to := within(a.r.URL.Query().Get("next"))
	if to == "" {
		to = "/projects"
	}
	return a.answerJSON(map[string]string{"to": to})
}

// keyLine is a passkey on the page of an account.
type keyLine struct {
	ID, Name string
	Made     time.Time
}

func (s *site) keyLines(a *ask) []keyLine {
	keys, err := s.desk.Passkeys(a.ctx, a.by)
	if err != nil {
		return nil
	}
	var out []keyLine
	for _, k := range keys {
		out = append(out, keyLine{base64.RawURLEncoding.EncodeToString(k.ID), k.Name, k.Made})
	}
	return out
}

var _ webauthn.User = holder{}
