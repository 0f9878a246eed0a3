package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof" // served at a port of its own where it is asked for
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"waymark/collect"
	"waymark/serve/openrosa"
	"waymark/serve/route"
	"waymark/store/blob"
	"waymark/store/sqlite"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// serve is a server of phones alone, on a store in a folder that is lost with it: to profile the way of a record
// without what stands around it. It prints what a phone needs.
func serve(dir, address, pprof string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	keys := seal.NewMaster().Keys()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "records.db"), keys.Subkey("database"), keys.Subkey("audit"))
	if err != nil {
		return err
	}
	defer store.Close()
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		return err
	}
	desk, err := collect.New(collect.Options{Store: store, Blobs: blobs, Keys: keys})
	if err != nil {
		return err
	}
	office := access.Actor{Kind: access.System}
	project, err := desk.AddProject(ctx, office, collect.Project{Name: "Load"})
	if err != nil {
		return err
	}
	for _, q := range []questionnaire{long(), household()} {
		if _, err := desk.UploadForm(ctx, office, project.ID, q.id+".xml", []byte(q.xml)); err != nil {
			return err
		}
		if _, err := desk.Publish(ctx, office, project.ID, q.id, ""); err != nil {
			return err
		}
	}
	_, token, _, err := desk.AddDevice(ctx, office, collect.Device{Project: project.ID, Name: "bench"})
	if err != nil {
		return err
	}
	s := site{Address: "http://" + address, Project: project.ID, Phone: fmt.Sprintf("http://%s/v1/key/%s/projects/%d", address, token, project.ID)}
	if err := s.save(filepath.Join(dir, "site.json")); err != nil {
		return err
	}
	routes := append(openrosa.Routes(desk), route.Route{Pattern: "GET /healthz", Handle: func(http.ResponseWriter, *http.Request, access.Actor) error { return nil }})
	server := &http.Server{Handler: route.Mux(routes, route.Options{Desk: desk, Secret: []byte(strings.Repeat("bench", 8))}), ReadHeaderTimeout: 10 * time.Second}
	if pprof != "" {
		go func() { _ = http.ListenAndServe(pprof, nil) }()
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		_ = server.Shutdown(context.Background())
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
