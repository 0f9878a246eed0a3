package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"waymark/serve/route"
)

// TestUnknownAddresses are told of as their askers read.
func TestUnknownAddresses(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request, p route.Problem) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(p.Status)
	}
	for _, c := range []struct{ name, address, accept, want string }{
		{"program", "/v1/nothing", "*/*", "application/json"},
		{"browser at a program's address", "/v1/nothing", "text/html,*/*;q=0.8", "application/json"},
		{"browser", "/nothing", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"},
		{"phone", "/nothing", "", "text/plain"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", c.address, nil)
			r.Header.Set("Accept", c.accept)
			w := httptest.NewRecorder()
			failing(page)(w, r, route.Problem{Status: 404, Text: "There is nothing.", Language: "en"})
			if got := w.Header().Get("Content-Type"); w.Code != 404 || !strings.HasPrefix(got, c.want) {
				t.Errorf("%d, %s", w.Code, got)
			}
		})
	}
}
