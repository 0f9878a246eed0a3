package xlsform

import (
	"slices"
	"strconv"
	"strings"

	"waymark/fault"
)

// parameters are what the column parameters says, by name: "start=1 end=10".
type parameters map[string]string

// parseParameters reads name=value pairs with spaces, commas or semicolons between. Names count without
// regard to case, and values too but for columns of a file and references.
func parseParameters(text string) (parameters, bool) {
	var tokens []string
	for len(text) > 0 {
		switch i := strings.IndexAny(text, " \t\r\n,;="); {
		case i < 0:
			tokens, text = append(tokens, text), ""
		case i == 0 && text[0] == '=':
			tokens, text = append(tokens, "="), text[1:]
		case i == 0:
			text = text[1:]
		default:
			tokens, text = append(tokens, text[:i]), text[i:]
		}
	}
	if len(tokens)%3 != 0 {
		return nil, false
	}
	p := parameters{}
	for t := tokens; len(t) > 0; t = t[3:] {
		if t[0] == "=" || t[1] != "=" || t[2] == "=" {
			return nil, false
		}
		name, value := strings.ToLower(t[0]), t[2]
		if name != "label" && name != "value" && !strings.Contains(value, "${") {
			value = strings.ToLower(value)
		}
		p[name] = value
	}
	return p, true
}

// parameters reads the parameters of a row and refuses those that its type does not know.
func (c *compiler) parameters(e *entry, known ...string) parameters {
	p, ok := parseParameters(e.parameters)
	if !ok {
		c.at(e, CodeBadParameters, "parameters", nil)
		return parameters{}
	}
	var extra []string
	for name := range p {
		if !slices.Contains(known, name) {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	for _, name := range extra {
		c.at(e, CodeUnknownParameter, "parameters", map[string]any{"parameter": name, "known": strings.Join(known, ", ")})
		delete(p, name)
	}
	return p
}

// choice takes a parameter that has few values; "" where it is not given or wrong.
func (c *compiler) choice(e *entry, p parameters, name string, values ...string) string {
	value, given := p[name]
	if !given {
		return ""
	}
	if !slices.Contains(values, value) {
		c.at(e, CodeParameterChoice, "parameters", map[string]any{"parameter": name, "known": strings.Join(values, ", ")})
		return ""
	}
	return value
}

// whole takes a parameter that is a whole number; "" where it is not given or wrong.
func (c *compiler) whole(e *entry, p parameters, name string) string {
	value, given := p[name]
	if !given {
		return ""
	}
	if _, err := strconv.Atoi(value); err != nil {
		c.at(e, CodeParameterWhole, "parameters", map[string]any{"parameter": name})
		return ""
	}
	return value
}

// number takes a parameter that is a number; "" where it is not given or wrong.
func (c *compiler) number(e *entry, p parameters, name string) string {
	value, given := p[name]
	if !given {
		return ""
	}
	if _, err := strconv.ParseFloat(value, 64); err != nil {
		c.at(e, CodeParameterNumber, "parameters", map[string]any{"parameter": name})
		return ""
	}
	return value
}

// at reports a hard issue of a row at one of its columns.
func (c *compiler) at(e *entry, code fault.Code, column string, args map[string]any) {
	c.issue(code, fault.Hard, c.placeOf(e, column), args)
}

// soft reports what a person should know of a row.
func (c *compiler) soft(e *entry, code fault.Code, column string, args map[string]any) {
	c.issue(code, fault.Soft, c.placeOf(e, column), args)
}

func (c *compiler) placeOf(e *entry, column string) fault.Place {
	at := c.survey.column(column)
	for _, part := range [...]string{"bind", "control"} {
		if at == 0 {
			at = c.survey.column(part, column)
		}
	}
	return c.survey.place(e.row, at, e.name)
}
