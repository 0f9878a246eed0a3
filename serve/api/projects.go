package api

import (
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/odata"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *server) projects() []route.Route {
	return []route.Route{
		s.route("GET", "/projects", "", s.listProjects),
		s.route("POST", "/projects", access.ManageProject, s.addProject),
		s.route("GET", "/projects/{project}", "", s.project),
		s.route("PATCH", "/projects/{project}", access.ManageProject, s.setProject),
	}
}

type project struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	Description any      `json:"description"`
	Archived    any      `json:"archived"`
	KeyID       any      `json:"keyId"`
	CreatedAt   stamp    `json:"createdAt"`
	UpdatedAt   stamp    `json:"updatedAt"`
	DeletedAt   stamp    `json:"deletedAt"`
	Verbs       []string `json:"verbs,omitempty"`
	AppUsers    *int     `json:"appUsers,omitempty"`
	Forms       *int     `json:"forms,omitempty"`
	Datasets    *int     `json:"datasets,omitempty"`
}

func (s *server) describe(c *call, p collect.Project) project {
	out := project{ID: p.ID, Name: p.Name, Description: maybe(p.Note), CreatedAt: stamp(p.Created)}
	if p.Archived {
		out.Archived = true
	}
	if !c.extended() {
		return out
	}
	out.Verbs = verbs(c.by, p.ID)
	count := func(n int, err error) *int {
		if err != nil {
			return nil
		}
		return &n
	}
	forms, err := s.desk.Forms(c.r.Context(), c.by, p.ID)
	out.Forms = count(len(forms), err)
	devices, err := s.desk.Devices(c.r.Context(), c.by, p.ID)
	out.AppUsers = count(len(devices), err)
	lists, err := s.desk.EntityLists(c.r.Context(), c.by, p.ID)
	out.Datasets = count(len(lists), err)
	return out
}

func (s *server) listProjects(c *call) error {
	all, err := s.desk.Projects(c.r.Context(), c.by)
	if err != nil {
		return err
	}
	out := []project{}
	for _, p := range all {
		out = append(out, s.describe(c, p))
	}
	return c.json(out)
}

func (s *server) project(c *call) error {
	p, err := s.desk.Project(c.r.Context(), c.by, c.project)
	if err != nil {
		return err
	}
	return c.json(s.describe(c, p))
}

type projectChange struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
	Archived    *bool   `json:"archived"`
}

func (p projectChange) apply(to *collect.Project) {
	if p.Name != nil {
		to.Name = *p.Name
	}
	if p.Description != nil {
		to.Note = *p.Description
	}
	if p.Archived != nil {
		to.Archived = *p.Archived
	}
}

func (s *server) addProject(c *call) error {
	var in projectChange
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Name == nil || strings.TrimSpace(*in.Name) == "" {
		return problem.New("400.2", codeField, fault.Invalid, "field", "name")
	}
	p := collect.Project{Language: route.Language(c.r)}
	in.apply(&p)
	made, err := s.desk.AddProject(c.r.Context(), c.by, p)
	if err != nil {
		return err
	}
	return c.json(s.describe(c, made))
}

func (s *server) setProject(c *call) error {
	var in projectChange
	if err := c.read(&in); err != nil {
		return err
	}
	p, err := s.desk.Project(c.r.Context(), c.by, c.project)
	if err != nil {
		return err
	}
	in.apply(&p)
	if err := s.desk.SetProject(c.r.Context(), c.by, p); err != nil {
		return err
	}
	return c.json(s.describe(c, p))
}

// --- app users and public links: the devices of a project

func (s *server) devices() []route.Route {
	link := "/projects/{project}/forms/{form}/public-links"
	return []route.Route{
		s.route("GET", "/projects/{project}/app-users", access.ManageDevices, s.appUsers),
		s.route("POST", "/projects/{project}/app-users", access.ManageDevices, s.addAppUser),
		s.route("GET", "/projects/{project}/app-users/{id}", access.ManageDevices, s.appUser),
		s.route("DELETE", "/projects/{project}/app-users/{id}", access.ManageDevices, s.revoke),
		s.route("POST", "/projects/{project}/forms/{form}/assignments/{role}/{id}", access.ManageDevices, s.assign),
		s.route("DELETE", "/projects/{project}/forms/{form}/assignments/{role}/{id}", access.ManageDevices, s.unassign),
		s.route("GET", link, access.ManageDevices, s.links),
		s.route("POST", link, access.ManageDevices, s.addLink),
		s.route("DELETE", link+"/{id}", access.ManageDevices, s.revoke),
	}
}

