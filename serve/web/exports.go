package web

import (
	"waymark/collect"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) exportRoutes() []route.Route {
	return []route.Route{s.get("/projects/{project}/exports", access.Export, s.exports)}
}

type exportsView struct {
	Forms      []exportLine
	Restricted bool
}

// exportLine is a form with its tables; the files themselves are made by serve/api.
type exportLine struct {
	collect.Form
	Tables []collect.Table
}

func (s *site) exports(a *ask) error {
	forms, err := s.desk.Forms(a.ctx, a.by, a.project.ID)
	if err != nil {
		return err
	}
	v := exportsView{Restricted: a.may(access.ExportRestricted)}
	for _, f := range forms {
		if f.Current == nil {
			continue
		}
		line := exportLine{Form: f}
		if line.Tables, err = s.desk.Tables(a.ctx, a.by, a.project.ID, f.ID, collect.Published); err != nil {
			return err
		}
		v.Forms = append(v.Forms, line)
	}
	return a.show("exports", "exports", a.title("exports"), v)
}
