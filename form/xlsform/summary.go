package xlsform

import (
	"path"
	"slices"
	"strings"

	"waymark/form"
)

// summarise fills in the form as everyone but phones reads it: groups, questions, lists and entities.
func (c *compiler) summarise() {
	f := c.form
	external := f.Lists
	f.Lists = nil
	for _, name := range c.order {
		f.Lists = append(f.Lists, *c.lists[name].form)
	}
	f.Lists = append(f.Lists, external...)
	if c.externalUsed && c.externalAt != nil {
		c.tree.Itemsets = c.itemsets()
		c.media("itemsets.csv")
	}
	f.Questions = make([]form.Question, 0, len(c.rows))
	for _, child := range c.tree.Root.Children {
		c.summary(child, nil, nil, "")
	}
	for _, l := range c.tree.Lists {
		for _, o := range l.Options {
			c.mediaOf(o.Media)
		}
	}
	for _, x := range c.entities {
		c.summariseEntity(x)
	}
}

// summary adds a node and what is below it. The class of a group holds for what is in it and has none.
func (c *compiler) summary(n *form.Node, above, repeat form.Path, class string) {
	own := append(slices.Clip(above), n.Name)
	e := c.entryOf(n)
	if e != nil {
		if k := classes[strings.ToLower(e.class)]; k != "" {
			class = k
		}
	}
	c.mediaOf(n.Media)
	switch n.Kind {
	case form.QuestionNode, form.ExternalNode:
		if !n.Added && e != nil {
			c.form.Questions = append(c.form.Questions, c.questionOf(n, e, own, repeat, class))
		}
		return
	case form.GroupNode, form.RepeatNode:
	default:
		return
	}
	if !n.Bodyless && n.Name != "" && !n.Added {
		c.form.Groups = append(c.form.Groups, form.Group{Path: own, Labels: c.labels(n.Label), Repeat: n.Kind == form.RepeatNode,
			Relevant: form.PropertyValue(n.Bind, "relevant"), Count: c.countOf(n), Row: n.Row})
	}
	if n.Kind == form.RepeatNode {
		repeat = own
	}
	if n.Name == "" {
		own = above
	}
	for _, child := range n.Children {
		c.summary(child, own, repeat, class)
	}
}

// countOf gives the expression of how many instances a repeat has.
func (c *compiler) countOf(n *form.Node) string {
	count := form.PropertyValue(n.Control, "jr:count")
	if node := c.tree.Find(n.Name + "_count"); node != nil && node.Added {
		return form.PropertyValue(node.Bind, "calculate")
	}
	return count
}

// entryOf gives the row that a node was made of, nil where the compiler added it.
func (c *compiler) entryOf(n *form.Node) *entry {
	if n.Row == 0 || c.survey == nil {
		return nil
	}
	return c.rows[n.Row-c.survey.first-1]
}

func (c *compiler) questionOf(n *form.Node, e *entry, own, repeat form.Path, class string) form.Question {
	q := form.Question{Path: own, Repeat: repeat, Written: e.kind, Labels: c.labels(n.Label), Hints: c.labels(n.Hint), Row: n.Row,
		Relevant: form.PropertyValue(n.Bind, "relevant"), Required: form.PropertyValue(n.Bind, "required"),
		Constraint: form.PropertyValue(n.Bind, "constraint"), Calculation: form.PropertyValue(n.Bind, "calculate"),
		ReadOnly: form.PropertyValue(n.Bind, "readonly"), Default: n.Default, Appearance: form.PropertyValue(n.Control, "appearance"),
		ChoiceFilter: e.filter, Class: class}
	if q.Required == "false()" {
		q.Required = ""
	}
	if q.ReadOnly == "false()" {
		q.ReadOnly = ""
	}
	if k := kindsByWord[strings.ToLower(n.Type)]; k != nil {
		q.Type = k.is
	}
	if n.Type == "osm" {
		_, q.List, _ = strings.Cut(e.kind, " ")
	}
	if ch := n.Choices; ch != nil && q.Type.Select() {
		switch {
		case ch.File:
			q.File = ch.List
		case !ch.Reference:
			q.List = ch.List
		}
		s, _ := selectionOf(e.kind)
		q.Other = s.other
	}
	return q
}

// media notes a file that the form asks for.
func (c *compiler) media(file string) {
	file = path.Base(file)
	if c.asked == nil {
		c.asked = map[string]bool{}
	}
	if file == "" || file == "." || file == "/" || c.asked[file] {
		return
	}
	c.asked[file] = true
	c.form.Media = append(c.form.Media, file)
}

func (c *compiler) mediaOf(list []form.Property) {
	for _, m := range list {
		for _, t := range m.Text.Texts {
			if len(form.References(t.Text)) == 0 {
				c.media(t.Text)
			}
		}
	}
}

func (c *compiler) summariseEntity(x *entity) {
	out := form.Entity{List: x.list, ID: x.id, Create: x.create, Update: x.update, Label: x.label}
	if x.container != nil {
		if s := scopeOf(x.container); s.Kind == form.RepeatNode {
			out.Repeat = pathOf(s)
		}
	}
	for _, u := range x.uses {
		if u.property != "" {
			out.SaveTo = append(out.SaveTo, form.Save{Question: append(pathOf(u.at), u.question), Property: u.property})
		}
	}
	c.form.Entities = append(c.form.Entities, out)
}

// pathOf gives the names from under the record down to a node.
func pathOf(n *form.Node) form.Path {
	if n.Parent == nil {
		return nil
	}
	return append(pathOf(n.Parent), n.Name)
}
