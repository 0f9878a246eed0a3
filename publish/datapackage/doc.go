// Package datapackage knows how cleared tables leave as files for others: CSV, a workbook, and a description
// that programs read, by the Data Package standard 2.0 (datapackage.org, June 2024), all in one zip. It must
// not know where a table comes from, nor any number that was not cleared: it takes release.Cleared only.
//
// Invariants:
//
//  1. A suppressed cell is an empty value, and the column NAME_state beside it says "suppressed". What was
//     there is in no byte of any file.
//  2. Every file carries the caveats of its tables: CSV and sheets in a column of codes, the readme and the
//     description in words. A caveat without words stops the package.
//  3. The same tables and description give the same bytes: no clock, no order that changes.
//  4. Nobody and nothing is named that was not given: no contributor, source or licence is made up.
//
// Numbers are written with a point and without thousands marks: counts whole, shares and probabilities
// between 0 and 1 to four decimals, ratios to four significant digits, other numbers to the decimals of
// their measure. An empty end of an interval beside a shown value is an end without a bound.
package datapackage
