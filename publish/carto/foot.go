package carto

import (
	"maps"
	"slices"
	"strings"

	"waymark/publish/chart"
)

// base draws sea, land and boundaries in a group cut at the map's edge, which the caller ends, and gives the
// space that the stamp will take.
func (d *drawing) base(paint func(iso3 string) chart.Paint) []rectangle {
	s := d.sheet
	d.c.Clip(s.left, s.top, s.width, s.height)
	s.areas(d.c, d.atlas, paint)
	d.notes, d.dashed = s.borders(d.c, d.atlas)
	if d.o.Clearance.given() {
		return nil
	}
	w, h := d.stampSize()
	return []rectangle{{s.left, s.top, s.left + w + 16, s.top + h + 16}}
}

const stampSize = 12.0

func (d *drawing) stampSize() (w, h float64) {
	return chart.TextWidth(d.p.Text("carto.draft", nil), stampSize, true) + 16, stampSize + 12
}

// frameStamp draws the edge of the map and, where no clearance is recorded, the stamp.
func (d *drawing) frameStamp() {
	s := d.sheet
	d.c.Rect(s.left+0.5, s.top+0.5, s.width-1, s.height-1, chart.Paint{Stroke: border, Width: 1})
	if d.o.Clearance.given() {
		return
	}
	w, h := d.stampSize()
	d.c.Rect(s.left+8, s.top+8, w, h, chart.Paint{Fill: chart.White, Stroke: chart.Series(1), Width: 1.8})
	d.c.Text(s.left+8+w/2, s.top+8+h/2+stampSize*0.36, d.p.Text("carto.draft", nil), chart.Letters{Size: stampSize, Heavy: true, Colour: "#a3420a", Anchor: chart.Middle})
}

// heading sets the name of what is mapped under the map.
func (d *drawing) heading() float64 {
	y := d.sheet.top + d.sheet.height + 8
	words := d.p.Label(d.m.Labels)
	if unit := d.p.Label(d.t.Unit()); unit != "" && !strings.EqualFold(unit, words) {
		words += " (" + unit + ")"
	}
	return y + 2 + d.c.Block(0, y+chart.NoteSize, d.f.Width, words, chart.Letters{Size: chart.NoteSize, Heavy: true})
}

// finish sets the notes and the disclaimer under the legend and gives the drawing, whose description ends
// with the disclaimer too.
func (d *drawing) finish(y float64) chart.SVG {
	l := chart.Letters{Size: chart.NoteSize, Colour: chart.Soft}
	var notes []string
	if len(d.off) > 0 {
		notes = append(notes, d.p.Text("carto.off-map", map[string]any{"names": d.p.List(d.off)}))
	}
	if d.dashed {
		notes = append(notes, d.p.Text("carto.dashed", nil))
	}
	for _, note := range slices.Sorted(maps.Keys(d.notes)) {
		notes = append(notes, d.p.Text("carto.boundary."+note, nil))
	}
	if slices.ContainsFunc(d.entries, func(e entry) bool { return e.shape.ISO3 == "XKX" }) {
		notes = append(notes, d.p.Text("carto.boundary.kosovo", nil))
	}
	disclaimer := d.p.Text("carto.disclaimer", nil)
	notes = append(notes, disclaimer)
	standing := d.p.Text("carto.draft-note", nil)
	if d.o.Clearance.given() {
		standing = d.p.Text("carto.cleared", map[string]any{"by": d.o.Clearance.By, "day": d.p.Day(d.o.Clearance.Day)})
	}
	notes = append(notes, standing, d.p.Text("carto.source", nil))
	y += chart.NoteSize
	y += d.c.Block(0, y, d.f.Width, strings.Join(notes, " "), l)
	summary := strings.TrimSpace(strings.Join([]string{d.f.Summary, disclaimer, standing}, " "))
	out := d.c.Finish(d.f.Title, summary, y-chart.NoteSize+5)
	out.Summary = d.f.Summary // what is said beside the drawing, which shows the rest itself
	return out
}
