package datapackage

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/dataset"
	"waymark/dataset/csv"
	"waymark/dataset/xlsx"
	"waymark/fault"
	"waymark/lang"
	"waymark/release"
)

// The issues raised here; texts stand in lang/messages/datapackage.*.toml.
const (
	CodeNotCleared    fault.Code = "datapackage.not-cleared"     // number: place of the table in the list
	CodeNoTables      fault.Code = "datapackage.no-tables"       //
	CodeName          fault.Code = "datapackage.name"            // name
	CodeKey           fault.Code = "datapackage.key"             // key
	CodeColumnTwice   fault.Code = "datapackage.column-twice"    // table, column
	CodeCreated       fault.Code = "datapackage.created"         // have
	CodeCaveatUnknown fault.Code = "datapackage.caveat-unknown"  // caveat, language
	CodeNoLicence     fault.Code = "datapackage.no-licence-name" // number
)

// Package is what is said of the tables together. Only Name is required.
type Package struct {
	Name         string // lower-case letters, digits, hyphens, underscores, full stops: the name of the files
	Version      string // of the release: "1.0.0"
	Created      string // ISO 8601 day or time; "" leaves it out. It is given, never taken from a clock
	Title        release.Labels
	Description  release.Labels
	Homepage     string
	Keywords     []string
	Sources      []Source
	Licences     []Licence
	Contributors []Contributor
	Facts        map[string]string // how the numbers can be made again: hash of the data, plan, version, seeds
}

// Source is where data come from.
type Source struct {
	Title string `json:"title,omitempty"`
	Path  string `json:"path,omitempty"`
}

// Licence is what others may do. Name is an identifier of the Open Definition or SPDX; Name or Path is required.
type Licence struct {
	Name  string `json:"name,omitempty"`
	Title string `json:"title,omitempty"`
	Path  string `json:"path,omitempty"`
}

// Contributor is who made the package, as the caller has it in writing.
type Contributor struct {
	Title        string   `json:"title,omitempty"`
	Organization string   `json:"organization,omitempty"`
	Path         string   `json:"path,omitempty"`
	Roles        []string `json:"roles,omitempty"`
}

// File is one file of the package; Path has forward slashes.
type File struct {
	Path    string
	Content []byte
}

// Files makes the files of the package, in the order they stand in the zip: the description, a readme in
// each language, a CSV file for each table, one workbook of all. The first printer's language is the one of
// the description's titles; there must be one.
func Files(p Package, tables []release.Cleared, printers []*lang.Printer) ([]File, error) {
	b := &builder{Package: p, cleared: tables, printers: printers}
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("make data package %s: %w", p.Name, err)
	}
	var files []File
	for i, t := range b.tables {
		var out bytes.Buffer
		if err := csv.Write(&out, t, csv.WriteOptions{}); err != nil {
			return nil, fmt.Errorf("write table %s: %w", tables[i].Key(), err)
		}
		files = append(files, File{Path: csvPath(tables[i]), Content: out.Bytes()})
	}
	var readmes []File
	var lines []string
	for _, printer := range printers {
		text := b.readme(printer)
		readmes = append(readmes, File{Path: "README." + printer.Tag() + ".md", Content: []byte(strings.Join(text, "\n") + "\n")})
		for _, l := range text {
			lines = append(lines, strings.TrimLeft(l, "# "))
		}
	}
	var book bytes.Buffer
	if err := xlsx.Write(&book, b.tables, xlsx.WriteOptions{Readme: lines, Languages: b.tags()}); err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	files = append(files, File{Path: p.Name + ".xlsx", Content: book.Bytes()})
	description, err := b.description(files)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]File{{Path: "datapackage.json", Content: description}}, readmes, files), nil
}

