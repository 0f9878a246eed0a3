// Package report knows what a report is: findings, sections, paragraphs, tables, figures, advice, and how they
// become one self-contained page in a language. It must not know where a number came from: every number is a
// reference into a release.Cleared table.
//
// Render writes a Document in the language of a lang.Printer:
//
//	page, err := report.Render(doc, printer)
//
// The page is one HTML file with its style and drawings inside. It runs no script and loads nothing: a
// Content-Security-Policy in its head forbids both. It is written for WCAG 2.2 AA, for a screen 320 pixels wide, and
// for A4 paper, where every page carries the standing statements and its number. docs/formats/report.md
// describes its structure.
//
// Invariants:
//
//  1. Every number on the page comes from a shown cell of a Cleared table, or is a number of the page itself
//     (of a figure, a chapter, a recommendation).
//  2. What was held back is said in words or by a mark; no number stands in its place.
//  3. The standing statement of every caveat that any table of the document carries stands on page one, in the
//     closing part, and at the foot of every printed page. No field of Document takes it away.
//  4. A document in which a text is missing, a reference leads nowhere, or a drawing is not plain SVG is not
//     rendered at all.
package report
