package storetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

func people(t *testing.T, s collect.Store) {
	u := collect.User{Email: "Amina@Example.org", Name: "Amina", Language: "fr", Grants: []access.Grant{{Role: "manager", Scope: access.Scope{Project: 1, Sites: []string{"TD01"}}}}, Created: day}
	write(t, s, func(tx collect.Tx) (err error) { u.ID, err = tx.AddUser(u, "hash one"); return err })
	is(t, "an email twice, in other letters", s.Write(ctx, func(tx collect.Tx) error {
		_, err := tx.AddUser(collect.User{Email: "amina@example.ORG"}, "x")
		return err
	}), fault.Conflict)
	u.Grants, u.Disabled, u.LastSeen, u.Name = nil, true, day, "A."
	write(t, s, func(tx collect.Tx) error {
		return errors.Join(tx.SetUser(u), tx.SetPassword(u.ID, "hash two"), tx.AddPasskey(u.ID, []byte("k1"), []byte("sealed")),
			tx.AddSession([]byte("t1"), u.ID, day), tx.AddSession([]byte("t2"), u.ID, day.Add(time.Hour)), tx.AddSession([]byte("t3"), u.ID, day.Add(2*time.Hour)),
			tx.PutRole(access.Role{Name: "x", Rights: []access.Right{access.Submit}}), tx.PutRole(access.Role{Name: "x", Rights: []access.Right{access.Submit, access.ReadForms}}))
	})
	u.Passkeys = 1
	read(t, s, func(tx collect.Tx) error {
		got, hash, err := tx.FindUser("AMINA@example.org ")
		if err != nil {
			return err
		}
		same(t, "user by email", u, got)
		if hash != "hash two" {
			t.Errorf("hash of the password: %s", hash)
		}
		same(t, "user", u, must[collect.User](t)(tx.GetUser(u.ID)))
		same(t, "users", []collect.User{u}, must[[]collect.User](t)(tx.ListUsers()))
		same(t, "roles", []access.Role{{Name: "x", Rights: []access.Right{access.Submit, access.ReadForms}}}, must[[]access.Role](t)(tx.ListRoles()))
		_, _, err = tx.FindUser("nobody@example.org")
		is(t, "unknown user", err, fault.NotFound)
		user, expires, err := tx.GetSession([]byte("t2"))
		if err != nil || user != u.ID || !expires.Equal(day.Add(time.Hour)) {
			t.Errorf("session: %d until %v, %v", user, expires, err)
		}
		user, sealed, err := tx.FindPasskey([]byte("k1"))
		if err != nil || user != u.ID || !bytes.Equal(sealed, []byte("sealed")) {
			t.Errorf("passkey: %d, %v", user, err)
		}
		ids, _, err := tx.ListPasskeys(u.ID)
		same(t, "passkeys", [][]byte{[]byte("k1")}, ids)
		return err
	})
	write(t, s, func(tx collect.Tx) error {
		is(t, "dropping somebody else's passkey", tx.DropPasskey(u.ID+1, []byte("k1")), fault.NotFound)
		return tx.DropPasskey(u.ID, []byte("k1"))
	})
	read(t, s, func(tx collect.Tx) error {
		_, _, err := tx.FindPasskey([]byte("k1"))
		is(t, "a passkey that was dropped", err, fault.NotFound)
		return nil
	})
	write(t, s, func(tx collect.Tx) error {
		n, err := tx.DropSessions(0, day.Add(time.Second))
		if n != 1 {
			t.Errorf("%d expired sessions were dropped, want 1", n)
		}
		return errors.Join(err, tx.DropSession([]byte("t2")))
	})
	write(t, s, func(tx collect.Tx) error {
		n, err := tx.DropSessions(u.ID, time.Time{})
		if n != 1 {
			t.Errorf("%d of a user's sessions were dropped, want 1", n)
		}
		return err
	})
	read(t, s, func(tx collect.Tx) error {
		_, _, err := tx.GetSession([]byte("t3"))
		is(t, "a session that was dropped", err, fault.NotFound)
		return nil
	})
	is(t, "dropping an unknown session", s.Write(ctx, func(tx collect.Tx) error { return tx.DropSession([]byte("t9")) }), fault.NotFound)
}

