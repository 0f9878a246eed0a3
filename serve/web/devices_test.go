package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"waymark/collect"
)

// A phone that signs in by Digest is sent to the plain address, by hand and by its code; one with a token to https.
func TestPhonesAreSentWhereTheyCanSignIn(t *testing.T) {
	var at PhoneAt
	s := newSite(nil, Options{Address: "https://10.0.0.5:8443", Plain: "http://10.0.0.5:8080", Phone: func(to PhoneAt, _ collect.Project) []byte { at = to; return nil }})
	a := &ask{r: httptest.NewRequest(http.MethodPost, "/projects/7/devices", nil), project: collect.Project{ID: 7}}
	const token = "https://10.0.0.5:8443/v1/key/T/projects/7"
	if v := s.tokenView(a, collect.Device{Name: "team-1"}, "T", "", token); v.Address != token || at != (PhoneAt{Address: token}) {
		t.Errorf("with a token: %s, code %+v", v.Address, at)
	}
	want := PhoneAt{Address: "http://10.0.0.5:8080/v1/projects/7", Name: "team-1", Password: "p"}
	if v := s.tokenView(a, collect.Device{Name: "team-1"}, "T", "p", token); v.Address != want.Address || v.Login != "team-1" || at != want {
		t.Errorf("by Digest: %s, code %+v", v.Address, at)
	}
}
