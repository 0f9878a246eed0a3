package records

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waymark/collect"
	"waymark/fault"
)

// versionColumns are those of a version without its bytes; turn is not among them.
const (
	versionColumns = `id, project, form, version, draft, hash, source_name, issues, published, made_by`
	versionBytes   = `, xml, source, itemsets`
)

func versionFields(v *collect.Version) []any {
	return []any{&v.ID, &v.Project, &v.Form, &v.Version, &v.Draft, &v.Hash, &v.SourceName, issuesOf{&v.Issues}, clock{&v.Published}, &v.By}
}

func (t *tx) PutForm(f collect.Form) error {
	_, err := t.exec(`INSERT INTO forms (project, form, title, state, encrypted, web_form, created) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (project, form) DO UPDATE SET title = excluded.title, state = excluded.state, encrypted = excluded.encrypted, web_form = excluded.web_form`,
		f.Project, f.ID, f.Title, string(f.State), f.Encrypted, f.WebForm, stamp(f.Created))
	return err
}

func (t *tx) GetForm(project int64, form string) (collect.Form, error) {
	f, err := t.forms(project, form)
	if err == nil && len(f) == 0 {
		err = none("form")
	}
	if err != nil {
		return collect.Form{}, err
	}
	return f[0], nil
}

func (t *tx) ListForms(project int64) ([]collect.Form, error) { return t.forms(project, "") }

