package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"waymark/dataset/parquet"
	"waymark/store/storetest"
)

func TestMain(m *testing.M) {
	testscript.Main(tested{m}, map[string]func(){
		"waymark": func() { os.Exit(program()) },
	})
}

// tested runs the tests, and stops the PostgreSQL that some of them start.
type tested struct{ *testing.M }

// Run is asked by testscript.
func (t tested) Run() int { return storetest.Main(t.M) }

// TestScripts runs the command lines of testdata/script in-process: files, command, output.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "parquet": toParquet, "swap": swap, "huge": huge, "bomb": bomb, "clean": clean,
			"unmark": unmark, "commononly": commonOnly,
			"await": await, "trust": trust, "signin": signin, "ask": ask, "pick": pick, "scrape": scrape, "phone": phone,
		},
		Condition: func(name string) (bool, error) {
			if name != "reference" {
				return false, fmt.Errorf("no condition %q", name)
			}
			return os.Getenv("WAYMARK_REFERENCE") != "", nil
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "en_GB.UTF-8")
			e.Values[walkerKey{}] = newWalker()
			forms, err := filepath.Abs("testdata/forms")
			if err != nil {
				return err
			}
			e.Setenv("FORMS", forms)
			e.Setenv("WAYMARK_REFERENCE", os.Getenv("WAYMARK_REFERENCE"))
			return nil
		},
	})
}

// exits runs a command and checks its exit code: exits 2 waymark nonesuch.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// toParquet writes a CSV file as Parquet: parquet visits.csv visits.parquet.
func toParquet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: parquet IN.csv OUT.parquet")
	}
	loaded, err := openTable(ts.MkAbs(args[0]), tableOptions{})
	ts.Check(err)
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(parquet.Write(out, loaded.Table, parquet.WriteOptions{}))
	ts.Check(out.Close())
}
