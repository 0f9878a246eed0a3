package records

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/collect"
	"waymark/fault"
)

const recordColumns = `x.seq, x.project, x.form, x.draft, x.deleted, x.encrypted, x.sealed, x.instance, x.current, x.version, x.actor, x.site, x.team,
	x.received, x.updated, x.edits, x.review, x.flags, x.issues`

func recordFields(r *collect.Record) []any {
	return []any{&r.Seq, &r.Project, &r.Form, &r.Draft, &r.Deleted, &r.Encrypted, &r.Sealed, &r.Instance, &r.Current, &r.Version, &r.Actor, &r.Site, &r.Team,
		clock{&r.Received}, clock{&r.Updated}, &r.Edits, &r.Review, &r.Flags, issuesOf{&r.Issues}}
}

func (t *tx) AddRecord(s collect.Stored) (int64, error) {
	current := s.Current
	if current == "" {
		current = s.Instance
	}
	seq, err := t.insert("record", `INSERT INTO records (project, form, draft, deleted, purged, encrypted, sealed, instance, current, version, version_id, actor, site, team,
		received, updated, edits, review, flags, issues, device, answers)
		VALUES ($1, $2, $3, $4, FALSE, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) RETURNING seq`,
		s.Project, s.Form, s.Draft, s.Deleted, s.Encrypted, s.Sealed, s.Instance, current, s.Version, s.VersionID, s.Actor, s.Site, s.Team,
		stamp(s.Received), stamp(s.Updated), s.Edits, string(s.Review), s.Flags, packIssues(s.Issues), orNull(s.DeviceSealed), orNull(s.Key))
	if err != nil {
		return 0, err
	}
	// The unique key is that of versions: it holds the instance ids of every version. Where it is taken the row above
	// goes again.
	if err := t.addVersion(seq, current, s.Received, s); err != nil {
		if _, e := t.exec(`DELETE FROM records WHERE seq = $1`, seq); e != nil {
			return 0, e
		}
		return 0, err
	}
	if !s.Draft && !s.Deleted {
		t.counted(1, s.Project, s.Form)
	}
	if t.fresh == nil {
		t.fresh = map[int64]tableKey{}
	}
	t.fresh[seq] = tableKey{project: s.Project, form: s.Form, draft: s.Draft}
	return seq, nil
}

// addVersion keeps a version: fault.Conflict where its instance id is taken.
func (t *tx) addVersion(seq int64, instance string, at time.Time, s collect.Stored) error {
	_, err := t.insert("record", `INSERT INTO record_versions (record, project, form, draft, instance, version, version_id, actor, at, device, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING id`,
		seq, s.Project, s.Form, s.Draft, instance, s.Version, s.VersionID, s.Actor, stamp(at), orNull(s.DeviceSealed), orNull(s.Body))
	return err
}

// AddRecordVersion keeps a new current version. Where the instance id is that of the current version, as when a
// record that a phone encrypted has been opened, the body takes the place of the one there is.
func (t *tx) AddRecordVersion(seq int64, s collect.Stored) error {
	what := fmt.Sprintf("record %d", seq)
	var was collect.Record
	if err := t.one(what, recordFields(&was), `SELECT `+recordColumns+` FROM records x WHERE seq = $1 AND NOT purged`, seq); err != nil {
		return err
	}
	s.Project, s.Form, s.Draft = was.Project, was.Form, was.Draft
	if s.Current == was.Current {
		if err := t.must(what, `UPDATE record_versions SET version = $1, version_id = $2, body = $3 WHERE record = $4 AND instance = $5`,
			s.Version, s.VersionID, orNull(s.Body), seq, s.Current); err != nil {
			return err
		}
	} else if err := t.addVersion(seq, s.Current, s.Updated, s); err != nil {
		return err
	}
	return t.must(what, `UPDATE records SET current = $1, version = $2, version_id = $3, actor = $4, device = $5, answers = $6, site = $7, team = $8, updated = $9, edits = $10,
		review = $11, encrypted = $12, sealed = $13, flags = $14, issues = $15 WHERE seq = $16`,
		s.Current, s.Version, s.VersionID, was.Actor, orNull(s.DeviceSealed), orNull(s.Key), s.Site, s.Team, stamp(s.Updated), s.Edits,
		string(s.Review), s.Encrypted, s.Sealed, s.Flags, packIssues(s.Issues), seq)
}

// counted changes how many records a form has, so that a list of forms need not count them. Changes are gathered
// until the form is read or the transaction ends: writes that share a commit mostly change the same form.
func (t *tx) counted(by, project int64, form string) {
	if t.counts == nil {
		t.counts = map[tableKey]int64{}
	}
	t.counts[tableKey{project: project, form: form}] += by
}

