package report

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"waymark/lang"
	"waymark/publish/chart"
	"waymark/release"
)

// body writes the blocks of sections, numbering figures, tables and recommendations through the document.
type body struct {
	w       *writer
	tmpl    *template.Template
	figures int
	tables  int
	advice  int
	shown   map[string]bool // tables whose anchor was given out
	taken   map[string]bool // ids inside drawings
	annex   []tableView
}

type figureView struct {
	ID, Label      string
	Title, Summary template.HTML
	Drawing        template.HTML
	Narrow         template.HTML // the drawing for a telephone; empty: there is one for all
	Data           tableView
	Note           template.HTML
	DataLabel      string
	DataFile       string        // says on paper where the data are, where they are too many to print
	DataIn         template.HTML // says where the data stand, where a table of the text shows them all
}

type adviceView struct {
	Label            string
	Do, Finding      template.HTML
	Actors           template.HTML
	SeeID, SeeName   string
	RestsOn, ActWord string
}

type textView struct {
	Text  template.HTML
	Items []template.HTML
	Title string
}

func (b *body) blocks(blocks []Block) []template.HTML {
	var out []template.HTML
	for _, block := range blocks {
		switch block := block.(type) {
		case Paragraph:
			out = append(out, b.html("paragraph", textView{Text: b.w.text(block.Text)}))
		case Heading:
			out = append(out, b.html("heading", textView{Text: b.w.text(block.Text)}))
		case Note:
			out = append(out, b.html("note", textView{Text: b.w.text(block.Text), Title: b.w.say("note-title", nil)}))
		case Bullets:
			view := textView{}
			for _, item := range block.Items {
				view.Items = append(view.Items, b.w.text(item))
			}
			out = append(out, b.html("bullets", view))
		case TableBlock:
			out = append(out, b.table(block))
		case Figure:
			out = append(out, b.figure(block))
		case Advice:
			out = append(out, b.recommend(block))
		}
	}
	return out
}

func (b *body) html(name string, view any) template.HTML {
	var out bytes.Buffer
	if err := b.tmpl.ExecuteTemplate(&out, name, view); err != nil {
		b.w.fail(CodeDrawing, map[string]any{"figure": name, "why": err.Error()})
	}
	return template.HTML(out.String())
}

func (b *body) table(block TableBlock) template.HTML {
	b.tables++
	if !block.Table.Valid() {
		return ""
	}
	label := b.w.say("table", map[string]any{"number": strconv.Itoa(b.tables)})
	id := b.id(tableID(block.Table))
	rows := len(block.Table.Rows())
	if !block.Long || rows <= rowsUncut {
		view := b.w.table(block.Table, block.Hide, rows)
		view.ID, view.Label = id, label
		return b.html("table", view)
	}
	view := b.w.table(block.Table, block.Hide, rowsOnPage)
	view.ID, view.Label = id, label
	view.Cut = b.w.say("cut", map[string]any{"shown": rowsOnPage, "count": rows})
	b.intoAnnex(block.Table, block.Hide, "annex-"+id, label)
	return b.html("table", view)
}

// intoAnnex puts a whole table, or as much of it as paper can bear, at the end of the document.
func (b *body) intoAnnex(t release.Cleared, hide []string, id, label string) {
	view := b.w.table(t, hide, rowsInAnnex)
	view.ID, view.Label = id, b.w.say("in-full", map[string]any{"table": label})
	if rows := len(t.Rows()); rows > rowsInAnnex {
		view.Cut = b.w.say("annex-cut", map[string]any{"shown": rowsInAnnex, "count": rows, "file": t.Key() + ".csv"})
	}
	b.annex = append(b.annex, view)
}

// id gives an anchor out once; a table shown again gets a number.
func (b *body) id(id string) string {
	if b.shown == nil {
		b.shown = map[string]bool{}
	}
	for n := 2; b.shown[id]; n++ {
		if again := fmt.Sprintf("%s-%d", id, n); !b.shown[again] {
			id = again
		}
	}
	b.shown[id] = true
	return id
}

func (b *body) figure(f Figure) template.HTML {
	b.figures++
	w := b.w
	view := figureView{ID: f.ID, Label: w.say("figure", map[string]any{"number": strconv.Itoa(b.figures)}),
		Title: w.text(f.Title), Summary: w.text(f.Summary), Note: w.text(f.Note), DataLabel: w.say("data-table", nil)}
	if !f.Table.Valid() {
		w.fail(CodeNotCleared, map[string]any{"where": f.ID})
		return ""
	}
	if w.whole[f.Table.Key()] {
		view.DataIn = w.text(Text{Key: "report.data-in", Args: map[string]Arg{"table": See(tableID(f.Table))}})
	} else {
		view.Data = w.table(f.Table, nil, rowsInAnnex)
		view.Data.ID = b.id("data-" + f.ID)
		if rows := len(f.Table.Rows()); rows > rowsPrinted {
			view.DataFile = w.say("data-file", map[string]any{"count": rows, "file": f.Table.Key() + ".csv"})
		}
	}
	if f.Draw == nil {
		w.fail(CodeDrawing, map[string]any{"figure": f.ID, "why": "nil"})
		return ""
	}
	view.Drawing = b.drawing(f, f.Draw)
	if f.Narrow != nil {
		view.Narrow = b.drawing(f, f.Narrow)
	}
	return b.html("figure", view)
}

// drawing draws a figure and looks whether the drawing may stand in the page.
func (b *body) drawing(f Figure, draw func(p *lang.Printer, title, summary string) (chart.SVG, error)) template.HTML {
	w := b.w
	svg, err := draw(w.p, w.line(f.Title), w.line(f.Summary))
	if err != nil {
		w.fail(CodeDrawing, map[string]any{"figure": f.ID, "why": err.Error()})
		return ""
	}
	if err := checkDrawing(svg.Body, b.taken); err != nil {
		w.fail(CodeDrawingUnsafe, map[string]any{"figure": f.ID, "why": err.Error()})
		return ""
	}
	return template.HTML(strings.TrimSpace(string(svg.Body)))
}

func (b *body) recommend(a Advice) template.HTML {
	b.advice++
	w := b.w
	view := adviceView{Label: w.say("recommendation-n", map[string]any{"number": strconv.Itoa(b.advice)}),
		Do: w.text(a.Do), Finding: w.text(a.Finding), Actors: w.text(a.Actors), RestsOn: w.say("rests-on", nil), ActWord: w.say("actors", nil)}
	view.SeeID, view.SeeName = w.resolve(a.Anchor)
	return b.html("advice", view)
}
