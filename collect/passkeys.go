package collect

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"waymark/fault"
	"waymark/trust/access"
)

const forPasskey = "passkey"

// CodePasskeys says that a user has as many passkeys as there may be: limit.
const CodePasskeys fault.Code = "collect.passkeys"

const mostPasskeys = 20

// Passkey is what a phone or a laptop keeps for a user to sign in with. Credential is what has to be known to check what
// it signs, in the bytes of whoever checks; it is sealed where it is kept, with the name.
type Passkey struct {
	ID         []byte `json:"-"`
	Name       string // of the phone or laptop, as its owner calls it
	Credential []byte
	Made       time.Time
}

func passkeyBound(user int64) []byte { return []byte(strconv.FormatInt(user, 10)) }

// AddPasskey keeps a passkey of the actor. One of the actor's that is there already is changed, as its counter is when it
// was used; nobody adds one for somebody else.
func (d *Desk) AddPasskey(ctx context.Context, by access.Actor, k Passkey) error {
	if by.Kind != access.User || len(k.ID) == 0 {
		return forbidden(access.ManageUsers)
	}
	if k.Made.IsZero() {
		k.Made = d.now()
	}
	plain, err := json.Marshal(k)
	if err != nil {
		return err
	}
	sealed := d.options.Keys.Seal(forPasskey, passkeyBound(by.ID), plain)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		owner, _, err := tx.FindPasskey(k.ID)
		switch {
		case err == nil && owner != by.ID:
			return forbidden(access.ManageUsers)
		case err == nil:
			if err := tx.DropPasskey(by.ID, k.ID); err != nil {
				return err
			}
			return tx.AddPasskey(by.ID, k.ID, sealed)
		case !errors.Is(err, fault.NotFound):
			return err
		}
		have, _, err := tx.ListPasskeys(by.ID)
		if err != nil {
			return err
		}
		if len(have) >= mostPasskeys {
			return fault.Issue{Code: CodePasskeys, Kind: fault.Conflict, Args: map[string]any{"limit": mostPasskeys}}
		}
		if err := tx.AddPasskey(by.ID, k.ID, sealed); err != nil {
			return err
		}
		return tx.Append(d.entry(by, "user.passkey", 0, actorID(by)))
	})
}

func (d *Desk) openPasskey(user int64, id, sealed []byte) (Passkey, error) {
	k := Passkey{ID: id}
	plain, err := d.options.Keys.Open(forPasskey, passkeyBound(user), sealed)
	if err != nil {
		return k, err
	}
	return k, json.Unmarshal(plain, &k)
}

// Passkeys lists the passkeys of the actor.
func (d *Desk) Passkeys(ctx context.Context, by access.Actor) ([]Passkey, error) {
	if by.Kind != access.User {
		return nil, forbidden(access.ManageUsers)
	}
	return looked(ctx, d, func(tx Tx) ([]Passkey, error) {
		ids, sealed, err := tx.ListPasskeys(by.ID)
		if err != nil {
			return nil, err
		}
		out := make([]Passkey, len(ids))
		for i := range ids {
			if out[i], err = d.openPasskey(by.ID, ids[i], sealed[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// PasskeyOf gives a passkey by its id and the user whose it is, for whoever checks a signature before SignInAs. One that
// is not there gives fault.NotFound, one of a disabled user fault.Forbidden.
func (d *Desk) PasskeyOf(ctx context.Context, id []byte) (User, Passkey, error) {
	type found struct {
		user User
		key  Passkey
	}
	got, err := looked(ctx, d, func(tx Tx) (found, error) {
		owner, sealed, err := tx.FindPasskey(id)
		if err != nil {
			return found{}, err
		}
		u, err := tx.GetUser(owner)
		if err != nil {
			return found{}, err
		}
		if u.Disabled {
			return found{}, fault.Issue{Code: CodeSignIn, Kind: fault.Forbidden}
		}
		k, err := d.openPasskey(owner, id, sealed)
		return found{u, k}, err
	})
	return got.user, got.key, err
}

// DropPasskey takes a passkey of the actor away.
func (d *Desk) DropPasskey(ctx context.Context, by access.Actor, id []byte) error {
	if by.Kind != access.User {
		return forbidden(access.ManageUsers)
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		if err := tx.DropPasskey(by.ID, id); err != nil {
			return err
		}
		return tx.Append(d.entry(by, "user.passkey-drop", 0, actorID(by)))
	})
}
