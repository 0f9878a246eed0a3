package xlsform

import (
	"strings"
	"unicode"

	"waymark/form"
)

// The names that columns go by, each with the one name used here. Case, spaces, hyphens and underscores in
// a header do not count.
var (
	surveyColumns = map[string]string{
		"type": "type", "name": "name", "label": "label", "caption": "label", "hint": "hint",
		"relevant": "relevant", "relevance": "relevant", "bindrelevant": "relevant", "disabled": "disabled",
	}
	choiceColumns = map[string]string{
		"listname": "list", "list": "list", "name": "name", "value": "name", "label": "label", "caption": "label",
	}
	settingColumns = map[string]string{
		"formtitle": "title", "title": "title", "formid": "id", "idstring": "id", "setformtitle": "title", "setformid": "id",
		"version": "version", "defaultlanguage": "language", "allowchoiceduplicates": "duplicates",
	}
)

// column is one column of a sheet that is understood.
type column struct {
	index    int // 0-based
	language form.Language
}

// columns are the columns of a sheet by their one name: several where there are several languages.
type columns map[string][]column

func (c columns) has(name string) bool { return len(c[name]) > 0 }

// columnsOf reads a header row.
func columnsOf(header []string, names map[string]string) columns {
	out := columns{}
	for i, cell := range header {
		head, language := splitHeader(clean(cell))
		name, ok := names[squeeze(head)]
		if !ok || language.Name != "" && name != "label" && name != "hint" {
			continue
		}
		out[name] = append(out[name], column{i, language})
	}
	return out
}

// cell gives the text of a column that stands once in a sheet, its spaces cleaned.
func (c columns) cell(row []string, name string) string {
	for _, at := range c[name] {
		if at.index < len(row) {
			if s := clean(row[at.index]); s != "" {
				return s
			}
		}
	}
	return ""
}

// at gives the 1-based column that a name stands in, 0 where there is none.
func (c columns) at(name string) int {
	if !c.has(name) {
		return 0
	}
	return c[name][0].index + 1
}

// labels gathers a row's texts in all languages.
func (c columns) labels(row []string, name, untagged string) form.Labels {
	var out form.Labels
	for _, at := range c[name] {
		if at.index >= len(row) {
			continue
		}
		s := strings.TrimFunc(row[at.index], unicode.IsSpace)
		if s == "" {
			continue
		}
		if out == nil {
			out = form.Labels{}
		}
		tag := at.language.Tag
		if tag == "" {
			tag = untagged
		}
		if out[tag] == "" {
			out[tag] = s
		}
	}
	return out
}

// splitHeader takes "label::English (en)", and the older "label:English", apart.
func splitHeader(header string) (string, form.Language) {
	head, name, ok := strings.Cut(header, "::")
	if !ok {
		head, name, _ = strings.Cut(header, ":")
	}
	return head, language(name)
}

func language(name string) form.Language { return form.ParseLanguage(name) }

// clean takes spaces of every kind from around a text and makes those within plain, one at a time.
func clean(s string) string { return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ") }

// squeeze makes a header comparable: lower case, nothing but letters and digits.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
