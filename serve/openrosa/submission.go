package openrosa

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"waymark/collect"
	"waymark/serve/route"
)

// acceptLength is the size that phones are told fits into one post: they split larger records.
const acceptLength = 100_000_000

// head answers HEAD submission: 204 and no other status, or phones give up.
func (s *server) head(w http.ResponseWriter, r *http.Request, a asked) error {
	h := w.Header()
	h.Set("X-OpenRosa-Accept-Content-Length", strconv.Itoa(acceptLength))
	h.Set("Location", a.lists(r)+"/submission")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// finishing is how long a record that came whole may take to be kept, whether or not the phone still waits: it waits
// a minute, and one that has gone sends the same again.
const finishing = 50 * time.Second

// submit answers POST submission: the record is durable before 201 is said (promise 1).
func (s *server) submit(w http.ResponseWriter, r *http.Request, a asked) error {
	w.Header().Set("X-OpenRosa-Accept-Content-Length", strconv.Itoa(acceptLength))
	got, err := receive(r, s.desk.KeepFile)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(r.Context()), finishing)
	defer stop()
	_, err = s.desk.Accept(ctx, a.by, collect.Sent{
		Project: a.project, Form: a.form, Stage: a.stage(), Raw: got.record, Files: got.files, Incomplete: got.incomplete,
		Device: deviceOf(r), Language: route.Language(r),
	})
	if err != nil {
		return err
	}
	return thanks(w, r)
}

// deviceOf is what a phone calls itself in every address it asks.
func deviceOf(r *http.Request) string {
	id := r.URL.Query().Get("deviceID")
	if len(id) > 255 {
		id = id[:255]
	}
	return id
}