func devices(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	d := collect.Device{Project: p, Name: "tablet", Forms: []string{"arrivals"}, Team: "red", Site: "TD01", Digest: true, Edits: true, Created: day}
	link := collect.Device{Project: p, Name: "link", Web: true, Created: day}
	write(t, s, func(tx collect.Tx) (err error) {
		if d.ID, err = tx.AddDevice(d, []byte("hash 1"), "sealed ha1"); err != nil {
			return err
		}
		link.ID, err = tx.AddDevice(link, []byte("hash 2"), "")
		return err
	})
	is(t, "a token twice", s.Write(ctx, func(tx collect.Tx) error { _, err := tx.AddDevice(d, []byte("hash 1"), ""); return err }), fault.Conflict)
	read(t, s, func(tx collect.Tx) error {
		same(t, "device by token", d, must[collect.Device](t)(tx.FindDevice([]byte("hash 1"))))
		got, ha1, err := tx.FindDigest("tablet")
		same(t, "device by name", d, got)
		if err != nil || ha1 != "sealed ha1" {
			t.Errorf("ha1 %q, %v", ha1, err)
		}
		_, _, err = tx.FindDigest("link")
		is(t, "a device without Digest", err, fault.NotFound)
		_, err = tx.FindDevice([]byte("hash 3"))
		is(t, "unknown token", err, fault.NotFound)
		return nil
	})
	d.Revoked, d.LastUsed, d.Forms, d.Edits = true, day, nil, false
	again := d
	again.Revoked = false
	write(t, s, func(tx collect.Tx) (err error) {
		if err := tx.SetDevice(d); err != nil {
			return err
		}
		again.ID, err = tx.AddDevice(again, []byte("hash 4"), "new ha1")
		return err
	})
	read(t, s, func(tx collect.Tx) error {
		same(t, "devices", []collect.Device{d, link, again}, must[[]collect.Device](t)(tx.ListDevices(p)))
		if got, _, err := tx.FindDigest("tablet"); err != nil || got.ID != again.ID {
			t.Errorf("by name: %d, %v, want the one that is not revoked", got.ID, err)
		}
		return nil
	})
}

func openings(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	o := collect.Opening{ID: "o1", Project: p, Form: "arrivals", Instance: "uuid:1", Purpose: access.Purpose{Code: "referral"}, Asked: day, AskedBy: 1}
	write(t, s, func(tx collect.Tx) error { return tx.PutOpening(o, []byte("sealed note")) })
	o.Granted, o.GrantedBy, o.Ends = day.Add(time.Minute), 2, day.Add(time.Hour)
	write(t, s, func(tx collect.Tx) error { return tx.PutOpening(o, []byte("sealed note")) })
	read(t, s, func(tx collect.Tx) error {
		got, note, err := tx.GetOpening("o1")
		if err != nil || string(note) != "sealed note" {
			t.Errorf("note %q, %v", note, err)
		}
		same(t, "opening", o, got)
		same(t, "openings", []collect.Opening{o}, must[[]collect.Opening](t)(tx.ListOpenings(p)))
		_, _, err = tx.GetOpening("o2")
		is(t, "unknown", err, fault.NotFound)
		return nil
	})
}

func flags(t *testing.T, s collect.Store) {
	p, _ := project(t, s, "u")
	f := collect.Flag{Project: p, Form: "arrivals", Instance: "uuid:1", Code: "flag.short-interview", Args: map[string]any{"minutes": 1.5, "limit": int64(5)}, Raised: day}
	g := collect.Flag{Project: p, Form: "camp", Instance: "uuid:2", Code: "flag.other", Raised: day}
	write(t, s, func(tx collect.Tx) (err error) {
		if f.ID, err = tx.AddFlag(f, nil); err != nil {
			return err
		}
		g.ID, err = tx.AddFlag(g, nil)
		return err
	})
	read(t, s, func(tx collect.Tx) error {
		same(t, "of a form", []collect.Flag{f}, must[[]collect.Flag](t)(tx.ListFlags(p, "arrivals", "")))
		same(t, "of every form", []collect.Flag{f, g}, must[[]collect.Flag](t)(tx.ListFlags(p, "", "")))
		return nil
	})
	f.Owner, f.Outcome, f.Closed = "user:1", "explained", day
	write(t, s, func(tx collect.Tx) error { return tx.SetFlag(f, []byte("sealed note")) })
	write(t, s, func(tx collect.Tx) error { return tx.SetFlag(f, nil) })
	read(t, s, func(tx collect.Tx) error {
		got, note, err := tx.GetFlag(f.ID)
		if err != nil || string(note) != "sealed note" {
			t.Errorf("note %q, %v", note, err)
		}
		same(t, "flag", f, got)
		same(t, "open ones", []collect.Flag(nil), must[[]collect.Flag](t)(tx.ListFlags(p, "arrivals", "")))
		same(t, "of a record, closed ones too", []collect.Flag{f}, must[[]collect.Flag](t)(tx.ListFlags(p, "arrivals", "uuid:1")))
		return nil
	})
}
