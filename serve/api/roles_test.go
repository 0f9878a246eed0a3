package api_test

import (
	"bytes"
	"testing"

	"waymark/collect"
	"waymark/serve/api"
	"waymark/serve/odata"
	"waymark/serve/route"
	"waymark/serve/route/routetest"
	"waymark/trust/access"
)

// mayAsk says who may ask each address. The columns: nobody, then people by role: administrator, manager, reviewer,
// viewer, collector, officer.
var mayAsk = map[string]string{
	//                                                                                             no ad ma re vi co of
	"POST /v1/sessions":                                                                             "+  +  +  +  +  +  +",
	"GET /v1/sessions/restore":                                                                      "?  +  +  +  +  +  +",
	"DELETE /v1/sessions/{session}":                                                                 "?  -  -  -  -  -  -",
	"GET /v1/users/current":                                                                         "?  +  +  +  +  +  +",
	"GET /v1/users":                                                                                 "?  +  -  -  -  -  -",
	"GET /v1/users/{user}":                                                                          "?  +  -  -  -  -  -",
	"GET /v1/projects":                                                                              "?  +  +  +  +  +  +",
	"POST /v1/projects":                                                                             "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}":                                                                    "?  +  +  +  +  +  +",
	"PATCH /v1/projects/{project}":                                                                  "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/app-users":                                                          "?  +  +  -  -  -  -",
	"POST /v1/projects/{project}/app-users":                                                         "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/app-users/{id}":                                                     "?  +  +  -  -  -  -",
	"DELETE /v1/projects/{project}/app-users/{id}":                                                  "?  +  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/assignments/{role}/{id}":                              "?  +  +  -  -  -  -",
	"DELETE /v1/projects/{project}/forms/{form}/assignments/{role}/{id}":                            "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/public-links":                                          "?  +  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/public-links":                                         "?  +  +  -  -  -  -",
	"DELETE /v1/projects/{project}/forms/{form}/public-links/{id}":                                  "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms":                                                              "?  +  +  +  +  +  +",
	"POST /v1/projects/{project}/forms":                                                             "?  +  +  -  -  -  -",
	"PATCH /v1/projects/{project}/forms/{form}":                                                     "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/versions":                                              "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}":                                                       "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}.xml":                                                   "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}.xlsx":                                                  "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}.xls":                                                   "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/fields":                                                "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/attachments":                                           "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/attachments/{name}":                                    "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/draft":                                                 "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft.xml":                                             "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft.xlsx":                                            "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft.xls":                                             "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/fields":                                          "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/attachments":                                     "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/attachments/{name}":                              "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/versions/{version}":                                    "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/versions/{version}.xml":                                "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/versions/{version}.xlsx":                               "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/versions/{version}.xls":                                "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/versions/{version}/fields":                             "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/versions/{version}/attachments":                        "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/forms/{form}/versions/{version}/attachments/{name}":                 "?  +  +  +  +  +  +",
	"POST /v1/projects/{project}/forms/{form}/draft":                                                "?  +  +  -  -  -  -",
	"DELETE /v1/projects/{project}/forms/{form}/draft":                                              "?  +  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/draft/publish":                                        "?  +  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/draft/attachments/{name}":                             "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/submissions":                                           "?  +  +  +  +  -  +",
	"POST /v1/projects/{project}/forms/{form}/submissions":                                          "?  -  +  -  -  +  -",
	"GET /v1/projects/{project}/forms/{form}/submissions/keys":                                      "?  +  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions/submitters":                                "?  +  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}":                                "?  +  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}.xml":                            "?  -  -  -  -  -  -",
	"PUT /v1/projects/{project}/forms/{form}/submissions/{instance}":                                "?  -  +  +  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/versions":                       "?  +  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/versions/{version}":             "?  +  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/versions/{version}.xml":         "?  -  -  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/diffs":                          "?  -  -  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions":                                     "?  +  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/draft/submissions":                                    "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions/keys":                                "?  +  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions/submitters":                          "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions/{instance}":                          "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions/{instance}.xml":                      "?  -  +  -  -  -  -",
	"PUT /v1/projects/{project}/forms/{form}/draft/submissions/{instance}":                          "?  -  +  +  -  -  -",
	"PATCH /v1/projects/{project}/forms/{form}/submissions/{instance}":                              "?  -  +  +  -  -  -",
	"DELETE /v1/projects/{project}/forms/{form}/submissions/{instance}":                             "?  -  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/submissions/{instance}/restore":                       "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/comments":                       "?  -  +  +  -  -  +",
	"POST /v1/projects/{project}/forms/{form}/submissions/{instance}/comments":                      "?  -  +  +  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/audits":                         "?  +  -  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/attachments":                    "?  +  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/versions/{version}/attachments": "?  +  +  +  +  -  +",
	"POST /v1/projects/{project}/forms/{form}/submissions/{instance}/attachments/{name}":            "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions/{instance}/attachments":              "?  +  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/draft/submissions/{instance}/attachments/{name}":      "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/submissions/{instance}/attachments/{name}":             "?  -  +  +  -  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions.csv":                                       "?  -  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions.csv.zip":                                   "?  -  +  +  +  -  +",
	"POST /v1/projects/{project}/forms/{form}/submissions.csv":                                      "?  -  +  +  +  -  +",
	"POST /v1/projects/{project}/forms/{form}/submissions.csv.zip":                                  "?  -  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions.xlsx":                                      "?  -  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions.parquet":                                   "?  -  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/submissions.geojson":                                   "?  -  -  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions.csv":                                 "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions.csv.zip":                             "?  -  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/draft/submissions.csv":                                "?  -  +  -  -  -  -",
	"POST /v1/projects/{project}/forms/{form}/draft/submissions.csv.zip":                            "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions.xlsx":                                "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions.parquet":                             "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft/submissions.geojson":                             "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/datasets":                                                           "?  +  +  +  +  +  +",
	"POST /v1/projects/{project}/datasets":                                                          "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/datasets/{list}":                                                    "?  +  +  +  +  +  +",
	"PATCH /v1/projects/{project}/datasets/{list}":                                                  "?  +  +  -  -  -  -",
	"POST /v1/projects/{project}/datasets/{list}/properties":                                        "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/datasets/{list}/entities.csv":                                       "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/datasets/{list}/entities":                                           "?  +  +  +  +  +  +",
	"POST /v1/projects/{project}/datasets/{list}/entities":                                          "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/datasets/{list}/entities/{entity}":                                  "?  +  +  +  +  +  +",
	"PATCH /v1/projects/{project}/datasets/{list}/entities/{entity}":                                "?  +  +  -  -  -  -",
	"DELETE /v1/projects/{project}/datasets/{list}/entities/{entity}":                               "?  +  +  -  -  -  -",
	"GET /v1/projects/{project}/datasets/{list}/entities/{entity}/versions":                         "?  +  +  +  +  +  +",
	"GET /v1/audits": "?  +  -  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}.svc":                 "?  -  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}.svc/{rest...}":       "?  -  +  +  +  -  +",
	"GET /v1/projects/{project}/forms/{form}/draft.svc":           "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/forms/{form}/draft.svc/{rest...}": "?  -  +  -  -  -  -",
	"GET /v1/projects/{project}/datasets/{list}.svc":              "?  +  +  +  +  +  +",
	"GET /v1/projects/{project}/datasets/{list}.svc/{rest...}":    "?  +  +  +  +  +  +",
}

