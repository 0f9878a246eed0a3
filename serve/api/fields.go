package api

import (
	"strings"

	"waymark/form"
)

// field is an element of a form as Central lists them.
type field struct {
	Path           string `json:"path"`
	Name           string `json:"name"`
	Type           string `json:"type"`
	Binary         any    `json:"binary"`
	SelectMultiple any    `json:"selectMultiple"`
}

// fields lists the elements of a form's records, groups and repeats among them, in order.
func (s *server) fields(c *call) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	f, err := s.desk.Compiled(c.r.Context(), v)
	if err != nil {
		return err
	}
	return c.json(fieldsOf(f))
}

func fieldsOf(f *form.Form) []field {
	out := []field{}
	done := map[string]bool{}
	repeats := map[string]bool{}
	for _, g := range f.Repeats() {
		repeats[g.Path.String()] = true
	}
	add := func(p form.Path, kind string, more func(*field)) {
		path := "/" + p.String()
		if done[path] {
			return
		}
		done[path] = true
		v := field{Path: path, Name: p[len(p)-1], Type: kind}
		if more != nil {
			more(&v)
		}
		out = append(out, v)
	}
	for _, q := range f.Questions {
		for n := 1; n < len(q.Path); n++ {
			around := q.Path[:n]
			kind := "structure"
			if repeats[around.String()] {
				kind = "repeat"
			}
			add(around, kind, nil)
		}
		if q.Type == form.External || q.Type == form.Unknown {
			continue
		}
		add(q.Path, typeOf(q), func(v *field) {
			switch q.Type {
			case form.Image, form.Audio, form.Video, form.File, form.Audit:
				v.Binary = true
			case form.SelectMultiple:
				v.SelectMultiple = true
			}
		})
		if q.Other {
			add(append(q.Path[:len(q.Path)-1:len(q.Path)-1], q.Name()+"_other"), "string", nil)
		}
	}
	add(form.Path{"meta"}, "structure", nil)
	add(form.Path{"meta", "instanceID"}, "string", nil)
	return out
}

// typeOf names the type of an element as its bind has it.
func typeOf(q form.Question) string {
	switch q.Type {
	case form.Integer:
		return "int"
	case form.Decimal, form.Range:
		return "decimal"
	case form.Date:
		return "date"
	case form.Time:
		return "time"
	case form.DateTime:
		return "dateTime"
	case form.Geopoint:
		return "geopoint"
	case form.Geotrace:
		return "geotrace"
	case form.Geoshape:
		return "geoshape"
	case form.Image, form.Audio, form.Video, form.File, form.Audit:
		return "binary"
	case form.Barcode:
		return "barcode"
	case form.Rank:
		return "odk:rank"
	case form.Metadata:
		switch strings.ToLower(strings.TrimSpace(q.Written)) {
		case "start", "end":
			return "dateTime"
		case "today":
			return "date"
		}
	}
	return "string"
}
