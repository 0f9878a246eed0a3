package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) formRoutes() []route.Route {
	large := s.post("/projects/{project}/upload", access.ManageForms, s.upload)
	draft := s.post("/projects/{project}/forms/{form}/draft", access.ManageForms, s.upload)
	media := s.post("/projects/{project}/forms/{form}/media", access.ManageForms, s.mediaDone)
	large.Large, draft.Large, media.Large = true, true, true
	return []route.Route{
		large, draft, media,
		s.get("/projects/{project}/forms", access.ReadForms, s.formList),
		s.get("/projects/{project}/upload", access.ManageForms, s.formNew),
		s.get("/projects/{project}/forms/{form}", access.ReadForms, s.formHome),
		s.post("/projects/{project}/forms/{form}/state", access.ManageForms, s.stateDone),
		s.post("/projects/{project}/forms/{form}/publish", access.ManageForms, s.publish),
		s.post("/projects/{project}/forms/{form}/key", access.ManageForms, s.keyDone),
		s.post("/projects/{project}/forms/{form}/decrypt", access.DecryptRecords, s.decrypt),
		s.post("/projects/{project}/forms/{form}/drop", access.ManageForms, s.dropDraft),
		s.get("/projects/{project}/forms/{form}/media/{name}", access.ReadForms, s.media),
	}
}

type formsView struct {
	Forms []collect.Form
	New   bool
}

func (s *site) formList(a *ask) error {
	forms, err := s.desk.Forms(a.ctx, a.by, a.project.ID)
	if err != nil {
		return err
	}
	return a.show("forms", "forms", a.title("forms"), formsView{Forms: forms, New: a.may(access.ManageForms)})
}

// uploadView is the page that takes a workbook, and shows what is wrong with one in its place.
type uploadView struct {
	Name   string // of the file that was refused
	Issues []issueView
	Sheets []sheetView
	Hard   int
	Soft   int
}

func (s *site) formNew(a *ask) error {
	return a.show("upload", "forms", a.title("upload"), uploadView{})
}

// CodeNoFile says that a page's form came without the file it is for.
const CodeNoFile fault.Code = "web.no-file"

// upload takes a workbook. One with hard issues keeps nothing: it is shown with its issues in their cells.
func (s *site) upload(a *ask) error {
	name, raw, err := a.file("workbook")
	if err != nil {
		return a.again("upload", "forms", a.title("upload"), uploadView{}, err)
	}
	v, err := s.desk.UploadForm(a.ctx, a.by, a.project.ID, name, raw)
	if err != nil {
		issues := fault.Of(err)
		if len(issues) == 0 || !errors.Is(err, fault.Invalid) {
			return a.again("upload", "forms", a.title("upload"), uploadView{}, err)
		}
		f := a.frame(a.title("upload"), "forms", a.sheets(name, raw, issues))
		return a.write(http.StatusUnprocessableEntity, "upload", f)
	}
	done := "draft"
	if a.form.ID != "" && v.Form != a.form.ID {
		done = "draft-other"
	}
	return a.see(at("projects", a.project.ID, "forms", v.Form), done)
}

// inMemory is more than a body may have: a list of households that a form looks things up in does not lie open in a
// temporary file while it is sent.
const inMemory = 1 << 30

// file reads a file that a page's form sent.
func (a *ask) file(field string) (name string, raw []byte, err error) {
	if err := a.r.ParseMultipartForm(inMemory); err != nil {
		return "", nil, a.tooLarge(err)
	}
	defer a.r.MultipartForm.RemoveAll()
	f, head, err := a.r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) {
		return "", nil, fieldIssue(field, CodeNoFile, nil)
	}
	if err != nil {
		return "", nil, fault.Invalid
	}
	defer f.Close()
	raw, err = io.ReadAll(f)
	if err == nil && len(raw) == 0 {
		err = fieldIssue(field, CodeNoFile, nil)
	}
	return head.Filename, raw, err
}

