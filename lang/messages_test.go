package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/BurntSushi/toml"

	"waymark/lang"
)

// text is one text as its file has it.
type text struct{ One, Many, Other string }

func (t text) forms() map[string]string {
	return map[string]string{"one": t.One, "many": t.Many, "other": t.Other}
}

// texts reads every file of a language: code to text, and code to file.
func texts(t testing.TB, tag string) (all map[string]text, file map[string]string) {
	t.Helper()
	all, file = map[string]text{}, map[string]string{}
	names, err := filepath.Glob("messages/*." + tag + ".toml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no message files of %s: %v", tag, err)
	}
	for _, name := range names {
		one := map[string]text{}
		meta, err := toml.DecodeFile(name, &one)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, extra := range meta.Undecoded() {
			t.Errorf("%s: %s is not one, many or other", name, extra)
		}
		for code, text := range one {
			if file[code] != "" {
				t.Errorf("%s: %s stands in %s as well", name, code, file[code])
			}
			all[code], file[code] = text, name
		}
	}
	return all, file
}

func TestEveryTextInBothLanguages(t *testing.T) {
	en, enFile := texts(t, "en")
	fr, frFile := texts(t, "fr")
	for code := range en {
		if _, ok := fr[code]; !ok {
			t.Errorf("%s: %s has no French text", enFile[code], code)
		} else if strings.Replace(enFile[code], ".en.", ".fr.", 1) != frFile[code] {
			t.Errorf("%s: the French text of %s stands in %s", enFile[code], code, frFile[code])
		}
	}
	for code := range fr {
		if _, ok := en[code]; !ok {
			t.Errorf("%s: %s has no English text", frFile[code], code)
		}
	}
}

func TestFormsAreComplete(t *testing.T) {
	en, enFile := texts(t, "en")
	fr, frFile := texts(t, "fr")
	for code, text := range en {
		switch {
		case text.Other == "":
			t.Errorf("%s: %s has no other", enFile[code], code)
		case text.Many != "":
			t.Errorf("%s: %s has many, which English does not have", enFile[code], code)
		case text.One != "" && fr[code].One == "":
			t.Errorf("%s: %s counts in English and not in French", frFile[code], code)
		}
	}
	for code, text := range fr {
		switch {
		case text.Other == "":
			t.Errorf("%s: %s has no other", frFile[code], code)
		case (text.One == "") != (text.Many == ""):
			t.Errorf("%s: %s needs one, many and other", frFile[code], code)
		}
	}
}

func TestFrenchIsNotEnglish(t *testing.T) {
	en, _ := texts(t, "en")
	fr, frFile := texts(t, "fr")
	var same struct{ Codes []string }
	if _, err := toml.DecodeFile("messages/same.toml", &same); err != nil {
		t.Fatal(err)
	}
	for code, text := range fr {
		equal := text == en[code] && letters(text.Other)
		if listed := slices.Contains(same.Codes, code); equal && !listed {
			t.Errorf("%s: %s is the English text; translate it, or list it in messages/same.toml", frFile[code], code)
		} else if !equal && listed {
			t.Errorf("messages/same.toml lists %s, which differs", code)
		}
	}
	for _, code := range same.Codes {
		if _, ok := fr[code]; !ok {
			t.Errorf("messages/same.toml lists %s, which does not exist", code)
		}
	}
}

