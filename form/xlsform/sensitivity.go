package xlsform

import (
	"strings"

	"waymark/fault"
	"waymark/form"
)

// waymarkNamespace is the address of the attributes of our own.
const waymarkNamespace = "urn:waymark:form:1"

// classes are the classes of sensitivity by the words for them, in English and French.
var classes = map[string]string{
	"public": "public", "publique": "public", "internal": "internal", "interne": "internal",
	"restricted": "restricted", "restreint": "restricted", "restreinte": "restricted", "strict": "strict", "stricte": "strict",
}

// sensitivity reads the class of a row. A column that happens to be called "class" may say something else, so
// other words in it are reported and passed.
func (c *compiler) sensitivity(e *entry) string {
	if e.class == "" {
		return ""
	}
	if class, ok := classes[strings.ToLower(e.class)]; ok {
		if form.FindProperty(c.tree.Namespaces, "xmlns:waymark") < 0 {
			c.tree.Namespaces = append(c.tree.Namespaces, form.Property{Name: "xmlns:waymark", Value: waymarkNamespace})
		}
		return class
	}
	place := c.survey.place(e.row, c.survey.column(e.classColumn), e.name)
	args := map[string]any{"have": e.class}
	if e.classColumn == "class" {
		c.issue(CodeSensitivitySoft, fault.Soft, place, args)
	} else {
		c.issue(CodeSensitivity, fault.Hard, place, args)
	}
	return ""
}
