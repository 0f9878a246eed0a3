package xform

import (
	"maps"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form/xpath"
)

// What a phone would stumble over when it loads the form; texts stand in lang/messages/xformread.*.toml. What is
// wrong within one expression has the code of package xpath, with the path of its node as the field.
const (
	CodeUnknownPath fault.Code = "xformread.unknown-path" // path: what is named; node: where; soft
	CodeCycle       fault.Code = "xformread.cycle"        // path, count: of the answers that wait for one another; soft
)

// expressions parses what holds of each node, as a phone does, and reports what it would not take: functions it
// does not have, nodes that are not there, answers that wait for one another. All are soft: the form is read
// all the same, and its records with it.
func (d *decoder) expressions() {
	logic := map[string]xpath.Logic{}
	for _, at := range slices.Sorted(maps.Keys(d.binds)) {
		bind := d.binds[at]
		var l xpath.Logic
		for _, name := range [...]string{"relevant", "calculate", "constraint", "required", "readonly"} {
			e := d.expression(bind, at, bind.attr(name))
			switch name {
			case "relevant":
				l.Relevant = e
			case "calculate":
				l.Calculation = e
			case "required":
				l.Required = e
			case "readonly":
				l.ReadOnly = e
			}
		}
		if l != (xpath.Logic{}) && !strings.Contains(at, "@") {
			logic[at] = l
		}
	}
	for _, at := range slices.Sorted(maps.Keys(d.repeats)) {
		d.expression(d.repeats[at], at, d.repeats[at].attr("count"))
	}
	if ring := xpath.Cycle(logic, nil); ring != nil {
		d.issue(CodeCycle, fault.Soft, d.binds[ring[0]], map[string]any{"path": ring[0], "count": len(ring)})
	}
}

// expression parses one expression; nil where there is none or it cannot be read.
func (d *decoder) expression(of *element, at, text string) *xpath.Expr {
	if text == "" {
		return nil
	}
	report := func(i fault.Issue) {
		i.Severity = fault.Soft
		i.Place = fault.Place{Row: of.line, Field: at}
		d.issues = append(d.issues, i)
	}
	e, err := xpath.Parse(text)
	if err != nil {
		for _, i := range fault.Of(err) {
			report(i)
		}
		return nil
	}
	for _, i := range e.Check() {
		report(i)
	}
	context := strings.Split(strings.TrimPrefix(at, "/"), "/")
	for _, to := range e.References(context, nil) {
		path := "/" + strings.Join(to, "/")
		if len(to) > 1 && to[1] != "meta" && !d.there[path] {
			report(fault.Issue{Code: CodeUnknownPath, Args: map[string]any{"path": path, "node": at}})
		}
	}
	return e
}
