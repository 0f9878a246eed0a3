// Package fault knows the kinds of failure and the issues a person can mend (a code, a place, arguments).
// It must not know any language's words, nor any answer, name or case field: an issue carries positions
// and names of columns, never the content of a cell of a person's record.
//
// A kind says what a caller may do about an error and is tested with errors.Is:
//
//	if errors.Is(err, fault.NotFound) { ... }
//
// An Issue says what a person can do about it. Codes are declared where they are raised, as constants
//
//	const CodeRaggedRow fault.Code = "csv.ragged-row"
//
// and every code has an English and a French text in package lang, which a test checks.
package fault

import "errors"

// The six kinds of failure. Wrap them: fmt.Errorf("read plan %s: %w", name, fault.Invalid).
var (
	Invalid     = errors.New("invalid")
	NotFound    = errors.New("not found")
	Conflict    = errors.New("conflict")
	Forbidden   = errors.New("forbidden")
	Gone        = errors.New("gone")
	Unavailable = errors.New("unavailable")
)
