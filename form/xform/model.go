package xform

import (
	"waymark/form"
)

// Events that actions answer to.
const (
	firstLoad    = "odk-instance-first-load"
	newRepeat    = "odk-new-repeat"
	valueChanged = "xforms-value-changed"
)

func (e *encoder) model() {
	attrs := attributes("odk:xforms-version", formsVersion)
	if e.tree.Entities != "" {
		attrs = append(attrs, form.Property{Name: "entities:entities-version", Value: e.tree.Entities})
	}
	e.begin("model", attrs)
	e.submission()
	e.itext()
	e.begin("instance", nil)
	e.record()
	e.end()
	for _, i := range e.tree.Instances {
		e.empty("instance", attributes("id", i.Name, "src", i.Source))
	}
	for _, l := range e.tree.Lists {
		if !l.Search {
			e.options(l)
		}
	}
	e.tree.Root.Walk(e.bind)
	e.end()
}

func (e *encoder) submission() {
	s := e.tree.Submission
	if s == (form.Submission{}) {
		return
	}
	var attrs []form.Property
	add := func(name, value string) {
		if value != "" {
			attrs = append(attrs, form.Property{Name: name, Value: value})
		}
	}
	add("action", s.URL)
	if s.URL != "" {
		add("method", "post")
	}
	add("base64RsaPublicKey", s.PublicKey)
	add("orx:auto-send", s.AutoSend)
	add("orx:auto-delete", s.AutoDelete)
	if s.ClientEditable {
		add("odk:client-editable", "true")
	}
	e.empty("submission", attrs)
}

// options writes a list of choices as a table beside the record.
func (e *encoder) options(l *form.OptionList) {
	e.begin("instance", attributes("id", l.Name))
	e.begin("root", nil)
	ids := newIDs(l.Name)
	for i, o := range l.Options {
		e.begin("item", nil)
		if l.Localized {
			e.text("itextId", nil, ids.of(i))
		}
		e.text("name", nil, o.Name)
		if label := o.Label.Plain(); !l.Localized && label != "" {
			e.text("label", nil, label)
		}
		for _, x := range o.Extra {
			e.text(x.Name, nil, x.Value)
		}
		if o.Short != "" {
			e.text("sms_option", nil, o.Short)
		}
		e.end()
	}
	e.end()
	e.end()
}

// record writes the empty record.
func (e *encoder) record() {
	root := e.tree.Root
	attrs := append([]form.Property(nil), e.tree.Attributes...)
	for _, p := range e.resolved(root.Instance, root) {
		attrs = form.SetProperty(attrs, p)
	}
	set := func(name, value string) {
		if value != "" {
			attrs = form.SetProperty(attrs, form.Property{Name: name, Value: value})
		}
	}
	set("id", e.form.ID)
	set("xmlns", e.tree.Namespace)
	set("version", e.form.Version)
	set("odk:prefix", e.tree.Prefix)
	set("odk:delimiter", e.tree.Delimiter)
	e.begin(root.Name, attrs)
	e.nodes(root, false)
	e.end()
}

// nodes writes what a group holds. A repeat outside repeats, and inside a template, is written twice: as the
// template that phones copy, and as the one instance a record begins with.
func (e *encoder) nodes(n *form.Node, inInstance bool) {
	for _, c := range n.Children {
		switch {
		case c.Kind == form.ExternalNode, c.Kind == form.AttributeNode:
		case c.Flat:
			e.nodes(c, inInstance)
		case c.Kind == form.RepeatNode && !inInstance:
			e.template(c)
			e.node(c, true)
		default:
			e.node(c, inInstance)
		}
	}
}

func (e *encoder) node(n *form.Node, inInstance bool) {
	switch n.Kind {
	case form.QuestionNode:
		value := n.Default
		if n.Dynamic {
			value = ""
		}
		e.text(n.Name, e.resolved(n.Instance, n), value)
		return
	case form.LabelNode:
		e.empty(n.Name, nil)
		return
	}
	attrs := e.resolved(n.Instance, n)
	for _, c := range n.Children {
		if c.Kind == form.AttributeNode {
			attrs = append(attrs, form.Property{Name: c.Name, Value: c.Value})
		}
	}
	e.begin(n.Name, attrs)
	e.nodes(n, inInstance)
	e.end()
}

// template writes a repeat as phones copy it; repeats right inside it are templates only.
func (e *encoder) template(n *form.Node) {
	e.begin(n.Name, attributes("jr:template", ""))
	for _, c := range n.Children {
		switch {
		case c.Kind == form.ExternalNode:
		case c.Flat:
			e.nodes(c, false)
		case c.Kind == form.RepeatNode:
			e.template(c)
		default:
			e.node(c, false)
		}
	}
	e.end()
}

// bind writes what holds of a node's answer, and what happens to it by itself when a record begins.
func (e *encoder) bind(n *form.Node) {
	if len(n.Bind) > 0 && !n.Flat {
		attrs := make([]form.Property, 0, len(n.Bind)+1)
		attrs = append(attrs, form.Property{Name: "nodeset", Value: n.Path()})
		for _, p := range n.Bind {
			switch {
			case p.Name == "calculate" && len(n.Triggers) > 0:
				continue
			case !p.Text.Empty() && inTable(p.Text):
				attrs = append(attrs, form.Property{Name: p.Name, Value: textReference(n.Path() + ":" + p.Name)})
			case !p.Text.Empty():
				attrs = append(attrs, form.Property{Name: p.Name, Value: p.Text.Plain()})
			default:
				attrs = append(attrs, form.Property{Name: p.Name, Value: e.resolve(p.Value, n)})
			}
		}
		e.empty("bind", attrs)
	}
	e.actions(n, false)
}

// inTable says whether a message must stand in the table of texts.
func inTable(w form.Wording) bool { return w.ByLanguage || w.Refers() }

// actions writes the actions of a node: those of a new repeat, or all others.
func (e *encoder) actions(n *form.Node, ofRepeat bool) {
	for _, a := range n.Actions {
		if (a.Event == newRepeat) != ofRepeat {
			continue
		}
		value := a.Value
		if n.Default != "" {
			value = n.Default
			if n.Dynamic {
				value = e.resolve(value, n)
			}
		}
		e.action(a, n.Path(), value)
	}
}

func (e *encoder) action(a form.Action, path, value string) {
	attrs := attributes("ref", path, "event", a.Event)
	if a.Name == "setvalue" && value != "" {
		attrs = append(attrs, form.Property{Name: "value", Value: value})
	}
	if a.Quality != "" {
		attrs = append(attrs, form.Property{Name: "odk:quality", Value: a.Quality})
	}
	e.empty(a.Name, attrs)
}
