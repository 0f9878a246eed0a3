package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"

	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

// htmx is in the folder where web/staff was built; without it pages load whole.
//
//go:embed assets
var assetFiles embed.FS

// assets are the files that pages ask for, by name.
type assets struct {
	by   map[string]asset
	htmx bool
}

type asset struct {
	bytes     []byte
	digest    string
	mediaType string
}

func readAssets() *assets {
	all := &assets{by: map[string]asset{}}
	names, _ := fs.Glob(assetFiles, "assets/*")
	for _, file := range names {
		raw, err := assetFiles.ReadFile(file)
		if err != nil {
			continue
		}
		sum := sha256.Sum256(raw)
		name := path.Base(file)
		all.by[name] = asset{raw, hex.EncodeToString(sum[:8]), mime.TypeByExtension(path.Ext(name))}
	}
	_, all.htmx = all.by["htmx.min.js"]
	return all
}

// address names a file with its digest, so that a browser may keep it and never shows an old one.
func (f *assets) address(name string) string { return "/assets/" + name + "?v=" + f.by[name].digest }

func (s *site) assetRoute() route.Route {
	return route.Route{Pattern: "GET /assets/{file}", Entrance: route.Anyone, Handle: func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
		file, ok := s.files.by[r.PathValue("file")]
		if !ok {
			return fault.NotFound
		}
		guard(w.Header())
		w.Header().Set("Content-Type", file.mediaType)
		w.Header().Set("Cache-Control", "no-cache")
		if r.URL.Query().Get("v") == file.digest {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		_, err := w.Write(file.bytes)
		_ = err // whoever asked has gone
		return nil
	}}
}
