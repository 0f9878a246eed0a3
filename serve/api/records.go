package api

import (
	"errors"
	"io"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/form/instance"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *server) records() []route.Route {
	var all []route.Route
	for _, v := range []struct {
		base  string
		stage collect.Stage
	}{{"/projects/{project}/forms/{form}/submissions", collect.Published}, {"/projects/{project}/forms/{form}/draft/submissions", collect.Draft}} {
		add := func(method, pattern string, right access.Right, h handler) {
			all = append(all, s.staged(method, v.base+pattern, right, v.stage, h))
		}
		add("GET", "", access.ReadRecords, s.listRecords)
		all = append(all, large(s.staged("POST", v.base, access.Submit, v.stage, s.addRecord)))
		add("GET", "/keys", access.ReadRecords, s.keys)
		add("GET", "/submitters", access.ReadRecords, s.submitters)
		add("GET", "/{instance}", access.ReadRecords, s.record)
		add("GET", "/{instance}.xml", access.ReadRestricted, s.recordXML)
		all = append(all, large(s.staged("PUT", v.base+"/{instance}", access.EditRecords, v.stage, s.editRecord)))
	}
	one := "/projects/{project}/forms/{form}/submissions/{instance}"
	return append(all,
		s.route("GET", one+"/versions", access.ReadRecords, s.recordVersions),
		s.route("GET", one+"/versions/{version}", access.ReadRecords, s.recordVersion),
		s.route("GET", one+"/versions/{version}.xml", access.ReadRestricted, s.recordXML),
		s.route("GET", one+"/diffs", access.ReadRestricted, s.diffs),
		s.route("PATCH", one, access.ReviewRecords, s.review),
		s.route("DELETE", one, access.DeleteRecords, s.deleteRecord),
		s.route("POST", one+"/restore", access.DeleteRecords, s.restoreRecord),
		s.route("GET", one+"/comments", access.ReadRecords, s.comments),
		s.route("POST", one+"/comments", access.ReviewRecords, s.addComment),
		s.route("GET", one+"/audits", access.ReadAudit, s.recordAudits),
	)
}

// recordView is what is known of a record without its answers.
type recordView struct {
	InstanceID     string       `json:"instanceId"`
	SubmitterID    int64        `json:"submitterId"`
	DeviceID       any          `json:"deviceId"`
	UserAgent      any          `json:"userAgent"`
	ReviewState    any          `json:"reviewState"`
	CreatedAt      stamp        `json:"createdAt"`
	UpdatedAt      stamp        `json:"updatedAt"`
	DeletedAt      *stamp       `json:"deletedAt,omitempty"`
	Submitter      *actor       `json:"submitter,omitempty"`
	CurrentVersion *versionView `json:"currentVersion,omitempty"`
	FormVersion    string       `json:"formVersion,omitempty"`
	Issues         []issueView  `json:"waymarkIssues,omitempty"`
}

type issueView struct {
	Code  string `json:"code"`
	Field string `json:"field,omitempty"`
}

func (s *server) viewRecord(c *call, r *collect.Record, who map[string]actor) recordView {
	out := recordView{InstanceID: r.Instance, SubmitterID: actorNumber(r.Actor), DeviceID: maybe(r.Device), CreatedAt: stamp(r.Received), UpdatedAt: changed(r.Received, r.Updated)}
	if r.Review != collect.Received {
		out.ReviewState = maybe(string(r.Review))
	}
	if r.Deleted {
		at := stamp(r.Updated)
		out.DeletedAt = &at
	}
	current := versionView{InstanceID: r.Current, SubmitterID: out.SubmitterID, DeviceID: out.DeviceID, CreatedAt: stamp(r.Received), Current: true}
	if r.Edits > 0 {
		current.CreatedAt = stamp(r.Updated)
	}
	out.CurrentVersion = &current
	if c.extended() {
		by := actorOf(who, r.Actor)
		out.Submitter, out.FormVersion = &by, r.Version
		for _, i := range r.Issues {
			out.Issues = append(out.Issues, issueView{string(i.Code), i.Place.Field})
		}
	}
	return out
}