// settle writes the counts that were gathered, in one order, so that two writers do not wait for each other.
func (t *tx) settle() error {
	keys := slices.SortedFunc(maps.Keys(t.counts), func(a, b tableKey) int {
		return cmp.Or(cmp.Compare(a.project, b.project), cmp.Compare(a.form, b.form))
	})
	for _, k := range keys {
		if by := t.counts[k]; by != 0 {
			if _, err := t.exec(`UPDATE forms SET records = records + $1 WHERE project = $2 AND form = $3`, by, k.project, k.form); err != nil {
				return err
			}
		}
		delete(t.counts, k)
	}
	return nil
}

// delete sets whether a record is deleted, and counts.
func (t *tx) delete(seq int64, deleted bool) error {
	var project int64
	var form string
	var draft bool
	err := t.one("record", []any{&project, &form, &draft}, `UPDATE records SET deleted = $1 WHERE seq = $2 AND deleted <> $1 RETURNING project, form, draft`, deleted, seq)
	if errors.Is(err, fault.NotFound) {
		return nil // it was so before
	}
	if err != nil || draft {
		return err
	}
	by := int64(1)
	if deleted {
		by = -1
	}
	t.counted(by, project, form)
	return nil
}

func (t *tx) SetRecord(r collect.Record) error {
	if !t.writes {
		return errReadOnly
	}
	if err := t.delete(r.Seq, r.Deleted); err != nil {
		return err
	}
	return t.must(fmt.Sprintf("record %d", r.Seq), `UPDATE records SET encrypted = $1, sealed = $2, site = $3, team = $4, updated = $5, edits = $6, review = $7, flags = $8, issues = $9 WHERE seq = $10`,
		r.Encrypted, r.Sealed, r.Site, r.Team, stamp(r.Updated), r.Edits, string(r.Review), r.Flags, packIssues(r.Issues), r.Seq)
}

func (t *tx) GetRecord(project int64, form, instance string, draft collect.Stage) (s collect.Stored, err error) {
	err = t.one("record", append(recordFields(&s.Record), &s.VersionID, &s.DeviceSealed, &s.Key),
		`SELECT `+recordColumns+`, x.version_id, x.device, x.answers FROM record_versions v JOIN records x ON x.seq = v.record
		WHERE v.project = $1 AND v.form = $2 AND v.draft = $3 AND v.instance = $4`, project, form, bool(draft), instance)
	return s, err
}

func (t *tx) RecordBody(seq int64, version string) (body []byte, err error) {
	what := fmt.Sprintf("body of record %d", seq)
	if version == "" {
		err = t.one(what, []any{&body}, `SELECT v.body FROM records x JOIN record_versions v ON v.record = x.seq AND v.instance = x.current WHERE x.seq = $1`, seq)
	} else {
		err = t.one(what, []any{&body}, `SELECT body FROM record_versions WHERE record = $1 AND instance = $2`, seq, version)
	}
	if err == nil && body == nil {
		err = fmt.Errorf("%s: %w", what, fault.NotFound)
	}
	return body, err
}

func (t *tx) FindKey(project int64, form string, key []byte) (instance string, err error) {
	err = t.one("record", []any{&instance}, `SELECT instance FROM records WHERE project = $1 AND form = $2 AND answers = $3 AND answers IS NOT NULL AND NOT draft AND NOT deleted ORDER BY seq LIMIT 1`, project, form, bytesOf(key))
	return instance, err
}

func (t *tx) ListRecordVersions(seq int64) ([]collect.RecordVersion, error) {
	return list(t, `SELECT v.instance, v.version, v.actor, v.at, v.instance = x.current FROM record_versions v JOIN records x ON x.seq = v.record WHERE v.record = $1 ORDER BY v.id DESC`, []any{seq},
		func(rows *sql.Rows) (v collect.RecordVersion, err error) {
			return v, rows.Scan(&v.Instance, &v.Form, &v.Actor, clock{&v.At}, &v.Current)
		})
}

// question is a query with its arguments in order.
type question struct {
	text strings.Builder
	args []any
}

func (q *question) add(text string) *question { q.text.WriteString(text); return q }

// with adds an argument and its placeholder.
func (q *question) with(v any) *question {
	q.args = append(q.args, v)
	q.text.WriteString("$" + strconv.Itoa(len(q.args)))
	return q
}

func (q *question) in(column string, values []string) {
	q.add(" AND " + column + " IN (")
	for i, v := range values {
		if i > 0 {
			q.add(", ")
		}
		q.with(v)
	}
	q.add(")")
}

// filters adds what a query says of records, on x. Where instance names a version, its record is meant.
func (q *question) filters(c collect.Query) {
	q.add(" AND x.project = ").with(c.Project)
	if c.Form != "" {
		q.add(" AND x.form = ").with(c.Form)
	}
	q.add(" AND x.draft = ").with(c.Drafts).add(" AND x.deleted = ").with(c.Deleted)
	if c.Deleted {
		q.add(" AND NOT x.purged")
	}
	if len(c.Review) > 0 {
		words := make([]string, len(c.Review))
		for i, r := range c.Review {
			words[i] = string(r)
		}
		q.in("x.review", words)
	}
	if !c.Since.IsZero() {
		q.add(" AND x.updated >= ").with(stamp(c.Since))
	}
	if len(c.Sites) > 0 {
		q.in("x.site", c.Sites)
	}
	if len(c.Teams) > 0 {
		q.in("x.team", c.Teams)
	}
}

