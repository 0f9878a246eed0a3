package openrosa

import (
	"net/http"
	"net/url"

	"waymark/collect"
	"waymark/fault"
)

// listed is a form as the list shows it.
type listed struct {
	title   string
	version collect.Version
	address string
	query   string // names the version where it is not the current one
}

// list answers GET formList: the forms that this asker may fill in. A form without an id, a name or bytes would make a
// phone refuse the whole list, so there is none.
func (s *server) list(w http.ResponseWriter, r *http.Request, a asked) error {
	forms, err := s.formsOf(r, a)
	if err != nil {
		return err
	}
	ask := r.URL.Query()
	p := newPage()
	p.WriteString(`<xforms xmlns="http://openrosa.org/xforms/xformsList">` + "\n")
	for _, f := range forms {
		if id := ask.Get("formID"); id != "" && id != f.version.Form || f.version.Hash == "" {
			continue
		}
		title := f.title
		if title == "" {
			title = f.version.Form
		}
		p.WriteString("<xform>\n")
		p.element("formID", f.version.Form)
		p.element("name", title)
		p.WriteString("<version>") // an empty one too: ODK Collect compares it
		p.text(f.version.Version)
		p.WriteString("</version>\n")
		p.element("hash", "md5:"+f.version.Hash)
		if ask.Get("verbose") == "true" {
			p.element("descriptionText", title)
		}
		p.element("downloadUrl", f.address+".xml"+f.query)
		p.element("manifestUrl", f.address+"/manifest"+f.query) // of a form without media too: phones ask once more, and never miss a file
		p.WriteString("</xform>\n")
	}
	p.WriteString("</xforms>\n")
	return p.send(w, http.StatusOK)
}

// formsOf lists the versions that an asker may be offered.
func (s *server) formsOf(r *http.Request, a asked) ([]listed, error) {
	ctx := r.Context()
	if a.form != "" { // the address of one form's draft
		f, err := s.desk.Form(ctx, a.by, a.project, a.form)
		if err != nil {
			return nil, err
		}
		if f.Draft == nil {
			return nil, noForm()
		}
		return []listed{offer(r, a, f, *f.Draft)}, nil
	}
	forms, err := s.desk.Forms(ctx, a.by, a.project)
	if err != nil {
		return nil, err
	}
	all := r.URL.Query().Get("listAllVersions") == "true"
	var out []listed
	for _, f := range forms {
		switch {
		case a.draft() && f.Draft != nil:
			out = append(out, offer(r, a, f, *f.Draft))
		case a.draft() || f.State != collect.Open || f.Current == nil:
		default:
			out = append(out, offer(r, a, f, *f.Current))
			if !all {
				continue
			}
			versions, err := s.desk.Versions(ctx, a.by, a.project, f.ID)
			if err != nil {
				return nil, err
			}
			for _, v := range versions {
				if v.ID != f.Current.ID {
					old := offer(r, a, f, v)
					old.query = "?version=" + url.QueryEscape(v.Version)
					out = append(out, old)
				}
			}
		}
	}
	return out, nil
}

func offer(r *http.Request, a asked, f collect.Form, v collect.Version) listed {
	v.Form = f.ID
	return listed{title: f.Title, version: v, address: a.files(r, f.ID)}
}

func noForm() error { return fault.Issue{Code: CodeNoForm, Kind: fault.NotFound} }
