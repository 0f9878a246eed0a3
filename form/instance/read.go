package instance

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"waymark/fault"
	"waymark/form/xpath"
)

// ParseXML reads one well-formed XML document without a DOCTYPE into a tree. Texts and names are parts of one
// copy of the document, so that a record of some hundred answers costs a handful of allocations.
func ParseXML(raw []byte, limits Limits) (*Node, error) {
	limits = limits.filled()
	if len(raw) > limits.Bytes {
		return nil, fault.Issue{Code: CodeTooLarge, Args: map[string]any{"limit": limits.Bytes}}
	}
	s, wide, ok := decoded(raw)
	if !ok {
		return nil, fault.Issue{Code: CodeEncoding}
	}
	r := &reader{s: s, limits: limits, wide: wide}
	return r.document()
}

// decoded gives the document as UTF-8 without a byte order mark.
func decoded(raw []byte) (s string, wide, ok bool) {
	switch {
	case len(raw) >= 3 && raw[0] == 0xEF && raw[1] == 0xBB && raw[2] == 0xBF:
		raw = raw[3:]
	case len(raw) >= 2 && (raw[0] == 0xFE && raw[1] == 0xFF || raw[0] == 0xFF && raw[1] == 0xFE):
		s, ok = fromUTF16(raw[2:], raw[0] == 0xFE)
		return s, true, ok
	case len(raw) >= 4 && (raw[0] == 0 && raw[1] == '<' || raw[0] == '<' && raw[1] == 0):
		s, ok = fromUTF16(raw, raw[0] == 0)
		return s, true, ok
	}
	if !utf8.Valid(raw) {
		return "", false, false
	}
	return string(raw), false, true
}

func fromUTF16(raw []byte, big bool) (string, bool) {
	if len(raw)%2 != 0 {
		return "", false
	}
	out := make([]byte, 0, len(raw))
	unit := func(i int) rune {
		if big {
			return rune(raw[i])<<8 | rune(raw[i+1])
		}
		return rune(raw[i+1])<<8 | rune(raw[i])
	}
	for i := 0; i < len(raw); i += 2 {
		u := unit(i)
		if utf16.IsSurrogate(u) {
			if i += 2; i >= len(raw) {
				return "", false
			}
			if u = utf16.DecodeRune(u, unit(i)); u == utf8.RuneError {
				return "", false
			}
		}
		out = utf8.AppendRune(out, u)
	}
	return unsafe.String(unsafe.SliceData(out), len(out)), true
}

// reader walks a document from left to right.
type reader struct {
	s      string
	at     int
	limits Limits
	wide   bool // it came in UTF-16

	arena    []Node
	pointers []*Node
	pending  []*Node // children of the open elements, in order
	open     []element
	spaces   []binding
	elements int
	root     *Node
}

// element is an element that has begun and not ended.
type element struct {
	node  *Node
	name  string // as written, with its prefix
	first int    // of its children in pending
	bound int    // bindings there were before it
	text  []byte // its text so far, where it is in more than one piece
}

type binding struct{ prefix, space string }

// mostBindings bounds the namespaces that are bound at once, each of which every name below may be looked up in.
const mostBindings = 64

func (r *reader) line() int { return 1 + strings.Count(r.s[:min(r.at, len(r.s))], "\n") }

// wrong refuses the document: at its end because it is cut off, before that because it is not well-formed.
func (r *reader) wrong() error {
	code := CodeNotXML
	if r.at >= len(r.s) {
		code = CodeTruncated
	}
	return fault.Issue{Code: code, Place: fault.Place{Row: r.line()}, Args: map[string]any{"line": r.line()}}
}

func (r *reader) notXML() error {
	return fault.Issue{Code: CodeNotXML, Place: fault.Place{Row: r.line()}, Args: map[string]any{"line": r.line()}}
}

func (r *reader) limit(code fault.Code, n int) error {
	return fault.Issue{Code: code, Place: fault.Place{Row: r.line()}, Args: map[string]any{"limit": n}}
}

