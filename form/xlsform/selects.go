package xlsform

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// fileEndings are those of files that choices may come from.
var fileEndings = []string{".csv", ".xml", ".geojson"}

// selection reads a row whose answers come from a list.
func (c *compiler) selection(e *entry, s selection) {
	n := c.node(e, s.kind)
	ending := path.Ext(s.list)
	refers := len(form.References(s.list)) > 0
	ch := &form.Choosing{List: s.list, Filter: e.filter, File: slices.Contains(fileEndings, ending), Reference: refers,
		External: s.kind.word == selectExternal}
	n.Choices = ch
	switch {
	case s.list == "":
		c.at(e, CodeNoList, "type", map[string]any{"name": e.name})
		return
	case s.file && (!ch.File || strings.Contains(strings.TrimSuffix(s.list, ending), ".")):
		c.at(e, CodeFileEnding, "type", map[string]any{"file": s.list})
		return
	case ch.External:
		c.externalList(e, s.list)
	case !ch.File && !refers:
		if !c.listThere(e, s) {
			return
		}
	}
	if !ch.External {
		c.files[strings.TrimSuffix(s.list, ending)] = true
	}
	var other *form.Node
	if s.other {
		other = c.other(e, s)
	}
	c.choosing(e, s, ch)
	c.inTable(e, n, s)
	c.none(n, s)
	c.add(e, n)
	if other != nil {
		c.generated(e, other.Name)
		c.top().node.Add(other)
	}
}

// listThere refuses a list that the form does not have, and codes that a cell of several cannot hold.
func (c *compiler) listThere(e *entry, s selection) bool {
	l := c.lists[s.list]
	if l == nil {
		if len(c.lists) == 0 {
			c.at(e, CodeNoChoices, "type", map[string]any{"sheet": "choices", "name": e.name})
			c.misspelt("choices")
		} else {
			c.at(e, CodeUnknownList, "type", map[string]any{"list": s.list, "name": e.name})
		}
		return false
	}
	if s.kind.is == form.SelectMultiple {
		for _, i := range l.spaced {
			o := l.list.Options[i]
			c.issue(CodeChoiceSpace, fault.Hard, c.choicesAt.place(o.Row, c.choicesAt.column("name"), ""), map[string]any{"list": s.list, "name": o.Name})
		}
		l.spaced = nil
	}
	return true
}

func (c *compiler) externalList(e *entry, list string) {
	c.externalUsed = true
	switch {
	case c.external == nil:
		c.at(e, CodeNoChoices, "type", map[string]any{"sheet": "external_choices", "name": e.name})
		c.misspelt("external_choices")
	case !c.external[list]:
		c.at(e, CodeUnknownList, "type", map[string]any{"list": list, "name": e.name})
	}
	if e.filter == "" {
		c.soft(e, CodeExternalFilter, "choice_filter", map[string]any{"name": e.name})
	}
}

// other adds the choice "other" to a list and makes the question for what it is.
func (c *compiler) other(e *entry, s selection) *form.Node {
	c.otherSeen = true
	if e.filter != "" {
		c.at(e, CodeOtherFilter, "choice_filter", map[string]any{"name": e.name})
	}
	l := c.lists[s.list]
	if l == nil {
		c.at(e, CodeOtherList, "type", map[string]any{"name": e.name})
		return nil
	}
	have := slices.ContainsFunc(l.list.Options, func(o form.Option) bool { return o.Name == form.OtherChoice })
	if !have {
		o := form.Option{Name: form.OtherChoice, Label: form.Plain("Other")}
		for _, before := range l.list.Options {
			if !before.Label.ByLanguage {
				continue
			}
			for _, t := range before.Label.Texts {
				if !o.Label.ByLanguage {
					o.Label = form.Wording{}
				}
				o.Label = o.Label.With(t.Language, "Other", c.untaggedName)
			}
		}
		l.list.Options = append(l.list.Options, o)
	}
	return &form.Node{Kind: form.QuestionNode, Name: e.name + "_other", Type: "text", Row: e.row, Added: true, Element: "input",
		Label: form.Plain("Specify other."), Bind: bound("type", "string", "relevant", "selected(../"+e.name+", 'other')")}
}

// choosing reads the parameters of a question with choices.
func (c *compiler) choosing(e *entry, s selection, ch *form.Choosing) {
	known := []string{"randomize", "seed"}
	if s.file {
		known = []string{"label", "randomize", "seed", "value"}
	}
	p := c.parameters(e, known...)
	ch.Value, ch.Label = p["value"], p["label"]
	for _, name := range [...]string{"value", "label"} {
		if v := p[name]; v != "" && !form.IsName(v) {
			c.at(e, CodeParameterName, "parameters", map[string]any{"parameter": name})
		}
	}
	how := c.choice(e, p, "randomize", "true", "false")
	ch.Randomize, ch.Seed = how == "true", p["seed"]
	if ch.Seed == "" {
		return
	}
	if _, given := p["randomize"]; !given {
		c.at(e, CodeParameterNeeds, "parameters", map[string]any{"parameter": "seed", "other": "randomize=true"})
		return
	}
	if _, err := strconv.ParseFloat(ch.Seed, 64); err != nil && !form.IsReference(ch.Seed) {
		c.at(e, CodeSeed, "parameters", nil)
	}
}

// inTable puts a question into the table being read: the first brings the row of labels above it.
func (c *compiler) inTable(e *entry, n *form.Node, s selection) {
	if c.tableList == "" {
		return
	}
	if c.tableList == tableOpen {
		c.tableList = s.list
		if e.filter != "" {
			c.at(e, CodeTableFilter, "choice_filter", map[string]any{"name": e.name})
		}
		head := &form.Node{Kind: form.QuestionNode, Name: fmt.Sprintf("reserved_name_for_field_list_labels_%d", e.row), Type: s.kind.word, Row: e.row,
			Added: true, Element: s.kind.element, Label: form.Plain(" "), Bind: slices.Clone(s.kind.bind), Choices: &form.Choosing{List: s.list, File: n.Choices.File},
			Control: bound("appearance", "label")}
		c.top().node.Add(head)
	}
	if c.tableList != s.list {
		c.at(e, CodeTableLists, "type", map[string]any{"list": s.list, "other": c.tableList})
	}
	n.Control = form.SetProperty(n.Control, form.Property{Name: "appearance", Value: "list-nolabel"})
}

// none adds, where the settings ask for it, that "none" excludes other answers.
func (c *compiler) none(n *form.Node, s selection) {
	if s.kind.is != form.SelectMultiple || !yes(c.set.get("none")) {
		return
	}
	condition := "(.='none' or not(selected(., 'none')))"
	if before := form.PropertyValue(n.Bind, "constraint"); before != "" {
		condition = before + " and " + condition
	}
	n.Bind = form.SetProperty(n.Bind, form.Property{Name: "constraint", Value: condition})
}
