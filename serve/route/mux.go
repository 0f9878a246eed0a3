package route

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/lang"
	"waymark/trust/access"
)

// Desk is what is asked of who acts. *collect.Desk is one.
type Desk interface {
	SignIn(ctx context.Context, email, password, from string) (token string, expires time.Time, actor access.Actor, err error)
	Session(ctx context.Context, token string) (access.Actor, collect.User, error)
	DeviceByToken(ctx context.Context, token string) (access.Actor, collect.Device, error)
	DigestSecret(ctx context.Context, name string) (ha1 string, actor access.Actor, err error)
}

// Options say how routes are served.
type Options struct {
	Desk     Desk             // required
	Secret   []byte           // required: 32 random bytes, made at each start; they sign what Digest hands out
	Log      *slog.Logger     // default: none
	Language string           // of answers to who asks for none we have; default "en"
	Now      func() time.Time // default time.Now; of limits and Digest, not of network time-outs
	Fail     Fail             // of addresses that no route has, and of routes without their own; default: text

	Small int64 // bytes of a body that is not Large; default 2 MB
	Big   int64 // bytes of a Large one; default 101 MB, a little over what phones are told

	Address Rate // requests of one address; default 400 a second, 4,000 at once; this machine's own has no limit
	Token   Rate // requests of one actor; default 400 a second, 4,000 at once
	Wrong   Rate // wrong tokens, passwords and sessions of one address; default 1 in 2 seconds, 20 at once

	Proxied bool // a proxy on this machine says in X-Forwarded-For and -Proto who asks and how
}

