package collect_test

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

func TestSignIn(t *testing.T) {
	h := newHouse(t)
	u, err := h.AddUser(ctx, h.admin, collect.User{Email: " Amina@Example.org ", Name: "A", Grants: []access.Grant{{Role: "viewer", Scope: access.Scope{Project: h.project}}}}, password)
	h.must(err)
	if u.Email != "amina@example.org" {
		t.Errorf("%s", u.Email)
	}
	token, expires, actor, err := h.SignIn(ctx, "AMINA@example.org", password, "10.0.0.1")
	h.must(err)
	if actor.ID != u.ID || !access.AllowedAnywhere(actor, access.ReadRecords, h.project) || access.AllowedAnywhere(actor, access.ManageUsers, 0) {
		t.Errorf("%+v", actor)
	}
	if a, who, err := h.Session(ctx, token); err != nil || a.ID != u.ID || who.LastSeen.IsZero() {
		t.Errorf("%+v %+v %v", a, who, err)
	}
	if _, _, err := h.Session(ctx, token+"x"); !errors.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	h.eachCell(func(table, text string) {
		if strings.Contains(text, token) || strings.Contains(text, password) || strings.Contains(text, h.token) {
			t.Errorf("%s holds a token or a password", table)
		}
	})
	// What is taken away counts at once.
	u.Grants = nil
	h.must(h.SetUser(ctx, h.admin, u))
	if a, _, err := h.Session(ctx, token); err != nil || len(a.Rights) != 0 {
		t.Errorf("%+v %v", a.Rights, err)
	}
	u.Disabled = true
	h.must(h.SetUser(ctx, h.admin, u))
	if _, _, err := h.Session(ctx, token); !errors.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	if _, _, _, err := h.SignIn(ctx, u.Email, password, "10.0.0.1"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a disabled user signs in: %v", err)
	}
	u.Disabled = false
	h.must(h.SetUser(ctx, h.admin, u))
	token, _, _, err = h.SignIn(ctx, u.Email, password, "10.0.0.2")
	h.must(err)
	h.clock.pass(expires.Sub(h.clock.Now()) + time.Second)
	if _, _, err := h.Session(ctx, token); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a session that has ended: %v", err)
	}
	if done, err := h.Sweep(ctx); err != nil || done.Sessions == 0 {
		t.Errorf("%+v %v", done, err)
	}
}

// After five failures an account waits, and the wait grows; the right password does not help before it is over.
func TestTries(t *testing.T) {
	h := newHouse(t)
	_, err := h.AddUser(ctx, h.admin, collect.User{Email: "a@example.org"}, password)
	h.must(err)
	for range 5 {
		if _, _, _, err := h.SignIn(ctx, "a@example.org", "wrong word it is", "10.0.0.1"); !errors.Is(err, fault.Forbidden) {
			t.Fatal(err)
		}
	}
	if _, _, _, err := h.SignIn(ctx, "a@example.org", password, "10.0.0.9"); !errors.Is(err, fault.Unavailable) {
		t.Fatalf("no wait after five failures: %v", err)
	}
	h.clock.pass(3 * time.Second)
	if _, _, _, err := h.SignIn(ctx, "a@example.org", "wrong word it is", "10.0.0.1"); !errors.Is(err, fault.Forbidden) {
		t.Fatal(err)
	}
	h.clock.pass(3 * time.Second)
	if _, _, _, err := h.SignIn(ctx, "a@example.org", password, "10.0.0.1"); !errors.Is(err, fault.Unavailable) {
		t.Fatalf("the wait does not grow: %v", err)
	}
	h.clock.pass(3 * time.Second)
	if _, _, _, err := h.SignIn(ctx, "a@example.org", password, "10.0.0.1"); err != nil {
		t.Fatal(err)
	}
	log, err := h.Audit(ctx, h.admin, collect.AuditQuery{Act: "session.refused"})
	if err != nil || len(log) != 6 {
		t.Errorf("%d failures written down, %v", len(log), err)
	}
}

// Nobody gives themselves rights, and who gives rights reads no protected answers.
func TestPowersAreApart(t *testing.T) {
	h := newHouse(t)
	self := collect.User{ID: h.admin.ID, Email: "administrator@example.org", Grants: []access.Grant{{Role: "administrator"}, {Role: "officer"}}}
	if err := h.SetUser(ctx, h.admin, self); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an administrator becomes an officer: %v", err)
	}
	if err := h.SetRole(ctx, h.admin, access.Role{Name: "administrator", Rights: []access.Right{access.ManageUsers, access.ReadRestricted}}); err == nil {
		t.Error("administrators may read restricted answers")
	}
	if err := h.SetRole(ctx, h.admin, access.Role{Name: "administrator", Rights: append(access.Roles()[0].Rights, access.DeleteRecords)}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an administrator adds a right to a role of theirs: %v", err)
	}
	h.must(h.SetRole(ctx, h.admin, access.Role{Name: "analyst", Rights: []access.Right{access.ReadForms, access.ReadRecords}}))
	for name, by := range map[string]access.Actor{"manager": h.manager, "viewer": h.viewer, "phone": h.phone, "nobody": {}} {
		if _, err := h.AddUser(ctx, by, collect.User{Email: "x@example.org"}, password); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s adds a user: %v", name, err)
		}
		if err := h.SetRole(ctx, by, access.Role{Name: "mine", Rights: []access.Right{access.ReadRecords}}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s makes a role: %v", name, err)
		}
	}
	for _, bad := range []collect.User{{Email: "nobody"}, {Email: "a b@example.org"}, {Email: "administrator-0-@example.org"}, {Email: "y@example.org", Grants: []access.Grant{{Role: "king"}}}} {
		if _, err := h.AddUser(ctx, h.admin, bad, password); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if _, err := h.AddUser(ctx, h.admin, collect.User{Email: "z@example.org"}, "short"); !errors.Is(err, fault.Invalid) {
		t.Errorf("a short password: %v", err)
	}
}

