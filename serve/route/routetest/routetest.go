// Package routetest walks routes with every kind of asker and compares who is let in with a table. It must not know
// what any route does.
//
// A table has a row for each pattern and in it a mark for each asker, in the askers' order:
//
//   - let in: anything but 401 and 403, and no 5xx
//   - known, and may not: 403
//     ?  not known: 401
//     0  let in and shown nothing: 404, so that not even the name is given away
//
// A route without a row fails, and so does a row without a route.
package routetest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"waymark/serve/route"
)

// Asker is somebody who tries every route: a person by the token of a session, or a device by its own.
type Asker struct {
	Name    string
	Session string // given as a bearer or a cookie
	Token   string // given in the path
}

// stranger is a token that could be one and is nobody's.
var stranger = strings.Repeat("x", 64)

// Walk asks every route as every asker. fill gives the values of wildcards but {token}; what it does not name is "1".
// Reads come first and what deletes comes last.
func Walk(t *testing.T, h http.Handler, routes []route.Route, askers []Asker, table map[string]string, fill map[string]string) {
	t.Helper()
	left := maps.Clone(table)
	ordered := slices.SortedStableFunc(slices.Values(routes), func(a, b route.Route) int { return harm(a) - harm(b) })
	for _, r := range ordered {
		row, ok := left[r.Pattern]
		delete(left, r.Pattern)
		marks := strings.Fields(row)
		switch {
		case !ok:
			var as []string
			for _, who := range askers {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, request(r, who, fill))
				as = append(as, mark(w.Code, w.Header().Get("Location"), "+"))
			}
			t.Errorf("no row says who may ask this; judge it, it answers as\n%s  %s", strings.Join(as, " "), r.Pattern)
			continue
		case len(marks) != len(askers):
			t.Errorf("%s: %d marks for %d askers", r.Pattern, len(marks), len(askers))
			continue
		}
		for k, who := range askers {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, request(r, who, fill))
			if got := mark(w.Code, w.Header().Get("Location"), marks[k]); got != marks[k] {
				t.Errorf("%s as %s: %d, which is %s; the table says %s", r.Pattern, who.Name, w.Code, got, marks[k])
			}
		}
	}
	for pattern := range left {
		t.Errorf("the table has a row for %s, which is no route", pattern)
	}
}

func harm(r route.Route) int {
	method, path, _ := strings.Cut(r.Pattern, " ")
	switch {
	case method == "GET" || method == "HEAD":
		return 0
	case strings.HasSuffix(path, "/sign-out"): // nobody asks anything afterwards
		return 3
	case method == "DELETE":
		return 2
	}
	return 1
}

func request(r route.Route, who Asker, fill map[string]string) *http.Request {
	method, path, found := strings.Cut(r.Pattern, " ")
	if !found {
		method, path = http.MethodGet, r.Pattern
	}
	parts := strings.Split(path, "/")
	for k, part := range parts {
		if at := strings.IndexByte(part, '}'); strings.HasPrefix(part, "{") && at > 0 {
			parts[k] = value(strings.TrimSuffix(part[1:at], "..."), who, fill) + part[at+1:]
		}
	}
	req := httptest.NewRequest(method, strings.Join(parts, "/"), nil)
	req.RemoteAddr = "127.0.0.1:4000"
	req.Header.Set("X-OpenRosa-Version", "1.0")
	switch {
	case who.Session == "":
	case r.Entrance == route.Program:
		req.Header.Set("Authorization", "Bearer "+who.Session)
	case r.Entrance == route.Cookie:
		req.AddCookie(&http.Cookie{Name: "waymark", Value: who.Session})
	}
	return req
}

func value(name string, who Asker, fill map[string]string) string {
	switch {
	case name == "$":
		return ""
	case name == "token" && who.Token != "":
		return who.Token
	case name == "token":
		return stranger
	case fill[name] != "":
		return fill[name]
	}
	return "1"
}

// mark says what an answer is; of marks of letting in, the one that was expected where it fits.
func mark(status int, to, want string) string {
	switch {
	case status == http.StatusUnauthorized, status >= 300 && status < 400 && strings.HasPrefix(to, "/sign-in"):
		return "?"
	case status == http.StatusForbidden:
		return "-"
	case status == http.StatusTooManyRequests:
		return "429"
	case status == http.StatusServiceUnavailable && want == "~", status == http.StatusNotFound && want == "0":
		return want
	case status >= 500:
		return "a failure"
	case want == "~":
		return want
	}
	return "+"
}
