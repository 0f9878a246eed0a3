// Package route knows how an address is answered and who may ask: a list of routes, each with how the asker is
// known and the right it needs. It must not know forms, records or pages.
//
// The list is data, so that a test can walk it: every route by every role, and a route that is not in the table of
// expected answers fails the build.
package route

import (
	"net/http"

	"waymark/trust/access"
)

// Entrance is how the asker of a route is known.
type Entrance uint8

// The entrances. All but Anyone give fault.Forbidden or a challenge to who is not known.
const (
	Anyone  Entrance = iota // no actor: sign-in, assets, health
	Path                    // a device's token in the path: /v1/key/TOKEN/…, /f/TOKEN/…
	Program                 // Digest, Basic or a bearer session, as phones and scripts send
	Cookie                  // a session cookie of a browser; writes also need the same origin
)

// Route is one address.
type Route struct {
	Pattern  string // as http.ServeMux reads it: "POST /v1/projects/{project}/submission"
	Entrance Entrance
	Right    access.Right // checked by the Desk too; "" any actor that is known
	Large    bool         // the body may be large: a record with files
	Handle   Handler
}

// Handler answers a request of an actor. An error becomes an answer by its kind, in the asker's language.
type Handler func(w http.ResponseWriter, r *http.Request, by access.Actor) error
