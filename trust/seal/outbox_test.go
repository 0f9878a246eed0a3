package seal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/trust/seal"
)

func sealed(t testing.TB, o *seal.Outbox, form string, plain []byte) []byte {
	t.Helper()
	r, err := seal.SealOutbox(o.Public(), form, bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOutboxRoundTrip(t *testing.T) {
	o := seal.NewMaster().Keys().Outbox()
	for _, size := range []int{0, 1, 65535, 65536, 65537, 131072, 200_000} {
		plain := bytes.Repeat([]byte("canary!"), size/7+1)[:size]
		got, err := io.ReadAll(o.Open("arrivals", bytes.NewReader(sealed(t, o, "arrivals", plain))))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
		}
	}
	if a, b := sealed(t, o, "f", []byte("same")), sealed(t, o, "f", []byte("same")); bytes.Equal(a[12:], b[12:]) {
		t.Error("one text sealed twice gives the same bytes")
	}
}

// The key must be the same after every start: what waits in a browser has to open.
func TestOutboxKeyIsTheMasters(t *testing.T) {
	m, other := seal.NewMaster(), seal.NewMaster()
	if !bytes.Equal(m.Keys().Outbox().Public(), m.Keys().Outbox().Public()) {
		t.Error("one master gives two keys")
	}
	if bytes.Equal(m.Keys().Outbox().Public(), other.Keys().Outbox().Public()) {
		t.Error("two masters give one key")
	}
	if s := fmt.Sprintf("%v %+v %#v", m.Keys().Outbox(), m.Keys().Outbox(), m.Keys().Outbox()); s != "sealed sealed sealed" {
		t.Errorf("the key prints as %q", s)
	}
}

func TestOutboxFindsEveryChange(t *testing.T) {
	o := seal.NewMaster().Keys().Outbox()
	plain := bytes.Repeat([]byte("x"), 70_000)
	good := sealed(t, o, "arrivals", plain)
	changed := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	for _, c := range []struct {
		name string
		form string
		b    []byte
		code fault.Code
	}{
		{"another form", "departures", good, seal.CodeDamaged},
		{"another key", "arrivals", sealed(t, seal.NewMaster().Keys().Outbox(), "arrivals", plain), seal.CodeOtherKey},
		{"nothing", "arrivals", nil, seal.CodeDamaged},
		{"not sealed", "arrivals", []byte(strings.Repeat("<data/>", 30)), seal.CodeDamaged},
		{"a later version", "arrivals", append([]byte("WMO2"), good[4:]...), seal.CodeUnknown},
		{"a point that is on no curve", "arrivals", changed(20), seal.CodeDamaged},
		{"first chunk changed", "arrivals", changed(100), seal.CodeDamaged},
		{"last byte changed", "arrivals", changed(len(good) - 1), seal.CodeDamaged},
		{"cut within a chunk", "arrivals", good[:len(good)-10], seal.CodeDamaged},
		{"cut between chunks", "arrivals", good[:77+65536+16], seal.CodeDamaged},
		{"bytes after the end", "arrivals", append(bytes.Clone(good), 0), seal.CodeDamaged},
		{"chunks in another order", "arrivals", append(bytes.Clone(good[:77]), append(bytes.Clone(good[77+65536+16:]), good[77:77+65536+16]...)...), seal.CodeDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := io.ReadAll(o.Open(c.form, bytes.NewReader(c.b)))
			issues := fault.Of(err)
			if len(issues) != 1 || issues[0].Code != c.code {
				t.Errorf("%v, want %s", err, c.code)
			}
			if !bytes.HasPrefix(plain, got) {
				t.Error("bytes that were not sealed came out")
			}
		})
	}
}

// Nothing of the text stands in what is kept.
func TestOutboxHidesItsText(t *testing.T) {
	o := seal.NewMaster().Keys().Outbox()
	if bytes.Contains(sealed(t, o, "f", bytes.Repeat([]byte("canary-4711"), 100)), []byte("canary-4711")) {
		t.Error("the text stands in the sealed bytes")
	}
	if id := sha256.Sum256(o.Public()); !bytes.HasPrefix(sealed(t, o, "f", nil), append([]byte("WMO1"), id[:8]...)) {
		t.Errorf("the head does not name the key %s", hex.EncodeToString(id[:8]))
	}
}

func FuzzOutbox(f *testing.F) {
	o := seal.NewMaster().Keys().Outbox()
	f.Add(sealed(f, o, "f", []byte("text")))
	f.Add([]byte("WMO1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := io.ReadAll(o.Open("f", bytes.NewReader(b))); err != nil && len(fault.Of(err)) == 0 {
			t.Errorf("an error without a code: %v", err)
		}
	})
}
