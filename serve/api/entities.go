package api

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	tablecsv "waymark/dataset/csv"
	"waymark/fault"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *server) entities() []route.Route {
	list := "/projects/{project}/datasets/{list}"
	one := list + "/entities/{entity}"
	return []route.Route{
		s.route("GET", "/projects/{project}/datasets", access.ReadEntities, s.lists),
		s.route("POST", "/projects/{project}/datasets", access.EditEntities, s.addList),
		s.route("GET", list, access.ReadEntities, s.list),
		s.route("PATCH", list, access.EditEntities, s.setList),
		s.route("POST", list+"/properties", access.EditEntities, s.addProperty),
		large(s.route("GET", list+"/entities.csv", access.ReadEntities, s.entityCSV)),
		s.route("GET", list+"/entities", access.ReadEntities, s.eachEntity),
		large(s.route("POST", list+"/entities", access.EditEntities, s.addEntities)),
		s.route("GET", one, access.ReadEntities, s.entity),
		s.route("PATCH", one, access.EditEntities, s.setEntity),
		s.route("DELETE", one, access.EditEntities, s.deleteEntity),
		s.route("GET", one+"/versions", access.ReadEntities, s.entityVersions),
	}
}

type listView struct {
	Name             string         `json:"name"`
	ProjectID        int64          `json:"projectId"`
	CreatedAt        stamp          `json:"createdAt"`
	ApprovalRequired bool           `json:"approvalRequired"`
	Properties       []propertyView `json:"properties,omitempty"`
	LinkedForms      []any          `json:"linkedForms,omitempty"`
	SourceForms      []any          `json:"sourceForms,omitempty"`
	Entities         *int           `json:"entities,omitempty"`
	Conflicts        *int           `json:"conflicts,omitempty"`
	LastEntity       *stamp         `json:"lastEntity,omitempty"`
}

type propertyView struct {
	Name        string   `json:"name"`
	ODataName   string   `json:"odataName"`
	PublishedAt stamp    `json:"publishedAt"`
	Forms       []string `json:"forms"`
}

func viewList(c *call, l collect.EntityList, whole bool) listView {
	out := listView{Name: l.Name, ProjectID: c.project, CreatedAt: stamp(l.Updated), ApprovalRequired: l.Approval}
	if whole {
		out.Properties = []propertyView{}
		for _, p := range l.Properties {
			out.Properties = append(out.Properties, propertyView{Name: p, ODataName: odataName(p), PublishedAt: stamp(l.Updated), Forms: []string{}})
		}
	}
	if c.extended() {
		last := stamp(l.Updated)
		out.Entities, out.Conflicts, out.LastEntity = &l.Count, &l.Conflicts, &last
	}
	return out
}

// listOf finds the list that the path names.
func (s *server) listOf(c *call) (collect.EntityList, error) {
	all, err := s.desk.EntityLists(c.r.Context(), c.by, c.project)
	if err != nil {
		return collect.EntityList{}, err
	}
	i := slices.IndexFunc(all, func(l collect.EntityList) bool { return l.Name == c.r.PathValue("list") })
	if i < 0 {
		return collect.EntityList{}, problem.New("404.1", codeNoList, fault.NotFound)
	}
	return all[i], nil
}

func (s *server) lists(c *call) error {
	all, err := s.desk.EntityLists(c.r.Context(), c.by, c.project)
	if err != nil {
		return err
	}
	out := []listView{}
	for _, l := range all {
		out = append(out, viewList(c, l, false))
	}
	return c.json(out)
}

func (s *server) list(c *call) error {
	l, err := s.listOf(c)
	if err != nil {
		return err
	}
	return c.json(viewList(c, l, true))
}

// nameForm is what may name a list or a property: a name of XML that does not begin with two underscores.
var nameForm = regexp.MustCompile(`^[\p{L}_:][\p{L}\p{N}_:.-]{0,120}$`)

func isName(s string) bool { return nameForm.MatchString(s) && !strings.HasPrefix(s, "__") }

