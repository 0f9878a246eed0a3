package xlsform

import (
	"strings"

	"waymark/fault"
	"waymark/form"
)

// declared are the prefixes that every form knows.
var declared = map[string]bool{"h": true, "ev": true, "xsd": true, "jr": true, "orx": true, "odk": true, "xml": true, "entities": true, "waymark": true}

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
		place := t.place(t.first, i+1, "")
		if len(h.path) == 3 && slotOf(*h) != messageSlot && c.declares(name) { // "body:esri:style" where one colon parts
			h.path = []string{h.path[0], name + ":" + h.path[2]}
			continue
		}
		prefix, _, prefixed := strings.Cut(name, ":")
		switch {
		case !form.IsName(name):
			c.issue(CodeAttributeName, fault.Hard, place, map[string]any{"name": name})
		case prefixed && !c.declares(prefix):
			c.issue(CodeNoNamespace, fault.Hard, place, map[string]any{"prefix": prefix})
		case len(h.path) == 3 && slotOf(*h) != messageSlot:
			c.issue(CodeNoNamespace, fault.Soft, place, map[string]any{"prefix": name})
		}
	}
}

// declares says whether a prefix stands for something in the form.
func (c *compiler) declares(prefix string) bool {
	if declared[prefix] {
		return true
	}
	for _, n := range c.tree.Namespaces {
		if n.Name == "xmlns:"+prefix {
			return true
		}
	}
	return false
}
