package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/serve/route"
	"waymark/serve/web"
	"waymark/store/desktest"
	"waymark/trust/access"
)

// sure is an identity provider that knows one person.
type sure struct {
	email string
	err   error
}

func (s *sure) Begin(context.Context) (any, string, error) {
	return "attempt", "https://identity.example/authorize?state=s", s.err
}

func (s *sure) Finish(_ context.Context, attempt any, state, code string) (string, error) {
	if attempt != "attempt" || state != "s" || code != "c" {
		return "", errors.New("not as begun")
	}
	return s.email, s.err
}

// TestProvider signs in by an organisation's provider: who it names must have an account here, and who comes back must be
// who went.
func TestProvider(t *testing.T) {
	desk := desktest.New(t, nil).Desk
	u := collect.User{Email: "officer@mission.example", Language: "en", Grants: []access.Grant{{Role: access.Officer}}}
	u, err := desk.AddUser(background, access.Actor{Kind: access.System}, u, demoPassword)
	if err != nil {
		t.Fatal(err)
	}
	provider := &sure{email: u.Email}
	server := httptest.NewServer(route.Mux(web.Routes(desk, web.Options{Provider: provider}), route.Options{Desk: desk, Secret: bytes.Repeat([]byte("s"), 32)}))
	defer server.Close()

	browser := func() *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host != strings.TrimPrefix(server.URL, "http://") {
				return http.ErrUseLastResponse
			}
			return nil
		}}
	}
	get := func(c *http.Client, path string) (string, *http.Response) {
		t.Helper()
		res, err := c.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b), res
	}
	const back = "/sign-in/provider/return?state=s&code=c"

	own := browser()
	if page, _ := get(own, "/sign-in?next=/account"); !strings.Contains(page, `href="/sign-in/provider?next=%2faccount"`) {
		t.Error("the door does not offer the provider")
	}
	_, res := get(own, "/sign-in/provider?next=/account")
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "https://identity.example/") {
		t.Fatalf("%d to %s", res.StatusCode, to)
	}
	if page, res := get(browser(), back); res.Request.URL.Path == "/account" || !strings.Contains(page, "another browser") {
		t.Error("another browser comes back in this one's place")
	}
	if _, res := get(own, back); res.Request.URL.Path != "/account" || res.StatusCode != http.StatusOK {
		t.Errorf("back at %s with %d", res.Request.URL.Path, res.StatusCode)
	}
	if page, _ := get(own, back); !strings.Contains(page, "another browser") {
		t.Error("a way back is taken twice")
	}

	speaker := browser()
	r, err := http.NewRequestWithContext(background, "POST", server.URL+"/language", strings.NewReader("language=fr&next=/sign-in"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", server.URL)
	chosen, err := speaker.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	chosen.Body.Close()
	get(speaker, "/sign-in/provider?next=/account")
	if page, _ := get(speaker, back); !strings.Contains(page, `lang="fr"`) {
		t.Error("French chosen at the door is lost on the way back from the provider")
	}

	stranger := browser()
	provider.email = "stranger@mission.example"
	get(stranger, "/sign-in/provider")
	if page, _ := get(stranger, back); !strings.Contains(page, "no account here") {
		t.Error("a stranger is not told")
	}
	if _, res := get(stranger, "/account"); res.Request.URL.Path != "/sign-in" {
		t.Error("a stranger is let in")
	}

	u.Disabled = true
	if err := desk.SetUser(background, access.Actor{Kind: access.System}, u); err != nil {
		t.Fatal(err)
	}
	provider.email = u.Email
	gone := browser()
	get(gone, "/sign-in/provider?next=//elsewhere.example")
	if page, _ := get(gone, back); !strings.Contains(page, "no account here") {
		t.Error("who may no longer sign in is let in by the provider")
	}
}
