// Package flatten knows how a form becomes the columns of tables: one table for what is asked once and one
// for each repeat, and what each column and code means. It must not know files, nor what an answer means.
//
// A Codebook describes the columns that an export of ODK Central or KoboToolbox has. Apply puts it on a
// table that was read from such an export, whatever way the export names its columns: with the path of
// groups or without, joined by a slash, a hyphen, a full stop or a colon.
package flatten
