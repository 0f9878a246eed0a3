package xform

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"waymark/fault"
)

// Bounds of what is read as a form: a form of 20,000 choices has some 5 MB and 100,000 elements.
const (
	largestForm  = 64 << 20
	deepestForm  = 100
	mostElements = 2_000_000
)

// element is an element of a form, with its content in order: *element and string.
type element struct {
	name    xml.Name
	attrs   []xml.Attr
	content []any
	line    int
}

// attr gives an attribute by its local name: one without a namespace before one with.
func (e *element) attr(name string) string {
	found := ""
	for _, a := range e.attrs {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			if a.Name.Space == "" {
				return strings.TrimSpace(a.Value)
			}
			found = strings.TrimSpace(a.Value)
		}
	}
	return found
}

// attrIn gives an attribute of a namespace.
func (e *element) attrIn(space, name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name && a.Name.Space == space {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// elements gives the elements within.
func (e *element) elements() []*element {
	var out []*element
	for _, c := range e.content {
		if c, ok := c.(*element); ok {
			out = append(out, c)
		}
	}
	return out
}

// first gives the first element of a name within; nil where there is none.
func (e *element) first(name string) *element {
	for _, c := range e.content {
		if c, ok := c.(*element); ok && c.name.Local == name {
			return c
		}
	}
	return nil
}

// all gives the elements of a name within.
func (e *element) all(name string) []*element {
	var out []*element
	for _, c := range e.elements() {
		if c.name.Local == name {
			out = append(out, c)
		}
	}
	return out
}

// text gives the text directly within, spaces around it taken away.
func (e *element) text() string {
	if e == nil {
		return ""
	}
	if len(e.content) == 1 {
		if s, ok := e.content[0].(string); ok {
			return strings.TrimSpace(s)
		}
	}
	var b strings.Builder
	for _, c := range e.content {
		if s, ok := c.(string); ok {
			b.WriteString(s)
		}
	}
	return strings.TrimSpace(b.String())
}

// readXML reads a document whole. It refuses a DOCTYPE, which could pull in what is not in the form.
func readXML(raw []byte) (*element, fault.Issues) {
	refuse := func(code fault.Code, line int, args map[string]any) (*element, fault.Issues) {
		return nil, fault.Issues{{Code: code, Place: fault.Place{Row: line}, Args: args}}
	}
	if len(raw) > largestForm {
		return refuse(CodeTooLarge, 0, map[string]any{"limit": largestForm})
	}
	raw, ok := plainUTF8(raw)
	if !ok {
		return refuse(CodeEncoding, 0, nil)
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded above
	var root *element
	var open []*element
	for n := 0; ; {
		t, err := d.Token()
		line, _ := d.InputPos()
		switch {
		case errors.Is(err, io.EOF) && root != nil && len(open) == 0:
			return root, nil
		case err != nil:
			return refuse(CodeNotXML, line, map[string]any{"line": line})
		}
		switch t := t.(type) {
		case xml.StartElement:
			n++
			if len(open) >= deepestForm || n > mostElements || len(open) == 0 && root != nil {
				return refuse(CodeNotXML, line, map[string]any{"line": line})
			}
			e := &element{name: t.Name, attrs: t.Attr, line: line}
			if len(open) > 0 {
				up := open[len(open)-1]
				up.content = append(up.content, e)
			} else {
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				up := open[len(open)-1]
				up.content = append(up.content, string(t))
			} else if len(bytes.TrimSpace(t)) > 0 {
				return refuse(CodeNotXML, line, map[string]any{"line": line})
			}
		case xml.Directive:
			return refuse(CodeDoctype, line, nil)
		}
	}
}

// plainUTF8 gives the bytes as UTF-8 without a byte order mark.
func plainUTF8(raw []byte) ([]byte, bool) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(raw, []byte{0xEF, 0xBB, 0xBF}):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		raw, order = raw[2:], binary.BigEndian
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}):
		raw, order = raw[2:], binary.LittleEndian
	case bytes.HasPrefix(raw, []byte{0, '<'}):
		order = binary.BigEndian
	case bytes.HasPrefix(raw, []byte{'<', 0}):
		order = binary.LittleEndian
	}
	if order == nil {
		return raw, utf8.Valid(raw)
	}
	if len(raw)%2 != 0 {
		return nil, false
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units))), true
}
