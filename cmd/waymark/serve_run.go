package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"waymark/collect"
	"waymark/connect/webhook"
	"waymark/trust/access"
)

// newServer makes a server that waits neither for slow headers nor for idle clients; slow bodies are the routes' own
// business, since a phone on a bad line may need minutes for a film.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: headerWait, IdleTimeout: idleWait, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(quiet{log.Handler()}, slog.LevelDebug)}
}

// quiet drops what net/http writes of a client's broken connection: it may hold bytes that the client sent.
type quiet struct{ slog.Handler }

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	return q.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "connection failed", 0))
}

// serveUntilTold serves until the context ends, then lets what has begun come to its end.
func serveUntilTold(ctx context.Context, servers []*http.Server, listeners []net.Listener, beside func(context.Context)) error {
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	var group sync.WaitGroup
	failed := make(chan error, len(servers))
	for i, s := range servers {
		group.Go(func() {
			if err := s.Serve(listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	group.Go(func() { beside(work) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	cancel()
	stop, done := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer done()
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(stop))
	}
	group.Wait()
	return err
}

// attend does what time asks for while a server runs: sweeping, and telling hooks.
func attend(ctx context.Context, desk *collect.Desk, log *slog.Logger, hooks webhook.Reach) {
	var group sync.WaitGroup
	group.Go(func() { webhook.Run(ctx, desk, webhook.NewClient(hooks), log) })
	group.Go(func() {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			if swept, err := desk.Sweep(ctx); err != nil && ctx.Err() == nil {
				log.Error("sweep failed", "error", kindOf(err))
			} else if err == nil {
				log.Debug("swept", "records", swept.Records, "sessions", swept.Sessions, "blobs", swept.Blobs)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	group.Wait()
}

// firstStart makes the administrator where there is no user yet, and says how to sign in.
func (f *serveFlags) firstStart(ctx context.Context, r *room, o *opened, site string) error {
	users, err := o.desk.Users(ctx, system())
	if err != nil || len(users) > 0 {
		return err
	}
	password := o.keys.Token(15)
	u := collect.User{Email: f.administrator, Language: r.tag(), Grants: []access.Grant{{Role: "administrator"}}}
	if _, err := o.desk.AddUser(ctx, system(), u, password); err != nil {
		return err
	}
	r.say("server.first-start", map[string]any{"url": site, "email": f.administrator, "password": password})
	return nil
}
