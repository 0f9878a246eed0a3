package xform

import (
	"encoding/xml"
	"regexp"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// question reads a leaf of the record.
func (d *decoder) question(leaf *element, at, repeat form.Path, full string) {
	bind, control := d.binds[full], d.controls[full]
	if bind == nil {
		bind = &element{}
	}
	q := form.Question{Path: at, Repeat: repeat,
		Relevant: condition(bind.attr("relevant")), Required: condition(bind.attr("required")), Constraint: bind.attr("constraint"),
		Calculation: bind.attr("calculate"), ReadOnly: condition(bind.attr("readonly")), Default: leaf.text(),
		Class: bind.attrIn(spaceWaymark, "sensitivity")}
	if q.Default == "" {
		q.Default = d.defaults[full]
	}
	if control != nil {
		q.Labels, q.Hints, q.Appearance = d.label(control), d.words(control.first("hint")), control.attr("appearance")
	}
	d.typed(&q, bind, control, full)
	d.saved(bind, at)
	d.form.Questions = append(d.form.Questions, q)
}

// condition gives a condition, "" where it never holds for being left out or said so.
func condition(s string) string {
	if s == "false()" || s == "false" {
		return ""
	}
	return s
}

// bindTypes are the types of answers that need no look at the control.
var bindTypes = map[string]form.Type{
	"int": form.Integer, "integer": form.Integer, "long": form.Integer, "decimal": form.Decimal, "double": form.Decimal, "float": form.Decimal,
	"datetime": form.DateTime, "date": form.Date, "time": form.Time, "dateTime": form.DateTime, "geopoint": form.Geopoint, "geotrace": form.Geotrace,
	"geoshape": form.Geoshape, "barcode": form.Barcode, "string": form.Text, "text": form.Text, "": form.Text, "select1": form.SelectOne,
	"select": form.SelectMultiple, "rank": form.Rank, "odk:rank": form.Rank, "binary": form.File, "boolean": form.Text, "intent": form.Text,
	"anyURI": form.Text, "base64Binary": form.File,
}

// typed says what kind of question it is, by its bind, its control and what fills it.
func (d *decoder) typed(q *form.Question, bind, control *element, full string) {
	said := bind.attr("type")
	if _, local, ok := strings.Cut(said, ":"); ok && local != "rank" {
		said = local // xsd:int
	}
	if i := strings.LastIndexByte(said, ':'); i >= 0 {
		said = said[i+1:]
	}
	known := false
	if q.Type, known = bindTypes[said]; !known {
		q.Type = form.Text
		d.issue(CodeUnknownType, fault.Soft, bind, map[string]any{"type": said, "path": q.Path.String()})
	}
	q.Written = q.Type.String()
	if d.preloaded(q, bind) {
		return
	}
	if control == nil {
		switch {
		case q.Type == form.File || q.Type == form.Audio:
			d.recorded(q)
		case q.Type == form.Text && q.Calculation != "":
			q.Type = form.Calculate
		case q.Type == form.Text:
			q.Type = form.Hidden
		case q.Type == form.Geopoint && d.set[full]:
			q.Written = "start-geopoint"
			return
		}
		q.Written = q.Type.String()
		return
	}
	switch control.name.Local {
	case "select1":
		q.Type = form.SelectOne
	case "select":
		q.Type = form.SelectMultiple
	case "rank":
		q.Type = form.Rank
	case "range":
		q.Type = form.Range
	case "trigger":
		q.Type = form.Acknowledge
	case "upload":
		q.Type = uploaded(control.attr("mediatype"))
	case "input":
		switch {
		case control.attr("query") != "":
			q.Type = form.SelectOne
			if m := ofInstance.FindStringSubmatch(control.attr("query")); m != nil {
				q.List = m[1]
			}
		case q.Type == form.Text && q.ReadOnly == "true()" && q.Calculation == "" && q.Default == "" && !d.set[full]:
			q.Type = form.Note // nothing can ever fill it in
		}
	}
	if strings.HasPrefix(q.Name(), headingName) {
		q.Type = form.Note
	}
	q.Written = q.Type.String()
	if q.Type.Select() && q.List == "" {
		d.choose(q, control)
	}
}

// headingName begins the names of the selects that compilers put above questions shown as a table, for the
// labels of the columns. Nobody answers them.
const headingName = "reserved_name_for_field_list_labels_"

// uploaded gives the type of a file by what may be sent.
func uploaded(mediatype string) form.Type {
	kind, _, _ := strings.Cut(mediatype, "/")
	switch kind {
	case "image":
		return form.Image
	case "audio":
		return form.Audio
	case "video":
		return form.Video
	}
	return form.File
}

// recorded is a file that no control takes: a recording in the background.
func (d *decoder) recorded(q *form.Question) {
	if d.set[d.rootPath()+"/"+q.Path.String()] {
		q.Type = form.Audio
	}
}

// preloaded knows what the phone fills in.
func (d *decoder) preloaded(q *form.Question, bind *element) bool {
	kind, what := bind.attr("preload"), bind.attr("preloadParams")
	switch {
	case kind == "timestamp", kind == "date" && what == "today", kind == "property", kind == "uid":
		q.Type = form.Metadata
		switch {
		case kind == "uid":
			q.Written = "instanceid"
		case kind == "date":
			q.Written = "today"
		default:
			q.Written = strings.ToLower(strings.TrimPrefix(what, "uri:"))
		}
		return true
	}
	return false
}

var (
	ofInstance = regexp.MustCompile(`instance\(\s*['"]([^'"]+)['"]\s*\)`)
	ofSearch   = regexp.MustCompile(`search\(\s*['"]([^'"]+)['"]`)
	ofPullData = regexp.MustCompile(`pulldata\(\s*['"]([^'"]+)['"]`)
)

// choose says where the choices of a select come from.
func (d *decoder) choose(q *form.Question, control *element) {
	set := control.first("itemset")
	if set == nil {
		d.written(q, control)
		return
	}
	nodeset := set.attr("nodeset")
	m := ofInstance.FindStringSubmatch(nodeset)
	if m == nil { // the answers of a repeat
		q.Written += " " + nodeset
		return
	}
	if from, to := strings.IndexByte(nodeset, '['), strings.LastIndexByte(nodeset, ']'); from >= 0 && to > from {
		q.ChoiceFilter = strings.TrimSpace(nodeset[from+1 : to])
	}
	id := m[1]
	table := d.instances[id]
	switch {
	case table == nil:
		d.issue(CodeNoChoices, fault.Soft, set, map[string]any{"list": id, "path": q.Path.String()})
		q.List = id
	case table.attr("src") != "":
		q.File = fileName(table.attr("src"))
		q.Written = fileWords[q.Type] + " " + q.File
		return
	default:
		q.List = id
		d.table(id, table, set)
	}
	q.Written += " " + id
}

var fileWords = map[form.Type]string{
	form.SelectOne: "select_one_from_file", form.SelectMultiple: "select_multiple_from_file", form.Rank: "rank_from_file",
}

// written reads choices that stand in the question itself.
func (d *decoder) written(q *form.Question, control *element) {
	l := form.List{Name: q.Path.String()}
	for _, item := range control.all("item") {
		if name := item.first("value").text(); name != "" {
			l.Choices = append(l.Choices, form.Choice{Name: name, Labels: d.label(item)})
		}
	}
	q.List = l.Name
	q.Written += " " + l.Name
	d.form.Lists = append(d.form.Lists, l)
}

// table reads the choices of a table beside the record with the columns that an itemset names, once.
func (d *decoder) table(id string, table, set *element) {
	if d.hasList(id) {
		return
	}
	value, label := set.first("value"), set.first("label")
	code, text := "name", "label"
	if value != nil && value.attr("ref") != "" {
		code = value.attr("ref")
	}
	if label != nil && label.attr("ref") != "" {
		text = label.attr("ref")
	}
	translated := false
	if inner, ok := strings.CutPrefix(text, "jr:itext("); ok {
		text, translated = strings.TrimSuffix(inner, ")"), true
	}
	l := form.List{Name: id}
	for _, top := range table.elements() {
		for _, item := range top.elements() {
			c := form.Choice{Name: item.first(strings.TrimSpace(code)).text()}
			if c.Name == "" {
				continue
			}
			if shown := item.first(strings.TrimSpace(text)); shown != nil {
				if translated {
					c.Labels = d.translated(shown.text())
				} else {
					c.Labels = d.untranslated(shown.text())
				}
			}
			l.Choices = append(l.Choices, c)
		}
	}
	d.form.Lists = append(d.form.Lists, l)
}

func (d *decoder) hasList(name string) bool {
	for i := range d.form.Lists {
		if d.form.Lists[i].Name == name {
			return true
		}
	}
	return false
}

// lists reads the tables beside the record that are choice lists, in the order they stand.
func (d *decoder) lists() {
	usual := &element{}
	for _, id := range d.order {
		in := d.instances[id]
		if id == "" || in.attr("src") != "" {
			continue
		}
		set := d.asked(d.page, id)
		if set == nil {
			set = usual
			for _, top := range in.elements() {
				for _, item := range top.elements()[:min(1, len(top.elements()))] {
					if item.first("itextId") != nil {
						set = &element{content: []any{&element{name: xml.Name{Local: "label"}, attrs: []xml.Attr{{Name: xml.Name{Local: "ref"}, Value: "jr:itext(itextId)"}}}}}
					}
				}
			}
		}
		d.table(id, in, set)
	}
}

// asked finds the first itemset of a table.
func (d *decoder) asked(e *element, id string) *element {
	for _, c := range e.elements() {
		if c.name.Local == "itemset" {
			if m := ofInstance.FindStringSubmatch(c.attr("nodeset")); m != nil && m[1] == id {
				return c
			}
			continue
		}
		if found := d.asked(c, id); found != nil {
			return found
		}
	}
	return nil
}

// saved notes that an answer becomes a property of an entity.
func (d *decoder) saved(bind *element, at form.Path) {
	property := bind.attrIn(spaceEntities, "saveto")
	if property == "" {
		return
	}
	d.saves = append(d.saves, save{at, property})
}

type save struct {
	question form.Path
	property string
}

// entity reads what a record, or an instance of a repeat, says of an entity.
func (d *decoder) entity(e *element, at, repeat form.Path) {
	full := d.rootPath() + "/" + at.String()
	said := func(name string) (string, bool) {
		if b := d.binds[full+"/@"+name]; b != nil && b.attr("calculate") != "" {
			return b.attr("calculate"), true
		}
		return "", false
	}
	out := form.Entity{List: e.attr("dataset"), Repeat: repeat}
	out.Create, _ = said("create")
	out.Update, _ = said("update")
	if e.attr("update") != "" || out.Update != "" {
		out.ID, _ = said("id")
	}
	if b := d.binds[full+"/label"]; b != nil {
		out.Label = b.attr("calculate")
	}
	d.form.Entities = append(d.form.Entities, out)
}

// entities gives each answer that is kept to the entity it is kept in: the one named before a "#", the one of
// the innermost repeat around the question, or the only one.
func (d *decoder) entities() {
	for _, s := range d.saves {
		list, property, named := strings.Cut(s.property, "#")
		if !named {
			list, property = "", s.property
		}
		best := -1
		for i, e := range d.form.Entities {
			around := len(e.Repeat) == 0 || strings.HasPrefix(s.question.String(), e.Repeat.String()+"/")
			if around && (!named || e.List == list) && (best < 0 || len(e.Repeat) > len(d.form.Entities[best].Repeat)) {
				best = i
			}
		}
		if best >= 0 {
			d.form.Entities[best].SaveTo = append(d.form.Entities[best].SaveTo, form.Save{Question: s.question, Property: property})
		}
	}
}
