package xform

import (
	"waymark/fault"
	"waymark/form"
)

// CodeNoTree says that a form was not compiled from sheets, so that there is nothing to write.
const CodeNoTree fault.Code = "xform.no-tree"

// namespaces are those every form declares: the prefixes that elements and attributes here are written with.
var namespaces = attributes(
	"xmlns", "http://www.w3.org/2002/xforms",
	"xmlns:h", "http://www.w3.org/1999/xhtml",
	"xmlns:ev", "http://www.w3.org/2001/xml-events",
	"xmlns:xsd", "http://www.w3.org/2001/XMLSchema",
	"xmlns:jr", "http://openrosa.org/javarosa",
	"xmlns:orx", "http://openrosa.org/xforms",
	"xmlns:odk", "http://www.opendatakit.org/xforms",
)

const (
	formsVersion      = "1.0.0" // of the ODK XForms specification
	entitiesNamespace = "http://www.opendatakit.org/xforms/entities"
)

// encoder writes one form.
type encoder struct {
	pen
	form     *form.Form
	tree     *form.Tree
	triggers map[string][]*form.Node // by name of the question whose change works them out
	ids      int                     // about how many texts there may be
}

// About how many bytes a question and a choice take.
const (
	perNode   = 1200
	perOption = 400
)

// Encode writes a form that was compiled without hard issues.
func Encode(f *form.Form) ([]byte, fault.Issues) {
	if f == nil || f.Tree == nil || f.Tree.Root == nil {
		return nil, fault.Issues{{Code: CodeNoTree}}
	}
	e := &encoder{form: f, tree: f.Tree, triggers: map[string][]*form.Node{}}
	nodes := 0
	e.tree.Root.Walk(func(n *form.Node) {
		nodes++
		for _, name := range n.Triggers {
			e.triggers[name] = append(e.triggers[name], n)
		}
	})
	options := 0
	for _, l := range e.tree.Lists {
		options += len(l.Options)
	}
	e.ids = nodes + options
	e.Grow(nodes*perNode + options*perOption)
	e.WriteString("<?xml version=\"1.0\"?>\n")
	spaces := append([]form.Property(nil), namespaces...)
	for _, n := range e.tree.Namespaces {
		if form.FindProperty(spaces, n.Name) < 0 {
			spaces = append(spaces, n)
		}
	}
	if e.tree.Entities != "" && form.FindProperty(spaces, "xmlns:entities") < 0 {
		spaces = append(spaces, form.Property{Name: "xmlns:entities", Value: entitiesNamespace})
	}
	e.begin("h:html", spaces)
	e.begin("h:head", nil)
	e.text("h:title", nil, f.Title)
	e.model()
	e.end()
	var class []form.Property
	if f.Style != "" {
		class = attributes("class", f.Style)
	}
	e.begin("h:body", class)
	e.controls(e.tree.Root)
	e.end()
	e.end()
	return e.Bytes(), nil
}

// resolve makes paths of the references of an expression of a node.
func (e *encoder) resolve(text string, n *form.Node) string {
	return e.tree.Resolve(text, n, form.Resolving{})
}

// resolved makes paths of the references of properties.
func (e *encoder) resolved(list []form.Property, n *form.Node) []form.Property {
	out := make([]form.Property, len(list))
	for i, p := range list {
		out[i] = form.Property{Name: p.Name, Value: e.resolve(p.Value, n)}
	}
	return out
}

// runs cuts a text for people into words and the answers shown among them.
func (e *encoder) runs(text string, n *form.Node) []run {
	if text == "" {
		return nil
	}
	references, lookups := form.References(text), form.Lookups(text)
	if len(references) == 0 && len(lookups) == 0 || text == "-" {
		return []run{{text: text}}
	}
	var out []run
	at := 0
	add := func(start, end int, value string) {
		if start > at {
			out = append(out, run{text: text[at:start]})
		}
		out = append(out, run{value: value})
		at = end
	}
	paths := e.tree.Targets(text, references, n, form.Resolving{})
	for i, r := range references {
		for len(lookups) > 0 && lookups[0][0] < r.Start {
			add(lookups[0][0], lookups[0][1], e.resolve(text[lookups[0][0]:lookups[0][1]], n))
			lookups = lookups[1:]
		}
		if r.Start < at {
			continue
		}
		if paths[i] != "" {
			add(r.Start, r.End, paths[i])
		}
	}
	for _, l := range lookups {
		add(l[0], l[1], e.resolve(text[l[0]:l[1]], n))
	}
	if at < len(text) {
		out = append(out, run{text: text[at:]})
	}
	return out
}
