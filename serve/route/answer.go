package route

import (
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"
)

// answer counts what is sent, shortens it where the asker and the type allow, and moves the time-out on as long as
// bytes flow.
type answer struct {
	http.ResponseWriter
	control *http.ResponseController
	status  int
	bytes   int64

	gzips   bool // the asker takes gzip
	head    bool
	checked bool
	zip     *gzip.Writer
	pending []byte    // the first bytes, held until there are enough to be worth shortening
	moved   time.Time // when the time-out was last moved
}

// flowing is the longest wait for a client to take or give some bytes. ODK Collect waits as long.
const flowing = 60 * time.Second

// worthwhile is the size below which gzip saves no packet.
const worthwhile = 1400

var zips = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	return z
}}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader keeps the status until there are some bytes or the end: until then an error can still change it.
func (a *answer) WriteHeader(status int) {
	if status < 200 {
		a.ResponseWriter.WriteHeader(status)
		return
	}
	if a.status == 0 {
		a.status = status
	}
}

// mayShorten says whether the body may be sent as gzip.
func (a *answer) mayShorten() bool {
	h := a.Header()
	if a.head || !a.gzips || a.status == http.StatusNoContent || a.status == http.StatusNotModified || a.status == http.StatusPartialContent ||
		h.Get("Content-Encoding") != "" || h.Get("Content-Range") != "" {
		return false
	}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch kind {
	case "application/json", "application/xml", "application/javascript", "application/geo+json", "application/wasm", "image/svg+xml", "application/xhtml+xml":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.checked {
		a.flow()
		return a.send(b)
	}
	a.pending = append(a.pending, b...)
	if len(a.pending) < worthwhile {
		return len(b), nil
	}
	return len(b), a.begin()
}

// begin sends the header and what was held.
func (a *answer) begin() error {
	if a.checked {
		return nil
	}
	a.checked = true
	a.flow()
	h := a.Header()
	if a.mayShorten() {
		h.Add("Vary", "Accept-Encoding")
		if len(a.pending) >= worthwhile {
			a.shorten(h)
		}
	}
	a.ResponseWriter.WriteHeader(a.status)
	held := a.pending
	a.pending = nil
	if len(held) == 0 {
		return nil
	}
	_, err := a.send(held)
	return err
}

func (a *answer) shorten(h http.Header) {
	h.Set("Content-Encoding", "gzip")
	h.Del("Content-Length")
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("Etag", "W/"+tag) // the bytes differ, what they say does not
	}
	a.zip = zips.Get().(*gzip.Writer)
	a.zip.Reset(counted{a})
}

func (a *answer) send(b []byte) (int, error) {
	if a.zip != nil {
		return a.zip.Write(b)
	}
	return counted{a}.Write(b)
}

// counted is where bytes leave.
type counted struct{ a *answer }

func (c counted) Write(b []byte) (int, error) {
	n, err := c.a.ResponseWriter.Write(b)
	c.a.bytes += int64(n)
	return n, err
}

// flow moves the time-out on, once a second at most.
func (a *answer) flow() {
	if now := time.Now(); now.Sub(a.moved) > time.Second {
		a.moved = now
		_ = a.control.SetWriteDeadline(now.Add(flowing)) // a recorder in a test has none
	}
}

// Flush sends what is held.
func (a *answer) Flush() {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	_ = a.begin()
	if a.zip != nil {
		_ = a.zip.Flush()
	}
	_ = a.control.Flush()
}

// finish ends a body that is whole.
func (a *answer) finish() error {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if err := a.begin(); err != nil {
		return err
	}
	return a.release()
}

// release gives the compressor back.
func (a *answer) release() error {
	if a.zip == nil {
		return nil
	}
	err := a.zip.Close()
	zips.Put(a.zip)
	a.zip = nil
	return err
}

// began says whether anything has left: from then on an error can only cut the answer off.
func (a *answer) began() bool { return a.checked }

// drop forgets a body that has not left.
func (a *answer) drop() {
	a.status, a.pending = 0, nil
}

// takesGzip reads Accept-Encoding: gzip named without q=0.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, q, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// inflow is a body that may take as long as bytes flow, but no longer than whole.
type inflow struct {
	io.ReadCloser
	control *http.ResponseController
	until   time.Time
	moved   time.Time
	bytes   int64
}

func (i *inflow) Read(b []byte) (int, error) {
	if now := time.Now(); now.Sub(i.moved) > time.Second {
		i.moved = now
		next := now.Add(flowing)
		if next.After(i.until) {
			next = i.until
		}
		_ = i.control.SetReadDeadline(next)
	}
	n, err := i.ReadCloser.Read(b)
	i.bytes += int64(n)
	if err == io.EOF { // the server reads on to learn that the client has gone: that may take any time
		_ = i.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
