package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"waymark/trust/access"
)

// TestSession walks the calls by which clients sign in: pyodk asks users/current before it uses a token it has kept.
func TestSession(t *testing.T) {
	o := begin(t)
	if err := o.desk.SetPassword(t.Context(), system, 1, password); err != nil {
		t.Fatal(err)
	}
	var got struct{ Token, ExpiresAt string }
	o.json("POST", "/v1/sessions", "", map[string]string{"email": "manager@example.org", "password": password}, &got)
	o.tokens[access.Manager] = got.Token
	var me map[string]any
	o.json("GET", "/v1/users/current", access.Manager, nil, &me)
	if me["email"] != "manager@example.org" || me["displayName"] != "manager" || me["type"] != "user" {
		t.Errorf("users/current: %v", me)
	}
	o.refused("GET", "/v1/users/current", "", "401.2", "")
	o.refused("POST", "/v1/sessions", "", "401.2", `{"email":"manager@example.org","password":"wrong wrong"}`)
	o.refused("POST", "/v1/sessions", "", "400.3", `{"email":"manager@example.org"}`)
	o.refused("POST", "/v1/sessions", "", "400.1", `email=1`)
	var held map[string]any
	o.json("GET", "/v1/sessions/restore", access.Viewer, nil, &held)
	o.json("DELETE", "/v1/sessions/current", access.Viewer, nil, nil)
	o.refused("GET", "/v1/projects", access.Viewer, "401.2", "")
	// httr::authenticate signs in by Basic at every call
	a := o.ask("GET", "/v1/projects", "", nil, "Authorization", "Basic bWFuYWdlckBleGFtcGxlLm9yZzpjb3JyZWN0IGhvcnNlIGJhdHRlcnkgc3RhcGxl")
	if a.StatusCode != 200 {
		t.Errorf("basic: %d %s", a.StatusCode, a.body)
	}
}

func TestProjects(t *testing.T) {
	o := begin(t)
	o.publish()
	var all []map[string]any
	o.json("GET", "/v1/projects", access.Manager, nil, &all, "X-Extended-Metadata", "true")
	if len(all) != 1 || all[0]["name"] != "Malawi" || all[0]["createdAt"] == nil || all[0]["forms"] != 1.0 {
		t.Errorf("%v", all)
	}
	var made map[string]any
	o.json("POST", "/v1/projects", access.Manager, map[string]any{"name": "Ghana", "description": "pilot"}, &made)
	o.json("PATCH", "/v1/projects/2", access.Manager, map[string]any{"archived": true}, &made)
	if made["archived"] != true || made["description"] != "pilot" {
		t.Errorf("%v", made)
	}
	o.refused("POST", "/v1/projects", access.Viewer, "403.1", `{"name":"x"}`)
	o.refused("POST", "/v1/projects", access.Manager, "400.2", `{}`)
	o.refused("GET", "/v1/projects/99", access.Manager, "404.1", "")
	o.refused("GET", "/v1/projects/x", access.Manager, "404.1", "")
}

