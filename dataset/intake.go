package dataset

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	"waymark/fault"
)

// CompanionSuffix ends the name of the column that says why NAME has no value, in files.
const CompanionSuffix = "__missing"

// manyRows is the number of rows from which memory matters more than a moment.
const manyRows = 4_000_000

// Intake turns rows of cells into a table. Every reader of tables feeds one, so that kinds, missing codes,
// HXL tags, companion columns and the account of rows are the same whatever the file's format.
type Intake struct {
	options  ReadOptions
	accounts *Accounts
	width    int
	names    []string
	place    map[string]int // position of a name
	columns  []*intakeColumn
	tagged   bool // the row below the header was looked at
}

// NewIntake starts a table with the header row as it stands in the file. headerRow is its row number.
func NewIntake(header []string, headerRow int, options ReadOptions) *Intake {
	in := &Intake{options: options.withDefaults(), width: len(header)}
	in.accounts = &Accounts{Document: options.Document, Header: headerRow, Decimal: options.Decimal}
	in.names = in.cleanHeader(header)
	in.place = make(map[string]int, len(header))
	for i, name := range in.names {
		in.place[name] = i
	}
	for i, name := range in.names {
		if base, ok := strings.CutSuffix(name, CompanionSuffix); ok {
			if _, explains := in.place[base]; explains {
				continue
			}
		}
		if options.Columns != nil && !slices.Contains(options.Columns, name) {
			continue
		}
		in.columns = append(in.columns, in.startColumn(i, name))
	}
	in.absent()
	return in
}

func (in *Intake) startColumn(i int, name string) *intakeColumn {
	o := &in.options
	c := &intakeColumn{source: i, companion: -1, options: o, dict: newDictionary(), codes: o.MissingIn(name), form: formOf(o.Decimal)}
	for code := range c.codes {
		if code != "" {
			c.starts[code[0]] = true
		}
	}
	for b := range c.starts { // what bytes.TrimSpace takes off may start with any byte past ASCII
		c.starts[b] = c.starts[b] || b <= ' ' || b >= 0x80
	}
	if k, ok := in.place[name+CompanionSuffix]; ok {
		c.companion = k
	}
	c.field = Field{Name: name, Labels: o.Labels[name], Class: o.Classes[name], Levels: slices.Clone(o.Levels[name])}
	if k, ok := o.Kinds[name]; ok {
		c.declared, c.field.Kind = true, k
		c.form.loose = k == Number
	} else if len(o.Levels[name]) > 0 {
		c.declared, c.field.Kind = true, Category
	}
	if c.field.Kind != Category {
		c.field.Levels = nil
	}
	return c
}

// cleanHeader trims names, names blank ones column_N and numbers repeated ones.
func (in *Intake) cleanHeader(header []string) []string {
	names := make([]string, len(header))
	taken := map[string]bool{}
	for i, h := range header {
		names[i] = strings.TrimSpace(h)
		taken[names[i]] = true
	}
	seen := map[string]bool{}
	last := map[string]int{} // number given last to a repeated name
	for i, name := range names {
		code := CodeHeaderRepeated
		base := name
		if name == "" {
			base, code = "column_"+strconv.Itoa(i+1), CodeHeaderBlank
			name = base
		} else if !seen[name] {
			seen[name] = true
			continue
		}
		for n := max(last[base], 1) + 1; taken[name] || seen[name]; n++ {
			name = base + "_" + strconv.Itoa(n)
			last[base] = n
		}
		names[i] = name
		seen[name] = true
		in.accounts.note(code, i+1, name, map[string]any{"name": name, "other": base})
	}
	return names
}

// absent notes what was declared for columns that the file does not have.
func (in *Intake) absent() {
	o := in.options
	declared := map[string]bool{}
	for n := range o.ColumnMissing {
		declared[n] = true
	}
	for n := range o.Kinds {
		declared[n] = true
	}
	for n := range o.Levels {
		declared[n] = true
	}
	for _, n := range o.Columns {
		declared[n] = true
	}
	var names []string
	for n := range declared {
		if _, ok := in.place[n]; !ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		in.accounts.note(CodeDeclaredAbsent, 0, n, nil)
	}
}

