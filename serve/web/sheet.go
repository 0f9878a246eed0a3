package web

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/form/xlsform"
	"waymark/workbook"
)

// issueView is an issue with its place in the sheet drawn below it.
type issueView struct {
	ID   string // of its cell in the drawing; "" where it has none
	Text string
	Soft bool
	At   string // "sheet survey, row 12, column 3"
}

// sheetView is a sheet of a workbook as people see it, cut to the rows around its issues.
type sheetView struct {
	Name    string
	Letters []string
	Rows    []rowView
}

type rowView struct {
	Number string
	Gap    int // rows left out before this one
	Cells  []cellView
	Wrong  []issueView // about the row as a whole
}

type cellView struct {
	ID    string
	Text  string
	Wrong []issueView
	Soft  bool
}

const (
	rowsAround  = 2   // rows shown before and after one with an issue
	wholeSheet  = 24  // a sheet of no more rows is shown whole
	mostColumns = 26  // columns drawn
	mostLetters = 120 // letters of a cell
	mostIssues  = 200 // issues shown
)

// sheets draws what is wrong with a workbook in its place. A file that cannot be opened as sheets has a list only.
func (v *voice) sheets(name string, raw []byte, issues fault.Issues) uploadView {
	out := uploadView{Name: name, Hard: len(issues.Only(fault.Hard)), Soft: len(issues.Only(fault.Soft))}
	issues = slices.Clone(issues)
	slices.SortStableFunc(issues, func(a, b fault.Issue) int { return int(a.Severity) - int(b.Severity) })
	issues = issues[:min(len(issues), mostIssues)]
	book := openBook(name, raw)
	for n, i := range issues {
		at := i.Place
		at.Document = ""
		one := issueView{Text: v.code(i.Code, i.Args), Soft: i.Severity == fault.Soft, At: v.Place(at)}
		if book != nil && i.Place.Row > 0 && hasSheet(book, i.Place.Sheet) {
			one.ID = "issue-" + strconv.Itoa(n+1)
		}
		out.Issues = append(out.Issues, one)
	}
	if book == nil {
		return out
	}
	for _, sheet := range book.Sheets() {
		if drawn, ok := drawSheet(book, sheet, issues, out.Issues); ok {
			out.Sheets = append(out.Sheets, drawn)
		}
	}
	return out
}

// openBook reads a workbook as the compiler of forms does: .xlsx and .xls by their first bytes, else text.
func openBook(name string, raw []byte) xlsform.Book {
	if len(raw) == 0 {
		return nil
	}
	if workbook.Sniff(raw[:min(len(raw), 512)]) {
		book, err := workbook.Open(bytes.NewReader(raw), int64(len(raw)), workbook.Limits{})
		if err != nil {
			return nil
		}
		return book.Texts()
	}
	read := xlsform.ReadCSV
	if strings.HasSuffix(strings.ToLower(name), ".md") {
		read = xlsform.ReadMarkdown
	}
	book, err := read(bytes.NewReader(raw))
	if err != nil || len(book) == 0 {
		return nil
	}
	return book
}

func hasSheet(book xlsform.Book, name string) bool { return slices.Contains(book.Sheets(), name) }

// drawSheet draws the rows of a sheet that have issues, with some around them.
func drawSheet(book xlsform.Book, name string, issues fault.Issues, views []issueView) (sheetView, bool) {
	out := sheetView{Name: name}
	rows, err := book.Rows(name)
	wrong := map[int][]int{} // row -> issues
	for n, i := range issues {
		if i.Place.Sheet == name && i.Place.Row > 0 {
			wrong[i.Place.Row] = append(wrong[i.Place.Row], n)
		}
	}
	if err != nil || len(wrong) == 0 {
		return out, false
	}
	last := len(rows)
	width := 1
	for _, row := range rows {
		width = max(width, len(row))
	}
	for r, ns := range wrong {
		last = max(last, r)
		for _, n := range ns {
			width = max(width, min(issues[n].Place.Column, mostColumns))
		}
	}
	width = min(width, mostColumns)
	for c := range width {
		out.Letters = append(out.Letters, string(rune('A'+c)))
	}
	gap := 0
	for r := 1; r <= last; r++ {
		if len(rows) > wholeSheet && r > 1 && !near(wrong, r) {
			gap++
			continue
		}
		row := rowView{Number: strconv.Itoa(r), Gap: gap, Cells: make([]cellView, width)}
		gap = 0
		if r <= len(rows) {
			for c, text := range rows[r-1] {
				if c < width {
					row.Cells[c].Text = cut(text, mostLetters)
				}
			}
		}
		for _, n := range wrong[r] {
			mark(&row, issues[n], views[n])
		}
		out.Rows = append(out.Rows, row)
	}
	return out, true
}

// mark puts an issue on its cell; the first one there names it.
func mark(row *rowView, i fault.Issue, v issueView) {
	c := i.Place.Column - 1
	if c < 0 || c >= len(row.Cells) {
		row.Wrong = append(row.Wrong, v)
		return
	}
	cell := &row.Cells[c]
	cell.Soft = v.Soft && (cell.Soft || len(cell.Wrong) == 0)
	cell.Wrong = append(cell.Wrong, v)
}

func near(wrong map[int][]int, row int) bool {
	for r := row - rowsAround; r <= row+rowsAround; r++ {
		if len(wrong[r]) > 0 {
			return true
		}
	}
	return false
}

// cut shortens a text to some letters.
func cut(s string, most int) string {
	letters := []rune(strings.TrimSpace(s))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most]) + "…"
}