// TestAppUsers walks pyodk's create_app_users: list, create, assign forms.
func TestAppUsers(t *testing.T) {
	o := begin(t)
	o.publish()
	var made struct {
		ID          int64
		ProjectID   int64
		DisplayName string
		Token       *string
		CreatedAt   string
	}
	o.json("POST", o.path("/app-users"), access.Manager, map[string]any{"displayName": "Team 1"}, &made)
	if made.Token == nil || len(*made.Token) != 64 || made.ProjectID != o.project {
		t.Fatalf("%+v", made)
	}
	devices, err := o.desk.Devices(t.Context(), system, o.project)
	if err != nil || len(devices) != 1 || devices[0].Forms == nil || len(devices[0].Forms) != 0 {
		t.Fatalf("a new app user is given forms: %+v, %v", devices, err)
	}
	var done struct{ Success bool }
	o.json("POST", o.path("/forms/arrivals/assignments/2/%d", made.ID), access.Manager, nil, &done)
	if devices, _ = o.desk.Devices(t.Context(), system, o.project); !done.Success || len(devices[0].Forms) != 1 {
		t.Errorf("not assigned: %+v", devices)
	}
	var all []map[string]any
	o.json("GET", o.path("/app-users"), access.Manager, nil, &all)
	if len(all) != 1 || all[0]["token"] != "" || all[0]["type"] != "field_key" {
		t.Errorf("%v", all)
	}
	o.json("DELETE", o.path("/app-users/%d", made.ID), access.Manager, nil, &done)
	o.json("GET", o.path("/app-users"), access.Manager, nil, &all)
	if len(all) == 1 && all[0]["token"] != nil {
		t.Errorf("a revoked app user has a token: %v", all)
	}
	var link map[string]any
	o.json("POST", o.path("/forms/arrivals/public-links"), access.Manager, map[string]any{"displayName": "Web", "once": false}, &link)
	var links []map[string]any
	o.json("GET", o.path("/forms/arrivals/public-links"), access.Manager, nil, &links)
	if len(links) != 1 || link["token"] == "" {
		t.Errorf("%v %v", link, links)
	}
	o.refused("GET", o.path("/app-users"), access.Viewer, "403.1", "")
}

