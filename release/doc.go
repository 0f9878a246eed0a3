// Package release is the one public door. It knows disclosure policies, what may be shown, and why; it must
// not know files, pages, languages or how a number was estimated.
//
// A Draft is a table of numbers, each with the number of people it rests on. Clear takes all drafts of a
// release together (a difference between two tables can give away what each hides) and gives Cleared
// tables: values that only this package can fill and the only thing that package publish accepts.
//
// Invariants:
//
//  1. A Cleared cell holds no trace of a suppressed number: neither value, count, interval nor anything
//     computed from it.
//  2. No suppressed count can be recovered from the other cells of the release, nor bounded closer than the policy allows.
//  3. Caveats travel with a Cleared value and cannot be taken off.
package release
