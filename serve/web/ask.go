package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/lang"
	"waymark/serve/route"
	"waymark/trust/access"
)

// languageCookie remembers the language chosen by who has not signed in.
const languageCookie = "waymark-language"

// The issues that pages themselves raise; texts stand in lang/messages/web.*.toml.
const (
	CodeTooLarge  fault.Code = "web.too-large" // limit: megabytes
	CodeRequired  fault.Code = "web.required-field"
	CodeTwice     fault.Code = "web.not-the-same"
	CodeShort     fault.Code = "web.short-password" // have, want: letters
	CodeWrongCode fault.Code = "web.wrong-code"
	CodeNotNow    fault.Code = "web.not-the-password-now"
)

const (
	largestForm   = 1 << 20  // bytes of what a page's form sends
	largestUpload = 64 << 20 // bytes of a workbook or a file of a form
)

// ask is one request for a page, with who asks, in which language, and of what.
type ask struct {
	*voice
	site    *site
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context
	by      access.Actor
	user    collect.User // zero where nobody has signed in
	project collect.Project
	form    collect.Form
}

// handler makes a route's handler: what holds for every page stands here, once (invariants 1 and 2).
func (s *site) handler(handle func(*ask) error) route.Handler {
	return func(w http.ResponseWriter, r *http.Request, by access.Actor) error {
		a := &ask{site: s, w: w, r: r, ctx: r.Context(), by: by}
		a.voice = s.voices[s.languageOf(r, "")]
		guard(w.Header())
		if by.Kind == access.User {
			a.user = route.User(r)
			a.voice = s.voices[s.languageOf(r, a.user.Language)]
		}
		if err := a.read(); err != nil {
			return a.fail(err)
		}
		if err := a.place(); err != nil {
			return a.fail(err)
		}
		if err := handle(a); err != nil {
			return a.fail(err)
		}
		return nil
	}
}

// guard sets what every answer carries (invariant 1). The referrer stays within the server, since browsers on a
// plain LAN name their origin only then.
func guard(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
		"font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// read takes in a form that a page sent, bounded. Files are the business of the handlers that take them.
func (a *ask) read() error {
	if a.r.Method != http.MethodPost {
		return nil
	}
	limit := int64(largestForm)
	multipart := strings.HasPrefix(a.r.Header.Get("Content-Type"), "multipart/form-data")
	if multipart {
		limit = largestUpload
	}
	a.r.Body = http.MaxBytesReader(a.w, a.r.Body, limit)
	if multipart || strings.HasPrefix(a.r.Header.Get("Content-Type"), "application/json") {
		return nil
	}
	err := a.r.ParseForm()
	return a.tooLarge(err)
}

// tooLarge names the limit that a body went over; other faults of a body are the sender's.
func (a *ask) tooLarge(err error) error {
	var over *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &over):
		return fault.Issue{Code: CodeTooLarge, Args: map[string]any{"limit": over.Limit >> 20}}
	}
	return fault.Invalid
}

// place finds the project and the form that the address names.
func (a *ask) place() error {
	id := a.r.PathValue("project")
	if id == "" {
		return nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return fault.NotFound
	}
	if a.project, err = a.site.desk.Project(a.ctx, a.by, n); err != nil {
		return err
	}
	if name := a.r.PathValue("form"); name != "" {
		a.form, err = a.site.desk.Form(a.ctx, a.by, n, name)
	}
	return err
}

// number reads an id of the address.
func (a *ask) number(name string) (int64, error) {
	n, err := strconv.ParseInt(a.r.PathValue(name), 10, 64)
	if err != nil {
		return 0, fault.NotFound
	}
	return n, nil
}

// value is a field of the form sent, or of the query, without the spaces around it.
func (a *ask) value(name string) string { return strings.TrimSpace(a.r.FormValue(name)) }

// ticked says whether a box was ticked.
func (a *ask) ticked(name string) bool { return a.r.FormValue(name) != "" }

// values are the answers of a field that has several, without empty ones.
func (a *ask) values(name string) []string {
	_ = a.r.FormValue(name) // reads the query and the form
	return slices.DeleteFunc(slices.Clone(a.r.Form[name]), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// see answers a POST with the page to go to (invariant 2); done names what to say there.
func (a *ask) see(to, done string) error {
	if done != "" {
		join := "?"
		if strings.Contains(to, "?") {
			join = "&"
		}
		to += join + "done=" + url.QueryEscape(done)
	}
	a.w.Header().Set("Location", to)
	a.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// may says whether the asker holds a right in the project of the page.
func (a *ask) may(right access.Right) bool { return may(a.by, right, a.project.ID) }

// languageOf chooses the language of a page: what the address asks for, the user's, the cookie's, the browser's.
func (s *site) languageOf(r *http.Request, user string) string {
	cookie := ""
	if c, err := r.Cookie(languageCookie); err == nil {
		cookie = c.Value
	}
	wishes := []string{user, cookie}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(part, ";")
		wishes = append(wishes, strings.TrimSpace(tag))
	}
	for _, tag := range wishes {
		if base := lang.Base(tag); s.voices[base] != nil {
			return base
		}
	}
	return lang.Tags()[0]
}
