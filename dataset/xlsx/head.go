package xlsx

import (
	"slices"
	"strings"

	"waymark/fault"
	"waymark/workbook"
)

// head is where a table begins and what its columns are called.
type head struct {
	row   int // last row of the header, 1-based
	first int // first column of the table, 1-based
	names []string
}

// Joiner stands between the parts of a name that was put together from several header rows.
const Joiner = " / "

// lookedAt is how many rows with cells are looked at to find the header and the table's width.
const lookedAt = 100

// beginning is the first rows of a sheet, by row number.
type beginning struct {
	rows   []workbook.Row
	merges []workbook.Range
}

// findHead finds the header, or takes the one that was told.
//
// The header is the first row that is at least half as full as the fuller rows of the sheet and whose cells
// are texts, at least four of five; one cell alone is a title. It takes in the row below where its own cells
// are merged across columns or into that row, and the rows above where it does not name every column, once.
func findHead(book *workbook.Book, sheet string, o Options) (*head, error) {
	b, err := begin(book, sheet, o)
	if err != nil {
		return nil, err
	}
	at := -1
	if o.Header > 0 {
		at = slices.IndexFunc(b.rows, func(r workbook.Row) bool { return r.Index == o.Header })
		if at < 0 {
			return nil, fault.Issue{Code: CodeNoHeader, Place: fault.Place{Document: o.Document, Sheet: sheet, Row: o.Header}, Args: map[string]any{"row": o.Header}}
		}
	} else if at = b.seek(); at < 0 {
		return nil, fault.Issue{Code: CodeNoTable, Place: fault.Place{Document: o.Document, Sheet: sheet}}
	}
	top := at
	switch {
	case o.HeaderRows > 0 && o.Header > 0:
		top = max(0, at-o.HeaderRows+1)
	case o.HeaderRows > 0:
		for at-top+1 < o.HeaderRows {
			switch above := top > 0 && b.belongs(top-1); {
			case at+1 < len(b.rows) && (b.spreads(at) || !above):
				at++
			case above:
				top--
			default:
				return b.head(top, at), nil
			}
		}
	case o.Header > 0:
		top = b.above(at)
	default:
		for at+1 < len(b.rows) && b.spreads(at) && texts(b.rows[at+1]) && !tagged(b.rows[at+1]) {
			at++
		}
		top = min(top, b.above(at))
	}
	return b.head(top, at), nil
}

// begin keeps the first rows of a sheet: up to lookedAt below the row that is told.
func begin(book *workbook.Book, sheet string, o Options) (*beginning, error) {
	b, from := &beginning{}, max(o.Header, 1)
	below := 0
	for row, err := range book.Rows(sheet) {
		if err != nil {
			return nil, err
		}
		if row.Index >= from {
			below++
		}
		if o.Last > 0 && row.Index > o.Last {
			break
		}
		if row.Index < from-8 { // too far above to be part of its header
			continue
		}
		row.Cells = slices.Clone(row.Cells)
		if b.rows = append(b.rows, row); below >= lookedAt {
			break
		}
	}
	var err error
	b.merges, err = book.Merges(sheet)
	return b, err
}

func filled(r workbook.Row) int {
	n := 0
	for _, c := range r.Cells {
		if !empty(c) {
			n++
		}
	}
	return n
}

// texts says whether at least four of five filled cells are texts.
func texts(r workbook.Row) bool {
	n := 0
	for _, c := range r.Cells {
		if c.Kind == workbook.Text && !empty(c) {
			n++
		}
	}
	return n > 0 && 5*n >= 4*filled(r)
}

// tagged says whether a row looks like HXL tags.
func tagged(r workbook.Row) bool {
	for _, c := range r.Cells {
		if !empty(c) && !(c.Kind == workbook.Text && strings.HasPrefix(strings.TrimSpace(c.Text), "#")) {
			return false
		}
	}
	return filled(r) > 0
}

