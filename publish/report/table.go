package report

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"waymark/release"
)

// rows of a table on the page before a long one is cut, and in the annex before the rest is left to its file.
const (
	rowsOnPage  = 12
	rowsUncut   = 36 // a table of so many is not worth a second place
	rowsInAnnex = 250
	// rows that a printed page keeps together
	rowsTogether = 18
	// rows of a figure's data that are printed with it
	rowsPrinted = 45
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
	Wide    bool // many columns: intervals stand under their numbers
	Deep    bool // two headings stand over the rows
	Notes   []noteView
	Source  string
	Cut     string // says that only the first rows stand here
}

// groupView is a run of rows under the same headings. Head and Sub are written over the rows where they
// begin, and are empty where they go on or the table is not grouped.
type groupView struct {
	Head, Sub string
	Rows      []rowView
}

type rowView struct {
	Total bool
	Out   bool // its heading is one that stands over rows elsewhere
	Heads []headView
	Cells []template.HTML
}

// headView is a row heading over one or more columns: headings without words join the one before.
type headView struct {
	Text string
	Span int
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
	deep := groups(t)
	var names []string
	for n, d := range t.Dims() {
		names = append(names, w.words(d.Labels))
		if n >= deep { // headings that stand over their rows share the first column, and its name
			view.Dims = append(view.Dims, strings.Join(names, " / "))
			names = nil
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
		group, own := begin(t.Rows(), n, deep, heads)
		if group != nil || len(view.Groups) == 0 {
			if group == nil {
				group = &groupView{}
			}
			view.Groups = append(view.Groups, *group)
		}
		out := rowView{Total: row.Total, Out: group != nil && group.Sub == "" && deep == 2, Heads: joined(own)}
		for _, m := range show {
			out.Cells = append(out.Cells, w.tableCell(t.Measures()[m], row.Cells[m], notes))
		}
		last := &view.Groups[len(view.Groups)-1]
		last.Rows = append(last.Rows, out)
	}
	rows := min(limit, len(t.Rows()))
	view.Short = rows+len(view.Groups) <= rowsTogether
	view.Narrow = view.Width <= 2
	view.Wide = len(view.Columns) > 4
	view.Deep = deep == 2
	view.Notes = notes.close(t)
	return view
}

// groups says how many headings are better written once over their rows: none, the first, or the first two.
// A heading is where there is another after it, it comes in runs, and the runs hold more than one row or so.
func groups(t release.Cleared) int {
	deep := 0
	for deep < 2 && deep+1 < len(t.Dims()) && len(t.Rows()) > 2 {
		seen := map[string]bool{}
		last, runs := "", 0
		for n, r := range t.Rows() {
			if key := headsKey(r, deep+1); n == 0 || key != last {
				if seen[key] {
					return deep
				}
				seen[key], last = true, key
				runs++
			}
		}
		if runs*3 > len(t.Rows())*2 {
			return deep
		}
		deep++
	}
	return deep
}

// headsKey joins the first headings of a row.
func headsKey(r release.Row, deep int) string {
	var b strings.Builder
	for _, h := range r.Heads[:deep] {
		b.WriteString(h.Code)
		b.WriteByte(0)
	}
	return b.String()
}

// begin gives the group that starts at row n, or nil where one goes on, and the row's own headings. A row that
// is alone under a heading and has no words of its own takes the heading's.
func begin(rows []release.Row, n, deep int, heads []string) (group *groupView, own []string) {
	own = heads[deep:]
	changed := func(at, depth int) bool {
		return at == 0 || at >= len(rows) || headsKey(rows[at], depth) != headsKey(rows[at-1], depth)
	}
	if deep == 0 || !changed(n, deep) {
		return nil, own
	}
	group = &groupView{}
	alone := changed(n+1, deep) && !slices.ContainsFunc(own, func(s string) bool { return s != "" })
	if deep == 2 {
		group.Sub = heads[1]
		if alone && heads[1] != "" {
			group.Sub, own = "", append([]string{heads[1]}, own[1:]...)
			alone = false
		}
	}
	if changed(n, 1) {
		group.Head = heads[0]
		if alone && changed(n+1, 1) {
			group.Head, group.Sub, own = "", "", append([]string{heads[0]}, own[1:]...)
		}
	}
	return group, own
}

// joined lets a heading without words be covered by the one before it.
func joined(heads []string) []headView {
	var out []headView
	for _, text := range heads {
		if last := len(out) - 1; text == "" && last >= 0 {
			out[last].Span++
			continue
		}
		out = append(out, headView{Text: text, Span: 1})
	}
	return out
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
	return w.p.Label(l)
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
