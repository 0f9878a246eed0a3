package waymark_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floor says on which floor each package stands. A package that is not listed fails the build: give it a
// floor here and a sentence in its package comment (what it knows, what it must not know).
var floor = map[string]int{
	// ground: kernels
	"fault": 0, "lang": 0, "place": 0, "names": 0, "workbook": 0,
	"dataset": 0, "dataset/csv": 0, "dataset/xlsx": 0, "dataset/parquet": 0, "dataset/sourcetest": 0,
	"form": 0, "form/xlsform": 0, "form/flatten": 0, "form/xpath": 0, "form/instance": 0, "form/xform": 0,
	"stat/formula": 0, "stat/glm": 0, "stat/glmm": 0, "stat/effect": 0, "stat/design": 0,
	"privacy/suppress": 0, "privacy/suppress/suppresstest": 0,
	"trust/seal": 0, "trust/access": 0, "trust/audit": 0,
	// first: the domain
	"vulnerability": 1, "vulnerability/factor": 1, "simulate": 1, "release": 1, "release/releasetest": 1, "collect": 1, "collect/extract": 1,
	// second: adapters
	"store/folder": 2, "connect/webhook": 2, "connect/pull": 2, "connect/oidc": 2, "connect/central": 2, "connect/kobo": 2, "store/records": 2, "store/sqlite": 2, "store/postgres": 2, "store/blob": 2, "store/storetest": 2, "store/desktest": 2, "store/backup": 2,
	"publish/chart": 2, "publish/carto": 2, "publish/report": 2, "publish/pdf": 2, "publish/pdf/browsertest": 2, "publish/datapackage": 2,
	// third: what runs
	"study": 3, "study/plan": 3, "plans": 3, "serve/route": 3, "serve/route/routetest": 3, "serve/openrosa": 3, "serve/openrosa/collecttest": 3, "serve/problem": 3, "serve/odata": 3, "serve/api": 3, "serve/respond": 3, "serve/web": 3,
	// the roof
	"cmd/waymark": 4, "bench": 4,
}

// edges are the imports within one floor, each with its reason.
var edges = map[string]string{
	"dataset/csv > dataset":               "a reader fills tables",
	"dataset/xlsx > dataset":              "a reader fills tables",
	"dataset/parquet > dataset":           "a reader fills tables",
	"dataset/sourcetest > dataset":        "the contract test of dataset.Source",
	"dataset/xlsx > workbook":             "cells come from a workbook",
	"form/xlsform > form":                 "it compiles a form",
	"form/xlsform > form/xpath":           "it reads the expressions of a form",
	"form/instance > form":                "a record is held against its form",
	"form/instance > form/xpath":          "a record is a tree that expressions read",
	"form/xform > form":                   "it writes and reads a form",
	"form/xform > form/xpath":             "what phones would not take is found when a form is read",
	"form/flatten > form":                 "it flattens a form",
	"form/flatten > form/xpath":           "what an answer is made of decides who may see it",
	"form/flatten > form/instance":        "it takes records apart",
	"form/flatten > dataset":              "a codebook describes columns",
	"stat/glm > stat/formula":             "a design is what is fitted",
	"stat/glmm > stat/formula":            "a design is what is fitted",
	"stat/glmm > stat/glm":                "families, links and verdicts are shared",
	"stat/effect > stat/formula":          "terms and levels of a model",
	"stat/effect > stat/glm":              "it reads fitted models",
	"stat/effect > stat/glmm":             "it reads fitted models",
	"stat/design > stat/formula":          "columns and formulas of a model under a design",
	"stat/design > stat/glm":              "a model under a design is a weighted model",
	"place > names":                       "names are compared as written by people",
	"release/releasetest > release":       "a help for other rooms' tests",
	"publish/report > publish/chart":      "a report shows charts",
	"publish/carto > publish/chart":       "a map is an SVG drawn with the same pen",
	"serve/openrosa > serve/route":        "its addresses are routes",
	"serve/route/routetest > serve/route": "a help for other rooms' tests",
	"collect/extract > collect":           "it writes what the Desk gives",
	"connect/central > connect/pull":      "it takes over what it is given",
	"connect/kobo > connect/pull":         "it takes over what it is given",
	"serve/problem > serve/route":         "a failure is told as routes tell it",
	"serve/respond > serve/route":         "it gives routes",
	"serve/web > serve/route":             "it gives routes",
	"serve/odata > serve/route":           "it gives routes",
	"serve/odata > serve/problem":         "programs are told of failures alike",
	"serve/api > serve/route":             "it gives routes",
	"serve/api > serve/problem":           "programs are told of failures alike",
	"serve/api > serve/odata":             "it names headers, actors and filters as feeds do",
	"store/sqlite > store/records":        "the tables are one for both databases",
	"store/postgres > store/records":      "the tables are one for both databases",
	"store/backup > store/records":        "it reads and fills tables, whichever database they lie in",
	"store/desktest > store/sqlite":       "a desk for tests stands on a real store",
	"store/desktest > store/blob":         "a desk for tests stands on a real store",
	"study > study/plan":                  "a study runs a plan",
}

