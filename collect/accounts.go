package collect

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/fault"
	"waymark/trust/access"
)

// What can be wrong with an account or a sign-in.
const (
	CodeEmail        fault.Code = "collect.email"          //
	CodeEmailTaken   fault.Code = "collect.email-taken"    //
	CodePassword     fault.Code = "collect.password"       // limit: letters it needs
	CodeSignIn       fault.Code = "collect.sign-in"        //
	CodeTooManyTries fault.Code = "collect.too-many-tries" // seconds
	CodeSessionOver  fault.Code = "collect.session-over"   //
)

const (
	sessionLength    = 12 * time.Hour
	shortestPassword = 10 // characters
)

// SignIn checks an email and a password and begins a session; the token is shown once. Wrong ones give
// fault.Forbidden after the same time, whoever is asked for; too many tries give fault.Unavailable.
func (d *Desk) SignIn(ctx context.Context, email, password, from string) (token string, expires time.Time, actor access.Actor, err error) {
	email = plainEmail(email)
	if err := d.tries.allow(d.now(), "account:"+email, "address:"+from); err != nil {
		return "", time.Time{}, access.Actor{}, err
	}
	type found struct {
		user User
		hash string
	}
	who, err := looked(ctx, d, func(tx Tx) (found, error) {
		u, hash, err := tx.FindUser(email)
		return found{u, hash}, err
	})
	known := err == nil && !who.user.Disabled
	if err != nil && !errors.Is(err, fault.NotFound) {
		return "", time.Time{}, access.Actor{}, err
	}
	if !d.passwordFits(ctx, who.hash, password) || !known {
		d.tries.failed(d.now(), "account:"+email, "address:"+from)
		e := d.entry(system, "session.refused", 0, "")
		if err == nil {
			e.Object = "user:" + strconv.FormatInt(who.user.ID, 10)
		}
		if err := d.Note(ctx, e); err != nil {
			return "", time.Time{}, access.Actor{}, err
		}
		return "", time.Time{}, access.Actor{}, fault.Issue{Code: CodeSignIn, Kind: fault.Forbidden}
	}
	d.tries.succeeded("account:" + email)
	return d.begin(ctx, who.user, "password")
}

// SignInAs begins a session of a user whom another door has made sure of: a passkey, an identity provider.
// how names the door, for the audit log. Unknown and disabled ones give fault.Forbidden.
func (d *Desk) SignInAs(ctx context.Context, email, how string) (token string, expires time.Time, actor access.Actor, err error) {
	u, err := looked(ctx, d, func(tx Tx) (User, error) {
		u, _, err := tx.FindUser(plainEmail(email))
		return u, err
	})
	switch {
	case errors.Is(err, fault.NotFound) || err == nil && u.Disabled:
		return "", time.Time{}, access.Actor{}, fault.Issue{Code: CodeSignIn, Kind: fault.Forbidden}
	case err != nil:
		return "", time.Time{}, access.Actor{}, err
	}
	return d.begin(ctx, u, how)
}

// passwordFits checks a password in the same time whether there is a user or not. Few are checked at once:
// each takes memory on purpose.
func (d *Desk) passwordFits(ctx context.Context, hash, password string) bool {
	select {
	case d.checking <- struct{}{}:
		defer func() { <-d.checking }()
	case <-ctx.Done():
		return false
	}
	d.nobody.once.Do(func() { d.nobody.hash = d.options.Keys.HashPassword(d.options.Keys.Token(16)) })
	if hash == "" {
		d.options.Keys.CheckPassword(d.nobody.hash, password)
		return false
	}
	return d.options.Keys.CheckPassword(hash, password)
}

