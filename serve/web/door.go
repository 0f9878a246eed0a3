package web

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

// shortest is the fewest letters that a password of a member of staff may have.
const shortest = 10

// doorCookie holds the language chosen at the door until somebody signs in there, within doorTime.
const (
	doorCookie = "waymark-door"
	doorTime   = time.Hour
)

// system acts where nobody has signed in yet: on the first page of a server without users.
var system = access.Actor{Kind: access.System}

// administrator is the role that the first user is given.
const administrator = "administrator"

func (s *site) doorRoutes() []route.Route {
	return []route.Route{
		s.assetRoute(),
		s.open("GET /set-up", s.setUp),
		s.open("POST /set-up", s.setUpDone),
		s.open("GET /sign-in", s.signIn),
		s.open("POST /sign-in", s.signInDone),
		s.open("POST /language", s.chooseLanguage),
		s.post("/account/language", "", s.chooseLanguage),
		s.post("/sign-out", "", s.signOut),
		s.get("/{$}", "", func(a *ask) error { return a.see("/projects", "") }),
	}
}

// doorView is what the pages before signing in show again when something was wrong.
type doorView struct {
	Email, Name string
	Next        string
	Code        bool // the set-up page asks for a code
	Passkeys    bool
	Provider    bool // an identity provider may be asked
	Shortest    int
}

// empty says whether the server has no users yet.
func (s *site) empty(a *ask) bool {
	if s.options.SetUpCode == "" {
		return false
	}
	users, err := s.desk.Users(a.ctx, system)
	return err == nil && len(users) == 0
}

func (s *site) setUp(a *ask) error {
	if !s.empty(a) {
		return a.see("/sign-in", "")
	}
	return a.show("set-up", "", a.title("set-up"), doorView{Code: true, Shortest: shortest})
}

func (s *site) setUpDone(a *ask) error {
	if !s.empty(a) {
		return fault.Gone
	}
	view := doorView{Email: a.value("email"), Name: a.value("name"), Code: true, Shortest: shortest}
	var wrong fault.Issues
	if subtle.ConstantTimeCompare([]byte(a.value("code")), []byte(s.options.SetUpCode)) != 1 {
		wrong = append(wrong, fieldIssue("code", CodeWrongCode, nil))
	}
	wrong = append(wrong, required(a, "email", "name")...)
	wrong = append(wrong, passwords(a)...)
	if len(wrong) > 0 {
		return a.again("set-up", "", a.title("set-up"), view, wrong)
	}
	u := collect.User{Email: view.Email, Name: view.Name, Language: a.Tag(), Grants: []access.Grant{{Role: administrator}}}
	if _, err := s.desk.AddUser(a.ctx, system, u, a.r.FormValue("password")); err != nil {
		return a.again("set-up", "", a.title("set-up"), view, err)
	}
	return a.see("/sign-in", "set-up")
}

func (s *site) signIn(a *ask) error {
	if s.empty(a) {
		return a.see("/set-up", "")
	}
	return a.show("sign-in", "", a.title("sign-in"), doorView{Next: within(a.r.URL.Query().Get("next")), Passkeys: s.keys.possible(a), Provider: s.options.Provider != nil})
}

// signInDone checks email and password. Wrong ones are answered alike, whichever was wrong.
func (s *site) signInDone(a *ask) error {
	view := doorView{Email: a.value("email"), Next: within(a.value("next")), Passkeys: s.keys.possible(a), Provider: s.options.Provider != nil}
	if wrong := required(a, "email", "password"); len(wrong) > 0 {
		return a.again("sign-in", "", a.title("sign-in"), view, wrong)
	}
	token, expires, _, err := s.desk.SignIn(a.ctx, view.Email, a.r.FormValue("password"), route.From(a.r))
	if errors.Is(err, fault.Unavailable) {
		f := a.frame(a.title("sign-in"), "", view)
		f.Problems = a.problems(err)
		return a.write(http.StatusTooManyRequests, "sign-in", f)
	}
	if err != nil {
		return a.again("sign-in", "", a.title("sign-in"), view, err)
	}
	s.enter(a, token, expires)
	if view.Next == "" {
		view.Next = "/projects"
	}
	return a.see(view.Next, "")
}

// enter begins a session. A language chosen at the door becomes the account's, once: the next to sign in at a shared
// machine keeps theirs. Nobody is kept out for it.
func (s *site) enter(a *ask, token string, expires time.Time) {
	route.SetSession(a.w, a.r, token, expires)
	c, err := a.r.Cookie(doorCookie)
	if err != nil {
		return
	}
	http.SetCookie(a.w, &http.Cookie{Name: doorCookie, Path: "/sign-in", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: route.Secure(a.r)})
	if s.voices[c.Value] == nil {
		return
	}
	by, u, err := s.desk.Session(a.ctx, token)
	if err == nil && u.Language != c.Value {
		u.Language = c.Value
		err = s.desk.SetUser(a.ctx, by, u)
	}
	if err != nil {
		s.options.Log.Error("language not kept", "pattern", a.r.Pattern, "err", err)
	}
}

