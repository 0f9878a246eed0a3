package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/form/instance"
	"waymark/serve/odata"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

// The issues raised here; texts stand in lang/messages/api.*.toml.
const (
	codeNotJSON     fault.Code = "api.not-json"
	codeField       fault.Code = "api.field" // field
	codeNoLogin     fault.Code = "api.no-login"
	codeFormTaken   fault.Code = "api.form-taken" // form
	codeNoForm      fault.Code = "api.no-form"
	codeNoSource    fault.Code = "api.no-source"
	codeOtherForm   fault.Code = "api.other-form"
	codeNoDeprecate fault.Code = "api.no-deprecated-id"
	codeReview      fault.Code = "api.review-state"
	codeNoEntity    fault.Code = "api.no-entity"
	codeNoList      fault.Code = "api.no-list"
	codeVersion     fault.Code = "api.entity-version" // current
	codeNoConflict  fault.Code = "api.no-conflict"
	codeProperty    fault.Code = "api.property" // property
	codeListName    fault.Code = "api.list-name"
	codeListTaken   fault.Code = "api.list-taken"
	codeNoUser      fault.Code = "api.no-user"
	codeNoFile      fault.Code = "api.no-file"
	codeNoSession   fault.Code = "api.no-session"
	codeNotEdited   fault.Code = "api.not-edited"
	codeRole        fault.Code = "api.role"
	codeTooLarge    fault.Code = "api.too-large" // megabytes
	codeOwn         fault.Code = "api.own-session"
)

// numbers are those by which Central's programs know what the Desk refuses.
var numbers = map[fault.Code]string{
	collect.CodeOtherBody:     "409.1",
	collect.CodeFormClosed:    "409.2",
	collect.CodeWasDeleted:    "409.18",
	collect.CodeSuperseded:    "409.9",
	collect.CodeNoneToEdit:    "404.5",
	collect.CodeVersionTaken:  "409.6",
	collect.CodeTypeChanged:   "400.17",
	collect.CodeFormID:        "400.8",
	instance.CodeNoInstanceID: "400.2",
	instance.CodeNotXML:       "400.1",
	instance.CodeTruncated:    "400.1",
	instance.CodeEmpty:        "400.1",
}

// Options say what the addresses work with.
type Options struct {
	Desk *collect.Desk // required
}

type server struct{ desk *collect.Desk }

// Routes lists the addresses for programs; those of OData are in package odata.
func Routes(o Options) []route.Route {
	s := &server{desk: o.Desk}
	var all []route.Route
	for _, part := range [][]route.Route{s.sessions(), s.projects(), s.devices(), s.forms(), s.drafts(), s.records(), s.files(), s.exports(), s.entities(), s.trail()} {
		all = append(all, part...)
	}
	for i := range all {
		all[i].Fail = problem.Fail(numbers)
	}
	return all
}

// call is a request with what its path says.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	by      access.Actor
	project int64
	form    string
	stage   collect.Stage
}

// extended says whether the program asks for more than the short form of things.
func (c *call) extended() bool { return isTrue(c.r.Header.Get("X-Extended-Metadata")) }

// opening is named by the header or, by the links of a page, which send none, in the address: it is no secret, the Desk
// looks at who asks.
func (c *call) opening() string {
	return cmp.Or(c.r.Header.Get(odata.HeaderOpening), c.r.URL.Query().Get("opening"))
}

func (c *call) restricted() bool {
	return c.r.Header.Get(odata.HeaderRestricted) == "true" || isTrue(c.r.URL.Query().Get("restricted"))
}

func isTrue(s string) bool { return strings.EqualFold(s, "true") }

// json answers with a value.
func (c *call) json(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, err = c.w.Write(b)
	return err
}

// done answers that it is done.
func (c *call) done() error { return c.json(map[string]bool{"success": true}) }

// read reads a JSON body. An empty one leaves v as it is.
func (c *call) read(v any) error {
	b, err := io.ReadAll(c.r.Body)
	if err != nil {
		return err
	}
	if len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, v); err != nil {
		return problem.New("400.1", codeNotJSON, fault.Invalid, "format", "json", "rawLength", len(b))
	}
	return nil
}

// page cuts a list as ?limit and ?offset ask.
func page[T any](c *call, list []T) []T {
	q := c.r.URL.Query()
	offset, _ := strconv.Atoi(q.Get("offset"))
	list = list[min(max(offset, 0), len(list)):]
	if limit, err := strconv.Atoi(q.Get("limit")); err == nil && limit >= 0 {
		list = list[:min(limit, len(list))]
	}
	return list
}

// handler is a route's handler with the path taken apart.
type handler func(c *call) error

func (s *server) route(method, pattern string, right access.Right, h handler) route.Route {
	return s.staged(method, pattern, right, collect.Published, h)
}

