package xlsform

import (
	"fmt"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// readSurvey reads the sheet of questions: its rows become the nodes of the record.
func (c *compiler) readSurvey() {
	t := c.table("survey", surveyColumns, true)
	sheets := c.book.Sheets()
	if t == nil && len(sheets) == 1 { // the only sheet of a workbook is the survey
		t = c.read(sheets[0], surveyColumns, true)
	}
	if t == nil {
		have := make([]string, len(sheets))
		for i := range sheets {
			have[i] = clean(sheets[i])
		}
		c.issue(CodeNoSurvey, fault.Hard, fault.Place{Sheet: "survey"}, map[string]any{"have": strings.Join(have, ", ")})
		c.misspelt("survey")
		return
	}
	c.survey = t
	c.twice(t)
	if c.missing(t, "type") {
		return
	}
	c.notice(t)
	c.noHeader(t)
	c.attributeNames(t)
	c.names, c.repeats, c.questions, c.files = map[string]int{}, map[string]int{}, map[string]bool{}, map[string]bool{}
	c.open(c.tree.Root, "", 0)
	c.rows = c.entries(t)
	for _, e := range c.rows {
		c.rowOf(e)
	}
	for _, o := range c.stack[1:] {
		c.issue(CodeNotEnded, fault.Hard, t.place(o.row, t.column("type"), ""), map[string]any{"name": o.node.Name})
	}
}

// noHeader refuses cells that stand under no header in a sheet written as text: its author lost a header.
func (c *compiler) noHeader(t *table) {
	if _, text := c.book.(Tables); !text {
		return
	}
	for i, h := range t.headings {
		if h.path != nil {
			continue
		}
		for k, row := range t.rows {
			if cell(row, i) != "" {
				c.issue(CodeNoHeader, fault.Hard, t.place(t.row(k), i+1, ""), map[string]any{"column": fmt.Sprint(i + 1)})
				break
			}
		}
	}
}

func (c *compiler) top() *opened { return c.stack[len(c.stack)-1] }

func (c *compiler) open(n *form.Node, noun string, row int) {
	c.stack = append(c.stack, &opened{node: n, noun: noun, row: row, exact: map[string]int{}, lower: map[string]int{}})
}

// rowOf reads one row.
func (c *compiler) rowOf(e *entry) {
	if e.disabled != "" {
		c.soft(e, CodeDisabled, "disabled", nil)
		if yes(e.disabled) {
			return
		}
	}
	switch {
	case !e.filled:
		return
	case e.kind == "" && e.name == "" && e.label.Empty(): // a remark of the author's
		c.soft(e, CodeRowSkipped, "type", nil)
		return
	case e.kind == "":
		c.at(e, CodeNoType, "type", map[string]any{"name": e.name})
		return
	}
	if setting, ok := settingRows[strings.ToLower(strings.ReplaceAll(e.kind, " ", "_"))]; ok {
		c.set.values[setting] = e.name
		return
	}
	b := bracketOf(e.kind)
	k := kindOf(e.kind)
	if k != nil && k.word == "audit" {
		c.audit(e)
		return
	}
	if b.ends {
		c.saves(e, nil, true)
		c.end(e, b)
		return
	}
	if e.name == "" {
		if k == nil || k.is != form.Note {
			c.noName(e)
			if b.begins {
				c.open(&form.Node{Kind: form.GroupNode, Row: e.row, Parent: c.top().node}, b.noun, e.row)
			}
			return
		}
		e.name = fmt.Sprintf("generated_note_name_%d", e.row)
	}
	c.named(e)
	if b.begins {
		c.begin(e, b)
		return
	}
	c.questions[e.name] = true
	if k != nil {
		c.question(e, k)
		return
	}
	if s, ok := selectionOf(e.kind); ok {
		c.selection(e, s)
		return
	}
	if word, list, _ := strings.Cut(e.kind, " "); strings.EqualFold(word, "osm") {
		n := c.node(e, kindsByWord["osm"])
		n.Tags = c.tags[list]
		c.add(e, n)
		return
	}
	c.at(e, CodeUnknownType, "type", map[string]any{"type": e.kind})
}

// noName reports a row without a name; where the whole sheet has no names it says so once.
func (c *compiler) noName(e *entry) {
	if c.survey.column("name") > 0 {
		c.at(e, CodeNoName, "name", nil)
		return
	}
	if !c.nameless {
		c.nameless = true
		c.missing(c.survey, "name")
		c.at(e, CodeNoName, "type", nil)
	}
}

// settingRows are settings that older forms have among their questions.
var settingRows = map[string]string{"form_title": "title", "set_form_title": "title", "form_id": "id", "set_form_id": "id", "prefix": "prefix"}

// named checks the name of a row and notes it.
func (c *compiler) named(e *entry) {
	name, in := e.name, c.top()
	lower := strings.ToLower(name)
	args := func(row int) map[string]any { return map[string]any{"name": name, "row": row} }
	c.names[name]++
	switch before, twice := in.exact[name]; {
	case !c.isName(name):
		c.at(e, CodeBadName, "name", map[string]any{"name": name})
	case name == "meta":
		c.at(e, CodeNameMeta, "name", nil)
	case twice:
		c.at(e, CodeNameTwice, "name", args(before))
	case in.lower[lower] > 0:
		c.soft(e, CodeNameCase, "name", args(in.lower[lower]))
	}
	if in.exact[name] == 0 {
		in.exact[name] = e.row
	}
	if in.lower[lower] == 0 {
		in.lower[lower] = e.row
	}
}

// deepest is how many groups may stand in one another.
const deepest = 60

// tableOpen stands for the list of a table whose first question has not come yet.
const tableOpen = "\x00"

func (c *compiler) begin(e *entry, b bracket) {
	n := &form.Node{Kind: form.GroupNode, Name: e.name, Row: e.row}
	if b.noun == "repeat" {
		n.Kind = form.RepeatNode
		c.repeat(e)
	}
	c.saves(e, c.top().node, true)
	c.count(e)
	class := c.sensitivity(e)
	if class == "" {
		class = c.top().class
	}
	c.wordings(e, n)
	c.tableGroup(e, n)
	n.Bind, n.Control, n.Instance = converted(e.bind), e.control, e.instance
	if e.intent != "" {
		n.Control = form.SetProperty(n.Control, form.Property{Name: "intent", Value: e.intent})
	}
	if len(c.stack) == deepest {
		c.at(e, CodeTooDeep, "type", map[string]any{"limit": deepest})
	}
	if len(c.stack) < deepest {
		c.top().node.Add(n)
	} else {
		n.Parent = c.tree.Root // left out, so that nothing below need be deep
	}
	if b.noun == "loop" {
		switch {
		case b.list == "":
			c.at(e, CodeLoopNoList, "type", nil)
		case c.lists[b.list] == nil:
			c.at(e, CodeUnknownList, "type", map[string]any{"list": b.list, "name": e.name})
		}
		n.Default = b.list // until the loop ends
	}
	c.open(n, b.noun, e.row)
	c.top().class = class
}

// repeat checks what holds of repeats alone: their names become names of tables.
func (c *compiler) repeat(e *entry) {
	before, twice := c.repeats[e.name]
	switch {
	case e.name == c.tree.Root.Name:
		c.at(e, CodeRepeatRoot, "name", map[string]any{"name": e.name})
	case twice:
		c.at(e, CodeRepeatTwice, "name", map[string]any{"name": e.name, "row": before})
	}
	if !twice {
		c.repeats[e.name] = e.row
	}
	if e.label.Empty() && len(e.media) == 0 {
		c.soft(e, CodeRepeatNoLabel, "label", map[string]any{"name": e.name})
	}
}

// count gives an expression of how many instances a repeat has a node of its own, because phones read the
// number from a node.
func (c *compiler) count(e *entry) {
	i := form.FindProperty(e.control, "jr:count")
	if i < 0 || form.IsReference(e.control[i].Value) {
		return
	}
	name := e.name + "_count"
	c.generated(e, name)
	c.top().node.Add(&form.Node{Kind: form.QuestionNode, Name: name, Type: "calculate", Row: e.row, Added: true,
		Bind: bound("type", "string", "readonly", "true()", "calculate", convert("calculate", e.control[i].Value))})
	e.control[i].Value = "${" + name + "}"
}

// generated notes the name of a node that the compiler adds, and refuses it where a row has it.
func (c *compiler) generated(e *entry, name string) {
	in := c.top()
	if before := in.exact[name]; before > 0 {
		c.at(e, CodeNameTwice, "name", map[string]any{"name": name, "row": before})
		return
	}
	in.exact[name] = e.row
}

// tableGroup makes a group of questions that share their choices into a table: the group is shown on one
// page, and its label moves into a note so that it stands above the table's head.
func (c *compiler) tableGroup(e *entry, n *form.Node) {
	look := strings.Fields(e.appearance())
	if !slices.Contains(look, "table-list") {
		return
	}
	c.tableList = tableOpen
	rest := slices.DeleteFunc(look, func(w string) bool { return w == "table-list" })
	e.control = form.SetProperty(e.control, form.Property{Name: "appearance", Value: strings.Join(append([]string{"field-list"}, rest...), " ")})
	if n.Label.Empty() && n.Hint.Empty() {
		return
	}
	note := &form.Node{Kind: form.QuestionNode, Name: fmt.Sprintf("generated_table_list_label_%d", e.row), Type: "note", Row: e.row, Added: true,
		Label: n.Label, Hint: n.Hint, Element: "input", Bind: slices.Clone(kindsByWord["note"].bind)}
	n.Label, n.Hint = form.Wording{}, form.Wording{}
	n.Add(note)
}

func (c *compiler) end(e *entry, b bracket) {
	if len(c.stack) == 1 {
		c.at(e, CodeUnmatchedEnd, "type", nil)
		return
	}
	last := c.top()
	if last.noun != b.noun {
		c.at(e, CodeWrongEnd, "type", map[string]any{"name": last.node.Name, "row": last.row})
	}
	if last.noun == "loop" {
		c.loop(last.node)
	}
	c.stack = c.stack[:len(c.stack)-1]
	c.tableList = ""
}

// maxCopies is how many nodes the loops of a form may make.
const maxCopies = 100_000

// loop repeats the nodes of a loop in a group for each choice of its list; %(name)s and %(label)s in them
// stand for the choice.
func (c *compiler) loop(n *form.Node) {
	list := c.lists[n.Default]
	n.Default = ""
	if list == nil {
		return
	}
	within := n.Children
	n.Children = nil
	for _, child := range within {
		child.Walk(func(r *form.Node) {
			c.copies += len(list.list.Options)
			if r.Kind == form.RepeatNode && len(list.list.Options) > 1 && !strings.Contains(r.Name, "%") {
				c.issue(CodeRepeatTwice, fault.Hard, c.survey.place(r.Row, c.survey.column("name"), r.Name), map[string]any{"name": r.Name, "row": r.Row})
			}
		})
	}
	if c.copies > maxCopies {
		c.issue(CodeLoopLarge, fault.Hard, c.survey.place(n.Row, c.survey.column("type"), n.Name), map[string]any{"limit": maxCopies})
		return
	}
	for _, o := range list.list.Options {
		if o.Name == "none" {
			continue
		}
		if !c.isName(o.Name) {
			c.issue(CodeBadName, fault.Hard, c.choicesAt.place(o.Row, c.choicesAt.column("name"), ""), map[string]any{"name": o.Name})
		}
		group := &form.Node{Kind: form.GroupNode, Name: o.Name, Row: n.Row, Label: o.Label, Media: o.Media, Added: true}
		n.Add(group)
		for _, child := range within {
			group.Add(copied(child, o))
		}
	}
}

// copied gives a node with the names of a choice put in.
func copied(n *form.Node, o form.Option) *form.Node {
	put := func(s, language string) string {
		if !strings.Contains(s, "%") {
			return s
		}
		label := o.Label.Plain()
		for i, t := range o.Label.Texts {
			if t.Language == language || label == "" && i == 0 {
				label = t.Text
			}
		}
		return strings.NewReplacer("%(name)s", o.Name, "%(label)s", label, "%%", "%").Replace(s)
	}
	wording := func(w form.Wording) form.Wording {
		out := form.Wording{ByLanguage: w.ByLanguage}
		for _, t := range w.Texts {
			out.Texts = append(out.Texts, form.Translation{Language: t.Language, Text: put(t.Text, t.Language)})
		}
		return out
	}
	properties := func(list []form.Property) []form.Property {
		out := make([]form.Property, len(list))
		for i, p := range list {
			out[i] = form.Property{Name: p.Name, Value: put(p.Value, ""), Text: wording(p.Text)}
		}
		return out
	}
	twin := *n
	twin.Name = put(n.Name, "")
	twin.Label, twin.Hint, twin.Guidance = wording(n.Label), wording(n.Hint), wording(n.Guidance)
	twin.Media, twin.Bind, twin.Control, twin.Instance = properties(n.Media), properties(n.Bind), properties(n.Control), properties(n.Instance)
	twin.Default = put(n.Default, "")
	if n.Choices != nil {
		choosing := *n.Choices
		choosing.Filter = put(choosing.Filter, "")
		twin.Choices = &choosing
	}
	twin.Children = nil
	for _, child := range n.Children {
		twin.Add(copied(child, o))
	}
	return &twin
}
