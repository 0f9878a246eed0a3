package xlsform

import (
	"strings"

	"waymark/fault"
	"waymark/form"
	"waymark/form/xpath"
)

// expressed are the properties of an answer that are expressions.
var expressed = [...]string{"calculate", "relevant", "constraint", "required", "readonly"}

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
	parsed := map[string]read{} // by text: forms repeat themselves
	c.tree.Root.Walk(func(n *form.Node) {
		if n.Row == 0 {
			return
		}
		var l xpath.Logic
		for _, x := range expressed {
			i := form.FindProperty(n.Bind, x)
			if i < 0 || n.Bind[i].Value == "" {
				continue
			}
			e := c.expression(n, n.Bind[i].Value, parsed, []string{"bind", x})
			if e != nil && there != nil {
				c.lost(n, e, there, find, []string{"bind", x})
			}
			switch x {
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
	for range maxCycles {
		ring := xpath.Cycle(logic, find)
		if ring == nil {
			return
		}
		c.cycle(ring)
		delete(logic, ring[0]) // to see what other answers wait
	}
}

// maxCycles is how many rings of answers are reported.
const maxCycles = 20

// read is an expression once parsed, with what is wrong with it.
type read struct {
	expression *xpath.Expr
	issues     fault.Issues
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
func (c *compiler) expression(n *form.Node, text string, parsed map[string]read, column []string) *xpath.Expr {
	r, known := parsed[text]
	if !known {
		var err error
		if r.expression, err = xpath.Parse(text); err != nil {
			r.issues = fault.Of(err)
		} else {
			r.issues = r.expression.Check()
		}
		parsed[text] = r
	}
	for _, i := range r.issues {
		c.wrong(n, i, column)
	}
	return r.expression
}

// wrong puts an issue of an expression in its cell.
func (c *compiler) wrong(n *form.Node, i fault.Issue, column []string) {
	c.issue(i.Code, i.Severity, c.survey.place(n.Row, c.survey.column(column...), n.Name), i.Args)
}

// cycle reports answers that wait for one another, at the row of the first. An answer that waits for itself,
// as one required by its own value, only phones refuse.
func (c *compiler) cycle(ring []string) {
	severity := fault.Hard
	if len(ring) == 1 && !c.options.Strict {
		if !c.options.Texts {
			return
		}
		severity = fault.Soft
	}
	waiting := make([]string, len(ring))
	for i, path := range ring {
		waiting[i] = path[strings.LastIndexByte(path, '/')+1:]
	}
	at := fault.Place{Sheet: c.survey.name}
	if n := c.tree.Find(waiting[0]); n != nil {
		column := 0
		for _, x := range expressed {
			if column == 0 && form.FindProperty(n.Bind, x) >= 0 {
				column = c.survey.column("bind", x)
			}
		}
		at = c.survey.place(n.Row, column, n.Name)
	}
	c.issue(CodeCycle, severity, at, map[string]any{"names": strings.Join(append(waiting, waiting[0]), ", ")})
}
