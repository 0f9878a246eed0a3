package report

import (
	"html/template"
	"slices"
	"strings"

	"waymark/release"
)

// tables lists every cleared table that a document shows or takes a number from, each once, in order.
func (d Document) tables() []release.Cleared {
	var out []release.Cleared
	add := func(t release.Cleared) {
		if t.Valid() && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	var text func(Text)
	var arg func(Arg)
	arg = func(a Arg) {
		switch a := a.(type) {
		case Number:
			add(a.Table)
		case Interval:
			add(a.Table)
		case Nested:
			text(Text(a))
		case List:
			for _, item := range a {
				arg(item)
			}
		}
	}
	text = func(t Text) {
		for _, name := range sortedKeys(t.Args) {
			arg(t.Args[name])
		}
	}
	for _, t := range []Text{d.Title, d.Subtitle, d.Kicker} {
		text(t)
	}
	for _, f := range d.Summary.Findings {
		for _, t := range []Text{f.Say, f.Sure, f.Do, f.Actors} {
			text(t)
		}
	}
	for _, k := range d.Summary.Figures {
		arg(k.Number)
		text(k.Label)
	}
	for _, s := range d.Sections {
		text(s.Title)
		for _, b := range s.Blocks {
			switch b := b.(type) {
			case Paragraph:
				text(b.Text)
			case Heading:
				text(b.Text)
			case Note:
				text(b.Text)
			case Bullets:
				for _, t := range b.Items {
					text(t)
				}
			case TableBlock:
				add(b.Table)
			case Figure:
				add(b.Table)
				text(b.Title)
				text(b.Summary)
				text(b.Note)
			case Advice:
				text(b.Finding)
				text(b.Do)
				text(b.Actors)
			}
		}
	}
	for _, f := range d.Colophon {
		arg(f.Value)
	}
	return out
}

// Caveats lists the caveat codes of every table that the document shows or takes a number from.
func (d Document) Caveats() []string {
	var out []string
	for _, t := range d.tables() {
		for _, code := range t.Caveats() {
			if !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	slices.Sort(out)
	return out
}

// standing gives what stands on page one: a statement for each caveat, then what the document adds.
func (w *writer) standing() []template.HTML {
	var out []template.HTML
	for _, code := range w.doc.Caveats() {
		out = append(out, w.caveat(code, "caveat"))
	}
	for _, t := range w.doc.Standing {
		if html := w.text(t); !slices.Contains(out, html) {
			out = append(out, html)
		}
	}
	return out
}

// feet gives the short form of the standing statements, for the foot of every printed page.
func (w *writer) feet() []string {
	var out []string
	for _, code := range w.doc.Caveats() {
		if s := plain(w.caveat(code, "foot")); s != "" {
			out = append(out, s)
		}
	}
	for _, t := range w.doc.Standing {
		if s := w.line(t); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// caveat gives the words of a caveat code: report.caveat.CODE (or a text of the code itself) says it in a sentence
// or two, report.foot.CODE in a few words; for a code with a room, ROOM.CODE, both are looked for without it too.
// A caveat without words stops the report, since it cannot be left out.
func (w *writer) caveat(code, form string) template.HTML {
	last := code[strings.LastIndexByte(code, '.')+1:]
	keys := []string{"report.caveat." + code, code, "report.caveat." + last}
	if form == "foot" {
		keys = append([]string{"report.foot." + code, "report.foot." + last}, keys...)
	}
	for _, key := range keys {
		if w.p.Has(key) {
			return escape(w.p.Text(key, nil))
		}
	}
	w.fail(CodeCaveatUnknown, map[string]any{"caveat": code})
	return ""
}