func (d *Desk) begin(ctx context.Context, u User, how string) (token string, expires time.Time, actor access.Actor, err error) {
	token = d.options.Keys.Token(32)
	expires = d.now().Add(sessionLength)
	actor, err = written(ctx, d, func(tx Tx) (access.Actor, error) {
		now := u
		now.LastSeen = d.now()
		if err := tx.SetUser(now); err != nil {
			return access.Actor{}, err
		}
		if err := tx.AddSession(d.mac("session", token), u.ID, expires); err != nil {
			return access.Actor{}, err
		}
		a, err := actorOf(tx, now)
		if err != nil {
			return access.Actor{}, err
		}
		e := d.entry(a, "session.begin", 0, "user:"+strconv.FormatInt(u.ID, 10))
		e.Detail = map[string]string{"by": how}
		return a, tx.Append(e)
	})
	if err != nil {
		return "", time.Time{}, access.Actor{}, err
	}
	return token, expires, actor, nil
}

// actorOf gives what a user may do, from the grants there are now.
func actorOf(tx Tx, u User) (access.Actor, error) {
	roles, err := roleList(tx)
	if err != nil {
		return access.Actor{}, err
	}
	return access.Resolve(roles, access.Actor{Kind: access.User, ID: u.ID, Grants: u.Grants}), nil
}

// Session gives the actor of a session's token. Expired and unknown ones give fault.Forbidden.
func (d *Desk) Session(ctx context.Context, token string) (access.Actor, User, error) {
	type found struct {
		actor access.Actor
		user  User
	}
	over := fault.Issue{Code: CodeSessionOver, Kind: fault.Forbidden}
	who, err := looked(ctx, d, func(tx Tx) (found, error) {
		id, expires, err := tx.GetSession(d.mac("session", token))
		switch {
		case errors.Is(err, fault.NotFound) || err == nil && !running(d.now(), expires.Add(-sessionLength), expires):
			return found{}, over
		case err != nil:
			return found{}, err
		}
		u, err := tx.GetUser(id)
		if err != nil || u.Disabled {
			return found{}, over
		}
		a, err := actorOf(tx, u)
		return found{a, u}, err
	})
	return who.actor, who.user, err
}

// clockBack is how far a machine's clock may be set back while a session or an opening goes on.
const clockBack = 15 * time.Minute

// running says whether a time limit goes on. One that began in the future was set by a clock that was ahead, and would
// end nobody knows when: it is over.
func running(now, began, ends time.Time) bool {
	return now.Before(ends) && began.Sub(now) <= clockBack
}