type formView struct {
	Versions []collect.Version
	Media    []collect.Media // of the draft, else of the current version
	Draft    *draftView
	Waiting  int
	Latest   time.Time
	Paper    []languageLink
	Manage   bool
	Records  bool
	Web      bool // forms may be offered in a browser
	States   []collect.FormState
	Key      bool // a key was made: phones encrypt its records
	Hint     string
	Decrypt  bool // the reader may give the passphrase
	Opened   *decrypted
}

// decrypted counts what a passphrase opened.
type decrypted struct{ Opened, Left int }

type draftView struct {
	collect.Version
	Issues []issueView
	Sheets []sheetView
	Hard   int
	Soft   int
	Sent   int // records sent to the draft
}

// languageLink is a language that a form has texts in.
type languageLink struct{ Tag, Name string }

func (s *site) formHome(a *ask) error {
	v, err := s.formView(a)
	if err != nil {
		return err
	}
	return a.show("form", "forms", a.form.Title, v)
}

func (s *site) formView(a *ask) (formView, error) {
	v := formView{Manage: a.may(access.ManageForms), Records: a.may(access.ReadRecords), Web: s.options.WebForms,
		States: []collect.FormState{collect.Open, collect.Closing, collect.Closed}}
	var err error
	if v.Versions, err = s.desk.Versions(a.ctx, a.by, a.project.ID, a.form.ID); err != nil {
		return v, err
	}
	v.Decrypt = a.may(access.DecryptRecords)
	if v.Manage || v.Decrypt {
		if v.Hint, v.Key, err = s.desk.KeyHint(a.ctx, a.by, a.project.ID, a.form.ID); err != nil {
			return v, err
		}
	}
	stage := collect.Published
	if a.form.Draft != nil && v.Manage {
		if v.Draft, err = s.draftView(a); err != nil {
			return v, err
		}
		v.Media, stage = v.Draft.Media, collect.Draft
	}
	if v.Draft == nil && a.form.Current == nil {
		return v, nil
	}
	version, err := s.desk.Version(a.ctx, a.by, a.project.ID, a.form.ID, "", stage)
	if err != nil {
		return v, err
	}
	v.Media = version.Media
	if compiled, err := s.desk.Compiled(a.ctx, version); err == nil {
		for _, l := range compiled.Texts {
			v.Paper = append(v.Paper, languageLink{l.Tag, a.language(l.Tag, l.Name)})
		}
		if len(v.Paper) == 0 {
			v.Paper = []languageLink{{"und", a.language("und", "")}}
		}
	}
	return v, nil
}

func (s *site) draftView(a *ask) (*draftView, error) {
	version, err := s.desk.Version(a.ctx, a.by, a.project.ID, a.form.ID, "", collect.Draft)
	if err != nil {
		return nil, err
	}
	d := &draftView{Version: version}
	if len(version.Issues) > 0 {
		shown := a.sheets(version.SourceName, version.Source, version.Issues)
		d.Issues, d.Sheets, d.Hard, d.Soft = shown.Issues, shown.Sheets, shown.Hard, shown.Soft
	}
	if a.may(access.ReadRecords) {
		d.Sent, err = s.desk.CountRecords(a.ctx, a.by, collect.Query{Project: a.project.ID, Form: a.form.ID, Drafts: true})
	}
	return d, err
}

// language names a language of a form: as we name it, else as its author did.
func (v *voice) language(tag, written string) string {
	switch {
	case v.Has("web.language." + tag):
		return v.text("web.language."+tag, nil)
	case written != "":
		return written
	}
	return tag
}

func (s *site) formAgain(a *ask, err error) error {
	v, other := s.formView(a)
	if other != nil {
		return other
	}
	return a.again("form", "forms", a.form.Title, v, err)
}

