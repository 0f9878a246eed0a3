package records

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"waymark/collect"
	"waymark/trust/access"
)

const userColumns = `u.id, u.email, u.name, u.language, u.grants, u.disabled, u.created, u.last_seen, (SELECT COUNT(*) FROM passkeys p WHERE p.usr = u.id)`

func userFields(u *collect.User) []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.Language, packed{&u.Grants}, &u.Disabled, clock{&u.Created}, clock{&u.LastSeen}, &u.Passkeys}
}

// address is what an email is compared by.
func address(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func (t *tx) AddUser(u collect.User, password string) (int64, error) {
	return t.insert("user", `INSERT INTO users (email, address, name, language, grants, disabled, created, last_seen, password)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id`,
		u.Email, address(u.Email), u.Name, u.Language, pack(u.Grants), u.Disabled, stamp(u.Created), stamp(u.LastSeen), password)
}

// SetUser changes all but id, email, time of making and password.
func (t *tx) SetUser(u collect.User) error {
	return t.must(fmt.Sprintf("user %d", u.ID), `UPDATE users SET name = $1, language = $2, grants = $3, disabled = $4, last_seen = $5 WHERE id = $6`,
		u.Name, u.Language, pack(u.Grants), u.Disabled, stamp(u.LastSeen), u.ID)
}

func (t *tx) SetPassword(user int64, password string) error {
	return t.must(fmt.Sprintf("user %d", user), `UPDATE users SET password = $1 WHERE id = $2`, password, user)
}

func (t *tx) GetUser(id int64) (u collect.User, err error) {
	err = t.one(fmt.Sprintf("user %d", id), userFields(&u), `SELECT `+userColumns+` FROM users u WHERE u.id = $1`, id)
	return u, err
}

func (t *tx) FindUser(email string) (u collect.User, password string, err error) {
	err = t.one("user", append(userFields(&u), &password), `SELECT `+userColumns+`, u.password FROM users u WHERE u.address = $1`, address(email))
	return u, password, err
}

func (t *tx) ListUsers() ([]collect.User, error) {
	return list(t, `SELECT `+userColumns+` FROM users u ORDER BY u.id`, nil, func(rows *sql.Rows) (u collect.User, err error) {
		return u, rows.Scan(userFields(&u)...)
	})
}

func (t *tx) PutRole(r access.Role) error {
	_, err := t.exec(`INSERT INTO roles (name, rights) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET rights = excluded.rights`, r.Name, pack(r.Rights))
	return err
}

func (t *tx) ListRoles() ([]access.Role, error) {
	return list(t, `SELECT name, rights FROM roles ORDER BY name`, nil, func(rows *sql.Rows) (r access.Role, err error) {
		return r, rows.Scan(&r.Name, packed{&r.Rights})
	})
}

func (t *tx) AddSession(token []byte, user int64, expires time.Time) error {
	_, err := t.exec(`INSERT INTO sessions (token, usr, expires) VALUES ($1, $2, $3)`, token, user, stamp(expires))
	return err
}

func (t *tx) GetSession(token []byte) (user int64, expires time.Time, err error) {
	err = t.one("session", []any{&user, clock{&expires}}, `SELECT usr, expires FROM sessions WHERE token = $1`, token)
	return user, expires, err
}

func (t *tx) DropSession(token []byte) error {
	return t.must("session", `DELETE FROM sessions WHERE token = $1`, token)
}

func (t *tx) DropSessions(user int64, before time.Time) (int, error) {
	if user == 0 {
		n, err := t.exec(`DELETE FROM sessions WHERE expires < $1`, stamp(before))
		return int(n), err
	}
	if before.IsZero() {
		n, err := t.exec(`DELETE FROM sessions WHERE usr = $1`, user)
		return int(n), err
	}
	n, err := t.exec(`DELETE FROM sessions WHERE usr = $1 AND expires < $2`, user, stamp(before))
	return int(n), err
}

const deviceColumns = `id, project, name, web, forms, team, site, digest, draft, edits, created, last_used, revoked`

func deviceFields(v *collect.Device) []any {
	return []any{&v.ID, &v.Project, &v.Name, &v.Web, packed{&v.Forms}, &v.Team, &v.Site, &v.Digest, &v.Draft, &v.Edits, clock{&v.Created}, clock{&v.LastUsed}, &v.Revoked}
}

func (t *tx) AddDevice(v collect.Device, token []byte, ha1 string) (int64, error) {
	return t.insert("device", `INSERT INTO devices (project, name, web, forms, team, site, digest, draft, edits, created, last_used, revoked, token, ha1)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING RETURNING id`,
		v.Project, v.Name, v.Web, pack(v.Forms), v.Team, v.Site, v.Digest, v.Draft, v.Edits, stamp(v.Created), stamp(v.LastUsed), v.Revoked, token, ha1)
}

func (t *tx) FindDevice(token []byte) (v collect.Device, err error) {
	err = t.one("device", deviceFields(&v), `SELECT `+deviceColumns+` FROM devices WHERE token = $1`, token)
	return v, err
}

// FindDigest gives the device of a name that signs in by Digest: one that is not revoked before those that are, then
// the newest.
func (t *tx) FindDigest(name string) (v collect.Device, ha1 string, err error) {
	err = t.one("device", append(deviceFields(&v), &ha1), `SELECT `+deviceColumns+`, ha1 FROM devices WHERE name = $1 AND digest ORDER BY revoked, id DESC LIMIT 1`, name)
	return v, ha1, err
}

func (t *tx) SetDevice(v collect.Device) error {
	return t.must(fmt.Sprintf("device %d", v.ID), `UPDATE devices SET name = $1, forms = $2, team = $3, site = $4, last_used = $5, revoked = $6, edits = $7 WHERE id = $8`,
		v.Name, pack(v.Forms), v.Team, v.Site, stamp(v.LastUsed), v.Revoked, v.Edits, v.ID)
}

func (t *tx) ListDevices(project int64) ([]collect.Device, error) {
	return list(t, `SELECT `+deviceColumns+` FROM devices WHERE project = $1 ORDER BY id`, []any{project}, func(rows *sql.Rows) (v collect.Device, err error) {
		return v, rows.Scan(deviceFields(&v)...)
	})
}

func (t *tx) AddPasskey(user int64, id, sealed []byte) error {
	_, err := t.exec(`INSERT INTO passkeys (id, usr, sealed) VALUES ($1, $2, $3)`, id, user, bytesOf(sealed))
	return err
}

func (t *tx) ListPasskeys(user int64) (ids, sealed [][]byte, err error) {
	err = t.each(`SELECT id, sealed FROM passkeys WHERE usr = $1 ORDER BY id`, []any{user}, func(rows *sql.Rows) error {
		var id, s []byte
		err := rows.Scan(&id, &s)
		ids, sealed = append(ids, id), append(sealed, s)
		return err
	})
	return ids, sealed, err
}

func (t *tx) FindPasskey(id []byte) (user int64, sealed []byte, err error) {
	err = t.one("passkey", []any{&user, &sealed}, `SELECT usr, sealed FROM passkeys WHERE id = $1`, id)
	return user, sealed, err
}

func (t *tx) DropPasskey(user int64, id []byte) error {
	return t.must("passkey", `DELETE FROM passkeys WHERE id = $1 AND usr = $2`, id, user)
}

const openingColumns = `id, project, form, instance, purpose, asked, asked_by, granted, granted_by, refused, ends`

func openingFields(o *collect.Opening) []any {
	return []any{&o.ID, &o.Project, &o.Form, &o.Instance, &o.Purpose.Code, clock{&o.Asked}, &o.AskedBy, clock{&o.Granted}, &o.GrantedBy, &o.Refused, clock{&o.Ends}}
}

func (t *tx) PutOpening(o collect.Opening, note []byte) error {
	_, err := t.exec(`INSERT INTO openings (id, project, form, instance, purpose, note, asked, asked_by, granted, granted_by, refused, ends)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET note = excluded.note, granted = excluded.granted, granted_by = excluded.granted_by, refused = excluded.refused, ends = excluded.ends`,
		o.ID, o.Project, o.Form, o.Instance, o.Purpose.Code, orNull(note), stamp(o.Asked), o.AskedBy, stamp(o.Granted), o.GrantedBy, o.Refused, stamp(o.Ends))
	return err
}

func (t *tx) GetOpening(id string) (o collect.Opening, note []byte, err error) {
	err = t.one("opening", append(openingFields(&o), &note), `SELECT `+openingColumns+`, note FROM openings WHERE id = $1`, id)
	return o, note, err
}

func (t *tx) ListOpenings(project int64) ([]collect.Opening, error) {
	return list(t, `SELECT `+openingColumns+` FROM openings WHERE project = $1 ORDER BY asked DESC, id`, []any{project}, func(rows *sql.Rows) (o collect.Opening, err error) {
		return o, rows.Scan(openingFields(&o)...)
	})
}
