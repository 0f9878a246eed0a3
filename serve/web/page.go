package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/access"
)

//go:embed templates/*.html
var templates embed.FS

// pages are the templates of one language, each with the frame around it.
type pages struct{ by map[string]*template.Template }

// frame is what the layout shows around a page's own view.
type frame struct {
	Lang, Dir string
	Tags      []string // languages to choose from
	Title     string
	Here      string // which entry of the menu the page belongs to
	User      *collect.User
	Project   *collect.Project
	Form      *collect.Form
	Done      string // what was just done, in words
	Problems  []problem
	Script    bool // htmx was built in
	Path      string
	View      any

	by access.Actor
}

// Can says whether the reader holds a right in the project of the page.
func (f frame) Can(right string) bool {
	return f.Project != nil && may(f.by, access.Right(right), f.Project.ID)
}

// Everywhere says whether the reader holds a right in every project.
func (f frame) Everywhere(right string) bool { return everywhere(f.by, access.Right(right)) }

// Problem gives the words of what is wrong with a field.
func (f frame) Problem(field string) string {
	for _, p := range f.Problems {
		if p.Field == field && !p.Soft {
			return p.Text
		}
	}
	return ""
}

// input is one field of a form as the template "input" draws it.
type input struct {
	frame
	Name, Label, Value string
	Type, Complete     string
	Hint               string
	Required, Area     bool
}

// Wrong gives the words of what is wrong with the field.
func (i input) Wrong() string { return i.Problem(i.Name) }

// field makes an input from its name, the code of its label, its value, and pairs of more.
func field(f frame, name, label string, value any, more ...string) (input, error) {
	in := input{frame: f, Name: name, Label: label, Value: fmt.Sprint(value), Type: "text"}
	for n := 0; n+1 < len(more); n += 2 {
		switch more[n] {
		case "type":
			in.Type = more[n+1]
		case "complete":
			in.Complete = more[n+1]
		case "hint":
			in.Hint = more[n+1]
		case "required":
			in.Required = more[n+1] == "yes"
		case "area":
			in.Area = more[n+1] == "yes"
		default:
			return in, fmt.Errorf("input %s has no %s", name, more[n])
		}
	}
	return in, nil
}

// at joins the parts of an address, each made safe for its place in the path.
func at(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(fmt.Sprint(p)))
	}
	return b.String()
}

func (s *site) functions(v *voice) template.FuncMap {
	return template.FuncMap{
		"t": v.say, "code": v.code, "issue": v.Issue, "count": v.count, "share": v.share, "minutes": v.minutes,
		"when": v.when, "stamp": v.stamp, "day": v.day, "size": v.size, "label": v.label, "list": func(s []string) string { return v.List(s) },
		"at": at, "field": field, "role": v.role, "asset": s.files.address, "lock": func() template.HTML { return lock },
		"name": s.languageName,
		"join": strings.Join, "string": func(x any) string { return fmt.Sprint(x) },
		"pair": func(a, b any) [2]any { return [2]any{a, b} },
	}
}

// languageName gives the name of a language of ours in itself.
func (s *site) languageName(tag string) string {
	if v := s.voices[tag]; v != nil {
		return v.Text("web.language", nil)
	}
	return tag
}

// lock is drawn where an answer is sealed; the words stand beside it.
const lock template.HTML = `<svg class="lock" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2" fill="none" stroke="currentColor" stroke-width="1.6"/><rect x="3" y="7" width="10" height="7.5" rx="1.2" fill="currentColor"/></svg>`

// templatesOf gives the templates of a language, parsed when the first page of it is asked for.
func (s *site) templatesOf(v *voice) *pages {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.set[v.Lang()]; p != nil {
		return p
	}
	p := &pages{by: map[string]*template.Template{}}
	frame := template.Must(template.New("frame").Funcs(s.functions(v)).ParseFS(templates, "templates/frame.html", "templates/parts.html"))
	names, _ := fs.Glob(templates, "templates/*.html")
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name != "frame" && name != "parts" {
			p.by[name] = template.Must(template.Must(frame.Clone()).ParseFS(templates, file))
		}
	}
	s.set[v.Lang()] = p
	return p
}

// frame fills in what stands around a page.
func (a *ask) frame(title, here string, view any) frame {
	f := frame{Lang: a.Lang(), Dir: a.Dir(), Title: title, Here: here, View: view, Script: a.site.files.htmx, Path: a.r.URL.Path, by: a.by}
	for tag := range maps.Keys(a.site.voices) {
		f.Tags = append(f.Tags, tag)
	}
	f.Tags = sorted(f.Tags)
	if a.user.ID != 0 {
		f.User = &a.user
	}
	if a.project.ID != 0 {
		f.Project = &a.project
	}
	if a.form.ID != "" {
		f.Form = &a.form
	}
	if done := a.r.URL.Query().Get("done"); done != "" && a.Has("web.done."+done) {
		f.Done = a.text("web.done."+done, nil)
	}
	return f
}

// show writes a page: the template's name, the menu's entry, the code of its title, and the view.
func (a *ask) show(name, here, title string, view any) error {
	return a.write(http.StatusOK, name, a.frame(title, here, view))
}

// again shows a page with what was wrong with what it sent.
func (a *ask) again(name, here, title string, view any, err error) error {
	f := a.frame(title, here, view)
	f.Problems = a.problems(err)
	status := kindOf(err).status
	if status >= http.StatusInternalServerError {
		return err
	}
	return a.write(status, name, f)
}

// write renders a page whole before its first byte is sent.
func (a *ask) write(status int, name string, f frame) error {
	tmpl := a.site.templatesOf(a.voice).by[name]
	if tmpl == nil {
		return fmt.Errorf("page %s has no template", name)
	}
	var b bytes.Buffer
	if err := tmpl.ExecuteTemplate(&b, "frame", f); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	a.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	a.w.Header().Set("Content-Language", a.Lang())
	a.w.WriteHeader(status)
	_, err := b.WriteTo(a.w)
	_ = err // whoever asked has gone
	return nil
}

// kind is how a kind of fault is answered.
type kind struct {
	fault  error
	name   string
	status int
}

var kinds = [...]kind{
	{fault.NotFound, "not-found", http.StatusNotFound},
	{fault.Forbidden, "forbidden", http.StatusForbidden},
	{fault.Conflict, "conflict", http.StatusConflict},
	{fault.Gone, "gone", http.StatusGone},
	{fault.Unavailable, "unavailable", http.StatusServiceUnavailable},
	{fault.Invalid, "invalid", http.StatusUnprocessableEntity},
}

// kindOf finds the kind of an error; one of no kind is our own fault.
func kindOf(err error) kind {
	for _, k := range kinds {
		if errors.Is(err, k.fault) {
			return k
		}
	}
	return kind{err, "broken", http.StatusInternalServerError}
}

// fail answers with a page that says what went wrong.
func (a *ask) fail(err error) error {
	k := kindOf(err)
	if k.status >= http.StatusInternalServerError {
		a.site.options.Log.Error("page failed", "method", a.r.Method, "pattern", a.r.Pattern, "err", err)
	}
	f := a.frame(a.text("web.fault."+k.name+".title", nil), "", errorView{Kind: k.name, Problems: a.problems(err)})
	return a.write(k.status, "error", f)
}

type errorView struct {
	Kind     string
	Problems []problem
}
