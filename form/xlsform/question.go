package xlsform

import (
	"slices"
	"strings"

	"waymark/form"
)

// trigger is a reference in the column trigger; geometry one in the parameter reference-geometry.
type trigger struct {
	name string
	e    *entry
}

type geometry struct {
	name string
	e    *entry
}

// binary are properties of answers in which words for yes and no stand for expressions.
var binary = []string{"readonly", "required", "relevant", "constraint", "calculate"}

// convert makes expressions of the words for yes and no.
func convert(name, value string) string {
	if len(value) > len("false") || !slices.Contains(binary, name) {
		return value
	}
	switch strings.ToLower(value) {
	case "yes", "true":
		return "true()"
	case "no", "false":
		return "false()"
	}
	return value
}

func converted(list []form.Property) []form.Property {
	for i := range list {
		list[i].Value = convert(list[i].Name, list[i].Value)
	}
	return list
}

// wordings takes the texts of a row over.
func (c *compiler) wordings(e *entry, n *form.Node) {
	n.Label, n.Hint, n.Guidance, n.Media = e.label, e.hint, e.guidance, e.media
}

// node makes the node of a row: what holds of its type, then what the row says.
func (c *compiler) node(e *entry, k *kind) *form.Node {
	n := &form.Node{Kind: form.QuestionNode, Name: e.name, Type: k.word, Row: e.row, Element: k.element, Default: e.initial}
	c.wordings(e, n)
	if n.Hint.Empty() {
		n.Hint = form.Plain(k.hint)
	}
	n.Bind = merged(k.bind, converted(e.bind))
	n.Control = merged(k.control, e.control)
	n.Instance = e.instance
	if n.Label.Empty() && form.PropertyValue(n.Control, "appearance") == "label" {
		n.Label = form.Plain(" ") // the head of a table of choices
	}
	return n
}

func merged(from, over []form.Property) []form.Property {
	out := make([]form.Property, len(from), len(from)+len(over))
	copy(out, from)
	for _, p := range over {
		out = form.SetProperty(out, p)
	}
	return out
}

// add puts the node of a row in its place, with what is the same for all types.
func (c *compiler) add(e *entry, n *form.Node) {
	c.initial(n)
	c.triggered(e, n)
	c.saves(e, c.top().node, false)
	n.Bind = withSaved(n.Bind, e)
	class := c.sensitivity(e)
	if class == "" {
		class = c.top().class
	}
	if class != "" {
		n.Bind = form.SetProperty(n.Bind, form.Property{Name: sensitivityBind, Value: class})
	}
	c.top().node.Add(n)
}

// withSaved takes the list's name off the property that an answer is saved to.
func withSaved(list []form.Property, e *entry) []form.Property {
	if i := form.FindProperty(list, saveto); i >= 0 {
		list[i].Value = e.bound(saveto)
	}
	return list
}

// initial sees whether a default must be worked out, and when: at the beginning of a record and, in a
// repeat, of each instance.
func (c *compiler) initial(n *form.Node) {
	if n.Default == "" || !form.IsExpression(n.Default, n.Type) {
		return
	}
	n.Default, n.Dynamic = code(n.Default), true
	n.Actions = append(n.Actions, form.Action{Name: "setvalue", Event: firstLoad})
	for _, o := range c.stack {
		if o.noun == "repeat" {
			n.Actions = append(n.Actions, form.Action{Name: "setvalue", Event: newRepeat})
			return
		}
	}
}

// Events that actions answer to.
const (
	firstLoad = "odk-instance-first-load"
	load      = "odk-instance-load"
	newRepeat = "odk-new-repeat"
)

// triggered reads the questions whose change works an answer out.
func (c *compiler) triggered(e *entry, n *form.Node) {
	if e.trigger == "" {
		return
	}
	if !strings.Contains(e.trigger, "${") {
		c.at(e, CodeBadTrigger, "trigger", nil)
		return
	}
	for _, part := range strings.Split(e.trigger, ",") {
		list, ok := form.ParseReferences(part)
		switch {
		case !ok || len(list) == 0 && strings.TrimSpace(part) != "":
			c.at(e, CodeBadTrigger, "trigger", nil)
		case len(list) > 1:
			c.at(e, CodeTriggerList, "trigger", nil)
		}
		for _, r := range list {
			n.Triggers = append(n.Triggers, r.Name)
			c.triggers = append(c.triggers, trigger{r.Name, e})
		}
	}
}