// Names gives the names of the columns as they are loaded, in the order of the file.
func (in *Intake) Names() []string { return in.names }

// Accounts is where the reader notes what only it knows: hash, encoding, listed rows.
func (in *Intake) Accounts() *Accounts { return in.accounts }

// Row takes one row of data; row is its number in the file. A row that cannot be loaded is listed. The cells
// may be overwritten after the call. Cells past the header that are empty are passed over.
func (in *Intake) Row(row int, cells [][]byte) {
	if !in.tagged {
		in.tagged = true
		if in.options.HXL == Sought && in.tags(cells) {
			in.accounts.HXL = true
			return
		}
	}
	if len(cells) != in.width && !in.fits(cells) {
		in.List(CodeRaggedRow, row, 0, "", len(cells), in.width)
		return
	}
	for _, c := range in.columns {
		cell := cells[c.source]
		if len(cell) > in.options.MaxCell {
			in.List(CodeCellTooLong, row, c.source+1, c.field.Name, in.options.MaxCell, 0)
			return
		}
		code := c.look(cell)
		if c.companion >= 0 && code == "" {
			code = c.join(cells[c.companion])
		}
		if code != "" {
			in.List(code, row, c.source+1, c.field.Name, 0, 0)
			return
		}
	}
	for _, c := range in.columns {
		c.put()
	}
	in.accounts.Load(row)
}

// fits says whether the cells past the header are all empty.
func (in *Intake) fits(cells [][]byte) bool {
	if len(cells) < in.width {
		return false
	}
	for _, c := range cells[in.width:] {
		if len(c) > 0 {
			return false
		}
	}
	return true
}

// join reads the companion column of the pending cell.
func (c *intakeColumn) join(cell []byte) fault.Code {
	if len(cell) == 0 {
		return ""
	}
	m, ok := ParseMissing(string(cell))
	if !ok {
		return CodeCompanionCode
	}
	switch c.next.missing {
	case Present:
		return CodeCompanionValue
	case Empty:
		return c.look([]byte{0, byte(m)})
	}
	return ""
}

// tags takes a row of HXL tags: at least one cell, and every cell that is not empty, is # and a letter.
func (in *Intake) tags(cells [][]byte) bool {
	any := false
	for _, c := range cells {
		if len(c) == 0 {
			continue
		}
		if len(c) < 2 || c[0] != '#' || (c[1]|0x20) < 'a' || (c[1]|0x20) > 'z' {
			return false
		}
		any = true
	}
	if !any {
		return false
	}
	for _, c := range in.columns {
		if c.source < len(cells) {
			c.field.HXL = strings.TrimSpace(string(cells[c.source]))
		}
	}
	return true
}

// List notes a row of data that is not loaded.
func (in *Intake) List(code fault.Code, row, column int, field string, have, want int) {
	in.tagged = true
	in.accounts.List(code, row, column, field, have, want)
}

// Blank notes a row without any content; it is no row of data.
func (in *Intake) Blank(row int) {
	in.accounts.Blank++
	in.accounts.skipped = append(in.accounts.skipped, row)
}

// Close gives the table and the account.
func (in *Intake) Close() *Loaded {
	t := &Table{Name: in.options.Document}
	for i, c := range in.columns {
		t.Columns = append(t.Columns, c.column(in.accounts))
		in.columns[i] = nil
		if in.accounts.Loaded >= manyRows {
			// The chunks a column grew in are garbage now: reused for the next column they save their size at
			// the peak. The heap holds few pointers, so that a collection takes milliseconds.
			runtime.GC()
		}
	}
	if in.accounts.Loaded == 0 {
		in.accounts.note(CodeNoRows, 0, "", nil)
	}
	l := &Loaded{Table: t, Accounts: in.accounts, Selects: FindSelects(t)}
	checkSelects(t, l.Selects, in.accounts)
	return l
}
