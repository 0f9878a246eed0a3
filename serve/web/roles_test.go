package web_test

import (
	"bytes"
	"slices"
	"testing"

	"waymark/serve/route"
	"waymark/serve/route/routetest"
)

// mayAsk says who may ask each address. The columns: nobody, then people by role: administrator, manager, reviewer, viewer,
// officer, and a manager of another project. The file that is asked for is a picture, which
// needs an opening. ? is the way to the door, which a server with users shows to who would set it up and to who signed out.
// Passkeys are refused to everybody here: the test asks without https.
var mayAsk = map[string]string{
	//                                                                      no ad ma re vi of el
	"GET /assets/{file}":                   "+  +  +  +  +  +  +",
	"GET /set-up":                          "?  ?  ?  ?  ?  ?  ?",
	"GET /sign-in":                         "+  +  +  +  +  +  +",
	"GET /{$}":                             "?  +  +  +  +  +  +",
	"GET /account":                         "?  +  +  +  +  +  +",
	"GET /projects":                        "?  +  +  +  +  +  +",
	"GET /projects/new":                    "?  +  +  -  -  -  -",
	"GET /projects/{project}":              "?  +  +  +  +  +  -",
	"GET /projects/{project}/settings":     "?  +  +  -  -  -  -",
	"GET /projects/{project}/forms":        "?  +  +  +  +  +  -",
	"GET /projects/{project}/upload":       "?  +  +  -  -  -  -",
	"GET /projects/{project}/forms/{form}": "?  +  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/media/{name}":                    "?  +  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/changes":                         "?  +  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/source":                          "?  +  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/test":                            "?  +  +  -  -  -  -",
	"GET /projects/{project}/records":                                      "?  +  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/records":                         "?  +  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/enumerators":                     "?  -  +  +  -  -  -",
	"GET /projects/{project}/forms/{form}/records/{instance}":              "?  +  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/records/{instance}/history":      "?  +  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/records/{instance}/files/{name}": "?  -  -  -  -  -  -",
	"GET /projects/{project}/forms/{form}/records/{instance}/edit":         "?  -  +  +  -  -  -",
	"GET /projects/{project}/flags":                                        "?  +  +  +  +  +  -",
	"GET /projects/{project}/quarantine":                                   "?  -  +  +  -  -  -",
	"GET /projects/{project}/quarantine/{held}":                            "?  -  +  +  -  -  -",
	"GET /projects/{project}/devices":                                      "?  +  +  -  -  -  -",
	"GET /projects/{project}/openings":                                     "?  -  +  +  -  +  -",
	"GET /projects/{project}/entities":                                     "?  +  +  +  +  +  -",
	"GET /projects/{project}/entities/{list}":                              "?  +  +  +  +  +  -",
	"GET /projects/{project}/entities/{list}/{entity}":                     "?  +  +  +  +  +  -",
	"GET /projects/{project}/hooks":                                        "?  +  +  -  -  -  -",
	"GET /projects/{project}/hooks/{hook}":                                 "?  +  +  -  -  -  -",
	"GET /projects/{project}/exports":                                      "?  -  +  +  +  +  -",
	"GET /projects/{project}/reports":                                      "?  -  +  +  +  +  -",
	"GET /projects/{project}/reports/{report}":                             "?  -  +  +  +  +  -",
	"GET /projects/{project}/forms/{form}/paper":                           "?  +  +  +  +  +  -",
	"GET /users":                                    "?  +  -  -  -  -  -",
	"GET /users/{user}":                             "?  +  -  -  -  -  -",
	"GET /roles":                                    "?  +  -  -  -  -  -",
	"GET /audit":                                    "?  +  -  -  -  -  -",
	"POST /set-up":                                  "+  +  +  +  +  +  +",
	"POST /sign-in":                                 "+  +  +  +  +  +  +",
	"POST /language":                                "+  +  +  +  +  +  +",
	"POST /account/language":                        "?  +  +  +  +  +  +",
	"POST /account":                                 "?  +  +  +  +  +  +",
	"POST /account/password":                        "?  +  +  +  +  +  +",
	"POST /projects/new":                            "?  +  +  -  -  -  -",
	"POST /projects/{project}/settings":             "?  +  +  -  -  -  -",
	"POST /projects/{project}/upload":               "?  +  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/draft":   "?  +  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/media":   "?  +  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/state":   "?  +  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/publish": "?  +  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/key":     "?  +  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/decrypt": "?  -  -  -  -  +  -",
	"POST /projects/{project}/forms/{form}/drop":    "?  +  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/test":    "?  +  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/records/{instance}/review":  "?  -  +  +  -  -  -",
	"POST /projects/{project}/forms/{form}/records/{instance}/comment": "?  -  +  +  -  -  -",
	"POST /projects/{project}/forms/{form}/records/{instance}/flag":    "?  -  +  +  -  -  -",
	"POST /projects/{project}/forms/{form}/records/{instance}/delete":  "?  -  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/records/{instance}/restore": "?  -  +  -  -  -  -",
	"POST /projects/{project}/forms/{form}/records/{instance}/edit":    "?  -  +  +  -  -  -",
	"POST /projects/{project}/flags/{flag}":                            "?  -  +  +  -  -  -",
	"POST /projects/{project}/quarantine/{held}":                       "?  -  +  +  -  -  -",
	"POST /projects/{project}/devices":                                 "?  +  +  -  -  -  -",
	"POST /projects/{project}/devices/{device}/edits":                  "?  +  +  -  -  -  -",
	"POST /projects/{project}/devices/{device}/revoke":                 "?  +  +  -  -  -  -",
	"POST /projects/{project}/openings":                                "?  -  +  +  -  +  -",
	"POST /projects/{project}/openings/{opening}":                      "?  -  -  -  -  +  -",
	"POST /projects/{project}/entities":                                "?  +  +  -  -  -  -",
	"POST /projects/{project}/entities/{list}":                         "?  +  +  -  -  -  -",
	"POST /projects/{project}/entities/{list}/{entity}":                "?  +  +  -  -  -  -",
	"POST /projects/{project}/entities/{list}/{entity}/delete":         "?  +  +  -  -  -  -",
	"POST /projects/{project}/entities/{list}/{entity}/resolve":        "?  +  +  -  -  -  -",
	"POST /projects/{project}/hooks":                                   "?  +  +  -  -  -  -",
	"POST /projects/{project}/hooks/{hook}/drop":                       "?  +  +  -  -  -  -",
	"POST /projects/{project}/reports":                                 "?  -  +  +  +  +  -",
	"POST /users":                                                      "?  +  -  -  -  -  -",
	"POST /users/{user}":                                               "?  +  -  -  -  -  -",
	"POST /users/{user}/password":                                      "?  +  -  -  -  -  -",
	"POST /users/{user}/grants":                                        "?  +  -  -  -  -  -",
	"POST /users/{user}/grants/drop":                                   "?  +  -  -  -  -  -",
	"POST /roles":                                                      "?  +  -  -  -  -  -",
	"POST /audit/verify":                                               "?  +  -  -  -  -  -",
	"POST /sign-in/passkey/begin":                                      "-  -  -  -  -  -  -",
	"POST /sign-in/passkey":                                            "-  -  -  -  -  -  -",
	"POST /account/passkeys/begin":                                     "?  -  -  -  -  -  -",
	"POST /account/passkeys":                                           "?  -  -  -  -  -  -",
	"POST /account/passkeys/drop":                                      "?  +  +  +  +  +  +",
	"POST /sign-out":                                                   "?  ?  ?  ?  ?  ?  ?",
}