func (s *server) addList(c *call) error {
	var in struct {
		Name             string `json:"name"`
		ApprovalRequired bool   `json:"approvalRequired"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if !isName(in.Name) || strings.Contains(in.Name, ".") {
		return problem.New("400.8", codeListName, fault.Invalid, "field", "name")
	}
	all, err := s.desk.EntityLists(c.r.Context(), c.by, c.project)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(l collect.EntityList) bool { return strings.EqualFold(l.Name, in.Name) }) {
		return problem.New("409.3", codeListTaken, fault.Conflict, "fields", []string{"name", "projectId"})
	}
	if err := s.desk.SetEntityList(c.r.Context(), c.by, c.project, collect.EntityList{Project: c.project, Name: in.Name, Approval: in.ApprovalRequired}); err != nil {
		return err
	}
	c.r.SetPathValue("list", in.Name)
	return s.list(c)
}

func (s *server) setList(c *call) error {
	var in struct {
		ApprovalRequired *bool `json:"approvalRequired"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	l, err := s.listOf(c)
	if err != nil {
		return err
	}
	if in.ApprovalRequired != nil {
		l.Approval = *in.ApprovalRequired
	}
	if err := s.desk.SetEntityList(c.r.Context(), c.by, c.project, l); err != nil {
		return err
	}
	return s.list(c)
}

func (s *server) addProperty(c *call) error {
	var in struct {
		Name string `json:"name"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if !isName(in.Name) || in.Name == "name" || in.Name == "label" {
		return problem.New("400.8", codeProperty, fault.Invalid, "property", "name")
	}
	l, err := s.listOf(c)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(l.Properties, func(p string) bool { return strings.EqualFold(p, in.Name) }) {
		return problem.New("409.3", codeListTaken, fault.Conflict, "fields", []string{"name", "datasetId"})
	}
	l.Properties = append(slices.Clone(l.Properties), in.Name)
	if err := s.desk.SetEntityList(c.r.Context(), c.by, c.project, l); err != nil {
		return err
	}
	return c.done()
}

// entityCSV gives a list for people and programs. Entities come from phones, and spreadsheets run what begins like a
// formula: it is neutralised here, and not in the same list as phones get it, which they compare byte by byte.
func (s *server) entityCSV(c *call) error {
	r, w := io.Pipe()
	defer r.Close()
	go func() {
		w.CloseWithError(s.desk.EntityCSV(c.r.Context(), c.by, c.project, c.r.PathValue("list"), w))
	}()
	c.attachment("text/csv; charset=utf-8", c.r.PathValue("list")+".csv")
	c.w.Header().Set("Cache-Control", "no-store")
	in := csv.NewReader(r)
	in.ReuseRecord = true
	var out *tablecsv.Lines
	for {
		line, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out.Close()
		}
		if err == nil && out == nil { // nothing is written before the Desk has let somebody in
			out, err = tablecsv.NewLines(c.w, tablecsv.WriteOptions{})
		}
		if err != nil {
			return err
		}
		for _, cell := range line {
			out.Cell(cell, dataset.Text)
		}
		if err := out.End(); err != nil {
			return err
		}
	}
}

type entityView struct {
	UUID           string            `json:"uuid"`
	CreatorID      int64             `json:"creatorId"`
	Conflict       any               `json:"conflict"`
	CreatedAt      stamp             `json:"createdAt"`
	UpdatedAt      stamp             `json:"updatedAt"`
	DeletedAt      stamp             `json:"deletedAt"`
	CurrentVersion entityVersionView `json:"currentVersion"`
}

type entityVersionView struct {
	Label                 string            `json:"label"`
	Current               bool              `json:"current"`
	CreatedAt             stamp             `json:"createdAt"`
	CreatorID             int64             `json:"creatorId"`
	UserAgent             string            `json:"userAgent"`
	Version               int               `json:"version"`
	BaseVersion           any               `json:"baseVersion"`
	ConflictingProperties any               `json:"conflictingProperties"`
	Data                  map[string]string `json:"data,omitempty"`
}

func viewEntity(e collect.Entity, versions []collect.EntityVersion) entityView {
	out := entityView{UUID: e.ID, Conflict: maybe(e.Conflict), CreatedAt: stamp(e.Created), UpdatedAt: changed(e.Created, e.Updated),
		CurrentVersion: entityVersionView{Label: e.Label, Current: true, CreatedAt: stamp(e.Updated), Version: e.Version}}
	if e.Updated.IsZero() {
		out.CurrentVersion.CreatedAt = stamp(e.Created)
	}
	if e.Deleted {
		out.DeletedAt = stamp(e.Updated)
	}
	for _, v := range versions {
		if v.Version == 1 {
			out.CreatorID = actorNumber(v.Actor)
		}
		if v.Version == e.Version {
			out.CurrentVersion = viewEntityVersion(v, e.Version)
		}
	}
	out.CurrentVersion.Data = e.Data
	return out
}

func viewEntityVersion(v collect.EntityVersion, current int) entityVersionView {
	out := entityVersionView{Label: v.Label, Current: v.Version == current, CreatedAt: stamp(v.At), CreatorID: actorNumber(v.Actor), Version: v.Version, Data: v.Data}
	if v.Base > 0 {
		out.BaseVersion = v.Base
	}
	if len(v.Conflicting) > 0 {
		out.ConflictingProperties = v.Conflicting
	}
	return out
}

func (s *server) eachEntity(c *call) error {
	if _, err := s.listOf(c); err != nil {
		return err
	}
	all, err := s.desk.Entities(c.r.Context(), c.by, c.project, c.r.PathValue("list"), isTrue(c.r.URL.Query().Get("deleted")))
	if err != nil {
		return err
	}
	out := []entityView{}
	for _, e := range page(c, all) {
		v := viewEntity(e, nil)
		v.CurrentVersion.Data = nil // the list is without data, as Central's
		out = append(out, v)
	}
	return c.json(out)
}

func (s *server) entity(c *call) error {
	e, versions, err := s.desk.Entity(c.r.Context(), c.by, c.project, c.r.PathValue("list"), c.r.PathValue("entity"))
	if err != nil {
		return err
	}
	return c.json(viewEntity(e, versions))
}

func (s *server) entityVersions(c *call) error {
	e, versions, err := s.desk.Entity(c.r.Context(), c.by, c.project, c.r.PathValue("list"), c.r.PathValue("entity"))
	if err != nil {
		return err
	}
	out := []entityVersionView{}
	for _, v := range versions {
		out = append(out, viewEntityVersion(v, e.Version))
	}
	return c.json(out)
}

// entityIn is an entity as a program sends it. A value may be a text, a number, true, false or null.
type entityIn struct {
	UUID  string         `json:"uuid"`
	Label *string        `json:"label"`
	Data  map[string]any `json:"data"`
}

// apply puts what was sent into an entity, and refuses properties that the list does not have.
func (in entityIn) apply(e *collect.Entity, l collect.EntityList) error {
	if in.Label != nil {
		e.Label = *in.Label
	}
	data := map[string]string{}
	for k, v := range e.Data {
		data[k] = v
	}
	for k, v := range in.Data {
		if !slices.Contains(l.Properties, k) {
			return problem.New("400.28", codeProperty, fault.Invalid, "property", k)
		}
		switch x := v.(type) {
		case nil:
			data[k] = ""
		case string:
			data[k] = x
		case json.Number:
			data[k] = x.String()
		case float64:
			data[k] = strconv.FormatFloat(x, 'f', -1, 64)
		case bool:
			data[k] = strconv.FormatBool(x)
		default:
			return problem.New("400.11", codeProperty, fault.Invalid, "property", k)
		}
	}
	e.Data = data
	if strings.TrimSpace(e.Label) == "" {
		return problem.New("400.28", codeField, fault.Invalid, "field", "label")
	}
	return nil
}

// addEntities makes one entity, or those of a list.
func (s *server) addEntities(c *call) error {
	var in struct {
		entityIn
		Entities []entityIn      `json:"entities"`
		Source   json.RawMessage `json:"source"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	l, err := s.listOf(c)
	if err != nil {
		return err
	}
	if in.Entities == nil {
		e := collect.Entity{ID: in.UUID, List: l.Name}
		if err := in.apply(&e, l); err != nil {
			return err
		}
		made, err := s.desk.PutEntity(c.r.Context(), c.by, c.project, e, 0)
		if err != nil {
			return err
		}
		c.r.SetPathValue("entity", made.ID)
		return s.entity(c)
	}
	made := make([]collect.Entity, len(in.Entities)) // all are looked at before the first is made
	for i, one := range in.Entities {
		made[i] = collect.Entity{ID: one.UUID, List: l.Name}
		if err := one.apply(&made[i], l); err != nil {
			return err
		}
	}
	for _, e := range made {
		if _, err := s.desk.PutEntity(c.r.Context(), c.by, c.project, e, 0); err != nil {
			return err
		}
	}
	return c.done()
}

// setEntity changes an entity: ?baseVersion names the version that the program has seen, ?force=true passes over
// others' changes, ?resolve=true ends a conflict.
func (s *server) setEntity(c *call) error {
	var in entityIn
	if err := c.read(&in); err != nil {
		return err
	}
	l, err := s.listOf(c)
	if err != nil {
		return err
	}
	e, _, err := s.desk.Entity(c.r.Context(), c.by, c.project, l.Name, c.r.PathValue("entity"))
	if err != nil {
		if errors.Is(err, fault.NotFound) {
			return problem.New("404.1", codeNoEntity, fault.NotFound)
		}
		return err
	}
	q := c.r.URL.Query()
	resolve := isTrue(q.Get("resolve"))
	if resolve && e.Conflict == "" {
		return problem.New("400.32", codeNoConflict, fault.Invalid)
	}
	if base := q.Get("baseVersion"); base != strconv.Itoa(e.Version) && !isTrue(q.Get("force")) {
		return problem.New("409.15", codeVersion, fault.Conflict, "current", strconv.Itoa(e.Version))
	}
	if in.Label != nil || len(in.Data) > 0 {
		base := e.Version
		if err := in.apply(&e, l); err != nil {
			return err
		}
		if _, err := s.desk.PutEntity(c.r.Context(), c.by, c.project, e, base); err != nil {
			return err
		}
	}
	if resolve {
		if err := s.desk.ResolveConflict(c.r.Context(), c.by, c.project, l.Name, e.ID); err != nil {
			return err
		}
	}
	return s.entity(c)
}

func (s *server) deleteEntity(c *call) error {
	if err := s.desk.DeleteEntity(c.r.Context(), c.by, c.project, c.r.PathValue("list"), c.r.PathValue("entity")); err != nil {
		return err
	}
	return c.done()
}
