// Package openrosa knows the six requests by which phones work: the list of forms, a form's manifest, the form, its
// media, what becomes of entities, and the record that is posted (OpenRosa 1.0 as ODK Collect speaks it). It must not
// know what a form asks, what an answer says, or where bytes are kept.
//
// Each request comes by one of three ways: a device's token in the path, as QR codes give it; Digest, Basic or a
// session, for servers set up by address and password; and the test address of a form's draft. They differ in
// their addresses and in nothing else.
//
// Promises to phones, named where they are kept:
//
//  1. 201 is said when the record is durable, and never before.
//  2. The bytes of a form are those whose md5 the list shows.
//  3. What a body holds is read once, part by part: only the record's XML is ever whole in memory.
//  4. A record that came in half is no record: nothing of it is taken.
package openrosa

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

// What can be wrong with what a phone sends.
const (
	CodeVersionHeader fault.Code = "openrosa.version-header"
	CodeNotMultipart  fault.Code = "openrosa.not-multipart"
	CodeNoRecord      fault.Code = "openrosa.no-record"
	CodeTwoRecords    fault.Code = "openrosa.two-records"
	CodeCutOff        fault.Code = "openrosa.cut-off"
	CodeRecordTooLong fault.Code = "openrosa.record-too-long"
	CodeTooManyParts  fault.Code = "openrosa.too-many-parts"
	CodePartHeader    fault.Code = "openrosa.part-header"
	CodeFileName      fault.Code = "openrosa.file-name"
	CodeNoForm        fault.Code = "openrosa.no-form"
	CodeManyEntities  fault.Code = "openrosa.many-entities"
)

// way is how a request came: it says where the addresses that a phone is told begin.
type way struct {
	lists    string // pattern of what is listed and posted: formList, submission
	files    string // pattern of what belongs to a form
	entrance route.Entrance
	draft    bool // of one form
}

// The ways. {form} of a draft's address is part of all it has.
var ways = []way{
	{"/v1/key/{token}/projects/{project}", "/v1/key/{token}/projects/{project}/forms/{form}", route.Path, false},
	{"/v1/projects/{project}", "/v1/projects/{project}/openrosa/{form}", route.Program, false},
	{"/v1/test/{token}/projects/{project}/forms/{form}/draft", "/v1/test/{token}/projects/{project}/forms/{form}/draft", route.Path, true},
}

// server answers phones for a desk.
type server struct {
	desk      *collect.Desk
	languages languages
}

// languages remembers for a while which language projects have.
type languages struct {
	mu    sync.Mutex
	known map[int64]spoken
}

type spoken struct {
	language string
	until    time.Time
}

// languageFor is how long a project's language is taken to be what it was.
const languageFor = time.Minute

// language is that of a project, in which its interviewers read what went wrong; "" where it has none.
func (s *server) language(ctx context.Context, by access.Actor, project int64) string {
	s.languages.mu.Lock()
	defer s.languages.mu.Unlock()
	now := time.Now()
	if have, ok := s.languages.known[project]; ok && now.Before(have.until) {
		return have.language
	}
	p, err := s.desk.Project(ctx, by, project)
	if err != nil {
		return "" // the answer itself will say what is wrong
	}
	if s.languages.known == nil || len(s.languages.known) > 1000 {
		s.languages.known = map[int64]spoken{}
	}
	s.languages.known[project] = spoken{p.Language, now.Add(languageFor)}
	return p.Language
}

// Routes lists the addresses that phones ask.
func Routes(desk *collect.Desk) []route.Route {
	s := &server{desk: desk}
	var all []route.Route
	for _, w := range ways {
		add := func(pattern string, right access.Right, answer func(http.ResponseWriter, *http.Request, asked) error) *route.Route {
			all = append(all, route.Route{Pattern: pattern, Entrance: w.entrance, Right: right, Fail: fail,
				Handle: func(rw http.ResponseWriter, r *http.Request, by access.Actor) error {
					a, err := asks(r, by, w)
					if err != nil {
						return err
					}
					route.Prefer(r, func() string { return s.language(r.Context(), by, a.project) })
					rw.Header().Set("X-OpenRosa-Version", "1.0")
					return answer(rw, r, a)
				}})
			return &all[len(all)-1]
		}
		add("GET "+w.lists+"/formList", access.ReadForms, checked(s.list))
		add("GET "+w.files+"/manifest", access.ReadForms, checked(s.manifest))
		add("GET "+w.files+".xml", access.ReadForms, s.form)
		add("GET "+w.files+"/attachments/{name}", access.ReadForms, s.media)
		add("GET "+w.lists+"/datasets/{list}/integrity", access.ReadForms, s.integrity)
		add("HEAD "+w.lists+"/submission", access.Submit, checked(s.head))
		add("POST "+w.lists+"/submission", access.Submit, checked(s.submit)).Large = true
	}
	return all
}

// asked is what a phone asks for.
type asked struct {
	way     way
	by      access.Actor
	project int64
	form    string // where the address says one
	device  collect.Device
}

// draft says whether a draft is meant: a device for testing has them wherever it asks.
func (a asked) draft() bool { return a.device.Draft }

func (a asked) stage() collect.Stage { return collect.Stage(a.draft()) }

func asks(r *http.Request, by access.Actor, w way) (asked, error) {
	project, err := strconv.ParseInt(r.PathValue("project"), 10, 64)
	if err != nil {
		return asked{}, fault.NotFound
	}
	a := asked{w, by, project, r.PathValue("form"), route.Device(r)}
	if w.draft && !a.draft() {
		return asked{}, noForm() // a phone that is not for testing finds no draft, nor any address of one
	}
	return a, nil
}

// lists is the address under which lists and records stand, as the phone wrote it.
func (a asked) lists(r *http.Request) string {
	base := route.Base(r)
	switch {
	case a.way.draft:
		return base + "/v1/test/" + r.PathValue("token") + "/projects/" + r.PathValue("project") + "/forms/" + url.PathEscape(a.form) + "/draft"
	case a.way.entrance == route.Path:
		return base + "/v1/key/" + r.PathValue("token") + "/projects/" + r.PathValue("project")
	}
	return base + "/v1/projects/" + r.PathValue("project")
}

// files is the address under which a form and its files stand.
func (a asked) files(r *http.Request, form string) string {
	switch {
	case a.way.draft:
		return a.lists(r)
	case a.way.entrance == route.Path:
		return a.lists(r) + "/forms/" + url.PathEscape(form)
	}
	return a.lists(r) + "/openrosa/" + url.PathEscape(form)
}

// checked asks for the header by which a client says that it speaks OpenRosa. Its Date is not looked at: phones'
// clocks are wrong, and ODK Collect writes the hour of a 12-hour clock.
func checked(answer func(http.ResponseWriter, *http.Request, asked) error) func(http.ResponseWriter, *http.Request, asked) error {
	return func(w http.ResponseWriter, r *http.Request, a asked) error {
		if r.Header.Get("X-OpenRosa-Version") != "1.0" {
			return fault.Issue{Code: CodeVersionHeader}
		}
		return answer(w, r, a)
	}
}
