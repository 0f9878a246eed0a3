package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
)

func entities(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	l := collect.EntityList{Project: p, Name: "sites", Properties: []string{"pcode", "kind"}, Updated: day, Hash: "h"}
	write(t, s, func(tx collect.Tx) error { return tx.PutList(l) })
	const n = 700
	list := make([]collect.Entity, n)
	write(t, s, func(tx collect.Tx) error {
		for i := range list {
			list[i] = collect.Entity{ID: fmt.Sprintf("e%d", n-i), List: "sites", Label: "Site", Version: 1, Created: day, Updated: day, Source: "uuid:1", Deleted: i == 3}
			if err := tx.PutEntity(p, list[i], collect.EntityVersion{Version: 1, Label: "Site", At: day, Actor: "device:4", Source: "uuid:1"}, []byte("sealed data")); err != nil {
				return err
			}
		}
		return nil
	})
	e := list[0]
	e.Version, e.Label, e.Conflict, e.Updated = 2, "Camp", "hard", day.Add(time.Hour)
	v := collect.EntityVersion{Version: 2, Base: 1, Label: "Camp", Changed: []string{"kind"}, Conflict: "hard", Conflicting: []string{"kind"}, At: day.Add(time.Hour), Actor: "user:1"}
	write(t, s, func(tx collect.Tx) error { return tx.PutEntity(p, e, v, []byte("sealed two")) })
	list[0] = e
	read(t, s, func(tx collect.Tx) error {
		got, sealed, err := tx.GetEntity(p, "sites", e.ID)
		if err != nil || string(sealed) != "sealed two" {
			t.Errorf("data %q, %v", sealed, err)
		}
		same(t, "entity", e, got)
		l.Count, l.Conflicts = n-1, 1
		same(t, "list", l, must[collect.EntityList](t)(tx.GetList(p, "sites")))
		same(t, "lists", []collect.EntityList{l}, must[[]collect.EntityList](t)(tx.ListLists(p)))
		for _, deleted := range []bool{false, true} {
			var want, have []string
			for _, e := range list {
				if e.Deleted == deleted {
					want = append(want, e.ID)
				}
			}
			for e, err := range tx.EachEntity(p, "sites", deleted) {
				if err != nil {
					return err
				}
				have = append(have, e.ID)
			}
			same(t, "in the order they were made", want, have)
		}
		vs, data, err := tx.ListEntityVersions(p, "sites", e.ID)
		if err != nil || len(vs) != 2 || string(data[0]) != "sealed two" || string(data[1]) != "sealed data" {
			t.Fatalf("versions: %v, %v", vs, err)
		}
		same(t, "version", v, vs[0])
		_, _, err = tx.GetEntity(p, "sites", "none")
		is(t, "unknown entity", err, fault.NotFound)
		_, err = tx.GetList(p, "none")
		is(t, "unknown list", err, fault.NotFound)
		return nil
	})
	b := collect.Backlog{Project: p, List: "sites", Entity: "e1", Branch: "b", Base: 2, Record: 1, At: day, Update: []byte("sealed")}
	old := collect.Backlog{Project: p, List: "sites", Entity: "e2", Branch: "b", Base: 1, Record: 1, At: day.Add(-time.Hour)}
	write(t, s, func(tx collect.Tx) error { return errors.Join(tx.AddBacklog(p, b), tx.AddBacklog(p, old)) })
	write(t, s, func(tx collect.Tx) error {
		same(t, "another base", []collect.Backlog(nil), must[[]collect.Backlog](t)(tx.TakeBacklog(p, "e1", "b", 1)))
		same(t, "what waits", []collect.Backlog{b}, must[[]collect.Backlog](t)(tx.TakeBacklog(p, "e1", "b", 2)))
		same(t, "taken once", []collect.Backlog(nil), must[[]collect.Backlog](t)(tx.TakeBacklog(p, "e1", "b", 2)))
		same(t, "old ones", []collect.Backlog{old}, must[[]collect.Backlog](t)(tx.TakeOldBacklog(day)))
		return nil
	})
}

func hooks(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	h := collect.Hook{Project: p, URL: "https://example.org/hook", Events: []string{"record.accepted"}, Created: day}
	write(t, s, func(tx collect.Tx) (err error) { h.ID, err = tx.AddHook(h, []byte("sealed")); return err })
	d := collect.Delivery{Hook: h.ID, Event: "record.accepted", At: day, Next: day}
	later := collect.Delivery{Hook: h.ID, Event: "record.accepted", At: day, Next: day.Add(time.Hour)}
	write(t, s, func(tx collect.Tx) error {
		return errors.Join(tx.AddDelivery(later, []byte("{}")), tx.AddDelivery(d, []byte(`{"a":1}`)))
	})
	read(t, s, func(tx collect.Tx) error {
		hooks, sealed, err := tx.ListHooks(p)
		same(t, "hooks", []collect.Hook{h}, hooks)
		if err != nil || string(sealed[0]) != "sealed" {
			t.Errorf("secret %q, %v", sealed, err)
		}
		due, bodies, err := tx.DueDeliveries(day, 10)
		if err != nil || len(due) != 1 || string(bodies[0]) != `{"a":1}` {
			t.Fatalf("due: %v, %v", due, err)
		}
		d.ID = due[0].ID
		same(t, "delivery", d, due[0])
		return nil
	})
	d.Attempts, d.Status, d.Done = 1, 200, true
	write(t, s, func(tx collect.Tx) error { return tx.SetDelivery(d) })
	read(t, s, func(tx collect.Tx) error {
		if due, _, err := tx.DueDeliveries(day, 10); err != nil || len(due) != 0 {
			t.Errorf("still due: %v, %v", due, err)
		}
		if l := must[[]collect.Delivery](t)(tx.ListDeliveries(p, h.ID, 10)); len(l) != 2 || l[0] != d {
			t.Errorf("deliveries: %v", l)
		}
		return nil
	})
	is(t, "dropping another project's hook", s.Write(ctx, func(tx collect.Tx) error { return tx.DropHook(p+1, h.ID) }), fault.NotFound)
	write(t, s, func(tx collect.Tx) error { return tx.DropHook(p, h.ID) })
}
