package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) entityRoutes() []route.Route {
	const list = "/projects/{project}/entities/{list}"
	return []route.Route{
		s.get("/projects/{project}/entities", access.ReadEntities, s.entityLists),
		s.post("/projects/{project}/entities", access.EditEntities, s.listDone),
		s.get(list, access.ReadEntities, s.entities),
		s.post(list, access.EditEntities, s.entityNew),
		s.get(list+"/{entity}", access.ReadEntities, s.entity),
		s.post(list+"/{entity}", access.EditEntities, s.entityDone),
		s.post(list+"/{entity}/delete", access.EditEntities, s.entityDelete),
		s.post(list+"/{entity}/resolve", access.EditEntities, s.entityResolve),
	}
}

type listsView struct {
	Lists []collect.EntityList
	Edit  bool
	New   collect.EntityList
}

func (s *site) listsView(a *ask) (listsView, error) {
	lists, err := s.desk.EntityLists(a.ctx, a.by, a.project.ID)
	return listsView{Lists: lists, Edit: a.may(access.EditEntities)}, err
}

func (s *site) entityLists(a *ask) error {
	v, err := s.listsView(a)
	if err != nil {
		return err
	}
	return a.show("entity-lists", "entities", a.title("entities"), v)
}

func (s *site) listDone(a *ask) error {
	l := collect.EntityList{Project: a.project.ID, Name: a.value("name"), Properties: strings.FieldsFunc(a.value("properties"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' }),
		Approval: a.ticked("approval")}
	var err error
	if wrong := required(a, "name"); len(wrong) > 0 {
		err = wrong
	} else {
		err = s.desk.SetEntityList(a.ctx, a.by, a.project.ID, l)
	}
	if err != nil {
		v, other := s.listsView(a)
		if other != nil {
			return other
		}
		v.New = l
		return a.again("entity-lists", "entities", a.title("entities"), v, err)
	}
	return a.see(at("projects", a.project.ID, "entities", l.Name), "saved")
}

type entitiesView struct {
	List     collect.EntityList
	Entities []collect.Entity
	Search   string
	Count    int
	Page     int
	Pages    int
	Previous string
	Next     string
	Edit     bool
	Deleted  bool
	New      collect.Entity
}

func (s *site) entityList(a *ask) (collect.EntityList, error) {
	lists, err := s.desk.EntityLists(a.ctx, a.by, a.project.ID)
	if err != nil {
		return collect.EntityList{}, err
	}
	name := a.r.PathValue("list")
	for _, l := range lists {
		if l.Name == name {
			return l, nil
		}
	}
	return collect.EntityList{}, fault.NotFound
}

const entityRows = 50

func (s *site) entitiesView(a *ask) (entitiesView, error) {
	v := entitiesView{Search: a.r.URL.Query().Get("search"), Edit: a.may(access.EditEntities), Deleted: a.ticked("deleted")}
	var err error
	if v.List, err = s.entityList(a); err != nil {
		return v, err
	}
	all, err := s.desk.Entities(a.ctx, a.by, a.project.ID, v.List.Name, v.Deleted)
	if err != nil {
		return v, err
	}
	if v.Search != "" {
		wanted := strings.ToLower(v.Search)
		all = slices.DeleteFunc(all, func(e collect.Entity) bool {
			if strings.Contains(strings.ToLower(e.Label), wanted) {
				return false
			}
			for _, value := range e.Data {
				if strings.Contains(strings.ToLower(value), wanted) {
					return false
				}
			}
			return true
		})
	}
	slices.SortStableFunc(all, func(x, y collect.Entity) int { return cmp.Compare(y.Conflict, x.Conflict) })
	v.Count = len(all)
	v.Pages = max(1, (len(all)+entityRows-1)/entityRows)
	v.Page, _ = strconv.Atoi(a.value("page"))
	v.Page = min(max(v.Page, 1), v.Pages)
	v.Entities = all[(v.Page-1)*entityRows : min(len(all), v.Page*entityRows)]
	if v.Page > 1 {
		v.Previous = a.link("page", strconv.Itoa(v.Page-1))
	}
	if v.Page < v.Pages {
		v.Next = a.link("page", strconv.Itoa(v.Page+1))
	}
	return v, nil
}

func (s *site) entities(a *ask) error {
	v, err := s.entitiesView(a)
	if err != nil {
		return err
	}
	return a.show("entities", "entities", v.List.Name, v)
}

// property is the name of the input of a property.
const property = "property:"

// sentEntity reads an entity from a page's form.
func (a *ask) sentEntity(l collect.EntityList, id string) collect.Entity {
	e := collect.Entity{ID: id, List: l.Name, Label: a.value("label"), Data: map[string]string{}}
	for _, p := range l.Properties {
		e.Data[p] = a.value(property + p)
	}
	return e
}

func (s *site) entityNew(a *ask) error {
	l, err := s.entityList(a)
	if err != nil {
		return err
	}
	e := a.sentEntity(l, "")
	if wrong := required(a, "label"); len(wrong) > 0 {
		err = wrong
	} else {
		e, err = s.desk.PutEntity(a.ctx, a.by, a.project.ID, e, 0)
	}
	if err != nil {
		v, other := s.entitiesView(a)
		if other != nil {
			return other
		}
		v.New = e
		return a.again("entities", "entities", l.Name, v, err)
	}
	return a.see(at("projects", a.project.ID, "entities", l.Name, e.ID), "saved")
}

type entityView struct {
	collect.Entity
	List     collect.EntityList
	Versions []entityVersionLine
	Edit     bool
}

type entityVersionLine struct {
	collect.EntityVersion
	Who     string
	Changes []answerChange
	Named   []string // properties on which it clashed
}

func (s *site) entityView(a *ask) (entityView, error) {
	v := entityView{Edit: a.may(access.EditEntities)}
	var err error
	if v.List, err = s.entityList(a); err != nil {
		return v, err
	}
	e, versions, err := s.desk.Entity(a.ctx, a.by, a.project.ID, v.List.Name, a.r.PathValue("entity"))
	if err != nil {
		return v, err
	}
	v.Entity = e
	names := s.names(a)
	slices.SortStableFunc(versions, func(x, y collect.EntityVersion) int { return x.Version - y.Version })
	for n, one := range versions {
		line := entityVersionLine{EntityVersion: one, Who: names.of(one.Actor), Named: one.Conflicting}
		var before collect.EntityVersion
		if n > 0 {
			before = versions[n-1]
		}
		if before.Label != one.Label {
			line.Changes = append(line.Changes, answerChange{Label: a.text("web.entity.label", nil), Before: before.Label, After: one.Label})
		}
		for _, p := range propertiesOf(v.List, one.Data) {
			if before.Data[p] != one.Data[p] {
				line.Changes = append(line.Changes, answerChange{Name: p, Before: before.Data[p], After: one.Data[p]})
			}
		}
		v.Versions = append(v.Versions, line)
	}
	slices.Reverse(v.Versions)
	return v, nil
}

// propertiesOf gives the properties of a list, and those that an entity has besides.
func propertiesOf(l collect.EntityList, data map[string]string) []string {
	all := slices.Clone(l.Properties)
	var more []string
	for p := range data {
		if !slices.Contains(all, p) {
			more = append(more, p)
		}
	}
	return append(all, sorted(more)...)
}

func (s *site) entity(a *ask) error {
	v, err := s.entityView(a)
	if err != nil {
		return err
	}
	return a.show("entity", "entities", v.Label, v)
}

func (s *site) entityDone(a *ask) error {
	v, err := s.entityView(a)
	if err != nil {
		return err
	}
	base, err := strconv.Atoi(a.value("base"))
	if err != nil {
		return fault.Invalid
	}
	e := a.sentEntity(v.List, v.ID)
	if wrong := required(a, "label"); len(wrong) > 0 {
		err = wrong
	} else {
		_, err = s.desk.PutEntity(a.ctx, a.by, a.project.ID, e, base)
	}
	if err != nil {
		v.Label, v.Data = e.Label, e.Data
		return a.again("entity", "entities", v.Label, v, err)
	}
	return a.see(at("projects", a.project.ID, "entities", v.List.Name, v.ID), "saved")
}

func (s *site) entityDelete(a *ask) error {
	list := a.r.PathValue("list")
	if err := s.desk.DeleteEntity(a.ctx, a.by, a.project.ID, list, a.r.PathValue("entity")); err != nil {
		return err
	}
	return a.see(at("projects", a.project.ID, "entities", list), "entity-deleted")
}

func (s *site) entityResolve(a *ask) error {
	list, id := a.r.PathValue("list"), a.r.PathValue("entity")
	if err := s.desk.ResolveConflict(a.ctx, a.by, a.project.ID, list, id); err != nil {
		return err
	}
	return a.see(at("projects", a.project.ID, "entities", list, id), "resolved")
}
