package xform

import (
	"path"
	"slices"
	"strings"

	"waymark/form"
)

// itext reads the table of texts: by id, and within by language.
func (d *decoder) itext() {
	table := d.model.first("itext")
	if table == nil {
		return
	}
	for _, t := range table.all("translation") {
		language := form.ParseLanguage(t.attr("lang"))
		if language.Name == "default" || language.Tag == "" { // texts without a language among others
			language = form.Language{Tag: "und"}
		}
		if !slices.ContainsFunc(d.form.Texts, func(l form.Language) bool { return l.Tag == language.Tag }) {
			d.form.Texts = append(d.form.Texts, language)
		}
		if said := t.attr("default"); d.form.Language == "" || said == "true()" || said == "true" || said == "" && hasAttr(t, "", "default") {
			d.form.Language = language.Tag
		}
		for _, text := range t.all("text") {
			d.put(language.Tag, text)
		}
	}
}

// put notes a text and the files it names.
func (d *decoder) put(tag string, text *element) {
	id := text.attr("id")
	for _, v := range text.all("value") {
		switch v.attr("form") {
		case "", "long":
			s := d.mixed(v)
			if s == "" || s == "-" { // a hyphen stands where there is no text
				continue
			}
			if d.texts[id] == nil {
				d.texts[id] = map[string]string{}
			}
			if d.texts[id][tag] == "" || v.attr("form") == "" {
				d.texts[id][tag] = s
			}
		case "image", "audio", "video", "big-image":
			d.file(v.text())
		}
	}
}

// mixed gives a text in which the answers shown are written ${name}.
func (d *decoder) mixed(e *element) string {
	var b strings.Builder
	for _, c := range e.content {
		switch c := c.(type) {
		case string:
			b.WriteString(c)
		case *element:
			if c.name.Local == "output" {
				value := c.attr("value")
				if value == "" {
					value = c.attr("ref")
				}
				b.WriteString(shownAnswer(value))
				continue
			}
			b.WriteString(d.mixed(c))
		}
	}
	return strings.TrimSpace(b.String())
}

// shownAnswer writes ${name} for a plain path, and nothing that could be taken for a name otherwise.
func shownAnswer(value string) string {
	name := path.Base(value)
	if name == "." || name == ".." || strings.ContainsAny(value, "()[] '\"*@=|") {
		return "…"
	}
	return "${" + name + "}"
}

// label gives the label of an element of the page.
func (d *decoder) label(e *element) form.Labels { return d.words(e.first("label")) }

// words gives a text of the page: by its id in the table of texts, or as it stands.
func (d *decoder) words(e *element) form.Labels {
	if e == nil {
		return nil
	}
	if ref := e.attr("ref"); ref != "" {
		inner, ok := strings.CutPrefix(ref, "jr:itext(")
		if !ok {
			return nil
		}
		return d.translated(strings.Trim(strings.TrimSpace(strings.TrimSuffix(inner, ")")), `'"`))
	}
	return d.untranslated(d.mixed(e))
}

func (d *decoder) translated(id string) form.Labels {
	texts := d.texts[id]
	if len(texts) == 0 {
		return nil
	}
	out := form.Labels{}
	for tag, s := range texts {
		out[tag] = s
	}
	return out
}

func (d *decoder) untranslated(s string) form.Labels {
	if s == "" {
		return nil
	}
	d.plain = true
	tag := d.form.Language
	if tag == "" {
		tag = "und"
	}
	return form.Labels{tag: s}
}

// media names the files that the form asks for: tables, pictures and recordings of its texts, tables that
// expressions look into.
func (d *decoder) media() {
	for _, id := range d.order {
		d.file(d.instances[id].attr("src"))
	}
	for _, q := range d.form.Questions {
		if m := ofSearch.FindStringSubmatch(q.Appearance); m != nil {
			d.fileNamed(tableName(m[1]))
		}
		for _, s := range []string{q.Calculation, q.Relevant, q.Constraint, q.Required, q.Default, q.ChoiceFilter} {
			for _, m := range ofPullData.FindAllStringSubmatch(s, -1) {
				d.fileNamed(tableName(m[1]))
			}
		}
	}
	for _, c := range d.controls {
		if c.attr("query") != "" {
			d.fileNamed("itemsets.csv")
		}
	}
	d.form.Media = d.files
}

func tableName(said string) string {
	if strings.HasSuffix(strings.ToLower(said), ".csv") {
		return said
	}
	return said + ".csv"
}

// file notes the file of an address such as jr://images/a.png.
func (d *decoder) file(address string) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(address), "jr://")
	if kind, _, _ := strings.Cut(rest, "/"); !ok || kind == "instance" {
		return
	}
	d.fileNamed(fileName(address))
}

func (d *decoder) fileNamed(name string) {
	if name != "" && !slices.Contains(d.files, name) {
		d.files = append(d.files, name)
	}
}

// fileName gives the name of a file of an address without its folder.
func fileName(address string) string {
	name := path.Base(strings.TrimSpace(address))
	if name == "." || name == "/" {
		return ""
	}
	return name
}
