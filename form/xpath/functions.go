package xpath

import (
	"waymark/fault"
)

// many stands for any number of arguments.
const many = 1 << 20

// arity is how many arguments a function takes.
type arity struct{ least, most int }

// known are the functions that forms may call: what the ODK XForms specification names and ODK Collect has, and
// the few it has kept from before. XPath 1.0's substring, floor, ceiling, last, id, lang and names of nodes are
// not among them: a phone stops at them.
var known = map[string]arity{
	// texts
	"string": {0, 1}, "concat": {1, many}, "join": {1, many}, "substr": {2, 3}, "substring-before": {2, 2}, "substring-after": {2, 2},
	"translate": {3, 3}, "string-length": {0, 1}, "normalize-space": {0, 1}, "contains": {2, 2}, "starts-with": {2, 2}, "ends-with": {2, 2},
	"uuid": {0, 1}, "digest": {2, 3}, "pulldata": {4, many}, "base64-decode": {1, 1}, "extract-signed": {2, 2},
	// truth
	"if": {3, 3}, "coalesce": {2, many}, "once": {1, 1}, "true": {0, 0}, "false": {0, 0}, "boolean": {1, 1}, "boolean-from-string": {1, 1},
	"not": {1, 1}, "regex": {2, 2}, "checklist": {3, many}, "weighted-checklist": {4, many},
	// numbers
	"number": {0, 1}, "random": {0, 0}, "int": {1, 1}, "sum": {1, 1}, "max": {1, many}, "min": {1, many}, "round": {1, 2}, "pow": {2, 2},
	"log": {1, 1}, "log10": {1, 1}, "abs": {1, 1}, "sin": {1, 1}, "cos": {1, 1}, "tan": {1, 1}, "asin": {1, 1}, "acos": {1, 1}, "atan": {1, 1},
	"atan2": {2, 2}, "sqrt": {1, 1}, "exp": {1, 1}, "exp10": {1, 1}, "pi": {0, 0},
	// nodes
	"count": {1, 1}, "count-non-empty": {1, 1}, "position": {0, 1}, "instance": {1, 1}, "current": {0, 0}, "randomize": {1, 2},
	// time
	"today": {0, 0}, "now": {0, 0}, "date": {1, 1}, "date-time": {1, 1}, "format-date": {2, 2}, "format-date-time": {2, 2},
	"decimal-date-time": {1, 1}, "decimal-time": {1, 1},
	// choices and repeats
	"selected": {2, 2}, "is-selected": {2, 2}, "selected-at": {2, 2}, "count-selected": {1, 1}, "jr:choice-name": {2, 2}, "jr:itext": {1, 1},
	"indexed-repeat": {3, 7}, "search": {1, many},
	// places
	"area": {1, 1}, "enclosed-area": {1, 1}, "distance": {1, many}, "geofence": {2, 2}, "intersects": {1, 1},
	// the device
	"property": {1, 1}, "version": {0, 0}, "depend": {1, many}, "newer": {1, many},
}

// Function is a call in an expression.
type Function struct {
	Name      string
	Arguments int
	Column    int // in letters, from 1
}

// Functions lists the calls of an expression in the order they stand.
func (e *Expr) Functions() []Function {
	var out []Function
	walk(e.root, func(t term) {
		if c, ok := t.(call); ok {
			out = append(out, Function{c.name, len(c.args), column(e.source, c.at)})
		}
	})
	return out
}

// Check finds calls of functions that phones do not have, or with a number of arguments they do not take. The
// issues are hard; their places are columns of the expression.
func (e *Expr) Check() fault.Issues {
	var out fault.Issues
	for _, f := range e.Functions() {
		a, ok := known[f.Name]
		switch {
		case !ok:
			out = append(out, fault.Issue{Code: CodeUnknownFunction, Args: map[string]any{"function": f.Name, "column": f.Column}})
		case f.Arguments < a.least:
			out = append(out, fault.Issue{Code: CodeTooFew, Args: map[string]any{"function": f.Name, "have": f.Arguments, "least": a.least, "column": f.Column}})
		case f.Arguments > a.most:
			out = append(out, fault.Issue{Code: CodeTooMany, Args: map[string]any{"function": f.Name, "have": f.Arguments, "most": a.most, "column": f.Column}})
		}
	}
	return out
}

// walk calls visit for every term, in the order they stand.
func walk(t term, visit func(term)) {
	visit(t)
	switch t := t.(type) {
	case call:
		for _, a := range t.args {
			walk(a, visit)
		}
	case binary:
		walk(t.left, visit)
		walk(t.right, visit)
	case negate:
		walk(t.of, visit)
	case location:
		if t.from != nil {
			walk(t.from, visit)
		}
		for _, f := range t.filters {
			walk(f, visit)
		}
		for _, s := range t.steps {
			for _, c := range s.conditions {
				walk(c, visit)
			}
		}
	}
}