// forms gives one form, or all of a project.
func (t *tx) forms(project int64, form string) ([]collect.Form, error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	found, err := list(t, `SELECT project, form, title, state, encrypted, web_form, created, records FROM forms WHERE project = $1 AND ($2 = '' OR form = $2) ORDER BY form`,
		[]any{project, form}, func(rows *sql.Rows) (f collect.Form, err error) {
			return f, rows.Scan(&f.Project, &f.ID, &f.Title, &f.State, &f.Encrypted, &f.WebForm, clock{&f.Created}, &f.Records)
		})
	if err != nil {
		return nil, err
	}
	for i := range found {
		f := &found[i]
		if f.Current, err = t.versionOrNone(f.Project, f.ID, ` AND NOT draft ORDER BY turn DESC LIMIT 1`); err != nil {
			return nil, err
		}
		if f.Draft, err = t.versionOrNone(f.Project, f.ID, ` AND draft`); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// versionOrNone gives a version without its bytes, with its media; nil where there is none.
func (t *tx) versionOrNone(project int64, form, which string) (*collect.Version, error) {
	var v collect.Version
	err := t.one("version", versionFields(&v), `SELECT `+versionColumns+` FROM versions WHERE project = $1 AND form = $2`+which, project, form)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err == nil {
		v.Media, err = t.media(v.ID)
	}
	return &v, err
}

func (t *tx) AddVersion(v collect.Version) (int64, error) {
	turn := int64(0)
	if v.Draft {
		if err := t.DropDraft(v.Project, v.Form); err != nil && !errors.Is(err, fault.NotFound) {
			return 0, err
		}
	} else if err := t.takeTurn(v, &turn); err != nil {
		return 0, err
	}
	id, err := t.insert("version", `INSERT INTO versions (project, form, version, draft, turn, hash, xml, source, source_name, itemsets, issues, published, made_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING id`,
		v.Project, v.Form, v.Version, v.Draft, turn, v.Hash, bytesOf(v.XML), orNull(v.Source), v.SourceName, orNull(v.Itemsets), packIssues(v.Issues), stamp(v.Published), v.By)
	if err != nil {
		return 0, err
	}
	for _, m := range v.Media {
		if err := t.PutMedia(id, m); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// takeTurn makes room for a version that was published elsewhere: behind those published before it.
func (t *tx) takeTurn(v collect.Version, turn *int64) error {
	err := t.one("turn", []any{turn}, `SELECT COALESCE(MAX(turn), 0) + 1 FROM versions WHERE project = $1 AND form = $2 AND NOT draft AND published <= $3`, v.Project, v.Form, stamp(v.Published))
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE versions SET turn = turn + 1 WHERE project = $1 AND form = $2 AND NOT draft AND turn >= $3`, v.Project, v.Form, *turn)
	return err
}

// nextTurn gives the order of the next publication, which holds whatever the clock says.
func (t *tx) nextTurn(project int64, form string, turn *int64) error {
	return t.one("turn", []any{turn}, `SELECT COALESCE(MAX(turn), 0) + 1 FROM versions WHERE project = $1 AND form = $2`, project, form)
}

// orNull gives bytes for a column that may be null.
func orNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

func (t *tx) PublishDraft(project int64, form, version, hash string, xml []byte, at time.Time) error {
	var there int64
	if err := t.one("version", []any{&there}, `SELECT COUNT(*) FROM versions WHERE project = $1 AND form = $2 AND version = $3 AND NOT draft`, project, form, version); err != nil {
		return err
	}
	if there > 0 {
		return fmt.Errorf("version: %w", fault.Conflict)
	}
	var turn int64
	if err := t.nextTurn(project, form, &turn); err != nil {
		return err
	}
	return t.must("draft", `UPDATE versions SET draft = FALSE, turn = $1, version = $2, hash = $3, xml = $4, published = $5 WHERE project = $6 AND form = $7 AND draft`,
		turn, version, hash, bytesOf(xml), stamp(at), project, form)
}

func (t *tx) DropDraft(project int64, form string) error {
	return t.must("draft", `DELETE FROM versions WHERE project = $1 AND form = $2 AND draft`, project, form)
}

func (t *tx) GetVersion(id int64) (collect.Version, error) {
	return t.versionWhole(fmt.Sprintf("version %d", id), ` WHERE id = $1`, id)
}

func (t *tx) FindVersion(project int64, form, version string, draft collect.Stage) (collect.Version, error) {
	switch {
	case bool(draft):
		return t.versionWhole("draft", ` WHERE project = $1 AND form = $2 AND draft`, project, form)
	case version == "":
		return t.versionWhole("version", ` WHERE project = $1 AND form = $2 AND NOT draft ORDER BY turn DESC LIMIT 1`, project, form)
	}
	return t.versionWhole("version", ` WHERE project = $1 AND form = $2 AND version = $3 AND NOT draft`, project, form, version)
}

// versionWhole gives a version with its bytes and media.
func (t *tx) versionWhole(what, where string, args ...any) (v collect.Version, err error) {
	if err = t.one(what, append(versionFields(&v), &v.XML, &v.Source, &v.Itemsets), `SELECT `+versionColumns+versionBytes+` FROM versions`+where, args...); err != nil {
		return collect.Version{}, err
	}
	v.Media, err = t.media(v.ID)
	return v, err
}

func (t *tx) ListVersions(project int64, form string) ([]collect.Version, error) {
	return list(t, `SELECT `+versionColumns+` FROM versions WHERE project = $1 AND form = $2 AND NOT draft ORDER BY turn DESC`, []any{project, form},
		func(rows *sql.Rows) (v collect.Version, err error) { return v, rows.Scan(versionFields(&v)...) })
}

func (t *tx) PutMedia(version int64, m collect.Media) error {
	_, err := t.exec(`INSERT INTO media (version, name, type, md5, digest, size, entities) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (version, name) DO UPDATE SET type = excluded.type, md5 = excluded.md5, digest = excluded.digest, size = excluded.size, entities = excluded.entities`,
		version, m.Name, m.Type, m.MD5, m.Digest, m.Size, m.Entities)
	return err
}

func (t *tx) media(version int64) ([]collect.Media, error) {
	return list(t, `SELECT name, type, md5, digest, size, entities FROM media WHERE version = $1 ORDER BY name`, []any{version},
		func(rows *sql.Rows) (m collect.Media, err error) {
			return m, rows.Scan(&m.Name, &m.Type, &m.MD5, &m.Digest, &m.Size, &m.Entities)
		})
}

func (t *tx) GetFormKey(project int64, form string) (k collect.FormKey, err error) {
	err = t.one("key", []any{&k.Public, &k.Private, &k.Hint}, `SELECT public, private, hint FROM form_keys WHERE project = $1 AND form = $2`, project, form)
	return k, err
}

func (t *tx) PutFormKey(project int64, form string, k collect.FormKey) error {
	_, err := t.exec(`INSERT INTO form_keys (project, form, public, private, hint) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (project, form) DO UPDATE SET public = excluded.public, private = excluded.private, hint = excluded.hint`, project, form, k.Public, bytesOf(k.Private), k.Hint)
	return err
}
