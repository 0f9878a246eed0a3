package records

import (
	"database/sql"
	"iter"
	"time"

	"waymark/collect"
)

const listColumns = `l.project, l.name, l.properties, l.approval, l.updated, l.hash,
	(SELECT COUNT(*) FROM entities e WHERE e.project = l.project AND e.list = l.name AND NOT e.deleted),
	(SELECT COUNT(*) FROM entities e WHERE e.project = l.project AND e.list = l.name AND e.conflict <> '' AND NOT e.deleted)`

func listFields(l *collect.EntityList) []any {
	return []any{&l.Project, &l.Name, packed{&l.Properties}, &l.Approval, clock{&l.Updated}, &l.Hash, &l.Count, &l.Conflicts}
}

// PutList makes or changes a list. Its counts are those of its entities, whatever the list says.
func (t *tx) PutList(l collect.EntityList) error {
	_, err := t.exec(`INSERT INTO lists (project, name, properties, approval, updated, hash) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (project, name) DO UPDATE SET properties = excluded.properties, approval = excluded.approval, updated = excluded.updated, hash = excluded.hash`,
		l.Project, l.Name, pack(l.Properties), l.Approval, stamp(l.Updated), l.Hash)
	return err
}

func (t *tx) GetList(project int64, name string) (l collect.EntityList, err error) {
	err = t.one("list", listFields(&l), `SELECT `+listColumns+` FROM lists l WHERE l.project = $1 AND l.name = $2`, project, name)
	return l, err
}

func (t *tx) ListLists(project int64) ([]collect.EntityList, error) {
	return list(t, `SELECT `+listColumns+` FROM lists l WHERE l.project = $1 ORDER BY l.name`, []any{project}, func(rows *sql.Rows) (l collect.EntityList, err error) {
		return l, rows.Scan(listFields(&l)...)
	})
}

const entityColumns = `id, list, label, version, conflict, created, updated, deleted, source, data`

func entityFields(e *collect.SealedEntity) []any {
	return []any{&e.ID, &e.List, &e.Label, &e.Version, &e.Conflict, clock{&e.Created}, clock{&e.Updated}, &e.Deleted, &e.Source, &e.Sealed}
}

func (t *tx) PutEntity(project int64, e collect.Entity, v collect.EntityVersion, sealed []byte) error {
	_, err := t.exec(`INSERT INTO entities (project, list, id, label, version, conflict, created, updated, deleted, source, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (project, list, id) DO UPDATE SET label = excluded.label, version = excluded.version, conflict = excluded.conflict, updated = excluded.updated,
		deleted = excluded.deleted, source = excluded.source, data = excluded.data`,
		project, e.List, e.ID, e.Label, e.Version, e.Conflict, stamp(e.Created), stamp(e.Updated), e.Deleted, e.Source, orNull(sealed))
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO entity_versions (project, list, id, version, base, label, changed, conflict, conflicting, at, actor, source, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (project, list, id, version) DO UPDATE SET base = excluded.base, label = excluded.label, changed = excluded.changed, conflict = excluded.conflict,
		conflicting = excluded.conflicting, at = excluded.at, actor = excluded.actor, source = excluded.source, data = excluded.data`,
		project, e.List, e.ID, v.Version, v.Base, v.Label, pack(v.Changed), v.Conflict, pack(v.Conflicting), stamp(v.At), v.Actor, v.Source, orNull(sealed))
	return err
}

func (t *tx) GetEntity(project int64, listName, id string) (collect.Entity, []byte, error) {
	var e collect.SealedEntity
	err := t.one("entity", entityFields(&e), `SELECT `+entityColumns+` FROM entities WHERE project = $1 AND list = $2 AND id = $3`, project, listName, id)
	return e.Entity, e.Sealed, err
}

// EachEntity gives the entities of a list, or its deleted ones, in the order they were made.
func (t *tx) EachEntity(project int64, listName string, deleted bool) iter.Seq2[collect.SealedEntity, error] {
	type placed struct {
		collect.SealedEntity
		seq int64
	}
	return func(yield func(collect.SealedEntity, error) bool) {
		for after := int64(0); ; {
			page, err := list(t, `SELECT `+entityColumns+`, seq FROM entities WHERE project = $1 AND list = $2 AND deleted = $3 AND seq > $4 ORDER BY seq LIMIT $5`,
				[]any{project, listName, deleted, after, pageSize}, func(rows *sql.Rows) (p placed, err error) {
					return p, rows.Scan(append(entityFields(&p.SealedEntity), &p.seq)...)
				})
			if err != nil {
				yield(collect.SealedEntity{}, err)
				return
			}
			for _, p := range page {
				if !yield(p.SealedEntity, nil) {
					return
				}
				after = p.seq
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

// ListEntityVersions gives the versions of an entity, the newest first.
func (t *tx) ListEntityVersions(project int64, listName, id string) (versions []collect.EntityVersion, sealed [][]byte, err error) {
	err = t.each(`SELECT version, base, label, changed, conflict, conflicting, at, actor, source, data FROM entity_versions WHERE project = $1 AND list = $2 AND id = $3 ORDER BY version DESC`,
		[]any{project, listName, id}, func(rows *sql.Rows) error {
			var v collect.EntityVersion
			var s []byte
			err := rows.Scan(&v.Version, &v.Base, &v.Label, packed{&v.Changed}, &v.Conflict, packed{&v.Conflicting}, clock{&v.At}, &v.Actor, &v.Source, &s)
			versions, sealed = append(versions, v), append(sealed, s)
			return err
		})
	return versions, sealed, err
}

func (t *tx) AddBacklog(project int64, b collect.Backlog) error {
	_, err := t.exec(`INSERT INTO backlog (project, list, entity, branch, base, record, at, change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		project, b.List, b.Entity, b.Branch, b.Base, b.Record, stamp(b.At), orNull(b.Update))
	return err
}

const backlogColumns = `project, list, entity, branch, base, record, at, change`

func (t *tx) TakeBacklog(project int64, entity, branch string, base int) ([]collect.Backlog, error) {
	return t.take(` WHERE project = $1 AND entity = $2 AND branch = $3 AND base = $4`, project, entity, branch, base)
}

func (t *tx) TakeOldBacklog(before time.Time) ([]collect.Backlog, error) {
	return t.take(` WHERE at < $1`, stamp(before))
}

// take gives what waits, in order of coming, and removes it.
func (t *tx) take(where string, args ...any) ([]collect.Backlog, error) {
	out, err := list(t, `SELECT `+backlogColumns+` FROM backlog`+where+` ORDER BY id`, args, func(rows *sql.Rows) (b collect.Backlog, err error) {
		return b, rows.Scan(&b.Project, &b.List, &b.Entity, &b.Branch, &b.Base, &b.Record, clock{&b.At}, &b.Update)
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	_, err = t.exec(`DELETE FROM backlog`+where, args...)
	return out, err
}
