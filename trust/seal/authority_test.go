package seal_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"waymark/trust/seal"
)

var issued = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func roots(t *testing.T, a seal.Authority) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(a.Certificate) {
		t.Fatal("the authority's certificate cannot be read")
	}
	return pool
}

func leaf(t *testing.T, a seal.Authority, hosts ...string) *x509.Certificate {
	t.Helper()
	certificate, key, err := a.Issue(hosts, issued)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tls.X509KeyPair(certificate, key); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(certificate)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAuthorityVouchesForPrivateNetworks(t *testing.T) {
	a, err := seal.NewAuthority("Field office", issued)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"192.168.43.1", "10.1.2.3", "fd00::5", "laptop.local", "localhost"} {
		if !seal.Local(host) {
			t.Errorf("%s is not local", host)
		}
		c := leaf(t, a, host)
		if _, err := c.Verify(x509.VerifyOptions{Roots: roots(t, a), DNSName: host, CurrentTime: issued.Add(-24 * time.Hour)}); err != nil {
			t.Errorf("%s, a phone whose clock is a day slow: %v", host, err)
		}
	}
}

func TestAuthorityCannotVouchForTheRest(t *testing.T) {
	a, err := seal.NewAuthority("Field office", issued)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"bank.example", "198.51.100.7", "2001:db8::1"} {
		if seal.Local(host) {
			t.Errorf("%s is taken for a local address", host)
		}
		c := leaf(t, a, host)
		if _, err := c.Verify(x509.VerifyOptions{Roots: roots(t, a), DNSName: host, CurrentTime: issued}); err == nil {
			t.Errorf("a certificate for %s is taken", host)
		}
	}
}

func TestAuthorityIsKept(t *testing.T) {
	a, err := seal.NewAuthority("Field office", issued)
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.ReadAuthority(a.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	c := leaf(t, again, "10.0.0.1")
	if _, err := c.Verify(x509.VerifyOptions{Roots: roots(t, a), DNSName: "10.0.0.1", CurrentTime: issued}); err != nil {
		t.Error(err)
	}
	if s := fmt.Sprintf("%v %+v %#v", again, again, again); strings.Contains(s, "PRIVATE") {
		t.Error("an authority prints its key")
	}
	for _, bad := range []string{"", "x", string(a.Certificate)} {
		if _, err := seal.ReadAuthority([]byte(bad)); err == nil {
			t.Errorf("%d bytes are read as an authority", len(bad))
		}
	}
}