// seek finds the header's place among the rows; -1 where nothing looks like one.
func (b *beginning) seek() int {
	counts := make([]int, 0, len(b.rows))
	for _, r := range b.rows {
		if n := filled(r); n > 0 {
			counts = append(counts, n)
		}
	}
	if len(counts) == 0 {
		return -1
	}
	slices.Sort(counts)
	full := counts[len(counts)*3/4]
	for i, r := range b.rows {
		if n := filled(r); n >= min(full, 2) && 2*n >= full && texts(r) && !tagged(r) {
			return i
		}
	}
	return -1
}

// spreads says whether a cell of the row is merged across columns, or into the row below.
func (b *beginning) spreads(at int) bool {
	row := b.rows[at].Index
	return slices.ContainsFunc(b.merges, func(m workbook.Range) bool {
		return m.FirstRow == row && (m.LastColumn > m.FirstColumn || m.LastRow > row) && row+1 == b.rows[at+1].Index
	})
}

// above gives the first row of a header that ends in a row: rows are taken in from above while the names do
// not name every column, once.
func (b *beginning) above(at int) int {
	top := at
	for top > 0 && at-top < 4 {
		names := b.head(top, at).names
		if complete(names) || !b.belongs(top-1) {
			break
		}
		top--
	}
	return top
}

// belongs says whether a row can be the upper row of a header: directly above the next, two texts or more.
func (b *beginning) belongs(at int) bool {
	return b.rows[at].Index == b.rows[at+1].Index-1 && filled(b.rows[at]) >= 2 && texts(b.rows[at])
}

func complete(names []string) bool {
	seen := map[string]bool{}
	for _, n := range names {
		if n == "" || seen[n] {
			return false
		}
		seen[n] = true
	}
	return true
}

// head puts the names together. Where the last row names every column once, it alone gives the names.
func (b *beginning) head(top, at int) *head {
	first, last := b.extent(top, at)
	h := &head{row: b.rows[at].Index, first: first, names: make([]string, max(0, last-first+1))}
	for i := range h.names {
		h.names[i] = b.text(at, first+i)
	}
	if top == at || complete(h.names) {
		return h
	}
	for i := range h.names {
		var parts []string
		for r := top; r <= at; r++ {
			part := b.spread(r, first+i, r == at)
			if part != "" && (len(parts) == 0 || parts[len(parts)-1] != part) {
				parts = append(parts, part)
			}
		}
		h.names[i] = strings.Join(parts, Joiner)
	}
	return h
}

// extent gives the first and last column of header and data, as far as looked at.
func (b *beginning) extent(top, at int) (first, last int) {
	for _, r := range b.rows[top:] {
		for i, c := range r.Cells {
			if empty(c) {
				continue
			}
			if first == 0 || i+1 < first {
				first = i + 1
			}
			last = max(last, i+1)
		}
	}
	return max(first, 1), last
}

// text gives a header cell's words, spaces and line breaks made plain.
func (b *beginning) text(at, column int) string {
	cells := b.rows[at].Cells
	if column > len(cells) {
		return ""
	}
	return strings.Join(strings.Fields(cells[column-1].String()), " ")
}

// spread gives the words over a column in a header row: its own, or those of the merged block it lies in. A
// block counts in the row it begins in. In rows above the last, of a sheet without merged cells, the words
// to the left are taken.
func (b *beginning) spread(at, column int, last bool) string {
	if s := b.text(at, column); s != "" {
		return s
	}
	row := b.rows[at].Index
	for _, m := range b.merges {
		if row == m.FirstRow && column >= m.FirstColumn && column <= m.LastColumn {
			return b.text(at, m.FirstColumn)
		}
	}
	if last || len(b.merges) > 0 {
		return ""
	}
	for c := column - 1; c >= 1; c-- {
		if s := b.text(at, c); s != "" {
			return s
		}
	}
	return ""
}