// letters says whether a text has any word outside its arguments.
func letters(s string) bool {
	return strings.ContainsFunc(argument.ReplaceAllString(s, ""), func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' })
}

var (
	argument = regexp.MustCompile(`\{\{.*?\}\}`)
	named    = regexp.MustCompile(`\.([A-Za-z_][A-Za-z0-9_]*)`)
)

func arguments(s string) []string {
	var out []string
	for _, action := range argument.FindAllString(s, -1) {
		for _, m := range named.FindAllStringSubmatch(action, -1) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestSameArgumentsOnBothSides(t *testing.T) {
	en, _ := texts(t, "en")
	fr, frFile := texts(t, "fr")
	for code, text := range fr {
		want := arguments(en[code].Other)
		if have := arguments(text.Other); !slices.Equal(have, want) {
			t.Errorf("%s: %s names %v, English %v", frFile[code], code, have, want)
		}
		for form, s := range text.forms() { // the singular may say the number in a word
			for _, name := range arguments(s) {
				if !slices.Contains(want, name) {
					t.Errorf("%s: %s names %s in %s, English does not", frFile[code], code, name, form)
				}
			}
		}
	}
}

func TestTextsAreTemplates(t *testing.T) {
	for _, tag := range lang.Tags() {
		all, file := texts(t, tag)
		for code, text := range all {
			for form, s := range text.forms() {
				if _, err := template.New(code).Parse(s); err != nil {
					t.Errorf("%s: %s, %s: %v", file[code], code, form, err)
				}
			}
		}
	}
}

// French as IOM's and UNHCR's French texts are set: the typographic apostrophe, guillemets, and no mark left
// without its space.
func TestFrenchTypography(t *testing.T) {
	fr, frFile := texts(t, "fr")
	for code, text := range fr {
		for form, s := range text.forms() {
			bare := argument.ReplaceAllString(s, "X")
			if strings.Contains(bare, "'") {
				t.Errorf("%s: %s, %s: write ’ for the apostrophe", frFile[code], code, form)
			}
			if strings.Contains(bare, " \"") || strings.Contains(bare, "“") {
				t.Errorf("%s: %s, %s: write « » for quotation marks", frFile[code], code, form)
			}
		}
	}
}

// codes finds every constant of type fault.Code in the sources of the module: code to file.
func codes(t testing.TB) map[string]string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("the module root is not the folder above: %v", err)
	}
	out := map[string]string{}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if strings.HasPrefix(name, ".") && path != root || name == "testdata" || name == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		short, _ := filepath.Rel(root, path)
		for _, code := range constants(file) {
			out[code] = short
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// constants lists the values of the constants of type fault.Code (or Code, in package fault) of a file.
func constants(file *ast.File) []string {
	var out []string
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			values := spec.(*ast.ValueSpec)
			for _, value := range values.Values {
				kind := values.Type
				if call, ok := value.(*ast.CallExpr); ok && len(call.Args) == 1 { // fault.Code("x")
					kind, value = call.Fun, call.Args[0]
				}
				literal, ok := value.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING || !isCode(kind) {
					continue
				}
				if s, err := strconv.Unquote(literal.Value); err == nil {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

func isCode(kind ast.Expr) bool {
	name, ok := kind.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	room, ok := name.X.(*ast.Ident)
	return ok && room.Name == "fault" && name.Sel.Name == "Code"
}

func TestEveryCodeHasItsTexts(t *testing.T) {
	declared := codes(t)
	if _, ok := declared[string(lang.CodeUnknownLanguage)]; !ok {
		t.Fatal("the search for codes finds none of this package's own")
	}
	en, _ := texts(t, "en")
	for code, file := range declared {
		if _, ok := en[code]; !ok {
			t.Errorf("%s declares %s, which has no text in lang/messages", file, code)
		}
		if !codeName.MatchString(code) {
			t.Errorf("%s: %s is not written room.what-is-wrong", file, code)
		}
	}
}

var codeName = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9_-]+)+$`)

// A text that no source names is dead or its code was renamed. Texts whose codes are put together at run time
// share a beginning with a string in the sources, and pass.
func TestNoTextIsUnused(t *testing.T) {
	named := literals(t)
	en, file := texts(t, "en")
	for code := range en {
		if !used(code, named) {
			t.Logf("%s: no source names %s", file[code], code)
		}
	}
}

func used(code string, named map[string]bool) bool {
	for part := code; part != ""; {
		if named[part] || named[part+"."] || named[part+"-"] {
			return true
		}
		_, after, found := strings.Cut(part, ".") // a room may keep its own name out of its literals
		if !found {
			break
		}
		part = after
	}
	for at := len(code) - 1; at > 0; at-- {
		if (code[at] == '.' || code[at] == '-') && (named[code[:at+1]] || named[code[strings.IndexByte(code, '.')+1:at+1]]) {
			return true
		}
	}
	return false
}

// literals lists every string literal of the module's sources, test files left out.
func literals(t testing.TB) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." || entry.Name() == "testdata" || entry.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil // TestEveryCodeHasItsTexts names it
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if s, err := strconv.Unquote(literal.Value); err == nil {
					out[s] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
