package api

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/problem"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *server) forms() []route.Route {
	form := "/projects/{project}/forms/{form}"
	all := []route.Route{
		s.route("GET", "/projects/{project}/forms", access.ReadForms, s.listForms),
		large(s.route("POST", "/projects/{project}/forms", access.ManageForms, s.addForm)),
		s.route("PATCH", form, access.ManageForms, s.setForm),
		s.route("GET", form+"/versions", access.ReadForms, s.versions),
	}
	for _, v := range []struct {
		base  string
		stage collect.Stage
	}{{form, collect.Published}, {form + "/draft", collect.Draft}, {form + "/versions/{version}", collect.Published}} {
		all = append(all,
			s.staged("GET", v.base, access.ReadForms, v.stage, s.oneForm),
			s.staged("GET", v.base+".xml", access.ReadForms, v.stage, s.formXML),
			s.staged("GET", v.base+".xlsx", access.ReadForms, v.stage, s.formSource),
			s.staged("GET", v.base+".xls", access.ReadForms, v.stage, s.formSource),
			s.staged("GET", v.base+"/fields", access.ReadForms, v.stage, s.fields),
			s.staged("GET", v.base+"/attachments", access.ReadForms, v.stage, s.formFiles),
			s.staged("GET", v.base+"/attachments/{name}", access.ReadForms, v.stage, s.formFile),
		)
	}
	return all
}

func (s *server) drafts() []route.Route {
	draft := "/projects/{project}/forms/{form}/draft"
	return []route.Route{
		large(s.staged("POST", draft, access.ManageForms, collect.Draft, s.addDraft)),
		s.staged("DELETE", draft, access.ManageForms, collect.Draft, s.dropDraft),
		s.staged("POST", draft+"/publish", access.ManageForms, collect.Draft, s.publish),
		large(s.staged("POST", draft+"/attachments/{name}", access.ManageForms, collect.Draft, s.putFormFile)),
	}
}

// formView is a form with the version that is meant.
type formView struct {
	ProjectID       int64  `json:"projectId"`
	XMLFormID       string `json:"xmlFormId"`
	Name            any    `json:"name"`
	State           string `json:"state"`
	Version         string `json:"version"`
	Hash            string `json:"hash"`
	SHA             string `json:"sha"`
	SHA256          string `json:"sha256"`
	KeyID           any    `json:"keyId"`
	DraftToken      any    `json:"draftToken"`
	EnketoID        any    `json:"enketoId"`
	EnketoOnceID    any    `json:"enketoOnceId"`
	WebformsEnabled bool   `json:"webformsEnabled"`
	CreatedAt       stamp  `json:"createdAt"`
	UpdatedAt       stamp  `json:"updatedAt"`
	PublishedAt     stamp  `json:"publishedAt"`
	*formMore
}

type formMore struct {
	Submissions      int    `json:"submissions"`
	LastSubmission   any    `json:"lastSubmission"`
	ExcelContentType any    `json:"excelContentType"`
	CreatedBy        *actor `json:"createdBy"`
}

func (s *server) viewForm(c *call, f collect.Form, v *collect.Version) formView {
	out := formView{ProjectID: c.project, XMLFormID: f.ID, Name: maybe(f.Title), State: string(f.State), WebformsEnabled: f.WebForm, CreatedAt: stamp(f.Created)}
	if v == nil {
		if v = f.Current; v == nil {
			v = f.Draft
		}
	}
	if v != nil {
		out.Version, out.Hash, out.PublishedAt = v.Version, v.Hash, stamp(v.Published)
		out.UpdatedAt = changed(f.Created, v.Published)
		if v.XML != nil {
			one, two := sha1.Sum(v.XML), sha256.Sum256(v.XML)
			out.SHA, out.SHA256 = hex.EncodeToString(one[:]), hex.EncodeToString(two[:])
		}
	}
	if f.Encrypted {
		out.KeyID = 1
	}
	if c.extended() {
		out.formMore = &formMore{Submissions: f.Records}
		if v != nil {
			out.ExcelContentType = maybe(sourceType(v.SourceName))
			if v.By != "" {
				by := actorOf(s.actors(c), v.By)
				out.CreatedBy = &by
			}
		}
		if f.Records > 0 {
			last, err := s.desk.Records(c.r.Context(), c.by, collect.Query{Project: c.project, Form: f.ID, Newest: true, Limit: 1})
			if err == nil && len(last) == 1 {
				out.LastSubmission = stamp(last[0].Received)
			}
		}
	}
	return out
}

const typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
const typeXLS = "application/vnd.ms-excel"

// sourceType is the media type of a workbook by its name; "" of what is none.
func sourceType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".xlsx", ".xlsm":
		return typeXLSX
	case ".xls":
		return typeXLS
	}
	return ""
}

