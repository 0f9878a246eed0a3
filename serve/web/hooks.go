package web

import (
	"waymark/collect"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) hookRoutes() []route.Route {
	return []route.Route{
		s.get("/projects/{project}/hooks", access.ManageHooks, s.hooks),
		s.post("/projects/{project}/hooks", access.ManageHooks, s.hookDone),
		s.get("/projects/{project}/hooks/{hook}", access.ManageHooks, s.deliveries),
		s.post("/projects/{project}/hooks/{hook}/drop", access.ManageHooks, s.hookDrop),
	}
}

// events are what a hook may be told of.
var events = []string{"record.accepted", "record.edited", "record.reviewed", "record.deleted", "form.published"}

type hooksView struct {
	Hooks  []collect.Hook
	Events []string
	New    collect.Hook
	Secret string // shown once
}

func (s *site) hooks(a *ask) error {
	all, err := s.desk.Hooks(a.ctx, a.by, a.project.ID)
	if err != nil {
		return err
	}
	return a.show("hooks", "hooks", a.title("hooks"), hooksView{Hooks: all, Events: events})
}

func (s *site) hookDone(a *ask) error {
	h := collect.Hook{Project: a.project.ID, URL: a.value("url"), Events: a.values("events")}
	var secret string
	var err error
	if wrong := required(a, "url", "events"); len(wrong) > 0 {
		err = wrong
	} else {
		_, secret, err = s.desk.AddHook(a.ctx, a.by, h)
	}
	all, other := s.desk.Hooks(a.ctx, a.by, a.project.ID)
	if other != nil {
		return other
	}
	if err != nil {
		return a.again("hooks", "hooks", a.title("hooks"), hooksView{Hooks: all, Events: events, New: h}, err)
	}
	return a.show("hooks", "hooks", a.title("hooks"), hooksView{Hooks: all, Events: events, Secret: secret})
}

func (s *site) hookDrop(a *ask) error {
	id, err := a.number("hook")
	if err != nil {
		return err
	}
	if err := s.desk.DropHook(a.ctx, a.by, a.project.ID, id); err != nil {
		return err
	}
	return a.see(at("projects", a.project.ID, "hooks"), "hook-dropped")
}

type deliveriesView struct {
	Hook       int64
	Deliveries []collect.Delivery
}

func (s *site) deliveries(a *ask) error {
	id, err := a.number("hook")
	if err != nil {
		return err
	}
	all, err := s.desk.Deliveries(a.ctx, a.by, a.project.ID, id)
	if err != nil {
		return err
	}
	return a.show("deliveries", "hooks", a.title("deliveries"), deliveriesView{id, all})
}
