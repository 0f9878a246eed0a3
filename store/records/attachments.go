package records

import (
	"database/sql"
	"fmt"
	"iter"
	"time"

	"waymark/collect"
)

func (t *tx) PutAttachment(seq int64, a collect.Attachment) error {
	_, err := t.exec(`INSERT INTO attachments (record, name, type, expected, digest, size, strict, later) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (record, name) DO UPDATE SET type = excluded.type, expected = excluded.expected, digest = excluded.digest, size = excluded.size, strict = excluded.strict, later = excluded.later`,
		seq, a.Name, a.Type, a.Expected, a.Digest, a.Size, a.Strict, a.Later)
	return err
}

func (t *tx) AddAttachmentVersion(seq int64, name, digest string, size int64, at time.Time) error {
	if err := t.must("attachment", `UPDATE attachments SET later = later + 1 WHERE record = $1 AND name = $2`, seq, name); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO attachment_versions (record, name, digest, size, at) VALUES ($1, $2, $3, $4, $5)`, seq, name, digest, size, stamp(at))
	return err
}

func (t *tx) ListAttachments(seq int64) ([]collect.Attachment, error) {
	return list(t, `SELECT name, type, expected, digest, size, strict, later FROM attachments WHERE record = $1 ORDER BY name`, []any{seq},
		func(rows *sql.Rows) (a collect.Attachment, err error) {
			return a, rows.Scan(&a.Name, &a.Type, &a.Expected, &a.Digest, &a.Size, &a.Strict, &a.Later)
		})
}

func (t *tx) ListAttachmentVersions(seq int64) ([]collect.AttachmentVersion, error) {
	return list(t, `SELECT name, digest, size, at FROM attachment_versions WHERE record = $1 ORDER BY id`, []any{seq},
		func(rows *sql.Rows) (v collect.AttachmentVersion, err error) {
			return v, rows.Scan(&v.Name, &v.Digest, &v.Size, clock{&v.At})
		})
}

// digestQuery names every blob in use, once, in order, a page after a digest.
const digestQuery = `SELECT digest FROM (
	SELECT digest FROM attachments UNION SELECT digest FROM attachment_versions UNION SELECT digest FROM media
	UNION SELECT digest FROM quarantine UNION SELECT digest FROM quarantine_files) used
	WHERE digest > $1 ORDER BY digest LIMIT $2`

func (t *tx) Digests() iter.Seq2[string, error] {
	const page = 5000
	return func(yield func(string, error) bool) {
		for after := ""; ; {
			found, err := list(t, digestQuery, []any{after, page}, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) })
			if err != nil {
				yield("", err)
				return
			}
			for _, d := range found {
				if !yield(d, nil) {
					return
				}
			}
			if len(found) < page {
				return
			}
			after = found[len(found)-1]
		}
	}
}

func (t *tx) AddComment(seq int64, at time.Time, by string, sealed []byte) error {
	_, err := t.exec(`INSERT INTO comments (record, at, made_by, note) VALUES ($1, $2, $3, $4)`, seq, stamp(at), by, bytesOf(sealed))
	return err
}

func (t *tx) ListComments(seq int64) ([]collect.SealedComment, error) {
	return list(t, `SELECT at, made_by, note FROM comments WHERE record = $1 ORDER BY id`, []any{seq},
		func(rows *sql.Rows) (c collect.SealedComment, err error) {
			return c, rows.Scan(clock{&c.At}, &c.By, &c.Text)
		})
}

const quarantineColumns = `id, project, form, instance, reason, args, actor, device, at, size, digest, files, settled, made_by, outcome`

func quarantineFields(q *collect.Quarantined) []any {
	return []any{&q.ID, &q.Project, &q.Form, &q.Instance, &q.Reason, argsOf{&q.Args}, &q.Actor, &q.Device, clock{&q.At}, &q.Size, &q.Digest, &q.Files, clock{&q.Settled}, &q.By, &q.Outcome}
}

func (t *tx) AddQuarantined(q collect.Quarantined, files []collect.File) (int64, error) {
	id, err := t.insert("quarantine", `INSERT INTO quarantine (project, form, instance, reason, args, actor, device, at, size, digest, files, settled, made_by, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id`,
		q.Project, q.Form, q.Instance, string(q.Reason), packArgs(q.Args), q.Actor, q.Device, stamp(q.At), q.Size, q.Digest, len(files), stamp(q.Settled), q.By, q.Outcome)
	if err != nil {
		return 0, err
	}
	for i, f := range files {
		if _, err := t.exec(`INSERT INTO quarantine_files (quarantine, position, name, type, digest, size) VALUES ($1, $2, $3, $4, $5, $6)`, id, i, f.Name, f.Type, f.Digest, f.Size); err != nil {
			return 0, err
		}
	}
	return id, nil
}

func (t *tx) SetQuarantined(q collect.Quarantined) error {
	return t.must(fmt.Sprintf("quarantine %d", q.ID), `UPDATE quarantine SET form = $1, instance = $2, settled = $3, made_by = $4, outcome = $5 WHERE id = $6`,
		q.Form, q.Instance, stamp(q.Settled), q.By, q.Outcome, q.ID)
}

func (t *tx) GetQuarantined(id int64) (q collect.Quarantined, files []collect.File, err error) {
	if err = t.one(fmt.Sprintf("quarantine %d", id), quarantineFields(&q), `SELECT `+quarantineColumns+` FROM quarantine WHERE id = $1`, id); err != nil {
		return collect.Quarantined{}, nil, err
	}
	files, err = list(t, `SELECT name, type, digest, size FROM quarantine_files WHERE quarantine = $1 ORDER BY position`, []any{id},
		func(rows *sql.Rows) (f collect.File, err error) {
			return f, rows.Scan(&f.Name, &f.Type, &f.Digest, &f.Size)
		})
	return q, files, err
}

func (t *tx) DropQuarantined(id int64) error {
	return t.must(fmt.Sprintf("quarantine %d", id), `DELETE FROM quarantine WHERE id = $1`, id)
}

func (t *tx) ListQuarantined(project int64) ([]collect.Quarantined, error) {
	return list(t, `SELECT `+quarantineColumns+` FROM quarantine WHERE project = $1 ORDER BY settled <> 0, id DESC`, []any{project},
		func(rows *sql.Rows) (q collect.Quarantined, err error) { return q, rows.Scan(quarantineFields(&q)...) })
}
