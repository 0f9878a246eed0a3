package xpath

import "strings"

// Node is an element of a tree that expressions are evaluated on. The tree must not change while it is read.
type Node struct {
	Name       string // local name
	Space      string // namespace; "" for none
	Text       string // the text directly within
	Parent     *Node  // nil for the root element
	Children   []*Node
	Attributes []Attribute

	attribute bool // it stands for an attribute of its parent
}

// Attribute is an attribute of an element.
type Attribute struct {
	Name, Space, Value string
}

// Child gives the first child of a name; nil where there is none.
func (n *Node) Child(name string) *Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Attribute gives the value of an attribute by its local name, without regard to namespace.
func (n *Node) Attribute(name string) (string, bool) {
	for _, a := range n.Attributes {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

// Position gives the place of the node among those of its name beside it, from 1.
func (n *Node) Position() int {
	if n.Parent == nil {
		return 1
	}
	at := 0
	for _, c := range n.Parent.Children {
		if c.Name == n.Name {
			at++
		}
		if c == n {
			break
		}
	}
	return at
}

// Value is the text of the node and all within it, in document order.
func (n *Node) Value() string {
	if len(n.Children) == 0 {
		return n.Text
	}
	var b strings.Builder
	n.value(&b)
	return b.String()
}

func (n *Node) value(b *strings.Builder) {
	b.WriteString(n.Text)
	for _, c := range n.Children {
		c.value(b)
	}
}

// String names the node without its text: what people answered never gets into a log.
func (n Node) String() string { return "node " + n.Name + " (sealed)" }

// GoString is String, so that %#v shows no text either.
func (n Node) GoString() string { return n.String() }

// String hides the value of an attribute.
func (a Attribute) String() string { return "attribute " + a.Name + " (sealed)" }

// GoString is String, so that %#v shows no value either.
func (a Attribute) GoString() string { return a.String() }
