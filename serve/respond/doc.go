// Package respond knows how a form is filled in with a browser: the page and what it is made of, the form and its
// files, and the sealed records that come back. It must not know what a question asks, nor keep anything: what comes
// back goes to the Desk.
//
// A link /f/TOKEN/FORM opens a form for whoever holds it. The page works without a network once it has been opened
// with one. What is sent is sealed in the browser to the server's key before anything of it is kept there, whether there
// is a network or not (docs/formats/outbox.md), and opened here.
//
// The page is built from web/form by tools/webform and embedded. A program that was built without it says so.
//
// Invariants, named where they are checked:
//
//  1. No answer stands in an address, a header, a log line or an error.
//  2. A list that phones carry (entities) is never kept by a browser: it may name people.
//  3. A browser is told that a record is kept only where the Desk has it, as a record or in quarantine.
package respond