// everyone lists what any floor may import although it stands on the ground.
var everyone = []string{"fault"}

// sockets are outside packages and who may plug them in (a prefix of the package's folder).
var sockets = []struct {
	outside string
	rooms   []string
}{
	{"net/http", []string{"serve/", "cmd/", "connect/", "store/trino", "publish/pdf"}},
	{"database/sql", []string{"store/"}},
	{"os", []string{"cmd/", "bench", "store/", "publish/pdf"}},
	{"os/exec", []string{"cmd/", "bench", "publish/pdf", "store/storetest"}},
	{"flag", []string{"cmd/", "bench", "store/"}},
	{"log/slog", []string{"study", "serve/", "store/", "connect/", "cmd/"}},
	{"github.com/xuri/excelize/v2", []string{"workbook"}},
	{"github.com/richardlehane/mscfb", []string{"workbook"}},
	{"crypto/rand", []string{"trust/seal", "privacy/dp"}},
	{"crypto/aes", []string{"trust/seal"}},
	{"crypto/cipher", []string{"trust/seal"}},
	{"crypto/rsa", []string{"trust/seal"}},
	{"filippo.io/age", []string{"trust/seal"}},
	{"golang.org/x/crypto", []string{"trust/seal"}},
	{"github.com/ncruces/go-sqlite3", []string{"store/"}},
	{"github.com/jackc/pgx/v5", []string{"store/"}},
	{"github.com/pressly/goose/v3", []string{"store/"}},
	{"github.com/coreos/go-oidc/v3", []string{"connect/oidc"}},
	{"golang.org/x/oauth2", []string{"connect/oidc"}},
	{"github.com/go-webauthn/webauthn", []string{"serve/web"}},
	{"rsc.io/qr", []string{"serve/"}},
	{"github.com/chromedp/chromedp", []string{"publish/pdf"}},
	{"github.com/spf13/cobra", []string{"cmd/"}},
	{"github.com/parquet-go/parquet-go", []string{"dataset/parquet", "store/"}},
	{"github.com/goccy/go-yaml", []string{"study/plan"}},
	{"github.com/nicksnyder/go-i18n/v2/i18n", []string{"lang"}},
	{"github.com/schollz/progressbar/v3", []string{"cmd/"}},
}

// speakers may import lang: below them words are codes.
var speakers = []string{"publish/", "serve/", "study", "cmd/", "lang"}

// room is one package as its files say.
type room struct {
	folder  string
	imports map[string][]string // import path -> files
	doc     string
	cgo     bool
}

func rooms(t *testing.T) map[string]*room {
	t.Helper()
	found := map[string]*room{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(filepath.ToSlash(name))
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules" || base == "docs" || base == "demo" || base == "working" || base == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.ImportsOnly)
		if err != nil {
			return err
		}
		if ignored(f) {
			return nil
		}
		folder := path.Dir(filepath.ToSlash(name))
		r := found[folder]
		if r == nil {
			r = &room{folder: folder, imports: map[string][]string{}}
			found[folder] = r
		}
		if f.Doc != nil {
			r.doc += f.Doc.Text()
		}
		for _, im := range f.Imports {
			p, _ := strconv.Unquote(im.Path.Value)
			r.imports[p] = append(r.imports[p], name)
			r.cgo = r.cgo || p == "C"
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// ignored says whether a file is left out of every build (a generator run by hand).
func ignored(f *ast.File) bool {
	for _, g := range f.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//go:build ignore") {
				return true
			}
		}
	}
	return false
}

func TestFloors(t *testing.T) {
	for _, r := range rooms(t) {
		here, known := floor[r.folder]
		if !known {
			if isTool(r.folder) {
				continue
			}
			t.Errorf("%s has no floor: list it in floors_test.go", r.folder)
			continue
		}
		for _, im := range slices.Sorted(maps.Keys(r.imports)) {
			to, ours := strings.CutPrefix(im, "waymark/")
			if !ours || slices.Contains(everyone, to) {
				continue
			}
			there, known := floor[to]
			switch {
			case !known:
				t.Errorf("%s imports %s, which has no floor", r.folder, to)
			case there > here:
				t.Errorf("%s (floor %d) imports %s (floor %d): only lower floors may be imported", r.folder, here, to, there)
			case there == here && edges[r.folder+" > "+to] == "" && to != "lang":
				t.Errorf("%s imports %s on its own floor: list the edge with its reason, or take the import away", r.folder, to)
			}
		}
	}
}

