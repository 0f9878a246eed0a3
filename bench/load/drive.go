package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"waymark/serve/openrosa/collecttest"
)

// site is a server that has been set up: a project, its forms and a phone's access.
type site struct {
	Address string // "http://127.0.0.1:8080"
	Project int64
	Phone   string // what a QR code would give
	Bearer  string // a session that may read
	Filled  int    // records of the second measurement that are there
}

// posted is what a run of posts measured.
type posted struct {
	Connections   int
	Records       int
	PerSecond     float64
	P50, P95, Max time.Duration
	Failed        int
}

func (p posted) String() string {
	return fmt.Sprintf("%d records over %d connections: %.0f a second, median %.1f ms, 95 %% %.1f ms", p.Records, p.Connections, p.PerSecond, ms(p.P50), ms(p.P95))
}

// post sends records over some connections at once and waits for each answer, as phones do, for a time or until there
// are no more. With a rate, records a second, each has its moment, and how long it took is told from that moment on: what
// waits for a connection is not left out. Rate 0 sends as fast as answers come.
func post(ctx context.Context, s site, q questionnaire, connections, from, most int, long time.Duration, rate float64) (posted, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true}}
	defer client.CloseIdleConnections()
	phone := &collecttest.Client{Server: s.Phone, Device: "collect:bench", HTTP: client}
	ctx, stop := context.WithTimeout(ctx, long)
	defer stop()
	var next atomic.Int64
	var lock sync.Mutex
	var took []time.Duration
	var failed int
	var first error
	began := time.Now()
	var wait sync.WaitGroup
	for range connections {
		wait.Go(func() {
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= most {
					return
				}
				record := q.record(from + n)
				at := time.Now()
				if rate > 0 {
					at = began.Add(time.Duration(float64(n) / rate * float64(time.Second)))
					time.Sleep(time.Until(at))
				}
				_, err := phone.Post(context.WithoutCancel(ctx), record, false)
				spent := time.Since(at)
				lock.Lock()
				if err != nil {
					failed++
					first = cmp.Or(first, err)
				} else {
					took = append(took, spent)
				}
				lock.Unlock()
				if err != nil && failed > 20 {
					return
				}
			}
		})
	}
	wait.Wait()
	spent := time.Since(began)
	if len(took) == 0 {
		return posted{}, first
	}
	slices.Sort(took)
	at := func(share float64) time.Duration { return took[min(len(took)-1, int(share*float64(len(took))))] }
	out := posted{Connections: connections, Records: len(took), PerSecond: float64(len(took)) / spent.Seconds(), P50: at(0.5), P95: at(0.95), Max: took[len(took)-1], Failed: failed}
	if failed > 0 {
		return out, fmt.Errorf("%d of %d posts failed: %w", failed, failed+len(took), first)
	}
	return out, nil
}

// read times one request, the whole body.
func read(ctx context.Context, s site, path string) (spent time.Duration, size int64, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Address+path, nil)
	if err != nil {
		return 0, 0, err
	}
	r.Header.Set("Authorization", "Bearer "+s.Bearer)
	began := time.Now()
	res, err := (&http.Client{Transport: &http.Transport{DisableCompression: true}}).Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	size, err = io.Copy(io.Discard, res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", path, res.StatusCode)
	}
	return time.Since(began), size, err
}

// call asks the server for something in JSON, in the addresses of ODK Central.
func call(ctx context.Context, s site, method, path, kind string, body, into any) error {
	var b []byte
	switch v := body.(type) {
	case string:
		b = []byte(v)
	case nil:
	default:
		b, _ = json.Marshal(v) // maps of strings
	}
	r, err := http.NewRequestWithContext(ctx, method, s.Address+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", kind)
	if s.Bearer != "" {
		r.Header.Set("Authorization", "Bearer "+s.Bearer)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err = io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, b)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(b, into)
}

// setUp signs in and makes a project, its forms and a phone.
func setUp(ctx context.Context, address, email, password string, forms ...questionnaire) (site, error) {
	s := site{Address: address}
	var session struct{ Token string }
	if err := call(ctx, s, "POST", "/v1/sessions", "application/json", map[string]string{"email": email, "password": password}, &session); err != nil {
		return s, err
	}
	s.Bearer = session.Token
	var project struct{ ID int64 }
	if err := call(ctx, s, "POST", "/v1/projects", "application/json", map[string]string{"name": "Load"}, &project); err != nil {
		return s, err
	}
	s.Project = project.ID
	base := fmt.Sprintf("/v1/projects/%d", s.Project)
	for _, q := range forms {
		if err := call(ctx, s, "POST", base+"/forms?publish=true&ignoreWarnings=true", "application/xml", q.xml, nil); err != nil {
			return s, err
		}
	}
	var phone struct {
		ID    int64
		Token string
	}
	if err := call(ctx, s, "POST", base+"/app-users", "application/json", map[string]string{"displayName": "bench"}, &phone); err != nil {
		return s, err
	}
	for _, q := range forms { // Central asks for it; here a phone is given every form of its project
		_ = call(ctx, s, "POST", fmt.Sprintf("%s/forms/%s/assignments/2/%d", base, q.id, phone.ID), "application/json", nil, nil)
	}
	s.Phone = fmt.Sprintf("%s/v1/key/%s/projects/%d", address, phone.Token, s.Project)
	return s, nil
}
