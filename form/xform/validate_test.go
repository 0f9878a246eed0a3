package xform_test

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"waymark/form/xform"
	"waymark/form/xlsform"
)

var update = flag.Bool("update", false, "write testdata/validated.tsv anew")

const recordedFile = "testdata/validated.tsv"

// emitted are the forms that come out for phones, by name: those of the vectors, of the workbooks and our own.
func emitted(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	own, err := filepath.Glob("../../cmd/waymark/testdata/forms/*.md")
	if err != nil || len(own) == 0 {
		t.Fatal("no forms of our own", err)
	}
	add := func(name string, book xlsform.Book, o xlsform.Options) {
		f, issues := xlsform.Compile(book, o)
		if issues.Err() == nil {
			out[name], _ = xform.Encode(f)
		}
	}
	for _, path := range own {
		add(filepath.Base(path), sheetsOf(t, path), xlsform.Options{})
	}
	archives, _ := filepath.Glob(filepath.Join("testdata", "forms", "*.txt"))
	for _, path := range archives {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		book, err := xlsform.ReadMarkdown(bytes.NewReader(a.Files[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		add(filepath.Base(path), book, xlsform.Options{})
	}
	if os.Getenv("WAYMARK_REFERENCE") == "" {
		return out
	}
	for _, v := range referenceVectors(t) {
		if v.Error == nil {
			add(v.key(), v.sheets(t), v.options())
		}
	}
	for _, pattern := range []string{"*.xls*", "collect/pyxform-examples/*"} {
		paths, _ := filepath.Glob(filepath.Join(referenceFolder(t, "workbooks"), filepath.FromSlash(pattern)))
		for _, path := range paths {
			switch filepath.Ext(path) {
			case ".xls", ".xlsx", ".xlsm", ".csv", ".md":
				add(filepath.Base(path), sheetsOf(t, path), xlsform.Options{Document: filepath.Base(path)})
			}
		}
	}
	return out
}

func hashOf(b []byte) string {
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}

// recorded reads what ODK Validate said of each form, with the hash of what it was shown.
func recorded(t *testing.T) map[string][2]string {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(recordedFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][2]string{}
	s := bufio.NewScanner(f)
	for s.Scan() {
		cells := strings.Split(s.Text(), "\t")
		if len(cells) == 3 && cells[0] != "form" {
			out[cells[0]] = [2]string{cells[1], cells[2]}
		}
	}
	return out
}

// unsound are forms that ODK Validate refuses, and why. The reference compiler takes them and writes the same: its
// tests look at one detail and are not meant for phones. Options.Strict refuses the first four here.
var unsound = map[string]string{
	"tests.test_choices_sheet.TestChoicesSheet.test_choices_without_labels__for_dynamic_selects__warning_and_error#1": "no choice has a label",
	"tests.test_choices_sheet.TestChoicesSheet.test_choices_without_labels__for_static_selects__warning_and_error#1":  "no choice has a label",
	"tests.test_group.TestGroupParsing.test_empty_group__no_question__error#1":                                        "a group without questions",
	"tests.test_group.TestGroupParsing.test_empty_group__no_question_control__error#1":                                "a group without questions",
	"tests.test_last_saved.LastSavedTest.test_last_saved_in_repeat#1":                                                 "a calculation outside a repeat adds to one within",
}

// Every form that comes out was shown to ODK Validate as it comes out now, and taken.
func TestValidated(t *testing.T) {
	said := recorded(t)
	forms := emitted(t)
	for name, text := range forms {
		was, ok := said[name]
		switch {
		case !ok:
			t.Errorf("%s was never shown to ODK Validate: set WAYMARK_ODK_VALIDATE and run with -update", name)
		case was[0] != hashOf(text):
			t.Errorf("%s comes out otherwise than when it was shown to ODK Validate: run with -update", name)
		case was[1] != "valid" && (unsound[name] == "" || was[1] != "refused: "+unsound[name]):
			t.Errorf("%s: %s", name, was[1])
		}
	}
	if len(forms) < 2 {
		t.Errorf("%d forms", len(forms))
	}
}

// TestValidate shows the forms to ODK Validate. WAYMARK_ODK_VALIDATE is the class path of it and of JavaRosa.
func TestValidate(t *testing.T) {
	classes := os.Getenv("WAYMARK_ODK_VALIDATE")
	if classes == "" {
		t.Log("WAYMARK_ODK_VALIDATE is not set: TestValidated holds the forms against what was recorded")
		return
	}
	folder := t.TempDir()
	forms := emitted(t)
	var names, args []string
	for name := range forms {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		path := filepath.Join(folder, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(path, forms[name], 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	verdicts := make([]string, len(names))
	c := exec.Command("java", append([]string{"-Djava.awt.headless=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp", classes, "org.opendatakit.validate.FormValidator"}, args...)...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	_ = c.Run() // it exits with the number of forms it refuses
	at := -1
	var why []string
	for _, line := range strings.Split(out.String(), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "Validating: "):
			fmt.Sscanf(filepath.Base(strings.TrimPrefix(line, "Validating: ")), "%d.xml", &at)
			why = nil
		case strings.HasPrefix(line, ">> Xform is valid!") && at >= 0:
			verdicts[at] = "valid"
		case line != "" && at >= 0 && !strings.Contains(line, "parsing completed"):
			why = append(why, line)
			if verdicts[at] != "valid" {
				verdicts[at] = "refused: " + strings.Join(why, " ")
			}
		}
	}
	valid := 0
	var b strings.Builder
	b.WriteString("form\tmd5\tverdict\n")
	for i, name := range names {
		if verdicts[i] == "valid" {
			valid++
		} else {
			t.Logf("%s: %.600s", name, verdicts[i])
		}
		word, _, _ := strings.Cut(verdicts[i], ":")
		if word == "refused" {
			word += ": " + unsound[name]
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\n", name, hashOf(forms[name]), word)
	}
	t.Logf("%d of %d valid", valid, len(names))
	if *update {
		if err := os.WriteFile(filepath.FromSlash(recordedFile), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
