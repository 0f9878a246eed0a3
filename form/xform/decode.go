package xform

import (
	"encoding/xml"
	"maps"
	"path"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// What keeps a form from being read; texts stand in lang/messages/xformread.*.toml.
const (
	CodeTooLarge    fault.Code = "xformread.too-large"    // limit: bytes
	CodeEncoding    fault.Code = "xformread.encoding"     //
	CodeNotXML      fault.Code = "xformread.not-xml"      // line
	CodeDoctype     fault.Code = "xformread.doctype"      //
	CodeNoModel     fault.Code = "xformread.no-model"     //
	CodeNoRecord    fault.Code = "xformread.no-record"    //
	CodeNoFormID    fault.Code = "xformread.no-form-id"   //
	CodeNoTitle     fault.Code = "xformread.no-title"     // soft
	CodeNoMeta      fault.Code = "xformread.no-meta"      // soft: the record has no place for its instanceID
	CodeNoSuchNode  fault.Code = "xformread.no-such-node" // path; soft: what is asked has no place in the record
	CodeUnknownType fault.Code = "xformread.unknown-type" // type, path; soft: read as text
	CodeNoChoices   fault.Code = "xformread.no-choices"   // list, path; soft
)

// The namespaces that what is read here stands in.
const (
	spaceJavaRosa = "http://openrosa.org/javarosa"
	spaceEntities = "http://www.opendatakit.org/xforms/entities"
	spaceWaymark  = "urn:waymark:form:1"
)

// Decode reads a form as phones do, whoever compiled it. Expressions are kept as they stand, with paths for
// names; the answers shown within labels become ${name}. Where a hard issue is found the form is nil. What is
// only shown, and what only the engine on a phone needs, is passed over.
func Decode(raw []byte) (*form.Form, fault.Issues) {
	root, refused := readXML(raw)
	if refused != nil {
		return nil, refused
	}
	d := &decoder{form: &form.Form{}, binds: map[string]*element{}, ids: map[string]string{}, repeats: map[string]*element{},
		controls: map[string]*element{}, groups: map[string]*element{}, defaults: map[string]string{}, set: map[string]bool{},
		instances: map[string]*element{}, there: map[string]bool{}, texts: map[string]map[string]string{}}
	if !d.find(root) {
		return nil, d.issues
	}
	if d.heading(); d.issues.Err() != nil {
		return nil, d.issues
	}
	d.itext()
	d.bindings()
	d.body(d.page, d.rootPath())
	d.lists()
	d.nodes(d.record, nil, nil)
	d.missing()
	d.expressions()
	d.entities()
	d.others()
	d.media()
	d.languages()
	return d.form, d.issues
}

type decoder struct {
	form   *form.Form
	issues fault.Issues

	head, page, model *element
	record            *element            // the empty record
	instances         map[string]*element // tables beside the record, by id
	order             []string            // their ids in order
	binds             map[string]*element // by path
	ids               map[string]string   // of binds: to path
	repeats, groups   map[string]*element // of the page, by path
	controls          map[string]*element
	defaults          map[string]string // expressions that are set when a record begins, by path
	set               map[string]bool   // paths that an action fills
	texts             map[string]map[string]string
	files             []string
	plain             bool // there is a text without a language
	saves             []save
	there             map[string]bool // paths of the record
	identified        bool            // the record has a place for its instanceID
}

func (d *decoder) issue(code fault.Code, severity fault.Severity, e *element, args map[string]any) {
	place := fault.Place{}
	if e != nil {
		place.Row = e.line
	}
	d.issues = append(d.issues, fault.Issue{Code: code, Severity: severity, Place: place, Args: args})
}

func (d *decoder) refuse(code fault.Code, e *element) bool {
	d.issue(code, fault.Hard, e, nil)
	return false
}

// find tells the parts of a form apart: head, page, model, record and the tables beside it.
func (d *decoder) find(root *element) bool {
	d.head, d.page = root.first("head"), root.first("body")
	if d.head == nil || root.name.Local != "html" {
		return d.refuse(CodeNoModel, root)
	}
	if d.model = d.head.first("model"); d.model == nil {
		return d.refuse(CodeNoModel, d.head)
	}
	if d.page == nil {
		d.page = &element{}
	}
	for _, in := range d.model.all("instance") {
		id := in.attr("id")
		within := in.elements()
		if d.record == nil && in.attr("src") == "" {
			if len(within) != 1 {
				return d.refuse(CodeNoRecord, in)
			}
			d.record = within[0]
			continue
		}
		if _, twice := d.instances[id]; !twice {
			d.instances[id] = in
			d.order = append(d.order, id)
		}
	}
	if d.record == nil {
		return d.refuse(CodeNoRecord, d.model)
	}
	return true
}

func (d *decoder) rootPath() string { return "/" + d.record.name.Local }

// heading reads what the form says of itself.
func (d *decoder) heading() {
	f := d.form
	f.ID = d.record.attr("id")
	if f.ID == "" {
		f.ID = d.record.name.Space
		if f.ID == "" || f.ID == "http://www.w3.org/2002/xforms" {
			f.ID = ""
			d.issue(CodeNoFormID, fault.Hard, d.record, nil)
		}
	}
	f.Version, f.Instance = d.record.attr("version"), d.record.name.Local
	f.Title = strings.Join(strings.Fields(d.head.first("title").text()), " ")
	if f.Title == "" {
		d.issue(CodeNoTitle, fault.Soft, d.head, nil)
	}
	f.Style = d.page.attr("class")
	if s := d.model.first("submission"); s != nil {
		f.PublicKey = s.attr("base64RsaPublicKey")
	}
}

// bindings reads what holds of each node, and what is set by itself.
func (d *decoder) bindings() {
	for _, b := range d.model.all("bind") {
		at := d.resolve(b.attr("nodeset"), d.rootPath())
		if at == "" {
			continue
		}
		if _, twice := d.binds[at]; !twice {
			d.binds[at] = b
		}
		if id := b.attr("id"); id != "" {
			d.ids[id] = at
		}
	}
	for _, a := range d.model.elements() {
		d.action(a, d.rootPath())
	}
}

// action notes a node that an action fills in.
func (d *decoder) action(a *element, context string) {
	switch a.name.Local {
	case "setvalue", "setgeopoint", "recordaudio":
	default:
		return
	}
	at := d.target(a, context)
	d.set[at] = true
	if a.name.Local != "setvalue" || !strings.Contains(a.attr("event"), "first-load") && !strings.Contains(a.attr("event"), "new-repeat") {
		return
	}
	if d.defaults[at] = a.attr("value"); d.defaults[at] == "" {
		d.defaults[at] = a.text()
	}
}

// target gives the path that an element of the page or an action stands for.
func (d *decoder) target(e *element, context string) string {
	for _, name := range []string{"ref", "nodeset", "bind"} {
		said := e.attr(name)
		if said == "" {
			continue
		}
		if name == "bind" {
			if at, ok := d.ids[said]; ok {
				return at
			}
		}
		return d.resolve(said, context)
	}
	return ""
}

// resolve makes a path of names from the root of what stands in an attribute: /data/a, a, ./a, ../a. It gives
// "" for anything else.
func (d *decoder) resolve(said, context string) string {
	said = strings.TrimSpace(said)
	if said == "" || strings.ContainsAny(said, "([ ") {
		return ""
	}
	if !strings.HasPrefix(said, "/") {
		said = context + "/" + said
	}
	parts := strings.Split(path.Clean(said), "/")
	for i, p := range parts { // prefixes of namespaces tell nothing here
		if _, local, ok := strings.Cut(p, ":"); ok {
			parts[i] = local
		}
	}
	return strings.Join(parts, "/")
}

// body notes the controls, groups and repeats of the page by the path they stand for.
func (d *decoder) body(e *element, context string) {
	for _, c := range e.elements() {
		at := d.target(c, context)
		inner := at
		if inner == "" {
			inner = context
		}
		switch c.name.Local {
		case "group":
			if at != "" && d.groups[at] == nil {
				d.groups[at] = c
			}
			d.body(c, inner)
		case "repeat":
			if at != "" && d.repeats[at] == nil {
				d.repeats[at] = c
				if e.name.Local == "group" && d.groups[at] == nil { // the group around it holds its label
					d.groups[at] = e
				}
			}
			d.body(c, inner)
		case "input", "secret", "textarea", "select", "select1", "upload", "trigger", "range", "rank":
			if at != "" && d.controls[at] == nil {
				d.controls[at] = c
			}
			d.body(c, inner)
		default:
			d.action(c, context)
		}
	}
}

// nodes reads the empty record: what stands in it, in order, are the groups and questions.
func (d *decoder) nodes(e *element, at, repeat form.Path) {
	seen := map[string]bool{}
	for _, c := range e.elements() {
		name := c.name.Local
		if seen[name] { // a repeat stands as its template and as its first instances
			continue
		}
		seen[name] = true
		here := append(slices.Clip(at), name)
		full := d.rootPath() + "/" + here.String()
		d.there[full] = true
		if name == "meta" && d.isMeta(c, full) {
			d.meta(c, here, repeat)
			continue
		}
		within := c.elements()
		isRepeat := d.repeats[full] != nil || c.attrIn(spaceJavaRosa, "template") != "" || hasAttr(c, spaceJavaRosa, "template")
		switch {
		case isRepeat:
			d.group(here, full, true)
			d.nodes(d.richest(e, c), here, here)
		case len(within) > 0 || d.groups[full] != nil && d.controls[full] == nil:
			d.group(here, full, false)
			d.nodes(c, here, repeat)
		default:
			d.question(c, here, repeat, full)
		}
	}
}

// missing notes what is asked and has no place in the record, and a record that cannot be told from others.
func (d *decoder) missing() {
	for _, at := range slices.Sorted(maps.Keys(d.controls)) {
		if !d.there[at] {
			d.issue(CodeNoSuchNode, fault.Soft, d.controls[at], map[string]any{"path": at})
		}
	}
	if !d.identified {
		d.issue(CodeNoMeta, fault.Soft, d.record, nil)
	}
}

func hasAttr(e *element, space, name string) bool {
	return slices.ContainsFunc(e.attrs, func(a xml.Attr) bool { return a.Name.Local == name && a.Name.Space == space })
}

// richest gives, of elements of one name, the one with most elements within: the template where it is fuller.
func (d *decoder) richest(around, e *element) *element {
	best := e
	for _, c := range around.all(e.name.Local) {
		if len(c.elements()) > len(best.elements()) {
			best = c
		}
	}
	return best
}

func (d *decoder) group(at form.Path, full string, repeat bool) {
	g := form.Group{Path: at, Repeat: repeat}
	if shown := d.groups[full]; shown != nil {
		g.Labels = d.label(shown)
	}
	if b := d.binds[full]; b != nil {
		g.Relevant = condition(b.attr("relevant"))
	}
	if r := d.repeats[full]; r != nil {
		g.Count = r.attr("count")
		if l := d.label(r); len(g.Labels) == 0 {
			g.Labels = l
		}
	}
	d.form.Groups = append(d.form.Groups, g)
}

// isMeta says whether a group is the block in which a record says who it is.
func (d *decoder) isMeta(e *element, full string) bool {
	if d.groups[full] != nil {
		return false
	}
	for _, c := range e.elements() {
		switch c.name.Local {
		case "instanceID", "instanceName", "entity", "audit", "deprecatedID", "timeStart", "userID", "deviceID":
			return true
		}
	}
	return strings.HasPrefix(e.name.Space, "http://openrosa.org/xforms")
}

// meta reads the block in which a record, or an instance of a repeat, says who it is and what entity it makes.
func (d *decoder) meta(e *element, at, repeat form.Path) {
	for _, c := range e.elements() {
		here := append(slices.Clip(at), c.name.Local)
		d.there[d.rootPath()+"/"+here.String()] = true
		switch c.name.Local {
		case "instanceID":
			d.identified = d.identified || len(repeat) == 0
		case "entity":
			d.entity(c, here, repeat)
		case "audit":
			d.form.Questions = append(d.form.Questions, form.Question{Path: here, Repeat: repeat, Type: form.Audit, Written: "audit"})
		}
	}
}

// others finds selects that take "other" with words beside it: the compiler's own question of those words is
// taken back into the select.
func (d *decoder) others() {
	at := map[string]int{}
	for i, q := range d.form.Questions {
		at[q.Path.String()] = i
	}
	words := map[int]bool{}
	for i := range d.form.Questions {
		q := &d.form.Questions[i]
		k, ok := at[q.Path.String()+"_other"]
		if !ok || !q.Type.Select() || d.form.Questions[k].Type != form.Text {
			continue
		}
		if l := d.form.List(q.List); l != nil && slices.ContainsFunc(l.Choices, func(c form.Choice) bool { return c.Name == form.OtherChoice }) && specifies(d.form.Questions[k]) {
			q.Other = true
			words[k] = true
		}
	}
	if len(words) > 0 {
		kept := d.form.Questions[:0]
		for i, q := range d.form.Questions {
			if !words[i] {
				kept = append(kept, q)
			}
		}
		d.form.Questions = kept
	}
}

// specifies knows the question that compilers put beside a select with "other" by its label and condition.
func specifies(q form.Question) bool {
	if !strings.Contains(q.Relevant, "'"+form.OtherChoice+"'") {
		return false
	}
	for _, s := range q.Labels {
		if s == "Specify other." {
			return true
		}
	}
	return false
}

// languages says which languages the form has texts in.
func (d *decoder) languages() {
	f := d.form
	if f.Language == "" {
		f.Language = "und"
	}
	if d.plain && !slices.ContainsFunc(f.Texts, func(l form.Language) bool { return l.Tag == f.Language }) {
		f.Texts = append(f.Texts, form.Language{Tag: f.Language})
	}
	if form.WrittenRight(f.Language) {
		f.Direction = "rtl"
	}
}
