package report

import (
	"regexp"
	"strconv"

	"waymark/release"
)

// check finds what makes the document unfit whatever the language, and numbers its figures and tables.
func (w *writer) check() {
	w.names, w.anchor, w.whole = map[string]string{}, map[string]string{}, map[string]bool{}
	w.part = "title"
	if w.doc.Title.Empty() {
		w.fail(CodeNoTitle, map[string]any{"what": "document"})
	}
	w.checkFindings()
	figures, tables := 0, 0
	for n, s := range w.doc.Sections {
		w.part = "sections[" + strconv.Itoa(n+1) + "]"
		if s.Title.Empty() {
			w.fail(CodeNoTitle, map[string]any{"what": s.ID})
		}
		w.claim(s.ID, s.ID, w.line(s.Title))
		for _, b := range s.Blocks {
			switch b := b.(type) {
			case Figure:
				figures++
				w.claim(b.ID, b.ID, w.say("figure", map[string]any{"number": strconv.Itoa(figures)}))
				if b.Title.Empty() || b.Summary.Empty() {
					w.fail(CodeNoTitle, map[string]any{"what": b.ID})
				}
			case TableBlock:
				tables++
				if b.Table.Valid() && len(b.Hide) == 0 {
					w.whole[b.Table.Key()] = true
				}
				w.claimTable(b.Table, w.say("table", map[string]any{"number": strconv.Itoa(tables)}))
			case Advice:
				if b.Finding.Empty() || b.Do.Empty() || b.Actors.Empty() {
					w.fail(CodeAdviceUnbound, map[string]any{"section": s.ID})
				}
			}
		}
	}
}

func (w *writer) checkFindings() {
	w.part = "summary"
	if n := len(w.doc.Summary.Findings); n < 1 || n > 3 {
		w.fail(CodeNoFinding, map[string]any{"count": n})
	}
	for n, f := range w.doc.Summary.Findings {
		if f.Say.Empty() || f.Sure.Empty() || f.Do.Empty() || f.Actors.Empty() {
			w.fail(CodeFindingPart, map[string]any{"number": strconv.Itoa(n + 1)})
		}
	}
}

// claim gives an anchor to a section, figure or table.
func (w *writer) claim(anchor, id, name string) {
	if !anchorName.MatchString(id) || reserved[id] {
		w.fail(CodeAnchorName, map[string]any{"anchor": id})
	}
	if _, ok := w.names[anchor]; ok {
		w.fail(CodeAnchorTwice, map[string]any{"anchor": anchor})
	}
	w.names[anchor], w.anchor[anchor] = name, id
}

// claimTable lets a table be shown in several places; a reference leads to the first.
func (w *writer) claimTable(t release.Cleared, name string) {
	if !t.Valid() {
		w.fail(CodeNotCleared, map[string]any{"where": w.part})
		return
	}
	if _, ok := w.names[t.Key()]; !ok {
		w.claim(t.Key(), "table-"+t.Key(), name)
	}
}

// resolve says whether an anchor, where one is given, leads somewhere.
func (w *writer) resolve(anchor string) (id, name string) {
	if anchor == "" {
		return "", ""
	}
	name, ok := w.names[anchor]
	if !ok {
		w.fail(CodeAnchorMissing, map[string]any{"anchor": anchor})
	}
	return w.anchor[anchor], name
}

var anchorName = regexp.MustCompile(`^[a-z][a-z0-9._-]*$`)

// reserved are the ids of the page's own parts.
var reserved = set("main contents glance annex about top")
