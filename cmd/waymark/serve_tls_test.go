package main

import (
	"crypto/x509"
	"net"
	"testing"
	"time"

	"waymark/trust/seal"
)

// TestLaptopMoves changes the network under a server: its certificate follows at the next call, and is renewed before
// phones find it too old.
func TestLaptopMoves(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	authority, err := seal.NewAuthority("Field office", now)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.Certificate)
	here := []net.IP{net.ParseIP("192.168.1.5")}
	l := &laptop{authority: authority, named: "camp.lan", addresses: func() []net.IP { return here }, now: func() time.Time { return now }}
	issued := map[string]bool{}
	call := func(at string, hosts ...string) {
		t.Helper()
		pair, err := l.certificate(&net.TCPAddr{IP: net.ParseIP(at), Port: 8443})
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		issued[leaf.SerialNumber.String()] = true
		for _, h := range hosts {
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: h, CurrentTime: now}); err != nil {
				t.Errorf("called at %s by the name %s: %v", at, h, err)
			}
		}
	}
	call("192.168.1.5", "192.168.1.5", "localhost", "camp.lan")
	call("192.168.1.5", "192.168.1.5")
	if len(issued) != 1 {
		t.Errorf("%d certificates for one network", len(issued))
	}
	here = []net.IP{net.ParseIP("10.42.0.1"), net.ParseIP("198.51.100.7")} // a hotspot, and an address beyond private networks
	call("10.42.0.1", "10.42.0.1")
	call("198.51.100.7", "camp.lan") // refused by its authority, and yet no harm to the others
	now = now.Add(time.Minute)
	here = []net.IP{net.ParseIP("172.16.4.4")}
	call("127.0.0.1", "172.16.4.4")
	if len(issued) != 3 {
		t.Errorf("%d certificates for three networks", len(issued))
	}
	now = now.AddDate(1, 0, 0)
	call("172.16.4.4", "172.16.4.4")
	now = now.AddDate(-1, 0, 0) // a clock set back: still a certificate that holds
	call("172.16.4.4", "172.16.4.4")
}