func (r *reader) document() (*Node, error) {
	if err := r.declaration(); err != nil {
		return nil, err
	}
	for r.at < len(r.s) {
		if r.s[r.at] != '<' {
			if err := r.text(); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.markup(); err != nil {
			return nil, err
		}
	}
	switch {
	case r.root == nil && strings.TrimSpace(r.s) == "":
		return nil, fault.Issue{Code: CodeEmpty}
	case r.root == nil || len(r.open) > 0:
		return nil, r.wrong()
	}
	return r.root, nil
}

// declaration reads <?xml version="1.0" encoding="UTF-8"?>, which may be missing.
func (r *reader) declaration() error {
	if !strings.HasPrefix(r.s, "<?xml") || len(r.s) > 5 && !blank(r.s[5]) {
		return nil
	}
	end := strings.Index(r.s, "?>")
	if end < 0 {
		r.at = len(r.s)
		return r.wrong()
	}
	said := r.s[5:end]
	r.at = end + 2
	_, rest, ok := strings.Cut(said, "encoding")
	if !ok {
		return nil
	}
	rest = strings.TrimLeft(rest, " \t\r\n")
	rest, ok = strings.CutPrefix(rest, "=")
	rest = strings.TrimLeft(rest, " \t\r\n")
	if !ok || len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
		return r.notXML()
	}
	name, _, ok := strings.Cut(rest[1:], rest[:1])
	if !ok {
		return r.notXML()
	}
	switch strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		ok = !r.wide
	case "utf-16", "utf-16le", "utf-16be":
		ok = r.wide
	default:
		ok = false
	}
	if !ok {
		return fault.Issue{Code: CodeEncoding}
	}
	return nil
}

// markup reads what begins with "<".
func (r *reader) markup() error {
	rest := r.s[r.at:]
	switch {
	case len(rest) < 2:
		r.at = len(r.s)
		return r.wrong()
	case rest[1] == '/':
		return r.end()
	case rest[1] == '!':
		return r.aside(rest)
	case rest[1] == '?':
		return r.instruction(rest)
	}
	return r.begin()
}

// aside reads a comment or CDATA, and refuses a DOCTYPE.
func (r *reader) aside(rest string) error {
	switch {
	case strings.HasPrefix(rest, "<!--"):
		n := strings.Index(rest[4:], "--")
		if n < 0 {
			r.at = len(r.s)
			return r.wrong()
		}
		if !valid(rest[4 : 4+n]) {
			return r.notXML()
		}
		r.at += 4 + n + 2
		if r.at >= len(r.s) || r.s[r.at] != '>' {
			return r.wrong()
		}
		r.at++
		return nil
	case strings.HasPrefix(rest, "<![CDATA["):
		if len(r.open) == 0 {
			return r.notXML()
		}
		n := strings.Index(rest, "]]>")
		if n < 0 {
			r.at = len(r.s)
			return r.wrong()
		}
		if !valid(rest[9:n]) {
			return r.notXML()
		}
		r.at += n + 3
		r.add(newlines(rest[9:n]))
		return nil
	case len(rest) >= 9 && strings.EqualFold(rest[:9], "<!DOCTYPE"):
		return fault.Issue{Code: CodeDoctype, Place: fault.Place{Row: r.line()}}
	case strings.HasPrefix("<!--", rest) || strings.HasPrefix("<![CDATA[", rest) || strings.HasPrefix("<!DOCTYPE", rest):
		r.at = len(r.s)
	}
	return r.wrong()
}

// instruction passes over a processing instruction; one named xml may only stand at the beginning.
func (r *reader) instruction(rest string) error {
	n := strings.Index(rest, "?>")
	if n < 0 {
		r.at = len(r.s)
		return r.wrong()
	}
	name := nameEnd(rest, 2)
	if name == 2 || name > n || strings.EqualFold(rest[2:name], "xml") || !valid(rest[2:n]) || name < n && !blank(rest[name]) {
		return r.notXML()
	}
	r.at += n + 2
	return nil
}

