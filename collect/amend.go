package collect

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/fault"
	"waymark/trust/access"
)

// CodeCannotAmend says that a body is of a kind that answers cannot be put into: in UTF-16, encrypted, or without the
// question.
const CodeCannotAmend fault.Code = "collect.cannot-amend"

// Amend puts other answers to questions that are asked once into a record, by their paths, and keeps the outcome as its
// new version, as an edit from a phone is kept. It needs EditRecords and no more: questions of a protected class are
// refused, and the body, protected answers in it included, does not leave the Desk. current is the version that the
// answers were read from; where there is another by now, fault.Conflict.
func (d *Desk) Amend(ctx context.Context, by access.Actor, project int64, form, instance, current string, answers map[string]string) (Receipt, error) {
	sealed, err := looked(ctx, d, func(tx Tx) ([]byte, error) {
		s, err := d.found(tx, by, access.EditRecords, project, form, instance, Published)
		switch {
		case err != nil:
			return nil, err
		case s.Current != current:
			return nil, fault.Conflict
		case s.Encrypted || s.Deleted:
			return nil, fault.Issue{Code: CodeCannotAmend}
		}
		m, err := d.mergedIn(tx, project, form, Published)
		if err != nil {
			return nil, err
		}
		for path := range answers {
			if !m.amendable(path) {
				return nil, forbidden(access.ReadRestricted)
			}
		}
		return tx.RecordBody(s.Seq, current)
	})
	if err != nil {
		return Receipt{}, err
	}
	raw, err := d.openBody(project, form, current, sealed)
	if err != nil {
		return Receipt{}, err
	}
	body, err := amended(raw, answers, "uuid:"+d.options.Keys.UUID())
	if err != nil {
		return Receipt{}, err
	}
	return d.Accept(ctx, by, Sent{Project: project, Form: form, Raw: body})
}

// amendable says whether a path is that of a question asked once that is not protected.
func (m *merged) amendable(path string) bool {
	for _, c := range m.layout.Tables[0].Columns {
		if c.Path.String() == path {
			return c.Class <= dataset.Internal
		}
	}
	return false
}

// splice is a stretch of a body and what takes its place.
type splice struct {
	from, to int64
	text     string
}

// amended puts other answers into a body and makes it the version after the one it was. Every byte that is not
// concerned stays as it was sent: nothing is written anew that a phone wrote.
func amended(raw []byte, answers map[string]string, id string) ([]byte, error) {
	cannot := fault.Issue{Code: CodeCannotAmend}
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
