// Package collecttest knows how ODK Collect behaves towards a server: it asks for lists, forms and media, checks what it
// gets as the app does, and sends records, split and repeated, over good and bad connections. Tests, scripts and the
// load bench use it in place of phones. It must not know how the server is made.
//
// It is deterministic: the same calls send the same bytes, but for records that it encrypts.
package collecttest

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/md5" //nolint:gosec // phones compare files by it
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
)

// Client is one phone. The zero value of all but Server is useful.
type Client struct {
	Server   string // as a QR code gives it: "http://localhost:8080/v1/key/TOKEN/projects/1"
	Username string // with a password: Digest
	Password string
	Device   string // "collect:…"; sent with every address
	Language string // Accept-Language
	HTTP     *http.Client

	mu        sync.Mutex
	challenge map[string]string // the last Digest challenge
	count     int               // of uses of its nonce
}

// FromQR sets up a phone from what a QR code holds.
func FromQR(payload string) (*Client, error) {
	packed, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return nil, fmt.Errorf("read QR code: %w", err)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("read QR code: %w", err)
	}
	var settings struct {
		General map[string]any `json:"general"`
		Admin   map[string]any `json:"admin"`
	}
	if err := json.NewDecoder(z).Decode(&settings); err != nil {
		return nil, fmt.Errorf("read QR code: %w", err)
	}
	text := func(name string) string { s, _ := settings.General[name].(string); return s }
	if text("server_url") == "" || settings.Admin == nil {
		return nil, errors.New("read QR code: it names no server, or has no admin part")
	}
	return &Client{Server: text("server_url"), Username: text("username"), Password: text("password")}, nil
}

// Form is a form as the list shows it.
type Form struct {
	ID          string `xml:"formID"`
	Name        string `xml:"name"`
	Version     string `xml:"version"`
	Hash        string `xml:"hash"`
	DownloadURL string `xml:"downloadUrl"`
	ManifestURL string `xml:"manifestUrl"`
	Description string `xml:"descriptionText"`
}

// Media is a file as a manifest shows it.
type Media struct {
	Name         string `xml:"filename"`
	Hash         string `xml:"hash"`
	DownloadURL  string `xml:"downloadUrl"`
	IntegrityURL string `xml:"integrityUrl"`
	Type         string `xml:"type,attr"`
}

// Refused is an answer that is not the one a phone waits for.
type Refused struct {
	Status  int
	Message string // what the phone shows
	Header  http.Header
}

func (r *Refused) Error() string { return fmt.Sprintf("status %d: %s", r.Status, r.Message) }

// List asks for the forms. Like the app it refuses the whole list where one form lacks its id, name or address.
func (c *Client) List(ctx context.Context, query string) ([]Form, error) {
	var list struct {
		XMLName xml.Name `xml:"http://openrosa.org/xforms/xformsList xforms"`
		Forms   []Form   `xml:"xform"`
	}
	if err := c.document(ctx, c.Server+"/formList"+query, &list); err != nil {
		return nil, err
	}
	for _, f := range list.Forms {
		if f.ID == "" || f.Name == "" || f.DownloadURL == "" || !strings.HasPrefix(f.Hash, "md5:") {
			return nil, fmt.Errorf("the list has a form without id, name, address or hash: %q", f.ID)
		}
	}
	return list.Forms, nil
}

// Manifest asks for a form's files.
func (c *Client) Manifest(ctx context.Context, f Form) ([]Media, error) {
	if f.ManifestURL == "" {
		return nil, nil
	}
	var manifest struct {
		XMLName xml.Name `xml:"http://openrosa.org/xforms/xformsManifest manifest"`
		Files   []Media  `xml:"mediaFile"`
	}
	if err := c.document(ctx, f.ManifestURL, &manifest); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for k := range manifest.Files {
		m := &manifest.Files[k]
		m.Name = path.Base(m.Name)
		if m.Name == "." || m.DownloadURL == "" || !strings.HasPrefix(m.Hash, "md5:") || seen[m.Name] {
			return nil, fmt.Errorf("the manifest has a file without name, address or hash, or two of one name: %q", m.Name)
		}
		seen[m.Name] = true
	}
	return manifest.Files, nil
}

// document reads a list or a manifest; what is not XML, or does not say that it is OpenRosa, is no OpenRosa server.
func (c *Client) document(ctx context.Context, address string, into any) error {
	b, header, err := c.Get(ctx, address)
	if err != nil {
		return err
	}
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if kind != "text/xml" || header.Get("X-OpenRosa-Version") == "" {
		return fmt.Errorf("%s is no OpenRosa server: %s, version %q", address, kind, header.Get("X-OpenRosa-Version"))
	}
	return xml.Unmarshal(b, into)
}

