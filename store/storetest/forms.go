package storetest

import (
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
)

func projects(t *testing.T, s collect.Store) {
	p := collect.Project{UID: "u1", Name: "Chad", Note: "east", Language: "fr", Training: true, RetainDays: 90, Created: day}
	write(t, s, func(tx collect.Tx) (err error) {
		p.ID, err = tx.AddProject(p)
		return err
	})
	is(t, "a UID twice", s.Write(ctx, func(tx collect.Tx) error { _, err := tx.AddProject(p); return err }), fault.Conflict)
	read(t, s, func(tx collect.Tx) error {
		same(t, "project", p, must[collect.Project](t)(tx.GetProject(p.ID)))
		_, err := tx.GetProject(p.ID + 1)
		is(t, "unknown project", err, fault.NotFound)
		_, err = tx.Setting("none")
		is(t, "unknown setting", err, fault.NotFound)
		return nil
	})
	p.Name, p.Archived, p.Training, p.RetainDays = "Tchad", true, false, 0
	write(t, s, func(tx collect.Tx) error {
		if err := tx.SetSetting("a", []byte("1")); err != nil {
			return err
		}
		if err := tx.SetSetting("a", []byte{}); err != nil {
			return err
		}
		return tx.SetProject(p)
	})
	read(t, s, func(tx collect.Tx) error {
		same(t, "projects", []collect.Project{p}, must[[]collect.Project](t)(tx.ListProjects()))
		if v := must[[]byte](t)(tx.Setting("a")); len(v) != 0 {
			t.Errorf("setting: %q", v)
		}
		return nil
	})
	is(t, "changing an unknown project", s.Write(ctx, func(tx collect.Tx) error { return tx.SetProject(collect.Project{ID: 99}) }), fault.NotFound)
}

func forms(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	f := collect.Form{Project: p, ID: "camp", Title: "Camp", State: collect.Open, Encrypted: true, Created: day}
	write(t, s, func(tx collect.Tx) error { return tx.PutForm(f) })
	f.Title, f.State, f.WebForm = "Sites", collect.Closing, true
	k := collect.FormKey{Public: "MIIB", Private: []byte("sealed"), Hint: "the usual"}
	write(t, s, func(tx collect.Tx) error {
		if err := tx.PutForm(f); err != nil {
			return err
		}
		return tx.PutFormKey(p, "camp", k)
	})
	read(t, s, func(tx collect.Tx) error {
		same(t, "form", f, must[collect.Form](t)(tx.GetForm(p, "camp")))
		same(t, "key", k, must[collect.FormKey](t)(tx.GetFormKey(p, "camp")))
		_, err := tx.GetForm(p, "none")
		is(t, "unknown form", err, fault.NotFound)
		_, err = tx.GetFormKey(p, "arrivals")
		is(t, "form without a key", err, fault.NotFound)
		if l := must[[]collect.Form](t)(tx.ListForms(p)); len(l) != 2 || l[0].ID != "arrivals" || l[0].Current == nil || l[0].Current.Version != "1" || l[0].Current.XML != nil || l[1].Current != nil {
			t.Errorf("list of forms: %+v", l)
		}
		return nil
	})
}

func versions(t *testing.T, s collect.Store) {
	p, first := project(t, s, "u")
	issue := fault.Issue{Code: "xlsform.x", Severity: fault.Soft, Place: fault.Place{Document: "a.xlsx", Sheet: "survey", Row: 3, Column: 2, Field: "age"}, Args: map[string]any{"have": "x", "n": int64(3), "share": 0.5}, Kind: fault.Conflict}
	draft := collect.Version{Project: p, Form: "arrivals", Version: "2", Draft: true, Hash: "h2", XML: []byte("<draft/>"), Source: []byte("PK"), SourceName: "a.xlsx", Itemsets: []byte("a,b"), Issues: fault.Issues{issue}, By: "user:1",
		Media: []collect.Media{{Name: "map.png", Type: "image/png"}, {Name: "sites.csv", Entities: "sites"}}}
	write(t, s, func(tx collect.Tx) (err error) {
		if _, err = tx.AddVersion(collect.Version{Project: p, Form: "arrivals", Draft: true, Version: "0", XML: []byte("<old/>")}); err != nil {
			return err
		}
		draft.ID, err = tx.AddVersion(draft) // takes its place
		return err
	})
	draft.Media[0].MD5, draft.Media[0].Digest, draft.Media[0].Size = "m", "d", 7
	write(t, s, func(tx collect.Tx) error { return tx.PutMedia(draft.ID, draft.Media[0]) })
	read(t, s, func(tx collect.Tx) error {
		same(t, "draft", draft, must[collect.Version](t)(tx.FindVersion(p, "arrivals", "", collect.Draft)))
		same(t, "draft by id", draft, must[collect.Version](t)(tx.GetVersion(draft.ID)))
		f := must[collect.Form](t)(tx.GetForm(p, "arrivals"))
		if f.Draft == nil || f.Draft.XML != nil || f.Draft.Source != nil || f.Draft.Version != "2" || len(f.Draft.Media) != 2 {
			t.Errorf("draft in the form: %+v", f.Draft)
		}
		return nil
	})
	is(t, "a version that is published", s.Write(ctx, func(tx collect.Tx) error { return tx.PublishDraft(p, "arrivals", "1", "h", nil, day) }), fault.Conflict)
	is(t, "a published version twice", s.Write(ctx, func(tx collect.Tx) error {
		_, err := tx.AddVersion(collect.Version{Project: p, Form: "arrivals", Version: "1"})
		return err
	}), fault.Conflict)
	// The clock went back between the two: the version published later is current all the same.
	earlier := day.Add(-time.Hour)
	write(t, s, func(tx collect.Tx) error {
		return tx.PublishDraft(p, "arrivals", "3", "h3", []byte("<three/>"), earlier)
	})
	is(t, "no draft to publish", s.Write(ctx, func(tx collect.Tx) error { return tx.PublishDraft(p, "arrivals", "4", "h", nil, day) }), fault.NotFound)
	is(t, "no draft to drop", s.Write(ctx, func(tx collect.Tx) error { return tx.DropDraft(p, "arrivals") }), fault.NotFound)
	want := draft
	want.Draft, want.Version, want.Hash, want.XML, want.Published = false, "3", "h3", []byte("<three/>"), earlier
	read(t, s, func(tx collect.Tx) error {
		same(t, "current", want, must[collect.Version](t)(tx.FindVersion(p, "arrivals", "", collect.Published)))
		if v := must[collect.Version](t)(tx.FindVersion(p, "arrivals", "1", collect.Published)); v.ID != first {
			t.Errorf("version 1 is %d, want %d", v.ID, first)
		}
		_, err := tx.FindVersion(p, "arrivals", "2", collect.Published)
		is(t, "a version that was never published", err, fault.NotFound)
		_, err = tx.FindVersion(p, "arrivals", "", collect.Draft)
		is(t, "no draft", err, fault.NotFound)
		if l := must[[]collect.Version](t)(tx.ListVersions(p, "arrivals")); len(l) != 2 || l[0].Version != "3" || l[1].Version != "1" || l[0].XML != nil {
			t.Errorf("versions: %+v", l)
		}
		return nil
	})
	write(t, s, func(tx collect.Tx) error {
		if _, err := tx.AddVersion(collect.Version{Project: p, Form: "arrivals", Draft: true, Media: draft.Media}); err != nil {
			return err
		}
		return tx.DropDraft(p, "arrivals")
	})
}
