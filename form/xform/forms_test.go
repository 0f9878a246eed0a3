package xform_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"waymark/form/xform"
)

// Each file of testdata/forms is a form as its author wrote it and the XML that phones get; -update writes the
// XML anew.
func TestForms(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "forms", "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no forms", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f := compiled(t, string(a.Files[0].Data))
			have, issues := xform.Encode(f)
			if err := issues.Err(); err != nil {
				t.Fatal(err)
			}
			if *update {
				a.Files[1].Data = have
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(a.Files[1].Data), string(have)); d != "" {
				t.Error(d)
			}
			if _, issues := xform.Decode(have); issues.Err() != nil {
				t.Error("it cannot be read back: ", issues)
			}
		})
	}
}
