package records

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/audit"
)

// Codes of what can be wrong when a database is filled from a dump.
const (
	CodeNotEmpty fault.Code = "store.not-empty" // there is something in the database already
	CodeNotOurs  fault.Code = "store.not-ours"  // a table or column that this program does not know: table
)

// Table is a table of the database in a dump, with the columns that order it.
type Table struct {
	Name  string
	Order []string
}

// Tables lists every table of a dump, those that others refer to first. Sessions are left out: they end with the
// server that they were begun on.
func Tables() []Table {
	t := func(name string, order ...string) Table { return Table{Name: name, Order: order} }
	return []Table{
		t("settings", "key"), t("projects", "id"), t("forms", "project", "form"), t("form_keys", "project", "form"), t("versions", "id"), t("media", "version", "name"),
		t("records", "seq"), t("record_versions", "id"), t("row_tables", "id"), t("rows", "tbl", "record", "position"),
		t("attachments", "record", "name"), t("attachment_versions", "id"), t("comments", "id"), t("quarantine", "id"), t("quarantine_files", "quarantine", "position"),
		t("users", "id"), t("roles", "name"), t("devices", "id"), t("passkeys", "id"), t("openings", "id"), t("flags", "id"),
		t("lists", "project", "name"), t("entities", "seq"), t("entity_versions", "project", "list", "id", "version"), t("backlog", "id"),
		t("hooks", "id"), t("deliveries", "id"), t("audit", "number"),
	}
}

// Dump is one state of a database, read table by table.
type Dump struct{ t *tx }

// Dump gives a function one state of the store, to be written elsewhere.
func (s *Store) Dump(ctx context.Context, take func(*Dump) error) error {
	return s.Read(ctx, func(t collect.Tx) error { return take(&Dump{t: t.(*tx)}) })
}

// Version is the version of the tables (the number of the last migration).
func (d *Dump) Version() (version int64, err error) {
	err = d.t.one("version", []any{&version}, `SELECT MAX(version_id) FROM migrations`)
	return version, err
}

// Columns gives the columns of a table.
func (d *Dump) Columns(table Table) ([]string, error) { return columnsOf(d.t, table.Name) }

func columnsOf(t *tx, table string) (names []string, err error) {
	st, err := t.statement(`SELECT * FROM ` + table + ` WHERE FALSE`)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(t.ctx)
	if err != nil {
		return nil, fmt.Errorf("columns of %s: %w", table, err)
	}
	names, err = rows.Columns()
	return names, errors.Join(err, rows.Close())
}

// Rows gives the rows of a table in order: nil, int64, bool, string or []byte a column. What is given is not used
// after the next row. Nothing else may be asked of the Dump meanwhile.
func (d *Dump) Rows(table Table, columns []string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		stop := errors.New("enough")
		values := make([]any, len(columns))
		to := make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		err := d.t.each(`SELECT `+strings.Join(columns, ", ")+` FROM `+table.Name+` ORDER BY `+strings.Join(table.Order, ", "), nil, func(rows *sql.Rows) error {
			if err := rows.Scan(to...); err != nil {
				return err
			}
			if !yield(values, nil) {
				return stop
			}
			return nil
		})
		if err != nil && !errors.Is(err, stop) {
			yield(nil, err)
		}
	}
}

// Digests names every blob in use, once, in order.
func (d *Dump) Digests() iter.Seq2[string, error] { return d.t.Digests() }

// Head gives where the audit chain stands.
func (d *Dump) Head() (audit.Head, error) { return d.t.head() }

// Load fills an empty database: it brings the tables to a version, gives fill a Loader, and keeps what it loaded
// only where fill returns nil; then it brings the tables up to date. A database that is not empty gives CodeNotEmpty.
func Load(ctx context.Context, db *sql.DB, d Dialect, version int64, fill func(*Loader) error) (err error) {
	if err := MigrateTo(ctx, db, d, version); err != nil {
		return err
	}
	s := &Store{db: db, dialect: d}
	r, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.run(ctx, d.BeginWrite); err != nil {
		return s.explain(fmt.Errorf("begin to load: %w", err))
	}
	l := &Loader{t: &tx{ctx: ctx, session: r, store: s, writes: true}}
	if err = l.empty(); err == nil {
		err = fill(l)
	}
	if err == nil {
		err = l.identities()
	}
	if err != nil {
		_ = r.run(context.WithoutCancel(ctx), []string{"ROLLBACK"})
		return s.explain(err)
	}
	if err := r.run(ctx, []string{"COMMIT"}); err != nil {
		return s.explain(fmt.Errorf("commit: %w", err))
	}
	return Migrate(ctx, db, d)
}

// Loader takes the rows of a dump, in one transaction.
type Loader struct {
	t       *tx
	insert  string
	columns int
}

func (l *Loader) empty() error {
	for _, table := range Tables() {
		var n int64
		if err := l.t.one("count", []any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM `+table.Name+` LIMIT 1) AS found`); err != nil {
			return err
		}
		if n > 0 {
			return fault.Issue{Code: CodeNotEmpty, Kind: fault.Conflict}
		}
	}
	return nil
}

// Table begins a table. A table or a column that is not in the database gives CodeNotOurs.
func (l *Loader) Table(name string, columns []string) error {
	foreign := fault.Issue{Code: CodeNotOurs, Args: map[string]any{"table": name}}
	if len(columns) == 0 || !slices.ContainsFunc(Tables(), func(t Table) bool { return t.Name == name }) {
		return foreign
	}
	have, err := columnsOf(l.t, name)
	if err != nil {
		return err
	}
	places := make([]string, len(columns))
	for i, c := range columns {
		if !slices.Contains(have, c) || slices.Contains(columns[:i], c) {
			return foreign
		}
		places[i] = "$" + strconv.Itoa(i+1)
	}
	l.insert = `INSERT INTO ` + name + ` (` + strings.Join(columns, ", ") + `) VALUES (` + strings.Join(places, ", ") + `)`
	l.columns = len(columns)
	return nil
}

// Row keeps a row of the table begun last.
func (l *Loader) Row(values []any) error {
	if len(values) != l.columns {
		return fmt.Errorf("load row: %d values for %d columns: %w", len(values), l.columns, fault.Invalid)
	}
	_, err := l.t.exec(l.insert, values...)
	return err
}

// Links gives the audit log that was loaded.
func (l *Loader) Links() iter.Seq2[audit.Link, error] { return l.t.EachLink() }

// Digests names every blob that what was loaded needs.
func (l *Loader) Digests() iter.Seq2[string, error] { return l.t.Digests() }

// identities lets the next ids follow those that were loaded.
func (l *Loader) identities() error {
	if l.t.store.dialect.Identity == nil {
		return nil
	}
	for _, table := range Tables() {
		column := table.Order[0]
		if table.Name == "entities" || table.Name == "records" {
			column = "seq"
		} else if column != "id" || table.Name == "openings" || table.Name == "passkeys" {
			continue
		}
		var next int64
		if err := l.t.one("id", []any{&next}, l.t.store.dialect.Identity(table.Name, column)); err != nil {
			return err
		}
	}
	return nil
}
