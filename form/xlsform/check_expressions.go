package xlsform

import (
	"strings"

	"waymark/fault"
	"waymark/form"
	"waymark/form/xpath"
)

// expressed are the expressions of a node, each with the columns it may stand in.
var expressed = []struct {
	property string
	columns  [][]string
}{
	{"relevant", [][]string{{"bind", "relevant"}}},
	{"constraint", [][]string{{"bind", "constraint"}}},
	{"calculate", [][]string{{"bind", "calculate"}}},
	{"required", [][]string{{"bind", "required"}}},
	{"readonly", [][]string{{"bind", "readonly"}}},
}

// checkExpressions parses every expression of the survey, as phones will, and sees that no answers wait for
// one another.
func (c *compiler) checkExpressions() {
	if c.survey == nil {
		return
	}
	logic := map[string]xpath.Logic{}
	find := func(name string) ([]string, bool) {
		n := c.tree.Find(name)
		if n == nil {
			return nil, false
		}
		return stepsTo(n), true
	}
	var there map[string]bool
	if c.options.Texts {
		there = c.paths()
	}
	parsed := map[string]*xpath.Expr{} // by text: forms repeat themselves
	c.tree.Root.Walk(func(n *form.Node) {
		if n.Row == 0 {
			return
		}
		var l xpath.Logic
		for _, x := range expressed {
			i := form.FindProperty(n.Bind, x.property)
			if i < 0 || n.Bind[i].Value == "" {
				continue
			}
			e := c.expression(n, n.Bind[i].Value, parsed, x.columns[0])
			if e != nil && there != nil {
				c.lost(n, e, there, find, x.columns[0])
			}
			switch x.property {
			case "relevant":
				l.Relevant = e
			case "calculate":
				if len(n.Triggers) == 0 {
					l.Calculation = e
				}
			case "required":
				l.Required = e
			case "readonly":
				l.ReadOnly = e
			}
		}
		if n.Choices != nil && n.Choices.Filter != "" {
			c.expression(n, n.Choices.Filter, parsed, []string{"choice_filter"})
		}
		if n.Dynamic {
			c.expression(n, n.Default, parsed, []string{"default"})
		}
		if l != (xpath.Logic{}) {
			logic[n.Path()] = l
		}
	})
	if ring := xpath.Cycle(logic, find); ring != nil {
		c.cycle(ring)
	}
}

// stepsTo gives the names from the root of the record down to a node.
func stepsTo(n *form.Node) []string { return strings.Split(strings.TrimPrefix(n.Path(), "/"), "/") }

// paths lists where the nodes of the record stand.
func (c *compiler) paths() map[string]bool {
	out := map[string]bool{}
	c.tree.Root.Walk(func(n *form.Node) { out[n.Path()] = true })
	return out
}

// lost reports paths of an expression, written by hand, that lead to no node of the record.
func (c *compiler) lost(n *form.Node, e *xpath.Expr, there map[string]bool, find func(string) ([]string, bool), column []string) {
	for _, to := range e.References(stepsTo(n), find) {
		if path := "/" + strings.Join(to, "/"); len(to) > 0 && !there[path] {
			c.issue(CodeUnknownPath, fault.Soft, c.survey.place(n.Row, c.survey.column(column...), n.Name), map[string]any{"path": path})
		}
	}
}

// expression parses one expression and reports what phones would not take.
func (c *compiler) expression(n *form.Node, text string, parsed map[string]*xpath.Expr, column []string) *xpath.Expr {
	e, known := parsed[text]
	if !known {
		var err error
		if e, err = xpath.Parse(text); err != nil {
			for _, i := range fault.Of(err) {
				c.wrong(n, i, column)
			}
		} else {
			for _, i := range e.Check() {
				c.wrong(n, i, column)
			}
		}
		parsed[text] = e
	}
	return e
}

// wrong puts an issue of an expression in its cell.
func (c *compiler) wrong(n *form.Node, i fault.Issue, column []string) {
	c.issue(i.Code, i.Severity, c.survey.place(n.Row, c.survey.column(column...), n.Name), i.Args)
}

// cycle reports answers that wait for one another, at the row of the first.
func (c *compiler) cycle(ring []string) {
	waiting := make([]string, len(ring))
	for i, path := range ring {
		waiting[i] = path[strings.LastIndexByte(path, '/')+1:]
	}
	at := fault.Place{Sheet: c.survey.name}
	if n := c.tree.Find(waiting[0]); n != nil {
		column := c.survey.column("bind", "relevant")
		if form.FindProperty(n.Bind, "calculate") >= 0 {
			column = c.survey.column("bind", "calculate")
		}
		at = c.survey.place(n.Row, column, n.Name)
	}
	c.issue(CodeCycle, fault.Hard, at, map[string]any{"names": strings.Join(append(waiting, waiting[0]), ", ")})
}
