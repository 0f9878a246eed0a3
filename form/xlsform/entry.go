package xlsform

import (
	"waymark/form"
)

// entry is one row of the survey with its cells where they belong.
type entry struct {
	row         int
	kind        string // as written
	name        string
	label       form.Wording
	hint        form.Wording
	guidance    form.Wording
	media       []form.Property
	bind        []form.Property
	control     []form.Property
	instance    []form.Property
	initial     string // the default
	filter      string
	parameters  string
	trigger     string
	intent      string
	disabled    string
	class       string
	classColumn string // the header it stands under
	filled      bool   // some cell under a header is not empty
	someMedia   bool   // a cell under a column "media" that does not say of what kind
}

// slot is where the cells of a column go, worked out once a sheet.
type slot uint8

const (
	noSlot slot = iota
	otherSlot
	kindSlot
	nameSlot
	labelSlot
	hintSlot
	guidanceSlot
	mediaSlot
	bindSlot
	messageSlot // a property of bind that people read
	controlSlot
	instanceSlot
	defaultSlot
	filterSlot
	parametersSlot
	triggerSlot
	intentSlot
	disabledSlot
	classSlot
)

var slots = map[string]slot{
	"type": kindSlot, "name": nameSlot, "label": labelSlot, "hint": hintSlot, "guidance_hint": guidanceSlot, "media": mediaSlot,
	"bind": bindSlot, "control": controlSlot, "instance": instanceSlot, "default": defaultSlot, "choice_filter": filterSlot,
	"parameters": parametersSlot, "trigger": triggerSlot, "intent": intentSlot, "disabled": disabledSlot,
	"sensitivity": classSlot, "class": classSlot,
}

// sensitivityBind is the attribute that carries a class of sensitivity.
const sensitivityBind = "waymark:sensitivity"

// slotOf says where the cells under a heading go.
func slotOf(h heading) slot {
	switch {
	case h.path == nil:
		return noSlot
	case !h.known:
		return otherSlot
	}
	s := slots[h.path[0]]
	switch s {
	case mediaSlot, bindSlot, controlSlot, instanceSlot:
		if len(h.path) < 2 || h.path[1] == "" {
			return otherSlot
		}
	}
	if s == bindSlot {
		switch h.path[1] {
		case "jr:constraintMsg", "jr:requiredMsg", "jr:noAppErrorString":
			return messageSlot
		case sensitivityBind:
			return classSlot
		}
	}
	return s
}

// entries reads the rows of the survey.
func (c *compiler) entries(t *table) []*entry {
	where := make([]slot, len(t.headings))
	for i, h := range t.headings {
		where[i] = slotOf(h)
	}
	out := make([]*entry, 0, len(t.rows))
	block := make([]entry, len(t.rows))
	for i, row := range t.rows {
		e := &block[i]
		e.row = t.row(i)
		for k := range row {
			if k >= len(where) {
				break
			}
			if where[k] == noSlot {
				continue
			}
			if text := cell(row, k); text != "" {
				c.put(e, where[k], t.headings[k], text)
			}
		}
		out = append(out, e)
	}
	return out
}

// put places a cell.
func (c *compiler) put(e *entry, s slot, h heading, text string) {
	if c.tidy {
		text = single(text)
	}
	e.filled = true
	switch s {
	case otherSlot:
		e.someMedia = e.someMedia || h.known && h.path[0] == "media"
	case kindSlot:
		e.kind = clean(code(text))
	case nameSlot:
		e.name = code(text)
	case labelSlot:
		e.label = e.label.With(h.language(1), text, c.untaggedName)
	case hintSlot:
		e.hint = e.hint.With(h.language(1), text, c.untaggedName)
	case guidanceSlot:
		e.guidance = e.guidance.With(h.language(1), text, c.untaggedName)
	case mediaSlot:
		e.media = c.message(e.media, h, code(text))
	case messageSlot:
		e.bind = c.message(e.bind, h, text)
	case bindSlot:
		e.bind = form.SetProperty(e.bind, form.Property{Name: h.path[1], Value: code(text)})
	case controlSlot:
		e.control = form.SetProperty(e.control, form.Property{Name: h.path[1], Value: code(text)})
	case instanceSlot:
		e.instance = form.SetProperty(e.instance, form.Property{Name: h.path[1], Value: code(text)})
	case defaultSlot:
		e.initial = text
	case filterSlot:
		e.filter = code(text)
	case parametersSlot:
		e.parameters = code(text)
	case triggerSlot:
		e.trigger = code(text)
	case intentSlot:
		e.intent = code(text)
	case disabledSlot:
		e.disabled = code(text)
	case classSlot:
		e.class, e.classColumn = code(text), h.path[0]
	}
}

// message sets a property that may stand in several languages.
func (c *compiler) message(list []form.Property, h heading, text string) []form.Property {
	i := form.FindProperty(list, h.path[1])
	if i < 0 {
		list = append(list, form.Property{Name: h.path[1]})
		i = len(list) - 1
	}
	list[i].Text = list[i].Text.With(h.language(2), text, c.untaggedName)
	return list
}

// bound gives a property of what holds of the answer.
func (e *entry) bound(name string) string { return form.PropertyValue(e.bind, name) }

// appearance gives how the question is to be shown.
func (e *entry) appearance() string { return form.PropertyValue(e.control, "appearance") }
