package xform

import (
	"slices"
	"strconv"

	"waymark/form"
)

// textTable holds the texts of a form by language and id. Every language has every text: one that its author
// left out is written as a hyphen, so that a phone never falls back without showing it.
type textTable struct {
	languages []*language
	expected  int // about how many texts a language may have
}

type language struct {
	name  string
	order []string
	texts map[string]*entry
	spare []entry // room for entries, made many at a time
}

// entry is a text with its forms: the words themselves, help for the interviewer, an image.
type entry struct {
	values []value
	one    [1]value // where most texts have all they have
}

type value struct {
	form string // "long" for the words themselves
	text string
	node *form.Node // whose text it is, for references; nil of choices and files
}

const (
	words    = "long"
	guidance = "guidance"
	missing  = "-"
)

func (t *textTable) language(name string) *language {
	for _, l := range t.languages {
		if l.name == name {
			return l
		}
	}
	l := &language{name: name, texts: make(map[string]*entry, t.expected), order: make([]string, 0, t.expected)}
	t.languages = append(t.languages, l)
	return l
}

func (t *textTable) put(l *language, id string, v value) {
	e := l.texts[id]
	if e == nil {
		if len(l.spare) == 0 {
			l.spare = make([]entry, 256)
		}
		e, l.spare = &l.spare[0], l.spare[1:]
		e.values = e.one[:0]
		l.texts[id] = e
		l.order = append(l.order, id)
	}
	for i := range e.values {
		if e.values[i].form == v.form {
			e.values[i] = v
			return
		}
	}
	e.values = append(e.values, v)
}

func (e *entry) has(formName string) bool {
	for _, v := range e.values {
		if v.form == formName {
			return true
		}
	}
	return false
}

// fill gives every language what any of them has.
func (t *textTable) fill() {
	if len(t.languages) < 2 {
		return
	}
	var ids []string // in the order met
	forms := make(map[string][]string, t.expected)
	for _, l := range t.languages {
		for _, id := range l.order {
			have, known := forms[id]
			if !known {
				ids = append(ids, id)
			}
			for _, v := range l.texts[id].values {
				if !slices.Contains(have, v.form) {
					have = append(have, v.form)
				}
			}
			forms[id] = have
		}
	}
	for _, l := range t.languages {
		for _, id := range ids {
			e := l.texts[id]
			for _, f := range forms[id] {
				if e == nil || !e.has(f) {
					t.put(l, id, value{f, missing, nil})
					e = l.texts[id]
				}
			}
		}
	}
}

// itext writes the table of texts, if the form needs one.
func (e *encoder) itext() {
	t := &textTable{expected: e.ids}
	for _, l := range e.tree.Lists {
		if l.Localized {
			e.optionTexts(t, l)
		}
	}
	e.tree.Root.Walk(func(n *form.Node) { e.nodeTexts(t, n) })
	e.tree.Root.Walk(func(n *form.Node) {
		for _, m := range n.Media {
			for _, text := range m.Text.Localized(e.tree.Language) {
				t.put(t.language(text.Language), n.Path()+":label", value{m.Name, text.Text, nil})
			}
		}
	})
	if len(t.languages) == 0 {
		return
	}
	t.fill()
	e.begin("itext", nil)
	for _, l := range t.languages {
		attrs := attributes("lang", l.name)
		if l.name == e.tree.Language {
			attrs = append(attrs, form.Property{Name: "default", Value: "true()"})
		}
		e.begin("translation", attrs)
		for _, id := range l.order {
			e.begin("text", attributes("id", id))
			for _, v := range l.texts[id].values {
				e.value(v)
			}
			e.end()
		}
		e.end()
	}
	e.end()
}

// value writes one form of a text. A file that a language lacks is left out: a hyphen is no file.
func (e *encoder) value(v value) {
	switch v.form {
	case words:
		e.mixed("value", nil, e.runs(v.text, v.node))
	case guidance:
		e.mixed("value", attributes("form", guidance), e.runs(v.text, v.node))
	default:
		if v.text == missing {
			return
		}
		folder := v.form
		if folder == "big-image" || folder == "image" {
			folder = "images"
		}
		e.mixed("value", attributes("form", v.form), e.runs("jr://"+folder+"/"+v.text, v.node))
	}
}

func (e *encoder) optionTexts(t *textTable, l *form.OptionList) {
	ids := newIDs(l.Name)
	for i, o := range l.Options {
		id := ids.of(i)
		for _, text := range o.Label.Localized(e.tree.Language) {
			t.put(t.language(text.Language), id, value{words, text.Text, nil})
		}
		for _, m := range o.Media {
			for _, text := range m.Text.Localized(e.tree.Language) {
				t.put(t.language(text.Language), id, value{m.Name, text.Text, nil})
			}
		}
	}
}

func (e *encoder) nodeTexts(t *textTable, n *form.Node) {
	for _, name := range [...]string{"jr:constraintMsg", "jr:requiredMsg", "jr:noAppErrorString"} {
		i := form.FindProperty(n.Bind, name)
		if i < 0 || !inTable(n.Bind[i].Text) {
			continue
		}
		for _, text := range n.Bind[i].Text.Localized(e.tree.Language) {
			t.put(t.language(text.Language), n.Path()+":"+name, value{words, text.Text, n})
		}
	}
	if n.Localized() {
		for _, text := range n.Label.Localized(e.tree.Language) {
			t.put(t.language(text.Language), n.Path()+":label", value{words, text.Text, n})
		}
	}
	if n.Hint.ByLanguage || !n.Guidance.Empty() {
		for _, text := range n.Hint.Localized(e.tree.Language) {
			t.put(t.language(text.Language), n.Path()+":hint", value{words, text.Text, n})
		}
	}
	for _, text := range n.Guidance.Localized(e.tree.Language) {
		t.put(t.language(text.Language), n.Path()+":hint", value{guidance, text.Text, n})
	}
}

func textReference(id string) string { return "jr:itext('" + id + "')" }

// ids makes the ids of the texts of a list's choices: list-0, list-1.
type ids struct{ prefix string }

func newIDs(list string) ids { return ids{list + "-"} }

func (i ids) of(n int) string { return i.prefix + strconv.Itoa(n) }
