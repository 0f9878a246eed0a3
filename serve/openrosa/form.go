package openrosa

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/fault"
)

// itemsets is the file in which phones look for lists too long for a form.
const itemsets = "itemsets.csv"

// form answers GET form: the bytes as they were published (promise 2).
func (s *server) form(w http.ResponseWriter, r *http.Request, a asked) error {
	v, err := s.version(r, a)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/xml; charset=utf-8")
	if fresh(w, r, v.Hash) {
		return nil
	}
	_, err = w.Write(v.XML)
	return err
}

// version finds the version that an address means.
func (s *server) version(r *http.Request, a asked) (collect.Version, error) {
	return s.desk.Version(r.Context(), a.by, a.project, a.form, r.URL.Query().Get("version"), a.stage())
}

// fresh answers 304 to who has the bytes already. What phones ask again and again may be kept, and is asked for anew.
func fresh(w http.ResponseWriter, r *http.Request, sum string) bool {
	if sum == "" {
		return false
	}
	tag := `"` + sum + `"`
	w.Header().Set("Etag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	for have := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if have = strings.TrimSpace(have); have == "*" || strings.TrimPrefix(have, "W/") == tag {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

// manifest answers GET manifest: the files that a form asks for and that are there.
func (s *server) manifest(w http.ResponseWriter, r *http.Request, a asked) error {
	v, err := s.version(r, a)
	if err != nil {
		return err
	}
	lists, err := s.lists(r, a, v)
	if err != nil {
		return err
	}
	base, query := a.files(r, a.form)+"/attachments/", ""
	if version := r.URL.Query().Get("version"); version != "" {
		query = "?version=" + url.QueryEscape(version)
	}
	p := newPage()
	p.WriteString(`<manifest xmlns="http://openrosa.org/xforms/xformsManifest">` + "\n")
	file := func(kind, name, sum, integrity string) {
		p.WriteString("<mediaFile" + kind + ">\n")
		p.element("filename", name)
		p.element("hash", "md5:"+sum)
		p.element("downloadUrl", base+url.PathEscape(name)+query)
		p.element("integrityUrl", integrity)
		p.WriteString("</mediaFile>\n")
	}
	given := false
	for _, m := range v.Media {
		given = given || m.Name == itemsets
		list, ok := lists[m.Entities]
		switch {
		case m.Entities != "" && ok:
			file(kindOf(list), m.Name, list.Hash, a.lists(r)+"/datasets/"+url.PathEscape(list.Name)+"/integrity")
		case m.MD5 != "":
			file("", m.Name, m.MD5, "")
		}
	}
	if sum := sumOf(v.Itemsets); sum != "" && !given {
		file("", itemsets, sum, "")
	}
	p.WriteString("</manifest>\n")
	return p.send(w, http.StatusOK)
}

func kindOf(list collect.EntityList) string {
	if list.Approval {
		return ` type="approvalEntityList"`
	}
	return ` type="entityList"`
}

// lists finds the entity lists that a version's files are, by name.
func (s *server) lists(r *http.Request, a asked, v collect.Version) (map[string]collect.EntityList, error) {
	out := map[string]collect.EntityList{}
	for _, m := range v.Media {
		if m.Entities == "" {
			continue
		}
		all, err := s.desk.EntityLists(r.Context(), a.by, a.project)
		if err != nil {
			return nil, err
		}
		for _, l := range all {
			out[l.Name] = l
		}
		break
	}
	return out, nil
}

// media answers GET of one of a form's files.
func (s *server) media(w http.ResponseWriter, r *http.Request, a asked) error {
	name := r.PathValue("name")
	m, body, err := s.desk.Media(r.Context(), a.by, a.project, a.form, r.URL.Query().Get("version"), name, a.stage())
	if err != nil {
		return err
	}
	defer body.Close()
	kind := m.Type
	if m.Entities != "" {
		kind = "text/csv"
	}
	if kind == "" {
		kind = mime.TypeByExtension(filepath.Ext(name))
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	if strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "charset") {
		kind += "; charset=utf-8"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	if m.Entities == "" {
		if fresh(w, r, m.MD5) {
			return nil
		}
		h.Set("Content-Length", strconv.FormatInt(m.Size, 10))
	}
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = io.Copy(w, body)
	return err
}

// mostEntities is how many ids a phone may ask about at once.
const mostEntities = 1000

// integrity answers GET integrity: which of the entities that a phone holds and misses in the list were deleted. One
// that nobody has ever heard of, or that was taken away for good, counts as deleted.
func (s *server) integrity(w http.ResponseWriter, r *http.Request, a asked) error {
	var ids []string
	for id := range strings.SplitSeq(r.URL.Query().Get("id"), ",") {
		if id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) > mostEntities {
		return fault.Issue{Code: CodeManyEntities, Args: map[string]any{"limit": mostEntities}}
	}
	there, err := s.standing(r, a, ids)
	if err != nil {
		return err
	}
	p := newPage()
	p.WriteString("<data><entities>\n")
	for _, id := range ids {
		p.WriteString(`<entity id="`)
		p.text(id)
		p.WriteString(`"><deleted>` + strconv.FormatBool(!there[id]) + "</deleted></entity>\n")
	}
	p.WriteString("</entities></data>\n")
	w.Header().Set("X-OpenRosa-Version", "1.0")
	return p.send(w, http.StatusOK)
}