// recordOf gives the number of the record that a query's Instance means; false where there is none.
func (t *tx) recordOf(c collect.Query) (seq int64, found bool, err error) {
	q := new(question)
	q.add("SELECT record FROM record_versions WHERE project = ").with(c.Project)
	if c.Form != "" {
		q.add(" AND form = ").with(c.Form)
	}
	q.add(" AND draft = ").with(c.Drafts).add(" AND instance = ").with(c.Instance).add(" ORDER BY record LIMIT 1")
	err = t.one("record", []any{&seq}, q.text.String(), q.args...)
	if errors.Is(err, fault.NotFound) {
		return 0, false, nil
	}
	return seq, err == nil, err
}

// pageSize is how many rows are read before they are given on: enough that the question costs little beside them.
const pageSize = 500

func (t *tx) EachRecord(c collect.Query) iter.Seq2[collect.Record, error] {
	return func(yield func(collect.Record, error) bool) {
		var only int64
		if c.Instance != "" {
			seq, found, err := t.recordOf(c)
			if err != nil {
				yield(collect.Record{}, err)
			}
			if err != nil || !found {
				return
			}
			only = seq
		}
		after, skip, left := c.After, c.Skip, c.Limit
		for {
			size := pageSize
			if c.Limit > 0 {
				size = min(size, left)
			}
			page, err := t.recordPage(c, only, after, skip, size)
			if err != nil {
				yield(collect.Record{}, err)
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
			}
			left -= len(page)
			if len(page) < size || c.Limit > 0 && left == 0 {
				return
			}
			after, skip = page[len(page)-1].Seq, 0
		}
	}
}

func (t *tx) recordPage(c collect.Query, only, after int64, skip, size int) ([]collect.Record, error) {
	q := new(question)
	q.add("SELECT " + recordColumns + " FROM records x WHERE TRUE")
	q.filters(c)
	q.position("x.seq", c.Newest, only, after)
	if c.Newest {
		q.add(" ORDER BY x.seq DESC")
	} else {
		q.add(" ORDER BY x.seq")
	}
	q.add(" LIMIT ").with(size)
	if skip > 0 {
		q.add(" OFFSET ").with(skip)
	}
	page := make([]collect.Record, 0, min(size, 64))
	err := t.each(q.text.String(), q.args, func(rows *sql.Rows) error {
		page = append(page, collect.Record{})
		return rows.Scan(recordFields(&page[len(page)-1])...)
	})
	return page, err
}

// position adds where in the order of records a page begins.
func (q *question) position(column string, newest bool, only, after int64) {
	if only > 0 {
		q.add(" AND " + column + " = ").with(only)
	}
	switch {
	case after > 0 && newest:
		q.add(" AND " + column + " < ").with(after)
	case after > 0:
		q.add(" AND " + column + " > ").with(after)
	}
}

func (t *tx) CountRecords(c collect.Query) (n int, err error) {
	q := new(question)
	q.add("SELECT COUNT(*) FROM records x WHERE TRUE")
	q.filters(c)
	if c.Instance != "" {
		seq, found, err := t.recordOf(c)
		if err != nil || !found {
			return 0, err
		}
		q.position("x.seq", false, seq, 0)
	}
	err = t.one("count", []any{&n}, q.text.String(), q.args...)
	return n, err
}

func (t *tx) PurgeRecord(seq int64) error {
	if !t.writes {
		return errReadOnly
	}
	if err := t.delete(seq, true); err != nil {
		return err
	}
	if err := t.must(fmt.Sprintf("record %d", seq), `UPDATE records SET purged = TRUE, device = NULL, answers = NULL, issues = '', site = '', team = '' WHERE seq = $1`, seq); err != nil {
		return err
	}
	for _, q := range []string{
		`UPDATE record_versions SET body = NULL, device = NULL WHERE record = $1`,
		`DELETE FROM rows WHERE record = $1 AND tbl IN (SELECT k.id FROM row_tables k JOIN records x ON x.project = k.project AND x.form = k.form AND x.draft = k.draft WHERE x.seq = $1)`,
		`DELETE FROM attachments WHERE record = $1`,
		`DELETE FROM attachment_versions WHERE record = $1`,
		`DELETE FROM comments WHERE record = $1`,
	} {
		if _, err := t.exec(q, seq); err != nil {
			return err
		}
	}
	_, err := t.exec(`DELETE FROM flags WHERE (project, form, instance) IN (SELECT project, form, instance FROM records WHERE seq = $1 AND NOT draft)`, seq)
	return err
}
