package flatten

import (
	"math"
	"strconv"
	"strings"
	"time"

	"waymark/dataset"
	"waymark/form/instance"
)

// Row is what a record says in one row of a table.
type Row struct {
	Table  int
	Index  int    // among the rows of the record in this table, from 0
	Parent int    // Index of the row around it in the table around; -1 for the first table
	At     []int  // positions of the repeats' instances it stands in and for, outermost first, each from 1
	Cells  []Cell // one a column of the table
}

// Cell is an answer: the text as it was sent and, where the column is of numbers or dates and the text is one,
// its value. Empty was sent without an answer, or not sent; NotApplicable was not sent because the form's
// condition did not hold; NotAsked is not of the record's version of the form.
type Cell struct {
	Text    string
	Missing dataset.Missing
	Typed   bool    // Number is what the text says
	Number  float64 // of a Number its value, of a Date the days since 1970-01-01
}

// String hides the answer: what people answered never gets into a log.
func (c Cell) String() string { return "cell (sealed)" }

// GoString is String, so that %#v shows no answer either.
func (c Cell) GoString() string { return c.String() }

// Rows takes a record apart: the row of what is asked once, then the rows of repeats in the order sent. What
// the form does not have is passed over.
func (l *Layout) Rows(in *instance.Instance) []Row {
	b := breaking{layout: l, next: make([]int, len(l.Tables)), siblings: make([]int, len(l.Tables))}
	first := b.row(0, -1, nil)
	b.walk(in.Root, l.root, first)
	return b.rows
}

type breaking struct {
	layout   *Layout
	rows     []Row
	next     []int // Index of the next row of each table
	siblings []int // instances so far within the element around
}

func (b *breaking) row(table, parent int, at []int) int {
	t := &b.layout.Tables[table]
	r := Row{Table: table, Index: b.next[table], Parent: parent, At: at, Cells: make([]Cell, len(t.blank))}
	copy(r.Cells, t.blank)
	b.next[table]++
	b.rows = append(b.rows, r)
	return len(b.rows) - 1
}

// walk puts what stands in an element into a row, and begins rows where a repeat does.
func (b *breaking) walk(n *instance.Node, p *place, row int) {
	for _, c := range p.children {
		if c.repeat {
			b.siblings[c.table] = 0
		}
	}
	next := 0
	for _, c := range n.Children {
		to := p.child(c.Name, &next)
		switch {
		case to == nil:
		case to.repeat:
			next-- // more of them may follow
			if _, template := c.Attribute("template"); template {
				continue
			}
			b.siblings[to.table]++
			around := &b.rows[row]
			at := append(append(make([]int, 0, len(around.At)+1), around.At...), b.siblings[to.table])
			b.walk(c, to, b.row(to.table, around.Index, at))
		case to.column >= 0:
			table := b.rows[row].Table
			b.rows[row].Cells[to.column] = NewCell(b.layout.Tables[table].Columns[to.column].Kind, c.Value())
		default:
			b.walk(c, to, row)
		}
	}
}

// NewCell makes a cell of a text that was sent for a column of a kind.
func NewCell(kind dataset.Kind, text string) Cell {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return Cell{Missing: dataset.Empty}
	}
	c := Cell{Text: text}
	switch kind {
	case dataset.Number:
		c.Number, c.Typed = number(trimmed)
	case dataset.Date:
		c.Number, c.Typed = day(trimmed)
	}
	return c
}

// number reads what phones send for numbers: digits, a point, an exponent. Hexadecimal, infinities and marks
// between digits are none.
func number(s string) (float64, bool) {
	small := len(s) <= 15
	whole := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if small {
				whole = whole*10 + int(c-'0')
			}
			continue
		case c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E':
			small = false
			continue
		}
		return 0, false
	}
	if small {
		return float64(whole), true
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsInf(x, 0)
}

// day reads a date, or the date of a time that was sent in its place.
func day(s string) (float64, bool) {
	if len(s) < 10 || len(s) > 10 && s[10] != 'T' {
		return 0, false
	}
	t, err := time.Parse(time.DateOnly, s[:10])
	if err != nil {
		return 0, false
	}
	return float64(dataset.DaysOf(t.Date())), true
}
