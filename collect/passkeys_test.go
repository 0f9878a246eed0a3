package collect_test

import (
	"errors"
	"testing"

	"waymark/collect"
	"waymark/fault"
)

func TestPasskeys(t *testing.T) {
	h := newHouse(t)
	h.must(h.AddPasskey(ctx, h.manager, collect.Passkey{ID: []byte("one"), Name: "Laptop", Credential: []byte("credential")}))
	if err := h.AddPasskey(ctx, h.phone, collect.Passkey{ID: []byte("two")}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a phone keeps a passkey: %v", err)
	}
	user, key, err := h.PasskeyOf(ctx, []byte("one"))
	h.must(err)
	if user.ID != h.manager.ID || user.Passkeys != 1 || key.Name != "Laptop" || string(key.Credential) != "credential" || key.Made.IsZero() {
		t.Errorf("%+v, %+v", user, key)
	}
	if others, err := h.Passkeys(ctx, h.viewer); err != nil || len(others) != 0 {
		t.Errorf("a viewer has %d passkeys: %v", len(others), err)
	}
	if err := h.DropPasskey(ctx, h.viewer, []byte("one")); !errors.Is(err, fault.NotFound) {
		t.Errorf("a viewer drops somebody else's passkey: %v", err)
	}
	user.Disabled = true
	h.must(h.SetUser(ctx, h.admin, user))
	if _, _, err := h.PasskeyOf(ctx, []byte("one")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a disabled user's passkey opens: %v", err)
	}
	h.must(h.DropPasskey(ctx, h.manager, []byte("one")))
	if _, _, err := h.PasskeyOf(ctx, []byte("one")); !errors.Is(err, fault.NotFound) {
		t.Errorf("a passkey that was dropped opens: %v", err)
	}
}