// TestForms walks pyodk's forms.create and forms.update: a draft, its files, publishing under a new version.
func TestForms(t *testing.T) {
	o := begin(t)
	var f map[string]any
	a := o.ask("POST", o.path("/forms?publish=false&ignoreWarnings=true"), access.Manager, strings.NewReader(formXML("1")), "Content-Type", "application/xml", "X-XlsForm-FormId-Fallback", "arrivals")
	if err := json.Unmarshal(a.body, &f); err != nil || f["xmlFormId"] != "arrivals" || f["publishedAt"] != nil || f["version"] != "1" || f["state"] != "open" {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	o.json("POST", o.path("/forms/arrivals/draft/publish"), access.Manager, nil, nil)
	o.json("GET", o.path("/forms/arrivals"), access.Viewer, nil, &f)
	if f["publishedAt"] == nil || f["name"] != "Arrivals" || f["hash"] == "" {
		t.Errorf("%v", f)
	}
	// update without a definition: a draft of what there is, published under another version
	o.json("POST", o.path("/forms/arrivals/draft"), access.Manager, nil, nil)
	o.json("POST", o.path("/forms/arrivals/draft/publish?version=2024-06-01T10%%3A00%%3A00"), access.Manager, nil, nil)
	var versions []map[string]any
	o.json("GET", o.path("/forms/arrivals/versions"), access.Viewer, nil, &versions)
	if len(versions) != 2 || versions[0]["version"] != "2024-06-01T10:00:00" {
		t.Errorf("%v", versions)
	}
	if a := o.ask("GET", o.path("/forms/arrivals.xml"), access.Viewer, nil); a.StatusCode != 200 || !strings.Contains(string(a.body), `version="2024-06-01T10:00:00"`) {
		t.Errorf("xml: %d", a.StatusCode)
	}
	if a := o.ask("GET", o.path("/forms/arrivals/versions/1.xml"), access.Viewer, nil); a.StatusCode != 200 || !strings.Contains(string(a.body), `version="1"`) {
		t.Errorf("xml of version 1: %d", a.StatusCode)
	}
	o.refused("GET", o.path("/forms/arrivals.xlsx"), access.Viewer, "404.1", "")
	var fields []map[string]any
	o.json("GET", o.path("/forms/arrivals/fields?odata=false"), access.Viewer, nil, &fields)
	want := map[string]string{"/start": "dateTime", "/age": "int", "/visit_date": "date", "/place": "geopoint", "/home": "structure", "/home/rooms": "decimal", "/home/needs": "string",
		"/home/person": "repeat", "/home/person/first": "string", "/photo": "binary", "/meta/instanceID": "string"}
	for _, v := range fields {
		if kind, ok := want[v["path"].(string)]; ok && kind != v["type"] {
			t.Errorf("%v, want %s", v, kind)
		}
		delete(want, v["path"].(string))
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	o.json("PATCH", o.path("/forms/arrivals"), access.Manager, map[string]any{"state": "closing"}, &f)
	if f["state"] != "closing" {
		t.Errorf("%v", f)
	}
	var done map[string]any
	o.json("POST", o.path("/forms/arrivals/draft"), access.Manager, nil, &done)
	o.json("DELETE", o.path("/forms/arrivals/draft"), access.Manager, nil, &done)
	o.refused("DELETE", o.path("/forms/arrivals/draft"), access.Manager, "404.1", "")
	o.refused("POST", o.path("/forms"), access.Manager, "400.15", "<not a form", "Content-Type", "application/xml")
	o.refused("POST", o.path("/forms"), access.Viewer, "403.1", "")
	o.refused("POST", o.path("/forms"), access.Manager, "409.3", formXML("7"), "Content-Type", "application/xml")
	o.refused("POST", o.path("/forms/other/draft"), access.Manager, "400.8", formXML("7"), "Content-Type", "application/xml")
	o.refused("POST", o.path("/forms/arrivals/draft"), access.Manager, "400.15", "nothing", "Content-Type", "application/xml")
	o.refused("GET", o.path("/forms/nothing"), access.Viewer, "404.1", "")
}

// TestSubmissions walks pyodk's submissions: create, list, edit, review, comment.
func TestSubmissions(t *testing.T) {
	o := begin(t)
	o.publish()
	var made map[string]any
	a := o.ask("POST", o.path("/forms/arrivals/submissions?deviceID=py"), access.Manager, strings.NewReader(record("uuid:1", 30, "food water", "A", "B")), "Content-Type", "application/xml")
	if err := json.Unmarshal(a.body, &made); err != nil || made["instanceId"] != "uuid:1" || made["createdAt"] == nil || made["submitterId"] == 0.0 || made["reviewState"] != nil {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	one := o.path("/forms/arrivals/submissions/uuid:1")
	o.refused("POST", o.path("/forms/arrivals/submissions"), access.Manager, "409.1", record("uuid:1", 31, "food"))
	o.refused("POST", o.path("/forms/arrivals/submissions"), access.Manager, "400.1", record("uuid:9", 31, "food")[:200])
	o.refused("POST", o.path("/forms/arrivals/submissions"), access.Viewer, "403.1", record("uuid:9", 31, "food"))
	o.refused("POST", o.path("/forms/other/submissions"), access.Manager, "400.8", record("uuid:9", 31, "food"))

	edited := strings.Replace(record("uuid:2", 31, "food", "A"), "<instanceID>", "<deprecatedID>uuid:1</deprecatedID><instanceID>", 1)
	o.refused("PUT", one, access.Manager, "400.19", record("uuid:2", 31, "food"))
	a = o.ask("PUT", one, access.Manager, strings.NewReader(edited), "Content-Type", "application/xml")
	var put map[string]any
	if err := json.Unmarshal(a.body, &put); err != nil || put["instanceId"] != "uuid:1" || put["reviewState"] != "edited" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	stale := strings.Replace(record("uuid:3", 32, "food", "A"), "<instanceID>", "<deprecatedID>uuid:1</deprecatedID><instanceID>", 1)
	o.refused("PUT", one, access.Manager, "409.9", stale)

	var versions []map[string]any
	o.json("GET", one+"/versions", access.Viewer, nil, &versions)
	if len(versions) != 2 || versions[0]["instanceId"] != "uuid:2" || versions[0]["current"] != true || versions[1]["current"] != false {
		t.Errorf("%v", versions)
	}
	o.json("PATCH", one, access.Manager, map[string]any{"reviewState": "approved"}, &put)
	if put["reviewState"] != "approved" {
		t.Errorf("%v", put)
	}
	o.refused("PATCH", one, access.Manager, "400.8", `{"reviewState":"fine"}`)
	o.refused("PATCH", one, access.Viewer, "403.1", `{"reviewState":"approved"}`)
	var comment map[string]any
	o.json("POST", one+"/comments", access.Manager, map[string]any{"body": "looked at"}, &comment)
	o.json("POST", one+"/comments", access.Manager, map[string]any{"body": "looked at again"}, &comment)
	if comment["body"] != "looked at again" || comment["actorId"] == nil || comment["createdAt"] == nil {
		t.Errorf("%v", comment)
	}
	var list []map[string]any
	o.json("GET", o.path("/forms/arrivals/submissions"), access.Viewer, nil, &list, "X-Extended-Metadata", "true")
	if len(list) != 1 || list[0]["submitter"] == nil || list[0]["currentVersion"].(map[string]any)["instanceId"] != "uuid:2" {
		t.Errorf("%v", list)
	}
	var files []map[string]any
	o.json("GET", one+"/attachments", access.Viewer, nil, &files)
	var keys []any
	o.json("GET", o.path("/forms/arrivals/submissions/keys"), access.Viewer, nil, &keys)
	if len(keys) != 0 {
		t.Errorf("%v", keys)
	}
	// the body holds every answer: nobody gets it without an opening, the viewer not at all
	o.refused("GET", one+".xml", access.Viewer, "403.1", "")
	o.refused("GET", one+".xml", access.Manager, "403.1", "")
	o.refused("GET", one+"/diffs", access.Manager, "403.1", "")
	var done map[string]any
	o.json("DELETE", one, access.Manager, nil, &done)
	o.refused("GET", one+"/versions/uuid:9", access.Manager, "404.1", "")
	o.refused("POST", o.path("/forms/arrivals/submissions"), access.Manager, "409.18", record("uuid:1", 30, "food water", "A", "B"))
	o.json("POST", one+"/restore", access.Manager, nil, &done)
	var audits []map[string]any
	o.json("GET", "/v1/audits?action=record.", access.Administrator, nil, &audits)
	if len(audits) < 4 || audits[0]["action"] == "" || audits[0]["loggedAt"] == nil {
		t.Errorf("%v", audits)
	}
}

// TestAttachments walks pyodk's submissions.create with attachments: each goes up by itself.
func TestAttachments(t *testing.T) {
	o := begin(t)
	o.publish()
	o.send(strings.Replace(record("uuid:1", 30, "food"), "<photo/>", "<photo>a.jpg</photo>", 1))
	one := o.path("/forms/arrivals/submissions/uuid:1/attachments")
	var files []struct {
		Name   string
		Exists bool
	}
	o.json("GET", one, access.Manager, nil, &files)
	if len(files) != 1 || files[0].Name != "a.jpg" || files[0].Exists {
		t.Fatalf("%+v", files)
	}
	o.refused("POST", o.path("/forms/arrivals/submissions/uuid:none/attachments/a.jpg"), access.Manager, "404.1", "x")
	a := o.ask("POST", one+"/a.jpg", access.Manager, strings.NewReader("JPEG"), "Content-Type", "image/jpeg")
	if a.StatusCode != 200 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	o.json("GET", one, access.Manager, nil, &files)
	if len(files) != 1 || !files[0].Exists {
		t.Errorf("%+v", files)
	}
	o.refused("GET", one+"/a.jpg", access.Manager, "403.1", "") // a photograph is strict
	o.refused("GET", one+"/a.jpg", access.Viewer, "403.1", "")
}

// TestEntities walks pyodk's entities: a list, its properties, entities one and many, updates, conflicts.
func TestEntities(t *testing.T) {
	o := begin(t)
	var list map[string]any
	o.json("POST", o.path("/datasets"), access.Manager, map[string]any{"name": "sites", "approvalRequired": false}, &list)
	if list["name"] != "sites" || list["projectId"] != float64(o.project) {
		t.Errorf("%v", list)
	}
	o.refused("POST", o.path("/datasets"), access.Manager, "409.3", `{"name":"Sites"}`)
	var done struct{ Success bool }
	for _, p := range []string{"district", "people"} {
		o.json("POST", o.path("/datasets/sites/properties"), access.Manager, map[string]any{"name": p}, &done)
	}
	o.json("GET", o.path("/datasets/sites"), access.Viewer, nil, &list)
	if len(list["properties"].([]any)) != 2 {
		t.Errorf("%v", list)
	}
	var e struct {
		UUID           string
		CurrentVersion struct {
			Label     string
			Version   int
			UserAgent *string
			CreatorID *int64
			Data      map[string]string
		}
	}
	id := "85cb9aff-005e-4edd-9739-dc9c1a829c44"
	o.json("POST", o.path("/datasets/sites/entities"), access.Manager, map[string]any{"uuid": id, "label": "Dzaleka", "data": map[string]any{"district": "Dowa", "people": 50000}}, &e)
	if e.UUID != id || e.CurrentVersion.Version != 1 || e.CurrentVersion.Data["people"] != "50000" || e.CurrentVersion.UserAgent == nil || e.CurrentVersion.CreatorID == nil {
		t.Errorf("%+v", e)
	}
	o.json("POST", o.path("/datasets/sites/entities"), access.Manager, map[string]any{"entities": []any{
		map[string]any{"label": "Karonga", "data": map[string]any{"district": "Karonga"}}, map[string]any{"label": "=HYPERLINK(1)", "data": map[string]any{}}}, "source": map[string]any{"name": "pyodk"}}, &done)
	o.refused("POST", o.path("/datasets/sites/entities"), access.Manager, "400.28", `{"label":"x","data":{"nothing":"1"}}`)
	var all []map[string]any
	o.json("GET", o.path("/datasets/sites/entities"), access.Viewer, nil, &all)
	if len(all) != 3 {
		t.Errorf("%v", all)
	}
	one := o.path("/datasets/sites/entities/%s", id)
	o.json("PATCH", one+"?baseVersion=1", access.Manager, map[string]any{"data": map[string]any{"people": "52000"}}, &e)
	if e.CurrentVersion.Version != 2 || e.CurrentVersion.Data["people"] != "52000" || e.CurrentVersion.Data["district"] != "Dowa" {
		t.Errorf("%+v", e)
	}
	o.refused("PATCH", one+"?baseVersion=1", access.Manager, "409.15", `{"label":"late"}`)
	o.json("PATCH", one+"?force=True", access.Manager, map[string]any{"label": "Dzaleka camp"}, &e)
	o.refused("PATCH", one+"?resolve=true&force=true", access.Manager, "400.32", "")
	var table struct {
		Value []map[string]any
		Count int `json:"@odata.count"`
	}
	o.json("GET", o.path("/datasets/sites.svc/Entities?%%24count=true&%%24filter=%s", "district%20eq%20%27Dowa%27"), access.Viewer, nil, &table)
	if len(table.Value) != 1 || table.Count != 1 || table.Value[0]["label"] != "Dzaleka camp" || table.Value[0]["__system"].(map[string]any)["version"] != 3.0 {
		t.Errorf("%v", table)
	}
	if a := o.ask("GET", o.path("/datasets/sites/entities.csv"), access.Viewer, nil); a.StatusCode != 200 || !strings.HasPrefix(string(a.body), "name,label,__version,district,people") ||
		strings.Contains(string(a.body), ",=HYPERLINK") || !strings.Contains(string(a.body), "'=HYPERLINK(1)") || !strings.Contains(string(a.body), "Dzaleka camp") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	o.json("DELETE", one, access.Manager, nil, &done)
	o.refused("POST", o.path("/datasets"), access.Viewer, "403.1", `{"name":"x"}`)
	o.refused("GET", o.path("/datasets/nothing"), access.Viewer, "404.1", "")
}
