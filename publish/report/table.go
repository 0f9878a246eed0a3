package report

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"waymark/lang"
	"waymark/release"
)

// rows of a table on the page before a long one is cut, and in the annex before the rest is left to its file.
const (
	rowsOnPage  = 12
	rowsInAnnex = 250
	// rows that a printed page keeps together
	rowsTogether = 24
)

// tableView is a table as the template writes it.
type tableView struct {
	ID      string
	Label   string // "Table 3", "" for the data of a figure
	Caption string
	Unit    string
	Dims    []string // headings of the row-heading columns
	Columns []string
	Groups  []groupView
	Width   int  // columns in all
	Short   bool // fits on what is left of a printed page, or goes to the next whole
	Narrow  bool // one heading and one number: not spread over the page
	Notes   []noteView
	Source  string
	Cut     string // says that only the first rows stand here
}

// groupView is a run of rows under one first heading; Head is empty where the table isn't grouped.
type groupView struct {
	Head string
	Rows []rowView
}

type rowView struct {
	Total bool
	Heads []string
	Cells []template.HTML
}

type noteView struct {
	Mark string
	Text template.HTML
}

// table makes the view of at most limit rows of a cleared table, without the measures hidden by name.
func (w *writer) table(t release.Cleared, hide []string, limit int) tableView {
	if !t.Valid() {
		w.fail(CodeNotCleared, map[string]any{"where": w.part})
		return tableView{}
	}
	view := tableView{Caption: w.words(t.Title()), Unit: w.words(t.Unit()), Source: w.words(t.Source())}
	var show []int
	for n, m := range t.Measures() {
		if !slices.Contains(hide, m.Name) {
			show = append(show, n)
			view.Columns = append(view.Columns, w.words(m.Labels))
		}
	}
	grouped := groups(t)
	for n, d := range t.Dims() {
		if n > 0 || !grouped {
			view.Dims = append(view.Dims, w.words(d.Labels))
		}
	}
	view.Width = len(view.Dims) + len(view.Columns)
	notes := newNotes(w)
	for n, row := range t.Rows() {
		if n == limit {
			break
		}
		heads := make([]string, len(row.Heads))
		for k, h := range row.Heads {
			heads[k] = w.words(h.Labels)
		}
		group := ""
		if grouped {
			group, heads = heads[0], heads[1:]
		}
		if last := len(view.Groups) - 1; last < 0 || grouped && view.Groups[last].Head != group {
			view.Groups = append(view.Groups, groupView{Head: group})
		}
		out := rowView{Total: row.Total, Heads: heads}
		for _, m := range show {
			out.Cells = append(out.Cells, w.tableCell(t.Measures()[m], row.Cells[m], notes))
		}
		last := &view.Groups[len(view.Groups)-1]
		last.Rows = append(last.Rows, out)
	}
	rows := min(limit, len(t.Rows()))
	view.Short = rows+len(view.Groups) <= rowsTogether
	view.Narrow = view.Width <= 2
	view.Notes = notes.close(t)
	return view
}

// groups says whether the first heading of a table is better written once over its rows: there are two
// headings or more, and the first comes in runs.
func groups(t release.Cleared) bool {
	if len(t.Dims()) < 2 || len(t.Rows()) < 3 {
		return false
	}
	runs := map[string]int{}
	last, n := "", 0
	for i, r := range t.Rows() {
		if code := r.Heads[0].Code; i == 0 || code != last {
			runs[code]++
			last = code
			n++
		}
	}
	return n == len(runs) && n*2 <= len(t.Rows())
}

// tableCell writes a number, its interval beside it, and the sign of its note.
func (w *writer) tableCell(m release.Measure, c release.Cell, notes *notes) template.HTML {
	switch c.State {
	case release.Suppressed:
		notes.held = true
		return `<abbr class="held" title="` + escape(w.say("withheld", nil)) + `">[c]</abbr>`
	case release.Blank:
		if c.Note != "" {
			return `<span class="why">` + escape(w.noteWord(c.Note)) + `</span>`
		}
		notes.blank = true
		return `<span class="none"><span aria-hidden="true">–</span><span class="vh">` + escape(w.say("not-available", nil)) + `</span></span>`
	}
	form := write(w.p, m)
	html := `<span class="val">` + escape(form(c.Value))
	if c.Note != "" {
		html += notes.sign(c.Note)
	}
	html += `</span>`
	if hasInterval(m, c) {
		html += ` <span class="ci">(` + escape(w.p.Interval(c.Low, c.High, form)) + `)</span>`
	}
	return html
}

// words writes a label of the data in the language's typography.
func (w *writer) words(l release.Labels) string {
	return lang.Typeset(w.p.Tag(), w.p.Label(l))
}

// noteWord gives the words of a note code: one of this package's own ("reference"), or any code with a text.
func (w *writer) noteWord(code string) string {
	for _, key := range []string{"report.note." + code, code} {
		if w.p.Has(key) {
			return w.p.Text(key, nil)
		}
	}
	w.fail(CodeNoText, map[string]any{"key": "report.note." + code, "language": w.p.Tag()})
	return ""
}

// notes gathers what must be said under a table.
type notes struct {
	w     *writer
	codes []string
	held  bool
	blank bool
}

func newNotes(w *writer) *notes { return &notes{w: w} }

func (n *notes) sign(code string) template.HTML {
	at := slices.Index(n.codes, code)
	if at < 0 {
		at = len(n.codes)
		n.codes = append(n.codes, code)
	}
	return `<sup>` + escape(letter(at)) + `</sup>`
}

func (n *notes) close(t release.Cleared) []noteView {
	var out []noteView
	for at, code := range n.codes {
		out = append(out, noteView{Mark: letter(at), Text: escape(n.w.noteWord(code))})
	}
	if n.held {
		out = append(out, noteView{Mark: "[c]", Text: escape(n.w.say("held-note", map[string]any{"count": int(t.Policy().MinPeople)}))})
	}
	if n.blank {
		out = append(out, noteView{Mark: "–", Text: escape(n.w.say("blank-note", nil))})
	}
	var said []string
	for _, code := range t.Caveats() {
		said = append(said, string(n.w.caveat(code, "foot")))
	}
	if len(said) > 0 {
		out = append(out, noteView{Text: template.HTML(strings.Join(said, " "))})
	}
	return out
}

// letter gives a, b, ... z, then a1, b1 ...
func letter(n int) string {
	s := string(rune('a' + n%26))
	if n >= 26 {
		s += strconv.Itoa(n / 26)
	}
	return s
}
