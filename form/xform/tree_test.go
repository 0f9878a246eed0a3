package xform_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

type nodeKind uint8

const (
	elementNode nodeKind = iota
	attributeNode
	textNode
	rootNode
)

// node is one node of a document, as XPath sees it.
type node struct {
	kind       nodeKind
	name       string // with its prefix
	space      string
	local      string
	value      string // of attributes and text
	parent     *node
	children   []*node
	attributes []*node
	declared   [][2]string // prefix and address
	order      int
}

func parseXML(text string) (*node, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	root := &node{kind: rootNode}
	at, order := root, 0
	next := func(n *node) *node {
		order++
		n.order = order
		return n
	}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if at != root {
				return nil, fmt.Errorf("%s is not closed", at.name)
			}
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			n := next(&node{parent: at, name: full(t.Name), local: t.Name.Local})
			for _, a := range t.Attr {
				switch {
				case a.Name.Space == "xmlns":
					n.declared = append(n.declared, [2]string{a.Name.Local, a.Value})
				case a.Name.Space == "" && a.Name.Local == "xmlns":
					n.declared = append(n.declared, [2]string{"", a.Value})
				default:
					value := strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(a.Value)
					n.attributes = append(n.attributes, next(&node{kind: attributeNode, parent: n, name: full(a.Name), local: a.Name.Local, value: value}))
				}
			}
			n.space = n.address(t.Name.Space)
			for i, a := range t.Attr {
				_ = i
				if a.Name.Space != "" && a.Name.Space != "xmlns" {
					if n.address(a.Name.Space) == "" {
						return nil, fmt.Errorf("prefix %s is not declared", a.Name.Space)
					}
				}
			}
			for _, a := range n.attributes {
				if prefix, _, ok := strings.Cut(a.name, ":"); ok {
					a.space = n.address(prefix)
				}
			}
			at.children = append(at.children, n)
			at = n
		case xml.EndElement:
			if full(t.Name) != at.name {
				return nil, fmt.Errorf("%s ends %s", full(t.Name), at.name)
			}
			at = at.parent
		case xml.CharData:
			if at != root {
				at.children = append(at.children, next(&node{kind: textNode, parent: at, value: string(t)}))
			}
		}
	}
}

func full(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

func (n *node) address(prefix string) string {
	for a := n; a != nil; a = a.parent {
		for _, d := range a.declared {
			if d[0] == prefix {
				return d[1]
			}
		}
	}
	return ""
}

func (n *node) namespaces() set {
	var out set
	seen := map[string]bool{}
	for a := n; a != nil; a = a.parent {
		for _, d := range a.declared {
			if !seen[d[0]] {
				seen[d[0]] = true
				out = append(out, &node{kind: attributeNode, local: d[0], name: d[0], value: d[1], order: n.order})
			}
		}
	}
	return out
}

func (n *node) text() string {
	if n.kind == attributeNode || n.kind == textNode {
		return n.value
	}
	var b strings.Builder
	for _, c := range n.children {
		b.WriteString(c.text())
	}
	return b.String()
}

// print writes a node with its attributes in the order of their names, those with a prefix last; whole ones
// declare every prefix they know.
func (n *node) print(b *strings.Builder, whole bool) {
	if n.kind == textNode {
		b.WriteString(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(n.value))
		return
	}
	if n.kind == rootNode {
		for _, c := range n.children {
			c.print(b, false)
		}
		return
	}
	b.WriteString("<" + n.name)
	declared := n.declared
	if whole {
		declared = nil
		for _, a := range n.namespaces() {
			declared = append(declared, [2]string{a.local, a.value})
		}
	}
	for _, d := range declared {
		name := "xmlns"
		if d[0] != "" {
			name += ":" + d[0]
		}
		b.WriteString(" " + name + `="` + d[1] + `"`)
	}
	for _, a := range n.sorted() {
		b.WriteString(" " + a.name + `="` + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(a.value) + `"`)
	}
	if len(n.children) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	for _, c := range n.children {
		c.print(b, false)
	}
	b.WriteString("</" + n.name + ">")
}

func (n *node) sorted() []*node {
	out := append([]*node(nil), n.attributes...)
	key := func(a *node) string {
		if a.space == "" {
			return a.local
		}
		return "{" + a.space + "}" + a.local
	}
	sort.SliceStable(out, func(i, j int) bool { return key(out[i]) < key(out[j]) })
	return out
}

func (n *node) String() string {
	var b strings.Builder
	n.print(&b, true)
	return b.String()
}

// squeezed gives one space for several and none at the ends.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// normal writes a node with sorted attributes and squeezed text, one element a line, for comparing.
func (n *node) normal(b *strings.Builder, depth int) {
	indent := strings.Repeat(" ", depth)
	switch n.kind {
	case textNode:
		if s := squeezed(n.value); s != "" {
			fmt.Fprintf(b, "%s%q\n", indent, s)
		}
		return
	case rootNode:
		for _, c := range n.children {
			c.normal(b, depth)
		}
		return
	}
	b.WriteString(indent + "{" + n.space + "}" + n.local)
	for _, a := range n.sorted() {
		fmt.Fprintf(b, " {%s}%s=%q", a.space, a.local, squeezed(a.value))
	}
	b.WriteString("\n")
	for _, c := range n.children {
		c.normal(b, depth+1)
	}
}

func normalised(text string) (string, error) {
	n, err := parseXML(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	n.normal(&b, 0)
	return b.String(), nil
}
