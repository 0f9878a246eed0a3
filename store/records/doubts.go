package records

import (
	"database/sql"
	"fmt"

	"waymark/collect"
)

const flagColumns = `id, project, form, instance, code, args, raised, owner, outcome, closed`

func flagFields(f *collect.Flag) []any {
	return []any{&f.ID, &f.Project, &f.Form, &f.Instance, &f.Code, argsOf{&f.Args}, clock{&f.Raised}, &f.Owner, &f.Outcome, clock{&f.Closed}}
}

func (t *tx) AddFlag(f collect.Flag, note []byte) (int64, error) {
	return t.insert("flag", `INSERT INTO flags (project, form, instance, code, args, raised, owner, outcome, note, closed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
		f.Project, f.Form, f.Instance, string(f.Code), packArgs(f.Args), stamp(f.Raised), f.Owner, f.Outcome, orNull(note), stamp(f.Closed))
}

// SetFlag changes who looks into a flag and what came of it. A nil note leaves the note there is.
func (t *tx) SetFlag(f collect.Flag, note []byte) error {
	return t.must(fmt.Sprintf("flag %d", f.ID), `UPDATE flags SET owner = $1, outcome = $2, note = COALESCE($3, note), closed = $4 WHERE id = $5`,
		f.Owner, f.Outcome, orNull(note), stamp(f.Closed), f.ID)
}

func (t *tx) GetFlag(id int64) (f collect.Flag, note []byte, err error) {
	err = t.one(fmt.Sprintf("flag %d", id), append(flagFields(&f), &note), `SELECT `+flagColumns+`, note FROM flags WHERE id = $1`, id)
	return f, note, err
}

// ListFlags gives the flags of a record, or with instance "" the open ones of a form; form "" of all forms.
func (t *tx) ListFlags(project int64, form, instance string) ([]collect.Flag, error) {
	q := new(question)
	q.add("SELECT " + flagColumns + " FROM flags WHERE project = ").with(project)
	if form != "" {
		q.add(" AND form = ").with(form)
	}
	if instance != "" {
		q.add(" AND instance = ").with(instance)
	} else {
		q.add(" AND closed = 0")
	}
	q.add(" ORDER BY id")
	return list(t, q.text.String(), q.args, func(rows *sql.Rows) (f collect.Flag, err error) {
		return f, rows.Scan(flagFields(&f)...)
	})
}