type versionView struct {
	InstanceID   string `json:"instanceId"`
	InstanceName any    `json:"instanceName"`
	SubmitterID  int64  `json:"submitterId"`
	DeviceID     any    `json:"deviceId"`
	UserAgent    any    `json:"userAgent"`
	CreatedAt    stamp  `json:"createdAt"`
	Current      bool   `json:"current"`
	Submitter    *actor `json:"submitter,omitempty"`
	FormVersion  string `json:"formVersion,omitempty"`
}

func (s *server) listRecords(c *call) error {
	q := collect.Query{Project: c.project, Form: c.form, Drafts: bool(c.stage), Newest: true, Deleted: isTrue(c.r.URL.Query().Get("deleted"))}
	all, err := s.desk.Records(c.r.Context(), c.by, q)
	if err != nil {
		return err
	}
	who := map[string]actor{}
	if c.extended() {
		who = s.actors(c)
	}
	out := []recordView{}
	for _, r := range page(c, all) {
		out = append(out, s.viewRecord(c, &r, who))
	}
	return c.json(out)
}

// recordOf finds the record that the path names.
func (s *server) recordOf(c *call) (collect.Record, error) {
	return s.desk.Record(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"), c.stage)
}

func (s *server) record(c *call) error {
	r, err := s.recordOf(c)
	if err != nil {
		return err
	}
	return c.json(s.viewRecord(c, &r, s.actors(c)))
}

// largestRecord bounds a record's XML.
const largestRecord = 20 << 20

// body reads the XML of a record.
func (c *call) body() ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(c.r.Body, largestRecord+1))
	if err == nil && len(raw) > largestRecord {
		err = problem.New("400.36", codeTooLarge, fault.Invalid, "megabytes", largestRecord>>20)
	}
	return raw, err
}

func (s *server) accept(c *call, raw []byte) (collect.Receipt, error) {
	return s.desk.Accept(c.r.Context(), c.by, collect.Sent{Project: c.project, Form: c.form, Stage: c.stage, Raw: raw,
		Device: c.r.URL.Query().Get("deviceID"), Language: route.Language(c.r)})
}

// addRecord takes a record. One that is there already with the same bytes is told as if it were new: sending again
// is no failure.
func (s *server) addRecord(c *call) error {
	raw, err := c.body()
	if err != nil {
		return err
	}
	got, err := s.accept(c, raw)
	if err != nil {
		return err
	}
	return c.json(s.viewRecord(c, &got.Record, s.actors(c)))
}

// editRecord takes a new version of a record, which names the one it takes the place of.
func (s *server) editRecord(c *call) error {
	raw, err := c.body()
	if err != nil {
		return err
	}
	in, err := instance.Parse(raw, instance.Limits{})
	if err != nil {
		return err
	}
	if in.DeprecatedID == "" {
		return problem.New("400.19", codeNoDeprecate, fault.Invalid)
	}
	have, err := s.recordOf(c)
	if err != nil {
		return err
	}
	if have.Current != in.DeprecatedID && have.Current != in.InstanceID {
		return problem.New("409.9", codeNotEdited, fault.Conflict)
	}
	got, err := s.accept(c, raw)
	if err != nil {
		return err
	}
	return c.json(s.viewRecord(c, &got.Record, s.actors(c)))
}