// question reads a row whose type takes no choices.
func (c *compiler) question(e *entry, k *kind) {
	switch k.word {
	case selectOne, selectMultiple, selectExternal, rank:
		c.at(e, CodeNoList, "type", map[string]any{"name": e.name})
		return
	case "xml-external", "csv-external":
		c.externalFile(e, k)
		return
	}
	n := c.node(e, k)
	switch k.word {
	case "calculate":
		if e.bound("calculate") == "" && !form.IsExpression(e.initial, "calculate") {
			c.at(e, CodeNoCalculation, "calculate", map[string]any{"name": e.name})
		}
	case "subscriberid", "simserial":
		c.soft(e, CodeOldDevice, "type", map[string]any{"type": k.word})
	case "text":
		if rows := c.whole(e, c.parameters(e, "rows"), "rows"); rows != "" {
			n.Control = form.SetProperty(n.Control, form.Property{Name: "rows", Value: rows})
		}
	case "image":
		c.image(e, n)
	case "audio":
		if q := c.choice(e, c.parameters(e, "quality"), "quality", "voice-only", "low", "normal", "external"); q != "" {
			n.Bind = form.SetProperty(n.Bind, form.Property{Name: "odk:quality", Value: q})
		}
	case "background-audio":
		q := c.choice(e, c.parameters(e, "quality"), "quality", "voice-only", "low", "normal")
		n.Actions = append(n.Actions, form.Action{Name: "odk:recordaudio", Event: load, Quality: q})
	case "geopoint", "geotrace", "geoshape":
		c.geography(e, n)
	case "start-geopoint":
		n.Actions = append(n.Actions, form.Action{Name: "odk:setgeopoint", Event: firstLoad})
	case "background-geopoint":
		if e.trigger == "" {
			c.at(e, CodeBackgroundWhen, "trigger", map[string]any{"name": e.name})
		}
		if e.bound("calculate") != "" {
			c.at(e, CodeBackgroundWorks, "calculate", map[string]any{"name": e.name})
		}
	case "range":
		c.ranged(e, n)
	default:
		if _, ok := parseParameters(e.parameters); !ok {
			c.at(e, CodeBadParameters, "parameters", nil)
		}
	}
	c.add(e, n)
}

// externalFile notes a file that goes with the form.
func (c *compiler) externalFile(e *entry, k *kind) {
	c.files[e.name] = true
	c.top().node.Add(&form.Node{Kind: form.ExternalNode, Name: e.name, Type: k.word, Row: e.row})
}

// image reads the parameters of a photo.
func (c *compiler) image(e *entry, n *form.Node) {
	if n.Default != "" && !strings.Contains(n.Default, "jr://images/") {
		n.Default = "jr://images/" + n.Default
	}
	p := c.parameters(e, "app", "max-pixels")
	if pixels := c.whole(e, p, "max-pixels"); pixels != "" {
		n.Bind = form.SetProperty(n.Bind, form.Property{Name: "orx:max-pixels", Value: pixels})
	} else if p["max-pixels"] == "" {
		c.soft(e, CodeMaxPixels, "parameters", nil)
	}
	app, given := p["app"]
	if look := e.appearance(); !given || look != "" && look != "annotate" {
		return
	}
	if !isPackage(app) {
		c.at(e, CodePackage, "parameters", nil)
		return
	}
	n.Control = form.SetProperty(n.Control, form.Property{Name: "intent", Value: app})
}

// isPackage knows names of Android packages: at least two parts of letters, digits and underscores, each
// beginning with a letter.
func isPackage(s string) bool {
	parts := strings.Split(s, ".")
	for _, part := range parts {
		if part == "" || part[0] == '_' || part[0] >= '0' && part[0] <= '9' {
			return false
		}
		for i := range len(part) {
			if c := part[i] | 0x20; (c < 'a' || c > 'z') && part[i] != '_' && (part[i] < '0' || part[i] > '9') {
				return false
			}
		}
	}
	return len(parts) > 1
}