func (s *server) listForms(c *call) error {
	all, err := s.desk.Forms(c.r.Context(), c.by, c.project)
	if err != nil {
		return err
	}
	out := []formView{}
	for _, f := range all {
		out = append(out, s.viewForm(c, f, nil))
	}
	return c.json(out)
}

// version finds the version that a path means: of a form that was never published, its draft.
func (s *server) version(c *call) (collect.Version, error) {
	name, stage := c.r.PathValue("version"), c.stage
	v, err := s.desk.Version(c.r.Context(), c.by, c.project, c.form, name, stage)
	if name == "" && stage == collect.Published && errors.Is(err, fault.NotFound) && c.by.Kind != access.Device {
		if draft, err := s.desk.Version(c.r.Context(), c.by, c.project, c.form, "", collect.Draft); err == nil {
			return draft, nil
		}
	}
	return v, err
}

func (s *server) oneForm(c *call) error {
	f, err := s.desk.Form(c.r.Context(), c.by, c.project, c.form)
	if err != nil {
		return err
	}
	v, err := s.version(c)
	if err != nil {
		return err
	}
	return c.json(s.viewForm(c, f, &v))
}

func (s *server) versions(c *call) error {
	f, err := s.desk.Form(c.r.Context(), c.by, c.project, c.form)
	if err != nil {
		return err
	}
	all, err := s.desk.Versions(c.r.Context(), c.by, c.project, c.form)
	if err != nil {
		return err
	}
	out := []formView{}
	for i := range all {
		out = append(out, s.viewForm(c, f, &all[i]))
	}
	return c.json(out)
}

func (s *server) formXML(c *call) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, err = c.w.Write(v.XML)
	return err
}

func (s *server) formSource(c *call) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	kind := sourceType(v.SourceName)
	if v.Source == nil || kind == "" || (kind == typeXLS) != strings.HasSuffix(c.r.URL.Path, ".xls") {
		return problem.New("404.1", codeNoSource, fault.NotFound)
	}
	c.attachment(kind, c.form+strings.ToLower(path.Ext(v.SourceName)))
	_, err = c.w.Write(v.Source)
	return err
}

// attachment says that what follows is a file of a name.
func (c *call) attachment(mediaType, name string) {
	h := c.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("X-Content-Type-Options", "nosniff")
}

// --- writing

// largestForm bounds a form's file.
const largestForm = 32 << 20

// sent reads the form in a request's body, with a name that tells what kind of file it is.
func (c *call) sent() (name string, file []byte, err error) {
	if file, err = io.ReadAll(io.LimitReader(c.r.Body, largestForm+1)); err != nil {
		return "", nil, err
	}
	if len(file) > largestForm {
		return "", nil, problem.New("400.36", codeTooLarge, fault.Invalid, "megabytes", largestForm>>20)
	}
	if name = unescape(c.r.Header.Get("X-XlsForm-FormId-Fallback")); name == "" {
		name = "form"
	}
	ending := ".xml"
	switch kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind {
	case typeXLSX:
		ending = ".xlsx"
	case typeXLS:
		ending = ".xls"
	case "text/csv":
		ending = ".csv"
	case "text/markdown":
		ending = ".md"
	}
	return name + ending, file, nil
}

// upload makes a form in a request's body a draft, where may lets it.
func (s *server) upload(c *call, may func(collect.Version) error) (collect.Version, error) {
	name, file, err := c.sent()
	if err != nil {
		return collect.Version{}, err
	}
	v, err := s.desk.TryForm(c.r.Context(), c.by, c.project, name, file)
	if err == nil {
		err = may(v)
	}
	if err == nil {
		v, err = s.desk.UploadForm(c.r.Context(), c.by, c.project, name, file)
	}
	var own problem.Problem
	if issues := fault.Of(err); len(issues) > 0 && errors.Is(err, fault.Invalid) && numbers[issues[0].Code] == "" && !errors.As(err, &own) {
		return v, problem.Problem{Err: err, Number: "400.15"}
	}
	if n := len(v.Issues); n > 0 {
		c.w.Header().Set("X-Waymark-Issues", strconv.Itoa(n))
	}
	return v, err
}