func TestDevices(t *testing.T) {
	h := newHouse(t)
	if len(h.token) != 64 || strings.Trim(h.token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$") != "" {
		t.Errorf("a token of %d signs", len(h.token))
	}
	v, _, word, err := h.AddDevice(ctx, h.manager, collect.Device{Project: h.project, Name: "lan1", Digest: true})
	h.must(err)
	ha1, actor, err := h.DigestSecret(ctx, "lan1")
	h.must(err)
	sum := md5.Sum([]byte("lan1:" + collect.DigestRealm + ":" + word))
	if ha1 != hex.EncodeToString(sum[:]) || actor.ID != v.ID || actor.Kind != access.Device {
		t.Errorf("%s %+v", ha1, actor)
	}
	h.eachCell(func(table, text string) {
		if strings.Contains(text, ha1) || strings.Contains(text, word) {
			t.Errorf("%s holds a secret", table)
		}
	})
	if _, _, _, err := h.AddDevice(ctx, h.manager, collect.Device{Project: h.project, Name: "lan1", Digest: true}); !errors.Is(err, fault.Conflict) {
		t.Errorf("two of a name: %v", err)
	}
	h.must(h.RevokeDevice(ctx, h.manager, h.project, v.ID))
	if _, _, err := h.DigestSecret(ctx, "lan1"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a revoked device: %v", err)
	}
	if _, _, err := h.DeviceByToken(ctx, "x"); !errors.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	h.publish(arrivals)
	only, _, _ := h.addPhone(collect.Device{Project: h.project, Name: "Only", Forms: []string{"departures"}})
	if forms, err := h.Forms(ctx, only, h.project); err != nil || len(forms) != 0 {
		t.Errorf("%d forms, %v", len(forms), err)
	}
	if _, err := h.Version(ctx, only, h.project, "arrivals", "", collect.Published); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if forms, err := h.Forms(ctx, h.phone, h.project); err != nil || len(forms) != 1 {
		t.Errorf("%d forms, %v", len(forms), err)
	}
	h.taken(record("uuid:1", "", "1", one))
	if all, err := h.Devices(ctx, h.manager, h.project); err != nil || !all[0].LastUsed.Equal(h.clock.Now()) || !all[1].LastUsed.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	h.state(collect.Closing)
	if forms, err := h.Forms(ctx, h.phone, h.project); err != nil || len(forms) != 0 {
		t.Errorf("%d forms while closing, %v", len(forms), err)
	}
}

// A clock that was ahead and is set right leaves no session, opening or wait that lasts until then.
func TestClockSetBack(t *testing.T) {
	h := newHouse(t)
	_, err := h.AddUser(ctx, h.admin, collect.User{Email: "a@example.org"}, password)
	h.must(err)
	h.publish(arrivals)
	h.taken(record("uuid:1", "", "1", one))
	const year = 365 * 24 * time.Hour
	h.clock.pass(10 * year)
	token, _, _, err := h.SignIn(ctx, "a@example.org", password, "10.0.0.1")
	h.must(err)
	o, err := h.AskOpening(ctx, h.officer, h.project, "arrivals", "uuid:1", access.Purpose{Code: "referral"})
	h.must(err)
	h.must(h.GrantOpening(ctx, h.manager, h.project, o.ID, collect.Allow))
	for range 8 {
		_, _, _, _ = h.SignIn(ctx, "a@example.org", "wrong word it is", "10.0.0.1")
	}
	h.clock.pass(-time.Minute) // as clocks are set right all the time
	if _, _, err := h.Session(ctx, token); err != nil {
		t.Errorf("a minute ends a session: %v", err)
	}
	if _, err := h.RawRecord(ctx, h.officer, h.project, "arrivals", "uuid:1", "", o.ID); err != nil {
		t.Errorf("a minute ends an opening: %v", err)
	}
	h.clock.pass(-10 * year)
	if _, _, err := h.Session(ctx, token); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a session goes on for ten years: %v", err)
	}
	if _, err := h.RawRecord(ctx, h.officer, h.project, "arrivals", "uuid:1", "", o.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an opening goes on for ten years: %v", err)
	}
	if _, _, _, err := h.SignIn(ctx, "a@example.org", password, "10.0.0.1"); err != nil {
		t.Errorf("a wait of ten years: %v", err)
	}
}
