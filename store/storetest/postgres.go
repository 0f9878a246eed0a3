package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// server is the PostgreSQL of one run of a package's tests.
type server struct {
	once  sync.Once
	err   error
	port  int
	dir   string
	stdin io.WriteCloser
	cmd   *exec.Cmd
	names atomic.Int64
}

// postgres is started by the first test that asks for it and stopped by Main.
var postgres server

// Main runs the tests of a package and stops the PostgreSQL that they started. TestMain calls it.
func Main(m *testing.M) int {
	defer postgres.stop()
	return m.Run()
}

// Postgres gives the address of a new, empty database in a real PostgreSQL on this machine, over TCP. Where none is
// installed the test is skipped by name.
func Postgres(t testing.TB) string {
	t.Helper()
	bin := postgresBin()
	if bin == "" {
		t.Skip("PostgreSQL is not installed: " + t.Name() + " skipped. To run it: apt-get install postgresql")
	}
	postgres.once.Do(func() { postgres.err = postgres.start(bin) })
	if postgres.err != nil {
		t.Fatalf("start PostgreSQL: %v", postgres.err)
	}
	name := fmt.Sprintf("t%d", postgres.names.Add(1))
	db, err := sql.Open("pgx", postgres.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return postgres.address(name)
}

func (s *server) address(database string) string {
	return fmt.Sprintf("postgres://waymark@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// PostgresFiles gives the folder that PostgreSQL keeps its files and its log in, with all that was written in it.
func PostgresFiles(t testing.TB) string {
	t.Helper()
	db, err := sql.Open("pgx", postgres.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	return postgres.dir
}

// postgresBin gives the folder of the newest PostgreSQL, "" where there is none.
func postgresBin() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1])
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p)
	}
	return ""
}

// start makes a cluster in a temporary folder and starts it. PostgreSQL refuses to run as root: then it runs as the
// user postgres, which Debian's package makes. It stops when this process ends, however that is: the shell around
// it waits for the end of its input.
func (s *server) start(bin string) (err error) {
	if s.dir, err = os.MkdirTemp("", "waymark-postgres-"); err != nil {
		return err
	}
	as := []string{}
	if os.Getuid() == 0 {
		if out, err := exec.Command("chown", "postgres", s.dir).CombinedOutput(); err != nil {
			return fmt.Errorf("chown: %w: %s", err, out)
		}
		as = []string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"}
	}
	run := func(args ...string) *exec.Cmd {
		args = append(slices.Clone(as), args...)
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = s.dir
		return cmd
	}
	data := filepath.Join(s.dir, "data")
	if out, err := run(filepath.Join(bin, "initdb"), "-D", data, "-U", "waymark", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return err
	}
	fsync := "off" // no test here cuts the power
	if os.Getenv("WAYMARK_POSTGRES_FSYNC") != "" {
		fsync = "on" // for measuring
	}
	script := fmt.Sprintf("'%s/postgres' -D '%s' -k '%s' -c listen_addresses=127.0.0.1 -p %d -c fsync=%s & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid", bin, data, s.dir, s.port, fsync)
	s.cmd = run("sh", "-c", script)
	var log bytes.Buffer
	s.cmd.Stderr = &log
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			s.stop()
			return fmt.Errorf("does not answer: %w: %s", err, strings.TrimSpace(log.String()))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (s *server) stop() {
	if s.stdin != nil {
		_ = s.stdin.Close()
		_ = s.cmd.Wait()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