// text reads characters up to the next markup.
func (r *reader) text() error {
	s, i, plain := r.s, r.at, true
	for i < len(s) && s[i] != '<' {
		switch c := s[i]; {
		case c == '&' || c == '\r':
			plain = false
		case c < 0x20 && c != '\t' && c != '\n':
			r.at = i
			return r.notXML()
		case c == ']' && strings.HasPrefix(s[i:], "]]>"), c == 0xEF && notCharacter(s[i:]):
			r.at = i
			return r.notXML()
		}
		i++
	}
	piece := s[r.at:i]
	if len(r.open) == 0 {
		if strings.Trim(piece, " \t\r\n") != "" {
			return r.notXML()
		}
		r.at = i
		return nil
	}
	if !plain {
		cleaned, ok := unescaped(newlines(piece))
		if !ok {
			if i == len(s) { // cut off within a reference
				r.at = i
			}
			return r.wrong()
		}
		piece = cleaned
	}
	r.at = i
	r.add(piece)
	return nil
}

// add appends a piece of text to the innermost open element.
func (r *reader) add(piece string) {
	e := &r.open[len(r.open)-1]
	switch {
	case e.text != nil:
		e.text = append(e.text, piece...)
	case e.node.Text == "":
		e.node.Text = piece
	default:
		e.text = append(append(make([]byte, 0, 2*(len(e.node.Text)+len(piece))), e.node.Text...), piece...)
	}
}

// begin reads a start tag or an empty element.
func (r *reader) begin() error {
	if r.root != nil && len(r.open) == 0 { // one root element only
		return r.notXML()
	}
	if r.elements++; r.elements > r.limits.Elements {
		return r.limit(CodeTooMany, r.limits.Elements)
	}
	if len(r.open) >= r.limits.Depth {
		return r.limit(CodeTooDeep, r.limits.Depth)
	}
	end := nameEnd(r.s, r.at+1)
	name := r.s[r.at+1 : end]
	if name == "" {
		r.at++
		return r.wrong()
	}
	r.at = end
	n := r.node()
	e := element{node: n, name: name, first: len(r.pending), bound: len(r.spaces)}
	empty, err := r.attributes(n)
	if err != nil {
		return err
	}
	if err := r.resolve(n, name); err != nil {
		return err
	}
	if len(r.open) > 0 {
		n.Parent = r.open[len(r.open)-1].node
	} else {
		r.root = n
	}
	if empty {
		r.spaces = r.spaces[:e.bound]
		if n.Parent != nil {
			r.pending = append(r.pending, n)
		}
		return nil
	}
	r.open = append(r.open, e)
	return nil
}

// node takes a node from the arena, which grows by as much as there is.
func (r *reader) node() *Node {
	if len(r.arena) == cap(r.arena) {
		r.arena = make([]Node, 0, min(max(16, len(r.s)/48, r.elements), 4096))
	}
	r.arena = r.arena[:len(r.arena)+1]
	return &r.arena[len(r.arena)-1]
}

// attributes reads up to the end of the tag. Declarations of namespaces are kept apart.
func (r *reader) attributes(n *Node) (empty bool, err error) {
	count := 0
	for {
		had := r.at
		r.skipBlank()
		if r.at >= len(r.s) {
			return false, r.wrong()
		}
		switch r.s[r.at] {
		case '>':
			r.at++
			return false, nil
		case '/':
			r.at++
			if r.at >= len(r.s) || r.s[r.at] != '>' {
				return false, r.wrong()
			}
			r.at++
			return true, nil
		}
		if had == r.at {
			return false, r.notXML()
		}
		if count++; count > r.limits.Attributes || len(r.spaces) >= mostBindings {
			return false, r.limit(CodeAttributes, r.limits.Attributes)
		}
		name, value, err := r.attribute()
		if err != nil {
			return false, err
		}
		switch prefix, local := split(name); {
		case name == "xmlns":
			r.spaces = append(r.spaces, binding{"", value})
		case prefix == "xmlns" && value == "":
			return false, r.notXML()
		case prefix == "xmlns":
			r.spaces = append(r.spaces, binding{local, value})
		default:
			n.Attributes = append(n.Attributes, xpath.Attribute{Name: name, Value: value})
		}
	}
}

