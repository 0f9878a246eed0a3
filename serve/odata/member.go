package odata

import (
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/serve/problem"
)

// narrow lets the store pass over records that a filter leaves out anyway: those of another instance, review state
// or time. The filter itself is still put to every row.
func (f *feed) narrow(e *expression) {
	parts := []*expression{e}
	if e.op == opAnd {
		parts = e.parts
	}
	for _, p := range parts {
		if len(p.parts) != 2 || p.parts[0].op != opMember || p.parts[1].op != opLiteral {
			continue
		}
		v := p.parts[1].value
		switch name := strings.TrimPrefix(p.parts[0].name, "$root/Submissions/"); {
		case name == "__id" && f.shape.first && p.op == opEqual && v.kind == textValue:
			f.query.Instance = v.text
		case name == "__system/reviewState" && p.op == opEqual && v.kind == textValue && reviewOf(v.text) != "":
			f.query.Review = []collect.Review{reviewOf(v.text)}
		case name == "__system/updatedAt" && (p.op == opGreater || p.op == opAtLeast) && v.timed():
			f.query.Since = v.time
		case name == "__system/submissionDate" && (p.op == opGreater || p.op == opAtLeast) && v.timed() && f.query.Since.IsZero():
			f.query.Since = v.time // what came since was changed since
		}
	}
}

func reviewOf(s string) collect.Review {
	for r, name := range reviews {
		if name == s {
			return r
		}
	}
	return ""
}

// resolve finds what a member of a filter names.
func (f *feed) resolve(all []*shape) resolver {
	return func(member string, at int) (getter, error) {
		name, rooted := strings.CutPrefix(member, "$root/Submissions/")
		if property, ok := strings.CutPrefix(name, "__system/"); ok && (f.shape.first || rooted) && slices.Contains(systemNames, property) {
			if property == "deviceId" {
				return nil, problem.New("403.1", codeFilterSealed, fault.Forbidden, "field", name)
			}
			return f.property(property), nil
		}
		if name == "__id" && !rooted {
			return func(r *collect.Row) value {
				return value{kind: textValue, text: rowID(r.Record.Instance, r.Key)}
			}, nil
		}
		if name == f.shape.parent && name != "" {
			return func(r *collect.Row) value {
				return value{kind: textValue, text: rowID(r.Record.Instance, r.Parent)}
			}, nil
		}
		whole := all[slices.IndexFunc(all, func(s *shape) bool { return s.name == f.shape.name })]
		b := whole.find(name)
		if b != nil && b.field == instanceID {
			return func(r *collect.Row) value { return value{kind: textValue, text: r.Record.Current} }, nil
		}
		if b == nil || b.field < 0 || rooted && !f.shape.first {
			return nil, problem.New("501.5", codeFilterField, fault.Invalid, "field", member)
		}
		return f.answer(b)
	}
}

// answer reads an answer. Strict ones are never filtered by: what is left out would tell what they say. Restricted
// ones are where they may be read.
func (f *feed) answer(b *branch) (getter, error) {
	field := f.shape.table.Fields[b.field]
	switch {
	case field.Class == dataset.Strict:
		return nil, problem.New("403.1", codeFilterStrict, fault.Forbidden, "field", field.Path.String())
	case field.Class == dataset.Restricted && !f.restricted:
		return nil, problem.New("403.1", codeFilterSealed, fault.Forbidden, "field", field.Path.String())
	}
	f.shape.also(b.field)
	shape, k, format := f.shape, b.field, b.format
	return func(r *collect.Row) value {
		c := r.Cells[shape.position[k]]
		if c.Sealed || c.Missing != 0 {
			return value{}
		}
		switch format {
		case asInteger, asNumber:
			if x, ok := numberOf(c.Text); ok {
				return value{kind: numberValue, number: x}
			}
			return value{}
		case asDate, asTime:
			return timeOf(strings.TrimSpace(c.Text))
		}
		return value{kind: textValue, text: c.Text}
	}, nil
}

// property reads what the server knows of a record.
func (f *feed) property(name string) getter {
	w := writer{shape: f.shape, names: f.writer.names}
	switch name {
	case "submissionDate":
		return func(r *collect.Row) value { return value{kind: timeValue, time: r.Record.Received} }
	case "updatedAt":
		return func(r *collect.Row) value {
			if !r.Record.Updated.After(r.Record.Received) {
				return value{}
			}
			return value{kind: timeValue, time: r.Record.Updated}
		}
	}
	return func(r *collect.Row) value {
		b := string(w.property(nil, name, r.Record))
		if b == "null" {
			return value{}
		}
		if x, err := strconv.ParseFloat(b, 64); err == nil {
			return value{kind: numberValue, number: x}
		}
		s, err := strconv.Unquote(b)
		if err != nil {
			s = strings.Trim(b, `"`)
		}
		if x, ok := numberOf(s); ok && name == "submitterId" { // clients compare it with a number or a text
			return value{kind: numberValue, number: x}
		}
		return value{kind: textValue, text: s}
	}
}
