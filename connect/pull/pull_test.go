package pull_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waymark/connect/pull"
	"waymark/fault"
)

// TestAsker asks a server that fails for a while, for good, and in the middle of an answer.
func TestAsker(t *testing.T) {
	asked := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		n := asked[r.URL.Path]
		switch {
		case r.Header.Get("Authorization") != "Token t":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/busy" && n < 4:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/down":
			w.WriteHeader(http.StatusBadGateway)
		case r.URL.Path == "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case r.URL.Path == "/nothing":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/cut" && n < 3:
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"a":`)
		case r.URL.Path == "/words":
			io.WriteString(w, "not JSON, but the name of a person")
		default:
			io.WriteString(w, `{"a":1}`)
		}
	}))
	defer server.Close()
	var waited []time.Duration
	asker := &pull.Asker{Client: server.Client(), Header: http.Header{"Authorization": {"Token t"}},
		Wait: func(ctx context.Context, d time.Duration) error { waited = append(waited, d); return ctx.Err() }}
	for _, c := range []struct {
		path string
		kind error // nil: an answer
		asks int
	}{
		{"/ok", nil, 1}, {"/busy", nil, 4}, {"/cut", nil, 3}, {"/down", fault.Unavailable, 5}, {"/broken", fault.Unavailable, 1}, {"/nothing", fault.NotFound, 1}, {"/words", fault.Invalid, 1},
	} {
		var got struct{ A int }
		_, err := asker.JSON(t.Context(), server.URL+c.path, &got)
		if !errors.Is(err, c.kind) || c.kind == nil && got.A != 1 || asked[c.path] != c.asks {
			t.Errorf("%s: %v after %d requests, %+v", c.path, err, asked[c.path], got)
		}
		if err != nil && (strings.Contains(err.Error(), c.path) || strings.Contains(err.Error(), "person")) {
			t.Errorf("%s: the error holds an address or what was said: %v", c.path, err)
		}
	}
	if waited[0] != 7*time.Second {
		t.Errorf("Retry-After was passed over: %v", waited)
	}
	asker.Header = nil
	if _, _, err := asker.Bytes(t.Context(), server.URL+"/ok"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("without a token: %v", err)
	}
	if _, _, err := asker.Bytes(t.Context(), "http://127.0.0.1:1/x"); !errors.Is(err, fault.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := asker.Bytes(ctx, server.URL+"/ok"); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func TestWhole(t *testing.T) {
	if err := (pull.Account{Read: 4, New: 1, Edited: 1, Present: 1, Refused: 1}).Whole(); err != nil {
		t.Error(err)
	}
	if err := (pull.Account{Read: 4, New: 1}).Whole(); err == nil {
		t.Error("an account that does not add up is whole")
	}
}

func TestNames(t *testing.T) {
	id, was, err := pull.Names([]byte(`<data id="f"><meta><deprecatedID>uuid:1</deprecatedID><instanceID>uuid:2</instanceID></meta></data>`))
	if id != "uuid:2" || was != "uuid:1" || err != nil {
		t.Error(id, was, err)
	}
	if _, _, err := pull.Names([]byte(`<data`)); err == nil {
		t.Error("half a record has a name")
	}
}
