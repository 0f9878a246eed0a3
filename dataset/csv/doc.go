// Package csv knows how tables are written as comma-separated text (RFC 4180) and as the many files that come
// close: other delimiters, decimal commas, UTF-8, UTF-16 and Windows-1252, HXL tags, forms exported by
// KoboToolbox and ODK. It must not know what a column means, nor any path of a file: it reads an io.Reader
// and writes an io.Writer.
//
// Read goes over the file once and keeps no string a cell: ten million rows of fourteen columns fit in well
// under a gigabyte. Departures from RFC 4180 when reading: a line may end with LF, CRLF or CR; blanks around
// an unquoted cell do not count; a quote inside an unquoted cell stands for itself; a line without any
// content is passed over. A row that cannot be read is listed, never guessed at.
package csv
