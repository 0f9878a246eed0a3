package odata

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

// service answers the addresses of this package.
type service struct {
	desk *collect.Desk
	now  func() time.Time
}

// Routes lists the addresses: .../forms/FORM.svc, .../forms/FORM/draft.svc and .../datasets/LIST.svc of a project.
func Routes(desk *collect.Desk) []route.Route {
	s := &service{desk: desk, now: time.Now}
	project := "GET /v1/projects/{project}"
	read := func(pattern string, right access.Right, h route.Handler) route.Route {
		return route.Route{Pattern: project + pattern, Entrance: route.Program, Right: right, Within: route.Unbounded,
			Fail: problem.Fail(nil), Handle: h}
	}
	published := s.form(collect.Published)
	draft := s.form(collect.Draft)
	return []route.Route{
		read("/forms/{form}.svc", access.Export, published),
		read("/forms/{form}.svc/{rest...}", access.Export, published),
		read("/forms/{form}/draft.svc", access.Export, draft),
		read("/forms/{form}/draft.svc/{rest...}", access.Export, draft),
		read("/datasets/{list}.svc", access.ReadEntities, s.list),
		read("/datasets/{list}.svc/{rest...}", access.ReadEntities, s.list),
	}
}

// form answers the addresses of a form's service.
func (s *service) form(stage collect.Stage) route.Handler {
	return func(w http.ResponseWriter, r *http.Request, by access.Actor) error {
		a, err := parseAsked(r)
		if err != nil {
			return err
		}
		a.project, _ = strconv.ParseInt(r.PathValue("project"), 10, 64)
		a.form, a.stage = r.PathValue("form"), stage
		a.service = servicePath(r)
		tables, err := s.desk.Tables(r.Context(), by, a.project, a.form, stage)
		if err != nil {
			return err
		}
		all := shapes(slices.DeleteFunc(tables, func(t collect.Table) bool { return len(t.Path) > 0 && strings.HasPrefix(t.Path[0], "@") })) // phones' logs
		switch rest := r.PathValue("rest"); rest {
		case "":
			return writeService(w, route.Base(r)+a.service, all)
		case "$metadata":
			return writeMetadata(w, a.form, all)
		default:
			path, ok := parsePath(rest)
			if !ok {
				return problem.New("404.1", codeNoTable, fault.NotFound)
			}
			return s.feed(w, r, by, a, all, path)
		}
	}
}

// servicePath is the path of the request up to and with ".svc".
func servicePath(r *http.Request) string {
	p := r.URL.EscapedPath()
	if i := strings.Index(p, ".svc/"); i >= 0 {
		return p[:i+len(".svc")]
	}
	return p
}

// segment is a part of a feed's path: "Submissions('uuid:…')".
type segment struct{ name, id string }

var segmentForm = regexp.MustCompile(`^([^(]+)\('([^']{1,249})'\)$`)

func parsePath(rest string) ([]segment, bool) {
	var out []segment
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, "/"), "/") {
		if m := segmentForm.FindStringSubmatch(part); m != nil {
			out = append(out, segment{m[1], m[2]})
			continue
		}
		if part == "" || strings.ContainsAny(part, "()") {
			return nil, false
		}
		out = append(out, segment{name: part})
	}
	return out, len(out) > 0 && len(out) <= 64
}

// inside says which row the rows of a feed lie within, or are.
type inside struct {
	id    string // its __id; "" any
	depth int    // parts of a key down to it
}

func (in inside) has(r *collect.Row) bool {
	if in.id == "" {
		return true
	}
	at := len(r.Record.Instance)
	for range in.depth {
		if at >= len(r.Key) {
			return false
		}
		next := strings.IndexByte(r.Key[at+1:], '/')
		if next < 0 {
			at = len(r.Key)
		} else {
			at += 1 + next
		}
	}
	return rowID(r.Record.Instance, r.Key[:at]) == in.id
}

// meant says which table a path means, of which record, within which row.
func meant(path []segment) (table, instance string, within inside) {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = p.name
		if p.id != "" && i > 0 {
			within = inside{p.id, i}
		}
	}
	return strings.Join(parts, "."), path[0].id, within
}

// names gives the names of devices and staff, as far as who asks may list them.
func (s *service) names(ctx context.Context, by access.Actor, project int64, me collect.User) names {
	out := names{}
	if me.ID != 0 {
		out["user:"+strconv.FormatInt(me.ID, 10)] = me.Name
	}
	if devices, err := s.desk.Devices(ctx, by, project); err == nil {
		for _, d := range devices {
			out["device:"+strconv.FormatInt(d.ID, 10)] = d.Name
		}
	}
	if users, err := s.desk.Users(ctx, by); err == nil {
		for _, u := range users {
			out["user:"+strconv.FormatInt(u.ID, 10)] = u.Name
		}
	}
	return out
}

// Fresh answers 304 to who has what a query would give already, and marks the answer for the next time.
func Fresh(w http.ResponseWriter, r *http.Request, desk *collect.Desk, by access.Actor, q collect.Query) (bool, error) {
	stamp, err := desk.Stamp(r.Context(), by, q)
	if err != nil {
		return false, err
	}
	tag := `W/"` + stamp + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	for have := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(have), "W/") == tag[len("W/"):] {
			w.WriteHeader(http.StatusNotModified)
			return true, nil
		}
	}
	return false, nil
}

// RecordFilter makes a test of records of a filter on what the server knows of them (__system/… and __id), as
// exports take it; nil where the filter is empty.
func RecordFilter(filter string) (func(*collect.Record) bool, error) {
	if filter == "" {
		return nil, nil
	}
	e, err := parseFilter(filter)
	if err != nil {
		return nil, err
	}
	f := &feed{shape: &shape{first: true, root: &branch{field: -1}, name: firstTable}}
	test, err := e.bind(f.resolve([]*shape{f.shape}), time.Now())
	if err != nil {
		return nil, err
	}
	return func(r *collect.Record) bool { return test(&collect.Row{Record: r, Key: r.Instance}) == yes }, nil
}