// Fetch downloads a form or a file and compares its md5 with the list's, except for what is made when it is asked for.
func (c *Client) Fetch(ctx context.Context, address, hash string) ([]byte, error) {
	b, _, err := c.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	sum := md5.Sum(b) //nolint:gosec // as above
	if have := "md5:" + hex.EncodeToString(sum[:]); hash != "" && have != hash {
		return nil, fmt.Errorf("%s: the bytes have %s, the list said %s", address, have, hash)
	}
	return b, nil
}

// Integrity asks which entities were deleted.
func (c *Client) Integrity(ctx context.Context, m Media, ids ...string) (deleted map[string]bool, err error) {
	b, _, err := c.Get(ctx, m.IntegrityURL+"?id="+url.QueryEscape(strings.Join(ids, ",")))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Entities []struct {
			ID      string `xml:"id,attr"`
			Deleted bool   `xml:"deleted"`
		} `xml:"entities>entity"`
	}
	if err := xml.Unmarshal(b, &answer); err != nil {
		return nil, err
	}
	deleted = map[string]bool{}
	for _, e := range answer.Entities {
		deleted[e.ID] = e.Deleted
	}
	return deleted, nil
}

// Get asks for an address; any status but 200 is *Refused.
func (c *Client) Get(ctx context.Context, address string) ([]byte, http.Header, error) {
	res, b, err := c.Do(ctx, http.MethodGet, address, "", nil)
	if err != nil {
		return nil, nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, refusal(res, b)
	}
	return b, res.Header, nil
}

// Do sends a request as the app does, and once more where a challenge asks for a password.
func (c *Client) Do(ctx context.Context, method, address, kind string, body []byte) (*http.Response, []byte, error) {
	for tries := 0; ; tries++ {
		r, err := c.request(ctx, method, address, kind, body)
		if err != nil {
			return nil, nil, err
		}
		res, err := c.client().Do(r)
		if err != nil {
			return nil, nil, err
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return nil, nil, err
		}
		if res.StatusCode == http.StatusUnauthorized && c.Username != "" && tries == 0 && c.challenged(res) {
			continue
		}
		return res, b, nil
	}
}

func (c *Client) client() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return http.DefaultClient
}

// collectDate is how the app writes the time: with a 12-hour clock, so that every afternoon is a morning.
const collectDate = "Sun, 22 Nov 2026 02:15:00 GMT"

func (c *Client) request(ctx context.Context, method, address, kind string, body []byte) (*http.Request, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if c.Device != "" {
		q := u.Query()
		q.Set("deviceID", c.Device)
		u.RawQuery = q.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-OpenRosa-Version", "1.0")
	r.Header.Set("Date", collectDate)
	r.Header.Set("User-Agent", "org.odk.collect.android/v2026.3 (scripted)")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.Language != "" {
		r.Header.Set("Accept-Language", c.Language)
	}
	if c.Username != "" {
		c.sign(r)
	}
	return r, nil
}

// challenged takes a challenge that can be met: the app prefers Digest, and sends Basic over https only.
func (c *Client) challenged(res *http.Response) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range res.Header.Values("WWW-Authenticate") {
		scheme, rest, _ := strings.Cut(h, " ")
		if strings.EqualFold(scheme, "Digest") {
			c.challenge, c.count = map[string]string{}, 0
			for part := range strings.SplitSeq(rest, ",") {
				name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
				c.challenge[strings.ToLower(name)] = strings.Trim(value, `"`)
			}
			return true
		}
	}
	return false
}

// sign answers the last challenge (RFC 7616).
func (c *Client) sign(r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.challenge == nil {
		return
	}
	c.count++
	uri, nc, cnonce := r.URL.RequestURI(), fmt.Sprintf("%08x", c.count), fmt.Sprintf("%016x", c.count)
	response := sum(strings.Join([]string{sum(c.Username + ":" + c.challenge["realm"] + ":" + c.Password),
		c.challenge["nonce"], nc, cnonce, "auth", sum(r.Method + ":" + uri)}, ":"))
	r.Header.Set("Authorization", fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=MD5, response="%s", qop=auth, nc=%s, cnonce="%s", opaque="%s"`,
		c.Username, c.challenge["realm"], c.challenge["nonce"], uri, response, nc, cnonce, c.challenge["opaque"]))
}

func sum(s string) string {
	b := md5.Sum([]byte(s)) //nolint:gosec // as above
	return hex.EncodeToString(b[:])
}

// refusal reads the message that the app shows.
func refusal(res *http.Response, body []byte) *Refused {
	var answer struct {
		Message string `xml:"message"`
	}
	_ = xml.Unmarshal(body, &answer) // another kind of server says nothing that a phone understands
	return &Refused{Status: res.StatusCode, Message: strings.TrimSpace(answer.Message), Header: res.Header}
}
