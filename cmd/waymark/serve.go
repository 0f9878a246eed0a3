package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waymark/collect"
	"waymark/connect/webhook"
	"waymark/fault"
	"waymark/serve/api"
	"waymark/serve/odata"
	"waymark/serve/openrosa"
	"waymark/serve/problem"
	"waymark/serve/respond"
	"waymark/serve/route"
	"waymark/serve/web"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// Codes of what can be wrong with the use of serve.
const (
	codeListen   fault.Code = "server.listen"    // addr, why
	codeTLSFlag  fault.Code = "server.tls-flag"  // have
	codePlainLAN fault.Code = "server.plain-lan" // addr
)

// serveFlags are the flags of `serve`.
type serveFlags struct {
	folderFlags
	listen        string
	plain         string
	tls           string
	url           string
	ready         string
	oidc          oidcFlags
	administrator string
	verbose       bool
	localHooks    bool
}

func newServe(r *room) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "server.serve",
		Long:  "server.serve-long",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return f.run(c.Context(), r, c) },
	}
	f.add(c)
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8383", "server.flag.listen")
	c.Flags().StringVar(&f.plain, "plain", "", "server.flag.plain")
	c.Flags().StringVar(&f.tls, "tls", "off", "server.flag.tls")
	c.Flags().StringVar(&f.url, "url", "", "server.flag.url")
	c.Flags().StringVar(&f.ready, "ready", "", "server.flag.ready")
	c.Flags().StringVar(&f.oidc.issuer, "oidc-issuer", "", "server.flag.oidc-issuer")
	c.Flags().StringVar(&f.oidc.id, "oidc-client", "", "server.flag.oidc-client")
	c.Flags().StringVar(&f.oidc.secretFile, "oidc-secret-file", "", "server.flag.oidc-secret-file")
	c.Flags().StringVar(&f.administrator, "administrator", "administrator@waymark.local", "server.flag.administrator")
	c.Flags().BoolVar(&f.localHooks, "local-hooks", false, "webhook.flag.local-hooks")
	c.Flags().BoolVar(&f.verbose, "verbose", false, "server.flag.verbose")
	return c
}

// How long a server waits.
const (
	headerWait = 10 * time.Second
	idleWait   = 2 * time.Minute
	stopWait   = 30 * time.Second // for what has begun, when it is told to stop
	sweepEvery = 5 * time.Minute
)

func (f *serveFlags) run(ctx context.Context, r *room, c *cobra.Command) error {
	if err := need(c, "dir"); err != nil {
		return err
	}
	o, err := f.open(ctx, r, mayCreate)
	if err != nil {
		return err
	}
	defer o.close()
	frugal()
	level := slog.LevelInfo
	if f.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(r.err, &slog.HandlerOptions{Level: level}))

	main, err := net.Listen("tcp", f.listen)
	if err != nil {
		return fault.Issue{Code: codeListen, Kind: fault.Unavailable, Args: map[string]any{"addr": f.listen, "why": reason(err)}}
	}
	defer main.Close()
	certificate, err := f.certificate(ctx, o, main.Addr())
	if err != nil {
		return err
	}
	site := f.site(main.Addr(), certificate)
	if certificate != nil && certificate.authority != nil && !seal.Local(hostOf(site)) {
		r.say("server.not-local", map[string]any{"url": site, "name": hostName()})
	}
	provider, err := f.oidc.provider(site)
	if err != nil {
		return err
	}
	plain, plainSite, err := f.listenPlain()
	if err != nil {
		return err
	}
	if plain != nil {
		defer plain.Close()
	}
	handler := f.handler(o, log, site, plainSite, certificate, provider)
	if err := f.firstStart(ctx, r, o, site); err != nil {
		return err
	}

	servers := []*http.Server{newServer(handler, log)}
	listeners := []net.Listener{main}
	if certificate != nil {
		servers[0].TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate.get}
		listeners[0] = tls.NewListener(main, servers[0].TLSConfig)
	}
	if plain != nil {
		servers = append(servers, newServer(f.plainHandler(o, log, certificate), log))
		listeners = append(listeners, plain)
		r.say("server.plain", map[string]any{"url": plainSite})
	}
	r.say("server.listening", map[string]any{"url": site})
	if certificate != nil && certificate.authority != nil {
		r.say("server.certificate", map[string]any{"url": site + "/certificate"})
	}
	if f.ready != "" {
		if err := writeBeside(f.ready, func(w io.Writer) error { _, err := io.WriteString(w, site+"\n"); return err }); err != nil {
			return err
		}
	}
	return serveUntilTold(ctx, servers, listeners, func(ctx context.Context) { attend(ctx, o.desk, log, webhook.Reach(f.localHooks)) })
}

// listenPlain listens on the plain network, where that is asked for, and gives the address that phones call it by.
func (f *serveFlags) listenPlain() (net.Listener, string, error) {
	if f.plain == "" {
		return nil, "", nil
	}
	plain, err := net.Listen("tcp", f.plain)
	if err != nil {
		return nil, "", fault.Issue{Code: codeListen, Kind: fault.Unavailable, Args: map[string]any{"addr": f.plain, "why": reason(err)}}
	}
	return plain, (&serveFlags{}).site(plain.Addr(), nil), nil
}

