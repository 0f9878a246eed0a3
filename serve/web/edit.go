package web

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/form/instance"
	"waymark/serve/route"
	"waymark/trust/access"
	"waymark/trust/seal"
)

func (s *site) editRoutes() []route.Route {
	return []route.Route{
		s.get(recordPath+"/edit", access.EditRecords, s.edit),
		s.post(recordPath+"/edit", access.EditRecords, s.editDone),
	}
}

// CodeCannotEdit says that a body is of a kind that this page cannot change: in UTF-16, encrypted, or not as its form
// says.
const CodeCannotEdit fault.Code = "web.cannot-edit"

// editView is the page that changes simple answers of a record: those asked once, of a class that the page may show.
type editView struct {
	Record  collect.Record
	Fields  []editField
	Left    int // answers that this page does not change
	Opening string
}

type editField struct {
	Path, Name, Label string
	Kind              string // "text", "number", "date", "one", "many"
	Value             string
	Chosen            map[string]bool
	Levels            []levelView
}

func (s *site) editView(a *ask) (editView, []byte, error) {
	id := a.r.PathValue("instance")
	v := editView{Opening: a.value("opening")}
	var err error
	if v.Record, err = s.desk.Record(a.ctx, a.by, a.project.ID, a.form.ID, id, collect.Published); err != nil {
		return v, nil, err
	}
	raw, err := s.desk.RawRecord(a.ctx, a.by, a.project.ID, a.form.ID, id, "", v.Opening)
	if err != nil {
		return v, nil, err
	}
	root, err := instance.ParseXML(raw, instance.Limits{})
	if err != nil || v.Record.Encrypted {
		return v, nil, fault.Issue{Code: CodeCannotEdit}
	}
	tables, err := s.desk.Tables(a.ctx, a.by, a.project.ID, a.form.ID, collect.Published)
	if err != nil || len(tables) == 0 {
		return v, nil, err
	}
	computed, err := s.computed(a, v.Record)
	if err != nil {
		return v, nil, err
	}
	for _, f := range answered(tables[0].Fields) {
		node := find(root, f.Path)
		field, ok := a.editField(f)
		if node == nil || len(node.Children) > 0 || !ok || computed[f.Path.String()] {
			v.Left++
			continue
		}
		field.Value = node.Text
		field.Chosen = map[string]bool{}
		for _, code := range strings.Fields(node.Text) {
			field.Chosen[code] = true
		}
		v.Fields = append(v.Fields, field)
	}
	return v, raw, nil
}

// computed lists the questions that nobody answers: calculations and those that are read only.
func (s *site) computed(a *ask, r collect.Record) (map[string]bool, error) {
	out := map[string]bool{}
	version, err := s.desk.Version(a.ctx, a.by, a.project.ID, a.form.ID, r.Version, collect.Published)
	if err != nil {
		return out, err
	}
	compiled, err := s.desk.Compiled(a.ctx, version)
	if err != nil {
		return out, err
	}
	for _, q := range compiled.Questions {
		if q.Calculation != "" || q.ReadOnly != "" || !q.Type.Asked() {
			out[q.Path.String()] = true
		}
	}
	return out, nil
}

func find(root *instance.Node, path form.Path) *instance.Node {
	n := root
	for _, name := range path {
		if n = n.Child(name); n == nil {
			return nil
		}
	}
	return n
}

// editField makes the input of a question, where it is simple enough for one.
func (a *ask) editField(f collect.Field) (editField, bool) {
	e := editField{Path: f.Path.String(), Name: "answer:" + f.Path.String(), Label: a.label(f.Labels, f.Path[len(f.Path)-1])}
	if f.Class > dataset.Internal {
		return e, false
	}
	for _, l := range f.Levels {
		e.Levels = append(e.Levels, levelView{l.Code, a.label(l.Labels, l.Code)})
	}
	switch f.Type {
	case form.Text, form.Barcode:
		e.Kind = "text"
	case form.Integer, form.Decimal, form.Range:
		e.Kind = "number"
	case form.Date:
		e.Kind = "date"
	case form.SelectOne:
		e.Kind = "one"
	case form.SelectMultiple:
		e.Kind = "many"
	default:
		return e, false
	}
	return e, e.Kind != "one" && e.Kind != "many" || len(e.Levels) > 0
}

func (s *site) edit(a *ask) error {
	v, _, err := s.editView(a)
	if err != nil {
		return err
	}
	return a.show("edit", "records", a.title("edit"), v)
}

