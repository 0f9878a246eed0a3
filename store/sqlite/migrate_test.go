package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/records"
	"waymark/store/storetest"
	"waymark/trust/audit"
)

var testKey = []byte("a key of 32 bytes for tests only")

func database(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := open(file, testKey)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// TestDumpNamesEveryTable finds a table that a migration made and a backup would leave out.
func TestDumpNamesEveryTable(t *testing.T) {
	ctx := context.Background()
	db := database(t, filepath.Join(t.TempDir(), "waymark.db"))
	defer db.Close()
	if err := records.Migrate(ctx, db, dialect()); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	passed := []string{"migrations", "sessions"} // made anew; ended with the server
	n := 0
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		n++
		if !slices.ContainsFunc(records.Tables(), func(t records.Table) bool { return t.Name == name }) && !slices.Contains(passed, name) {
			t.Errorf("table %s is in no backup", name)
		}
	}
	if err := rows.Err(); err != nil || n != len(records.Tables())+len(passed) {
		t.Errorf("%d tables, %v", n, err)
	}
}

// TestMigrationsKeepWhatIsThere fills the tables of each version as a program of that version did, and migrates to the
// newest: what was there is there.
func TestMigrationsKeepWhatIsThere(t *testing.T) {
	ctx := context.Background()
	for version, fill := range map[int64]string{
		1: `INSERT INTO projects VALUES (7, 'u', 'Chad', '', 'fr', FALSE, 0, FALSE, 1000000);
			INSERT INTO forms (project, form, title, state, encrypted, web_form, created, records) VALUES (7, 'arrivals', 'Arrivals', 'open', FALSE, FALSE, 0, 1);
			INSERT INTO records (seq, project, form, draft, deleted, purged, encrypted, sealed, instance, current, version, version_id, actor, site, team, received, updated, edits, review, flags, issues)
				VALUES (9, 7, 'arrivals', FALSE, FALSE, FALSE, FALSE, TRUE, 'uuid:1', 'uuid:1', '1', 1, 'device:4', 'TD01', '', 5000000, 5000000, 0, 'received', 0, '');
			INSERT INTO record_versions (record, project, form, draft, instance, version, version_id, actor, at, body) VALUES (9, 7, 'arrivals', FALSE, 'uuid:1', '1', 1, 'device:4', 5000000, x'0102');
			INSERT INTO row_tables VALUES (3, 7, 'arrivals', FALSE, '');
			INSERT INTO rows VALUES (3, 9, 0, 0, 1, x'03', NULL, x'04');
			INSERT INTO users VALUES (2, 'A@example.org', 'a@example.org', 'A', 'en', 'null', FALSE, 0, 0, 'hash');
			INSERT INTO devices VALUES (4, 7, 'tablet', FALSE, 'null', 'red', 'TD01', FALSE, FALSE, 1000000, 2000000, FALSE, x'05', '');`,
	} {
		file := filepath.Join(t.TempDir(), "waymark.db")
		db := database(t, file)
		if err := records.MigrateTo(ctx, db, dialect(), version); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(fill); err != nil {
			t.Fatalf("fill version %d: %v", version, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := Open(ctx, file, testKey, storetest.ChainKey)
		if err != nil {
			t.Fatalf("from version %d: %v", version, err)
		}
		err = s.Write(ctx, func(tx collect.Tx) error {
			p, e1 := tx.GetProject(7)
			r, e2 := tx.GetRecord(7, "arrivals", "uuid:1", collect.Published)
			body, e3 := tx.RecordBody(9, "")
			u, _, e4 := tx.FindUser("a@example.org")
			rows := 0
			for row, err := range tx.EachRow(collect.Query{Project: 7, Form: "arrivals", Restricted: true}, "") {
				if err != nil || row.Record.Seq != 9 || string(row.Row.Strict) != "\x04" {
					t.Errorf("row: %+v, %v", row, err)
				}
				rows++
			}
			if p.Name != "Chad" || r.Seq != 9 || r.Site != "TD01" || len(body) != 2 || u.ID != 2 || rows != 1 {
				t.Errorf("from version %d: project %+v, record %+v, %d bytes, user %d, %d rows", version, p, r.Record, len(body), u.ID, rows)
			}
			v, e6 := tx.FindDevice([]byte{5})
			if v.ID != 4 || v.Site != "TD01" || v.Edits || v.Revoked || v.LastUsed.IsZero() {
				t.Errorf("from version %d: device %+v", version, v)
			}
			_, e5 := tx.AddRecord(collect.Stored{Record: collect.Record{Project: 7, Form: "arrivals", Instance: "uuid:2"}})
			return errors.Join(e1, e2, e3, e4, e5, e6, tx.Append(audit.Entry{Act: "x"}))
		})
		if err := errors.Join(err, s.Close()); err != nil {
			t.Errorf("from version %d: %v", version, err)
		}
	}
}

func TestNewerTablesAreRefused(t *testing.T) {
	ctx := context.Background()
	file := filepath.Join(t.TempDir(), "waymark.db")
	db := database(t, file)
	if err := records.Migrate(ctx, db, dialect()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO migrations (version_id, is_applied) VALUES (9999, TRUE)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(ctx, file, testKey, storetest.ChainKey)
	var i fault.Issue
	if !errors.As(err, &i) || i.Code != records.CodeNewer {
		t.Errorf("got %v", err)
	}
	err = Load(ctx, filepath.Join(t.TempDir(), "restored.db"), testKey, 9999, func(*records.Loader) error { return nil })
	if !errors.As(err, &i) || i.Code != records.CodeNewer {
		t.Errorf("a dump of newer tables: %v", err)
	}
}
