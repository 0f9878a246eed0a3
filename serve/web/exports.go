package web

import (
	"errors"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) exportRoutes() []route.Route {
	return []route.Route{s.get("/projects/{project}/exports", access.Export, s.exports)}
}

type exportsView struct {
	Forms      []exportLine
	Ask        bool // the reader may ask for openings
	Restricted bool
}

// exportLine is a form with its tables; the files themselves are made by serve/api.
type exportLine struct {
	collect.Form
	Tables       []collect.Table
	Opening      string // of all its records, that the reader holds now
	Places       bool   // the first table has a question of a place
	Shown        bool   // its places are given to the reader: as they are, or
	ByOpening    bool   // by the opening, or
	ByRestricted bool   // where the address asks for restricted columns
	Strict       bool   // what is not shown needs an opening
}

// lay finds by which address the places of a form are given to the reader: the least protected that they may have.
func (l *exportLine) lay(restricted bool) {
	var open, byRight, byOpening bool
	for _, f := range l.Tables[0].Fields {
		if f.Type != form.Geopoint && f.Type != form.Geotrace && f.Type != form.Geoshape {
			continue
		}
		l.Places = true
		switch f.Class {
		case dataset.Strict:
			l.Strict = true
			byOpening = l.Opening != ""
		case dataset.Restricted:
			byRight = byRight || restricted
		default:
			open = true
		}
	}
	l.Shown = open || byRight || byOpening
	l.ByRestricted = byRight && !open
	l.ByOpening = byOpening && !open && !byRight
}

// openNow finds, by form, the openings of all records that the reader asked for and that hold now.
func (s *site) openNow(a *ask) (map[string]string, error) {
	all, err := s.desk.Openings(a.ctx, a.by, a.project.ID)
	if errors.Is(err, fault.Forbidden) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, o := range all {
		if o.AskedBy == a.by.ID && o.Instance == "" && !o.Refused && !o.Granted.IsZero() && s.options.Now().Before(o.Ends) {
			out[o.Form] = o.ID
		}
	}
	return out, nil
}

func (s *site) exports(a *ask) error {
	forms, err := s.desk.Forms(a.ctx, a.by, a.project.ID)
	if err != nil {
		return err
	}
	open, err := s.openNow(a)
	if err != nil {
		return err
	}
	v := exportsView{Restricted: a.may(access.ExportRestricted), Ask: a.may(access.AskStrict)}
	for _, f := range forms {
		if f.Current == nil {
			continue
		}
		line := exportLine{Form: f, Opening: open[f.ID]}
		if line.Tables, err = s.desk.Tables(a.ctx, a.by, a.project.ID, f.ID, collect.Published); err != nil {
			return err
		}
		line.lay(v.Restricted)
		v.Forms = append(v.Forms, line)
	}
	return a.show("exports", "exports", a.title("exports"), v)
}
