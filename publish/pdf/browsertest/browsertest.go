// Package browsertest knows what tests of pages need besides a browser: axe-core, which judges whether everybody can use a
// page. It must not know any page.
package browsertest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Axe gives the source of axe-core, installed by its lockfile in web/axe where npm is there. Where it cannot be had the test
// is skipped, and says what would add it.
func Axe(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(root(t), "web", "axe")
	source := filepath.Join(folder, "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(source); errors.Is(err, fs.ErrNotExist) {
		if _, err := exec.LookPath("npm"); err != nil {
			t.Skip("npm is missing: accessibility checks with axe-core skipped; apt-get install npm")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		install.Dir = folder
		if out, err := install.CombinedOutput(); err != nil {
			t.Logf("%s", out)
			t.Skip("axe-core is missing: accessibility checks skipped; npm ci --prefix web/axe")
		}
	}
	raw, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// root is the folder of the module, above the package that is tested.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	t.Fatal("the module's folder is not above the test's")
	return ""
}
