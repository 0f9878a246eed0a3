package main

import (
	"bytes"
	"encoding/hex"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"waymark/collect"
	"waymark/store/storetest"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// TestAuditFindsTampering changes the log as one can who holds the key of the database file, and lets the verb look.
func TestAuditFindsTampering(t *testing.T) {
	at := t.TempDir()
	f := folderFlags{dir: filepath.Join(at, "records"), keyFile: filepath.Join(at, "key")}
	o, err := f.open(t.Context(), &room{err: io.Discard, getenv: os.Getenv}, mayCreate)
	if err != nil {
		t.Fatal(err)
	}
	key := hex.EncodeToString(o.keys.Subkey("sqlite"))
	for _, name := range []string{"One", "Two", "Three", "Four"} {
		if _, err := o.desk.AddProject(t.Context(), system(), collect.Project{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(f.dir, databaseName)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(more ...string) (code int, said string) {
		var out bytes.Buffer
		args := append([]string{"audit", "verify", "--dir", f.dir, "--key-file", f.keyFile, "--lang", "en"}, more...)
		code = run(t.Context(), args, room{in: strings.NewReader(""), out: &out, err: &out, getenv: func(string) string { return "" }})
		return code, out.String()
	}
	code, said := verify()
	_, head, ok := strings.Cut(said, "Its head is ")
	head, _, _ = strings.Cut(head, ".")
	if code != 0 || !ok {
		t.Fatalf("%d: %s", code, said)
	}
	if code, said := verify("--head", head); code != 0 {
		t.Errorf("with its own head: %d: %s", code, said)
	}
	if code, _ := verify("--head", "4"); code != 2 {
		t.Errorf("a head that is none: %d", code)
	}
	for _, c := range []struct {
		name, statement string
		head            bool // it takes a head written down to tell
	}{
		{name: "an act renamed", statement: "UPDATE audit SET act = 'form.set' WHERE number = 2"},
		{name: "another actor", statement: "UPDATE audit SET actor = 'user:9' WHERE number = 3"},
		{name: "another time", statement: "UPDATE audit SET at = (SELECT at FROM audit WHERE number = 1) WHERE number = 4"},
		{name: "another detail", statement: `UPDATE audit SET detail = '{"a":"b"}' WHERE number = 2`},
		{name: "one taken out", statement: "DELETE FROM audit WHERE number = 2"},
		{name: "one taken out and the rest moved up", statement: "DELETE FROM audit WHERE number = 2; UPDATE audit SET number = number - 1 WHERE number > 2"},
		{name: "the first taken away", statement: "DELETE FROM audit WHERE number = 1"},
		{name: "two of the same", statement: "INSERT INTO audit SELECT 5, at, actor, act, project, object, purpose, detail, hash FROM audit WHERE number = 4"},
		{name: "the end cut off", statement: "DELETE FROM audit WHERE number > 2", head: true},
		{name: "all cut off", statement: "DELETE FROM audit", head: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(file, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := driver.Open((&url.URL{Scheme: "file", Path: filepath.ToSlash(file), RawQuery: "vfs=adiantum"}).String(),
				func(c *sqlite3.Conn) error { return c.Exec("PRAGMA hexkey='" + key + "'") })
			if err == nil {
				_, err = db.Exec(c.statement)
			}
			if err == nil {
				err = db.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			if code, said := verify(); (code == 0) != c.head {
				t.Errorf("without a head: %d: %s", code, said)
			}
			if code, said := verify("--head", head); code == 0 {
				t.Errorf("with the head: %s", said)
			}
		})
	}
}

// What somebody sends that no database keeps as it is does not break the chain: the hash covers what is kept.
func TestAuditOfOddTexts(t *testing.T) {
	for _, c := range []struct {
		name     string
		database func() string
	}{{"sqlite", func() string { return "" }}, {"postgres", func() string { return storetest.Postgres(t) }}} {
		t.Run(c.name, func(t *testing.T) {
			at := t.TempDir()
			f := folderFlags{dir: filepath.Join(at, "records"), keyFile: filepath.Join(at, "key"), database: c.database()}
			o, err := f.open(t.Context(), &room{err: io.Discard, getenv: os.Getenv}, mayCreate)
			if err != nil {
				t.Fatal(err)
			}
			defer o.close()
			for _, odd := range []string{"a\xffb", "a\x00b", "\xed\xa0\x80", "\u2028<&>", "\U0010FFFF"} {
				if err := o.desk.SetRole(t.Context(), system(), access.Role{Name: odd, Rights: []access.Right{access.ReadForms}}); err != nil {
					t.Error(err)
				}
				e := audit.Entry{Actor: odd, Act: odd, Object: odd, Purpose: odd, Detail: map[string]string{odd: odd}}
				if err := o.desk.Note(t.Context(), e); err != nil {
					t.Error(err)
				}
			}
			if n, err := o.desk.VerifyAudit(t.Context()); err != nil || n < 10 {
				t.Errorf("%d entries: %v", n, err)
			}
		})
	}
}