// TestWalls checks the walls that floors alone do not say.
func TestWalls(t *testing.T) {
	for _, r := range rooms(t) {
		for im, files := range r.imports {
			to, ours := strings.CutPrefix(im, "waymark/")
			if ours {
				if to == "lang" && !startsWithAny(r.folder, speakers) {
					t.Errorf("%v imports lang: below publish, serve, study and cmd words are codes", files)
				}
				if strings.HasPrefix(r.folder, "stat/") && !strings.HasPrefix(to, "stat/") && to != "fault" {
					t.Errorf("%v imports %s: stat/* knows only stat/* and fault", files, to)
				}
				if strings.HasPrefix(r.folder, "publish/") && floor[to] == 1 && to != "release" {
					t.Errorf("%v imports %s: of the domain, publish/* knows only release", files, to)
				}
			}
		}
		if r.cgo {
			t.Errorf("%s uses cgo: nothing here does", r.folder)
		}
	}
}

func TestSockets(t *testing.T) {
	for _, r := range rooms(t) {
		if isTool(r.folder) {
			continue
		}
		for _, s := range sockets {
			for im, files := range r.imports {
				if (im == s.outside || strings.HasPrefix(im, s.outside+"/") && s.outside != "os") && !startsWithAny(r.folder, s.rooms) && !(s.outside == "net/http" && im != "net/http") {
					t.Errorf("%v imports %s, which may plug into %v only", files, im, s.rooms)
				}
			}
		}
	}
}

// TestPackageSentences asks every package for its sentence: what it knows, and what it must not know.
func TestPackageSentences(t *testing.T) {
	for _, r := range rooms(t) {
		if isTool(r.folder) || r.folder == "." {
			continue
		}
		if !strings.HasPrefix(r.doc, "Package ") && !strings.HasPrefix(r.doc, "Command ") {
			t.Errorf("%s has no package comment", r.folder)
			continue
		}
		if text := strings.Join(strings.Fields(r.doc), " "); !strings.Contains(text, "not know") && !strings.HasPrefix(r.doc, "Command ") {
			t.Errorf("%s: the package comment does not say what the package must not know", r.folder)
		}
	}
}

// TestFloorTableIsTrue finds rooms and edges that are listed and no longer there.
func TestFloorTableIsTrue(t *testing.T) {
	found := rooms(t)
	for f := range floor {
		if found[f] == nil {
			t.Errorf("floor lists %s, which is not there", f)
		}
	}
	for e := range edges {
		from, to, _ := strings.Cut(e, " > ")
		if r := found[from]; r != nil && r.imports["waymark/"+to] == nil {
			t.Errorf("edge %q is listed and not used", e)
		}
	}
}

// isTool says whether a folder holds a program that builds or measures Waymark and is no part of it.
func isTool(folder string) bool {
	return folder == "." || strings.HasPrefix(folder, "bench") || strings.HasPrefix(folder, "tools")
}

func startsWithAny(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if s == strings.TrimSuffix(p, "/") || strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func TestNoForbiddenFolders(t *testing.T) {
	for f := range rooms(t) {
		for _, part := range strings.Split(f, "/") {
			if slices.Contains([]string{"util", "utils", "common", "helpers", "misc", "core", "types", "models"}, part) {
				t.Errorf("%s: a package is named after a thing of the field", f)
			}
		}
	}
	if _, err := os.Stat("internal"); err == nil {
		t.Error("internal/ is not a room of this house")
	}
}

// TestDependenciesAreListed compares the modules that go.mod requires directly with docs/dependencies.md.
func TestDependenciesAreListed(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join("docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{"honnef.co/go/tools": true} // a tool
	for _, line := range strings.Split(string(mod), "\n") {
		f := strings.Fields(line)
		if strings.HasPrefix(line, "\t") && len(f) == 2 {
			direct[f[0]] = true
		}
	}
	for _, line := range strings.Split(string(list), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 3 || !strings.Contains(cells[1], "/") {
			continue
		}
		name := strings.TrimSpace(cells[1])
		if !direct[name] {
			t.Errorf("docs/dependencies.md lists %s, which go.mod does not require directly", name)
		}
		delete(direct, name)
	}
	for name := range direct {
		t.Errorf("go.mod requires %s, which docs/dependencies.md does not list", name)
	}
}
