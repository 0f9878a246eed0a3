// Package webhook knows how other programs are told of what happens: a signed request without answers, sent once and
// again until it is taken. It must not know what is told, nor when it is due: the Desk says both.
//
// A request is a POST of JSON with these headers; docs/formats/webhooks.md shows how it is checked.
//
//	X-Waymark-Event: record.accepted
//	X-Waymark-Delivery: 17
//	X-Waymark-Signature: t=1717149600,v1=5257a869e7...   hex HMAC-SHA-256 of "1717149600." and the body
//
// Whoever may set a hook may not reach with it what only the server can reach: addresses of private networks and of
// the machine itself are refused at the moment of connecting, and redirects are not followed.
package webhook

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
	"time"

	"waymark/collect"
	"waymark/fault"
)

// CodePrivate says that a hook's address lies in a private network.
const CodePrivate fault.Code = "webhook.private"

// Desk says what is due and is told how it went. *collect.Desk is one.
type Desk interface {
	Due(ctx context.Context, limit int) ([]collect.Outgoing, error)
	Delivered(ctx context.Context, delivery int64, status int) error
}

var _ Desk = (*collect.Desk)(nil)

// Reach says which addresses may be connected to.
type Reach bool

// The reaches.
const (
	Public  Reach = false // addresses of the internet only
	Private Reach = true  // those of the mission's own network and of this machine too
)

const (
	connectWait = 10 * time.Second
	answerWait  = 30 * time.Second
	atOnce      = 4
	perRound    = 50
)

// NewClient makes a client that keeps to a reach, follows no redirect and takes no longer than 30 seconds.
func NewClient(reach Reach) *http.Client {
	dialer := &net.Dialer{Timeout: connectWait, Control: func(_, address string, _ syscall.RawConn) error {
		if reach == Private || isPublic(address) {
			return nil
		}
		return fault.Issue{Code: CodePrivate, Kind: fault.Forbidden}
	}}
	return &http.Client{
		Timeout:       answerWait,
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: connectWait, ResponseHeaderTimeout: answerWait, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Networks that are not of the internet though netip does not say so: carriers' own (RFC 6598), this network, tests
// and documentation (RFC 5737, 2544), and IPv4 within IPv6 (RFC 6052), behind which a private address could stand.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

// isPublic says whether an address, as it was resolved, is one of the internet.
func isPublic(address string) bool {
	p, err := netip.ParseAddrPort(address)
	if err != nil {
		return false
	}
	a := p.Addr().Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, n := range reserved {
		if n.Contains(a) {
			return false
		}
	}
	return true
}

// Run delivers what is due, looking every few seconds, until the context ends.
func Run(ctx context.Context, desk Desk, client *http.Client, log *slog.Logger) {
	const every = 5 * time.Second
	for {
		sent, err := Deliver(ctx, desk, client, log)
		if err != nil && ctx.Err() == nil {
			log.Error("webhooks", "issues", codes(err))
		}
		wait := every
		if sent == perRound {
			wait = 0
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Deliver sends what is due now, once, and says how many that were.
func Deliver(ctx context.Context, desk Desk, client *http.Client, log *slog.Logger) (sent int, err error) {
	due, err := desk.Due(ctx, perRound)
	if err != nil {
		return 0, fmt.Errorf("ask for webhooks that are due: %w", err)
	}
	var group sync.WaitGroup
	var lock sync.Mutex
	slots := make(chan struct{}, atOnce)
	for _, o := range due {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			status := send(ctx, client, o)
			log.Info("webhook", "hook", o.Hook, "delivery", o.Delivery.ID, "event", o.Event, "status", status, "attempt", o.Attempts+1)
			// what was sent is noted even where the program is being stopped: else it would be sent again
			if e := desk.Delivered(context.WithoutCancel(ctx), o.Delivery.ID, status); e != nil {
				lock.Lock()
				err = e
				lock.Unlock()
			}
		})
	}
	group.Wait()
	return len(due), err
}

// send posts one delivery and gives the status of the answer, 0 where none came. What the other side says is not
// read: it is nobody's to keep.
func send(ctx context.Context, client *http.Client, o collect.Outgoing) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.URL, bytes.NewReader(o.Body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Waymark")
	r.Header.Set("X-Waymark-Event", o.Event)
	r.Header.Set("X-Waymark-Delivery", strconv.FormatInt(o.Delivery.ID, 10))
	r.Header.Set("X-Waymark-Signature", "t="+strconv.FormatInt(o.At.Unix(), 10)+",v1="+o.Signature)
	resp, err := client.Do(r)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // lets the connection be used again
	return resp.StatusCode
}

// codes gives the codes of an error: its words may hold an address.
func codes(err error) []string {
	out := []string{}
	for _, i := range fault.Of(err) {
		out = append(out, string(i.Code))
	}
	return out
}