func (s *site) signOut(a *ask) error {
	if err := s.desk.SignOut(a.ctx, route.Session(a.r)); err != nil {
		return err
	}
	route.DropSession(a.w, a.r)
	a.w.Header().Set("Clear-Site-Data", `"cache"`)
	return a.see("/sign-in", "signed-out")
}

// chooseLanguage remembers the language that a button named, in a cookie and, of who is signed in, in the account.
func (s *site) chooseLanguage(a *ask) error {
	tag := a.value("language")
	if s.voices[tag] == nil {
		return fault.Invalid
	}
	http.SetCookie(a.w, &http.Cookie{Name: languageCookie, Value: tag, Path: "/", Expires: s.options.Now().AddDate(1, 0, 0), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: route.Secure(a.r)})
	if a.user.ID == 0 {
		http.SetCookie(a.w, &http.Cookie{Name: doorCookie, Value: tag, Path: "/sign-in", MaxAge: int(doorTime / time.Second), HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: route.Secure(a.r)})
	}
	if a.user.ID != 0 && a.user.Language != tag {
		u := a.user
		u.Language = tag
		if err := s.desk.SetUser(a.ctx, a.by, u); err != nil {
			return err
		}
	}
	to := within(a.value("next"))
	if to == "" {
		to = "/"
	}
	return a.see(to, "")
}

// within keeps an address only if it stays on this server: browsers leave out tabs and line breaks and read \ as /, so that
// "/\t/elsewhere" is another server's.
func within(address string) string {
	odd := func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.ContainsFunc(address, odd) {
		return ""
	}
	return address
}

// title gives the words of a page's title.
func (a *ask) title(page string, args ...any) string {
	s, _ := a.say("title."+page, args...)
	return s
}

// fieldIssue is an issue of one field of a page's form.
func fieldIssue(field string, code fault.Code, args map[string]any) fault.Issue {
	return fault.Issue{Code: code, Place: fault.Place{Field: field}, Args: args}
}

// required finds fields that were left empty.
func required(a *ask, fields ...string) fault.Issues {
	var wrong fault.Issues
	for _, f := range fields {
		if strings.TrimSpace(a.r.FormValue(f)) == "" {
			wrong = append(wrong, fieldIssue(f, CodeRequired, nil))
		}
	}
	return wrong
}

// passwords checks a new password and its repetition.
func passwords(a *ask) fault.Issues {
	first := a.r.FormValue("password")
	switch have := utf8.RuneCountInString(first); {
	case have < shortest:
		return fault.Issues{fieldIssue("password", CodeShort, map[string]any{"have": have, "want": shortest})}
	case first != a.r.FormValue("again"):
		return fault.Issues{fieldIssue("again", CodeTwice, nil)}
	}
	return nil
}

// refused answers what the gate does not let through: who has not signed in goes to the door, and back afterwards.
func (s *site) refused(w http.ResponseWriter, r *http.Request, p route.Problem) {
	if p.Status == http.StatusUnauthorized {
		guard(w.Header())
		to := "/sign-in"
		if r.Method == http.MethodGet && r.URL.Path != "/" {
			to += "?next=" + url.QueryEscape(r.URL.RequestURI())
		}
		w.Header().Del("WWW-Authenticate")
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	a := &ask{site: s, w: w, r: r, ctx: r.Context(), user: route.User(r)}
	a.voice = s.voices[s.languageOf(r, a.user.Language)]
	guard(w.Header())
	name := "broken"
	for _, k := range kinds {
		if k.status == p.Status {
			name = k.name
		}
	}
	switch p.Status {
	case http.StatusMethodNotAllowed:
		name = "not-found"
	case http.StatusTooManyRequests:
		name = "many"
	}
	f := a.frame(a.text("web.fault."+name+".title", nil), "", errorView{Kind: name, Problems: []problem{{Text: a.told(p)}}})
	if err := a.write(p.Status, "error", f); err != nil {
		s.options.Log.Error("page failed", "pattern", r.Pattern, "err", err)
	}
}

// told gives the words of a failure in the page's language, which the account or a cookie may name.
func (v *voice) told(p route.Problem) string {
	kind := "route.kind." + strconv.Itoa(p.Status)
	switch {
	case v.Tag() == p.Language:
	case p.Status < http.StatusInternalServerError && len(fault.Of(p.Err)) > 0:
		return v.Error(p.Err)
	case v.Has(kind):
		return v.text(kind, map[string]any{"id": p.ID})
	}
	return p.Text
}
