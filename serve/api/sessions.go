package api

import (
	"strconv"
	"time"

	"waymark/fault"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *server) sessions() []route.Route {
	signIn := s.route("POST", "/sessions", "", s.signIn)
	signIn.Entrance = route.Anyone
	return []route.Route{
		signIn,
		s.route("GET", "/sessions/restore", "", s.restore),
		s.route("DELETE", "/sessions/{session}", "", s.signOut),
		s.route("GET", "/users/current", "", s.me),
		s.route("GET", "/users", access.ManageUsers, s.users),
		s.route("GET", "/users/{user}", access.ManageUsers, s.user),
	}
}

type session struct {
	Token     string `json:"token,omitempty"`
	CSRF      string `json:"csrf,omitempty"`
	CreatedAt stamp  `json:"createdAt"`
	ExpiresAt stamp  `json:"expiresAt"`
}

// signIn begins a session. The token goes into the Authorization header of what follows; a cookie lets a browser
// read, and nothing more.
func (s *server) signIn(c *call) error {
	var in struct{ Email, Password string }
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Email == "" || in.Password == "" {
		return problem.New("400.3", codeNoLogin, fault.Invalid, "expected", []string{"email", "password"})
	}
	token, expires, _, err := s.desk.SignIn(c.r.Context(), in.Email, in.Password, route.From(c.r))
	if err != nil {
		if isForbidden(err) {
			return problem.Problem{Err: err, Number: "401.2"}
		}
		return err
	}
	route.SetSession(c.w, c.r, token, expires)
	c.w.Header().Set("Cache-Control", "no-store")
	return c.json(session{Token: token, CSRF: token[:min(len(token), 8)], CreatedAt: stamp(time.Now()), ExpiresAt: stamp(expires)})
}

// restore says that the session holds. Its ends are the Desk's own matter.
func (s *server) restore(c *call) error {
	if route.Session(c.r) == "" {
		return problem.New("404.1", codeNoSession, fault.NotFound)
	}
	return c.json(session{CreatedAt: stamp(time.Now()), ExpiresAt: stamp(time.Now().Add(time.Hour))})
}

// signOut ends a session: "current" the one that asks, else the one whose token stands in the path.
func (s *server) signOut(c *call) error {
	mine, token := route.Session(c.r), c.r.PathValue("session")
	if token == "current" {
		token = mine
	}
	if token == "" || token != mine {
		return problem.New("403.1", codeOwn, fault.Forbidden)
	}
	if err := s.desk.SignOut(c.r.Context(), token); err != nil {
		return err
	}
	route.DropSession(c.w, c.r)
	return c.done()
}

type user struct {
	actor
	Email string   `json:"email"`
	Verbs []string `json:"verbs,omitempty"`
}

func (s *server) me(c *call) error {
	u := route.User(c.r)
	if u.ID == 0 {
		return problem.New("404.1", codeNoUser, fault.NotFound)
	}
	out := user{actor: actor{ID: u.ID, Type: "user", DisplayName: u.Name, CreatedAt: stamp(u.Created)}, Email: u.Email}
	if c.extended() {
		out.Verbs = verbs(c.by, 0)
	}
	return c.json(out)
}

func (s *server) users(c *call) error {
	all, err := s.desk.Users(c.r.Context(), c.by)
	if err != nil {
		return err
	}
	out := []user{}
	for _, u := range all {
		if q := c.r.URL.Query().Get("q"); q != "" && q != u.Email {
			continue
		}
		out = append(out, user{actor: actor{ID: u.ID, Type: "user", DisplayName: u.Name, CreatedAt: stamp(u.Created)}, Email: u.Email})
	}
	return c.json(out)
}

func (s *server) user(c *call) error {
	id, _ := strconv.ParseInt(c.r.PathValue("user"), 10, 64)
	all, err := s.desk.Users(c.r.Context(), c.by)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.ID == id {
			return c.json(user{actor: actor{ID: u.ID, Type: "user", DisplayName: u.Name, CreatedAt: stamp(u.Created)}, Email: u.Email})
		}
	}
	return problem.New("404.1", codeNoUser, fault.NotFound)
}
