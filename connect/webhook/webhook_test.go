package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/collect"
)

// desk hands out deliveries and notes how they went.
type desk struct {
	sync.Mutex
	due    []collect.Outgoing
	status map[int64]int
}

func (d *desk) Due(context.Context, int) ([]collect.Outgoing, error) {
	d.Lock()
	defer d.Unlock()
	out := d.due
	d.due = nil
	return out, nil
}

func (d *desk) Delivered(_ context.Context, id int64, status int) error {
	d.Lock()
	defer d.Unlock()
	d.status[id] = status
	return nil
}

func TestDeliver(t *testing.T) {
	at := time.Unix(1717149600, 0)
	body := []byte(`{"event":"record.accepted"}`)
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte("1717149600." + string(body)))
	signature := hex.EncodeToString(mac.Sum(nil))
	var followed bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			b, _ := io.ReadAll(r.Body)
			if r.Header.Get("X-Waymark-Signature") != "t=1717149600,v1="+signature || string(b) != string(body) || r.Header.Get("X-Waymark-Event") != "record.accepted" || r.Header.Get("X-Waymark-Delivery") != "1" {
				w.WriteHeader(http.StatusBadRequest)
			}
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/elsewhere":
			http.Redirect(w, r, "/followed", http.StatusTemporaryRedirect)
		case "/followed":
			followed = true
		}
	}))
	defer server.Close()
	one := func(id int64, url string) collect.Outgoing {
		return collect.Outgoing{Delivery: collect.Delivery{ID: id, Hook: 1, Event: "record.accepted", At: at}, URL: url, Body: body, Signature: signature}
	}
	d := &desk{status: map[int64]int{}, due: []collect.Outgoing{one(1, server.URL+"/ok"), one(2, server.URL+"/busy"), one(3, server.URL+"/elsewhere"), one(4, "http://127.0.0.1:1/"), one(5, ":not an address")}}
	var log strings.Builder
	n, err := Deliver(t.Context(), d, NewClient(Private), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil || n != 5 {
		t.Fatal(n, err)
	}
	for id, want := range map[int64]int{1: 200, 2: 503, 3: 307, 4: 0, 5: 0} {
		if d.status[id] != want {
			t.Errorf("delivery %d: %d, want %d", id, d.status[id], want)
		}
	}
	if followed {
		t.Error("a redirect was followed")
	}
	if strings.Contains(log.String(), "http") {
		t.Errorf("the log holds an address, which may hold a token: %s", log.String())
	}

	d.due = []collect.Outgoing{one(6, server.URL+"/ok")}
	if _, err := Deliver(t.Context(), d, NewClient(Public), slog.New(slog.DiscardHandler)); err != nil || d.status[6] != 0 {
		t.Errorf("this machine was reached from outside: %d, %v", d.status[6], err)
	}
}

func TestIsPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34:443": true, "[2606:2800:220:1::1]:443": true,
		"127.0.0.1:80": false, "10.0.0.1:80": false, "192.168.1.1:80": false, "172.16.0.1:80": false, "169.254.169.254:80": false, "100.64.0.1:80": false, "0.0.0.0:80": false,
		"[::1]:80": false, "[fe80::1]:80": false, "[fd00::1]:80": false, "[::ffff:127.0.0.1]:80": false, "[64:ff9b::7f00:1]:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "nothing": false,
	} {
		if isPublic(address) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
}

func TestRunStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		Run(ctx, &desk{status: map[int64]int{}}, NewClient(Public), slog.New(slog.DiscardHandler))
		close(done)
	}()
	stop()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("it did not stop")
	}
}
