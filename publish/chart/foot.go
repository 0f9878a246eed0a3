package chart

import (
	"bytes"
	"fmt"
	"html"
)

// Foot sets lines of words below a drawing, for a file that stands alone: what must be said beside every
// number cannot be lost with the page that the drawing was cut from.
func Foot(s SVG, lines []string) SVG {
	if len(lines) == 0 {
		return s
	}
	const size, lead = 11.0, 15.0
	var set []string
	for _, l := range lines {
		set = append(set, Wrap(l, float64(s.Width)-16, size, false)...)
	}
	height := s.Height + int(lead*float64(len(set))) + 14
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="group" font-family="'Noto Sans', 'Segoe UI', Helvetica, Arial, sans-serif">`,
		s.Width, height, s.Width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`, s.Width, height)
	b.Write(sized(s))
	y := float64(s.Height) + lead
	for _, l := range set {
		fmt.Fprintf(&b, `<text x="8" y="%s" font-size="%s" fill="%s">%s</text>`, Num(y), Num(size), Ink, html.EscapeString(l))
		y += lead
	}
	b.WriteString("</svg>\n")
	s.Body, s.Height = b.Bytes(), height
	return s
}

// sized gives a drawing its own width and height, without which it would fill the outer one.
func sized(s SVG) []byte {
	body := bytes.TrimSpace(s.Body)
	end := bytes.IndexByte(body, '>')
	if end < 0 || bytes.Contains(body[:end], []byte(" height=")) {
		return body
	}
	at := bytes.Index(body, []byte("<svg")) + len("<svg")
	return append(append(bytes.Clone(body[:at]), fmt.Appendf(nil, ` width="%d" height="%d"`, s.Width, s.Height)...), body[at:]...)
}
