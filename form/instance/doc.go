// Package instance knows one filled-in form: how its XML is read, what it says of itself, and what in it does
// not fit its form. It must not know files, clocks or stores, nor who filled the form in.
//
// Parse is strict: a record that is cut off, not well-formed or has a DOCTYPE is refused whole. Check is lax:
// what it finds is kept with the record as soft issues. No issue holds an answer; a place in a record is the
// path of a question and, in a repeat, the position of the instance.
package instance
