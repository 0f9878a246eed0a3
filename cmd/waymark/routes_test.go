package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/collect"
	"waymark/serve/route"
	"waymark/serve/route/routetest"
	"waymark/serve/web"
	"waymark/trust/access"
)

// TestWhoMayAsk walks every address of the server as everybody who might ask it, and compares with the table in
// testdata/routes.txt. A new route fails until somebody has judged who may ask it and written its row.
func TestWhoMayAsk(t *testing.T) {
	at := t.TempDir()
	f := folderFlags{dir: filepath.Join(at, "records"), keyFile: filepath.Join(at, "key")}
	o, err := f.open(t.Context(), &room{err: io.Discard, getenv: os.Getenv}, mayCreate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.close() })
	ctx, desk := t.Context(), o.desk
	p, err := desk.AddProject(ctx, system(), collect.Project{Name: "Camp"})
	if err == nil {
		_, err = desk.UploadForm(ctx, system(), p.ID, "camp.xml", []byte(campForm))
	}
	if err == nil {
		_, err = desk.Publish(ctx, system(), p.ID, "camp", "")
	}
	if err == nil {
		_, err = desk.UploadForm(ctx, system(), p.ID, "camp.xml", []byte(strings.Replace(campForm, `version="1"`, `version="2"`, 1)))
	}
	var other collect.Project
	if err == nil {
		other, err = desk.AddProject(ctx, system(), collect.Project{Name: "Other"})
	}
	if err != nil {
		t.Fatal(err)
	}
	device := func(name string, ended bool) routetest.Asker {
		made, token, _, err := desk.AddDevice(ctx, system(), collect.Device{Project: p.ID, Name: name})
		if err == nil && ended {
			err = desk.RevokeDevice(ctx, system(), p.ID, made.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		return routetest.Asker{Name: name, Token: token}
	}
	person := func(name, role string, project int64) routetest.Asker {
		email := name + "@example.org"
		if _, err := desk.AddUser(ctx, system(), collect.User{Email: email, Name: name, Grants: []access.Grant{{Role: role, Scope: access.Scope{Project: project}}}}, ""); err != nil {
			t.Fatal(err)
		}
		session, _, _, err := desk.SignInAs(ctx, email, "test")
		if err != nil {
			t.Fatal(err)
		}
		return routetest.Asker{Name: name, Session: session}
	}
	phone := device("phone", false)
	askers := []routetest.Asker{
		{Name: "nobody"}, phone, device("ended", true),
		person("administrator", access.Administrator, 0), person("manager", access.Manager, p.ID), person("reviewer", access.Reviewer, p.ID),
		person("viewer", access.Viewer, p.ID), person("collector", access.Collector, p.ID), person("officer", access.Officer, p.ID),
		person("stranger", access.Manager, other.ID),
	}
	by, _, err := desk.DeviceByToken(ctx, phone.Token)
	if err == nil {
		_, err = desk.Accept(ctx, by, collect.Sent{Project: p.ID, Raw: campRecord(1)})
	}
	if err != nil {
		t.Fatal(err)
	}
	all := append(routes(desk, o.keys.Outbox(), web.Options{}), certificateRoutes(nil)...)
	often := route.Rate{PerSecond: 1e6, Burst: 1e6}
	h := route.Mux(all, route.Options{Desk: desk, Secret: bytes.Repeat([]byte("s"), 32), Wrong: often})
	routetest.Walk(t, h, all, askers, whoMayAsk(t), map[string]string{
		"project": "1", "form": "camp", "instance": "uuid:1", "version": "1", "name": "p1.jpg", "list": "sites", "file": "none", "rest...": "Submissions",
		"user": "99", "id": "99", "device": "99", "hook": "99", "flag": "99", "held": "99", "session": "none",
	})
}

// whoMayAsk reads the table: marks, then the pattern.
func whoMayAsk(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "routes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]string{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		marks, pattern, ok := strings.Cut(line, "  ")
		if !ok || table[pattern] != "" {
			t.Fatalf("routes.txt: a line without marks, or a pattern twice: %s", line)
		}
		table[strings.TrimSpace(pattern)] = marks
	}
	return table
}
