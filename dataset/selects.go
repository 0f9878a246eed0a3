package dataset

import (
	"slices"
	"strings"

	"waymark/fault"
)

// MultiSelect is a question with several answers as KoboToolbox and ODK export it: a column of codes with
// blanks between them, and one column of 0 and 1 for each option, named QUESTION/OPTION or QUESTION.OPTION.
type MultiSelect struct {
	Name    string         // of the question
	Column  string         // the column of lists; "" where the file has the options only
	Options []SelectOption // in the order of the file
}

// SelectOption is one answer and its column.
type SelectOption struct {
	Code   string
	Column string
}

// FindSelects finds the questions with several answers in a table. Options without a column of lists are
// taken for such a question where there are three or more and every column of the prefix holds 0 and 1.
func FindSelects(t *Table) []MultiSelect {
	columns := t.byName()
	var out []MultiSelect
	at := map[string]int{}
	plain := map[string]bool{} // prefixes with a column that is no option
	for _, c := range t.Columns {
		prefix, code, listed := splitOption(c.Name, columns)
		if prefix == "" {
			continue
		}
		if !isBinary(c) {
			plain[prefix] = true
			continue
		}
		k, ok := at[prefix]
		if !ok {
			k = len(out)
			at[prefix] = k
			out = append(out, MultiSelect{Name: prefix})
			if listed {
				out[k].Column = prefix
			}
		}
		out[k].Options = append(out[k].Options, SelectOption{Code: code, Column: c.Name})
	}
	return slices.DeleteFunc(out, func(m MultiSelect) bool {
		if m.Column == "" {
			return plain[m.Name] || len(m.Options) < 3
		}
		return !m.fits(columns[m.Column])
	})
}

func (t *Table) byName() map[string]*Column {
	out := make(map[string]*Column, len(t.Columns))
	for _, c := range t.Columns {
		out[c.Name] = c
	}
	return out
}

// splitOption cuts a name at its last / or . behind the name of another column, or else at its last /.
func splitOption(name string, columns map[string]*Column) (prefix, code string, listed bool) {
	for i := len(name) - 2; i > 0; i-- {
		if (name[i] == '/' || name[i] == '.') && columns[name[:i]] != nil {
			return name[:i], name[i+1:], true
		}
	}
	if i := strings.LastIndexByte(name, '/'); i > 0 && i < len(name)-1 {
		return name[:i], name[i+1:], false
	}
	return "", "", false
}

// fits says whether a column can hold lists of the options: no date, and of its codes at least one is an
// option, where it has any.
func (m MultiSelect) fits(c *Column) bool {
	if c.Kind == Date {
		return false
	}
	codes := map[string]bool{}
	for _, o := range m.Options {
		codes[o.Code] = true
	}
	if c.Kind == Category {
		for _, l := range c.Levels {
			for _, code := range strings.Fields(l.Code) {
				if codes[code] {
					return true
				}
			}
		}
		return len(c.Levels) == 0
	}
	for i := range c.Rows() {
		for _, code := range strings.Fields(c.Cell(i)) {
			if codes[code] {
				return true
			}
		}
	}
	return false
}

// isBinary says whether a column holds nothing but 0 and 1, or true and false, in numbers or words.
func isBinary(c *Column) bool {
	switch c.Kind {
	case Category:
		return !slices.ContainsFunc(c.Levels, func(l Level) bool { _, ok := binaryOf(l.Code); return !ok })
	case Number:
		other := func(x float64) bool { return x != 0 && x != 1 && x == x }
		if c.values != nil {
			return !slices.ContainsFunc(c.values, other)
		}
		return !slices.ContainsFunc(c.numbers, other)
	}
	return false
}

func binaryOf(code string) (chosen, ok bool) {
	switch code {
	case "1", "TRUE", "True", "true":
		return true, true
	case "0", "FALSE", "False", "false":
		return false, true
	}
	return false, false
}

// chosen says whether row i of an option's column says yes; ok is false where it has no value.
func chosen(c *Column, i int) (yes, ok bool) {
	if c.Missing(i) != Present {
		return false, false
	}
	if c.Kind == Number {
		return c.Number(i) == 1, true
	}
	return binaryOf(c.Level(i))
}

// checkSelects compares lists with option columns, row by row where both have a value, and gives one soft
// issue for each option on which they differ.
func checkSelects(t *Table, selects []MultiSelect, a *Accounts) {
	columns := t.byName()
	for _, m := range selects {
		if m.Column == "" {
			continue
		}
		list := columns[m.Column]
		for _, o := range m.Options {
			option := columns[o.Column]
			has := hasCode(list, o.Code)
			count, first := 0, 0
			for i := range t.Rows() {
				yes, ok := chosen(option, i)
				if !ok || list.Missing(i) != Present || has(i) == yes {
					continue
				}
				if count++; count == 1 {
					first = a.FileRow(i)
				}
			}
			if count > 0 {
				a.Notes = append(a.Notes, fault.Issue{Code: CodeSelectDiffers, Severity: fault.Soft,
					Place: fault.Place{Document: a.Document, Sheet: a.Sheet, Row: first, Field: o.Column},
					Args:  map[string]any{"column": m.Column, "option": o.Column, "count": count, "first": first}})
			}
		}
	}
}

// hasCode says of a row whether its list holds a code.
func hasCode(list *Column, code string) func(i int) bool {
	if list.Kind != Category {
		return func(i int) bool { return slices.Contains(strings.Fields(list.Cell(i)), code) }
	}
	has := make([]bool, len(list.Levels))
	for k, l := range list.Levels {
		has[k] = slices.Contains(strings.Fields(l.Code), code)
	}
	return func(i int) bool { k := list.Code(i); return k >= 0 && has[k] }
}

// SplitSelect makes one Number column of 0 and 1 for each code that occurs in a column of lists, named
// COLUMN/CODE, in the order of SortLevels. A row without a list has the list's kind of missing.
func SplitSelect(list *Column) []*Column {
	var codes []string
	seen := map[string]bool{}
	note := func(s string) {
		for _, code := range strings.Fields(s) {
			if !seen[code] {
				seen[code] = true
				codes = append(codes, code)
			}
		}
	}
	if list.Kind == Category {
		for _, l := range list.Levels {
			note(l.Code)
		}
	} else {
		for i := range list.Rows() {
			note(list.Cell(i))
		}
	}
	SortLevels(codes)
	out := make([]*Column, len(codes))
	for k, code := range codes {
		has := hasCode(list, code)
		b := NewBuilder(Field{Name: list.Name + "/" + code, Kind: Number, Class: list.Class})
		for i := range list.Rows() {
			switch m := list.Missing(i); {
			case m != Present:
				b.Missing(m)
			case has(i):
				b.Number(1)
			default:
				b.Number(0)
			}
		}
		out[k] = b.Column()
	}
	return out
}

// FindOthers finds the text twins of questions with the answer "other": NAME_other (or _autre, _specify,
// _preciser) beside NAME. The answer maps the question to its twin.
func FindOthers(t *Table) map[string]string {
	out := map[string]string{}
	for _, c := range t.Columns {
		for _, suffix := range []string{"_other", "_autre", "_specify", "_preciser", "_oth"} {
			if base, ok := strings.CutSuffix(c.Name, suffix); ok && t.Column(base) != nil {
				out[base] = c.Name
			}
		}
	}
	return out
}
