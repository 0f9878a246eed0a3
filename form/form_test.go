package form_test

import (
	"testing"

	"waymark/form"
)

func TestList(t *testing.T) {
	f := &form.Form{Lists: []form.List{{Name: "a", External: true}, {Name: "b", External: true}, {Name: "a"}}}
	if l := f.List("a"); l == nil || l.External {
		t.Errorf("of two lists the external one was given: %+v", l)
	}
	if l := f.List("b"); l == nil || !l.External {
		t.Errorf("the external list was not found: %+v", l)
	}
	if f.List("c") != nil {
		t.Error("a list that is not there was found")
	}
}

func TestRepeats(t *testing.T) {
	f := &form.Form{Groups: []form.Group{{Path: form.Path{"g"}}, {Path: form.Path{"g", "r"}, Repeat: true}}}
	if r := f.Repeats(); len(r) != 1 || r[0].Path.String() != "g/r" {
		t.Errorf("%+v", r)
	}
	if name := (form.Question{Path: form.Path{"g", "q"}}).Name(); name != "q" {
		t.Errorf("name %q", name)
	}
}

// What each type means for a phone and for an export.
func TestTypes(t *testing.T) {
	for _, c := range []struct {
		is                       form.Type
		name                     string
		choices, asked, answered bool
	}{
		{form.Text, "text", false, true, true},
		{form.SelectOne, "select_one", true, true, true},
		{form.SelectMultiple, "select_multiple", true, true, true},
		{form.Rank, "rank", true, true, true},
		{form.Note, "note", false, true, false},
		{form.Calculate, "calculate", false, false, true},
		{form.Metadata, "metadata", false, false, true},
		{form.Audit, "audit", false, false, false},
		{form.External, "external", false, false, false},
	} {
		if c.is.String() != c.name || c.is.Select() != c.choices || c.is.Asked() != c.asked || c.is.Answered() != c.answered {
			t.Errorf("%s: select %v, asked %v, answered %v", c.is, c.is.Select(), c.is.Asked(), c.is.Answered())
		}
	}
}

func TestParseLanguage(t *testing.T) {
	for written, want := range map[string]string{
		"English (en)": "en", "Français": "fr", "fr": "fr", "العربية (ar)": "ar", "Fulfulde (ff-Adlm)": "ff-adlm",
		"": "", "Locallanguage": "x-locallan-guage", "???": "x-other",
	} {
		if have := form.ParseLanguage(written); have.Tag != want {
			t.Errorf("%q: tag %q, want %q", written, have.Tag, want)
		}
	}
}

func TestWrittenRight(t *testing.T) {
	for tag, want := range map[string]bool{"ar": true, "fa-AF": true, "ku-Arab": true, "ff-adlm": true, "ar-Latn": false, "fr": false, "und": false, "x-ar": false} {
		if form.WrittenRight(tag) != want {
			t.Errorf("%s: %v", tag, !want)
		}
	}
}