func TestWhoMayAsk(t *testing.T) {
	d := newDemo(t)
	routes, askers := d.askers()
	routetest.Walk(t, route.Mux(routes, d.strictly()), routes, askers, mayAsk, d.fill())
}

// strictly serves without limits, so that a walk of every route is not slowed.
func (d *demo) strictly() route.Options {
	return route.Options{Desk: d.Desk, Secret: bytes.Repeat([]byte("s"), 32), Wrong: route.Rate{PerSecond: 1e4, Burst: 1e4}}
}

// askers gives the routes and one asker of each kind. Signing out comes last: it ends what the others need.
func (d *demo) askers() ([]route.Route, []routetest.Asker) {
	d.t.Helper()
	routes := slices.Clone(d.routes)
	slices.SortStableFunc(routes, func(a, b route.Route) int {
		last := map[bool]int{true: 1}
		return last[a.Pattern == "POST /sign-out"] - last[b.Pattern == "POST /sign-out"]
	})
	askers := []routetest.Asker{{Name: "nobody"}}
	for _, role := range []string{"administrator", "manager", "reviewer", "viewer", "officer", "elsewhere"} {
		token, _, _, err := d.SignInAs(background, role+"@example.org", "test")
		d.must(err)
		askers = append(askers, routetest.Asker{Name: role, Session: token})
	}
	return routes, askers
}

// fill are the values of wildcards.
func (d *demo) fill() map[string]string {
	return map[string]string{"project": "1", "form": "fms", "instance": instanceID(8), "name": "sign-8.png", "flag": d.ids["flag"], "held": d.ids["held"], "opening": d.ids["opening"],
		"list": "points", "entity": d.ids["entity"], "hook": d.ids["hook"], "device": d.ids["device"], "report": "none", "user": "3", "file": "staff.css"}
}
