package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Code names one thing that can be wrong, as room.what in lower case with hyphens: "csv.ragged-row".
type Code string

// Severity tells a hard issue, which stops the work, from a soft one, which is reported and passed.
type Severity uint8

const (
	Hard Severity = iota // the work cannot go on, or the row is not loaded
	Soft                 // the work goes on; the person should know
)

// Place is where the issue is. Zero fields are not known or do not apply.
type Place struct {
	Document string // file or document name, without its folder
	Sheet    string // sheet of a workbook
	Row      int    // 1-based, as a person sees it in the file (the header is row 1)
	Column   int    // 1-based
	Field    string // name of the column, question or plan key (dotted path)
}

// String gives "file.csv, sheet x, row 3, column 2 (age)" with what is known of it.
func (p Place) String() string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if p.Document != "" {
		add("%s", p.Document)
	}
	if p.Sheet != "" {
		add("sheet %s", p.Sheet)
	}
	if p.Row > 0 {
		add("row %d", p.Row)
	}
	if p.Column > 0 {
		add("column %d", p.Column)
	}
	s := strings.Join(parts, ", ")
	if p.Field == "" {
		return s
	}
	if s == "" {
		return p.Field
	}
	return s + " (" + p.Field + ")"
}

// Issue is one thing a person can mend. Args hold names, numbers and positions for the text of the code;
// never the content of a person's record.
type Issue struct {
	Code     Code
	Severity Severity
	Place    Place
	Args     map[string]any
	Kind     error // one of the six kinds; nil means Invalid
}

// Error gives code, place and arguments without the words of any language; package lang has the words.
func (i Issue) Error() string {
	var b strings.Builder
	b.WriteString(string(i.Code))
	if p := i.Place.String(); p != "" {
		b.WriteString(" at " + p)
	}
	for _, k := range slices.Sorted(maps.Keys(i.Args)) {
		fmt.Fprintf(&b, " %s=%v", k, i.Args[k])
	}
	return b.String()
}

// Unwrap gives the kind, so that errors.Is(issue, fault.Invalid) holds.
func (i Issue) Unwrap() error {
	if i.Kind == nil {
		return Invalid
	}
	return i.Kind
}

// Issues is a list of issues in the order found. As an error it holds at least one hard issue.
type Issues []Issue

// Error joins the issues, one a line.
func (s Issues) Error() string {
	lines := make([]string, len(s))
	for n, i := range s {
		lines[n] = i.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is and errors.As look into every issue.
func (s Issues) Unwrap() []error {
	errs := make([]error, len(s))
	for n, i := range s {
		errs[n] = i
	}
	return errs
}

// Err gives the hard issues as an error, or nil where there is none.
func (s Issues) Err() error {
	hard := s.Only(Hard)
	if len(hard) == 0 {
		return nil
	}
	return hard
}

// Only gives the issues of one severity.
func (s Issues) Only(v Severity) Issues {
	var out Issues
	for _, i := range s {
		if i.Severity == v {
			out = append(out, i)
		}
	}
	return out
}

// Of gives every issue found in an error, in order, looking through wrapping.
func Of(err error) Issues {
	var list Issues
	if errors.As(err, &list) {
		return list
	}
	var one Issue
	if errors.As(err, &one) {
		return Issues{one}
	}
	return nil
}
