// Package xpath knows the expressions of XForms: XPath 1.0 with the functions that ODK gives it, over a tree
// of elements. It must not know what a form or a record is, nor files, clocks or randomness: the time, random
// numbers and identifiers come in with the Context.
package xpath
