package study

import (
	"sync"

	"waymark/lang"
	"waymark/publish/report"
	"waymark/release"
)

// drafts collects the tables of a run until they are cleared together.
type drafts struct {
	list    []release.Draft
	source  release.Labels
	caveats []string
}

// add appends a draft with the source and the caveats of the run.
func (d *drafts) add(x release.Draft) {
	if x.Source == nil {
		x.Source = d.source
	}
	x.Caveats = append(x.Caveats, d.caveats...)
	d.list = append(d.list, x)
}

// tables are cleared tables by key.
type tables map[string]release.Cleared

func tablesOf(list []release.Cleared) tables {
	t := tables{}
	for _, c := range list {
		t[c.Key()] = c
	}
	return t
}

// has says whether a table of that key was made.
func (t tables) has(key string) bool { return t[key].Valid() }

// shown says whether a cell is there to be read.
func (t tables) shown(key string, row, col int) bool {
	c, ok := t[key]
	return ok && row >= 0 && row < len(c.Rows()) && col >= 0 && c.Rows()[row].Cells[col].State == release.Shown
}

// value is the number of a cell that is shown; 0 where it is not (ask shown).
func (t tables) value(key string, row, col int) float64 {
	if !t.shown(key, row, col) {
		return 0
	}
	return t[key].Rows()[row].Cells[col].Value
}

func (t tables) cell(key string, row, col int) release.Cell {
	if !t.shown(key, row, col) {
		return release.Cell{State: release.Suppressed}
	}
	return t[key].Rows()[row].Cells[col]
}

// number and interval bind a place in a text to a cell.
func (t tables) number(key string, row, col int) report.Number {
	return report.Number{Table: t[key], Row: row, Column: col}
}

func (t tables) interval(key string, row, col int) report.Interval {
	return report.Interval{Table: t[key], Row: row, Column: col}
}

// head gives the words of a row's heading.
func (t tables) head(key string, row, dim int) report.Words {
	return report.Words(t[key].Rows()[row].Heads[dim].Labels)
}

// row finds a row by the code of its first heading, -1 where there is none.
func (t tables) row(key, code string) int {
	c, ok := t[key]
	if !ok {
		return -1
	}
	for i, r := range c.Rows() {
		if r.Heads[0].Code == code {
			return i
		}
	}
	return -1
}

// words gives the text of a key in every language, for labels that travel with cleared tables. The texts of
// this room take no argument here.
func words(key string) release.Labels {
	l := release.Labels{}
	for _, p := range printers() {
		l[p.Tag()] = p.Text(key, nil)
	}
	return l
}

// printers are one for each language, made once: a printer reads each room's file once.
var printers = sync.OnceValue(func() []*lang.Printer {
	var out []*lang.Printer
	for _, tag := range lang.Tags() {
		if p, err := lang.New(tag); err == nil {
			out = append(out, p)
		}
	}
	return out
})

func labels(l map[string]string) release.Labels { return release.Labels(l) }