func (s *server) staged(method, pattern string, right access.Right, stage collect.Stage, h handler) route.Route {
	return route.Route{Pattern: method + " /v1" + pattern, Entrance: route.Program, Right: right,
		Handle: func(w http.ResponseWriter, r *http.Request, by access.Actor) error {
			c := &call{w: w, r: r, by: by, form: r.PathValue("form"), stage: stage}
			if p := r.PathValue("project"); p != "" {
				var err error
				if c.project, err = strconv.ParseInt(p, 10, 64); err != nil || c.project < 1 {
					return fault.NotFound
				}
			}
			return h(c)
		}}
}

// large lets a route's body be large, or its answer long.
func large(r route.Route) route.Route {
	r.Large, r.Within = true, route.Unbounded
	return r
}

// stamp is a time as Central writes it; null where there is none.
type stamp time.Time

// MarshalJSON writes ISO 8601 in UTC with milliseconds.
func (t stamp) MarshalJSON() ([]byte, error) {
	if time.Time(t).IsZero() {
		return []byte("null"), nil
	}
	return []byte(time.Time(t).UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// changed is when something was changed after it was made; none where it never was.
func changed(made, since time.Time) stamp {
	if since.After(made) {
		return stamp(since)
	}
	return stamp{}
}

// maybe is a text, or null where it is empty.
func maybe(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// actorNumber is the number of an actor: users and devices have one row of numbers for programs.
func actorNumber(actor string) int64 {
	kind, rest, _ := strings.Cut(actor, ":")
	id, err := strconv.ParseInt(rest, 10, 64)
	if err != nil {
		return 0
	}
	return odata.ActorNumber(access.Kind(kind), id)
}

// actor is a person, a device or the program itself.
type actor struct {
	ID          int64  `json:"id"`
	Type        string `json:"type"`
	DisplayName string `json:"displayName"`
	CreatedAt   stamp  `json:"createdAt"`
	UpdatedAt   stamp  `json:"updatedAt"`
	DeletedAt   stamp  `json:"deletedAt"`
}

// actors knows the actors of a project by id ("device:4"), as far as who asks may list them.
func (s *server) actors(c *call) map[string]actor {
	out := map[string]actor{}
	if devices, err := s.desk.Devices(c.r.Context(), c.by, c.project); err == nil {
		for _, d := range devices {
			out["device:"+strconv.FormatInt(d.ID, 10)] = actor{ID: odata.ActorNumber(access.Device, d.ID), Type: "field_key", DisplayName: d.Name, CreatedAt: stamp(d.Created)}
		}
	}
	if users, err := s.desk.Users(c.r.Context(), c.by); err == nil {
		for _, u := range users {
			out["user:"+strconv.FormatInt(u.ID, 10)] = actor{ID: u.ID, Type: "user", DisplayName: u.Name, CreatedAt: stamp(u.Created)}
		}
	}
	if u := route.User(c.r); u.ID != 0 {
		out["user:"+strconv.FormatInt(u.ID, 10)] = actor{ID: u.ID, Type: "user", DisplayName: u.Name, CreatedAt: stamp(u.Created)}
	}
	return out
}

// actorOf finds an actor; who cannot be named has the id alone.
func actorOf(all map[string]actor, id string) actor {
	if a, ok := all[id]; ok {
		return a
	}
	kind, _, _ := strings.Cut(id, ":")
	return actor{ID: actorNumber(id), Type: map[string]string{"device": "field_key", "user": "user"}[kind], DisplayName: id}
}

// verbs are the rights of who asks as Central names them.
func verbs(by access.Actor, project int64) []string {
	var out []string
	for _, v := range []struct {
		right access.Right
		verbs string
	}{
		{access.ManageProject, "project.create project.update"}, {access.ReadForms, "project.read project.list form.list form.read open_form.list open_form.read"},
		{access.ManageForms, "form.create form.update"}, {access.ManageDevices, "field_key.list field_key.create field_key.delete public_link.list public_link.create"},
		{access.Submit, "submission.create"}, {access.ReadRecords, "submission.list"}, {access.Export, "submission.read"}, {access.ReviewRecords, "submission.update"},
		{access.DeleteRecords, "submission.delete submission.restore"}, {access.ReadEntities, "dataset.list dataset.read entity.list entity.read"},
		{access.EditEntities, "dataset.create dataset.update entity.create entity.update entity.delete"}, {access.ReadAudit, "audit.read"}, {access.ManageUsers, "user.list user.read user.create user.update"},
	} {
		if access.AllowedAnywhere(by, v.right, project) {
			out = append(out, strings.Fields(v.verbs)...)
		}
	}
	slices.Sort(out)
	return out
}

// unescape reads a header that pyodk quotes as part of an address.
func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

func isForbidden(err error) bool { return errors.Is(err, fault.Forbidden) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// odataName is a property's name as OData has it.
func odataName(name string) string { return odata.Identifier(name) }