// editDone sends a new version of the record: the body as it came with other answers in it. It names the version it
// takes the place of, so that two people who edit at once do not overwrite each other.
func (s *site) editDone(a *ask) error {
	v, raw, err := s.editView(a)
	if err != nil {
		return err
	}
	if a.value("current") != v.Record.Current {
		return fault.Conflict
	}
	changed := map[string]string{}
	for n, f := range v.Fields {
		value := a.value(f.Name)
		if f.Kind == "many" {
			value = strings.Join(a.values(f.Name), " ")
		}
		if f.Kind == "one" && value == "" && !slices.Contains(a.r.Form[f.Name], "") {
			continue
		}
		if value != strings.TrimSpace(f.Value) {
			changed[f.Path] = value
		}
		v.Fields[n].Value = value
	}
	if len(changed) == 0 {
		return a.see(a.recordAddress(), "unchanged")
	}
	body, err := rewrite(raw, changed, newInstanceID())
	if err != nil {
		return a.again("edit", "records", a.title("edit"), v, err)
	}
	sent := collect.Sent{Project: a.project.ID, Form: a.form.ID, Raw: body, Language: a.Tag()}
	if _, err := s.desk.Accept(a.ctx, a.by, sent); err != nil {
		return a.again("edit", "records", a.title("edit"), v, err)
	}
	return a.see(a.recordAddress(), "edited")
}

// newInstanceID gives a new id as phones make them: a random UUID.
func newInstanceID() string {
	b, err := base64.RawURLEncoding.DecodeString(seal.Token(16))
	if err != nil || len(b) != 16 {
		panic("a token is not base64url") // seal makes it so
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// splice is a stretch of a body and what takes its place.
type splice struct {
	from, to int64
	text     string
}

// rewrite puts other answers into a body and makes it the version after the one it was. Every byte that is not
// concerned stays as it was sent: nothing is written anew that a phone wrote.
func rewrite(raw []byte, answers map[string]string, id string) ([]byte, error) {
	cannot := fault.Issue{Code: CodeCannotEdit}
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, cannot }
	var (
		splices  []splice
		path     []string
		open     []element
		was      string
		replaced = map[string]bool{}
	)
	for {
		start := d.InputOffset()
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, cannot
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(open) > 0 {
				path = append(path, t.Name.Local)
			}
			open = append(open, element{start: start, inner: d.InputOffset(), name: qualified(t.Name), empty: raw[d.InputOffset()-2] == '/'})
		case xml.EndElement:
			if len(open) == 0 {
				return nil, cannot
			}
			e := open[len(open)-1]
			e.end, e.after = start, d.InputOffset()
			open = open[:len(open)-1]
			here := strings.Join(path, "/")
			if text, ok := answers[here]; ok && !replaced[here] {
				replaced[here] = true
				splices = append(splices, e.put(text))
			}
			if len(path) == 2 && path[0] == "meta" {
				switch path[1] {
				case "instanceID":
					was = strings.TrimSpace(textOf(raw[e.inner:e.end]))
					splices = append(splices, e.put(id))
					if prefix, _, ok := strings.Cut(e.name, ":"); ok {
						splices = append(splices, splice{e.start, e.start, wrap(prefix+":deprecatedID", was)})
					} else {
						splices = append(splices, splice{e.start, e.start, wrap("deprecatedID", was)})
					}
				case "deprecatedID":
					splices = append(splices, splice{e.start, e.after, ""})
				}
			}
			if len(path) > 0 {
				path = path[:len(path)-1]
			}
		}
	}
	if was == "" || len(replaced) != len(answers) {
		return nil, cannot
	}
	return apply(raw, splices), nil
}

// element is where an element stands in a body.
type element struct {
	name                     string
	start, inner, end, after int64
	empty                    bool // <name/>
}

// put gives the splice that makes a text the element's content.
func (e element) put(text string) splice {
	if e.empty {
		return splice{e.inner - 2, e.inner, ">" + escaped(text) + "</" + e.name + ">"}
	}
	return splice{e.inner, e.end, escaped(text)}
}

func qualified(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func wrap(name, text string) string { return "<" + name + ">" + escaped(text) + "</" + name + ">" }

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// textOf reads the text within an element that has no elements within.
func textOf(inner []byte) string {
	d := xml.NewDecoder(bytes.NewReader(inner))
	var b strings.Builder
	for {
		token, err := d.RawToken()
		if err != nil {
			return b.String()
		}
		if c, ok := token.(xml.CharData); ok {
			b.Write(c)
		}
	}
}

func apply(raw []byte, splices []splice) []byte {
	slices.SortStableFunc(splices, func(a, b splice) int { return int(a.from - b.from) })
	var out bytes.Buffer
	at := int64(0)
	for _, s := range splices {
		out.Write(raw[at:s.from])
		out.WriteString(s.text)
		at = s.to
	}
	out.Write(raw[at:])
	return out.Bytes()
}
