// Package report knows what a report is: sections, paragraphs, tables, figures, and how they become one
// self-contained page in a language. It must not know where a number came from: every number is a
// reference into a release.Cleared table.
package report
