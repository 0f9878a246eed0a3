package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/seal"
)

// Provider is an organisation's own identity provider, by which staff may sign in instead of by a password.
type Provider interface {
	// Begin gives the address to send somebody to, and what to hold until they return.
	Begin(ctx context.Context) (attempt any, address string, err error)
	// Finish gives the email that the provider has verified for who returns.
	Finish(ctx context.Context, attempt any, state, code string) (email string, err error)
}

const (
	attemptCookie = "waymark-attempt"
	attemptTime   = 10 * time.Minute // for signing in at the provider
	mostAttempts  = 10_000           // at once; more is an attack, and the oldest are dropped
)

// attempts are people on their way to the provider and back. They are forgotten when the server stops.
type attempts struct {
	mu   sync.Mutex
	held map[string]heldAttempt
}

type heldAttempt struct {
	attempt any
	next    string
	ends    time.Time
}

// put keeps an attempt and gives the random name it is found by.
func (s *attempts) put(a heldAttempt, now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, other := range s.held {
		if len(s.held) >= mostAttempts || !now.Before(other.ends) {
			delete(s.held, name)
		}
	}
	if s.held == nil {
		s.held = map[string]heldAttempt{}
	}
	name := seal.Token(32)
	s.held[name] = a
	return name
}

// take gives an attempt once.
func (s *attempts) take(name string, now time.Time) (heldAttempt, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.held[name]
	delete(s.held, name)
	return a, ok && now.Before(a.ends)
}

func (s *site) providerRoutes() []route.Route {
	if s.options.Provider == nil {
		return nil
	}
	return []route.Route{
		s.open("GET /sign-in/provider", s.toProvider),
		s.open("GET /sign-in/provider/return", s.fromProvider),
	}
}

// toProvider sends somebody to the provider. The cookie says, when they return, that they are who went.
func (s *site) toProvider(a *ask) error {
	attempt, address, err := s.options.Provider.Begin(a.ctx)
	if err != nil {
		return s.door(a, err)
	}
	now := s.options.Now()
	name := s.attempts.put(heldAttempt{attempt, within(a.r.URL.Query().Get("next")), now.Add(attemptTime)}, now)
	http.SetCookie(a.w, &http.Cookie{Name: attemptCookie, Value: name, Path: "/sign-in", MaxAge: int(attemptTime / time.Second), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: route.Secure(a.r)})
	a.w.Header().Set("Location", address)
	a.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// fromProvider begins a session for who returns, if they are a member of staff: the provider says who somebody is, and
// the administrator of this server who may enter.
func (s *site) fromProvider(a *ask) error {
	var held heldAttempt
	found := false
	if c, err := a.r.Cookie(attemptCookie); err == nil {
		held, found = s.attempts.take(c.Value, s.options.Now())
	}
	http.SetCookie(a.w, &http.Cookie{Name: attemptCookie, Path: "/sign-in", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: route.Secure(a.r)})
	if !found {
		return s.door(a, fault.Issue{Code: CodeProviderLate, Kind: fault.Forbidden})
	}
	q := a.r.URL.Query()
	email, err := s.options.Provider.Finish(a.ctx, held.attempt, q.Get("state"), q.Get("code"))
	if err != nil {
		return s.door(a, err)
	}
	token, expires, _, err := s.desk.SignInAs(a.ctx, email, "provider")
	if errors.Is(err, fault.Forbidden) {
		return s.door(a, fault.Issue{Code: CodeProviderStranger, Kind: fault.Forbidden})
	}
	if err != nil {
		return err
	}
	s.enter(a, token, expires)
	to := held.next
	if to == "" {
		to = "/projects"
	}
	return a.see(to, "")
}

// door shows the sign-in page with what went wrong on the way to the provider.
func (s *site) door(a *ask, err error) error {
	return a.again("sign-in", "", a.title("sign-in"), doorView{Passkeys: s.keys.possible(a), Provider: true}, err)
}

// Codes of what can go wrong between a provider and this server.
const (
	CodeProviderLate     fault.Code = "web.provider-late"     //
	CodeProviderStranger fault.Code = "web.provider-stranger" //
)
