package report

import (
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/lang"
	"waymark/release"
)

// writer renders one document in one language and gathers every issue on the way.
type writer struct {
	doc    Document
	p      *lang.Printer
	names  map[string]string // what See prints, by the id of an element: "Figure 3"
	whole  map[string]bool   // tables that a table block shows with all their measures, by key
	issues fault.Issues
	part   string // the part being written, for the place of an issue
}

func (w *writer) fail(code fault.Code, args map[string]any) {
	w.issues = append(w.issues, fault.Issue{Code: code, Place: fault.Place{Document: w.doc.ID, Field: w.part}, Args: args})
}

// say gives one of this package's own texts.
func (w *writer) say(key string, args map[string]any) string {
	return w.p.Text("report."+key, args)
}

// Arguments enter a message as marks and leave it as HTML, so that a message can put them in any order and
// everything else is escaped. The marks are of the private-use area; they are taken out of all words.
const markOpen, markClose = '\ue000', '\ue001'

var unmark = strings.NewReplacer(string(markOpen), "", string(markClose), "")

// text gives a text as HTML.
func (w *writer) text(t Text) template.HTML {
	if t.Empty() {
		return ""
	}
	if len(t.Own) > 0 {
		return w.own(t)
	}
	if !w.p.Has(t.Key) {
		w.fail(CodeNoText, map[string]any{"key": t.Key, "language": w.p.Tag()})
		return ""
	}
	var parts []template.HTML
	args := make(map[string]any, len(t.Args))
	for name, arg := range t.Args {
		args[name] = w.mark(arg, &parts)
	}
	return unfold(w.p.Text(t.Key, args), parts)
}

// own gives the plan's own words.
func (w *writer) own(t Text) template.HTML {
	var parts []template.HTML
	words := unmark.Replace(w.p.Label(t.Own))
	return unfold(placeholder.ReplaceAllStringFunc(words, func(found string) string {
		name := placeholder.FindStringSubmatch(found)[1]
		arg, ok := t.Args[name]
		if !ok {
			w.fail(CodeNoText, map[string]any{"key": name, "language": w.p.Tag()})
			return ""
		}
		switch sign := w.mark(arg, &parts).(type) {
		case lang.Counted:
			return sign.Text
		default:
			return sign.(string)
		}
	}), parts)
}

var placeholder = regexp.MustCompile(`\{\{\.([A-Za-z_][A-Za-z0-9_]*)\}\}`)

// line gives a text without markup, for titles of drawings, the head and margin boxes.
func (w *writer) line(t Text) string {
	var b strings.Builder
	inTag := false
	for _, r := range string(w.text(t)) {
		switch {
		case r == '<':
			inTag = true
		case r == '>' && inTag:
			inTag = false
		case !inTag:
			b.WriteRune(r)
		}
	}
	return unescape.Replace(b.String())
}

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&#43;", "+", "&amp;", "&")

// mark keeps an argument's HTML in parts and gives the mark that stands for it, or what the message counts by.
func (w *writer) mark(arg Arg, parts *[]template.HTML) any {
	html, count := w.arg(arg)
	*parts = append(*parts, html)
	sign := string(markOpen) + strconv.Itoa(len(*parts)-1) + string(markClose)
	if count != nil {
		return lang.Counted{Count: *count, Text: sign}
	}
	return sign
}

// arg gives an argument as HTML, and its number where it is a count that a message may have forms for.
func (w *writer) arg(arg Arg) (template.HTML, *float64) {
	switch a := arg.(type) {
	case Number:
		return w.number(a)
	case Interval:
		return w.interval(a), nil
	case Words:
		return escape(w.p.Label(a)), nil
	case Plain:
		return `<span translate="no">` + escape(string(a)) + `</span>`, nil
	case Day:
		return escape(w.p.Day(string(a))), nil
	case See:
		return w.see(string(a)), nil
	case Nested:
		return w.text(Text(a)), nil
	case List:
		var parts []template.HTML
		marks := make([]string, len(a))
		for n, item := range a {
			html, _ := w.arg(item)
			parts = append(parts, html)
			marks[n] = string(markOpen) + strconv.Itoa(n) + string(markClose)
		}
		return unfold(w.p.List(marks), parts), nil
	}
	w.fail(CodeNoText, map[string]any{"key": fmt.Sprintf("%T", arg), "language": w.p.Tag()})
	return "", nil
}

// number writes one cell where it stands in a sentence. The element names the cell, so that a reader, and our
// tests, can go from the sentence to the table.
func (w *writer) number(n Number) (template.HTML, *float64) {
	m, c, ok := w.cell(n.Table, n.Row, n.Column)
	if !ok {
		return "", nil
	}
	if c.State != release.Shown {
		return w.absent(c.State), nil
	}
	html := w.tagged(n.Table, n.Row, m.Name, write(w.p, m)(c.Value))
	if m.Form == release.Count {
		return html, &c.Value
	}
	return html, nil
}

func (w *writer) interval(n Interval) template.HTML {
	m, c, ok := w.cell(n.Table, n.Row, n.Column)
	switch {
	case !ok:
		return ""
	case c.State != release.Shown:
		return w.absent(c.State)
	case !m.Ranged:
		w.fail(CodeNoInterval, map[string]any{"table": n.Table.Key(), "measure": m.Name})
		return ""
	case !hasInterval(m, c):
		return w.absent(release.Blank)
	}
	return w.tagged(n.Table, n.Row, m.Name, w.p.Interval(c.Low, c.High, write(w.p, m)))
}

func (w *writer) cell(t release.Cleared, row, column int) (release.Measure, release.Cell, bool) {
	if !t.Valid() {
		w.fail(CodeNotCleared, map[string]any{"where": w.part})
		return release.Measure{}, release.Cell{}, false
	}
	m, c, ok := at(t, row, column)
	if !ok {
		w.fail(CodeNoCell, map[string]any{"table": t.Key(), "row": row + 1, "measure": column + 1})
	}
	return m, c, ok
}

func (w *writer) tagged(t release.Cleared, row int, measure, text string) template.HTML {
	return template.HTML(fmt.Sprintf(`<span class="num" data-cell="%s">%s</span>`,
		template.HTMLEscapeString(fmt.Sprintf("%s/%d/%s", t.Key(), row+1, measure)), escape(text)))
}

// absent says in words that a number is held back or does not exist.
func (w *writer) absent(s release.State) template.HTML {
	if s == release.Suppressed {
		return `<span class="held">[` + escape(w.say("withheld", nil)) + `]</span>`
	}
	return escape(w.say("not-available", nil))
}

func (w *writer) see(ref string) template.HTML {
	id, name := w.resolve(ref)
	if id == "" {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<a href="#%s">%s</a>`, template.HTMLEscapeString(id), escape(name)))
}

// unfold escapes a text and puts the arguments in the place of their marks.
func unfold(text string, parts []template.HTML) template.HTML {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, string(markOpen))
		b.WriteString(string(escape(before)))
		if !found {
			return template.HTML(b.String())
		}
		index, after, _ := strings.Cut(rest, string(markClose))
		if n, err := strconv.Atoi(index); err == nil && n >= 0 && n < len(parts) {
			b.WriteString(string(parts[n]))
		}
		text = after
	}
}

func escape(s string) template.HTML {
	return template.HTML(template.HTMLEscapeString(unmark.Replace(s)))
}
