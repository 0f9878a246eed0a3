package odata

import (
	"net/url"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	"waymark/trust/access"
)

// names gives the names of actors by their id ("device:4"), as far as the asker may know them.
type names map[string]string

// writer writes rows of a shape.
type writer struct {
	shape *shape
	names names
	wkt   bool
	// restricted says that restricted answers were asked for. An opening shows them too, and what was not asked for
	// is not given.
	restricted bool
	nested     map[*shape]*child
}

// row appends a row as a JSON object.
func (w *writer) row(b []byte, r *collect.Row) []byte {
	b = append(b, '{')
	if w.shape.id {
		b = append(b, `"__id":`...)
		b = appendText(b, rowID(r.Record.Instance, r.Key))
		b = append(b, ',')
	}
	if w.shape.parent != "" && w.shape.join {
		b = appendText(b, w.shape.parent)
		b = append(b, ':')
		b = appendText(b, rowID(r.Record.Instance, r.Parent))
		b = append(b, ',')
	}
	if w.shape.first {
		b = w.system(b, r.Record)
	}
	if !r.Record.Encrypted {
		b = w.branch(b, w.shape.root, r)
	}
	return closed(b)
}

// closed ends an object, whose last member left a comma.
func closed(b []byte) []byte {
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	return append(b, '}')
}

func (w *writer) branch(b []byte, at *branch, r *collect.Row) []byte {
	for _, c := range at.children {
		switch {
		case c.repeat != nil:
			b = appendText(b, c.name+"@odata.navigationLink")
			b = append(b, ':')
			b = appendText(b, navigation(r, w.shape, c))
			b = append(b, ',')
			if inner := w.nested[c.repeat]; inner != nil {
				b = appendText(b, c.name)
				b = append(b, ':')
				b = inner.rows(b, r)
				b = append(b, ',')
			}
		case c.field == instanceID:
			b = append(b, `"instanceID":`...)
			b = append(appendText(b, r.Record.Current), ',')
		case c.field >= 0:
			b = append(b, '"')
			b = append(b, c.name...)
			b = append(b, '"', ':')
			cell := r.Cells[w.shape.position[c.field]]
			cell.Sealed = cell.Sealed || !w.restricted && w.shape.table.Fields[c.field].Class == dataset.Restricted
			b = appendCell(b, cell, c.format, w.wkt)
			b = append(b, ',')
		default:
			b = append(b, '"')
			b = append(b, c.name...)
			b = append(b, '"', ':', '{')
			b = append(closed(w.branch(b, c, r)), ',')
		}
	}
	return b
}

// navigation is the address of a row's repeat below the service: "Submissions('uuid:…')/home/person".
func navigation(r *collect.Row, s *shape, c *branch) string {
	out := firstTable + "('" + url.PathEscape(r.Record.Instance) + "')"
	for _, part := range strings.Split(strings.TrimPrefix(strings.TrimPrefix(r.Key, r.Record.Instance), "/"), "/") {
		if name, _, repeat := strings.Cut(part, "["); part != "" {
			out += "/" + Identifier(name)
			if repeat {
				at := strings.Index(r.Key, part) + len(part)
				out += "('" + rowID(r.Record.Instance, r.Key[:at]) + "')"
			}
		}
	}
	below := c.repeat.table.Path[len(s.table.Path):]
	return out + "/" + strings.Join(identifiers(below), "/")
}

// reviews are the states as Central has them: one that nobody looked at is null.
var reviews = map[collect.Review]string{collect.HasIssues: "hasIssues", collect.Edited: "edited", collect.Approved: "approved", collect.Rejected: "rejected"}

// system appends what the server knows of a record.
func (w *writer) system(b []byte, r *collect.Record) []byte {
	s := w.shape.system
	if s != nil && len(s) == 0 {
		return b
	}
	b = append(b, `"__system":{`...)
	for _, name := range systemNames {
		if s != nil && !s[name] {
			continue
		}
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, '"', ':')
		b = w.property(b, name, r)
		b = append(b, ',')
	}
	return append(closed(b), ',')
}

func (w *writer) property(b []byte, name string, r *collect.Record) []byte {
	text := func(s string) []byte {
		if s == "" {
			return append(b, "null"...)
		}
		return appendText(b, s)
	}
	switch name {
	case "submissionDate":
		return appendTime(b, r.Received)
	case "updatedAt":
		if !r.Updated.After(r.Received) {
			return append(b, "null"...)
		}
		return appendTime(b, r.Updated)
	case "submitterId":
		return text(actorNumber(r.Actor))
	case "submitterName":
		return text(w.names[r.Actor])
	case "attachmentsPresent":
		present, _ := Attachments(r)
		return strconv.AppendInt(b, int64(present), 10)
	case "attachmentsExpected":
		_, expected := Attachments(r)
		return strconv.AppendInt(b, int64(expected), 10)
	case "status":
		if r.Encrypted {
			return append(b, `"notDecrypted"`...)
		}
	case "reviewState":
		return text(reviews[r.Review])
	case "edits":
		return strconv.AppendInt(b, int64(r.Edits), 10)
	case "formVersion":
		return appendText(b, r.Version)
	}
	// deviceId stays null: it points to a person, and the Desk gives it for one record at a time
	return append(b, "null"...)
}

// Attachments counts a record's files that are there, and those that its answers name.
func Attachments(r *collect.Record) (present, expected int) {
	for _, a := range r.Attachments {
		if a.Expected {
			expected++
			if a.Digest != "" {
				present++
			}
		}
	}
	return present, expected
}

// deviceFrom begins the numbers of devices: Central numbers users and app users together.
const deviceFrom = 1_000_000

// ActorNumber is the one number that a user or a device has for Central's programs.
func ActorNumber(kind access.Kind, id int64) int64 {
	if kind == access.Device {
		return deviceFrom + id
	}
	return id
}

// DeviceOf gives the id of the device that has a number.
func DeviceOf(number int64) int64 { return number - deviceFrom }

// actorNumber is ActorNumber of a record's actor, as text; "" of the program itself.
func actorNumber(actor string) string {
	kind, rest, _ := strings.Cut(actor, ":")
	id, err := strconv.ParseInt(rest, 10, 64)
	if err != nil {
		return ""
	}
	return strconv.FormatInt(ActorNumber(access.Kind(kind), id), 10)
}
