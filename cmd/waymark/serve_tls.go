package main

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"waymark/fault"
	"waymark/trust/seal"
)

// secured is what https is served with, and the authority's certificate that phones are offered, if it is our own.
type secured struct {
	pair      tls.Certificate
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
		return &secured{pair: pair}, nil
	case f.tls != "off" && f.tls != "proxy":
		return nil, misused(codeTLSFlag, map[string]any{"have": f.tls})
	}
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() && f.tls != "proxy" {
		return nil, fault.Issue{Code: codePlainLAN, Args: map[string]any{"addr": at.String()}}
	}
	return nil, nil
}

// ownCertificate issues a certificate for every address this machine has now, by an authority that is made once and
// kept sealed with the records, so that phones trust it once and for all.
func (f *serveFlags) ownCertificate(ctx context.Context, o *opened) (*secured, error) {
	now := time.Now()
	kept, err := o.desk.Authority(ctx, func() ([]byte, error) {
		a, err := seal.NewAuthority("Waymark "+hostName(), now)
		return a.Bytes(), err
	})
	if err != nil {
		return nil, err
	}
	authority, err := seal.ReadAuthority(kept)
	if err != nil {
		return nil, err
	}
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if name := hostName(); name != "" {
		hosts = append(hosts, name+".local", name+".lan")
	}
	for _, ip := range ownAddresses() {
		hosts = append(hosts, ip.String())
	}
	hosts = slices.DeleteFunc(hosts, func(h string) bool { return !seal.Local(h) })
	slices.Sort(hosts)
	cert, key, err := authority.Issue(slices.Compact(hosts), now)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	return &secured{pair: pair, authority: authority.Certificate}, err
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
