// Package route knows how an address is answered and who may ask: a list of routes, each with how the asker is
// known and the right it needs; sign-in by token, Digest, Basic, session or cookie; limits, time-outs, headers,
// errors as statuses, and a log without secrets. It must not know forms, records or pages.
//
// The list is data, so that a test can walk it: every route by every role, and a route that is not in the table of
// expected answers fails the build.
//
// Invariants, named where they are checked:
//
//  1. A token, a query, a path, a name or an answer never reaches the log: pattern, status, numbers and actor id do.
//  2. Who is not known is told nothing: a device's address never challenges, since phones would ask for a password.
//  3. An answer that has begun and cannot be finished is cut off, so that nobody takes half a file for a whole one.
//  4. A write by cookie comes from the same origin.
//  5. What went wrong inside is never told outside: issues with a code are, everything else is its kind.
package route

import (
	"net/http"
	"time"

	"waymark/trust/access"
)

// Entrance is how the asker of a route is known.
type Entrance uint8

// The entrances. All but Anyone give fault.Forbidden or a challenge to who is not known.
const (
	Anyone  Entrance = iota // no actor: sign-in, assets, health; writes also need the same origin
	Path                    // a device's token in the path: /v1/key/TOKEN/…, /f/TOKEN/…; the wildcard is {token}
	Program                 // Digest, Basic or a bearer session, as phones and scripts send; reads also by cookie
	Cookie                  // a session cookie of a browser; writes also need the same origin
)

// Route is one address.
type Route struct {
	// Pattern is as http.ServeMux reads it: "POST /v1/projects/{project}/submission". A segment may also end in
	// letters after its wildcard, "/forms/{form}.xml": of the routes that differ in them only, the longest that fits
	// is taken, and the value of the wildcard comes without them.
	Pattern  string
	Entrance Entrance
	Right    access.Right  // in the project of the path's {project} where it has one; checked by the Desk too; "" any actor that is known
	Large    bool          // the body may be large: a record with files, a workbook
	Within   time.Duration // an answer takes no longer; 0: a minute; Unbounded: as long as bytes flow
	Fail     Fail          // how an error is shown; nil: Options.Fail
	Handle   Handler
}

// Unbounded lets an answer take as long as bytes flow: exports.
const Unbounded time.Duration = -1

// Handler answers a request of an actor. An error becomes an answer by its kind, in the asker's language.
type Handler func(w http.ResponseWriter, r *http.Request, by access.Actor) error

// Fail writes what went wrong: headers that the kind of address needs, the status and a body.
type Fail func(w http.ResponseWriter, r *http.Request, p Problem)

// Problem is what an asker may know of an error.
type Problem struct {
	Status   int
	Text     string // sentences in Language
	Language string // "en" or "fr"
	ID       string // of the request, as in the log
	Err      error  // for codes of issues; its text is not for showing (invariant 5)
}
