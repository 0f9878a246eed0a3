package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Canvas gathers the marks of one drawing. It is used by this package and by package carto. The order of
// calls is the order of painting; equal calls give equal bytes.
type Canvas struct {
	id    string
	width float64
	body  bytes.Buffer
	defs  bytes.Buffer
	known map[string]string
}

// NewCanvas begins a drawing of a width in CSS pixels. The id begins the ids of all its parts; letters, digits
// and hyphens of it are kept.
func NewCanvas(id string, width float64) *Canvas {
	return &Canvas{id: cleanID(id), width: width, known: map[string]string{}}
}

// cleanID makes a valid XML id that needs no escaping in url(#...).
func cleanID(id string) string {
	var b strings.Builder
	for _, r := range id {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	s := b.String()
	if s == "" || s[0] >= '0' && s[0] <= '9' || s[0] == '-' {
		s = "f" + s
	}
	return s
}

// Paint says how a mark looks. Empty colours are "none".
type Paint struct {
	Fill   string
	Stroke string
	Width  float64
	Dash   string
	Cap    string
	Alpha  float64 // opacity of the fill; 0 is opaque

	Texture Texture // of a rectangle, circle or hatching: drawn in Fill on white
}

func (p Paint) attributes() string {
	fill := p.Fill
	if fill == "" {
		fill = "none"
	}
	s := ` fill="` + fill + `"`
	if p.Alpha > 0 {
		s += ` fill-opacity="` + Num(p.Alpha) + `"`
	}
	if p.Stroke == "" {
		return s
	}
	width := p.Width
	if width == 0 {
		width = 1
	}
	s += ` stroke="` + p.Stroke + `" stroke-width="` + Num(width) + `"`
	if p.Dash != "" {
		s += ` stroke-dasharray="` + p.Dash + `"`
	}
	if p.Cap != "" {
		s += ` stroke-linecap="` + p.Cap + `" stroke-linejoin="` + p.Cap + `"`
	}
	return s
}

// Num writes a coordinate with at most two decimals, always alike.
func Num(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		panic("chart: a coordinate that is not a number")
	}
	s := strconv.FormatFloat(x, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// Rect draws a rectangle.
func (c *Canvas) Rect(x, y, w, h float64, p Paint) {
	if p.Texture != Plain {
		c.Rect(x, y, w, h, p.under())
		c.Hatch([][]Point{{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}}, p)
		return
	}
	fmt.Fprintf(&c.body, "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"%s/>\n", Num(x), Num(y), Num(max(w, 0)), Num(max(h, 0)), p.attributes())
}

// Line draws a straight line.
func (c *Canvas) Line(x1, y1, x2, y2 float64, p Paint) {
	fmt.Fprintf(&c.body, "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"%s/>\n", Num(x1), Num(y1), Num(x2), Num(y2), p.attributes())
}

// Lines draws straight lines of one paint (from and to, in turn) as one path.
func (c *Canvas) Lines(ends []Point, p Paint) {
	if len(ends) < 2 {
		return
	}
	var b strings.Builder
	for i := 0; i+1 < len(ends); i += 2 {
		from, to := ends[i], ends[i+1]
		b.WriteString("M" + Num(from.X) + " " + Num(from.Y))
		switch {
		case Num(from.X) == Num(to.X):
			b.WriteString("V" + Num(to.Y))
		case Num(from.Y) == Num(to.Y):
			b.WriteString("H" + Num(to.X))
		default:
			b.WriteString("L" + Num(to.X) + " " + Num(to.Y))
		}
	}
	c.Path(b.String(), p)
}

// Path draws path data of letters, numbers and spaces.
func (c *Canvas) Path(data string, p Paint) {
	fmt.Fprintf(&c.body, "<path d=\"%s\"%s/>\n", data, p.attributes())
}

// Cased draws path data twice, a wider line under a narrower one, and writes it once.
func (c *Canvas) Cased(data string, under, over Paint) {
	id := fmt.Sprintf("%s-l%d", c.id, len(c.known))
	c.known[id] = id
	fmt.Fprintf(&c.defs, "<path id=\"%s\" d=\"%s\"/>\n", id, data)
	for _, p := range []Paint{under, over} {
		fmt.Fprintf(&c.body, "<use href=\"#%s\"%s/>\n", id, p.attributes())
	}
}

// Circle draws a circle.
func (c *Canvas) Circle(x, y, r float64, p Paint) {
	if p.Texture != Plain {
		c.Circle(x, y, r, p.under())
		c.Hatch([][]Point{round(x, y, r)}, p)
		return
	}
	fmt.Fprintf(&c.body, "<circle cx=\"%s\" cy=\"%s\" r=\"%s\"%s/>\n", Num(x), Num(y), Num(r), p.attributes())
}

// Mark draws the n-th shape of marks around a point: disc, square, diamond, triangle, ring, cross.
func (c *Canvas) Mark(n int, x, y, r float64, colour string) {
	solid := Paint{Fill: colour, Stroke: White, Width: 0.8}
	switch n % 6 {
	case 0:
		c.Circle(x, y, r, solid)
	case 1:
		r *= 0.88
		c.Rect(x-r, y-r, 2*r, 2*r, solid)
	case 2:
		r *= 1.22
		c.Path(polygon(x, y-r, x+r, y, x, y+r, x-r, y), solid)
	case 3:
		r *= 1.15
		c.Path(polygon(x, y-r, x+r, y+r*0.8, x-r, y+r*0.8), solid)
	case 4:
		c.Circle(x, y, r*0.85, Paint{Fill: White, Stroke: colour, Width: 1.8})
	default:
		r *= 0.9
		c.Path("M"+Num(x-r)+" "+Num(y-r)+"L"+Num(x+r)+" "+Num(y+r)+"M"+Num(x-r)+" "+Num(y+r)+"L"+Num(x+r)+" "+Num(y-r), Paint{Stroke: colour, Width: 2.2})
	}
}

func polygon(xy ...float64) string {
	var b strings.Builder
	for i := 0; i+1 < len(xy); i += 2 {
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + Num(xy[i]) + " " + Num(xy[i+1]))
	}
	return b.String() + "Z"
}

// Anchor says which part of a text stands at its point.
type Anchor uint8

const (
	Start Anchor = iota
	Middle
	End
)

var anchors = [...]string{"start", "middle", "end"}

// Letters is how a text is set.
type Letters struct {
	Size   float64 // CSS pixels; 0 is BodySize
	Heavy  bool
	Colour string // empty is Ink
	Anchor Anchor
	Halo   string // colour of an edge around the letters, so that a label reads over lines
}

// The sizes of text: body, remarks, and the height of a line as a multiple of the size.
const (
	BodySize = 13.0
	NoteSize = 11.5
	Leading  = 1.3
)

func (l Letters) size() float64 {
	if l.Size == 0 {
		return BodySize
	}
	return l.Size
}

// Text sets one line with its baseline at y.
func (c *Canvas) Text(x, y float64, text string, l Letters) {
	if text == "" {
		return
	}
	colour := l.Colour
	if colour == "" {
		colour = Ink
	}
	extra := ""
	if l.Anchor != Start {
		extra += ` text-anchor="` + anchors[l.Anchor] + `"`
	}
	if l.Heavy {
		extra += ` font-weight="700"`
	}
	if l.Halo != "" {
		extra += ` stroke="` + l.Halo + `" stroke-width="3" stroke-linejoin="round" paint-order="stroke"`
	}
	fmt.Fprintf(&c.body, "<text x=\"%s\" y=\"%s\" font-size=\"%s\" fill=\"%s\"%s>%s</text>\n", Num(x), Num(y), Num(l.size()), colour, extra, escape(text))
}

// Block sets a text in lines no wider than width, the first baseline at y, and gives the height it took.
func (c *Canvas) Block(x, y, width float64, text string, l Letters) float64 {
	lines := Wrap(text, width, l.size(), l.Heavy)
	for i, line := range lines {
		c.Text(x, y+float64(i)*l.size()*Leading, line, l)
	}
	return float64(len(lines)) * l.size() * Leading
}

// BlockHeight is the height Block will take.
func BlockHeight(width float64, text string, l Letters) float64 {
	return float64(len(Wrap(text, width, l.size(), l.Heavy))) * l.size() * Leading
}

// Clip begins a group that shows only what lies in a rectangle; EndGroup ends it.
func (c *Canvas) Clip(x, y, w, h float64) {
	id := fmt.Sprintf("%s-c%d", c.id, len(c.known))
	c.known[id] = id
	fmt.Fprintf(&c.defs, "<clipPath id=\"%s\"><rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/></clipPath>\n", id, Num(x), Num(y), Num(w), Num(h))
	fmt.Fprintf(&c.body, "<g clip-path=\"url(#%s)\">\n", id)
}

// Group begins a group whose marks share a paint; EndGroup ends it.
func (c *Canvas) Group(p Paint) { fmt.Fprintf(&c.body, "<g%s>\n", p.attributes()) }

// Shape draws path data in the paint of its group, or with its own fill where one is given.
func (c *Canvas) Shape(data, fill string) {
	if fill != "" {
		fill = ` fill="` + fill + `"`
	}
	fmt.Fprintf(&c.body, "<path d=\"%s\"%s/>\n", data, fill)
}

// EndGroup ends the group begun last.
func (c *Canvas) EndGroup() { c.body.WriteString("</g>\n") }

// Finish gives the drawing of a height, with title and description as screen readers speak them.
func (c *Canvas) Finish(title, summary string, height float64) SVG {
	w, h := int(math.Ceil(c.width)), int(math.Ceil(height))
	var b bytes.Buffer
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"%s\" role=\"img\" aria-labelledby=\"%s-title %s-desc\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"%s\">\n",
		c.id, c.id, c.id, w, h, w, h, escape(Fonts))
	fmt.Fprintf(&b, "<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>\n", c.id, escape(title), c.id, escape(summary))
	if c.defs.Len() > 0 {
		b.WriteString("<defs>\n")
		b.Write(c.defs.Bytes())
		b.WriteString("</defs>\n")
	}
	fmt.Fprintf(&b, "<rect width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", w, h, White)
	b.Write(c.body.Bytes())
	b.WriteString("</svg>\n")
	return SVG{ID: c.id, Title: title, Summary: summary, Width: w, Height: h, Body: b.Bytes()}
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
