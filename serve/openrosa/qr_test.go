package openrosa_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"strings"
	"testing"

	"waymark/serve/openrosa"
	"waymark/serve/openrosa/collecttest"
)

func TestQR(t *testing.T) {
	s := openrosa.Settings{URL: "https://laptop.local:8443/v1/key/" + strings.Repeat("a", 64) + "/projects/1", Project: "Équipe 1", Username: "tablette", Password: "secret"}
	svg, payload, err := openrosa.QR(s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := collecttest.FromQR(payload)
	if err != nil {
		t.Fatal(err)
	}
	if c.Server != s.URL || c.Username != s.Username || c.Password != s.Password {
		t.Errorf("a phone reads %q, %q, %q", c.Server, c.Username, c.Password)
	}
	for _, bad := range []string{"style", "<script"} {
		if bytes.Contains(svg, []byte(bad)) {
			t.Errorf("the picture has %s, which the policy refuses", bad)
		}
	}
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	picture, err := openrosa.PNG(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		t.Error(err)
	}
	if again := s.Payload(); again != payload {
		t.Error("the same settings give another code")
	}
}
