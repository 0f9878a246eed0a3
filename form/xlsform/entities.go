package xlsform

import (
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// saveto is the attribute that names the property an answer is kept as.
const saveto = "entities:saveto"

// Versions of the entities specification: the later one has several entities in a form, and in repeats.
const (
	entitiesOne     = "2024.1.0"
	entitiesSeveral = "2025.1.0"
)

// entity is a row of the sheet of entities.
type entity struct {
	row                             int
	list, id, create, update, label string
	mentions                        []string // questions that its expressions refer to
	uses                            []use    // in the order met
	container                       *form.Node
	first                           int // place of its first use among those of all entities; 0 where it has none
}

// use is a question that ties an entity to a place in the form: its answer is saved, or an expression of the
// entity refers to it.
type use struct {
	at       *form.Node // the group or repeat it stands in
	row      int
	property string // "" where it is only referred to
	question string
}

// readEntities reads the sheet of entities.
func (c *compiler) readEntities() {
	t := c.table("entities", entityColumns, true)
	c.entitiesAt = t
	if t == nil {
		c.misspelt("entities")
		return
	}
	for i, h := range t.headings {
		if h.path != nil && (!h.known || len(h.path) > 1) && columnFilled(t, i) {
			c.issue(CodeUnknownEntities, fault.Hard, t.place(t.first, i+1, ""), map[string]any{"column": h.text})
		}
	}
	get := func(row []string, name string) string { return code(cell(row, t.column(name)-1)) }
	for i, row := range t.rows {
		if blank(row) {
			continue
		}
		e := &entity{row: t.row(i), list: get(row, "list"), id: get(row, "entity_id"), create: get(row, "create_if"), update: get(row, "update_if"), label: get(row, "label")}
		for _, text := range [...]string{e.id, e.create, e.update, e.label} {
			for _, r := range form.References(text) {
				if !slices.Contains(e.mentions, r.Name) {
					e.mentions = append(e.mentions, r.Name)
				}
			}
		}
		if c.checkEntity(e) {
			c.entities = append(c.entities, e)
		}
	}
}

func columnFilled(t *table, i int) bool {
	return slices.ContainsFunc(t.rows, func(row []string) bool { return cell(row, i) != "" })
}

// checkEntity says whether a row of the sheet of entities has a list to go on with.
func (c *compiler) checkEntity(e *entity) bool {
	report := func(code fault.Code, column string, args map[string]any) {
		t := c.entitiesAt
		c.issue(code, fault.Hard, t.place(e.row, t.column(column), ""), args)
	}
	about := map[string]any{"list": e.list}
	switch {
	case e.list == "":
		report(CodeEntityNoList, "list", nil)
		return false
	case strings.HasPrefix(e.list, "__"):
		report(CodeEntityReserved, "list", map[string]any{"name": e.list})
	case strings.Contains(e.list, ".") || !form.IsName(e.list):
		report(CodeEntityName, "list", map[string]any{"name": e.list})
	}
	switch {
	case e.id == "" && e.update != "":
		report(CodeEntityNoID, "entity_id", about)
	case e.id != "" && e.create != "" && e.update == "":
		report(CodeEntityNoUpdate, "update_if", about)
	case e.id == "" && e.label == "":
		report(CodeEntityNoLabel, "label", about)
	}
	for _, before := range c.entities {
		if before.list == e.list {
			report(CodeEntityTwice, "list", map[string]any{"list": e.list, "row": before.row})
			return false
		}
	}
	return true
}

// saves notes what a row has to do with entities: that its answer is saved, or that one refers to it. The
// cell loses the name of the list, which phones do not want.
func (c *compiler) saves(e *entry, at *form.Node, group bool) {
	for _, x := range c.entities {
		if at != nil && slices.Contains(x.mentions, e.name) {
			c.tie(x, use{at: at, row: e.row, question: e.name})
		}
	}
	i := form.FindProperty(e.bind, saveto)
	if i < 0 {
		return
	}
	list, property, named := strings.Cut(e.bind[i].Value, "#")
	if !named {
		list, property = "", e.bind[i].Value
	}
	report := func(code fault.Code, args map[string]any) { c.at(e, code, saveto, args) }
	switch {
	case len(c.entities) == 0:
		report(CodeSaveNoEntity, nil)
		return
	case group:
		report(CodeSaveGroup, nil)
		return
	case strings.Contains(property, "#"), !named && len(c.entities) > 1:
		report(CodeSaveUnclear, nil)
		return
	}
	e.bind[i].Value = property
	x := c.entities[0]
	if named {
		k := slices.IndexFunc(c.entities, func(x *entity) bool { return x.list == list })
		if k < 0 {
			report(CodeSaveUnknown, map[string]any{"list": list})
			return
		}
		x = c.entities[k]
	}
	if lower := strings.ToLower(property); lower == "name" || lower == "label" || strings.HasPrefix(property, "__") || !form.IsName(property) {
		report(CodeSaveProperty, map[string]any{"property": property})
		return
	}
	for _, u := range x.uses {
		if u.property == property {
			report(CodeSaveTwice, map[string]any{"property": property, "row": u.row})
			return
		}
	}
	c.tie(x, use{at: at, row: e.row, property: property, question: e.name})
}

func (c *compiler) tie(x *entity, u use) {
	if x.first == 0 {
		for _, other := range c.entities {
			x.first = max(x.first, other.first)
		}
		x.first++
	}
	x.uses = append(x.uses, u)
}

// node makes the entity's node: its list and what happens to it are attributes, filled in by expressions.
func (x *entity) node(repeated bool) *form.Node {
	n := &form.Node{Kind: form.EntityNode, Name: "entity", Added: true}
	attribute := func(name, value, calculate string) *form.Node {
		a := &form.Node{Kind: form.AttributeNode, Name: name, Value: value, Added: true}
		if calculate != "" {
			a.Bind = bound("calculate", convert("calculate", calculate), "readonly", "true()", "type", "string")
		}
		n.Add(a)
		return a
	}
	attribute("dataset", x.list, "")
	if x.id == "" || x.create != "" {
		attribute("create", "1", x.create)
	}
	if x.id != "" {
		attribute("update", "1", x.update)
		item := "instance('" + x.list + "')/root/item[name=" + x.id + "]/"
		attribute("baseVersion", "", item+"__version")
		attribute("trunkVersion", "", item+"__trunkVersion")
		attribute("branchId", "", item+"__branchId")
	}
	id := attribute("id", "", x.id)
	if x.id == "" {
		id.Bind = bound("readonly", "true()", "type", "string")
		id.Actions = []form.Action{{Name: "setvalue", Event: firstLoad, Value: "uuid()"}}
		if repeated {
			id.Actions = append(id.Actions, form.Action{Name: "setvalue", Event: newRepeat, Value: "uuid()"})
		}
	}
	if x.label != "" {
		n.Add(&form.Node{Kind: form.LabelNode, Name: "label", Added: true, Bind: bound("calculate", x.label, "readonly", "true()", "type", "string")})
	}
	return n
}
