// Package extract knows how the records of a form become files: which columns in which order under which names,
// as CSV, a zip of all tables with media, a workbook, Parquet and GeoJSON. It must not know how a request looks, who
// may do what (the Desk seals and refuses), nor any language's words: what a file says in words it is given.
//
// These are working outputs for named staff, not published ones: every file says so where its format allows, and
// the audit log says who took which form, with which filter, how many rows and whether protected answers were among
// them, before the first byte leaves.
//
// A file is written as the rows come: memory does not grow with them. Restricted columns are in it only where they
// were asked for, strict ones only with an opening; Parquet never has them, because it lies about on disks for
// programs to read. A column that is left out is left out whole: empty cells would say that nobody answered.
package extract
