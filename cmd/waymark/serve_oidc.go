package main

import (
	"context"
	"os"
	"strings"

	"waymark/connect/oidc"
	"waymark/serve/web"
	"waymark/trust/seal"
)

// oidcFlags name an organisation's own identity provider, by which staff may sign in.
type oidcFlags struct {
	issuer     string
	id         string
	secretFile string
}

// provider gives the identity provider, nil where none is named. It is asked when somebody signs in, not now: the
// server starts without a network.
func (f oidcFlags) provider(site string) (web.Provider, error) {
	if f.issuer == "" {
		return nil, nil
	}
	if f.id == "" || f.secretFile == "" {
		missing := "--oidc-client"
		if f.id != "" {
			missing = "--oidc-secret-file"
		}
		return nil, misused(codeMissingFlag, map[string]any{"flag": missing, "verb": "waymark serve --oidc-issuer"})
	}
	secret, err := os.ReadFile(f.secretFile)
	if err != nil {
		return nil, unreadable(f.secretFile, err)
	}
	return door{oidc.New(oidc.Options{Issuer: f.issuer, ID: f.id, Secret: strings.TrimSpace(string(secret)), Return: site + "/sign-in/provider/return"})}, nil
}

// door gives the staff pages a provider in their own words.
type door struct{ provider *oidc.Provider }

var _ web.Provider = door{}

// Begin sends somebody to the provider.
func (d door) Begin(ctx context.Context) (any, string, error) {
	return d.provider.Begin(ctx, func() string { return seal.Token(24) })
}

// Finish takes them back.
func (d door) Finish(ctx context.Context, attempt any, state, code string) (string, error) {
	a, _ := attempt.(oidc.Attempt)
	return d.provider.Finish(ctx, a, state, code)
}