func TestWhoMayAsk(t *testing.T) {
	o := filled(t)
	ctx := t.Context()
	askers := []routetest.Asker{{Name: "nobody"}}
	for _, role := range []string{access.Administrator, access.Manager, access.Reviewer, access.Viewer, access.Collector, access.Officer} {
		email := "walker-" + role + "@example.org"
		grant := access.Grant{Role: role, Scope: access.Scope{Project: o.project}}
		if role == access.Administrator {
			grant.Scope.Project = 0
		}
		if _, err := o.desk.AddUser(ctx, system, collect.User{Email: email, Name: role, Grants: []access.Grant{grant}}, ""); err != nil {
			t.Fatal(err)
		}
		session, _, _, err := o.desk.SignInAs(ctx, email, "test")
		if err != nil {
			t.Fatal(err)
		}
		askers = append(askers, routetest.Asker{Name: role, Session: session})
	}
	if err := o.desk.SetEntityList(ctx, system, o.project, collect.EntityList{Project: o.project, Name: "sites"}); err != nil {
		t.Fatal(err)
	}
	routes := append(api.Routes(api.Options{Desk: o.desk}), odata.Routes(o.desk)...)
	mux := route.Mux(routes, route.Options{Desk: o.desk, Secret: bytes.Repeat([]byte("s"), 32)})
	fill := map[string]string{"form": "arrivals", "instance": "uuid:a", "version": "1", "rest": "Submissions", "role": "2", "list": "sites", "session": "another"}
	routetest.Walk(t, mux, routes, askers, mayAsk, fill)
}
