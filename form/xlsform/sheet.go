package xlsform

import (
	"slices"
	"strings"
	"unicode"

	"waymark/fault"
)

// table is a sheet with its header understood.
type table struct {
	name     string // of the sheet, as the book has it
	first    int    // row of the header, 1-based
	headings []heading
	rows     [][]string // from the row after the header
}

// row gives the number of a row by its place in rows.
func (t *table) row(i int) int { return t.first + 1 + i }

// column gives the 1-based column of the cells that belong at a path, 0 where there is none.
func (t *table) column(path ...string) int {
	if t == nil {
		return 0
	}
next:
	for i, h := range t.headings {
		if len(h.path) < len(path) || !h.known {
			continue
		}
		for k := range path {
			if h.path[k] != path[k] {
				continue next
			}
		}
		return i + 1
	}
	return 0
}

// place is where a cell stands.
func (t *table) place(row, column int, field string) fault.Place {
	return fault.Place{Sheet: t.name, Row: row, Column: column, Field: field}
}

// table finds a sheet without regard to case and spaces and reads its header; nil where the book has none.
func (c *compiler) table(name string, n names, loose bool) *table {
	for _, have := range c.book.Sheets() {
		if strings.EqualFold(clean(have), name) {
			return c.read(have, n, loose)
		}
	}
	return nil
}

func (c *compiler) read(sheet string, n names, loose bool) *table {
	rows, err := c.book.Rows(sheet)
	if err != nil {
		c.failed(err)
		return nil
	}
	for i, row := range rows {
		if blank(row) {
			continue
		}
		t := &table{name: clean(sheet), first: i + 1, headings: headings(row, n, loose), rows: rows[i+1:]}
		c.shorten(t)
		return t
	}
	return nil
}

// maxCell is how much of a cell is read, in bytes: what a spreadsheet takes, and some.
const maxCell = 1 << 16

// shorten refuses cells that are too long and leaves them out.
func (c *compiler) shorten(t *table) {
	for i, row := range t.rows {
		for k := range row {
			if len(row[k]) <= maxCell {
				continue
			}
			c.issue(CodeCellTooLong, fault.Hard, t.place(t.row(i), k+1, ""), map[string]any{"limit": maxCell})
			row = slices.Clone(row)
			row[k] = ""
			t.rows = slices.Clone(t.rows)
			t.rows[i] = row
		}
	}
}

// twice refuses two columns of one meaning.
func (c *compiler) twice(t *table) {
	seen := map[string]bool{}
	for i, h := range t.headings {
		if h.path == nil {
			continue
		}
		key := strings.Join(h.path, "\x00")
		if seen[key] {
			c.issue(CodeColumnTwice, fault.Hard, t.place(t.first, i+1, ""), map[string]any{"column": h.text})
		}
		seen[key] = true
	}
}

// missing reports columns that a sheet cannot do without, and says whether any is.
func (c *compiler) missing(t *table, wanted ...string) bool {
	found := false
	for _, name := range wanted {
		if t.column(name) == 0 {
			shown := name
			if name == "list" {
				shown = "list_name"
			}
			c.issue(CodeNoColumn, fault.Hard, t.place(t.first, 0, ""), map[string]any{"column": shown})
			found = true
		}
	}
	return found
}

// cell gives a cell without the spaces around it; nil rows and short ones have empty cells.
func cell(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	s := row[i]
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if s == "" || !unicode.IsSpace(rune(s[0])) && !unicode.IsSpace(rune(s[len(s)-1])) && s[0] < 0x80 && s[len(s)-1] < 0x80 {
		return s
	}
	return strings.TrimFunc(s, unicode.IsSpace)
}

var straight = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u00a0", " ")

// code reads a cell that machines read: typographic quotes and unbreakable spaces, which word processors
// put in, are plain ones there.
func code(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return straight.Replace(s)
		}
	}
	return s
}

// single makes one space of several.
func single(s string) string {
	if !strings.Contains(s, "  ") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if s[i] != ' ' || i == 0 || s[i-1] != ' ' {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// clean takes spaces of every kind from around a text and makes those within plain, one at a time.
func clean(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c < ' ' || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
		}
	}
	return s
}

// likely lists sheets whose names are at most two letters off the one looked for.
func (c *compiler) likely(name string) []string {
	var out []string
	for _, have := range c.book.Sheets() {
		lower := strings.ToLower(clean(have))
		if sheetNames[lower] || strings.HasPrefix(have, "_") || distance(lower, name) > 2 {
			continue
		}
		out = append(out, have)
	}
	return out
}

var sheetNames = map[string]bool{"survey": true, "choices": true, "settings": true, "external_choices": true, "entities": true, "osm": true}

// distance counts the letters to put in, take out or change between two words (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before := row[0]
		row[0] = i + 1
		for j := range y {
			change := before
			if x[i] != y[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(y)]
}
