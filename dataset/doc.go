// Package dataset knows tables: typed columns with labels, an HXL tag, a sensitivity class and five kinds
// that are not values. It must not know files, statistics, or what a column means in the field.
//
// Invariants:
//
//  1. Every column of a table has the same number of rows.
//  2. A value and a missing kind exclude each other: where Missing(i) is not Present there is no value.
//  3. Zero is a value; the five missing kinds (unknown, refused, not asked, not applicable, empty) are not,
//     and none of them is turned into another.
package dataset
