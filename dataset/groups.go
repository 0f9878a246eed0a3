package dataset

import "strings"

// DropGroups gives a table in which names lose the path of the groups of their form: person/contact/age
// becomes age. A path is one that two or more names share up to a slash, else up to a hyphen or a dot (the
// three ways of KoboToolbox and ODK), and that is no column itself. An option of a question with several
// answers keeps the question's name before it. A name that would then stand twice stays whole. The second
// answer maps the new names to the old ones.
func DropGroups(t *Table, selects []MultiSelect) (*Table, map[string]string) {
	columns := t.byName()
	option := map[string]string{} // column of an option to its question
	for _, s := range selects {
		for _, o := range s.Options {
			option[o.Column] = s.Name
		}
	}
	mark := groupMark(columns)
	short := make([]string, len(t.Columns))
	count := map[string]int{}
	for i, c := range t.Columns {
		short[i] = c.Name
		if question := option[c.Name]; question != "" {
			short[i] = lastOf(question, mark) + strings.TrimPrefix(c.Name, question)
		} else if mark != "" {
			short[i] = lastOf(c.Name, mark)
		}
		count[short[i]]++
	}
	out := &Table{Name: t.Name}
	was := map[string]string{}
	for i, c := range t.Columns {
		name := short[i]
		if name == c.Name || count[name] > 1 || columns[name] != nil {
			out.Columns = append(out.Columns, c)
			continue
		}
		was[name] = c.Name
		out.Columns = append(out.Columns, c.WithField(func(f *Field) { f.Name = name }))
	}
	return out, was
}

// groupMark finds what stands between groups and questions: the first of slash, hyphen and dot before which
// two names share a path that is no column.
func groupMark(columns map[string]*Column) string {
	for _, mark := range []string{"/", "-", "."} {
		shared := map[string]int{}
		for name := range columns {
			if i := strings.Index(name, mark); i > 0 && i < len(name)-1 && columns[name[:i]] == nil {
				if shared[name[:i]]++; shared[name[:i]] > 1 {
					return mark
				}
			}
		}
	}
	return ""
}

func lastOf(name, mark string) string {
	if mark == "" {
		return name
	}
	if i := strings.LastIndex(name, mark); i >= 0 && i+len(mark) < len(name) {
		return name[i+len(mark):]
	}
	return name
}
