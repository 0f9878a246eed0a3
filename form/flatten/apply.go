package flatten

import (
	"cmp"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
)

// The issues raised here, all soft; texts stand in lang/messages/flatten.*.toml.
const (
	CodeUnknownCodes fault.Code = "flatten.unknown-codes" // column, levels: how many codes, count: rows that hold one
	CodeAmbiguous    fault.Code = "flatten.ambiguous"     // column, count: questions of that name
	CodeKindDiffers  fault.Code = "flatten.kind-differs"  // column, have, want
	CodeNoMatch      fault.Code = "flatten.no-match"      // no column of the table is of the form
)

// Apply puts labels, classes and the order of levels on the columns of a table that are of the form. Values,
// names and missing kinds stay as they are; a class is raised, never lowered; a label that is there stays. A
// column of one answer becomes a Category with the choices that the data hold in the form's order, whether its
// cells hold codes or labels (a choice that nobody gave would be a level without rows, and a trap as the
// reference of a model); codes that the form lacks stay behind them and are reported by column and number.
func Apply(book Codebook, t *dataset.Table) (*dataset.Table, fault.Issues) {
	a := &applying{index: book.index()}
	out := &dataset.Table{Name: t.Name, Columns: make([]*dataset.Column, len(t.Columns))}
	matched := 0
	for i, c := range t.Columns {
		out.Columns[i] = c
		f, ok := a.find(c.Name, i+1)
		if !ok {
			continue
		}
		matched++
		out.Columns[i] = a.put(f, c, i+1)
	}
	if matched == 0 {
		a.note(CodeNoMatch, 0, "", nil)
	}
	return out, a.issues
}

type applying struct {
	index  map[string][]*Field
	issues fault.Issues
}

func (a *applying) note(code fault.Code, column int, field string, args map[string]any) {
	if args == nil {
		args = map[string]any{}
	}
	if field != "" {
		args["column"] = field
	}
	a.issues = append(a.issues, fault.Issue{Code: code, Severity: fault.Soft, Place: fault.Place{Column: column, Field: field}, Args: args})
}

// index finds fields by every name an export may give them: the path, and what is left of it without its
// first groups.
func (b Codebook) index() map[string][]*Field {
	out := map[string][]*Field{}
	for t := range b.Tables {
		for i := range b.Tables[t].Fields {
			f := &b.Tables[t].Fields[i]
			for from := range f.Path {
				name := form.Path(f.Path[from:]).String()
				if f.Role == OptionColumn {
					name += "/" + f.Option
				}
				key := plain(name)
				out[key] = append(out[key], f)
			}
		}
	}
	return out
}

// separators stand between groups, and between a question and a choice, in one export or another.
var separators = strings.NewReplacer("-", "/", ".", "/", ":", "/")

func plain(name string) string { return separators.Replace(strings.TrimSpace(name)) }

// find gives the field of a column. Questions of one name in several groups are told apart by their groups;
// where the column's name does not give them, they must have the same choices to be taken.
func (a *applying) find(column string, at int) (*Field, bool) {
	found := a.index[plain(column)]
	if len(found) == 0 {
		return nil, false
	}
	for _, f := range found {
		if f.Name == column {
			return f, true
		}
	}
	for _, f := range found[1:] {
		if f.Role != found[0].Role || f.Kind != found[0].Kind || !sameLevels(f.Levels, found[0].Levels) {
			a.note(CodeAmbiguous, at, column, map[string]any{"count": len(found)})
			return nil, false
		}
	}
	return found[0], true
}

func sameLevels(a, b []dataset.Level) bool {
	return slices.EqualFunc(a, b, func(x, y dataset.Level) bool { return x.Code == y.Code })
}

// put gives the column with what the form says of it.
func (a *applying) put(f *Field, c *dataset.Column, at int) *dataset.Column {
	if f.Role == Answer && f.Kind == dataset.Category && len(f.Levels) > 0 {
		c = a.levels(f, c, at)
	} else if f.Role == Answer && (f.Kind == dataset.Number || f.Kind == dataset.Date) && c.Kind != f.Kind && hasValues(c) {
		a.note(CodeKindDiffers, at, c.Name, map[string]any{"have": c.Kind.String(), "want": f.Kind.String()})
	}
	return c.WithField(func(field *dataset.Field) {
		field.Labels = merged(field.Labels, f.Labels)
		field.Class = max(field.Class, f.Class)
	})
}

func hasValues(c *dataset.Column) bool { return c.MissingCount()[dataset.Present] > 0 }

// levels makes the column a Category in the form's order and names its levels.
func (a *applying) levels(f *Field, c *dataset.Column, at int) *dataset.Column {
	c = c.AsCategory()
	byText := texts(f.Levels)
	place := func(code string) int {
		if i, ok := byText[code]; ok {
			return i
		}
		return -1
	}
	// The levels there are, in the form's order, those that the form lacks behind.
	order := make([]string, len(c.Levels))
	for k, l := range c.Levels {
		order[k] = l.Code
	}
	slices.SortStableFunc(order, func(x, y string) int {
		i, j := place(x), place(y)
		if i < 0 || j < 0 {
			return cmp.Compare(j, i) // -1 goes last
		}
		return cmp.Compare(i, j)
	})
	a.strange(c, place, at)
	return c.AsCategory(order...).WithField(func(field *dataset.Field) {
		for k := range field.Levels {
			if i := place(field.Levels[k].Code); i >= 0 {
				field.Levels[k].Labels = merged(field.Levels[k].Labels, f.Levels[i].Labels)
			}
		}
	})
}

// texts finds a choice by its code and, where no code is like it, by its label in any language; a label that
// two choices have finds neither.
func texts(levels []dataset.Level) map[string]int {
	out := make(map[string]int, 2*len(levels))
	for i, l := range levels {
		for _, s := range l.Labels {
			if j, ok := out[s]; ok && j != i {
				out[s] = -1
				continue
			}
			out[s] = i
		}
	}
	for i, l := range levels {
		out[l.Code] = i
	}
	return out
}

// strange reports the codes in the data that the form lacks, by number only.
func (a *applying) strange(c *dataset.Column, place func(string) int, at int) {
	unknown := make([]bool, len(c.Levels))
	for k, l := range c.Levels {
		unknown[k] = place(l.Code) < 0
	}
	if !slices.Contains(unknown, true) {
		return
	}
	rows := make([]int, len(c.Levels))
	for i := range c.Rows() {
		if k := c.Code(i); k >= 0 {
			rows[k]++
		}
	}
	codes, count := 0, 0
	for k, n := range rows {
		if unknown[k] && n > 0 {
			codes++
			count += n
		}
	}
	if codes > 0 {
		a.note(CodeUnknownCodes, at, c.Name, map[string]any{"levels": codes, "count": count})
	}
}

// merged adds labels in languages that there are none in.
func merged(have, more dataset.Labels) dataset.Labels {
	if len(more) == 0 {
		return have
	}
	out := dataset.Labels{}
	for tag, s := range more {
		out[tag] = s
	}
	for tag, s := range have {
		if s != "" {
			out[tag] = s
		}
	}
	return out
}
