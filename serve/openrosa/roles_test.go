package openrosa_test

import (
	"bytes"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/serve/openrosa"
	"waymark/serve/route"
	"waymark/serve/route/routetest"
	"waymark/trust/access"
)

// mayAsk says who may ask each address. The columns: nobody, a phone, a phone for testing, a phone whose access was
// ended, then people by role: administrator, manager, reviewer, viewer, collector, officer. A person has no token
// to put into a path.
var mayAsk = map[string]string{
	//                                                                             no ph te en  ad ma re vi co of
	"GET /v1/key/{token}/projects/{project}/formList":                                      "-  +  +  -   -  -  -  -  -  -",
	"GET /v1/key/{token}/projects/{project}/forms/{form}/manifest":                         "-  +  +  -   -  -  -  -  -  -",
	"GET /v1/key/{token}/projects/{project}/forms/{form}.xml":                              "-  +  +  -   -  -  -  -  -  -",
	"GET /v1/key/{token}/projects/{project}/forms/{form}/attachments/{name}":               "-  +  +  -   -  -  -  -  -  -",
	"GET /v1/key/{token}/projects/{project}/datasets/{list}/integrity":                     "-  +  +  -   -  -  -  -  -  -",
	"HEAD /v1/key/{token}/projects/{project}/submission":                                   "-  +  +  -   -  -  -  -  -  -",
	"POST /v1/key/{token}/projects/{project}/submission":                                   "-  +  +  -   -  -  -  -  -  -",
	"GET /v1/test/{token}/projects/{project}/forms/{form}/draft/formList":                  "-  0  +  -   -  -  -  -  -  -",
	"GET /v1/test/{token}/projects/{project}/forms/{form}/draft/manifest":                  "-  0  +  -   -  -  -  -  -  -",
	"GET /v1/test/{token}/projects/{project}/forms/{form}/draft.xml":                       "-  0  +  -   -  -  -  -  -  -",
	"GET /v1/test/{token}/projects/{project}/forms/{form}/draft/attachments/{name}":        "-  0  +  -   -  -  -  -  -  -",
	"GET /v1/test/{token}/projects/{project}/forms/{form}/draft/datasets/{list}/integrity": "-  0  +  -   -  -  -  -  -  -",
	"HEAD /v1/test/{token}/projects/{project}/forms/{form}/draft/submission":               "-  0  +  -   -  -  -  -  -  -",
	"POST /v1/test/{token}/projects/{project}/forms/{form}/draft/submission":               "-  0  +  -   -  -  -  -  -  -",
	"GET /v1/projects/{project}/formList":                                                  "?  ?  ?  ?   +  +  +  +  +  +",
	"GET /v1/projects/{project}/openrosa/{form}/manifest":                                  "?  ?  ?  ?   +  +  +  +  +  +",
	"GET /v1/projects/{project}/openrosa/{form}.xml":                                       "?  ?  ?  ?   +  +  +  +  +  +",
	"GET /v1/projects/{project}/openrosa/{form}/attachments/{name}":                        "?  ?  ?  ?   +  +  +  +  +  +",
	"GET /v1/projects/{project}/datasets/{list}/integrity":                                 "?  ?  ?  ?   +  +  +  +  +  +",
	"HEAD /v1/projects/{project}/submission":                                               "?  ?  ?  ?   -  +  -  -  +  -",
	"POST /v1/projects/{project}/submission":                                               "?  ?  ?  ?   -  +  -  -  +  -",
}

func TestWhoMayAsk(t *testing.T) {
	f := begin(t)
	ctx := t.Context()
	if _, err := f.desk.UploadForm(ctx, office, f.project.ID, "form.xml", []byte(arrivals("2", "Essai"))); err != nil {
		t.Fatal(err)
	}
	token := func(d collect.Device) string {
		c, made := f.add(t, d)
		if d.Revoked {
			if err := f.desk.RevokeDevice(ctx, office, f.project.ID, made.ID); err != nil {
				t.Fatal(err)
			}
		}
		own, _, _ := strings.Cut(strings.TrimPrefix(c.Server, f.URL+"/v1/key/"), "/")
		return own
	}
	askers := []routetest.Asker{
		{Name: "nobody"},
		{Name: "a phone", Token: token(collect.Device{Name: "phone"})},
		{Name: "a phone for testing", Token: token(collect.Device{Name: "test", Draft: true})},
		{Name: "a phone whose access was ended", Token: token(collect.Device{Name: "ended", Revoked: true})},
	}
	for _, role := range []string{access.Administrator, access.Manager, access.Reviewer, access.Viewer, access.Collector, access.Officer} {
		email := role + "@example.org"
		grant := access.Grant{Role: role, Scope: access.Scope{Project: f.project.ID}}
		if role == access.Administrator {
			grant.Scope.Project = 0
		}
		if _, err := f.desk.AddUser(ctx, office, collect.User{Email: email, Name: role, Grants: []access.Grant{grant}}, ""); err != nil {
			t.Fatal(err)
		}
		session, _, _, err := f.desk.SignInAs(ctx, email, "test")
		if err != nil {
			t.Fatal(err)
		}
		askers = append(askers, routetest.Asker{Name: role, Session: session})
	}
	routes := openrosa.Routes(f.desk)
	h := route.Mux(routes, route.Options{Desk: f.desk, Secret: bytes.Repeat([]byte("s"), 32), Wrong: route.Rate{PerSecond: 1000, Burst: 1000}})
	routetest.Walk(t, h, routes, askers, mayAsk, map[string]string{"project": "1", "form": "arrivals", "name": "sites.csv", "list": "sites"})
}
