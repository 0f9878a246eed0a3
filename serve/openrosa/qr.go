package openrosa

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"rsc.io/qr"
)

// Settings are what ODK Collect takes from a QR code to set up a project.
type Settings struct {
	URL      string // required: "https://laptop.local:8443/v1/key/TOKEN/projects/1"
	Project  string // its name on the phone
	Update   string // "manual", "previously_downloaded" or "match_exactly" (default), which takes forms away again
	Every    string // of the other two: "every_fifteen_minutes" (default), "every_one_hour", "every_six_hours", "every_24_hours"
	Send     string // "off", "wifi_only", "cellular_only" or "wifi_and_cellular" (default)
	Username string // with Digest
	Password string
	Language string // of the phone's menus: "fr"; "" the phone's own
}

// Payload is what the code holds: JSON, zlib, base64.
func (s Settings) Payload() string {
	general := map[string]any{"server_url": s.URL, "form_update_mode": or(s.Update, "match_exactly"), "autosend": or(s.Send, "wifi_and_cellular")}
	if general["form_update_mode"] != "manual" {
		general["periodic_form_updates_check"] = or(s.Every, "every_fifteen_minutes")
	}
	for name, value := range map[string]string{"username": s.Username, "password": s.Password, "app_language": s.Language} {
		if value != "" {
			general[name] = value
		}
	}
	all := map[string]any{"general": general, "admin": map[string]any{}}
	if s.Project != "" {
		all["project"] = map[string]any{"name": s.Project}
	}
	raw, _ := json.Marshal(all) // strings only
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, zlib.BestCompression)
	_, _ = z.Write(raw)
	_ = z.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// quiet is the white border that readers need, in modules.
const quiet = 4

// QR draws settings as an SVG without styles, so that the strictest policy shows it, and gives what the code holds.
// The picture holds a token: who sees it can send records.
func QR(s Settings) (svg []byte, payload string, err error) {
	payload = s.Payload()
	code, err := qr.Encode(payload, qr.L)
	if err != nil {
		return nil, "", fmt.Errorf("draw QR code: %w", err)
	}
	size := strconv.Itoa(code.Size + 2*quiet)
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + size + ` ` + size + `" width="` + strconv.Itoa(5*(code.Size+2*quiet)) +
		`" height="` + strconv.Itoa(5*(code.Size+2*quiet)) + `" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path fill="#000" d="`)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes(), payload, nil
}

// PNG draws settings for printers and messengers.
func PNG(s Settings) ([]byte, error) {
	code, err := qr.Encode(s.Payload(), qr.L)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	return code.PNG(), nil
}
