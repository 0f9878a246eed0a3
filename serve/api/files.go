package api

import (
	"waymark/collect"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *server) files() []route.Route {
	var all []route.Route
	for _, v := range []struct {
		base  string
		stage collect.Stage
	}{{"/projects/{project}/forms/{form}/submissions/{instance}", collect.Published}, {"/projects/{project}/forms/{form}/draft/submissions/{instance}", collect.Draft}} {
		all = append(all,
			s.staged("GET", v.base+"/attachments", access.ReadRecords, v.stage, s.recordFiles),
			large(s.staged("POST", v.base+"/attachments/{name}", access.Submit, v.stage, s.putRecordFile)))
	}
	return append(all, s.route("GET", "/projects/{project}/forms/{form}/submissions/{instance}/versions/{version}/attachments", access.ReadRecords, s.recordFiles), large(s.route("GET", "/projects/{project}/forms/{form}/submissions/{instance}/attachments/{name}", access.ReadRestricted, s.recordFile)))
}

type recordFileView struct {
	Name   string `json:"name"`
	Exists bool   `json:"exists"`
}

func (s *server) recordFiles(c *call) error {
	r, err := s.recordOf(c)
	if err != nil {
		return err
	}
	out := []recordFileView{}
	for _, a := range r.Attachments {
		out = append(out, recordFileView{a.Name, a.Digest != ""})
	}
	return c.json(out)
}

// recordFile gives a file of a record. A strict one, as photographs and recordings are, needs an opening.
func (s *server) recordFile(c *call) error {
	a, body, err := s.desk.Attachment(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"), c.r.PathValue("name"), c.opening())
	if err != nil {
		return err
	}
	defer body.Close()
	c.w.Header().Set("Cache-Control", "no-store")
	return c.send(a.Type, a.Name, body)
}

// putRecordFile takes a file of a record. One that the record does not name is kept beside it, as with phones.
func (s *server) putRecordFile(c *call) error {
	f, err := s.desk.KeepFile(c.r.Context(), c.r.PathValue("name"), c.r.Header.Get("Content-Type"), c.r.Body)
	if err != nil {
		return err
	}
	if _, err := s.desk.Attach(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"), c.stage, f); err != nil {
		return err
	}
	return c.done()
}
