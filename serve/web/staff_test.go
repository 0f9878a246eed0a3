package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"waymark/serve/route"
	"waymark/serve/web"
	"waymark/trust/access"
)

// TestLanguageOfTheDoor says that a language chosen before signing in becomes the account's, of who signs in next only.
func TestLanguageOfTheDoor(t *testing.T) {
	d := newDemo(t)
	v := visit(t, d.url)
	enter := func(who string) {
		t.Helper()
		v.expect("POST", "/sign-in", url.Values{"email": {who + "@example.org"}, "password": {demoPassword}}, 303, "/projects")
	}
	v.expect("POST", "/language", url.Values{"language": {"fr"}, "next": {"/sign-in"}}, 303, "/sign-in")
	enter("viewer")
	if page := v.expect("GET", "/projects", nil, 200, ""); !strings.Contains(page, `lang="fr"`) {
		t.Error("French chosen at the door is lost after signing in")
	}
	users, err := d.Users(background, access.Actor{Kind: access.System})
	d.must(err)
	for _, u := range users {
		if want := map[bool]string{true: "fr", false: "en"}[u.Email == "viewer@example.org"]; u.Language != want {
			t.Errorf("the account of %s speaks %s, want %s", u.Email, u.Language, want)
		}
	}
	v.expect("POST", "/sign-out", url.Values{}, 303, "/sign-in?done=signed-out")
	enter("manager") // who chose nothing, at the same machine
	if page := v.expect("GET", "/projects", nil, 200, ""); !strings.Contains(page, `<html lang="en"`) {
		t.Error("the account of the next to sign in takes the language of the one before")
	}
}

// TestPageOfUnknownAddresses is in the language of the asker.
func TestPageOfUnknownAddresses(t *testing.T) {
	d := newDemo(t)
	all, page := web.Site(d.Desk, web.Options{Now: d.clock})
	h := route.Mux(all, route.Options{Desk: d.Desk, Secret: make([]byte, 32), Fail: page})
	for _, c := range []struct {
		name, method, address, accept, cookie string
		status                                int
		lang                                  string
	}{
		{"English", "GET", "/nothing", "en", "", 404, "en"},
		{"French browser", "GET", "/nothing", "fr", "", 404, "fr"},
		{"French chosen", "GET", "/nothing", "en", "fr", 404, "fr"},
		{"wrong method", "PUT", "/sign-in", "en", "fr", 405, "fr"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.address, nil)
			r.Header.Set("Accept-Language", c.accept)
			if c.cookie != "" {
				r.AddCookie(&http.Cookie{Name: "waymark-language", Value: c.cookie})
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if body := w.Body.String(); w.Code != c.status || !strings.Contains(body, `<html lang="`+c.lang+`"`) {
				t.Errorf("%d: %s", w.Code, body)
			} else if french := strings.Contains(body, "adresse"); french != (c.lang == "fr") {
				t.Errorf("what is wrong is not said in the page's language: %s", body)
			}
		})
	}
}
