package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"waymark/fault"
	"waymark/trust/seal"
)

// secured is what https is served with, and the authority's certificate that phones are offered, if it is our own.
type secured struct {
	get       func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	authority []byte // PEM; nil where the certificate is the operator's
}

// certificate makes or reads what https is served with, as --tls says: "off", "own", or CERTIFICATE,KEY. Plain http
// is refused on addresses beyond this machine unless it is asked for, since passwords would cross the network.
func (f *serveFlags) certificate(ctx context.Context, o *opened, at net.Addr) (*secured, error) {
	switch cert, key, both := strings.Cut(f.tls, ","); {
	case f.tls == "own":
		return f.ownCertificate(ctx, o)
	case both:
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, unreadable(cert, err)
		}
		return &secured{get: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &pair, nil }}, nil
	case f.tls != "off" && f.tls != "proxy":
		return nil, misused(codeTLSFlag, map[string]any{"have": f.tls})
	}
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() && f.tls != "proxy" {
		return nil, fault.Issue{Code: codePlainLAN, Args: map[string]any{"addr": at.String()}}
	}
	return nil, nil
}

// ownCertificate serves with certificates of the laptop's own authority, which is made once and kept sealed with the
// records, so that phones trust it once and for all.
func (f *serveFlags) ownCertificate(ctx context.Context, o *opened) (*secured, error) {
	kept, err := o.desk.Authority(ctx, func() ([]byte, error) {
		a, err := seal.NewAuthority("Waymark "+hostName(), time.Now())
		return a.Bytes(), err
	})
	if err != nil {
		return nil, err
	}
	authority, err := seal.ReadAuthority(kept)
	if err != nil {
		return nil, err
	}
	l := &laptop{authority: authority, named: hostOf(f.url), addresses: ownAddresses, now: time.Now}
	if _, err := l.certificate(nil); err != nil {
		return nil, err
	}
	return &secured{get: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) { return l.certificate(h.Conn.LocalAddr()) }, authority: authority.Certificate}, nil
}

// laptop issues certificates for the addresses that a machine has: it moves between networks while it serves, and a
// certificate of this morning's network is worth nothing on this afternoon's.
type laptop struct {
	authority seal.Authority
	named     string // host of --url; "" none
	addresses func() []net.IP
	now       func() time.Time

	mu      sync.Mutex
	hosts   []string
	pair    *tls.Certificate
	issued  time.Time
	checked time.Time
}

// How often the machine's addresses are looked at, and how old a certificate grows: phones take none past 397 days.
const (
	checkAddresses = 10 * time.Second
	renewAfter     = 300 * 24 * time.Hour
)

// certificate gives the certificate for who calls at an address of this machine; a new one where the addresses have
// changed or the old one has aged.
func (l *laptop) certificate(at net.Addr) (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	called := ""
	if tcp, ok := at.(*net.TCPAddr); ok {
		called = tcp.IP.String()
	}
	known := called == "" || slices.Contains(l.hosts, called) || !seal.Local(called)
	if l.pair != nil && known && now.Sub(l.checked) < checkAddresses && now.After(l.issued.Add(-checkAddresses)) {
		return l.pair, nil
	}
	l.checked = now
	hosts := l.names(called)
	if l.pair != nil && slices.Equal(hosts, l.hosts) && now.Sub(l.issued).Abs() < renewAfter {
		return l.pair, nil
	}
	cert, key, err := l.authority.Issue(hosts, now)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	l.hosts, l.pair, l.issued = hosts, &pair, now
	return l.pair, nil
}

// names are what the machine may be called by, as far as its authority may vouch for them.
func (l *laptop) names(called string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1", called, l.named}
	if name := hostName(); name != "" {
		hosts = append(hosts, name+".local", name+".lan")
	}
	for _, ip := range l.addresses() {
		hosts = append(hosts, ip.String())
	}
	hosts = slices.DeleteFunc(hosts, func(h string) bool { return !seal.Local(h) })
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// hostOf is the host of an address, "" where there is none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// hostName is the machine's own name without its domain.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	short, _, _ := strings.Cut(name, ".")
	return strings.ToLower(short)
}

// ownAddresses are the machine's addresses on its networks, without loopback and link-local ones.
func ownAddresses() []net.IP {
	var out []net.IP
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			out = append(out, n.IP)
		}
	}
	slices.SortStableFunc(out, func(a, b net.IP) int { return len(a.To4()) - len(b.To4()) })
	slices.Reverse(out) // four-byte addresses first: people type them
	return out
}
