package xlsform

import (
	"strings"
	"unicode"

	"waymark/fault"
	"waymark/form"
)

// choices is a list of the sheet of choices while a form is compiled.
type choices struct {
	form   *form.List
	list   *form.OptionList
	spaced []int // choices with a space in their code, by their place
}

// readChoices reads the sheet of choices.
func (c *compiler) readChoices() {
	t := c.table("choices", choiceColumns, false)
	c.choicesAt = t
	if t == nil || len(t.rows) == 0 {
		return
	}
	c.listColumn(t)
	c.twice(t)
	c.noHeader(t)
	if c.missing(t, "name") || t.column("list") == 0 && c.missing(t, "list") {
		return
	}
	bad := c.extraColumns(t)
	c.notice(t)
	once := map[[2]string]int{}
	duplicates := yes(c.set.get("duplicates"))
	for i, row := range t.rows {
		list, option := c.option(t, row, bad)
		n := t.row(i)
		switch {
		case list == "" && option.Name == "" && option.Label.Empty():
			continue
		case list == "":
			if option.Name != "" {
				c.issue(CodeChoiceNoList, fault.Soft, t.place(n, t.column("list"), ""), map[string]any{"name": option.Name})
			}
			continue
		case option.Name == "":
			c.issue(CodeChoiceNoName, fault.Hard, t.place(n, t.column("name"), ""), map[string]any{"list": list})
			continue
		}
		option.Row = n
		if option.Label.Empty() {
			c.issue(CodeChoiceNoLabel, fault.Soft, t.place(n, t.column("label"), ""), map[string]any{"list": list, "name": option.Name})
		}
		key := [2]string{list, option.Name}
		if before, twice := once[key]; twice && !duplicates {
			c.issue(CodeChoiceTwice, fault.Hard, t.place(n, t.column("name"), ""), map[string]any{"list": list, "name": option.Name, "row": before})
		} else if !twice {
			once[key] = n
		}
		c.addOption(list, option)
	}
	for _, name := range c.order {
		c.tree.Lists = append(c.tree.Lists, c.lists[name].list)
	}
}

// listColumn takes a column "list" for the one of the lists' names where no other is.
func (c *compiler) listColumn(t *table) {
	if t.column("list") > 0 {
		return
	}
	for i, h := range t.headings {
		if strings.EqualFold(h.text, "list") {
			t.headings[i].path, t.headings[i].known = []string{"list"}, true
		}
	}
}

// extraColumns reports further columns that cannot be names of elements; their cells are left out.
func (c *compiler) extraColumns(t *table) map[int]bool {
	bad := map[int]bool{}
	for i, h := range t.headings {
		if h.path == nil || h.known || c.isName(h.path[0]) && len(h.path) == 1 {
			continue
		}
		bad[i] = true
		filled := false
		for _, row := range t.rows {
			filled = filled || cell(row, i) != ""
		}
		if filled || strings.ContainsRune(h.text, ' ') {
			c.issue(CodeChoiceColumn, fault.Soft, t.place(t.first, i+1, ""), map[string]any{"column": h.text})
		}
	}
	return bad
}

// option reads one row of the sheet of choices.
func (c *compiler) option(t *table, row []string, bad map[int]bool) (string, form.Option) {
	var (
		list string
		o    form.Option
	)
	for i := range row {
		if i >= len(t.headings) {
			break
		}
		h := t.headings[i]
		if h.path == nil || bad[i] {
			continue
		}
		text := cell(row, i)
		if text == "" {
			continue
		}
		if !h.known {
			o.Extra = append(o.Extra, form.Property{Name: h.path[0], Value: code(text)})
			continue
		}
		switch h.path[0] {
		case "list":
			list = clean(code(text))
		case "name":
			o.Name = code(text)
		case "label":
			o.Label = o.Label.With(h.language(1), text, c.untaggedName)
		case "media":
			if len(h.path) > 1 {
				o.Media = c.message(o.Media, h, code(text))
			}
		case "sms_option":
			o.Short = code(text)
		}
	}
	return list, o
}

func (c *compiler) addOption(name string, o form.Option) {
	l := c.lists[name]
	if l == nil {
		l = &choices{list: &form.OptionList{Name: name}, form: &form.List{Name: name}}
		c.lists[name] = l
		c.order = append(c.order, name)
	}
	if strings.ContainsFunc(o.Name, unicode.IsSpace) {
		l.spaced = append(l.spaced, len(l.list.Options))
	}
	l.list.Localized = l.list.Localized || o.Label.ByLanguage || len(o.Media) > 0 || o.Label.Refers()
	l.list.Options = append(l.list.Options, o)
	l.form.Choices = append(l.form.Choices, form.Choice{Name: o.Name, Labels: c.labels(o.Label), Row: o.Row})
}

// readExternal reads the sheet of choices that phones keep in a file of their own.
func (c *compiler) readExternal() {
	t := c.table("external_choices", choiceColumns, false)
	c.externalAt = t
	if t == nil || len(t.rows) == 0 {
		return
	}
	c.listColumn(t)
	c.notice(t)
	c.external = map[string]bool{}
	if c.missing(t, "list", "name") {
		return
	}
	at := map[string]int{}
	for i, row := range t.rows {
		list, o := c.option(t, row, nil)
		if list == "" || o.Name == "" {
			continue
		}
		c.external[list] = true
		k, ok := at[list]
		if !ok {
			k = len(c.form.Lists)
			at[list] = k
			c.form.Lists = append(c.form.Lists, form.List{Name: list, External: true})
		}
		c.form.Lists[k].Choices = append(c.form.Lists[k].Choices, form.Choice{Name: o.Name, Labels: c.labels(o.Label), Row: t.row(i)})
	}
}

// itemsets gives the sheet of external choices as the file that phones take.
func (c *compiler) itemsets() [][]string {
	t := c.externalAt
	var columns []int
	var header []string
	for i, h := range t.headings {
		if h.path != nil {
			columns, header = append(columns, i), append(header, h.text)
		}
	}
	out := [][]string{header}
	for _, row := range t.rows {
		if blank(row) {
			continue
		}
		line := make([]string, len(columns))
		for k, i := range columns {
			line[k] = cell(row, i)
		}
		out = append(out, line)
	}
	return out
}

// readTags reads the sheet of the tags of OpenStreetMap.
func (c *compiler) readTags() {
	t := c.table("osm", choiceColumns, false)
	if t == nil {
		return
	}
	c.tags = map[string][]form.Tag{}
	for _, row := range t.rows {
		list, o := c.option(t, row, nil)
		if list != "" && o.Name != "" {
			c.tags[list] = append(c.tags[list], form.Tag{Name: o.Name, Label: o.Label})
		}
	}
}
