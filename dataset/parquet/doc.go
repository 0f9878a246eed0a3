// Package parquet knows how tables are written as Apache Parquet files, and reads those that other programs
// write. It must not know what a column means, nor any path of a file: it reads an io.ReaderAt and writes an
// io.Writer.
//
// A category is a column of strings with a dictionary, a number a double, a date a DATE, each nullable; why a
// value is missing stands in a further column NAME__missing (package dataset). Kinds, labels, order of
// levels, HXL tags and classes are kept as JSON under the key "waymark" of the file's metadata; a reader that
// does not know it still gets the data. docs/formats/parquet.md describes the layout.
package parquet
