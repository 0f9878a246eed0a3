package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"waymark/dataset"
	"waymark/lang"
	"waymark/place"
)

// draftWriter writes YAML line by line.
type draftWriter struct{ out bytes.Buffer }

func (w *draftWriter) bytes() []byte { return w.out.Bytes() }

// line writes one line at a depth of indentation.
func (w *draftWriter) line(depth int, format string, args ...any) {
	w.out.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&w.out, format, args...)
	w.out.WriteByte('\n')
}

// comment writes a text in English and French as comments.
func (w *draftWriter) comment(depth int, key string, args map[string]any) {
	for _, p := range speakers() {
		w.line(depth, "# %s", strings.Join(strings.Fields(p.Text("studynew."+key, args)), " "))
	}
}

// title writes a title; behind one that was guessed stands that it wants checking.
func (w *draftWriter) title(depth int, words Labels, guessed bool) {
	mark := ""
	if guessed {
		l := say("words", nil)
		mark = "  # " + l["en"] + "; " + l["fr"]
	}
	w.line(depth, "title: %s%s", flow(words), mark)
}

// speakers are one printer for each language.
var speakers = sync.OnceValue(func() []*lang.Printer {
	var out []*lang.Printer
	for _, tag := range []string{"en", "fr"} {
		if p, err := lang.New(tag); err == nil {
			out = append(out, p)
		}
	}
	return out
})

// say gives a text in both languages as a label.
func say(key string, args map[string]any) Labels {
	l := Labels{}
	for _, p := range speakers() {
		l[p.Tag()] = p.Text("studynew."+key, args)
	}
	return l
}

// sayOf gives a text in both languages with words that are put in, each in its language.
func sayOf(key string, words map[string]Labels) Labels {
	l := Labels{}
	for _, p := range speakers() {
		args := map[string]any{}
		for name, w := range words {
			args[name] = w[p.Tag()]
		}
		l[p.Tag()] = p.Text("studynew."+key, args)
	}
	return l
}

// quoted writes a text so that YAML takes it for nothing else.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func quotedList(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quoted(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func flow(l Labels) string {
	return fmt.Sprintf("{en: %s, fr: %s}", quoted(l["en"]), quoted(l["fr"]))
}

// titled gives words for a name in both languages; guessed says that at least one was not the form's.
func titled(l dataset.Labels, name string) (words Labels, guessed bool) {
	other := l["und"]
	for _, tag := range slices.Sorted(maps.Keys(l)) {
		if other == "" {
			other = short(l[tag])
		}
	}
	if other == "" {
		other = humane(name)
	}
	words = Labels{}
	for _, tag := range []string{"en", "fr"} {
		words[tag] = short(l[tag])
		if words[tag] == "" {
			words[tag], guessed = short(other), true
		}
	}
	return words, guessed
}

// In the words of a question: another's answer put in, and what is told to the interviewer.
var (
	answers = regexp.MustCompile(`\$\{[^}]*\}`)
	asides  = regexp.MustCompile(`\[[^\]]*\]`)
)

// short cuts a question to the length of a title.
func short(s string) string {
	s = asides.ReplaceAllString(answers.ReplaceAllString(s, "…"), "")
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= 80 {
		return s
	}
	r := []rune(s)[:79]
	if i := strings.LastIndex(string(r), " "); i > 30 {
		return string(r)[:i] + "…"
	}
	return string(r) + "…"
}

// numbered is the running number that some forms put before a name: m0310_loc_.
var numbered = regexp.MustCompile(`^_?[a-z][0-9]{3,5}_((loc|meta)_)?`)

// humane makes words of a column's name or a code.
func humane(name string) string {
	s := numbered.ReplaceAllString(name, "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '/' || r == '.' || unicode.IsSpace(r) }), " ")
	if s == "" {
		s = name
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// levelWords gives the words of a level: the form's, a country's, yes and no, else the code made readable.
func levelWords(x *candidate, l dataset.Level) Labels {
	if len(l.Labels) == 0 && x.country {
		if c, ok := place.Countries().ByISO3(l.Code); ok {
			return c.Labels()
		}
	}
	if len(l.Labels) == 0 && x.yes != "" {
		if yesNo(l.Code) > 0 {
			return say("yes", nil)
		}
		return say("no", nil)
	}
	words, _ := titled(l.Labels, l.Code)
	return words
}

// stem is a file's name without its ending.
func stem(file string) string { return strings.TrimSuffix(file, path.Ext(file)) }

func (d *drafting) writeHead(w *draftWriter, kind Kind) {
	w.comment(0, "head", map[string]any{"file": d.File})
	w.line(0, "waymark: plan/1")
	id := strings.ReplaceAll(d.id(stem(d.File)), "_", "-")
	w.line(0, "id: %s", quoted(id))
	w.comment(0, "kind", nil)
	w.line(0, "kind: %s", kind)
	w.comment(0, "title", nil)
	name, _ := titled(nil, strings.ReplaceAll(stem(d.File), "-", " "))
	w.line(0, "title: %s", flow(name))
	w.comment(0, "source", nil)
	w.line(0, "source: %s", flow(say("source-of", map[string]any{"file": d.File})))
	w.line(0, "data:")
	set, unit := "interviews", "person"
	if kind == LocationCounts {
		set, unit = "locations", "location"
	}
	w.line(1, "- name: %s", set)
	w.line(2, "title: %s", flow(say("data."+set, nil)))
	w.line(2, "unit: %s", flow(say("unit."+unit, nil)))
	d.writeMissing(w)
	if d.Form {
		w.line(2, "form: form")
		w.line(1, "- name: form")
		w.line(2, "title: %s", flow(say("data.form", nil)))
		if d.Language != "" {
			w.line(2, "language: %s", d.Language)
		}
	}
	w.line(0, "disclosure: {min_people: 10}")
}

// writeMissing declares the codes that look missing; outcomes are restricted.
func (d *drafting) writeMissing(w *draftWriter) {
	if len(d.Missing.All) > 0 {
		w.comment(2, "missing", nil)
		w.line(2, "missing:")
		for _, kind := range slices.Sorted(maps.Keys(d.Missing.All)) {
			w.line(3, "%s: %s", kind, quotedList(d.Missing.All[kind]))
		}
	}
	names := slices.Sorted(maps.Keys(d.Missing.Columns))
	if len(names)+len(d.outcomes) == 0 {
		return
	}
	w.line(2, "columns:")
	for _, name := range names {
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(d.Missing.Columns[name])) {
			kinds = append(kinds, kind+": "+quotedList(d.Missing.Columns[name][kind]))
		}
		class := ""
		if slices.ContainsFunc(d.outcomes, func(o *candidate) bool { return o.Name == name }) {
			class = "class: restricted, "
		}
		w.line(3, "%s: {%smissing: {%s}}", quoted(name), class, strings.Join(kinds, ", "))
	}
	for _, o := range d.outcomes {
		if d.Missing.Columns[o.Name] == nil {
			w.line(3, "%s: {class: restricted}", quoted(o.Name))
		}
	}
}

// writeLeftOut lists the columns that the draft does not use, with the reason, by name only.
func (d *drafting) writeLeftOut(w *draftWriter) {
	by := map[string][]string{}
	for _, l := range d.leftOut {
		by[l.why] = append(by[l.why], l.column)
	}
	if len(by) == 0 {
		return
	}
	w.line(0, "")
	w.comment(0, "left-out", nil)
	for _, why := range slices.Sorted(maps.Keys(by)) {
		w.comment(0, "left-out."+why, nil)
		for _, name := range by[why] {
			w.line(0, "#   %s", quoted(name))
		}
	}
}