// recordXML gives the body as it came, which holds every answer: the Desk asks for the right to restricted answers
// and, where strict ones are in it, for an opening.
func (s *server) recordXML(c *call) error {
	read := func() ([]byte, error) {
		if c.stage == collect.Draft {
			return s.desk.RawDraft(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"))
		}
		return s.desk.RawRecord(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"), c.r.PathValue("version"), c.opening())
	}
	raw, err := read()
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	c.w.Header().Set("Cache-Control", "no-store")
	_, err = c.w.Write(raw)
	return err
}

func (s *server) eachVersion(c *call) ([]versionView, error) {
	all, err := s.desk.RecordVersions(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"))
	if err != nil {
		return nil, err
	}
	who := map[string]actor{}
	if c.extended() {
		who = s.actors(c)
	}
	out := []versionView{}
	for _, v := range all {
		view := versionView{InstanceID: v.Instance, SubmitterID: actorNumber(v.Actor), DeviceID: maybe(v.Device), CreatedAt: stamp(v.At), Current: v.Current}
		if c.extended() {
			by := actorOf(who, v.Actor)
			view.Submitter, view.FormVersion = &by, v.Form
		}
		out = append(out, view)
	}
	return out, nil
}

func (s *server) recordVersions(c *call) error {
	all, err := s.eachVersion(c)
	if err != nil {
		return err
	}
	return c.json(all)
}

func (s *server) recordVersion(c *call) error {
	all, err := s.eachVersion(c)
	if err != nil {
		return err
	}
	for _, v := range all {
		if v.InstanceID == c.r.PathValue("version") {
			return c.json(v)
		}
	}
	return problem.New("404.1", codeNotEdited, fault.NotFound)
}

// keys lists the keys that records are encrypted with. They are opened on the server, by an officer's passphrase: a
// program is given none.
func (s *server) keys(c *call) error {
	if _, err := s.desk.Form(c.r.Context(), c.by, c.project, c.form); err != nil {
		return err
	}
	return c.json([]any{})
}

func (s *server) submitters(c *call) error {
	all, err := s.desk.Records(c.r.Context(), c.by, collect.Query{Project: c.project, Form: c.form, Drafts: bool(c.stage)})
	if err != nil {
		return err
	}
	who := s.actors(c)
	out := []actor{}
	met := map[string]bool{}
	for _, r := range all {
		if !met[r.Actor] {
			met[r.Actor] = true
			out = append(out, actorOf(who, r.Actor))
		}
	}
	return c.json(out)
}

// reviewStates are those that a program may set; null takes a decision back.
var reviewStates = []collect.Review{collect.Received, collect.HasIssues, collect.Edited, collect.Approved, collect.Rejected}

func (s *server) review(c *call) error {
	var in struct {
		ReviewState *string `json:"reviewState"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	to := collect.Received
	if in.ReviewState != nil {
		to = collect.Review(*in.ReviewState)
		known := false
		for _, r := range reviewStates {
			known = known || r == to
		}
		if !known {
			return problem.New("400.8", codeReview, fault.Invalid, "field", "reviewState")
		}
	}
	if err := s.desk.SetReview(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"), to, ""); err != nil {
		return err
	}
	return s.record(c)
}

func (s *server) deleteRecord(c *call) error {
	if err := s.desk.DeleteRecord(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance")); err != nil {
		return err
	}
	return c.done()
}

func (s *server) restoreRecord(c *call) error {
	if err := s.desk.RestoreRecord(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance")); err != nil {
		return err
	}
	return c.done()
}

type commentView struct {
	Body      string `json:"body"`
	ActorID   int64  `json:"actorId"`
	CreatedAt stamp  `json:"createdAt"`
	Actor     *actor `json:"actor,omitempty"`
}

func (s *server) eachComment(c *call) ([]commentView, error) {
	all, err := s.desk.Comments(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"))
	if err != nil {
		return nil, err
	}
	who := map[string]actor{}
	if c.extended() {
		who = s.actors(c)
	}
	out := []commentView{}
	for i := len(all) - 1; i >= 0; i-- { // newest first, as Central has them
		v := commentView{Body: all[i].Text, ActorID: actorNumber(all[i].By), CreatedAt: stamp(all[i].At)}
		if c.extended() {
			by := actorOf(who, all[i].By)
			v.Actor = &by
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *server) comments(c *call) error {
	all, err := s.eachComment(c)
	if err != nil {
		return err
	}
	return c.json(all)
}

func (s *server) addComment(c *call) error {
	var in struct {
		Body string `json:"body"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if strings.TrimSpace(in.Body) == "" {
		return problem.New("400.2", codeField, fault.Invalid, "field", "body")
	}
	if err := s.desk.AddComment(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"), in.Body); err != nil {
		return err
	}
	all, err := s.eachComment(c)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.New("comment not kept")
	}
	return c.json(all[0])
}
