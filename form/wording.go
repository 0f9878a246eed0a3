package form

// Wording is a text as its author wrote it: once for all languages, or by language. Languages go by the
// names the author gave them, "Français (fr)", because phones show those names.
type Wording struct {
	ByLanguage bool
	Texts      []Translation // one where the text is not by language; none where there is no text
}

// Translation is a text in one language.
type Translation struct {
	Language string // "" where the text is not by language
	Text     string
}

// Plain makes a wording of one text for all languages; of "" it makes none.
func Plain(text string) Wording {
	if text == "" {
		return Wording{}
	}
	return Wording{Texts: []Translation{{Text: text}}}
}

// Empty says whether there is no text in any language.
func (w Wording) Empty() bool { return len(w.Texts) == 0 }

// Plain gives the text for all languages, "" where texts are by language.
func (w Wording) Plain() string {
	if w.ByLanguage || len(w.Texts) == 0 {
		return ""
	}
	return w.Texts[0].Text
}

// With adds a text in a language, "" for none. A text without a language counts as one in the language named
// untagged once there are texts by language, and gives way to a text of that language's own.
func (w Wording) With(language, text, untagged string) Wording {
	switch {
	case language == "" && !w.ByLanguage:
		return Plain(text)
	case language == "":
		if w.has(untagged) {
			return w
		}
		language = untagged
	case !w.ByLanguage && len(w.Texts) > 0:
		before := w.Texts[0].Text
		w = Wording{ByLanguage: true}
		if language != untagged {
			w.Texts = append(w.Texts, Translation{untagged, before})
		}
	}
	w.ByLanguage = true
	for i := range w.Texts {
		if w.Texts[i].Language == language {
			w.Texts[i].Text = text
			return w
		}
	}
	w.Texts = append(w.Texts, Translation{language, text})
	return w
}

func (w Wording) has(language string) bool {
	for _, t := range w.Texts {
		if t.Language == language {
			return true
		}
	}
	return false
}

// Localized gives the wording by language: what is not counts as one in the language named untagged.
func (w Wording) Localized(untagged string) []Translation {
	if w.ByLanguage || len(w.Texts) == 0 {
		return w.Texts
	}
	return []Translation{{untagged, w.Texts[0].Text}}
}

// Refers says whether any text refers to an answer.
func (w Wording) Refers() bool {
	for _, t := range w.Texts {
		if len(References(t.Text)) > 0 {
			return true
		}
	}
	return false
}
