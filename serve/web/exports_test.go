package web_test

import (
	"net/url"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/trust/access"
)

// TestPlacesOnTheExportsPage offers GeoJSON of strict places only to who holds an opening of the form.
func TestPlacesOnTheExportsPage(t *testing.T) {
	d := newDemo(t)
	v := visit(t, d.url)
	v.expect("POST", "/sign-in", url.Values{"email": {"manager@example.org"}, "password": {demoPassword}}, 303, "/projects")
	at := "/projects/1/exports"
	page := v.expect("GET", at, nil, 200, "")
	if strings.Contains(page, "forms/fms/submissions.geojson") || strings.Contains(page, "opening=") {
		t.Error("places are offered without an opening of the form") // the one that the demo has is of one record
	}
	if !strings.Contains(page, "strictly protected") || !strings.Contains(page, `href="/projects/1/openings?form=fms#ask"`) {
		t.Error("the page does not say where to ask for places")
	}
	o, err := d.AskOpening(background, d.people["manager"], d.project, "fms", "", access.Purpose{Code: "data-quality"})
	d.must(err)
	link := "submissions.geojson?opening=" + o.ID + `"`
	if page := v.expect("GET", at, nil, 200, ""); strings.Contains(page, link) {
		t.Error("an opening counts before it is granted")
	}
	d.must(d.GrantOpening(background, d.people["officer"], d.project, o.ID, collect.Allow))
	if page := v.expect("GET", at, nil, 200, ""); !strings.Contains(page, link) || !strings.Contains(page, "submissions.csv?opening="+o.ID) {
		t.Error("an opening is not offered")
	}
	other := visit(t, d.url)
	other.expect("POST", "/sign-in", url.Values{"email": {"officer@example.org"}, "password": {demoPassword}}, 303, "/projects")
	if _, page := other.ask("GET", at, nil); strings.Contains(page, "opening="+o.ID) {
		t.Error("an opening is offered to another than who asked")
	}
	d.at(demoNow.AddDate(0, 0, 30))
	again := visit(t, d.url)
	again.expect("POST", "/sign-in", url.Values{"email": {"manager@example.org"}, "password": {demoPassword}}, 303, "/projects")
	if page := again.expect("GET", at, nil, 200, ""); strings.Contains(page, "opening=") {
		t.Error("an opening counts after its end")
	}
}
