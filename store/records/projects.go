package records

import (
	"database/sql"
	"fmt"

	"waymark/collect"
)

const projectColumns = `id, uid, name, note, language, training, retain_days, archived, created`

func projectFields(p *collect.Project) []any {
	return []any{&p.ID, &p.UID, &p.Name, &p.Note, &p.Language, &p.Training, &p.RetainDays, &p.Archived, clock{&p.Created}}
}

func (t *tx) AddProject(p collect.Project) (int64, error) {
	return t.insert("project", `INSERT INTO projects (uid, name, note, language, training, retain_days, archived, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
		p.UID, p.Name, p.Note, p.Language, p.Training, p.RetainDays, p.Archived, stamp(p.Created))
}

func (t *tx) SetProject(p collect.Project) error {
	return t.must(fmt.Sprintf("project %d", p.ID), `UPDATE projects SET name = $1, note = $2, language = $3, training = $4, retain_days = $5, archived = $6 WHERE id = $7`,
		p.Name, p.Note, p.Language, p.Training, p.RetainDays, p.Archived, p.ID)
}

func (t *tx) GetProject(id int64) (p collect.Project, err error) {
	err = t.one(fmt.Sprintf("project %d", id), projectFields(&p), `SELECT `+projectColumns+` FROM projects WHERE id = $1`, id)
	return p, err
}

func (t *tx) ListProjects() ([]collect.Project, error) {
	return list(t, `SELECT `+projectColumns+` FROM projects ORDER BY id`, nil, func(rows *sql.Rows) (p collect.Project, err error) {
		return p, rows.Scan(projectFields(&p)...)
	})
}

func (t *tx) Setting(key string) (value []byte, err error) {
	err = t.one("setting "+key, []any{&value}, `SELECT value FROM settings WHERE key = $1`, key)
	return value, err
}

func (t *tx) SetSetting(key string, value []byte) error {
	_, err := t.exec(`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, bytesOf(value))
	return err
}

// bytesOf gives bytes for a column that takes no null.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