// addForm makes a form's draft, and with ?publish=true its first version.
func (s *server) addForm(c *call) error {
	v, err := s.upload(c, func(v collect.Version) error {
		_, err := s.desk.Form(c.r.Context(), c.by, c.project, v.Form)
		switch {
		case err == nil:
			return problem.New("409.3", codeFormTaken, fault.Conflict, "fields", []string{"projectId", "xmlFormId"}, "form", v.Form)
		case errors.Is(err, fault.NotFound):
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if isTrue(c.r.URL.Query().Get("publish")) {
		if v, err = s.desk.Publish(c.r.Context(), c.by, c.project, v.Form, ""); err != nil {
			return err
		}
	}
	f, err := s.desk.Form(c.r.Context(), c.by, c.project, v.Form)
	if err != nil {
		return err
	}
	return c.json(s.viewForm(c, f, &v))
}

// addDraft makes a draft of the body, or where there is none of the current version.
func (s *server) addDraft(c *call) error {
	if c.r.ContentLength == 0 || c.r.Body == http.NoBody {
		v, err := s.desk.Version(c.r.Context(), c.by, c.project, c.form, "", collect.Published)
		if err != nil {
			return err
		}
		name, file := v.SourceName, v.Source
		if file == nil {
			name, file = c.form+".xml", v.XML
		}
		if _, err := s.desk.UploadForm(c.r.Context(), c.by, c.project, name, file); err != nil {
			return err
		}
		return c.done()
	}
	_, err := s.upload(c, func(v collect.Version) error {
		if v.Form != c.form {
			return problem.New("400.8", codeOtherForm, fault.Invalid, "have", v.Form, "want", c.form)
		}
		_, err := s.desk.Form(c.r.Context(), c.by, c.project, c.form)
		return err
	})
	if err != nil {
		return err
	}
	return c.done()
}

func (s *server) dropDraft(c *call) error {
	f, err := s.desk.Form(c.r.Context(), c.by, c.project, c.form)
	if err != nil {
		return err
	}
	if f.Current == nil {
		return problem.New("409.7", codeNoForm, fault.Conflict)
	}
	if err := s.desk.DropDraft(c.r.Context(), c.by, c.project, c.form); err != nil {
		return err
	}
	return c.done()
}

func (s *server) publish(c *call) error {
	if _, err := s.desk.Publish(c.r.Context(), c.by, c.project, c.form, c.r.URL.Query().Get("version")); err != nil {
		return err
	}
	return c.done()
}

func (s *server) setForm(c *call) error {
	var in struct {
		State           string `json:"state"`
		WebformsEnabled *bool  `json:"webformsEnabled"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	f, err := s.desk.Form(c.r.Context(), c.by, c.project, c.form)
	if err != nil {
		return err
	}
	if in.State != "" {
		f.State = collect.FormState(in.State)
	}
	if in.WebformsEnabled != nil {
		f.WebForm = *in.WebformsEnabled
	}
	if err := s.desk.SetForm(c.r.Context(), c.by, c.project, c.form, f.State, f.WebForm); err != nil {
		return err
	}
	return c.json(s.viewForm(c, f, nil))
}

// --- files of forms

type formFile struct {
	Name          string `json:"name"`
	Type          string `json:"type"`
	Hash          any    `json:"hash"`
	Exists        bool   `json:"exists"`
	BlobExists    bool   `json:"blobExists"`
	DatasetExists bool   `json:"datasetExists"`
	UpdatedAt     stamp  `json:"updatedAt"`
}

func viewFile(m collect.Media, at time.Time) formFile {
	out := formFile{Name: m.Name, Type: "file", Hash: maybe(m.MD5), BlobExists: m.Digest != "", DatasetExists: m.Entities != "", UpdatedAt: stamp(at)}
	out.Exists = out.BlobExists || out.DatasetExists
	kind := m.Type
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(m.Name))
	}
	for _, k := range []string{"image", "audio", "video"} {
		if strings.HasPrefix(kind, k+"/") {
			out.Type = k
		}
	}
	return out
}

func (s *server) formFiles(c *call) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	out := []formFile{}
	for _, m := range v.Media {
		out = append(out, viewFile(m, v.Published))
	}
	return c.json(out)
}

func (s *server) formFile(c *call) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	m, body, err := s.desk.Media(c.r.Context(), c.by, c.project, c.form, v.Version, c.r.PathValue("name"), collect.Stage(v.Draft))
	if err != nil {
		return err
	}
	defer body.Close()
	return c.send(m.Type, m.Name, body)
}

// send sends a file.
func (c *call) send(mediaType, name string, body io.Reader) error {
	if mediaType == "" {
		if mediaType = mime.TypeByExtension(path.Ext(name)); mediaType == "" {
			mediaType = "application/octet-stream"
		}
	}
	c.attachment(mediaType, name)
	_, err := io.Copy(c.w, body)
	return err
}

func (s *server) putFormFile(c *call) error {
	name := c.r.PathValue("name")
	if err := s.desk.PutMedia(c.r.Context(), c.by, c.project, c.form, name, c.r.Header.Get("Content-Type"), c.r.Body); err != nil {
		return err
	}
	v, err := s.desk.Version(c.r.Context(), c.by, c.project, c.form, "", collect.Draft)
	if err != nil {
		return err
	}
	for _, m := range v.Media {
		if m.Name == name {
			return c.json(viewFile(m, time.Now()))
		}
	}
	return problem.New("404.1", codeNoFile, fault.NotFound)
}
