// Package web knows the pages that staff work on: what each shows, what may be done on it, and how it looks. It
// must not know where records are kept, how they are sealed, or who may read what: it asks collect.Desk, which
// checks every right again, and shows what it is given.
//
// A page is a template of its own name, a handler that gathers what the page shows into a view, and texts by
// code in lang/messages/web.*.toml. Pages are whole without JavaScript; htmx, where it was built in, only spares
// loading the frame around a table again.
//
// Invariants, named where they are checked:
//
//  1. A page is never kept by the browser or a proxy, and runs no script and no style but ours, from files.
//  2. What changes something is a POST from the same origin; it answers with a redirection, so that loading the
//     page again repeats nothing. Secrets that are shown once are the exception: they are in no address.
//  3. An answer that the reader may not see is not in the bytes of the page: a lock with words stands for it.
//  4. Addresses hold ids and filters over answers that are not protected; never a restricted answer.
package web
