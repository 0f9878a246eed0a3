package respond_test

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // as phones compare forms
	"encoding/hex"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/form"
	"waymark/form/xform"
	"waymark/trust/access"
)

// token of the link under test, and another of the same project.
var (
	token  = strings.Repeat("a", 64)
	token2 = strings.Repeat("b", 64)
)

// desk is a Desk in memory: what this room needs of one, with the rules that matter here. A test on the real one
// stands in cmd/waymark.
type desk struct {
	mu       sync.Mutex
	forms    map[string]string // XML by id
	media    map[string][]byte // of the one form that has any
	lists    map[string]bool   // media that are entity lists
	records  map[string][]byte // body by instance id
	files    map[string][]byte
	posts    int // times that Accept was asked
	aside    int
	down     bool // a server in trouble
	revoked  bool
	noWeb    bool
	encrypts bool
}

func newDesk(forms map[string]string) *desk {
	return &desk{forms: forms, media: map[string][]byte{}, lists: map[string]bool{}, records: map[string][]byte{}, files: map[string][]byte{}}
}

var collector = access.Actor{Kind: access.Device, ID: 4, Project: 1, Rights: []access.Held{
	{Right: access.ReadForms, Scope: access.Scope{Project: 1}}, {Right: access.Submit, Scope: access.Scope{Project: 1}}}}

func (d *desk) SignIn(context.Context, string, string, string) (string, time.Time, access.Actor, error) {
	return "", time.Time{}, access.Actor{}, fault.Forbidden
}

func (d *desk) Session(context.Context, string) (access.Actor, collect.User, error) {
	return access.Actor{}, collect.User{}, fault.Forbidden
}

func (d *desk) DigestSecret(context.Context, string) (string, access.Actor, error) {
	return "", access.Actor{}, fault.Forbidden
}

func (d *desk) DeviceByToken(_ context.Context, t string) (access.Actor, collect.Device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t != token2 && (t != token || d.revoked) {
		return access.Actor{}, collect.Device{}, fault.Issue{Code: "test.revoked", Kind: fault.Forbidden}
	}
	return collector, collect.Device{ID: 4, Project: 1, Web: true}, nil
}

func (d *desk) Forms(ctx context.Context, by access.Actor, project int64) ([]collect.Form, error) {
	var out []collect.Form
	for id := range d.forms {
		f, err := d.Form(ctx, by, project, id)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

var titled = regexp.MustCompile(`<h:title>(.*?)</h:title>`)

func (d *desk) Form(_ context.Context, _ access.Actor, _ int64, id string) (collect.Form, error) {
	xml, ok := d.forms[id]
	if !ok {
		return collect.Form{}, fault.Issue{Code: "test.no-form", Kind: fault.NotFound}
	}
	return collect.Form{Project: 1, ID: id, Title: titled.FindStringSubmatch(xml)[1], State: collect.Open, WebForm: !d.noWeb,
		Encrypted: d.encrypts, Current: &collect.Version{ID: 1}}, nil
}

func (d *desk) Version(_ context.Context, _ access.Actor, _ int64, id, _ string, _ collect.Stage) (collect.Version, error) {
	xml, ok := d.forms[id]
	if !ok {
		return collect.Version{}, fault.Issue{Code: "test.no-form", Kind: fault.NotFound}
	}
	v := collect.Version{ID: 1, Project: 1, Form: id, Version: "1", Hash: md5Of([]byte(xml)), XML: []byte(xml)}
	for name, body := range d.media {
		m := collect.Media{Name: name, Type: "image/png", MD5: md5Of(body), Digest: "x", Size: int64(len(body))}
		if d.lists[name] {
			m = collect.Media{Name: name, Type: "text/csv", Entities: "people"}
		}
		v.Media = append(v.Media, m)
	}
	return v, nil
}

func md5Of(b []byte) string {
	sum := md5.Sum(b) //nolint:gosec // as phones compare forms
	return hex.EncodeToString(sum[:])
}

func (d *desk) Compiled(_ context.Context, v collect.Version) (*form.Form, error) {
	f, _ := xform.Decode(v.XML)
	return f, nil
}

func (d *desk) Media(_ context.Context, _ access.Actor, _ int64, _, _, name string, _ collect.Stage) (collect.Media, io.ReadCloser, error) {
	body, ok := d.media[name]
	if !ok {
		return collect.Media{}, nil, fault.NotFound
	}
	m := collect.Media{Name: name, Type: "image/png", MD5: md5Of(body)}
	if d.lists[name] {
		m = collect.Media{Name: name, Type: "text/csv", Entities: "people"}
	}
	return m, io.NopCloser(bytes.NewReader(body)), nil
}

func (d *desk) KeepFile(_ context.Context, name, mediaType string, r io.Reader) (collect.File, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return collect.File{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[name] = b
	return collect.File{Name: name, Type: mediaType, Digest: md5Of(b), Size: int64(len(b))}, nil
}

var (
	instanceID = regexp.MustCompile(`<(?:orx:)?instanceID>(.*?)</(?:orx:)?instanceID>`)
	deprecated = regexp.MustCompile(`deprecatedID>[^<]`)
)

func (d *desk) Accept(_ context.Context, _ access.Actor, s collect.Sent) (collect.Receipt, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posts++
	id := instanceID.FindSubmatch(s.Raw)
	switch {
	case d.down:
		return collect.Receipt{}, fault.Issue{Code: "test.down", Kind: fault.Unavailable}
	case id == nil:
		d.aside++
		return collect.Receipt{}, fault.Issue{Code: "test.no-id"}
	case deprecated.Match(s.Raw):
		d.aside++
		return collect.Receipt{}, fault.Issue{Code: "test.nothing-to-edit", Kind: fault.NotFound}
	}
	if have, ok := d.records[string(id[1])]; ok {
		if !bytes.Equal(have, s.Raw) {
			d.aside++
			return collect.Receipt{}, fault.Issue{Code: "test.clash", Kind: fault.Conflict}
		}
		return collect.Receipt{}, nil
	}
	d.records[string(id[1])] = s.Raw
	return collect.Receipt{New: true}, nil
}

// bodies gives the records that have arrived.
func (d *desk) bodies() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, b := range d.records {
		out = append(out, string(b))
	}
	return out
}