func (o Options) filled() Options {
	if o.Desk == nil || len(o.Secret) < 32 {
		panic("route: a Desk and a Secret of 32 bytes are required")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Language == "" {
		o.Language = "en"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Fail == nil {
		o.Fail = Plain
	}
	if o.Small == 0 {
		o.Small = 2e6
	}
	if o.Big == 0 {
		o.Big = 101e6
	}
	for _, r := range []struct {
		rate *Rate
		or   Rate
	}{{&o.Address, Rate{400, 4000}}, {&o.Token, Rate{400, 4000}}, {&o.Wrong, Rate{0.5, 20}}} {
		if *r.rate == (Rate{}) {
			*r.rate = r.or
		}
	}
	return o
}

// mux serves a list of routes.
type mux struct {
	Options
	serve   *http.ServeMux
	origin  *http.CrossOriginProtection
	digest  *digest
	basic   *basic
	address *buckets
	token   *buckets
	wrong   *buckets
	words   map[string]*lang.Printer // of each language: reading its texts takes longer than many an answer
	start   string
	count   atomic.Uint64
}

// Mux serves routes. It panics where two routes answer the same address, as http.ServeMux does.
func Mux(routes []Route, o Options) http.Handler {
	o = o.filled()
	m := &mux{
		Options: o,
		serve:   http.NewServeMux(),
		origin:  http.NewCrossOriginProtection(),
		digest:  newDigest(o.Secret, o.Now),
		basic:   newBasic(o.Desk, o.Secret, o.Now),
		address: newBuckets(o.Address), token: newBuckets(o.Token), wrong: newBuckets(o.Wrong),
		words: map[string]*lang.Printer{},
		start: strconv.FormatInt(o.Now().UnixMilli(), 36),
	}
	for _, tag := range lang.Tags() {
		m.words[tag], _ = lang.New(tag) // one of Tags
	}
	groups := map[string][]variant{}
	var order []string
	for _, r := range routes {
		v := variantOf(r)
		if groups[v.plain] == nil {
			order = append(order, v.plain)
		}
		groups[v.plain] = append(groups[v.plain], v)
	}
	for _, pattern := range order {
		m.serve.Handle(pattern, m.group(groups[pattern]))
	}
	return m
}

// variant is a route whose pattern has been taken apart.
type variant struct {
	Route
	plain string // the pattern without letters after wildcards
	end   []end  // what the values of wildcards must end in
}

type end struct{ name, letters string }

// variantOf takes "/forms/{form}.xml" apart into "/forms/{form}" and ".xml".
func variantOf(r Route) variant {
	v := variant{Route: r}
	method, path, _ := strings.Cut(r.Pattern, " ")
	parts := strings.Split(path, "/")
	for k, part := range parts {
		at := strings.IndexByte(part, '}')
		if !strings.HasPrefix(part, "{") || at < 0 || at == len(part)-1 {
			continue
		}
		v.end = append(v.end, end{part[1:at], part[at+1:]})
		parts[k] = part[:at+1]
	}
	v.plain = method + " " + strings.Join(parts, "/")
	return v
}

// fits says whether a request has the letters that a variant asks for.
func (v variant) fits(r *http.Request) bool {
	for _, e := range v.end {
		value := r.PathValue(e.name)
		if len(value) <= len(e.letters) || !strings.HasSuffix(value, e.letters) {
			return false
		}
	}
	return true
}

func (v variant) weight() (n int) {
	for _, e := range v.end {
		n += len(e.letters)
	}
	return n
}

// group answers the routes that differ in the letters after wildcards.
func (m *mux) group(variants []variant) http.Handler {
	slices.SortStableFunc(variants, func(a, b variant) int { return b.weight() - a.weight() })
	for k := 1; k < len(variants); k++ {
		if slices.Equal(variants[k].end, variants[k-1].end) {
			panic("route: two routes answer " + variants[k].Pattern)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, v := range variants {
			if !v.fits(r) {
				continue
			}
			for _, e := range v.end {
				r.SetPathValue(e.name, strings.TrimSuffix(r.PathValue(e.name), e.letters))
			}
			m.answer(w, r, v.Route)
			return
		}
		m.unknown(w, r, fault.Issue{Code: CodeUnknownAddress, Kind: fault.NotFound})
	})
}

// asked is what is known of a request while it is answered.
type asked struct {
	id       string
	language string
	from     string // address without port
	here     bool   // from this machine
	secure   bool   // over TLS
	pattern  string
	actor    access.Actor
	user     collect.User
	device   collect.Device
	session  string
	words    map[string]*lang.Printer
}

type askedKey struct{}

func of(r *http.Request) *asked {
	if a, ok := r.Context().Value(askedKey{}).(*asked); ok {
		return a
	}
	return &asked{language: "en"}
}

// Language is the language to answer in: "en" or "fr".
func Language(r *http.Request) string { return of(r).language }

// Prefer sets the language to answer in where the asker has named none that we have: phones seldom name one, and a
// project knows its own. It gives false where the asker has.
func Prefer(r *http.Request, language func() string) bool {
	who := of(r)
	if spoken(r.Header.Get("Accept-Language"), "") != "" || who.user.Language != "" {
		return false
	}
	who.language = spoken(language(), who.language)
	return true
}

// Words writes in the language to answer in.
func Words(r *http.Request) *lang.Printer {
	who := of(r)
	if p := who.words[who.language]; p != nil {
		return p
	}
	p, _ := lang.New("en") // a request that no Mux began, in a test
	return p
}

// ID is the number of the request that the log and the answer's X-Request-Id have.
func ID(r *http.Request) string { return of(r).id }

// From is the address that asks, without its port.
func From(r *http.Request) string { return of(r).from }

// User is the member of staff who asks; the zero User for a device.
func User(r *http.Request) collect.User { return of(r).user }

// Device is the device that asks; the zero Device for a person, and for a phone that signed in by Digest.
func Device(r *http.Request) collect.Device { return of(r).device }

// Session is the token of the asker's session, for signing out.
func Session(r *http.Request) string { return of(r).session }

// Secure says whether the asker came over TLS.
func Secure(r *http.Request) bool { return of(r).secure }

// Base is the address of this server as the asker wrote it: "https://laptop.local:8443".
func Base(r *http.Request) string {
	if Secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// ServeHTTP begins every request: who asks from where, in which language; headers; limits; the log; no panic leaves.
func (m *mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	who := m.begin(r)
	r = r.WithContext(context.WithValue(r.Context(), askedKey{}, who))
	a := &answer{ResponseWriter: w, control: http.NewResponseController(w), gzips: takesGzip(r.Header.Get("Accept-Encoding")), head: r.Method == http.MethodHead}
	body := &inflow{ReadCloser: r.Body, control: a.control, until: began.Add(longest)}
	if r.Body == nil {
		body.ReadCloser = http.NoBody
	}
	r.Body = body
	a.flow() // the last answer on this connection may be long ago
	protect(a.Header(), who.id)
	defer func() {
		cut := recover()
		if cut != nil && cut != http.ErrAbortHandler { //nolint:errorlint // the value itself is thrown
			m.crashed(who, cut)
			if !a.began() {
				m.fail(a, r, m.Fail, errors.New("panic"))
				cut = nil
			}
		}
		_ = a.release()
		m.line(r, who, a, body, began)
		if cut != nil {
			panic(http.ErrAbortHandler) // invariant 3
		}
	}()
	if !who.here {
		if wait, ok := m.address.take(who.from, 1, m.Now()); !ok {
			m.fail(a, r, m.Fail, m.late(a, wait))
			return
		}
	}
	handler, pattern := m.serve.Handler(r)
	if pattern == "" {
		m.missing(a, r, handler)
		return
	}
	m.serve.ServeHTTP(a, r)
	if !a.began() { // ServeMux itself has said where the address is, written plainly
		if err := a.finish(); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// longest is how long a body may take to come, however it flows: a record of 100 MB over a slow line.
const longest = 30 * time.Minute

// begin finds out what a request says of itself, trusting neither its Date nor, without a proxy of ours, its headers.
func (m *mux) begin(r *http.Request) *asked {
	who := &asked{
		id:       m.start + "-" + strconv.FormatUint(m.count.Add(1), 36),
		language: spoken(r.Header.Get("Accept-Language"), m.Language),
		secure:   r.TLS != nil,
		words:    m.words,
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip := net.ParseIP(host)
	who.from, who.here = host, ip != nil && ip.IsLoopback()
	if !m.Proxied || !who.here {
		return who
	}
	if chain := r.Header.Values("X-Forwarded-For"); len(chain) > 0 {
		last := chain[len(chain)-1] // the proxy's own word stands last
		if at := strings.LastIndexByte(last, ','); at >= 0 {
			last = last[at+1:]
		}
		if ip := net.ParseIP(strings.TrimSpace(last)); ip != nil {
			who.from, who.here = ip.String(), false
		}
	}
	who.secure = who.secure || r.Header.Get("X-Forwarded-Proto") == "https"
	return who
}

// missing answers what no route answers: ServeMux knows whether the address or only the method is unknown.
func (m *mux) missing(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	told := &silent{header: http.Header{}}
	handler.ServeHTTP(told, r)
	if told.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", told.header.Get("Allow"))
		m.unknown(w, r, errors.Join(errMethod, fault.Issue{Code: CodeWrongMethod, Kind: fault.Invalid, Args: map[string]any{"allowed": told.header.Get("Allow")}}))
		return
	}
	m.unknown(w, r, fault.Issue{Code: CodeUnknownAddress, Kind: fault.NotFound})
}

func (m *mux) unknown(w http.ResponseWriter, r *http.Request, err error) {
	m.fail(w, r, m.Fail, err)
}

// silent takes what ServeMux would have said.
type silent struct {
	header http.Header
	status int
}

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) WriteHeader(status int)      { s.status = status }
func (s *silent) Write(b []byte) (int, error) { return len(b), nil }

// answer answers one route.
func (m *mux) answer(w http.ResponseWriter, r *http.Request, route Route) {
	who := of(r)
	who.pattern = route.Pattern
	show := route.Fail
	if show == nil {
		show = m.Fail
	}
	if route.Entrance == Cookie || route.Entrance == Anyone {
		w.Header().Set("Content-Security-Policy", PagePolicy)
	}
	limit := m.Small
	if route.Large {
		limit = m.Big
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	err := m.enter(w, r, route)
	if err == nil {
		err = m.handle(w, r, route)
	}
	if a, ok := w.(*answer); ok && err == nil {
		err = a.finish()
	}
	if err != nil {
		m.fail(w, r, show, err)
	}
}

// handle calls the handler within its time.
func (m *mux) handle(w http.ResponseWriter, r *http.Request, route Route) error {
	within := route.Within
	switch {
	case within == 0 && route.Large:
		within = longest
	case within == 0:
		within = time.Minute
	}
	if within > 0 {
		ctx, stop := context.WithTimeout(r.Context(), within)
		defer stop()
		r = r.WithContext(ctx)
	}
	return route.Handle(w, r, of(r).actor)
}

// fail shows an error, or cuts off an answer that has begun (invariant 3).
func (m *mux) fail(w http.ResponseWriter, r *http.Request, show Fail, err error) {
	who := of(r)
	p := problem(r, err)
	if p.Status >= 500 {
		m.Log.Error("failed", "id", who.id, "route", who.pattern, "kind", kindOf(err), "issues", codesOf(err))
	}
	a, ok := w.(*answer)
	if !ok {
		show(w, r, p)
		return
	}
	if a.began() {
		panic(http.ErrAbortHandler)
	}
	a.drop()
	for _, h := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Content-Range", "Accept-Ranges", "Etag", "Last-Modified"} {
		a.Header().Del(h)
	}
	a.Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusServiceUnavailable && a.Header().Get("Retry-After") == "" {
		a.Header().Set("Retry-After", "30")
	}
	show(a, r, p)
	_ = a.finish()
}

// line writes one line of the log (invariant 1): what a request asked for stands in it as the route's pattern only.
func (m *mux) line(r *http.Request, who *asked, a *answer, in *inflow, began time.Time) {
	m.Log.Info("request", "id", who.id, "method", method(r.Method), "route", who.pattern, "status", a.status,
		"ms", float64(time.Since(began).Microseconds())/1000, "in", in.bytes, "out", a.bytes, "actor", actorID(who.actor))
}

// method keeps a made-up method, which could hold anything, out of the log.
func method(s string) string {
	switch s {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return s
	}
	return "other"
}

func actorID(a access.Actor) string {
	if a.Kind == "" {
		return ""
	}
	return string(a.Kind) + ":" + strconv.FormatInt(a.ID, 10)
}

// crashed logs where a panic came from, not what it said (invariant 1).
func (m *mux) crashed(who *asked, cut any) {
	var at []string
	pcs := make([]uintptr, 24)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "waymark") {
			at = append(at, fmt.Sprintf("%s:%d", f.Function[strings.LastIndexByte(f.Function, '/')+1:], f.Line))
		}
		if !more {
			break
		}
	}
	m.Log.Error("panic", "id", who.id, "route", who.pattern, "type", fmt.Sprintf("%T", cut), "at", at)
}

// kindOf names an error without its text: the kind of fault, else its Go type.
func kindOf(err error) string {
	for name, kind := range map[string]error{"invalid": fault.Invalid, "not found": fault.NotFound, "conflict": fault.Conflict,
		"forbidden": fault.Forbidden, "gone": fault.Gone, "unavailable": fault.Unavailable, "deadline": context.DeadlineExceeded, "canceled": context.Canceled} {
		if errors.Is(err, kind) {
			return name
		}
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

func codesOf(err error) []string {
	var codes []string
	for _, i := range fault.Of(err) {
		codes = append(codes, string(i.Code))
	}
	return codes
}
