package web

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"waymark/collect"
	"waymark/lang"
	"waymark/serve/route"
	"waymark/trust/access"
)

// Options say how the pages are served. All may be left out.
type Options struct {
	Address   string         // what phones and other people call this server by: "https://10.0.0.5:8443"; "" as the asker did
	SetUpCode string         // asked for on the first page of a server without users; "" the page is not offered
	Zone      *time.Location // of the times on pages; default time.Local
	Now       func() time.Time
	Runner    Runner                                     // runs shipped plans; nil: the report page says that there is none
	Phone     func(at PhoneAt, p collect.Project) []byte // what a phone's QR code holds; nil: the address alone
	Plain     string                                     // where phones that sign in by Digest find it without https: "http://10.0.0.5:8080"; "" nowhere else
	Authority bool                                       // phones are offered the server's own certificate at /certificate
	WebForms  bool                                       // forms may be filled in by browsers at /f/TOKEN/FORM
	Provider  Provider                                   // staff may sign in by it; nil: by password alone
	Log       *slog.Logger                               // default: nothing is logged
}

// PhoneAt is where a phone sends to: with a token in the address, or by a name and a password (Digest).
type PhoneAt struct{ Address, Name, Password string }

// Runner runs plans on the records of a form, reading what the actor may read: strict answers by an opening that
// the actor holds.
type Runner interface {
	Plans() []Plan
	Run(ctx context.Context, by access.Actor, project int64, form, plan string) (Report, error)
}

// Plan is a plan that can be run, with its title by language.
type Plan struct {
	Name  string
	Title map[string]string
}

// Report is a finished report: a whole page of HTML by language. Only what was cleared is in it.
type Report struct {
	Pages map[string][]byte
}

// site is what all pages share.
type site struct {
	desk     *collect.Desk
	options  Options
	voices   map[string]*voice
	files    *assets
	reports  shelf
	keys     passkeys
	attempts attempts

	mu  sync.Mutex
	set map[string]*pages // by language
}

// Routes lists the addresses of the staff pages.
func Routes(desk *collect.Desk, o Options) []route.Route {
	all, _ := Site(desk, o)
	return all
}

// Site lists the addresses of the staff pages, and gives what shows browsers the page of what went wrong at addresses that
// nothing answers.
func Site(desk *collect.Desk, o Options) ([]route.Route, route.Fail) {
	s := newSite(desk, o)
	var all []route.Route
	for _, group := range [][]route.Route{
		s.doorRoutes(), s.providerRoutes(), s.accountRoutes(), s.passkeyRoutes(), s.projectRoutes(), s.formRoutes(), s.versionRoutes(), s.recordsRoutes(),
		s.recordRoutes(), s.editRoutes(), s.flagRoutes(), s.quarantineRoutes(), s.deviceRoutes(), s.openingRoutes(), s.entityRoutes(),
		s.hookRoutes(), s.exportRoutes(), s.reportRoutes(), s.paperRoutes(), s.userRoutes(), s.auditRoutes(),
	} {
		all = append(all, group...)
	}
	return all, s.refused
}

func newSite(desk *collect.Desk, o Options) *site {
	o.Zone = cmp.Or(o.Zone, time.Local)
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	s := &site{desk: desk, options: o, voices: map[string]*voice{}, files: readAssets(), set: map[string]*pages{}}
	for _, tag := range lang.Tags() {
		p, err := lang.New(tag)
		if err != nil {
			panic(err) // lang lists the language itself
		}
		s.voices[tag] = &voice{Printer: p, zone: o.Zone, now: o.Now}
	}
	return s
}

// get, post and open make routes: to look, to act, and for who is not known yet.
func (s *site) get(path string, right access.Right, handle func(*ask) error) route.Route {
	return route.Route{Pattern: "GET " + path, Entrance: route.Cookie, Right: right, Fail: s.refused, Handle: s.handler(handle)}
}

func (s *site) post(path string, right access.Right, handle func(*ask) error) route.Route {
	return route.Route{Pattern: "POST " + path, Entrance: route.Cookie, Right: right, Fail: s.refused, Handle: s.handler(handle)}
}

func (s *site) open(pattern string, handle func(*ask) error) route.Route {
	return route.Route{Pattern: pattern, Entrance: route.Anyone, Fail: s.refused, Handle: s.handler(handle)}
}

// may says whether an actor holds a right in a project; 0: anywhere at all.
func may(by access.Actor, right access.Right, project int64) bool {
	return slices.ContainsFunc(by.Rights, func(h access.Held) bool {
		return h.Right == right && (project == 0 || h.Scope.Project == 0 || h.Scope.Project == project)
	})
}

// everywhere says whether an actor holds a right in every project.
func everywhere(by access.Actor, right access.Right) bool {
	return slices.ContainsFunc(by.Rights, func(h access.Held) bool { return h.Right == right && h.Scope.Project == 0 && h.Scope.Whole() })
}
