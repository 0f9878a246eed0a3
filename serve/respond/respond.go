package respond

import (
	"context"
	"encoding/base64"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"sync"

	"waymark/collect"
	"waymark/fault"
	"waymark/form"
	"waymark/lang"
	"waymark/serve/route"
	"waymark/trust/access"
	"waymark/trust/seal"

	_ "embed"
)

// What can stand in the way of a form in a browser. Texts stand in lang/messages/respond.*.toml.
const (
	CodeLeftOut   fault.Code = "respond.left-out"  // built without Node
	CodeNotWeb    fault.Code = "respond.not-web"   // the form is not offered in a browser
	CodeEncrypted fault.Code = "respond.encrypted" // the phone would encrypt its records
	CodeKey       fault.Code = "respond.key"       // sealed to another server's key
	CodeLarge     fault.Code = "respond.large"
	CodeNotSealed fault.Code = "respond.not-sealed"
)

// Desk is what is asked of who acts. *collect.Desk is one.
type Desk interface {
	Forms(ctx context.Context, by access.Actor, project int64) ([]collect.Form, error)
	Form(ctx context.Context, by access.Actor, project int64, form string) (collect.Form, error)
	Version(ctx context.Context, by access.Actor, project int64, form, version string, draft collect.Stage) (collect.Version, error)
	Compiled(ctx context.Context, v collect.Version) (*form.Form, error)
	Media(ctx context.Context, by access.Actor, project int64, form, version, name string, draft collect.Stage) (collect.Media, io.ReadCloser, error)
	KeepFile(ctx context.Context, name, mediaType string, r io.Reader) (collect.File, error)
	Accept(ctx context.Context, by access.Actor, s collect.Sent) (collect.Receipt, error)
}

var _ Desk = (*collect.Desk)(nil)

// OutboxKeys opens what browsers sealed. *seal.Outbox is one.
type OutboxKeys interface {
	Public() []byte // 65 bytes: an uncompressed point of P-256
	Open(form string, sealed io.Reader) io.Reader
}

var _ OutboxKeys = (*seal.Outbox)(nil)

// Options say what the pages work with. All but Maximum are required.
type Options struct {
	Desk    Desk
	Keys    OutboxKeys
	Maximum int64 // bytes of a sealed record; default 100,000,000, as phones are told
}

// pages answers the routes.
type pages struct {
	Options
	bundle manifest
	key    string
	texts  func() map[string]map[string][2]string
}

// Routes lists the addresses.
func Routes(o Options) []route.Route {
	if o.Maximum == 0 {
		o.Maximum = 100_000_000
	}
	p := &pages{Options: o, bundle: readManifest(), key: base64.RawURLEncoding.EncodeToString(o.Keys.Public()), texts: sync.OnceValue(texts)}
	return []route.Route{
		{Pattern: "GET /f/worker.js", Entrance: route.Anyone, Handle: worker},
		{Pattern: "GET " + assets + "{file}", Entrance: route.Anyone, Handle: asset},
		{Pattern: "GET /f/{token}", Entrance: route.Path, Right: access.ReadForms, Fail: showProblem, Handle: p.list},
		{Pattern: "GET /f/{token}/{form}", Entrance: route.Path, Right: access.ReadForms, Fail: showProblem, Handle: p.page},
		{Pattern: "GET /f/{token}/{form}/form.xml", Entrance: route.Path, Right: access.ReadForms, Handle: p.definition},
		{Pattern: "GET /f/{token}/{form}/media/{name}", Entrance: route.Path, Right: access.ReadForms, Handle: p.media},
		{Pattern: "POST /f/{token}/{form}/sealed", Entrance: route.Path, Right: access.Submit, Large: true, Fail: tellProblem, Handle: p.sealed},
	}
}

// open gives the form and its current version, where it may be filled in with a browser.
func (p *pages) open(r *http.Request, by access.Actor) (collect.Form, collect.Version, error) {
	f, err := p.Desk.Form(r.Context(), by, by.Project, r.PathValue("form"))
	switch {
	case err != nil:
		return f, collect.Version{}, err
	case !f.WebForm || f.State != collect.Open:
		return f, collect.Version{}, fault.Issue{Code: CodeNotWeb, Kind: fault.NotFound}
	case f.Encrypted:
		return f, collect.Version{}, fault.Issue{Code: CodeEncrypted, Kind: fault.NotFound}
	}
	v, err := p.Desk.Version(r.Context(), by, by.Project, f.ID, "", collect.Published)
	return f, v, err
}

// definition gives the bytes that phones get.
func (p *pages) definition(w http.ResponseWriter, r *http.Request, by access.Actor) error {
	_, v, err := p.open(r, by)
	if err != nil {
		return err
	}
	keep(w, r, v.Hash)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, err = w.Write(v.XML)
	return err
}

// media gives a file of the form.
func (p *pages) media(w http.ResponseWriter, r *http.Request, by access.Actor) error {
	f, v, err := p.open(r, by)
	if err != nil {
		return err
	}
	m, body, err := p.Desk.Media(r.Context(), by, by.Project, f.ID, v.Version, r.PathValue("name"), collect.Published)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if m.Entities == "" { // invariant 2: a list stays no-store
		keep(w, r, m.MD5)
	}
	if m.Type != "" {
		w.Header().Set("Content-Type", m.Type)
	} else {
		w.Header().Set("Content-Type", typeOf(m.Name))
	}
	_, err = io.Copy(w, body)
	return err
}

// keep lets a browser keep what its address names by hash.
func keep(w http.ResponseWriter, r *http.Request, hash string) {
	if hash != "" && r.URL.Query().Get("v") == hash {
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		return
	}
	w.Header().Set("Cache-Control", "private, no-cache")
}

// address joins what leads to a form.
func address(token, form string) string { return "/f/" + token + "/" + url.PathEscape(form) }

// texts gives the page all of its words, in each language for one and for several; {n} stands for the count.
func texts() map[string]map[string][2]string {
	out := map[string]map[string][2]string{}
	for _, tag := range lang.Tags() {
		words, err := lang.New(tag)
		if err != nil {
			continue // the tags are lang's own
		}
		codes, err := lang.Codes("respond", tag)
		if err != nil {
			continue // a test asks for every text
		}
		out[tag] = make(map[string][2]string, len(codes))
		for _, code := range codes {
			count := func(n float64) string {
				return words.Text(code, map[string]any{"n": lang.Counted{Count: n, Text: "{n}"}})
			}
			out[tag][code] = [2]string{count(1), count(2)}
		}
	}
	return out
}

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))
