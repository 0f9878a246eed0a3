package chart

import (
	"bytes"
	"fmt"
	"strings"

	"waymark/fault"
	"waymark/lang"
	"waymark/release"
)

// Sheet gives a drawing as a file that stands alone: its title and sentence above it in letters that can be
// seen, and under it the caveats of the table, which cannot be left out, and its source. In a page the
// report says all this beside the figure, so that the page takes the drawing itself.
//
// The words of a caveat are report.foot.CODE, report.caveat.CODE or CODE itself of package lang; a caveat
// without words is an issue, since the file must not go out without it.
func Sheet(p *lang.Printer, drawing SVG, t release.Cleared) (SVG, error) {
	if !t.Valid() {
		return SVG{}, fault.Issue{Code: CodeNotCleared, Args: map[string]any{"figure": drawing.ID}}
	}
	var said []string
	for _, code := range t.Caveats() {
		words := ""
		for _, key := range []string{"report.foot." + code, "report.caveat." + code, code} {
			if words == "" && p.Has(key) {
				words = p.Text(key, nil)
			}
		}
		if words == "" {
			return SVG{}, fault.Issue{Code: CodeCaveat, Args: map[string]any{"figure": drawing.ID, "caveat": code}}
		}
		said = append(said, words)
	}
	if source := p.Label(t.Source()); source != "" {
		said = append(said, source)
	}
	const edge = 16.0
	inner := float64(drawing.Width)
	c := NewCanvas(drawing.ID+"-sheet", inner+2*edge)
	y := edge + 14
	y += c.Block(edge, y, inner, drawing.Title, Letters{Size: 17, Heavy: true})
	if drawing.Summary != "" {
		y += c.Block(edge, y, inner, drawing.Summary, Letters{Colour: Soft}) + 4
	}
	y -= 4
	c.place(edge, y, drawing)
	y += float64(drawing.Height) + 22
	for _, words := range said {
		y += c.Block(edge, y, inner, words, Letters{Size: NoteSize}) + 3
	}
	return c.Finish(drawing.Title, drawing.Summary, y), nil
}

// place sets a finished drawing into this one.
func (c *Canvas) place(x, y float64, drawing SVG) {
	_, body, _ := bytes.Cut(drawing.Body, []byte(">"))
	body = bytes.TrimSuffix(bytes.TrimSpace(body), []byte("</svg>"))
	fmt.Fprintf(&c.body, "<g id=\"%s\" transform=\"translate(%s %s)\">\n", strings.TrimSuffix(c.id, "-sheet"), Num(x), Num(y))
	c.body.Write(body)
	c.body.WriteString("</g>\n")
}