type device struct {
	actor
	ProjectID int64 `json:"projectId,omitempty"`
	// Token is shown once, when it is made. Afterwards it is kept hashed: "" says that there is one, and null that it
	// was revoked.
	Token    *string `json:"token"`
	LastUsed *stamp  `json:"lastUsed,omitempty"`
	FormID   string  `json:"formId,omitempty"`
	Once     *bool   `json:"once,omitempty"`
}

func (s *server) device(c *call, v collect.Device, token string) device {
	out := device{actor: actor{ID: odata.ActorNumber(access.Device, v.ID), Type: "field_key", DisplayName: v.Name, CreatedAt: stamp(v.Created)}, ProjectID: v.Project}
	if !v.Revoked {
		out.Token = &token
	}
	if c.extended() {
		used := stamp(v.LastUsed)
		out.LastUsed = &used
	}
	if v.Web {
		once := false
		out.Type, out.Once, out.FormID = "public_link", &once, c.form
	}
	return out
}

// everyDevice lists the phones of a project, or the links of a form.
func (s *server) everyDevice(c *call, web bool) ([]collect.Device, error) {
	all, err := s.desk.Devices(c.r.Context(), c.by, c.project)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(v collect.Device) bool {
		return v.Web != web || web && !slices.Contains(v.Forms, c.form)
	}), nil
}

func (s *server) listDevices(c *call, web bool) error {
	all, err := s.everyDevice(c, web)
	if err != nil {
		return err
	}
	out := []device{}
	for _, v := range all {
		out = append(out, s.device(c, v, ""))
	}
	return c.json(out)
}

func (s *server) appUsers(c *call) error { return s.listDevices(c, false) }
func (s *server) links(c *call) error    { return s.listDevices(c, true) }

// deviceOf gives the device whose number stands in the path.
func (s *server) deviceOf(c *call) (collect.Device, error) {
	number, _ := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	all, err := s.desk.Devices(c.r.Context(), c.by, c.project)
	if err != nil {
		return collect.Device{}, err
	}
	i := slices.IndexFunc(all, func(v collect.Device) bool { return v.ID == odata.DeviceOf(number) })
	if i < 0 {
		return collect.Device{}, problem.New("404.1", codeNoUser, fault.NotFound)
	}
	return all[i], nil
}

func (s *server) appUser(c *call) error {
	v, err := s.deviceOf(c)
	if err != nil {
		return err
	}
	return c.json(s.device(c, v, ""))
}

func (s *server) addDevice(c *call, v collect.Device) error {
	var in struct {
		DisplayName string `json:"displayName"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if strings.TrimSpace(in.DisplayName) == "" {
		return problem.New("400.2", codeField, fault.Invalid, "field", "displayName")
	}
	v.Name, v.Project = in.DisplayName, c.project
	made, token, _, err := s.desk.AddDevice(c.r.Context(), c.by, v)
	if err != nil {
		return err
	}
	c.w.Header().Set("Cache-Control", "no-store")
	return c.json(s.device(c, made, token))
}

// addAppUser makes a phone's token. As in Central it sees no form until it is assigned some.
func (s *server) addAppUser(c *call) error { return s.addDevice(c, collect.Device{Forms: []string{}}) }

func (s *server) addLink(c *call) error {
	return s.addDevice(c, collect.Device{Web: true, Forms: []string{c.form}})
}

func (s *server) revoke(c *call) error {
	v, err := s.deviceOf(c)
	if err != nil {
		return err
	}
	if err := s.desk.RevokeDevice(c.r.Context(), c.by, c.project, v.ID); err != nil {
		return err
	}
	return c.done()
}

// appUserRole is the number, and the name, of the one role that a device can have on a form.
const appUserRole = "2"

func (s *server) assign(c *call) error {
	return s.assigned(c, func(forms []string) []string {
		if slices.Contains(forms, c.form) {
			return forms
		}
		return append(forms, c.form)
	})
}

func (s *server) unassign(c *call) error {
	return s.assigned(c, func(forms []string) []string {
		return slices.DeleteFunc(forms, func(f string) bool { return f == c.form })
	})
}

func (s *server) assigned(c *call, change func([]string) []string) error {
	if role := c.r.PathValue("role"); role != appUserRole && role != "app-user" {
		return problem.New("404.1", codeRole, fault.NotFound)
	}
	if _, err := s.desk.Form(c.r.Context(), c.by, c.project, c.form); err != nil {
		return err
	}
	v, err := s.deviceOf(c)
	if err != nil {
		return err
	}
	if v.Forms != nil { // one that is given all forms already stays so
		v.Forms = change(slices.Clone(v.Forms))
		if v.Forms == nil {
			v.Forms = []string{}
		}
		if err := s.desk.SetDevice(c.r.Context(), c.by, v); err != nil {
			return err
		}
	}
	return c.done()
}
