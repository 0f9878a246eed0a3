package respond

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"

	"waymark/collect"
	"waymark/fault"
	"waymark/form"
	"waymark/lang"
	"waymark/serve/route"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// setting is what the page's script reads. web/form/src/early.ts has the same fields.
type setting struct {
	Project    int64                           `json:"project"`
	Form       string                          `json:"form"`
	Title      string                          `json:"title"`
	Version    string                          `json:"version"`
	Base       string                          `json:"base"`
	Definition string                          `json:"definition"`
	Media      map[string]string               `json:"media"`
	Live       bool                            `json:"live"`
	Key        string                          `json:"key"`
	Maximum    int64                           `json:"maximum"`
	Script     string                          `json:"script"`
	Offline    []string                        `json:"offline"`
	Direction  string                          `json:"direction"`
	Languages  []tongue                        `json:"languages"`
	Language   string                          `json:"language"`
	Texts      map[string]map[string][2]string `json:"texts"`
}

// tongue is a language of the form.
type tongue struct {
	Tag  string `json:"tag"`
	Name string `json:"name"`
	RTL  bool   `json:"rtl"`
}

// policy is what the form's page may load. The engine's reader of expressions is WebAssembly, which it carries within
// its script as a data address, and its widgets make style elements, which the nonce lets through. Tiles of maps are not
// among what is allowed: asking for them would tell a stranger where an interview is held.
func policy(nonce string) string {
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-" + nonce + "'; font-src 'self'; " +
		"img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' data:; worker-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// page gives the page of a form.
func (p *pages) page(w http.ResponseWriter, r *http.Request, by access.Actor) error {
	if p.bundle.Script == "" {
		return fault.Issue{Code: CodeLeftOut, Kind: fault.Unavailable}
	}
	f, v, err := p.open(r, by)
	if err != nil {
		return err
	}
	compiled, err := p.Desk.Compiled(r.Context(), v)
	if err != nil {
		return err
	}
	tag := language(r)
	s := p.setting(r.PathValue("token"), f, v, compiled)
	s.Language = tag
	words, err := lang.New(tag)
	if err != nil {
		return err
	}
	nonce := seal.Token(16)
	w.Header().Set("Content-Security-Policy", policy(nonce))
	w.Header().Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self)")
	w.Header().Set("Cache-Control", "private, no-cache") // the service worker keeps it
	return show(w, "form", map[string]any{"Language": tag, "Title": f.Title, "Style": assets + p.bundle.Style, "Early": assets + p.bundle.Early, "Script": assets + p.bundle.Script,
		"Nonce": nonce, "Setting": s, "NoScript": words.Text("respond.no-script", nil)})
}

// setting gathers what the page needs to know.
func (p *pages) setting(token string, f collect.Form, v collect.Version, compiled *form.Form) setting {
	base := address(token, f.ID)
	s := setting{Project: f.Project, Form: f.ID, Title: f.Title, Version: v.Version, Base: base, Definition: base + "/form.xml?v=" + v.Hash, Media: map[string]string{},
		Key: p.key, Maximum: p.Maximum, Script: "/f/worker.js", Direction: compiled.Direction, Languages: []tongue{}, Texts: p.texts()}
	for _, m := range v.Media {
		at := base + "/media/" + url.PathEscape(m.Name)
		switch {
		case m.Entities != "":
			s.Live = true
		case m.MD5 == "":
			continue // missing: the page shows the form without it
		default:
			at += "?v=" + m.MD5
		}
		s.Media[m.Name] = at
	}
	for _, l := range compiled.Texts {
		s.Languages = append(s.Languages, tongue{Tag: l.Tag, Name: l.Name, RTL: form.WrittenRight(l.Tag)})
	}
	for _, name := range p.bundle.Offline {
		s.Offline = append(s.Offline, assets+name)
	}
	return s
}

// language is that of the page: asked for in the address, else by the browser.
func language(r *http.Request) string {
	for _, tag := range lang.Tags() {
		if r.URL.Query().Get("lang") == tag {
			return tag
		}
	}
	return route.Language(r)
}

// listPolicy is that of pages without script.
const listPolicy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// listed is a form in the list of a link.
type listed struct{ Title, Address string }

// list gives the forms of a link.
func (p *pages) list(w http.ResponseWriter, r *http.Request, by access.Actor) error {
	forms, err := p.Desk.Forms(r.Context(), by, by.Project)
	if err != nil {
		return err
	}
	tag := language(r)
	words, err := lang.New(tag)
	if err != nil {
		return err
	}
	var out []listed
	for _, f := range forms {
		if f.WebForm && f.State == collect.Open && f.Current != nil && !f.Encrypted {
			out = append(out, listed{f.Title, address(r.PathValue("token"), f.ID)})
		}
	}
	text := ""
	if len(out) == 0 {
		text = words.Text("respond.no-forms", nil)
	}
	w.Header().Set("Content-Security-Policy", listPolicy)
	return show(w, "list", map[string]any{"Language": tag, "Title": words.Text("respond.forms", nil), "Forms": out, "Text": text, "Style": p.style()})
}

func (p *pages) style() string {
	if p.bundle.Style == "" {
		return ""
	}
	return assets + p.bundle.Style
}

// showProblem is the route.Fail of pages.
func showProblem(w http.ResponseWriter, r *http.Request, pr route.Problem) {
	w.Header().Set("Content-Security-Policy", listPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(pr.Status)
	_ = show(w, "list", map[string]any{"Language": pr.Language, "Title": "Waymark", "Text": pr.Text, "Forms": nil, "Style": template.URL("")})
}

func show(w http.ResponseWriter, name string, with map[string]any) error {
	var page bytes.Buffer
	if err := pageTemplate.ExecuteTemplate(&page, name, with); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := w.Write(page.Bytes())
	return err
}