func (r *reader) attribute() (name, value string, err error) {
	end := nameEnd(r.s, r.at)
	name = r.s[r.at:end]
	if name == "" {
		return "", "", r.notXML()
	}
	r.at = end
	r.skipBlank()
	if r.at >= len(r.s) || r.s[r.at] != '=' {
		return "", "", r.wrong()
	}
	r.at++
	r.skipBlank()
	if r.at >= len(r.s) || r.s[r.at] != '"' && r.s[r.at] != '\'' {
		return "", "", r.wrong()
	}
	quote := r.s[r.at]
	r.at++
	length := strings.IndexByte(r.s[r.at:], quote)
	if length < 0 {
		r.at = len(r.s)
		return "", "", r.wrong()
	}
	value = r.s[r.at : r.at+length]
	if strings.IndexByte(value, '<') >= 0 || !valid(value) {
		return "", "", r.notXML()
	}
	if strings.ContainsAny(value, "&\t\n\r") {
		value = strings.NewReplacer("\r\n", " ", "\t", " ", "\n", " ", "\r", " ").Replace(value)
		cleaned, ok := unescaped(value)
		if !ok {
			return "", "", r.notXML()
		}
		value = cleaned
	}
	r.at += length + 1
	return name, value, nil
}

// resolve gives names their namespaces and refuses a prefix that is not bound and an attribute given twice.
func (r *reader) resolve(n *Node, name string) error {
	prefix, local := split(name)
	space, ok := r.space(prefix)
	if !ok || local == "" {
		return r.notXML()
	}
	n.Name, n.Space = local, space
	for i := range n.Attributes {
		a := &n.Attributes[i]
		prefix, local := split(a.Name)
		if local == "" {
			return r.notXML()
		}
		if prefix != "" {
			if a.Space, ok = r.space(prefix); !ok {
				return r.notXML()
			}
		}
		a.Name = local
		for _, before := range n.Attributes[:i] {
			if before.Name == a.Name && before.Space == a.Space {
				return r.notXML()
			}
		}
	}
	return nil
}

func (r *reader) space(prefix string) (string, bool) {
	for i := len(r.spaces) - 1; i >= 0; i-- {
		if r.spaces[i].prefix == prefix {
			return r.spaces[i].space, true
		}
	}
	if prefix == "xml" {
		return "http://www.w3.org/XML/1998/namespace", true
	}
	return "", prefix == ""
}

// end reads an end tag.
func (r *reader) end() error {
	end := nameEnd(r.s, r.at+2)
	name := r.s[r.at+2 : end]
	if len(r.open) == 0 {
		return r.notXML()
	}
	e := &r.open[len(r.open)-1]
	if name != e.name {
		if end == len(r.s) && strings.HasPrefix(e.name, name) {
			r.at = end
		}
		return r.wrong()
	}
	r.at = end
	r.skipBlank()
	if r.at >= len(r.s) || r.s[r.at] != '>' {
		return r.wrong()
	}
	r.at++
	if e.text != nil {
		e.node.Text = unsafe.String(unsafe.SliceData(e.text), len(e.text))
	}
	if children := r.pending[e.first:]; len(children) > 0 {
		e.node.Children = r.kept(children)
		if strings.Trim(e.node.Text, " \t\n\r") == "" { // spaces between elements
			e.node.Text = ""
		}
	}
	n := e.node
	r.pending = r.pending[:e.first]
	r.spaces = r.spaces[:e.bound]
	r.open = r.open[:len(r.open)-1]
	if n.Parent != nil {
		r.pending = append(r.pending, n)
	}
	return nil
}

// kept copies the children of an element to where they stay.
func (r *reader) kept(children []*Node) []*Node {
	if len(children) > cap(r.pointers)-len(r.pointers) {
		r.pointers = make([]*Node, 0, max(64, len(children)))
	}
	from := len(r.pointers)
	r.pointers = append(r.pointers, children...)
	return r.pointers[from:len(r.pointers):len(r.pointers)]
}

func (r *reader) skipBlank() {
	for r.at < len(r.s) && blank(r.s[r.at]) {
		r.at++
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