// SignOut ends a session.
func (d *Desk) SignOut(ctx context.Context, token string) error {
	err := d.options.Store.Write(ctx, func(tx Tx) error {
		id, _, err := tx.GetSession(d.mac("session", token))
		if err != nil {
			return err
		}
		if err := tx.DropSession(d.mac("session", token)); err != nil {
			return err
		}
		who := access.Actor{Kind: access.User, ID: id}
		return tx.Append(d.entry(who, "session.end", 0, actorID(who)))
	})
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// AddUser makes a user. An empty password makes one who signs in by another door.
func (d *Desk) AddUser(ctx context.Context, by access.Actor, u User, password string) (User, error) {
	if err := need(by, access.ManageUsers, 0); err != nil {
		return User{}, err
	}
	u.Email = plainEmail(u.Email)
	if at := strings.IndexByte(u.Email, '@'); at < 1 || at == len(u.Email)-1 || len(u.Email) > 254 || strings.ContainsAny(u.Email, " \t\r\n<>\"") {
		return User{}, fault.Issue{Code: CodeEmail}
	}
	hash := ""
	if password != "" {
		if err := checkPassword(password); err != nil {
			return User{}, err
		}
		hash = d.options.Keys.HashPassword(password)
	}
	u.Created = d.now()
	return written(ctx, d, func(tx Tx) (User, error) {
		u := u
		if err := checkGrants(tx, by, u); err != nil {
			return User{}, err
		}
		id, err := tx.AddUser(u, hash)
		if errors.Is(err, fault.Conflict) {
			return User{}, fault.Issue{Code: CodeEmailTaken, Kind: fault.Conflict}
		}
		if err != nil {
			return User{}, err
		}
		u.ID = id
		e := d.entry(by, "user.add", 0, "user:"+strconv.FormatInt(id, 10))
		e.Detail = map[string]string{"roles": roleNames(u.Grants)}
		return u, tx.Append(e)
	})
}

func roleNames(grants []access.Grant) string {
	names := make([]string, len(grants))
	for i, g := range grants {
		names[i] = g.Role
		if g.Scope.Project != 0 {
			names[i] += "@" + strconv.FormatInt(g.Scope.Project, 10)
		}
	}
	return strings.Join(names, " ")
}

// checkPassword asks for length alone: rules about letters make passwords worse (NIST SP 800-63B).
func checkPassword(password string) error {
	if len([]rune(password)) < shortestPassword || len(password) > 1024 {
		return fault.Issue{Code: CodePassword, Args: map[string]any{"limit": shortestPassword}}
	}
	return nil
}

// SetUser changes name, language, grants and whether a user is disabled. Nobody changes their own grants; a user's
// sessions end where something is taken away.
func (d *Desk) SetUser(ctx context.Context, by access.Actor, u User) error {
	self := by.Kind == access.User && by.ID == u.ID
	if err := need(by, access.ManageUsers, 0); err != nil && !self {
		return err
	}
	return d.options.Store.Write(ctx, func(tx Tx) error {
		have, err := tx.GetUser(u.ID)
		if err != nil {
			return err
		}
		changed := !slices.EqualFunc(have.Grants, u.Grants, sameGrant)
		if self && (changed || u.Disabled != have.Disabled) {
			return fault.Issue{Code: CodeOwnGrants, Kind: fault.Forbidden}
		}
		if changed {
			if err := checkGrants(tx, by, u); err != nil {
				return err
			}
		}
		now := have
		now.Name, now.Language, now.Grants, now.Disabled = u.Name, u.Language, u.Grants, u.Disabled
		if err := tx.SetUser(now); err != nil {
			return err
		}
		if u.Disabled && !have.Disabled {
			if _, err := dropAll(tx, u.ID); err != nil {
				return err
			}
		}
		e := d.entry(by, "user.set", 0, "user:"+strconv.FormatInt(u.ID, 10))
		if changed {
			e.Detail = map[string]string{"roles": roleNames(u.Grants)}
		}
		if u.Disabled != have.Disabled {
			e.Act = map[bool]string{true: "user.disable", false: "user.enable"}[u.Disabled]
		}
		return tx.Append(e)
	})
}

func sameGrant(a, b access.Grant) bool {
	return a.Role == b.Role && a.Scope.Project == b.Scope.Project && slices.Equal(a.Scope.Sites, b.Scope.Sites) && slices.Equal(a.Scope.Teams, b.Scope.Teams)
}

// dropAll ends all sessions of a user.
func dropAll(tx Tx, user int64) (int, error) {
	return tx.DropSessions(user, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
}

// SetPassword gives a user another password and ends the user's sessions.
func (d *Desk) SetPassword(ctx context.Context, by access.Actor, user int64, password string) error {
	if err := need(by, access.ManageUsers, 0); err != nil && (by.Kind != access.User || by.ID != user) {
		return err
	}
	if err := checkPassword(password); err != nil {
		return err
	}
	hash := d.options.Keys.HashPassword(password)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		if err := tx.SetPassword(user, hash); err != nil {
			return err
		}
		if _, err := dropAll(tx, user); err != nil {
			return err
		}
		return tx.Append(d.entry(by, "user.password", 0, "user:"+strconv.FormatInt(user, 10)))
	})
}

// Users lists the users.
func (d *Desk) Users(ctx context.Context, by access.Actor) ([]User, error) {
	if err := need(by, access.ManageUsers, 0); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) ([]User, error) { return tx.ListUsers() })
}

func plainEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
