package web

import (
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) userRoutes() []route.Route {
	return []route.Route{
		s.get("/users", access.ManageUsers, s.users),
		s.post("/users", access.ManageUsers, s.userNew),
		s.get("/users/{user}", access.ManageUsers, s.user),
		s.post("/users/{user}", access.ManageUsers, s.userDone),
		s.post("/users/{user}/password", access.ManageUsers, s.userPassword),
		s.post("/users/{user}/grants", access.ManageUsers, s.grantAdd),
		s.post("/users/{user}/grants/drop", access.ManageUsers, s.grantDrop),
		s.get("/roles", access.ManageUsers, s.roles),
		s.post("/roles", access.ManageUsers, s.roleDone),
	}
}

type userLine struct {
	collect.User
	Held []heldView
	Me   bool
}

type usersView struct {
	Users    []userLine
	New      collect.User
	Roles    []string
	Shortest int
}

func (s *site) usersView(a *ask) (usersView, error) {
	v := usersView{Shortest: shortest}
	all, err := s.desk.Users(a.ctx, a.by)
	if err != nil {
		return v, err
	}
	projects := s.projectNames(a)
	for _, u := range all {
		v.Users = append(v.Users, userLine{u, a.held(u.Grants, projects), u.ID == a.by.ID})
	}
	roles, err := s.desk.Roles(a.ctx, a.by)
	if err != nil {
		return v, err
	}
	for _, r := range roles {
		v.Roles = append(v.Roles, r.Name)
	}
	return v, nil
}

// held writes grants for people.
func (v *voice) held(grants []access.Grant, projects map[int64]string) []heldView {
	var out []heldView
	for _, g := range grants {
		h := heldView{Name: v.role(g.Role), Sites: g.Scope.Sites, Teams: g.Scope.Teams}
		if g.Scope.Project != 0 {
			h.Project = projects[g.Scope.Project]
			if h.Project == "" {
				h.Project = strconv.FormatInt(g.Scope.Project, 10)
			}
		}
		out = append(out, h)
	}
	return out
}

func (s *site) users(a *ask) error {
	v, err := s.usersView(a)
	if err != nil {
		return err
	}
	return a.show("users", "users", a.title("users"), v)
}

func (s *site) userNew(a *ask) error {
	u := collect.User{Email: a.value("email"), Name: a.value("name"), Language: a.Tag()}
	wrong := append(required(a, "email", "name"), passwords(a)...)
	var err error
	if len(wrong) > 0 {
		err = wrong
	} else {
		u, err = s.desk.AddUser(a.ctx, a.by, u, a.r.FormValue("password"))
	}
	if err != nil {
		v, other := s.usersView(a)
		if other != nil {
			return other
		}
		v.New = u
		return a.again("users", "users", a.title("users"), v, err)
	}
	return a.see(at("users", u.ID), "user-made")
}

type userView struct {
	collect.User
	Me       bool
	Held     []heldView
	Roles    []string
	Projects []collect.Project
	Shortest int
}

func (s *site) userView(a *ask) (userView, error) {
	id, err := a.number("user")
	if err != nil {
		return userView{}, err
	}
	all, err := s.usersView(a)
	if err != nil {
		return userView{}, err
	}
	n := slices.IndexFunc(all.Users, func(u userLine) bool { return u.ID == id })
	if n < 0 {
		return userView{}, fault.NotFound
	}
	v := userView{User: all.Users[n].User, Me: all.Users[n].Me, Held: all.Users[n].Held, Roles: all.Roles, Shortest: shortest}
	v.Projects, err = s.desk.Projects(a.ctx, a.by)
	return v, err
}

func (s *site) user(a *ask) error {
	v, err := s.userView(a)
	if err != nil {
		return err
	}
	return a.show("user", "users", v.Name, v)
}

// setUser changes a user and shows the page again where that was refused.
func (s *site) setUser(a *ask, v userView, u collect.User, done string) error {
	if err := s.desk.SetUser(a.ctx, a.by, u); err != nil {
		return a.again("user", "users", v.Name, v, err)
	}
	return a.see(at("users", u.ID), done)
}

func (s *site) userDone(a *ask) error {
	v, err := s.userView(a)
	if err != nil {
		return err
	}
	u := v.User
	u.Name, u.Disabled = a.value("name"), a.ticked("disabled")
	if wrong := required(a, "name"); len(wrong) > 0 {
		return a.again("user", "users", v.Name, v, wrong)
	}
	return s.setUser(a, v, u, "saved")
}

func (s *site) userPassword(a *ask) error {
	v, err := s.userView(a)
	if err != nil {
		return err
	}
	if wrong := passwords(a); len(wrong) > 0 {
		return a.again("user", "users", v.Name, v, wrong)
	}
	if err := s.desk.SetPassword(a.ctx, a.by, v.ID, a.r.FormValue("password")); err != nil {
		return a.again("user", "users", v.Name, v, err)
	}
	return a.see(at("users", v.ID), "password")
}

