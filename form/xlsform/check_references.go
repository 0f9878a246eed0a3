package xlsform

import (
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// checkReferences reads every reference of the sheets: each must be well formed and name one node.
func (c *compiler) checkReferences() {
	if c.survey == nil || c.names == nil {
		return
	}
	if !yes(c.set.get("omit_instanceid")) {
		c.names["instanceID"]++
	}
	all := func(h heading) bool { return true }
	if c.settingsAt != nil {
		c.referencesIn(c.settingsAt, all, nil)
	}
	if c.entitiesAt != nil {
		c.referencesIn(c.entitiesAt, func(h heading) bool { return h.path[0] != "list" && h.path[0] != "repeat" }, nil)
	}
	if c.choicesAt != nil {
		c.referencesIn(c.choicesAt, func(h heading) bool { return h.known && (h.path[0] == "label" || h.path[0] == "media") }, nil)
	}
	c.referencesIn(c.survey, func(h heading) bool { return h.path[0] != "type" && h.path[0] != "name" && h.path[0] != "trigger" }, c.rows)
	for _, t := range c.triggers {
		if !c.questions[t.name] {
			c.at(t.e, CodeUnknownQuestion, "trigger", map[string]any{"question": t.name, "column": "trigger"})
		}
	}
	c.tree.Root.Walk(func(n *form.Node) {
		if n.Choices == nil || !n.Choices.Reference || n.Choices.Geometry {
			return
		}
		for _, r := range form.References(n.Choices.List) {
			if c.tree.Find(r.Name) == nil {
				c.issue(CodeUnknownQuestion, fault.Hard, c.survey.place(n.Row, c.survey.column("type"), n.Name), map[string]any{"question": r.Name, "column": "type"})
			}
		}
	})
	for _, g := range c.geometries {
		if !c.geometryThere(g.name) {
			c.at(g.e, CodeGeometry, "parameters", map[string]any{"have": g.name})
		}
	}
}

// geometryThere says whether shapes can come from what reference-geometry names: a list, a file, an entity
// list, or a repeat.
func (c *compiler) geometryThere(name string) bool {
	if l := c.lists[name]; l != nil {
		return !l.list.Search // choices that phones look up are in no table
	}
	if c.files[name] || slices.ContainsFunc(c.entities, func(x *entity) bool { return x.list == name }) {
		return true
	}
	if !form.IsReference(name) {
		return false
	}
	return c.repeats[form.References(name)[0].Name] > 0
}

// referencesIn checks the cells of a sheet under the headings that count.
func (c *compiler) referencesIn(t *table, counts func(heading) bool, rows []*entry) {
	for i, row := range t.rows {
		if rows != nil && yes(rows[i].disabled) {
			continue
		}
		for k, text := range row {
			if !strings.Contains(text, "${") || k >= len(t.headings) || t.headings[k].path == nil || !counts(t.headings[k]) {
				continue
			}
			c.references(t, t.row(i), k, text)
		}
	}
}

func (c *compiler) references(t *table, row, column int, text string) {
	field := ""
	if t == c.survey {
		field = cell(t.rows[row-t.first-1], t.column("name")-1)
	}
	place, header := t.place(row, column+1, field), t.headings[column].text
	list, ok := form.ParseReferences(code(text))
	if !ok {
		c.issue(CodeBadReference, fault.Hard, place, map[string]any{"column": header})
	}
	for i, r := range list {
		count := c.names[r.Name]
		if count == 1 && c.tree.Find(r.Name) != nil || slices.ContainsFunc(list[:i], func(b form.Reference) bool { return b.Name == r.Name }) {
			continue
		}
		what := CodeUnclearQuestion
		if count == 0 {
			what = CodeUnknownQuestion
		}
		c.issue(what, fault.Hard, place, map[string]any{"question": r.Name, "column": header})
	}
}
