package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/collect"
	"waymark/fault"
)

// ChainKey is the key of the audit chain of stores under test.
var ChainKey = []byte("the chain key of stores under test")

// Store asks a store for what collect.Store promises. open gives a new, empty store and closes it after the test.
func Store(t *testing.T, open func(t testing.TB) collect.Store) {
	for _, c := range []struct {
		name string
		ask  func(*testing.T, collect.Store)
	}{
		{"Projects", projects}, {"Forms", forms}, {"Versions", versions}, {"Records", oneRecord}, {"RecordVersions", recordVersions}, {"Queries", queries},
		{"Rows", rows}, {"Purge", purge}, {"Attachments", attachments}, {"Files", files}, {"LastUpdate", lastUpdate}, {"Quarantine", quarantine}, {"People", people}, {"Devices", devices}, {"Openings", openings},
		{"Flags", flags}, {"Entities", entities}, {"Hooks", hooks}, {"Audit", trail},
		{"WritesLeaveNoTrace", noTrace}, {"SharedCommits", sharedCommits}, {"OneOfFifty", oneOfFifty}, {"ReadsSeeOneState", oneState}, {"PanicsReachTheCaller", panics},
		{"AskWhileReading", askWhileReading}, {"OddText", oddText}, {"Model", model},
	} {
		t.Run(c.name, func(t *testing.T) { c.ask(t, open(t)) })
	}
}

var (
	ctx = context.Background()
	day = time.Date(2026, 5, 4, 9, 30, 0, 123456000, time.UTC)
)

// write runs a function that must succeed.
func write(t testing.TB, s collect.Store, act func(collect.Tx) error) {
	t.Helper()
	if err := s.Write(ctx, act); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, s collect.Store, look func(collect.Tx) error) {
	t.Helper()
	if err := s.Read(ctx, look); err != nil {
		t.Fatal(err)
	}
}

// same compares what was kept with what came back.
func same(t testing.TB, what string, want, got any) {
	t.Helper()
	kinds := cmp.FilterValues(func(a, b error) bool { return a == fault.Conflict || b == fault.Conflict }, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) }))
	if d := cmp.Diff(want, got, kinds, cmp.AllowUnexported(rowKey{})); d != "" {
		t.Errorf("%s (- kept, + came back):\n%s", what, d)
	}
}

func is(t testing.TB, what string, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: got %v, want %v", what, err, kind)
	}
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// project makes a project with a form of one published version.
func project(t testing.TB, s collect.Store, uid string) (project, version int64) {
	t.Helper()
	write(t, s, func(tx collect.Tx) (err error) {
		if project, err = tx.AddProject(collect.Project{UID: uid, Name: "Flow monitoring", Created: day}); err != nil {
			return err
		}
		if err := tx.PutForm(collect.Form{Project: project, ID: "arrivals", Title: "Arrivals", State: collect.Open, Created: day}); err != nil {
			return err
		}
		version, err = tx.AddVersion(collect.Version{Project: project, Form: "arrivals", Version: "1", Hash: "h", XML: []byte("<x/>"), Published: day, By: "user:1"})
		return err
	})
	return project, version
}

// stored is a record of the form that project makes.
func stored(project, version int64, instance string) collect.Stored {
	return collect.Stored{Record: collect.Record{Project: project, Form: "arrivals", Instance: instance, Current: instance, Version: "1", Actor: "device:4", Received: day, Updated: day, Review: collect.Received},
		VersionID: version, Body: []byte("sealed body of " + instance)}
}