// words reads names that a person wrote one after another, with commas between them.
func words(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// grantAdd gives a role in a scope: everywhere, in a project, or at some of its sites and teams.
func (s *site) grantAdd(a *ask) error {
	v, err := s.userView(a)
	if err != nil {
		return err
	}
	project, err := strconv.ParseInt(a.value("scope"), 10, 64)
	if err != nil && a.value("scope") != "" {
		return fault.Invalid
	}
	if wrong := required(a, "role"); len(wrong) > 0 {
		return a.again("user", "users", v.Name, v, wrong)
	}
	u := v.User
	u.Grants = append(slices.Clone(u.Grants), access.Grant{Role: a.value("role"),
		Scope: access.Scope{Project: project, Sites: words(a.value("sites")), Teams: words(a.value("teams"))}})
	return s.setUser(a, v, u, "grant")
}

// grantDrop takes a role back. The page names it by its place and its role, so that a page that has grown old takes
// nothing else away.
func (s *site) grantDrop(a *ask) error {
	v, err := s.userView(a)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(a.value("grant"))
	if err != nil || n < 0 || n >= len(v.Grants) || v.Grants[n].Role != a.value("role") {
		return fault.Conflict
	}
	u := v.User
	u.Grants = slices.Delete(slices.Clone(u.Grants), n, n+1)
	return s.setUser(a, v, u, "grant-dropped")
}

// rolesView is the matrix of roles and rights.
type rolesView struct {
	Roles  []roleColumn
	Groups []rightGroup
	New    string
	Edit   string // the role that is being changed; "" none
}

type roleColumn struct{ Code, Name string }

type rightGroup struct {
	Name   string // code
	Rights []rightRow
}

type rightRow struct {
	Right     access.Right
	Protected bool
	Held      []bool // by each role
	Here      bool   // by the role that is being changed
}

// rightGroups orders the rights as people think of them; a right that is in none of them stands in the last.
var rightGroups = []struct {
	name   string
	rights []access.Right
}{
	{"server", []access.Right{access.ManageServer, access.ManageUsers, access.ReadAudit}},
	{"project", []access.Right{access.ManageProject, access.ManageForms, access.ReadForms, access.ManageDevices, access.ManageHooks}},
	{"records", []access.Right{access.Submit, access.ReadRecords, access.EditRecords, access.ReviewRecords, access.DeleteRecords, access.Export}},
	{"entities", []access.Right{access.ReadEntities, access.EditEntities}},
	{"protected", []access.Right{access.ReadRestricted, access.ExportRestricted, access.SettleQuarantine, access.AskStrict, access.GrantStrict, access.DecryptRecords}},
}

func (s *site) rolesView(a *ask) (rolesView, error) {
	v := rolesView{Edit: a.value("role")}
	roles, err := s.desk.Roles(a.ctx, a.by)
	if err != nil {
		return v, err
	}
	for _, r := range roles {
		v.Roles = append(v.Roles, roleColumn{r.Name, a.role(r.Name)})
	}
	for _, g := range rightGroups {
		group := rightGroup{Name: g.name}
		for _, right := range g.rights {
			row := rightRow{Right: right, Protected: access.IsProtected(right)}
			for _, r := range roles {
				has := slices.Contains(r.Rights, right)
				row.Held = append(row.Held, has)
				row.Here = row.Here || has && r.Name == v.Edit
			}
			group.Rights = append(group.Rights, row)
		}
		v.Groups = append(v.Groups, group)
	}
	return v, nil
}

func (s *site) roles(a *ask) error {
	v, err := s.rolesView(a)
	if err != nil {
		return err
	}
	return a.show("roles", "roles", a.title("roles"), v)
}

// roleDone makes a role or changes the rights of one.
func (s *site) roleDone(a *ask) error {
	r := access.Role{Name: a.value("name")}
	for _, right := range a.values("right") {
		if slices.Contains(access.Rights(), access.Right(right)) {
			r.Rights = append(r.Rights, access.Right(right))
		}
	}
	var err error
	if wrong := required(a, "name"); len(wrong) > 0 {
		err = wrong
	} else {
		err = s.desk.SetRole(a.ctx, a.by, r)
	}
	if err != nil {
		v, other := s.rolesView(a)
		if other != nil {
			return other
		}
		v.New = r.Name
		for g := range v.Groups {
			for n := range v.Groups[g].Rights {
				v.Groups[g].Rights[n].Here = slices.Contains(r.Rights, v.Groups[g].Rights[n].Right)
			}
		}
		return a.again("roles", "roles", a.title("roles"), v, err)
	}
	return a.see("/roles", "saved")
}
