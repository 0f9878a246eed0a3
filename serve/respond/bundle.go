package respond

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

//go:embed all:dist
var dist embed.FS

// manifest says what tools/webform built.
type manifest struct {
	Engine  string   `json:"engine"`
	Early   string   `json:"early"`
	Script  string   `json:"script"`
	Style   string   `json:"style"`
	Worker  string   `json:"worker"`
	Offline []string `json:"offline"`
}

// readManifest gives the zero manifest where the web form was left out.
func readManifest() manifest {
	var m manifest
	raw, err := dist.ReadFile("dist/manifest.json")
	if err != nil || json.Unmarshal(raw, &m) != nil {
		return manifest{}
	}
	return m
}

// Engine is the version of the form engine in this program, "" where the web form was left out: built without Node.
func Engine() string { return readManifest().Engine }

// assets is where the page's files are.
const assets = "/f/assets/"

// asset gives a file that the page is made of. Its name changes with its bytes, so it may be kept for ever.
func asset(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return send(w, r, r.PathValue("file"))
}

// workerPolicy lets the service worker fetch from this server and nothing else.
const workerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'"

// worker gives the service worker, which browsers ask for anew.
func worker(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	w.Header().Set("Content-Security-Policy", workerPolicy)
	w.Header().Set("Cache-Control", "no-cache")
	return send(w, r, "worker.js")
}

// send gives a file of the bundle, compressed as it is kept where the asker takes that.
func send(w http.ResponseWriter, r *http.Request, name string) error {
	raw, err := dist.ReadFile("dist/" + name + ".gz")
	packed := err == nil
	if !packed {
		if raw, err = dist.ReadFile("dist/" + name); err != nil || name == ".keep" {
			return fault.Issue{Code: route.CodeUnknownAddress, Kind: fault.NotFound}
		}
	}
	w.Header().Set("Content-Type", typeOf(name))
	if packed {
		w.Header().Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
		} else if raw, err = unpack(raw); err != nil {
			return err
		}
	}
	_, err = w.Write(raw)
	return err
}

func unpack(raw []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// typeOf does not ask the machine, whose list may lack one or have another.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
