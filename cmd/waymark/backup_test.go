package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"waymark/store/storetest"
)

// TestBackupMovesBetweenDatabases moves a laptop's folder into an office's PostgreSQL, and back to a laptop.
func TestBackupMovesBetweenDatabases(t *testing.T) {
	dir := t.TempDir()
	office, other := storetest.Postgres(t), storetest.Postgres(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	do := func(exit int, args ...string) (out, complaints string) {
		t.Helper()
		var o, e bytes.Buffer
		args = append(args, "--key-file", at("my.key"))
		if code := run(context.Background(), args, room{in: strings.NewReader(""), out: &o, err: &e, getenv: func(string) string { return "" }}); code != exit {
			t.Fatalf("%s: exit %d, want %d: %s", args[0], code, exit, e.String())
		}
		return o.String(), e.String()
	}
	do(exitDone, "user", "add", "lead@mission.example", "--role", "administrator", "--dir", at("laptop"))
	do(exitDone, "backup", "--dir", at("laptop"), "--out", at("one.age"))
	do(exitDone, "restore", at("one.age"), "--dir", at("office"), "--database", office)
	do(exitDone, "audit", "verify", "--dir", at("office"), "--database", office)
	do(exitFailed, "user", "add", "lead@mission.example", "--role", "viewer", "--dir", at("office"), "--database", office) // is there already
	do(exitDone, "backup", "--dir", at("office"), "--database", office, "--out", at("two.age"))
	if out, _ := do(exitDone, "restore", at("two.age"), "--dir", at("home"), "--json"); !strings.Contains(out, `"users":1`) {
		t.Errorf("back on a laptop: %s", out)
	}
	do(exitDone, "audit", "verify", "--dir", at("home"))

	// A database that holds something takes no backup, and leaves no folder behind.
	do(exitFailed, "restore", at("two.age"), "--dir", at("again"), "--database", office)
	do(exitDone, "restore", at("two.age"), "--dir", at("again"), "--database", other)
	left, err := filepath.Glob(at(".waymark-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
