// Package oidc knows how to ask an organisation's own identity provider who somebody is (OpenID Connect Core 1.0,
// authorisation code flow with PKCE). It must not know users, sessions or pages: it gives an address to go to, and for what
// comes back the email that the provider has verified.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"waymark/fault"
)

// Codes of what can go wrong on the way.
const (
	CodeUnreachable fault.Code = "oidc.unreachable" //
	CodeRefused     fault.Code = "oidc.refused"     //
	CodeNoEmail     fault.Code = "oidc.no-email"    //
)

// Options say which provider is asked. All but Client are required.
type Options struct {
	Issuer string // "https://login.example.org"
	ID     string // of this server at the provider
	Secret string
	Return string // address of ours that the provider sends people back to
	Client *http.Client
}

// Provider is an identity provider. It is first asked when somebody signs in, so that a server starts without a network.
type Provider struct {
	options Options

	mu     sync.Mutex
	config *oauth2.Config
	verify *oidc.IDTokenVerifier
}

// New names a provider.
func New(o Options) *Provider {
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 15 * time.Second}
	}
	return &Provider{options: o}
}

// String hides the secret.
func (p *Provider) String() string { return "identity provider " + p.options.Issuer }

// GoString hides the secret.
func (p *Provider) GoString() string { return p.String() }

// Attempt is one person's way to the provider and back. What it holds is kept in the browser, sealed, until they return.
type Attempt struct {
	State    string // random; comes back with them
	Nonce    string // random; comes back within the token
	Verifier string // random; shows that who returns is who went (RFC 7636)
}

// Begin gives the address to send somebody to. random gives fresh random text.
func (p *Provider) Begin(ctx context.Context, random func() string) (Attempt, string, error) {
	config, _, err := p.ready(ctx)
	if err != nil {
		return Attempt{}, "", err
	}
	a := Attempt{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier()}
	return a, config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

// Finish gives the email of who has returned with a state and a code, as the provider has verified it.
func (p *Provider) Finish(ctx context.Context, a Attempt, state, code string) (email string, err error) {
	config, verify, err := p.ready(ctx)
	if err != nil {
		return "", err
	}
	refused := fault.Issue{Code: CodeRefused, Kind: fault.Forbidden}
	if a.State == "" || state != a.State || code == "" {
		return "", refused
	}
	ctx = oidc.ClientContext(ctx, p.options.Client)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		var answer *oauth2.RetrieveError
		if errors.As(err, &answer) {
			return "", refused
		}
		return "", fault.Issue{Code: CodeUnreachable, Kind: fault.Unavailable}
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", refused
	}
	id, err := verify.Verify(ctx, raw)
	if err != nil || id.Nonce != a.Nonce {
		return "", refused
	}
	var claims struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some providers write "true"
	}
	if err := id.Claims(&claims); err != nil {
		return "", refused
	}
	if !strings.Contains(claims.Email, "@") || fmt.Sprint(claims.Verified) != "true" {
		return "", fault.Issue{Code: CodeNoEmail, Kind: fault.Forbidden}
	}
	return claims.Email, nil
}

// ready asks the provider for its addresses and keys, once.
func (p *Provider) ready(ctx context.Context) (*oauth2.Config, *oidc.IDTokenVerifier, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.config != nil {
		return p.config, p.verify, nil
	}
	// The keys are fetched again later, when this request is over.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.options.Client), p.options.Issuer)
	if err != nil {
		return nil, nil, fault.Issue{Code: CodeUnreachable, Kind: fault.Unavailable}
	}
	p.config = &oauth2.Config{ClientID: p.options.ID, ClientSecret: p.options.Secret, Endpoint: found.Endpoint(),
		RedirectURL: p.options.Return, Scopes: []string{oidc.ScopeOpenID, "email"}}
	p.verify = found.Verifier(&oidc.Config{ClientID: p.options.ID})
	return p.config, p.verify, nil
}
