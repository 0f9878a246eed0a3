package chart

import (
	"math"

	"waymark/lang"
	"waymark/release"
)

// FlowOptions says which columns of the table make the flow. All may be left empty.
type FlowOptions struct {
	Step    string // heading column of the steps; default: the last
	Removed string // count removed by the step; default "removed"
	Left    string // count left after it; default "left"
	Says    Heading
}

// Heading is what the heading of a step speaks of.
type Heading uint8

const (
	Kept    Heading = iota // what those who stay have in common ("are 14 or older"): it stands with those left
	Reasons                // why the others were removed ("younger than 14"): it stands with those removed
)

// SampleFlow draws how a sample came about: a box with what was in the file, then for each rule a box at the
// right with the number it removed, and down the left what was left after it. The first row of the table is
// what was there; its removed cell is not read. Withheld counts say so.
func SampleFlow(p *lang.Printer, f Frame, t release.Cleared, o FlowOptions) (SVG, error) {
	d, err := open(p, f, t)
	if err != nil {
		return SVG{}, err
	}
	step, err := d.dim(o.Step, -1)
	if err != nil {
		return SVG{}, err
	}
	removed, err := d.measure(or(o.Removed, "removed"), release.Count)
	if err != nil {
		return SVG{}, err
	}
	left, err := d.measure(or(o.Left, "left"), release.Count)
	if err != nil {
		return SVG{}, err
	}
	c, width := NewCanvas(f.ID, f.width()), f.width()
	main := math.Round(width * 0.42) // the box with the words is the wider one
	if o.Says == Kept {
		main = math.Round(width * 0.58)
	}
	b := &flowBoxes{data: d, c: c, main: main, side: width - main - 34, at: main + 33, taken: -boxPad}
	rows := t.Rows()
	y := 1.0
	for i, row := range rows {
		name := d.words(d.head(row, step).Labels)
		last := i > 0 && i == len(rows)-1
		standing := p.Text("chart.left", nil)
		if last {
			standing = p.Text("chart.analysed", nil)
		}
		switch {
		case i == 0:
		case o.Says == Reasons:
			y = b.removal(y, name, row.Cells[removed])
			name = standing
		default:
			y = b.removal(y, "", row.Cells[removed])
			if last {
				name += " (" + standing + ")"
			}
		}
		y = b.stage(y, name, row.Cells[left], last)
	}
	return c.Finish(f.Title, f.Summary, max(y, b.taken)+2), nil
}

func or(name, fallback string) string {
	if name == "" {
		return fallback
	}
	return name
}

type flowBoxes struct {
	data
	c              *Canvas
	main, side, at float64 // widths of the boxes; where the side boxes begin
	taken          float64 // where the last side box ends
}

const boxPad = 9.0

// number writes a count in full, or says why not.
func (b *flowBoxes) number(c release.Cell) string {
	if shown(c) {
		return b.p.Number(c.Value, 0)
	}
	return b.gap(c)
}

func (b *flowBoxes) stage(y float64, name string, c release.Cell, last bool) float64 {
	big := Letters{Size: 19, Heavy: true}
	inner := b.main - 2*boxPad
	h := boxPad + 20 + BlockHeight(inner, name, Letters{Size: NoteSize}) + boxPad - 2
	paint := Paint{Fill: Faint, Stroke: Soft, Width: 1}
	if last {
		paint = Paint{Fill: White, Stroke: Series(0), Width: 2.4}
	}
	if c.State == release.Suppressed {
		big.Size = BodySize
	}
	b.c.Rect(1.5, y, b.main-3, h, paint)
	b.c.Text(boxPad, y+boxPad+15, b.number(c), big)
	b.c.Block(boxPad, y+boxPad+20+NoteSize, inner, name, Letters{Size: NoteSize})
	return y + h
}

// removal draws the arrow down, the branch to the right and the box of what a rule removed.
func (b *flowBoxes) removal(y float64, name string, c release.Cell) float64 {
	said := b.p.Text("chart.removed", map[string]any{"n": b.number(c)})
	if !shown(c) {
		said = b.gap(c)
	}
	inner := b.side - 2*boxPad
	h := BlockHeight(inner, said, Letters{Heavy: true}) + BlockHeight(inner, name, Letters{Size: NoteSize}) + 2*boxPad - 4
	gap := max(28, 2*(b.taken+boxPad+h/2-y)) // the side boxes stand closer than the arrows are long, but never on one another
	middle, centre := y+gap/2, b.main/2
	top := middle - h/2
	b.taken = top + h
	b.c.Line(centre, y, centre, y+gap-6, Paint{Stroke: Soft, Width: 1.5})
	b.c.Path(polygon(centre, y+gap, centre-5, y+gap-8, centre+5, y+gap-8), Paint{Fill: Soft})
	b.c.Line(centre, middle, b.at-6, middle, Paint{Stroke: Soft, Width: 1.5})
	b.c.Path(polygon(b.at, middle, b.at-8, middle-5, b.at-8, middle+5), Paint{Fill: Soft})
	paint := Paint{Fill: White, Stroke: Soft, Width: 1}
	if c.State == release.Suppressed {
		paint.Dash = "5 3"
	}
	b.c.Rect(b.at, top, b.side, h, paint)
	at := top + boxPad + BodySize - 3
	at += b.c.Block(b.at+boxPad, at, inner, said, Letters{Heavy: true})
	b.c.Block(b.at+boxPad, at, inner, name, Letters{Size: NoteSize})
	return y + gap
}
