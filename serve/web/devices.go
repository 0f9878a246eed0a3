package web

import (
	"cmp"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"rsc.io/qr"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) deviceRoutes() []route.Route {
	return []route.Route{
		s.get("/projects/{project}/devices", access.ManageDevices, s.devices),
		s.post("/projects/{project}/devices", access.ManageDevices, s.deviceDone),
		s.post("/projects/{project}/devices/{device}/edits", access.ManageDevices, s.deviceEdits),
		s.post("/projects/{project}/devices/{device}/revoke", access.ManageDevices, s.revoke),
	}
}

type devicesView struct {
	InUse, Revoked []collect.Device
	Forms          []collect.Form
	New            collect.Device
	Token          *tokenView
	Web            bool
	Certificate    string // where phones get the certificate of the server's own authority; "" it has none
}

// tokenView shows a token, once.
type tokenView struct {
	Name     string
	Web      bool
	Address  string
	Login    string // for Digest
	Password string
	Links    []linkView // forms to open in a browser
	Code     template.HTML
}

type linkView struct{ Name, Address string }

func (s *site) devicesView(a *ask) (devicesView, error) {
	v := devicesView{Web: s.options.WebForms}
	if s.options.Authority {
		v.Certificate = s.address(a.r) + "/certificate"
	}
	all, err := s.desk.Devices(a.ctx, a.by, a.project.ID)
	if err != nil {
		return v, err
	}
	for _, d := range all {
		if d.Revoked {
			v.Revoked = append(v.Revoked, d)
		} else {
			v.InUse = append(v.InUse, d)
		}
	}
	v.Forms, err = s.desk.Forms(a.ctx, a.by, a.project.ID)
	return v, err
}

func (s *site) devices(a *ask) error {
	v, err := s.devicesView(a)
	if err != nil {
		return err
	}
	return a.show("devices", "devices", a.title("devices"), v)
}

// deviceDone makes a token and answers with the page that shows it: the only time (invariant 2).
func (s *site) deviceDone(a *ask) error {
	v, err := s.devicesView(a)
	if err != nil {
		return err
	}
	d := collect.Device{Project: a.project.ID, Name: a.value("name"), Web: a.value("kind") == "web", Forms: a.values("forms"),
		Team: a.value("team"), Site: a.value("site"), Digest: a.ticked("digest")}
	d.Edits = a.ticked("edits") && !d.Web // browsers send each record once
	v.New = d
	if wrong := required(a, "name"); len(wrong) > 0 {
		return a.again("devices", "devices", a.title("devices"), v, wrong)
	}
	made, token, password, err := s.desk.AddDevice(a.ctx, a.by, d)
	if err != nil {
		return a.again("devices", "devices", a.title("devices"), v, err)
	}
	if fresh, err := s.devicesView(a); err == nil {
		v = fresh
	}
	v.Token = s.tokenView(a, made, token, password, s.address(a.r)+"/v1/key/"+token+"/projects/"+itoa(a.project.ID))
	return a.show("devices", "devices", a.title("devices"), v)
}

// deviceEdits lets a device correct what it sent, or no longer.
func (s *site) deviceEdits(a *ask) error {
	id, err := a.number("device")
	if err != nil {
		return err
	}
	all, err := s.desk.Devices(a.ctx, a.by, a.project.ID)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.ID != id || d.Revoked || d.Web {
			continue
		}
		d.Edits = a.ticked("edits")
		if err := s.desk.SetDevice(a.ctx, a.by, d); err != nil {
			return err
		}
		return a.see(at("projects", a.project.ID, "devices"), "saved")
	}
	return fault.NotFound
}

func (s *site) revoke(a *ask) error {
	id, err := a.number("device")
	if err != nil {
		return err
	}
	if err := s.desk.RevokeDevice(a.ctx, a.by, a.project.ID, id); err != nil {
		return err
	}
	return a.see(at("projects", a.project.ID, "devices"), "revoked")
}

// address is what phones call this server by.
func (s *site) address(r *http.Request) string {
	if s.options.Address != "" {
		return strings.TrimSuffix(s.options.Address, "/")
	}
	return route.Base(r)
}

func (s *site) tokenView(a *ask, d collect.Device, token, password, address string) *tokenView {
	t := &tokenView{Name: d.Name, Web: d.Web, Address: address, Password: password}
	if password != "" {
		t.Login, t.Address = d.Name, cmp.Or(s.options.Plain, s.address(a.r))+"/v1/projects/"+itoa(a.project.ID)
	}
	if !d.Web {
		code := []byte(t.Address)
		if s.options.Phone != nil {
			code = s.options.Phone(PhoneAt{Address: t.Address, Name: t.Login, Password: t.Password}, a.project)
		}
		t.Code = drawCode(code)
		return t
	}
	forms, err := s.desk.Forms(a.ctx, a.by, a.project.ID)
	if err != nil {
		return t
	}
	for _, f := range forms {
		if f.Current != nil && f.WebForm && d.Given(f.ID) {
			t.Links = append(t.Links, linkView{f.Title, s.address(a.r) + "/f/" + token + at(f.ID)})
		}
	}
	t.Address = s.address(a.r) + "/f/" + token // lists the link's forms, those too that are offered later
	if len(t.Links) == 1 {
		t.Address = t.Links[0].Address
	}
	t.Code = drawCode([]byte(t.Address))
	return t
}

// drawCode draws a QR code; one that holds too much is left out, the address beside it is enough. The four
// modules of quiet around it are part of the drawing.
func drawCode(text []byte) template.HTML {
	code, err := qr.Encode(string(text), qr.L)
	if err != nil {
		return ""
	}
	const quiet = 4
	size := code.Size + 2*quiet
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				path.WriteString("M" + strconv.Itoa(from+quiet) + " " + strconv.Itoa(y+quiet) + "h" + strconv.Itoa(x-from) + "v1h-" + strconv.Itoa(x-from) + "z")
			}
		}
	}
	side := strconv.Itoa(size)
	return template.HTML(`<svg class="qr" viewBox="0 0 ` + side + ` ` + side + `" width="280" height="280" aria-hidden="true" focusable="false" shape-rendering="crispEdges"><rect width="` +
		side + `" height="` + side + `" fill="#fff"/><path d="` + path.String() + `" fill="#000"/></svg>`)
}
