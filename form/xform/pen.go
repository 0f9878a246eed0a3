package xform

import (
	"bytes"
	"strings"

	"waymark/form"
)

// pen writes XML with two spaces a level. Names of elements and attributes come from this package or have
// been checked to be names; every value is escaped here.
type pen struct {
	bytes.Buffer
	open    []string
	pending bool // the last begin tag still lacks its ">"
}

// attributes makes a list of properties of names and values in turn.
func attributes(namesAndValues ...string) []form.Property {
	out := make([]form.Property, 0, len(namesAndValues)/2)
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		out = append(out, form.Property{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	return out
}

func (p *pen) indent() {
	if p.pending {
		p.WriteString(">\n")
		p.pending = false
	}
	for range p.open {
		p.WriteString("  ")
	}
}

func (p *pen) tag(name string, attrs []form.Property) {
	p.indent()
	p.WriteByte('<')
	p.WriteString(name)
	for _, a := range attrs {
		p.WriteByte(' ')
		p.WriteString(a.Name)
		p.WriteString(`="`)
		p.WriteString(escapeAttribute(a.Value))
		p.WriteByte('"')
	}
}

// begin opens an element; end closes the innermost one that is open.
func (p *pen) begin(name string, attrs []form.Property) {
	p.tag(name, attrs)
	p.open = append(p.open, name)
	p.pending = true
}

func (p *pen) end() {
	last := len(p.open) - 1
	name := p.open[last]
	p.open = p.open[:last]
	if p.pending {
		p.WriteString("/>\n")
		p.pending = false
		return
	}
	p.indent()
	p.WriteString("</")
	p.WriteString(name)
	p.WriteString(">\n")
}

// empty writes an element without content.
func (p *pen) empty(name string, attrs []form.Property) {
	p.tag(name, attrs)
	p.WriteString("/>\n")
}

// text writes an element that holds text; without any it is an empty element.
func (p *pen) text(name string, attrs []form.Property, text string) {
	if text == "" {
		p.empty(name, attrs)
		return
	}
	p.tag(name, attrs)
	p.WriteByte('>')
	p.WriteString(escapeText(text))
	p.WriteString("</" + name + ">\n")
}

// run is a stretch of a mixed text: words, or the path of an answer shown among them.
type run struct {
	text  string
	value string
}

// mixed writes an element of words and answers. Phones trim texts, so the space that keeps the first and the
// last run from their tags changes nothing.
func (p *pen) mixed(name string, attrs []form.Property, runs []run) {
	if len(runs) == 0 {
		p.empty(name, attrs)
		return
	}
	if len(runs) == 1 && runs[0].value == "" {
		p.text(name, attrs, runs[0].text)
		return
	}
	if len(runs) == 1 {
		p.begin(name, attrs)
		p.empty("output", attributes("value", runs[0].value))
		p.end()
		return
	}
	p.tag(name, attrs)
	p.WriteByte('>')
	if runs[0].value == "" {
		p.WriteByte(' ')
	}
	words := false
	for _, r := range runs {
		words = words || r.value == ""
	}
	for _, r := range runs {
		if r.value == "" {
			p.WriteString(escapeText(r.text))
			continue
		}
		p.WriteString(`<output value="` + escapeAttribute(r.value) + `"/>`)
	}
	if words {
		p.WriteByte(' ')
	}
	p.WriteString("</" + name + ">\n")
}

var (
	textEscapes      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	attributeEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)

func escapeText(s string) string { return textEscapes.Replace(legal(s)) }

func escapeAttribute(s string) string {
	if !strings.ContainsAny(s, "&<>\"") {
		return legal(s)
	}
	return attributeEscapes.Replace(legal(s))
}

// legal takes out what no XML document may hold, escaped or not.
func legal(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' || c >= 0xEF || c == 0xED {
			return strings.Map(func(r rune) rune {
				if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
					return -1
				}
				return r // invalid bytes come as U+FFFD, which is legal
			}, s)
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
