package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waymark/collect"
	"waymark/store/desktest"
	"waymark/trust/access"
)

// TestFromTheDesk follows a record from its arrival to who is told of it: refused first, taken on the second try,
// signed by the secret that was shown once, and without an answer.
func TestFromTheDesk(t *testing.T) {
	ctx := t.Context()
	var clock atomic.Int64
	clock.Store(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC).Unix())
	desk := desktest.New(t, func() time.Time { return time.Unix(clock.Load(), 0) }).Desk
	by := access.Actor{Kind: access.System}
	p, err := desk.AddProject(ctx, by, collect.Project{Name: "P", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	form := `<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>F</h:title><model><instance><data id="f" version="1"><name/><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/name" type="string"/><bind nodeset="/data/meta/instanceID" type="string"/></model></h:head><h:body><input ref="/data/name"><label>Name</label></input></h:body></h:html>`
	if _, err = desk.UploadForm(ctx, by, p.ID, "f.xml", []byte(form)); err == nil {
		_, err = desk.Publish(ctx, by, p.ID, "f", "")
	}
	if err != nil {
		t.Fatal(err)
	}

	var secret string
	var status, told atomic.Int64
	status.Store(http.StatusBadGateway)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told.Add(1)
		body, _ := io.ReadAll(r.Body)
		at, signature, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("X-Waymark-Signature"), "t="), ",v1=")
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(at + "." + string(body)))
		if hex.EncodeToString(mac.Sum(nil)) != signature {
			t.Errorf("the signature does not hold")
		}
		if strings.Contains(string(body), "MARK") || !strings.Contains(string(body), "uuid:1") {
			t.Errorf("an answer, or no record: %s", body)
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer server.Close()
	hook, s, err := desk.AddHook(ctx, by, collect.Hook{Project: p.ID, URL: server.URL, Events: []string{"record.accepted"}})
	if err != nil {
		t.Fatal(err)
	}
	secret = s
	raw := `<data id="f" version="1"><name>MARK</name><meta><instanceID>uuid:1</instanceID></meta></data>`
	if _, err := desk.Accept(ctx, by, collect.Sent{Project: p.ID, Form: "f", Raw: []byte(raw)}); err != nil {
		t.Fatal(err)
	}
	deliver := func(want int) {
		t.Helper()
		n, err := Deliver(ctx, desk, NewClient(Private), slog.New(slog.DiscardHandler))
		if err != nil || n != want {
			t.Fatalf("%d sent, want %d: %v", n, want, err)
		}
	}
	deliver(1)
	deliver(0) // not before its time
	clock.Add(61)
	status.Store(http.StatusNoContent)
	deliver(1)
	clock.Add(3600)
	deliver(0)
	log, err := desk.Deliveries(ctx, by, p.ID, hook.ID)
	if err != nil || len(log) != 1 || !log[0].Done || log[0].Attempts != 2 || log[0].Status != http.StatusNoContent || told.Load() != 2 {
		t.Errorf("%+v, %v", log, err)
	}
}
