// Command emit compiles forms and writes their XForms as lines for web/form/test/load.mjs, which loads each in the
// engine of the web form:
//
//	go run ./tools/emit FORM.xlsx ... | node web/form/test/load.mjs
//	go run ./tools/emit -vectors FILE.jsonl | node web/form/test/load.mjs
//
// What does not compile is named on standard error.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form/xform"
	"waymark/form/xlsform"
	"waymark/workbook"
)

func main() {
	vectors := flag.String("vectors", "", "file of vectors of the reference compiler")
	flag.Parse()
	if err := run(*vectors, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "emit:", err)
		os.Exit(1)
	}
}

// vector is a form of the reference compiler's tests, with what it made of it; null where it refused.
type vector struct {
	ID    string                      `json:"id"`
	N     int                         `json:"n"`
	Name  string                      `json:"name"`
	MD    string                      `json:"md"`
	SS    map[string][]map[string]any `json:"ss"`
	XForm *string                     `json:"xform"`
}

func run(vectors string, files []string) error {
	out := json.NewEncoder(os.Stdout)
	emit := func(id string, b xlsform.Book, o xlsform.Options) error {
		f, issues := xlsform.Compile(b, o)
		if hard := issues.Only(fault.Hard); len(hard) > 0 {
			fmt.Fprintln(os.Stderr, id, codes(hard))
			return nil
		}
		xml, issues := xform.Encode(f)
		if hard := issues.Only(fault.Hard); len(hard) > 0 {
			fmt.Fprintln(os.Stderr, id, codes(hard))
			return nil
		}
		return out.Encode(map[string]string{"id": id, "xform": string(xml)})
	}
	for _, name := range files {
		b, err := read(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, filepath.Base(name), err)
			continue
		}
		if err := emit(filepath.Base(name), b, xlsform.Options{}); err != nil {
			return err
		}
	}
	if vectors == "" {
		return nil
	}
	f, err := os.Open(vectors)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return err
		}
		if v.XForm == nil {
			continue
		}
		b, err := v.book()
		if err != nil {
			return err
		}
		if v.Name == "" {
			v.Name = "test_name"
		}
		if err := emit(fmt.Sprintf("%s#%d", v.ID, v.N), b, xlsform.Options{Instance: v.Name}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// read reads the sheets of a file.
func read(name string) (xlsform.Book, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	switch filepath.Ext(name) {
	case ".md":
		return xlsform.ReadMarkdown(bytes.NewReader(raw))
	case ".csv":
		return xlsform.ReadCSV(bytes.NewReader(raw))
	}
	b, err := workbook.Open(bytes.NewReader(raw), int64(len(raw)), workbook.Limits{Document: filepath.Base(name)})
	if err != nil {
		return nil, err
	}
	return b.Texts(), nil
}

func codes(issues fault.Issues) string {
	var out []string
	for _, i := range issues {
		out = append(out, string(i.Code))
	}
	return strings.Join(out, " ")
}

// book gives the sheets of a vector.
func (v vector) book() (xlsform.Book, error) {
	if v.MD != "" {
		return xlsform.ReadMarkdown(strings.NewReader(v.MD))
	}
	var out xlsform.Tables
	for _, name := range []string{"survey", "choices", "settings", "entities", "external_choices"} {
		rows := v.SS[name]
		if rows == nil {
			continue
		}
		var header []string
		for _, r := range append(slices.Clone(v.SS[name+"_header"]), rows...) {
			for k := range r {
				if !slices.Contains(header, k) {
					header = append(header, k)
				}
			}
		}
		slices.Sort(header)
		sheet := xlsform.Sheet{Name: name, Rows: [][]string{header}}
		for _, r := range rows {
			row := make([]string, len(header))
			for n, h := range header {
				if r[h] != nil {
					row[n] = fmt.Sprint(r[h])
				}
			}
			sheet.Rows = append(sheet.Rows, row)
		}
		out = append(out, sheet)
	}
	return out, nil
}