// geography reads the parameters of places, lines and areas.
func (c *compiler) geography(e *entry, n *form.Node) {
	set := func(list *[]form.Property, name, value string) {
		if value != "" {
			*list = form.SetProperty(*list, form.Property{Name: name, Value: value})
		}
	}
	var p parameters
	if n.Type == "geopoint" {
		p = c.parameters(e, "allow-mock-accuracy", "capture-accuracy", "reference-geometry", "warning-accuracy")
		set(&n.Control, "accuracyThreshold", c.number(e, p, "capture-accuracy"))
		set(&n.Control, "unacceptableAccuracyThreshold", c.number(e, p, "warning-accuracy"))
	} else {
		p = c.parameters(e, "allow-mock-accuracy", "incremental", "reference-geometry")
		if v := c.choice(e, p, "incremental", "true", "yes", "true()"); v != "" {
			set(&n.Control, "incremental", "true")
		}
	}
	set(&n.Bind, "odk:allow-mock-accuracy", c.choice(e, p, "allow-mock-accuracy", "true", "false"))
	if v := p["reference-geometry"]; v != "" {
		n.Choices = &form.Choosing{List: v, Geometry: true, Filter: e.filter, Reference: strings.Contains(v, "${")}
		c.geometries = append(c.geometries, geometry{v, e})
	}
}

// audit reads the row of the log of what is done on the phone; the log has one name.
func (c *compiler) audit(e *entry) {
	if e.name != "" && e.name != "audit" {
		c.at(e, CodeAuditName, "name", nil)
	}
	e.name = "audit"
	e.bind = slices.DeleteFunc(e.bind, func(p form.Property) bool { return p.Name == saveto }) // it is no answer
	n := c.node(e, kindsByWord["audit"])
	const (
		priority, interval, age = "location-priority", "location-min-interval", "location-max-age"
		changes, reasons, user  = "track-changes", "track-changes-reasons", "identify-user"
	)
	p := c.parameters(e, user, age, interval, priority, changes, reasons)
	set := func(name, value string) {
		if value != "" {
			n.Bind = form.SetProperty(n.Bind, form.Property{Name: "odk:" + name, Value: value})
		}
	}
	set(changes, c.choice(e, p, changes, "true", "false"))
	set(reasons, c.choice(e, p, reasons, "on-form-edit"))
	set(user, c.choice(e, p, user, "true", "false"))
	if p[priority] != "" || p[interval] != "" || p[age] != "" {
		c.auditPlaces(e, p, set)
	}
	c.meta = append(c.meta, n)
}

// auditPlaces reads when the log takes places: all three parameters or none.
func (c *compiler) auditPlaces(e *entry, p parameters, set func(name, value string)) {
	const priority, interval, age = "location-priority", "location-min-interval", "location-max-age"
	all := []string{priority, interval, age}
	for _, name := range all {
		if p[name] == "" {
			c.at(e, CodeParameterNeeds, "parameters", map[string]any{"parameter": strings.Join(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return p[s] == "" }), ", "), "other": name})
			return
		}
	}
	how := c.choice(e, p, priority, "no-power", "low-power", "balanced", "high-accuracy")
	wait, keep := c.whole(e, p, interval), c.whole(e, p, age)
	for _, name := range []string{interval, age} {
		if strings.HasPrefix(p[name], "-") && p[name] != "-0" {
			c.at(e, CodeParameterNumber, "parameters", map[string]any{"parameter": name})
			return
		}
	}
	if wait != "" && keep != "" && smaller(keep, wait) {
		c.at(e, CodeParameterNeeds, "parameters", map[string]any{"parameter": age, "other": interval + " <= " + age})
		return
	}
	set(age, keep)
	set(interval, wait)
	set(priority, how)
}

// smaller compares whole numbers that are not negative.
func smaller(a, b string) bool {
	a, b = strings.TrimLeft(a, "+0"), strings.TrimLeft(b, "+0")
	return len(a) < len(b) || len(a) == len(b) && a < b
}