// Write writes the package as one zip file.
func Write(w io.Writer, p Package, tables []release.Cleared, printers []*lang.Printer) error {
	files, err := Files(p, tables, printers)
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	for _, f := range files {
		part, err := out.CreateHeader(&zip.FileHeader{Name: f.Path, Method: zip.Deflate})
		if err == nil {
			_, err = part.Write(f.Content)
		}
		if err != nil {
			return fmt.Errorf("write data package: %s: %w", f.Path, err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write data package: %w", err)
	}
	return nil
}

// CSV writes one cleared table as it stands in the package.
func CSV(w io.Writer, t release.Cleared, languages []string) error {
	if !t.Valid() {
		return notCleared(1)
	}
	table, err := newShape(t, languages).table()
	if err != nil {
		return err
	}
	return csv.Write(w, table, csv.WriteOptions{})
}

func csvPath(t release.Cleared) string { return "data/" + t.Key() + ".csv" }

func notCleared(number int) error {
	return fault.Issue{Code: CodeNotCleared, Kind: fault.Forbidden, Args: map[string]any{"number": number}}
}

// builder is one Files under way.
type builder struct {
	Package
	cleared  []release.Cleared
	printers []*lang.Printer
	shapes   []*shape
	tables   []*dataset.Table
}

func (b *builder) tags() []string {
	tags := make([]string, len(b.printers))
	for i, p := range b.printers {
		tags[i] = p.Tag()
	}
	return tags
}

// check refuses what cannot leave, and shapes the tables.
func (b *builder) check() error {
	var issues fault.Issues
	add := func(code fault.Code, args map[string]any) {
		issues = append(issues, fault.Issue{Code: code, Args: args})
	}
	if len(b.cleared) == 0 {
		add(CodeNoTables, nil)
	}
	if len(b.printers) == 0 {
		return fmt.Errorf("no language to write in: %w", fault.Invalid)
	}
	if !isName(b.Name) {
		add(CodeName, map[string]any{"name": b.Name})
	}
	if b.Created != "" && !isTime(b.Created) {
		add(CodeCreated, map[string]any{"have": b.Created})
	}
	for i, l := range b.Licences {
		if l.Name == "" && l.Path == "" {
			add(CodeNoLicence, map[string]any{"number": i + 1})
		}
	}
	keys := map[string]bool{"readme": true, "codebook": true, b.Name + "-workbook": true}
	for i, c := range b.cleared {
		if !c.Valid() {
			return notCleared(i + 1) // nothing more is asked of it
		}
		if key := strings.ToLower(c.Key()); !isName(c.Key()) || keys[key] {
			add(CodeKey, map[string]any{"key": c.Key()})
		} else {
			keys[key] = true
		}
		for _, caveat := range c.Caveats() {
			for _, p := range b.printers {
				if _, ok := caveatWords(p, caveat); !ok {
					add(CodeCaveatUnknown, map[string]any{"caveat": caveat, "language": p.Tag()})
				}
			}
		}
		s := newShape(c, b.tags())
		t, err := s.table()
		if err != nil {
			issues = append(issues, fault.Of(err)...)
			continue
		}
		b.shapes, b.tables = append(b.shapes, s), append(b.tables, t)
	}
	return issues.Err()
}

// isName knows names that are good in addresses and on every disk.
func isName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 100 && s[0] != '.' && s[0] != '-'
}

func isTime(s string) bool {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// caveatWords gives what is said of a caveat: the report's words, else those under the code itself; for a code
// with a room, ROOM.CODE, the report's words are looked for without it too.
func caveatWords(p *lang.Printer, code string) (string, bool) {
	last := code[strings.LastIndexByte(code, '.')+1:]
	for _, key := range []string{"report.caveat." + code, code, "report.caveat." + last} {
		if p.Has(key) {
			return p.Text(key, nil), true
		}
	}
	return "", false
}

// readme writes what the package is, in one language, as Markdown that reads as plain text too.
func (b *builder) readme(p *lang.Printer) []string {
	say := func(key string, args map[string]any) string { return p.Text("datapackage."+key, args) }
	title := p.Label(b.Title)
	if title == "" {
		title = b.Name
	}
	lines := []string{"# " + title, ""}
	if d := p.Label(b.Description); d != "" {
		lines = append(lines, d, "")
	}
	lines = append(lines, "## "+say("read-first", nil), "")
	for _, c := range b.caveats() {
		words, _ := caveatWords(p, c)
		lines = append(lines, "- "+words+" ("+c+")")
	}
	lines = append(lines, "- "+say("suppressed-note", map[string]any{"count": b.threshold()}), "- "+say("columns-note", nil), "")
	lines = append(lines, "## "+say("tables", nil), "")
	for _, c := range b.cleared {
		line := "- " + csvPath(c)
		if t := p.Label(c.Title()); t != "" {
			line += " – " + t
		}
		for _, part := range []struct {
			key    string
			labels release.Labels
		}{{"unit", c.Unit()}, {"source", c.Source()}} {
			if words := p.Label(part.labels); words != "" {
				line += " · " + say(part.key, map[string]any{"words": words})
			}
		}
		lines = append(lines, line)
	}
	lines = append(lines, "- "+b.Name+".xlsx – "+say("workbook", nil), "")
	lines = append(lines, "## "+say("terms", nil), "")
	if len(b.Licences) == 0 {
		lines = append(lines, "- "+say("no-licence", nil))
	}
	for _, l := range b.Licences {
		lines = append(lines, "- "+say("licence", map[string]any{"words": joinWords(l.Title, l.Name, l.Path)}))
	}
	for _, s := range b.Sources {
		lines = append(lines, "- "+say("source", map[string]any{"words": joinWords(s.Title, s.Path)}))
	}
	if b.Version != "" {
		lines = append(lines, "- "+say("version", map[string]any{"words": b.Version}))
	}
	return lines
}

func joinWords(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// caveats lists the codes of all tables, each once, in the order met.
func (b *builder) caveats() []string {
	var out []string
	for _, t := range b.cleared {
		for _, c := range t.Caveats() {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// threshold is the largest number of people that any table's policy asks for.
func (b *builder) threshold() int {
	n := 0
	for _, t := range b.cleared {
		n = max(n, int(t.Policy().MinPeople))
	}
	return n
}

// round writes a number to so many digits after the point, or significant ones, and reads it back.
func round(x float64, format byte, digits int) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, format, digits, 64), 64)
	if err != nil {
		return x
	}
	return y
}
