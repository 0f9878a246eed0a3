package seal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"
)

// Authority is a laptop's own certificate authority, for https on a network without names or internet. Phones
// are given its certificate once. It can vouch for addresses of private networks and for local names only
// (RFC 1918, RFC 4193, RFC 3927, RFC 6762, RFC 8375), so that whoever takes the laptop cannot pose as any other site.
type Authority struct {
	Certificate []byte // PEM; given to phones
	key         []byte // PEM
}

// String names no key.
func (a Authority) String() string { return "certificate authority (sealed)" }

// GoString is String.
func (a Authority) GoString() string { return a.String() }

// localNames are the domains that the authority may vouch for.
var localNames = []string{"localhost", "local", "lan", "internal", "home.arpa"}

// privateRanges are the addresses that it may vouch for.
var privateRanges = []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"}

// skew is how far back certificates begin, for phones whose clock is slow.
const skew = 48 * time.Hour

// NewAuthority makes an authority that holds for ten years.
func NewAuthority(name string, now time.Time) (Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Authority{}, fmt.Errorf("make the authority's key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-skew), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: localNames,
	}
	for _, r := range privateRanges {
		_, block, err := net.ParseCIDR(r)
		if err != nil {
			panic("seal: private range " + r) // a constant of ours
		}
		template.PermittedIPRanges = append(template.PermittedIPRanges, block)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return Authority{}, fmt.Errorf("make the authority's certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Authority{}, fmt.Errorf("write the authority's key: %w", err)
	}
	return Authority{Certificate: pemOf("CERTIFICATE", der), key: pemOf("PRIVATE KEY", secret)}, nil
}

// Bytes gives the authority with its key, to be sealed and kept.
func (a Authority) Bytes() []byte { return append(append([]byte(nil), a.Certificate...), a.key...) }

// ReadAuthority reads what Bytes gave.
func ReadAuthority(b []byte) (Authority, error) {
	certificate, rest := pem.Decode(b)
	if certificate == nil || certificate.Type != "CERTIFICATE" {
		return Authority{}, errors.New("no certificate of an authority")
	}
	key, _ := pem.Decode(rest)
	if key == nil || key.Type != "PRIVATE KEY" {
		return Authority{}, errors.New("no key of an authority")
	}
	return Authority{Certificate: pem.EncodeToMemory(certificate), key: pem.EncodeToMemory(key)}, nil
}

// Local says whether an authority may vouch for a name or an address.
func Local(host string) bool {
	ip := net.ParseIP(host)
	if ip == nil {
		return slices.ContainsFunc(localNames, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
	}
	return slices.ContainsFunc(privateRanges, func(r string) bool {
		_, block, err := net.ParseCIDR(r)
		return err == nil && block.Contains(ip)
	})
}

// Issue makes a certificate and key, both PEM, for a server known by these names and addresses, which must be
// Local ones: one that is not would make phones refuse it for all. It holds for 397 days, the longest that phones accept.
func (a Authority) Issue(hosts []string, now time.Time) (certificate, key []byte, err error) {
	own, secret, err := a.parse()
	if err != nil {
		return nil, nil, err
	}
	mine, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make the server's key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Waymark"},
		NotBefore: now.Add(-skew), NotAfter: now.AddDate(0, 0, 395),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, own, &mine.PublicKey, secret)
	if err != nil {
		return nil, nil, fmt.Errorf("make the server's certificate: %w", err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(mine)
	if err != nil {
		return nil, nil, fmt.Errorf("write the server's key: %w", err)
	}
	return append(pemOf("CERTIFICATE", der), a.Certificate...), pemOf("PRIVATE KEY", raw), nil
}

func (a Authority) parse() (*x509.Certificate, any, error) {
	block, _ := pem.Decode(a.Certificate)
	secret, _ := pem.Decode(a.key)
	if block == nil || secret == nil {
		return nil, nil, errors.New("the authority has no key")
	}
	own, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("read the authority's certificate: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(secret.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("read the authority's key: %w", err)
	}
	return own, key, nil
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// serial is a certificate's number: 127 random bits.
func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		panic("seal: no randomness: " + err.Error()) // crypto/rand never fails on a system that runs
	}
	return n
}