// memoryAim is the memory above which the server would rather work than grow, unless GOMEMLIMIT says otherwise.
const memoryAim = 128 << 20

// frugal gives back what opening the key took, 256 MiB on purpose, and keeps the server small from there on: a field
// laptop does other things as well.
func frugal() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryAim)
	}
	debug.FreeOSMemory()
}

// site is the address that phones and people are given.
func (f *serveFlags) site(at net.Addr, s *secured) string {
	if f.url != "" {
		return strings.TrimRight(f.url, "/")
	}
	scheme, own := "http", false
	if s != nil {
		scheme, own = "https", s.authority != nil
	}
	host, port, _ := net.SplitHostPort(at.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
		for _, ip := range ownAddresses() {
			if !own || seal.Local(ip.String()) {
				host = ip.String()
				break
			}
		}
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// handler answers people, phones and programs.
func (f *serveFlags) handler(o *opened, log *slog.Logger, site, plain string, s *secured, p web.Provider) http.Handler {
	all, page := routesAndPage(o.desk, o.keys.Outbox(), web.Options{Address: site, Plain: plain, Authority: s != nil && s.authority != nil, Log: log,
		Phone: phoneCode, WebForms: respond.Engine() != "", Provider: p,
		Runner: &planRunner{dir: filepath.Join(f.dir, "plans"), desk: o.desk}})
	if s != nil && s.authority != nil {
		all = append(all, certificateRoutes(s.authority)...)
	}
	return route.Mux(all, route.Options{Desk: o.desk, Secret: o.keys.Mac("digest", []byte(seal.Token(32))), Log: log, Proxied: f.tls == "proxy", Fail: failing(page)})
}

// phoneCode is what the QR code of a phone holds.
func phoneCode(at web.PhoneAt, p collect.Project) []byte {
	return []byte(openrosa.Settings{URL: at.Address, Username: at.Name, Password: at.Password, Project: p.Name}.Payload())
}

// plainHandler answers phones on a plain network, by Digest alone: no token, password or page crosses it. Whoever
// listens there can read what phones send; https keeps it from them.
func (f *serveFlags) plainHandler(o *opened, log *slog.Logger, s *secured) http.Handler {
	var all []route.Route
	for _, r := range openrosa.Routes(o.desk) {
		if r.Entrance == route.Program {
			all = append(all, r)
		}
	}
	if s != nil && s.authority != nil {
		all = append(all, certificateRoutes(s.authority)...)
	}
	all = append(all, health(o.desk))
	return route.Mux(all, route.Options{Desk: o.desk, Secret: o.keys.Mac("digest", []byte(seal.Token(32))), Log: log})
}

// routes are all addresses of the server, each with who may ask.
func routes(desk *collect.Desk, outbox *seal.Outbox, o web.Options) []route.Route {
	all, _ := routesAndPage(desk, outbox, o)
	return all
}

func routesAndPage(desk *collect.Desk, outbox *seal.Outbox, o web.Options) ([]route.Route, route.Fail) {
	pages, page := web.Site(desk, o)
	return slices.Concat(
		openrosa.Routes(desk),
		api.Routes(api.Options{Desk: desk}),
		odata.Routes(desk),
		respond.Routes(respond.Options{Desk: desk, Keys: outbox}),
		pages,
		[]route.Route{health(desk)},
	), page
}

// failing tells of an address that nothing answers as its asker reads: programs as problems, browsers as a page, phones
// as text.
func failing(page route.Fail) route.Fail {
	program := problem.Fail(nil)
	return func(w http.ResponseWriter, r *http.Request, p route.Problem) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/v1/"):
			program(w, r, p)
		case strings.Contains(r.Header.Get("Accept"), "text/html"):
			page(w, r, p)
		default:
			route.Plain(w, r, p)
		}
	}
}

// health says whether the server can read its records, to whoever asks: nothing else is told.
func health(desk *collect.Desk) route.Route {
	return route.Route{Pattern: "GET /healthz", Entrance: route.Anyone, Handle: func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
		ctx, stop := context.WithTimeout(r.Context(), 5*time.Second)
		defer stop()
		state, status := "ok", http.StatusOK
		if err := desk.Healthy(ctx); err != nil {
			state, status = "unavailable", http.StatusServiceUnavailable
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		return json.NewEncoder(w).Encode(map[string]string{"status": state, "version": builtVersion().Version})
	}}
}

// certificateRoutes offer phones the certificate of the laptop's own authority.
func certificateRoutes(authority []byte) []route.Route {
	return []route.Route{{Pattern: "GET /certificate", Entrance: route.Anyone, Handle: func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
		w.Header().Set("Content-Type", "application/x-x509-ca-cert")
		w.Header().Set("Content-Disposition", `attachment; filename="waymark-authority.crt"`)
		_, err := w.Write(authority)
		return err
	}}}
}

// reason is what the system said of an address, without the address.
func reason(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return err.Error()
}

// kindOf names the kind of an error for a log, which never holds the error's own words.
func kindOf(err error) string {
	for _, k := range []error{fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden, fault.Gone, fault.Unavailable} {
		if errors.Is(err, k) {
			return k.Error()
		}
	}
	return "internal"
}
