package oidc_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"crypto"

	"waymark/connect/oidc"
	"waymark/fault"
)

// provider is a small identity provider on this machine: one person, one key.
type provider struct {
	*httptest.Server
	key      *rsa.PrivateKey
	claims   map[string]any // put in every token in place of the usual ones
	used     map[string]url.Values
	down     bool
	audience string
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, claims: map[string]any{}, used: map[string]url.Values{}, audience: "waymark"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		if p.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig",
			"n": text(key.N.Bytes()), "e": text(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		asked := p.used[r.FormValue("code")]
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if asked == nil || text(sum[:]) != asked.Get("code_challenge") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.token(t, asked.Get("nonce"))})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (p *provider) token(t *testing.T, nonce string) string {
	now := time.Now()
	claims := map[string]any{"iss": p.URL, "aud": p.audience, "sub": "1", "nonce": nonce, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"email": "officer@mission.example", "email_verified": true}
	for k, v := range p.claims {
		claims[k] = v
	}
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed := text([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + text(body)
	sum := sha256.Sum256([]byte(signed))
	mark, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + text(mark)
}

// visit is what a browser does at the provider: it comes back with a code and the state.
func (p *provider) visit(t *testing.T, address string) (state, code string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if !strings.HasPrefix(address, p.URL+"/authorize") || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "openid email" {
		t.Fatalf("sent to %s", address)
	}
	code = fmt.Sprint("code-", len(p.used))
	p.used[code] = q
	return q.Get("state"), code
}

func client(p *provider) *oidc.Provider {
	return oidc.New(oidc.Options{Issuer: p.URL, ID: "waymark", Secret: "between us", Return: "http://localhost/sign-in/provider/return"})
}

func random() func() string {
	n := 0
	return func() string { n++; return fmt.Sprint("random-", n) }
}

func TestSignIn(t *testing.T) {
	p := newProvider(t)
	c := client(p)
	a, address, err := c.Begin(context.Background(), random())
	if err != nil {
		t.Fatal(err)
	}
	state, code := p.visit(t, address)
	email, err := c.Finish(context.Background(), a, state, code)
	if err != nil || email != "officer@mission.example" {
		t.Errorf("%q, %v", email, err)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		claims map[string]any
		change func(*provider, *oidc.Attempt, *string, *string)
		want   fault.Code
	}{
		{"another state", nil, func(_ *provider, _ *oidc.Attempt, state, _ *string) { *state = "another" }, oidc.CodeRefused},
		{"no attempt", nil, func(_ *provider, a *oidc.Attempt, state, _ *string) { *a, *state = oidc.Attempt{}, "" }, oidc.CodeRefused},
		{"no code", nil, func(_ *provider, _ *oidc.Attempt, _, code *string) { *code = "" }, oidc.CodeRefused},
		{"a code of nobody", nil, func(_ *provider, _ *oidc.Attempt, _, code *string) { *code = "stolen" }, oidc.CodeRefused},
		{"another's verifier", nil, func(_ *provider, a *oidc.Attempt, _, _ *string) { a.Verifier = "theirs" }, oidc.CodeRefused},
		{"another nonce", map[string]any{"nonce": "theirs"}, nil, oidc.CodeRefused},
		{"for another server", map[string]any{"aud": "elsewhere"}, nil, oidc.CodeRefused},
		{"from another issuer", map[string]any{"iss": "https://elsewhere.example"}, nil, oidc.CodeRefused},
		{"expired", map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, nil, oidc.CodeRefused},
		{"no email", map[string]any{"email": ""}, nil, oidc.CodeNoEmail},
		{"email not verified", map[string]any{"email_verified": false}, nil, oidc.CodeNoEmail},
		{"verification not said", map[string]any{"email_verified": nil}, nil, oidc.CodeNoEmail},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProvider(t)
			client := client(p)
			a, address, err := client.Begin(context.Background(), random())
			if err != nil {
				t.Fatal(err)
			}
			state, code := p.visit(t, address)
			for k, v := range c.claims {
				p.claims[k] = v
			}
			if c.change != nil {
				c.change(p, &a, &state, &code)
			}
			email, err := client.Finish(context.Background(), a, state, code)
			if issues := fault.Of(err); email != "" || len(issues) != 1 || issues[0].Code != c.want || !errors.Is(err, fault.Forbidden) {
				t.Errorf("%q, %v", email, err)
			}
		})
	}
}

func TestProviderThatIsAway(t *testing.T) {
	p := newProvider(t)
	p.down = true
	c := client(p)
	if _, _, err := c.Begin(context.Background(), random()); !errors.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	p.down = false
	if _, _, err := c.Begin(context.Background(), random()); err != nil {
		t.Errorf("after it is back: %v", err)
	}
	if s := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(s, "between us") {
		t.Error("a provider prints its secret")
	}
}
