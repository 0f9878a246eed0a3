package openrosa

import (
	"encoding/xml"
	"net/http"
	"strings"

	"waymark/serve/route"
)

// textReceived is what a phone shows of a record that was taken.
const textReceived = "openrosa.received"

// page writes XML by hand: a few elements, every value escaped.
type page struct{ strings.Builder }

func newPage() *page {
	p := &page{}
	p.WriteString(xml.Header)
	return p
}

// element writes <name>value</name> on a line of its own; nothing for an empty value.
func (p *page) element(name, value string) {
	if value == "" {
		return
	}
	p.WriteString("<" + name + ">")
	p.text(value)
	p.WriteString("</" + name + ">\n")
}

func (p *page) text(value string) { _ = xml.EscapeText(&p.Builder, []byte(value)) }

// send answers with the page. Collect takes nothing but text/xml for a list.
func (p *page) send(w http.ResponseWriter, status int) error {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write([]byte(p.String()))
	return err
}

// message is the only thing of an answer to a record that a phone shows.
func message(w http.ResponseWriter, status int, nature, text, language string) error {
	p := newPage()
	p.WriteString(`<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message nature="` + nature + `">`)
	p.text(text)
	p.WriteString("</message></OpenRosaResponse>\n")
	w.Header().Set("X-OpenRosa-Version", "1.0")
	w.Header().Set("Content-Language", language)
	return p.send(w, status)
}

// fail says what went wrong in the words that the phone shows to the interviewer.
func fail(w http.ResponseWriter, _ *http.Request, p route.Problem) {
	_ = message(w, p.Status, "error", p.Text, p.Language) // the client is gone: nobody to tell
}

func thanks(w http.ResponseWriter, r *http.Request) error {
	return message(w, http.StatusCreated, "submit_success", route.Words(r).Text(textReceived, nil), route.Language(r))
}
