package xlsform

import (
	"slices"
	"sort"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// spoken is what the header of a sheet says of the languages of its texts.
type spoken struct {
	sheet     *table
	languages []string // in the order met; "default" for columns without one
	columns   []string
	have      map[[2]string]bool // language and column
}

func spokenIn(t *table) spoken {
	s := spoken{sheet: t, have: map[[2]string]bool{}}
	if t == nil {
		return s
	}
	for _, h := range t.headings {
		if !h.known {
			continue
		}
		head := h.path
		if len(head) > 1 && (head[0] == "media" || head[0] == "bind") {
			head = head[1:]
		}
		column := head[0]
		switch column {
		case "label", "hint", "guidance_hint", "image", "big-image", "audio", "video":
		case "jr:constraintMsg":
			column = "constraint_message"
		case "jr:requiredMsg":
			column = "required_message"
		default:
			continue
		}
		language := "default"
		if len(head) > 1 {
			language = head[1]
		}
		if !slices.Contains(s.languages, language) {
			s.languages = append(s.languages, language)
		}
		if !slices.Contains(s.columns, column) {
			s.columns = append(s.columns, column)
		}
		s.have[[2]string{language, column}] = true
	}
	return s
}

func (s spoken) several() bool {
	return len(s.languages) > 1 || len(s.languages) == 1 && s.languages[0] != "default"
}

// checkLanguages sees that a column of texts is there in every language of its sheet, and that phones can
// tell what the languages are.
func (c *compiler) checkLanguages() {
	survey, choices := spokenIn(c.survey), spokenIn(c.choicesAt)
	for _, s := range []spoken{survey, choices} {
		if !s.several() {
			continue
		}
		for _, l := range s.languages {
			var missing []string
			for _, column := range s.columns {
				if !s.have[[2]string{l, column}] {
					missing = append(missing, column)
				}
			}
			if len(missing) > 0 {
				sort.Strings(missing)
				c.issue(CodeMissingColumn, fault.Soft, s.sheet.place(s.sheet.first, 0, ""), map[string]any{"language": l, "columns": strings.Join(missing, ", ")})
			}
		}
	}
	if c.otherSeen && (survey.several() || choices.several()) {
		c.issue(CodeOtherLanguages, fault.Soft, fault.Place{Sheet: "survey"}, nil)
	}
	c.checkCodes()
	if c.options.Texts {
		c.checkTexts()
	}
}

// checkCodes reports languages of texts whose names have no code.
func (c *compiler) checkCodes() {
	var used []string
	note := func(w form.Wording) {
		if !w.ByLanguage {
			return
		}
		for _, t := range w.Texts {
			if !slices.Contains(used, t.Language) {
				used = append(used, t.Language)
			}
		}
	}
	for _, l := range c.tree.Lists {
		for _, o := range l.Options {
			note(o.Label)
			for _, m := range o.Media {
				note(m.Text)
			}
		}
	}
	c.tree.Root.Walk(func(n *form.Node) {
		note(n.Label)
		note(n.Hint)
		note(n.Guidance)
		for _, m := range n.Media {
			note(m.Text)
		}
		for _, p := range n.Bind {
			note(p.Text)
		}
	})
	for _, name := range used {
		if name == "default" || len(name) < 3 || registered(name) {
			continue
		}
		at := fault.Place{}
		for _, t := range []*table{c.survey, c.choicesAt} {
			if t == nil || at.Sheet != "" {
				continue
			}
			for i, h := range t.headings {
				if at.Sheet == "" && len(h.path) > 1 && h.path[len(h.path)-1] == name {
					at = t.place(t.first, i+1, "")
				}
			}
		}
		c.issue(CodeNoLanguageCode, fault.Soft, at, map[string]any{"language": name, "code": form.ParseLanguage(name).Tag})
	}
}

// checkTexts counts, for each language, the questions that have a text in another language only.
func (c *compiler) checkTexts() {
	if len(c.form.Texts) < 2 {
		return
	}
	asked := map[string]bool{} // languages of the sheet of questions
	for _, name := range spokenIn(c.survey).languages {
		asked[c.languageOf(name).Tag] = true
	}
	for _, l := range c.form.Texts {
		if !asked[l.Tag] {
			continue
		}
		count, present := 0, 0
		c.tree.Root.Walk(func(n *form.Node) {
			switch labels := c.labels(n.Label); {
			case n.Added || len(labels) == 0:
			case labels[l.Tag] == "":
				count++
			default:
				present++
			}
		})
		// Columns without a language that hold hints or files alone ask for no second text of each question.
		if count > 0 && (present > 0 || l.Tag != "und") {
			name := l.Name
			if name == "" {
				name = l.Tag
			}
			c.issue(CodeMissingTranslation, fault.Soft, fault.Place{Sheet: "survey"}, map[string]any{"language": name, "count": count})
		}
	}
}

// notice notes the languages of a sheet's texts.
func (c *compiler) notice(t *table) {
	for _, h := range t.headings {
		if !h.known || h.path[0] != "label" && h.path[0] != "hint" {
			continue
		}
		l := c.languageOf(h.language(1))
		if !slices.ContainsFunc(c.form.Texts, func(have form.Language) bool { return have.Tag == l.Tag }) {
			c.form.Texts = append(c.form.Texts, l)
		}
	}
}

// languageOf reads a language's name once.
func (c *compiler) languageOf(name string) form.Language {
	if name == "" || name == "default" {
		return form.Language{Tag: c.untagged}
	}
	if l, ok := c.known[name]; ok {
		return l
	}
	if c.known == nil {
		c.known = map[string]form.Language{}
	}
	l := form.ParseLanguage(name)
	c.known[name] = l
	return l
}

// labels gives a wording by tag; of two texts of one language the first holds.
func (c *compiler) labels(w form.Wording) form.Labels {
	if w.Empty() {
		return nil
	}
	out := make(form.Labels, len(w.Texts))
	for _, t := range w.Texts {
		tag := c.languageOf(t.Language).Tag
		if out[tag] == "" {
			out[tag] = t.Text
		}
	}
	return out
}
