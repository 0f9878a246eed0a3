package xform

import (
	"path"
	"strings"

	"waymark/form"
)

// controls writes what is shown of the nodes of a group.
func (e *encoder) controls(n *form.Node) {
	for _, c := range n.Children {
		switch c.Kind {
		case form.GroupNode:
			e.group(c)
		case form.RepeatNode:
			e.repeat(c)
		case form.QuestionNode:
			e.question(c)
		}
	}
}

func (e *encoder) group(n *form.Node) {
	if n.Bodyless {
		return
	}
	attrs := e.resolved(n.Control, n)
	if !n.Flat {
		attrs = append(attrs, form.Property{Name: "ref", Value: n.Path()})
	}
	e.begin("group", attrs)
	if !n.Label.Empty() {
		e.label(n)
	}
	e.controls(n)
	e.end()
}

// repeat writes a repeat in a group of its own, which holds the label; what is set in each new instance
// stands at its end.
func (e *encoder) repeat(n *form.Node) {
	e.begin("group", attributes("ref", n.Path()))
	e.label(n)
	e.begin("repeat", append(attributes("nodeset", n.Path()), e.resolved(n.Control, n)...))
	e.controls(n)
	n.Walk(func(c *form.Node) {
		if len(c.Actions) > 0 && c.Repeat() == n {
			e.actions(c, true)
		}
	})
	e.end()
	e.end()
}

func (e *encoder) question(n *form.Node) {
	if !n.Shown() {
		return
	}
	attrs := append(attributes("ref", n.Path()), e.resolved(n.Control, n)...)
	if c := n.Choices; c != nil && c.External && c.Filter != "" {
		filter := e.tree.Resolve(c.Filter, n, form.Resolving{Current: true})
		attrs = append(attrs, form.Property{Name: "query", Value: "instance('" + c.List + "')/root/item[" + filter + "]"})
	}
	e.begin(n.Element, attrs)
	e.label(n)
	e.hint(n)
	for _, t := range n.Tags {
		e.begin("tag", attributes("key", t.Name))
		e.mixed("label", nil, e.runs(t.Label.Plain(), n))
		e.end()
	}
	switch c := n.Choices; {
	case c == nil || c.External:
	case c.Search:
		e.items(n)
	default:
		e.itemset(n)
	}
	e.changes(n)
	e.end()
}

// changes writes what a change of a question's answer sets elsewhere.
func (e *encoder) changes(n *form.Node) {
	for _, places := range [...]bool{false, true} {
		for _, target := range e.triggers[n.Name] {
			if (target.Type == "background-geopoint") != places {
				continue
			}
			name := "setvalue"
			if places {
				name = "odk:setgeopoint"
			}
			value := e.resolve(form.PropertyValue(target.Bind, "calculate"), n)
			e.action(form.Action{Name: name, Event: valueChanged}, target.Path(), value)
		}
	}
}

func (e *encoder) label(n *form.Node) {
	if n.Localized() {
		e.empty("label", attributes("ref", textReference(n.Path()+":label")))
		return
	}
	e.mixed("label", nil, e.runs(n.Label.Plain(), n))
}

func (e *encoder) hint(n *form.Node) {
	switch {
	case n.Hint.ByLanguage || !n.Guidance.Empty():
		e.empty("hint", attributes("ref", textReference(n.Path()+":hint")))
	case !n.Hint.Empty():
		e.mixed("hint", nil, e.runs(n.Hint.Plain(), n))
	}
}

// items writes choices into the question itself, where a phone's search() finds them.
func (e *encoder) items(n *form.Node) {
	l := e.tree.List(n.Choices.List)
	if l == nil {
		return
	}
	ids := newIDs(l.Name)
	for i, o := range l.Options {
		e.begin("item", nil)
		switch {
		case l.Localized:
			e.empty("label", attributes("ref", textReference(ids.of(i))))
		case !n.Label.Empty():
			e.mixed("label", nil, e.runs(o.Label.Plain(), nil))
		default:
			e.empty("label", nil)
		}
		e.text("value", nil, o.Name)
		e.end()
	}
}

// itemset writes where the choices of a question come from.
func (e *encoder) itemset(n *form.Node) {
	c := n.Choices
	nodeset, value, label, filter := "instance('"+c.List+"')/root/item", "name", "label", ""
	switch {
	case c.File:
		ending := path.Ext(c.List)
		nodeset = "instance('" + strings.TrimSuffix(c.List, ending) + "')/root/item"
		if ending == ".geojson" {
			value, label = "id", "title"
		}
		if c.Value != "" {
			value = c.Value
		}
		if c.Label != "" {
			label = c.Label
		}
	case c.Reference:
		at := strings.TrimSpace(e.tree.Resolve(c.List, n, form.Resolving{Parent: true}))
		if c.Geometry {
			nodeset, value, label, filter = at, "geometry", "geometry", "./geometry != ''"
			break
		}
		cut := strings.LastIndexByte(at, '/')
		nodeset, value = at[:max(cut, 0)], at[cut+1:]
		label, filter = value, "./"+value+" != ''"
	default:
		if l := e.tree.List(c.List); l != nil && l.Localized {
			label = "jr:itext(itextId)"
		}
	}
	if c.Filter != "" {
		filter = e.tree.Resolve(c.Filter, n, form.Resolving{Current: true, Parent: c.Reference})
		if c.Reference && nodeset != "" {
			filter = strings.ReplaceAll(strings.ReplaceAll(filter, "current()/"+nodeset, "."), nodeset, ".")
		}
	}
	if filter != "" {
		nodeset += "[" + filter + "]"
	}
	if c.Randomize {
		if c.Seed != "" {
			nodeset += ", " + strings.TrimSpace(e.resolve(c.Seed, n))
		}
		nodeset = "randomize(" + nodeset + ")"
	}
	e.begin("itemset", attributes("nodeset", nodeset))
	e.empty("value", attributes("ref", value))
	e.empty("label", attributes("ref", label))
	e.end()
}
