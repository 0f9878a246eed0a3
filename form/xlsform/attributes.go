package xlsform

import (
	"strings"

	"waymark/fault"
	"waymark/form"
)

// declared are the prefixes that every form knows.
var declared = map[string]bool{"h": true, "ev": true, "xsd": true, "jr": true, "orx": true, "odk": true, "xml": true}

// reserved are attributes that the compiler writes itself.
var reserved = map[string]bool{"bind nodeset": true, "control ref": true, "control nodeset": true, "control query": true, "instance id": true, "instance xmlns": true}

// attributeNames checks the names of attributes that columns give: what is no name, or has a prefix that
// stands for nothing, would leave phones with a form they cannot read.
func (c *compiler) attributeNames(t *table) {
	for i := range t.headings {
		h := &t.headings[i]
		if !h.known || len(h.path) < 2 || h.path[1] == "" {
			continue
		}
		switch h.path[0] {
		case "bind", "control", "instance", "attribute":
		default:
			continue
		}
		name := h.path[1]
		if h.path[0] == "bind" && (name == saveto || name == sensitivityBind) {
			continue // of our own; declared where they are used
		}
		place := t.place(t.first, i+1, "")
		if len(h.path) == 3 && slotOf(*h) != messageSlot && c.declares(name) { // "body:esri:style" where one colon parts
			h.path = []string{h.path[0], name + ":" + h.path[2]}
			continue
		}
		prefix, _, prefixed := strings.Cut(name, ":")
		switch {
		case !form.IsName(name), reserved[h.path[0]+" "+name], prefix == "xmlns", name == "xmlns":
			c.issue(CodeAttributeName, fault.Hard, place, map[string]any{"name": name})
		case prefixed && !c.declares(prefix):
			c.issue(CodeNoNamespace, fault.Hard, place, map[string]any{"prefix": prefix})
		case len(h.path) == 3 && slotOf(*h) != messageSlot:
			c.issue(CodeNoNamespace, fault.Soft, place, map[string]any{"prefix": name})
		}
	}
}

// isName knows names that the form's elements may have: a prefix must stand for something.
func (c *compiler) isName(name string) bool {
	prefix, _, prefixed := strings.Cut(name, ":")
	return form.IsName(name) && (!prefixed || prefix != "xml" && c.declares(prefix))
}

// declares says whether a prefix stands for something in the form.
func (c *compiler) declares(prefix string) bool {
	if declared[prefix] || prefix == "entities" && len(c.entities) > 0 {
		return true
	}
	for _, n := range c.tree.Namespaces {
		if n.Name == "xmlns:"+prefix {
			return true
		}
	}
	return false
}
