package web

import (
	"maps"
	"slices"
	"strconv"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
	"waymark/trust/audit"
)

func (s *site) auditRoutes() []route.Route {
	return []route.Route{
		s.get("/audit", access.ReadAudit, s.audit),
		s.post("/audit/verify", access.ReadAudit, s.verify),
	}
}

type auditView struct {
	Lines   []auditLine
	Acts    []string // beginnings of acts to choose from
	Act     string
	Actor   string
	Object  string
	Project string
	Names   []projectName
	First   string
	Next    string
	Active  bool
	Checked bool
	Links   int64
	Broken  bool
}

type projectName struct {
	ID   string
	Name string
}

type auditLine struct {
	audit.Link
	Who     string
	What    string
	Project string
	Detail  []string // "name: value"
}

const auditRows = 50

// acts are the beginnings of acts that the page offers.
var acts = []string{"session", "user", "role", "project", "device", "form", "record", "restricted", "opening", "quarantine", "flag", "export", "entity", "hook", "audit"}

func (s *site) auditView(a *ask) (auditView, error) {
	v := auditView{Acts: acts, Act: a.value("act"), Actor: a.value("actor"), Object: a.value("object"), Project: a.value("in")}
	q := collect.AuditQuery{Act: v.Act, Actor: v.Actor, Object: v.Object, Limit: auditRows + 1}
	q.Project, _ = strconv.ParseInt(v.Project, 10, 64)
	q.Before, _ = strconv.ParseInt(a.value("before"), 10, 64)
	v.Active = v.Act != "" || v.Actor != "" || v.Object != "" || q.Project != 0
	links, err := s.desk.Audit(a.ctx, a.by, q)
	if err != nil {
		return v, err
	}
	projects := s.projectNames(a)
	for _, id := range slices.Sorted(maps.Keys(projects)) {
		v.Names = append(v.Names, projectName{itoa(id), projects[id]})
	}
	names := s.names(a)
	for n, l := range links {
		if n == auditRows {
			v.Next = a.link("before", itoa(links[n-1].Number))
			break
		}
		line := auditLine{Link: l, Who: names.of(l.Actor), What: a.act(l.Act), Project: projects[l.Project]}
		for _, k := range slices.Sorted(maps.Keys(l.Detail)) {
			line.Detail = append(line.Detail, k+": "+l.Detail[k])
		}
		v.Lines = append(v.Lines, line)
	}
	if q.Before > 0 {
		v.First = a.link("before", "")
	}
	return v, nil
}

// act says an act in words; one that has none is shown by its code.
func (v *voice) act(code string) string {
	if name := "web.act." + code; v.Has(name) {
		return v.text(name, nil)
	}
	return code
}

func (s *site) audit(a *ask) error {
	v, err := s.auditView(a)
	if err != nil {
		return err
	}
	return a.show("audit", "audit", a.title("audit"), v)
}

// verify walks the chain, link by link.
func (s *site) verify(a *ask) error {
	links, err := s.desk.VerifyAudit(a.ctx)
	if err != nil && kindOf(err).status >= 500 && len(fault.Of(err)) == 0 {
		return err
	}
	v, other := s.auditView(a)
	if other != nil {
		return other
	}
	v.Checked, v.Links, v.Broken = true, links, err != nil
	return a.show("audit", "audit", a.title("audit"), v)
}
