package api

import (
	"strconv"

	"waymark/collect"
	"waymark/serve/route"
	"waymark/trust/access"
	"waymark/trust/audit"
)

func (s *server) trail() []route.Route {
	return []route.Route{s.route("GET", "/audits", access.ReadAudit, s.audits)}
}

// auditView is an entry of the audit log. Its action is Waymark's name of the act, which is not Central's.
type auditView struct {
	ID       int64             `json:"id"`
	ActorID  any               `json:"actorId"`
	Action   string            `json:"action"`
	ActeeID  string            `json:"acteeId"`
	Project  any               `json:"projectId"`
	Purpose  string            `json:"purpose,omitempty"`
	Details  map[string]string `json:"details"`
	LoggedAt stamp             `json:"loggedAt"`
	Notes    any               `json:"notes"`
}

const mostAudits = 1000

func (s *server) audits(c *call) error {
	q := c.r.URL.Query()
	ask := collect.AuditQuery{Act: q.Get("action"), Limit: mostAudits}
	ask.Project, _ = strconv.ParseInt(q.Get("project"), 10, 64)
	ask.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64)
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 && n < mostAudits {
		ask.Limit = n
	}
	return s.writeAudits(c, ask)
}

func (s *server) recordAudits(c *call) error {
	return s.writeAudits(c, collect.AuditQuery{Project: c.project, Object: "record:" + c.r.PathValue("instance"), Limit: mostAudits})
}

func (s *server) writeAudits(c *call, ask collect.AuditQuery) error {
	all, err := s.desk.Audit(c.r.Context(), c.by, ask)
	if err != nil {
		return err
	}
	out := []auditView{}
	for _, l := range all {
		out = append(out, viewAudit(l))
	}
	return c.json(out)
}

func viewAudit(l audit.Link) auditView {
	v := auditView{ID: l.Number, Action: l.Act, ActeeID: l.Object, Purpose: l.Purpose, Details: l.Detail, LoggedAt: stamp(l.At)}
	if n := actorNumber(l.Actor); n != 0 {
		v.ActorID = n
	}
	if l.Project != 0 {
		v.Project = l.Project
	}
	return v
}