func (s *site) stateDone(a *ask) error {
	state := collect.FormState(a.value("state"))
	switch state {
	case collect.Open, collect.Closing, collect.Closed:
	default:
		return fault.Invalid
	}
	if err := s.desk.SetForm(a.ctx, a.by, a.project.ID, a.form.ID, state, a.ticked("web")); err != nil {
		return s.formAgain(a, err)
	}
	return a.see(at("projects", a.project.ID, "forms", a.form.ID), "saved")
}

func (s *site) publish(a *ask) error {
	if _, err := s.desk.Publish(a.ctx, a.by, a.project.ID, a.form.ID, a.value("version")); err != nil {
		return s.formAgain(a, err)
	}
	return a.see(at("projects", a.project.ID, "forms", a.form.ID), "published")
}

// keyDone makes the key that phones encrypt with. The passphrase is asked for twice: it is kept nowhere.
func (s *site) keyDone(a *ask) error {
	wrong := passwords(a)
	var err error
	if len(wrong) > 0 {
		err = wrong
	} else {
		err = s.desk.MakeKey(a.ctx, a.by, a.project.ID, a.form.ID, a.r.FormValue("password"), a.value("hint"))
	}
	if err != nil {
		return s.formAgain(a, err)
	}
	return a.see(at("projects", a.project.ID, "forms", a.form.ID), "key")
}

// decrypt opens what phones encrypted, and says how much.
func (s *site) decrypt(a *ask) error {
	opened, left, err := s.desk.DecryptRecords(a.ctx, a.by, a.project.ID, a.form.ID, a.r.FormValue("passphrase"))
	if err != nil {
		return s.formAgain(a, err)
	}
	v, err := s.formView(a)
	if err != nil {
		return err
	}
	v.Opened = &decrypted{opened, left}
	return a.show("form", "forms", a.form.Title, v)
}

func (s *site) dropDraft(a *ask) error {
	if err := s.desk.DropDraft(a.ctx, a.by, a.project.ID, a.form.ID); err != nil {
		return s.formAgain(a, err)
	}
	if a.form.Current == nil {
		return a.see(at("projects", a.project.ID, "forms"), "draft-dropped")
	}
	return a.see(at("projects", a.project.ID, "forms", a.form.ID), "draft-dropped")
}

// mediaDone keeps a file of the draft under the name that the form asks for.
func (s *site) mediaDone(a *ask) error {
	_, raw, err := a.file("file")
	if err != nil {
		return s.formAgain(a, err)
	}
	name := a.value("name")
	if err := s.desk.PutMedia(a.ctx, a.by, a.project.ID, a.form.ID, name, http.DetectContentType(raw), bytes.NewReader(raw)); err != nil {
		return s.formAgain(a, err)
	}
	return a.see(at("projects", a.project.ID, "forms", a.form.ID), "media")
}

// media sends a file of a form to be kept, never to be shown in a page of ours.
func (s *site) media(a *ask) error {
	stage := collect.Published
	if a.ticked("draft") {
		stage = collect.Draft
	}
	m, r, err := s.desk.Media(a.ctx, a.by, a.project.ID, a.form.ID, a.value("version"), a.r.PathValue("name"), stage)
	if err != nil {
		return err
	}
	defer r.Close()
	return a.download(m.Name, m.Type, r)
}

// download sends bytes that somebody else wrote: to be kept, and to run nothing where they are opened.
func (a *ask) download(name, mediaType string, r io.Reader) error {
	h := a.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if strings.HasPrefix(mediaType, "image/") && mediaType != "image/svg+xml" || strings.HasPrefix(mediaType, "audio/") || strings.HasPrefix(mediaType, "video/") {
		h.Set("Content-Type", mediaType)
	}
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+strings.ReplaceAll(at(name)[1:], "'", "%27"))
	_, err := io.Copy(a.w, r)
	_ = err // whoever asked has gone, or reading stopped half-way: the answer is cut off either way
	return nil
}
