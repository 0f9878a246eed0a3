package web

import (
	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
)

func (s *site) accountRoutes() []route.Route {
	return []route.Route{
		s.get("/account", "", s.account),
		s.post("/account", "", s.accountDone),
		s.post("/account/password", "", s.passwordDone),
	}
}

type accountView struct {
	User     collect.User
	Held     []heldView // what the account may do
	Passkeys bool       // they can be added here
	Keys     []keyLine
	Shortest int
}

// heldView is a right or a role with where it is held.
type heldView struct {
	Name    string
	Project string // "" everywhere
	Sites   []string
	Teams   []string
}

func (s *site) accountView(a *ask) accountView {
	v := accountView{User: a.user, Passkeys: s.keys.possible(a), Keys: s.keyLines(a), Shortest: shortest}
	names := s.projectNames(a)
	for _, g := range a.user.Grants {
		v.Held = append(v.Held, heldView{Name: a.role(g.Role), Project: names[g.Scope.Project], Sites: g.Scope.Sites, Teams: g.Scope.Teams})
	}
	return v
}

func (s *site) account(a *ask) error {
	return a.show("account", "account", a.title("account"), s.accountView(a))
}

func (s *site) accountDone(a *ask) error {
	u := a.user
	u.Name = a.value("name")
	if wrong := required(a, "name"); len(wrong) > 0 {
		return a.again("account", "account", a.title("account"), s.accountView(a), wrong)
	}
	if tag := a.value("language"); s.voices[tag] != nil {
		u.Language = tag
	}
	if err := s.desk.SetUser(a.ctx, a.by, u); err != nil {
		return a.again("account", "account", a.title("account"), s.accountView(a), err)
	}
	return a.see("/account", "saved")
}

// passwordDone changes the asker's own password. It asks for the one that holds now: a browser left open is not
// enough to take an account over.
func (s *site) passwordDone(a *ask) error {
	wrong := passwords(a)
	if token, _, _, err := s.desk.SignIn(a.ctx, a.user.Email, a.r.FormValue("now"), ""); err != nil {
		wrong = append(fault.Issues{fieldIssue("now", CodeNotNow, nil)}, wrong...)
	} else if err := s.desk.SignOut(a.ctx, token); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return a.again("account", "account", a.title("account"), s.accountView(a), wrong)
	}
	if err := s.desk.SetPassword(a.ctx, a.by, a.user.ID, a.r.FormValue("password")); err != nil {
		return a.again("account", "account", a.title("account"), s.accountView(a), err)
	}
	return a.see("/account", "password")
}

// role names a role: those that come with the program in the page's language, others as the mission wrote them.
func (v *voice) role(name string) string {
	if v.Has("web.role." + name) {
		return v.text("web.role."+name, nil)
	}
	return name
}
