package report

import (
	"regexp"
	"strconv"

	"waymark/release"
)

// check finds what makes the document unfit whatever the language, and numbers its figures and tables.
func (w *writer) check() {
	w.names, w.whole = map[string]string{}, map[string]bool{}
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
		w.claim(s.ID, w.line(s.Title))
		for _, b := range s.Blocks {
			switch b := b.(type) {
			case Figure:
				figures++
				w.claim(b.ID, w.say("figure", map[string]any{"number": strconv.Itoa(figures)}))
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
func (w *writer) claim(id, name string) {
	if !anchorName.MatchString(id) || reserved[id] {
		w.fail(CodeAnchorName, map[string]any{"anchor": id})
	}
	if _, ok := w.names[id]; ok {
		w.fail(CodeAnchorTwice, map[string]any{"anchor": id})
	}
	w.names[id] = name
}

// claimTable lets a table be shown in several places; a reference leads to the first. Its key may be the ID of
// a section or figure as well, which then comes first.
func (w *writer) claimTable(t release.Cleared, name string) {
	if !t.Valid() {
		w.fail(CodeNotCleared, map[string]any{"where": w.part})
		return
	}
	if id := tableID(t); w.names[id] == "" {
		w.claim(id, name)
	}
}

// tableID is the anchor of a table.
func tableID(t release.Cleared) string { return "table-" + t.Key() }

// find gives the anchor that a reference means, or "".
func (w *writer) find(ref string) string {
	for _, id := range []string{ref, "table-" + ref} {
		if _, ok := w.names[id]; ok {
			return id
		}
	}
	return ""
}

// resolve says whether an anchor, where one is given, leads somewhere.
func (w *writer) resolve(anchor string) (id, name string) {
	if anchor == "" {
		return "", ""
	}
	id = w.find(anchor)
	if id == "" {
		w.fail(CodeAnchorMissing, map[string]any{"anchor": anchor})
	}
	return id, w.names[id]
}

var anchorName = regexp.MustCompile(`^[a-z][a-z0-9._-]*$`)

// reserved are the ids of the page's own parts.
var reserved = set("main contents glance annex about top")
